"""What contamination and missing spikes do to inferred DICs, and what accounting for them mends.

    python benchmarks/quality.py [--cells 150]

STG cells drawn like the training set, without noise, 60 s; a share of the spikes is removed, or of all spikes
is another cell's (at random times). First: how well `assess_quality` tells the share from the violations of
the refractory time (mean, standard deviation over cells); with random amplitudes of a coefficient of
variation of 0.15 whose smallest are cut off, how well it tells what is missing. Then: share of cells whose
true g_s and g_u lie in the central 68 % and 95 % intervals, and the root mean square error, of the estimate
as it is, and of that with what was assessed accounted for.
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
from elephant_dic.trains import assess_quality

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


def corrupted(times, contamination, missing, rng):
    """A train whose smallest spikes are missing, and to which other cells' were added."""
    amplitudes = rng.normal(1, 0.15, len(times))
    kept = amplitudes >= (np.quantile(amplitudes, missing) if missing else -np.inf)
    foreign = rng.uniform(0, LENGTH, rng.poisson(kept.sum() * contamination / (1 - contamination)))
    together = np.concatenate([times[kept], foreign])
    order = together.argsort()
    sizes = np.concatenate([amplitudes[kept], rng.choice(amplitudes[kept], len(foreign))])
    return neo.SpikeTrain(
        together[order] * pq.ms, t_stop=LENGTH * pq.ms, array_annotations={"amplitude": sizes[order]}
    )


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
    print("| contamination, missing | assessed | as it is: g_s | g_u | accounted for: g_s | g_u |")
    print("|---" * 6 + "|")
    for contamination, missing in ((0, 0), (0.05, 0), (0.1, 0), (0.2, 0), (0, 0.1), (0, 0.2), (0.1, 0.1)):
        rng = np.random.default_rng([SEED, int(100 * contamination), int(100 * missing)])
        recorded = [corrupted(times, contamination, missing, rng) for times in trains]
        times = [[train.magnitude] for train in recorded]
        quality = [assess_quality(train) for train in recorded]
        told = np.array([(each.contamination, each.missing) for each in quality])
        estimates = infer_from_times(times, neuron)
        wider = with_quality(estimates, recorded, times, neuron)
        assessed = ", ".join(f"{m:.3f} ± {s:.3f}" for m, s in zip(told.mean(0), told.std(0), strict=True))
        print(
            f"| {contamination}, {missing} | {assessed} | {figures(estimates, truth)} "
            f"| {figures(wider, truth)} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
