"""A neuron's kinetics as arrays over the voltage, for the simulator's compiled kernel."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..neurons import Gate, Nernst, NeuronModel, TwoStateGate, derivative

#: Spacing of the tabulated voltages in mV, and how far they reach beyond the reversal potentials.
STEP, _MARGIN = 0.1, 30.0
#: Numbers of a cell's state beside its gates: as many as the kernel's `lanes` lists.
N_NUMBERS = 10


class Tables(NamedTuple):
    """Kinetics of a neuron on a grid of voltages.

    Gate s of channel j has the slot s * n_channels + j, with n_channels padded to a multiple of 4; empty
    slots stay at 1. Of rates and linearised currents, values are followed by their differences to the next
    voltage.
    """

    channels: tuple  # n_channels zeros: a length known to the compiler
    slots: tuple  # n_slots zeros
    calcium_gates: tuple  # zeros, as many as gates depend on calcium
    instantaneous_gates: tuple  # zeros, as many as channels have gates that follow the voltage at once
    two_state_gates: tuple  # zeros, as many as there are two-state gates
    first_voltage: float
    n_voltages: int
    initial_voltage: float
    has_moving_reversals: bool
    reversals: np.ndarray  # (n_channels,), those that follow calcium at 1 uM
    nernst: np.ndarray  # (n_channels,), what they lose for each unit of ln Ca; 0 for the others
    kinetics: np.ndarray  # (n_voltages, 2, n_slots): x_inf, 1 / (8 tau)
    powers: np.ndarray  # (2, n_slots): the two binary digits of exponent - 1
    initial: np.ndarray  # (n_slots,)
    calcium: np.ndarray  # (4,) float64: time constant, uM per current, baseline, initial value
    calcium_share: np.ndarray  # (n_channels,): 1 where the channel carries calcium
    calcium_masks: np.ndarray  # (n_calcium_gates, n_slots): 1 at the slot of the gate
    calcium_halves: np.ndarray  # (n_calcium_gates,) float64
    instantaneous_channels: np.ndarray  # channels with instantaneous gates
    linearised: np.ndarray  # (n_voltages, n_instantaneous, 4): see `_instantaneous`
    two_state_channels: np.ndarray  # channels with a two-state gate
    two_state: np.ndarray  # (n_voltages, n_two_state, 16): see `_two_state`
    two_state_initial: np.ndarray  # (n_two_state, 2) float64: open and inactivated fractions


def steps_of(neuron: NeuronModel, longest=None) -> tuple[float, float, float]:
    """The longest step (ms; default: the neuron's own), the rate that halves it, and the shortest step."""
    longest = neuron.time_step if longest is None else longest
    return float(longest), float(neuron.half_step_rate), float(neuron.shortest_step * longest)


def state_size(tables: Tables) -> int:
    """Numbers that the state of a cell consists of: each gate has two, a two-state gate too."""
    return N_NUMBERS + 2 * len(tables.slots) + 2 * len(tables.two_state_gates)


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
        for s, gate in enumerate(gate for gate in channel.gates if _has_time_constant(gate))
    ]
    n_slots = n_channels * (1 + max((slot for slot, _ in slots), default=0) // n_channels)
    fields = {
        "channels": (0,) * n_channels,
        "slots": (0,) * n_slots,
        "first_voltage": float(low),
        "n_voltages": len(voltage),
        "initial_voltage": float(neuron.initial_voltage),
        "has_moving_reversals": bool(nernst.any()),
        "reversals": _padded(reversals, n_channels),
        "nernst": _padded(nernst, n_channels),
        **_gates(neuron, voltage, slots, n_slots),
        **_calcium(neuron, slots, n_channels, n_slots),
        **_instantaneous(neuron, voltage),
        **_two_state(neuron, voltage),
    }
    return Tables(**fields)


def _is_instantaneous(gate):
    return isinstance(gate, Gate) and gate.time_constant is None


def _has_time_constant(gate):
    return isinstance(gate, Gate) and gate.time_constant is not None


def _single(values):
    return np.ascontiguousarray(values, dtype=np.float32)


def _padded(values, n):
    """Values of the channels, and zeros for those that there are not."""
    return _single(np.pad(values, (0, n - len(values))))


def _with_differences(tables, n_voltages, n_values):
    """(n_voltages, n, 2 n_values) values, followed by their differences to the next voltage."""
    if not tables:
        return np.zeros((n_voltages, 0, 2 * n_values), dtype=np.float32)
    values = np.stack(tables, axis=1)
    return _single(np.concatenate([values, np.diff(values, axis=0, append=values[-1:])], axis=2))


def _gates(neuron, voltage, slots, n_slots):
    steady, speed = np.ones((len(voltage), n_slots)), np.zeros((len(voltage), n_slots))
    powers, initial = np.zeros((2, n_slots)), np.ones(n_slots)
    for slot, gate in slots:
        if gate.exponent > 4:
            raise ValueError(f"neuron {neuron.name}: gate {gate.name} has an exponent above 4")
        powers[:, slot] = (gate.exponent - 1) % 2, (gate.exponent - 1) // 2
        tau = gate.time_constant(voltage)
        steady[:, slot], speed[:, slot] = gate.steady_state(voltage), 1 / (8 * tau)
        if not (np.isfinite(steady[:, slot]).all() and (tau > 0).all()):
            raise ValueError(
                f"neuron {neuron.name}: gate {gate.name} needs finite steady states and positive time "
                f"constants from {voltage[0]:.0f} to {voltage[-1]:.0f} mV"
            )
        initial[slot] = gate.steady_state(np.array(neuron.initial_voltage))
        if gate.calcium_half:
            initial[slot] *= neuron.calcium.initial / (neuron.calcium.initial + gate.calcium_half)
    kinetics = np.stack([steady, speed], axis=1)
    return {"kinetics": _single(kinetics), "powers": _single(powers), "initial": _single(initial)}


def _calcium(neuron, slots, n_channels, n_slots):
    pool = neuron.calcium
    share = np.zeros(n_channels)
    values = [1.0, 0.0, 0.0, 0.0]
    if pool is not None:
        share[[neuron.index(name) for name in pool.channels]] = 1
        values = [pool.time_constant, pool.per_current, pool.baseline, pool.initial]
    dependent = [(slot, gate.calcium_half) for slot, gate in slots if gate.calcium_half]
    masks = np.zeros((len(dependent), n_slots))
    for k, (slot, _) in enumerate(dependent):
        masks[k, slot] = 1
    return {
        "calcium": np.array(values),
        "calcium_share": _single(share),
        "calcium_gates": (0,) * len(dependent),
        "calcium_masks": _single(masks),
        "calcium_halves": np.array([half for _, half in dependent], dtype=float),
    }


def _instantaneous(neuron, voltage):
    """Channels with gates that follow the voltage at once, linearised at each voltage.

    Conductance and drive are those beyond what they are with open gates, both for a conductance of one.
    """
    indices, tables = [], []
    for j, channel in enumerate(neuron.channels):
        gates = [gate for gate in channel.gates if _is_instantaneous(gate)]
        if not gates:
            continue

        def current(v, gates=gates, reversal=channel.reversal):
            return np.prod([g.steady_state(v) ** g.exponent for g in gates], axis=0) * (v - reversal)

        slope = derivative(current, voltage)
        indices.append(j)
        tables.append(np.stack([slope - 1, slope * voltage - current(voltage) - channel.reversal], axis=1))
    return {
        "instantaneous_gates": (0,) * len(indices),
        "instantaneous_channels": np.array(indices, dtype=np.int64),
        "linearised": _with_differences(tables, len(voltage), 2),
    }


def _two_state(neuron, voltage):
    """Channels with a two-state gate: at rest and moving, by the eigenvalues of its rates.

    Of each voltage: the open and the inactivated fraction at rest; the slow and the fast eigenvalue over 8;
    then, over half the difference of the eigenvalues, the matrix of the rates without its mean eigenvalue.
    """
    found = [
        (j, gate)
        for j, channel in enumerate(neuron.channels)
        for gate in channel.gates
        if isinstance(gate, TwoStateGate)
    ]
    initial = [gate.initial or gate.steady_states(np.array(neuron.initial_voltage)) for _, gate in found]
    return {
        "two_state_gates": (0,) * len(found),
        "two_state_channels": np.array([j for j, _ in found], dtype=np.int64),
        "two_state": _with_differences([_modes(gate, voltage) for _, gate in found], len(voltage), 8),
        "two_state_initial": np.array(initial, dtype=float).reshape(-1, 2),
    }


def _modes(gate: TwoStateGate, voltage):
    rates = [rate(voltage) for rate in (gate.opening, gate.closing, gate.inactivation, gate.recovery)]
    opening, closing, inactivation, recovery = np.broadcast_arrays(*rates)
    leaving = opening + closing + inactivation
    mean = (leaving + recovery) / 2
    product = opening * (recovery + inactivation) + closing * recovery
    half = np.sqrt(np.maximum(mean**2 - product, (1e-3 * mean) ** 2))  # they are never quite equal
    fast = mean + half
    matrix = [mean - leaving, recovery - opening, inactivation, mean - recovery]
    rest, eigenvalues = gate.steady_states(voltage), [product / fast, fast]
    return np.stack([*rest, *(e / 8 for e in eigenvalues), *(m / half for m in matrix)], axis=1)
