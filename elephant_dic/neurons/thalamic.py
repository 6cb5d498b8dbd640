"""Thalamocortical relay neuron of Destexhe et al. (1996), with and without calcium's hold on its H current.

Sodium and potassium currents of Traub and Miles (1991) as in Pospischil et al. (2008), T and H currents of
McCormick and Huguenard (1992). `NEURON` is what populations are made of: its H current does not see calcium.
In `REGULATED` calcium binds a factor that keeps H channels open, which ends its bursts after some seconds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .model import (
    CalciumPool,
    Channel,
    Compensation,
    Gate,
    KineticScheme,
    NeuronModel,
    Reaction,
    Training,
    UniformPopulation,
    constant,
    sigmoid,
)
from .spike_currents import spike_gates

#: mV by which the rates of the spike currents are shifted.
_SPIKES_AT = -52.0
#: By how much the T current is faster than as measured, at 36 degrees Celsius.
_FASTER = 3.7


_M_NA, _H_NA, _N_KD = spike_gates(_SPIKES_AT)


def _tau_m_t(voltage):
    return (0.612 + 1 / (np.exp(-(voltage + 132) / 16.7) + np.exp((voltage + 16.8) / 18.2))) / _FASTER


def _tau_h_t(voltage):
    # Two curves that do not meet at -80 mV (90 and 75 ms), joined within a millivolt.
    below = (1 - np.tanh(2 * (voltage + 80))) / 2
    deep, shallow = np.exp((voltage + 467) / 66.6), 28 + np.exp(-(voltage + 22) / 10.5)
    return (below * deep + (1 - below) * shallow) / _FASTER


_H_OPEN = sigmoid(75, 5.5)


def _tau_m_h(voltage):
    return 1 / (np.exp(-14.59 - 0.086 * voltage) + np.exp(-1.87 + 0.0701 * voltage))


NEURON = NeuronModel(
    name="thalamic",
    title="thalamocortical relay neuron (Destexhe et al. 1996)",
    source=(
        "Destexhe, Bal, McCormick, Sejnowski, J. Neurophysiol. 76, 2049 (1996); McCormick and Huguenard, "
        "J. Neurophysiol. 68, 1384 (1992); Pospischil et al., Biol. Cybern. 99, 427 (2008)"
    ),
    channels=(
        Channel("Na", 50.0, (_M_NA, _H_NA)),
        Channel("Kd", -90.0, (_N_KD,)),
        Channel(
            "CaT",
            120.0,
            (Gate("m", sigmoid(57, -6.2), _tau_m_t, exponent=2), Gate("h", sigmoid(81, 4), _tau_h_t)),
        ),
        Channel("H", -40.0, (Gate("m", _H_OPEN, _tau_m_h),)),
        Channel("KL", -90.0),
        Channel("leak", -70.0),
    ),
    leak="leak",
    timescales=(_M_NA.time_constant, _N_KD.time_constant, _tau_m_h),
    # Below threshold, where T and H act and two DICs tell bursts from single spikes; at -50 mV they do not.
    threshold_voltage=-65.0,
    initial_voltage=-61.93,
    time_step=0.25,
    half_step_rate=2.0,
    shortest_step=0.03,
    reference=UniformPopulation(
        leak=(0.007, 0.02),
        ranges={"Na": (45, 135), "Kd": (9, 20), "CaT": (1.8, 7), "H": (0.005, 0.05), "KL": (0, 0.05)},
    ),
    compensations=(Compensation(("CaT", "KL"), lambda g_f, g_u: True),),
    fast_channel="H",
    training=Training(targets={"g_f": (1.4, 8), "g_u": (2.2, 12.5)}, transient=3000.0, window=10000.0),
    animal="rat, guinea pig and ferret: relay cells of the thalamus",
    temperature=36.0,
    limits=(
        "Few cells fire single spikes below 20 Hz or bursts below 0.7 Hz, and bursts never wax and wane: "
        "that takes the hold of calcium on H. An eighth of the bursting cells is chaotic."
    ),
)

_REGULATED_H = KineticScheme(
    "o",
    states=("C", "O", "OL", "P0", "P1"),
    reactions=(
        Reaction("C", "O", lambda v: _H_OPEN(v) / _tau_m_h(v), lambda v: (1 - _H_OPEN(v)) / _tau_m_h(v)),
        Reaction("O", "OL", constant(0.1), constant(1e-3), by="P1"),
        Reaction("P0", "P1", constant(2.5e-5), constant(4e-4), calcium=lambda calcium: calcium**4),
    ),
    conducting={"O": 1.0, "OL": 2.0},
    timescale="g_u",
)

REGULATED = replace(
    NEURON,
    name="thalamic-regulated",
    title="thalamocortical relay neuron with an H current that calcium keeps open (Destexhe et al. 1996)",
    channels=tuple(
        Channel("H", channel.reversal, (_REGULATED_H,)) if channel.name == "H" else channel
        for channel in NEURON.channels
    ),
    calcium=CalciumPool(("CaT",), time_constant=5.0, per_current=2.5911, baseline=0.05, initial=0.819),
    limits="Without an injected current half of its cells are silent, and bursts often end within seconds.",
)
