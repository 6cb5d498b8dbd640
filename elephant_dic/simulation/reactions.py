"""What few neurons have: calcium that is pumped, that acts by any function, and kinetic schemes."""

from __future__ import annotations

import numpy as np

from ..trains import compiler
from .functions import LEAST_CALCIUM, approach, decay, logarithm
from .lanes import FOUR, LANE, LANES, OPTIONS
from .tables import LEAST_LOGARITHM, LOGARITHM_STEP, N_LOGARITHMS
from .vectors import choose, double, larger, load, of_whole, single, smaller, store, transpose, truncated

_njit = compiler(__file__, "functions.py", "lanes.py", "tables.py", "vectors.py")
_F = np.float32


@_njit(inline="always", **OPTIONS)
def pumped(tables, calcium, inflow, h):
    """Calcium after a step in which its pump is linearised: of second order, and never negative."""
    maximum, influx, half = tables.calcium[0], tables.calcium[1], tables.calcium[2]
    below = calcium * 0.0 + 1.0  # calcium ** (power - 1)
    for _ in range(len(tables.pump) - 1):
        below = below * calcium
    inverse = 1.0 / (below * calcium + half)
    slope = (maximum * half * len(tables.pump)) * below * inverse * inverse
    change = inflow * (0.0 - influx) - maximum * below * calcium * inverse
    x = slope * h * (1.0 / 16)
    # (1 - exp(-z)) / z, of which the limit is 1
    share = choose(x < 1e-6, 1.0, (1.0 - decay(x)) / larger(16.0 * x, 1e-12))
    return larger(calcium + change * h * share, LEAST_CALCIUM)


@_njit(inline="always", **OPTIONS)
def look_up_calcium(lanes, tables, calcium):
    """What the tables of functions of calcium say."""
    n = len(tables.curves) + len(tables.calcium_channels) + len(tables.reactions)
    position = (logarithm(larger(calcium, LEAST_CALCIUM)) - LEAST_LOGARITHM) * (1.0 / LOGARITHM_STEP)
    position = smaller(larger(position, 0.0), N_LOGARITHMS - 1.001)
    row = truncated(position)
    store(lanes.calcium_row, 0, row)
    store(lanes.calcium_fraction, 0, single(position - of_whole(row)))
    for c in range(LANES):
        place, f = n * lanes.calcium_row[c], lanes.calcium_fraction[c]
        for k in range(n):
            here, there = tables.calcium_curves[place + k], tables.calcium_curves[place + n + k]
            lanes.reached[k * LANES + c] = here + f * (there - here)


@_njit(inline="always", **OPTIONS)
def interpolated(lanes, table, n, k):
    """Of each lane, both values of entry k of n in a table of voltages, which their differences follow."""
    for c in range(LANES):
        store(lanes.found, 4 * c, load(table, 4 * (lanes.row[c] * n + k), FOUR))
    transpose(lanes.found, lanes.by_kind, LANE, FOUR)
    f = load(lanes.fraction, 0, LANE)
    return (
        load(lanes.by_kind, 0, LANE) + f * load(lanes.by_kind, 2 * LANES, LANE),
        load(lanes.by_kind, LANES, LANE) + f * load(lanes.by_kind, 3 * LANES, LANE),
    )


@_njit(inline="always", **OPTIONS)
def advance_schemes(lanes, tables):
    """Advance the kinetic schemes: each reaction alone is exact, and all are gone through forth and back."""
    n, first = len(tables.reactions), len(tables.curves) + len(tables.calcium_channels)
    h = load(lanes.single_step, 0, LANE) * _F(1 / 16)
    for k in range(n):
        forward, backward = interpolated(lanes, tables.rates, n, k)
        factor = load(lanes.reached, (first + k) * LANES, LANE)
        store(lanes.rates, 2 * k * LANES, forward * factor * h)
        store(lanes.rates, (2 * k + 1) * LANES, backward * h)
    for k in range(n):
        _react(lanes, tables, k)
    for k in range(n):
        _react(lanes, tables, n - 1 - k)
    for c in range(LANES):
        _open(lanes, tables, c)


@_njit(inline="always", **OPTIONS)
def _react(lanes, tables, k):
    """Half a step of one reaction."""
    source, target, by = (
        tables.reaction_states[3 * k] * LANES,
        tables.reaction_states[3 * k + 1] * LANES,
        tables.reaction_states[3 * k + 2] * LANES,
    )
    forward, backward = load(lanes.rates, 2 * k * LANES, LANE), load(lanes.rates, (2 * k + 1) * LANES, LANE)
    if by >= 0:
        forward *= single(load(lanes.fractions, by, LANE))
    left, right = load(lanes.fractions, source, LANE), load(lanes.fractions, target, LANE)
    x = forward + backward
    moved = (forward * single(left) - backward * single(right)) * approach(x) / (x + _F(1e-30))
    store(lanes.fractions, source, left - double(moved))
    store(lanes.fractions, target, right + double(moved))


@_njit(inline="always", **OPTIONS)
def _open(lanes, tables, c):
    """Multiply the conductances of the channels that have a scheme by what of each conducts."""
    n = len(tables.fractions)
    first = 0
    while first < n:
        j, conducting, last = tables.scheme_channels[first], 0.0, first
        while last < n and tables.scheme_numbers[last] == tables.scheme_numbers[first]:
            conducting += tables.scheme_weights[last] * lanes.fractions[last * LANES + c]
            last += 1
        lanes.by_channel[j * LANES + c] *= conducting
        first = last
