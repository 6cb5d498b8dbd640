"""Distances between the trains of models and a recording, by elephant, after alignment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import quantities as pq

from .bursts import interval_threshold
from .firing import Firing
from .spiketrains import isis_of

DISTANCES = ("van_rossum", "victor_purpura", "isi")


def train_distances(
    name: str, sweeps: Sequence[np.ndarray], trains: Sequence[np.ndarray], recording: Firing
) -> np.ndarray:
    """How far trains are from a recording, spike by spike or in their intervals.

    The longest sweep and each train are aligned on the onset of their first complete burst or, without
    bursts, on their first spike, and cut to the length that both have.

    Parameters
    ----------
    name : str
        "van_rossum": that of `elephant.spike_train_dissimilarity` (van Rossum 2001), "victor_purpura"
        likewise (Victor and Purpura 1996), each over the square root of the number of spikes and over the
        number of spikes of both, with a time constant of a quarter of the recording's median interval (a
        cost of its inverse). "isi": largest distance between the distribution functions of the intervals
        (Kolmogorov-Smirnov statistic, 0 to 1).
    sweeps : list of arrays
        The recording, in ms.
    trains : list of n arrays
        ms.
    recording : Firing
        Of the recording: whether there are bursts.

    Returns
    -------
    (n,) array
        Dimensionless; NaN for trains of fewer than 3 spikes.
    """
    by_name: dict[str, Callable[..., float]] = {
        "van_rossum": _van_rossum,
        "victor_purpura": _victor_purpura,
        "isi": _isi,
    }
    distance = by_name[name]
    target = _aligned(max(sweeps, key=lambda times: np.ptp(times) if len(times) else 0), recording)
    isis = isis_of(sweeps)
    found = []
    for times in trains:
        if len(times) < 3:
            found.append(np.nan)
        elif name == "isi":
            found.append(distance(isis, np.diff(times)))
        else:
            aligned = _aligned(times, recording)
            span = min(aligned[-1], target[-1])
            found.append(distance(target[target <= span], aligned[aligned <= span], np.median(isis) / 4))
    return np.array(found)


def _aligned(times, recording):
    isis = np.diff(times)
    threshold = interval_threshold(isis) if recording.activity == "bursting" else None
    ends = np.flatnonzero(isis > threshold) if threshold is not None else np.empty(0, dtype=int)
    first = ends[0] + 1 if len(ends) > 1 else 0  # a burst is complete between two long intervals
    return times[first:] - times[first]


def _elephant_trains(pair):
    import neo

    stop = max(times[-1] for times in pair) + 1.0
    return [neo.SpikeTrain(times, units="ms", t_stop=stop) for times in pair]


def _van_rossum(target, times, time_constant):
    from elephant.spike_train_dissimilarity import van_rossum_distance

    trains = _elephant_trains((target, times))
    distance = van_rossum_distance(trains, time_constant=time_constant * pq.ms)[0, 1]
    return float(distance) / np.sqrt(len(target) + len(times))


def _victor_purpura(target, times, time_constant):
    from elephant.spike_train_dissimilarity import victor_purpura_distance

    trains = _elephant_trains((target, times))
    distance = victor_purpura_distance(trains, cost_factor=1 / (time_constant * pq.ms))[0, 1]
    return float(distance) / (len(target) + len(times))


def _isi(target, isis):
    from scipy.stats import ks_2samp

    return float(ks_2samp(target, isis, method="asymp").statistic)
