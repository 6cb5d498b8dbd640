"""A neuron declared for the tests."""

import numpy as np

from elephant_dic.neurons import Gate, NeuronModel
from elephant_dic.neurons.model import (
    CalciumPool,
    Channel,
    Compensation,
    ReferencePopulation,
    Training,
    sigmoid,
)


def constant(value):
    return lambda voltage: value + 0 * voltage


def toy_neuron(**changes):
    """A spiking neuron with an instantaneous gate beside a dynamic one, and three gates in one channel."""
    calcium_gate = Gate("n", sigmoid(20, -10), lambda v: 2 + 6 * sigmoid(30, 15)(v), 2, calcium_half=1.0)
    slow_block = Gate("q", sigmoid(40, 8), lambda v: 60 + 40 * sigmoid(40, 8)(v))
    inward_closing = Gate("h", sigmoid(45, 6), lambda v: 1 + 8 * sigmoid(40, 10)(v))
    fields = {
        "name": "toy",
        "title": "toy neuron",
        "source": "the tests",
        "channels": (
            Channel("In", 55.0, (Gate("m", sigmoid(25, -6)), inward_closing)),
            Channel("Out", -85.0, (calcium_gate, Gate("p", sigmoid(15, -12), constant(6.0)), slow_block)),
            Channel("H", -20.0, (Gate("m", sigmoid(70, 6), constant(300.0)),)),
            Channel("leak", -60.0),
        ),
        "calcium": CalciumPool(("H",), time_constant=20.0, per_current=0.01, baseline=1.0, initial=2.0),
        "timescales": (constant(0.5), constant(5.0), constant(200.0)),
        "threshold_voltage": -50.0,
        "initial_voltage": -65.0,
        "time_step": 0.05,
        "reference": ReferencePopulation((0.1, 0.2), {}, ("In", "Out", "H"), (-45.0, 14.0, 2.0)),
        "compensations": (Compensation(("Out", "H"), lambda g_s, g_u: g_s > -np.inf),),
        "fast_channel": "In",
        "training": Training({"g_s": (-5, 5), "g_u": (0, 10)}, transient=100.0, window=200.0),
    }
    return NeuronModel(**(fields | changes))


def passive_neuron(rest, initial_voltage=-65.0):
    """A toy neuron of which only the leak is left by `PASSIVE`, with the given resting voltage."""
    channels = toy_neuron().channels[:-1] + (Channel("leak", rest),)
    return toy_neuron(channels=channels, initial_voltage=initial_voltage)


#: Conductances (mS/cm**2) with which the toy neuron fires at some 130 Hz, and those of a passive one.
FIRING = np.array([[40.0, 80.0, 1.0, 0.15]])
PASSIVE = np.array([[0.0, 0.0, 0.0, 0.5]])
