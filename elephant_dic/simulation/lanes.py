"""The cells under way in the simulator's kernel: each in a lane, with its own time and its own step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..trains import compiler
from .vectors import any_of, choose, load, on_stack, store

#: Cells that advance together.
LANES = 16
#: ms; infinity is no number here.
NEVER = 1e30
#: Lengths, as the compiler needs them.
LANE, EIGHT, FOUR, ONE = (0,) * LANES, (0,) * 8, (0,) * 4, (0,)

#: Sums are taken as they are written: `exact_sum` would lose its sense.
_ARITHMETIC = {"nnan", "ninf", "nsz", "arcp", "contract", "afn"}
OPTIONS = {"fastmath": _ARITHMETIC, "nogil": True, "error_model": "numpy"}
#: Of functions that compiled ones alone call: nothing is compiled for Python's calls.
INNER = OPTIONS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_njit = compiler(__file__, "tables.py", "vectors.py")


class Lanes(NamedTuple):
    """Pointers to the state of the lanes: one number a lane, or, where said, a row of numbers.

    Cells do not see each other: what a cell does depends on nothing in the other lanes.
    """

    cell: int  # index of the cell, -1 for an idle lane
    running: float  # 1, or 0 for an idle lane
    time: float  # ms
    step: float  # ms, the step under way
    gate_step: float  # ms, mean of this step and the one before
    row: int  # of the tables, for the mean voltage of the gates' step
    fraction: float  # of the way to the next row
    shift: float  # mV by which some gates of the cell are moved; of neurons that declare it
    shifted_row: int  # of these gates
    shifted_fraction: float
    single_step: float  # gate_step in single precision
    moved: float  # rows that the voltage moves in gate_step
    voltage: float
    advanced: float  # voltage at the end of the step
    mean_rate: float  # mV/ms over the last step
    rate: float  # mV/ms at its end
    bend: float  # change of the rate in mV/ms**2
    calcium: float
    last_calcium: float  # at the start of the step before
    total: float  # conductance of the membrane
    drive: float  # sum of conductance times reversal, and of injected current
    last_total: float  # both, in the step before
    last_drive: float
    calcium_total: float
    calcium_drive: float
    injected: float  # uA ms/cm**2 since the start
    passed_integral: float  # the same up to the last sample of the current, in samples
    passed: int  # that sample
    current: float  # uA/cm**2, that does not change
    level: float  # uA/cm**2 at this time, of a current that does
    slope: float  # by which that changes, in uA/cm**2/ms
    until: float  # ms, the next point of it
    point: int  # the index of that point
    armed: float  # 1 if the next upward crossing is a spike, or the next turn a maximum; else 0
    extreme: float  # mV, highest or lowest since the last turn; of neurons whose spikes are maxima
    since: float  # ms since that extreme
    over: float  # ms by which the last step of a run goes beyond its end
    late: float  # ms after its end, at which a spike was in that step; -1 for none
    sample: int  # next sample of the trace
    factors: float  # of calcium on the targets of the gates that depend on it, less 1: a row each
    two_state: float  # open and inactivated fractions of the two-state gates: two rows each
    fractions: float  # of the states of the other kinetic schemes: a row each
    rates: float  # forward and backward rates of their reactions over 16, in single precision: two rows each
    calcium_row: int  # of the tables of functions of calcium
    calcium_fraction: float  # of the way to the next row
    reached: float  # what these tables say of each lane: a row each
    gates: float  # (LANES, n_slots) in single precision
    remainders: float  # what rounding to single precision has taken from the gates
    g: float  # (LANES, n_channels)
    opened: float  # (LANES, n_channels), conductance of the open channels
    by_channel: float  # (n_channels, LANES), the same
    found: float  # (LANES, 8), what tables of voltages say of each lane
    by_kind: float  # (8, LANES), the same


@_njit(inline="always", **OPTIONS)
def new_lanes(tables, duration):
    """Idle lanes, on the stack: the compiler sees that none overlaps another."""
    whole, number, small = 0, 0.0, np.float32(0)
    slots, channels = tables.slots, tables.channels
    lanes = Lanes(
        cell=on_stack(whole, LANE, ONE),
        running=on_stack(number, LANE, ONE),
        time=on_stack(number, LANE, ONE),
        step=on_stack(number, LANE, ONE),
        gate_step=on_stack(number, LANE, ONE),
        row=on_stack(whole, LANE, ONE),
        fraction=on_stack(small, LANE, ONE),
        shift=on_stack(number, LANE, ONE),
        shifted_row=on_stack(whole, LANE, ONE),
        shifted_fraction=on_stack(small, LANE, ONE),
        single_step=on_stack(small, LANE, ONE),
        moved=on_stack(small, LANE, ONE),
        voltage=on_stack(number, LANE, ONE),
        advanced=on_stack(number, LANE, ONE),
        mean_rate=on_stack(number, LANE, ONE),
        rate=on_stack(number, LANE, ONE),
        bend=on_stack(number, LANE, ONE),
        calcium=on_stack(number, LANE, ONE),
        last_calcium=on_stack(number, LANE, ONE),
        total=on_stack(number, LANE, ONE),
        drive=on_stack(number, LANE, ONE),
        last_total=on_stack(number, LANE, ONE),
        last_drive=on_stack(number, LANE, ONE),
        calcium_total=on_stack(number, LANE, ONE),
        calcium_drive=on_stack(number, LANE, ONE),
        injected=on_stack(number, LANE, ONE),
        passed_integral=on_stack(number, LANE, ONE),
        passed=on_stack(whole, LANE, ONE),
        current=on_stack(number, LANE, ONE),
        level=on_stack(number, LANE, ONE),
        slope=on_stack(number, LANE, ONE),
        until=on_stack(number, LANE, ONE),
        point=on_stack(whole, LANE, ONE),
        armed=on_stack(number, LANE, ONE),
        extreme=on_stack(number, LANE, ONE),
        since=on_stack(number, LANE, ONE),
        over=on_stack(number, LANE, ONE),
        late=on_stack(number, LANE, ONE),
        sample=on_stack(whole, LANE, ONE),
        factors=on_stack(small, LANE, tables.halves + tables.curves),
        two_state=on_stack(number, LANE + LANE, tables.two_state_gates),
        fractions=on_stack(number, LANE, tables.fractions),
        rates=on_stack(small, LANE + LANE, tables.reactions),
        calcium_row=on_stack(whole, LANE, ONE),
        calcium_fraction=on_stack(small, LANE, ONE),
        reached=on_stack(small, LANE, tables.curves + tables.calcium_channels + tables.reactions),
        gates=on_stack(small, LANE, slots),
        remainders=on_stack(small, LANE, slots),
        g=on_stack(small, LANE, channels),
        opened=on_stack(small, LANE, channels),
        by_channel=on_stack(small, LANE, channels),
        found=on_stack(small, LANE, EIGHT),
        by_kind=on_stack(small, LANE, EIGHT),
    )
    for c in range(LANES):
        empty(lanes, tables, c, duration)
    return lanes


@_njit(**INNER)
def empty(lanes, tables, c, time):
    """Make a lane idle: nothing moves in it."""
    n_slots, n_channels = len(tables.slots), len(tables.channels)
    lanes.cell[c], lanes.running[c], lanes.time[c], lanes.step[c] = -1, 0.0, time, 0.0
    lanes.mean_rate[c] = lanes.rate[c] = lanes.bend[c] = 0.0
    lanes.voltage[c] = lanes.advanced[c] = tables.initial_voltage
    lanes.calcium[c] = lanes.last_calcium[c] = tables.calcium[3]
    lanes.last_total[c] = lanes.last_drive[c] = lanes.armed[c] = lanes.current[c] = lanes.since[c] = 0.0
    lanes.extreme[c], lanes.over[c], lanes.late[c] = tables.initial_voltage, 0.0, -1.0
    lanes.injected[c] = lanes.passed_integral[c] = 0.0
    lanes.level[c] = lanes.slope[c] = lanes.shift[c] = 0.0
    lanes.until[c] = NEVER
    lanes.sample[c] = lanes.passed[c] = lanes.point[c] = 0
    for k in range(n_channels):
        lanes.g[c * n_channels + k] = 0.0
    for k in range(n_slots):
        lanes.gates[c * n_slots + k] = tables.initial[k]
        lanes.remainders[c * n_slots + k] = 0.0
    for k in range(2 * len(tables.two_state_gates)):
        lanes.two_state[k * LANES + c] = tables.two_state_initial[k]
    for k in range(len(tables.fractions)):
        lanes.fractions[k * LANES + c] = tables.fractions_initial[k]


@_njit(inline="always", **OPTIONS)
def note(lanes, c, time, duration, spikes, counts):
    """Write down a spike of this run, or keep it for the one that goes on from there.

    A maximum just before this run that only now is known to be one is a spike at its start.
    """
    cell = lanes.cell[c]
    if time > duration:
        lanes.late[c] = time - duration
    else:
        if counts[cell] < spikes.shape[1]:
            spikes[cell, counts[cell]] = max(time, 0.0)
        counts[cell] += 1


@_njit(**INNER)
def move_conductances(lanes, tables, conductances, course_step):
    """Give each lane the conductances of the middle of its step."""
    n_channels = len(tables.channels)
    for c in range(LANES):
        cell = lanes.cell[c]
        if cell >= 0:
            last = conductances.shape[1] - 1.001
            position = min((lanes.time[c] + 0.5 * lanes.step[c]) / course_step, last)
            i = int(position)
            for j in range(n_channels):
                left, right = conductances[cell, i, j], conductances[cell, i + 1, j]
                lanes.g[c * n_channels + j] = left + (position - i) * (right - left)


@_njit(**INNER)
def record_crossings(lanes, tables, duration, spikes, counts):
    """Note the spikes of this step, where they are crossings."""
    for c in range(LANES):
        if lanes.advanced[c] >= tables.level and lanes.armed[c] > 0:
            lanes.armed[c] = 0.0
            part = (tables.level - lanes.voltage[c]) / (lanes.advanced[c] - lanes.voltage[c])
            note(lanes, c, lanes.time[c] + part * lanes.step[c], duration, spikes, counts)


@_njit(**INNER)
def record_maxima(lanes, tables, duration, spikes, counts):
    """Note the maxima of which this step's fall is deep enough; where they are is on a parabola."""
    for c in range(LANES):
        if lanes.cell[c] < 0:
            continue
        h, last = lanes.step[c], lanes.rate[c]
        first = last - lanes.bend[c] * h
        top, after = lanes.advanced[c], 0.0
        if first > 0.0 and last < 0.0:
            part = first / (first - last)
            top, after = lanes.voltage[c] + 0.5 * first * part * h, (1.0 - part) * h
        lanes.since[c] += h
        if lanes.armed[c] > 0:
            if top > lanes.extreme[c]:
                lanes.extreme[c], lanes.since[c] = top, after
            if lanes.extreme[c] - lanes.advanced[c] >= tables.level:
                note(lanes, c, lanes.time[c] + h - lanes.since[c], duration, spikes, counts)
                lanes.armed[c], lanes.extreme[c] = 0.0, lanes.advanced[c]
        elif lanes.advanced[c] < lanes.extreme[c]:
            lanes.extreme[c] = lanes.advanced[c]
        elif lanes.advanced[c] - lanes.extreme[c] >= tables.level:
            lanes.armed[c], lanes.extreme[c], lanes.since[c] = 1.0, top, after


@_njit(**INNER)
def record_traces(lanes, traces, trace_start, trace_step):
    """Note the samples of the voltage that are in this step."""
    for c in range(LANES):
        cell = lanes.cell[c]
        while cell >= 0 and lanes.sample[c] < traces.shape[1]:
            elapsed = trace_start + lanes.sample[c] * trace_step - lanes.time[c]
            if elapsed > lanes.step[c]:
                break
            change = lanes.advanced[c] - lanes.voltage[c]
            traces[cell, lanes.sample[c]] = lanes.voltage[c] + change * elapsed / lanes.step[c]
            lanes.sample[c] += 1


@_njit(inline="always", **OPTIONS)
def end_steps(lanes, tables, duration):
    """Go on to the next step; returns whether a lane has finished, or is idle."""
    time, advanced = load(lanes.time, 0, LANE) + load(lanes.step, 0, LANE), load(lanes.advanced, 0, LANE)
    store(lanes.time, 0, time)
    store(lanes.voltage, 0, advanced)
    if len(tables.swing) == 0:
        store(lanes.armed, 0, choose(advanced < tables.rearm, 1.0, load(lanes.armed, 0, LANE)))
    return any_of(time >= duration)
