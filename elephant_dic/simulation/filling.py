"""Cells into the simulator's lanes and out of them: at their start, at their end, and where they go on."""

from __future__ import annotations

from ..trains import compiler
from .currents import begin_wave, injected_until
from .lanes import INNER, LANES, OPTIONS, empty, note
from .tables import N_NUMBERS, STEP

_njit = compiler(__file__, "currents.py", "lanes.py", "tables.py", "vectors.py")


@_njit(**INNER)
def fill(
    lanes, tables, conductances, currents, shifts, waves, duration, noise, noise_step, states, resumes,
    spikes, counts, following,
):  # fmt: skip
    """Give the next cells to lanes that have finished; returns the next cell and how many lanes run."""
    n_running = 0
    for c in range(LANES):
        while lanes.time[c] >= duration:
            if lanes.cell[c] >= 0 and states.shape[1]:
                lanes.over[c] = lanes.time[c] - duration
                _save(lanes, tables, c, states[lanes.cell[c]])
            empty(lanes, tables, c, duration)
            if following == len(conductances):
                break
            _begin(lanes, tables, c, following, conductances, currents, shifts)
            if resumes:
                _resume(lanes, tables, c, states[following])
                lanes.time[c], late = lanes.over[c], lanes.late[c]
                lanes.late[c] = -1.0
                if late >= 0.0:
                    note(lanes, c, late, duration, spikes, counts)
                if noise.shape[1]:
                    lanes.injected[c] = injected_until(lanes, c, noise, noise_step, lanes.time[c])
            begin_wave(lanes, c, waves)
            following += 1
        n_running += lanes.cell[c] >= 0
    return following, n_running


@_njit(**INNER)
def _begin(lanes, tables, c, cell, conductances, currents, shifts):
    """Put a cell into an empty lane, in the neuron's initial state."""
    n_channels, n_slots = len(tables.channels), len(tables.slots)
    lanes.cell[c], lanes.running[c], lanes.time[c] = cell, 1.0, 0.0
    lanes.current[c] = currents[cell]
    if len(tables.swing) == 0:
        lanes.armed[c] = 1.0 if tables.initial_voltage < tables.level else 0.0
    for j in range(n_channels):
        lanes.g[c * n_channels + j] = conductances[cell, 0, j]
    if len(tables.shifted) > 0:
        lanes.shift[c] = shifts[cell]
        position = (tables.initial_voltage - lanes.shift[c] - tables.first_voltage) / STEP
        row = min(max(int(position), 0), tables.n_voltages - 2)
        for k in range(n_slots):
            if tables.shifted_mask[k] > 0:
                here, there = 2 * n_slots * row + k, 2 * n_slots * (row + 1) + k
                change = tables.kinetics[there] - tables.kinetics[here]
                lanes.gates[c * n_slots + k] = tables.kinetics[here] + (position - row) * change


@_njit(inline="always", **OPTIONS)
def _numbers(lanes):
    """What of a lane's state is one number."""
    return (
        lanes.step, lanes.voltage, lanes.mean_rate, lanes.rate, lanes.bend, lanes.armed, lanes.calcium,
        lanes.last_calcium, lanes.last_total, lanes.last_drive, lanes.extreme, lanes.since,
        lanes.over, lanes.late,
    )  # fmt: skip


@_njit(**INNER)
def _save(lanes, tables, c, state):
    """Write down a lane's state, as `_resume` reads it."""
    n_slots, numbers = len(tables.slots), _numbers(lanes)
    for k in range(N_NUMBERS):
        state[k] = numbers[k][c]
    for k in range(n_slots):
        state[N_NUMBERS + k] = lanes.gates[c * n_slots + k]
        state[N_NUMBERS + n_slots + k] = lanes.remainders[c * n_slots + k]
    n_two_state = 2 * len(tables.two_state_gates)
    for k in range(n_two_state):
        state[N_NUMBERS + 2 * n_slots + k] = lanes.two_state[k * LANES + c]
    for k in range(len(tables.fractions)):
        state[N_NUMBERS + 2 * n_slots + n_two_state + k] = lanes.fractions[k * LANES + c]


@_njit(**INNER)
def _resume(lanes, tables, c, state):
    """Put a lane into a state."""
    n_slots, numbers = len(tables.slots), _numbers(lanes)
    for k in range(N_NUMBERS):
        numbers[k][c] = state[k]
    for k in range(n_slots):
        lanes.gates[c * n_slots + k] = state[N_NUMBERS + k]
        lanes.remainders[c * n_slots + k] = state[N_NUMBERS + n_slots + k]
    n_two_state = 2 * len(tables.two_state_gates)
    for k in range(n_two_state):
        lanes.two_state[k * LANES + c] = state[N_NUMBERS + 2 * n_slots + k]
    for k in range(len(tables.fractions)):
        lanes.fractions[k * LANES + c] = state[N_NUMBERS + 2 * n_slots + n_two_state + k]
