"""Parabolas through spike times over their number: trend and scatter of a rhythm, compiled."""

from __future__ import annotations

import numpy as np

from .compiled import compiler
from .statistics_kernel import mean_of, median_of, sum_of

_OPTIONS = {"nogil": True, "error_model": "numpy"}
_njit = compiler(__file__, "compiled.py", "statistics_kernel.py")
#: A spike is in phase within this share of the period; of the spikes in phase, those count that are within so
#: many typical distances from the parabola.
_IN_PHASE, _OUTLYING = 0.2, 4.0


@_njit(**_OPTIONS)
def parabola_of(times, edges, unit):
    """A parabola through the spike times over their number: its curvature, and how far off they are.

    The curvature is the trend of the intervals, but jitter of the spikes disturbs it less.
    """
    curvature, weights, squares, n_free = 0.0, 0.0, 0.0, 0
    for sweep in range(len(edges) - 1):
        some = times[edges[sweep] : edges[sweep + 1]]
        n = len(some)
        if n < 4:
            continue
        offset = np.empty(n)
        for i in range(n):
            offset[i] = (some[i] - some[0]) / unit
        mean, line, line_weight, curve, weight = mean_of(offset), 0.0, 0.0, 0.0, 0.0
        for i in range(n):
            offset[i] -= mean
            index = i - (n - 1) / 2
            bent = index**2 - (n * n - 1) / 12
            line, line_weight = line + offset[i] * index, line_weight + index**2
            curve, weight = curve + offset[i] * bent, weight + bent**2
        line, curve = line / line_weight, curve / weight
        for i in range(n):
            index = i - (n - 1) / 2
            offset[i] = (offset[i] - line * index - curve * (index**2 - (n * n - 1) / 12)) ** 2
        curvature += 2 * curve * weight
        weights += weight
        squares += sum_of(offset)
        n_free += n - 3
    return (curvature / weights, np.sqrt(squares / n_free)) if n_free else (0.0, 0.0)


@_njit(**_OPTIONS)
def rhythm_of(times, edges, period):
    """A parabola through the spikes of a rhythm: missing ones are counted, those out of phase left out.

    The relative change of the period from one to the next, the distance from the parabola over the period,
    and the share of spikes that it rests on.
    """
    curvature, weights, squares, n_free, n_kept = 0.0, 0.0, 0.0, 0, 0
    for sweep in range(len(edges) - 1):
        index, some = _in_phase(times[edges[sweep] : edges[sweep + 1]], period)
        for _ in range(2):
            residuals, curve, weight = _fit_parabola(index, some)
            index, some = _fitting(index, some, residuals)
        if len(some) < 5:
            continue
        residuals, curve, weight = _fit_parabola(index, some)
        curvature += 2 * curve * weight
        weights += weight
        n_free += len(some) - 3
        n_kept += len(some)
        off = 0.0
        for residual in residuals:
            off += residual**2
        squares += off
    if n_free == 0:
        return 0.0, 0.0, 0.0
    return curvature / weights, np.sqrt(squares / n_free), n_kept / len(times)


@_njit(**_OPTIONS)
def _in_phase(times, period):
    """Numbers of the periods since the first, and times in periods, of the spikes that keep to the rhythm.

    After two spikes out of phase the rhythm is taken up from the second.
    """
    index, some = np.empty(len(times)), np.empty(len(times))
    n, last, count, n_out = 0, 0.0, 0.0, 0
    for i in range(len(times)):
        passed = (times[i] - last) / period
        steps = np.rint(passed)
        if n and (steps < 1 or abs(passed - steps) > _IN_PHASE) and n_out < 2:
            n_out += 1
            continue
        count += steps if n else 0.0
        index[n], some[n], last = count, (times[i] - times[0]) / period, times[i]
        n, n_out = n + 1, 0
    return index[:n], some[:n]


@_njit(**_OPTIONS)
def _fitting(index, some, residuals):
    """The spikes that are no outliers of a parabola."""
    for i in range(len(residuals)):
        residuals[i] = abs(residuals[i])
    limit, n = _OUTLYING * median_of(residuals) + 1e-4, 0
    for i in range(len(residuals)):
        if residuals[i] <= limit:
            index[n], some[n] = index[i], some[i]
            n += 1
    return index[:n], some[:n]


@_njit(**_OPTIONS)
def _fit_parabola(index, values):
    """Least squares: residuals, the quadratic coefficient and the sum of squares that is its weight."""
    n = len(index)
    x, y, bent = np.zeros(n), np.zeros(n), np.zeros(n)
    if n < 4:
        return y, 0.0, 0.0
    mean_x, mean_y, square = mean_of(index), mean_of(values), 0.0
    for i in range(n):
        x[i], y[i] = index[i] - mean_x, values[i] - mean_y
        square += x[i] ** 2
    if square == 0:
        return y, 0.0, 0.0
    skew, line = 0.0, 0.0
    for i in range(n):
        bent[i] = x[i] ** 2 - square / n
        skew, line = skew + bent[i] * x[i], line + y[i] * x[i]
    skew, line, curve, weight = skew / square, line / square, 0.0, 0.0
    for i in range(n):
        bent[i] -= x[i] * skew
        curve, weight = curve + y[i] * bent[i], weight + bent[i] ** 2
    curve = curve / weight if weight > 0 else 0.0
    for i in range(n):
        y[i] = y[i] - line * x[i] - curve * bent[i]
    return y, curve, weight
