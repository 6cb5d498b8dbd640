"""Currents that are there as samples, as a `Stimulus` of few points: steps as steps, the rest as lines."""

from functools import lru_cache

import numpy as np
import quantities as pq

from ...trains import Stimulus

BLOCK = 1e-3  # s of which means are taken
MOST_BLOCKS = 20_000
MOST_POINTS = 2000  # of a stimulus that is drawn by lines
FINE = 1e-3  # of the range of a current, which a line may be off; and in pA, what is no difference
UNMEANT = 0.02  # share of the range of steps that what is around them may be
LONGEST_EDGE = 4  # blocks in which a recorded current goes from level to level
WINDOWS = (1, 3, 10, 30, 100)  # blocks on either side of an edge that are compared
CLEAR = 8.0  # times the noise of a block: what an edge is at least, on either side of which are few blocks
CYCLE = 20  # blocks in which mains hum goes around
LONG = 100  # blocks of which the mean holds no hum, nor noise


@lru_cache(maxsize=64)
def picoamperes(units: str) -> float:
    """So many pA are one of a unit of current."""
    return pq.Quantity(1.0, units).rescale("pA").item()


def without_repeats(times, currents) -> Stimulus:
    """A stimulus without the points that change nothing."""
    kept: list[tuple[float, float]] = []
    for point in zip(np.asarray(times).tolist(), np.asarray(currents).tolist(), strict=True):
        while kept and (kept[-1] == point or (len(kept) > 1 and _is_between(kept[-2], kept[-1], point))):
            kept.pop()
        kept.append(point)
    while len(kept) > 1 and kept[0][1] == kept[1][1]:  # as the first holds before its time anyway
        del kept[0]
    while len(kept) > 1 and kept[-2][1] == kept[-1][1]:
        del kept[-1]
    times, currents = np.array(kept).T
    return Stimulus(times if times.size > 1 else np.zeros(1), currents)


def _is_between(before, point, after):
    """Whether a point is at the time of both its neighbours, or at their level."""
    return any(before[k] == point[k] == after[k] for k in (0, 1))


def sampled(currents: np.ndarray, rate: float) -> Stimulus:
    """The stimulus of the samples of a command, each of which holds until the next.

    Parameters
    ----------
    currents : (n,) array
        pA.
    rate : float
        Hz.

    Returns
    -------
    Stimulus
        ms from the first sample. Exact for steps; else lines within a thousandth of the range; where
        that takes too many points, steps if all but them is too small to be meant, or lines through means of
        1 ms, or of more in a long sweep.
    """
    changes = np.flatnonzero(np.diff(currents)) + 1
    milliseconds = 1e3 / rate
    if 2 * changes.size <= MOST_POINTS:
        times = np.repeat(changes, 2) * milliseconds
        levels = np.stack([currents[changes - 1], currents[changes]], axis=1).ravel()
        return without_repeats([0.0, *times], [currents[0], *levels])
    tolerance = max(FINE * np.ptp(currents), FINE)
    corners = _corners(currents, tolerance)
    if corners is None:
        return _recorded_command(currents, rate) or _means(currents, rate)
    points = [(0.0, currents[0])]
    for first, last in zip(corners[:-1], corners[1:], strict=True):
        start, stop = currents[first], currents[last]
        if last == first + 1:
            points += [(last, start), (last, stop)]
        elif abs(stop - start) <= tolerance:  # it stays
            level = np.median(currents[first : last + 1])
            points += [(first, level), (last, level)]
        else:
            points.append((last, stop))
    times, levels = np.array(points, dtype=float).T
    return without_repeats(times * milliseconds, levels)


def _recorded_command(currents, rate) -> Stimulus | None:
    """Steps, where what is around them is so small that it is the noise of a recorded command; else None."""
    found = recorded(currents, rate)
    after = np.searchsorted(found.times, np.arange(currents.size) * 1e3 / rate, "right")
    noise = np.std(currents - found.currents[np.maximum(after - 1, 0)])
    are_steps = (np.diff(found.currents)[np.diff(found.times) > 0] == 0).all()
    return found if are_steps and noise <= UNMEANT * np.ptp(found.currents) else None


