"""One step of the simulator's lanes.

Scheme: Strang splitting. With the gates frozen the membrane equation is linear and solved exactly over a
step; with the voltage frozen every gate is. Two half steps of the gates that follow each other are merged
into one, so a step costs one evaluation and the scheme is of second order. What a target that moves during
the step adds, of a gate or of the voltage, is put in: that makes the error several times smaller, and keeps
the scheme at its order where time constants are shorter than the step. Gates see the mean voltage of their
step, as far as that follows from its curvature. Instantaneous gates enter the membrane equation linearised at
the start of the step.

Gates of one lane are one vector, and so is any number of all lanes. What moves the gates is computed in
single precision; the gates themselves have twice its digits, since those of long time constants move by less
than the last one a step. Voltage, calcium and time are in double precision.
"""

from __future__ import annotations

import numpy as np

from ..trains import compiler
from .functions import LEAST_CALCIUM, approach, decay, lag, logarithm
from .lanes import EIGHT, LANE, LANES, OPTIONS
from .reactions import advance_schemes, interpolated, look_up_calcium, pumped
from .tables import STEP
from .vectors import (
    absolute,
    any_of,
    choose,
    double,
    exact_sum,
    larger,
    load,
    of_whole,
    product_of_parts,
    single,
    smaller,
    store,
    transpose,
    truncated,
)

_njit = compiler(__file__, "functions.py", "lanes.py", "reactions.py", "tables.py", "vectors.py")
_F = np.float32
_ONE, _HALF = _F(1), _F(0.5)


@_njit(inline="always", **OPTIONS)
def choose_steps(lanes, tables, longest, half_rate, shortest):
    """Steps: long where the voltage changes slowly, short within spikes and where they are about to begin."""
    rate, bend, step = load(lanes.rate, 0, LANE), load(lanes.bend, 0, LANE), load(lanes.step, 0, LANE)
    # The larger of the rates in the last step and, as far as it can be foreseen, in this one.
    speed = absolute(rate) + absolute(0.5 * bend * step)
    new = larger(longest * half_rate / (half_rate + speed), shortest)
    new = smaller(new, 2.0 * step + shortest) * load(lanes.running, 0, LANE)
    gate_step = 0.5 * (step + new)
    mean = load(lanes.voltage, 0, LANE) + bend * (1.0 / 24) * gate_step * gate_step
    position = larger((mean - tables.first_voltage) * (1.0 / STEP), 0.0)
    position = smaller(position, tables.n_voltages - 1.001)
    row = truncated(position)
    store(lanes.step, 0, new)
    store(lanes.gate_step, 0, gate_step)
    store(lanes.single_step, 0, single(gate_step))
    store(lanes.row, 0, row)
    store(lanes.fraction, 0, single(position - of_whole(row)))
    store(lanes.moved, 0, single(rate * gate_step * (1.0 / STEP)))
    if len(tables.shifted) > 0:
        position = larger((mean - load(lanes.shift, 0, LANE) - tables.first_voltage) * (1.0 / STEP), 0.0)
        position = smaller(position, tables.n_voltages - 1.001)
        row = truncated(position)
        store(lanes.shifted_row, 0, row)
        store(lanes.shifted_fraction, 0, single(position - of_whole(row)))


@_njit(inline="always", **OPTIONS)
def _looked_up(tables, place, f):
    """Steady states of the gates, what they change by a row of the tables, and speeds."""
    slots = tables.slots
    n_slots = len(slots)
    rest, speed = load(tables.kinetics, place, slots), load(tables.kinetics, place + n_slots, slots)
    slope = load(tables.kinetics, place + 2 * n_slots, slots) - rest
    next_speed = load(tables.kinetics, place + 3 * n_slots, slots)
    return rest + f * slope, slope, speed + f * (next_speed - speed)


