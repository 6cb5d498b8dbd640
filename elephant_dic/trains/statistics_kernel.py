"""Statistics of arrays, compiled.

numpy has them all; but to compile its functions takes most of the first run after installation.
"""

from __future__ import annotations

import numpy as np

from .compiled import compiler

_OPTIONS = {"nogil": True, "error_model": "numpy"}
_njit = compiler(__file__, "compiled.py")


@_njit(**_OPTIONS)
def sort(values):
    """Put values in order, by Shell's sort."""
    step = 1
    while step < len(values) // 9:
        step = 3 * step + 1
    while step > 0:
        for i in range(step, len(values)):
            value, k = values[i], i
            while k >= step and values[k - step] > value:
                values[k] = values[k - step]
                k -= step
            values[k] = value
        step //= 3


@_njit(**_OPTIONS)
def sorted_of(values):
    """A copy of values, in order."""
    ordered = values.copy()
    sort(ordered)
    return ordered


@_njit(**_OPTIONS)
def median_of(values):
    """The median, found by Hoare's FIND; NaN of nothing."""
    work, n = values.copy(), len(values)
    if n == 0:
        return np.nan
    half, low, high = n // 2, 0, n - 1
    while low < high:
        pivot, i, k = work[half], low, high
        while i <= k:
            while work[i] < pivot:
                i += 1
            while pivot < work[k]:
                k -= 1
            if i <= k:
                work[i], work[k] = work[k], work[i]
                i, k = i + 1, k - 1
        low, high = i if k < half else low, k if half < i else high
    if n % 2:
        return work[half]
    below = work[0]
    for i in range(1, half):
        below = max(below, work[i])
    return (below + work[half]) / 2


@_njit(**_OPTIONS)
def sum_of(values):
    """Added in their order."""
    total = 0.0
    for value in values:
        total += value
    return total


@_njit(**_OPTIONS)
def mean_of(values):
    """The mean; NaN of nothing."""
    return sum_of(values) / len(values)


@_njit(**_OPTIONS)
def sd_of(values):
    """The standard deviation, or NaN."""
    mean, squares = mean_of(values), 0.0
    for value in values:
        squares += (value - mean) ** 2
    return (squares / len(values)) ** 0.5


@_njit(**_OPTIONS)
def logarithms_of(values):
    """Of each of them."""
    found = np.empty(len(values))
    for i in range(len(values)):
        found[i] = np.log(values[i])
    return found


@_njit(**_OPTIONS)
def quantile(ordered, q):
    """Of sorted values, by linear interpolation."""
    position = q * (len(ordered) - 1)
    below = min(int(position), len(ordered) - 2) if len(ordered) > 1 else 0
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])
