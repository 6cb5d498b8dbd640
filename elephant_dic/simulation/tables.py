"""A neuron's kinetics as arrays over the voltage, for the simulator's compiled kernel."""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..neurons import (
    Crossing,
    Gate,
    Hill,
    Nernst,
    NeuronModel,
    PumpedPool,
    Scheme,
    TwoStateGate,
    derivative,
)

#: Spacing of the tabulated voltages in mV, and how far they reach beyond the reversal potentials.
STEP, _MARGIN = 0.1, 30.0
#: Functions of calcium are tabulated over its logarithm: from where, at what spacing, and at how many points.
LEAST_LOGARITHM, LOGARITHM_STEP, N_LOGARITHMS = -13.8, 0.002, 12_700
#: Numbers of a cell's state beside its gates: as many as the kernel's `lanes` lists.
N_NUMBERS = 14


class Tables(NamedTuple):
    """Kinetics of a neuron on a grid of voltages.

    A gate with several time constants makes as many channels of one, see `parts_of`. Gate s of channel j has
    the slot s * n_channels + j, with n_channels padded to a multiple of 4; empty slots stay at 1. Of rates
    and linearised currents, values are followed by their differences to the next voltage.
    """

    channels: tuple  # n_channels zeros: a length known to the compiler
    slots: tuple  # n_slots zeros
    halves: tuple  # zeros, as many as gates depend on calcium by Ca / (Ca + half)
    curves: tuple  # zeros, as many as gates depend on calcium in another way
    calcium_channels: tuple  # zeros, as many as channels have gates that follow calcium at once
    instantaneous_gates: tuple  # zeros, as many as channels have gates that follow the voltage at once
    moving_gates: tuple  # zeros, as many as of these have a reversal that follows calcium
    two_state_gates: tuple  # zeros, as many as there are two-state gates
    reactions: tuple  # zeros, as many as the other kinetic schemes have reactions
    fractions: tuple  # zeros, as many as these have states
    swing: tuple  # one zero if spikes are maxima, else none
    pump: tuple  # zeros, as many as is the power of the pump; none where calcium decays
    shifted: tuple  # one zero if a parameter of the cells moves gates along the voltage, else none
    first_voltage: float
    n_voltages: int
    initial_voltage: float
    has_moving_reversals: bool
    level: float  # of spikes in mV, or the height of a swing
    rearm: float
    reversals: np.ndarray  # (n_channels,), those that follow calcium at 1 uM
    nernst: np.ndarray  # (n_channels,), what they lose for each unit of ln Ca; 0 for the others
    kinetics: np.ndarray  # (n_voltages, 2, n_slots): x_inf, 1 / (8 tau)
    powers: np.ndarray  # (2, n_slots): the two binary digits of exponent - 1
    initial: np.ndarray  # (n_slots,)
    calcium: np.ndarray  # (4,) float64: time constant, uM per current, baseline, initial value; see `_pool`
    calcium_share: np.ndarray  # (n_channels,): 1 where the channel carries calcium
    calcium_masks: np.ndarray  # (n_halves + n_curves, n_slots): 1 at the slot of the gate
    calcium_halves: np.ndarray  # (n_halves,) float64
    calcium_curves: np.ndarray  # (n_logarithms, n_curves + n_calcium_channels + n_reactions)
    calcium_columns: np.ndarray  # channels with gates that follow calcium at once
    instantaneous_channels: np.ndarray  # channels with instantaneous gates
    linearised: np.ndarray  # (n_voltages, n_instantaneous, 4): see `_instantaneous`
    moving_channels: np.ndarray  # those of them with a reversal that follows calcium
    moved: np.ndarray  # (n_voltages, n_moving, 4): see `_instantaneous`
    two_state_channels: np.ndarray  # channels with a two-state gate
    two_state: np.ndarray  # (n_voltages, n_two_state, 16): see `_two_state`
    two_state_initial: np.ndarray  # (n_two_state, 2) float64: open and inactivated fractions
    reaction_states: np.ndarray  # (n_reactions, 3): source, target, and by which or -1
    rates: np.ndarray  # (n_voltages, n_reactions, 4): forward and backward rate
    scheme_channels: np.ndarray  # (n_fractions,): the channel of each state
    scheme_numbers: np.ndarray  # (n_fractions,): which scheme it is of
    scheme_weights: np.ndarray  # (n_fractions,): how much it conducts
    fractions_initial: np.ndarray  # (n_fractions,) float64
    shifted_mask: np.ndarray  # (n_slots,): 1 at the gates that a parameter moves


