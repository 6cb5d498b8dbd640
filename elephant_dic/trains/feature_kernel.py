"""Compiled statistics of windows of spikes: the functions behind the table of `features`.

Definitions are those of `elephant.statistics` where it has them; a call there costs more than all features
here. `times` holds all sweeps of a window one after the other (ms), `edges` (n_sweeps + 1) where each starts
and ends in it; `isis` and `isi_edges` are the same for intervals. Features go into a `row` by their names: a
name that is not in the table does not compile.
"""

from __future__ import annotations

import numpy as np

from .burst_kernel import (
    complete_bursts,
    cv2_of,
    durations_of,
    intervals_of,
    numbers_of,
    periods_of,
    split_intervals,
)
from .compiled import compiler
from .parabola_kernel import parabola_of, rhythm_of
from .spiketrains import NO_TIE
from .statistics_kernel import logarithms_of, mean_of, median_of, quantile, sd_of, sort, sorted_of, sum_of

_OPTIONS = {"nogil": True, "error_model": "numpy"}
_njit = compiler(
    __file__, "compiled.py", "burst_kernel.py", "parabola_kernel.py", "rule.py", "spiketrains.py",
    "statistics_kernel.py",
)  # fmt: skip
#: Refractory time (ms) of the revised local variation (Shinomoto et al. 2009).
_REFRACTORY = 5.0
#: An interval is long or short, for a train of one kind of interval, beyond these multiples of the median.
_LONG, _SHORT = 1.5, 0.6
#: Rows of `_positions`.
_FIRST, _SECOND, _THIRD, _MIDDLE, _PENULTIMATE, _LAST = range(6)


@_njit(**_OPTIONS)
def dithered(times, edges, size):
    """Sweeps of spike times with Gaussian noise of a standard deviation (ms), sorted.

    The noise follows from the intervals, in microseconds: a train gets the same alone and among others, and
    trains that differ get noise that has nothing to do with each other. With the same noise for all, it could
    be told from what it is to hide.
    """
    noisy = np.empty(len(times))
    for sweep in range(len(edges) - 1):
        start, stop = edges[sweep], edges[sweep + 1]
        state = np.uint64(stop - start)
        for i in range(start, stop - 1):
            state = _mixed(state ^ np.uint64(np.rint((times[i + 1] - times[i]) * 1000 + NO_TIE)))
        for i in range(start, stop):
            state = _mixed(state)
            first = _uniform(state)
            state = _mixed(state)
            normal = np.sqrt(-2 * np.log(first)) * np.cos(2 * np.pi * _uniform(state))
            noisy[i] = times[i] + size * normal
        sort(noisy[start:stop])
    return noisy


@_njit(**_OPTIONS)
def _mixed(state):
    """The next state of a generator of random bits (SplitMix64; Steele, Lea, Flood 2014)."""
    state = state + np.uint64(0x9E3779B97F4A7C15)
    bits = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


@_njit(**_OPTIONS)
def _uniform(bits):
    """In (0, 1), of 53 bits."""
    return (np.float64(bits >> np.uint64(11)) + 0.5) / 9007199254740992.0


@_njit(**_OPTIONS)
def describe_windows(times, exact, sweep_edges, window_edges, table):
    """Features of each window.

    Parameters
    ----------
    times : array
        Spike times (ms) of all sweeps of all windows, one after the other, dithered.
    exact : array
        The same as they were: where bursts lie is seen in the dithered times, how long things in them take,
        in these. What varies from burst to burst is, as all else, that of the dithered ones.
    sweep_edges : (n_sweeps + 1,) int array
        Where each sweep starts and ends in `times`.
    window_edges : (n_windows + 1,) int array
        Which sweeps belong to each window.
    table : (n_windows,) array of rows
        To be filled; its columns are named as in `FEATURES`.
    """
    for i in range(len(table)):
        first, last = window_edges[i], window_edges[i + 1]
        edges = sweep_edges[first : last + 1] - sweep_edges[first]
        start, stop = sweep_edges[first], sweep_edges[last]
        _describe(times[start:stop], exact[start:stop], edges, table[i])


