"""Cells of a neuron that were simulated at a grid of current densities, from which a search starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..neurons import NeuronModel, fingerprint, weights_folder
from ..simulation import simulate
from ..trains import LevelComparison

#: uA/cm**2.
DENSITIES = np.array([-1.0, 0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0, 13.0])
#: ms: at rest before the step, and the two parts of the step in which spikes are counted.
_SETTLING, _PARTS = 500.0, (500.0, 500.0)
#: Spikes, and a share, by which a guess of the library may be wrong.
_GUESS, _GUESS_SHARE = 1.0, 0.2


@dataclass(frozen=True, eq=False)
class StepLibrary:
    """Cells drawn from a prior of ranges, and their spikes at each of `DENSITIES`.

    Attributes
    ----------
    table : (n, n_columns) array
    counts : (n, n_densities, 2) array
        Spikes in the first and in the second half second of a step from rest.
    ranges : (n_columns, 2) array
        From which the cells were drawn.
    """

    table: np.ndarray
    counts: np.ndarray
    ranges: np.ndarray

    def guesses(self, comparison: LevelComparison, capacitance: float) -> np.ndarray:
        """(n, n_levels) counts (Hz at rest) to be expected; NaN where the current moves."""
        found = np.full((len(self.table), len(comparison.protocol.levels)), np.nan)
        for k, level in enumerate(comparison.protocol.levels):
            if level.is_rest:
                found[:, k] = self._at(level.injected / capacitance)[:, 1] * 1000 / _PARTS[1]
            elif np.isfinite(level.current):
                early, late = self._at(level.current / capacitance).T
                duration = level.key[1]
                found[:, k] = (
                    early * min(duration / _PARTS[0], 1.0) + late * max(duration - _PARTS[0], 0.0) / _PARTS[1]
                )
        return found

    def _at(self, density):
        """(n, 2) counts, interpolated between densities; at the ends as there."""
        place = np.interp(density, DENSITIES, np.arange(len(DENSITIES)))
        low = min(int(place), len(DENSITIES) - 2)
        share = place - low
        return (1 - share) * self.counts[:, low] + share * self.counts[:, low + 1]

    def nearest(self, comparison: LevelComparison, capacitance: float) -> np.ndarray:
        """Indices of all cells, from that which may fire most like the recording on."""
        guesses = self.guesses(comparison, capacitance)
        protocol = comparison.protocol
        # At rest a spike a sweep: one that follows a step is not foreseen.
        a_sweep = 1000.0 * np.array([len(level.sweeps) for level in protocol.levels]) / protocol.times
        least = _GUESS * np.where([level.is_rest for level in protocol.levels], np.maximum(1.0, a_sweep), 1.0)
        allowed = np.maximum(comparison.allowed, least + _GUESS_SHARE * np.nan_to_num(guesses))
        off = np.abs(guesses - comparison.recording.counts) / allowed
        off[:, ~comparison.compared] = np.nan
        off = np.where(np.isnan(off), 0.0, np.minimum(off, 20.0))
        return np.argsort((off**4).mean(axis=1), kind="stable")


def ranges_of_cells(neuron: NeuronModel) -> np.ndarray | None:
    """(n_columns, 2) ranges of conductances (mS/cm**2) and parameters (mV); None of a neuron without any."""
    if neuron.broad is None:
        return None
    leak = neuron.channels[neuron.leak_index].name
    by_name = {leak: neuron.broad.leak, **neuron.broad.ranges}
    parameters = [parameter.range for parameter in neuron.parameters]
    return np.array([by_name[channel.name] for channel in neuron.channels] + parameters, dtype=float)


def make_library(
    neuron: NeuronModel, ranges: np.ndarray, n_cells: int, seed: int, progress: bool = False
) -> StepLibrary:
    """Draw cells from ranges and simulate them at each density."""
    low, high = ranges.T
    table = low + (high - low) * np.random.default_rng(seed).random((n_cells, len(ranges)))
    table = table.astype(np.float32).astype(float)
    counts = np.empty((n_cells, len(DENSITIES), 2))
    settled = simulate(neuron, table, _SETTLING, keep_states=True, progress=progress).states
    for k, density in enumerate(DENSITIES):
        run = simulate(neuron, table, sum(_PARTS), currents=density, states=settled, progress=progress)
        for i, times in enumerate(run.spike_times):
            early = np.searchsorted(times, _PARTS[0])
            counts[i, k] = early, len(times) - early
    return StepLibrary(table, counts, ranges)


def has_step_library(neuron: NeuronModel) -> bool:
    """Whether a library for current steps is installed for a neuron."""
    path = file_of(neuron)
    return path is not None and path.exists()


def file_of(neuron: NeuronModel) -> Path | None:
    """Where the library of an installed neuron is."""
    folder = weights_folder(neuron)
    return None if folder is None else folder / f"{neuron.name}-steps.npz"


def save_library(library: StepLibrary, neuron: NeuronModel, path: Path) -> None:
    """Write a library, with what the neuron declares."""
    np.savez_compressed(
        path, table=library.table.astype(np.float32), counts=library.counts.astype(np.uint16),
        ranges=library.ranges, fingerprint=fingerprint(neuron),
    )  # fmt: skip


def load_library(neuron: NeuronModel) -> StepLibrary | None:
    """The library of a neuron; None if it has none.

    Raises
    ------
    ValueError
        If it is damaged, or of another declaration of the neuron.
    """
    path = file_of(neuron)
    if path is None or not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as found:
            library = StepLibrary(*(found[name].astype(float) for name in ("table", "counts", "ranges")))
            declared = str(found["fingerprint"])
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"the library of neuron {neuron.name!r}, {path}, is damaged: {error}") from error
    if declared != fingerprint(neuron):
        raise ValueError(
            f"the library of neuron {neuron.name!r}, {path}, is of another declaration of it: make it again"
        )
    return library
