"""Sweeps under current steps: what flowed, and how the cell fired at each level.

A level is a current that stays for a while; what a sweep has at one level is one count of spikes. The holding
current is rest, where a rate is compared; sweeps that are held at different currents have each their own.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, fields

import neo
import numpy as np

from .spiketrains import sweeps_of
from .stimulus import Epoch, Stimulus, stimulus_of

REST = "rest"
#: Spikes of a step whose intervals tell of adaptation.
_FEWEST = 4
#: pA between holding currents that are one and the same.
_SAME_HOLDING = 5.0
#: pA, and share of a current, between levels that are one, as where it was measured; ms between their edges.
_SAME_LEVEL, _SAME_SHARE, _SAME_TIME = 0.5, 0.005, 0.2


@dataclass(frozen=True, eq=False)
class Condition:
    """One way in which sweeps were stimulated: the current, ms from the start of the sweep, and how long."""

    stimulus: Stimulus
    duration: float

    @property
    def epochs(self) -> list[Epoch]:
        """In which the current stays, or moves."""
        return self.stimulus.epochs(0.0, self.duration)

    @property
    def rests_first(self) -> bool:
        """Whether it begins at the holding current, so that the potential at rest can be told."""
        epochs = self.epochs
        return bool(epochs) and epochs[0].level == self.stimulus.holding


@dataclass(frozen=True)
class Level:
    """A current, and in which sweeps it flows; of rest, and where it moves, `current` (pA) is NaN."""

    key: tuple[str, float]  # its current, and for how long in a sweep (ms); of rest the holding current (pA)
    name: str
    current: float
    sweeps: tuple[int, ...]

    @property
    def is_rest(self) -> bool:
        """Whether nothing but the holding current flows."""
        return self.key[0] == REST

    @property
    def injected(self) -> float:
        """The current (pA), at rest that at which the cell is held; NaN where it moves."""
        return self.key[1] if self.is_rest else self.current


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
    def times(self) -> np.ndarray:
        """(n_levels,) ms at each level, in all sweeps together."""
        total = np.zeros(len(self.levels))
        for number in self.condition_of:
            for start, stop, level in self.pieces[number]:
                total[level] += stop - start
        return total

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


def is_stepped(spiketrain) -> bool:
    """Whether a cell's sweeps have known currents that are not one and the same all the time."""
    stimuli = [stimulus_of(train) for train in sweeps_of(spiketrain)]
    known = [each for each in stimuli if each is not None]
    return bool(known) and any((each.currents != known[0].currents[0]).any() for each in known)


def any_stepped(cells) -> bool:
    """Whether one of several cells is under current steps."""
    return any(is_stepped(cell) for cell in cells if isinstance(cell, neo.SpikeTrain | neo.Group))


def protocol_of(spiketrains: Sequence[neo.SpikeTrain]) -> Protocol:
    """The currents of the sweeps of one cell.

    Raises
    ------
    ValueError
        If the current of a sweep is not known.
    """
    conditions: list[Condition] = []
    condition_of = []
    for stimulus, duration in zip(*_stimuli(spiketrains), strict=True):
        found = Condition(stimulus, duration)
        same = [k for k, each in enumerate(conditions) if _alike(each, found)]
        if not same:
            conditions.append(found)
        condition_of.append(same[0] if same else len(conditions) - 1)
    _check_axis(conditions)
    keyed = [
        _keyed(condition, holding)
        for condition, holding in zip(conditions, _holdings(conditions), strict=True)
    ]
    levels = _levels(keyed, condition_of)
    places = {level.key: k for k, level in enumerate(levels)}
    pieces = tuple([(epoch.start, epoch.stop, places[key]) for epoch, key in epochs] for epochs in keyed)
    return Protocol(tuple(conditions), tuple(condition_of), levels, pieces)


def _stimuli(spiketrains) -> tuple[list[Stimulus], list[float]]:
    """What flowed in each sweep, in ms from its start, and how long it lasts."""
    stimuli, durations = [], []
    for number, train in enumerate(spiketrains):
        stimulus = stimulus_of(train)
        if stimulus is None:
            raise ValueError(
                f"the current of sweep {train.annotations.get('sweep', number)} is not known: leave it out, "
                f"or annotate the train with stimulus_times and stimulus_currents"
            )
        start, stop = (float(time.rescale("ms")) for time in (train.t_start, train.t_stop))
        stimuli.append(stimulus.shifted(-start))
        durations.append(stop - start)
    return _with_common_levels(stimuli), durations


def _with_common_levels(stimuli):
    """The same currents, in which levels that hardly differ are one: their mean."""
    stays = [each.stays for each in stimuli]
    levels = np.unique(np.concatenate([each.currents[k] for each, k in zip(stimuli, stays, strict=True)]))
    means = _means_of_near(levels, np.maximum(_SAME_LEVEL, _SAME_SHARE * np.abs(levels)))
    if (means == levels).all():  # none is like another
        return stimuli
    return [
        Stimulus(
            each.times,
            np.where(
                k, means[np.searchsorted(levels, each.currents).clip(max=len(levels) - 1)], each.currents
            ),
        )
        for each, k in zip(stimuli, stays, strict=True)
    ]