@_njit(inline="always", **OPTIONS)
def advance_gates(lanes, tables):
    """Advance the gates, and with them the conductance of each channel."""
    slots, channels = tables.slots, tables.channels
    n_slots, n_channels = len(slots), len(channels)
    n_halves, n_curves = len(tables.halves), len(tables.curves)
    for k in range(n_halves):
        calcium, half = load(lanes.calcium, 0, LANE), tables.calcium_halves[k]
        store(lanes.factors, k * LANES, single(half * (-1.0) / (calcium + half)))
    if n_curves + len(tables.reactions) > 0:
        look_up_calcium(lanes, tables, load(lanes.calcium, 0, LANE))
        for k in range(n_curves):
            store(lanes.factors, (n_halves + k) * LANES, load(lanes.reached, k * LANES, LANE) - _ONE)
    odd, high = load(tables.powers, 0, slots), load(tables.powers, n_slots, slots)
    for c in range(LANES):
        place, here = 2 * n_slots * lanes.row[c], c * n_slots
        h = lanes.single_step[c]
        target, slope, speed = _looked_up(tables, place, lanes.fraction[c])
        if len(tables.shifted) > 0:
            mask = load(tables.shifted_mask, 0, slots)
            place = 2 * n_slots * lanes.shifted_row[c]
            there, its_slope, its_speed = _looked_up(tables, place, lanes.shifted_fraction[c])
            target, slope = target + mask * (there - target), slope + mask * (its_slope - slope)
            speed += mask * (its_speed - speed)
        for k in range(n_halves + n_curves):
            factor = _ONE + load(tables.calcium_masks, k * n_slots, slots) * lanes.factors[k * LANES + c]
            target *= factor
            slope *= factor
        p = approach(speed * h)
        gate = load(lanes.gates, here, slots)
        change = (target - gate) * p + lanes.moved[c] * slope * lag(p)
        x, remainder = exact_sum(gate, change + load(lanes.remainders, here, slots))
        store(lanes.gates, here, x)
        store(lanes.remainders, here, remainder)
        # x ** exponent, from the two binary digits of exponent - 1
        x *= (_ONE + odd * (x - _ONE)) * (_ONE + high * (x * x - _ONE))
        opened = load(lanes.g, c * n_channels, channels) * product_of_parts(x, channels)
        store(lanes.opened, c * n_channels, opened)
    transpose(lanes.opened, lanes.by_channel, LANE, channels)
    for k in range(len(tables.two_state_gates)):
        _advance_two_state(lanes, tables, k)
    if len(tables.reactions) > 0:
        advance_schemes(lanes, tables)


@_njit(inline="always", **OPTIONS)
def _advance_two_state(lanes, tables, k):
    """Exact step of the open and inactivated fractions at a frozen voltage, by their two eigenvalues."""
    n = len(tables.two_state_gates)
    for c in range(LANES):
        place = 16 * (lanes.row[c] * n + k)
        values, differences = load(tables.two_state, place, EIGHT), load(tables.two_state, place + 8, EIGHT)
        store(lanes.found, 8 * c, values + lanes.fraction[c] * differences)
    transpose(lanes.found, lanes.by_kind, LANE, EIGHT)
    h = load(lanes.single_step, 0, LANE)
    slow = approach(load(lanes.by_kind, 2 * LANES, LANE) * h)
    fast = approach(load(lanes.by_kind, 3 * LANES, LANE) * h)
    mean, difference = _HALF * (slow + fast), _HALF * (fast - slow)
    opened, hidden = (
        load(lanes.two_state, 2 * k * LANES, LANE),
        load(lanes.two_state, (2 * k + 1) * LANES, LANE),
    )
    x = single(opened) - load(lanes.by_kind, 0, LANE)
    y = single(hidden) - load(lanes.by_kind, LANES, LANE)
    turn = load(lanes.by_kind, 4 * LANES, LANE) * x + load(lanes.by_kind, 5 * LANES, LANE) * y
    hidden_turn = load(lanes.by_kind, 6 * LANES, LANE) * x + load(lanes.by_kind, 7 * LANES, LANE) * y
    opened = opened + double(difference * turn - mean * x)
    store(lanes.two_state, 2 * k * LANES, opened)
    store(lanes.two_state, (2 * k + 1) * LANES, hidden + double(difference * hidden_turn - mean * y))
    place = tables.two_state_channels[k] * LANES
    store(lanes.by_channel, place, load(lanes.by_channel, place, LANE) * single(opened))


@_njit(inline="always", **OPTIONS)
def sum_currents(lanes, tables):
    """Conductance of the membrane and what drives it; the same of the channels that carry calcium."""
    log_calcium = single(_middle_logarithm(lanes, tables))
    for k in range(len(tables.calcium_channels)):
        place = tables.calcium_columns[k] * LANES
        factor = load(lanes.reached, (len(tables.curves) + k) * LANES, LANE)
        store(lanes.by_channel, place, load(lanes.by_channel, place, LANE) * factor)
    total = load(lanes.by_channel, 0, LANE) * _F(0)
    drive, calcium_total, calcium_drive = total, total, total
    for j in range(len(tables.channels)):
        opened, share = load(lanes.by_channel, j * LANES, LANE), tables.calcium_share[j]
        driven = opened * (tables.reversals[j] - tables.nernst[j] * log_calcium)
        total += opened
        drive += driven
        calcium_total += share * opened
        calcium_drive += share * driven
    n = len(tables.instantaneous_gates)
    for k in range(n):
        j = tables.instantaneous_channels[k]
        # Beyond what was summed above, as if the gates were open.
        more, driven = interpolated(lanes, tables.linearised, n, k)
        opened = load(lanes.by_channel, j * LANES, LANE)
        more, driven = opened * more, opened * driven
        total += more
        drive += driven
        calcium_total += tables.calcium_share[j] * more
        calcium_drive += tables.calcium_share[j] * driven
    n = len(tables.moving_gates)
    for k in range(n):
        j = tables.moving_channels[k]
        more, driven = interpolated(lanes, tables.moved, n, k)
        lower = load(lanes.by_channel, j * LANES, LANE) * (tables.nernst[j] * log_calcium)
        more, driven = lower * more, lower * driven
        total += more
        drive += driven
        calcium_total += tables.calcium_share[j] * more
        calcium_drive += tables.calcium_share[j] * driven
    store(lanes.total, 0, double(total))
    store(lanes.drive, 0, double(drive) + load(lanes.current, 0, LANE))
    store(lanes.calcium_total, 0, double(calcium_total))
    store(lanes.calcium_drive, 0, double(calcium_drive))


