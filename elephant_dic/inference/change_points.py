"""When the DICs of a recording change, with a stated rate of false alarms.

The windows that do not overlap are compared by rank statistics. For each DIC and each split in two, the
difference of the mean ranks before and after over its standard deviation (of Pettitt's kind, Applied
Statistics 28, 126, 1979). For each stretch in the middle, the same of the windows in it and those around it,
which finds what changes and goes back (circular binary segmentation: Olshen et al., Biostatistics 5, 557,
2004). From the largest of each kind is taken what permutations of the windows (all DICs together) give on
average, so that the many stretches have no advantage over the few splits; the larger of the two counts, and
how often permutations reach it is its p-value. The parts are tested again (Vostrikova 1981), each at its
share of the false-alarm rate. For a stationary cell, whose windows can be exchanged, the probability of any
change point is this rate at most.
"""

from __future__ import annotations

import itertools

import neo
import numpy as np
import quantities as pq

from ..neurons import DIC_NAMES

#: Fewer windows cannot tell a change: even a perfect split would come about by chance.
LEAST_WINDOWS = 8
#: Fewest windows before and after a change.
_LEAST_SIDE = 2
#: In long recordings, stretches are sought that begin and end at as many places, evenly spread; where the
#: best one begins and ends is then found to the window.
_MOST_EDGES = 50
_FARTHEST = 5  # median steps from window to window: a single wild one says no more than this
_CHUNKS, _CHUNK, _SEED = 20, 100, 0  # of permutations
#: A change of less than this share of the estimate's own standard deviation is of no consequence: windows of
#: very regular cells differ by where they begin in the rhythm, by less than this.
_LEAST_SHIFT = 0.5


def detect_change_points(segment: neo.Segment, false_alarm_rate: float = 0.05) -> neo.Event:
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
    What changes and goes back is found from six windows that do not overlap out of 20, or five out of 40.
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
        (start, stop), p = best_stretch(values, rng)
        if p > rate * len(values) / len(apart):
            continue
        inside = np.isin(np.arange(high - low), np.arange(start, stop))
        shift = np.abs(np.median(values[inside], axis=0) - np.median(values[~inside], axis=0))
        if (shift < _LEAST_SHIFT * stds[apart[low:high]].mean(axis=0)).all():
            continue
        bounds = [low, *(low + edge for edge in (start, stop) if 0 < edge < high - low), high]
        found += [(split, p) for split in bounds[1:-1]]
        parts += itertools.pairwise(bounds)
    return found


def best_stretch(values, rng):
    """The stretch of windows that is least like the others, and the p-value if all are alike.

    Parameters
    ----------
    values : (n, k) array
    rng : numpy.random.Generator

    Returns
    -------
    start, stop : int
        Of the stretch. Where it begins at 0, the windows are best split in two.
    p : float
        1 for fewer than 8 windows, or where nothing varies.
    """
    from scipy.stats import rankdata

    n = len(values)
    if n < LEAST_WINDOWS:
        return (0, 0), 1.0
    # Estimates of a perfectly regular train differ by rounding only: that is no order.
    ranks = rankdata(np.round(values, 6), axis=0)
    spread = ranks.std(axis=0)
    ranks = (ranks - ranks.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    if not ranks.shape[1]:
        return (0, 0), 1.0
    kinds = _stretches(n)
    observed = np.array([np.abs(_contrasts(ranks[None], stretches)).max() for stretches in kinds])
    permuted = [[] for _ in kinds]
    for _ in range(_CHUNKS):
        shuffled = ranks[rng.random((_CHUNK, n)).argsort(axis=1)]
        for largest, stretches in zip(permuted, kinds, strict=True):
            largest.extend(np.abs(_contrasts(shuffled, stretches)).max(axis=(1, 2)))
    permuted = np.array(permuted)
    expected = permuted.mean(axis=1)
    scores = observed - expected
    reached = (permuted.T - expected).max(axis=1) >= scores.max() - 1e-9
    kind = scores.argmax()
    best = _fitting(values, kinds[kind])
    if kind and n > _MOST_EDGES:
        best = _fitting(values, _near(best, n))
    return tuple(best.tolist()), (1 + int(reached.sum())) / (1 + len(reached))


def _fitting(values, stretches):
    """The stretch with another mean than around it that explains most, in all DICs by their own noise.

    Ranks tell whether, but not where: a few windows that are far off rank no higher than many a little off.
    """
    noise = np.median(np.abs(np.diff(values, axis=0)), axis=0) + 1e-6
    scaled = np.clip((values - np.median(values, axis=0)) / noise, -_FARTHEST, _FARTHEST)
    return stretches[(_contrasts(scaled[None] - scaled.mean(axis=0), stretches) ** 2).sum(axis=2).argmax()]


def _stretches(n):
    """(start, stop) of the windows before each split, and of each stretch with others on either side."""
    splits = np.arange(_LEAST_SIDE, n - _LEAST_SIDE + 1)
    edges = np.unique(np.linspace(splits[0], splits[-1], min(len(splits), _MOST_EDGES)).round().astype(int))
    start, stop = (edges[index] for index in np.triu_indices(len(edges), 1))
    return np.column_stack([np.zeros_like(splits), splits]), _wide(np.column_stack([start, stop]))


def _near(stretch, n):
    """Stretches that begin and end as near to one as the places between which it was sought are apart."""
    gap = n // _MOST_EDGES + 1
    moved = np.arange(-gap, gap + 1)
    edges = [np.clip(edge + moved, _LEAST_SIDE, n - _LEAST_SIDE) for edge in stretch]
    return _wide(np.stack(np.meshgrid(*edges), axis=-1).reshape(-1, 2))


def _wide(stretches):
    return stretches[stretches[:, 1] - stretches[:, 0] >= _LEAST_SIDE]


def _contrasts(values, stretches):
    """(m, stretches, k) differences to the other windows, over their standard deviation, of (m, n, k) values.

    Each column of the values has the mean 0 and, for this, the standard deviation 1.
    """
    n = values.shape[1]
    start, stop = stretches.T
    size = stop - start
    sums = np.concatenate([np.zeros_like(values[:, :1]), np.cumsum(values, axis=1)], axis=1)
    return (sums[:, stop] - sums[:, start]) / np.sqrt(size * (n - size) / n)[:, None]


def _locate(centers, means, window, before, after):
    """Time of a change: that which leaves most windows, before it and after, like their own side.

    Windows that hold it count for neither: what is inferred from them need not lie in between. A window is
    like its side if it differs by less than half of the change, along it.
    """
    low, high = np.median(means[before], axis=0), np.median(means[after], axis=0)
    starts, ends = centers - window / 2, centers + window / 2
    edge_low, edge_high = starts[before[-1]], ends[after[0]]
    near = (starts >= edge_low - window) & (ends <= edge_high + window)
    spread = means[np.r_[before, after]].std(axis=0) + 1e-9
    direction = (high - low) / spread**2  # DICs that do not change have no say
    course = (means[near] - low) @ direction / ((high - low) @ direction + 1e-9)  # from 0 to 1
    like_low, like_high = 0.5 - np.abs(course), 0.5 - np.abs(course - 1)
    candidates = np.concatenate([starts[near], ends[near]])
    candidates = candidates[(candidates >= edge_low) & (candidates <= edge_high), None]
    tolerance = 1e-6 * window
    total = ((ends[near] <= candidates + tolerance) * like_low).sum(axis=1)
    total += ((starts[near] >= candidates - tolerance) * like_high).sum(axis=1)
    return candidates[total >= total.max() - 1e-9].mean()
