"""Training of a neuron's regressor: simulated cells to windows of spikes, features, network, card."""

from __future__ import annotations

import json
import os
from concurrent.futures import Executor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import quantities as pq

from .._version import __version__
from ..arguments import check_seed
from ..inference import (
    LOG_SCALES,
    N_COMPONENTS,
    Domain,
    Regressor,
    Scaling,
    fit_factors,
    foreign_features,
    is_bursting,
    keras_seeded,
    sample_domain,
)
from ..neurons import DIC_NAMES, NeuronModel, family_fingerprint, get_neuron
from ..populations import whole_file
from ..simulation import map_chunks, progress_bar
from ..trains import FEATURES, MIN_SPIKES, VIEWS, clean_times, feature_table, network_scale
from .firing_range import firing_range
from .keras_files import load_keras, network_of, save_model
from .manifest import check_manifest, training_in
from .optimiser import compile_model
from .sets import CELLS_PER_CHUNK, generate, recorded_time, save_whole, seed_of
from .strangers import effective_dics

#: Of the windows taken; which cells there are is set by the seed of the training set.
_VIEWS_SEED = 7
_HIDDEN, _LAYERS, _BATCH, _RATE = 256, 4, 512, 1e-3
#: One cell of so many is kept from training, for the loss shown and the threshold of the domain.
_HELD_OUT = 50
#: One stranger is simulated for so many cells.
_CELLS_PER_STRANGER = 5
#: Foreign trains are made of the cells of so many chunks.
_FOREIGN_CHUNKS = 30


def featurise(neuron: NeuronModel, spikes, counts, chunk):
    """Features of views of the cells of one chunk.

    Parameters
    ----------
    neuron : NeuronModel
    spikes, counts : arrays
        As in `training_sets.make_chunk`.
    chunk : int
        Number of the chunk, which seeds the views.

    Returns
    -------
    features : (n, n_features) float32 array
    cells : (n,) int array
        Index of the cell in its chunk.
    views : (n,) int array
        Index into `views.VIEWS`.
    """
    rng = np.random.default_rng([_VIEWS_SEED, chunk])
    windows, cells, views = [], [], []
    for cell, times in enumerate(np.split(spikes.astype(float), np.cumsum(counts)[:-1])):
        if not len(times):
            continue
        for index, (view, share) in enumerate(VIEWS.items()):
            for _ in range(int(share + rng.random())):
                window = clean_times([view(times, neuron, rng)])
                if sum(map(len, window)) >= MIN_SPIKES:
                    windows.append(window)
                    cells.append(cell)
                    views.append(index)
    features = feature_table(neuron, windows) if windows else np.empty((0, len(FEATURES)))
    return features.astype(np.float32), np.array(cells, dtype=int), np.array(views, dtype=int)


def featurise_all(neuron: NeuronModel, paths, executor=None, progress=False):
    """Features of all chunks, kept beside them: (features, dics, cells, views), one row a view."""
    made_with = {
        "family_fingerprint": family_fingerprint(neuron),
        "features": [feature.name for feature in FEATURES],
        "views": {view.__name__: share for view, share in VIEWS.items()},
        "package_version": __version__,
    }
    check_manifest(paths[0].parent / "features.json", made_with, "features_*.npz")
    missing = [path for path in paths if not _features_path(path).exists()]
    jobs = [(neuron, path) for path in missing]
    with progress_bar(len(missing), "features", "chunk", progress) as bar:
        map_chunks(
            _featurise_chunk, jobs, lambda index, _: bar.update(), executor, processes=True,
            resume=f"the features in {paths[0].parent} are kept",
        )  # fmt: skip
    features, dics, cells, views, n_cells = [], [], [], [], 0
    for path in paths:
        with np.load(_features_path(path)) as part, np.load(path) as chunk:
            features.append(part["features"])
            dics.append(chunk["dics"][part["cells"]])
            cells.append(part["cells"] + n_cells)
            views.append(part["views"])
            n_cells += len(chunk["counts"])
    return tuple(map(np.concatenate, (features, dics, cells, views)))


def _features_path(path):
    return path.with_name(path.name.replace("chunk", "features"))


def _featurise_chunk(neuron, path):
    with np.load(path) as chunk:
        features, cells, views = featurise(
            neuron, chunk["spikes"], chunk["counts"], int(path.stem.split("_")[1])
        )
    save_whole(_features_path(path), features=features, cells=cells, views=views)


def make_scaling(neuron: NeuronModel, dics) -> Scaling:
    """Bounds from the training box, centre and scale from the training set."""
    low, high = np.full(3, -np.inf), np.full(3, np.inf)
    for name, bounds in neuron.training.targets.items():
        low[DIC_NAMES.index(name)], high[DIC_NAMES.index(name)] = bounds
    unscaled = Scaling(low, high, np.zeros(3), np.ones(3)).forward(dics)
    return Scaling(low, high, unscaled.mean(axis=0), unscaled.std(axis=0))


