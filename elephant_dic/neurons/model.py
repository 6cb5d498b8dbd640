"""What a neuron is, as data: channels, gates, calcium, reference population, training ranges.

Units everywhere: ms, mV, mS/cm**2, uA/cm**2, uM; membrane capacitance 1 uF/cm**2. Every function of the
voltage takes and returns numpy arrays and has to be analytic (`numpy.exp` and the like, no `abs`, no
comparison), since derivatives are taken by complex steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

VoltageFunction = Callable[[np.ndarray], np.ndarray]
Range = tuple[float, float]

#: A spike (mV) is an upward crossing of `SPIKE`, possible again once the voltage has been below `REARM`.
SPIKE, REARM = 10.0, 0.0
#: Names of the three dynamic input conductances, in the order of every array that holds them.
DIC_NAMES = ("g_f", "g_s", "g_u")


@dataclass(frozen=True, eq=False)
class Gate:
    """One gating variable x with dx/dt = (x_inf - x) / tau.

    Parameters
    ----------
    name : str
    steady_state : function of the voltage
        x_inf(V), without the calcium factor.
    time_constant : function of the voltage, optional
        tau(V) in ms. None: the gate follows the voltage at once.
    exponent : int
        Power of the gate in the channel's open fraction.
    calcium_half : float, optional
        In uM. Multiplies x_inf by Ca / (Ca + calcium_half).
    """

    name: str
    steady_state: VoltageFunction
    time_constant: VoltageFunction | None = None
    exponent: int = 1
    calcium_half: float | None = None

    def __post_init__(self):
        if self.exponent < 1 or int(self.exponent) != self.exponent:
            raise ValueError(f"gate {self.name}: exponent must be 1, 2, …, got {self.exponent}")
        if self.calcium_half is not None and not self.calcium_half > 0:
            raise ValueError(f"gate {self.name}: calcium_half must be positive")
        if self.calcium_half is not None and self.time_constant is None:
            raise ValueError(f"gate {self.name}: an instantaneous gate cannot depend on calcium")


@dataclass(frozen=True, eq=False)
class TwoStateGate:
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

    exponent = 1
    calcium_half = None

    def __post_init__(self):
        if self.timescale not in DIC_NAMES:
            raise ValueError(f"gate {self.name}: timescale must be one of {DIC_NAMES}")

    def steady_state(self, voltage: np.ndarray) -> np.ndarray:
        """Open fraction at rest."""
        return self.steady_states(voltage)[0]

    def steady_states(self, voltage: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(open, inactivated) fractions at rest."""
        a, b = self.opening(voltage), self.closing(voltage)
        c, d = self.inactivation(voltage), self.recovery(voltage)
        total = a * (c + d) + b * d
        return a * d / total, a * c / total


@dataclass(frozen=True)
class Nernst:
    """A reversal potential that follows the calcium pool: scale * ln(outside / Ca).

    Parameters
    ----------
    scale : float
        In mV: RT / (2 F), 12.2 at 10 degrees Celsius.
    outside : float
        Calcium outside of the cell, in uM.
    """

    scale: float
    outside: float

    def __post_init__(self):
        if not (self.scale > 0 and self.outside > 0):
            raise ValueError(f"a Nernst potential needs a positive scale and concentration, got {self}")

    def at(self, calcium):
        """Reversal potential in mV at calcium in uM."""
        return self.scale * np.log(self.outside / calcium)

    def slope(self, calcium):
        """Its derivative with calcium, in mV/uM."""
        return -self.scale / calcium


@dataclass(frozen=True, eq=False)
class Channel:
    """A current g * prod(gate ** exponent) * (V - reversal). Without gates it is the leak.

    The reversal is a number in mV, or a `Nernst` potential.
    """

    name: str
    reversal: float | Nernst
    gates: tuple[Gate | TwoStateGate, ...] = ()

    def __post_init__(self):
        names = [gate.name for gate in self.gates]
        if len(set(names)) != len(names):
            raise ValueError(f"channel {self.name}: two gates with the same name in {names}")
        if not self.has_moving_reversal:
            return
        if not self.gates or any(isinstance(g, Gate) and g.time_constant is None for g in self.gates):
            raise ValueError(
                f"channel {self.name}: a Nernst potential needs gates with a time constant (a short one "
                f"instead of None)"
            )

    @property
    def has_moving_reversal(self) -> bool:
        """Whether the reversal follows the calcium pool."""
        return isinstance(self.reversal, Nernst)

    def reversal_at(self, calcium: np.ndarray | float) -> np.ndarray | float:
        """Reversal potential in mV at calcium in uM."""
        return self.reversal.at(calcium) if isinstance(self.reversal, Nernst) else self.reversal


