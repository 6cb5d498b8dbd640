"""Time from SpikeTrains to DICEstimates, warm, beside the published network's.

    python benchmarks/inference_speed.py [--trains 10000] [--repeats 5]

One train: median over many calls of `infer_dics`. Many: the best of several calls of `infer_dics_many` on
different trains of 50 spikes, with and without looking at the quality of the units; the features alone too.
"""

from __future__ import annotations

import argparse
import time

import neo
import numpy as np

from elephant_dic import get_neuron, infer_dics, infer_dics_many
from elephant_dic.features import feature_table
from elephant_dic.regressor import infer_from_times, times_of_many

#: The published network: trains a second of 50 spikes (batches, its authors' machine) and of 250.
PUBLISHED = "published network: some 300 trains of 50 spikes a second, 21 of 250"


def make_trains(n, n_spikes, rng):
    """Bursting trains, as SpikeTrains."""
    trains = []
    for period, step in zip(rng.uniform(120, 300, n), rng.uniform(6, 15, n), strict=True):
        index = np.arange(n_spikes)
        times = 50 + period * (index // 5) + step * (index % 5)
        trains.append(neo.SpikeTrain(times, units="ms", t_stop=times[-1] + 1))
    return trains


def best(function, repeats):
    """Shortest of several runs, in s."""
    durations = []
    for _ in range(repeats):
        begin = time.perf_counter()
        function()
        durations.append(time.perf_counter() - begin)
    return min(durations)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trains", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    rng, neuron = np.random.default_rng(0), get_neuron("stg")
    trains = make_trains(arguments.trains, 50, rng)
    infer_dics_many(trains[:10])
    single = []
    for train in trains[:200]:
        begin = time.perf_counter()
        infer_dics(train)
        single.append(time.perf_counter() - begin)
    low, middle, high = 1000 * np.quantile(single, (0.05, 0.5, 0.95))
    print(f"one train: {middle:.2f} ms (5 to 95 %: {low:.2f} to {high:.2f}); wanted: at most 3 ms")
    cells = times_of_many(trains)
    steps = {
        "SpikeTrains to estimates (infer_dics_many)": lambda: infer_dics_many(trains),
        "checks of the times": lambda: times_of_many(trains),
        "features": lambda: feature_table(neuron, cells),
        "features, network and distributions": lambda: infer_from_times(cells, neuron),
    }
    for name, function in steps.items():
        seconds = best(function, arguments.repeats)
        print(f"{name}: {len(trains) / seconds:,.0f} trains a second", flush=True)
    print(f"wanted: 5,000 trains of 50 spikes a second; {PUBLISHED}")


if __name__ == "__main__":
    main()
