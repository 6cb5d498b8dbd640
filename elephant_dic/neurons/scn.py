"""Clock neuron of the suprachiasmatic nucleus (SCN): the base cell (Figure 4) of Bano-Otalora et al. (2021).

The source gives conductances in nS for 17.04 pF; here they are divided by that. Day and night are no cells of
their own: by day there is more leak of sodium and less of potassium.
"""

from __future__ import annotations

import numpy as np

from .gates import VoltageFunction
from .model import (
    Channel,
    Compensation,
    Crossing,
    Gate,
    NeuronModel,
    Training,
    UniformPopulation,
    constant,
)

_E_NA, _E_K = 43.235, -100.0
#: mS/cm**2.
_NOMINAL = {"Na": 5.198122, "K": 5.558210, "Ca": 0.301045, "LNa": 0.025546, "LK": 0.447277}


def _opened(middle, width) -> VoltageFunction:
    """V -> (1 + tanh((V - middle) / width)) / 2; with a negative width it closes with depolarisation."""
    return lambda voltage: (1 + np.tanh((voltage - middle) / width)) / 2


def _peaked(base, height, middle, width) -> VoltageFunction:
    """V -> base + height / cosh((V - middle) / width)**2."""
    return lambda voltage: base + height / np.cosh((voltage - middle) / width) ** 2


def _times_nominal(channel, low, high):
    return low * _NOMINAL[channel], high * _NOMINAL[channel]


_tau_n = _peaked(0.01, 16.5897, -30.6161, 31.0259)
_tau_h_ca = _peaked(284.731, 3000.0, -15.9946, 6.9854)

NEURON = NeuronModel(
    name="scn",
    title="clock neuron of the suprachiasmatic nucleus (Bano-Otalora et al. 2021)",
    source="Bano-Otalora, Moye, Brown, Lucas, Diekman, Belle, eLife 10, e68719 (2021); ModelDB 267183",
    animal="Rhabdomys pumilio, suprachiasmatic nucleus",
    temperature=23.0,
    limits="Few of its tonic cells fire at less than 3 Hz, and by night its base cell is silent. Of the rate "
    "of bursts its DICs tell next to nothing.",
    channels=(
        Channel(
            "Na",
            _E_NA,
            (
                Gate("m", _opened(-24.776, 17.6311), exponent=3),
                Gate("h", _opened(-44.4575, -12.8926), _peaked(0.4742, 72.3835, -33.6376, 17.0941)),
            ),
        ),
        Channel("K", _E_K, (Gate("n", _opened(-6.5081, 11.0804), _tau_n, exponent=4),)),
        Channel(
            "Ca",
            123.8869,
            (
                Gate("m", _opened(-40, 50), _peaked(0.2166, 3.1144, -36.6155, 10.6595)),
                Gate("h", _opened(-17.7212, -9.5570), _tau_h_ca),
            ),
        ),
        Channel("LNa", _E_NA),
        Channel("LK", _E_K),
    ),
    leak="LK",
    # The activation of Na follows at once; the next gates take 3 ms.
    timescales=(constant(1.0), _tau_n, _tau_h_ca),
    threshold_voltage=-38.0,
    initial_voltage=-43.31779785,
    spike=Crossing(-10.0, rearm=-20.0),
    # Long steps between spikes: what moves there is slow.
    time_step=0.8,
    half_step_rate=1.0,
    reference=UniformPopulation(
        leak=_times_nominal("LK", 0.35, 1.1),
        ranges={
            "Na": _times_nominal("Na", 0.9, 2.5),
            "K": _times_nominal("K", 0.25, 1.25),
            "Ca": _times_nominal("Ca", 0.6, 1.3),
            "LNa": _times_nominal("LNa", 0.2, 1.25),
        },
    ),
    compensations=(Compensation(("Na", "Ca"), lambda g_f, g_u: True),),
    fast_channel="LNa",
    training=Training(targets={"g_f": (-1.2, 0.45), "g_u": (0.2, 0.65)}, transient=5000.0, window=12_000.0),
)
