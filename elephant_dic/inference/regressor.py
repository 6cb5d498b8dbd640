"""The network: features of a spike train to a distribution over the DICs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..neurons import DIC_NAMES, ENTRY_POINT_GROUP, NeuronModel, family_fingerprint, weights_folder
from ..trains import FEATURES, feature_table, network_scale
from .calibration import is_bursting
from .domain import Domain, Judgement, read_domain
from .estimate import DICEstimate
from .forward_pass import Network
from .mixture import Mixture, Scaling
from .network_files import UNUSABLE, file_state, network_of_card, unusable

N_COMPONENTS = 8
#: Bounds of the logarithms of the scales, in training and after.
LOG_SCALES = (-6.0, 6.0)
_SUFFIXES = (".keras", ".json", ".npz")


def mixture_of(outputs, scaling: Scaling) -> Mixture:
    """The distributions of n cells that network outputs (n, 10 k) stand for, of k components."""
    outputs = np.asarray(outputs, dtype=float)
    raw = outputs.reshape(len(outputs), outputs.shape[1] // 10, 10)  # -1 fails for no cells
    weights = np.exp(raw[..., 0] - raw[..., 0].max(axis=1, keepdims=True))
    factors = np.zeros((*raw.shape[:2], 3, 3))
    factors[..., [0, 1, 2], [0, 1, 2]] = np.exp(np.clip(raw[..., 4:7], *LOG_SCALES))
    factors[..., [1, 2, 2], [0, 0, 1]] = raw[..., 7:10]
    return Mixture(weights / weights.sum(axis=1, keepdims=True), raw[..., 1:4], factors, scaling)


class Regressor:
    """A trained network with its card and its training domain.

    Parameters
    ----------
    network : Network
        Scaled features (n, n_features) to outputs (n, 10 k).
    card : dict
    domain : Domain
    """

    def __init__(self, network: Network, card: Mapping[str, Any], domain: Domain):
        self.card, self.domain, self._network = card, domain, network
        self.scaling = Scaling(**{name: np.array(value, float) for name, value in card["scaling"].items()})
        self._width = np.array([card["width"]["tonic"], card["width"]["bursting"]], dtype=float)

    def scores(self, features) -> np.ndarray:
        """(n,) domain scores of features (n, n_features)."""
        return self.domain.judge(np.atleast_2d(features)).scores

    def mixture(self, features) -> Mixture:
        """What the network says of n cells with features (n, n_features), its width as it was trained."""
        return mixture_of(self._network(network_scale(np.atleast_2d(features))), self.scaling)

    def estimate(self, features) -> list[DICEstimate]:
        """Distributions for features (n, n_features)."""
        return self.judged_estimates(features)[0]

    def judged_estimates(self, features) -> tuple[list[DICEstimate], Judgement]:
        """Distributions for features (n, n_features), and what the domain says of the trains."""
        features = np.atleast_2d(features)
        judgement = self.domain.judge(features)
        width = self._width[is_bursting(features).astype(int)]
        mixture = self.mixture(features).rescaled(width)
        means, stds = mixture.moments()
        estimates = [
            DICEstimate(
                mean=means[i], std=stds[i], names=DIC_NAMES, in_domain=bool(judgement.scores[i] <= 1),
                domain_score=float(judgement.scores[i]), warnings=judgement.reasons[i],
                _mixture=mixture[i], _neuron=self.card["neuron"],
                _weights_sha256=self.card["weights_sha256"],
            )
            for i in range(len(features))
        ]  # fmt: skip
        return estimates, judgement


def load_regressor(neuron: NeuronModel) -> Regressor:
    """The regressor installed for a neuron; it is read once, and again where its files have changed.

    Raises
    ------
    ValueError
        If there is none, or its files are damaged.
    """
    folder = _folder_of(neuron)
    if not (folder / f"{neuron.name}.json").is_file():
        raise ValueError(
            f"no trained network is installed for neuron {neuron.name!r}: train one and put "
            f"{neuron.name}.keras, {neuron.name}.json and {neuron.name}.npz into {folder}"
        )
    return _as_of(
        neuron, folder, tuple(file_state(folder / f"{neuron.name}{suffix}") for suffix in _SUFFIXES)
    )


@lru_cache(maxsize=64)
def _folder_of(neuron):
    folder = weights_folder(neuron)
    if folder is None:
        raise ValueError(
            f"no trained network is installed for neuron {neuron.name!r}: it is not registered by an entry "
            f"point of the group {ENTRY_POINT_GROUP}"
        )
    return folder


@lru_cache(maxsize=8)
def _as_of(neuron, folder, states):
    """The regressor in a folder whose files are in these states."""
    return read_regressor(neuron, folder)


def read_regressor(neuron: NeuronModel, folder) -> Regressor:
    """The regressor that `train_regressor` has written into a folder.

    Nothing in the files is run.

    Raises
    ------
    ValueError
        If files are missing, damaged, of another neuron, of another declaration of it, or of another version
        of the package.
    """
    folder = Path(folder)
    path = folder / f"{neuron.name}.json"
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        features, expected = card["features"], card["weights_sha256"]
        if card["neuron"] != neuron.name:
            raise ValueError(f"it is the card of neuron {card['neuron']!r}")
        if card["family_fingerprint"] != family_fingerprint(neuron):
            raise ValueError("it was trained on cells of another declaration of this neuron")
        if features != [feature.name for feature in FEATURES]:
            raise ValueError("the features that it needs are not those of this version")
        path = folder / f"{neuron.name}.keras"
        network = network_of_card(path, expected)
        path = folder / f"{neuron.name}.npz"
        return Regressor(network, card, read_domain(path))
    except UNUSABLE as error:
        raise unusable("network", neuron.name, path, error) from error


def card_of(neuron: NeuronModel) -> dict[str, Any]:
    """The card of the network that is installed for a neuron; nothing if there is none, or it is damaged."""
    folder = weights_folder(neuron)
    try:
        return json.loads((folder / f"{neuron.name}.json").read_text(encoding="utf-8")) if folder else {}
    except (OSError, ValueError):
        return {}


def infer_from_times(cells, neuron: NeuronModel) -> list[DICEstimate]:
    """Estimates for checked spike times (one list of sweeps a cell)."""
    if not cells:
        return []
    return load_regressor(neuron).estimate(feature_table(neuron, cells))
