"""Pyloric neuron of Prinz, Billimoria and Marder (2003): slow bursts, with a calcium reversal that moves."""

from __future__ import annotations

import numpy as np

from .model import (
    CalciumPool,
    Channel,
    Compensation,
    Gate,
    Nernst,
    NeuronModel,
    Training,
    UniformPopulation,
    sigmoid,
    stepped,
)


def _tau_h_na(voltage):
    return 1.34 * sigmoid(62.9, -10)(voltage) * (1.5 + sigmoid(34.9, 3.6)(voltage))


def _tau_m_cas(voltage):
    return 2.8 + 14 / (np.exp((voltage + 27) / 10) + np.exp(-(voltage + 70) / 13))


def _tau_h_cas(voltage):
    return 120 + 300 / (np.exp((voltage + 55) / 9) + np.exp(-(voltage + 65) / 16))


def _tau_m_h(voltage):
    return 2 / (np.exp(-14.59 - 0.086 * voltage) + np.exp(-1.87 + 0.0701 * voltage))


_E_CALCIUM = Nernst(scale=12.2, outside=3000.0)
_M_NA = Gate("m", sigmoid(25.5, -5.29), stepped(2.64, 2.52, 120, -25), exponent=3)
_M_KD = Gate("m", sigmoid(12.3, -11.8), stepped(14.4, 12.8, 28.3, -19.2), exponent=4)
_M_H = Gate("m", sigmoid(75, 5.5), _tau_m_h)

NEURON = NeuronModel(
    name="pyloric",
    title="pyloric neuron (Prinz et al. 2003)",
    source="Prinz, Billimoria, Marder, J. Neurophysiol. 90, 3998 (2003)",
    channels=(
        Channel("Na", 50.0, (_M_NA, Gate("h", sigmoid(48.9, 5.18), _tau_h_na))),
        Channel("Kd", -80.0, (_M_KD,)),
        Channel(
            "CaT",
            _E_CALCIUM,
            (
                Gate("m", sigmoid(27.1, -7.2), stepped(43.4, 42.6, 68.1, -20.5), exponent=3),
                Gate("h", sigmoid(32.1, 5.5), stepped(210, 179.6, 55, -16.9)),
            ),
        ),
        Channel(
            "CaS",
            _E_CALCIUM,
            (
                Gate("m", sigmoid(33, -8.1), _tau_m_cas, exponent=3),
                Gate("h", sigmoid(60, 6.2), _tau_h_cas),
            ),
        ),
        Channel(
            "KCa",
            -80.0,
            (
                Gate(
                    "m",
                    sigmoid(28.3, -12.6),
                    stepped(180.6, 150.2, 46, -22.7),
                    exponent=4,
                    calcium_half=3.0,
                ),
            ),
        ),
        Channel(
            "A",
            -80.0,
            (
                Gate("m", sigmoid(27.2, -8.7), stepped(23.2, 20.8, 32.9, -15.2), exponent=3),
                Gate("h", sigmoid(56.9, 4.9), stepped(77.2, 58.4, 38.9, -26.5)),
            ),
        ),
        Channel("H", -20.0, (_M_H,)),
        Channel("leak", -50.0),
    ),
    calcium=CalciumPool(("CaT", "CaS"), time_constant=200.0, per_current=9.4, baseline=0.05, initial=0.5),
    timescales=(_M_NA.time_constant, _M_KD.time_constant, _M_H.time_constant),
    # Where g_t = 0 is crossed: median over the cells of the reference population that fire.
    threshold_voltage=-51.5,
    initial_voltage=-70.0,
    time_step=0.25,
    reference=UniformPopulation(
        leak=(0.002, 0.05),
        ranges={
            "Na": (0, 500),
            "Kd": (0, 125),
            "CaT": (0, 12.5),
            "CaS": (0, 10),
            "KCa": (0, 25),
            "A": (0, 50),
            "H": (0, 0.05),
        },
    ),
    # The pair with which most cells of the reference population can be moved to a target.
    compensations=(
        Compensation(("A", "H"), lambda g_s, g_u: g_s >= -0.5),
        Compensation(("CaS", "H"), lambda g_s, g_u: g_u >= -0.045 * g_s),
        Compensation(("CaS", "A"), lambda g_s, g_u: g_u < -0.045 * g_s),
    ),
    fast_channel="Na",
    training=Training(targets={"g_s": (-40, 2), "g_u": (-0.5, 5)}, transient=3000.0, window=10000.0),
)
