"""Time from a spike train to a population of 500 models, warm.

    python benchmarks/pipeline_speed.py

The parts are timed one after the other in one process: best and median of 50 runs.
"""

from __future__ import annotations

import time

import neo
import numpy as np
import quantities as pq

from elephant_dic import generate_population, get_neuron, infer_dics, reconstruct, simulate_population
from elephant_dic.inference.regressor import load_regressor
from elephant_dic.neurons.compensation import compensated_population
from elephant_dic.trains.features import feature_vector


def measure(function, repeats=50):
    """Best and median time of a call in ms."""
    function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(1000 * (time.perf_counter() - start))
    return min(times), float(np.median(times))


def main():
    """Print the table."""
    neuron = get_neuron("stg")
    seed = generate_population({"g_s": -5.0, "g_u": 8.0}, n_models=1, seed=1)
    run = simulate_population(seed, duration=10 * pq.s, seed=0).spiketrains[0].magnitude
    train = neo.SpikeTrain(run[:60] * pq.ms, t_start=run[0] * pq.ms, t_stop=run[60] * pq.ms)
    times = [train.magnitude]
    features = feature_vector(neuron, times)
    rng = np.random.default_rng(0)
    targets = infer_dics(train).sample(500, 0)
    targets[:, 0] = np.nan
    parts = {
        "features of 60 spikes": lambda: feature_vector(neuron, times),
        "network, one train": lambda: load_regressor(neuron).estimate(features),
        "compensation, 500 members with 500 targets": lambda: compensated_population(neuron, targets, rng),
        "infer_dics": lambda: infer_dics(train),
        "reconstruct, 500 models": lambda: reconstruct(train, seed=0),
    }
    print("| step | best ms | median ms |\n|---|---|---|")
    for name, function in parts.items():
        print("| {} | {:.2f} | {:.2f} |".format(name, *measure(function)))


if __name__ == "__main__":
    main()
