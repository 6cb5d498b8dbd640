"""Training of a neuron's network for current steps: cells under steps, features of some levels, DICs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from .._version import __version__
from ..inference import Scaling, StepRegressor, fit_factors
from ..neurons import NeuronModel, dics_of, fingerprint
from ..populations import whole_file
from ..simulation import simulate
from ..trains import STEP_FEATURES, features_of_levels
from .keras_files import load_keras, network_of, save_model
from .network import fit

#: ms: before the step, of the step; levels of a cell, and of the views of it that are trained.
_SETTLING, _DURATIONS, _N_LEVELS, _N_VIEWS, _FEWEST = 500.0, (500.0, 1000.0), 12, 4, 2
#: uA/cm**2.
_LOWEST, _HIGHEST = -1.5, 12.5
#: One cell of so many is kept from training.
_HELD_OUT = 20


def simulated_levels(neuron: NeuronModel, table: np.ndarray, seed: int, progress: bool = False):
    """Cells at densities of their own.

    Returns
    -------
    densities : (n, 12) array
        uA/cm**2; the first is rest.
    figures : (n, 12, 2, 3) array
        Rate in Hz, latency and adaptation in the first half second and in a second.
    """
    rng = np.random.default_rng([seed, 3])
    densities = np.zeros((len(table), _N_LEVELS))
    densities[:, 1] = _LOWEST * rng.random(len(table))
    strata = (np.arange(_N_LEVELS - 2) + rng.random((len(table), _N_LEVELS - 2))) / (_N_LEVELS - 2)
    densities[:, 2:] = _HIGHEST * strata**2
    settled = simulate(neuron, table, _SETTLING, keep_states=True, progress=progress).states
    figures = np.full((*densities.shape, 2, 3), np.nan)
    for k in range(_N_LEVELS):
        run = simulate(
            neuron, table, _DURATIONS[-1], currents=densities[:, k], states=settled, progress=progress
        )
        for i, times in enumerate(run.spike_times):
            for d, duration in enumerate(_DURATIONS):
                figures[i, k, d] = _figures(times[times < duration], duration, k == 0)
    return densities, figures


def _figures(times, duration, is_rest):
    latency = times[0] if len(times) and not is_rest else np.nan
    many = len(times) >= 4 and not is_rest
    adaptation = (times[-1] - times[-2]) / (times[1] - times[0]) if many else np.nan
    return 1000.0 * len(times) / duration, latency, adaptation


def views_of(densities, figures, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features of some of the levels of each cell: (n_views, n_features), and the cell of each."""
    rng = np.random.default_rng([seed, 4])
    features, cells = [], []
    for cell in range(len(densities)):
        for _ in range(_N_VIEWS):
            chosen = rng.choice(_N_LEVELS, size=rng.integers(_FEWEST, _N_LEVELS + 1), replace=False)
            which = figures[cell, chosen, rng.integers(len(_DURATIONS))]
            features.append(features_of_levels(densities[cell, chosen], *which.T))
            cells.append(cell)
    return np.array(features), np.array(cells)


def train_step_network(
    neuron: NeuronModel, table: np.ndarray, folder: Path, *, command: str, epochs: int = 20, seed: int = 0,
    progress=False,
) -> dict:  # fmt: skip
    """Simulate cells under steps, train a network on them, and write ``NAME-steps.keras`` and its card.

    Parameters
    ----------
    neuron : NeuronModel
    table : (n, n_columns) array
        The cells.
    folder : Path
    command : str
        For the card: what made it.
    epochs, seed : int
    progress : bool

    Returns
    -------
    dict
        The card.
    """
    densities, figures = simulated_levels(neuron, table, seed, progress)
    dics = dics_of(neuron, table)
    features, cells = views_of(densities, figures, seed)
    held_out = cells % _HELD_OUT == 0
    scaling = _scaling(dics)
    targets = scaling.forward(dics).astype(np.float32)[cells]
    load_keras()
    model, history = fit(
        features[~held_out].astype(np.float32), targets[~held_out],
        (features[held_out].astype(np.float32), targets[held_out]),
        epochs=epochs, seed=seed, verbose=2 if progress else 0,
    )  # fmt: skip
    network = network_of(model)
    low, high = np.quantile(features[~held_out], (0.0005, 0.9995), axis=0)
    card = {
        "neuron": neuron.name,
        "fingerprint": fingerprint(neuron),
        "created": datetime.now(UTC).date().isoformat(),
        "command": command,
        "seed": seed,
        "n_cells": len(table),
        "n_views": len(features),
        "features": list(STEP_FEATURES),
        "lowest": low.tolist(),
        "highest": high.tolist(),
        "scaling": {name: values.tolist() for name, values in vars(scaling).items()},
        "loss": {"training": history["loss"], "held_out": history["val_loss"]},
        "versions": {"elephant_dic": __version__},
        "width": [1.0] * 3,
        "weights_sha256": network.weights_sha256,
    }
    regressor = StepRegressor(network, card)
    card["width"] = fit_factors(regressor.mixture(features[held_out]), dics[cells[held_out]]).tolist()
    card["held_out"] = _held_out(StepRegressor(network, card), features[held_out], dics[cells[held_out]])
    name = f"{neuron.name}-steps"
    with whole_file(folder / f"{name}.keras") as path:
        save_model(model, path)
    with whole_file(folder / f"{name}.json") as path:
        path.write_text(json.dumps(card, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return card


def _scaling(dics):
    """Bounds a little beyond the DICs of all cells; centre and scale between them."""
    low, high = dics.min(axis=0), dics.max(axis=0)
    margin = 0.05 * (high - low)
    unscaled = Scaling(low - margin, high + margin, np.zeros(3), np.ones(3)).forward(dics)
    return Scaling(low - margin, high + margin, unscaled.mean(axis=0), unscaled.std(axis=0))


def _held_out(regressor, features, dics):
    """For the card: share of the variance explained, error of the mean, coverage of intervals, in domain."""
    estimates = regressor.estimate(features)
    means = np.array([estimate.mean for estimate in estimates])
    below = np.array([e.probability_below(d) for e, d in zip(estimates, dics, strict=True)])
    return {
        "r_squared": (1 - ((means - dics) ** 2).mean(axis=0) / dics.var(axis=0)).round(3).tolist(),
        "mean_absolute_error": np.abs(means - dics).mean(axis=0).round(3).tolist(),
        "inside_0.68": (np.abs(below - 0.5) <= 0.34).mean(axis=0).round(4).tolist(),
        "in_domain": round(float(np.mean([estimate.in_domain for estimate in estimates])), 4),
    }