@dataclass(frozen=True, eq=False)
class CalciumPool:
    """tau dCa/dt = -per_current * (currents of `channels`) - Ca + baseline.

    Parameters
    ----------
    channels : tuple of str
        Names of the channels that carry calcium.
    time_constant : float
        In ms.
    per_current : float
        In uM per uA/cm**2.
    baseline, initial : float
        In uM.
    """

    channels: tuple[str, ...]
    time_constant: float
    per_current: float
    baseline: float
    initial: float


@dataclass(frozen=True, eq=False)
class ReferencePopulation:
    """The family of cells from which populations start.

    Parameters
    ----------
    leak : (low, high)
        The leak is gamma distributed with mean and variance of the uniform distribution on this range.
    ranges : mapping of channel name to (low, high)
        Drawn uniformly, then multiplied by leak / mean leak.
    solved : tuple of 3 str
        Channels solved so that the cell has `dics`.
    dics : (g_f, g_s, g_u)
    """

    leak: Range
    ranges: Mapping[str, Range]
    solved: tuple[str, str, str]
    dics: tuple[float, float, float]

    #: Its cells, in a sentence on the neuron.
    described = "cells of its reference family"


@dataclass(frozen=True, eq=False)
class UniformPopulation:
    """Cells with any conductances within ranges, for a neuron of which one family of cells is not enough.

    Its regressor is trained on these cells as they are.

    Parameters
    ----------
    leak : (low, high)
    ranges : mapping of channel name to (low, high)
        Of all other channels. All are drawn uniformly, each on its own.
    """

    leak: Range
    ranges: Mapping[str, Range]

    solved = ()
    described = "cells with any conductances within its ranges"


@dataclass(frozen=True, eq=False)
class Compensation:
    """Two channels that are solved for (g_s, g_u) wherever `applies(g_s, g_u)` holds."""

    channels: tuple[str, str]
    applies: Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Training:
    """Where the regressor is trained.

    Parameters
    ----------
    targets : mapping of DIC name to (low, high)
        Box from which the target DICs of training cells are drawn; cells of a `UniformPopulation` are drawn
        such that their own are in it.
    transient : float
        ms dropped at the start of a simulation.
    window : float
        ms of a recording that the network looks at in one piece.
    strangers : bool
        Whether cells with any conductances (the neuron's `broad`) are trained too, with the DICs of cells of
        the reference population that fire like them.
    """

    targets: Mapping[str, Range]
    transient: float
    window: float
    strangers: bool = False


