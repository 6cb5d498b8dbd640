"""A neuron's kinetics as arrays over the voltage, for the simulator's compiled kernel."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..neurons import Gate, Nernst, NeuronModel, TwoStateGate, derivative

#: Spacing of the tabulated voltages in mV, and how far they reach beyond the reversal potentials.
STEP, _MARGIN = 0.1, 30.0


class Tables(NamedTuple):
    """Kinetics of a neuron on a grid of voltages.

    Gate s of channel j has the slot s * n_channels + j, with n_channels padded to a multiple of 4; empty
    slots stay at 1. Of rates and linearised currents, values are followed by their differences to the next
    voltage.
    """

    channels: tuple  # n_channels zeros: a length known to the compiler
    slots: tuple  # n_slots zeros
    first_voltage: float
    initial_voltage: float
    reversals: np.ndarray  # (n_channels,), those that follow calcium at 1 uM
    nernst: np.ndarray  # (n_channels,), what they lose for each unit of ln Ca; 0 for the others
    kinetics: np.ndarray  # (n_voltages, 2, n_slots) float32: x_inf, 1 / (8 tau)
    powers: np.ndarray  # (2, n_slots) float32: the two binary digits of exponent - 1
    initial: np.ndarray  # (n_slots,)
    calcium: np.ndarray  # (4,): time constant, uM per current, baseline, initial value
    calcium_share: np.ndarray  # (n_channels,): 1 where the channel carries calcium
    calcium_slots: np.ndarray  # slots of the gates that depend on calcium
    calcium_halves: np.ndarray
    instantaneous: np.ndarray  # channels with instantaneous gates
    linearised: np.ndarray  # (n_voltages, n_instantaneous, 4): conductance, drive, differences
    two_state: np.ndarray  # slots of the open fractions of two-state gates
    rates: np.ndarray  # (n_voltages, n_two_state, 8): opening … recovery, differences
    inactivated: np.ndarray  # (n_two_state,): initial inactivated fractions


@lru_cache(maxsize=16)
def tabulate(neuron: NeuronModel) -> Tables:
    """Tabulate a neuron's kinetics.

    Raises
    ------
    ValueError
        If a time constant is not positive, a steady state not a number, or an exponent above 4.
    """
    reversals = np.array([channel.reversal_at(1.0) for channel in neuron.channels])
    nernst = np.array([c.reversal.scale if isinstance(c.reversal, Nernst) else 0.0 for c in neuron.channels])
    low, high = reversals.min() - _MARGIN, reversals.max() + _MARGIN
    voltage = low + STEP * np.arange(round((high - low) / STEP) + 1)
    n_channels = -(-len(reversals) // 4) * 4
    slots = [
        (s * n_channels + j, gate)
        for j, channel in enumerate(neuron.channels)
        for s, gate in enumerate(gate for gate in channel.gates if not _is_instantaneous(gate))
    ]
    n_slots = n_channels * (1 + max((slot for slot, _ in slots), default=0) // n_channels)
    fields = {
        "channels": (0,) * n_channels,
        "slots": (0,) * n_slots,
        "first_voltage": float(low),
        "initial_voltage": float(neuron.initial_voltage),
        "reversals": np.pad(reversals, (0, n_channels - len(reversals))),
        "nernst": np.pad(nernst, (0, n_channels - len(reversals))),
        **_gates(neuron, voltage, slots, n_slots),
        **_calcium(neuron, slots, n_channels),
        **_instantaneous(neuron, voltage),
        **_two_state(voltage, slots),
        **_initial(neuron, slots, n_slots),
    }
    return Tables(**fields)


def _is_instantaneous(gate):
    return isinstance(gate, Gate) and gate.time_constant is None


def _with_differences(values, axis):
    """Values followed by their differences to the next voltage."""
    return np.concatenate([values, np.diff(values, axis=0, append=values[-1:])], axis=axis)


def _gates(neuron, voltage, slots, n_slots):
    steady, speed = np.ones((len(voltage), n_slots)), np.zeros((len(voltage), n_slots))
    powers = np.zeros((2, n_slots))
    for slot, gate in slots:
        if gate.exponent > 4:
            raise ValueError(f"neuron {neuron.name}: gate {gate.name} has an exponent above 4")
        powers[:, slot] = (gate.exponent - 1) % 2, (gate.exponent - 1) // 2
        if isinstance(gate, Gate):
            tau = gate.time_constant(voltage)
            steady[:, slot], speed[:, slot] = gate.steady_state(voltage), 1 / (8 * tau)
            if not (np.isfinite(steady[:, slot]).all() and (tau > 0).all()):
                raise ValueError(
                    f"neuron {neuron.name}: gate {gate.name} needs finite steady states and positive time "
                    f"constants from {voltage[0]:.0f} to {voltage[-1]:.0f} mV"
                )
    kinetics = np.stack([steady, speed], axis=1)
    return {"kinetics": kinetics.astype(np.float32), "powers": powers.astype(np.float32)}


def _calcium(neuron, slots, n_channels):
    pool = neuron.calcium
    share = np.zeros(n_channels)
    values = [1.0, 0.0, 0.0, 0.0]
    if pool is not None:
        share[[neuron.index(name) for name in pool.channels]] = 1
        values = [pool.time_constant, pool.per_current, pool.baseline, pool.initial]
    dependent = [(slot, gate.calcium_half) for slot, gate in slots if gate.calcium_half]
    return {
        "calcium": np.array(values),
        "calcium_share": share,
        "calcium_slots": np.array([slot for slot, _ in dependent], dtype=np.int64),
        "calcium_halves": np.array([half for _, half in dependent], dtype=float),
    }


def _instantaneous(neuron, voltage):
    """Conductance and drive, per unit, of channels with gates that follow the voltage at once."""
    indices, tables = [], []
    for j, channel in enumerate(neuron.channels):
        gates = [gate for gate in channel.gates if _is_instantaneous(gate)]
        if not gates:
            continue

        def current(v, gates=gates, reversal=channel.reversal):
            return np.prod([g.steady_state(v) ** g.exponent for g in gates], axis=0) * (v - reversal)

        slope = derivative(current, voltage)
        indices.append(j)
        tables.append(_with_differences(np.stack([slope, slope * voltage - current(voltage)], 1), axis=1))
    linearised = np.stack(tables, axis=1) if tables else np.zeros((len(voltage), 0, 4))
    return {"instantaneous": np.array(indices, dtype=np.int64), "linearised": linearised}


def _two_state(voltage, slots):
    found = [(slot, gate) for slot, gate in slots if isinstance(gate, TwoStateGate)]
    tables = [
        _with_differences(
            np.stack([rate(voltage) for rate in (g.opening, g.closing, g.inactivation, g.recovery)], 1),
            axis=1,
        )
        for _, g in found
    ]
    return {
        "two_state": np.array([slot for slot, _ in found], dtype=np.int64),
        "rates": np.stack(tables, axis=1) if tables else np.zeros((len(voltage), 0, 8)),
    }


def _initial(neuron, slots, n_slots):
    """Gates at the start of a simulation."""
    start = np.array(neuron.initial_voltage)
    initial, inactivated = np.ones(n_slots), []
    for slot, gate in slots:
        if isinstance(gate, TwoStateGate):
            initial[slot], hidden = gate.initial or gate.steady_states(start)
            inactivated.append(hidden)
        else:
            initial[slot] = gate.steady_state(start)
        if gate.calcium_half:
            initial[slot] *= neuron.calcium.initial / (neuron.calcium.initial + gate.calcium_half)
    return {"initial": initial, "inactivated": np.array(inactivated, dtype=float)}
