"""Members of a population with conductances scaled: what they do, over factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: Factors are alike in their logarithm to the base of two from an eighth to four; below an eighth, down to
#: none, in the factor itself. So wide is the prior of each conductance that may have changed.
LOWEST, HIGHEST, BLOCKED = -4.0, 2.0, -3.0


def factor_of(position):
    """Factor by which a conductance is scaled, at a position between `LOWEST` and `HIGHEST`."""
    position = np.asarray(position, dtype=float)
    linear = 2.0**BLOCKED * (position - LOWEST) / (BLOCKED - LOWEST)
    return np.where(position < BLOCKED, linear, 2.0 ** np.maximum(position, BLOCKED))


@dataclass(frozen=True, eq=False)
class Trials:
    """What members do when some conductances of each are scaled.

    Attributes
    ----------
    columns : tuple of int
        Conductances that are scaled.
    positions : (n_settings, n_columns) array
        Of their factors, see `factor_of`.
    activities : (n_settings, n_members) array of str
    values : (n_settings, n_members, n_features) array
        As in `Observations`.
    """

    columns: tuple[int, ...]
    positions: np.ndarray
    activities: np.ndarray
    values: np.ndarray


def scaled(table: np.ndarray, columns: Sequence[int], positions: np.ndarray) -> np.ndarray:
    """(n_settings, n_members, n_columns) of members with conductances scaled to positions of each setting."""
    changed = np.repeat(table[None], len(positions), axis=0)
    for k, column in enumerate(columns):
        changed[:, :, column] *= factor_of(positions[:, k])[:, None]
    return changed


def run_trials(
    assay, table: np.ndarray, axes: dict[tuple[int, ...], list[np.ndarray]], seed: int, finer: int
):
    """Simulate members with conductances scaled.

    Parameters
    ----------
    assay : FiringAssay or StepAssay
    table : (n_members, n_columns) array
    axes : mapping
        By the conductances that are scaled, of each the positions that are tried, ascending: all of one with
        all of another.
    seed : int
        Of the noise.
    finer : int
        Steps in between to which what was found is interpolated along each axis.

    Returns
    -------
    list of Trials
        One for each entry of `axes`.
    """
    grids = {columns: _grid(axis) for columns, axis in axes.items()}
    tables = [scaled(table, columns, grid) for columns, grid in grids.items()]
    found = assay.changed(np.concatenate([each.reshape(-1, table.shape[1]) for each in tables]), seed)
    trials, start = [], 0
    for (columns, axis), grid in zip(axes.items(), grids.values(), strict=True):
        stop = start + len(grid) * len(table)
        shape = (*map(len, axis), len(table))
        activities = found.activities[start:stop].reshape(shape)
        values = found.values[start:stop].reshape(*shape, -1)
        trials.append(_interpolated(columns, axis, activities, values, finer))
        start = stop
    return trials


def _grid(axis):
    """(n_settings, n_axes) of all with all."""
    return np.stack([each.ravel() for each in np.meshgrid(*axis, indexing="ij")], axis=1)


def _interpolated(columns, axis, activities, values, finer) -> Trials:
    """Between neighbours of one class their features are interpolated; else the nearer one counts."""
    fine = []
    for k, positions in enumerate(axis):
        steps = np.linspace(0, len(positions) - 1, finer * (len(positions) - 1) + 1)
        low = np.minimum(steps.astype(int), len(positions) - 2)
        share = (steps - low).reshape(-1, *(1,) * (activities.ndim - k - 1))
        (first, second), (left, right) = (
            (np.take(each, low, axis=k), np.take(each, low + 1, axis=k)) for each in (activities, values)
        )
        nearer = share <= 0.5
        activities = np.where(nearer, first, second)
        between = (1 - share)[..., None] * left + share[..., None] * right
        alike = (first == second)[..., None]
        values = np.where(alike, between, np.where(nearer[..., None], left, right))
        fine.append(np.interp(steps, np.arange(len(positions)), positions))
    n_members = activities.shape[-1]
    return Trials(
        columns,
        _grid(fine),
        activities.reshape(-1, n_members),
        values.reshape(-1, n_members, values.shape[-1]),
    )
