"""Bursts and the class of a train, by the one rule with which trains are compared.

The logarithms of the intervals are split in two where the variance between the classes is largest (Otsu).
If the median of the long intervals is at least twice that of the short ones, long intervals end bursts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SEPARATION = 2.0
_LOG_SEPARATION = np.log(SEPARATION) - 1e-9  # an exact double counts, whatever its logarithm rounds to


@dataclass(frozen=True)
class Bursts:
    """Complete bursts of a train, the first and the last (which may be cut) dropped.

    Attributes
    ----------
    durations : (n,) array
        ms.
    periods : array
        Intervals between the onsets of neighbouring bursts of a sweep, in ms.
    n_spikes : (n,) int array
    intervals : list of n arrays
        Intervals within each burst, in ms.
    pauses : array
        Intervals between bursts, in ms.
    """

    durations: np.ndarray
    periods: np.ndarray
    n_spikes: np.ndarray
    intervals: list
    pauses: np.ndarray


def interval_threshold(isis) -> float | None:
    """Interval (ms) above which a burst ends, or None if the intervals are of one kind."""
    ordered = np.sort(np.log(isis))
    n = len(ordered)
    if n < 2 or ordered[-1] - ordered[0] < _LOG_SEPARATION:
        return None
    n_short = np.arange(1, n)
    sums = np.cumsum(ordered)
    short = sums[:-1] / n_short
    long = (sums[-1] - sums[:-1]) / (n - n_short)
    split = int(np.argmax(n_short * (n - n_short) * (long - short) ** 2))
    medians = np.median(ordered[: split + 1]), np.median(ordered[split + 1 :])
    if medians[1] - medians[0] < _LOG_SEPARATION:
        return None
    return float(np.exp((ordered[split] + ordered[split + 1]) / 2))


def find_bursts(sweeps, threshold) -> Bursts:
    """Bursts of a cell's sweeps, given the interval that ends one.

    Parameters
    ----------
    sweeps : list of arrays
        Spike times in ms.
    threshold : float
        ms.
    """
    durations, periods, n_spikes, intervals, pauses = [], [], [], [], []
    for times in sweeps:
        isis = np.diff(times)
        ends = np.flatnonzero(isis > threshold)
        pauses.append(isis[ends])
        starts, stops = ends[:-1] + 1, ends[1:]
        durations.append(times[stops] - times[starts])
        periods.append(np.diff(times[starts]))
        n_spikes.append(stops - starts + 1)
        intervals.extend(isis[start:stop] for start, stop in zip(starts, stops, strict=True))
    return Bursts(*map(np.concatenate, (durations, periods, n_spikes)), intervals, np.concatenate(pauses))
