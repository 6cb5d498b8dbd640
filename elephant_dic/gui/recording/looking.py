"""How a visitor looks at a recording: the sweep, the stretch on the screen, the spikes that were rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import neo
import numpy as np
import quantities as pq

from ...trains import sweeps_of, without_spikes
from .traces import near_spikes, seconds

Key = tuple[str, ...]


@dataclass
class Looking:
    """What belongs to the open file, however often it is read.

    Attributes
    ----------
    sweep : int or None
        That is shown; None for the first.
    view : (start, stop) or None
        s, on the screen; None for the whole sweep.
    rejected : dict
        Times (s) of spikes, by cell and sweep.
    as_read : list of neo.SpikeTrain or neo.Group
        The cells with all their spikes.
    """

    sweep: int | None = None
    view: tuple[float, float] | None = None
    rejected: dict[tuple[Key, int], set[float]] = field(default_factory=dict)
    as_read: list = field(default_factory=list)
    _whole: dict[tuple[Key, int], neo.SpikeTrain] = field(default_factory=dict)
    _read_by: dict[str, Any] = field(default_factory=dict)

    def take(self, cells: list, options: Mapping[str, Any]) -> list:
        """Remember cells as they were read; returns them without the spikes that were rejected."""
        self.as_read = list(cells)
        others = {name: value for name, value in options.items() if name not in ("t_start", "t_stop")}
        if not options.keys() & {"t_start", "t_stop"} or others != self._read_by:
            self._whole = {(key_of(cell), sweep): train for cell in cells for sweep, train in numbered(cell)}
            self._read_by = others
        return [self.without_rejected(cell) for cell in cells]

    def whole(self, cell: neo.SpikeTrain | neo.Group) -> dict[int, neo.SpikeTrain]:
        """The sweeps of a cell, also what lies outside of the stretch that was read, where it is known."""
        key = key_of(cell)
        known = {sweep: train for (owner, sweep), train in self._whole.items() if owner == key}
        return known or dict(numbered(cell))

    def toggle(self, cell: neo.SpikeTrain | neo.Group, sweep: int, time: float) -> bool:
        """Reject a spike at a time (s), or take it back; returns whether it is rejected now."""
        times = self.rejected.setdefault((key_of(cell), sweep), set())
        again = near_spikes(times, np.array([time]))
        if again:
            times.discard(again[0])
        else:
            times.add(time)
        return not again

    def take_back_all(self, cell: neo.SpikeTrain | neo.Group) -> None:
        """No spike of a cell is rejected any more."""
        for key in [key for key in self.rejected if key[0] == key_of(cell)]:
            del self.rejected[key]

    def rejected_of(self, cell: neo.SpikeTrain | neo.Group) -> dict[int, list[float]]:
        """Times (s) of the spikes of each sweep that are rejected and in the cell as it was read."""
        found = {}
        for sweep, train in numbered(cell):
            found[sweep] = near_spikes(self.times_rejected(cell, sweep), seconds(train))
        return found

    def times_rejected(self, cell: neo.SpikeTrain | neo.Group, sweep: int) -> set[float]:
        """Times (s) at which spikes of a sweep are rejected, also outside of the stretch that was read."""
        return self.rejected.get((key_of(cell), sweep), set())

    def without_rejected(self, cell: neo.SpikeTrain | neo.Group) -> neo.SpikeTrain | neo.Group:
        """A cell as it was read, without the spikes that are rejected."""
        lists = [times * pq.s for times in map(np.array, self.rejected_of(cell).values())]
        if not any(map(len, lists)):
            return cell
        return without_spikes(cell, lists[0] if isinstance(cell, neo.SpikeTrain) else lists)


def key_of(cell: neo.SpikeTrain | neo.Group) -> Key:
    """What tells a cell from others of its file, however often that is read."""
    known = sweeps_of(cell)[0].annotations
    return (str(cell.name), str(known.get("channel")), str(known.get("unit")))


def numbered(cell: neo.SpikeTrain | neo.Group) -> list[tuple[int, neo.SpikeTrain]]:
    """The sweeps of a cell, each with its number in the file."""
    sweeps = sweeps_of(cell)
    known = [train.annotations.get("sweep") for train in sweeps]
    if None in known or len(set(known)) < len(known):
        return list(enumerate(sweeps))
    return list(zip(map(int, known), sweeps, strict=True))
