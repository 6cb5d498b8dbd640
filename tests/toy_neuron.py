"""A third neuron, declared for the tests, and what any declaration means, written plainly and slowly."""

import numpy as np
from scipy.optimize import brentq

from elephant_dic.neurons.model import (
    CalciumPool,
    Channel,
    Compensation,
    Gate,
    NeuronModel,
    ReferencePopulation,
    Training,
    TwoStateGate,
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


def steady_current(neuron, conductances, voltage):
    """Membrane current (uA/cm**2) of one cell at rest at a voltage (mV), calcium at rest too."""

    def current(channel, conductance, calcium):
        opened = 1.0
        for gate in channel.gates:
            rest = gate.steady_state(voltage)
            if gate.calcium_half:
                rest = rest * calcium / (calcium + gate.calcium_half)
            opened *= rest**gate.exponent
        return conductance * opened * (voltage - channel.reversal_at(calcium))

    pool, calcium = neuron.calcium, 0.0
    cells = list(zip(neuron.channels, conductances, strict=True))
    if pool:

        def excess(calcium):
            inflow = sum(current(c, g, calcium) for c, g in cells if c.name in pool.channels)
            return calcium - pool.baseline + pool.per_current * inflow

        calcium = brentq(excess, 1e-9, 1e9, xtol=1e-14, rtol=1e-14)
    return sum(current(channel, g, calcium) for channel, g in cells)


def initial_state(neuron):
    """Voltage, gates in the order of their declaration, calcium."""
    voltage = np.array(neuron.initial_voltage)
    state = [float(voltage)]
    for channel in neuron.channels:
        for gate in channel.gates:
            if isinstance(gate, TwoStateGate):
                state += gate.initial or gate.steady_states(voltage)
            elif gate.time_constant is not None:
                half, calcium = gate.calcium_half, neuron.calcium and neuron.calcium.initial
                state.append(gate.steady_state(voltage) * (calcium / (calcium + half) if half else 1))
    return state + ([neuron.calcium.initial] if neuron.calcium else [])


def slope(neuron, conductances, state):
    """Time derivative of the state of one cell."""
    voltage, calcium, gates = state[0], state[-1], iter(state[1:])
    pool, membrane, inflow, slopes = neuron.calcium, 0.0, 0.0, [0.0]
    for channel, conductance in zip(neuron.channels, conductances, strict=True):
        opened = 1.0
        for gate in channel.gates:
            if isinstance(gate, TwoStateGate):
                o, i = next(gates), next(gates)
                recovered, lost = gate.recovery(voltage) * i, gate.inactivation(voltage) * o
                slopes.append(
                    gate.opening(voltage) * (1 - o - i) + recovered - lost - gate.closing(voltage) * o
                )
                slopes.append(lost - recovered)
                opened *= o
                continue
            x = rest = gate.steady_state(voltage)
            if gate.calcium_half:
                rest = rest * calcium / (calcium + gate.calcium_half)
            if gate.time_constant is not None:
                x = next(gates)
                slopes.append((rest - x) / gate.time_constant(voltage))
            opened *= x**gate.exponent
        current = conductance * opened * (voltage - channel.reversal_at(calcium))
        membrane += current
        inflow += current * (pool is not None and channel.name in pool.channels)
    slopes[0] = -membrane
    if pool:
        slopes.append((pool.baseline - calcium - pool.per_current * inflow) / pool.time_constant)
    return slopes
