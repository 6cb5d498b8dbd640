"""The verdict on a population under current steps: what its Block keeps of how its members were judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import neo

from ..populations import provenance
from ..search import verdict_on

_KEY = "steps"


@dataclass(frozen=True)
class StepVerification:
    """How the members of a population were judged under the currents of a recording.

    Attributes
    ----------
    tolerance : float
        Counts may differ by twice this share, or by one.
    figures : tuple of str
        What was compared beside counts and the rate at rest.
    n_wanted, n_matching : int
        Members asked for, and those that fire like the recording at every level.
    n_simulated : int
    n_first, n_first_matching : int
        Cells of the library, or of the prior, that were simulated first; those of them that fit.
    interrupted : bool
    reason : str
        Why not all match, else "".
    doubts : tuple of str
        What speaks against the verdict.
    levels : tuple of mappings
        Of each level: ``name``, ``current`` (pA; None of rest, and where it moves), ``count`` (Hz at rest),
        ``allowed``, and whether it was ``compared``.
    capacitance : mapping
        ``value`` (pF), ``source``, and of an estimate its ``spread`` (pF) and from how many ``sweeps``.
    prior : mapping
        The cells that the neuron could be: ``name``, ``described`` and ``ranges``.
    sample : mapping
        How many cells fit (``n_fitting``), and how many evenly drawn ones the members' weights are worth
        (``effective_size``).
    checks : tuple of mappings
        What another capacitance would give: its ``factor``, ``n_matching`` of ``n_wanted`` models, and the
        ``medians`` of their conductances (nS).
    """

    tolerance: float
    figures: tuple[str, ...]
    n_wanted: int
    n_matching: int
    n_simulated: int
    n_first: int
    n_first_matching: int
    interrupted: bool
    reason: str
    doubts: tuple[str, ...]
    levels: tuple[Mapping[str, Any], ...]
    capacitance: Mapping[str, Any]
    prior: Mapping[str, Any]
    sample: Mapping[str, Any]
    checks: tuple[Mapping[str, Any], ...] = ()

    @property
    def verdict(self) -> str:
        """One of the verdicts on populations."""
        return verdict_on(self.n_matching, self.n_wanted, bool(self.doubts))

    @property
    def describe_recording(self) -> str:
        """The levels in a line: "0 at -50 pA, 12 at 50 pA …"."""
        told = [
            f"{level['count']:.3g} {'Hz ' if level['name'].startswith('rest') else ''}at {level['name']}"
            for level in self.levels
        ]
        return ", ".join(told)

    @property
    def describe_sample(self) -> str:
        """What the members are drawn from, in a sentence; "" if there are none, or that is not known."""
        if not (self.n_matching and self.prior):
            return ""
        return (
            f"Members are random draws from all cells this neuron could be ({self.prior['described']}) that "
            f"fire like your recording at every level within {200 * self.tolerance:g} % or one spike. "
            f"Another range gives another population."
        )

    def in_provenance(self) -> dict[str, Any]:
        """The entries of a Block's provenance that `of_block` reads."""
        return {"verdict": self.verdict, _KEY: asdict(self)}

    @classmethod
    def of_block(cls, block: neo.Block) -> StepVerification | None:
        """What a Block keeps, None of a population that was not judged under steps."""
        record = provenance(block).get(_KEY)
        if record is None:
            return None
        known = {item.name: record[item.name] for item in fields(cls) if item.name in record}
        lists = {name: tuple(known[name]) for name in ("figures", "doubts", "levels", "checks")}
        return cls(**(known | lists))