def steps_of(neuron: NeuronModel, longest=None) -> tuple[float, float, float]:
    """The longest step (ms; default: the neuron's own), the rate that halves it, and the shortest step."""
    longest = neuron.time_step if longest is None else longest
    return float(longest), float(neuron.half_step_rate), float(neuron.shortest_step * longest)


def state_size(tables: Tables) -> int:
    """Numbers that the state of a cell consists of: each gate has two, a two-state gate too."""
    kinetic = 2 * len(tables.two_state_gates) + len(tables.fractions)
    return N_NUMBERS + 2 * len(tables.slots) + kinetic


class Part(NamedTuple):
    """A channel, or the share of one whose gate moves with one of its time constants."""

    column: int  # of tables of conductances
    share: float
    reversal: float | Nernst
    gates: tuple  # of (gate, time constant or None)


@lru_cache(maxsize=16)
def parts_of(neuron: NeuronModel) -> tuple[Part, ...]:
    """The channels, those with a gate of several time constants as the sum of channels with one each."""
    found = []
    for column, channel in enumerate(neuron.channels):
        choices = [[(g, *part) for part in _time_constants(g)] for g in channel.gates]
        for choice in itertools.product(*choices):
            share = float(np.prod([share for _, share, _ in choice]))
            gates = tuple((gate, time_constant) for gate, _, time_constant in choice)
            found.append(Part(column, share, channel.reversal, gates))
    return tuple(found)


def _time_constants(gate):
    return gate.parts if isinstance(gate, Gate) and gate.parts else ((1.0, None),)


def spread(neuron: NeuronModel, table) -> np.ndarray:
    """(n, n_channels) single precision: conductances of cells, as the kernel takes them."""
    parts = parts_of(neuron)
    spread = np.zeros((len(table), len(tabulate(neuron).channels)), dtype=np.float32)
    for place, part in enumerate(parts):
        spread[:, place] = part.share * table[:, part.column]
    return spread


