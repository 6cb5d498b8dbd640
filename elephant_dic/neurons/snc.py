"""Dopamine neuron of the substantia nigra (SNc) of Fyon et al. (2025), with all its currents.

It is the neuron of Canavier with the activation of Na and CaL at -10 mV and a pacemaker current that follows
the voltage at once. The potential of calcium is constant; a pump that saturates removes calcium.
"""

from __future__ import annotations

import numpy as np

from .model import (
    Channel,
    Compensation,
    Crossing,
    Gate,
    Hill,
    NeuronModel,
    PumpedPool,
    Training,
    TwoStateGate,
    UniformPopulation,
    constant,
    sigmoid,
    x_over_expm1,
)


def _tau_m_na(voltage):
    # The original coefficients: rounded ones, as printed later, leave a pole at -38.7 mV.
    opening = 0.79992 * x_over_expm1(-19.565 - 0.50542 * voltage)
    return 0.01 + 1 / (opening + 3.0212 * np.exp(-0.007463 * voltage))


def _tau_h_na(voltage):
    return 0.4 + 1 / (5.0754e-4 * np.exp(-0.063213 * voltage) + 9.7529 * np.exp(0.13442 * voltage))


def _tau_hs_na(voltage):
    return 20 + 580 / (1 + np.exp(voltage))


def _tau_n_kd(voltage):
    rising, falling = sigmoid(61.1253, -4.4429)(voltage), sigmoid(36.8869, 9.7083)(voltage)
    return 27.2598 * rising * (falling + 0.0052) + 0.8876


def _tau_l_cal(voltage):
    opening = 0.020876 * 4.711 * x_over_expm1(-(voltage + 39.726) / 4.711)
    return 1 / (opening + 0.19444 * np.exp(-(voltage + 15.338) / 224.21))


def printed_tau_p_ka(voltage):
    """In ms, as published: negative above 43.7 mV, which the neuron's own is not."""
    rising, falling = sigmoid(71.5402, -26.0594)(voltage), sigmoid(62.5026, 6.5199)(voltage)
    return 95.5813 * rising * (falling - 0.5108) + 48.2438


def _tau_p_ka(voltage):
    tau = printed_tau_p_ka(voltage)
    return (tau + np.sqrt(tau**2 + 0.01)) / 2


def _tau_fast_q_ka(voltage):
    return 6.1 * np.exp(0.015 * voltage)


def _tau_slow_q_ka(voltage):
    # As published: only the exponential is divided by 35.3239, not its argument.
    falling = sigmoid(52.5933, 4.9104)(voltage)
    return 294.0087 + 55.8321 * (falling - 5.2348) / (1 + np.exp(voltage - 84.8594) / 35.3239)


def _tau_m_h(voltage):
    return 26.21 + 3136 * sigmoid(22.686, -29.597)(voltage)


def _rate(amplitude, slope):
    return lambda voltage: amplitude * np.exp(slope * voltage)


_E_K, _E_CA = -90.0, 50.0
#: uM/ms per uA/cm**2: 1.8 % of calcium is free, in a cell of 15 um.
_INFLUX = 2 * 0.018 / (96520 * 15 * 0.1) * 1000

NEURON = NeuronModel(
    name="snc",
    title="dopamine neuron of the substantia nigra (Fyon et al. 2025)",
    source="Fyon et al., bioRxiv 10.1101/2025.10.30.685563 (2025), after Canavier",
    animal="rodents, substantia nigra pars compacta",
    limits=(
        "It hardly bursts: 2 of its cells in 1,000 do. Of the tonic ones 1 % each are below 1.4 and above "
        "14 Hz. The irregular trains of dopamine neurons in vivo need noise."
    ),
    channels=(
        Channel(
            "Na",
            60.0,
            (
                Gate("m", sigmoid(10, -13.2), _tau_m_na, exponent=3),
                Gate("h", sigmoid(54, 12.8), _tau_h_na),
                Gate("hs", sigmoid(54.8, 1.57), _tau_hs_na),
            ),
        ),
        Channel("CaL", _E_CA, (Gate("l", sigmoid(10, -7.5), _tau_l_cal),)),
        Channel("Kd", _E_K, (Gate("n", sigmoid(25, -12), _tau_n_kd, exponent=3),)),
        Channel(
            "KA",
            _E_K,
            (
                Gate("p", sigmoid(35.1, -13.4), _tau_p_ka),
                Gate("q", sigmoid(80, 6), ((0.5, _tau_fast_q_ka), (0.5, _tau_slow_q_ka))),
            ),
        ),
        Channel(
            "ERG",
            _E_K,
            (
                TwoStateGate(
                    "o",
                    opening=_rate(0.0036, 0.0759),
                    closing=_rate(1.2523e-5, -0.0671),
                    inactivation=_rate(91.11, 0.1189),
                    recovery=_rate(12.6, 0.0733),
                    timescale="g_u",
                ),
            ),
        ),
        Channel("SK", _E_K, (Gate("c", constant(1.0), calcium=Hill(0.19, 4)),)),
        Channel("H", -29.0, (Gate("m", sigmoid(77.6, 17.317), _tau_m_h, exponent=2),)),
        Channel("LNS", -65.0),
        Channel("LCa", _E_CA),
        Channel("Pace", 4.2732015978991615, (Gate("p", sigmoid(13.31099526924295, -5.997692378993812)),)),
    ),
    leak="LNS",
    calcium=PumpedPool(("CaL", "LCa"), influx=_INFLUX, maximum=11 * _INFLUX, half=0.5, initial=0.1),
    timescales=(_tau_m_na, _tau_n_kd, _tau_hs_na),
    # Where g_s and g_u tell most about the rate; spikes take off there, too.
    threshold_voltage=-47.0,
    initial_voltage=-60.0,
    spike=Crossing(-20.0, rearm=-30.0),
    time_step=1.0,
    half_step_rate=0.5,
    shortest_step=0.04,
    reference=UniformPopulation(
        leak=(0.006, 0.02),
        ranges={
            "Na": (12, 60),
            "CaL": (0, 5),
            "Kd": (8, 30),
            "KA": (0, 4),
            "ERG": (0, 0.5),
            "SK": (0, 0.8),
            "H": (0, 0.3),
            "LCa": (0, 0.01),
            "Pace": (3, 25),
        },
    ),
    compensations=(Compensation(("Kd", "SK"), lambda g_s, g_u: True),),
    fast_channel="Pace",
    training=Training(targets={"g_s": (0, 120), "g_u": (3, 400)}, transient=3000.0, window=10_000.0),
)
