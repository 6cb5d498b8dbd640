"""The compiled inner loop of the simulator: one kernel for every declared neuron.

Scheme: Strang splitting. With the gates frozen the membrane equation is linear and solved exactly over a
step; with the voltage frozen every gate is. Two half steps of the gates that follow each other are merged
into one, so a step costs one evaluation and the scheme is of second order. Instantaneous gates enter the
membrane equation linearised at the start of the step.

Each cell runs in a lane with its own time and its own step, ``dt / (1 + |dV/dt| / SPEED)``: long between
spikes and short within them. A block of lanes advances together so that the compiler can vectorise; a lane
that has finished takes the next cell. What a cell does depends on nothing in the other lanes.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from .tables import STEP

LANES = 16
#: Rate of change of the voltage (mV/ms) at which the step is half of its maximum.
SPEED = 3.0
#: Smallest step as a share of the largest.
SMALLEST = 0.03
#: A spike (mV) is an upward crossing of SPIKE, possible again once the voltage has been below REARM.
SPIKE, REARM = 10.0, 0.0
#: Calcium (uM) below which no reversal moves further.
LEAST_CALCIUM = 1e-6

_OPTIONS = {"fastmath": True, "nogil": True, "cache": True, "error_model": "numpy"}


@numba.njit(inline="always", **_OPTIONS)
def _decay(sixteenth):
    """exp(-16 x) for x >= 0: exact to 1e-7 where it matters, tiny where x is large, and vectorisable."""
    x = min(sixteenth, 1.0)
    q = 1.0 - x * (1.0 - x * (0.5 - x * (1.0 / 6.0)))
    q *= q
    q *= q
    q *= q
    return q * q


@numba.njit(inline="always", **_OPTIONS)
def _lag(p):
    """(1 + q) / 2 - (1 - q) / z with q = exp(-z) and p = 1 - q.

    What a target that moves linearly during a step adds to a gate, in units of that movement: nothing to
    second order, but all where the step is not short against the time constant. Gregory's series in p.
    """
    return p * p * (1 / 12 + p * (1 / 24 + p * (19 / 720 + p * (3 / 160 + p * 0.06))))


@numba.njit(inline="always", **_OPTIONS)
def _membrane_decay(sixteenth):
    """exp(-16 x), also for slightly negative x and to full relative accuracy for small ones."""
    x = sixteenth
    q = 1.0 / (1.0 + x * (1.0 + x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0)))))
    q *= q
    q *= q
    q *= q
    return q * q


@numba.njit(inline="always", **_OPTIONS)
def _two_state_step(opened, hidden, rates, fraction, step):
    """Exact step of the open and inactivated fractions at a frozen voltage, by their two eigenvalues."""
    opening = rates[0] + fraction * rates[4]
    closing = rates[1] + fraction * rates[5]
    inactivation = rates[2] + fraction * rates[6]
    recovery = rates[3] + fraction * rates[7]
    leaving = opening + closing + inactivation
    determinant = opening * (recovery + inactivation) + closing * recovery
    middle = 0.5 * (leaving + recovery)
    spread = np.sqrt(max(middle * middle - determinant, 0.0)) + 1e-12
    slow = _decay(determinant / (middle + spread) * step / 16)
    fast = _decay((middle + spread) * step / 16)
    mean, difference = 0.5 * (slow + fast), 0.5 * (slow - fast) / spread
    rest, hidden_rest = opening * recovery / determinant, opening * inactivation / determinant
    x, y = opened - rest, hidden - hidden_rest
    change = (middle - leaving) * x + (recovery - opening) * y
    hidden_change = inactivation * x + (middle - recovery) * y
    return (
        rest + mean * x + difference * change,
        hidden_rest + mean * y + difference * hidden_change,
    )


class Lanes(NamedTuple):
    """State of the lanes; every array has one entry a lane, or one row."""

    cell: np.ndarray  # index of the cell, -1 for an idle lane
    time: np.ndarray  # ms
    step: np.ndarray  # ms, the step under way
    gate_step: np.ndarray  # ms, mean of this step and the one before
    row: np.ndarray  # of the tables, for the voltage
    fraction: np.ndarray  # of the way to the next row
    voltage: np.ndarray
    advanced: np.ndarray  # voltage at the end of the step
    rate: np.ndarray  # mV/ms over the last step
    calcium: np.ndarray
    log_calcium: np.ndarray  # 0 where no reversal follows calcium
    gates: np.ndarray  # (LANES, n_slots)
    factors: np.ndarray  # (LANES, n_slots), of calcium on the gates' targets
    inactivated: np.ndarray  # (LANES, n_two_state)
    g: np.ndarray  # (LANES, n_channels)
    g_instantaneous: np.ndarray  # (LANES, n_instantaneous)
    total: np.ndarray  # conductance of the membrane
    drive: np.ndarray  # sum of conductance times reversal, and of injected current
    calcium_total: np.ndarray
    calcium_drive: np.ndarray
    armed: np.ndarray  # whether the next upward crossing is a spike
    sample: np.ndarray  # next sample of the trace


@numba.njit(**_OPTIONS)
def _new_lanes(tables, duration):
    n_channels, n_slots = len(tables.channels), len(tables.slots)
    n_two_state, n_instantaneous = len(tables.two_state), len(tables.instantaneous)
    return Lanes(
        np.full(LANES, -1),
        np.full(LANES, duration),
        np.zeros(LANES),
        np.zeros(LANES),
        np.zeros(LANES, np.int64),
        np.zeros(LANES),
        np.full(LANES, tables.initial_voltage),
        np.full(LANES, tables.initial_voltage),
        np.zeros(LANES),
        np.full(LANES, tables.calcium[3]),
        np.zeros(LANES),
        np.ones((LANES, n_slots)),
        np.ones((LANES, n_slots)),
        np.zeros((LANES, n_two_state)),
        np.zeros((LANES, n_channels)),
        np.zeros((LANES, n_instantaneous)),
        np.ones(LANES),
        np.zeros(LANES),
        np.zeros(LANES),
        np.zeros(LANES),
        np.zeros(LANES, np.int64),
        np.zeros(LANES, np.int64),
    )


@numba.njit(**_OPTIONS)
def _fill(lanes, tables, conductances, duration, following):
    """Give the next cells to lanes that have finished; returns the next cell and how many lanes run."""
    n_running = 0
    for c in range(LANES):
        if lanes.time[c] >= duration:
            lanes.cell[c] = -1
            if following < len(conductances):
                _start(lanes, tables, conductances, c, following)
                following += 1
        n_running += lanes.cell[c] >= 0
    return following, n_running


@numba.njit(**_OPTIONS)
def _start(lanes, tables, conductances, c, cell):
    """Start a cell in a lane."""
    lanes.cell[c] = cell
    lanes.time[c] = lanes.step[c] = lanes.rate[c] = 0.0
    lanes.voltage[c], lanes.calcium[c] = tables.initial_voltage, tables.calcium[3]
    lanes.armed[c] = tables.initial_voltage < SPIKE
    lanes.sample[c] = 0
    lanes.g[c] = conductances[cell]
    lanes.gates[c] = tables.initial
    lanes.inactivated[c] = tables.inactivated
    for k, channel in enumerate(tables.instantaneous):  # summed apart from the others
        lanes.g_instantaneous[c, k] = lanes.g[c, channel]
        lanes.g[c, channel] = 0.0


@numba.njit(inline="always", **_OPTIONS)
def _choose_steps(lanes, tables, dt):
    last = tables.kinetics.shape[0] - 1.001
    for c in range(LANES):
        longest = dt * max(SMALLEST, 1.0 / (1.0 + abs(lanes.rate[c]) / SPEED))
        new = min(longest, 2.0 * lanes.step[c] + SMALLEST * dt)
        new = new if lanes.cell[c] >= 0 else 0.0
        lanes.gate_step[c] = 0.5 * (lanes.step[c] + new)
        lanes.step[c] = new
        position = min(max((lanes.voltage[c] - tables.first_voltage) * (1.0 / STEP), 0.0), last)
        lanes.row[c] = int(position)
        lanes.fraction[c] = position - lanes.row[c]


@numba.njit(inline="always", **_OPTIONS)
def _advance_gates(lanes, tables):
    gates, factors, kinetics = lanes.gates, lanes.factors, tables.kinetics
    for k, slot in enumerate(tables.calcium_slots):
        for c in range(LANES):
            factors[c, slot] = lanes.calcium[c] / (lanes.calcium[c] + tables.calcium_halves[k])
    for c in range(LANES):
        i, f, h = lanes.row[c], lanes.fraction[c], lanes.gate_step[c]
        moved = lanes.rate[c] * h / STEP
        for k in range(len(tables.slots)):
            target = (kinetics[i, 0, k] + f * kinetics[i, 1, k]) * factors[c, k]
            q = _decay((kinetics[i, 2, k] + f * kinetics[i, 3, k]) * h)
            drift = moved * kinetics[i, 1, k] * factors[c, k]
            gates[c, k] = target + (gates[c, k] - target) * q + drift * _lag(1.0 - q)
    for k, slot in enumerate(tables.two_state):
        for c in range(LANES):
            gates[c, slot], lanes.inactivated[c, k] = _two_state_step(
                gates[c, slot],
                lanes.inactivated[c, k],
                tables.rates[lanes.row[c], k],
                lanes.fraction[c],
                lanes.gate_step[c],
            )


@numba.njit(inline="always", **_OPTIONS)
def _move_reversals(lanes):
    for c in range(LANES):
        lanes.log_calcium[c] = np.log(max(lanes.calcium[c], LEAST_CALCIUM))


@numba.njit(inline="always", **_OPTIONS)
def _power(x, powers, k):
    """x ** exponent, from the two binary digits of exponent - 1."""
    return x * (1 + powers[0, k] * (x - 1)) * (1 + powers[1, k] * (x * x - 1))


@numba.njit(inline="always", **_OPTIONS)
def _sum_currents(lanes, tables):
    n_channels, n_slots = len(tables.channels), len(tables.slots)
    gates, powers, share = lanes.gates, tables.powers, tables.calcium_share
    for c in range(LANES):
        lanes.total[c] = lanes.drive[c] = lanes.calcium_total[c] = lanes.calcium_drive[c] = 0.0
    for j in range(n_channels):
        for c in range(LANES):
            opened = lanes.g[c, j]
            for k in range(j, n_slots, n_channels):
                opened *= _power(gates[c, k], powers, k)
            reversal = tables.reversals[j] - tables.nernst[j] * lanes.log_calcium[c]
            lanes.total[c] += opened
            lanes.drive[c] += opened * reversal
            lanes.calcium_total[c] += opened * share[j]
            lanes.calcium_drive[c] += opened * share[j] * reversal
    for i, j in enumerate(tables.instantaneous):
        for c in range(LANES):
            opened = lanes.g_instantaneous[c, i]
            for k in range(j, n_slots, n_channels):
                opened *= _power(gates[c, k], powers, k)
            values, f = tables.linearised[lanes.row[c], i], lanes.fraction[c]
            conductance = opened * (values[0] + f * values[2])
            drive = opened * (values[1] + f * values[3])
            lanes.total[c] += conductance
            lanes.drive[c] += drive
            lanes.calcium_total[c] += conductance * share[j]
            lanes.calcium_drive[c] += drive * share[j]


@numba.njit(inline="always", **_OPTIONS)
def _inject(lanes, noise, noise_step):
    """Add the injected current in the middle of the step."""
    for c in range(LANES):
        cell = lanes.cell[c]
        if cell >= 0:
            position = min((lanes.time[c] + 0.5 * lanes.step[c]) / noise_step, noise.shape[1] - 1.001)
            i = int(position)
            left, right = noise[cell, i], noise[cell, i + 1]
            lanes.drive[c] += left + (position - i) * (right - left)


@numba.njit(inline="always", **_OPTIONS)
def _advance_membrane(lanes, tables):
    """Advance voltage and calcium; returns whether a lane fires."""
    tau, per_current, baseline = tables.calcium[0], tables.calcium[1], tables.calcium[2]
    n_crossings = 0
    for c in range(LANES):
        h, v = lanes.step[c], lanes.voltage[c]
        z = lanes.total[c] * h
        z = z if abs(z) > 1e-7 else 1e-7
        change = (lanes.drive[c] - lanes.total[c] * v) * h * (1.0 - _membrane_decay(z / 16)) / z
        lanes.advanced[c] = v + change
        lanes.rate[c] = change / (h + 1e-9)
        inflow = (v + 0.5 * change) * lanes.calcium_total[c] - lanes.calcium_drive[c]
        rest = baseline - per_current * inflow
        lanes.calcium[c] = rest + (lanes.calcium[c] - rest) * _decay(h / (16 * tau))
        n_crossings += (v + change >= SPIKE) & (lanes.armed[c] == 1)
    return n_crossings > 0


@numba.njit(**_OPTIONS)
def _record_spikes(lanes, duration, spikes, counts):
    for c in range(LANES):
        if lanes.advanced[c] >= SPIKE and lanes.armed[c] == 1:
            lanes.armed[c] = 0
            part = (SPIKE - lanes.voltage[c]) / (lanes.advanced[c] - lanes.voltage[c])
            time, cell = lanes.time[c] + part * lanes.step[c], lanes.cell[c]
            if time <= duration:
                if counts[cell] < spikes.shape[1]:
                    spikes[cell, counts[cell]] = time
                counts[cell] += 1


@numba.njit(**_OPTIONS)
def _record_traces(lanes, traces, trace_start, trace_step):
    for c in range(LANES):
        cell = lanes.cell[c]
        while cell >= 0 and lanes.sample[c] < traces.shape[1]:
            elapsed = trace_start + lanes.sample[c] * trace_step - lanes.time[c]
            if elapsed > lanes.step[c]:
                break
            change = lanes.advanced[c] - lanes.voltage[c]
            traces[cell, lanes.sample[c]] = lanes.voltage[c] + change * elapsed / lanes.step[c]
            lanes.sample[c] += 1


@numba.njit(**_OPTIONS)
def integrate(
    tables, conductances, duration, dt, noise, noise_step, spikes, counts, traces, trace_start, trace_step
):
    """Simulate cells until `duration`.

    Parameters
    ----------
    tables : Tables
    conductances : (n, n_channels) array
        mS/cm**2, padded with zeros to the tables' number of channels.
    duration, dt : float
        ms; `dt` is the largest step.
    noise : (n, n_noise) float32 array
        Injected current in uA/cm**2 every `noise_step` ms, interpolated in between; (n, 0) for none.
    spikes : (n, capacity) array
        Receives spike times (ms); spikes beyond the capacity are counted only.
    counts : (n,) int array
        Receives the number of spikes.
    traces : (n, n_samples) array
        Receives the voltage at trace_start + k * trace_step; (n, 0) for none.
    """
    lanes = _new_lanes(tables, duration)
    has_moving_reversals = tables.nernst.max() > 0
    following = 0
    while True:
        n_finished = 0
        for c in range(LANES):
            n_finished += lanes.time[c] >= duration
        if n_finished:
            following, n_running = _fill(lanes, tables, conductances, duration, following)
            if n_running == 0:
                return
        _choose_steps(lanes, tables, dt)
        _advance_gates(lanes, tables)
        if has_moving_reversals:
            _move_reversals(lanes)
        _sum_currents(lanes, tables)
        if noise.shape[1]:
            _inject(lanes, noise, noise_step)
        if _advance_membrane(lanes, tables):
            _record_spikes(lanes, duration, spikes, counts)
        if traces.shape[1]:
            _record_traces(lanes, traces, trace_start, trace_step)
        for c in range(LANES):
            lanes.time[c] += lanes.step[c]
            lanes.voltage[c] = lanes.advanced[c]
            lanes.armed[c] = 1 if lanes.advanced[c] < REARM else lanes.armed[c]
