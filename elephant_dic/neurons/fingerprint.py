"""What a neuron declares, as a short text: two declarations with one name are told apart by it.

Functions of the voltage count by their values, to five digits: processors and versions of numpy round the
last ones differently.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields
from functools import lru_cache

import numpy as np

from .gates import Gate, Hill, Scheme, TwoStateGate
from .model import Crossing, NeuronModel, UniformPopulation

#: mV and uM at which functions of the voltage and of calcium are compared.
_VOLTAGES, _CALCIUM = np.arange(-100.0, 61.0), np.logspace(-3, 2, 51)
#: DICs at which it is compared which channels are solved.
_GRID = np.linspace(-60.0, 60.0, 241)
_LENGTH = 16  # digits


@lru_cache(maxsize=64)
def fingerprint(neuron: NeuronModel) -> str:
    """Of all that a neuron's spikes and DICs follow from.

    Parameters
    ----------
    neuron : NeuronModel

    Returns
    -------
    str
        16 hexadecimal digits of channels (names, reversals, gates), calcium, initial voltage, the rule
        for spikes, and the timescales and the voltage of the DICs. Not of the name, the texts, or the
        integration step.
    """
    parts = [
        [_channel(channel) for channel in neuron.channels],
        None if neuron.calcium is None else _values(neuron.calcium),
        [_curve(timescale) for timescale in neuron.timescales],
        _number(neuron.threshold_voltage),
        _number(neuron.initial_voltage),
        _spike(neuron.spike),
    ]
    if neuron.leak is not None:
        parts.append(neuron.leak)
    if neuron.parameters:
        parts.append([_parameter(parameter) for parameter in neuron.parameters])
    return _digest(parts)


@lru_cache(maxsize=64)
def family_fingerprint(neuron: NeuronModel) -> str:
    """Of all that the cells follow from on which a neuron's network is trained.

    Parameters
    ----------
    neuron : NeuronModel

    Returns
    -------
    str
        16 hexadecimal digits of `fingerprint`, the reference population, the compensations, and the training
        declared. Not of the integration step, as in `fingerprint`.
    """
    training = neuron.training
    parts = [
        fingerprint(neuron),
        _family(neuron.reference),
        [[pair.channels, _region(pair.applies)] for pair in neuron.compensations],
        neuron.fast_channel,
        _ranges(training.targets),
        [_number(value) for value in (training.transient, training.window)],
        _family(neuron.broad) if training.strangers else None,
    ]
    return _digest(parts)


def _digest(parts) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:_LENGTH]


def _number(value) -> str:
    return f"{float(value) + 0.0:.5g}"  # + 0.0: minus zero is zero


def _curve(function, at=_VOLTAGES) -> list[str] | None:
    """Values of a function of the voltage, or of calcium."""
    if function is None:
        return None
    return [_number(value) for value in np.broadcast_to(function(at), at.shape)]


def _values(declared):
    """The fields of a declaration that holds texts and numbers."""
    found = [getattr(declared, field.name) for field in fields(declared)]
    return [value if isinstance(value, str | tuple | None) else _number(value) for value in found]


def _channel(channel):
    moving = channel.has_moving_reversal
    reversal = (
        [_number(channel.reversal.scale), _number(channel.reversal.outside)]
        if moving
        else _number(channel.reversal)
    )
    return [channel.name, reversal, [_gate(gate) for gate in channel.gates]]


def _spike(rule):
    if isinstance(rule, Crossing):
        return [_number(rule.level), _number(rule.rearm)]
    return ["swing", _number(rule.height)]


def _gate(gate: Gate | Scheme):
    """What a gate declares; what few gates have comes last, so that those without it are as they were."""
    if isinstance(gate, Scheme):
        return _scheme(gate)
    factor, tau = gate.calcium_factor, gate.time_constant
    if factor is None:
        calcium: str | list | None = None
    elif isinstance(factor, Hill) and factor.power == 1:
        calcium = _number(factor.half)
    else:
        calcium = _curve(factor, _CALCIUM)
    times = [[_number(share), _curve(part)] for share, part in tau] if isinstance(tau, tuple) else _curve(tau)
    lag = ["lag"] if gate.calcium_lag else []
    return [gate.name, _curve(gate.steady_state), times, int(gate.exponent), calcium, *lag]


def _scheme(scheme: Scheme):
    rates = [_curve(rate) for each in scheme.reactions for rate in (each.forward, each.backward)]
    given = scheme.initial if isinstance(scheme, TwoStateGate) else scheme.initial_fractions
    initial = None if given is None else [_number(value) for value in given]
    if isinstance(scheme, TwoStateGate):
        return [scheme.name, rates, scheme.timescale, initial]
    reactions = [
        [each.source, each.target, each.by, _curve(each.calcium, _CALCIUM)] for each in scheme.reactions
    ]
    weights = [_number(weight) for weight in scheme.weights]
    return [scheme.name, rates, scheme.timescale, initial, scheme.states, reactions, weights]


def _parameter(parameter):
    return [parameter.name, _number(parameter.value), parameter.gates_of, parameter.reversal_of]


def _ranges(ranges):
    return sorted((name, _number(low), _number(high)) for name, (low, high) in ranges.items())


def _family(population):
    solved = None if isinstance(population, UniformPopulation) else [population.solved, population.dics]
    return [[_number(value) for value in population.leak], _ranges(population.ranges), solved]


def _region(applies) -> str:
    """Where channels are solved for DICs."""
    g_s, g_u = np.meshgrid(_GRID, _GRID)
    inside = np.broadcast_to(applies(g_s, g_u), g_s.shape)
    return hashlib.sha256(np.packbits(inside).tobytes()).hexdigest()[:_LENGTH]