def _means(currents, rate) -> Stimulus:
    """Lines through means."""
    size = max(round(rate * BLOCK), -(-currents.size // MOST_POINTS), 1)
    means = block_means(currents, size)
    return Stimulus((np.arange(means.size) + 0.5) * size * 1e3 / rate, means)


def _corners(values, tolerance, most=MOST_POINTS // 2):
    """Indices between which straight lines are off by no more than the tolerance; None if too many."""
    corners, parts = {0, len(values) - 1}, [(0, len(values) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        line = np.linspace(values[first], values[last], last - first + 1)
        off = np.abs(values[first : last + 1] - line)
        worst = int(off.argmax())
        if off[worst] > tolerance:
            corners.add(first + worst)
            if len(corners) > most:
                return None
            parts += [(first, first + worst), (first + worst, last)]
    return sorted(corners)


def block_means(samples, size):
    """Means of blocks of so many samples; what is left over at the end is in none."""
    size = max(1, min(size, len(samples)))
    return samples[: len(samples) // size * size].reshape(-1, size).mean(axis=1, dtype=float)


def recorded(currents: np.ndarray, rate: float, resolution: float = 0.0) -> Stimulus:
    """The stimulus of a current that was recorded, with its noise.

    Parameters
    ----------
    currents : (n,) array
        pA.
    rate : float
        Hz.
    resolution : float
        Smallest step of the converter, pA.

    Returns
    -------
    Stimulus
        ms from the first sample: levels if the current consists of steps, the edges to a sample; else lines
        through means of 1 ms, or of more in a long sweep, but for what is noise.
    """
    size = max(round(rate * BLOCK), -(-currents.size // MOST_BLOCKS), 1)
    means = block_means(currents, size)
    if means.size < 2 * WINDOWS[0] + 1:
        return Stimulus(np.zeros(1), np.median(currents, keepdims=True))
    noise = max(_noise(means), resolution / 2, FINE)
    edges = _slow_ones_joined(_edges(means, noise), means)
    levels = _levels(means, edges)
    if not _are_steps(means, edges, levels, noise):
        return _lines(means, size * 1e3 / rate, np.median(np.abs(np.diff(means))) / (0.6745 * np.sqrt(2)))
    times = [_edge(currents, edge, size, *levels[k : k + 2]) for k, edge in enumerate(edges)]
    return without_repeats(np.repeat([0.0, *times], 2)[1:] * 1e3 / rate, np.repeat(levels, 2)[:-1])


def _noise(means):
    """The standard deviation of the means around what they are near by, with hum."""
    from scipy.ndimage import median_filter

    off = means - median_filter(means, LONG + 1, mode="nearest")
    return float(np.median(np.abs(off)) / 0.6745)


def _edges(means, noise):
    """Blocks in which the current goes to another level; windows from short to long find also small steps."""
    edges, sums = [], np.concatenate([[0.0], np.cumsum(means)])
    blocks = np.arange(1, means.size - 1)
    for window in WINDOWS:
        first, last = np.maximum(blocks - window, 0), np.minimum(blocks + 1 + window, means.size)
        before = (sums[blocks] - sums[first]) / (blocks - first)
        after = (sums[last] - sums[blocks + 1]) / (last - blocks - 1)
        n_blocks = np.minimum(blocks - first, last - blocks - 1)
        height = np.abs(after - before) - CLEAR * noise / np.sqrt(1 + n_blocks / CYCLE)
        for edge in edges:
            height[max(edge - window - 2, 0) : edge + window + 1] = 0
        while height.max(initial=0.0) > 0:
            k = int(height.argmax())
            edges.append(int(blocks[k]))
            height[max(k - window, 0) : k + window + 1] = 0
            if len(edges) > MOST_POINTS // 2:
                return []
    return [(edge, edge) for edge in sorted(edges)]


def _slow_ones_joined(edges, means):
    """Edges as first and last block, where several that follow each other are one of some blocks."""
    joined = []
    for level, edge, following in zip(_levels(means, edges), edges, _levels(means, edges)[1:], strict=False):
        rise = following > level
        if joined and edge[0] - joined[-1][1] <= 2 and rise == joined[-1][2]:
            joined[-1] = joined[-1][0], edge[1], rise
        else:
            joined.append((*edge, rise))
    return [(first, last) for first, last, _ in joined]


def _levels(means, edges):
    """The current between the edges."""
    starts, stops = [0, *(last + 1 for _, last in edges)], [*(first for first, _ in edges), means.size]
    return [float(np.median(means[start:stop])) for start, stop in zip(starts, stops, strict=True)]


def _are_steps(means, edges, levels, noise):
    """Whether, but for edges that are short, nothing but noise is around the levels."""
    if any(last - first > LONGEST_EDGE for first, last in edges):
        return False
    off, start = means.copy(), 0
    for level, (first, last) in zip(levels, [*edges, (means.size, means.size)], strict=True):
        off[start:first] -= level
        off[first : last + 1] = 0
        start = last + 1
    slow = block_means(off, LONG)
    return np.mean(np.abs(off) > 5 * noise) <= 0.01 and np.sqrt(np.mean(slow**2)) <= 0.5 * noise


def _edge(currents, edge, size, before, after):
    """The sample at which the current goes from level to level, in the blocks of an edge or next to them."""
    first = max((edge[0] - 1) * size, 0)
    near = currents[first : (edge[1] + 2) * size]
    cost = np.cumsum((near - before) ** 2 - (near - after) ** 2)
    return first + int(np.concatenate([[0.0], cost]).argmin())


def _lines(means, step, noise):
    """Lines through means that are `step` ms apart, but for what is noise."""
    tolerance, corners = max(3 * noise, FINE * np.ptp(means)), None
    while corners is None:
        corners, tolerance = _corners(means, tolerance, MOST_POINTS), 1.5 * tolerance
    return Stimulus((np.array(corners) + 0.5) * step, means[corners])
