"""What the evidence and the pairs that were simulated come to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..neurons import DIC_NAMES, NeuronModel, dics_of
from ..populations import EXPLAINED, NOTHING, UNEXPLAINED, Change, Changes
from .evidence import Evidence
from .pairs import Pairs
from .trials import factor_of

#: Probability of nothing above which no change is needed, and share of changes of members, all of which the
#: others found more likely, below which the recording after is not explained.
_UNCHANGED, _SURPRISING = 0.5, 0.01
#: Share of pairs that fire like the recording after, below which it is not explained; below which it is not
#: if it surprises, and is doubted else; and of members unchanged, below which recordings are not alike.
_EXPLAINS, _WELL, _SAME = 0.02, 0.05, 0.2
#: Pairs by which the share of all stands beside that of one change.
_WORTH = 4.0
_INTERVAL = 0.16, 0.5, 0.84


def summarise(
    model: NeuronModel, assay, evidence: Evidence, changes: Sequence[tuple[int, ...]], table: np.ndarray,
    pairs: Pairs, level: float, seed: int,
) -> Changes:  # fmt: skip
    """The probabilities, by what the simulations of pairs add to them, and the verdict.

    Parameters
    ----------
    model : NeuronModel
    assay : FiringAssay or StepAssay
    evidence : Evidence
    changes : sequence of tuple of int
        Columns of each change.
    table : (n_members, n_columns) array
        Of which the pairs are.
    pairs : Pairs
        All that were simulated.
    level : float
    seed : int
    """
    tried = np.array([(pairs.change == i).sum() for i in range(len(changes))])
    matching = np.array([pairs.matching[pairs.change == i].sum() for i in range(len(changes))])
    probabilities = _with_pairs(evidence.probabilities, tried, matching)
    ranked = [
        _change(model, evidence, changes[i], i, probabilities[i], tried[i], matching[i])
        for i in np.argsort(-probabilities, kind="stable")
    ]
    kept, verdict = pairs.rows(pairs.matching), _verdict(assay, evidence, pairs)
    moved = dics_of(model, table[kept.members] * kept.factors) - dics_of(model, table[kept.members])
    return Changes(
        verdict=verdict,
        nothing=evidence.nothing,
        level=level,
        ranked=tuple(ranked),
        first_right=evidence.trust.first_right,
        surprise=evidence.trust.surprise,
        before=assay.before.described,
        after=assay.after.described,
        dics={
            name: (float(each.mean()), float(each.std()))
            for name, each in zip(DIC_NAMES, moved.T, strict=True)
            if len(each)
        },
        n_pairs=len(kept.members),
        doubts=(*assay.doubts, *(_poorly(evidence, pairs) if verdict == EXPLAINED else ())),
        seed=seed,
        pauses=verdict == UNEXPLAINED and evidence.nothing > _UNCHANGED and not assay.is_alike,
    )


def _with_pairs(probabilities, tried, matching):
    """Probabilities times the share of pairs of each change that fire like the recording after.

    Of a change of which few were simulated, it is near the share of all.
    """
    overall = (matching.sum() + 1) / (tried.sum() + 2)
    share = (matching + _WORTH * overall) / (tried + _WORTH)
    weighted = probabilities * share
    return weighted / weighted.sum()


def _change(model, evidence, columns, i, probability, tried, matching) -> Change:
    trials, weights = evidence.likelihoods[i + 1].trials, evidence.weights(i)
    quantiles = [_quantiles(axis, weights) for axis in trials.positions.T]
    return Change(
        tuple(model.conductance_names[column] for column in columns),
        float(probability),
        tuple(median for _, median, _ in quantiles),
        tuple((low, high) for low, _, high in quantiles),
        int(tried),
        int(matching),
    )


def _verdict(assay, evidence, pairs) -> str:
    """One of three, by the evidence and by the shares of pairs that fire like the recording after."""
    unchanged = pairs.matching[pairs.change < 0]
    changed = pairs.matching[pairs.change >= 0]
    if evidence.nothing > _UNCHANGED:
        alike = evidence.usual >= _SURPRISING or (len(unchanged) and unchanged.mean() >= _SAME)
        return NOTHING if assay.is_alike and alike else UNEXPLAINED
    share = changed.mean() if len(changed) else 0.0
    return UNEXPLAINED if share < (_WELL if _is_surprising(evidence) else _EXPLAINS) else EXPLAINED


def _is_surprising(evidence) -> bool:
    """Whether hardly any change of a member is found as unlikely as the recording after."""
    surprise = evidence.trust.surprise
    return surprise is not None and surprise < _SURPRISING


def _poorly(evidence, pairs) -> list[str]:
    """The doubt that a change explains the recording after, but not as one of a member would."""
    share = pairs.matching[pairs.change >= 0].mean()
    if share >= _WELL and not _is_surprising(evidence):
        return []
    rare = ", and hardly any of all is as unlikely as this one" if _is_surprising(evidence) else ""
    return [f"of the likely changes, made to members, {share:.0%} end in such firing{rare}"]


def _quantiles(axis, weights):
    """The factor at 16, 50 and 84 % of its probability."""
    points, place = np.unique(axis, return_inverse=True)
    share = np.bincount(place, weights)
    middle = np.cumsum(share) - share / 2
    return tuple(float(each) for each in factor_of(np.interp(_INTERVAL, middle, points)))
