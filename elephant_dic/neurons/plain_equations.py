"""What a neuron's declaration means, written plainly and slowly: to check the fast code against."""

from __future__ import annotations

import numpy as np

from .calcium import LEAST
from .columns import shift_of
from .gates import Scheme, rates_of
from .model import Crossing, NeuronModel

#: ms between the voltages in which maxima are looked for.
_SAMPLED = 0.02


def steady_current(neuron: NeuronModel, cell, voltage):
    """Membrane current (uA/cm**2) of a row of a table, at rest at a voltage (mV), calcium at rest too."""
    from scipy.optimize import brentq

    values = _parameters(neuron, cell)
    reversals = {p.reversal_of: value for p, value in zip(neuron.parameters, values, strict=True)}

    def current(channel, conductance, calcium):
        opened, at = 1.0, voltage - shift_of(neuron, channel.name, values)
        for gate in channel.gates:
            if isinstance(gate, Scheme):
                opened *= gate.steady_state(np.asarray(voltage), calcium)
                continue
            rest = gate.steady_state(at)
            if gate.calcium_factor is not None:
                rest = rest * gate.calcium_factor(calcium)
            opened *= rest**gate.exponent
        return conductance * opened * (voltage - reversals.get(channel.name, channel.reversal_at(calcium)))

    pool, calcium = neuron.calcium, 0.0
    cells = list(zip(neuron.channels, cell, strict=False))
    if pool:

        def excess(calcium):
            inflow = sum(current(c, g, calcium) for c, g in cells if c.name in pool.channels)
            return pool.removal(calcium) + pool.influx * inflow

        if excess(LEAST) >= 0:  # none enters
            calcium = LEAST
        elif excess(1e9) <= 0:
            raise ValueError(
                f"more calcium enters at {voltage:g} mV than the cell can remove: it has no rest"
            )
        else:
            calcium = brentq(excess, LEAST, 1e9, xtol=1e-14, rtol=1e-14)
    return sum(current(channel, g, calcium) for channel, g in cells)


def initial_state(neuron, cell=None):
    """Voltage; gates, one a time constant, and states of schemes, as they are declared; calcium."""
    voltage = np.array(neuron.initial_voltage)
    values = _parameters(neuron, [] if cell is None else cell)
    calcium = neuron.calcium and neuron.calcium.initial
    state = [float(voltage)]
    for channel in neuron.channels:
        for gate in channel.gates:
            if isinstance(gate, Scheme):
                state += [float(fraction) for fraction in gate.first_fractions(voltage, calcium)]
                continue
            factor = 1 if gate.calcium_factor is None else gate.calcium_factor(calcium)
            at = voltage - shift_of(neuron, channel.name, values)
            state += [gate.steady_state(at) * factor] * len(gate.parts)
    return state + ([] if calcium is None else [calcium])


def _parameters(neuron, cell):
    """The parameters of a cell (mV), those that are declared where it has none of its own."""
    given = np.asarray(cell[len(neuron.channels) :], dtype=float)
    return given if len(given) else np.array([parameter.value for parameter in neuron.parameters])


def slope(neuron, cell, state, current=0.0):
    """Time derivative of the state of one cell, a row of a table, with a constant current (uA/cm**2)."""
    voltage, calcium, gates = state[0], state[-1], iter(state[1:])
    values = _parameters(neuron, cell)
    reversals = {p.reversal_of: value for p, value in zip(neuron.parameters, values, strict=True)}
    pool, membrane, inflow, slopes = neuron.calcium, -current, 0.0, [0.0]
    for channel, conductance in zip(neuron.channels, cell, strict=False):
        opened, at = 1.0, voltage - shift_of(neuron, channel.name, values)
        for gate in channel.gates:
            if isinstance(gate, Scheme):
                fractions = {name: next(gates) for name in gate.states}
                slopes += _scheme_slopes(gate, voltage, calcium, fractions)
                opened *= sum(fractions[name] * weight for name, weight in gate.conducting.items())
                continue
            rest = gate.steady_state(at)
            if gate.calcium_factor is not None:
                rest = rest * gate.calcium_factor(calcium)
            x = 0.0 if gate.parts else rest
            for share, time_constant in gate.parts:
                part = next(gates)
                slopes.append((rest - part) / time_constant(at))
                x += share * part
            opened *= x**gate.exponent
        reversal = reversals.get(channel.name, channel.reversal_at(calcium))
        through = conductance * opened * (voltage - reversal)
        membrane += through
        inflow += through * (pool is not None and channel.name in pool.channels)
    slopes[0] = -membrane
    if pool:
        slopes.append(-pool.influx * inflow - pool.removal(calcium))
    return slopes


def _scheme_slopes(scheme, voltage, calcium, fractions):
    slopes = dict.fromkeys(scheme.states, 0.0)
    for reaction in scheme.reactions:
        forward, backward = rates_of(reaction, voltage, calcium, fractions)
        moved = forward * fractions[reaction.source] - backward * fractions[reaction.target]
        slopes[reaction.source] -= moved
        slopes[reaction.target] += moved
    return list(slopes.values())


def _crossing(level, direction):
    """A crossing of a level by the voltage, as `solve_ivp` takes it."""

    def event(t, state):
        return state[0] - level

    event.direction = direction
    return event


def _armed(upward, downward) -> np.ndarray:
    """Times of the upward crossings of a level of which another was crossed downward in between."""
    found: list[float] = []
    for time in upward:
        if not found or np.any((downward > found[-1]) & (downward < time)):
            found.append(time)
    return np.array(found)


def maxima(times, voltages, height) -> np.ndarray:
    """Times (ms) of the maxima in a finely sampled voltage after a rise and before a fall of `height` mV."""
    found, rising, extreme, at = [], False, voltages[0], times[0]
    for time, voltage in zip(times, voltages, strict=True):
        if (voltage > extreme) if rising else (voltage < extreme):
            extreme, at = voltage, time
        elif abs(voltage - extreme) >= height:
            if rising:
                found.append(at)
            rising, extreme, at = not rising, voltage, time
    return np.array(found)


def solve_adaptively(neuron: NeuronModel, conductances, duration, times=None, current=0.0, tolerance=1e-8):
    """Simulate one cell with an adaptive solver of scipy, at tight tolerances.

    Parameters
    ----------
    neuron : NeuronModel
    conductances : (n_channels,) or (n_columns,) array
        mS/cm**2; parameters, if the neuron has any, in mV.
    duration : float
        ms.
    times : (n,) array, optional
        ms, of the voltages returned. Default: none.
    current : float or callable
        In uA/cm**2: constant, or as a function of the time in ms.
    tolerance : float
        Relative, of the solver.

    Returns
    -------
    spikes : array
        Times in ms, by the neuron's rule.
    voltages : (n,) array
        mV.
    """
    from scipy.integrate import solve_ivp

    rule = neuron.spike
    events = [_crossing(rule.level, 1), _crossing(rule.rearm, -1)] if isinstance(rule, Crossing) else None
    solution = solve_ivp(
        lambda t, state: slope(neuron, conductances, state, current(t) if callable(current) else current),
        (0, duration), initial_state(neuron, conductances),
        method="LSODA", rtol=tolerance, atol=tolerance / 10, max_step=1.0, events=events,
        dense_output=events is None, t_eval=[0.0] if times is None else times,
    )  # fmt: skip
    if isinstance(rule, Crossing):
        return _armed(*solution.t_events), solution.y[0]
    fine = np.arange(0.0, duration, _SAMPLED)
    return maxima(fine, solution.sol(fine)[0], rule.height), solution.y[0]