def build_network(scaled_features):
    """An untrained network, its input standardised by the given features (n, n_features)."""
    import keras

    normalise = keras.layers.Normalization()
    normalise.adapt(scaled_features)
    inputs = keras.Input((scaled_features.shape[1],))
    x = keras.layers.ReLU(max_value=16.0)(normalise(inputs) + 8.0)  # clipped to 8 standard deviations
    x = x - 8.0
    for _ in range(_LAYERS):
        x = keras.layers.Dense(_HIDDEN, activation="silu")(x)
    outputs = keras.layers.Dense(10 * N_COMPONENTS)(x)
    return keras.Model(inputs, outputs)


def negative_log_likelihood(targets, outputs):
    """Of scaled DICs (n, 3) under the mixtures that the outputs (n, 10 k) stand for."""
    from keras import ops

    raw = ops.reshape(outputs, (-1, N_COMPONENTS, 10))
    offset = targets[:, None, :] - raw[..., 1:4]
    log_scale = ops.clip(raw[..., 4:7], *LOG_SCALES)
    # Forward substitution with the lower triangular factor.
    z1 = offset[..., 0] * ops.exp(-log_scale[..., 0])
    z2 = (offset[..., 1] - raw[..., 7] * z1) * ops.exp(-log_scale[..., 1])
    z3 = (offset[..., 2] - raw[..., 8] * z1 - raw[..., 9] * z2) * ops.exp(-log_scale[..., 2])
    log_density = -0.5 * (z1**2 + z2**2 + z3**2) - ops.sum(log_scale, axis=-1)
    log_weights = raw[..., 0] - ops.logsumexp(raw[..., 0], axis=-1, keepdims=True)
    return -ops.logsumexp(log_weights + log_density, axis=-1)


def fit(features, targets, validation, *, epochs, seed, verbose=0):
    """Train a network on features on the network's scale and scaled DICs.

    Returns
    -------
    model : keras.Model
    history : dict of lists
    """
    with keras_seeded(seed):
        return _fitted(features, targets, validation, epochs, verbose)


