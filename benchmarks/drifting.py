"""Cells whose conductances change during the run: the package's own integrator, with moving conductances."""

from __future__ import annotations

import numpy as np

from elephant_dic.simulation.kernel import NO_WAVES, integrate
from elephant_dic.simulation.simulator import NOISE_STEP, current_noise
from elephant_dic.simulation.tables import spread, steps_of, tabulate


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
    cells = spread(neuron, course.reshape(-1, course.shape[2])).reshape(*course.shape[:2], -1)
    noise = np.zeros((len(course), 0), dtype=np.float32)
    if noise_std:
        rngs = [np.random.default_rng([seed, i]) for i in range(len(course))]
        noise = np.stack([current_noise(duration, noise_std, rng) for rng in rngs])
    spikes, counts = np.empty((len(course), int(0.3 * duration))), np.zeros(len(course), dtype=np.int64)
    integrate(
        tables, cells, np.zeros(len(course)), np.empty(0), NO_WAVES, float(course_step), float(duration),
        steps_of(neuron), noise, NOISE_STEP, np.empty((len(course), 0)), False, spikes, counts,
        np.empty((len(course), 0)), 0.0, 1.0,
    )  # fmt: skip
    return [spikes[i, : counts[i]] for i in range(len(course))]
