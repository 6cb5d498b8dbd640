"""Members before, and as changed: pairs of which the second, simulated, fires like the recording after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .evidence import Evidence
from .trials import factor_of

#: Pairs that are simulated for each that is wanted, at first and in all; so many are wanted at least: by the
#: share of them that matches it is judged whether a change explains anything.
_MORE, _MOST, _LEAST = 1.3, 5, 60


@dataclass(frozen=True, eq=False)
class Pairs:
    """Members and what of them is changed.

    Attributes
    ----------
    members : (n,) int array
        Rows of the table that they are from.
    factors : (n, n_columns) array
        By which their columns are scaled.
    change : (n,) int array
        Which change, -1 for none.
    matching : (n,) bool array
        Which of them, changed, fire like the recording after.
    """

    members: np.ndarray
    factors: np.ndarray
    change: np.ndarray
    matching: np.ndarray

    def rows(self, chosen: np.ndarray) -> Pairs:
        """Some of them."""
        return Pairs(*(each[chosen] for each in (self.members, self.factors, self.change, self.matching)))


def draw_pairs(assay, table: np.ndarray, evidence: Evidence, n_pairs: int, rng: np.random.Generator) -> Pairs:
    """Draw pairs as likely as they are, and simulate them, until enough fire like the recording after.

    Parameters
    ----------
    assay : FiringAssay or StepAssay
    table : (n_members, n_columns) array
        The members by which changes were weighed.
    evidence : Evidence
    n_pairs : int
        How many are wanted.
    rng : numpy.random.Generator

    Returns
    -------
    Pairs
        All that were simulated, in the order of the draw.
    """
    places, log = _weights(evidence)
    order = np.argsort(-(log + rng.gumbel(size=len(log))), kind="stable")  # a draw without replacement
    order = order[np.isfinite(log[order])][: _MOST * max(n_pairs, _LEAST)]
    found = [_simulated(assay, table, evidence, places[:0])]
    start, size = 0, int(np.ceil(_MORE * max(n_pairs, _LEAST)))
    while start < len(order) and sum(each.matching.sum() for each in found) < n_pairs:
        found.append(_simulated(assay, table, evidence, places[order[start : start + size]]))
        start += size
    parts = zip(*((each.members, each.factors, each.change, each.matching) for each in found), strict=True)
    return Pairs(*(np.concatenate(part) for part in parts))


def _weights(evidence: Evidence):
    """Places (change, setting, member) of all pairs, and logarithms of their probabilities."""
    value = evidence.value
    shares = [evidence.nothing, *((1 - evidence.nothing) * evidence.probabilities)]
    places, logs = [], []
    for change, (share, each) in enumerate(zip(shares, evidence.likelihoods, strict=True)):
        log = evidence.trust.of_factors * each.of_members(value) + each.log_prior[:, None]
        highest = log.max()
        if np.isfinite(highest) and share:
            log = log - highest - np.log(np.exp(log - highest).sum()) + np.log(share)
        settings, members = np.indices(log.shape)
        places.append(np.stack([np.full(log.size, change - 1), settings.ravel(), members.ravel()], axis=1))
        logs.append(log.ravel() if share else np.full(log.size, -np.inf))
    return np.concatenate(places), np.concatenate(logs)


def _simulated(assay, table, evidence, places) -> Pairs:
    factors = np.ones((len(places), table.shape[1]))
    for row, (change, setting, _) in zip(factors, places.tolist(), strict=True):
        trials = evidence.likelihoods[change + 1].trials
        row[list(trials.columns)] = factor_of(trials.positions[setting])
    change, _, members = places.T
    matching = assay.judge(factors * table[members]) if len(places) else np.empty(0, dtype=bool)
    return Pairs(members, factors, change, matching)
