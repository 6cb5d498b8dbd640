"""Spike train to feature vector: a table of statistics of intervals and bursts.

Long recordings are cut into windows; a feature of the recording is the median over its windows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import quantities as pq

from .bursts import Bursts, find_bursts, interval_threshold
from .neurons import get_neuron
from .neurons.model import NeuronModel
from .spiketrains import times_of

#: A window is longer than the neuron's if it would hold fewer intervals.
MIN_INTERVALS = 10


_QUANTILES = (0, 0.05, 0.25, 0.5, 0.75, 0.95, 1)


def _average(values, weights):
    """Weighted mean; 0 without weights."""
    total = sum(weights)
    return float(sum(v * w for v, w in zip(values, weights, strict=True)) / total) if total else 0.0


class Window:
    """Statistics that several features share, of one piece of a recording.

    Parameters
    ----------
    sweeps : list of arrays
        Spike times in ms; more than one array where a window had to span several short sweeps. Intervals
        are never taken from one sweep to the next.
    """

    def __init__(self, sweeps):
        from elephant.statistics import isi

        self.sweeps = sweeps
        self.intervals = [isi(times) for times in sweeps if len(times) > 1]
        self.isis = np.concatenate(self.intervals)
        self.log_isis = np.log(self.isis)
        ordered = np.sort(self.isis)
        self.quantiles = np.interp(_QUANTILES, np.linspace(0, 1, len(ordered)), ordered)

    @cached_property
    def rate(self):
        """Spikes a second from the first to the last spike of each sweep, the first not counted."""
        from elephant.statistics import mean_firing_rate

        long = [times for times in self.sweeps if len(times) > 1]
        spans = [times[-1] - times[0] for times in long]
        # Plain arrays: units would cost elephant ten times as long.
        rates = [mean_firing_rate(times[1:], t_start=times[0], t_stop=times[-1]) for times in long]
        return 1000 * _average(rates, spans)

    def over_pairs(self, statistic):
        """A mean over pairs of neighbouring intervals, pooled over sweeps."""
        long = [isis for isis in self.intervals if len(isis) > 1]
        return _average([statistic(isis) for isis in long], [len(isis) - 1 for isis in long])

    @cached_property
    def threshold(self):
        """Interval that ends a burst, None for a train without bursts."""
        return interval_threshold(self.isis)

    @cached_property
    def bursts(self) -> Bursts | None:
        """Complete bursts, None where there are none."""
        if self.threshold is None:
            return None
        bursts = find_bursts(self.sweeps, self.threshold)
        return bursts if (bursts.n_spikes > 1).any() else None

    @cached_property
    def positions(self):
        """Median first, second, middle and last interval of the bursts of at least two spikes."""
        if self.bursts is None:
            return np.full(4, self.quantiles[3])
        longer = [isis for isis in self.bursts.intervals if len(isis)]
        picked = [(isis[0], isis[min(1, len(isis) - 1)], isis[len(isis) // 2], isis[-1]) for isis in longer]
        return np.median(picked, axis=0)


def _cv2(window):
    from elephant.statistics import cv2

    return window.over_pairs(cv2)


def _lv(window):
    from elephant.statistics import lv

    return window.over_pairs(lv)


def _lvr(window):
    from elephant.statistics import lvr

    return window.over_pairs(lambda isis: lvr(isis * pq.ms))


def _trend(window):
    """Relative change of the intervals from one to the next, by least squares."""
    slopes, weights = [], []
    for isis in window.intervals:
        index = np.arange(len(isis)) - (len(isis) - 1) / 2
        weight = (index**2).sum()
        slopes.append((index * isis).sum() / weight / isis.mean() if weight else 0.0)
        weights.append(weight)
    return _average(slopes, weights)


def _serial_correlation(lag):
    def correlation(window):
        pairs = [(isis[:-lag], isis[lag:]) for isis in window.intervals if len(isis) > lag]
        first, second = (
            np.concatenate([p[0] for p in pairs] or [[]]),
            np.concatenate([p[1] for p in pairs] or [[]]),
        )
        if len(first) < 3:
            return 0.0
        first, second = first - first.mean(), second - second.mean()
        norm = np.sqrt((first**2).sum() * (second**2).sum())
        return float((first * second).sum() / norm) if norm > 0 else 0.0

    return correlation


def _skewness(window):
    deviation = window.isis - window.isis.mean()
    spread = deviation.std()
    return float((deviation**3).mean() / spread**3) if spread > 0 else 0.0


def _log_sd(window):
    return float(window.log_isis.std())


def _median_deviation(window):
    return float(np.median(np.abs(window.isis - window.quantiles[3])) / window.quantiles[3])


def _bursting(of_bursts, otherwise):
    """A feature of bursts, with its limit for a train that has none."""

    def function(window):
        return float(otherwise(window) if window.bursts is None else of_bursts(window.bursts))

    return function


def _zero(window):
    return 0.0


def _median_isi(window):
    return window.quantiles[3]


def _burst_rate(bursts):
    if len(bursts.periods):
        return 1000 / np.median(bursts.periods)
    return 1000 / (np.median(bursts.durations) + np.median(bursts.pauses))


def _burst_cv(bursts):
    return bursts.pauses.std() / bursts.pauses.mean()


def _intra_burst_rate(bursts):
    longer = bursts.n_spikes > 1
    return 1000 * np.median((bursts.n_spikes[longer] - 1) / bursts.durations[longer])


def _duration(bursts):
    return np.median(bursts.durations[bursts.n_spikes > 1])


@dataclass(frozen=True)
class Feature:
    """One entry of the feature vector.

    Attributes
    ----------
    name, unit, meaning : str
        The unit is "" for pure numbers.
    function : function of a Window
    floor : float or None
        The network sees log(max(value, floor)); None: asinh(value / resolution).
    resolution : float
    """

    name: str
    unit: str
    meaning: str
    function: Callable[[Window], float]
    floor: float | None = None
    resolution: float = 1.0


def _quantile(index):
    return lambda window: float(window.quantiles[index])


def _position(index):
    return lambda window: float(window.positions[index])


FEATURES = (
    Feature("rate", "Hz", "intervals per second", lambda w: w.rate, floor=1e-3),
    Feature("isi_min", "ms", "shortest interval", _quantile(0), floor=0.1),
    Feature("isi_5", "ms", "5 % quantile of the intervals", _quantile(1), floor=0.1),
    Feature("isi_25", "ms", "25 % quantile of the intervals", _quantile(2), floor=0.1),
    Feature("isi_median", "ms", "median interval", _quantile(3), floor=0.1),
    Feature("isi_75", "ms", "75 % quantile of the intervals", _quantile(4), floor=0.1),
    Feature("isi_95", "ms", "95 % quantile of the intervals", _quantile(5), floor=0.1),
    Feature("isi_max", "ms", "longest interval", _quantile(6), floor=0.1),
    Feature("isi_sd", "ms", "standard deviation of the intervals", lambda w: float(w.isis.std()), floor=1e-3),
    Feature("isi_mad", "", "median absolute deviation over median interval", _median_deviation, floor=1e-5),
    Feature("log_isi_sd", "", "standard deviation of the log intervals", _log_sd, floor=1e-5),
    Feature("skewness", "", "skewness of the intervals", _skewness),
    Feature("cv", "", "coefficient of variation of the intervals", lambda w: w.cv, floor=1e-5),
    Feature("cv2", "", "local coefficient of variation (Holt et al. 1996)", _cv2, floor=1e-5),
    Feature("lv", "", "local variation (Shinomoto et al. 2003)", _lv, floor=1e-8),
    Feature("lvr", "", "revised local variation (Shinomoto et al. 2009)", _lvr, floor=1e-8),
    Feature("trend", "", "relative change of the intervals from one to the next", _trend, resolution=1e-5),
    Feature("correlation_1", "", "correlation of neighbouring intervals", _serial_correlation(1)),
    Feature("correlation_2", "", "correlation of intervals two apart", _serial_correlation(2)),
    Feature(
        "spikes_per_burst", "", "mean number of spikes in a burst (1 without bursts)",
        _bursting(lambda b: b.n_spikes.mean(), lambda w: 1.0), floor=0.5,
    ),
    Feature(
        "spikes_per_burst_sd", "", "standard deviation of the number of spikes in a burst (0 without bursts)",
        _bursting(lambda b: b.n_spikes.std(), _zero), floor=0.05,
    ),
    Feature(
        "burst_rate", "Hz", "1 / median interval between burst onsets (the rate without bursts)",
        _bursting(_burst_rate, lambda w: w.rate), floor=1e-3,
    ),
    Feature(
        "burst_duration", "ms", "median duration of bursts of two spikes or more (0 without bursts)",
        _bursting(_duration, _zero), floor=1.0,
    ),
    Feature(
        "intra_burst_rate", "Hz", "median of (spikes - 1) / duration in bursts (the rate without bursts)",
        _bursting(_intra_burst_rate, lambda w: w.rate), floor=1e-3,
    ),
    Feature(
        "pause", "ms", "median interval between bursts (the median interval without bursts)",
        _bursting(lambda b: np.median(b.pauses), _median_isi), floor=0.1,
    ),
    Feature(
        "pause_cv", "", "coefficient of variation of the intervals between bursts (0 without bursts)",
        _bursting(_burst_cv, _zero), floor=1e-4,
    ),
    Feature("burst_first", "ms", "median first interval of a burst", _position(0), floor=0.1),
    Feature("burst_second", "ms", "median second interval of a burst", _position(1), floor=0.1),
    Feature("burst_middle", "ms", "median middle interval of a burst", _position(2), floor=0.1),
    Feature("burst_last", "ms", "median last interval of a burst", _position(3), floor=0.1),
    Feature(
        "single_share", "", "share of bursts of one spike (1 without bursts)",
        _bursting(lambda b: (b.n_spikes == 1).mean(), lambda w: 1.0),
    ),
)  # fmt: skip


def cut_windows(sweeps, length) -> list[list[np.ndarray]]:
    """Cut a recording into windows.

    Parameters
    ----------
    sweeps : list of arrays
        Spike times in ms.
    length : float
        ms. A window is extended until it has `MIN_INTERVALS` intervals.

    Returns
    -------
    list of lists of arrays
        Windows; each is a list of one array, or of several where sweeps are too short to be windows by
        themselves. Every spike is in a window.
    """
    windows, short = [], []
    for times in sweeps:
        if len(times) <= MIN_INTERVALS:
            short.append(times)
            continue
        start = 0
        while start < len(times):
            stop = max(np.searchsorted(times, times[start] + length), start + MIN_INTERVALS + 1)
            if len(times) - stop <= MIN_INTERVALS:
                stop = len(times)
            windows.append([times[start:stop]])
            start = stop
    return _with_short_sweeps(windows, short)


def _with_short_sweeps(windows, short):
    """Windows and, of several short sweeps each, further ones; what is left over joins the last."""
    current = []
    for times in short:
        current.append(times)
        if sum(max(len(times) - 1, 0) for times in current) >= MIN_INTERVALS:
            windows.append(current)
            current = []
    if current and windows:
        windows[-1].extend(current)
    elif current:
        windows.append(current)
    return windows


def feature_vector(neuron: NeuronModel, sweeps) -> np.ndarray:
    """Features of a cell's checked spike times (ms): the median over windows of the neuron's length."""
    return feature_table(neuron, [sweeps])[0]


def feature_table(neuron: NeuronModel, cells) -> np.ndarray:
    """(n, n_features) features of several cells, each as in `feature_vector`."""
    pieces = [cut_windows(sweeps, neuron.training.window) for sweeps in cells]
    windows = [Window(window) for windows in pieces for window in windows]
    _set_cv(windows)
    table = np.array([[feature.function(window) for feature in FEATURES] for window in windows])
    parts = np.split(table, np.cumsum([len(windows) for windows in pieces])[:-1])
    return np.array([np.median(part, axis=0) for part in parts])


def _set_cv(windows):
    """One call of elephant's cv for all windows: a call costs as much as all other features together."""
    from elephant.statistics import cv

    padded = np.full((len(windows), max(len(window.isis) for window in windows)), np.nan)
    for row, window in zip(padded, windows, strict=True):
        row[: len(window.isis)] = window.isis
    for window, value in zip(windows, cv(padded, axis=1, nan_policy="omit"), strict=True):
        window.cv = float(value)


