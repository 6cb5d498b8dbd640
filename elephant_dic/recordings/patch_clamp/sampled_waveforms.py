"""The currents of commands that are there as samples, as a `Stimulus` of few points."""

import numpy as np

from ...trains import Stimulus
from .recorded_waveforms import steps_in
from .waveforms import FINE, MOST_POINTS, block_means, block_size, corners_of, without_repeats

TURNS = 0.05  # share of the changes of a command after which it goes back, above which it is noisy


def is_noisy(currents: np.ndarray) -> bool:
    """Whether the samples of a command go to and fro, as where it was recorded."""
    changes = np.diff(currents)
    changes = changes[changes != 0]
    return 2 * changes.size > MOST_POINTS and bool(np.mean(changes[1:] * changes[:-1] < 0) > TURNS)


def sampled(currents: np.ndarray, rate: float) -> Stimulus:
    """The stimulus of the samples of a command, each of which holds until the next.

    Parameters
    ----------
    currents : (n,) array
        pA.
    rate : float
        Hz.

    Returns
    -------
    Stimulus
        ms from the first sample. Exact for steps; those that have the noise of a recording are found in it as
        `recorded` does; else lines within a thousandth of the range, or, where that takes too many points,
        through means of 1 ms, or of more in a long sweep.
    """
    changes = np.flatnonzero(np.diff(currents)) + 1
    milliseconds = 1e3 / rate
    if 2 * changes.size <= MOST_POINTS:
        times = np.repeat(changes, 2) * milliseconds
        levels = np.stack([currents[changes - 1], currents[changes]], axis=1).ravel()
        return without_repeats([0.0, *times], [currents[0], *levels])
    if is_noisy(currents):
        return steps_in(currents, rate) or _means(currents, rate)
    tolerance = max(FINE * np.ptp(currents), FINE)
    corners = corners_of(currents, tolerance)
    if corners is None:
        return _means(currents, rate)
    points = [(0.0, currents[0])]
    for first, last in zip(corners[:-1], corners[1:], strict=True):
        start, stop = currents[first], currents[last]
        if last == first + 1:
            points += [(last, start), (last, stop)]
        elif abs(stop - start) <= tolerance:  # it stays
            level = np.median(currents[first : last + 1])
            points += [(first, level), (last, level)]
        else:
            points.append((last, stop))
    times, levels = np.array(points, dtype=float).T
    return without_repeats(times * milliseconds, levels)


def _means(currents, rate) -> Stimulus:
    """Lines through means."""
    size = block_size(rate, currents.size, MOST_POINTS)
    means = block_means(currents, size)
    return Stimulus((np.arange(means.size) + 0.5) * size * 1e3 / rate, means)
