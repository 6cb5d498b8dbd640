"""What a neuron is, as data: channels, gates, calcium, reference population, training ranges.

Units everywhere: ms, mV, mS/cm**2, uA/cm**2, uM; membrane capacitance 1 uF/cm**2. Every function of the
voltage takes and returns numpy arrays and has to be analytic (`numpy.exp` and the like, no `abs`, no
comparison), since derivatives are taken by complex steps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .calcium import CalciumPool, Nernst, PumpedPool
from .gates import (
    DIC_NAMES,
    Gate,
    Hill,
    KineticScheme,
    Reaction,
    Scheme,
    TwoStateGate,
    VoltageFunction,
    calcium_sigmoid,
    constant,
    scaled,
    sigmoid,
    slower,
    stepped,
    x_over_expm1,
)
from .parameters import Parameter, check_parameters
from .spike_rules import Crossing, Swing

__all__ = [
    "DIC_NAMES",
    "CalciumPool",
    "Channel",
    "Compensation",
    "Crossing",
    "Gate",
    "Hill",
    "KineticScheme",
    "Nernst",
    "NeuronModel",
    "Parameter",
    "PumpedPool",
    "Reaction",
    "ReferencePopulation",
    "Swing",
    "Training",
    "TwoStateGate",
    "UniformPopulation",
    "calcium_sigmoid",
    "constant",
    "scaled",
    "sigmoid",
    "slower",
    "stepped",
    "x_over_expm1",
]

Range = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Channel:
    """A current g * prod(gate ** exponent) * (V - reversal). Without gates it is a leak.

    The reversal is a number in mV, or a `Nernst` potential.
    """

    name: str
    reversal: float | Nernst
    gates: tuple[Gate | Scheme, ...] = ()

    def __post_init__(self):
        names = [gate.name for gate in self.gates]
        if len(set(names)) != len(names):
            raise ValueError(f"channel {self.name}: two gates with the same name in {names}")

    @cached_property
    def depends_on_calcium(self) -> bool:
        """Whether calcium moves its gates or its reversal."""
        return self.has_moving_reversal or any(
            gate.calcium_factor is not None or (isinstance(gate, Scheme) and gate.depends_on_calcium)
            for gate in self.gates
        )

    @property
    def has_moving_reversal(self) -> bool:
        """Whether the reversal follows the calcium pool."""
        return isinstance(self.reversal, Nernst)

    def reversal_at(self, calcium: np.ndarray | float) -> np.ndarray | float:
        """Reversal potential in mV at calcium in uM."""
        return self.reversal.at(calcium) if isinstance(self.reversal, Nernst) else self.reversal


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
    """Two channels that are solved for the two DICs with a training range wherever `applies(…)` holds.

    It is asked with those two, in the order g_f, g_s, g_u; of most neurons they are (g_s, g_u).
    """

    channels: tuple[str, str]
    applies: Callable[[np.ndarray, np.ndarray], np.ndarray | bool]


@dataclass(frozen=True, eq=False)
class Training:
    """Where the regressor is trained.

    Parameters
    ----------
    targets : mapping of DIC name to (low, high)
        Of two of the three DICs: the box from which target DICs of training cells are drawn; cells of a
        `UniformPopulation` are drawn such that their own are in it.
    transient : float
        ms dropped at the start of a simulation. With 0 what counts begins at an event: the start.
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

    @property
    def target_names(self) -> tuple[str, ...]:
        """The DICs that have a range, in the order g_f, g_s, g_u."""
        return tuple(name for name in DIC_NAMES if name in self.targets)

    @property
    def target_rows(self) -> tuple[int, ...]:
        """Their places among the three, and then that of the third."""
        rows = tuple(DIC_NAMES.index(name) for name in self.target_names)
        return rows + tuple(row for row in range(len(DIC_NAMES)) if row not in rows)


