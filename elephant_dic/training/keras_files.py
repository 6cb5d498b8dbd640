"""Keras models to files, and to what is read from these without Keras."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from ..inference import Network, read_network


def load_keras() -> None:
    """Import Keras without TensorFlow's remarks on the machine, unless the user has chosen to read them.

    Some are written before it looks at TF_CPP_MIN_LOG_LEVEL (tensorflow#100442).
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ or "tensorflow" in sys.modules:
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sys.stderr.flush()
    shown, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import keras  # noqa: F401
    finally:
        os.dup2(shown, 2)
        os.close(shown)
        os.close(nowhere)


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
