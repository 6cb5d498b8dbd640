"""Thalamocortical relay neuron: its T and H currents make it burst, some 5 to 20 times a second.

Sodium and potassium currents of Traub and Miles (1991), T current of Huguenard and McCormick (1992) in the
form of Destexhe et al. (1998) with a fixed calcium reversal, H current of McCormick and Huguenard (1992). The
leak is that of sodium and potassium together.
"""

import numpy as np

from elephant_dic.neurons import Gate, NeuronModel, UniformPopulation
from elephant_dic.neurons.model import Channel, Compensation, Training, sigmoid, x_over_expm1

#: Shift of the spike currents in mV, and factors on the speed of the T current at 36 degrees Celsius.
SPIKES_AT, FASTER_M, FASTER_H = -52.0, 5**1.2, 3**1.2


def _gate(name, opening, closing, exponent):
    """A gate by its rates (1/ms), functions of the voltage relative to `SPIKES_AT`."""

    def steady_state(voltage):
        a, b = opening(voltage - SPIKES_AT), closing(voltage - SPIKES_AT)
        return a / (a + b)

    def time_constant(voltage):
        return 1 / (opening(voltage - SPIKES_AT) + closing(voltage - SPIKES_AT))

    return Gate(name, steady_state, time_constant, exponent)


M_NA = _gate("m", lambda v: 1.28 * x_over_expm1((13 - v) / 4), lambda v: 1.4 * x_over_expm1((v - 40) / 5), 3)
H_NA = _gate("h", lambda v: 0.128 * np.exp((17 - v) / 18), lambda v: 4 / (1 + np.exp((40 - v) / 5)), 1)
N_K = _gate("n", lambda v: 0.16 * x_over_expm1((15 - v) / 5), lambda v: 0.5 * np.exp((10 - v) / 40), 4)


def _tau_m_t(voltage):
    return (0.612 + 1 / (np.exp(-(voltage + 134) / 16.7) + np.exp((voltage + 18.8) / 18.2))) / FASTER_M


def _tau_h_t(voltage):
    slow = (211.4 + np.exp((voltage + 115.2) / 5)) / (1 + np.exp((voltage + 86) / 3.2))
    return (30.8 + slow) / FASTER_H


def _tau_m_h(voltage):
    return 1 / (np.exp(-14.59 - 0.086 * voltage) + np.exp(-1.87 + 0.0701 * voltage))


M_H = Gate("m", sigmoid(75, 5.5), _tau_m_h)

NEURON = NeuronModel(
    name="thalamocortical",
    title="thalamocortical relay neuron (after Destexhe et al. 1998)",
    source="Traub and Miles 1991; Huguenard and McCormick 1992; Destexhe et al., J. Neurosci. 1998",
    channels=(
        Channel("Na", 50.0, (M_NA, H_NA)),
        Channel("K", -90.0, (N_K,)),
        Channel("T", 120.0, (Gate("m", sigmoid(59, -6.2), _tau_m_t, 2), Gate("h", sigmoid(83, 4), _tau_h_t))),
        Channel("H", -40.0, (M_H,)),
        Channel("leak", -85.0),
    ),
    timescales=(M_NA.time_constant, N_K.time_constant, M_H.time_constant),
    threshold_voltage=-68.0,
    initial_voltage=-70.0,
    time_step=0.1,
    reference=UniformPopulation(
        leak=(0.03, 0.1),
        ranges={"Na": (60, 120), "K": (5, 15), "T": (2, 10), "H": (0.005, 0.06)},
    ),
    compensations=(Compensation(("T", "H"), lambda g_s, g_u: g_s < np.inf),),
    fast_channel="Na",
    training=Training(targets={"g_s": (-8, 0), "g_u": (0, 10)}, transient=500.0, window=1500.0),
)
