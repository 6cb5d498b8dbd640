"""The columns of tables of cells: conductances, and parameters behind them."""

from __future__ import annotations

import numpy as np

from .model import NeuronModel
from .parameters import FARTHEST


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
