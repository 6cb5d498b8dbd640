"""Pyloric neuron of Prinz, Billimoria and Marder (2003): slow bursts, with a calcium reversal that moves.

Its channels are those of the STG neuron with gates twice as slow, but for H.
"""

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
    scaled,
    sigmoid,
    slower,
)
from .stg import NEURON as STG

_SLOWER = 2.0
_CALCIUM = CalciumPool(("CaT", "CaS"), time_constant=200.0, per_current=9.4, baseline=0.05, initial=0.5)
_E_CALCIUM = Nernst(scale=12.2, outside=3000.0)


def _tau_m_h(voltage):
    return 2 / (np.exp(-14.59 - 0.086 * voltage) + np.exp(-1.87 + 0.0701 * voltage))


def _channel(channel: Channel) -> Channel:
    """A channel of this neuron, from that of the STG neuron."""
    if channel.name == "H":
        return Channel("H", -20.0, (Gate("m", sigmoid(75, 5.5), _tau_m_h),))
    reversal = _E_CALCIUM if channel.name in _CALCIUM.channels else channel.reversal
    return Channel(channel.name, reversal, tuple(slower(gate, _SLOWER) for gate in channel.gates))


_tau_m_na, _tau_m_kd = (scaled(timescale, _SLOWER) for timescale in STG.timescales[:2])

NEURON = NeuronModel(
    name="pyloric",
    title="pyloric neuron (Prinz et al. 2003)",
    source="Prinz, Billimoria, Marder, J. Neurophysiol. 90, 3998 (2003)",
    animal="crustacean, stomatogastric ganglion",
    limits="Bursts less often than every two seconds are rare.",
    channels=tuple(_channel(channel) for channel in STG.channels),
    calcium=_CALCIUM,
    timescales=(_tau_m_na, _tau_m_kd, _tau_m_h),
    # Where g_t = 0 is crossed: median over the cells of the reference population that fire.
    threshold_voltage=-51.5,
    initial_voltage=-70.0,
    time_step=0.5,
    half_step_rate=2.0,
    shortest_step=0.03,
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
