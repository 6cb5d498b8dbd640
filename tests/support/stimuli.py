"""Currents and the potentials of simple cells under them."""

import numpy as np


def current_at(stimulus, times):
    """The current (pA) at times (ms); where it jumps, the later one."""
    after = np.searchsorted(stimulus.times, np.asarray(times) + 1e-7, side="right")
    first, last = np.maximum(after - 1, 0), np.minimum(after, stimulus.times.size - 1)
    start, length = stimulus.times[first], stimulus.times[last] - stimulus.times[first]
    part = np.where((length > 0) & (after > 0), (times - start) / np.where(length > 0, length, 1), 0.0)
    return stimulus.currents[first] + part * (stimulus.currents[last] - stimulus.currents[first])


def leaky_cell(current, rate, *, capacitance=50.0, resistance=400.0, rest=-65.0, noise=0.2, series=0.0,
               sag=0.0, spikes=(), seed=0):  # fmt: skip
    """The potential (mV) of a leaky integrator under the samples of a current (pA), at a rate in Hz.

    Capacitance in pF, resistance in megohm, noise in mV. `series` is the resistance (megohm) that an
    electrode adds, which charges in 0.15 ms; `sag` (nS) a conductance with its reversal at -30 mV that opens
    below -80 mV within 60 ms; `spikes` (s) are drawn into it.
    """
    step, volts, gate, drop = 1e3 / rate, float(rest), 0.0, 0.0
    found = np.empty(len(current))
    volts += 1e-3 * resistance * current[0]
    for k, injected in enumerate(current):
        gate += step / 60.0 * (1 / (1 + np.exp((volts + 80) / 5)) - gate)
        inward = 1e3 * (rest - volts) / resistance + sag * gate * (-30.0 - volts) + injected
        drop += step / 0.15 * (1e-3 * series * injected - drop)
        found[k] = volts + drop
        volts += step * inward / capacitance
    times = np.arange(len(current)) / rate
    for spike in spikes:
        found += 90 * np.exp(-0.5 * ((times - spike) / 0.4e-3) ** 2)
    return found + np.random.default_rng(seed).normal(0, noise, len(current))
