"""The cells under way in the simulator's kernel: each in a lane, with its own time and its own step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..neurons import REARM, SPIKE
from ..trains import compiler
from .tables import N_NUMBERS
from .vectors import any_of, choose, load, on_stack, store

#: Cells that advance together.
LANES = 16
#: Lengths, as the compiler needs them.
LANE, EIGHT, FOUR, ONE = (0,) * LANES, (0,) * 8, (0,) * 4, (0,)

#: Sums are taken as they are written: `exact_sum` would lose its sense.
_ARITHMETIC = {"nnan", "ninf", "nsz", "arcp", "contract", "afn"}
OPTIONS = {"fastmath": _ARITHMETIC, "nogil": True, "error_model": "numpy"}
#: Of functions that compiled ones alone call: nothing is compiled for Python's calls.
_INNER = OPTIONS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_njit = compiler(__file__, "tables.py", "vectors.py", "../neurons/model.py")


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
    armed: float  # 1 if the next upward crossing is a spike, else 0
    sample: int  # next sample of the trace
    factors: float  # of calcium on the targets of the gates that depend on it, less 1: a row each
    two_state: float  # open and inactivated fractions of the two-state gates: two rows each
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
        armed=on_stack(number, LANE, ONE),
        sample=on_stack(whole, LANE, ONE),
        factors=on_stack(small, LANE, tables.calcium_gates),
        two_state=on_stack(number, LANE + LANE, tables.two_state_gates),
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


@_njit(**_INNER)
def empty(lanes, tables, c, time):
    """Make a lane idle: nothing moves in it."""
    n_slots, n_channels = len(tables.slots), len(tables.channels)
    lanes.cell[c], lanes.running[c], lanes.time[c], lanes.step[c] = -1, 0.0, time, 0.0
    lanes.mean_rate[c] = lanes.rate[c] = lanes.bend[c] = 0.0
    lanes.voltage[c] = lanes.advanced[c] = tables.initial_voltage
    lanes.calcium[c] = lanes.last_calcium[c] = tables.calcium[3]
    lanes.last_total[c] = lanes.last_drive[c] = lanes.armed[c] = 0.0
    lanes.injected[c] = lanes.passed_integral[c] = 0.0
    lanes.sample[c] = lanes.passed[c] = 0
    for k in range(n_channels):
        lanes.g[c * n_channels + k] = 0.0
    for k in range(n_slots):
        lanes.gates[c * n_slots + k] = tables.initial[k]
        lanes.remainders[c * n_slots + k] = 0.0
    for k in range(2 * len(tables.two_state_gates)):
        lanes.two_state[k * LANES + c] = tables.two_state_initial[k]


@_njit(**_INNER)
def fill(lanes, tables, conductances, duration, states, resumes, following):
    """Give the next cells to lanes that have finished; returns the next cell and how many lanes run."""
    n_running, n_channels = 0, len(tables.channels)
    for c in range(LANES):
        if lanes.time[c] >= duration:
            if lanes.cell[c] >= 0 and states.shape[1]:
                _save(lanes, tables, c, states[lanes.cell[c]])
            empty(lanes, tables, c, duration)
            if following < len(conductances):
                lanes.cell[c], lanes.running[c], lanes.time[c] = following, 1.0, 0.0
                lanes.armed[c] = 1.0 if tables.initial_voltage < SPIKE else 0.0
                for j in range(n_channels):
                    lanes.g[c * n_channels + j] = conductances[following, 0, j]
                if resumes:
                    _resume(lanes, tables, c, states[following])
                following += 1
        n_running += lanes.cell[c] >= 0
    return following, n_running


@_njit(inline="always", **OPTIONS)
def _numbers(lanes):
    """What of a lane's state is one number."""
    return (
        lanes.step, lanes.voltage, lanes.mean_rate, lanes.rate, lanes.bend, lanes.armed, lanes.calcium,
        lanes.last_calcium, lanes.last_total, lanes.last_drive,
    )  # fmt: skip


@_njit(**_INNER)
def _save(lanes, tables, c, state):
    """Write down a lane's state, as `_resume` reads it."""
    n_slots, numbers = len(tables.slots), _numbers(lanes)
    for k in range(N_NUMBERS):
        state[k] = numbers[k][c]
    for k in range(n_slots):
        state[N_NUMBERS + k] = lanes.gates[c * n_slots + k]
        state[N_NUMBERS + n_slots + k] = lanes.remainders[c * n_slots + k]
    for k in range(2 * len(tables.two_state_gates)):
        state[N_NUMBERS + 2 * n_slots + k] = lanes.two_state[k * LANES + c]


@_njit(**_INNER)
def _resume(lanes, tables, c, state):
    """Put a lane into a state."""
    n_slots, numbers = len(tables.slots), _numbers(lanes)
    for k in range(N_NUMBERS):
        numbers[k][c] = state[k]
    for k in range(n_slots):
        lanes.gates[c * n_slots + k] = state[N_NUMBERS + k]
        lanes.remainders[c * n_slots + k] = state[N_NUMBERS + n_slots + k]
    for k in range(2 * len(tables.two_state_gates)):
        lanes.two_state[k * LANES + c] = state[N_NUMBERS + 2 * n_slots + k]


@_njit(**_INNER)
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


@_njit(**_INNER)
def inject(lanes, noise, noise_step):
    """Add the mean of the injected current over the step: it may be long against the current's samples."""
    last = noise.shape[1] - 2
    for c in range(LANES):
        cell, h = lanes.cell[c], lanes.step[c]
        if cell >= 0:
            position = (lanes.time[c] + h) / noise_step
            end, i, whole = min(int(position), last), lanes.passed[c], lanes.passed_integral[c]
            while i < end:
                whole += 0.5 * (noise[cell, i] + noise[cell, i + 1])
                i += 1
            part, left, right = position - end, noise[cell, end], noise[cell, end + 1]
            integral = (whole + part * (left + 0.5 * part * (right - left))) * noise_step
            lanes.drive[c] += (integral - lanes.injected[c]) / h
            lanes.passed[c], lanes.passed_integral[c], lanes.injected[c] = i, whole, integral


@_njit(**_INNER)
def record_spikes(lanes, duration, spikes, counts):
    """Note the spikes of this step."""
    for c in range(LANES):
        if lanes.advanced[c] >= SPIKE and lanes.armed[c] > 0:
            lanes.armed[c] = 0.0
            part = (SPIKE - lanes.voltage[c]) / (lanes.advanced[c] - lanes.voltage[c])
            time, cell = lanes.time[c] + part * lanes.step[c], lanes.cell[c]
            if time <= duration:
                if counts[cell] < spikes.shape[1]:
                    spikes[cell, counts[cell]] = time
                counts[cell] += 1


@_njit(**_INNER)
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
def end_steps(lanes, duration):
    """Go on to the next step; returns whether a lane has finished, or is idle."""
    time, advanced = load(lanes.time, 0, LANE) + load(lanes.step, 0, LANE), load(lanes.advanced, 0, LANE)
    store(lanes.time, 0, time)
    store(lanes.voltage, 0, advanced)
    store(lanes.armed, 0, choose(advanced < REARM, 1.0, load(lanes.armed, 0, LANE)))
    return any_of(time >= duration)
