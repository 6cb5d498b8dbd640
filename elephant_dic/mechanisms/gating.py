"""Gates and kinetic schemes from the equations of states."""

from __future__ import annotations

from collections.abc import Callable
from os.path import commonprefix

import numpy as np

from ..exports import Expression, as_expression
from ..neurons import Gate, Hill, KineticScheme, Reaction, Scheme, TwoStateGate, constant
from .formulas import (
    Refused,
    check_smooth,
    factors_of,
    function_of,
    is_number,
    linear_parts,
    samples,
    separated,
    symbols_of,
    value_of,
    without_poles,
)

#: mV at which functions of the voltage must be numbers; no whole ones, where many have a pole.
_VOLTAGES = np.linspace(-120.0, 80.0, 401) + 1e-3
#: Powers of calcium in a Hill function that are looked for.
_POWERS = (1.0, 2.0, 3.0, 4.0)


def rounded(value: float) -> float:
    """A number that was computed, without the digits of which rounding leaves nothing."""
    return float(f"{value:.12g}")


def gate_of(
    name: str, steady: Expression, times: list[tuple[float, Expression]], exponent: int, line: int
) -> Gate:
    """A gate by its steady state, and by (share, time constant) of its parts.

    Raises
    ------
    Refused
        If it depends on other than the voltage and, as a factor of the steady state, calcium.
    """
    for what, formula in [("steady state", steady), *(("time constant", time) for _, time in times)]:
        if others := sorted(symbols_of(formula) - {"v", "cai"}):
            raise Refused(line, f"the {what} of {name} depends on {', '.join(others)}")
        check_smooth(formula, f"the {what} of {name}", line)
    if any("cai" in symbols_of(time) for _, time in times):
        raise Refused(line, f"the time constant of {name} depends on calcium, which no declared gate's does")
    parts = separated(without_poles(steady))
    if parts is None:
        raise Refused(
            line, f"the steady state of {name} is no product of a function of the voltage and one of calcium"
        )
    functions = [(share, function_of(without_poles(time))) for share, time in times]
    rest = constant(1.0) if is_number(parts[0], 1.0) else function_of(parts[0])
    _check_values(f"the steady state of {name}", rest, line)
    for _, function in functions:
        _check_values(f"the time constant of {name}", function, line, positive=True)
    return Gate(
        name,
        rest,
        tuple(functions) if len(functions) > 1 else functions[0][1] if functions else None,
        exponent,
        calcium=None if is_number(parts[1]) else factor_of_calcium(parts[1]),
    )


def _check_values(what, function, line, positive=False):
    """A function of the voltage is a number wherever a cell can be."""
    with np.errstate(all="ignore"):
        values = function(_VOLTAGES)
    wrong = ~np.isfinite(values) | (positive & (values <= 0))
    if wrong.any():
        at = np.argmax(wrong)
        raise Refused(line, f"{what} is {values[at]:.3g} at {_VOLTAGES[at]:.1f} mV")


def factor_of_calcium(expression: Expression) -> Callable:
    """A function of calcium in uM; a `Hill` function, if it is one."""
    function = function_of(expression, "cai", 0.001)
    at = np.geomspace(1e-3, 100, 60)
    values = function(at)
    if ((values > 0) & (values < 1)).all():
        for power in _POWERS:
            half = rounded(float((1 / values[30] - 1) ** (1 / power) * at[30]))
            if np.allclose(Hill(half, power)(at), values, rtol=1e-9, atol=0):
                return Hill(half, power)
    return function


def first_order(state: str, slope: Expression) -> tuple[Expression, Expression] | None:
    """Steady state and time constant of a state by its slope; None if that is not linear in it."""
    parts = linear_parts(slope, state)
    if parts is None or is_number(parts[1], 0.0):
        return None
    a, b, over, under = parts
    return without_poles(a / -b), without_poles(under / (over * -b))


