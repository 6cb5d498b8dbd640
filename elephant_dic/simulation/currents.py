"""Currents that are injected into the simulator's cells while they run: noise, and lines with jumps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..trains import compiler
from .lanes import INNER, LANE, LANES, NEVER, OPTIONS
from .vectors import any_of, choose, load, store

_njit = compiler(__file__, "lanes.py", "tables.py", "vectors.py")


class Waves(NamedTuple):
    """Currents of lines and jumps, each for one or more cells; as `trains.Stimulus`, in ms and uA/cm**2."""

    of: np.ndarray  # (n_cells,): which current each cell gets; empty for none
    first: np.ndarray  # (n_currents + 1,): where the points of each begin
    times: np.ndarray
    currents: np.ndarray


NO_WAVES = Waves(np.empty(0, dtype=np.int64), np.zeros(1, dtype=np.int64), np.empty(0), np.empty(0))


@_njit(inline="always", **OPTIONS)
def injected_until(lanes, c, noise, noise_step, time):
    """Integral of a lane's injected current from the start to a time, not before that of the last call."""
    position, cell = time / noise_step, lanes.cell[c]
    end, i, whole = min(int(position), noise.shape[1] - 2), lanes.passed[c], lanes.passed_integral[c]
    while i < end:
        whole += 0.5 * (noise[cell, i] + noise[cell, i + 1])
        i += 1
    lanes.passed[c], lanes.passed_integral[c] = i, whole
    part, left, right = position - end, noise[cell, end], noise[cell, end + 1]
    return (whole + part * (left + 0.5 * part * (right - left))) * noise_step


@_njit(**INNER)
def begin_wave(lanes, c, waves):
    """Find where in its current a lane is that has just been filled."""
    if len(waves.of) == 0:
        return
    first = waves.first[waves.of[lanes.cell[c]]]
    lanes.point[c], lanes.level[c], lanes.slope[c] = first, waves.currents[first], 0.0
    lanes.until[c] = waves.times[first]
    while lanes.until[c] <= lanes.time[c]:
        since = lanes.time[c] - lanes.until[c]
        _pass_point(lanes, c, waves)
        lanes.level[c] += lanes.slope[c] * since


@_njit(**INNER)
def _pass_point(lanes, c, waves):
    """Go on behind the next point of a lane's current."""
    here, after = lanes.point[c], waves.first[waves.of[lanes.cell[c]] + 1]
    lanes.level[c], lanes.slope[c], lanes.point[c] = waves.currents[here], 0.0, here + 1
    if here + 1 == after:
        lanes.until[c] = NEVER
    else:
        lanes.until[c] = waves.times[here + 1]
        gap = waves.times[here + 1] - waves.times[here]
        if gap > 0.0:
            lanes.slope[c] = (waves.currents[here + 1] - waves.currents[here]) / gap


@_njit(**INNER)
def inject_waves(lanes, waves):
    """Add the mean over the step of a current of lines and jumps."""
    end = load(lanes.time, 0, LANE) + load(lanes.step, 0, LANE)
    crossing = end >= load(lanes.until, 0, LANE)
    level, rise = load(lanes.level, 0, LANE), load(lanes.slope, 0, LANE) * load(lanes.step, 0, LANE)
    store(lanes.drive, 0, load(lanes.drive, 0, LANE) + choose(crossing, 0.0, level + 0.5 * rise))
    store(lanes.level, 0, choose(crossing, level, level + rise))
    if any_of(crossing):
        for c in range(LANES):
            if lanes.running[c] > 0 and lanes.until[c] <= lanes.time[c] + lanes.step[c]:
                lanes.drive[c] += _across_points(lanes, c, waves) / lanes.step[c]


@_njit(**INNER)
def _across_points(lanes, c, waves):
    """Integral of a lane's current over a step in which there are points of it."""
    time, end, total = lanes.time[c], lanes.time[c] + lanes.step[c], 0.0
    while True:
        h = min(lanes.until[c], end) - time
        total += (lanes.level[c] + 0.5 * lanes.slope[c] * h) * h
        lanes.level[c] += lanes.slope[c] * h
        time += h
        if lanes.until[c] > end:
            return total
        _pass_point(lanes, c, waves)


@_njit(**INNER)
def inject(lanes, noise, noise_step):
    """Add the mean of the injected current over the step: it may be long against the current's samples."""
    for c in range(LANES):
        h = lanes.step[c]
        if lanes.cell[c] >= 0:
            integral = injected_until(lanes, c, noise, noise_step, lanes.time[c] + h)
            lanes.drive[c] += (integral - lanes.injected[c]) / h
            lanes.injected[c] = integral
