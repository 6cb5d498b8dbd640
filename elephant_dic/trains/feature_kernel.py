"""Compiled statistics of windows of spikes: the functions behind the table of `features`.

Definitions are those of `elephant.statistics` where it has them; a call there costs more than all features
here. `times` holds all sweeps of a window one after the other (ms), `edges` (n_sweeps + 1) where each starts
and ends in it; `isis` and `ends` are the same for intervals.
"""

from __future__ import annotations

import numba
import numpy as np

from .burst_kernel import complete_bursts, split_intervals

_OPTIONS = {"nogil": True, "cache": True, "error_model": "numpy"}
N_FEATURES = 56
#: Refractory time (ms) of the revised local variation (Shinomoto et al. 2009).
_REFRACTORY = 5.0
#: An interval is long or short, for a train of one kind of interval, beyond these multiples of the median.
_LONG, _SHORT = 1.5, 0.6
#: A spike is in phase within this share of the period; of the spikes in phase, those count that are within so
#: many typical distances from the parabola.
_IN_PHASE, _OUTLYING = 0.2, 4.0
_QUANTILES = np.array([0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0])


@numba.njit(**_OPTIONS)
def describe_windows(times, sweep_edges, window_edges):
    """Features of each window.

    Parameters
    ----------
    times : array
        Spike times (ms) of all sweeps of all windows, one after the other.
    sweep_edges : (n_sweeps + 1,) int array
        Where each sweep starts and ends in `times`.
    window_edges : (n_windows + 1,) int array
        Which sweeps belong to each window.

    Returns
    -------
    (n_windows, N_FEATURES) array
        In the order of `FEATURES`.
    """
    table = np.zeros((len(window_edges) - 1, N_FEATURES))
    for i in range(len(table)):
        first, last = window_edges[i], window_edges[i + 1]
        edges = sweep_edges[first : last + 1] - sweep_edges[first]
        _describe(times[sweep_edges[first] : sweep_edges[last]], edges, table[i])
    return table


@numba.njit(**_OPTIONS)
def _describe(times, edges, out):
    isis, ends = _intervals(times, edges)
    ordered = np.sort(isis)
    _distribution(isis, ordered, out)
    _neighbours(isis, ends, out)
    out[16] = _trend(isis, ends)
    out[17], out[18] = _correlation(isis, ends, 1), _correlation(isis, ends, 2)
    _robust(isis, ordered, ends, out)
    out[36], out[37] = _parabola(times, edges, out[31])
    out[50], out[51], out[52] = _rhythm(times, edges, out[4])
    _bursts(times, edges, isis, out)


@numba.njit(**_OPTIONS)
def _intervals(times, edges):
    """Intervals of all sweeps and, for each sweep, where they end."""
    isis, ends = np.empty(len(times)), np.empty(len(edges), dtype=np.int64)
    n = ends[0] = 0
    for sweep in range(len(edges) - 1):
        for i in range(edges[sweep], edges[sweep + 1] - 1):
            isis[n] = times[i + 1] - times[i]
            n += 1
        ends[sweep + 1] = n
    return isis[:n], ends


@numba.njit(**_OPTIONS)
def _quantile(ordered, q):
    """Of sorted values, by linear interpolation."""
    position = q * (len(ordered) - 1)
    below = min(int(position), len(ordered) - 2) if len(ordered) > 1 else 0
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


@numba.njit(**_OPTIONS)
def _midmean(ordered):
    """Mean of the central half of sorted values: robust, and finer than the median of rounded times."""
    cut = len(ordered) // 4
    return ordered[cut : len(ordered) - cut].mean()


@numba.njit(**_OPTIONS)
def _spread(values):
    """Median absolute deviation over the median."""
    median = np.median(values)
    return np.median(np.abs(values - median)) / median


@numba.njit(**_OPTIONS)
def _distribution(isis, ordered, out):
    out[0] = 1000 * len(isis) / isis.sum()
    for k in range(len(_QUANTILES)):
        out[1 + k] = _quantile(ordered, _QUANTILES[k])
    mean, sd = isis.mean(), isis.std()
    if ordered[0] == ordered[-1]:
        sd = 0.0  # not what the mean rounds to
    out[8] = sd
    out[9] = _spread(isis)
    out[10] = np.log(isis).std()
    out[11] = ((isis - mean) ** 3).mean() / sd**3 if sd > 0 else 0.0
    out[12] = sd / mean


@numba.njit(**_OPTIONS)
def _neighbours(isis, ends, out):
    """cv2 (Holt et al. 1996), lv (Shinomoto et al. 2003) and lvr (2009), pooled over sweeps."""
    n = 0
    for sweep in range(len(ends) - 1):
        for i in range(ends[sweep], ends[sweep + 1] - 1):
            total = isis[i] + isis[i + 1]
            step = (isis[i] - isis[i + 1]) / total
            out[13] += 2 * abs(step)
            out[14] += 3 * step**2
            out[15] += 3 * step**2 * (1 + 4 * _REFRACTORY / total)
            n += 1
    out[13:16] /= max(n, 1)


