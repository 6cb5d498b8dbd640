"""Whether a recording fires alike from start to end: else no model can fire like all of it."""

from __future__ import annotations

import numpy as np

from .firing import COMPARED, VARIABILITY, firing_of, matches, recording_firing
from .rule import SPIKES_TOLERANCE
from .spiketrains import isis_of
from .windows import MIN_INTERVALS, cut_windows

#: Windows from which a spread is taken, at least, and the quantiles between which it lies.
_FEWEST, _SPREAD = 3, (0.1, 0.5, 0.9)
#: A spread of so many standard errors is no chance.
_ERRORS = 3.0
#: Tolerances at which halves are compared, and burst periods that both have together, at least.
_TOLERANCES, _FEWEST_PERIODS = np.arange(1, 51) / 100, 10


def drifting_figures(sweeps, window, tolerance) -> dict[str, tuple[float, float]]:
    """Figures that differ between windows by more than models may differ from the recording.

    Parameters
    ----------
    sweeps : list of arrays
        Spike times in ms.
    window : float
        ms, as in `recording_firing`.
    tolerance : float

    Returns
    -------
    dict
        Name to (low, high), between which 80 % of the windows lie. Empty for a recording of fewer than three
        windows. What chance does to a window is allowed for: three times the error that halves tell of.
    """
    activity = recording_firing(sweeps, window).activity
    windows = [(firing_of(piece), piece) for piece in cut_windows(sweeps, window)]
    windows = [each for each in windows if each[0].activity == activity]
    found = {}
    for name in COMPARED[activity] if len(windows) >= _FEWEST else ():
        if name in VARIABILITY:
            continue
        low, middle, high = np.quantile([getattr(firing, name) for firing, _ in windows], _SPREAD)
        limit = max(tolerance * middle, SPIKES_TOLERANCE if name == "spikes_per_burst" else 0.0)
        if (high - low) / 2 > limit and (high - low) / 2 > _ERRORS * _error_by_chance(
            name, activity, windows
        ):
            found[name] = float(low), float(high)
    return found


def _error_by_chance(name, activity, windows):
    """Standard error of a figure of a window, from how much the halves of windows differ."""
    differences = []
    for _, piece in windows:
        first, second = (firing_of(half) for half in _halves(piece))
        if first.activity == second.activity == activity:
            differences.append(abs(getattr(first, name) - getattr(second, name)))
    # Of normal differences the median is 0.674 standard deviations, and a window has half of theirs.
    return np.median(differences) / 0.674 / 2 if differences else 0.0


def tolerance_of_halves(sweeps, window) -> float | None:
    """The tolerance at which the two halves of a recording fire like each other.

    Of halves without bursts the rates are compared, and what chance does to them is allowed for.

    Parameters
    ----------
    sweeps, window
        As in `drifting_figures`.

    Returns
    -------
    float or None
        In steps of 0.01; infinite if they do not at 0.5; None for a recording that is too short to tell.
    """
    isis = isis_of(sweeps)
    if len(isis) < 2 * MIN_INTERVALS:
        return None
    first, second = (recording_firing(half, window) for half in _halves(sweeps))
    bursts = [half for half in (first, second) if half.activity == "bursting"]
    if not bursts:
        return _tolerance_of_rates(first, second, len(isis))
    if isis.sum() * min(half.burst_rate for half in bursts) / 1000 < _FEWEST_PERIODS:
        return None
    for tolerance in _TOLERANCES:
        if all(matches([a], b, tolerance)[0] for a, b in ((first, second), (second, first))):
            return float(tolerance)
    return np.inf


def _tolerance_of_rates(first, second, n_intervals):
    slow, fast = sorted((first.rate, second.rate))
    by_chance = 2 * max(first.cv2, second.cv2) * np.sqrt(4 / n_intervals)
    if fast - slow <= by_chance * slow:
        return 0.0
    tolerance = np.ceil(round(100 * (fast - slow) / slow, 6)) / 100  # 5 % is 5 %, whatever it rounds to
    return float(tolerance) if tolerance <= _TOLERANCES[-1] else np.inf


def _halves(sweeps):
    """The sweeps of the first half of the intervals and those of the second, in the order of their times."""
    ordered = sorted((times for times in sweeps if len(times)), key=lambda t: (t[0], len(t), t.tobytes()))
    middle, first, second = len(isis_of(ordered)) // 2, [], []
    for times in ordered:
        n = len(times) - 1
        at = min(max(middle, 0), n)
        first += [times[: at + 1]] if at else []
        second += [times[at:]] if at < n else []
        middle -= n
    return first, second
