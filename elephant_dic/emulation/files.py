"""Emulators in files: ``NAME-emulator.keras`` and its card, ``NAME-emulator.json``, beside the regressor."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from ..inference import UNUSABLE, file_state, network_of_card, unusable
from ..neurons import NeuronModel, fingerprint, weights_folder
from .emulator import OUTPUTS, Emulator

_SUFFIXES = (".keras", ".json")


def load_emulator(neuron: NeuronModel) -> Emulator | None:
    """The emulator that comes with a neuron, if one does; it is read once, and again where it has changed.

    Raises
    ------
    ValueError
        If it is damaged, or of another declaration of the neuron.
    """
    folder = weights_folder(neuron)
    if folder is None or not _paths(neuron, folder)[1].is_file():
        return None
    return _as_of(neuron, folder, tuple(map(file_state, _paths(neuron, folder))))


@lru_cache(maxsize=8)
def _as_of(neuron, folder, states):
    """The emulator in a folder whose files are in these states."""
    return read_emulator(neuron, folder)


def _paths(neuron, folder):
    return [Path(folder) / f"{neuron.name}-emulator{suffix}" for suffix in _SUFFIXES]


def read_emulator(neuron: NeuronModel, folder) -> Emulator:
    """The emulator that `train_emulator` has written into a folder; nothing in the files is run.

    Raises
    ------
    ValueError
        If files are missing, damaged, of another neuron or of another declaration of it.
    """
    network, path = _paths(neuron, folder)
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        if card["neuron"] != neuron.name:
            raise ValueError(f"it is the card of neuron {card['neuron']!r}")
        if card["fingerprint"] != fingerprint(neuron):
            raise ValueError("it was trained on cells of another declaration of this neuron")
        if card["outputs"] != [list(output) for output in OUTPUTS]:
            raise ValueError("the figures that it tells are not those of this version")
        path = network
        return Emulator(network_of_card(path, card["weights_sha256"]), card, neuron.leak_index)
    except UNUSABLE as error:
        raise unusable("emulator", neuron.name, path, error) from error