def _means_of_near(values, widths):
    """(n,) of ascending values: of those that are nearer to the lowest of them than its width, the mean.

    Not of all in a chain of near ones, which may lead far.
    """
    found, start = np.array(values, dtype=float), 0
    while start < len(found):
        stop = max(int(np.searchsorted(values, values[start] + widths[start] - 1e-9)), start + 1)
        found[start:stop] = np.mean(values[start:stop])
        start = stop
    return found


def _check_axis(conditions):
    """ValueError if currents change, but before or after all of the sweeps: they are on another time axis."""
    lasting = [each for each in conditions if each.duration > 0]
    moving = [each for each in lasting if (each.stimulus.currents != each.stimulus.currents[0]).any()]
    apart = [each.stimulus.times[-1] < 0 or each.stimulus.times[0] > each.duration for each in moving]
    if moving and all(apart):
        raise ValueError(
            "the currents change in none of the sweeps: stimulus_times have to be on the time axis of the "
            "spikes, from t_start to t_stop of each train"
        )


def _alike(a, b):
    return abs(a.duration - b.duration) < 0.5 and a.stimulus.is_like(b.stimulus, _SAME_TIME)


def _holdings(conditions):
    """(n_conditions,) pA at which each is held; those that hardly differ are one, their mean."""
    held = np.array([condition.stimulus.holding for condition in conditions])
    order = np.argsort(held, kind="stable")
    found = np.empty(len(held))
    found[order] = _means_of_near(held[order], np.full(len(held), _SAME_HOLDING))
    return found


def _keyed(condition, holding):
    """The epochs of a condition, each with the key of its level: a name of the current, and for how long."""
    names = [_current_name(condition.stimulus, epoch) for epoch in condition.epochs]
    total = {name: 0.0 for name in names}
    for name, epoch in zip(names, condition.epochs, strict=True):
        total[name] += epoch.duration
    return [
        (epoch, (name, float(holding) if name == REST else round(total[name], 1)))
        for name, epoch in zip(names, condition.epochs, strict=True)
    ]


def _current_name(stimulus, epoch):
    if np.isnan(epoch.level):
        low, high = stimulus.extremes(epoch.start, epoch.stop)
        return f"{low:.4g} to {high:.4g} pA" if low < high else f"a pulse of {low:.4g} pA"
    return REST if epoch.level == stimulus.holding else f"{epoch.level:.4g} pA"


def _levels(keyed, condition_of):
    sweeps: dict[tuple, list[int]] = {}
    currents = {}
    for sweep, number in enumerate(condition_of):
        for epoch, key in keyed[number]:
            currents[key] = np.nan if key[0] == REST else epoch.level
            if sweep not in sweeps.setdefault(key, []):
                sweeps[key].append(sweep)
    names = [name for name, _ in sweeps]

    def order(key):
        current = currents[key]
        return key[0] != REST, bool(np.isnan(current)), 0.0 if np.isnan(current) else current, key

    def called(key):
        apart = f"at {key[1]:.4g} pA" if key[0] == REST else f"for {key[1]:g} ms"
        return key[0] if names.count(key[0]) == 1 else f"{key[0]} {apart}"

    return tuple(
        Level(key, called(key), currents[key], tuple(sweeps[key])) for key in sorted(sweeps, key=order)
    )


def recorded_response(protocol: Protocol, spiketrains: Sequence[neo.SpikeTrain]) -> Response:
    """What the recorded cell does at each level; a mean over the sweeps that have it."""
    found = []
    for number, train in zip(protocol.condition_of, spiketrains, strict=True):
        times = np.sort((train.rescale("ms") - train.t_start.rescale("ms")).magnitude)
        found.append(_of_sweep(protocol, number, times))
    table = np.array(found)
    counts, latencies, adaptations = _mean(table)
    spreads = _spreads(protocol, table[:, 0])
    return Response(counts, latencies, adaptations, spreads, recorded_membrane(protocol, spiketrains))


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
    counts, latencies, adaptations = np.moveaxis(table, 1, 0)
    return Response(counts, latencies, adaptations, np.zeros(shape), membranes)


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
        intervals = np.diff(times[first:last])
        if len(intervals) + 1 >= _FEWEST and intervals[0] > 0 and np.isnan(found[2, level]):
            found[2, level] = intervals[-1] / intervals[0]
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
        condition = protocol.conditions[number]
        epochs = condition.epochs
        unknown = any(values is None or np.size(values) != len(epochs) for values in known)
        if unknown or not condition.rests_first:
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
