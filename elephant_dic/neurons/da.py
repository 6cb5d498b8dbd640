"""Reduced dopaminergic (DA) neuron after Qian et al. (2014) and Drion et al. (2011).

It lacks the slow sodium inactivation of the 2014 paper and has no calcium pool.
"""

from __future__ import annotations

import numpy as np

from .model import (
    Channel,
    Compensation,
    Gate,
    NeuronModel,
    ReferencePopulation,
    Training,
    TwoStateGate,
    UniformPopulation,
    sigmoid,
    stepped,
    x_over_expm1,
)


def _tau_m_na(voltage):
    # One linear factor for numerator and exponent: with separately rounded coefficients, as printed
    # elsewhere, the two zeros miss each other and the time constant has a pole at -38.7 mV.
    opening = 0.79992 * x_over_expm1(-19.565 - 0.5052 * voltage)
    return 0.01 + 1 / (opening + 3.0212 * np.exp(-0.007463 * voltage))


def _tau_h_na(voltage):
    return 0.4 + 1 / (5.0754e-4 * np.exp(-0.063213 * voltage) + 9.7529 * np.exp(0.13442 * voltage))


def _rate(amplitude, slope):
    return lambda voltage: amplitude * np.exp(slope * voltage)


def _magnesium_block(voltage):
    return 1 / (1 + 1.4 / 10 * np.exp(-0.08 * voltage))


_INITIAL_VOLTAGE = -90.0
_ERG_OPENING = _rate(0.0036, 0.0759)
_TAU_N_KD = stepped(20, 18, 38, -10)

NEURON = NeuronModel(
    name="da",
    title="dopaminergic neuron (reduced, after Qian et al. 2014)",
    animal="rodent, substantia nigra",
    limits="It has no calcium pool, so no current that depends on calcium (SK), and no slow inactivation of "
    "sodium: see snc for a cell that has both.",
    source="after Qian et al., J. Neurophysiol. (2014) and Drion et al. (2011)",
    channels=(
        Channel(
            "Na",
            60.0,
            (
                Gate("m", sigmoid(30.0907, -9.7264), _tau_m_na, exponent=3),
                Gate("h", sigmoid(54.0289, 10.7665), _tau_h_na),
            ),
        ),
        Channel("Kd", -85.0, (Gate("n", sigmoid(25, -12), _TAU_N_KD, exponent=3),)),
        Channel("CaL", 60.0, (Gate("m", sigmoid(50, -2), stepped(30, 28, 45, -3), exponent=2),)),
        Channel("CaN", 60.0, (Gate("m", sigmoid(30, -7), stepped(30, 25, 55, -6)),)),
        Channel(
            "ERG",
            -85.0,
            (
                TwoStateGate(
                    "o",
                    opening=_ERG_OPENING,
                    closing=_rate(1.2523e-5, -0.0671),
                    inactivation=_rate(0.1, 0.1189),
                    recovery=_rate(0.003, -0.0733),
                    timescale="g_u",
                    # The published simulations start from the opening rate; a transient washes it out.
                    initial=(float(_ERG_OPENING(_INITIAL_VOLTAGE)), 0.0),
                ),
            ),
        ),
        Channel("NMDA", 0.0, (Gate("block", _magnesium_block),)),
        Channel("leak", -50.0),
    ),
    timescales=(_tau_m_na, _TAU_N_KD, lambda voltage: 100.0 + 0 * voltage),
    threshold_voltage=-55.5,
    initial_voltage=_INITIAL_VOLTAGE,
    # Long steps between spikes: what moves there is slow.
    time_step=0.5,
    half_step_rate=1.2,
    shortest_step=0.024,
    reference=ReferencePopulation(
        leak=(0.0087, 0.017),
        ranges={"Kd": (6, 10), "CaL": (0.015, 0.075), "NMDA": (0.012, 0.012)},
        solved=("Na", "CaN", "ERG"),
        dics=(-12.95, 0.5, 5.0),
    ),
    compensations=(
        Compensation(("CaL", "ERG"), lambda g_s, g_u: g_s < 0),
        Compensation(("Kd", "ERG"), lambda g_s, g_u: g_s >= 0),
    ),
    fast_channel="Na",
    training=Training(
        targets={"g_s": (-10, 15), "g_u": (0, 20)},
        transient=3000.0,
        window=9000.0,
    ),
    # About one and a half times what the cells of its reference population have.
    broad=UniformPopulation(
        leak=(0.005, 0.025),
        ranges={
            "Na": (0, 80),
            "Kd": (0, 50),
            "CaL": (0, 0.3),
            "CaN": (0, 0.12),
            "ERG": (0, 1),
            "NMDA": (0, 0.025),
        },
    ),
)
