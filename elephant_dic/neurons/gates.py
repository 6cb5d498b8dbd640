"""What opens and closes a channel, as data: gates, kinetic schemes, and the functions they are made of.

Every function of the voltage (mV) or of calcium (uM) takes and returns numpy arrays and has to be analytic
(`numpy.exp` and the like, no `abs`, no comparison), since derivatives are taken by complex steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

Function = Callable[[np.ndarray], np.ndarray]
VoltageFunction = Function

#: Names of the three dynamic input conductances, in the order of every array that holds them.
DIC_NAMES = ("g_f", "g_s", "g_u")


def constant(value: float) -> Function:
    """V -> value."""
    return lambda voltage: value + 0 * voltage


def sigmoid(shift: float, slope: float) -> VoltageFunction:
    """V -> 1 / (1 + exp((V + shift) / slope)); a negative slope opens with depolarisation."""
    return lambda voltage: 1 / (1 + np.exp((voltage + shift) / slope))


def stepped(base: float, drop: float, shift: float, slope: float) -> VoltageFunction:
    """V -> base - drop * sigmoid(shift, slope)(V), the usual form of a time constant."""
    step = sigmoid(shift, slope)
    return lambda voltage: base - drop * step(voltage)


def scaled(function: VoltageFunction, factor: float) -> VoltageFunction:
    """V -> factor * function(V)."""
    return lambda voltage: factor * function(voltage)


def x_over_expm1(x):
    """x / (exp(x) - 1), with its limit 1 - x / 2 at 0: a rate that grows linearly, without its pole."""
    small = np.abs(x) < 1e-6
    return np.where(small, 1 - x / 2, x / np.expm1(np.where(small, 1, x)))


@dataclass(frozen=True)
class Hill:
    """Ca -> Ca**power / (Ca**power + half**power), with `half` in uM: a gate that calcium opens."""

    half: float
    power: float = 1.0

    def __post_init__(self):
        if not (self.half > 0 and self.power > 0):
            raise ValueError(f"a Hill function needs a positive half and power, got {self}")

    def __call__(self, calcium):
        if self.power == 1:
            return calcium / (calcium + self.half)
        raised = calcium**self.power
        return raised / (raised + self.half**self.power)


def calcium_sigmoid(half: float, slope: float) -> Function:
    """Ca -> 1 / (1 + exp((half - Ca) / slope)), both in uM; a negative slope is inactivation by calcium."""
    if not (half > 0 and slope):
        raise ValueError(f"a sigmoid of calcium needs a positive half and a slope, got {half} and {slope}")

    def factor(calcium):
        with np.errstate(over="ignore"):  # where it is zero
            return 1 / (1 + np.exp((half - calcium) / slope))

    return factor


def _check_functions(owner, **functions):
    for name, function in functions.items():
        if function is not None and not callable(function):
            raise ValueError(f"{owner}: {name} must be a function, such as constant(1.0), got {function!r}")


@dataclass(frozen=True, eq=False)
class Gate:
    """One gating variable x with dx/dt = (x_inf - x) / tau.

    Parameters
    ----------
    name : str
    steady_state : function of the voltage
        x_inf(V), without the calcium factor; `constant(1.0)` for a gate of calcium alone.
    time_constant : function of the voltage, or tuple of (share, function), optional
        tau(V) in ms. Several with shares that sum to 1: so much of the gate moves with each. None: the gate
        follows at once.
    exponent : int
        Power of the gate in the channel's open fraction.
    calcium_half : float, optional
        In uM; short for ``calcium=Hill(calcium_half)``.
    calcium : function of calcium, optional
        Multiplies x_inf: a `Hill` function, `calcium_sigmoid(half, slope)` or any other from 0 to 1.
    calcium_lag : bool
        Whether what calcium does to the gate counts, in the DICs, on the timescale of the pool and of the
        gate one after the other (the sum of their time constants), and not of the pool alone. For gates
        that are slower than the pool.
    """

    name: str
    steady_state: VoltageFunction
    time_constant: VoltageFunction | tuple[tuple[float, VoltageFunction], ...] | None = None
    exponent: int = 1
    calcium_half: float | None = None
    calcium: Function | None = None
    calcium_lag: bool = False

    def __post_init__(self):
        if self.exponent < 1 or int(self.exponent) != self.exponent:
            raise ValueError(f"gate {self.name}: exponent must be 1, 2, …, got {self.exponent}")
        if self.calcium_half is not None and not self.calcium_half > 0:
            raise ValueError(f"gate {self.name}: calcium_half must be positive")
        if self.calcium_half is not None and self.calcium is not None:
            raise ValueError(f"gate {self.name}: calcium_half is short for a Hill function; give one of both")
        if self.calcium_lag and (self.calcium_factor is None or not self.parts):
            raise ValueError(f"gate {self.name}: calcium_lag needs a time constant and a factor of calcium")
        _check_functions(f"gate {self.name}", steady_state=self.steady_state, calcium=self.calcium)
        if self.time_constant is not None and not isinstance(self.time_constant, tuple):
            _check_functions(f"gate {self.name}", time_constant=self.time_constant)
        elif self.time_constant == ():
            raise ValueError(f"gate {self.name}: no time constant is None, not ()")
        for _, time_constant in self.parts:
            _check_functions(f"gate {self.name}", time_constant=time_constant)
        shares = [share for share, _ in self.parts]
        if shares and not (min(shares) > 0 and abs(sum(shares) - 1) < 1e-9):
            raise ValueError(f"gate {self.name}: shares of its time constants must sum to 1, got {shares}")
        if len(shares) > 1 and self.exponent != 1:
            raise ValueError(
                f"gate {self.name}: a gate with several time constants needs exponent 1, got {self.exponent}"
            )

    @property
    def calcium_factor(self) -> Function | None:
        """The function of calcium that multiplies x_inf, if there is one."""
        return self.calcium if self.calcium_half is None else Hill(self.calcium_half)

    @property
    def parts(self) -> tuple[tuple[float, VoltageFunction], ...]:
        """(share, time constant) of each part of the gate; none if it follows at once."""
        if self.time_constant is None:
            return ()
        return self.time_constant if isinstance(self.time_constant, tuple) else ((1.0, self.time_constant),)


@dataclass(frozen=True, eq=False)
class Reaction:
    """Two states of a `KineticScheme` that turn into each other.

    Parameters
    ----------
    source, target : str
    forward, backward : functions of the voltage
        Rates in 1/ms from source to target, and back.
    calcium : function of calcium, optional
        Multiplies the forward rate.
    by : str, optional
        A state of another part of the scheme, by whose fraction the forward rate is multiplied.
    """

    source: str
    target: str
    forward: VoltageFunction
    backward: VoltageFunction
    calcium: Function | None = None
    by: str | None = None


class Scheme:
    """States that turn into each other; how much of them conducts enters the channel once.

    States that reactions connect are one part of the scheme: their fractions sum to 1.
    """

    name: str
    timescale: str
    states: tuple[str, ...]
    reactions: tuple[Reaction, ...]
    conducting: Mapping[str, float]

    #: What gates have and schemes do not.
    exponent, parts, calcium_factor = 1, (), None

    @property
    def initial_fractions(self) -> tuple[float, ...] | None:
        """Of the states at the start of a simulation, if not their steady state."""
        raise NotImplementedError

    def first_fractions(self, voltage: np.ndarray, calcium=None):
        """(n_states,) fractions at the start of a simulation: those given, else at rest."""
        given = self.initial_fractions
        return self.steady_states(voltage, calcium) if given is None else given

    @property
    def depends_on_calcium(self) -> bool:
        """Whether a rate does."""
        return any(reaction.calcium is not None for reaction in self.reactions)

    @property
    def weights(self) -> np.ndarray:
        """(n_states,) how much each state conducts."""
        return np.array([float(self.conducting.get(state, 0.0)) for state in self.states])

    def _ordered_parts(self) -> list[list[str]]:
        """States that reactions connect, each part after those by whose states it is moved."""
        part_of = {state: {state} for state in self.states}
        for reaction in self.reactions:
            joined = part_of[reaction.source] | part_of[reaction.target]
            part_of |= dict.fromkeys(joined, joined)
        waiting = [s for i, s in enumerate(self.states) if not part_of[s] & set(self.states[:i])]
        ordered: list[list[str]] = []
        while waiting:
            done = {state for part in ordered for state in part}
            ready = [
                s for s in waiting if all(r.by is None or r.by in done for r in self._within(part_of[s]))
            ]
            if not ready:
                raise ValueError(f"gate {self.name}: its parts move each other in a circle, or one itself")
            ordered += [[s for s in self.states if s in part_of[first]] for first in ready]
            waiting = [state for state in waiting if state not in ready]
        return ordered

    def _within(self, part):
        return [reaction for reaction in self.reactions if reaction.source in part]

    def steady_states(self, voltage: np.ndarray, calcium=None) -> np.ndarray:
        """(n_states, ...) fractions at rest, at a voltage and, where rates depend on it, calcium."""
        shape = np.broadcast_shapes(np.shape(voltage), () if calcium is None else np.shape(calcium))
        rest: dict[str, np.ndarray] = {}
        for part in self._ordered_parts():
            rest |= dict(zip(part, self._rest_of(part, voltage, calcium, rest, shape), strict=True))
        return np.stack([rest[state] for state in self.states])

    def _rest_of(self, part, voltage, calcium, others, shape):
        n = len(part)
        kind = np.result_type(voltage, 0.0 if calcium is None else calcium, *others.values(), float)
        matrix = np.zeros((*shape, n, n), dtype=kind)
        for reaction in self._within(part):
            i, j = part.index(reaction.source), part.index(reaction.target)
            forward, backward = rates_of(reaction, voltage, calcium, others)
            for a, b, rate in (i, j, forward), (j, i, backward):
                matrix[..., b, a] += rate
                matrix[..., a, a] -= rate
        matrix[..., -1, :] = 1.0
        ones = np.zeros((*shape, n, 1), dtype=kind)
        ones[..., -1, 0] = 1.0
        return np.moveaxis(np.linalg.solve(matrix, ones)[..., 0], -1, 0)

    def steady_state(self, voltage: np.ndarray, calcium=None) -> np.ndarray:
        """How much it conducts at rest."""
        return np.tensordot(self.weights, self.steady_states(voltage, calcium), axes=1)


@dataclass(frozen=True, eq=False)
class KineticScheme(Scheme):
    """States that turn into each other; how much of them conducts enters the channel once.

    States that reactions connect are one part of the scheme: their fractions sum to 1.

    Parameters
    ----------
    name : str
    states : tuple of str
    reactions : tuple of Reaction
    conducting : mapping of state to weight
        How much each conducts.
    timescale : {"g_f", "g_s", "g_u"}
        The DIC to which it contributes: it has no single time constant.
    initial : tuple of float, optional
        Fractions of the states at the start of a simulation; by default their steady state at the initial
        voltage.
    """

    name: str
    states: tuple[str, ...]
    reactions: tuple[Reaction, ...]
    conducting: Mapping[str, float]
    timescale: str
    initial: tuple[float, ...] | None = None

    def __post_init__(self):
        _check_timescale(self)
        if len(set(self.states)) != len(self.states):
            raise ValueError(f"gate {self.name}: two states with the same name in {self.states}")
        named = {name for r in self.reactions for name in (r.source, r.target, r.by) if name is not None}
        unknown = sorted((named | set(self.conducting)) - set(self.states))
        if unknown:
            raise ValueError(f"gate {self.name}: {unknown} are no states of it; it has {self.states}")
        for reaction in self.reactions:
            if reaction.source == reaction.target:
                raise ValueError(f"gate {self.name}: a reaction from {reaction.source} to itself")
            functions = {name: getattr(reaction, name) for name in ("forward", "backward", "calcium")}
            _check_functions(f"gate {self.name}, from {reaction.source} to {reaction.target}", **functions)
        pairs = [frozenset((reaction.source, reaction.target)) for reaction in self.reactions]
        if len(set(pairs)) < len(pairs):
            raise ValueError(f"gate {self.name}: two reactions between the same states")
        lonely = sorted(set(self.states) - {name for r in self.reactions for name in (r.source, r.target)})
        if lonely:
            raise ValueError(f"gate {self.name}: no reaction leads to the states {lonely}")
        weights = list(dict(self.conducting).values())
        if not (weights and max(weights) > 0):
            raise ValueError(f"gate {self.name}: no state conducts")
        if not all(0 <= weight < np.inf for weight in weights):
            raise ValueError(f"gate {self.name}: states conduct zero or more, got {dict(self.conducting)}")
        if self.initial is not None and len(self.initial) != len(self.states):
            raise ValueError(
                f"gate {self.name}: initial must give {len(self.states)} fractions, one a state, got "
                f"{len(self.initial)}"
            )
        self._check_sums(self._ordered_parts())

    def _check_sums(self, parts):
        if self.initial is None:
            return
        initial = dict(zip(self.states, self.initial, strict=True))
        for part in parts:
            fractions = [initial[state] for state in part]
            if min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-9:
                raise ValueError(
                    f"gate {self.name}: initial fractions of {', '.join(part)} must sum to 1, got {fractions}"
                )

    @property
    def initial_fractions(self) -> tuple[float, ...] | None:
        """Of the states at the start of a simulation, if not their steady state."""
        return self.initial


@dataclass(frozen=True, eq=False)
class TwoStateGate(Scheme):
    """Closed <-> open <-> inactivated; the open fraction o enters the channel once.

    do/dt = opening (1 - o - i) + recovery i - (inactivation + closing) o,
    di/dt = inactivation o - recovery i.

    Parameters
    ----------
    name : str
    opening, closing, inactivation, recovery : functions of the voltage
        Rates in 1/ms.
    timescale : {"g_f", "g_s", "g_u"}
        The DIC to which the gate contributes: it has no single time constant.
    initial : (float, float), optional
        (o, i) at the start of a simulation; by default their steady state at the initial voltage.
    """

    name: str
    opening: VoltageFunction
    closing: VoltageFunction
    inactivation: VoltageFunction
    recovery: VoltageFunction
    timescale: str
    initial: tuple[float, float] | None = None
    reactions: tuple[Reaction, ...] = field(init=False)

    states = ("closed", "open", "inactivated")
    conducting = MappingProxyType({"open": 1.0})

    def __post_init__(self):
        _check_timescale(self)
        rates = {name: getattr(self, name) for name in ("opening", "closing", "inactivation", "recovery")}
        _check_functions(f"gate {self.name}", **rates)
        if self.initial is not None and not (len(self.initial) == 2 and 0 <= sum(self.initial) <= 1):
            raise ValueError(
                f"gate {self.name}: initial must be the open and the inactivated fraction, got {self.initial}"
            )
        opening = Reaction("closed", "open", self.opening, self.closing)
        inactivation = Reaction("open", "inactivated", self.inactivation, self.recovery)
        object.__setattr__(self, "reactions", (opening, inactivation))

    @property
    def initial_fractions(self) -> tuple[float, ...] | None:
        """Of the states at the start of a simulation, if not their steady state."""
        return None if self.initial is None else (1 - sum(self.initial), *self.initial)


def _check_timescale(scheme):
    if scheme.timescale not in DIC_NAMES:
        raise ValueError(f"gate {scheme.name}: timescale must be one of {DIC_NAMES}")


def rates_of(reaction: Reaction, voltage, calcium, fractions):
    """Forward and backward rate (1/ms) of a reaction, given the fractions of the states by their names."""
    forward = reaction.forward(voltage)
    if reaction.calcium is not None:
        forward = forward * reaction.calcium(calcium)
    if reaction.by is not None:
        forward = forward * fractions[reaction.by]
    return forward, reaction.backward(voltage)


def slower(gate: Gate | Scheme, factor: float) -> Gate:
    """A gate whose time constants are so many times as long."""
    if isinstance(gate, Scheme) or not gate.parts:
        raise ValueError(f"gate {gate.name} has no time constant that could be scaled")
    longer = tuple((share, scaled(function, factor)) for share, function in gate.parts)
    return replace(gate, time_constant=longer if isinstance(gate.time_constant, tuple) else longer[0][1])
