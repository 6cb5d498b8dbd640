"""Rules that find bursts, on simulated cells whose bursts are known and on real trains.

    python benchmarks/bursts.py [--cells 60] [--recordings FOLDER]

A simulated interval lies between bursts if the voltage falls below the cell's own limit in it: the middle of
the gap that the deepest voltages of its intervals leave without noise. Cells with a gap of 5 mV or more are
bursting, below 0.1 mV tonic; others, whose bursts are a matter of opinion, are left out. Columns: balanced
accuracy over the intervals of bursting cells (1 is perfect, 0.5 chance), error of the number of bursts
(median, relative), share of intervals of tonic cells that are said to lie in bursts.

Real trains have no truth; said is what each rule finds there, and how much of it stays when a tenth
of the spikes is removed (share of the remaining spikes with the same answer, mean of 20 removals).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from elephant_dic import get_neuron
from elephant_dic.neurons.compensation import compensated_population
from elephant_dic.simulation import simulate
from elephant_dic.training.sets import draw_targets
from elephant_dic.trains import interval_threshold
from elephant_dic.trains.burst_detection import valley_threshold

SEED = 20261123
STEP = 0.2  # ms, of the voltage
START, LENGTH = 5_000.0, {"stg": 10_000.0, "da": 30_000.0}


# Rules: intervals (ms) to whether each lies within a burst. A burst has two spikes or more.


def max_interval(isis, start=170.0, within=300.0, between=200.0, least=10.0, n_spikes=3):
    """With the limits of Cotterill et al. (Journal of Neurophysiology 2016, doi 10.1152/jn.00093.2016)."""
    bursts, i = [], 0
    while i < len(isis):
        if isis[i] >= start:
            i += 1
            continue
        j = i
        while j < len(isis) and isis[j] < within:
            j += 1
        if bursts and isis[bursts[-1][1] : i].sum() < between:
            bursts[-1][1] = j
        else:
            bursts.append([i, j])
        i = j
    inside = np.zeros(len(isis), dtype=bool)
    for first, last in bursts:
        if isis[first:last].sum() >= least and last - first + 1 >= n_spikes:
            inside[first:last] = True
    return inside


def pasquale(isis, core=100.0, width=0.1, void=0.7):
    """Log-ISI histogram with an intra-burst peak below 100 ms (Pasquale et al. 2010)."""
    edges = np.arange(np.floor(10 * np.log10(isis.min())) / 10, np.log10(isis.max()) + 2 * width, width)
    density = np.convolve(np.histogram(np.log10(isis), edges)[0], [0.25, 0.5, 0.25], "same")
    centers, padded = (edges[1:] + edges[:-1]) / 2, np.r_[-1, density, -1]
    peaks = np.flatnonzero((density > padded[:-2]) & (density >= padded[2:]))
    early = peaks[10 ** centers[peaks] < core]
    if not len(early):
        return np.zeros(len(isis), dtype=bool)
    first = early[density[early].argmax()]
    for peak in peaks[peaks > first + 1]:
        valley = first + density[first:peak].argmin()
        if 1 - density[valley] / np.sqrt(density[first] * density[peak]) >= void:
            limit = 10 ** centers[valley]
            return isis < limit if limit <= core else _extended(isis, core, limit)
    return isis < core


def _extended(isis, core, limit):
    """Runs of intervals below the limit that hold one below the core."""
    inside = isis < limit
    runs = np.cumsum(~inside)
    return inside & np.isin(runs, runs[isis < core])


def cumulative_average(isis):
    """Cumulative moving average of the histogram, without its extension of bursts (Kapucu et al., Frontiers
    in Computational Neuroscience 2012, doi 10.3389/fncom.2012.00038)."""
    counts = np.bincount(isis.astype(int))
    average = np.cumsum(counts) / np.arange(1, len(counts) + 1)
    deviation = isis - isis.mean()
    skewness = (deviation**3).mean() / max(isis.std(), 1e-9) ** 3
    alpha = next(a for limit, a in ((1, 1.0), (4, 0.7), (9, 0.5), (np.inf, 0.3)) if skewness < limit)
    top = average.argmax()
    return isis < top + np.abs(average[top:] - alpha * average[top]).argmin() + 1


def by_threshold(find):
    """A rule from a function that gives the longest interval in a burst."""

    def rule(isis):
        threshold = find(isis)
        return np.zeros(len(isis), dtype=bool) if threshold is None else isis < threshold

    return rule


RULES = {
    "max interval": max_interval,
    "log-ISI, 100 ms": pasquale,
    "cumulative average": cumulative_average,
    "Otsu": by_threshold(interval_threshold),
    "log-ISI valley": by_threshold(valley_threshold),
}


# Simulated cells


def troughs(times, trace):
    """Deepest voltage of each interval."""
    index = ((times - START) / STEP).astype(int)
    return np.minimum.reduceat(trace, index)[:-1]


def labelled(neuron, n_cells, rng):
    """Bursting and tonic cells of a neuron, with the voltage that separates intervals (NaN: tonic)."""
    cells, _ = compensated_population(
        neuron, draw_targets(neuron, n_cells, rng), rng, redraw=lambda m: draw_targets(neuron, m, rng)
    )
    run = simulate(neuron, cells, START + LENGTH[neuron.name], trace_start=START, trace_step=STEP)
    chosen, limits = [], []
    for cell, (times, trace) in enumerate(zip(run.spike_times, run.traces, strict=True)):
        times = times[(times > START) & (times < START + LENGTH[neuron.name] - 1)]
        if len(times) < 20:
            continue
        deepest = np.sort(troughs(times, trace))
        gap = np.diff(deepest)
        if gap.max() >= 5 or gap.max() < 0.1:
            chosen.append(cell)
            middle = deepest[gap.argmax() : gap.argmax() + 2].mean()
            limits.append(middle if gap.max() >= 5 else np.nan)
    return cells[chosen], np.array(limits)


def trains(neuron, cells, limits, noise_std):
    """(times, whether each interval lies within a burst) of each cell."""
    run = simulate(
        neuron, cells, START + LENGTH[neuron.name], noise_std=noise_std, seed=SEED, trace_start=START,
        trace_step=STEP,
    )  # fmt: skip
    found = []
    for times, trace, limit in zip(run.spike_times, run.traces, limits, strict=True):
        times = times[(times > START) & (times < START + LENGTH[neuron.name] - 1)]
        inside = troughs(times, trace) > limit if np.isfinite(limit) else np.zeros(len(times) - 1, bool)
        found.append((times, inside))
    return found


def jittered(times, inside, rng):
    """Normal jitter of 2 ms; a detector does not tell spikes less than 1 ms apart."""
    moved = np.array(times + 2 * rng.standard_normal(len(times)))
    for i in range(1, len(moved)):
        moved[i] = max(moved[i], moved[i - 1] + 1)
    return moved, inside


def thinned(times, inside, rng, share=0.1):
    kept = np.flatnonzero(rng.random(len(times)) >= share)
    outside = np.concatenate([[0], np.cumsum(~inside)])
    return times[kept], np.diff(outside[kept]) == 0


def polluted(times, inside, rng, share=0.05):
    added = np.sort(rng.uniform(times[0], times[-1], rng.poisson(share * len(times))))
    merged = np.unique(np.append(times, added))
    return merged, inside[np.searchsorted(times, merged[:-1], side="right") - 1]


def score(rule, cells, limits):
    """Balanced accuracy and error of the number of bursts (bursting), share within bursts (tonic)."""
    accuracy, number, false = [], [], []
    for (times, inside), limit in zip(cells, limits, strict=True):
        isis = np.maximum(np.diff(times), 1e-3)
        found = rule(isis)
        if np.isnan(limit):
            false.append(found.mean())
        elif inside.any() and not inside.all():
            accuracy.append((found[inside].mean() + (~found[~inside]).mean()) / 2)
            wanted = n_bursts(inside)
            number.append(abs(n_bursts(found) - wanted) / wanted)
    return np.mean(accuracy), np.median(number), np.mean(false)


def n_bursts(inside):
    """Number of runs of intervals within bursts."""
    return np.count_nonzero(np.diff(np.r_[False, inside].astype(int)) == 1)


def simulated(n_cells):
    """Print the table of simulated cells."""
    for name in ("stg", "da"):
        neuron, rng = get_neuron(name), np.random.default_rng(SEED)
        cells, limits = labelled(neuron, n_cells, rng)
        clean = trains(neuron, cells, limits, 0.0)
        changes = {"jitter 2 ms": jittered, "10 % missing": thinned, "5 % spurious": polluted}
        inputs = {
            "clean": clean,
            **{f"noise {std}": trains(neuron, cells, limits, std) for std in (1.27, 2.12)},
            **{key: [change(*train, rng) for train in clean] for key, change in changes.items()},
        }
        n_tonic = np.isnan(limits).sum()
        print(f"\n{name}: {len(limits) - n_tonic} bursting, {n_tonic} tonic cells")
        print("| input | " + " | ".join(RULES) + " |\n|" + "---|" * (len(RULES) + 1))
        for key, given in inputs.items():
            scores = ["{:.3f}, {:.2f}, {:.3f}".format(*score(rule, given, limits)) for rule in RULES.values()]
            print(f"| {key} | {' | '.join(scores)} |", flush=True)


def without_bursts():
    """Print how much of trains without bursts is said to be bursts."""
    rng = np.random.default_rng(SEED)
    print("\nTrains of independent gamma intervals, mean 100 ms: share of intervals said to lie in bursts")
    print("| shape, intervals | " + " | ".join(RULES) + " |\n|" + "---|" * (len(RULES) + 1))
    for shape in (1, 2, 4):
        for n in (50, 200, 2000):
            drawn = rng.gamma(shape, 100 / shape, (50, n)) + 1e-3
            shares = [np.mean([rule(isis).mean() for isis in drawn]) for rule in RULES.values()]
            print(f"| {shape}, {n} | " + " | ".join(f"{share:.3f}" for share in shares) + " |")


# Real trains


def recorded(folder):
    """(name, times in ms) of the real trains with more than 40 spikes that were not evoked."""
    import h5py

    from elephant_dic import read_spiketrains

    for path in sorted(folder.glob("*.smr")) + sorted(folder.glob("pynapple*.nwb")):
        if path.name.startswith("ctrl"):
            continue
        for train in read_spiketrains(path):
            yield f"{path.stem[:14]} {train.name}", np.unique(train.rescale("ms").magnitude)
    for path in sorted(folder.glob("*.mat")):
        with h5py.File(path) as file:
            (times,) = (group["times"][0] for group in file.values() if "times" in group)
            yield path.stem, 1000 * times


def real(folder):
    """Print the table of real trains."""
    rng = np.random.default_rng(SEED)
    print("\nReal trains: bursts, spikes a burst, CV of the periods; agreement without a tenth of the spikes")
    print("| train | " + " | ".join(RULES) + " |\n|" + "---|" * (len(RULES) + 1))
    for name, times in recorded(folder):
        cells = [describe(rule, times, rng) for rule in RULES.values()]
        print(f"| {name} ({len(times)}) | {' | '.join(cells)} |", flush=True)


def describe(rule, times, rng):
    """What a rule finds in a train, and how stable it is."""
    inside = rule(np.diff(times))
    onsets = times[:-1][np.diff(np.r_[False, inside].astype(int)) == 1]
    if len(onsets) < 3:
        text = f"{len(onsets)}"
    else:
        periods = np.diff(onsets)
        spikes = inside.sum() / len(onsets) + 1
        text = f"{len(onsets)}, {spikes:.1f}, {periods.std() / periods.mean():.2f}"
    return f"{text}; {np.mean([kept_answers(rule, times, inside, rng) for _ in range(20)]):.2f}"


def kept_answers(rule, times, inside, rng):
    """Share of the remaining spikes that stay in or out of bursts when a tenth is removed."""
    kept = np.flatnonzero(rng.random(len(times)) >= 0.1)
    before = (np.r_[False, inside] | np.r_[inside, False])[kept]
    found = rule(np.diff(times[kept]))
    return np.mean(before == (np.r_[False, found] | np.r_[found, False]))


def main():
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cells", type=int, default=100)
    parser.add_argument("--recordings", type=Path, help="folder of real recordings, see tests")
    arguments = parser.parse_args()
    simulated(arguments.cells)
    without_bursts()
    if arguments.recordings:
        real(arguments.recordings)


if __name__ == "__main__":
    main()
