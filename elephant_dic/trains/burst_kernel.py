"""Compiled parts of the burst rule: thousands of simulated trains are judged by it for one population.

Trains come as `times` (all sweeps one after the other, in ms) and `edges` (n_sweeps + 1), where each sweep
starts and ends in it. See `bursts` and `firing` for the rule.
"""

from __future__ import annotations

import numba
import numpy as np

from .rule import BURSTING_CV, LOG_SEPARATION, TONIC_CV2

SILENT, TONIC, BURSTING, IRREGULAR = range(4)
_OPTIONS = {"nogil": True, "cache": True, "error_model": "numpy"}


@numba.njit(**_OPTIONS)
def split_intervals(isis):
    """Interval above which a burst ends; NaN if the intervals are of one kind."""
    ordered = np.sort(np.log(isis))
    n = len(ordered)
    if n < 2 or ordered[-1] - ordered[0] < LOG_SEPARATION:
        return np.nan
    total, short, best, split = ordered.sum(), 0.0, -1.0, 0
    for i in range(n - 1):
        short += ordered[i]
        n_short, n_long = i + 1, n - i - 1
        between = n_short * n_long * ((total - short) / n_long - short / n_short) ** 2
        if between > best:
            best, split = between, i
    medians = np.median(ordered[: split + 1]), np.median(ordered[split + 1 :])
    if medians[1] - medians[0] < LOG_SEPARATION:
        return np.nan
    return np.exp((ordered[split] + ordered[split + 1]) / 2)


@numba.njit(**_OPTIONS)
def complete_bursts(times, edges, threshold):
    """First and last spike (indices) of each burst, and its sweep; no sweep's first or last burst."""
    bounds = np.empty((len(times), 3), dtype=np.int64)
    n = 0
    for sweep in range(len(edges) - 1):
        start = -1
        for i in range(edges[sweep], edges[sweep + 1] - 1):
            if times[i + 1] - times[i] > threshold:
                if start >= 0:
                    bounds[n] = start, i, sweep
                    n += 1
                start = i + 1
    return bounds[:n]


@numba.njit(**_OPTIONS)
def intervals_of(times, edges):
    """Intervals within the sweeps."""
    isis = np.empty(len(times))
    n = 0
    for sweep in range(len(edges) - 1):
        for i in range(edges[sweep], edges[sweep + 1] - 1):
            isis[n] = times[i + 1] - times[i]
            n += 1
    return isis[:n]


@numba.njit(**_OPTIONS)
def local_variation(times, edges):
    """CV2 (Holt et al. 1996) over neighbouring intervals of a sweep."""
    total, n = 0.0, 0
    for sweep in range(len(edges) - 1):
        for i in range(edges[sweep], edges[sweep + 1] - 2):
            first, second = times[i + 1] - times[i], times[i + 2] - times[i + 1]
            total += 2 * abs(second - first) / (second + first)
            n += 1
    return total / n if n else 0.0


@numba.njit(**_OPTIONS)
def activity_and_figures(times, edges):
    """Class, and rate, CV2, spikes per burst, burst rate, burst duration, intra-burst rate (NaN without)."""
    figures = np.full(6, np.nan)
    isis = intervals_of(times, edges)
    if len(times) < 3 or len(isis) < 2:
        return SILENT, figures
    figures[0] = 1000 * len(isis) / isis.sum()
    figures[1] = local_variation(times, edges)
    threshold = split_intervals(isis)
    if np.isnan(threshold):
        return (TONIC if figures[1] <= TONIC_CV2 else IRREGULAR), figures
    bounds = complete_bursts(times, edges, threshold)
    n = len(bounds)
    periods, durations, within = np.empty(n), np.empty(n), np.empty(n)
    n_periods, n_longer, n_spikes = 0, 0, 0
    for i in range(n):
        first, last, sweep = bounds[i]
        n_spikes += last - first + 1
        if last > first:
            durations[n_longer] = times[last] - times[first]
            within[n_longer] = 1000 * (last - first) / durations[n_longer]
            n_longer += 1
        if i and bounds[i - 1, 2] == sweep:
            periods[n_periods] = times[first] - times[bounds[i - 1, 0]]
            n_periods += 1
    periods, durations, within = periods[:n_periods], durations[:n_longer], within[:n_longer]
    if n_periods == 0 or n_longer == 0 or periods.std() > BURSTING_CV * periods.mean():
        return IRREGULAR, figures
    figures[2] = n_spikes / n
    figures[3] = 1000 / np.median(periods)
    figures[4] = np.median(durations)
    figures[5] = np.median(within)
    return BURSTING, figures
