"""The windows into which recordings are cut: each interval is in one of them, and each has the pauses."""

from __future__ import annotations

import numpy as np

from .bursts import interval_threshold
from .spiketrains import in_one_order, isis_of

#: A window is longer than the neuron's if it would hold fewer intervals, or fewer of the pauses that recur.
MIN_INTERVALS, MIN_RECURRING = 10, 10
#: A pause is so many times as long as what passes between spikes, or bursts, as a rule; it recurs if there
#: are so many, or two that take this share of the time.
PAUSE, _OFTEN, _SHOWS = 3.0, 3, 0.05


def cut_windows(sweeps, length) -> list[list[np.ndarray]]:
    """Cut a recording into windows that together hold each of its intervals once.

    Parameters
    ----------
    sweeps : list of arrays
        Spike times in ms.
    length : float
        ms. Windows are longer where this would hold fewer than `MIN_INTERVALS` intervals, or `MIN_RECURRING`
        of the pauses that recur: no figure of a window may depend on whether a pause falls into it.

    Returns
    -------
    list of lists of arrays
        Windows; each is a list of one array, or of several where sweeps are too short to be windows by
        themselves. The last spike of a window is the first of the next. They are the same for any order of
        the sweeps.
    """
    least = MIN_RECURRING * recurrence(sweeps)
    length = max(length, least)
    windows, short = [], []
    for times in in_one_order(sweeps):
        last = len(times) - 1
        if last < MIN_INTERVALS or times[-1] - times[0] < least:
            short.append(times)
            continue
        start = 0
        while start < last:
            stop = max(times.searchsorted(times[start] + length, "right") - 1, start + MIN_INTERVALS)
            if last - stop < MIN_INTERVALS or times[last] - times[stop] < least:
                stop = last
            windows.append([times[start : stop + 1]])
            start = stop
    return _with_short_sweeps(windows, short, least)


def recurrence(sweeps) -> float:
    """Mean time (ms) from one pause to the next, for the rarest kind of pause that recurs; 0 without any.

    Intervals between bursts are pauses, and so are those that are `PAUSE` times as long as these, or as the
    usual interval where there are no bursts. They recur if there are three, or if they take a share of the
    recording that its rate shows.
    """
    isis = isis_of(sweeps)
    longest, found = 0.0, isis
    threshold = interval_threshold(isis) if len(isis) else None
    if threshold is not None:
        found = isis[isis > threshold]
        longest = _recurring(found, isis)
    if len(found):
        longest = max(longest, _recurring(isis[isis > PAUSE * _median(found)], isis))
    return longest


def _median(values):
    """np.median of a few values takes three times as long."""
    ordered, n = np.sort(values), len(values)
    return (ordered[(n - 1) // 2] + ordered[n // 2]) / 2


def _recurring(pauses, isis):
    recur = len(pauses) >= _OFTEN or (len(pauses) > 1 and pauses.sum() > _SHOWS * isis.sum())
    return isis.sum() / len(pauses) if recur else 0.0


def _with_short_sweeps(windows, short, least):
    """Windows and, of several short sweeps each, further ones; what is left over joins the last."""
    current = []
    for times in short:
        current.append(times)
        isis = isis_of(current)
        if len(isis) >= MIN_INTERVALS and isis.sum() >= least:
            windows.append(current)
            current = []
    if current and windows:
        windows[-1].extend(current)
    elif current:
        windows.append(current)
    return windows