def extract_features(spiketrain, neuron="stg") -> np.ndarray:
    """The features from which the network infers DICs.

    Parameters
    ----------
    spiketrain : neo.SpikeTrain or neo.Group
        A train of at least 5 spikes, or the sweeps of one cell.
    neuron : str or NeuronModel
        Sets the length of the windows into which long recordings are cut. Default: "stg".

    Returns
    -------
    (n_features,) array
        In the order and the units of `feature_names`.

    Raises
    ------
    TypeError, ValueError
        As `infer_dics` does for a train that cannot be used.
    """
    return feature_vector(get_neuron(neuron), times_of(spiketrain))


def feature_names(neuron="stg") -> list[str]:
    """Names of the features, with their units.

    Returns
    -------
    list of str
        Such as "isi_median (ms)".
    """
    get_neuron(neuron)
    return [f"{f.name} ({f.unit})" if f.unit else f.name for f in FEATURES]


def network_scale(features) -> np.ndarray:
    """Features (…, n_features) as the network sees them: logarithms, or asinh where there is a sign."""
    features = np.asarray(features, dtype=float)
    scaled = np.empty_like(features)
    for i, feature in enumerate(FEATURES):
        column = features[..., i]
        if feature.floor is None:
            scaled[..., i] = np.arcsinh(column / feature.resolution)
        else:
            scaled[..., i] = np.log(np.maximum(column, feature.floor))
    return scaled