@numba.njit(**_OPTIONS)
def _trend(isis, ends):
    """Relative change of the intervals from one to the next, by least squares in each sweep."""
    slopes, weights = 0.0, 0.0
    for sweep in range(len(ends) - 1):
        some = isis[ends[sweep] : ends[sweep + 1]]
        if len(some) > 1:
            index = np.arange(len(some)) - (len(some) - 1) / 2
            slopes += (index * some).sum() / some.mean()
            weights += (index**2).sum()
    return slopes / weights if weights else 0.0


@numba.njit(**_OPTIONS)
def _correlation(isis, ends, lag):
    first, second = np.empty(len(isis)), np.empty(len(isis))
    n = 0
    for sweep in range(len(ends) - 1):
        for i in range(ends[sweep], ends[sweep + 1] - lag):
            first[n], second[n] = isis[i], isis[i + lag]
            n += 1
    if n < 3:
        return 0.0
    first, second = first[:n] - first[:n].mean(), second[:n] - second[:n].mean()
    norm = np.sqrt((first**2).sum() * (second**2).sum())
    return (first * second).sum() / norm if norm > 0 else 0.0


@numba.njit(**_OPTIONS)
def _robust(isis, ordered, ends, out):
    """Statistics that a few missing or spurious spikes do not move, or that count them."""
    n, median = len(isis), out[4]
    out[31] = _midmean(ordered)
    cut = n // 4
    out[32] = ordered[cut : n - cut].std() / out[31]
    out[33] = n
    out[34], out[35] = (isis > _LONG * median).mean(), (isis < _SHORT * median).mean()
    drift, weight = 0.0, 0
    for sweep in range(len(ends) - 1):
        some = isis[ends[sweep] : ends[sweep + 1]]
        half = len(some) // 2
        if half:
            drift += half * np.log(np.median(some[len(some) - half :]) / np.median(some[:half]))
            weight += half
    out[38] = drift / weight if weight else 0.0


@numba.njit(**_OPTIONS)
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


@numba.njit(**_OPTIONS)
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


@numba.njit(**_OPTIONS)
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


@numba.njit(**_OPTIONS)
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


@numba.njit(**_OPTIONS)
def _bursts(times, edges, isis, out):
    threshold = split_intervals(isis)
    if not np.isnan(threshold):
        bounds = complete_bursts(times, edges, threshold)
        if (bounds[:, 1] > bounds[:, 0]).any():
            _bursting(times, isis, threshold, bounds, out)
            out[53], out[54], out[55] = _rhythm(times[bounds[:, 0]], _sweep_edges(bounds), out[48])
            return
    out[53:56] = out[50:53]
    median = out[4]
    out[19] = out[45] = out[30] = 1.0
    out[21] = out[23] = out[0]
    out[24], out[26:30] = median, median
    out[39:45] = out[31]
    out[46:48] = 0.0
    out[48] = out[31]
    out[49] = out[32]


@numba.njit(**_OPTIONS)
def _bursting(times, isis, threshold, bounds, out):
    first, last = bounds[:, 0], bounds[:, 1]
    n_spikes = last - first + 1
    pauses = isis[isis > threshold]
    longer = n_spikes > 1
    durations = (times[last] - times[first])[longer]
    within = isis[isis <= threshold]
    periods = _periods(times, bounds)
    positions = _positions(times, first[longer], last[longer])
    out[19], out[20] = n_spikes.mean(), n_spikes.std()
    typical = (
        np.median(periods) if len(periods) else np.median(times[last] - times[first]) + np.median(pauses)
    )
    out[21] = 1000 / typical
    out[22] = np.median(durations)
    out[23] = 1000 * np.median((n_spikes[longer] - 1) / durations)
    out[24], out[25] = np.median(pauses), pauses.std() / pauses.mean()
    for k in range(4):
        out[26 + k] = np.median(positions[(0, 1, 3, 5)[k]])
    out[30] = 1 - longer.mean()
    for k in range(5):
        out[39 + k] = _midmean(np.sort(positions[(0, 1, 2, 4, 5)[k]]))
    out[44] = _midmean(np.sort(pauses))
    out[45] = np.median(n_spikes.astype(np.float64))
    out[46] = _spread(periods) if len(periods) else 0.0
    out[47] = _spread(positions[0])
    out[48] = _midmean(np.sort(periods)) if len(periods) else typical
    out[49] = np.log(within).std()


@numba.njit(**_OPTIONS)
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


@numba.njit(**_OPTIONS)
def _periods(times, bounds):
    """Intervals between the onsets of neighbouring bursts of a sweep."""
    periods = np.empty(len(bounds))
    n = 0
    for i in range(1, len(bounds)):
        if bounds[i, 2] == bounds[i - 1, 2]:
            periods[n] = times[bounds[i, 0]] - times[bounds[i - 1, 0]]
            n += 1
    return periods[:n]


@numba.njit(**_OPTIONS)
def _positions(times, first, last):
    """First, second, third, middle, last but one and last interval of each burst."""
    found = np.empty((6, len(first)))
    for i in range(len(first)):
        start, n = first[i], last[i] - first[i]
        picked = (0, min(1, n - 1), min(2, n - 1), n // 2, max(n - 2, 0), n - 1)
        for k in range(6):
            found[k, i] = times[start + picked[k] + 1] - times[start + picked[k]]
    return found