@dataclass(frozen=True, eq=False, repr=False)
class NeuronModel:
    """A single-compartment conductance-based neuron and all that the method has to know of it.

    Parameters
    ----------
    name : str
        Short name, as in `get_neuron(name)`.
    title : str
        One line for people.
    channels : tuple of Channel
        In the order of the columns of every conductance table.
    calcium : CalciumPool, PumpedPool or None
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
        Solved as a third channel when the DIC without a training range (mostly g_f) is imposed too.
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
    leak : str, optional
        The channel without gates by which DICs are normalised. Needed where several have none.
    spike : Crossing or Swing
        What counts as a spike.
    animal : str, optional
        Of which the cells were recorded that the equations describe, and where in it.
    temperature : float, optional
        In degrees Celsius, at which the equations hold.
    limits : str, optional
        What the neuron is known not to do, in a sentence or two.
    parameters : tuple of Parameter
        Voltages that differ from cell to cell; columns of every table, behind the conductances.
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
    calcium: CalciumPool | PumpedPool | None = None
    broad: UniformPopulation | None = None
    half_step_rate: float = 4.0
    shortest_step: float = 0.06
    leak: str | None = None
    spike: Crossing | Swing = Crossing()
    animal: str | None = None
    temperature: float | None = None
    limits: str | None = None
    parameters: tuple[Parameter, ...] = ()
    conductance_names: tuple[str, ...] = field(init=False)
    leak_index: int = field(init=False)

    def __post_init__(self):
        names = [channel.name for channel in self.channels]
        if len(set(names)) != len(names):
            raise ValueError(f"neuron {self.name}: two channels with the same name in {names}")
        object.__setattr__(self, "conductance_names", tuple(f"g_{name}" for name in names))
        object.__setattr__(self, "leak_index", names.index(self._name_of_leak()))
        if self.broad is None and isinstance(self.reference, UniformPopulation):
            object.__setattr__(self, "broad", self.reference)
        self._check_numbers()
        self._check_names()
        self._check_calcium()
        carriers = () if self.calcium is None else self.calcium.channels
        check_parameters(f"neuron {self.name}", self.parameters, self.channels, carriers)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Of every table of cells: the conductances (mS/cm**2), then the parameters (mV)."""
        return self.conductance_names + tuple(parameter.name for parameter in self.parameters)

    def _name_of_leak(self):
        without = [channel.name for channel in self.channels if not channel.gates]
        if self.leak is None and len(without) == 1:
            return without[0]
        if self.leak in without:
            return self.leak
        if not without:
            raise ValueError(f"neuron {self.name}: a channel without gates (the leak) is needed")
        raise ValueError(
            f"neuron {self.name}: leak must name the one by which DICs are normalised of the channels "
            f"without gates ({', '.join(without)}), got {self.leak!r}"
        )

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
            (
                len(self.training.targets) == 2 and set(self.training.targets) <= set(DIC_NAMES),
                f"training targets are ranges of two of {', '.join(DIC_NAMES)}",
            ),
            (
                isinstance(self.spike, Crossing | Swing),
                f"spike must be Crossing(level, rearm) or Swing(height), got {self.spike!r}",
            ),
            (
                all(-np.inf < low < high < np.inf for low, high in self.training.targets.values()),
                f"training targets must be finite and ascending, got {dict(self.training.targets)}",
            ),
            (
                all(0 <= low <= high < np.inf for low, high in self._ranges()),
                "ranges of conductances must be zero or positive, finite and ascending",
            ),
            (self.training.transient >= 0, "the transient must be zero or positive"),
            (self.training.window > 0, "the window must be positive"),
        ):
            if not right:
                raise ValueError(f"neuron {self.name}: {message}")

    def _ranges(self):
        populations = [self.reference] + ([] if self.broad is None else [self.broad])
        return [bounds for each in populations for bounds in (each.leak, *each.ranges.values())]

    def _check_calcium(self):
        if self.calcium is None:
            dependent = [channel.name for channel in self.channels if channel.depends_on_calcium]
            if dependent:
                raise ValueError(f"neuron {self.name}: {dependent} depend on calcium, but there is no pool")
            return
        unknown = set(self.calcium.channels) - {channel.name for channel in self.channels}
        if unknown:
            raise ValueError(f"neuron {self.name}: calcium comes from unknown channels {sorted(unknown)}")
        if self.calcium.initial == 0 and any(channel.has_moving_reversal for channel in self.channels):
            raise ValueError(
                f"neuron {self.name}: with a Nernst potential initial calcium must be positive: its reversal "
                f"would be infinite"
            )
        for channel in self.channels:
            schemes = [gate for gate in channel.gates if isinstance(gate, Scheme)]
            if not any(scheme.depends_on_calcium for scheme in schemes):
                continue
            moving = channel.name in self.calcium.channels or channel.has_moving_reversal
            if moving or len(channel.gates) > 1:
                raise ValueError(
                    f"neuron {self.name}: a kinetic scheme of which rates depend on calcium must be the only "
                    f"gate of its channel, which has a fixed reversal and carries no calcium; that of "
                    f"{channel.name} is not"
                )

    def __repr__(self) -> str:
        return f"<NeuronModel {self.name!r}: {self.title}; {', '.join(self.conductance_names)}>"

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
