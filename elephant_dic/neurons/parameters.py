"""What differs from cell to cell beside the conductances: voltages at which gates act, and reversals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .gates import Gate

#: mV; what is beyond is no voltage of a cell.
FARTHEST = 200.0


@dataclass(frozen=True, eq=False)
class Parameter:
    """A voltage that each cell has of its own, as a column of tables behind the conductances.

    Parameters
    ----------
    name : str
        Such as "V_T".
    value : float
        mV with which the channels are declared.
    range : (low, high)
        mV, of cells.
    gates_of : tuple of str
        Channels whose gates all move along the voltage as the parameter does.
    reversal_of : str, optional
        The channel without gates whose reversal it is, in place of `gates_of`.
    """

    name: str
    value: float
    range: tuple[float, float]
    gates_of: tuple[str, ...] = ()
    reversal_of: str | None = None

    def __post_init__(self):
        low, high = self.range
        if not -FARTHEST <= low < high <= FARTHEST:
            raise ValueError(
                f"parameter {self.name}: its range must ascend, from {-FARTHEST:g} to {FARTHEST:g} mV, got "
                f"{self.range}"
            )
        if not low <= self.value <= high:
            raise ValueError(
                f"parameter {self.name}: its value must be in its range {self.range}, got {self.value}"
            )
        if bool(self.gates_of) == bool(self.reversal_of):
            raise ValueError(f"parameter {self.name}: give the channels it moves, or the one of its reversal")
        if self.name.startswith("g_"):
            raise ValueError(f"parameter {self.name}: names with g_ are those of conductances")


def check_parameters(
    owner: str, parameters: Sequence[Parameter], channels: Sequence[Any], carriers: Sequence[str]
) -> None:
    """ValueError if a neuron's parameters do not fit its channels, of which the carriers bring calcium."""
    by_name = {channel.name: channel for channel in channels}
    names = [parameter.name for parameter in parameters]
    if len(set(names)) < len(names) or set(names) & set(by_name):
        raise ValueError(f"{owner}: parameters need names of their own, got {names}")
    if sum(bool(parameter.gates_of) for parameter in parameters) > 1:
        raise ValueError(f"{owner}: one parameter can move gates, got {names}")
    reversals = [parameter.reversal_of for parameter in parameters if parameter.reversal_of]
    if len(set(reversals)) < len(reversals):
        raise ValueError(f"{owner}: two parameters are the reversal of one channel, of {reversals}")
    for parameter in parameters:
        for name in (*parameter.gates_of, *filter(None, [parameter.reversal_of])):
            if name not in by_name:
                raise ValueError(f"{owner}: parameter {parameter.name} is of an unknown channel {name!r}")
            channel = by_name[name]
            if parameter.reversal_of and (channel.gates or channel.reversal != parameter.value):
                raise ValueError(
                    f"{owner}: parameter {parameter.name} must be the reversal of a channel without gates, "
                    f"declared as {parameter.value:g} mV"
                )
            if parameter.reversal_of in carriers:
                raise ValueError(f"{owner}: parameter {parameter.name} is of {name}, which carries calcium")
            if parameter.gates_of and not (channel.gates and all(map(_is_moved, channel.gates))):
                raise ValueError(
                    f"{owner}: parameter {parameter.name} can move gates that have time constants and do "
                    f"not depend on calcium, and {name} has {'others' if channel.gates else 'no gates'}"
                )


def _is_moved(gate):
    return isinstance(gate, Gate) and bool(gate.parts) and gate.calcium_factor is None
