"""Simulated training sets: cells with drawn DICs and the spikes that they fire.

A set is a folder of numbered chunks, each made from the seed and its number alone. What is there is kept:
an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import quantities as pq

from .._version import __version__
from ..arguments import magnitude
from ..neurons import (
    DIC_NAMES,
    MAX_DRAWS,
    NeuronModel,
    UniformPopulation,
    compensated_population,
    dics_of,
    family_fingerprint,
    ranges_of,
    reference_population,
)
from ..simulation import map_chunks, progress_bar, simulate
from ..trains import MOST_WINDOWS
from .manifest import check_manifest

CELLS_PER_CHUNK = 2000
#: Share of chunks simulated with current noise, and the range of its standard deviation in a cell (uA/cm**2).
NOISY_SHARE, NOISE_RANGE = 0.3, (0.2, 3.0)
#: ms for which cells fire before their times count, at least: recordings have none of the drift after the
#: initial state of a simulation, and a network would read DICs from it. None if the transient is zero.
SETTLING = 9000.0
#: ms recorded of a settled cell, at least.
_LEAST_RECORDED = 9000.0


def settling_of(neuron: NeuronModel) -> float:
    """ms for which a neuron's cells fire before their times count: none where these begin at an event."""
    return max(SETTLING, neuron.training.transient) if neuron.training.transient else 0.0


def draw_targets(neuron: NeuronModel, n, rng: np.random.Generator) -> np.ndarray:
    """(n, 3) target DICs, uniform in the neuron's training box; NaN (free) where it names none."""
    targets = np.full((n, len(DIC_NAMES)), np.nan)
    for name, (low, high) in neuron.training.targets.items():
        targets[:, DIC_NAMES.index(name)] = rng.uniform(low, high, n)
    return targets


def draw_cells(neuron: NeuronModel, n, rng: np.random.Generator) -> np.ndarray:
    """(n, n_channels) cells of the training box, in mS/cm**2.

    A neuron's reference population is moved to target DICs; a `UniformPopulation` is taken as it is.
    """
    if not isinstance(neuron.reference, UniformPopulation):
        table, _ = compensated_population(
            neuron, draw_targets(neuron, n, rng), rng, redraw=lambda m: draw_targets(neuron, m, rng)
        )
        return table
    table = np.empty((0, len(neuron.channels)))
    for _ in range(MAX_DRAWS):
        cells = reference_population(neuron, n, rng)
        found = dics_of(neuron, cells)
        inside = np.ones(n, dtype=bool)
        for name, (low, high) in neuron.training.targets.items():
            values = found[:, DIC_NAMES.index(name)]
            inside &= (low < values) & (values < high)
        table = np.vstack([table, cells[inside]])
        if len(table) >= n:
            return table[:n]
    raise ValueError(
        f"neuron {neuron.name}: only {len(table)} of {n * MAX_DRAWS} cells of its reference "
        f"population have DICs in its training box"
    )


def draw_broad(neuron: NeuronModel, n, rng: np.random.Generator) -> np.ndarray:
    """(n, n_channels) cells with any conductances in the neuron's broad ranges, in mS/cm**2."""
    if neuron.broad is None:
        raise ValueError(f"neuron {neuron.name} declares no broad ranges")
    low, high = ranges_of(neuron, neuron.broad).T
    return rng.uniform(low, high, (n, len(low)))


def make_chunk(neuron: NeuronModel, n, duration, seed, chunk, broad=False):
    """Simulate one chunk of cells of the training box, or the broad ranges, and keep what they fire settled.

    Returns
    -------
    dict of arrays
        ``conductances`` (n, n_channels); ``dics`` (n, 3); ``noise_std`` (n,); ``spikes``, the times (ms after
        the cells have settled, float32) of all cells one after the other, and ``counts`` (n,).
    """
    rng = np.random.default_rng([seed, chunk, 1] if broad else [seed, chunk])
    noise_std = rng.uniform(*NOISE_RANGE, n) if rng.random() < NOISY_SHARE else np.zeros(n)
    cells = draw_broad(neuron, n, rng) if broad else draw_cells(neuron, n, rng)
    settling = settling_of(neuron)
    with ThreadPoolExecutor(1) as alone:  # the other cores make other chunks
        run = simulate(
            neuron, cells, settling + duration, noise_std=noise_std,
            seed=int(rng.integers(2**31)), executor=alone,
        )  # fmt: skip
    trains = [times[times >= settling] - settling for times in run.spike_times]
    return {
        "conductances": cells,
        "dics": dics_of(neuron, cells),
        "noise_std": noise_std,
        "spikes": np.concatenate(trains).astype(np.float32),
        "counts": np.array([len(times) for times in trains]),
    }


def generate(
    neuron: NeuronModel, n_cells, folder, *, duration, seed, broad=False, executor=None, progress=False,
):  # fmt: skip
    """Fill a folder with chunks until it holds at least `n_cells` cells.

    Parameters
    ----------
    neuron : NeuronModel
    n_cells : int
    folder : path
        Made if missing. Chunks that are there are kept, if they were made with the same.
    duration : float
        ms of spikes of each cell, after it has settled.
    seed : int
    broad : bool
        Whether cells are of the neuron's broad ranges.
    executor : concurrent.futures.Executor, optional
        Default: our own processes, one a core. The cells are the same with any.
    progress : bool

    Returns
    -------
    list of Path
        The chunks, in order.

    Raises
    ------
    ValueError
        If the duration is not positive, or there are chunks of another neuron or declaration, seed, duration,
        kind or version.
    """
    if not duration > 0:
        raise ValueError(f"duration must be a positive number of ms, got {duration:g}")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    made_with = {
        "neuron": neuron.name,
        "family_fingerprint": family_fingerprint(neuron),
        "seed": seed,
        "duration": duration,
        "settling": settling_of(neuron),
        "broad": broad,
        "cells_per_chunk": CELLS_PER_CHUNK,
        "package_version": __version__,
    }
    check_manifest(folder / "manifest.json", made_with, "chunk_*.npz")
    paths = [folder / f"chunk_{i:05d}.npz" for i in range(-(-n_cells // CELLS_PER_CHUNK))]
    missing = [i for i, path in enumerate(paths) if not path.exists()]
    jobs = [(neuron, CELLS_PER_CHUNK, duration, seed, i, broad) for i in missing]
    with progress_bar(len(paths), f"simulating {neuron.name}", "chunk", progress) as bar:
        bar.update(len(paths) - len(missing))

        def receive(index, chunk):
            save_whole(paths[missing[index]], **chunk)
            bar.update()

        map_chunks(
            make_chunk, jobs, receive, executor, processes=True, resume=f"the cells in {folder} are kept"
        )
    return paths


def recorded_time(neuron: NeuronModel, duration: pq.Quantity | None) -> float:
    """ms recorded of each cell: as asked for, else two windows, or 9 s if that is more."""
    if duration is None:
        return max(MOST_WINDOWS * neuron.training.window, _LEAST_RECORDED)
    return magnitude(duration, "ms", "duration")


def seed_of(folder: Path) -> int | None:
    """Seed of the cells in a training folder, None if there are none."""
    try:
        return json.loads((folder / "set" / "manifest.json").read_text(encoding="utf-8"))["seed"]
    except (OSError, ValueError, KeyError):
        return None


def save_whole(path, **arrays):
    """Write an npz file that is there whole or not at all, whenever the process is killed."""
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        np.savez(file, **arrays)
    os.replace(part, path)