@dataclass(frozen=True, eq=False)
class NeuronModel:
    """A single-compartment conductance-based neuron and all that the method has to know of it.

    Parameters
    ----------
    name : str
        Short name, as in `get_neuron(name)`.
    title : str
        One line for people.
    channels : tuple of Channel
        In the order of the columns of every conductance table. Exactly one has no gates: the leak.
    calcium : CalciumPool or None
    timescales : three functions of the voltage
        Reference time constants (ms) of the fast, slow and ultraslow DIC.
    threshold_voltage : float
        mV at which DICs are evaluated.
    initial_voltage : float
        mV at the start of a simulation.
    time_step : float
        Longest integration step in ms with which spike times are right within 0.5 % of the time simulated.
    reference : ReferencePopulation or UniformPopulation
    compensations : tuple of Compensation
        The first that applies to a target is used.
    fast_channel : str
        Solved as a third channel when g_f is imposed too.
    training : Training
    source : str
        Where equations and parameters come from.
    broad : UniformPopulation, optional
        The ranges in which a cell that is not of the reference population may have any conductances.
        Default: those of a reference population that is one itself, else none.
    half_step_rate : float
        Rate of change of the voltage (mV/ms) at which a step is half the longest. Steps shrink as the rate
        grows; neurons with slow currents between short spikes do with long steps and a low rate.
    shortest_step : float
        As a share of the longest.
    """

    name: str
    title: str
    channels: tuple[Channel, ...]
    timescales: tuple[VoltageFunction, VoltageFunction, VoltageFunction]
    threshold_voltage: float
    initial_voltage: float
    time_step: float
    reference: ReferencePopulation | UniformPopulation
    compensations: tuple[Compensation, ...]
    fast_channel: str
    training: Training
    source: str
    calcium: CalciumPool | None = None
    broad: UniformPopulation | None = None
    half_step_rate: float = 4.0
    shortest_step: float = 0.06
    conductance_names: tuple[str, ...] = field(init=False)
    leak_index: int = field(init=False)

    def __post_init__(self):
        names = [channel.name for channel in self.channels]
        if len(set(names)) != len(names):
            raise ValueError(f"neuron {self.name}: two channels with the same name in {names}")
        leaks = [i for i, channel in enumerate(self.channels) if not channel.gates]
        if len(leaks) != 1:
            raise ValueError(f"neuron {self.name}: exactly one channel without gates (the leak) is needed")
        object.__setattr__(self, "conductance_names", tuple(f"g_{name}" for name in names))
        object.__setattr__(self, "leak_index", leaks[0])
        if self.broad is None and isinstance(self.reference, UniformPopulation):
            object.__setattr__(self, "broad", self.reference)
        self._check_numbers()
        self._check_names()
        self._check_calcium()

    def _check_names(self):
        leak = self.channels[self.leak_index].name
        reference = self.reference
        drawn = {leak, *reference.ranges, *reference.solved}
        known = {channel.name for channel in self.channels}
        if drawn != known or len(reference.ranges) + len(reference.solved) + 1 != len(known):
            raise ValueError(
                f"neuron {self.name}: the reference population must give each of {sorted(known)} "
                f"once, as leak, range or solved channel; it gives {sorted(drawn)}"
            )
        if self.broad is not None and {leak, *self.broad.ranges} != known:
            raise ValueError(
                f"neuron {self.name}: broad must give a range for each of {sorted(known)}; "
                f"it gives {sorted({leak, *self.broad.ranges})}"
            )
        if self.training.strangers and self.broad is None:
            raise ValueError(f"neuron {self.name}: strangers are cells of its broad ranges, and it has none")
        used = {self.fast_channel}.union(*(c.channels for c in self.compensations))
        if not used <= known - {leak}:
            wrong = sorted(used - (known - {leak}))
            raise ValueError(f"neuron {self.name}: cannot compensate with {wrong}")

    def _check_numbers(self):
        low, high = self.reference.leak
        for right, message in (
            (self.time_step > 0, "time_step must be positive"),
            (self.half_step_rate > 0, "half_step_rate must be positive"),
            (0 < self.shortest_step <= 1, "shortest_step must be a share of time_step, up to 1"),
            (0 < low <= high, "the range of the leak must be positive and ascending"),
            (set(self.training.targets) <= {"g_s", "g_u"}, "training targets are ranges of g_s and g_u"),
        ):
            if not right:
                raise ValueError(f"neuron {self.name}: {message}")

    def _check_calcium(self):
        by_calcium = [c.name for c in self.channels if any(g.calcium_half for g in c.gates)]
        if self.calcium is None:
            dependent = by_calcium + [c.name for c in self.channels if c.has_moving_reversal]
            if dependent:
                raise ValueError(f"neuron {self.name}: {dependent} depend on calcium, but there is no pool")
            return
        unknown = set(self.calcium.channels) - {channel.name for channel in self.channels}
        if unknown:
            raise ValueError(f"neuron {self.name}: calcium comes from unknown channels {sorted(unknown)}")
        both = set(self.calcium.channels) & set(by_calcium)
        if both:
            raise ValueError(f"neuron {self.name}: {sorted(both)} carry calcium and depend on it")

    def __deepcopy__(self, memo):
        return self  # immutable

    def __dask_tokenize__(self):
        """By name, as it is pickled: dask would pickle each of its functions for every task, in 40 ms."""
        return type(self).__name__, self.name

    def index(self, channel: str) -> int:
        """Column of a channel, by its name without `g_`."""
        try:
            return self.conductance_names.index(f"g_{channel}")
        except ValueError:
            raise ValueError(
                f"neuron {self.name} has no channel {channel!r}; "
                f"it has {', '.join(c.name for c in self.channels)}"
            ) from None


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


def slower(gate: Gate | TwoStateGate, factor: float) -> Gate:
    """A gate whose time constant is so many times as long."""
    if isinstance(gate, TwoStateGate) or gate.time_constant is None:
        raise ValueError(f"gate {gate.name} has no time constant that could be scaled")
    return replace(gate, time_constant=scaled(gate.time_constant, factor))
