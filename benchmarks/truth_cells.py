"""Cells of which all is known, and what they do when something is changed, for `truth.py`."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from elephant_dic import get_neuron
from elephant_dic.neurons import FamilyPrior, RangesPrior, prior_of
from elephant_dic.simulation import simulate
from elephant_dic.trains import firing_of

SEED = 20261130
CLASSES = "tonic", "bursting"
#: ms before a recording starts, the largest random phase added, and its sampling interval.
DISCARDED, PHASE, SAMPLING = 20_000, 1000, 0.05
#: ms of a recording, at least; those of a neuron with longer windows are two windows long.
RECORDED = 10_000.0
#: ms after a change of conductances or current, and for which its rate is counted.
CHANGED, COUNTED = 3000.0, 10_000.0
#: Cells of all kinds, to which predictions are compared, and how much the rate of those taken may differ.
_POOL, _ALIKE, _LEAST_ALIKE = 1600, 0.1, 20
#: Bisections of the current that silences a cell, and the largest tried (uA/cm**2).
_BISECTIONS, _LARGEST_CURRENT = 10, 30.0


def component(neuron, kind) -> FamilyPrior | RangesPrior:
    """The prior's component of a kind, "family" or "broad"."""
    return prior_of(neuron, kind).components[0]


def cells(neuron, kind, n, rng) -> np.ndarray:
    """(n, n_channels) cells of a kind."""
    drawn, table = component(neuron, kind), np.empty((0, len(neuron.channels)))
    while len(table) < n:
        found, accepted = drawn.cells(rng.random((n, drawn.n_coordinates)))
        table = np.vstack([table, found[accepted]])
    return table[:n]


def recorded(neuron) -> float:
    """ms of a recording."""
    return max(RECORDED, 2 * neuron.training.window)


@lru_cache(maxsize=4)
def targets(name, kind, n) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Class, conductances and recorded spike times (ms) of n cells of each class, in turn."""
    neuron, rng = get_neuron(name), np.random.default_rng([SEED, *name.encode(), *kind.encode()])
    length, found = recorded(neuron), {activity: [] for activity in CLASSES}
    while min(map(len, found.values())) < n:
        table = cells(neuron, kind, 200, rng)
        starts = DISCARDED + rng.uniform(0, PHASE, len(table))
        run = simulate(neuron, table, DISCARDED + PHASE + length, dt=neuron.time_step / 2)
        for cell, times, start in zip(table, run.spike_times, starts, strict=True):
            kept = times[(times >= start) & (times < start + length)] - start
            kept = np.unique(np.round(kept / SAMPLING) * SAMPLING)
            activity = firing_of([kept]).activity
            if len(kept) >= 5 and activity in found:
                found[activity].append((activity, cell, kept))
    return [found[activity][i] for i in range(n) for activity in CLASSES]


def rates(neuron, table, current=0.0) -> np.ndarray:
    """(n,) Hz of cells under a constant current (uA/cm**2, one or (n,)), once they have got used to it."""
    trains = simulate(neuron, table, CHANGED + COUNTED, currents=current).spike_times
    return np.array([(times >= CHANGED).sum() for times in trains]) * 1000 / COUNTED


def silencing_current(neuron, cell) -> float:
    """The weakest hyperpolarising current that silences a cell, in uA/cm**2."""
    low, high = 0.0, _LARGEST_CURRENT
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if rates(neuron, cell[None], -middle)[0] else (low, middle)
    return high


def halved(neuron, table) -> np.ndarray:
    """(n_channels, n) Hz of cells with each conductance halved in turn; without the leak."""
    return np.array([rates(neuron, _scaled(table, k)) for k in channels(neuron)])


def channels(neuron):
    """Columns of the conductances other than the leak."""
    return [k for k in range(len(neuron.channels)) if k != neuron.leak_index]


def _scaled(table, column):
    changed = table.copy()
    changed[:, column] *= 0.5
    return changed


@lru_cache(maxsize=4)
def pool(name):
    """Classes, rates and rates with halved conductances of cells of the neuron's default prior."""
    neuron, rng = get_neuron(name), np.random.default_rng([SEED, 1])
    parts = prior_of(neuron, "mixture").components
    table = np.vstack([cells(neuron, part.name, _POOL // len(parts), rng) for part in parts])
    trains = simulate(neuron, table, CHANGED + COUNTED).spike_times
    firing = [firing_of([times[times >= CHANGED]]) for times in trains]
    fires = np.array([each.activity in CLASSES for each in firing])
    activities = np.array([each.activity for each in firing])[fires]
    return activities, np.array([each.rate for each in firing])[fires], halved(neuron, table[fires])


def alike(name, activity, rate) -> np.ndarray:
    """(n_channels, m) rates with halved conductances of other cells of a class and rate."""
    activities, known, changed = pool(name)
    off = np.where(activities == activity, np.abs(np.log(known / rate)), np.inf)
    rows = np.flatnonzero(off <= _ALIKE)
    return changed[:, rows if len(rows) >= _LEAST_ALIKE else np.argsort(off)[:_LEAST_ALIKE]]
