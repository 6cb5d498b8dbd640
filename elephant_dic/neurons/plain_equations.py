"""What a neuron's declaration means, written plainly and slowly: to check the fast code against."""

from __future__ import annotations

import numpy as np

from .model import SPIKE, NeuronModel, TwoStateGate


def steady_current(neuron: NeuronModel, conductances, voltage):
    """Membrane current (uA/cm**2) of one cell at rest at a voltage (mV), calcium at rest too."""
    from scipy.optimize import brentq

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


class _Crossing:
    """An upward crossing of the level of spikes, as `solve_ivp` takes it."""

    direction = 1

    def __call__(self, t, state):
        return state[0] - SPIKE


def solve_adaptively(neuron: NeuronModel, conductances, duration, times=None):
    """Simulate one cell with an adaptive solver of scipy, at tight tolerances.

    Parameters
    ----------
    neuron : NeuronModel
    conductances : (n_channels,) array
        mS/cm**2.
    duration : float
        ms.
    times : (n,) array, optional
        ms, of the voltages returned. Default: none.

    Returns
    -------
    spikes : array
        Times in ms of upward crossings of +10 mV.
    voltages : (n,) array
        mV.
    """
    from scipy.integrate import solve_ivp

    solution = solve_ivp(
        lambda t, state: slope(neuron, conductances, state), (0, duration), initial_state(neuron),
        method="LSODA", rtol=1e-8, atol=1e-9, max_step=1.0, events=_Crossing(),
        t_eval=[0.0] if times is None else times,
    )  # fmt: skip
    return solution.t_events[0], solution.y[0]
