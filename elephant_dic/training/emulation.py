"""Training of a neuron's emulator: simulated cells with what they did, to network and card."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from concurrent.futures import Executor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import quantities as pq

from .._version import __version__
from ..arguments import check_seed
from ..emulation import LOG_SCALES, OUTPUTS, Emulator, network_inputs, network_targets
from ..inference import keras_seeded
from ..neurons import NeuronModel, fingerprint, get_neuron
from ..populations import whole_file
from ..trains import ACTIVITIES, FIGURES, firings_of
from .keras_files import load_keras, network_of, save_model
from .manifest import training_in
from .optimiser import compile_model
from .sets import generate, recorded_time, seed_of

_HIDDEN, _LAYERS, _BATCH, _RATE = 128, 3, 512, 2e-3
#: One cell of so many is kept from training, for the errors on the card.
_HELD_OUT = 50
#: One cell with any conductances is simulated for so many of the training box.
_CELLS_PER_BROAD = 2


def train_emulator(
    neuron: str | NeuronModel,
    folder: str | os.PathLike[str],
    *,
    n_cells: int = 200_000,
    duration: pq.Quantity | None = None,
    epochs: int = 40,
    seed: int | None = None,
    executor: Executor | None = None,
    progress: bool = False,
) -> dict[str, Any]:
    """Train the network that tells what a cell will do, by which populations are drawn, and write it.

    Parameters
    ----------
    neuron : str or NeuronModel
    folder : path
        As in `train_regressor`, whose cells in ``set/`` are used; half as many with any conductances are in
        ``broad/``, if the neuron declares ranges. Receives ``NAME-emulator.keras`` and the card,
        ``NAME-emulator.json``.
    n_cells, duration, seed, executor, progress
        As in `train_regressor`.
    epochs : int
        Default: 40.

    Returns
    -------
    dict
        The card.

    Raises
    ------
    TypeError
        If the duration has no unit.
    ValueError
        If the folder holds cells that were made otherwise, or another process trains in it.
    """
    neuron, folder = get_neuron(neuron), Path(folder)
    length = recorded_time(neuron, duration)
    with training_in(folder):
        seed = check_seed(seed_of(folder) if seed is None else seed)
        return _trained(neuron, folder, n_cells, length, epochs, seed, executor, progress)


def _trained(neuron, folder, n_cells, length, epochs, seed, executor, progress) -> dict[str, Any]:
    """The card of an emulator that has been trained and written into a folder."""

    def paths_of(name, n, broad):
        return generate(
            neuron, n, folder / name, duration=length, seed=seed, broad=broad, executor=executor,
            progress=progress,
        )  # fmt: skip

    paths = paths_of("set", n_cells, broad=False)
    if neuron.broad is not None:
        paths += paths_of("broad", n_cells // _CELLS_PER_BROAD, broad=True)
    parts = [observe(path, length) for path in paths]
    order = np.random.default_rng(seed).permutation(sum(len(part["activity"]) for part in parts))
    cells = {name: np.concatenate([part[name] for part in parts])[order] for name in parts[0]}
    load_keras()
    model, learnt = fit_emulator(
        cells, neuron.leak_index, seed=seed, epochs=epochs, verbose=2 if progress else 0
    )
    network = network_of(model)
    card = {
        "neuron": neuron.name,
        "fingerprint": fingerprint(neuron),
        "created": datetime.now(UTC).date().isoformat(),
        "command": f"train_emulator({neuron.name!r}, …, n_cells={n_cells}, duration={length} * pq.ms, "
        f"epochs={epochs}, seed={seed})",
        "seed": seed,
        "n_cells": {name: int((cells["activity"] == i).sum()) for i, name in enumerate(ACTIVITIES)},
        "highest": cells["conductances"].max(axis=0).tolist(),
        "outputs": [list(output) for output in OUTPUTS],
        "versions": {name: version(name) for name in ("keras", "tensorflow", "numpy")}
        | {"elephant_dic": __version__},
        "weights_sha256": network.weights_sha256,
    } | learnt
    held_out = {name: values[_is_held_out(len(order))] for name, values in cells.items()}
    card["held_out"] = errors_of(Emulator(network, card, neuron.leak_index), held_out)
    save_emulator(model, card, folder)
    return card


def save_emulator(model, card: Mapping[str, Any], folder: Path) -> None:
    """Write ``NAME-emulator.keras`` (without the optimiser) and ``NAME-emulator.json``."""
    stem = f"{card['neuron']}-emulator"
    with whole_file(folder / f"{stem}.keras") as path:
        save_model(model, path)
    with whole_file(folder / f"{stem}.json") as path:
        path.write_text(json.dumps(card, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _is_held_out(n):
    return np.arange(n) % _HELD_OUT == 0


def observe(path, duration) -> dict[str, np.ndarray]:
    """The cells of a chunk of a training set, and what they did.

    Parameters
    ----------
    path : Path
    duration : float
        ms for which they were recorded.

    Returns
    -------
    dict of arrays
        ``conductances`` (n, n_channels), ``noise_std`` (n,), ``activity`` (n,), and a row (n,) for each of
        `FIGURES`.
    """
    with np.load(path) as chunk:
        trains = np.split(chunk["spikes"].astype(float), np.cumsum(chunk["counts"])[:-1])
        found = firings_of(trains, duration)
        rows = np.array([each.row() for each in found])
        return {
            "conductances": chunk["conductances"],
            "noise_std": chunk["noise_std"],
            "activity": np.array([ACTIVITIES.index(each.activity) for each in found]),
            **dict(zip(FIGURES, rows.T, strict=True)),
        }


def negative_log_likelihood(truth, outputs):
    """Of the class, and of the figures that the class has.

    Parameters
    ----------
    truth : (n, 4 + 2 n_outputs) tensor
        The class (1 for it, 0 for others), scaled figures, and 1 for each that the cell has.
    outputs : (n, 4 + 2 n_outputs) tensor
    """
    from keras import ops

    n_classes, end = len(ACTIVITIES), len(ACTIVITIES) + len(OUTPUTS)
    log_classes = outputs[:, :n_classes] - ops.logsumexp(outputs[:, :n_classes], axis=1, keepdims=True)
    log_scales = ops.clip(outputs[:, end:], *LOG_SCALES)
    z = ops.abs(truth[:, n_classes:end] - outputs[:, n_classes:end]) * ops.exp(-log_scales)
    logistic = z + 2 * ops.softplus(-z) + log_scales
    return ops.sum(truth[:, end:] * logistic, axis=1) - ops.sum(truth[:, :n_classes] * log_classes, axis=1)


def build(inputs):
    """An untrained network, its input standardised by the given cells (n, n_inputs)."""
    import keras

    normalise = keras.layers.Normalization()
    normalise.adapt(inputs)
    first = keras.Input((inputs.shape[1],))
    x = normalise(first)
    for _ in range(_LAYERS):
        x = keras.layers.Dense(_HIDDEN, activation="silu")(x)
    return keras.Model(first, keras.layers.Dense(len(ACTIVITIES) + 2 * len(OUTPUTS))(x))


def fit_emulator(cells, leak_index, *, seed, epochs, verbose=0):
    """Train a network on observed cells.

    Parameters
    ----------
    cells : mapping of arrays
        As `observe` gives them.
    leak_index, seed, epochs, verbose : int

    Returns
    -------
    model : keras.Model
    learnt : dict
        ``magnitudes``, ``scaling`` and ``loss``, for the card.
    """
    magnitudes = cells["conductances"].mean(axis=0)
    inputs = network_inputs(cells["conductances"], cells["noise_std"], leak_index, magnitudes)
    targets = network_targets(cells["activity"], cells)
    has = np.isfinite(targets)
    # A figure that no cell has, or all have alike, is not learnt.
    center = np.array([_over(np.mean, targets[has[:, k], k], 0.0) for k in range(len(OUTPUTS))])
    spread = np.array([_over(np.std, targets[has[:, k], k], 0.0) or 1.0 for k in range(len(OUTPUTS))])
    scaled = np.where(has, (targets - center) / spread, 0)
    classes = np.eye(len(ACTIVITIES))[cells["activity"]]
    truth = np.hstack([classes, scaled, has]).astype(np.float32)
    held_out = _is_held_out(len(truth))
    with keras_seeded(seed):
        model, history = _fitted(inputs.astype(np.float32), truth, held_out, epochs, verbose)
    scaling = {"center": center.tolist(), "spread": spread.tolist()}
    loss = {"training": history["loss"], "held_out": history["val_loss"]}
    return model, {"magnitudes": magnitudes.tolist(), "scaling": scaling, "loss": loss}


def _over(function, values, otherwise):
    return float(function(values)) if len(values) else otherwise


def _fitted(inputs, truth, held_out, epochs, verbose):
    model = build(inputs[~held_out])
    steps = epochs * -(-len(inputs) // _BATCH)
    compile_model(model, negative_log_likelihood, steps, rate=_RATE, weight_decay=1e-5)
    history = model.fit(
        inputs[~held_out], truth[~held_out], batch_size=_BATCH, epochs=epochs, verbose=verbose,
        validation_data=(inputs[held_out], truth[held_out]),
    )  # fmt: skip
    return model, history.history


def errors_of(emulator: Emulator, cells) -> dict[str, Any]:
    """For the card: how often the class is right, and errors and coverage by figure.

    Parameters
    ----------
    emulator : Emulator
    cells : mapping of arrays
        As `observe` gives them.

    Returns
    -------
    dict
        ``class``, and by class and figure the median error and that of which 90 % of cells have less (of
        logarithms, but for CV2), and the share of cells in the central 68 and 95 %; nothing of figures that
        no cell has.
    """
    predicted = emulator.predict(cells["conductances"], cells["noise_std"])
    right = predicted.log_classes.argmax(axis=1) == cells["activity"]
    targets = network_targets(cells["activity"], cells)
    errors: dict[str, Any] = {"class": round(float(right.mean()), 4)}
    for column, (activity, figure) in enumerate(OUTPUTS):
        has = np.isfinite(targets[:, column])
        if not has.any():
            continue
        error = np.abs(targets[has, column] - predicted.locations[has, column])
        z = error / predicted.scales[has, column]
        errors[f"{activity} {figure}"] = {
            "median_error": round(float(np.median(error)), 4),
            "error_of_90": round(float(np.quantile(error, 0.9)), 4),
            "inside_0.68": round(float((z < np.log(1.68 / 0.32)).mean()), 3),
            "inside_0.95": round(float((z < np.log(1.95 / 0.05)).mean()), 3),
        }
    return errors
