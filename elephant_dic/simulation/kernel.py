"""The compiled inner loop of the simulator: one kernel for every declared neuron.

Scheme: Strang splitting. With the gates frozen the membrane equation is linear and solved exactly over a
step; with the voltage frozen every gate is. Two half steps of the gates that follow each other are merged
into one, so a step costs one evaluation and the scheme is of second order. What a target that moves during
the step adds, of a gate or of the voltage, is put in: that makes the error several times smaller, and keeps
the scheme at its order where time constants are shorter than the step. Gates see the mean voltage of their
step, as far as that follows from its curvature. Instantaneous gates enter the membrane equation linearised at
the start of the step.

Each cell runs in a lane with its own time and its own step, ``dt / (1 + |dV/dt| / SPEED)``: long between
spikes and short within them, and where they are about to begin. A block of lanes advances together; a lane
that has finished takes the next cell. What a cell does depends on nothing in the other lanes.

The compiler vectorises over the slots of a lane where tables are read, and over lanes elsewhere. Gates are
kept in double precision, since those of long time constants move by less than a single-precision digit a
step; what moves them is computed in single precision.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numba.core import cgutils, types
from numba.extending import intrinsic

from ..neurons import REARM, SPIKE
from ..trains import compiler
from .tables import STEP

LANES = 16
#: Rate of change of the voltage (mV/ms) at which the step is half of its maximum.
SPEED = 4.0
#: Smallest step as a share of the largest.
SMALLEST = 0.06
#: Calcium (uM) below which no reversal moves further.
LEAST_CALCIUM = 1e-6

_OPTIONS = {"fastmath": True, "nogil": True, "error_model": "numpy"}
_njit = compiler(__file__, "tables.py", "../neurons/model.py")
_F = np.float32
_ONE, _TWO = _F(1), _F(2)


@_njit(inline="always", **_OPTIONS)
def _approach(eighth):
    """1 - exp(-8 x) for x >= 0, in single precision also relative to small values, and vectorisable."""
    x = min(eighth, _ONE)
    p = x * (_ONE - x * (_F(1 / 2) - x * (_F(1 / 6) - x * _F(1 / 24))))
    p *= _TWO - p
    p *= _TWO - p
    return p * (_TWO - p)


@_njit(inline="always", **_OPTIONS)
def _lag(p):
    """(1 + q) / 2 - (1 - q) / z with q = exp(-z) and p = 1 - q.

    What a target that moves linearly during a step adds to a gate, in units of that movement: nothing to
    second order, but all where the step is not short against the time constant. Gregory's series in p.
    """
    return p * p * (_F(1 / 12) + p * (_F(1 / 24) + p * (_F(19 / 720) + p * (_F(3 / 160) + p * _F(0.06)))))


@_njit(inline="always", **_OPTIONS)
def _decay(sixteenth):
    """exp(-16 x) for x >= 0: exact to 1e-7 where it matters, tiny where x is large, and vectorisable."""
    x = min(sixteenth, 1.0)
    q = 1.0 - x * (1.0 - x * (0.5 - x * (1.0 / 6.0)))
    q *= q
    q *= q
    q *= q
    return q * q


@_njit(inline="always", **_OPTIONS)
def _membrane_decay(sixteenth):
    """exp(-16 x), also for slightly negative x and to full relative accuracy for small ones."""
    x = sixteenth
    q = 1.0 / (1.0 + x * (1.0 + x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0)))))
    q *= q
    q *= q
    q *= q
    return q * q


@_njit(inline="always", **_OPTIONS)
def _two_state_step(opened, hidden, opening, closing, inactivation, recovery, step):
    """Exact step of the open and inactivated fractions at a frozen voltage, by their two eigenvalues."""
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
    row: np.ndarray  # of the tables, for the mean voltage of the gates' step
    fraction: np.ndarray  # of the way to the next row
    voltage: np.ndarray
    advanced: np.ndarray  # voltage at the end of the step
    mean_rate: np.ndarray  # mV/ms over the last step
    rate: np.ndarray  # mV/ms at its end
    bend: np.ndarray  # change of the rate in mV/ms**2
    calcium: np.ndarray
    last_calcium: np.ndarray  # at the start of the step before
    log_calcium: np.ndarray  # 0 where no reversal follows calcium
    total: np.ndarray  # conductance of the membrane
    drive: np.ndarray  # sum of conductance times reversal, and of injected current
    last_total: np.ndarray  # both, in the step before
    last_drive: np.ndarray
    calcium_total: np.ndarray
    calcium_drive: np.ndarray
    armed: np.ndarray  # whether the next upward crossing is a spike
    sample: np.ndarray  # next sample of the trace
    gates: np.ndarray  # (LANES, n_slots)
    powers: np.ndarray  # (LANES, n_slots), the gates to their exponents
    factors: np.ndarray  # (LANES, n_slots), of calcium on the gates' targets
    g: np.ndarray  # (LANES, n_channels)
    opened: np.ndarray  # (LANES, n_channels), conductance of the open channels
    inactivated: np.ndarray  # (LANES, n_channels), of the two-state gates, in their order
    rates: np.ndarray  # (4, LANES), of the two-state gate at hand


@intrinsic
def _on_stack(typing_context, width, number):
    """Pointer to room for LANES times len(width) numbers, on the stack of the calling function."""
    size = LANES * width.count

    def make(context, builder, signature, arguments):
        pointer = cgutils.alloca_once(builder, context.get_value_type(number), size=size)
        pointer.align = 64
        return pointer

    return types.CPointer(number)(width, number), make


@_njit(inline="always", **_OPTIONS)
def _column(number):
    return numba.carray(_on_stack((0,), number), LANES)


@_njit(inline="always", **_OPTIONS)
def _rows(width, number):
    return numba.carray(_on_stack(width, number), (LANES, len(width)))


@_njit(inline="always", **_OPTIONS)
def _new_lanes(tables, duration):
    """Idle lanes. They are on the stack: the compiler sees that none overlaps another, and vectorises."""
    whole, single, double = 0, np.float32(0), 0.0
    slots, channels = tables.slots, tables.channels
    lanes = Lanes(
        _column(whole), _column(double), _column(double), _column(single), _column(whole), _column(single),
        _column(double), _column(double), _column(double), _column(double), _column(double), _column(double),
        _column(double), _column(double), _column(double), _column(double), _column(double), _column(double),
        _column(double), _column(double),
        _column(whole), _column(whole), _rows(slots, double), _rows(slots, single), _rows(slots, single),
        _rows(channels, single), _rows(channels, single), _rows(channels, double),
        numba.carray(_on_stack((0, 0, 0, 0), double), (4, LANES)),
    )  # fmt: skip
    for c in range(LANES):
        lanes.cell[c], lanes.time[c], lanes.step[c] = -1, duration, 0.0
        lanes.mean_rate[c] = lanes.rate[c] = lanes.bend[c] = 0.0
        lanes.voltage[c], lanes.calcium[c], lanes.last_calcium[c] = tables.initial_voltage, 1.0, 1.0
        lanes.log_calcium[c] = 0.0
        lanes.last_total[c] = lanes.last_drive[c] = 0.0
        lanes.armed[c] = lanes.sample[c] = 0
        lanes.gates[c], lanes.factors[c], lanes.g[c], lanes.inactivated[c] = 1.0, 1.0, 0.0, 0.0
    return lanes


@_njit(**_OPTIONS)
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


@_njit(**_OPTIONS)
def _start(lanes, tables, conductances, c, cell):
    """Start a cell in a lane."""
    lanes.cell[c] = cell
    lanes.time[c] = lanes.step[c] = 0.0
    lanes.mean_rate[c] = lanes.rate[c] = lanes.bend[c] = 0.0
    lanes.voltage[c], lanes.calcium[c] = tables.initial_voltage, tables.calcium[3]
    lanes.last_calcium[c] = lanes.calcium[c]
    lanes.last_total[c] = lanes.last_drive[c] = 0.0
    lanes.armed[c] = tables.initial_voltage < SPIKE
    lanes.sample[c] = 0
    lanes.g[c] = conductances[cell, 0]
    lanes.gates[c] = tables.initial
    for k in range(len(tables.inactivated)):
        lanes.inactivated[c, k] = tables.inactivated[k]


@_njit(**_OPTIONS)
def _move_conductances(lanes, conductances, course_step):
    """Give each lane the conductances of the middle of its step."""
    for c in range(LANES):
        if lanes.cell[c] >= 0:
            course = conductances[lanes.cell[c]]
            position = min((lanes.time[c] + 0.5 * lanes.step[c]) / course_step, len(course) - 1.001)
            i = int(position)
            lanes.g[c] = course[i] + (position - i) * (course[i + 1] - course[i])


@_njit(inline="always", **_OPTIONS)
def _choose_steps(lanes, tables, dt):
    last = tables.kinetics.shape[0] - 1.001
    for c in range(LANES):
        # The larger of the rates in the last step and, as far as it can be foreseen, in this one.
        speed = abs(lanes.rate[c]) + abs(0.5 * lanes.bend[c] * lanes.step[c])
        longest = dt * max(SMALLEST, 1.0 / (1.0 + speed / SPEED))
        new = min(longest, 2.0 * lanes.step[c] + SMALLEST * dt)
        new = new if lanes.cell[c] >= 0 else 0.0
        gate_step = 0.5 * (lanes.step[c] + new)
        lanes.gate_step[c] = gate_step
        lanes.step[c] = new
        mean = lanes.voltage[c] + lanes.bend[c] * (1.0 / 24) * gate_step * gate_step
        position = min(max((mean - tables.first_voltage) * (1.0 / STEP), 0.0), last)
        lanes.row[c] = int(position)
        lanes.fraction[c] = position - lanes.row[c]


@_njit(inline="always", **_OPTIONS)
def _advance_gates(lanes, tables):
    kinetics, powers, n_channels = tables.kinetics, tables.powers, len(tables.channels)
    for k, slot in enumerate(tables.calcium_slots):
        for c in range(LANES):
            lanes.factors[c, slot] = lanes.calcium[c] / (lanes.calcium[c] + tables.calcium_halves[k])
    for k, slot in enumerate(tables.two_state):
        _advance_two_state(lanes, tables, k, slot)
    for c in range(LANES):
        i, f, h = lanes.row[c], lanes.fraction[c], lanes.gate_step[c]
        moved = np.float32(lanes.rate[c]) * h * _F(1 / STEP)
        for k in range(len(tables.slots)):
            rest, speed = kinetics[i, 0, k], kinetics[i, 1, k]
            slope = (kinetics[i + 1, 0, k] - rest) * lanes.factors[c, k]
            target = rest * lanes.factors[c, k] + f * slope
            p = _approach((speed + f * (kinetics[i + 1, 1, k] - speed)) * h)
            gate = lanes.gates[c, k]
            gate += (target - np.float32(gate)) * p + moved * slope * _lag(p)
            lanes.gates[c, k] = gate
            x = np.float32(gate)
            # x ** exponent, from the two binary digits of exponent - 1
            x *= (_ONE + powers[0, k] * (x - _ONE)) * (_ONE + powers[1, k] * (x * x - _ONE))
            lanes.powers[c, k] = x
        for j in range(n_channels):
            opened = lanes.g[c, j]
            for k in range(j, len(tables.slots), n_channels):
                opened *= lanes.powers[c, k]
            lanes.opened[c, j] = opened


@_njit(inline="always", **_OPTIONS)
def _advance_two_state(lanes, tables, k, slot):
    for c in range(LANES):
        for r in range(4):
            values = tables.rates[lanes.row[c], k]
            lanes.rates[r, c] = values[r] + lanes.fraction[c] * values[r + 4]
    for c in range(LANES):
        lanes.gates[c, slot], lanes.inactivated[c, k] = _two_state_step(
            lanes.gates[c, slot], lanes.inactivated[c, k],
            lanes.rates[0, c], lanes.rates[1, c], lanes.rates[2, c], lanes.rates[3, c], lanes.gate_step[c],
        )  # fmt: skip


@_njit(inline="always", **_OPTIONS)
def _move_reversals(lanes):
    """Reversals are those of the calcium in the middle of the step, which follows from the last two steps."""
    for c in range(LANES):
        h = lanes.step[c]
        change = (lanes.calcium[c] - lanes.last_calcium[c]) * h / (4 * lanes.gate_step[c] - 2 * h + 1e-9)
        lanes.log_calcium[c] = np.log(max(lanes.calcium[c] + change, LEAST_CALCIUM))


@_njit(inline="always", **_OPTIONS)
def _sum_currents(lanes, tables):
    share = tables.calcium_share
    for c in range(LANES):
        total = drive = calcium_total = calcium_drive = 0.0
        for j in range(len(tables.channels)):
            opened = np.float64(lanes.opened[c, j])
            driven = opened * (tables.reversals[j] - tables.nernst[j] * lanes.log_calcium[c])
            total += opened
            drive += driven
            calcium_total += opened * share[j]
            calcium_drive += driven * share[j]
        lanes.total[c], lanes.drive[c] = total, drive
        lanes.calcium_total[c], lanes.calcium_drive[c] = calcium_total, calcium_drive
    for i, j in enumerate(tables.instantaneous):
        for c in range(LANES):
            values, f = tables.linearised[lanes.row[c], i], lanes.fraction[c]
            opened = np.float64(lanes.opened[c, j])
            # Summed above as if the instantaneous gates were open.
            conductance = opened * (values[0] + f * values[2] - 1.0)
            drive = opened * (values[1] + f * values[3] - tables.reversals[j])
            lanes.total[c] += conductance
            lanes.drive[c] += drive
            lanes.calcium_total[c] += conductance * share[j]
            lanes.calcium_drive[c] += drive * share[j]


@_njit(**_OPTIONS)
def _inject(lanes, noise, noise_step):
    """Add the injected current in the middle of the step."""
    for c in range(LANES):
        cell = lanes.cell[c]
        if cell >= 0:
            position = min((lanes.time[c] + 0.5 * lanes.step[c]) / noise_step, noise.shape[1] - 1.001)
            i = int(position)
            left, right = noise[cell, i], noise[cell, i + 1]
            lanes.drive[c] += left + (position - i) * (right - left)


@_njit(inline="always", **_OPTIONS)
def _advance_membrane(lanes, tables):
    """Advance voltage and calcium; returns whether a lane fires."""
    tau, per_current, baseline = tables.calcium[0], tables.calcium[1], tables.calcium[2]
    n_crossings = 0
    for c in range(LANES):
        h, v, total, drive = lanes.step[c], lanes.voltage[c], lanes.total[c], lanes.drive[c]
        z = total * h
        z = z if abs(z) > 1e-7 else 1e-7
        change = (drive - total * v) * h * (1.0 - _membrane_decay(z / 16)) / z
        # The target drive / total moves by `turn / total**2`; the denominator is 1 / _lag, nearly.
        per_step = 1.0 / (lanes.gate_step[c] + 1e-9)
        turn = (drive * lanes.last_total[c] - total * lanes.last_drive[c]) * per_step
        change += h * h * h * turn / (12.0 + z * (6.0 + 2.0 * z))
        lanes.last_total[c], lanes.last_drive[c] = total, drive
        lanes.advanced[c] = v + change
        mean_rate = change / (h + 1e-9)
        lanes.bend[c] = (mean_rate - lanes.mean_rate[c]) * per_step
        lanes.rate[c] = mean_rate + 0.5 * lanes.bend[c] * h
        lanes.mean_rate[c] = mean_rate
        inflow = (v + 0.5 * change) * lanes.calcium_total[c] - lanes.calcium_drive[c]
        rest = baseline - per_current * inflow
        lanes.last_calcium[c] = lanes.calcium[c]
        lanes.calcium[c] = rest + (lanes.calcium[c] - rest) * _decay(h / (16 * tau))
        n_crossings += (v + change >= SPIKE) & (lanes.armed[c] == 1)
    return n_crossings > 0


@_njit(**_OPTIONS)
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


@_njit(**_OPTIONS)
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


@_njit(inline="always", **_OPTIONS)
def _end_steps(lanes):
    for c in range(LANES):
        lanes.time[c] += lanes.step[c]
        lanes.voltage[c] = lanes.advanced[c]
        lanes.armed[c] = 1 if lanes.advanced[c] < REARM else lanes.armed[c]


@_njit(**_OPTIONS)
def integrate(
    tables, conductances, course_step, duration, dt, noise, noise_step, spikes, counts, traces, trace_start,
    trace_step,
):  # fmt: skip
    """Simulate cells until `duration`.

    Parameters
    ----------
    tables : Tables
    conductances : (n, n_times, n_channels) float32 array
        mS/cm**2 every `course_step` ms, interpolated in between; with one time they stay. Padded with zeros
        to the tables' number of channels.
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
        if conductances.shape[1] > 1:
            _move_conductances(lanes, conductances, course_step)
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
        _end_steps(lanes)
