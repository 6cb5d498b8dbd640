"""What each neuron is, for those who have to choose one: words, and how a cell of it fires."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import neo
import numpy as np

from ...inference import card_of
from ...neurons import Gate, NeuronModel, get_neuron, list_neurons, reference_population
from ...populations import conductances, neuron_of
from ...simulation import simulate
from .words import number, signed

_N_CELLS, _SHOWN, _STEP = 16, 1500.0, 0.5  # cells that are tried; ms shown, and between samples
_CURRENTS = (0.0, 0.5, 1.0, 2.0, 4.0)  # uA/cm**2, tried until a cell fires
_RARE = 0.02  # share of the cells below which a kind of firing is not told
_LARGE = 1000.0  # mS/cm**2, at which a conductance is explained


@dataclass(frozen=True)
class NeuronCard:
    """One neuron in words.

    Attributes
    ----------
    name, title : str
    lines : tuple of (what, words)
        Animal, channels, firing and limits, as far as they are known.
    """

    name: str
    title: str
    lines: tuple[tuple[str, str], ...]


def neuron_cards() -> list[NeuronCard]:
    """All installed neurons, in words."""
    return [neuron_card(get_neuron(name)) for name in list_neurons()]


def neuron_card(neuron: NeuronModel) -> NeuronCard:
    """A neuron in words."""
    at = "" if neuron.temperature is None else f"{neuron.temperature:g} °C"
    lines = (
        ("Animal", ", ".join(filter(None, (neuron.animal, at)))),
        ("Channels", ", ".join(channel.name for channel in neuron.channels)),
        ("Fires", firing_in_words(card_of(neuron).get("firing"))),
        ("Limits", neuron.limits or ""),
        ("Source", neuron.source),
    )
    return NeuronCard(neuron.name, neuron.title, tuple(line for line in lines if line[1]))


def firing_in_words(firing) -> str:
    """How the cells that a network was trained on fire, with the range of 98 % of them.

    Parameters
    ----------
    firing : mapping or None
        Of a network's card: by class its share, and low, middle and high of figures.
    """
    if not firing:
        return "has no network of its own for cells without current; it is for recordings under current steps"
    parts = []
    for activity, figure, unit in (
        ("tonic", "rate", "Hz"),
        ("bursting", "burst_rate", "bursts a second"),
        ("irregular", "rate", "Hz"),
    ):
        found = firing.get(activity, {})
        if found.get("share", 0) >= _RARE and figure in found:
            low, _, high = found[figure]
            parts.append(f"{activity}, {number(low, 2)} to {number(high, 2)} {unit}")
    return "; ".join(parts)


@cache
def typical_trace(name: str) -> tuple[np.ndarray, np.ndarray, float]:
    """How a cell of a neuron's reference family fires: time (s), membrane potential (mV), current (uA/cm**2).

    The cell with the middle number of spikes among those whose spikes are large, without a current if any
    fires so.
    """
    neuron = get_neuron(name)
    table = reference_population(neuron, _N_CELLS, np.random.default_rng(1))
    start = neuron.training.transient
    for current in _CURRENTS:
        run = simulate(neuron, table, start + _SHOWN, currents=current, trace_start=start, trace_step=_STEP)
        counts = np.array([np.count_nonzero(times >= start) for times in run.spike_times])
        if counts.max() >= 2:
            break
    traces = np.asarray(run.traces, dtype=float)
    firing = np.flatnonzero(counts >= min(2, counts.max()))
    swings = np.ptp(traces[firing], axis=1)
    firing = firing[swings >= np.median(swings)]
    chosen = firing[np.argsort(counts[firing], kind="stable")[len(firing) // 2]]
    trace = traces[chosen]
    return np.arange(len(trace)) * _STEP / 1000, trace, current


def paint_trace(figure, name):
    """Draw a neuron's typical trace, with a bar of half a second."""
    time, trace, _ = typical_trace(name)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.plot(time, trace, color="#000000", linewidth=0.7)
    axes.plot([0, 0.5], [-105, -105], color="#000000", linewidth=2, solid_capstyle="butt")
    axes.set(xlim=(0, _SHOWN / 1000), ylim=(-110, 60))
    axes.axis("off")


def why_large(block: neo.Block) -> list[str]:
    """Of a population: why some of its conductances are so large, in a sentence each."""
    medians = {name: float(np.median(values.magnitude)) for name, values in conductances(block).items()}
    return large_conductances(neuron_of(block), medians)


def large_conductances(neuron: NeuronModel, medians: dict[str, float]) -> list[str]:
    """Why some maximal conductances are so large, in a sentence each.

    A maximal conductance counts channels that are all open at once, which they never are.

    Parameters
    ----------
    neuron : NeuronModel
    medians : dict
        mS/cm**2 by name of the conductance.
    """
    told = []
    for channel in neuron.channels:
        median = medians.get(f"g_{channel.name}", 0.0)
        by_voltage = all(isinstance(gate, Gate) for gate in channel.gates) and not channel.depends_on_calcium
        if median < _LARGE or not by_voltage:
            continue
        voltage = np.array([neuron.threshold_voltage])
        opened = np.prod([gate.steady_state(voltage)[0] ** gate.exponent for gate in channel.gates])
        threshold, one_in = signed(neuron.threshold_voltage, 0), float(f"{1 / opened:.2g}")
        told.append(
            f"g_{channel.name} of {median:,.0f} mS/cm² is what all its channels would conduct if they were "
            f"open at once. At the threshold ({threshold} mV) one in {one_in:,.0f} is: "
            f"{number(median * opened, 2)} mS/cm²."
        )
    return told
