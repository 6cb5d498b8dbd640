"""The currents of a population's recording under steps, as points that every simulator can play."""

from __future__ import annotations

from dataclasses import dataclass

import neo
import numpy as np

from ..populations import capacitance_of, recording_of
from ..simulation import LONGEST_LEAD
from ..trains import stimulus_of


@dataclass(frozen=True, eq=False)
class SweepCurrent:
    """The current of a sweep: linear between points, with a jump where two have the same time.

    Attributes
    ----------
    number : int
        Of the sweep in its file, or in the recording where it has none of its own.
    duration : float
        ms.
    first : float
        uA/cm**2, at which the cell is held before all that is known.
    lead : float
        ms for which the current is known before the sweep, as when that begins inside a step.
    times : (n,) array
        ms, from minus the lead to the duration.
    densities, currents : (n,) arrays
        uA/cm**2 and pA.
    """

    number: int
    duration: float
    first: float
    lead: float
    times: np.ndarray
    densities: np.ndarray
    currents: np.ndarray


def currents_of(block: neo.Block) -> list[SweepCurrent]:
    """The sweeps of which a population knows the current, and the capacitance that makes it a density."""
    capacitance = capacitance_of(block)
    if capacitance is None:
        return []
    trains = [(train, stimulus_of(train)) for train in recording_of(block)]
    known = [(train, stimulus) for train, stimulus in trains if stimulus is not None]
    numbers = [train.annotations.get("sweep") for train, _ in known]
    if not all(isinstance(n, (int, np.integer)) for n in numbers) or len(set(numbers)) < len(numbers):
        numbers = list(range(len(known)))
    return [_sweep(int(n), *each, capacitance) for n, each in zip(numbers, known, strict=True)]


def _sweep(number, train, stimulus, capacitance):
    start, stop = (float(time.rescale("ms").magnitude) for time in (train.t_start, train.t_stop))
    duration = stop - start
    times = stimulus.times - start
    lead = float(np.clip(-times[0], 0.0, LONGEST_LEAD))
    ends = np.setdiff1d([-lead, duration], times)  # where the stimulus has no points of its own
    order = np.argsort(np.concatenate([times, ends]), kind="stable")
    points = np.concatenate([times, ends])[order]
    currents = np.concatenate([stimulus.currents, np.interp(ends, times, stimulus.currents)])[order]
    inside = (points >= -lead) & (points <= duration)
    points, currents = points[inside], currents[inside]
    first = stimulus.holding / capacitance
    return SweepCurrent(number, duration, first, lead, points, currents / capacitance, currents)


def table_of(sweeps: list[SweepCurrent]) -> str:
    """The points as CSV."""
    lines = [
        "# currents of the sweeps, linear between points; times in ms from the start of each, and before it",
        "sweep,time_ms,current_uA_per_cm2,current_pA",
    ]
    for sweep in sweeps:
        points = zip(sweep.times, sweep.densities, sweep.currents, strict=True)
        lines += [",".join([str(sweep.number), *(repr(float(x)) for x in point)]) for point in points]
    return "\n".join(lines) + "\n"
