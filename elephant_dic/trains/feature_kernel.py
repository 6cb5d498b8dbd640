"""Compiled statistics of windows of spikes: the functions behind the table of `features`.

Definitions are those of `elephant.statistics` where it has them; a call there costs more than all features
here. `times` holds all sweeps of a window one after the other (ms), `edges` (n_sweeps + 1) where each starts
and ends in it; `isis` and `isi_edges` are the same for intervals. Features go into a `row` by their names: a
name that is not in the table does not compile.
"""

from __future__ import annotations

import numpy as np

from .burst_kernel import complete_bursts, cv2_of, intervals_of, periods_of, quantile, split_intervals
from .compiled import compiler
from .spiketrains import NO_TIE

_OPTIONS = {"nogil": True, "error_model": "numpy"}
_njit = compiler(__file__, "compiled.py", "burst_kernel.py", "rule.py", "spiketrains.py")
#: Refractory time (ms) of the revised local variation (Shinomoto et al. 2009).
_REFRACTORY = 5.0
#: An interval is long or short, for a train of one kind of interval, beyond these multiples of the median.
_LONG, _SHORT = 1.5, 0.6
#: A spike is in phase within this share of the period; of the spikes in phase, those count that are within so
#: many typical distances from the parabola.
_IN_PHASE, _OUTLYING = 0.2, 4.0
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
        noisy[start:stop].sort()
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


@_njit(**_OPTIONS)
def _describe(times, exact, edges, row):
    isis, isi_edges = intervals_of(times, edges)
    ordered = np.sort(isis)
    _distribution(isis, ordered, row)
    row["cv2"] = cv2_of(isis, isi_edges)
    row["lv"], row["lvr"] = _local_variation(isis, isi_edges)
    row["trend"] = _trend(isis, isi_edges)
    row["correlation_1"] = _correlation(isis, isi_edges, 1)
    row["correlation_2"] = _correlation(isis, isi_edges, 2)
    _robust(isis, ordered, row)
    row["drift"] = _drift(isis, isi_edges)
    row["curvature"], row["residual"] = _parabola(times, edges, row["isi_midmean"])
    rhythm = _rhythm(times, edges, row["isi_median"])
    row["rhythm_curvature"], row["rhythm_residual"], row["rhythm_share"] = rhythm
    threshold = split_intervals(isis)
    bounds = complete_bursts(times, edges, threshold)  # none above NaN
    if (bounds[:, 1] > bounds[:, 0]).any():
        _bursting(times, isis, threshold, bounds, row)
        _within_bursts(exact, intervals_of(exact, edges)[0], isis > threshold, bounds, row)
        rhythm = _rhythm(times[bounds[:, 0]], _sweep_edges(bounds), row["period_mean"])
    else:
        _without_bursts(row)
    row["onset_curvature"], row["onset_residual"], row["onset_share"] = rhythm


@_njit(**_OPTIONS)
def _midmean(ordered):
    """Mean of the central half of sorted values: robust, and finer than the median of rounded times."""
    cut = len(ordered) // 4
    return ordered[cut : len(ordered) - cut].mean()


@_njit(**_OPTIONS)
def _spread(values):
    """Median absolute deviation over the median."""
    median = np.median(values)
    return np.median(np.abs(values - median)) / median


@_njit(**_OPTIONS)
def _distribution(isis, ordered, row):
    row["rate"] = 1000 * len(isis) / isis.sum()
    row["isi_min"] = quantile(ordered, 0.0)
    row["isi_5"] = quantile(ordered, 0.05)
    row["isi_25"] = quantile(ordered, 0.25)
    row["isi_median"] = quantile(ordered, 0.5)
    row["isi_75"] = quantile(ordered, 0.75)
    row["isi_95"] = quantile(ordered, 0.95)
    row["isi_max"] = quantile(ordered, 1.0)
    mean, sd = isis.mean(), isis.std()
    if ordered[0] == ordered[-1]:
        sd = 0.0  # not what the mean rounds to
    row["isi_sd"] = sd
    row["isi_mad"] = _spread(isis)
    row["log_isi_sd"] = np.log(isis).std()
    row["skewness"] = ((isis - mean) ** 3).mean() / sd**3 if sd > 0 else 0.0
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
        if len(some) > 1:
            index = np.arange(len(some)) - (len(some) - 1) / 2
            slopes += (index * some).sum() / some.mean()
            weights += (index**2).sum()
    return slopes / weights if weights else 0.0