@_njit(inline="always", **OPTIONS)
def _middle_logarithm(lanes, tables):
    """ln of the calcium in the middle of the step, as the last two let expect; 0 if no reversal moves.

    Looks up what follows this calcium at once, too.
    """
    calcium = load(lanes.calcium, 0, LANE)
    if len(tables.calcium_channels) == 0 and not tables.has_moving_reversals:
        return 0.0 * calcium
    h, gate_step = load(lanes.step, 0, LANE), load(lanes.gate_step, 0, LANE)
    change = (calcium - load(lanes.last_calcium, 0, LANE)) * h / (4.0 * gate_step - 2.0 * h + 1e-9)
    if len(tables.calcium_channels) > 0:
        look_up_calcium(lanes, tables, calcium + change)
    return logarithm(larger(calcium + change, LEAST_CALCIUM))


@_njit(inline="always", **OPTIONS)
def advance_membrane(lanes, tables):
    """Advance voltage and calcium; returns whether a lane fires."""
    tau, per_current, baseline = tables.calcium[0], tables.calcium[1], tables.calcium[2]
    h, v = load(lanes.step, 0, LANE), load(lanes.voltage, 0, LANE)
    total, drive = load(lanes.total, 0, LANE), load(lanes.drive, 0, LANE)
    z = total * h
    z = choose(absolute(z) < 1e-7, 1e-7, z)
    # exp(z) = growth ** 16; the step, the size of the target's movement, growth and z share one division.
    x = z * (1.0 / 16)
    growth = 1.0 + x * (1.0 + x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0))))
    gate_step, stiff = load(lanes.gate_step, 0, LANE) + 1e-9, 12.0 + z * (6.0 + 2.0 * z)
    left, right = z * growth, gate_step * stiff
    inverse = 1.0 / (left * right)
    by_left, by_right = inverse * right, inverse * left
    left_over = by_left * z  # exp(-z / 16), then squared four times
    left_over *= left_over
    left_over *= left_over
    left_over *= left_over
    left_over *= left_over
    per_step = by_right * stiff
    # The target drive / total moves by `turn / total**2`; the denominator `stiff` is 1 / _lag, nearly.
    turn = drive * load(lanes.last_total, 0, LANE) - total * load(lanes.last_drive, 0, LANE)
    mean_rate = (drive - total * v) * (1.0 - left_over) * (by_left * growth)
    mean_rate += h * h * turn * per_step * (by_right * gate_step)
    change = mean_rate * h
    bend = (mean_rate - load(lanes.mean_rate, 0, LANE)) * per_step
    advanced = v + change
    store(lanes.advanced, 0, advanced)
    store(lanes.last_total, 0, total)
    store(lanes.last_drive, 0, drive)
    store(lanes.mean_rate, 0, mean_rate)
    store(lanes.bend, 0, bend)
    store(lanes.rate, 0, mean_rate + 0.5 * bend * h)
    calcium = load(lanes.calcium, 0, LANE)
    inflow = (v + 0.5 * change) * load(lanes.calcium_total, 0, LANE) - load(lanes.calcium_drive, 0, LANE)
    store(lanes.last_calcium, 0, calcium)
    if len(tables.pump) > 0:
        store(lanes.calcium, 0, pumped(tables, calcium, inflow, h))
    else:
        tau, per_current, baseline = tables.calcium[0], tables.calcium[1], tables.calcium[2]
        rest = baseline - per_current * inflow
        store(lanes.calcium, 0, rest + (calcium - rest) * decay(h * (1.0 / (16 * tau))))
    if len(tables.swing) > 0:
        return True
    return any_of(choose(advanced >= tables.level, load(lanes.armed, 0, LANE), 0.0) >= 0.5)
