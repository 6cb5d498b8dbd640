"""A declared neuron as formulae and names that every simulator takes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..neurons import Gate, Nernst, NeuronModel, Scheme
from .expressions import Expression, formula_of

#: mV and uM for which formulae are compared with the functions that they are made of.
_VOLTAGES = np.linspace(-120.0, 80.0, 1601) + 1e-3
_CALCIUM = np.geomspace(1e-4, 1e3, 400)
#: Symbols of the formulae: the voltage in mV, calcium in uM.
VOLTAGE, CALCIUM = "v", "ca"


@dataclass(frozen=True)
class GateFormulas:
    """A gate; its parts are (share, time constant), none if it follows at once."""

    name: str
    exponent: int
    steady: Expression
    calcium: Expression | None
    parts: tuple[tuple[float, Expression], ...]
    initial: float

    @property
    def states(self) -> tuple[str, ...]:
        """Names of its state variables, one a part."""
        if len(self.parts) == 1:
            return (f"x_{self.name}",)
        return tuple(f"x_{self.name}_{i}" for i in range(1, len(self.parts) + 1))


@dataclass(frozen=True)
class ReactionFormulas:
    """Two states that turn into each other; `forward` has the factor of calcium, but not the state `by`."""

    source: str
    target: str
    forward: Expression
    backward: Expression
    by: str | None


@dataclass(frozen=True)
class SchemeFormulas:
    """A kinetic scheme; `parts` are the states that reactions connect."""

    name: str
    states: tuple[str, ...]
    initial: tuple[float, ...]
    reactions: tuple[ReactionFormulas, ...]
    conducting: dict[str, float]
    depends_on_calcium: bool

    @property
    def parts(self) -> list[list[str]]:
        """States that reactions connect: the fractions of each part sum to 1."""
        of = {state: {state} for state in self.states}
        for reaction in self.reactions:
            joined = of[reaction.source] | of[reaction.target]
            of |= dict.fromkeys(joined, joined)
        return [
            [other for other in self.states if other in of[state]]
            for i, state in enumerate(self.states)
            if not of[state] & set(self.states[:i])
        ]


@dataclass(frozen=True)
class ChannelFormulas:
    """A channel: its name, the column of its conductance, what opens it, and whether it carries calcium.

    Cells can have parameters of their own: `moved_by` is the column of one that moves the gates along the
    voltage, `reversal_by` of one that is the reversal.
    """

    name: str
    column: str
    reversal: float | Nernst
    gates: tuple[GateFormulas | SchemeFormulas, ...]
    carries_calcium: bool
    moved_by: str | None = None
    reversal_by: str | None = None

    @property
    def reads_calcium(self) -> bool:
        """Whether calcium moves its gates or its reversal."""
        return isinstance(self.reversal, Nernst) or any(
            gate.depends_on_calcium if isinstance(gate, SchemeFormulas) else gate.calcium is not None
            for gate in self.gates
        )


@dataclass(frozen=True)
class NeuronFormulas:
    """A neuron: its declaration, its name as an identifier, and its channels."""

    neuron: NeuronModel
    name: str
    channels: tuple[ChannelFormulas, ...]

    @property
    def parameters(self) -> list[tuple[str, ChannelFormulas, float]]:
        """Column, channel, and the mV to take away: what a parameter of the cells is for a channel.

        Of gates it is how far they are moved, the value less the declared one; a reversal is the value.
        """
        declared = {parameter.name: float(parameter.value) for parameter in self.neuron.parameters}
        moved = [(c.moved_by, c, declared[c.moved_by]) for c in self.channels if c.moved_by]
        return moved + [(c.reversal_by, c, 0.0) for c in self.channels if c.reversal_by]

    @property
    def follows_at_once(self) -> bool:
        """Whether a gate does: the current of its channel is no linear function of the voltage."""
        return any(
            isinstance(gate, GateFormulas) and not gate.parts
            for channel in self.channels
            for gate in channel.gates
        )


def formulas_of(neuron: NeuronModel) -> NeuronFormulas:
    """Formulae of all functions that a neuron declares, and names that are identifiers.

    Raises
    ------
    ValueError
        If a function has no formula.
    """
    names = _identifiers(channel.name for channel in neuron.channels)
    carriers = neuron.calcium.channels if neuron.calcium else ()
    moved_by = {channel: each.name for each in neuron.parameters for channel in each.gates_of}
    reversal_by = {each.reversal_of: each.name for each in neuron.parameters if each.reversal_of}
    channels = tuple(
        ChannelFormulas(
            name, column, channel.reversal, _gates_of(neuron, channel), channel.name in carriers,
            moved_by.get(channel.name), reversal_by.get(channel.name),
        )
        for name, column, channel in zip(names, neuron.conductance_names, neuron.channels, strict=True)
    )  # fmt: skip
    return NeuronFormulas(neuron, _identifiers([neuron.name])[0], channels)


def _identifiers(names: Iterable[str]) -> list[str]:
    """Names as every language takes them, none twice."""
    found: list[str] = []
    for name in names:
        word = re.sub(r"[\W_]+", "_", name, flags=re.ASCII).strip("_")
        word = word if word[:1].isalpha() else f"n{word}"
        unique, n = word, 1
        while unique in found:
            n += 1
            unique = f"{word}_{n}"
        found.append(unique)
    return found


def _gates_of(neuron, channel):
    voltage, calcium = np.array(neuron.initial_voltage), neuron.calcium and neuron.calcium.initial
    found: list[GateFormulas | SchemeFormulas] = []
    for name, gate in zip(_identifiers(gate.name for gate in channel.gates), channel.gates, strict=True):
        where = f"gate {gate.name} of channel {channel.name} of neuron {neuron.name}"
        if isinstance(gate, Scheme):
            found.append(_scheme(name, gate, where, voltage, calcium))
        else:
            found.append(_gate(name, gate, where, voltage, calcium))
    return tuple(found)


def _of_voltage(function, what):
    return formula_of(function, VOLTAGE, _VOLTAGES, what)


def _of_calcium(function, what):
    return None if function is None else formula_of(function, CALCIUM, _CALCIUM, what)


def _gate(name, gate: Gate, where, voltage, calcium):
    factor = gate.calcium_factor
    initial = float(gate.steady_state(voltage)) * (1.0 if factor is None else float(factor(calcium)))
    return GateFormulas(
        name,
        gate.exponent,
        _of_voltage(gate.steady_state, f"the steady state of {where}"),
        _of_calcium(factor, f"the factor of calcium of {where}"),
        tuple((share, _of_voltage(tau, f"a time constant of {where}")) for share, tau in gate.parts),
        initial,
    )


def _scheme(name, scheme: Scheme, where, voltage, calcium):
    states = dict(zip(scheme.states, _identifiers(f"{name}_{s}" for s in scheme.states), strict=True))
    reactions = []
    for reaction in scheme.reactions:
        what = f"from {reaction.source} to {reaction.target} of {where}"
        forward = _of_voltage(reaction.forward, f"the rate {what}")
        factor = _of_calcium(reaction.calcium, f"the factor of calcium {what}")
        reactions.append(
            ReactionFormulas(
                states[reaction.source],
                states[reaction.target],
                forward if factor is None else forward * factor,
                _of_voltage(reaction.backward, f"the rate back {what}"),
                states[reaction.by] if reaction.by else None,
            )
        )
    first = tuple(float(fraction) for fraction in scheme.first_fractions(voltage, calcium))
    conducting = {states[state]: float(weight) for state, weight in scheme.conducting.items()}
    return SchemeFormulas(
        name, tuple(states.values()), first, tuple(reactions), conducting, scheme.depends_on_calcium
    )
