"""Trains as dopamine neurons fire in the living animal: which neuron makes models of them, or why none does.

    python benchmarks/irregular_trains.py [--neurons da snc] [--models 50] [--duration 120]

Constructed from figures of recorded units: intervals are gamma distributed with a rate and a CV; bursts begin
with an interval of less than 80 ms and end with one of more than 160 ms, and hold so large a share of the
spikes. "Right" is the share of the members that fire like the train when simulated apart, with the noise that
the population names, as in `reproduction.py`.
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
from reproduction import as_train, judge

from elephant_dic import reconstruct
from elephant_dic.populations import provenance

SEED, SAMPLING = 20261130, 0.05
#: Bursts: spikes in them on average, ms of an interval within, and Hz of the whole train.
IN_BURSTS, SPIKES, WITHIN, RATE = 0.85, 2.6, 55.0, 2.8


def gamma_train(rate, cv, duration, rng):
    """Spike times (ms) of a renewal process."""
    shape = 1 / cv**2
    intervals = rng.gamma(shape, 1000 / rate / shape, int(2 * rate * duration / 1000) + 20)
    return _within(np.cumsum(intervals), duration)


def bursting_train(duration, rng):
    """Spike times (ms) of bursts and single spikes: the share of `IN_BURSTS`, at `RATE`."""
    n_events = int(2 * RATE * duration / 1000)
    p_burst = IN_BURSTS / SPIKES / (IN_BURSTS / SPIKES + 1 - IN_BURSTS)
    sizes = np.where(rng.random(n_events) < p_burst, 2 + rng.poisson(SPIKES - 2, n_events), 1)
    pause = 1000 * sizes.mean() / RATE - WITHIN * (sizes - 1).mean() - 165
    times, now = [], 100.0
    for size in sizes:
        intervals = rng.gamma(25, WITHIN / 25, size - 1).clip(20, 79)
        times.extend(now + np.r_[0, np.cumsum(intervals)])
        now = times[-1] + 165 + rng.gamma(4, pause / 4)
    return _within(np.array(times), duration)


def _within(times, duration):
    return np.unique(np.round(times[times < duration] / SAMPLING) * SAMPLING)


def trains(duration):
    rng = np.random.default_rng(SEED)
    yield f"{RATE} Hz, {IN_BURSTS:.0%} of spikes in bursts", bursting_train(duration, rng)
    for rate, cv in ((4.4, 0.32), (6.1, 0.45), (7.6, 0.56), (3.5, 0.18)):
        yield f"{rate} Hz, CV {cv}", gamma_train(rate, cv, duration, rng)
    yield "4.5 Hz, CV 0.045, 10 s", gamma_train(4.5, 0.045, 10_000.0, rng)


def in_bursts(times):
    """Share of spikes in bursts that begin below 80 ms and end above 160 ms."""
    inside, bursting = np.zeros(len(times), dtype=bool), False
    for i, interval in enumerate(np.diff(times)):
        bursting = interval <= 160 if bursting else interval < 80
        if bursting:
            inside[i : i + 2] = True
    return inside.mean()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--neurons", nargs="+", default=["da", "snc"])
    parser.add_argument("--models", type=int, default=50)
    parser.add_argument("--duration", type=float, default=120.0, help="s of all but the last train")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)
    print("| train | neuron | verdict | right | noise (uA/cm²) | processor s | why |\n|" + "---|" * 7)
    for name, times in trains(1000 * arguments.duration):
        intervals = np.diff(times)
        figures = (
            f"{1000 / intervals.mean():.2f} Hz, CV {intervals.std() / intervals.mean():.3f}, "
            f"{in_bursts(times):.0%} in bursts"
        )
        for neuron in arguments.neurons:
            begin = time.process_time()
            block = reconstruct(as_train(times), neuron, arguments.models, seed=1)
            spent, known = time.process_time() - begin, provenance(block)
            found = known["verification"]
            right = judge(block, times, np.random.default_rng(0)).mean() if found["n_matching"] else np.nan
            print(
                f"| {name} (as made: {figures}) | {neuron} | {known['verdict']} "
                f"| {right:.2f} | {found['noise_std']:.2f} | {spent:.1f} | {found['reason'] or ''} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
