"""Pituitary lacto-somatotroph of Tabak et al. (2011): single spikes, or bursts of spikelets on a plateau.

A swing of 2 mV tells the spikelets apart, which no level does. The published cell has a current noise too.
"""

from __future__ import annotations

from .model import (
    CalciumPool,
    Channel,
    Compensation,
    Gate,
    Hill,
    NeuronModel,
    Swing,
    Training,
    UniformPopulation,
    constant,
    sigmoid,
)

#: ms.
_TAU_CALCIUM = 1 / (0.01 * 0.12)
_TAU_K, _TAU_BK = constant(30.0), constant(5.0)

NEURON = NeuronModel(
    name="pituitary",
    title="pituitary lacto-somatotroph (Tabak et al. 2011)",
    source=("Tabak, Tomaiuolo, Gonzalez-Iglesias, Milescu, Bertram, J. Neurosci. 31, 16855 (2011)"),
    # Published in nS for a cell of 10 pF: a tenth of that is mS/cm**2.
    channels=(
        Channel("CaL", 60.0, (Gate("m", sigmoid(20, -12)),)),
        Channel("K", -75.0, (Gate("n", sigmoid(5, -10), _TAU_K),)),
        Channel("SK", -75.0, (Gate("c", constant(1.0), calcium=Hill(0.4, 2)),)),
        Channel("BK", -75.0, (Gate("f", sigmoid(20, -2), _TAU_BK),)),
        Channel("leak", -50.0),
    ),
    calcium=CalciumPool(("CaL",), time_constant=_TAU_CALCIUM, per_current=0.125, baseline=0.0, initial=0.1),
    timescales=(_TAU_BK, _TAU_K, constant(_TAU_CALCIUM)),
    # Where the two DICs tell most about what a cell does; BK, which opens above -25 mV, is not seen there.
    threshold_voltage=-45.0,
    initial_voltage=-60.0,
    time_step=1.0,
    half_step_rate=0.5,
    shortest_step=0.06,
    reference=UniformPopulation(
        leak=(0.01, 0.03),
        ranges={"CaL": (0.12, 0.3), "K": (0.15, 0.45), "SK": (0.1, 0.4), "BK": (0, 0.15)},
    ),
    compensations=(Compensation(("K", "SK"), lambda g_f, g_s: True),),
    fast_channel="CaL",
    training=Training(targets={"g_f": (-9, 0.5), "g_s": (0.3, 2.1)}, transient=5000.0, window=20000.0),
    spike=Swing(2.0),
    animal="rat: lactotrophs and GH4C1 cells of the pituitary",
    limits=(
        "Single spikes below 1 Hz or above 6 Hz, bursts below 0.3 Hz or of more than 6 spikelets are rare. "
        "Its DICs do not see BK, which makes the bursts: they tell the rate better than the class."
    ),
)
