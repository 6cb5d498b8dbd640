"""What differs from cell to cell beside the conductances: voltages at which gates act, and reversals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .gates import Gate

if TYPE_CHECKING:
    from .model import Channel, NeuronModel

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
            raise ValueError(f"parameter {self.name}: its range must ascend, in mV, got {self.range}")
        if bool(self.gates_of) == bool(self.reversal_of):
            raise ValueError(f"parameter {self.name}: give the channels it moves, or the one of its reversal")
        if self.name.startswith("g_"):
            raise ValueError(f"parameter {self.name}: names with g_ are those of conductances")


def check_parameters(owner: str, parameters: Sequence[Parameter], channels: Sequence[Channel]) -> None:
    """ValueError if a neuron's parameters do not fit its channels."""
    by_name = {channel.name: channel for channel in channels}
    names = [parameter.name for parameter in parameters]
    if len(set(names)) < len(names) or set(names) & set(by_name):
        raise ValueError(f"{owner}: parameters need names of their own, got {names}")
    if sum(bool(parameter.gates_of) for parameter in parameters) > 1:
        raise ValueError(f"{owner}: one parameter can move gates, got {names}")
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
            if parameter.gates_of and not all(isinstance(g, Gate) and g.parts for g in channel.gates):
                raise ValueError(
                    f"{owner}: parameter {parameter.name} can move gates with time constants alone, and "
                    f"{name} has others"
                )


def unit_of_column(name: str) -> str:
    """Of a column of a table of cells, by its name."""
    return "mS/cm**2" if name.startswith("g_") else "mV"


def check_values(neuron: NeuronModel, values: np.ndarray) -> None:
    """ValueError if (n, n_parameters) values are no voltages of cells."""
    wrong = ~(np.abs(values) <= FARTHEST)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ValueError(
            f"{neuron.parameters[column].name} of member {row} is {values[row, column]} mV; it must be from "
            f"{-FARTHEST:g} to {FARTHEST:g} mV"
        )


def shifts_of(neuron: NeuronModel, table: np.ndarray) -> np.ndarray:
    """(n,) mV by which the gates of each cell are moved that a parameter moves; (0,) if there is none."""
    for column, parameter in enumerate(neuron.parameters, len(neuron.channels)):
        if parameter.gates_of:
            return table[:, column] - parameter.value
    return np.empty(0)


def shift_of(neuron: NeuronModel, channel: str, values: np.ndarray):
    """mV by which the gates of a channel are moved, given the parameters' (..., n_parameters) values."""
    moved = [k for k, parameter in enumerate(neuron.parameters) if channel in parameter.gates_of]
    return sum(values[..., k] - neuron.parameters[k].value for k in moved)


def constant_currents(neuron: NeuronModel, table: np.ndarray) -> np.ndarray:
    """(n,) uA/cm**2 to which the reversals of the cells come down, beside those that are declared."""
    total = np.zeros(len(table))
    for column, parameter in enumerate(neuron.parameters, len(neuron.channels)):
        if parameter.reversal_of:
            total += table[:, neuron.index(parameter.reversal_of)] * (table[:, column] - parameter.value)
    return total


def with_parameters(neuron: NeuronModel, table: np.ndarray) -> np.ndarray:
    """A table with all columns, from one that may have those of the conductances alone."""
    if table.shape[1] != len(neuron.channels):
        return table
    values = [parameter.value for parameter in neuron.parameters]
    return np.concatenate([table, np.tile(values, (len(table), 1))], axis=1) if values else table
