"""How a train fires, in figures, and the one rule by which two trains are said to fire alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .bursts import joined
from .features import cut_windows
from .rule import CV2_TOLERANCE, SPIKES_TOLERANCE

ACTIVITIES = ("silent", "tonic", "bursting", "irregular")
#: Figures and their units: the columns of every table of figures. `burst_kernel` fills them by their names.
FIGURES = {
    "rate": "Hz",
    "cv2": "",
    "spikes_per_burst": "",
    "burst_rate": "Hz",
    "burst_duration": "ms",
    "intra_burst_rate": "Hz",
}
#: The figures by which trains of a class are compared.
COMPARED = {
    "silent": (),
    "tonic": ("rate",),
    "bursting": ("spikes_per_burst", "burst_rate", "burst_duration", "intra_burst_rate"),
    "irregular": ("rate", "cv2"),
}
_ROW = np.dtype([(name, float) for name in FIGURES])
#: A window of a long recording holds this many burst periods at least.
_WINDOW_PERIODS = 10


@dataclass(frozen=True)
class Firing:
    """Class and figures of a train; NaN for figures that its class does not have.

    Attributes
    ----------
    activity : str
        One of `ACTIVITIES`.
    rate : float
        Intervals a second.
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
    """

    activity: str
    rate: float = np.nan
    cv2: float = np.nan
    spikes_per_burst: float = np.nan
    burst_rate: float = np.nan
    burst_duration: float = np.nan
    intra_burst_rate: float = np.nan

    def figures(self) -> dict[str, float]:
        """The figures by which its class is compared."""
        return {name: getattr(self, name) for name in COMPARED[self.activity]}

    def row(self) -> list[float]:
        """All figures, in the order of `FIGURES`."""
        return [getattr(self, name) for name in FIGURES]

    def describe(self) -> str:
        """Class and figures in words."""
        parts = [f"{name.replace('_', ' ')} {value:.3g} {FIGURES[name]}".strip()
                 for name, value in self.figures().items()]  # fmt: skip
        return ", ".join([self.activity, *parts])


def firing_of(sweeps) -> Firing:
    """Class and figures of a piece of a recording.

    Parameters
    ----------
    sweeps : list of arrays
        Spike times in ms. Intervals and bursts are never taken from one sweep to the next.
    """
    from .burst_kernel import describe_firing  # numba takes a third of a second to import

    figures = np.full(len(FIGURES), np.nan)
    activity = describe_firing(*joined(sweeps), figures.view(_ROW))
    return Firing(ACTIVITIES[activity], **dict(zip(FIGURES, figures.tolist(), strict=True)))


def recording_firing(sweeps, window) -> Firing:
    """Class and figures of a whole recording.

    A long recording is cut into windows. Its class is the most frequent one, its figures are the medians
    over the windows of that class.

    Parameters
    ----------
    sweeps : list of arrays
        Spike times in ms.
    window : float
        ms. Windows are longer where this would hold fewer than 10 intervals or 10 burst periods.
    """
    whole = firing_of(sweeps)
    if whole.activity == "bursting":
        window = max(window, _WINDOW_PERIODS * 1000 / whole.burst_rate)
    pieces = [firing_of(piece) for piece in cut_windows(sweeps, window)]
    if len(pieces) < 2:
        return whole
    found = [piece.activity for piece in pieces]
    activity = max(ACTIVITIES, key=found.count)
    rows = [piece.row() for piece in pieces if piece.activity == activity]
    return Firing(activity, *map(float, np.median(rows, axis=0)))


def tolerances(recording: Firing, tolerance) -> np.ndarray:
    """Largest accepted difference of each compared figure."""
    limits = []
    for name, value in recording.figures().items():
        limit = CV2_TOLERANCE if name == "cv2" else tolerance * value
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