@_njit(**_OPTIONS, inline="always")  # else all of it is compiled twice
def _describe(times, exact, edges, row):
    isis, isi_edges = intervals_of(times, edges)
    ordered = sorted_of(isis)
    _distribution(isis, ordered, row)
    row["cv2"] = cv2_of(isis, isi_edges)
    row["lv"], row["lvr"] = _local_variation(isis, isi_edges)
    row["trend"] = _trend(isis, isi_edges)
    row["correlation_1"] = _correlation(isis, isi_edges, np.int64(1))
    row["correlation_2"] = _correlation(isis, isi_edges, np.int64(2))
    _robust(isis, ordered, row)
    row["drift"] = _drift(isis, isi_edges)
    row["curvature"], row["residual"] = parabola_of(times, edges, row["isi_midmean"])
    rhythm = rhythm_of(times, edges, row["isi_median"])
    row["rhythm_curvature"], row["rhythm_residual"], row["rhythm_share"] = rhythm
    threshold = split_intervals(isis)
    bounds = complete_bursts(times, edges, threshold)  # none above NaN
    if len(durations_of(times, bounds, 1.0)[0]):
        _bursting(times, isis, threshold, bounds, row)
        _, pauses = _parted(intervals_of(exact, edges)[0], isis, threshold)
        _within_bursts(exact, pauses, bounds, row)
        rhythm = rhythm_of(_onsets(times, bounds), _sweep_edges(bounds), row["period_mean"])
    else:
        _without_bursts(row)
    row["onset_curvature"], row["onset_residual"], row["onset_share"] = rhythm


@_njit(**_OPTIONS)
def _onsets(times, bounds):
    found = np.empty(len(bounds))
    for i in range(len(bounds)):
        found[i] = times[bounds[i, 0]]
    return found


@_njit(**_OPTIONS)
def _midmean(values):
    """Mean of the central half of values: robust, and finer than the median of rounded times."""
    cut = len(values) // 4
    return mean_of(sorted_of(values)[cut : len(values) - cut])


@_njit(**_OPTIONS)
def _spread(values):
    """Median absolute deviation over the median."""
    median, off = median_of(values), np.empty(len(values))
    for i in range(len(values)):
        off[i] = abs(values[i] - median)
    return median_of(off) / median


@_njit(**_OPTIONS)
def _distribution(isis, ordered, row):
    row["rate"] = 1000 * len(isis) / sum_of(isis)
    row["isi_min"] = quantile(ordered, 0.0)
    row["isi_5"] = quantile(ordered, 0.05)
    row["isi_25"] = quantile(ordered, 0.25)
    row["isi_median"] = quantile(ordered, 0.5)
    row["isi_75"] = quantile(ordered, 0.75)
    row["isi_95"] = quantile(ordered, 0.95)
    row["isi_max"] = quantile(ordered, 1.0)
    mean, sd = mean_of(isis), sd_of(isis)
    if ordered[0] == ordered[-1]:
        sd = 0.0  # not what the mean rounds to
    row["isi_sd"] = sd
    row["isi_mad"] = _spread(isis)
    row["log_isi_sd"] = sd_of(logarithms_of(isis))
    cubes = 0.0
    for isi in isis:
        cubes += (isi - mean) ** 3
    row["skewness"] = cubes / len(isis) / sd**3 if sd > 0 else 0.0
    row["cv"] = sd / mean


@_njit(**_OPTIONS)
def _local_variation(isis, isi_edges):
    """lv (Shinomoto et al. 2003) and lvr (2009), pooled over sweeps."""
    lv, lvr, n = 0.0, 0.0, 0
    for sweep in range(len(isi_edges) - 1):
        for i in range(isi_edges[sweep], isi_edges[sweep + 1] - 1):
            total = isis[i] + isis[i + 1]
            step = (isis[i] - isis[i + 1]) / total
            lv += 3 * step**2
            lvr += 3 * step**2 * (1 + 4 * _REFRACTORY / total)
            n += 1
    return (lv / n, lvr / n) if n else (0.0, 0.0)