def chain_of(name: str, state: str, slope: Expression, exponent: int, line: int) -> KineticScheme:
    """A gate whose time constant depends on calcium, as states with 0, 1, … open gates.

    A channel with several such gates is open when all are.

    Raises
    ------
    Refused
        If its rates are not one of the voltage back, and a product with one of calcium there.
    """
    opening = as_expression(value_of(slope, **{state: as_expression(0.0)}))
    closing = as_expression(-value_of(slope, **{state: as_expression(1.0)}))
    for rate in (opening, closing):
        check_smooth(rate, f"a rate of {name}", line)
    forward, backward = separated(without_poles(opening)), separated(without_poles(closing))
    if forward is None or backward is None or not _is_constant(backward[1]):
        raise Refused(line, f"both rates of {name}, or its steady state and time constant, depend on calcium")
    reactions = tuple(
        Reaction(
            f"{name}{i}",
            f"{name}{i + 1}",
            function_of((exponent - i) * forward[0]),
            function_of((i + 1) * backward[0] * value_of(backward[1], cai=1e-4)),
            function_of(forward[1], "cai", 0.001),
        )
        for i in range(exponent)
    )
    states = tuple(f"{name}{i}" for i in range(exponent + 1))
    return KineticScheme(name, states, reactions, {states[-1]: 1.0}, "g_u")


def _is_constant(expression):
    values = value_of(expression, cai=samples({"cai"})["cai"]) + np.zeros(1)
    return bool(np.allclose(values, values[0], rtol=1e-6, atol=0))


def scheme_of(reactions, conducting: dict[str, float], states: list[str]) -> tuple[Scheme, list[str]]:
    """A kinetic scheme; a chain of three states of which the middle conducts is a `TwoStateGate`.

    With the states of the file in the order of those of the scheme.

    Parameters
    ----------
    reactions : list of Kinetic
        Rates are formulae with numbers in place of parameters.
    conducting : dict of str to float
        How much each state conducts.
    states : list of str
        In the order of the file.
    """
    prefix = commonprefix(states)
    prefix = prefix[: prefix.rfind("_") + 1]
    name = prefix.rstrip("_") or next(iter(conducting))
    short = {state: state.removeprefix(prefix) for state in states}
    made = tuple(_reaction(each, frozenset(states), short) for each in reactions)
    weights = {short[state]: weight for state, weight in conducting.items()}
    if len(states) == 3 and len(made) == 2 and not any(each.by or each.calcium for each in made):
        ends = [{each.source, each.target} for each in made]
        middle = ends[0] & ends[1]
        if middle == set(weights) and set(weights.values()) == {1.0}:
            order = [*(ends[0] - middle), *middle, *(ends[1] - middle)]
            return _two_state(name, made, *middle), [prefix + state for state in order]
    return KineticScheme(name, tuple(short.values()), made, weights, "g_u"), states


def rates_to(opened: str, kinetic) -> tuple[Expression, Expression]:
    """The rates of a reaction to a state, and back."""
    rates = kinetic.forward, kinetic.backward
    return rates if kinetic.target == opened else rates[::-1]


def _two_state(name, reactions, middle) -> TwoStateGate:
    first, last = reactions
    opening = (first.forward, first.backward) if first.target == middle else (first.backward, first.forward)
    leaving = (last.forward, last.backward) if last.source == middle else (last.backward, last.forward)
    return TwoStateGate(name, *opening, *leaving, timescale="g_u")


def _reaction(kinetic, states, short) -> Reaction:
    """What calcium or another state drives is the way there."""
    rates = [kinetic.forward, kinetic.backward]
    names = [kinetic.source, kinetic.target]
    if symbols_of(rates[1]) & (states | {"cai"}):
        rates.reverse()
        names.reverse()
    factors = factors_of(rates[0], states)
    by = [factor.arguments[0] for factor, power in factors if power == 1 and factor.operation == "symbol"
          and factor.arguments[0] in states]  # fmt: skip
    rest = as_expression(1.0)
    for factor, power in factors:
        if not (factor.operation == "symbol" and factor.arguments[0] in states):
            rest = rest * factor**power
    where = f"the rate from {names[0]} to {names[1]}"
    if len(by) > 1 or (symbols_of(rest) | symbols_of(rates[1])) - {"v", "cai"}:
        raise Refused(kinetic.line, f"{where} depends on more than the voltage, calcium, and one other state")
    for rate in (rest, rates[1]):
        check_smooth(rate, where, kinetic.line)
    parts = separated(without_poles(rest))
    if parts is None or "cai" in symbols_of(rates[1]):
        raise Refused(kinetic.line, f"{where}, or that back, depends on calcium other than by a factor")
    return Reaction(
        short[names[0]],
        short[names[1]],
        function_of(parts[0]),
        function_of(without_poles(rates[1])),
        None if is_number(parts[1]) else function_of(parts[1], "cai", 0.001),
        short[by[0]] if by else None,
    )
