"""What contamination and missing spikes do to inferred DICs, and what accounting for them mends.

    python benchmarks/quality.py [--cells 150]

STG cells drawn like the training set, without noise, 60 s. Of all spikes a share is another cell's (at random
times), or a share is missing: those of the smallest amplitudes, which are Gaussian (coefficient of variation
0.15), lognormal (0.2), or shrink: each spike takes a tenth, which recovers within 100 ms, with 5 % noise.
First: what `assess_quality` tells (mean and standard deviation over cells; the share of cells for which it
tells nothing about missing spikes). Then: share of cells whose true g_s and g_u lie in the central 68 % and
95 % intervals, and the root mean square error, of the estimate as it is, and of that with what was assessed
accounted for.
"""

from __future__ import annotations

import argparse

import neo
import numpy as np
import quantities as pq

from elephant_dic import get_neuron
from elephant_dic.inference.quality_effect import with_quality
from elephant_dic.inference.regressor import infer_from_times
from elephant_dic.neurons import dics_of
from elephant_dic.neurons.compensation import compensated_population
from elephant_dic.simulation import simulate
from elephant_dic.training.sets import draw_targets
from elephant_dic.trains import assess_quality, clean

SEED, LENGTH, START = 20261124, 60_000.0, 3000.0


def cells(neuron, n):
    """Spike times (ms) and DICs of cells that fire a spike a second or more."""
    rng = np.random.default_rng(SEED)
    table, _ = compensated_population(
        neuron, draw_targets(neuron, n, rng), rng, redraw=lambda m: draw_targets(neuron, m, rng)
    )
    run = simulate(neuron, table, START + LENGTH)
    trains = [times[times > START] - START for times in run.spike_times]
    fires = np.array([len(times) > LENGTH / 1000 for times in trains])
    return [times for times, each in zip(trains, fires, strict=True) if each], dics_of(neuron, table[fires])


def shrinking(times, rng):
    """Amplitudes of spikes that each take a tenth of what the next ones have, which then recovers."""
    available, sizes = 1.0, []
    for interval in np.diff(times, prepend=-np.inf):
        available = 1 - (1 - available) * np.exp(-interval / 100)
        sizes.append(available)
        available *= 0.9
    return np.array(sizes) * rng.normal(1, 0.05, len(times))


AMPLITUDES = {
    "Gaussian": lambda times, rng: rng.normal(1, 0.15, len(times)),
    "lognormal": lambda times, rng: rng.lognormal(0, 0.2, len(times)),
    "shrinking": shrinking,
}
ROWS = [("Gaussian", 0, 0), ("lognormal", 0, 0), ("shrinking", 0, 0)]
ROWS += [("Gaussian", share, 0) for share in (0.05, 0.1, 0.2)]
ROWS += [("Gaussian", 0, 0.1), ("Gaussian", 0, 0.2), ("Gaussian", 0.1, 0.1), ("shrinking", 0, 0.1)]


def corrupted(times, kind, contamination, missing, rng):
    """A train whose smallest spikes are missing, and to which other cells' were added."""
    amplitudes = AMPLITUDES[kind](times, rng)
    kept = amplitudes >= (np.quantile(amplitudes, missing) if missing else -np.inf)
    foreign = rng.uniform(0, LENGTH, rng.poisson(kept.sum() * contamination / (1 - contamination)))
    together = np.concatenate([times[kept], foreign])
    order = together.argsort()
    sizes = np.concatenate([amplitudes[kept], rng.choice(amplitudes[kept], len(foreign))])
    return neo.SpikeTrain(
        together[order] * pq.ms, t_stop=LENGTH * pq.ms, array_annotations={"amplitude": sizes[order]}
    )


def assessed(cells):
    """Contamination and missing share that are told, and how often the latter is not."""
    quality = [assess_quality(each) for each in cells]
    contamination, missing = np.array([(each.contamination, each.missing) for each in quality]).T
    told = missing[np.isfinite(missing)]
    shares = [f"{each.mean():.3f} ± {each.std():.3f}" if len(each) else "-" for each in (contamination, told)]
    return f"{shares[0]} | {shares[1]} ({1 - len(told) / len(cells):.2f})"


def figures(estimates, truth):
    """Shares within the 68 % and 95 % intervals, and rms error, of g_s and g_u."""
    inside = []
    for level in (0.68, 0.95):
        intervals = np.array([estimate.interval(level) for estimate in estimates])
        inside.append(((truth >= intervals[..., 0]) & (truth <= intervals[..., 1])).mean(axis=0)[1:])
    error = np.sqrt(((np.array([e.mean for e in estimates]) - truth) ** 2).mean(axis=0))[1:]
    return " | ".join(f"{a:.2f}, {b:.2f}, {c:.2f}" for a, b, c in zip(*inside, error, strict=True))


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cells", type=int, default=150)
    neuron = get_neuron("stg")
    trains, truth = cells(neuron, parser.parse_args().cells)
    print(f"{len(trains)} cells: within 68 %, within 95 %, rms error")
    print(
        "| amplitudes | contamination, missing | contamination told | missing told (not known) "
        "| as it is: g_s | g_u | accounted for: g_s | g_u |"
    )
    print("|---" * 8 + "|")
    for kind, contamination, missing in ROWS:
        rng = np.random.default_rng([SEED, int(100 * contamination), int(100 * missing)])
        found = [clean(corrupted(times, kind, contamination, missing, rng)) for times in trains]
        estimates = infer_from_times([each.times for each in found], neuron)
        wider = with_quality(estimates, found, neuron)
        print(
            f"| {kind} | {contamination}, {missing} | {assessed([each.cell for each in found])} "
            f"| {figures(estimates, truth)} | {figures(wider, truth)} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
