"""Bursts and the class of a train, by the one rule with which trains are compared.

The logarithms of the intervals are split in two where the variance between the classes is largest (Otsu).
If the median of the long intervals is at least twice that of the short ones, long intervals end bursts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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
    from .burst_kernel import split_intervals  # numba takes a third of a second to import

    threshold = split_intervals(np.asarray(isis, dtype=float))
    return None if np.isnan(threshold) else float(threshold)


def joined(sweeps):
    """All spike times in one array, and the indices at which each sweep starts and ends."""
    times = np.concatenate(sweeps) if len(sweeps) else np.empty(0)
    edges = np.zeros(len(sweeps) + 1, dtype=np.int64)
    np.cumsum([len(sweep) for sweep in sweeps], out=edges[1:])
    return times.astype(float, copy=False), edges


def find_bursts(sweeps, threshold) -> Bursts:
    """Bursts of a cell's sweeps, given the interval that ends one.

    Parameters
    ----------
    sweeps : list of arrays
        Spike times in ms.
    threshold : float
        ms.
    """
    from .burst_kernel import complete_bursts, intervals_of

    times, edges = joined(sweeps)
    first, last, sweep = complete_bursts(times, edges, float(threshold)).T
    isis = intervals_of(times, edges)
    same_sweep = np.diff(sweep) == 0
    return Bursts(
        durations=times[last] - times[first],
        periods=np.diff(times[first])[same_sweep],
        n_spikes=last - first + 1,
        intervals=[np.diff(times[i : j + 1]) for i, j in zip(first, last, strict=True)],
        pauses=isis[isis > threshold],
    )
