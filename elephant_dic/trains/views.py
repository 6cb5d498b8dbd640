"""Recordings of a simulated cell: windows, long and short, clean and corrupted, that a network is shown."""

from __future__ import annotations

import numpy as np

from .features import MIN_INTERVALS

#: Sampling interval of a recording in ms.
SAMPLING = 0.05
#: Largest jitter (ms), share of missed spikes and of spurious spikes; how often a corrupted train has two of
#: these faults.
JITTER, MISSING, SPURIOUS, TWO_FAULTS = 5.0, 0.2, 0.1, 0.2
#: Lengths of recordings, in windows of the neuron, and of a gap, in shares of the window.
LENGTHS, GAPS = (1 / 3, 4.0), (0.1, 0.6)


def clean(times, neuron, rng):
    """The window after the transient, with exact times: what a simulation gives."""
    return _piece(times, neuron.training.transient, neuron.training.window)


def steady(times, neuron, rng):
    """A window from the last third, when the drift after the initial state is gone."""
    first = neuron.training.transient
    latest = times[-1] - neuron.training.window
    start = rng.uniform(max(first, first + (latest - first) * 2 / 3), max(latest, first))
    return sampled(_piece(times, start, neuron.training.window))


def any_length(times, neuron, rng):
    """A recording of any length from anywhere; of `MIN_INTERVALS` intervals at least, if as many follow."""
    length = neuron.training.window * np.exp(rng.uniform(*np.log(LENGTHS)))
    start = _any_start(times, neuron, length, rng)
    later = times[times >= start]
    if len(later) > MIN_INTERVALS:
        length = max(length, later[MIN_INTERVALS] - start + SAMPLING)
    return sampled(_piece(later, start, length))


def with_gap(times, neuron, rng):
    """A window in which nothing was recorded for a while."""
    window = neuron.training.window
    gap = rng.uniform(*GAPS) * window
    start = _any_start(times, neuron, window + gap, rng)
    gap_start = start + rng.uniform(0.1, 0.9) * window
    found = _piece(times, start, window + gap)
    return sampled(found[(found < gap_start) | (found >= gap_start + gap)])


def corrupted(times, neuron, rng):
    """A window with jittered, missed or spurious spikes; half of them just after the transient."""
    window, start = neuron.training.window, neuron.training.transient
    if rng.random() < 0.5:
        start = _any_start(times, neuron, window, rng)
    found = _piece(times, start, window)
    faults = rng.permutation([_jittered, _with_missing, _with_spurious])
    for fault in faults[: 1 + (rng.random() < TWO_FAULTS)]:
        if len(found):
            found = fault(found, rng)
    return sampled(found)


#: The views of each cell, and how often each is taken.
VIEWS = {clean: 1.0, steady: 1.0, any_length: 0.8, with_gap: 0.3, corrupted: 2.5}


def sampled(times):
    """Times as a recording has them; two spikes at one time are one."""
    return np.unique(np.round(times / SAMPLING) * SAMPLING)


def _jittered(times, rng):
    return np.sort(times + rng.uniform(0, JITTER) * rng.standard_normal(len(times)))


def _with_missing(times, rng):
    return times[rng.random(len(times)) > rng.uniform(0, MISSING)]


def _with_spurious(times, rng):
    n_more = rng.poisson(rng.uniform(0, SPURIOUS) * len(times))
    return np.append(times, rng.uniform(times[0], times[-1], n_more))


def _piece(times, start, length):
    first, last = np.searchsorted(times, (start, start + length))
    return times[first:last]


def _any_start(times, neuron, length, rng):
    """Later starts are more likely: the drift is that of the simulation, recordings have none."""
    first = neuron.training.transient
    return first + max(times[-1] - length - first, 0.0) * rng.beta(2, 1)
