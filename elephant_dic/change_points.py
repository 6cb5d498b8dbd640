"""When the DICs of a recording change, with a stated rate of false alarms.

The windows that do not overlap are compared by a rank statistic of Pettitt's kind (Applied Statistics 28,
126, 1979): for each DIC and each split, the difference of the mean ranks before and after over its standard
deviation; the largest counts. Its distribution without a change comes from permutations of the windows (all
DICs together). What is split is tested again in its parts (binary segmentation, Vostrikova 1981), each at its
share of the false-alarm rate. For a stationary cell, whose windows can be exchanged, the probability of any
change point is this rate at most.
"""

from __future__ import annotations

import neo
import numpy as np
import quantities as pq

from .neurons.model import DIC_NAMES

#: Fewer windows cannot tell a change: even a perfect split would come about by chance.
LEAST_WINDOWS = 8
#: Fewest windows before and after a change.
_LEAST_SIDE = 2
_PERMUTATIONS, _CHUNK, _SEED = 1999, 250, 0
#: A change of less than this share of the estimate's own standard deviation is of no consequence: windows of
#: very regular cells differ by where they begin in the rhythm, by less than this.
_LEAST_SHIFT = 0.5


def detect_change_points(segment, false_alarm_rate=0.05) -> neo.Event:
    """Find when the DICs of a recording change.

    Parameters
    ----------
    segment : neo.Segment
        DICs over time, as from `infer_dics_over_time`.
    false_alarm_rate : float
        Probability that a stationary cell gets any change point. Default: 0.05.

    Returns
    -------
    neo.Event
        Named "change points": times, to within about a step of the windows, and labels such as
        "g_s -5.2 to -2.9", of the DIC that changes most. Array annotations: `p_value`, and `shift_g_f`,
        `shift_g_s`, `shift_g_u`, the differences of the medians after and before. Annotations:
        `false_alarm_rate`; `n_windows` that were compared, below 8 of which no change can be told.

    Raises
    ------
    TypeError
        If `segment` is no neo.Segment.
    ValueError
        If it holds no DICs over time, or the rate is not between 0.001 and 0.5.

    Notes
    -----
    A gradual change gives several change points in a row. A cell that fluctuates more slowly than the windows
    has no windows that can be exchanged: its fluctuations are found as changes, which they are.
    """
    if not isinstance(segment, neo.Segment):
        raise TypeError(f"segment must be a neo.Segment, got {type(segment).__name__}")
    if not 0.001 <= false_alarm_rate <= 0.5:
        raise ValueError(f"false_alarm_rate must be from 0.001 to 0.5, got {false_alarm_rate}")
    signals = {signal.name: signal for signal in segment.analogsignals}
    wanted = [*DIC_NAMES, *(f"{name}_std" for name in DIC_NAMES)]
    if not set(wanted) <= set(signals) or "window" not in segment.annotations:
        raise ValueError("the segment holds no DICs over time: make it by infer_dics_over_time")
    table = np.column_stack([signals[name].magnitude[:, 0] for name in wanted])
    first = signals[wanted[0]]
    window = segment.annotations["window"].rescale("ms").item()
    step = first.sampling_period.rescale("ms").item()
    centers = first.t_start.rescale("ms").item() + step * np.arange(len(table))
    usable = np.isfinite(table).all(axis=1)
    return _event(
        centers[usable], table[usable, :3], table[usable, 3:], window, false_alarm_rate, first.t_start.units
    )


def _event(centers, means, stds, window, rate, units):
    apart = windows_apart(centers, window)
    found = sorted(_splits(apart, means, stds, rate, np.random.default_rng(_SEED)))
    bounds = [0, *(split for split, _ in found), len(apart)]
    times, labels, shifts = [], [], []
    for k in range(len(found)):
        before, after = apart[bounds[k] : bounds[k + 1]], apart[bounds[k + 1] : bounds[k + 2]]
        times.append(_locate(centers, means, window, before, after))
        low, high = np.median(means[before], axis=0), np.median(means[after], axis=0)
        shifts.append(high - low)
        most = np.argmax(np.abs(high - low) / stds[np.r_[before, after]].mean(axis=0))
        labels.append(f"{DIC_NAMES[most]} {low[most]:.1f} to {high[most]:.1f}")
    shifts = np.reshape(shifts, (-1, len(DIC_NAMES)))
    return neo.Event(
        times=(np.array(times) * pq.ms).rescale(units),
        labels=np.array(labels, dtype="U"),
        name="change points",
        array_annotations={
            "p_value": np.array([p for _, p in found]),
            **{f"shift_{name}": column for name, column in zip(DIC_NAMES, shifts.T, strict=True)},
        },
        false_alarm_rate=float(rate),
        n_windows=len(apart),
    )


