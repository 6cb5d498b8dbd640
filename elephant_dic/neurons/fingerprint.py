"""What a neuron declares, as a short text: two declarations with one name are told apart by it.

Functions of the voltage count by their values, to five digits: processors and versions of numpy round the
last ones differently.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields
from functools import lru_cache

import numpy as np

from .model import REARM, SPIKE, CalciumPool, Gate, NeuronModel, TwoStateGate, UniformPopulation

#: mV at which functions of the voltage are compared.
_VOLTAGES = np.arange(-100.0, 61.0)
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
        None if neuron.calcium is None else _values(neuron.calcium, CalciumPool),
        [_curve(timescale) for timescale in neuron.timescales],
        _number(neuron.threshold_voltage),
        _number(neuron.initial_voltage),
        [_number(level) for level in (SPIKE, REARM)],
    ]
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


def _curve(function) -> list[str] | None:
    """Values of a function of the voltage."""
    if function is None:
        return None
    values = np.broadcast_to(function(_VOLTAGES), _VOLTAGES.shape)
    return [_number(value) for value in values]


def _values(declared, kind):
    """The fields of a declaration that holds texts and numbers."""
    found = [getattr(declared, field.name) for field in fields(kind)]
    return [value if isinstance(value, str | tuple | None) else _number(value) for value in found]


def _channel(channel):
    moving = channel.has_moving_reversal
    reversal = (
        [_number(channel.reversal.scale), _number(channel.reversal.outside)]
        if moving
        else _number(channel.reversal)
    )
    return [channel.name, reversal, [_gate(gate) for gate in channel.gates]]


def _gate(gate: Gate | TwoStateGate):
    if isinstance(gate, TwoStateGate):
        rates = (gate.opening, gate.closing, gate.inactivation, gate.recovery)
        initial = None if gate.initial is None else [_number(value) for value in gate.initial]
        return [gate.name, [_curve(rate) for rate in rates], gate.timescale, initial]
    half = None if gate.calcium_half is None else _number(gate.calcium_half)
    return [gate.name, _curve(gate.steady_state), _curve(gate.time_constant), int(gate.exponent), half]


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
