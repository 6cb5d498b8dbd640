"""Stomatogastric (STG) neuron of Liu, Golowasch, Marder and Abbott (1998), with a fixed calcium reversal."""

from __future__ import annotations

import numpy as np

from .model import (
    CalciumPool,
    Channel,
    Compensation,
    Gate,
    NeuronModel,
    ReferencePopulation,
    Training,
    UniformPopulation,
    sigmoid,
    stepped,
)


def _tau_h_na(voltage):
    return 0.67 * sigmoid(62.9, -10)(voltage) * (1.5 + sigmoid(34.9, 3.6)(voltage))


def _tau_m_cas(voltage):
    return 1.4 + 7 / (np.exp((voltage + 27) / 10) + np.exp(-(voltage + 70) / 13))


def _tau_h_cas(voltage):
    return 60 + 150 / (np.exp((voltage + 55) / 9) + np.exp(-(voltage + 65) / 16))


_TAU_M_NA = stepped(1.32, 1.26, 120, -25)
_TAU_M_KD = stepped(7.2, 6.4, 28.3, -19.2)
_TAU_M_H = stepped(272, -1499, 42.2, -8.73)

NEURON = NeuronModel(
    name="stg",
    title="stomatogastric neuron (Liu et al. 1998)",
    source="Liu, Golowasch, Marder, Abbott, J. Neurosci. 18, 2309 (1998)",
    animal="crustacean, stomatogastric ganglion",
    limits="It does not fire slowly: tonic below some 7 Hz, or bursts less often than some 5 times a second, "
    "are rare. Its conductances are some hundred times those of mammalian cells.",
    channels=(
        Channel(
            "Na",
            50.0,
            (
                Gate("m", sigmoid(25.5, -5.29), _TAU_M_NA, exponent=3),
                Gate("h", sigmoid(48.9, 5.18), _tau_h_na),
            ),
        ),
        Channel("Kd", -80.0, (Gate("m", sigmoid(12.3, -11.8), _TAU_M_KD, exponent=4),)),
        Channel(
            "CaT",
            80.0,
            (
                Gate("m", sigmoid(27.1, -7.2), stepped(21.7, 21.3, 68.1, -20.5), exponent=3),
                Gate("h", sigmoid(32.1, 5.5), stepped(105, 89.8, 55, -16.9)),
            ),
        ),
        Channel(
            "CaS",
            80.0,
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
                    stepped(90.3, 75.1, 46, -22.7),
                    exponent=4,
                    calcium_half=3.0,
                ),
            ),
        ),
        Channel(
            "A",
            -80.0,
            (
                Gate("m", sigmoid(27.2, -8.7), stepped(11.6, 10.4, 32.9, -15.2), exponent=3),
                Gate("h", sigmoid(56.9, 4.9), stepped(38.6, 29.2, 38.9, -26.5)),
            ),
        ),
        Channel("H", -20.0, (Gate("m", sigmoid(70, 6), _TAU_M_H),)),
        Channel("leak", -50.0),
    ),
    calcium=CalciumPool(("CaT", "CaS"), time_constant=20.0, per_current=0.94, baseline=0.05, initial=0.5),
    timescales=(_TAU_M_NA, _TAU_M_KD, _TAU_M_H),
    threshold_voltage=-51.0,
    initial_voltage=-70.0,
    time_step=0.35,
    reference=ReferencePopulation(
        leak=(0.007, 0.014),
        ranges={"Kd": (70, 140), "CaT": (3, 7), "CaS": (6, 22), "KCa": (140, 180)},
        solved=("Na", "A", "H"),
        dics=(-6.2, 4.0, 5.0),
    ),
    compensations=(
        Compensation(("CaS", "A"), lambda g_s, g_u: g_u < 0),
        Compensation(("A", "H"), lambda g_s, g_u: g_s >= 0),
        Compensation(("CaS", "H"), lambda g_s, g_u: g_s < 0),
    ),
    fast_channel="Na",
    training=Training(
        targets={"g_s": (-20, 20), "g_u": (0, 20)},
        transient=3000.0,
        window=3000.0,
        strangers=True,
    ),
    broad=UniformPopulation(
        leak=(0.001, 0.02),
        ranges={
            "Na": (0, 8000),
            "Kd": (0, 350),
            "CaT": (0, 12),
            "CaS": (0, 50),
            "KCa": (0, 250),
            "A": (0, 600),
            "H": (0, 0.7),
        },
    ),
)
