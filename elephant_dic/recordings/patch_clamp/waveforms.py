"""Currents as a `Stimulus` of few points: what commands and recorded currents have in common."""

from functools import lru_cache

import numpy as np
import quantities as pq

from ...trains import Stimulus

BLOCK = 1e-3  # s of which means are taken
MOST_POINTS = 2000  # of a stimulus that is drawn by lines
FINE = 1e-3  # of the range of a current, which a line may be off; and in pA, what is no difference


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


def corners_of(values, tolerance, most=MOST_POINTS // 2):
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


def block_size(rate, n_samples=0, most=1):
    """Samples of a block at a rate (Hz); more than that in a sweep of more than so many blocks."""
    return max(round(rate * BLOCK), -(-n_samples // most), 1)


def block_means(samples, size):
    """Means of blocks of so many samples; what is left over at the end is in none."""
    size = max(1, min(size, len(samples)))
    return samples[: len(samples) // size * size].reshape(-1, size).mean(axis=1, dtype=float)
