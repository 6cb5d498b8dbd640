"""Simple recordings, good and spoilt."""

import neo
import numpy as np
import quantities as pq


def train(times, t_stop, **more):
    return neo.SpikeTrain(np.asarray(times, float) * pq.ms, t_stop=t_stop * pq.ms, **more)


def tonic(rate=10.0, length=60_000.0, jitter=0.05, seed=0):
    """Spike times (ms) with intervals of a coefficient of variation."""
    rng = np.random.default_rng(seed)
    n = int(1.2 * rate * length / 1000)
    times = np.cumsum(1000 / rate * (1 + jitter * rng.standard_normal(n)))
    return times[times < length]


def contaminated(times, share, length=60_000.0, seed=1):
    """The spikes with a share of foreign ones."""
    rng = np.random.default_rng(seed)
    foreign = rng.uniform(0, length, round(len(times) * share / (1 - share)))
    return np.sort(np.concatenate([times, foreign]))


def shrinking(times, share=0.1, recovery=100.0, noise=0.03, seed=0):
    """Amplitudes of spikes that each take a share of what the next ones have, which then recovers."""
    available, sizes = 1.0, []
    for interval in np.diff(times, prepend=-np.inf):
        available = 1 - (1 - available) * np.exp(-interval / recovery)
        sizes.append(available)
        available *= 1 - share
    return np.array(sizes) * np.random.default_rng(seed + 1).normal(1, noise, len(times))
