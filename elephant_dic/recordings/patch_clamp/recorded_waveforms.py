"""Currents that were recorded, with their noise, as a `Stimulus`: steps as steps, the rest as lines."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ...trains import Stimulus
from .waveforms import FINE, MOST_POINTS, block_means, block_size, corners_of, without_repeats

MOST_BLOCKS = 20_000
# Blocks on either side of an edge that are compared, and standard deviations of their means that it is at
# least: the fewer, the fewer places there are to take noise for an edge. The longest hold no mains hum.
WINDOWS = {1: 8.0, 3: 8.0, 10: 7.0, 30: 6.0, 100: 5.0}
LEAST_PART = 10  # of a window that is left at the ends of a sweep
MEASURED = (1, 3, 10, 30)  # blocks over which the noise of means is measured: of more there are too few
BITS = 1.5  # smallest steps of the converter that an edge is at least, or a steady current that is not none
NONE, CLEAR = 0.5, 8.0  # pA, and standard errors, likewise of a steady current: what a monitor may be off
SAME = 4.0  # standard errors by which two levels may differ that are one
LONGEST_EDGE = 4  # blocks in which a current goes from level to level
LONG = 100  # blocks of which the mean holds no hum, nor noise
# Noise is a stimulus of its own if what is left of it in means of so many blocks is more than these shares of
# itself and of the range of the levels (and than `NONE`): not that of an amplifier, as fast as its filter.
CYCLE, COLOURED, UNMEANT = 20, 0.4, 0.02


def recorded(
    samples: np.ndarray, rate: float, resolution: float = 0.0, gain: float = 1.0, offset: float = 0.0
) -> Stimulus:
    """The stimulus of a current that was recorded, with its noise.

    Parameters
    ----------
    samples : (n,) array
        pA, or what `gain` and `offset` make pA of.
    rate : float
        Hz.
    resolution : float
        Smallest step of the converter, pA.
    gain, offset : float

    Returns
    -------
    Stimulus
        ms from the first sample: levels if the current consists of steps, the edges to a sample, those that
        do not differ by their standard errors as one; else lines through means of 1 ms, or of more in a long
        sweep, but for what is noise. A steady current that cannot be told from none is none.
    """
    found = steps_in(samples, rate, resolution, gain, offset)
    if found is not None:
        return found
    size = block_size(rate, len(samples), MOST_BLOCKS)
    means = block_means(samples, size) * gain + offset
    return _lines(means, size * 1e3 / rate)


def steps_in(samples, rate, resolution=0.0, gain=1.0, offset=0.0) -> Stimulus | None:
    """The steps of a recorded current; None if it does not consist of steps, or its noise is meant."""
    size = block_size(rate, len(samples), MOST_BLOCKS)
    means = block_means(samples, size) * gain + offset
    if means.size < 3:
        return Stimulus(np.zeros(1), np.median(samples, keepdims=True) * gain + offset)
    noise = Noise.of(means)
    if np.median(np.abs(np.diff(samples[:MOST_BLOCKS]))):  # noise spreads them over steps of the converter
        resolution = 0.0
    around = max(_around(means), resolution / 2, FINE)
    edges = _slow_ones_joined(_edges(means, noise, resolution), means)
    levels = _levels(means, edges, around)
    off = _off(means, edges, levels)
    if not _are_steps(off, edges, around) or _is_meant(off, levels):
        return None
    times: list[int] = []
    for edge, heights in zip(edges, pairwise(levels), strict=True):
        first, stop = _near(edge, heights, around, means.size)
        near = samples[first * size : stop * size] * gain + offset
        times.append(max(first * size + _edge(near, *heights), *times[-1:], 0))
    edges = _moved(edges, [time // size for time in times], means.size)
    levels = _levels(means, edges, around)
    levels = _in_common(levels, np.maximum(_errors(edges, means.size, noise), resolution / SAME))
    least = max(NONE, BITS * resolution, CLEAR * float(noise.of_mean(means.size)))
    if len(set(levels)) == 1 and abs(levels[0]) <= least:
        levels[:] = 0.0
    return without_repeats(np.repeat([0.0, *times], 2)[1:] * 1e3 / rate, np.repeat(levels, 2)[:-1])


@dataclass(frozen=True)
class Noise:
    """Standard deviations (pA) of means over so many blocks as are `MEASURED`."""

    deviations: np.ndarray

    @staticmethod
    def of(means: np.ndarray) -> Noise:
        """By the differences of neighbouring means, between most of which is no edge."""
        found, sums = [], np.concatenate([[0.0], np.cumsum(means)])
        for window in MEASURED:
            over = (sums[window:] - sums[:-window]) / window
            jumps = np.abs(over[window:] - over[:-window])
            found.append(min([*([_deviation(jumps)] if jumps.size else []), *found[-1:]], default=0.0))
        return Noise(np.maximum(found, FINE))

    @staticmethod
    def of_all(sweeps: list[np.ndarray]) -> Noise:
        """That of most of several sweeps."""
        return Noise(np.median([Noise.of(means).deviations for means in sweeps if means.size], axis=0))

    def of_mean(self, n_blocks):
        """Of means over so many blocks: as over those measured that are in them, or by their number."""
        window = np.searchsorted(MEASURED, n_blocks, "right") - 1
        return self.deviations[window] * np.sqrt(np.minimum(1.0, MEASURED[-1] / n_blocks))


def _deviation(jumps):
    """The standard deviation of values of which these are the differences, but for a few large ones."""
    return float(np.median(jumps)) / (0.6745 * np.sqrt(2))


def _around(means):
    """The standard deviation of the means around what they are near by, with hum."""
    from scipy.ndimage import median_filter

    off = means - median_filter(means, LONG + 1, mode="nearest")
    return float(np.median(np.abs(off)) / 0.6745)


def _edges(means, noise, resolution):
    """Blocks in which the current goes to another level; windows from short to long find also small steps."""
    edges, sums = [], np.concatenate([[0.0], np.cumsum(means)])
    blocks = np.arange(1, means.size - 1)
    for window, clear in WINDOWS.items():
        first, last = np.maximum(blocks - window, 0), np.minimum(blocks + 1 + window, means.size)
        before = (sums[blocks] - sums[first]) / (blocks - first)
        after = (sums[last] - sums[blocks + 1]) / (last - blocks - 1)
        n_blocks = 2 / (1 / (blocks - first) + 1 / (last - blocks - 1))
        least = np.maximum(clear * noise.of_mean(n_blocks), BITS * resolution)
        height = np.abs(after - before) - least
        height[np.minimum(blocks - first, last - blocks - 1) < window / LEAST_PART] = 0
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
    levels = [np.median(means[start:stop]) for start, stop in _between(edges, means.size)]
    joined: list[tuple[int, int, bool]] = []
    for edge, (level, following) in zip(edges, pairwise(levels), strict=True):
        rise = bool(following > level)
        if joined and edge[0] - joined[-1][1] <= 2 and rise == joined[-1][2]:
            joined[-1] = joined[-1][0], edge[1], rise
        else:
            joined.append((*edge, rise))
    return [(first, last) for first, last, _ in joined]


def _between(edges, n_blocks):
    """First block and that after the last of the parts between edges."""
    starts, stops = [0, *(last + 1 for _, last in edges)], [*(first for first, _ in edges), n_blocks]
    return list(zip(starts, stops, strict=True))


def _levels(means, edges, around):
    """The current between the edges: the mean, without what is far from the others."""
    found = []
    for start, stop in _between(edges, means.size):
        part = means[start:stop]
        part = part[np.abs(part - np.median(part)) <= 5 * around]
        found.append(part.mean() if part.size else np.median(means[start:stop]))
    return np.array(found)


def _errors(edges, n_blocks, noise):
    """Standard errors of the levels."""
    return noise.of_mean(np.array([max(stop - start, 1) for start, stop in _between(edges, n_blocks)]))


def _in_common(levels, errors):
    """The levels, of which those that do not differ by their errors are one: their mean."""
    found, order = levels.copy(), np.argsort(levels, kind="stable")
    while order.size:
        near = levels[order] - levels[order[0]] <= SAME * np.hypot(errors[order], errors[order[0]])
        found[order[near]] = np.average(levels[order[near]], weights=errors[order[near]] ** -2.0)
        order = order[~near]
    return found


def _off(means, edges, levels):
    """What is around the levels, but in the edges."""
    off = means.copy()
    for level, (start, stop) in zip(levels, _between(edges, means.size), strict=True):
        off[start:stop] -= level
    for first, last in edges:
        off[first : last + 1] = 0
    return off


def _are_steps(off, edges, around):
    """Whether, but for edges that are short, nothing but noise is around the levels."""
    if any(last - first > LONGEST_EDGE for first, last in edges):
        return False
    slow = block_means(off, LONG)
    return np.mean(np.abs(off) > 5 * around) <= 0.01 and np.sqrt(np.mean(slow**2)) <= 0.5 * around


def _is_meant(off, levels):
    """Whether what is around the levels is slow and large enough to be a part of the stimulus."""
    slow = np.std(block_means(off, CYCLE))
    return slow > max(NONE, COLOURED * np.std(off), UNMEANT * np.ptp(levels))


def _near(edge, heights, around, n_blocks):
    """First block and that after the last between which an edge is: the more, the less clear it is."""
    reach = 1 + min(int(4 * (around / max(abs(np.subtract(*heights)), FINE)) ** 2), CYCLE)
    return max(edge[0] - reach, 0), min(edge[1] + 1 + reach, n_blocks)


def _edge(near, before, after):
    """The sample at which the current goes from level to level."""
    cost = np.cumsum((near - before) ** 2 - (near - after) ** 2)
    return int(np.concatenate([[0.0], cost]).argmin())


def _moved(edges, blocks, n_blocks):
    """The edges, fast ones in the blocks in which they are, unless these leave nothing between two."""
    moved = [
        (block, block) if first == last else (first, last)
        for (first, last), block in zip(edges, blocks, strict=True)
    ]
    return moved if all(stop > start for start, stop in _between(moved, n_blocks)) else edges


def _lines(means, step):
    """Lines through means that are `step` ms apart, but for what is noise."""
    tolerance, corners = max(3 * _deviation(np.abs(np.diff(means))), FINE * np.ptp(means)), None
    while corners is None:
        corners, tolerance = corners_of(means, tolerance, MOST_POINTS), 1.5 * tolerance
    return Stimulus((np.array(corners) + 0.5) * step, means[corners])
