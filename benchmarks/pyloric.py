"""The pyloric neuron: its DIC voltage, recordings that it must reproduce, and held-out cells of its own.

    python benchmarks/pyloric.py [--parts voltage recordings held-out] [--models 100] [--targets 20]

Recordings are made from the figures of real units alone: log-normal periods (CV 10 %), n - 1, n or n + 1
spikes a burst, log-normal intervals within a burst (CV 20 %). Held-out cells are drawn from the reference
population, of those with 4 spikes a burst and bursts of 50 ms or more. Up to 20 members of each population,
drawn at random, are judged by a simulation that the search does not use: after a transient twice as long,
with a quarter of the time step of its finest, and one and a half times as many periods; the share is that of
the models asked for. `--recordings FOLDER` adds the real unit spinal_06, if it is there.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import neo
import numpy as np

from elephant_dic import get_neuron, read_spiketrains, reconstruct
from elephant_dic.neurons import reference_population
from elephant_dic.neurons.dics import threshold_voltage
from elephant_dic.populations import conductance_table, provenance
from elephant_dic.search.comparison import Comparison
from elephant_dic.simulation import simulate
from elephant_dic.trains import clean, firing_of, recording_firing

NEURON = get_neuron("pyloric")
#: Burst rate (Hz), spikes a burst, duration (ms), intra-burst rate (Hz) of real units; and a tonic one (Hz).
MUST = (
    (1.10, 8.1, 201, 40.6), (1.12, 7.9, 159, 47.7), (1.66, 6.4, 123, 43.6), (1.25, 11.9, 141, 77.6),
    (1.15, 4.1, 190, 19.4), (1.92, 3.7, 133, 29.0), (5.4,),
)  # fmt: skip
MAY = (0.24, 8.9, 733, 12.3), (0.32, 5.1, 253, 16.2), (0.61, 9.1, 340, 24.2)
N_BURSTS, N_INTERVALS = 40, 150
#: Members judged of each population.
JUDGED = 20


def recording(figures, seed):
    """Spike times (ms) with given figures."""
    rng = np.random.default_rng(seed)

    def intervals(mean, cv, n):
        spread = np.sqrt(np.log(1 + cv**2))
        return mean * np.exp(spread * rng.standard_normal(n) - spread**2 / 2)

    if len(figures) == 1:
        return np.cumsum(intervals(1000 / figures[0], 0.1, N_INTERVALS))
    burst_rate, n_spikes, _, intra_burst_rate = figures
    bursts = []
    for onset in np.cumsum(intervals(1000 / burst_rate, 0.1, N_BURSTS)):
        n = int(n_spikes + rng.random()) + rng.integers(-1, 2)
        bursts.append(onset + np.r_[0, np.cumsum(intervals(1000 / intra_burst_rate, 0.2, n - 1))])
    return np.concatenate(bursts)


def held_out(n, seed):
    """Spike times (ms) of cells that look like recordings."""
    rng, found = np.random.default_rng(seed), []
    while len(found) < n:
        table = reference_population(NEURON, 200, rng)
        for times in simulate(NEURON, table, 24_000.0, dt=NEURON.time_step / 2).spike_times:
            late = times[times >= 6000]
            figures = firing_of([late])
            if (
                figures.activity == "bursting"
                and figures.spikes_per_burst >= 4
                and figures.burst_duration >= 50
            ):
                found.append(np.round(late / 0.05) * 0.05 - 6000)
    return found[:n]


def judge(block, train, tolerance):
    """Share of some members that fire like the recording."""
    known, cell = provenance(block)["verification"], clean(train)
    recording = recording_firing(cell.times, NEURON.training.window, cell.duration)
    comparison = Comparison(NEURON, recording, tolerance, known["noise_std"], seed=1)
    duration = 1.5 * comparison.settings.longer * comparison.duration
    table = np.random.default_rng(0).permutation(conductance_table(block)[1])[:JUDGED]
    finer = 4 * comparison.settings.finer
    trains, _ = comparison.simulate(table, 2.0 * NEURON.training.transient, duration, finer=finer)
    return float(comparison.matches([firing_of([times], duration) for times in trains]).mean())


def evaluate(name, train, n_models, tolerance, seed):
    """Reconstruct, judge and print a line; returns the share of the models asked for."""
    begin = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        block = reconstruct(train, "pyloric", n_models, tolerance=tolerance, seed=seed)
    seconds, known = time.perf_counter() - begin, provenance(block)
    found = known["verification"]
    share = judge(block, train, tolerance) * found["n_matching"] / n_models if found["n_matching"] else 0.0
    cv = found["degeneracy"]["cv"].values() if found["degeneracy"] else [np.nan]
    print(
        f"| {name} | {known['verdict']} | {share:.2f} | {found['n_first_matching']} of {found['n_first']} "
        f"| {found['n_simulated']} | {min(cv):.1f}–{max(cv):.1f} | {known['domain_score']:.2f} "
        f"| {seconds:.0f} "
        f"| {found['reason']} |",
        flush=True,
    )
    return share


def print_head(title, tolerance, n_models):
    print(f"\n{title}: {n_models} models, tolerance {tolerance:.0%}\n")
    print("| recording | verdict | share of the models asked for, judged apart | first candidates that match "
          "| simulations | CV of the conductances over the leak | domain score | s | reason |")  # fmt: skip
    print("|---" * 9 + "|", flush=True)


def voltages(n):
    table = reference_population(NEURON, n, np.random.default_rng(0))
    found = threshold_voltage(NEURON, table)
    start = NEURON.training.transient
    run = simulate(NEURON, table, start + 10_000.0)
    kinds = np.array([firing_of([times[times >= start]]).activity for times in run.spike_times])
    print(f"\ng_t = 0 is crossed at (mV), quartiles over {n} cells of the reference population\n")
    for kind in ("tonic", "bursting"):
        quartiles = np.nanquantile(found[kinds == kind], (0.25, 0.5, 0.75)).round(1)
        without = np.isnan(found[kinds == kind]).mean()
        print(f"- {kind} ({np.mean(kinds == kind):.0%}): {quartiles}; {without:.0%} cross nowhere")
    print(f"- all that fire: median {np.nanmedian(found[kinds != 'silent']):.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = ("voltage", "recordings", "held-out")
    parser.add_argument("--parts", nargs="+", choices=parts, default=parts)
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--targets", type=int, default=20, help="of each part, from --first on")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--recordings", type=Path, default=Path("../shared/recordings"))
    args = parser.parse_args()
    if "voltage" in args.parts:
        voltages(2000)
    if "recordings" in args.parts:
        print_head("Recordings made from the figures of real units", 0.2, args.models)
        for i, figures in list(enumerate((*MUST, *MAY)))[args.first :][: args.targets]:
            times = recording(figures, i)
            train = neo.SpikeTrain(times, units="ms", t_stop=times[-1] + 1)
            evaluate(", ".join(f"{value:g}" for value in figures), train, args.models, 0.2, seed=i)
        real = args.recordings / "spinal_06.Regular_Mixed_Burst.mat"
        if real.is_file() and not args.first:
            evaluate("spinal_06", read_spiketrains(real)[0], args.models, 0.2, seed=0)
    if "held-out" in args.parts:
        print_head("Held-out cells of the neuron itself", 0.1, args.models)
        shares = []
        for i, times in list(enumerate(held_out(args.first + args.targets, seed=777)))[args.first :]:
            train = neo.SpikeTrain(times, units="ms", t_stop=times[-1] + 1)
            shares.append(evaluate(firing_of([times]).describe(), train, args.models, 0.1, seed=i))
        print(f"\nMean share {np.mean(shares):.3f}, lowest {min(shares):.2f}")


if __name__ == "__main__":
    main()
