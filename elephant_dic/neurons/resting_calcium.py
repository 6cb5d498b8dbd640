"""Calcium at rest, and how it follows the voltage.

Conductances may be complex, with an infinitesimal imaginary part: what comes back carries their derivative.
"""

from __future__ import annotations

import numpy as np

from .calcium import LEAST, CalciumPool
from .kinetics import log_slope, weighted

#: Of Newton's method for calcium at rest; it needs some ten, more where calcium is near zero.
_MAX_ITERATIONS = 100
#: Calcium (uM) up to which a rest is looked for, and by how many bisections of the logarithm.
_MOST, _BISECTIONS = 1e6, 45


def calcium_at_rest(neuron, conductances, kinetics):
    """Calcium (uM) at rest and its derivative with the voltage; NaN where it has none.

    Where no calcium enters, or some leaves through the channels, it is the least there is, and stays.

    Without feedback it follows from the currents. Where its current depends on it, it is a root: of
    Ca + a ln Ca + b where only reversals do, else one that is bracketed.
    """
    pool = neuron.calcium
    carriers = [(i, c) for i, c in enumerate(neuron.channels) if c.name in pool.channels]
    driven = any(gate.calcium_factor is not None for _, channel in carriers for gate in channel.gates)
    if driven or not isinstance(pool, CalciumPool):
        return _bracketed(pool, carriers, conductances, kinetics)
    current = weighted(conductances, kinetics.calcium_current[None])[:, 0]
    slope = weighted(conductances, kinetics.calcium_slope[None])[:, 0]
    calcium = pool.baseline - pool.per_current * current
    moving = [i for i, channel in carriers if channel.has_moving_reversal]
    if not moving:
        return _at_least(calcium, -pool.per_current * slope)
    scales = np.array([neuron.channels[i].reversal.scale for i in moving])
    scaled = conductances[:, moving] * scales
    a = pool.per_current * weighted(scaled, kinetics.open_fraction[None, moving])[:, 0]
    # Solving for conductances can pass through negative ones; these carry no calcium.
    calcium = np.where((a.real < 0) & ~(calcium.real > pool.baseline), pool.baseline, calcium)
    a = np.where(a.real < 0, 0.0, a)
    log_calcium = _root_of_pool(a, -calcium)
    calcium = np.exp(log_calcium)
    # The weighted sum has counted the driving forces at 1 uM.
    opening = kinetics.opening[:, moving].sum(axis=0)
    slope = slope + log_calcium * weighted(scaled, opening[None])[:, 0]
    return calcium, -pool.per_current * slope / (1 + a / calcium)


def _at_least(calcium, slope):
    """Calcium that is not below the least, where it does not move."""
    below = ~(calcium.real > LEAST)
    return np.where(below, LEAST, calcium), np.where(below, 0.0, slope)


def _root_of_pool(a, b):
    """u with exp(u) + a u + b = 0, for a >= 0 and real or complex values: Newton's method from above."""
    root = np.log(np.maximum(np.abs(b.real), 1.0))
    for _ in range(_MAX_ITERATIONS):
        step = (np.exp(root) + a.real * root + b.real) / (np.exp(root) + a.real)
        root = root - step
        if (np.abs(step) < 1e-14 * (1 + np.abs(root))).all():
            break
    # One more step, from the root of the real parts, is exact in an infinitesimal imaginary part.
    return root - (np.exp(root) + a * root + b) / (np.exp(root) + a)


def _bracketed(pool, carriers, conductances, kinetics):
    """By bisection; the last steps are Newton's."""

    def excess(calcium, table):
        """Calcium removed beyond what enters (uM/ms), and its derivatives with calcium and the voltage."""
        total, by_calcium, by_voltage = 0.0, 0.0, 0.0
        for i, channel in carriers:
            factor, relative = calcium_factor(channel, calcium)
            conductance, force = table[:, i] * factor, kinetics.voltage - channel.reversal_at(calcium)
            reversal_slope = channel.reversal.slope(calcium) if channel.has_moving_reversal else 0.0
            opened = conductance * kinetics.open_fraction[i]
            total = total + opened * force
            by_calcium = by_calcium + opened * (force * relative - reversal_slope)
            by_voltage = by_voltage + opened + conductance * kinetics.opening[:, i].sum(axis=0) * force
        return (
            pool.influx * total + pool.removal(calcium),
            pool.influx * by_calcium + pool.removal_slope(calcium),
            pool.influx * by_voltage,
        )

    table = conductances.real
    low, high = np.full(len(table), np.log(LEAST)), np.full(len(table), np.log(_MOST))
    leaves, has_rest = excess(np.exp(low), table)[0] >= 0, excess(np.exp(high), table)[0] > 0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        below = excess(np.exp(middle), table)[0] <= 0
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    calcium = np.where(has_rest, np.exp((low + high) / 2), np.nan)
    for cells in (table, conductances):
        found, by_calcium, _ = excess(calcium, cells)
        calcium = np.where(leaves, LEAST, calcium - found / by_calcium)
    found, by_calcium, by_voltage = excess(calcium, conductances)
    return calcium, np.where(leaves, 0.0, -by_voltage / by_calcium)


def calcium_factor(channel, calcium):
    """The product of a channel's factors of calcium, and its derivative over itself."""
    factor, relative = 1.0, 0.0
    for gate in channel.gates:
        function = gate.calcium_factor
        if function is not None:
            factor = factor * function(calcium) ** gate.exponent
            relative = relative + gate.exponent * log_slope(function, calcium)
    return factor, relative
