"""Channels from the currents of a mechanism: a conductance, what opens it, and a reversal potential."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..exports import Expression, as_expression
from ..neurons import Channel, Gate, Nernst, Scheme, TwoStateGate
from .formulas import (
    Refused,
    agree,
    bound,
    factors_of,
    is_number,
    linear_parts,
    name_of,
    nameless,
    same,
    samples,
    symbols_of,
    value_of,
)
from .gating import (
    chain_of,
    factor_of_calcium,
    first_order,
    gate_of,
    rates_to,
    rounded,
    scheme_of,
)
from .tracing import Kinetic, Traced

#: mS/cm**2 in the S/cm**2 of NMODL.
_MILLI = 1000.0


@dataclass(frozen=True)
class ReadChannel:
    """A channel, what it conducts in its file (mS/cm**2, 0 if nothing), and whether it carries calcium."""

    channel: Channel
    conductance: float
    carries_calcium: bool


@dataclass(frozen=True)
class Start:
    """Where simulations start: mV, and uM of calcium inside (None if there is no pool)."""

    voltage: float
    calcium: float | None


def channels_of(traced: Traced, names: Callable[[str], str], start: Start) -> list[ReadChannel]:
    """The channels of a mechanism, one a current.

    Parameters
    ----------
    traced : Traced
    names : callable
        The name of a channel, by that of its current.
    start : Start

    Raises
    ------
    MechanismError
        If a current is not that of a channel that can be declared.
    """
    found = []
    for current, (expression, line) in traced.currents.items():
        try:
            found.append(_Reader(traced, start, line).channel(names(current), current, expression))
        except Refused as error:
            raise traced.mechanism.error(error.args[0] or line, error.args[1]) from None
        except ValueError as error:  # of the declaration
            raise traced.mechanism.error(line, f"{current}: {error}") from None
        except RecursionError:
            raise traced.mechanism.error(line, "its formulae are nested too deeply") from None
    return found


class _Reader:
    def __init__(self, traced, start, line):
        self.traced, self.start, self.line = traced, start, line
        # Zero is a conductance that is given elsewhere: it stays a name.
        given = {name: value for name, value in traced.parameters.items() if value}
        self.number = lambda expression: bound(expression, given)
        self.slopes = {name: (self.traced.bound(e), at) for name, (e, at) in traced.slopes.items()}
        self.in_schemes = {name for each in traced.reactions for name in (each.source, each.target)}
        self.states = frozenset(traced.mechanism.states)

    def channel(self, name, current, expression) -> ReadChannel:
        expression = self.number(expression)
        constant, forces, opened = self._parts(expression)
        if not forces:  # it may be within what has a name
            constant, forces, opened = self._parts(nameless(expression))
        if len(forces) != 1:
            raise Refused(
                self.line,
                f"{current} is not a conductance times the voltage less a reversal potential, g*(v - e), "
                f"which is what a declared channel is",
            )
        slope, reversal = forces[0]
        if not 0 <= constant * slope < np.inf:
            raise Refused(self.line, f"the conductance of {current} is {_MILLI * constant * slope:g} mS/cm2")
        gates = self._gates(_together(opened))
        return ReadChannel(
            Channel(name, reversal, tuple(gates)), rounded(_MILLI * constant * slope), current == "ica"
        )

    def _parts(self, expression):
        """The number in a product, its driving forces, and what opens the channel."""
        constant, forces, opened = 1.0, [], []
        for factor, power in factors_of(expression, self.states):
            value = self.traced.number(factor)
            if value is None:
                formula = nameless(self.traced.bound(factor))
                force = _force(formula) if power == 1 else None
                if force is None:
                    opened.append((formula, power, name_of(factor)))
                else:
                    forces.append(force)
            else:
                constant *= np.float64(value) ** power
        return constant, forces, opened

    def _gates(self, opened) -> list[Gate | Scheme]:
        found: list[Gate | Scheme] = []
        for factor, power, called in opened:
            if not 1 <= power <= 9 or power != int(power):
                raise Refused(self.line, f"a gate to the power of {power}")
            found.append(self._gate(factor, power, called, found))
        return _named_apart(found)

    def _gate(self, factor, power, called, found):
        own = symbols_of(factor) & self.states
        if not own:
            return self._at_once(factor, power, _gate_called(called), found)
        if own & self.in_schemes:
            return self._scheme(factor, power, own)
        return self._moving(factor, power, own)

    def _at_once(self, factor, power, name, found):
        """A gate without a state. One of calcium may belong to one of the voltage of the same name."""
        last = found[-1] if found else None
        if (
            last is not None and not last.parts and last.name == name and last.exponent == power
            and symbols_of(factor) == {"cai"} and last.calcium_factor is None
        ):  # fmt: skip
            found.pop()
            return Gate(name, last.steady_state, None, power, calcium=factor_of_calcium(factor))
        return gate_of(name, factor, [], power, self.line)

    def _slope(self, state):
        if state not in self.slopes:
            raise Refused(self.line, f"there is no equation for {state}")
        slope, line = self.slopes[state]
        if others := symbols_of(slope) & self.states - {state}:
            raise Refused(
                line,
                f"{state} depends on {', '.join(sorted(others))}: write states that turn into each other as "
                f"KINETIC",
            )
        return slope, line

    def _moving(self, factor, power, own):
        """A gate with a state, or with several of one steady state, that have shares."""
        states = [name for name in self.traced.mechanism.states if name in own]
        for state in states:
            self._slope(state)
        states, shares = self._weights(factor, states)
        if abs(sum(shares) - 1) > 1e-9:
            raise Refused(self.line, f"shares of {', '.join(states)} must sum to 1")
        equations = []
        for state in states:
            slope, line = self._slope(state)
            equations.append(first_order(state, slope))
            if equations[-1] is None:
                raise Refused(line, f"the equation of {state} is not linear in it")
        name = _short(states)
        if any(not same(equations[0][0], each[0]) for each in equations[1:]):
            raise Refused(self.line, f"{', '.join(states)} are summed and have different steady states")
        for state in states:
            self._check_start(state, equations[0][0])
        if len(states) == 1 and "cai" in symbols_of(equations[0][1]):
            return chain_of(name, states[0], slope, power, line)
        times = [(share, time) for share, (_, time) in zip(shares, equations, strict=True)]
        return gate_of(name, equations[0][0], times, power, self.slopes[states[0]][1])

    def _at_start(self, expression):
        calcium = {} if self.start.calcium is None else {"cai": self.start.calcium / 1000}
        return as_expression(value_of(self.traced.bound(expression), v=self.start.voltage, **calcium))

    def _check_start(self, state, steady):
        given = self.traced.initial.get(state)
        expression, line = (as_expression(0.0), None) if given is None else given
        at, rest = (self._at_start(each) for each in (expression, steady))
        if at.operation != "number" or rest.operation != "number":
            return
        if abs(at.arguments[0] - rest.arguments[0]) > 1e-6:
            where = f"{self.traced.mechanism.path}, line {line or self.line}"
            self.traced.notes.append(
                f"{where}: {state} starts at {at.arguments[0]:.3g} there, and at its steady state "
                f"({rest.arguments[0]:.3g}) here"
            )

    def _scheme(self, factor, power, own):
        reactions = self._reactions_of(own)
        moved = {name for each in reactions for name in (each.source, each.target)}
        states = [name for name in self.traced.mechanism.states if name in moved]
        if own - moved:
            raise Refused(self.line, f"{', '.join(sorted(own))} are gates and a kinetic scheme in one factor")
        conducting = dict(
            zip(*self._weights(factor, [state for state in states if state in own]), strict=True)
        )
        if len(states) == 2 and conducting == {next(iter(own)): 1.0}:
            (opened,) = own
            rates = rates_to(opened, reactions[0])
            if not any(symbols_of(rate) - {"v"} for rate in rates):
                steady, time = rates[0] / (rates[0] + rates[1]), 1 / (rates[0] + rates[1])
                if not self.traced.at_rest:
                    self._check_start(opened, steady)
                return gate_of(_short([opened]), steady, [(1.0, time)], power, reactions[0].line)
        if power != 1:
            raise Refused(self.line, f"a power of {', '.join(sorted(own))}, of a kinetic scheme")
        return self._started(*scheme_of(reactions, conducting, states))

    def _reactions_of(self, own):
        """The reactions by which states are moved, and those by which these are."""
        connected = set(own)
        while True:
            found = [e for e in self.traced.reactions if {e.source, e.target} & connected]
            rates = [self.traced.bound(rate) for e in found for rate in (e.forward, e.backward)]
            more = {name for e in found for name in (e.source, e.target)}
            more |= frozenset().union(*map(symbols_of, rates)) & self.in_schemes
            if more <= connected:
                return [
                    Kinetic(e.source, e.target, *map(self.traced.bound, (e.forward, e.backward)), e.line)
                    for e in found
                ]
            connected |= more

    def _weights(self, factor, states):
        """States of a sum, and how much of each it has."""
        weights = []
        for state in states:
            parts = linear_parts(factor, state)
            weight = None if parts is None else parts[1] * parts[2] / parts[3]
            if weight is None or symbols_of(weight):
                raise Refused(self.line, f"the current is no power of {state}, nor a sum with its share")
            weights.append(float(weight.arguments[0]))
        rest = value_of(factor, **dict.fromkeys(states, as_expression(0.0)))
        if not is_number(rest, 0.0):
            raise Refused(self.line, f"the sum of {', '.join(states)} has a part without them")
        return states, weights

    def _started(self, scheme, states):
        """The scheme with the fractions from which the file starts, if that is not at rest."""
        if self.traced.at_rest:
            return scheme
        fractions = []
        for state in states:
            expression, line = self.traced.initial.get(state, (as_expression(0.0), self.line))
            value = self._at_start(expression)
            if value.operation != "number":
                raise Refused(line, f"{state} starts at what is no number")
            fractions.append(value.arguments[0])
        if isinstance(scheme, TwoStateGate) and abs(sum(fractions) - 1) > 1e-9:
            raise Refused(self.line, f"{', '.join(states)} start at {fractions}, and must sum to 1")
        calcium = self.start.calcium if scheme.depends_on_calcium else None
        rest = scheme.steady_states(np.array(self.start.voltage), calcium)
        if np.allclose(fractions, rest, rtol=1e-6, atol=1e-12):
            return scheme
        return replace(
            scheme, initial=tuple(fractions[1:] if isinstance(scheme, TwoStateGate) else fractions)
        )


def _gate_called(name: str | None) -> str:
    """The name of a gate by that of its steady state."""
    for end in ("_inf", "inf", "Inf", "_calcium"):
        name = (name or "").removesuffix(end)
    return name or "x"


def _together(opened):
    """Equal factors once, with the sum of their powers."""
    found: list[list] = []
    for factor, power, called in opened:
        for each in found:
            if _equal(each[0], factor):
                each[1] += power
                break
        else:
            found.append([factor, power, called])
    return found


def _equal(first: Expression, second: Expression) -> bool:
    if "symbol" in (first.operation, second.operation):
        return first.operation == second.operation and first.arguments == second.arguments
    names = symbols_of(first)
    if names != symbols_of(second):
        return False
    at = samples(names)
    return np.array_equal(value_of(first, **at), value_of(second, **at), equal_nan=True)


def _short(states):
    """The name of a gate: its state, without what our export puts before and after it."""
    name = states[0].removeprefix("x_")
    return name.rsplit("_", 1)[0] if len(states) > 1 and name.endswith("_1") else name


def _named_apart(gates):
    taken: list[str] = []
    for i, gate in enumerate(gates):
        name, n = gate.name, 1
        while name in taken:
            n += 1
            name = f"{gate.name}{n}"
        taken.append(name)
        gates[i] = gate if name == gate.name else replace(gate, name=name)
    return gates


def _force(factor: Expression) -> tuple[float, float | Nernst] | None:
    """k and the reversal of a factor k * (v - reversal); None if it is something else."""
    names = symbols_of(factor)
    if not {"v"} <= names <= {"v", "cai"}:
        return None
    at = samples(names)
    zero, one, values = (value_of(factor, **(at | {"v": v})) for v in (0.0, 1.0, at["v"]))
    with np.errstate(invalid="ignore"):
        slope = one - zero
        linear = agree(zero + slope * at["v"], values, least=1e-9 * float(np.abs(values).max()))
    if not linear or not np.allclose(slope, np.ravel(slope)[0], rtol=1e-9):
        return None
    k = rounded(float(np.ravel(slope)[0]))
    if "cai" not in names:
        return k, rounded(float(-np.ravel(zero)[0] / k)) + 0.0
    return k, nernst_of(at["cai"], -zero / k)


def nernst_of(calcium: np.ndarray, potential: np.ndarray) -> Nernst:
    """Of potentials (mV) at calcium (mM), or a `Refused`."""
    low, high = np.argmin(calcium), np.argmax(calcium)
    scale = (potential[low] - potential[high]) / np.log(calcium[high] / calcium[low])
    outside = 1000 * calcium[low] * np.exp(potential[low] / scale) if scale > 0 else np.nan
    found = Nernst(rounded(scale), rounded(outside)) if scale > 0 else None
    if found is None or not np.allclose(found.at(1000 * calcium), potential, rtol=1e-9, atol=1e-9):
        raise Refused(None, "the reversal potential depends on calcium other than by Nernst's equation")
    return found
