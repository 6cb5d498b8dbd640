"""Neuron of the subthalamic nucleus (STN) of Otsuka et al. (2004): tonic, or with plateaus and bursts.

Calcium moves the potential of CaT and CaL, closes CaL and opens KCa. Its pool takes 0.5 ms: what is slow is
the gates that it drives. Calcium is that of the paper, at 29.7 degrees Celsius.
"""

from __future__ import annotations

import numpy as np

from .gates import VoltageFunction
from .model import (
    CalciumPool,
    Channel,
    Compensation,
    Crossing,
    Gate,
    Nernst,
    NeuronModel,
    Training,
    UniformPopulation,
    calcium_sigmoid,
    constant,
    sigmoid,
    stepped,
)


def _peaked(base, height, first, second) -> VoltageFunction:
    """V -> base + height / (exp(-(V - at) / slope) + the same of the second); first, second: (at, slope)."""

    def time_constant(voltage):
        terms = [np.exp(-(voltage - at) / slope) for at, slope in (first, second)]
        return base + height / (terms[0] + terms[1])

    return time_constant


_E_K = -90.0
_E_CA = Nernst(scale=13.05, outside=2000.0)
#: uM/ms per uA/cm**2: 1 / (2 F).
_INFLUX = 1000 / (2 * 96485.33)
_tau_m_na = stepped(0.2, -3.0, 53, 0.7)
_tau_n_kd = _peaked(0.0, 11.0, (-40, -40), (-40, 50))
_tau_d1_cal = _peaked(400.0, 500.0, (-40, -15), (-20, 20))

NEURON = NeuronModel(
    name="stn",
    title="neuron of the subthalamic nucleus (Otsuka et al. 2004)",
    source="Otsuka, Abe, Tsukagawa, Song, J. Neurophysiol. 92, 255 (2004)",
    animal="rat, subthalamic nucleus",
    temperature=29.7,
    limits=(
        "It does not fire slowly: 1 % of its bursting cells are below 0.9 Hz, and of its tonic cells below "
        "3.7 Hz. Its DICs tell whether a cell bursts, but not how often."
    ),
    channels=(
        Channel(
            "Na",
            60.0,
            (
                Gate("m", sigmoid(40, -8), _tau_m_na, exponent=3),
                Gate("h", sigmoid(45.5, 6.4), _peaked(0.0, 24.5, (-50, -15), (-50, 16))),
            ),
        ),
        Channel("Kd", _E_K, (Gate("n", sigmoid(41, -14), _tau_n_kd, exponent=4),)),
        Channel(
            "CaT",
            _E_CA,
            (
                Gate("p", sigmoid(56, -6.7), _peaked(5.0, 0.33, (-27, -10), (-102, 15)), exponent=2),
                Gate("q", sigmoid(85, 5.8), _peaked(0.0, 400.0, (-50, -15), (-50, 16))),
            ),
        ),
        Channel(
            "CaL",
            _E_CA,
            (
                Gate("c", sigmoid(30.6, -5), _peaked(45.0, 10.0, (-27, -20), (-50, 15)), exponent=2),
                Gate("d1", sigmoid(60, 7.5), _tau_d1_cal),
                Gate(
                    "d2",
                    constant(1.0),
                    constant(130.0),
                    calcium=calcium_sigmoid(0.1, -0.02),
                    calcium_lag=True,
                ),
            ),
        ),
        Channel(
            "A",
            _E_K,
            (
                Gate("a", sigmoid(45, -14.7), stepped(1.0, -1.0, 40, 0.5), exponent=2),
                Gate("b", sigmoid(90, 7.5), _peaked(0.0, 200.0, (-60, -30), (-40, 10))),
            ),
        ),
        Channel(
            "KCa",
            _E_K,
            (
                Gate(
                    "r",
                    constant(1.0),
                    constant(2.0),
                    exponent=2,
                    calcium=calcium_sigmoid(0.17, 0.08),
                    calcium_lag=True,
                ),
            ),
        ),
        Channel("leak", -60.0),
    ),
    calcium=CalciumPool(
        ("CaT", "CaL"), time_constant=0.5, per_current=0.5 * _INFLUX, baseline=0.0, initial=0.005
    ),
    # The activation of Na takes 0.2 ms above -53 mV, but 3.2 ms below, which is hardly faster than Kd.
    timescales=(constant(0.2), _tau_n_kd, _tau_d1_cal),
    # Where g_f and g_s tell most about class and rate.
    threshold_voltage=-63.0,
    initial_voltage=-58.0,
    spike=Crossing(-10.0, rearm=-30.0),
    time_step=0.15,
    half_step_rate=4.0,
    shortest_step=0.05,
    reference=UniformPopulation(
        leak=(0.06, 0.36),
        ranges={
            "Na": (45, 85),
            "Kd": (40, 100),
            "CaT": (5, 25),
            "CaL": (0, 35),
            "A": (2, 20),
            "KCa": (0, 12),
        },
    ),
    compensations=(Compensation(("CaT", "KCa"), lambda g_f, g_s: True),),
    fast_channel="Kd",
    training=Training(targets={"g_f": (1.1, 5), "g_s": (-16, -0.5)}, transient=3000.0, window=5000.0),
)