def windows_apart(centers, window) -> np.ndarray:
    """Indices of windows that do not overlap, the first and each next one that is free of it."""
    chosen, free = [], -np.inf
    for index, center in enumerate(centers):
        if center >= free - 1e-6 * window:
            chosen.append(index)
            free = center + window
    return np.array(chosen, dtype=int)


def _splits(apart, means, stds, rate, rng):
    """(split, p) pairs by binary segmentation; a split is the number of windows before the change."""
    found, parts = [], [(0, len(apart))]
    while parts:
        low, high = parts.pop()
        values = means[apart[low:high]]
        split, p = best_split(values, rng)
        if p > rate * len(values) / len(apart):
            continue
        shift = np.abs(np.median(values[:split], axis=0) - np.median(values[split:], axis=0))
        if (shift < _LEAST_SHIFT * stds[apart[low:high]].mean(axis=0)).all():
            continue
        found.append((low + split, p))
        parts += [(low, low + split), (low + split, high)]
    return found


def best_split(values, rng):
    """The best split of windows in two, and the p-value of the hypothesis that there is none.

    Parameters
    ----------
    values : (n, k) array
    rng : numpy.random.Generator

    Returns
    -------
    split : int
        Windows before it.
    p : float
        1 for fewer than 8 windows, or where nothing varies.
    """
    from scipy.stats import rankdata

    n = len(values)
    if n < LEAST_WINDOWS:
        return 0, 1.0
    # Estimates of a perfectly regular train differ by rounding only: that is no order.
    ranks = rankdata(np.round(values, 6), axis=0)
    spread = ranks.std(axis=0)
    ranks = (ranks - ranks.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    if not ranks.shape[1]:
        return 0, 1.0
    observed = _contrast(ranks[None])[0]
    reached, todo = 0, _PERMUTATIONS
    while todo:
        m = min(_CHUNK, todo)
        order = rng.random((m, n)).argsort(axis=1)
        reached += np.count_nonzero(_contrast(ranks[order]).max(axis=1) >= observed.max() - 1e-9)
        todo -= m
    return _LEAST_SIDE + int(observed.argmax()), (1 + reached) / (1 + _PERMUTATIONS)


def _contrast(ranks):
    """(m, splits) largest standardised difference over the columns of (m, n, k) ranks."""
    n = ranks.shape[1]
    before = np.arange(_LEAST_SIDE, n - _LEAST_SIDE + 1)
    sums = np.abs(np.cumsum(ranks, axis=1)[:, before - 1]).max(axis=2)
    return sums / np.sqrt(before * (n - before) / n)


def _locate(centers, means, window, before, after):
    """Time of a change: that which leaves most windows, before it and after, like their own side.

    Windows that hold it count for neither: what is inferred from them need not lie in between. A window is
    like its side if it differs by less than half of the change.
    """
    low, high = np.median(means[before], axis=0), np.median(means[after], axis=0)
    starts, ends = centers - window / 2, centers + window / 2
    edge_low, edge_high = starts[before[-1]], ends[after[0]]
    near = (starts >= edge_low - window) & (ends <= edge_high + window)
    spread = means[np.r_[before, after]].std(axis=0) + 1e-9
    half = (np.abs(high - low) / spread).sum() / 2
    like_low, like_high = (half - (np.abs(means[near] - side) / spread).sum(axis=1) for side in (low, high))
    candidates = np.concatenate([starts[near], ends[near]])
    candidates = candidates[(candidates >= edge_low) & (candidates <= edge_high), None]
    tolerance = 1e-6 * window
    total = ((ends[near] <= candidates + tolerance) * like_low).sum(axis=1)
    total += ((starts[near] >= candidates - tolerance) * like_high).sum(axis=1)
    return candidates[total >= total.max() - 1e-9].mean()
