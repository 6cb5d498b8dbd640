"""Networks in files: read without Keras, checked against their cards, and what is said of unusable ones.

A .keras file is a zip archive of a description in JSON and of weights in HDF5. Nothing in it is run: some
layers are known by name, and any others are refused.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import numpy as np

from ..recordings import reason_against
from .forward_pass import Dense, Network

#: What reading a damaged network, or one of something else, can end in.
UNUSABLE = (
    ValueError, TypeError, LookupError, AttributeError, OSError, EOFError, RuntimeError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip
#: Bytes of a file in the archive, at most; those of the package have a million.
_MOST_BYTES = 2**26
_LEAST_STD = 1e-7  # Keras divides by no less


def file_state(path):
    """What changes when a file is written again; None if it is missing."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def unusable(network: str, neuron_name: str, path: Path, error: Exception) -> ValueError:
    """The error that says which file of a network ("network", "emulator") is why it cannot be used."""
    first_line = (str(error) or type(error).__name__).splitlines()[0]
    if isinstance(error, KeyError) and str(error).count("'") == 2:
        first_line = f"{first_line} is missing in it"
    damaged = isinstance(error, TypeError | LookupError | AttributeError)
    reason = f"it is damaged ({first_line})" if damaged else first_line
    return ValueError(
        f"the {network} of neuron {neuron_name!r} cannot be used, because of {path.name}: {reason}; "
        f"install the package again, or train the {network} again"
    )


def network_of_card(path: Path, expected_hash: str) -> Network:
    """The network in a .keras file, which is refused if it has other weights than its card says."""
    network = read_network(path)
    if network.weights_sha256 != expected_hash:
        raise ValueError("its weights are not those of the card")
    return network


def read_network(path: Path) -> Network:
    """The network in a .keras file: a chain of the layers of `_LAYERS`.

    Raises
    ------
    ValueError
        If it has other layers, or weights of other shapes, or claims more than a network takes. A damaged
        file ends in any of `UNUSABLE`.
    """
    import h5py

    with zipfile.ZipFile(path) as archive:
        description = json.loads(_content(archive, "config.json"))
        config = description.get("config") if isinstance(description, dict) else None
        weights = _content(archive, "model.weights.h5")
    if reason := reason_against(io.BytesIO(weights)):
        raise ValueError(f"its weights cannot be read: {reason}")
    with h5py.File(io.BytesIO(weights), "r") as file:
        taken = _Weights(file)
        layers = list(_layers(config, taken))
    return Network(layers, taken.digest.hexdigest())


def _content(archive, name):
    """A file of the archive, if it claims no more than one of a network takes."""
    if name not in archive.namelist():
        raise ValueError(f"it holds no {name}")
    size = archive.getinfo(name).file_size
    if size > _MOST_BYTES:
        raise ValueError(f"{name} in it claims {size:,} bytes, and a network has at most {_MOST_BYTES:,}")
    return archive.read(name)


class _Weights:
    """The weights in an HDF5 file, taken layer by layer, and the SHA-256 of those that were taken."""

    def __init__(self, file):
        self._file, self._counts, self.digest = file, Counter(), hashlib.sha256()

    def take(self, kind, *shapes):
        """The arrays of the next layer of a kind, of these shapes."""
        number = self._counts[kind]
        self._counts[kind] += 1
        name = f"layers/{kind}_{number}" if number else f"layers/{kind}"
        if f"{name}/vars" not in self._file:
            raise ValueError(f"it holds no weights of {name}")
        group = self._file[f"{name}/vars"]
        numbers = [str(k) for k in range(len(group))]
        found = [group[number] for number in numbers if number in group]
        theirs = [getattr(each, "shape", None) for each in found]
        if theirs != list(shapes):
            raise ValueError(f"the weights of {name} have shapes {theirs}, and not {list(shapes)}")
        arrays = [each[()] for each in found]
        for array, wanted in zip(arrays, shapes, strict=True):
            if wanted and array.dtype.kind != "f":
                raise ValueError(f"the weights of {name} are of type {array.dtype}, which Keras has none of")
            if not np.isfinite(array).all():
                raise ValueError(f"weights of {name} are not finite: its training has failed")
            self.digest.update(np.ascontiguousarray(array).tobytes())
        return [np.asarray(array, dtype=float) for array in arrays]


def _layers(config, weights):
    """The layers of a description, of which each takes what the one before gives."""
    if not (isinstance(config, dict) and config.get("layers")):
        raise ValueError("config.json in it describes no layers")
    first, *others = config["layers"]
    if first["class_name"] != "InputLayer":
        raise ValueError(f"its first layer is {first['class_name']}, no InputLayer")
    if unknown := [layer["class_name"] for layer in others if layer["class_name"] not in _LAYERS]:
        raise ValueError(f"it has a layer {unknown[0]}, and only {', '.join(_LAYERS)} are known")
    (_, width), last = first["config"]["batch_shape"], first["name"]
    for layer in others:
        nodes = layer["inbound_nodes"]
        if len(nodes) != 1 or not nodes[0]["args"]:
            raise ValueError(f"layer {layer['name']} does not follow one other")
        before, *numbers = nodes[0]["args"]
        if before["config"]["keras_history"] != [last, 0, 0]:
            raise ValueError(f"layer {layer['name']} does not follow {last}")
        step, width = _LAYERS[layer["class_name"]](layer["config"], weights, width, *map(float, numbers))
        last = layer["name"]
        yield step
    if config["output_layers"] not in ([last, 0, 0], [[last, 0, 0]]):
        raise ValueError(f"its output is not that of its last layer, {last}")


def _normalization(config, weights, width):
    _demand(config, axis=[-1], invert=False, mean=None, variance=None)
    mean, variance, _ = weights.take("normalization", (width,), (width,), ())
    if (variance < 0).any():
        raise ValueError("the normalization has negative variances")
    std = np.maximum(np.sqrt(variance), _LEAST_STD)
    return lambda x: (x - mean) / std, width


def _dense(config, weights, width):
    _demand(config, use_bias=True)
    n, activation = config["units"], config["activation"]
    if activation not in ("silu", "linear"):
        raise ValueError(f"the activation of a layer is {activation!r}, and only silu and linear are known")
    kernel, bias = weights.take("dense", (width, n), (n,))
    return Dense(kernel, bias, activation == "silu"), n


def _relu(config, weights, width):
    _demand(config, negative_slope=0, threshold=0)
    highest = float(config["max_value"])
    return lambda x: np.clip(x, 0, highest), width


def _add(config, weights, width, number):
    return lambda x: x + number, width


def _subtract(config, weights, width, number):
    return lambda x: x - number, width


def _demand(config, **wanted):
    for key, value in wanted.items():
        if config[key] != value:
            raise ValueError(
                f"{key} of layer {config['name']} is {config[key]!r}, and only {value!r} is known"
            )


_LAYERS = {
    "Normalization": _normalization,
    "Dense": _dense,
    "ReLU": _relu,
    "Add": _add,
    "Subtract": _subtract,
}
