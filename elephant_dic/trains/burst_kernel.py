"""Intervals, bursts, CV2 and class of a train, each defined here once.

Compiled: thousands of simulated trains are judged by them for one population. Trains come as `times` (all
sweeps one after the other, in ms) and `edges` (n_sweeps + 1), where each sweep starts and ends in it. See
`bursts` and `firing` for the rule.
"""

from __future__ import annotations

import numpy as np

from .compiled import compiler
from .rule import BURSTING_CV, LOG_SEPARATION, TONIC_CV2
from .statistics_kernel import logarithms_of, mean_of, median_of, quantile, sd_of, sorted_of, sum_of

SILENT, TONIC, BURSTING, IRREGULAR = range(4)  # places in `firing.ACTIVITIES`
_OPTIONS = {"nogil": True, "error_model": "numpy"}
_njit = compiler(__file__, "compiled.py", "rule.py", "statistics_kernel.py")


@_njit(**_OPTIONS)
def split_intervals(isis):
    """Interval above which a burst ends; NaN if the intervals are of one kind."""
    ordered = sorted_of(logarithms_of(isis))
    n = len(ordered)
    if n < 2 or ordered[-1] - ordered[0] < LOG_SEPARATION:
        return np.nan
    total, short, best, split = sum_of(ordered), 0.0, -1.0, 0
    for i in range(n - 1):
        short += ordered[i]
        n_short, n_long = i + 1, n - i - 1
        between = n_short * n_long * ((total - short) / n_long - short / n_short) ** 2
        if between > best:
            best, split = between, i
    if median_of(ordered[split + 1 :]) - median_of(ordered[: split + 1]) < LOG_SEPARATION:
        return np.nan
    return np.exp((ordered[split] + ordered[split + 1]) / 2)


@_njit(**_OPTIONS)
def complete_bursts(times, edges, threshold):
    """First and last spike (indices) of each burst, and its sweep; no sweep's first or last burst."""
    bounds = np.empty((len(times), 3), dtype=np.int64)
    n = 0
    for sweep in range(len(edges) - 1):
        start = -1
        for i in range(edges[sweep], edges[sweep + 1] - 1):
            if times[i + 1] - times[i] > threshold:
                if start >= 0:
                    bounds[n, 0], bounds[n, 1], bounds[n, 2] = start, i, sweep
                    n += 1
                start = i + 1
    return bounds[:n]


@_njit(**_OPTIONS)
def periods_of(times, bounds):
    """Intervals between the onsets of neighbouring bursts of a sweep."""
    periods = np.empty(len(bounds))
    n = 0
    for i in range(1, len(bounds)):
        if bounds[i, 2] == bounds[i - 1, 2]:
            periods[n] = times[bounds[i, 0]] - times[bounds[i - 1, 0]]
            n += 1
    return periods[:n]


@_njit(**_OPTIONS)
def numbers_of(bounds):
    """Spikes of each burst."""
    found = np.empty(len(bounds))
    for i in range(len(bounds)):
        found[i] = bounds[i, 1] - bounds[i, 0] + 1
    return found


@_njit(**_OPTIONS)
def durations_of(times, bounds, unit):
    """Of the bursts of several spikes: how long each takes, and its intervals in a unit of time (ms)."""
    durations, rates = np.empty(len(bounds)), np.empty(len(bounds))
    n = 0
    for i in range(len(bounds)):
        first, last = bounds[i, 0], bounds[i, 1]
        if last > first:
            durations[n] = times[last] - times[first]
            rates[n] = unit * (last - first) / durations[n]
            n += 1
    return durations[:n], rates[:n]


@_njit(**_OPTIONS)
def intervals_of(times, edges):
    """Intervals within the sweeps, one sweep after the other, and where those of each start and end."""
    isis, isi_edges = np.empty(len(times)), np.empty(len(edges), dtype=np.int64)
    n = isi_edges[0] = 0
    for sweep in range(len(edges) - 1):
        for i in range(edges[sweep], edges[sweep + 1] - 1):
            isis[n] = times[i + 1] - times[i]
            n += 1
        isi_edges[sweep + 1] = n
    return isis[:n], isi_edges


@_njit(**_OPTIONS)
def cv2_of(isis, isi_edges):
    """CV2 (Holt et al. 1996) over neighbouring intervals of a sweep; 0 without any."""
    total, n = 0.0, 0
    for sweep in range(len(isi_edges) - 1):
        for i in range(isi_edges[sweep], isi_edges[sweep + 1] - 1):
            total += 2 * abs(isis[i + 1] - isis[i]) / (isis[i + 1] + isis[i])
            n += 1
    return total / n if n else 0.0


@_njit(**_OPTIONS)
def describe_firing(times, edges, figures):
    """The class, as a place in `firing.ACTIVITIES`; its figures go into the one row given, by their names.

    Figures that the class does not have are left as they are.
    """
    row = figures[0]
    isis, isi_edges = intervals_of(times, edges)
    if len(isis) < 2:
        return SILENT
    row["rate"] = 1000 * len(isis) / sum_of(isis)
    row["cv2"] = cv2_of(isis, isi_edges)
    ordered = sorted_of(isis)
    row["isi_10"], row["isi_50"] = quantile(ordered, 0.1), quantile(ordered, 0.5)
    row["isi_90"] = quantile(ordered, 0.9)
    threshold = split_intervals(isis)
    if np.isnan(threshold):
        return TONIC if row["cv2"] <= TONIC_CV2 else IRREGULAR
    bounds = complete_bursts(times, edges, threshold)
    periods = periods_of(times, bounds)
    durations, rates = durations_of(times, bounds, 1000.0)
    if len(periods) == 0 or len(durations) == 0 or sd_of(periods) > BURSTING_CV * mean_of(periods):
        return IRREGULAR
    row["period_cv"] = sd_of(periods) / mean_of(periods)
    row["spikes_per_burst"] = mean_of(numbers_of(bounds))
    row["burst_rate"] = 1000 / median_of(periods)
    row["burst_duration"] = median_of(durations)
    row["intra_burst_rate"] = median_of(rates)
    return BURSTING


@_njit(**_OPTIONS)
def describe_trains(times, edges, activities, figures):
    """`describe_firing` of many trains, one after the other in `times`: a place and a row for each."""
    one = np.zeros(2, dtype=np.int64)
    for i in range(len(activities)):
        one[1] = edges[i + 1] - edges[i]
        activities[i] = describe_firing(times[edges[i] : edges[i + 1]], one, figures[i : i + 1])
