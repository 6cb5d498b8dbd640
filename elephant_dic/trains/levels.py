"""Sweeps under current steps: what flowed, and how the cell fired at each level.

A level is a current that stays for a while; what a sweep has at one level is one count of spikes. The holding
current is rest, where a rate is compared.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, fields

import neo
import numpy as np

from .stimulus import Epoch, Stimulus, stimulus_of

REST = "rest"
#: Spikes of a step whose intervals tell of adaptation.
_FEWEST = 4


@dataclass(frozen=True, eq=False)
class Condition:
    """One way in which sweeps were stimulated: the current, ms from the start of the sweep, and how long."""

    stimulus: Stimulus
    duration: float

    @property
    def epochs(self) -> list[Epoch]:
        """In which the current stays, or moves."""
        return self.stimulus.epochs(0.0, self.duration)


@dataclass(frozen=True)
class Level:
    """A current, and in which sweeps it flows; of rest, and where it moves, `current` (pA) is NaN."""

    key: tuple[str, float]  # its current, and for how long in a sweep (ms)
    name: str
    current: float
    sweeps: tuple[int, ...]

    @property
    def is_rest(self) -> bool:
        """Whether nothing but the holding current flows."""
        return self.key[0] == REST


@dataclass(frozen=True, eq=False)
class Protocol:
    """The currents of a recording.

    Attributes
    ----------
    conditions : tuple of Condition
    condition_of : tuple of int
        The condition of each sweep.
    levels : tuple of Level
        Rest first, then by current; last those in which the current moves.
    pieces : tuple of n_conditions lists of (start, stop, index of the level)
        The epochs of each condition, ms.
    """

    conditions: tuple[Condition, ...]
    condition_of: tuple[int, ...]
    levels: tuple[Level, ...]
    pieces: tuple[list[tuple[float, float, int]], ...]

    @property
    def is_step(self) -> np.ndarray:
        """(n_levels,) bool: levels that are no rest, and whose current stays."""
        return np.array([not level.is_rest and np.isfinite(level.current) for level in self.levels])


@dataclass(frozen=True, eq=False)
class Response:
    """What a cell does at each level of a protocol; of several cells, each array has one more axis before.

    Attributes
    ----------
    counts : (n_levels,) array
        Spikes a sweep; at rest Hz.
    latencies : (n_levels,) array
        ms from the onset to the first spike; NaN without one.
    adaptations : (n_levels,) array
        Last over first interval; NaN of fewer than four spikes.
    spreads : (n_levels,) array
        Standard deviation of `counts` over sweeps that were stimulated alike; zero where none was twice, and
        of models.
    membrane : (3,) array
        Potential at rest in mV, input resistance in megohm, and sag; NaN where it is not known.
    """

    counts: np.ndarray
    latencies: np.ndarray
    adaptations: np.ndarray
    spreads: np.ndarray
    membrane: np.ndarray

    def of(self, members: np.ndarray) -> Response:
        """What some of several cells do."""
        return Response(*(getattr(self, item.name)[members] for item in fields(self)))

    @staticmethod
    def joined(parts: Sequence[Response]) -> Response:
        """What several lots of cells do."""
        names = [item.name for item in fields(Response)]
        return Response(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def protocol_of(spiketrains: Sequence[neo.SpikeTrain]) -> Protocol:
    """The currents of the sweeps of one cell.

    Raises
    ------
    ValueError
        If the current of a sweep is not known.
    """
    conditions: list[Condition] = []
    condition_of = []
    for number, train in enumerate(spiketrains):
        stimulus = stimulus_of(train)
        if stimulus is None:
            raise ValueError(
                f"the current of sweep {train.annotations.get('sweep', number)} is not known: leave it out, "
                f"or annotate the train with stimulus_times and stimulus_currents"
            )
        start, stop = (float(time.rescale("ms")) for time in (train.t_start, train.t_stop))
        found = Condition(stimulus.shifted(-start), stop - start)
        same = [k for k, each in enumerate(conditions) if _alike(each, found)]
        if not same:
            conditions.append(found)
        condition_of.append(same[0] if same else len(conditions) - 1)
    levels = _levels(conditions, condition_of)
    places = {level.key: k for k, level in enumerate(levels)}
    pieces = tuple(
        [(epoch.start, epoch.stop, places[key]) for epoch, key in _keyed(condition)]
        for condition in conditions
    )
    return Protocol(tuple(conditions), tuple(condition_of), levels, pieces)


def _alike(a, b):
    return abs(a.duration - b.duration) < 0.5 and a.stimulus.is_like(b.stimulus)


def _keyed(condition):
    """The epochs of a condition, each with the key of its level: a name of the current, and for how long."""
    names = [_current_name(condition.stimulus, epoch) for epoch in condition.epochs]
    total = {name: 0.0 for name in names}
    for name, epoch in zip(names, condition.epochs, strict=True):
        total[name] += epoch.duration
    return [
        (epoch, (name, 0.0 if name == REST else round(total[name], 1)))
        for name, epoch in zip(names, condition.epochs, strict=True)
    ]


def _current_name(stimulus, epoch):
    if np.isnan(epoch.level):
        inside = (stimulus.times >= epoch.start) & (stimulus.times <= epoch.stop)
        currents = stimulus.currents[inside]
        return f"from {currents.min():g} to {currents.max():g} pA"
    return REST if epoch.level == stimulus.holding else f"{epoch.level:.4g} pA"


def _levels(conditions, condition_of):
    sweeps: dict[tuple, list[int]] = {}
    currents = {}
    for sweep, number in enumerate(condition_of):
        for epoch, key in _keyed(conditions[number]):
            currents[key] = np.nan if key[0] == REST else epoch.level
            if sweep not in sweeps.setdefault(key, []):
                sweeps[key].append(sweep)
    names = [name for name, _ in sweeps]

    def order(key):
        current = currents[key]
        return key[0] != REST, bool(np.isnan(current)), 0.0 if np.isnan(current) else current, key

    return tuple(
        Level(
            key, key[0] if names.count(key[0]) == 1 else f"{key[0]} for {key[1]:g} ms", currents[key],
            tuple(sweeps[key]),
        )
        for key in sorted(sweeps, key=order)
    )  # fmt: skip


def recorded_response(protocol: Protocol, spiketrains: Sequence[neo.SpikeTrain]) -> Response:
    """What the recorded cell does at each level; a mean over the sweeps that have it."""
    found = []
    for number, train in zip(protocol.condition_of, spiketrains, strict=True):
        times = np.sort((train.rescale("ms") - train.t_start.rescale("ms")).magnitude)
        found.append(_of_sweep(protocol, number, times))
    table = np.array(found)
    return Response(*_mean(table), _spreads(protocol, table[:, 0]), recorded_membrane(protocol, spiketrains))


def _spreads(protocol, counts):
    """Standard deviations over sweeps that were stimulated alike; zero where none was twice."""
    number = np.array(protocol.condition_of)
    squares, free = np.zeros(counts.shape[1]), np.zeros(counts.shape[1])
    for k in range(len(protocol.conditions)):
        alike = counts[number == k]
        squares += np.nan_to_num(((alike - alike.mean(axis=0)) ** 2).sum(axis=0))
        free += (len(alike) - 1) * np.isfinite(alike[0])
    return np.sqrt(squares / np.maximum(free, 1))


def simulated_response(protocol: Protocol, trains, membranes=None) -> Response:
    """What models do at each level.

    Parameters
    ----------
    protocol : Protocol
    trains : list of n_models lists of n_conditions arrays
        Spike times in ms from the start of the sweep.
    membranes : (n_models, 3) array, optional
        As in `Response`.
    """
    shape = (len(trains), len(protocol.levels))
    table = np.empty((len(trains), 3, len(protocol.levels)))
    for i, of_model in enumerate(trains):
        each = np.array([_of_sweep(protocol, k, times) for k, times in enumerate(of_model)])
        table[i] = _mean(each[list(protocol.condition_of)])
    if membranes is None:
        membranes = np.full((len(trains), 3), np.nan)
    return Response(*np.moveaxis(table, 1, 0), np.zeros(shape), membranes)


def _mean(table):
    """Over sweeps, of those that have a value."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of levels where none has
        return np.nanmean(table, axis=0)


