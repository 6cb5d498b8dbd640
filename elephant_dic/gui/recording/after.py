"""The recording after: another file, or another stretch of the one before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import neo
import quantities as pq

from ...trains import FIGURES, assess_quality, clean, is_stepped, recording_firing, sweeps_of
from ..texts import words
from ..texts.tables import Rows
from .looking import Looking, key_of
from .opened import Reading, Source, read_cells

Cell: TypeAlias = neo.SpikeTrain | neo.Group
Stretch: TypeAlias = tuple[float | None, float | None]
_STRETCH = ("t_start", "t_stop")


@dataclass(eq=False)
class After:
    """The recording that is compared with that of a population.

    Attributes
    ----------
    source : Source
    reading : Reading
    cell : neo.SpikeTrain, neo.Group or None
        That is chosen of those that were read.
    stretch_of : neo.SpikeTrain, neo.Group or None
        The cell of which it is another stretch; None of another file.
    looking : Looking or None
        Of the file of which it is a stretch: the spikes that are rejected there are rejected here.
    """

    source: Source
    reading: Reading = field(default_factory=Reading)
    cell: Any = None
    stretch_of: Any = None
    looking: Looking | None = None

    def take(self, cells: list[Cell]) -> None:
        """The cells as they were read: of another file all, of a stretch the one cell."""
        if self.stretch_of is not None:
            cells = same_cell(cells, self.stretch_of, self.looking)
        self.reading.cells = cells
        self.cell = cells[0] if cells else None


def same_cell(cells: list[Cell], cell: Cell, looking: Looking | None) -> list[Cell]:
    """Those that are the given one, of another stretch, without the spikes that are rejected."""
    found = [each for each in cells if key_of(each) == key_of(cell)]
    return [each if looking is None else looking.without_rejected(each) for each in found]


def read_stretch(
    source: Source, options: dict[str, Any], stretch: Stretch, cell: Cell, looking: Looking
) -> Cell:
    """A stretch (s) of a cell, without the spikes that are rejected."""
    given = {name: value * pq.s for name, value in zip(_STRETCH, stretch, strict=True) if value is not None}
    found = same_cell(read_cells(source, without_stretch(options) | given, silent_too=True), cell, looking)
    if not found:
        raise ValueError("the recording holds nothing of the cell in this stretch")
    return found[0]


def without_stretch(options: dict[str, Any]) -> dict[str, Any]:
    """How a file was read, but all of it."""
    return {name: value for name, value in options.items() if name not in _STRETCH}


def overlap(before: Cell, after: Cell) -> float:
    """The time (s) that two stretches of a recording have in common."""
    shared = 0.0
    for one in sweeps_of(before):
        for other in sweeps_of(after):
            if one.annotations.get("sweep") == other.annotations.get("sweep"):
                start, stop = max(one.t_start, other.t_start), min(one.t_stop, other.t_stop)
                shared += max(0.0, float((stop - start).rescale("s")))
    return shared


def firing_rows(before: Cell, after: Cell, window: float) -> Rows:
    """Class and figures of two recordings, a row each; of those under current steps, how many spikes.

    Parameters
    ----------
    before, after : neo.SpikeTrain or neo.Group
    window : float
        ms, of the neuron for which their firing is classified.

    Raises
    ------
    ValueError
        If one cannot be used: it is neither silent nor fires as often as it must.
    """
    columns = [_firing(cell, window) for cell in (before, after)]
    names = list(dict.fromkeys(name for column in columns for name in column))
    rows = [(name, *(column.get(name, "") for column in columns)) for name in names]
    return [("Figure", "Before", "After"), *rows]


def _firing(cell, window):
    sweeps = sweeps_of(cell)
    length = sum(float((train.t_stop - train.t_start).rescale("s")) for train in sweeps)
    told = {"Spikes": f"{sum(map(len, sweeps)):,}", "Duration (s)": words.number(length)}
    if is_stepped(cell) or told["Spikes"] == "0":
        return told | {"Class": "under current steps" if is_stepped(cell) else "silent"}
    found = clean(cell)
    firing = recording_firing(found.times, window, found.duration)
    told |= {"Class": firing.activity, "One cell?": assess_quality(cell).verdict}
    for name, value in firing.figures().items():
        unit = f" ({FIGURES[name]})" if FIGURES[name] else ""
        told[words.FIGURES[name][0] + unit] = words.number(value, 3)
    return told
