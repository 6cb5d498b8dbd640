"""One cell's spike times as all else takes them: checked, each spike once, cut where nothing was recorded.

What is left out or cut is told in a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import neo
import numpy as np

from .firing import firing_of
from .quality import DOUBLET
from .spiketrains import (
    MIN_SPIKES,
    cell_of,
    cells_of,
    duration_of,
    isis_of,
    limits_of,
    naming_the_cell,
    sweeps_of,
    times_within,
)
from .windows import MIN_INTERVALS, PAUSE


@dataclass(frozen=True, eq=False)
class CleanCell:
    """The spikes of one cell.

    Attributes
    ----------
    spiketrains : list of neo.SpikeTrain
        The sweeps as they were given.
    cell : neo.SpikeTrain or neo.Group
        The same without spikes that were detected twice.
    times : list of arrays
        Their times in ms; a sweep with a gap is two.
    duration : float
        ms, of all sweeps from t_start to t_stop, without a gap.
    notes : tuple of str
        What was left out or cut.
    """

    spiketrains: list[neo.SpikeTrain]
    cell: neo.SpikeTrain | neo.Group
    times: list[np.ndarray]
    duration: float
    notes: tuple[str, ...]


def clean(spiketrain: neo.SpikeTrain | neo.Group) -> CleanCell:
    """Check a cell's spike times, and take out what is no firing.

    Parameters
    ----------
    spiketrain : neo.SpikeTrain or neo.Group
        A train, or the sweeps of one cell.

    Returns
    -------
    CleanCell

    Raises
    ------
    TypeError, ValueError
        As `times_of`; if fewer than 5 spikes are left.
    """
    found = without_doublets(spiketrain)
    sweeps, gap = _cut_at_gap(found.times)
    if not gap:
        return found
    note = (
        f"a pause of {gap / 1000:.3g} s, the only one in steady firing, is taken for a gap of the recording"
    )
    return replace(found, times=sweeps, duration=found.duration - gap, notes=(*found.notes, note))


def without_doublets(spiketrain: neo.SpikeTrain | neo.Group) -> CleanCell:
    """As `clean`, but without a cut at a pause."""
    spiketrain = cell_of(spiketrain)
    trains = sweeps_of(spiketrain)
    limits = [limits_of(train) for train in trains]
    sweeps, duration = times_within(trains, limits), duration_of(trains, limits)
    once = [_once(times) for times in sweeps]
    n_twice = sum(len(each) - np.count_nonzero(each) for each in once)
    if not n_twice:
        return CleanCell(trains, spiketrain, sweeps, duration, ())
    n_left = sum(map(len, sweeps)) - n_twice
    if n_left < MIN_SPIKES:
        raise ValueError(
            f"too few spikes: {n_left} are left without the {n_twice} that follow another within "
            f"{DOUBLET:g} ms, which is one spike detected twice; at least {MIN_SPIKES} are needed"
        )
    cell = neo.Group(name=getattr(spiketrain, "name", None))
    cell.spiketrains.extend([train[each] for train, each in zip(trains, once, strict=True)])
    spikes, are = ("spikes", "are") if n_twice > 1 else ("spike", "is")
    note = f"{n_twice} {spikes} within {DOUBLET:g} ms of another, which was detected twice, {are} left out"
    times = [times[each] for times, each in zip(sweeps, once, strict=True)]
    return CleanCell(trains, cell, times, duration, (note,))


def clean_times(sweeps) -> list[np.ndarray]:
    """What `clean` makes of spike times (ms) that need no check, such as those of a simulation."""
    return _cut_at_gap([times[_once(times)] for times in sweeps])[0]


def _once(times):
    """Which spikes are no second detection of the one before."""
    once = np.ones(len(times), dtype=bool)
    once[1:] = times[1:] - times[:-1] >= DOUBLET
    return once


def clean_many(spiketrains) -> list[CleanCell]:
    """`clean` for many cells; errors say which cell is meant."""
    return naming_the_cell(clean, cells_of(spiketrains))


def _cut_at_gap(sweeps):
    """Sweeps, one of them cut at a pause that never comes again, and the length (ms) of the pause; else 0."""
    isis = isis_of(sweeps)
    if len(isis) <= MIN_INTERVALS:
        return sweeps, 0.0
    second, longest = np.partition(isis, -2)[-2:]
    if longest <= PAUSE * second:
        return sweeps, 0.0
    cut = []
    for times in sweeps:
        steps = np.diff(times)
        at = int(steps.argmax()) + 1 if len(steps) and steps.max() == longest else len(times)
        cut += [piece for piece in (times[:at], times[at:]) if len(piece)]
    return (cut, float(longest)) if firing_of(cut).activity in ("tonic", "bursting") else (sweeps, 0.0)
