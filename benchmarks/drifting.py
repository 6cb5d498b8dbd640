"""Cells whose conductances change during the run: the package's own integrator, with moving conductances."""

from __future__ import annotations

import numba
import numpy as np

from elephant_dic import kernel
from elephant_dic.simulation import NOISE_STEP, current_noise
from elephant_dic.tables import tabulate


@numba.njit(error_model="numpy")
def _move(lanes, tables, course, course_step):
    """Give each lane the conductances of its time."""
    for c in range(kernel.LANES):
        if lanes.cell[c] >= 0:
            cell = course[lanes.cell[c]]
            position = min(lanes.time[c] / course_step, len(cell) - 1.001)
            i = int(position)
            lanes.g[c] = cell[i] + (position - i) * (cell[i + 1] - cell[i])
            for k, channel in enumerate(tables.instantaneous):
                lanes.g_instantaneous[c, k] = lanes.g[c, channel]
                lanes.g[c, channel] = 0.0


@numba.njit(error_model="numpy")
def _integrate(tables, course, course_step, duration, dt, noise, spikes, counts):
    """As `kernel.integrate`, with conductances (cell, time, channel) given every `course_step` ms."""
    lanes = kernel._new_lanes(tables, duration)
    following = 0
    while True:
        n_finished = 0
        for c in range(kernel.LANES):
            n_finished += lanes.time[c] >= duration
        if n_finished:
            following, n_running = kernel._fill(lanes, tables, course[:, 0], duration, following)
            if n_running == 0:
                return
        _move(lanes, tables, course, course_step)
        kernel._choose_steps(lanes, tables, dt)
        kernel._advance_gates(lanes, tables)
        kernel._sum_currents(lanes, tables)
        if noise.shape[1]:
            kernel._inject(lanes, noise, NOISE_STEP)
        if kernel._advance_membrane(lanes, tables):
            kernel._record_spikes(lanes, duration, spikes, counts)
        for c in range(kernel.LANES):
            lanes.time[c] += lanes.step[c]
            lanes.voltage[c] = lanes.advanced[c]
            lanes.armed[c] = 1 if lanes.advanced[c] < kernel.REARM else lanes.armed[c]


def simulate_drifting(neuron, course, course_step, duration, noise_std=0.0, seed=0):
    """Spike times (ms) of cells with moving conductances.

    Parameters
    ----------
    neuron : NeuronModel
    course : (n, n_times, n_channels) array
        mS/cm**2 every `course_step` ms, linear in between.
    course_step, duration : float
        ms.
    noise_std : float
        uA/cm**2.
    seed : int

    Returns
    -------
    list of n arrays
    """
    tables = tabulate(neuron)
    padded = np.zeros((*course.shape[:2], len(tables.channels)))
    padded[..., : course.shape[2]] = course
    noise = np.zeros((len(course), 0), dtype=np.float32)
    if noise_std:
        rngs = [np.random.default_rng([seed, i]) for i in range(len(course))]
        noise = np.stack([current_noise(duration, noise_std, rng) for rng in rngs])
    spikes, counts = np.empty((len(course), int(0.3 * duration))), np.zeros(len(course), dtype=np.int64)
    _integrate(tables, padded, float(course_step), float(duration), neuron.time_step, noise, spikes, counts)
    return [spikes[i, : counts[i]] for i in range(len(course))]
