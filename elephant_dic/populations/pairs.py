"""Pairs of members, before and after a change, and what was found out of it, as a Block keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import neo
import numpy as np
import quantities as pq

from ..neurons import DIC_NAMES
from .block import PREFIX, provenance, put_recording

if TYPE_CHECKING:
    import pandas

#: Factors from here on are near the largest that is tried; probabilities that are worth a sentence.
_LARGE, _TOLD = 3.5, 0.05
NOTHING, EXPLAINED, UNEXPLAINED = "no change needed", "explained", "not explained"
#: Entry of a Block's provenance, and name of the Segment with the recording after.
_ENTRY, _RECORDING = "changes", "recording after"
#: Annotations: by what each conductance is scaled, and the DICs that a member then has.
_FACTOR, _AFTER = PREFIX + "factor_", PREFIX + "after_"


@dataclass(frozen=True)
class Change:
    """One conductance, or two, scaled.

    Attributes
    ----------
    conductances : tuple of str
    probability : float
        That these have changed, if something has, and only what was asked for.
    factors : tuple of float
        Of each, what remains of it, if it is these: the median.
    intervals : tuple of (float, float)
        Of each factor, within which it lies with a probability of 68 %.
    n_tried, n_matching : int
        Pairs of these that were simulated, and those that fire like both recordings.
    """

    conductances: tuple[str, ...]
    probability: float
    factors: tuple[float, ...]
    intervals: tuple[tuple[float, float], ...]
    n_tried: int
    n_matching: int

    @property
    def name(self) -> str:
        """Of the conductance, or of both."""
        return " and ".join(self.conductances)

    def describe(self) -> str:
        """What remains of each, in words."""
        return " and ".join(
            f"{name} to {_remains(factor)} of what it was (68 %: {low:.2f} to {high:.2f})"
            for name, factor, (low, high) in zip(self.conductances, self.factors, self.intervals, strict=True)
        )


def _remains(factor) -> str:
    """A factor in words: the largest that is tried stands for all beyond."""
    return f"{factor:.2f} or more" if factor > _LARGE else f"{factor:.2f}"


def _probable(probability) -> str:
    return "> 0.99" if probability > 0.99 else f"{probability:.2f}"


@dataclass(frozen=True)
class Changes:
    """What can explain the difference between two recordings of a cell. Text says it in words.

    Attributes
    ----------
    verdict : str
        "no change needed", "explained" or "not explained", by the changes that were asked for.
    nothing : float
        Probability that nothing has changed, where that and a change are alike beforehand.
    level : float
        Probability that the changes in `likely` have together, at least.
    ranked : tuple of Change
        All, the most probable first.
    first_right : float or None
        Share of changes made to members of the population, such that they fire as the recording after, that
        came first when the other members were asked: how well channels can be told apart in this cell. None
        if it was not tried.
    surprise : float or None
        Share of those changes that are less likely than the recording after is: of an unexplained one, none.
    before, after : str
        Class and figures of the recordings.
    dics : dict of str to (float, float)
        By how much each DIC differs after from before, over the pairs that fire like both: mean and standard
        deviation. Empty without such pairs.
    n_pairs : int
        Pairs that fire like both recordings.
    doubts : tuple of str
        About the population, and about the recordings.
    seed : int
    pauses : bool
        Whether the recordings are alike where the cell fires, but one of them pauses, or stops, and the other
        does not.
    """

    verdict: str
    nothing: float
    level: float
    ranked: tuple[Change, ...]
    first_right: float | None
    surprise: float | None
    before: str
    after: str
    dics: dict[str, tuple[float, float]]
    n_pairs: int
    doubts: tuple[str, ...]
    seed: int
    pauses: bool = False

    @property
    def likely(self) -> tuple[Change, ...]:
        """The fewest changes that together are as probable as the level asks: these cannot be told apart."""
        total = np.cumsum([each.probability for each in self.ranked])
        return self.ranked[: int(np.searchsorted(total, self.level - 1e-12)) + 1]

    def to_dataframe(self) -> pandas.DataFrame:
        """A row a change, the most probable first."""
        import pandas

        rows = []
        for each in self.ranked:
            row: dict[str, Any] = {
                "changed": each.name,
                "probability": each.probability,
                "likely": each in self.likely,
            }
            for i, (factor, (low, high)) in enumerate(zip(each.factors, each.intervals, strict=True)):
                end = "" if len(each.factors) == 1 else f"_{i + 1}"
                row |= {f"factor{end}": factor, f"factor{end}_16": low, f"factor{end}_84": high}
            rows.append(row | {"n_tried": each.n_tried, "n_matching": each.n_matching})
        return pandas.DataFrame(rows)

    def __str__(self) -> str:
        doubts = [f"Doubt: {doubt}" for doubt in self.doubts]
        return "\n".join([f"Before: {self.before}", f"After:  {self.after}", *self.sentences(), *doubts])

    def sentences(self) -> list[str]:
        """The verdict in words."""
        first, *others = self.likely
        if self.verdict == NOTHING:
            return [
                f"No change is needed: the recordings differ no more than two of the same cell (probability "
                f"{_probable(self.nothing)})."
            ]
        if self.pauses:
            return [
                f"Not explained: where the cell fires, both recordings are alike (probability "
                f"{_probable(self.nothing)}), but it pauses or stops in one of them and not in the other."
            ]
        alone = "one channel or two" if self._has_pairs else "one channel"
        if self.verdict == UNEXPLAINED:
            return [
                f"Not explained by {alone}: whichever is scaled, hardly any member that fires like the "
                f"recording before comes to fire like the one after."
            ]
        probable = ", ".join(f"{each.name} ({_probable(each.probability)})" for each in self.likely)
        if not others:
            found = f"If {alone} changed: {first.describe()} (probability {_probable(first.probability)})."
        else:
            found = (
                f"If {alone} changed, it is one of these, which cannot be told apart at "
                f"{self.level:.0%}: {probable}. Most probable is {first.describe()}."
            )
        return [found, *self._unsure(), *self._expected()]

    @property
    def _has_pairs(self):
        return any(len(each.conductances) > 1 for each in self.ranked)

    def _unsure(self):
        if self.nothing < _TOLD:
            return []
        return [f"That nothing has changed has a probability of {self.nothing:.2f}."]

    def _expected(self):
        if self.first_right is None:
            return []
        return [
            f"Of changes made to members that end in such firing, the channel changed came first in "
            f"{self.first_right:.0%}."
        ]

    def in_provenance(self) -> dict[str, Any]:
        """What JSON can hold."""
        return asdict(self)

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Changes:
        """What `in_provenance` gave, also once JSON has made lists of tuples."""
        ranked = tuple(
            Change(
                **{key: _tuples(value) if isinstance(value, list) else value for key, value in each.items()}
            )
            for each in record["ranked"]
        )
        dics = {name: (float(mean), float(std)) for name, (mean, std) in record["dics"].items()}
        return cls(**{**record, "ranked": ranked, "dics": dics, "doubts": tuple(record["doubts"])})


def _tuples(value):
    return tuple(_tuples(each) for each in value) if isinstance(value, list | tuple) else value


def identified_changes(block: neo.Block) -> Changes:
    """What `identify_changes` has found, from its Block.

    Parameters
    ----------
    block : neo.Block
        From `identify_changes`, or a file of it.

    Returns
    -------
    Changes

    Raises
    ------
    TypeError
        If `block` is not a neo.Block.
    ValueError
        If it holds no changes.
    """
    if not holds_changes(block):
        raise ValueError("this population holds no changes: identify_changes() makes one that does")
    return Changes.of_record(provenance(block)[_ENTRY])


def holds_changes(block: neo.Block) -> bool:
    """Whether members of a population are pairs, of which it is known what changed.

    Raises
    ------
    TypeError, ValueError
        As for `provenance`.
    """
    return _ENTRY in provenance(block)


def dics_after(block: neo.Block) -> np.ndarray:
    """(n_members, 3) DICs of the members of pairs, as they are after the change."""
    return np.stack([np.atleast_1d(block.annotations[_AFTER + name].magnitude) for name in DIC_NAMES], axis=1)


def sweeps_after(block: neo.Block) -> list[neo.SpikeTrain]:
    """The recording after, of pairs: its sweeps; none of others, and from a file without spikes."""
    return [train for each in block.segments if each.name == _RECORDING for train in each.spiketrains]


def annotate_pairs(
    block: neo.Block, names: Sequence[str], factors: np.ndarray, dics: np.ndarray, matching: np.ndarray,
    found: Changes, spiketrains: Iterable[neo.SpikeTrain],
) -> None:  # fmt: skip
    """Make pairs of the members of a population that fires like the recording before.

    Parameters
    ----------
    block : neo.Block
    names : sequence of n_conductances str
    factors : (n_members, n_conductances) array
        What remains of each conductance after.
    dics : (n_members, 3) array
        After.
    matching : (n_members,) bool array
        Which members, so changed, fire like the recording after.
    found : Changes
    spiketrains : iterable of neo.SpikeTrain
        The recording after.
    """
    for name, values in zip(names, factors.T, strict=True):
        block.annotations[_FACTOR + name] = pq.Quantity(values, pq.dimensionless)
    for name, values in zip(DIC_NAMES, dics.T, strict=True):
        block.annotations[_AFTER + name] = pq.Quantity(values, pq.dimensionless)
    block.annotations[PREFIX + "matches_after"] = np.array(matching, dtype=bool)
    known = provenance(block)
    if "verification" in known:
        n = {"n_wanted": len(matching), "n_matching": len(matching)}
        known["verification"] = known["verification"] | n
    block.annotations["elephant_dic"] = json.dumps(known | {_ENTRY: found.in_provenance()})
    put_recording(block, spiketrains, _RECORDING)