@_njit(**_OPTIONS)
def _correlation(isis, isi_edges, lag):
    first, second = np.empty(len(isis)), np.empty(len(isis))
    n = 0
    for sweep in range(len(isi_edges) - 1):
        for i in range(isi_edges[sweep], isi_edges[sweep + 1] - lag):
            first[n], second[n] = isis[i], isis[i + lag]
            n += 1
    if n < 3:
        return 0.0
    first, second = first[:n] - first[:n].mean(), second[:n] - second[:n].mean()
    norm = np.sqrt((first**2).sum() * (second**2).sum())
    return (first * second).sum() / norm if norm > 0 else 0.0


@_njit(**_OPTIONS)
def _robust(isis, ordered, row):
    """Statistics that a few missing or spurious spikes do not move, or that count them."""
    n, median = len(isis), row["isi_median"]
    row["isi_midmean"] = _midmean(ordered)
    cut = n // 4
    row["isi_mid_sd"] = ordered[cut : n - cut].std() / row["isi_midmean"]
    row["n_intervals"] = n
    row["long_share"] = (isis > _LONG * median).mean()
    row["short_share"] = (isis < _SHORT * median).mean()


@_njit(**_OPTIONS)
def _drift(isis, isi_edges):
    """Log ratio of the median intervals of the halves of each sweep, weighted by their number."""
    drift, weight = 0.0, 0
    for sweep in range(len(isi_edges) - 1):
        some = isis[isi_edges[sweep] : isi_edges[sweep + 1]]
        half = len(some) // 2
        if half:
            drift += half * np.log(np.median(some[len(some) - half :]) / np.median(some[:half]))
            weight += half
    return drift / weight if weight else 0.0


@_njit(**_OPTIONS)
def _parabola(times, edges, unit):
    """A parabola through the spike times over their number: its curvature, and how far off they are.

    The curvature is the trend of the intervals, but jitter of the spikes disturbs it less.
    """
    curvature, weights, squares, n_free = 0.0, 0.0, 0.0, 0
    for sweep in range(len(edges) - 1):
        some = times[edges[sweep] : edges[sweep + 1]]
        n = len(some)
        if n < 4:
            continue
        offset = (some - some[0]) / unit
        offset -= offset.mean()
        index = np.arange(n) - (n - 1) / 2
        bent = index**2 - (n * n - 1) / 12
        line, weight = (offset * index).sum() / (index**2).sum(), (bent**2).sum()
        curve = (offset * bent).sum() / weight
        curvature += 2 * curve * weight
        weights += weight
        squares += ((offset - line * index - curve * bent) ** 2).sum()
        n_free += n - 3
    return (curvature / weights, np.sqrt(squares / n_free)) if n_free else (0.0, 0.0)


@_njit(**_OPTIONS)
def _rhythm(times, edges, period):
    """A parabola through the spikes of a rhythm: missing ones are counted, those out of phase left out.

    The relative change of the period from one to the next, the distance from the parabola over the period,
    and the share of spikes that it rests on.
    """
    curvature, weights, squares, n_free, n_kept = 0.0, 0.0, 0.0, 0, 0
    for sweep in range(len(edges) - 1):
        index, some = _in_phase(times[edges[sweep] : edges[sweep + 1]], period)
        for _ in range(2):
            residuals, curve, weight = _fit_parabola(index, some)
            kept = np.abs(residuals) <= _OUTLYING * np.median(np.abs(residuals)) + 1e-4
            index, some = index[kept], some[kept]
        if len(some) < 5:
            continue
        residuals, curve, weight = _fit_parabola(index, some)
        curvature += 2 * curve * weight
        weights += weight
        squares += (residuals**2).sum()
        n_free += len(some) - 3
        n_kept += len(some)
    if n_free == 0:
        return 0.0, 0.0, 0.0
    return curvature / weights, np.sqrt(squares / n_free), n_kept / len(times)


