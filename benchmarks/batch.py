"""Many cells at once: time a cell against the number of cells.

    python benchmarks/batch.py [--most 1000] [--spikes 250]

Trains of STG cells, cut to the same number of spikes. Warm, best of 3. In batches, on a machine with 2 cores,
the published network reads 21 trains of 250 spikes a second.
"""

from __future__ import annotations

import argparse
import time
from functools import partial

import neo
import numpy as np
import quantities as pq

from elephant_dic import get_neuron, infer_dics_many, reconstruct_many
from elephant_dic.neurons.compensation import compensated_population
from elephant_dic.simulation import simulate
from elephant_dic.training.sets import draw_targets

SEED = 20261123


def trains_of(n, n_spikes, rng):
    """Trains of cells drawn in the training box."""
    neuron = get_neuron("stg")
    cells, _ = compensated_population(
        neuron, draw_targets(neuron, n, rng), rng, redraw=lambda m: draw_targets(neuron, m, rng)
    )
    run = simulate(neuron, cells, 3000.0 + 200.0 * n_spikes)
    found = []
    for times in run.spike_times:
        times = times[times > 3000][:n_spikes]
        if len(times) == n_spikes:
            found.append(
                neo.SpikeTrain(times * pq.ms, t_start=3000 * pq.ms, t_stop=times[-1] * pq.ms + 1 * pq.ms)
            )
    return found


def best(function, repeats=3):
    """Seconds of the best call."""
    function()
    seconds = []
    for _ in range(repeats):
        begin = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--most", type=int, default=1000)
    parser.add_argument("--spikes", type=int, default=250)
    arguments = parser.parse_args()
    trains = trains_of(max(16, int(1.1 * arguments.most)), arguments.spikes, np.random.default_rng(SEED))
    print(f"Trains of {arguments.spikes} spikes\n")
    print(
        "| cells | infer_dics_many, ms a cell | trains a second | 100 models each, not simulated, ms a cell |"
    )
    print("|---|---|---|---|")
    for n in (1, 10, 100, 1000):
        if n > min(arguments.most, len(trains)):
            break
        infer = best(partial(infer_dics_many, trains[:n]))
        whole = best(partial(reconstruct_many, trains[:n], n_models=100, verify=False, seed=1), 1)
        print(f"| {n} | {1000 * infer / n:.2f} | {n / infer:,.0f} | {1000 * whole / n:.1f} |", flush=True)


if __name__ == "__main__":
    main()
