"""From two recordings and a population for the first to what may have changed, in two stages.

First few members at few factors say which conductances and factors are worth more; these are then looked at
closely, with all members.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from .evidence import Evidence, weigh
from .kernels import told
from .observations import Observation
from .trials import HIGHEST, LOWEST, Trials, run_trials

#: Positions tried first, of one conductance and of each of two.
_COARSE = (np.array([LOWEST, -3.2, -2.4, -1.6, -0.9, -0.35, 0.35, 0.8, 1.3, HIGHEST]),
           np.array([LOWEST, -2.5, -1.2, -0.4, 0.4, 1.1, HIGHEST]))  # fmt: skip
#: Members at them, and at those of the second stage.
_FEW, ALL = 40, 80
#: Positions of the second stage.
_CLOSE = (9, 5)
#: Steps to which all are interpolated.
_FINER = (4, 2)
#: Changes that are worth a second stage, and the share of their probability within its bounds.
_WORTH, _WITHIN = 0.01, 0.998


def changes_of(names: Sequence[str], leak: int, together: int) -> list[tuple[int, ...]]:
    """Conductances that may have changed, by their columns: each but the leak, and two of them at a time."""
    columns = [i for i in range(len(names)) if i != leak]
    return [each for n in range(1, together + 1) for each in itertools.combinations(columns, n)]


def weigh_changes(
    assay, table: np.ndarray, changes: Sequence[tuple[int, ...]], controls: Sequence[Observation], seed: int
) -> tuple[Evidence, np.ndarray]:
    """What two recordings say of each change.

    Parameters
    ----------
    assay : FiringAssay or StepAssay
        Of the recordings.
    table : (n_members, n_columns) array
        Cells that fire like the one before.
    changes : sequence of tuple of int
    controls : sequence of Observation
        Of the cell before, recorded again.
    seed : int

    Returns
    -------
    evidence : Evidence
    rows : (n,) int array
        Members by which changes were weighed, those most like the recording before first.
    """
    rng = np.random.default_rng([seed, 2])
    members, again = assay.unchanged(table, seed)
    order = _nearest_first(assay, members)[:ALL]
    table, members, again = table[order], members.rows(order), again.rows(order)
    columns = assay.told(assay.after.activity)
    compared = told(assay.before, assay.after, members, columns, controls)
    unchanged = Trials((), np.zeros((1, 0)), again.activities[None], again.values[None])
    coarse = {n: {each: [_COARSE[n - 1]] * n for each in changes if len(each) == n} for n in (1, 2)}
    trials = [
        each
        for n in sorted({len(change) for change in changes})
        for each in run_trials(assay, table[:_FEW], coarse[n], seed + n, _FINER[n - 1])
    ]
    first = weigh(unchanged, trials, compared, rng)
    worth = [i for i, p in enumerate(first.probabilities) if p > _WORTH]
    for n in sorted({len(changes[i]) for i in worth}):
        close = {
            changes[i]: [
                _closer(axis, first.weights(i), _COARSE[n - 1], _CLOSE[n - 1])
                for axis in trials[i].positions.T
            ]
            for i in worth
            if len(changes[i]) == n
        }
        found = run_trials(assay, table, close, seed + 10 + n, _FINER[n - 1])
        for each in found:
            trials[changes.index(each.columns)] = each
    return weigh(unchanged, trials, compared, rng), order


def _nearest_first(assay, members):
    """Members from that whose features are most like the recording's on."""
    columns = assay.told(assay.before.activity)
    values, wanted = members.values[:, columns], assay.before.values[columns]
    same = (members.activities == assay.before.activity) & np.isfinite(values).all(axis=1)
    spread = (
        np.sqrt(np.var(values[same], axis=0) + np.diag(assay.before.errors)[columns]) if same.any() else 1.0
    )
    distance = np.where(same, (((values - wanted) / spread) ** 2).sum(axis=1), np.inf)
    return np.argsort(distance, kind="stable")


def _closer(axis, weights, coarse, n):
    """Positions between which nearly all of the probability lies, and the next coarse ones on either side."""
    points, place = np.unique(axis, return_inverse=True)
    below = np.cumsum(np.bincount(place, weights))
    low = points[np.searchsorted(below, (1 - _WITHIN) / 2)]
    high = points[min(np.searchsorted(below, 1 - (1 - _WITHIN) / 2), len(points) - 1)]
    low, high = coarse[coarse < low][-1:], coarse[coarse > high][:1]
    return np.linspace(
        *(float(end[0]) if len(end) else edge for end, edge in ((low, LOWEST), (high, HIGHEST))), n
    )