@_njit(**_OPTIONS)
def _in_phase(times, period):
    """Numbers of the periods since the first, and times in periods, of the spikes that keep to the rhythm.

    After two spikes out of phase the rhythm is taken up from the second.
    """
    index, some = np.empty(len(times)), np.empty(len(times))
    n, last, count, n_out = 0, 0.0, 0.0, 0
    for i in range(len(times)):
        passed = (times[i] - last) / period
        steps = np.rint(passed)
        if n and (steps < 1 or abs(passed - steps) > _IN_PHASE) and n_out < 2:
            n_out += 1
            continue
        count += steps if n else 0.0
        index[n], some[n], last = count, (times[i] - times[0]) / period, times[i]
        n, n_out = n + 1, 0
    return index[:n], some[:n]


@_njit(**_OPTIONS)
def _fit_parabola(index, values):
    """Least squares: residuals, the quadratic coefficient and the sum of squares that is its weight."""
    if len(index) < 4:
        return np.zeros(len(index)), 0.0, 0.0
    x, y = index - index.mean(), values - values.mean()
    square = (x**2).sum()
    bent = x**2 - square / len(x)
    if square == 0:
        return y, 0.0, 0.0
    bent -= x * ((bent * x).sum() / square)
    weight = (bent**2).sum()
    line = (y * x).sum() / square
    curve = (y * bent).sum() / weight if weight > 0 else 0.0
    return y - line * x - curve * bent, curve, weight


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
    first, last = bounds[:, 0], bounds[:, 1]
    n_spikes = last - first + 1
    pauses = isis[isis > threshold]
    longer = n_spikes > 1
    row["spikes_per_burst"], row["spikes_per_burst_sd"] = n_spikes.mean(), n_spikes.std()
    row["spikes_per_burst_median"] = np.median(n_spikes.astype(np.float64))
    row["single_share"] = 1 - longer.mean()
    row["pause_cv"] = pauses.std() / pauses.mean()
    row["log_isi_sd_within"] = np.log(isis[isis <= threshold]).std()
    periods = periods_of(times, bounds)
    row["period_mad"] = _spread(periods) if len(periods) else 0.0
    row["burst_first_mad"] = _spread(_positions(times, first[longer], last[longer])[_FIRST])


@_njit(**_OPTIONS)
def _within_bursts(times, isis, is_pause, bounds, row):
    """How long bursts, pauses and the intervals within bursts are."""
    first, last = bounds[:, 0], bounds[:, 1]
    pauses, longer = isis[is_pause], last > first
    durations = (times[last] - times[first])[longer]
    row["burst_duration"] = np.median(durations)
    row["intra_burst_rate"] = 1000 * np.median((last - first)[longer] / durations)
    row["pause"], row["pause_mean"] = np.median(pauses), _midmean(np.sort(pauses))
    periods = periods_of(times, bounds)
    if len(periods):
        typical, row["period_mean"] = np.median(periods), _midmean(np.sort(periods))
    else:
        typical = np.median(times[last] - times[first]) + np.median(pauses)
        row["period_mean"] = typical
    row["burst_rate"] = 1000 / typical
    positions = _positions(times, first[longer], last[longer])
    row["burst_first"] = np.median(positions[_FIRST])
    row["burst_second"] = np.median(positions[_SECOND])
    row["burst_middle"] = np.median(positions[_MIDDLE])
    row["burst_last"] = np.median(positions[_LAST])
    row["burst_first_mean"] = _midmean(np.sort(positions[_FIRST]))
    row["burst_second_mean"] = _midmean(np.sort(positions[_SECOND]))
    row["burst_third_mean"] = _midmean(np.sort(positions[_THIRD]))
    row["burst_penultimate_mean"] = _midmean(np.sort(positions[_PENULTIMATE]))
    row["burst_last_mean"] = _midmean(np.sort(positions[_LAST]))


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
def _positions(times, first, last):
    """(6, n) first, second, third, middle, last but one and last interval of each burst."""
    found = np.empty((6, len(first)))
    for i in range(len(first)):
        start, n = first[i], last[i] - first[i]
        picked = (0, min(1, n - 1), min(2, n - 1), n // 2, max(n - 2, 0), n - 1)
        for k in range(6):
            found[k, i] = times[start + picked[k] + 1] - times[start + picked[k]]
    return found
