"""A declaration of channels that were read: what their files do not say, given or found from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import quantities as pq

from ..arguments import magnitude, shown
from ..neurons import (
    DIC_NAMES,
    CalciumPool,
    Channel,
    Compensation,
    Gate,
    NeuronModel,
    PumpedPool,
    Scheme,
    Training,
    UniformPopulation,
    constant,
    derivative,
    dics_of,
    reference_population,
    threshold_voltage,
    timescale_weights,
)
from .channels import ReadChannel

#: Cells of the family by which the threshold voltage and the training box are found.
_CELLS = 64
#: mV at which things are looked at until the threshold voltage is known.
_SOMEWHERE = -50.0
#: Between neighbouring timescales, at least.
_APART = 3.0
#: ms; a longest step with which spike times of most neurons are right, and what is trained.
_TIME_STEP, _TRANSIENT, _WINDOW = 0.05, 1000.0, 3000.0
#: Of the DICs of the family, the training box leaves out as much on either side.
_LEFT_OUT = 5.0


def with_leak(channels: list[ReadChannel], leak: str | pq.Quantity | None) -> tuple[list[ReadChannel], str]:
    """The channels with one that is the leak, and its name."""
    without = [each.channel.name for each in channels if not each.channel.gates]
    if isinstance(leak, pq.Quantity):
        if "leak" in (each.channel.name for each in channels):
            raise ValueError(
                "there is a channel 'leak' already, so leak must be the name of one, not a voltage"
            )
        added = Channel("leak", magnitude(leak, "mV", "leak"))
        return [*channels, ReadChannel(added, 0.0, False)], "leak"
    if leak is not None and leak not in without:
        raise ValueError(
            f"leak must be the reversal of a leak, such as -65 * pq.mV, or the name of a channel without "
            f"gates ({', '.join(without) or 'there is none'}), got {shown(leak)}"
        )
    if leak is None and len(without) != 1:
        raise ValueError(
            f"which channel is the leak? {', '.join(without)} have no gates: name one by leak="
            if without
            else "no channel is a leak, by which DICs are normalised: give the reversal of one, as in "
            "leak=-65 * pq.mV"
        )
    return channels, leak or without[0]


def ranges_of_channels(
    channels: list[ReadChannel], given: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """mS/cm**2 by channel: given, or from half to twice what its file has."""
    names = [each.channel.name for each in channels]
    if unknown := sorted(set(given) - set(names)):
        raise ValueError(f"ranges are of {', '.join(names)}; there is no {', '.join(unknown)}")
    read = {each.channel.name: each.conductance for each in channels if each.conductance > 0}
    found = {channel: (conductance / 2, 2 * conductance) for channel, conductance in read.items()} | dict(
        given
    )
    if missing := [name for name in names if name not in found]:
        raise ValueError(
            f"the files have no conductances of {', '.join(missing)}: give their ranges in mS/cm2, as in "
            f"ranges={{{missing[0]!r}: (0.1, 0.3)}}"
        )
    return found


def assembled(
    name: str,
    channels: list[ReadChannel],
    leak: str,
    pool: CalciumPool | PumpedPool | None,
    ranges: Mapping[str, tuple[float, float]],
    timescales: Sequence | None,
    threshold: float | None,
    initial_voltage: float,
    temperature: float | None,
    source: str,
) -> NeuronModel:
    """The declaration; timescales and threshold are found from the channels if they are None."""
    others = [each.channel.name for each in channels if each.channel.name != leak]
    if len(others) < 2:
        raise ValueError(f"two channels are needed beside the leak, which move the DICs; got {others}")
    neuron = NeuronModel(
        name=name,
        title=f"{', '.join(each.channel.name for each in channels)}, read from files",
        source=source,
        channels=tuple(each.channel for each in channels),
        calcium=pool,
        timescales=(constant(1.0), constant(10.0), constant(100.0)),
        threshold_voltage=_SOMEWHERE if threshold is None else threshold,
        initial_voltage=initial_voltage,
        time_step=_TIME_STEP,
        reference=UniformPopulation(ranges[leak], {other: ranges[other] for other in others}),
        compensations=(Compensation((others[0], others[1]), lambda g_s, g_u: True),),
        fast_channel=others[0],
        training=Training({"g_s": (0, 1), "g_u": (0, 1)}, _TRANSIENT, _WINDOW),
        leak=leak,
        temperature=temperature,
    )
    cells = reference_population(neuron, _CELLS, np.random.default_rng(0))
    if threshold is None:
        neuron = replace(neuron, threshold_voltage=_threshold(neuron, cells))
    neuron = replace(neuron, timescales=_timescales(neuron, timescales))
    neuron = replace(neuron, channels=tuple(_on_its_timescale(neuron, each) for each in neuron.channels))
    fast, pair = _movers(neuron, cells)
    dics = dics_of(neuron, cells)
    if np.isnan(dics).all():
        raise ValueError(
            f"no cell of neuron {name} has DICs at {neuron.threshold_voltage:g} mV: {_why_none(neuron)}, or "
            f"another threshold_voltage"
        )
    box = {row: _range(dics[:, i]) for i, row in enumerate(DIC_NAMES) if row != "g_f"}
    return replace(
        neuron,
        compensations=(Compensation(pair, lambda g_s, g_u: True),),
        fast_channel=fast,
        training=replace(neuron.training, targets=box),
    )


def _why_none(neuron):
    """What leaves cells without DICs, and what to give instead."""
    at = np.array(neuron.threshold_voltage)
    gates = [(c.name, gate) for c in neuron.channels for gate in c.gates if isinstance(gate, Gate)]
    with np.errstate(all="ignore"):
        slopes = [gate.steady_state(at) + derivative(gate.steady_state, at) for _, gate in gates]
    wrong = [
        f"{name}.{gate.name}" for (name, gate), slope in zip(gates, slopes, strict=True) if np.isnan(slope)
    ]
    if wrong:
        return f"the steady state of {', '.join(wrong)} has no value or no slope there. Give other values"
    if any(not float(tau(at)) > 0 for tau in neuron.timescales):
        return "timescales are no positive times there. Give others"
    return "more calcium enters them than they can remove. Give lower ranges of channels of calcium"


def _threshold(neuron, cells):
    """Where the total DIC of the cells turns negative, the middle one's."""
    found = threshold_voltage(neuron, cells)
    if np.isnan(found).all():
        raise ValueError(
            f"the DICs of no cell of neuron {neuron.name} turn negative from -80 to 0 mV, so it has no "
            f"threshold: give the voltage at which they are taken, as in threshold_voltage=-50 * pq.mV"
        )
    return float(np.round(2 * np.nanmedian(found)) / 2)


