"""Respiratory pacemaker of the pre-Bötzinger complex: model 1 of Butera, Rinzel and Smith (1999).

The source gives conductances in nS for 21 pF; here they are divided by that. In it the inactivation of Na is
one minus the activation of K; as a gate of its own with the same time constant it is the same, if it starts
at rest.
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
    sigmoid,
)

_E_NA, _E_K, _E_LEAK = 50.0, -85.0, -60.0


def _peaked(height, shift, width) -> VoltageFunction:
    """V -> height / cosh((V + shift) / width)."""
    return lambda voltage: height / np.cosh((voltage + shift) / width)


_tau_n, _tau_h = _peaked(10.0, 29, 8), _peaked(10_000.0, 48, 12)

NEURON = NeuronModel(
    name="prebotc",
    title="pacemaker of the pre-Bötzinger complex (Butera et al. 1999, model 1)",
    source="Butera, Rinzel, Smith, J. Neurophysiol. 82, 382 (1999)",
    animal="rat (neonatal), pre-Bötzinger complex",
    limits="One cell without synapses, not the rhythm of the network; few bursts slower than 0.1 Hz. Of how "
    "long bursts last its DICs tell nothing.",
    channels=(
        Channel(
            "Na",
            _E_NA,
            (Gate("m", sigmoid(34, -5), exponent=3), Gate("h", sigmoid(29, 4), _tau_n)),
        ),
        Channel("K", _E_K, (Gate("n", sigmoid(29, -4), _tau_n, exponent=4),)),
        Channel("NaP", _E_NA, (Gate("m", sigmoid(40, -6)), Gate("h", sigmoid(48, 6), _tau_h))),
        Channel("leak", _E_LEAK),
    ),
    # Nothing but what follows at once is faster than the activation of K.
    timescales=(constant(0.1), _tau_n, _tau_h),
    threshold_voltage=-44.5,
    initial_voltage=-60.0,
    spike=Crossing(-20.0, rearm=-35.0),
    # Long steps between spikes: what moves there is slow.
    time_step=0.4,
    half_step_rate=0.1,
    # Of the published conductances 0.5 to 1.8 (leak), 0.4 to 1.6, 0.5 to 1.8, 0.8 to 2.3 times.
    reference=UniformPopulation(
        leak=(0.067, 0.24),
        ranges={"Na": (0.53, 2.13), "K": (0.27, 0.96), "NaP": (0.107, 0.307)},
    ),
    compensations=(Compensation(("Na", "NaP"), lambda g_f, g_u: True),),
    fast_channel="K",
    training=Training(
        targets={"g_f": (-4.6, -0.35), "g_u": (1.05, 4.7)}, transient=20_000.0, window=40_000.0
    ),
)