def _of_sweep(protocol, number, times):
    """(3, n_levels): count (Hz at rest), latency and adaptation at each level in a sweep of a condition."""
    found = np.full((3, len(protocol.levels)), np.nan)
    lasted = np.zeros(len(protocol.levels))
    for start, stop, level in protocol.pieces[number]:
        first, last = np.searchsorted(times, (start, stop))
        found[0, level] = np.nan_to_num(found[0, level]) + last - first
        lasted[level] += stop - start
        if last > first and np.isnan(found[1, level]):
            found[1, level] = times[first] - start
        if last - first >= _FEWEST and np.isnan(found[2, level]):
            found[2, level] = (times[last - 1] - times[last - 2]) / (times[first + 1] - times[first])
    for level, each in enumerate(protocol.levels):
        if each.is_rest:
            found[0, level] *= 1000.0 / max(lasted[level], 1e-9)
            found[1:, level] = np.nan
    return found


def recorded_membrane(protocol: Protocol, spiketrains: Sequence[neo.SpikeTrain]) -> np.ndarray:
    """(3,) potential at rest, input resistance and sag, from potentials that reading has annotated."""
    rows = []
    for number, train in zip(protocol.condition_of, spiketrains, strict=True):
        known = [train.annotations.get(f"epoch_{kind}") for kind in ("potentials", "extremes")]
        epochs = protocol.conditions[number].epochs
        if any(values is None or np.size(values) != len(epochs) for values in known):
            continue
        rows.append(membrane_of(epochs, *(np.atleast_1d(each.rescale("mV").magnitude) for each in known)))
    return _mean(np.array(rows)) if rows else np.full(3, np.nan)


def membrane_of(epochs: Sequence[Epoch], potentials: np.ndarray, extremes: np.ndarray) -> np.ndarray:
    """(..., 3) potential at rest (mV), input resistance (megohm) and sag of one sweep.

    Parameters
    ----------
    epochs : sequence of n_epochs Epoch
        The first is rest.
    potentials, extremes : (..., n_epochs) arrays
        mV: that of the second half of each epoch, and its most negative.
    """
    found = np.full((*potentials.shape[:-1], 3), np.nan)
    found[..., 0] = potentials[..., 0]
    below = [k for k, epoch in enumerate(epochs) if k and epoch.level < epochs[0].level]
    if below:
        k = below[0]
        fall, deepest = (values[..., k] - potentials[..., 0] for values in (potentials, extremes))
        found[..., 1] = 1000.0 * fall / (epochs[k].level - epochs[0].level)
        found[..., 2] = np.where(deepest < -1.0, 1.0 - fall / np.minimum(deepest, -1.0), np.nan)
    return found