@lru_cache(maxsize=16)
def tabulate(neuron: NeuronModel) -> Tables:
    """Tabulate a neuron's kinetics, as they are declared.

    Raises
    ------
    ValueError
        If a time constant is not positive, a steady state not a number, or an exponent above 4.
    """
    parts = parts_of(neuron)
    reversals = np.array([_at_one(part.reversal) for part in parts])
    nernst = np.array([part.reversal.scale if isinstance(part.reversal, Nernst) else 0.0 for part in parts])
    low, high = reversals.min() - _MARGIN, reversals.max() + _MARGIN
    voltage = low + STEP * np.arange(round((high - low) / STEP) + 1)
    n_channels = -(-len(reversals) // 4) * 4
    slots = [
        (s * n_channels + j, gate, tau)
        for j, part in enumerate(parts)
        for s, (gate, tau) in enumerate(each for each in part.gates if each[1] is not None)
    ]
    n_slots = n_channels * (1 + max((slot for slot, *_ in slots), default=0) // n_channels)
    rule = neuron.spike
    level, rearm = (rule.level, rule.rearm) if isinstance(rule, Crossing) else (rule.height, 0.0)
    moved = [name for parameter in neuron.parameters for name in parameter.gates_of]
    shifted = [slot for slot, *_ in slots if neuron.channels[parts[slot % n_channels].column].name in moved]
    fields = {
        "shifted": (0,) if shifted else (),
        "shifted_mask": _single(np.isin(np.arange(n_slots), shifted)),
        "channels": (0,) * n_channels,
        "slots": (0,) * n_slots,
        "swing": () if isinstance(rule, Crossing) else (0,),
        "level": float(level),
        "rearm": float(rearm),
        "first_voltage": float(low),
        "n_voltages": len(voltage),
        "initial_voltage": float(neuron.initial_voltage),
        "has_moving_reversals": bool(nernst.any()),
        "reversals": _padded(reversals, n_channels),
        "nernst": _padded(nernst, n_channels),
        **_gates(neuron, voltage, slots, n_slots),
        **_pool(neuron, parts, n_channels),
        **_calcium(parts, slots, n_slots),
        **_instantaneous(parts, voltage),
        **_two_state(neuron, parts, voltage),
        **_schemes(neuron, parts, voltage),
    }
    return Tables(**fields)


def _at_one(reversal):
    """Reversal potential at 1 uM of calcium."""
    return reversal.at(1.0) if isinstance(reversal, Nernst) else reversal


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
    for slot, gate, time_constant in slots:
        if gate.exponent > 4:
            raise ValueError(f"neuron {neuron.name}: gate {gate.name} has an exponent above 4")
        powers[:, slot] = (gate.exponent - 1) % 2, (gate.exponent - 1) // 2
        tau = time_constant(voltage)
        steady[:, slot], speed[:, slot] = gate.steady_state(voltage), 1 / (8 * tau)
        if not (np.isfinite(steady[:, slot]).all() and (tau > 0).all()):
            raise ValueError(
                f"neuron {neuron.name}: gate {gate.name} needs finite steady states and positive time "
                f"constants from {voltage[0]:.0f} to {voltage[-1]:.0f} mV"
            )
        initial[slot] = gate.steady_state(np.array(neuron.initial_voltage))
        if gate.calcium_factor is not None:
            initial[slot] *= gate.calcium_factor(neuron.calcium.initial)
    kinetics = np.stack([steady, speed], axis=1)
    return {"kinetics": _single(kinetics), "powers": _single(powers), "initial": _single(initial)}


def _pool(neuron, parts, n_channels):
    """What brings calcium in and removes it; of a pump: maximum, influx, half ** power, initial value."""
    pool, values = neuron.calcium, [1.0, 0.0, 0.0, 0.0]
    carriers = () if pool is None else [neuron.index(name) for name in pool.channels]
    if isinstance(pool, PumpedPool):
        values = [pool.maximum, pool.influx, pool.half**pool.power, pool.initial]
    elif pool is not None:
        values = [pool.time_constant, pool.per_current, pool.baseline, pool.initial]
    return {
        "pump": (0,) * (pool.power if isinstance(pool, PumpedPool) else 0),
        "calcium": np.array(values),
        "calcium_share": _padded([part.column in carriers for part in parts], n_channels),
    }


def _is_michaelis(factor):
    return isinstance(factor, Hill) and factor.power == 1


def _calcium(parts, slots, n_slots):
    """What calcium does to gates with a time constant, to those without, and to reactions."""
    dependent = [(slot, gate.calcium_factor) for slot, gate, _ in slots if gate.calcium_factor is not None]
    dependent.sort(key=lambda each: not _is_michaelis(each[1]))
    halves = [factor.half for _, factor in dependent if _is_michaelis(factor)]
    columns, products = [], []
    for j, part in enumerate(parts):
        factors = [
            (gate.calcium_factor, gate.exponent)
            for gate, time_constant in part.gates
            if time_constant is None and isinstance(gate, Gate) and gate.calcium_factor is not None
        ]
        if factors:
            columns.append(j)
            products.append(factors)
    masks = np.zeros((len(dependent), n_slots))
    for k, (slot, _) in enumerate(dependent):
        masks[k, slot] = 1
    calcium = np.exp(LEAST_LOGARITHM + LOGARITHM_STEP * np.arange(N_LOGARITHMS))
    with np.errstate(over="ignore"):  # where a sigmoid of calcium is zero
        tables = [factor(calcium) for _, factor in dependent[len(halves) :]]
        tables += [np.prod([factor(calcium) ** power for factor, power in each], axis=0) for each in products]
        tables += [
            np.ones_like(calcium) if reaction.calcium is None else reaction.calcium(calcium)
            for _, scheme in _schemes_of(parts)
            for reaction in scheme.reactions
        ]
    return {
        "halves": (0,) * len(halves),
        "curves": (0,) * (len(dependent) - len(halves)),
        "calcium_channels": (0,) * len(columns),
        "calcium_masks": _single(masks),
        "calcium_halves": np.array(halves, dtype=float),
        "calcium_curves": _single(np.stack(tables, axis=1) if tables else np.zeros((0, 0))),
        "calcium_columns": np.array(columns, dtype=np.int64),
    }


def _instantaneous(parts, voltage):
    """Channels with gates that follow the voltage at once, linearised at each voltage.

    Conductance and drive are those beyond what they are with open gates, both for a conductance of one; then
    what a lower reversal adds to both, for each mV.
    """
    indices, tables, moving, moved = [], [], [], []
    for j, part in enumerate(parts):
        gates = [gate for gate, tau in part.gates if tau is None and isinstance(gate, Gate)]
        opened = [
            gate for gate in gates if not np.allclose(gate.steady_state(voltage), 1, rtol=0, atol=1e-12)
        ]
        if not opened:
            continue
        reversal = _at_one(part.reversal)

        def fraction(v, gates=opened):
            return np.prod([gate.steady_state(v) ** gate.exponent for gate in gates], axis=0)

        def current(v, fraction=fraction, reversal=reversal):
            return fraction(v) * (v - reversal)

        slope = derivative(current, voltage)
        indices.append(j)
        tables.append(np.stack([slope - 1, slope * voltage - current(voltage) - reversal], axis=1))
        if isinstance(part.reversal, Nernst):
            slope = derivative(fraction, voltage)
            moving.append(j)
            moved.append(np.stack([slope, slope * voltage - fraction(voltage) + 1], axis=1))
    return {
        "instantaneous_gates": (0,) * len(indices),
        "instantaneous_channels": np.array(indices, dtype=np.int64),
        "linearised": _with_differences(tables, len(voltage), 2),
        "moving_gates": (0,) * len(moving),
        "moving_channels": np.array(moving, dtype=np.int64),
        "moved": _with_differences(moved, len(voltage), 2),
    }


def _two_state(neuron, parts, voltage):
    """Channels with a two-state gate: at rest and moving, by the eigenvalues of its rates.

    Of each voltage: the open and the inactivated fraction at rest; the slow and the fast eigenvalue over 8;
    then, over half the difference of the eigenvalues, the matrix of the rates without its mean eigenvalue.
    """
    found = [(j, g) for j, part in enumerate(parts) for g, _ in part.gates if isinstance(g, TwoStateGate)]
    initial = [_initial_fractions(neuron, gate)[1:] for _, gate in found]
    return {
        "two_state_gates": (0,) * len(found),
        "two_state_channels": np.array([j for j, _ in found], dtype=np.int64),
        "two_state": _with_differences([_modes(gate, voltage) for _, gate in found], len(voltage), 8),
        "two_state_initial": np.array(initial, dtype=float).reshape(-1, 2),
    }


def _initial_fractions(neuron, scheme):
    calcium = None if neuron.calcium is None else neuron.calcium.initial
    return scheme.first_fractions(np.array(neuron.initial_voltage), calcium)


def _schemes_of(parts):
    """Channels with a kinetic scheme of other than two states and a hidden one."""
    return [
        (j, gate)
        for j, part in enumerate(parts)
        for gate, _ in part.gates
        if isinstance(gate, Scheme) and not isinstance(gate, TwoStateGate)
    ]


def _schemes(neuron, parts, voltage):
    """The reactions of all schemes one after the other, and their states."""
    reactions, rates, channels, numbers, weights, initial = [], [], [], [], [], []
    for number, (j, scheme) in enumerate(_schemes_of(parts)):
        first = len(channels)
        place = {state: first + k for k, state in enumerate(scheme.states)}
        for reaction in scheme.reactions:
            by = -1 if reaction.by is None else place[reaction.by]
            reactions.append((place[reaction.source], place[reaction.target], by))
            both = [np.broadcast_to(rate(voltage), voltage.shape)
                    for rate in (reaction.forward, reaction.backward)]  # fmt: skip
            rates.append(np.stack(both, axis=1))
        channels += [j] * len(scheme.states)
        numbers += [number] * len(scheme.states)
        weights += list(scheme.weights)
        initial += [float(fraction) for fraction in _initial_fractions(neuron, scheme)]
    return {
        "reactions": (0,) * len(reactions),
        "fractions": (0,) * len(channels),
        "reaction_states": np.array(reactions, dtype=np.int64).reshape(-1, 3),
        "rates": _with_differences(rates, len(voltage), 2),
        "scheme_channels": np.array(channels, dtype=np.int64),
        "scheme_numbers": np.array(numbers, dtype=np.int64),
        "scheme_weights": _single(weights),
        "fractions_initial": np.array(initial, dtype=float),
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
    rest, eigenvalues = gate.steady_states(voltage)[1:], [product / fast, fast]
    return np.stack([*rest, *(e / 8 for e in eigenvalues), *(m / half for m in matrix)], axis=1)
