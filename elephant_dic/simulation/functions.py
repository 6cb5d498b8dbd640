"""Functions of vectors, as exact as the simulator needs them and no more."""

from __future__ import annotations

import numpy as np

from ..trains import compiler
from .lanes import OPTIONS
from .vectors import exponent_and_mantissa, smaller

#: Calcium (uM) below which it counts as this.
LEAST_CALCIUM = 1e-6

_njit = compiler(__file__, "lanes.py", "tables.py", "vectors.py")
_F = np.float32
_ONE, _TWO = _F(1), _F(2)


@_njit(inline="always", **OPTIONS)
def approach(eighth):
    """1 - exp(-8 x) for x >= 0, also relative to small values."""
    x = smaller(eighth, _ONE)
    p = x * ((_ONE - x * _F(1 / 2)) + x * x * (_F(1 / 6) - x * _F(1 / 24)))
    p *= _TWO - p
    p *= _TWO - p
    return p * (_TWO - p)


@_njit(inline="always", **OPTIONS)
def lag(p):
    """(1 + q) / 2 - (1 - q) / z with q = exp(-z) and p = 1 - q.

    What a target that moves linearly during a step adds to a gate, in units of that movement: nothing to
    second order, but all where the step is not short against the time constant. Gregory's series in p.
    """
    square = p * p
    later = (_F(19 / 720) + p * _F(3 / 160)) + square * _F(0.06)
    return square * ((_F(1 / 12) + p * _F(1 / 24)) + square * later)


@_njit(inline="always", **OPTIONS)
def decay(sixteenth):
    """exp(-16 x) for x >= 0: exact to 1e-7 where it matters, and tiny where x is large."""
    x = smaller(sixteenth, 1.0)
    q = 1.0 - x * (1.0 - x * (0.5 - x * (1.0 / 6.0)))
    q *= q
    q *= q
    q *= q
    return q * q


@_njit(inline="always", **OPTIONS)
def logarithm(x):
    """ln x for x > 0, to 1e-10."""
    exponent, mantissa = exponent_and_mantissa(x)
    root = 1.4142135623730951
    t = (mantissa - root) / (mantissa + root)
    s = t * t
    series = 1.0 + s * (1 / 3 + s * (1 / 5 + s * (1 / 7 + s * (1 / 9 + s * (1 / 11)))))
    return (exponent + 0.5) * 0.6931471805599453 + 2.0 * t * series
