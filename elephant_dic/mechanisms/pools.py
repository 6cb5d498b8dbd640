"""Calcium inside of the cell, from the mechanism that writes its concentration."""

from __future__ import annotations

import numpy as np

from ..exports import as_expression, symbol
from ..neurons import CalciumPool, PumpedPool
from .formulas import Refused, linear_parts, symbols_of, value_of
from .gating import rounded
from .tracing import Traced


def pool_of(traced: Traced, carriers: tuple[str, ...]) -> CalciumPool | PumpedPool:
    """The pool of a mechanism that writes cai.

    Parameters
    ----------
    traced : Traced
    carriers : tuple of str
        Names of the channels that carry calcium.

    Raises
    ------
    MechanismError
        If calcium is not removed by a decay or by a pump alone.
    """
    state = traced.calcium
    assert state is not None
    expression, line = traced.slopes[state]
    try:
        slope = as_expression(value_of(traced.bound(expression), cai=symbol(state)))
        influx, removal = _parts(slope, state, line)
        initial = initial_calcium(traced)
        found = _decay(carriers, influx, removal, initial) or _pump(carriers, influx, removal, initial)
    except Refused as error:
        raise traced.mechanism.error(*error.args) from None
    except ValueError as error:  # of the declaration
        raise traced.mechanism.error(line, str(error)) from None
    if found is None:
        raise traced.mechanism.error(
            line,
            "calcium must be removed by a decay to a baseline, or by a pump that follows a Hill function",
        )
    return found


def initial_calcium(traced: Traced) -> float:
    """uM at the start."""
    state = traced.calcium
    assert state is not None
    start = traced.initial.get(state)
    value = None if start is None else traced.number(start[0])
    if value is None:
        line = (start or traced.slopes[state])[1]
        raise traced.mechanism.error(
            line, f"{state} has no number at which it starts in INITIAL: write one, such as {state} = 5e-5"
        )
    return rounded(1000 * value)


def _parts(slope, state, line):
    """uM/ms per uA/cm**2 of inward current, and the function of what is removed: uM to uM/ms."""
    if others := sorted(symbols_of(slope) - {state, "ica"}):
        raise Refused(line, f"calcium depends on {', '.join(others)}")
    parts = linear_parts(slope, "ica")
    influx = None if parts is None else -(parts[1] * parts[2] / parts[3])
    if influx is None or symbols_of(influx):
        raise Refused(line, "calcium must grow with its current, by a factor that is a number")
    rest = -(parts[0] * parts[2] / parts[3])

    def removal(calcium):
        return 1000 * value_of(rest, **{state: calcium / 1000}) + 0 * calcium

    return rounded(float(influx.arguments[0])), removal


def _decay(carriers, influx, removal, initial):
    at = np.linspace(0.0, 100.0, 60)
    values = removal(at)
    slope = (values[-1] - values[0]) / (at[-1] - at[0])
    if not (slope > 0 and np.allclose(values, values[0] + slope * at, rtol=1e-9, atol=1e-12 * values[-1])):
        return None
    baseline = rounded(-values[0] / slope) + 0.0
    return CalciumPool(carriers, rounded(1 / slope), rounded(influx / slope), baseline, initial)


def _pump(carriers, influx, removal, initial):
    at = np.geomspace(1e-3, 1e3, 60)
    values = removal(at)
    if not (values > 0).all():
        return None
    for power in (1, 2, 3, 4):
        # 1 / removal is a line in 1 / calcium ** power
        inverse, over = 1 / values, at**-power
        steep = (inverse[0] - inverse[-1]) / (over[0] - over[-1])
        level = inverse[-1] - steep * over[-1]
        if steep > 0 and level > 0 and np.allclose(inverse, level + steep * over, rtol=1e-8, atol=0):
            half = rounded(float((steep / level) ** (1 / power)))
            return PumpedPool(carriers, influx, rounded(1 / level), half, initial, power)
    return None
