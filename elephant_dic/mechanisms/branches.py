"""Conditions of mechanisms: which formula is meant where a file has several, if one is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ..exports import Expression
from .formulas import (
    Refused,
    agree,
    bound,
    is_number,
    poles_of,
    refused,
    samples,
    symbols_of,
    value_of,
    without_poles,
)

_COMPARED: dict[str, Callable] = {
    "<": np.less, ">": np.greater, "<=": np.less_equal, ">=": np.greater_equal, "==": np.equal,
    "!=": np.not_equal,
}  # fmt: skip
#: How far a limit of a time constant is rounded, as a share of it.
_ROUNDED = 0.01


@dataclass(frozen=True)
class Condition:
    """A comparison of formulae, or of conditions: ``"<"``, ``"&&"``, ``"||"``, ``"!"`` …"""

    operation: str
    parts: tuple

    def holds(self, **values):
        """Where it holds, given arrays by the names of symbols."""
        if self.operation in _COMPARED:
            return _COMPARED[self.operation](*(value_of(part, **values) for part in self.parts))
        held = [part.holds(**values) for part in self.parts]
        if self.operation == "!":
            return np.logical_not(held[0])
        return (np.logical_and if self.operation == "&&" else np.logical_or)(*held)

    def symbols(self) -> frozenset[str]:
        """Names of the symbols on which it depends."""
        own = [part.symbols() if isinstance(part, Condition) else symbols_of(part) for part in self.parts]
        return frozenset().union(*own)

    def with_numbers(self, parameters: Mapping[str, float]) -> Condition:
        """It with numbers in the place of parameters."""
        return Condition(
            self.operation,
            tuple(
                part.with_numbers(parameters) if isinstance(part, Condition) else bound(part, parameters)
                for part in self.parts
            ),
        )


@dataclass(frozen=True)
class Choice:
    """A formula if a condition holds, and one if not, at a line of a file."""

    condition: Condition
    then: Expression
    otherwise: Expression
    line: int

    def meant(self, note: Callable[[int, str], None]) -> Expression:
        """The one formula without a condition that is meant, or one that is refused.

        That is one of the two, where the other stands only for its value at a pole, or for what it does
        beyond voltages that cells have. Limits are rounded, with a note.
        """
        try:
            at = samples(self.condition.symbols() | symbols_of(self.then) | symbols_of(self.otherwise))
        except Refused as error:
            return refused(*error.args)
        holds = np.broadcast_to(self.condition.holds(**at), at["v"].shape)
        then, otherwise = (value_of(each, **at) + 0 * at["v"] for each in (self.then, self.otherwise))
        wanted = np.where(holds, then, otherwise)
        for main, other in ((self.otherwise, self.then), (self.then, self.otherwise)):
            smooth = without_poles(main)
            if agree(value_of(smooth, **at) + 0 * at["v"], wanted) and _meets(smooth, main, other, at):
                return smooth
        limited = self._limited(wanted, at, note)
        if limited is not None:
            return limited
        return refused(self.line, "it depends on a condition, and is no single formula of the voltage")

    def _limited(self, wanted, at, note):
        """What is kept above or below a number."""
        limit, value = (self.then, self.otherwise) if is_number(self.then) else (self.otherwise, self.then)
        if not is_number(limit):
            return None
        number, values = limit.arguments[0], value_of(value, **at)
        if "ica" in symbols_of(value) and number == 0 and agree(np.maximum(values, 0), wanted):
            note(self.line, "outward currents of calcium are left out there, and count in the declaration")
            return value
        if symbols_of(value) != {"v"} or not number > 0:
            return None
        for sign, limited in ((1, np.maximum), (-1, np.minimum)):
            if agree(limited(values, number), wanted):
                kind = "least" if sign == 1 else "greatest"
                note(
                    self.line, f"{number:g} is the {kind} value there; the edge is rounded by half a percent"
                )
                away = value - limit
                return (value + limit + sign * np.sqrt(away**2 + (_ROUNDED * number) ** 2)) / 2
        return None


def _meets(smooth, main, other, at):
    """Whether a formula without its poles is continued by the other where it had them."""
    before = poles_of(main)
    poles = [at | {"v": pole} for pole in poles_of(smooth) if pole not in before]
    return all(np.allclose(value_of(smooth, **each), value_of(other, **each), rtol=1e-3) for each in poles)
