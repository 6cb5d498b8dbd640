"""Networks in files: whether they are those of their cards, and what is said of those that cannot be used."""

from __future__ import annotations

import hashlib
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

#: What reading a damaged network, or one of something else, can end in.
UNUSABLE = (ValueError, TypeError, KeyError, OSError, BadZipFile)


def weights_hash(model) -> str:
    """SHA-256 of a Keras model's weights: its file also holds a date."""
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()


def file_state(path):
    """What changes when a file is written again; None if it is missing."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def keras_model(path, expected_hash):
    """The Keras model in a file, which is refused if it holds code or other weights than its card says."""
    import keras

    model = keras.models.load_model(path, compile=False, safe_mode=True)
    if weights_hash(model) != expected_hash:
        raise ValueError("its weights are not those of the card")
    return model


def unusable(network: str, neuron_name: str, path: Path, error: Exception) -> ValueError:
    """The error that says which file of a network ("network", "emulator") is why it cannot be used."""
    reason = f"{error} is missing in it" if isinstance(error, KeyError) else str(error).splitlines()[0]
    return ValueError(
        f"the {network} of neuron {neuron_name!r} cannot be used, because of {path.name}: {reason}; "
        f"install the package again, or train the {network} again"
    )
