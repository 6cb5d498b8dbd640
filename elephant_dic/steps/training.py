"""What a neuron needs for recordings under current steps: its library of cells, and its network."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from ..arguments import check_seed, check_whole
from ..neurons import NeuronModel, get_neuron
from ..training import train_step_network
from .library import make_library, ranges_of_cells, save_library

#: Cells of the library; of the network there are as many as are asked for.
_LIBRARY, _MOST = 20_000, 10_000_000


def train_for_steps(
    neuron: str | NeuronModel,
    folder: str | os.PathLike[str],
    *,
    n_cells: int = 100_000,
    epochs: int = 20,
    seed: int = 0,
    progress: bool = False,
) -> dict[str, Any]:
    """Simulate cells under steps, and write ``NAME-steps.npz``, ``NAME-steps.keras`` and its card.

    Parameters
    ----------
    neuron : str or NeuronModel
    folder : path
    n_cells : int
        For the network.
    epochs : int
    seed : int
    progress : bool

    Returns
    -------
    dict
        The card of the network.

    Raises
    ------
    ValueError
        If the neuron declares no ranges of conductances.
    """
    neuron, folder, seed = get_neuron(neuron), Path(folder), check_seed(seed)
    n_cells, ranges = check_whole(n_cells, "n_cells", 100, _MOST), ranges_of_cells(neuron)
    if ranges is None:
        raise ValueError(
            f"neuron {neuron.name} declares no ranges of conductances, from which cells are drawn"
        )
    folder.mkdir(parents=True, exist_ok=True)
    n_library = min(_LIBRARY, n_cells)
    save_library(
        make_library(neuron, ranges, n_library, seed, progress), neuron, folder / f"{neuron.name}-steps.npz"
    )
    low, high = ranges.T
    table = low + (high - low) * np.random.default_rng(seed + 1).random((n_cells, len(ranges)))
    command = f"elephant-dic train {neuron.name} --steps --cells {n_cells} --seed {seed}"
    return train_step_network(
        neuron, table, folder, command=command, epochs=epochs, seed=seed + 1, progress=progress
    )
