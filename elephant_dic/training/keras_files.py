"""Keras models to files, and to what is read from these without Keras."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from ..inference import Network, read_network


def save_model(model, path: Path) -> None:
    """Write a Keras model without its optimiser."""
    import keras

    keras.Model(model.inputs, model.outputs).save(path)


def network_of(model) -> Network:
    """The network that is read from a Keras model's file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "network.keras"
        save_model(model, path)
        return read_network(path)
