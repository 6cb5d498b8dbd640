"""Recordings of a simulated cell: windows, long and short, clean and corrupted, that a network is shown.

Each view takes the spike times (ms) of a cell that has settled, from 0.
"""

from __future__ import annotations

import numpy as np

from .features import MOST_WINDOWS
from .windows import MIN_INTERVALS

#: Sampling intervals of recordings in ms, from exact times to those of slow cameras and old files.
SAMPLING = 0.001, 0.2
#: Largest jitter (ms), share of missed spikes and of spurious spikes; how often a corrupted train has two
#: faults.
JITTER, MISSING, SPURIOUS, TWO_FAULTS = 5.0, 0.2, 0.1, 0.2
#: Relative change of the intervals from start to end of a recording that drifts.
DRIFT = 1e-4, 0.2
#: Lengths of recordings, in windows of the neuron, and of a gap, in shares of the window.
LENGTHS, GAPS = (1 / 3, MOST_WINDOWS), (0.1, 0.6)


def steady(times, neuron, rng):
    """A window from anywhere."""
    start = _any_start(times, neuron.training.window, rng)
    return sampled(_piece(times, start, neuron.training.window), rng)


def any_length(times, neuron, rng):
    """A recording of any length; of `MIN_INTERVALS` intervals at least, if as many follow."""
    length = neuron.training.window * np.exp(rng.uniform(*np.log(LENGTHS)))
    start = _any_start(times, length, rng)
    later = times[times >= start]
    if len(later) > MIN_INTERVALS:
        length = max(length, later[MIN_INTERVALS] - start + 1e-6)
    return sampled(_piece(later, start, length), rng)


def with_gap(times, neuron, rng):
    """A window in which nothing was recorded for a while."""
    window = neuron.training.window
    gap = rng.uniform(*GAPS) * window
    start = _any_start(times, window + gap, rng)
    gap_start = start + rng.uniform(0.1, 0.9) * window
    found = _piece(times, start, window + gap)
    return sampled(found[(found < gap_start) | (found >= gap_start + gap)], rng)


def corrupted(times, neuron, rng):
    """A window with jittered, missed or spurious spikes, or in which the intervals drift."""
    found = _piece(times, _any_start(times, neuron.training.window, rng), neuron.training.window)
    faults = rng.permutation([_jittered, _with_missing, _with_spurious, _drifting])
    for fault in faults[: 1 + (rng.random() < TWO_FAULTS)]:
        if len(found):
            found = fault(found, rng)
    return sampled(found, rng)


#: The views of each cell, and how often each is taken.
VIEWS = {steady: 1.5, any_length: 0.8, with_gap: 0.3, corrupted: 3.0}


def sampled(times, rng):
    """Times as a recording has them; two spikes at one time are one."""
    step = np.exp(rng.uniform(*np.log(SAMPLING)))
    return np.unique(np.round(times / step) * step)


def _jittered(times, rng):
    return np.sort(times + rng.uniform(0, JITTER) * rng.standard_normal(len(times)))


def _with_missing(times, rng):
    return times[rng.random(len(times)) > rng.uniform(0, MISSING)]


def _with_spurious(times, rng):
    n_more = rng.poisson(rng.uniform(0, SPURIOUS) * len(times))
    return np.sort(np.append(times, rng.uniform(times[0], times[-1], n_more)))


def _drifting(times, rng):
    change = np.exp(rng.uniform(*np.log(DRIFT))) * rng.choice((-1, 1))
    first, last = times[0], times[-1]
    return times + change / 2 * (times - first) * (times - last) / max(last - first, 1e-9)


def _piece(times, start, length):
    first, last = np.searchsorted(times, (start, start + length))
    return times[first:last]


def _any_start(times, length, rng):
    return rng.uniform(0, max(times[-1] - length, 0))
