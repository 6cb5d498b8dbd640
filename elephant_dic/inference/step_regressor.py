"""The network for current steps: responses at some levels to a distribution over the DICs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..neurons import DIC_NAMES, NeuronModel, fingerprint, weights_folder
from ..trains import STEP_FEATURES
from .estimate import DICEstimate
from .forward_pass import Network
from .mixture import Mixture, Scaling
from .network_files import UNUSABLE, network_of_card, unusable
from .regressor import mixture_of

_OUTSIDE = "its responses to the steps are unlike those that the network was trained on (score {:.2g})"


class StepRegressor:
    """A trained network with its card.

    Parameters
    ----------
    network : Network
        Features (n, 40) to outputs (n, 10 k).
    card : mapping
    """

    def __init__(self, network: Network, card: Mapping[str, Any]):
        self.card, self._network = card, network
        self.scaling = Scaling(**{name: np.array(value, float) for name, value in card["scaling"].items()})

    def mixture(self, features) -> Mixture:
        """What the network says of n cells, its width as it was trained."""
        return mixture_of(self._network(np.atleast_2d(features)), self.scaling)

    def scores(self, features) -> np.ndarray:
        """(n,) how far features are out of the ranges that were trained: above 1 is outside."""
        low, high = np.array(self.card["lowest"]), np.array(self.card["highest"])
        middle, half = (low + high) / 2, np.maximum(high - low, 0.5) / 2
        return (np.abs(np.atleast_2d(features) - middle) / (1.1 * half)).max(axis=1)

    def estimate(self, features) -> list[DICEstimate]:
        """Distributions for features (n, 40)."""
        features = np.atleast_2d(features)
        mixture = self.mixture(features).rescaled(np.tile(self.card["width"], (len(features), 1)))
        means, stds = mixture.moments()
        return [
            DICEstimate(
                mean=means[i], std=stds[i], names=DIC_NAMES, in_domain=bool(score <= 1),
                domain_score=float(score), warnings=() if score <= 1 else (_OUTSIDE.format(score),),
                _mixture=mixture[i], _neuron=self.card["neuron"],
                _weights_sha256=self.card["weights_sha256"],
            )
            for i, score in enumerate(self.scores(features))
        ]  # fmt: skip


def load_step_regressor(neuron: NeuronModel) -> StepRegressor | None:
    """The network for steps that is installed for a neuron; None if there is none.

    Raises
    ------
    ValueError
        If its files are damaged, or of another declaration of the neuron.
    """
    folder = weights_folder(neuron)
    path = None if folder is None else folder / f"{neuron.name}-steps.json"
    return None if path is None or not path.is_file() else read_step_regressor(neuron, path)


def read_step_regressor(neuron: NeuronModel, path: Path) -> StepRegressor:
    """The network of a card."""
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        if card["neuron"] != neuron.name or card["fingerprint"] != fingerprint(neuron):
            raise ValueError("it was trained on cells of another declaration of this neuron")
        if card["features"] != list(STEP_FEATURES):
            raise ValueError("the features that it needs are not those of this version")
        path = path.with_suffix(".keras")
        return StepRegressor(network_of_card(path, card["weights_sha256"]), card)
    except UNUSABLE as error:
        raise unusable("network", neuron.name, path, error) from error
