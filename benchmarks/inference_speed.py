"""Time from SpikeTrains to DICEstimates, warm, beside the published network's.

    python benchmarks/inference_speed.py [--trains 10000] [--repeats 5]

One train: median over many calls of `infer_dics`. Many: the best of several calls of `infer_dics_many` on
different trains of 50 spikes, and of its steps. Processor time counts where the machine is not ours alone.
"""

from __future__ import annotations

import argparse
import time
import warnings

import neo
import numpy as np

from elephant_dic import get_neuron, infer_dics, infer_dics_many
from elephant_dic.inference.regressor import infer_from_times
from elephant_dic.trains import clean_many, feature_table

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
    """Shortest time and shortest processor time of several runs, in s."""
    durations = []
    for _ in range(repeats):
        begin, used = time.perf_counter(), time.process_time()
        function()
        durations.append((time.perf_counter() - begin, time.process_time() - used))
    return np.min(durations, axis=0)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trains", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    rng, neuron = np.random.default_rng(0), get_neuron("stg")
    trains = make_trains(arguments.trains, 50, rng)
    warnings.simplefilter("ignore", UserWarning)  # no neuron fires like that
    infer_dics_many(trains[:10])
    single = [best(lambda train=train: infer_dics(train), 1) for train in trains[:200]]
    wall, cpu = 1000 * np.median(single, axis=0)
    print(f"one train: {wall:.2f} ms (processor time {cpu:.2f} ms); wanted: at most 3 ms")
    cells = [cell.times for cell in clean_many(trains)]
    steps = {
        "SpikeTrains to estimates (infer_dics_many)": lambda: infer_dics_many(trains),
        "checks of the times": lambda: clean_many(trains),
        "features": lambda: feature_table(neuron, cells),
        "features, network and distributions": lambda: infer_from_times(cells, neuron),
    }
    for name, function in steps.items():
        wall, cpu = best(function, arguments.repeats)
        print(
            f"{name}: {len(trains) / wall:,.0f} trains a second; processor time "
            f"{1e6 * cpu / len(trains):.0f} us each: {2 * len(trains) / cpu:,.0f} a second on two free cores",
            flush=True,
        )
    print(f"wanted: 5,000 trains of 50 spikes a second; {PUBLISHED}")


if __name__ == "__main__":
    main()
