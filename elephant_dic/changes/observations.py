"""What a recording, or a simulated cell, shows of how it fires: a class, and what is told of that class."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import neo
import numpy as np

from ..neurons import NeuronModel
from ..search import SETTINGS, Comparison, doubts_of_recording
from ..simulation import shows_bars, simulate
from ..trains import (
    CV2_TOLERANCE,
    FEATURES,
    FEWEST_SPIKES,
    MIN_SPIKES,
    CleanCell,
    Firing,
    clean,
    feature_table,
    firings_of,
    isis_of,
    network_scale,
    recording_firing,
    sweeps_of,
)
from .missing import completed
from .resampling import resampled

#: Features of each class by which changes are told, as logarithms. Beyond the figures of the rule, those
#: within bursts: four figures alone name the changed channel of a bursting STG cell in two of three cases
#: where all of these do in four of five.
TOLD: dict[str, tuple[str, ...]] = {
    "silent": (),
    "tonic": ("isi_midmean",),
    "bursting": (
        "spikes_per_burst", "burst_rate", "burst_duration", "intra_burst_rate", "burst_first_mean",
        "burst_second_mean", "burst_penultimate_mean", "burst_last_mean", "pause_mean",
    ),
    "irregular": ("isi_5", "isi_median", "isi_95"),
}  # fmt: skip
_NAMES = tuple(dict.fromkeys(name for names in TOLD.values() for name in names))
_COLUMNS = [[feature.name for feature in FEATURES].index(name) for name in _NAMES]
#: Relative error of any feature of a recording, and of the number of spikes in a burst, at least: what the
#: steps of a simulation and the sampling of a recording leave open.
_LEAST_ERROR, _LEAST_OF_SPIKES = 0.007, 0.02
#: Times that a recording is drawn again.
_DRAWN = 40
#: Spikes from which on the class of a recording is safe.
_SAFE = 20
#: So many of the longest intervals before, a silence or a few spikes have to last to tell something, and a
#: silence to be safe.
_TELLING, _SAFE_SILENCE = 5, 20
#: Shares of their time in which recordings may not fire as they do else, and times by which rates may differ.
_PAUSES, _ANOTHER_UNIT = 0.2, 100.0
#: Windows of the neuron for which cells are simulated, at least and at most.
_WINDOWS = 1.0, 3.0


@dataclass(frozen=True, eq=False)
class Observation:
    """What a recording shows.

    Attributes
    ----------
    activity : str
        Its class.
    values : (n_features,) array
        NaN for what its class does not have.
    errors : (n_features, n_features) array
        Covariance of their errors.
    described : str
        In words.
    """

    activity: str
    values: np.ndarray
    errors: np.ndarray
    described: str


@dataclass(frozen=True, eq=False)
class Observations:
    """What n simulated cells show.

    Attributes
    ----------
    activities : (n,) array of str
    values : (n, n_features) array
    """

    activities: np.ndarray
    values: np.ndarray

    def rows(self, chosen: np.ndarray) -> Observations:
        """Of some of the cells."""
        return Observations(self.activities[chosen], self.values[chosen])


@dataclass(frozen=True, eq=False)
class _Recording:
    """A recording that can be used, and how it fires."""

    cell: CleanCell
    firing: Firing

    @property
    def n_spikes(self) -> int:
        return sum(map(len, self.cell.times))

    @property
    def longest(self) -> float:
        """Its longest interval in ms."""
        return float(isis_of(self.cell.times).max())

    @property
    def paused(self) -> float:
        """Share of the time in which it does not fire as it does else."""
        return 1 - 1000 * self.n_spikes / (self.cell.duration * self.firing.rate)

    @property
    def stop(self) -> float:
        """The longest time (ms) for which a sweep is silent before its first or after its last spike.

        Zero if it is not much longer than the intervals between.
        """
        sweeps = sweeps_of(self.cell.cell)
        ends = [end.rescale("ms").item() for each in sweeps if len(each)
                for end in (each[0] - each.t_start, each.t_stop - each[-1])]  # fmt: skip
        longest = max([*ends, *(_duration(each) for each in sweeps if not len(each))])
        return longest if longest >= _TELLING * self.longest else 0.0

    @property
    def variability(self) -> float:
        """CV2, or the CV of its periods, whichever is larger."""
        return float(np.max(np.nan_to_num([self.firing.cv2, self.firing.period_cv])))


class FiringAssay:
    """Cells of a neuron, and recordings of one that fires by itself.

    Parameters
    ----------
    neuron : NeuronModel
    before, after : neo.SpikeTrain or neo.Group
        Recordings; the one after may be silent.
    tolerance : float
    noise_std : float
        Of the current noise with which the cell's models fire like the recording before, in uA/cm**2.
    seed : int
        Of the noise, and of what is drawn of the recordings.
    executor : concurrent.futures.Executor, optional
    progress : bool
        Whether to show a bar of each simulation that takes longer than a second.
    """

    def __init__(
        self, neuron: NeuronModel, before, after, tolerance, noise_std, seed, executor=None, progress=False
    ):
        self.neuron, self.noise_std, self.seed, self.executor = neuron, noise_std, seed, executor
        self._progress = progress and shows_bars()
        first = self._recorded(_checked("before", before))
        last = None if is_silent(after) else self._recorded(_checked("after", after))
        _check_silence(first, after)
        last, note = self._completed(first, last)
        _check_few(first, last)
        recordings = [first] if last is None else [first, last]
        _check_rates([each.firing for each in recordings])
        comparisons = [
            Comparison(neuron, each.firing, tolerance, noise_std, seed, executor) for each in recordings
        ]
        shortest, longest = (neuron.training.window * n for n in _WINDOWS)
        duration = max(each.duration for each in comparisons)
        self.duration = min(max(duration, shortest), longest)
        self._comparison = None if last is None else comparisons[-1]
        self.before = self._observed(first, 0)
        self.after = _silence() if last is None else self._observed(last, 1, note)
        #: Whether the recordings pause for the same share of their time, and neither begins or ends silent.
        self.is_alike = last is None or (
            abs(last.paused - first.paused) <= _PAUSES
            and abs(last.stop - first.stop) < _SAFE_SILENCE * max(first.longest, last.longest)
        )
        self.doubts = self._doubts_of_each(first, last, tolerance)
        self.doubts += _doubts_of_silence(first, after) if last is None else self._doubts(first, last)

    def told(self, activity: str) -> list[int]:
        """Columns of the features that are told of a class."""
        return [_NAMES.index(name) for name in TOLD[activity]]

    def control(self, recording, name: str) -> Observation:
        """One more recording of the cell as it was before."""
        return self._observed(self._recorded(_checked(name, recording)), 2)

    def unchanged(self, table: np.ndarray, seed: int) -> tuple[Observations, Observations]:
        """What cells (n, n_columns) do, and what they do after that."""
        before, after = self._simulated(table, seed, parts=2)
        return before, after

    def changed(self, table: np.ndarray, seed: int) -> Observations:
        """What cells do."""
        (found,) = self._simulated(table, seed, parts=1)
        return found

    def judge(self, table: np.ndarray) -> np.ndarray:
        """(n,) bool: which cells fire like the recording after, by the one rule."""
        if self._comparison is None:
            shown = self._simulated(table, self.seed, parts=2)
            return np.all([each.activities == "silent" for each in shown], axis=0)
        return self._comparison.judge(table, self._comparison.look(table)[1])[1]

    def _simulated(self, table, seed, parts) -> list[Observations]:
        """In parts of a run, one after the other."""
        transient = SETTINGS.search_transient * self.neuron.training.transient
        run = simulate(
            self.neuron, table, transient + parts * self.duration, noise_std=self.noise_std, seed=seed,
            executor=self.executor, progress=self._progress,
        )  # fmt: skip
        edges = transient + self.duration * np.arange(parts + 1)
        return [
            self._shown([times[(times >= start) & (times < stop)] - start for times in run.spike_times])
            for start, stop in itertools.pairwise(edges)
        ]

    def _doubts_of_each(self, first: _Recording, last: _Recording | None, tolerance) -> list[str]:
        """What makes each recording that has spikes doubtful."""
        found, window = [], self.neuron.training.window
        for name, each in (("before", first), ("after", last)):
            if each is None:
                continue
            found += [f"{name}: {doubt}" for doubt in doubts_of_recording(each.cell, window, tolerance)]
            if each.n_spikes < _SAFE:
                found.append(f"{name}: {each.n_spikes} spikes do not make sure of which class it is")
        return found

    def _doubts(self, first: _Recording, last: _Recording) -> list[str]:
        """What makes it doubtful that the recordings are what they are compared as."""
        found = []
        if not self.is_alike:
            before, after = (f"{100 * max(each.paused, 0):.0f} %" for each in (first, last))
            found.append(
                f"the cell pauses for {before} of the time before and {after} after: that is not compared"
            )
            found += [
                f"{name}: it is silent for {each.stop / 1000:.3g} s at its beginning or end: if that tells "
                f"something, give the silent stretch as the recording after"
                for name, each in (("before", first), ("after", last))
                if each.stop
            ]
        same_class = first.firing.activity == last.firing.activity
        if same_class and last.variability > first.variability + CV2_TOLERANCE:
            found.append("it varies more after than before: more noise is not told from a channel")
        return found

    def _completed(self, first: _Recording, last: _Recording | None) -> tuple[_Recording | None, str]:
        """The recording after, with the spikes that make it tonic if the one before is; and a remark."""
        if last is None or first.firing.activity != "tonic" or last.firing.activity == "tonic":
            return last, ""
        times, n_missing = completed(last.cell.times)
        if not n_missing:
            return last, ""
        note = f", once {n_missing} spikes that it seems to lack are filled in"
        return self._recorded(replace(last.cell, times=times)), note

    def _recorded(self, cell: CleanCell) -> _Recording:
        return _Recording(cell, recording_firing(cell.times, self.neuron.training.window, cell.duration))

    def _shown(self, trains: Sequence[np.ndarray]) -> Observations:
        """Of simulated spike times."""
        activities = np.array([firing.activity for firing in firings_of(trains, self.duration)])
        values = np.full((len(trains), len(_NAMES)), np.nan)
        enough = np.array([len(times) >= MIN_SPIKES for times in trains])
        if enough.any():
            table = feature_table(self.neuron, [[each] for each in trains if len(each) >= MIN_SPIKES])
            values[enough] = network_scale(table)[:, _COLUMNS]
        return Observations(activities, values)

    def _observed(self, recording: _Recording, number: int, note: str = "") -> Observation:
        """Class and features of a recording, and how well they are known."""
        times, rng = recording.cell.times, np.random.default_rng([self.seed, number])
        drawn = [[resampled(times, rng)] for _ in range(_DRAWN)]
        values = network_scale(feature_table(self.neuron, [times, *drawn]))[:, _COLUMNS]
        least = [_LEAST_OF_SPIKES if each == "spikes_per_burst" else _LEAST_ERROR for each in _NAMES]
        errors = np.cov(values[1:].T) + np.diag(np.square(least))
        firing = recording.firing
        return Observation(firing.activity, values[0], errors, firing.describe() + note)


def _silence() -> Observation:
    n = len(_NAMES)
    return Observation("silent", np.full(n, np.nan), np.zeros((n, n)), "silent")


def is_silent(recording: neo.SpikeTrain | neo.Group) -> bool:
    """Whether a recording has too few spikes to be anything but silent."""
    return sum(len(train) for train in sweeps_of(recording)) < FEWEST_SPIKES


def _checked(name, recording) -> CleanCell:
    """A recording that can be used, or an error that says which one cannot."""
    try:
        return clean(recording)
    except (TypeError, ValueError) as error:
        raise type(error)(f"the recording {name}: {error}") from error


def _check_rates(firing):
    """A ValueError for recordings that are not of one cell in one unit of time."""
    rates = [each.rate for each in firing]
    if max(rates) >= _ANOTHER_UNIT * min(rates):
        first, last = rates
        raise ValueError(
            f"the cell fires at {first:.3g} Hz before and {last:.3g} Hz after: are both in the same unit of "
            f"time? If they are, give a stretch without spikes as the recording after"
        )


def _check_silence(before: _Recording, after):
    """A ValueError for a silent recording that is too short to say anything."""
    if is_silent(after) and _duration(after) < _TELLING * before.longest:
        raise ValueError(
            f"the recording after has {FEWEST_SPIKES - 1} spikes or fewer in "
            f"{_duration(after) / 1000:.3g} s, which is no silence yet: before, intervals were up to "
            f"{before.longest / 1000:.3g} s long; give at least {_TELLING} times that"
        )


def _check_few(before: _Recording, after: _Recording | None):
    """A ValueError for a recording after of which nobody can tell how it fires."""
    if after is None or after.n_spikes >= _SAFE:
        return
    span = sum(float(np.ptp(times)) for times in after.cell.times if len(times))
    if span < _TELLING * before.longest or after.firing.activity == "irregular":
        raise ValueError(
            f"the recording after is too short to tell how the cell fires: it has {after.n_spikes} spikes "
            f"within {span / 1000:.3g} s (before, intervals are up to {before.longest / 1000:.3g} s long); "
            f"give a longer one, of {_SAFE} spikes at least, or a stretch in which the cell is silent"
        )


def _doubts_of_silence(before: _Recording, after) -> list[str]:
    if _duration(after) >= _SAFE_SILENCE * before.longest:
        return []
    return [
        f"after: it is silent for {_duration(after) / 1000:.3g} s, and before it pauses for up to "
        f"{before.longest / 1000:.3g} s: a longer recording would make sure that it is not a pause"
    ]


def _duration(recording) -> float:
    """Of all sweeps together, in ms."""
    return sum(float((train.t_stop - train.t_start).rescale("ms")) for train in sweeps_of(recording))