def _fitted(features, targets, validation, epochs, verbose):
    model = build_network(features)
    steps = epochs * -(-len(features) // _BATCH)
    compile_model(model, negative_log_likelihood, steps, rate=_RATE, weight_decay=1e-4)
    history = model.fit(
        features,
        targets,
        batch_size=_BATCH,
        epochs=epochs,
        validation_data=validation,
        verbose=verbose,
    )
    return model, history.history


def train_regressor(
    neuron: str | NeuronModel,
    folder: str | os.PathLike[str],
    *,
    n_cells: int = 200_000,
    duration: pq.Quantity | None = None,
    epochs: int = 30,
    seed: int | None = None,
    executor: Executor | None = None,
    progress: bool = False,
) -> dict:
    """Simulate cells, train a network on them, and write its weights and card.

    Parameters
    ----------
    neuron : str or NeuronModel
    folder : path
        Receives ``set/`` and ``broad/`` with the simulated cells, and ``NAME.keras``, ``NAME.json`` and
        ``NAME.npz``. Cells and features already there are used: an interrupted run goes on.
    n_cells : int
    duration : Quantity, optional
        Time recorded of a cell, after it has settled. Default: two windows, or 9 s if that is more.
    epochs : int
        Default: 30.
    seed : int, optional
        Default: that of the run that the folder holds, else a drawn one. It is written into the card.
    executor : concurrent.futures.Executor, optional
        For cells and features. Default: our own processes, one a core; the result is the same with any.
    progress : bool

    Returns
    -------
    dict
        The card.

    Raises
    ------
    TypeError
        If the duration has no unit.
    ValueError
        If the folder holds cells or features that were made otherwise, or another process trains in it.
    """
    neuron, folder = get_neuron(neuron), Path(folder)
    length = recorded_time(neuron, duration)
    with training_in(folder):
        seed = check_seed(seed_of(folder) if seed is None else seed)
        return _trained(neuron, folder, n_cells, length, epochs, seed, executor, progress)


def _trained(neuron, folder, n_cells, length, epochs, seed, executor, progress) -> dict:
    """The card of a network that has been trained and written into a folder."""
    features, dics, cells, views, n_family, foreign = _simulated(
        neuron, folder, n_cells, length, seed, executor, progress
    )
    held_out = cells % _HELD_OUT == 0
    scaled = network_scale(features).astype(np.float32)
    scaling = make_scaling(neuron, dics[~held_out])
    targets = scaling.forward(dics).astype(np.float32)
    load_keras()
    model, history = fit(
        scaled[~held_out], targets[~held_out], (scaled[held_out], targets[held_out]),
        epochs=epochs, seed=seed, verbose=2 if progress else 0,
    )  # fmt: skip
    network = network_of(model)
    domain = sample_domain(features, held_out, ~held_out, foreign, seed, cells >= n_family)
    family = held_out & (cells < n_family)
    card = {
        "neuron": neuron.name,
        "family_fingerprint": family_fingerprint(neuron),
        "created": datetime.now(UTC).date().isoformat(),
        "command": f"train_regressor({neuron.name!r}, …, n_cells={n_cells}, duration={length} * pq.ms, "
        f"epochs={epochs}, seed={seed})",
        "seed": seed,
        "n_cells_firing": len(np.unique(cells)),
        "n_windows": len(features),
        "windows": {view.__name__: int((views == i).sum()) for i, view in enumerate(VIEWS)},
        "features": [feature.name for feature in FEATURES],
        "scaling": {name: _finite_or_none(values) for name, values in vars(scaling).items()},
        "firing": firing_range(sorted((folder / "set").glob("chunk_*.npz")), length),
        "loss": {"training": history["loss"], "held_out": history["val_loss"]},
        "versions": {name: version(name) for name in ("keras", "tensorflow", "numpy", "elephant")}
        | {"elephant_dic": __version__},
        "width": {"tonic": [1.0] * 3, "bursting": [1.0] * 3},
        "weights_sha256": network.weights_sha256,
    } | _n_simulated(neuron, n_cells)
    card["width"] = width_factors(Regressor(network, card, domain), features[family], dics[family])
    card["held_out"] = _figures(
        Regressor(network, card, domain), features[family], dics[family], views[family]
    )
    save_regressor(model, card, domain, folder)
    return card


def _simulated(neuron, folder, n_cells, duration, seed, executor, progress):
    """Features, DICs, cells and views of the cells of the training box and of the strangers after them.

    The last of what is returned are the number of the former and features of foreign trains.
    """

    def paths_of(name, n, broad):
        return generate(
            neuron, n, folder / name, duration=duration, seed=seed, broad=broad, executor=executor,
            progress=progress,
        )  # fmt: skip

    paths = paths_of("set", n_cells, broad=False)
    family = featurise_all(neuron, paths, executor, progress)
    foreign = foreign_features(neuron, paths[:_FOREIGN_CHUNKS], seed)
    n_family, n_strangers = _n_simulated(neuron, n_cells).values()
    if n_strangers == 0:
        return *family, n_family, foreign
    paths = paths_of("broad", n_strangers, broad=True)
    strangers = featurise_all(neuron, paths, executor, progress)
    more = list(effective_dics(family, strangers, np.random.default_rng(seed)))
    more[2] += n_family
    return *map(np.concatenate, zip(family, more, strict=True)), n_family, foreign


def width_factors(regressor, features, dics):
    """Factors of `calibration` for tonic and for bursting trains, for the card."""
    mixture, bursting = regressor.mixture(features), is_bursting(features)
    return {
        name: fit_factors(mixture[rows], dics[rows]).round(4).tolist()
        for name, rows in (("tonic", ~bursting), ("bursting", bursting))
    }


def _figures(regressor, features, dics, views):
    """For the card, by view: errors of the mean, coverage of central intervals, share in the domain.

    A view that no train has, among few, is left out.
    """
    figures = {}
    for index, view in enumerate(VIEWS):
        rows = views == index
        if not rows.any():
            continue
        estimates = regressor.estimate(features[rows])
        errors = np.abs([estimate.mean for estimate in estimates] - dics[rows])
        below = np.array([e.probability_below(d) for e, d in zip(estimates, dics[rows], strict=True)])
        figures[view.__name__] = {
            "mean_absolute_error": errors.mean(axis=0).round(3).tolist(),
            **{
                f"inside_{level}": (np.abs(below - 0.5) <= level / 2).mean(axis=0).round(4).tolist()
                for level in (0.68, 0.95)
            },
            "in_domain": round(float(np.mean([estimate.in_domain for estimate in estimates])), 4),
        }
    return figures


def _n_simulated(neuron, n_cells):
    """Numbers of cells and of strangers: chunks are whole."""
    n_strangers = n_cells // _CELLS_PER_STRANGER if neuron.training.strangers else 0
    whole = [-(-n // CELLS_PER_CHUNK) * CELLS_PER_CHUNK for n in (n_cells, n_strangers)]
    return dict(zip(("n_cells_simulated", "n_strangers_simulated"), whole, strict=True))


def _finite_or_none(values):
    """JSON knows no infinity."""
    return [float(value) if np.isfinite(value) else None for value in values]


def save_regressor(model, card, domain: Domain, folder):
    """Write ``NAME.keras`` (without the optimiser), ``NAME.json`` and ``NAME.npz``."""
    name = card["neuron"]
    with whole_file(folder / f"{name}.keras") as path:
        save_model(model, path)
    with whole_file(folder / f"{name}.npz") as path:
        np.savez_compressed(path, **domain.arrays())
    with whole_file(folder / f"{name}.json") as path:  # last: it names the weights that it is of
        path.write_text(json.dumps(card, indent=1, allow_nan=False) + "\n", encoding="utf-8")