@_njit(**_OPTIONS)
def _trend(isis, isi_edges):
    """Relative change of the intervals from one to the next, by least squares in each sweep."""
    slopes, weights = 0.0, 0.0
    for sweep in range(len(isi_edges) - 1):
        some = isis[isi_edges[sweep] : isi_edges[sweep + 1]]
        slope, weight = 0.0, 0.0
        for i in range(len(some)):
            index = i - (len(some) - 1) / 2
            slope += index * some[i]
            weight += index**2
        if len(some) > 1:
            slopes += slope / mean_of(some)
            weights += weight
    return slopes / weights if weights else 0.0


@_njit(**_OPTIONS)
def _correlation(isis, isi_edges, lag):
    first, second, n = 0.0, 0.0, 0
    for sweep in range(len(isi_edges) - 1):
        for i in range(isi_edges[sweep], isi_edges[sweep + 1] - lag):
            first, second, n = first + isis[i], second + isis[i + lag], n + 1
    if n < 3:
        return 0.0
    first, second, both, squares_1, squares_2 = first / n, second / n, 0.0, 0.0, 0.0
    for sweep in range(len(isi_edges) - 1):
        for i in range(isi_edges[sweep], isi_edges[sweep + 1] - lag):
            both += (isis[i] - first) * (isis[i + lag] - second)
            squares_1 += (isis[i] - first) ** 2
            squares_2 += (isis[i + lag] - second) ** 2
    norm = np.sqrt(squares_1 * squares_2)
    return both / norm if norm > 0 else 0.0


@_njit(**_OPTIONS)
def _robust(isis, ordered, row):
    """Statistics that a few missing or spurious spikes do not move, or that count them."""
    n, median = len(isis), row["isi_median"]
    cut = n // 4
    row["isi_midmean"] = mean_of(ordered[cut : n - cut])
    row["isi_mid_sd"] = sd_of(ordered[cut : n - cut]) / row["isi_midmean"]
    row["n_intervals"] = n
    n_long, n_short = 0, 0
    for isi in isis:
        n_long += isi > _LONG * median
        n_short += isi < _SHORT * median
    row["long_share"], row["short_share"] = n_long / n, n_short / n


@_njit(**_OPTIONS)
def _drift(isis, isi_edges):
    """Log ratio of the median intervals of the halves of each sweep, weighted by their number."""
    drift, weight = 0.0, 0
    for sweep in range(len(isi_edges) - 1):
        some = isis[isi_edges[sweep] : isi_edges[sweep + 1]]
        half = len(some) // 2
        if half:
            drift += half * np.log(median_of(some[len(some) - half :]) / median_of(some[:half]))
            weight += half
    return drift / weight if weight else 0.0


@_njit(**_OPTIONS)
def _without_bursts(row):
    """Each spike is a burst of its own, or each interval one within a burst and between bursts."""
    rate, median, mean = row["rate"], row["isi_median"], row["isi_midmean"]
    row["spikes_per_burst"] = row["spikes_per_burst_median"] = row["single_share"] = 1.0
    row["spikes_per_burst_sd"] = row["burst_duration"] = row["pause_cv"] = 0.0
    row["burst_rate"] = row["intra_burst_rate"] = rate
    row["pause"] = row["burst_first"] = row["burst_second"] = row["burst_middle"] = row["burst_last"] = median
    row["burst_first_mean"] = row["burst_second_mean"] = row["burst_third_mean"] = mean
    row["burst_penultimate_mean"] = row["burst_last_mean"] = mean
    row["pause_mean"] = row["period_mean"] = mean
    row["period_mad"] = row["burst_first_mad"] = 0.0
    row["log_isi_sd_within"] = row["isi_mid_sd"]


