"""Simulated cells of a neuron with what they did: where the search for a recording's firing begins.

A neuron whose cells are drawn from broad ranges fires in many ways, and few of its cells fire like a given
recording. The nearest of a large library are a better start than cells that share the recording's dynamic
input conductances (DICs) alone.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..neurons import NeuronModel, compensate, fingerprint, get_neuron, weights_folder
from ..populations import whole_file
from ..trains import ACTIVITIES, COMPARED, FIGURES, VARIABILITY, Firing, firings_of, tolerances
from .settings import SETTINGS, Settings


@dataclass(frozen=True, eq=False)
class Library:
    """Cells and their firing.

    Attributes
    ----------
    conductances : (n, n_channels) array
        mS/cm**2.
    activity : (n,) array
        Index into `ACTIVITIES`.
    figures : (n, k) array
        Columns are `FIGURES`.
    """

    conductances: np.ndarray
    activity: np.ndarray
    figures: np.ndarray

    def distances(self, recording: Firing) -> np.ndarray:
        """(n,) largest factor between a figure and the recording's, as a logarithm.

        It is infinite for another class. Spikes per burst count less where one more is a large share. The
        library has no cells under noise, which makes what varies: that does not count, and an irregular
        recording is like cells of any class.
        """
        irregular = recording.activity == "irregular"
        compared = COMPARED[recording.activity]
        kept = [name not in VARIABILITY for name in compared]
        names = [name for name, yes in zip(compared, kept, strict=True) if yes]
        wanted = np.array([getattr(recording, name) for name in names])
        lenience = tolerances(recording, 0.1)[kept] / (0.1 * wanted)
        columns = [list(FIGURES).index(name) for name in names]
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = np.abs(np.log(self.figures[:, columns] / wanted) / lenience).max(axis=1)
        same = irregular | (self.activity == ACTIVITIES.index(recording.activity))
        return np.where(same & np.isfinite(distance), distance, np.inf)


class Neighbours:
    """Candidates near the cells of a library that fire most like a recording.

    Parameters
    ----------
    library : Library
    neuron : NeuronModel
    recording : Firing
    targets : function of an int m
        Draws m DICs (m, 3) from an estimate, NaN for those that are left free.
    rng : numpy.random.Generator
    settings : Settings
    """

    def __init__(
        self, library: Library, neuron: NeuronModel, recording: Firing, targets, rng,
        settings: Settings = SETTINGS,
    ):  # fmt: skip
        self.neuron, self.targets, self.rng, self.settings = neuron, targets, rng, settings
        distances = library.distances(recording)
        order = np.argsort(distances, kind="stable")[: np.isfinite(distances).sum()]
        self.cells, self.distances = library.conductances[order], distances[order]

    def draw(self, n) -> np.ndarray:
        """(n, n_channels) candidates in mS/cm**2, some of them moved to DICs of the estimate."""
        settings = self.settings
        n_parents = max(settings.library_nearest, int(settings.library_share * n))
        distances = self.distances[:n_parents]
        weights = 1 / (1 + (distances / (np.median(distances) + 1e-9)) ** 2)
        parents = self.rng.choice(len(distances), n, p=weights / weights.sum())
        varied = settings.library_varied * self.rng.standard_normal((n, self.cells.shape[1]))
        table = self.cells[parents] * np.exp(varied)
        n_moved = int(settings.library_compensated * n)
        moved, accepted = compensate(self.neuron, table[:n_moved], self.targets(n_moved))
        table[:n_moved][accepted] = moved[accepted]
        return table


def train_library(
    neuron: str | NeuronModel, folder: str | os.PathLike[str], *, n_cells: int = 15_000, seed: int = 0
) -> dict[str, int]:
    """Choose the library of a neuron from the cells on which its network was trained, and write it.

    Parameters
    ----------
    neuron : str or NeuronModel
    folder : path
        That of `train_regressor`, with the cells in ``set/``. Receives ``NAME-library.npz``.
    n_cells : int
        At most so many are chosen. Default: 15,000.
    seed : int
        Default: 0.

    Returns
    -------
    dict
        Cells in it, by class of firing.

    Raises
    ------
    ValueError
        If the folder holds no cells without noise.
    """
    neuron, folder = get_neuron(neuron), Path(folder)
    paths = sorted((folder / "set").glob("chunk_*.npz"))
    library = make_library(neuron, paths, n_cells, seed)
    made = f"train_library({neuron.name!r}, {len(paths)} chunks of its set, n_cells={n_cells}, seed={seed})"
    save_library(library, neuron, folder / f"{neuron.name}-library.npz", made)
    counts = np.bincount(library.activity, minlength=len(ACTIVITIES)).tolist()
    return dict(zip(ACTIVITIES, counts, strict=True))


def make_library(neuron: NeuronModel, paths, n_cells, seed) -> Library:
    """Choose cells of a training set that fire in many ways.

    Parameters
    ----------
    neuron : NeuronModel
    paths : sequence of Path
        Chunks of the set, see `training_sets.generate`; those with noise are left out.
    n_cells : int
        At most so many are chosen, three quarters of them bursting.
    seed : int

    Returns
    -------
    Library
    """
    parts = [part for part in (_observe(path) for path in paths) if part is not None]
    if not parts:
        raise ValueError("a library needs chunks of cells without noise")
    everyone = Library(*map(np.concatenate, zip(*(vars(part).values() for part in parts), strict=True)))
    rng = np.random.default_rng(seed)
    chosen = [
        _sparse(everyone, activity, round(share * n_cells), rng)
        for activity, share in SETTINGS.library_classes
    ]
    cells = np.sort(np.concatenate(chosen))
    return Library(*(values[cells] for values in vars(everyone).values()))


def _observe(path) -> Library | None:
    """The cells of a chunk and what they did, None if there was noise."""
    with np.load(path) as chunk:
        if chunk["noise_std"].any():
            return None
        conductances, trains = (
            chunk["conductances"],
            np.split(chunk["spikes"], np.cumsum(chunk["counts"])[:-1]),
        )
    found = firings_of([times[times < SETTINGS.library_observed].astype(float) for times in trains])
    return Library(
        conductances.astype(np.float32),
        np.array([ACTIVITIES.index(model.activity) for model in found], dtype=np.int8),
        np.array([model.row() for model in found], dtype=np.float32),
    )


def _sparse(library, activity, n, rng):
    """Indices of at most n cells of a class, those more likely that few others fire like."""
    from scipy.spatial import cKDTree

    neighbour = SETTINGS.library_neighbour
    cells = np.flatnonzero(library.activity == ACTIVITIES.index(activity))
    if len(cells) <= max(n, neighbour):
        return cells
    columns = [list(FIGURES).index(name) for name in COMPARED[activity] if name not in VARIABILITY]
    positions = np.log(library.figures[cells][:, columns] + 1e-3)
    distance = cKDTree(positions).query(positions, neighbour + 1)[0][:, -1] + 1e-9
    return rng.choice(cells, n, replace=False, p=distance / distance.sum())


def save_library(library: Library, neuron: NeuronModel, path, command) -> None:
    """Write a library, with the command that made it, as a file that `load_library` finds beside a network.

    Parameters
    ----------
    library : Library
    neuron : NeuronModel
    path : path
        ``NAME-library.npz`` in the folder of the neuron's weights.
    command : str
    """
    with whole_file(Path(path)) as part:
        np.savez_compressed(part, command=command, fingerprint=fingerprint(neuron), **vars(library))


@lru_cache(maxsize=8)
def load_library(neuron: NeuronModel) -> Library | None:
    """The library that comes with a neuron, if one does.

    Raises
    ------
    ValueError
        If it is damaged, of another neuron, or of another declaration of it.
    """
    folder = weights_folder(neuron)
    path = folder and Path(folder) / f"{neuron.name}-library.npz"
    if not path or not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            library = Library(*(arrays[name] for name in ("conductances", "activity", "figures")))
            declared = str(arrays["fingerprint"])
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"the library of neuron {neuron.name!r}, {path}, is damaged: {error}") from error
    if library.conductances.shape[1:] != (len(neuron.channels),):
        raise ValueError(f"the library of neuron {neuron.name!r}, {path}, is of a neuron with other channels")
    if declared != fingerprint(neuron):
        raise ValueError(
            f"the library of neuron {neuron.name!r}, {path}, is of another declaration of it: make it again"
        )
    return library
