"""The verdict on a population: what its Block keeps of how its members were judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import neo

from ..populations import provenance
from ..trains import Firing

VERDICTS = ("verified", "verified, with doubts", "partial", "not reproduced")


def verdict_on(n_matching: int, n_wanted: int, doubtful: bool) -> str:
    """One of `VERDICTS`."""
    verified, with_doubts, partial, not_reproduced = VERDICTS
    if n_matching == n_wanted:
        return with_doubts if doubtful else verified
    return partial if n_matching else not_reproduced


@dataclass(frozen=True)
class Verification:
    """How the members of a population were judged.

    Attributes
    ----------
    tolerance : float
    recording : Firing
        Class and figures of the recording.
    noise_std : float
        Of the current noise with which they were simulated, in uA/cm**2.
    n_wanted, n_matching : int
        Members asked for, and those that fire like the recording.
    n_simulated : int
    n_first, n_first_matching : int
        Candidates before any correction, of a sample all cells drawn; those of them that matched in a short
        simulation (they were not all judged). In a population that was only checked, all members and those
        that match.
    interrupted : bool
    reason : str
        Why not all match, else "".
    nearest : Firing or None
        Of the nearest candidate, if none matches.
    degeneracy : mapping or None
        Of the members that match, if they are two or more: see `degeneracy_of`.
    doubts : tuple of str
        What speaks against the verdict.
    again : float or None
        Share of the members that fire like the recording under noise with one more seed; None without noise.
    prior : mapping or None
        The cells that the neuron could be: its ``name``, its ``ranges`` and what it is in words; None for a
        population that was only checked.
    sample : mapping or None
        How the members were drawn, if they are a sample: ``shares`` of the prior's components in it, and
        those that the ``evidence`` alone would give them, how many were drawn (``n_drawn``), how many of each
        component match at first sight (``n_matching``), how many evenly drawn ones they are worth
        (``effective_size``), how many would weigh more than is allowed for (``n_capped``), and where the
        prior reaches beyond what the emulator has seen (``unseen``).
    noise_seed : int or None
        Of the noise, for a population that was only checked; that of a search follows from its own seed.
    """

    tolerance: float
    recording: Firing
    noise_std: float
    n_wanted: int
    n_matching: int
    n_simulated: int
    n_first: int
    n_first_matching: int
    interrupted: bool
    reason: str
    nearest: Firing | None
    degeneracy: Mapping[str, Any] | None
    doubts: tuple[str, ...] = ()
    again: float | None = None
    prior: Mapping[str, Any] | None = None
    sample: Mapping[str, Any] | None = None
    noise_seed: int | None = None

    @property
    def verdict(self) -> str:
        """One of `VERDICTS`."""
        return verdict_on(self.n_matching, self.n_wanted, bool(self.doubts))

    @property
    def describe_sample(self) -> str:
        """What the members are drawn from, in a sentence; "" where that is not known."""
        if self.prior is None or not self.n_matching:
            return ""
        fire = f"that fire like your recording within {100 * self.tolerance:g} %"
        if self.sample is None:
            return f"Members are examples of cells {fire}, not a sample of all of them."
        return (
            f"Members are random draws from all cells this neuron could be ({self.prior['described']}) "
            f"{fire}. Another range gives another population."
        )

    def in_provenance(self) -> dict[str, Any]:
        """The entries of a Block's provenance that `of_block` reads."""
        record = {item.name: getattr(self, item.name) for item in fields(self)}
        for key in ("recording", "nearest"):
            firing = record[key]
            record[key] = firing and firing.record()
        record["doubts"] = list(self.doubts)
        for key in (
            "doubts",
            "again",
            "prior",
            "sample",
            "noise_seed",
        ):  # absent where there is nothing to say
            if record[key] in ([], None):
                del record[key]
        return {"verdict": self.verdict, "verification": record}

    @classmethod
    def of_block(cls, block: neo.Block) -> Verification | None:
        """What a Block keeps, None where nothing was simulated.

        Raises
        ------
        TypeError, ValueError
            As for `provenance`.
        """
        record = provenance(block).get("verification")
        if record is None:
            return None
        known = {item.name: record[item.name] for item in fields(cls) if item.name in record}
        firing = {key: known[key] and Firing.from_record(known[key]) for key in ("recording", "nearest")}
        return cls(**(known | firing | {"doubts": tuple(known.get("doubts", ()))}))
