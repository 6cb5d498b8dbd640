"""Cortical cells under current steps, after Pospischil et al. (2008).

Spike, M, L and T currents of that paper. Beside them what real cells need at high currents, each of which can
be absent: a sodium current that inactivates slowly, a potassium current of calcium, and H. The threshold of
the spike currents and the reversal of the leak are each cell's own.
"""

from __future__ import annotations

import numpy as np

from .model import (
    CalciumPool,
    Channel,
    Compensation,
    Gate,
    Hill,
    NeuronModel,
    Parameter,
    Training,
    UniformPopulation,
    constant,
    sigmoid,
    x_over_expm1,
)
from .spike_currents import rate_gate, spike_gates

#: mV: the threshold of the spike currents, to which their rates refer, and the reversal of the leak.
_V_T, _E_LEAK = -55.0, -70.0
#: ms: the longest the M current takes is 0.275 times this.
_TAU_MAX = 1000.0


_M_NA, _H_NA, _N_KD = spike_gates(_V_T)


def _tau_s_na(voltage):
    """From 100 ms in spikes to half a second at rest, as of recovery (Fleidervish et al. 1996)."""
    return 100 + 400 / (1 + np.exp((voltage + 45) / 8))


def _tau_m(voltage):
    return _TAU_MAX / (3.3 * np.exp((voltage + 35) / 20) + np.exp(-(voltage + 35) / 20))


_M_CAL = rate_gate(
    "m", lambda v: 0.209 * x_over_expm1((-27 - v) / 3.8), lambda v: 0.94 * np.exp((-75 - v) / 17), 2
)
_H_CAL = rate_gate(
    "h", lambda v: 0.000457 * np.exp((-13 - v) / 50), lambda v: 0.0065 / (1 + np.exp((-15 - v) / 28))
)


_M_CAT = Gate("m", sigmoid(59, -6.2), exponent=2)


def _tau_h_cat(voltage):
    slow = (211.4 + np.exp((voltage + 115.2) / 5)) / (1 + np.exp((voltage + 86) / 3.2))
    return (30.8 + slow) / 3**1.2


_Q_AHP = Gate("q", constant(1.0), constant(100.0), calcium=Hill(2.0, 2), calcium_lag=True)


def _tau_h(voltage):
    return 1 / (np.exp(-14.59 - 0.086 * voltage) + np.exp(-1.87 + 0.0701 * voltage))


NEURON = NeuronModel(
    name="cortical",
    title="cortical cell under current steps (Pospischil et al. 2008, with more currents)",
    source=(
        "Pospischil et al., Biol. Cybern. 99, 427 (2008); slow inactivation as in Fleidervish, Friedman and "
        "Gutnick, J. Physiol. 493, 83 (1996); H of McCormick and Huguenard, J. Neurophysiol. 68, 1384 (1992)"
    ),
    channels=(
        Channel("Na", 50.0, (_M_NA, _H_NA)),
        Channel("Kd", -100.0, (_N_KD,)),
        Channel("M", -100.0, (Gate("m", sigmoid(35, -10), _tau_m),)),
        Channel("CaL", 120.0, (_M_CAL, _H_CAL)),
        Channel(
            "CaT", 120.0, (Gate("m", sigmoid(59, -6.2), exponent=2), Gate("h", sigmoid(83, 4), _tau_h_cat))
        ),
        Channel("leak", _E_LEAK),
        Channel("NaS", 50.0, (_M_NA, _H_NA, Gate("s", sigmoid(50, 6), _tau_s_na))),
        Channel("AHP", -100.0, (_Q_AHP,)),
        Channel("H", -43.0, (Gate("m", sigmoid(75, 5.5), _tau_h),)),
    ),
    parameters=(
        Parameter("V_T", _V_T, (-70.0, -40.0), gates_of=("Na", "Kd", "NaS")),
        Parameter("E_leak", _E_LEAK, (-95.0, -45.0), reversal_of="leak"),
    ),
    calcium=CalciumPool(("CaL", "CaT"), time_constant=5.0, per_current=0.2591, baseline=0.24, initial=0.24),
    timescales=(_M_NA.time_constant, _N_KD.time_constant, _tau_m),
    threshold_voltage=-50.0,
    initial_voltage=-70.0,
    time_step=0.25,
    half_step_rate=2.0,
    shortest_step=0.12,
    reference=UniformPopulation(
        leak=(0.01, 0.15),
        ranges={
            "Na": (20, 80),
            "Kd": (2, 12),
            "M": (0, 0.15),
            "CaL": (0, 0.25),
            "CaT": (0, 0.5),
            "NaS": (0, 40),
            "AHP": (0, 0.5),
            "H": (0, 0.05),
        },
    ),
    compensations=(Compensation(("Kd", "M"), lambda g_s, g_u: True),),
    fast_channel="Na",
    training=Training(targets={"g_s": (0.04, 0.5), "g_u": (0.05, 2.0)}, transient=0.0, window=3000.0),
    animal="rat, guinea pig, ferret and cat: cells of the cortex",
    temperature=36.0,
    limits=(
        "Nine of ten cells are silent without an injected current: it is for recordings under current steps. "
        "Its spikes are those of one compartment: no dendrites, no initial segment."
    ),
)
