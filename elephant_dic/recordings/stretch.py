"""A stretch of a recording: what lies outside of a start and a stop is left out, and told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import neo
import numpy as np
import quantities as pq

from ..arguments import magnitude
from .families import Cell
from .spike_detection import RecordingError

#: Seconds beyond the end of a recording that are no matter.
_SLIGHT = 1e-3


@dataclass(frozen=True)
class Stretch:
    """From a start to a stop, on the time axis of the recording; None is where that begins, or ends."""

    start: pq.Quantity | None = None
    stop: pq.Quantity | None = None

    def __post_init__(self):
        if self.start is not None and self.stop is not None and not self.start < self.stop:
            raise RecordingError(f"t_start must be before t_stop, got {self.start} and {self.stop}")

    @property
    def is_whole(self) -> bool:
        """Whether nothing is cut."""
        return self.start is None and self.stop is None

    def within(self, begins: pq.Quantity, ends: pq.Quantity) -> tuple[Stretch, list[str]]:
        """The part of it in a recording with these limits, and a note on what is beyond them.

        Raises
        ------
        RecordingError
            If there is none.
        """
        start = None if self.start is None else max(self.start, begins)
        stop = None if self.stop is None else min(self.stop, ends)
        told = f"it goes from {float(begins):g} to {float(ends):g} s"
        if not (begins if start is None else start) < (ends if stop is None else stop):
            raise RecordingError(f"{self} holds nothing of it: {told}")
        moved = [
            abs(float((new - old).rescale("s")))
            for new, old in ((start, self.start), (stop, self.stop))
            if new is not None and old is not None
        ]
        if max(moved, default=0.0) < _SLIGHT:
            return self, []
        return Stretch(start, stop), [f"{self} is cut: {told}"]

    def of_signals(self, signals: Mapping[int, neo.AnalogSignal]) -> dict[int, neo.AnalogSignal]:
        """The parts of signals in the stretch; sweeps outside of it are left out.

        Raises
        ------
        RecordingError
            If there is nothing in it.
        """
        found: dict[int, neo.AnalogSignal] = {}
        if self.is_whole:
            return dict(signals)
        for number, signal in signals.items():
            rate = float(signal.sampling_rate.rescale("Hz"))
            first, last = (
                None if time is None else round(float((time - signal.t_start).rescale("s")) * rate)
                for time in (self.start, self.stop)
            )
            part = signal[max(0, first or 0) : len(signal) if last is None else max(0, last)]
            if len(part):
                found[number] = part
        if not found:
            begins = min(signal.t_start for signal in signals.values()).rescale("s")
            ends = max(signal.t_stop for signal in signals.values()).rescale("s")
            raise RecordingError(f"{self} holds nothing of it: it goes from {begins:g} to {ends:g}")
        return found

    def of_cell(self, cell: Cell) -> tuple[Cell, int]:
        """A cell with the spikes in the stretch, and how many are outside.

        A single train has the limits that are given, also where those of its file lie within.
        """
        alone, trains, n_outside = len(cell.trains) == 1, {}, 0
        for number, train in cell.trains.items():
            found, n = self._of_train(train, alone)
            n_outside += n
            if found is not None:
                trains[number] = found
        if not trains:
            raise RecordingError(f"{self} holds nothing of {cell.name}")
        return Cell(cell.name, trains, cell.annotations), n_outside

    def _of_train(self, train, alone):
        units = train.units.dimensionality.string
        limits = [magnitude(limit, units, "limit") for limit in (train.t_start, train.t_stop)]
        start, stop = (
            old if new is None else magnitude(new, units, name)
            for name, old, new in zip(("t_start", "t_stop"), limits, (self.start, self.stop), strict=True)
        )
        if not alone:
            start, stop = max(start, limits[0]), min(stop, limits[1])
        if not start < stop:
            return None, len(train)
        times = train.magnitude.astype(float)
        tolerance = 1e-9 * max(abs(start), abs(stop))  # of the conversion between units
        inside = (times >= start - tolerance) & (times <= stop + tolerance)
        kept = times[inside]
        arrays = {name: values[inside] for name, values in train.array_annotations.items()}
        start, stop = kept.min(initial=start), kept.max(initial=stop)
        annotations = {"array_annotations": arrays, **train.annotations}
        return (
            neo.SpikeTrain(kept, units=units, t_start=start, t_stop=stop, **annotations),
            int(np.sum(~inside)),
        )

    def __str__(self) -> str:
        start = "the start" if self.start is None else f"{self.start}"
        return f"the stretch from {start} to {'the end' if self.stop is None else self.stop}"
