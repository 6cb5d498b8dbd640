"""Where bursts end, by the one rule with which trains are classed and compared.

The logarithms of the intervals are split in two where the variance between the classes is largest (Otsu).
If the median of the long intervals is at least twice that of the short ones, long intervals end bursts. The
first and the last burst of a sweep, which may be cut, do not count.
"""

from __future__ import annotations

import numpy as np


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
