"""A cell in NEURON with steps of variable length, to its spike times."""

from __future__ import annotations

import numpy as np
from neuron import h
from population import MODEL, NOISE_STEP, current_of, noise, settling_of, spikes_in

#: Of CVode: its default, 1e-3, is too coarse for states and calcium that start near zero.
TOLERANCE = 1e-9
#: Under noise, which changes every 0.05 ms.
NOISY_TOLERANCE = 1e-6
#: ms between the voltages that are kept, to find maxima and where the voltage has come down.
SAMPLED = 0.02


def simulate(section, member, duration, noise_std=0.0, seed=0, sweep=None) -> np.ndarray:
    """Spike times (ms) of a member.

    Parameters
    ----------
    section : h.Section
        Of its cell.
    member : int
        Its number, on which its noise depends.
    duration : float
        ms.
    noise_std : float
        uA/cm2.
    seed : int
        Of the noise.
    sweep : int, optional
        Of the recording, whose current is injected, after a second or more at its first value; spike times
        count from its start. Default: none.
    """
    settling = settling_of(sweep)
    whole = settling + duration
    trace = h.Vector().record(section(0.5)._ref_v, SAMPLED)
    crossings, counter = h.Vector(), h.NetCon(section(0.5)._ref_v, None, sec=section)
    counter.threshold = MODEL["spike"].get("level", 0)
    counter.record(crossings)
    played = []
    if noise_std:
        samples = noise(whole, noise_std, seed, member)
        played.append(_played(section, np.arange(len(samples)) * NOISE_STEP, samples))
    if sweep is not None:
        played.append(_played(section, *current_of(sweep)))
    solver = h.CVode()
    solver.active(True)
    solver.atol(NOISY_TOLERANCE if noise_std else TOLERANCE)
    solver.condition_order(2)
    h.finitialize(MODEL["initial_voltage"])
    solver.solve(whole)
    times = SAMPLED * np.arange(len(trace))
    spikes = spikes_in(times, np.array(list(trace)), np.array(list(crossings))) - settling
    return spikes[spikes >= 0]


def _played(section, times, currents):
    """A clamp with a current (uA/cm2) that is linear between times (ms), with all that it needs."""
    clamp = h.IClamp(section(0.5))
    clamp.dur = 1e9
    values, at = h.Vector(currents * section(0.5).area() * 1e-5), h.Vector(times)  # nA
    values.play(clamp._ref_amp, at, True)
    return clamp, values, at