@_njit(**_OPTIONS)
def _bursting(times, isis, threshold, bounds, row):
    """Numbers of spikes, and what varies from burst to burst."""
    n_spikes, n_single = numbers_of(bounds), 0
    for number in n_spikes:
        n_single += number < 2
    row["spikes_per_burst"], row["spikes_per_burst_sd"] = mean_of(n_spikes), sd_of(n_spikes)
    row["spikes_per_burst_median"] = median_of(n_spikes)
    row["single_share"] = 1 - (len(n_spikes) - n_single) / len(n_spikes)
    within, pauses = _parted(isis, isis, threshold)
    row["pause_cv"] = sd_of(pauses) / mean_of(pauses)
    row["log_isi_sd_within"] = sd_of(logarithms_of(within))
    periods = periods_of(times, bounds)
    row["period_mad"] = _spread(periods) if len(periods) else 0.0
    row["burst_first_mad"] = _spread(_positions(times, bounds)[_FIRST])


@_njit(**_OPTIONS)
def _parted(isis, by, threshold):
    """Those of some intervals whose place in others holds one up to the threshold, and those above."""
    within, above = np.empty(len(isis)), np.empty(len(isis))
    n = 0
    for i in range(len(isis)):
        if by[i] > threshold:
            above[i - n] = isis[i]
        else:
            within[n] = isis[i]
            n += 1
    return within[:n], above[: len(isis) - n]


@_njit(**_OPTIONS)
def _within_bursts(times, pauses, bounds, row):
    """How long bursts, pauses and the intervals within bursts are."""
    durations, rates = durations_of(times, bounds, 1.0)
    row["burst_duration"], row["intra_burst_rate"] = median_of(durations), 1000 * median_of(rates)
    row["pause"], row["pause_mean"] = median_of(pauses), _midmean(pauses)
    periods = periods_of(times, bounds)
    if len(periods):
        typical, row["period_mean"] = median_of(periods), _midmean(periods)
    else:
        every = np.empty(len(bounds))  # also of single spikes
        for i in range(len(bounds)):
            every[i] = times[bounds[i, 1]] - times[bounds[i, 0]]
        typical = median_of(every) + median_of(pauses)
        row["period_mean"] = typical
    row["burst_rate"] = 1000 / typical
    positions = _positions(times, bounds)
    medians, means = np.empty(len(positions)), np.empty(len(positions))
    for k in range(len(positions)):
        medians[k], means[k] = median_of(positions[k]), _midmean(positions[k])
    row["burst_first"], row["burst_second"] = medians[_FIRST], medians[_SECOND]
    row["burst_middle"], row["burst_last"] = medians[_MIDDLE], medians[_LAST]
    row["burst_first_mean"], row["burst_second_mean"] = means[_FIRST], means[_SECOND]
    row["burst_third_mean"], row["burst_penultimate_mean"] = means[_THIRD], means[_PENULTIMATE]
    row["burst_last_mean"] = means[_LAST]


@_njit(**_OPTIONS)
def _sweep_edges(bounds):
    """Where the bursts of each sweep start and end."""
    edges = np.zeros(len(bounds) + 1, dtype=np.int64)
    n = 0
    for i in range(len(bounds)):
        if i and bounds[i, 2] != bounds[i - 1, 2]:
            n += 1
            edges[n] = i
    edges[n + 1] = len(bounds)
    return edges[: n + 2]


@_njit(**_OPTIONS)
def _positions(times, bounds):
    """(6, n) first, second, third, middle, last but one and last interval of each burst of several spikes."""
    n_longer = 0
    for i in range(len(bounds)):
        n_longer += bounds[i, 1] > bounds[i, 0]
    found, n_found = np.empty((6, n_longer)), 0
    for i in range(len(bounds)):
        start, n = bounds[i, 0], bounds[i, 1] - bounds[i, 0]
        if n > 0:
            picked = (0, min(1, n - 1), min(2, n - 1), n // 2, max(n - 2, 0), n - 1)
            for k in range(6):
                found[k, n_found] = times[start + picked[k] + 1] - times[start + picked[k]]
            n_found += 1
    return found
