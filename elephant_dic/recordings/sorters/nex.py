"""NeuroExplorer's files, .nex and .nex5: a header, one header a variable, then the data of the variables.

Written after the description of the two formats that NeuroExplorer publishes.
"""

from __future__ import annotations

import neo
import numpy as np
import quantities as pq

from ..contents import Channel, Sweep
from ..spike_detection import RecordingError
from .sorting import SortedUnit, contents_of

_HEADERS = {
    b"NEX1": np.dtype([
        ("magic", "S4"), ("version", "<i4"), ("comment", "S256"), ("rate", "<f8"), ("start", "<i4"),
        ("stop", "<i4"), ("n", "<i4"), ("padding", "V260"),
    ]),
    b"NEX5": np.dtype([
        ("magic", "S4"), ("version", "<i4"), ("comment", "S256"), ("rate", "<f8"), ("start", "<i8"),
        ("n", "<i4"), ("metadata", "<u8"), ("stop", "<i8"), ("padding", "V56"),
    ]),
}  # fmt: skip
_VARIABLES = {
    b"NEX1": np.dtype([
        ("type", "<i4"), ("version", "<i4"), ("name", "S64"), ("offset", "<i4"), ("n", "<i4"),
        ("wire", "<i4"), ("unit", "<i4"), ("gain", "<i4"), ("filter", "<i4"), ("x", "<f8"), ("y", "<f8"),
        ("sampling", "<f8"), ("scale", "<f8"), ("n_samples", "<i4"), ("n_fields", "<i4"), ("length", "<i4"),
        ("shift", "<f8"), ("before", "<f8"), ("padding", "V52"),
    ]),
    b"NEX5": np.dtype([
        ("type", "<i4"), ("version", "<i4"), ("name", "S64"), ("offset", "<u8"), ("n", "<u8"),
        ("time_type", "<i4"), ("sample_type", "<i4"), ("sampling", "<f8"), ("units", "S32"),
        ("scale", "<f8"), ("shift", "<f8"), ("n_samples", "<u8"), ("before", "<f8"), ("marker_type", "<i4"),
        ("n_fields", "<i4"), ("length", "<i4"), ("index_type", "<i4"), ("padding", "V60"),
    ]),
}  # fmt: skip
UNIT, EVENT, WAVEFORM, SIGNAL, MARKER = 0, 1, 3, 5, 6
KINDS = {2: "intervals", 4: "population vectors"}


def read_nex(path):
    """Read a NeuroExplorer file: units, events and markers, and sampled channels.

    Waveforms that a unit of the file has, too, are not read again.
    """
    file = _File(path)
    units, events, channels, notes = [], [], [], []
    for variable in file.variables:
        name, kind = _text(variable["name"]), int(variable["type"])
        try:
            if kind in (UNIT, WAVEFORM):
                units.append((kind, SortedUnit(name, {0: file.times(variable)})))
            elif kind in (EVENT, MARKER):
                events.append(SortedUnit(name, {0: file.times(variable)}, channel=name))
            elif kind == SIGNAL:
                channels.append(file.signal(variable, name))
            else:
                notes.append(f"left out: {name} ({KINDS.get(kind, f'variable of kind {kind}')})")
        except RecordingError as error:
            notes.append(f"left out: {name}: {error}")
    names = {unit.name for kind, unit in units if kind == UNIT}
    units = [unit for kind, unit in units if kind == UNIT or unit.name.removesuffix("_wf") not in names]
    return file.contents(units, [event for event in events if event.times[0].size], channels, notes)


def _text(value):
    return bytes(value).split(b"\0")[0].decode("utf-8", "replace").strip() or "unnamed"


class _File:
    """The headers of a file, and its data by variable."""

    def __init__(self, path):
        self.data = np.memmap(path, np.uint8, mode="r")
        magic = bytes(self.data[:4])
        if magic not in _HEADERS:
            raise RecordingError("it does not begin like a file of NeuroExplorer, with NEX1 or NEX5")
        self.is_nex5, header_type, kind = magic == b"NEX5", _HEADERS[magic], _VARIABLES[magic]
        self.header = self._part(0, 1, header_type, "its header")[0]
        self.rate = float(self.header["rate"])
        if not 0 < self.rate < np.inf:
            raise RecordingError(f"it is damaged: its times are in ticks of {self.rate:g} Hz")
        n = int(self.header["n"])
        self.variables = self._part(header_type.itemsize, n, kind, f"the headers of {n} variables")

    def _part(self, start, n, dtype, what):
        dtype = np.dtype(dtype)
        start, n = int(start), int(n)
        if start < 0 or n < 0 or start + n * dtype.itemsize > self.data.size:
            raise RecordingError(f"it is damaged: {what} would lie outside of it")
        return self.data[start : start + n * dtype.itemsize].view(dtype)

    def _time_type(self, variable):
        return np.dtype("<i8" if self.is_nex5 and variable["time_type"] == 1 else "<i4")

    def times(self, variable):
        """The times of a variable in s."""
        times = self._part(variable["offset"], variable["n"], self._time_type(variable), "times")
        return times / self.rate

    def signal(self, variable, name):
        """A sampled channel; RecordingError if it was interrupted."""
        times, n = self.times(variable), int(variable["n"])
        if n != 1:
            raise RecordingError(f"it is sampled in {n} stretches with gaps")
        index_size = 8 if self.is_nex5 and variable["index_type"] == 1 else 4
        start = int(variable["offset"]) + self._time_type(variable).itemsize + index_size
        floats = self.is_nex5 and variable["sample_type"] == 1
        samples = self._part(start, variable["n_samples"], "<f4" if floats else "<i2", "samples").astype(
            float
        )
        shift = 0.0 if not self.is_nex5 and self.header["version"] < 104 else float(variable["shift"])
        rate = float(variable["sampling"])
        if not 0 < rate < np.inf or not samples.size:
            raise RecordingError(f"it has {samples.size} samples at {rate:g} Hz")
        signal = neo.AnalogSignal(
            (samples * float(variable["scale"]) + shift)[:, np.newaxis],
            units="mV", t_start=times[0] * pq.s, sampling_rate=rate * pq.Hz, name=name,
        )  # fmt: skip
        return Channel(name, {0: Sweep(signal)})

    def contents(self, units, events, channels, notes):
        """Contents of what was read; the end of the recording is that of the header, unless it has none."""
        start, stop = float(self.header["start"]) / self.rate, float(self.header["stop"]) / self.rate
        last = max((times.max() for each in units + events if (times := each.times[0]).size), default=0.0)
        stops = [stop] if stop > start and stop >= last else None
        return contents_of(units, stops, start=start, notes=notes, events=events, channels=channels)
