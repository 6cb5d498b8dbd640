"""The emulator: what a cell will do when it is simulated, as a network has learnt it.

A small network tells class and figures of a cell from its conductances and the current noise, each with
its uncertainty. It only chooses what is simulated: the simulation decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..inference import Network
from ..trains import ACTIVITIES, COMPARED, Firing, tolerances

#: What the network tells beside the class: each figure by which a class is compared.
OUTPUTS = tuple((activity, name) for activity in ACTIVITIES for name in COMPARED[activity])
#: Figures that may be zero: all others are learnt as logarithms.
LINEAR = ("cv2",)
#: Bounds of the logarithms of the scales, in training and after.
LOG_SCALES = (-6.0, 2.0)
#: Conductances count as zero well below this share of their mean.
_FLOOR = 1e-3
#: The network errs more in cells that it has not seen: its scales are taken so many times as wide.
_WIDER = 1.3
#: No cell is excluded for certain: the logarithm of the least probability.
LEAST = float(np.log(1e-14))


def network_inputs(table, noise_std, leak_index, magnitudes) -> np.ndarray:
    """What the network sees of cells: conductances, their logarithms, and those relative to the leak.

    Parameters
    ----------
    table : (n, n_channels) array
        mS/cm**2.
    noise_std : float or (n,) array
        uA/cm**2.
    leak_index : int
    magnitudes : (n_channels,) array
        Mean conductances of the cells trained on, in mS/cm**2.

    Returns
    -------
    (n, 3 n_channels + 1) array
    """
    table = np.asarray(table, dtype=float)
    logarithms = np.log(table / magnitudes + _FLOOR)
    relative = logarithms - logarithms[:, [leak_index]]
    noise = np.broadcast_to(np.sqrt(np.asarray(noise_std, dtype=float)), len(table))
    return np.column_stack([table / magnitudes, logarithms, relative, noise])


def network_targets(activity, figures) -> np.ndarray:
    """(n, n_outputs) figures of each cell's class, in logarithms; NaN for those of other classes.

    Parameters
    ----------
    activity : (n,) array of int
        Index into `ACTIVITIES`.
    figures : mapping of name to (n,) array
    """
    targets = np.full((len(activity), len(OUTPUTS)), np.nan)
    for column, (name, figure) in enumerate(OUTPUTS):
        rows = activity == ACTIVITIES.index(name)
        targets[rows, column] = _scaled(figure, figures[figure][rows])
    return targets


def _scaled(figure, values):
    return values if figure in LINEAR else np.log(np.maximum(values, 1e-9))


@dataclass(frozen=True, eq=False)
class Predictions:
    """What n cells will do.

    Attributes
    ----------
    log_classes : (n, 4) array
        Logarithms of the probabilities of `ACTIVITIES`.
    locations, scales : (n, n_outputs) arrays
        Of the logistic distributions of `OUTPUTS`, for cells of their class, as `network_targets` has them.
    """

    log_classes: np.ndarray
    locations: np.ndarray
    scales: np.ndarray


class Emulator:
    """A trained network with its card.

    Parameters
    ----------
    network : Network
        `network_inputs` to 4 logits, and locations and logarithms of the scales of `OUTPUTS`, in
        units of ``card["scaling"]``.
    card : mapping
    leak_index : int
    """

    def __init__(self, network: Network, card: Mapping[str, Any], leak_index: int):
        self.card, self.leak_index, self._network = card, leak_index, network
        self.magnitudes = np.array(card["magnitudes"], dtype=float)
        #: (n_channels,) largest conductances of the cells that it was trained on, in mS/cm**2.
        self.highest = np.array(card["highest"], dtype=float)
        self.center, self.spread = (
            np.array(card["scaling"][key], dtype=float) for key in ("center", "spread")
        )

    def predict(self, table, noise_std=0.0) -> Predictions:
        """What cells (n, n_channels) in mS/cm**2 will do under current noise (uA/cm**2)."""
        raw = self._network(network_inputs(table, noise_std, self.leak_index, self.magnitudes))
        n_classes, n_outputs = len(ACTIVITIES), len(OUTPUTS)
        logits = raw[:, :n_classes]
        shifted = logits - logits.max(axis=1, keepdims=True, initial=0)
        log_classes = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        locations = self.center + self.spread * raw[:, n_classes : n_classes + n_outputs]
        scales = self.spread * np.exp(np.clip(raw[:, n_classes + n_outputs :], *LOG_SCALES))
        return Predictions(log_classes, locations, scales)

    def log_match(self, table, noise_std, recording: Firing, tolerance: float) -> np.ndarray:
        """How probable it is that cells fire like a recording.

        Parameters
        ----------
        table : (n, n_channels) array
            mS/cm**2.
        noise_std : float
            uA/cm**2.
        recording : Firing
        tolerance : float

        Returns
        -------
        (n,) array
            Logarithms, at least `LEAST`.
        """
        predicted = self.predict(table, noise_std)
        log_match = predicted.log_classes[:, ACTIVITIES.index(recording.activity)].copy()
        limits = tolerances(recording, tolerance)
        for (name, value), limit in zip(recording.figures().items(), limits, strict=True):
            column = OUTPUTS.index((recording.activity, name))
            location, scale = predicted.locations[:, column], _WIDER * predicted.scales[:, column]
            low, high = (_scaled(name, np.array(value + sign * limit)) for sign in (-1, 1))
            within = _below((high - location) / scale) - _below((low - location) / scale)
            log_match += np.log(np.maximum(within, 1e-30))
        return np.maximum(log_match, LEAST)


def _below(z):
    """The logistic distribution function."""
    return 1 / (1 + np.exp(-np.clip(z, -60, 60)))
