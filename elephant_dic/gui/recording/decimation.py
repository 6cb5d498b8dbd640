"""As much as a screen can show: the lowest and highest sample of each part of a trace, counts of spikes."""

from __future__ import annotations

import numpy as np


def envelope(samples: np.ndarray, first: int, last: int, n_parts: int) -> tuple[np.ndarray, np.ndarray]:
    """The extremes of a stretch of a trace, of which no spike is lost, however few parts it is drawn in.

    Parameters
    ----------
    samples : (n,) array
    first, last : int
        Of the stretch, as in a slice; what lies outside of the trace is left out.
    n_parts : int
        Into which the stretch is cut, of equal length but for the last.

    Returns
    -------
    indices : (m,) array of int
        Ascending, of the lowest and the highest sample of each part; all those of a stretch of at most
        ``2 * n_parts`` samples.
    values : (m,) array
        The samples there.
    """
    first, last = max(first, 0), min(last, samples.size)
    n = max(last - first, 0)
    if n <= 2 * n_parts:
        indices = np.arange(first, first + n)
        return indices, samples[indices]
    length = -(-n // n_parts)
    whole = first + n // length * length
    parts = samples[first:whole].reshape(-1, length)  # no copy: a trace may be a gigabyte
    starts = np.arange(first, whole, length)
    found = [starts + parts.argmin(axis=1), starts + parts.argmax(axis=1)]
    if whole < last:
        rest = samples[whole:last]
        found = [np.append(found[0], whole + rest.argmin()), np.append(found[1], whole + rest.argmax())]
    indices = np.sort(np.stack(found, axis=1), axis=1).ravel()
    return indices, samples[indices]


def counts(times: np.ndarray, start: float, stop: float, n_bins: int) -> np.ndarray:
    """How many of some ascending times lie in each of some equal bins; the last bin has its end in it.

    Parameters
    ----------
    times : (n,) array
    start, stop : float
        In the unit of the times.
    n_bins : int

    Returns
    -------
    (n_bins,) array of int
    """
    edges = np.linspace(start, stop, n_bins + 1)
    places = np.searchsorted(times, edges)
    places[-1] = np.searchsorted(times, stop, side="right")
    return np.diff(places)


def decimals_for(values: np.ndarray, steps: int = 2000) -> int:
    """Digits after the point by which at least so many values can be told apart from lowest to highest."""
    span = float(np.ptp(values)) if values.size else 0.0
    return 0 if not span > 0 else max(0, int(np.ceil(np.log10(steps / span))))
