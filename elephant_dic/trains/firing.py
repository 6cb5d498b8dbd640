"""How a train fires, in figures, and the one rule by which two trains are said to fire alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .bursts import joined
from .rule import CV2_TOLERANCE, QUANTILE_TOLERANCE, SPIKES_TOLERANCE
from .spiketrains import isis_of
from .windows import cut_windows

ACTIVITIES = ("silent", "tonic", "bursting", "irregular")
#: Figures and their units: the columns of every table of figures. `burst_kernel` fills them by their names.
FIGURES = {
    "rate": "Hz",
    "cv2": "",
    "spikes_per_burst": "",
    "burst_rate": "Hz",
    "burst_duration": "ms",
    "intra_burst_rate": "Hz",
    "isi_10": "ms",
    "isi_50": "ms",
    "isi_90": "ms",
    "period_cv": "",
}
#: Figures of the variability, which current noise can make.
VARIABILITY = ("cv2", "isi_10", "isi_50", "isi_90", "period_cv")
#: The figures by which trains of a class are compared.
COMPARED = {
    "silent": (),
    "tonic": ("rate", "cv2"),
    "bursting": ("spikes_per_burst", "burst_rate", "burst_duration", "intra_burst_rate"),
    "irregular": ("rate", "cv2", "isi_10", "isi_50", "isi_90"),
}
_QUANTILES = {"isi_10": 0.1, "isi_50": 0.5, "isi_90": 0.9}
_ROW = np.dtype([(name, float) for name in FIGURES])


@dataclass(frozen=True)
class Firing:
    """Class and figures of a train; NaN for figures that its class does not have.

    Attributes
    ----------
    activity : str
        One of `ACTIVITIES`.
    rate : float
        Intervals a second; of an irregular train whose duration is known, spikes a second of that.
    cv2 : float
        Local coefficient of variation (Holt et al. 1996).
    spikes_per_burst : float
        Mean.
    burst_rate : float
        Hz, 1 / median interval between onsets.
    burst_duration : float
        ms, median over bursts of two spikes or more.
    intra_burst_rate : float
        Hz, median of (n - 1) / duration over the same bursts.
    isi_10, isi_50, isi_90 : float
        ms, quantiles of the intervals.
    period_cv : float
        Coefficient of variation of the intervals between onsets.
    quantile_errors : tuple of 3 float
        ms, standard errors of the quantiles of an irregular recording; empty for others and for models.
    """

    activity: str
    rate: float = np.nan
    cv2: float = np.nan
    spikes_per_burst: float = np.nan
    burst_rate: float = np.nan
    burst_duration: float = np.nan
    intra_burst_rate: float = np.nan
    isi_10: float = np.nan
    isi_50: float = np.nan
    isi_90: float = np.nan
    period_cv: float = np.nan
    quantile_errors: tuple[float, ...] = ()

    def figures(self) -> dict[str, float]:
        """The figures by which its class is compared."""
        return {name: getattr(self, name) for name in COMPARED[self.activity]}

    def record(self) -> dict[str, Any]:
        """What JSON can hold: class, compared figures, errors of quantiles; none that is not known."""
        known = {name: value for name, value in self.figures().items() if not np.isnan(value)}
        errors = {"quantile_errors": list(self.quantile_errors)} if self.quantile_errors else {}
        return {"activity": self.activity} | known | errors

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Firing:
        """What `record` gave; figures that are missing are NaN."""
        return cls(**{**record, "quantile_errors": tuple(record.get("quantile_errors", ()))})

    def row(self) -> list[float]:
        """All figures, in the order of `FIGURES`."""
        return [getattr(self, name) for name in FIGURES]

    def describe(self) -> str:
        """Class and figures in words."""
        parts = [f"{name.replace('_', ' ')} {value:.3g} {FIGURES[name]}".strip()
                 for name, value in self.figures().items() if not np.isnan(value)]  # fmt: skip
        return ", ".join([self.activity, *parts])


def firing_of(sweeps, duration=None) -> Firing:
    """Class and figures of a piece of a recording.

    Parameters
    ----------
    sweeps : list of arrays
        Spike times in ms. Intervals and bursts are never taken from one sweep to the next.
    duration : float, optional
        ms, of all sweeps from their starts to their ends. An irregular train can be silent there for long:
        its rate is that over all of it. Default: from the first to the last spike of each sweep.
    """
    from .burst_kernel import describe_firing  # numba takes a third of a second to import

    figures = np.full(len(FIGURES), np.nan)
    activity = describe_firing(*joined(sweeps), figures.view(_ROW))
    found = Firing(ACTIVITIES[activity], **dict(zip(FIGURES, figures.tolist(), strict=True)))
    return replace(found, rate=_rate(found, sweeps, duration)) if found.activity == "irregular" else found


def firings_of(trains, duration=None) -> list[Firing]:
    """Class and figures of many trains of one sweep each, as `firing_of` tells those of one.

    Parameters
    ----------
    trains : list of n arrays
        Spike times in ms.
    duration : float, optional
        ms, of each train.

    Returns
    -------
    list of n Firing
    """
    from .burst_kernel import describe_trains  # numba takes a third of a second to import

    activities = np.empty(len(trains), dtype=np.int64)
    figures = np.full((len(trains), len(FIGURES)), np.nan)
    describe_trains(*joined(trains), activities, figures.view(_ROW)[:, 0])
    rates = figures[:, list(FIGURES).index("rate")]
    if duration is not None:
        irregular = activities == ACTIVITIES.index("irregular")
        rates[irregular] = 1000 * np.array([len(times) for times in trains])[irregular] / duration
    return [
        Firing(ACTIVITIES[activity], *row)
        for activity, row in zip(activities.tolist(), figures.tolist(), strict=True)
    ]


def recording_firing(sweeps, window, duration=None) -> Firing:
    """Class and figures of a whole recording.

    A long recording is cut into windows. Its class is the most frequent one, its figures are the medians
    over the windows of that class; those of an irregular one are of all its intervals.

    Parameters
    ----------
    sweeps : list of arrays
        Spike times in ms.
    window : float
        ms. Windows are longer where they have to be, see `cut_windows`.
    duration : float, optional
        ms, as in `firing_of`.
    """
    whole = firing_of(sweeps)
    pieces = [firing_of(piece) for piece in cut_windows(sweeps, window)]
    found = [piece.activity for piece in pieces]
    activity = max(ACTIVITIES, key=found.count) if len(pieces) > 1 else whole.activity
    if activity == "irregular":
        figures = {name: getattr(whole, name) for name in COMPARED[activity]}
        figures["rate"] = _rate(whole, sweeps, duration)
        return Firing(activity, **figures, quantile_errors=_quantile_errors(isis_of(sweeps)))
    if len(pieces) < 2:
        return whole
    rows = [piece.row() for piece in pieces if piece.activity == activity]
    return Firing(activity, **dict(zip(FIGURES, np.median(rows, axis=0).tolist(), strict=True)))


def _rate(firing, sweeps, duration):
    """Spikes a second (Hz) of a duration (ms), if it is known."""
    return firing.rate if duration is None else 1000 * sum(map(len, sweeps)) / duration


def _quantile_errors(isis):
    """Standard errors of the quantiles that are compared, from the intervals that lie around them."""
    return tuple(
        float(np.diff(np.quantile(isis, np.clip([q - error, q + error], 0, 1)))[0]) / 2
        for q in _QUANTILES.values()
        for error in [np.sqrt(q * (1 - q) / len(isis))]
    )


def tolerances(recording: Firing, tolerance) -> np.ndarray:
    """Largest accepted difference of each compared figure."""
    errors = dict(zip(_QUANTILES, recording.quantile_errors or (0.0,) * len(_QUANTILES), strict=True))
    limits = []
    for name, value in recording.figures().items():
        if name == "cv2":
            limit = CV2_TOLERANCE
        elif name in errors:
            limit = max(QUANTILE_TOLERANCE * tolerance * value, errors[name])
        else:
            limit = tolerance * value
        limits.append(max(limit, SPIKES_TOLERANCE) if name == "spikes_per_burst" else limit)
    return np.array(limits)


def deviations(models, recording: Firing, tolerance) -> np.ndarray:
    """How far models are from firing like a recording.

    Parameters
    ----------
    models : list of n Firing
    recording : Firing
    tolerance : float
        Relative, on rates, durations and, where it is more than one spike, on spikes per burst.

    Returns
    -------
    (n, k) array
        Signed differences of the k compared figures over the largest accepted ones: a model fires like the
        recording where all are between -1 and 1. NaN for models of another class.
    """
    names = COMPARED[recording.activity]
    table = np.array(
        [
            [getattr(model, name) if model.activity == recording.activity else np.nan for name in names]
            for model in models
        ]
    ).reshape(len(models), len(names))
    wanted = np.array(list(recording.figures().values()))
    return (table - wanted) / tolerances(recording, tolerance)


def matches(models, recording: Firing, tolerance) -> np.ndarray:
    """(n,) bool: which models fire like a recording, see `deviations`."""
    same_class = np.array([model.activity == recording.activity for model in models], dtype=bool)
    # An exact limit counts, whatever the difference rounds to.
    return same_class & (np.abs(deviations(models, recording, tolerance)) <= 1 + 1e-9).all(axis=1)
