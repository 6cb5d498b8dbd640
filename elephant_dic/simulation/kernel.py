"""The compiled inner loop of the simulator: one kernel for every declared neuron.

Each cell runs in a lane with its own time and its own step. All lanes advance together; a lane that has
finished takes the next cell.
"""

from __future__ import annotations

from ..trains import compiler
from .currents import NO_WAVES, Waves, inject, inject_waves
from .filling import fill
from .lanes import (
    OPTIONS,
    end_steps,
    move_conductances,
    new_lanes,
    record_crossings,
    record_maxima,
    record_traces,
)
from .step import advance_gates, advance_membrane, choose_steps, sum_currents
from .tables import Tables
from .vectors import pointer

__all__ = ["NO_WAVES", "Waves", "integrate"]

_njit = compiler(
    __file__, "currents.py", "filling.py", "functions.py", "lanes.py", "reactions.py", "step.py", "tables.py",
    "vectors.py",
)  # fmt: skip


@_njit(inline="always", **OPTIONS)
def _with_pointers(t):
    """The tables with pointers in place of arrays, of which numba would count references in every step."""
    return Tables(
        t.channels, t.slots, t.halves, t.curves, t.calcium_channels, t.instantaneous_gates, t.moving_gates,
        t.two_state_gates, t.reactions, t.fractions, t.swing, t.pump, t.shifted, t.first_voltage,
        t.n_voltages, t.initial_voltage, t.has_moving_reversals, t.level, t.rearm, pointer(t.reversals),
        pointer(t.nernst), pointer(t.kinetics), pointer(t.powers), pointer(t.initial), pointer(t.calcium),
        pointer(t.calcium_share), pointer(t.calcium_masks), pointer(t.calcium_halves),
        pointer(t.calcium_curves), pointer(t.calcium_columns), pointer(t.instantaneous_channels),
        pointer(t.linearised), pointer(t.moving_channels), pointer(t.moved), pointer(t.two_state_channels),
        pointer(t.two_state), pointer(t.two_state_initial), pointer(t.reaction_states), pointer(t.rates),
        pointer(t.scheme_channels), pointer(t.scheme_numbers), pointer(t.scheme_weights),
        pointer(t.fractions_initial), pointer(t.shifted_mask),
    )  # fmt: skip


@_njit(**OPTIONS)
def integrate(
    tables, conductances, currents, shifts, waves, course_step, duration, steps, noise, noise_step, states,
    resumes, spikes, counts, traces, trace_start, trace_step,
):  # fmt: skip
    """Simulate cells until `duration`.

    Parameters
    ----------
    tables : Tables
    conductances : (n, n_times, n_channels) float32 array
        mS/cm**2 every `course_step` ms, interpolated in between; with one time they stay. Padded with zeros
        to the tables' number of channels.
    currents : (n,) array
        Constant injected current of each cell in uA/cm**2.
    shifts : (n,) array
        mV by which the gates are moved that the neuron's parameter moves; (0,) for a neuron without one.
    waves : Waves
        Injected currents that change.
    duration : float
        ms.
    steps : (longest, half_rate, shortest) floats
        Steps in ms, and the rate of change of the voltage in mV/ms at which a step is half the longest.
    noise : (n, n_noise) float32 array
        Injected current in uA/cm**2 every `noise_step` ms, interpolated in between; (n, 0) for none.
    states : (n, n_state) array
        Receives the state in which each cell ends; (n, 0) if nobody asks. See `tables.state_size`.
    resumes : bool
        Whether cells start from the states given, instead of the neuron's initial one.
    spikes : (n, capacity) array
        Receives spike times (ms); spikes beyond the capacity are counted only.
    counts : (n,) int array
        Receives the number of spikes.
    traces : (n, n_samples) array
        Receives the voltage at trace_start + k * trace_step; (n, 0) for none.
    """
    longest, half_rate, shortest = steps
    data = _with_pointers(tables)
    lanes = new_lanes(data, duration)
    following, any_finished = 0, True
    while True:
        if any_finished:
            following, n_running = fill(
                lanes, data, conductances, currents, shifts, waves, duration, noise, noise_step, states,
                resumes, spikes, counts, following,
            )  # fmt: skip
            if n_running == 0:
                return
        choose_steps(lanes, data, longest, half_rate, shortest)
        if conductances.shape[1] > 1:
            move_conductances(lanes, data, conductances, course_step)
        advance_gates(lanes, data)
        sum_currents(lanes, data)
        if noise.shape[1]:
            inject(lanes, noise, noise_step)
        if len(waves.of):
            inject_waves(lanes, waves)
        if advance_membrane(lanes, data):
            if len(data.swing) > 0:
                record_maxima(lanes, data, duration, spikes, counts)
            else:
                record_crossings(lanes, data, duration, spikes, counts)
        if traces.shape[1]:
            record_traces(lanes, traces, trace_start, trace_step)
        any_finished = end_steps(lanes, data, duration)
