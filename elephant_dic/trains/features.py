"""Spike train to feature vector: a table of statistics of intervals and bursts.

Long recordings are cut into windows; a feature of the recording is the median over its windows. Spike times
are dithered first, all by the same rule.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import neo
import numpy as np

from .bursts import joined
from .cleaning import clean
from .windows import MIN_INTERVALS, cut_windows

if TYPE_CHECKING:
    from ..neurons import NeuronModel

#: Standard deviation (ms) of the noise put on all spike times before features are taken. It hides what the
#: integration of a simulation and the sampling of a recording, up to 0.2 ms, do to the smallest variations of
#: the intervals: a network would read DICs from them. Bursts hide nothing: their durations are exact.
DITHER = 0.2
#: The number of intervals counts for so many windows of a neuron at most.
MOST_WINDOWS = 2.0


@dataclass(frozen=True)
class Feature:
    """One entry of the feature vector.

    Attributes
    ----------
    name, unit, meaning : str
        The unit is "" for pure numbers.
    floor : float or None
        The network sees log(max(value, floor)); None: asinh(value / resolution).
    resolution : float
    """

    name: str
    unit: str
    meaning: str
    floor: float | None = None
    resolution: float = 1.0


#: The columns of each table of features; `feature_kernel` fills them by their names. A train without bursts
#: has the values in brackets.
FEATURES = (
    Feature("rate", "Hz", "intervals per second", floor=1e-3),
    Feature("isi_min", "ms", "shortest interval", floor=0.1),
    Feature("isi_5", "ms", "5 % quantile of the intervals", floor=0.1),
    Feature("isi_25", "ms", "25 % quantile of the intervals", floor=0.1),
    Feature("isi_median", "ms", "median interval", floor=0.1),
    Feature("isi_75", "ms", "75 % quantile of the intervals", floor=0.1),
    Feature("isi_95", "ms", "95 % quantile of the intervals", floor=0.1),
    Feature("isi_max", "ms", "longest interval", floor=0.1),
    Feature("isi_sd", "ms", "standard deviation of the intervals", floor=1e-3),
    Feature("isi_mad", "", "median absolute deviation over median interval", floor=1e-5),
    Feature("log_isi_sd", "", "standard deviation of the log intervals", floor=1e-5),
    Feature("skewness", "", "skewness of the intervals"),
    Feature("cv", "", "coefficient of variation of the intervals", floor=1e-5),
    Feature("cv2", "", "local coefficient of variation (Holt et al. 1996)", floor=1e-5),
    Feature("lv", "", "local variation (Shinomoto et al. 2003)", floor=1e-8),
    Feature("lvr", "", "revised local variation (Shinomoto et al. 2009)", floor=1e-8),
    Feature("trend", "", "relative change of the intervals from one to the next", resolution=1e-5),
    Feature("correlation_1", "", "correlation of neighbouring intervals"),
    Feature("correlation_2", "", "correlation of intervals two apart"),
    Feature("spikes_per_burst", "", "mean number of spikes in a burst (1 without bursts)", floor=0.5),
    Feature(
        "spikes_per_burst_sd", "", "standard deviation of the number of spikes in a burst (0 without bursts)",
        floor=0.05,
    ),
    Feature(
        "burst_rate", "Hz", "1 / median interval between burst onsets (the rate without bursts)", floor=1e-3
    ),
    Feature(
        "burst_duration", "ms", "median duration of bursts of two spikes or more (0 without bursts)",
        floor=1.0,
    ),
    Feature(
        "intra_burst_rate", "Hz", "median of (spikes - 1) / duration in bursts (the rate without bursts)",
        floor=1e-3,
    ),
    Feature("pause", "ms", "median interval between bursts (the median interval without bursts)", floor=0.1),
    Feature(
        "pause_cv", "", "coefficient of variation of the intervals between bursts (0 without bursts)",
        floor=1e-4,
    ),
    Feature("burst_first", "ms", "median first interval of a burst", floor=0.1),
    Feature("burst_second", "ms", "median second interval of a burst", floor=0.1),
    Feature("burst_middle", "ms", "median middle interval of a burst", floor=0.1),
    Feature("burst_last", "ms", "median last interval of a burst", floor=0.1),
    Feature("single_share", "", "share of bursts of one spike (1 without bursts)"),
    Feature("isi_midmean", "ms", "mean of the central half of the intervals", floor=0.1),
    Feature("isi_mid_sd", "", "sd over mean of the central half of the intervals", floor=1e-5),
    Feature("n_intervals", "", "number of intervals, of two windows at most", floor=1.0),
    Feature("long_share", "", "share of intervals longer than 1.5 times the median", resolution=0.1),
    Feature("short_share", "", "share of intervals shorter than 0.6 times the median", resolution=0.1),
    Feature(
        "curvature", "", "of a parabola through the spike times: relative change of the intervals",
        resolution=1e-5,
    ),
    Feature(
        "residual", "", "distance of the spike times from that parabola over the mean interval", floor=1e-5
    ),
    Feature("drift", "", "log ratio of the median intervals of the two halves", resolution=1e-4),
    Feature("burst_first_mean", "ms", "midmean of the first interval of a burst", floor=0.1),
    Feature("burst_second_mean", "ms", "midmean of the second interval of a burst", floor=0.1),
    Feature("burst_third_mean", "ms", "midmean of the third interval of a burst", floor=0.1),
    Feature("burst_penultimate_mean", "ms", "midmean of the last interval but one of a burst", floor=0.1),
    Feature("burst_last_mean", "ms", "midmean of the last interval of a burst", floor=0.1),
    Feature("pause_mean", "ms", "midmean of the intervals between bursts", floor=0.1),
    Feature("spikes_per_burst_median", "", "median number of spikes in a burst", floor=0.5),
    Feature(
        "period_mad", "", "median absolute deviation over median of the intervals between burst onsets",
        floor=1e-5,
    ),
    Feature(
        "burst_first_mad", "", "median absolute deviation over median of the first interval of a burst",
        floor=1e-5,
    ),
    Feature("period_mean", "ms", "midmean of the intervals between burst onsets", floor=0.1),
    Feature("log_isi_sd_within", "", "standard deviation of the log intervals within bursts", floor=1e-5),
    Feature(
        "rhythm_curvature", "", "relative change of the period from one to the next, missing spikes counted "
        "and those out of phase left out", resolution=1e-5,
    ),
    Feature(
        "rhythm_residual", "", "distance of the spikes in phase from that rhythm over the period", floor=1e-5
    ),
    Feature("rhythm_share", "", "share of spikes in phase", resolution=0.1),
    Feature(
        "onset_curvature", "", "rhythm_curvature of the burst onsets (of the spikes without bursts)",
        resolution=1e-5,
    ),
    Feature(
        "onset_residual", "", "rhythm_residual of the burst onsets (of the spikes without bursts)", floor=1e-5
    ),
    Feature("onset_share", "", "share of burst onsets in phase (of spikes without bursts)", resolution=0.1),
)  # fmt: skip
_ROW = np.dtype([(feature.name, float) for feature in FEATURES])
_LOG = np.array([feature.floor is not None for feature in FEATURES])
_SIGNED = ~_LOG
_FLOORS = np.array([feature.floor for feature in FEATURES if feature.floor is not None])
_RESOLUTIONS = np.array([feature.resolution for feature in FEATURES if feature.floor is None])


def feature_vector(neuron: NeuronModel, sweeps) -> np.ndarray:
    """Features of a cell's checked spike times (ms): the median over windows of the neuron's length."""
    return feature_table(neuron, [sweeps])[0]


def feature_table(neuron: NeuronModel, cells) -> np.ndarray:
    """(n, n_features) features of several cells, each as in `feature_vector`."""
    from .feature_kernel import dithered  # numba takes a third of a second to import

    pieces = [cut_windows(sweeps, neuron.training.window) for sweeps in cells]
    windows = [window for windows in pieces for window in windows]
    times, sweep_edges = joined([sweep for window in windows for sweep in window])
    noisy = dithered(times, sweep_edges, DITHER)
    table = describe(noisy, sweep_edges, [len(window) for window in windows], times)
    _count_intervals(table, neuron)
    edges = _edges([len(windows) for windows in pieces])
    if len(table) == len(cells):
        return table
    return np.array([np.median(table[i:j], axis=0) for i, j in itertools.pairwise(edges)])


def describe(times, sweep_edges, n_sweeps, exact=None) -> np.ndarray:
    """(n_windows, n_features) features of windows.

    Parameters
    ----------
    times : array
        Spike times (ms) of all sweeps of all windows, one after the other.
    sweep_edges : (n_sweeps + 1,) int array
        Where each sweep starts and ends in `times`.
    n_sweeps : sequence of n_windows int
        Sweeps of each window.
    exact : array, optional
        The same without dither, for how long things within bursts take. Default: the times.
    """
    from .feature_kernel import describe_windows

    table = np.full((len(n_sweeps), len(FEATURES)), np.nan)
    exact = times if exact is None else exact
    describe_windows(times, exact, sweep_edges, _edges(n_sweeps), table.view(_ROW)[:, 0])
    return table


def _count_intervals(table, neuron):
    """Bound the number of intervals: a window that is long for its pauses is no better known for that."""
    n, rate = (table.view(_ROW)[:, 0][name] for name in ("n_intervals", "rate"))
    n[:] = np.minimum(n, np.maximum(MOST_WINDOWS * neuron.training.window * rate / 1000, MIN_INTERVALS))


def _edges(counts):
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def extract_features(spiketrain: neo.SpikeTrain | neo.Group, neuron: str | NeuronModel = "stg") -> np.ndarray:
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
    from ..neurons import get_neuron  # to look at a recording takes no neuron

    return feature_vector(get_neuron(neuron), clean(spiketrain).times)


def feature_names(neuron: str | NeuronModel = "stg") -> list[str]:
    """Names of the features, with their units.

    Returns
    -------
    list of str
        Such as "isi_median (ms)".
    """
    from ..neurons import get_neuron

    get_neuron(neuron)
    return [f"{f.name} ({f.unit})" if f.unit else f.name for f in FEATURES]


def network_scale(features) -> np.ndarray:
    """Features (…, n_features) as the network sees them: logarithms, or asinh where there is a sign."""
    scaled = np.array(features, dtype=float)
    scaled[..., _LOG] = np.log(np.maximum(scaled[..., _LOG], _FLOORS))
    scaled[..., _SIGNED] = np.arcsinh(scaled[..., _SIGNED] / _RESOLUTIONS)
    return scaled