def _timescales(neuron, given):
    if given is not None:
        if isinstance(given, str) or len(given) != len(DIC_NAMES):
            raise ValueError(f"timescales must be three, of {', '.join(DIC_NAMES)}, got {shown(given)}")
        return tuple(_timescale(neuron, each) for each in given)
    at = np.array(neuron.threshold_voltage)
    found = [float(tau(at)) for channel in neuron.channels for gate in channel.gates for _, tau in gate.parts]
    if isinstance(neuron.calcium, CalciumPool):
        found.append(neuron.calcium.time_constant)
    if not found:
        raise ValueError(
            "no gate has a time constant: give the three of the DICs, as in "
            "timescales=(0.5 * pq.ms, 5 * pq.ms, 100 * pq.ms)"
        )
    fast, ultraslow = min(found), max(found)
    ultraslow = max(ultraslow, _APART**2 * fast)
    middle = np.sqrt(fast * ultraslow)
    slow = min(found, key=lambda tau: abs(np.log(tau / middle)))
    slow = float(np.clip(slow, _APART * fast, ultraslow / _APART))
    return tuple(constant(float(f"{each:.4g}")) for each in (fast, slow, ultraslow))


def _timescale(neuron, given) -> Callable:
    if callable(given):
        return given
    if isinstance(given, pq.Quantity):
        return constant(magnitude(given, "ms", "a timescale"))
    gates = {f"{c.name}.{gate.name}": gate for c in neuron.channels for gate in c.gates if gate.parts}
    if given not in gates:
        raise ValueError(
            f"a timescale is a function of the voltage, a time, or one of the gates {', '.join(gates)}; got "
            f"{shown(given)}"
        )
    return gates[given].parts[0][1]


def _on_its_timescale(neuron, channel):
    """The channel with kinetic schemes that contribute to the DIC of their slowest rate."""
    gates = tuple(
        replace(gate, timescale=_slowest(neuron, gate)) if isinstance(gate, Scheme) else gate
        for gate in channel.gates
    )
    return replace(channel, gates=gates)


def _slowest(neuron, scheme):
    voltage, n = np.array(neuron.threshold_voltage), len(scheme.states)
    rates = np.zeros((n, n))
    for reaction in scheme.reactions:
        i, j = scheme.states.index(reaction.source), scheme.states.index(reaction.target)
        calcium = 1.0 if reaction.calcium is None else float(reaction.calcium(neuron.calcium.initial))
        forward, backward = float(reaction.forward(voltage)) * calcium, float(reaction.backward(voltage))
        rates[j, i] += forward
        rates[i, i] -= forward
        rates[i, j] += backward
        rates[j, j] -= backward
    speeds = -np.linalg.eigvals(rates).real
    slowest = speeds[speeds > 1e-9 * speeds.max()].min()
    references = [np.asarray(tau(voltage)) for tau in neuron.timescales]
    return DIC_NAMES[int(np.argmax(timescale_weights(1 / slowest, references)))]


def _movers(neuron, cells):
    """The channel that moves g_f most, and the two that move g_s and g_u most and apart."""
    middle = np.median(cells, axis=0)
    others = [i for i in range(len(neuron.channels)) if i != neuron.leak_index]
    before = dics_of(neuron, middle[None])[0]
    moved = {}
    for i in others:
        more = middle.copy()
        more[i] *= 1.1
        moved[i] = np.nan_to_num(dics_of(neuron, more[None])[0] - before)
    pair = max(
        combinations(others, 2), key=lambda ij: abs(np.linalg.det(np.stack([moved[i][1:] for i in ij])))
    )
    names = [channel.name for channel in neuron.channels]
    fast = max((i for i in others if i not in pair or len(others) == 2), key=lambda i: abs(moved[i][0]))
    return names[fast], (names[pair[0]], names[pair[1]])


def _range(values):
    low, high = np.nanpercentile(values, (_LEFT_OUT, 100 - _LEFT_OUT))
    return float(f"{low:.4g}"), float(f"{max(high, low + 1e-3 * (1 + abs(low))):.4g}")
