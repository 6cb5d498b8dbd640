"""Neuralynx files, alone or as the folder of a recording, through neo."""

from __future__ import annotations

import re

import neo
import numpy as np
import quantities as pq
from neo.rawio.neuralynxrawio.nlxheader import NlxHeader

from ...trains import amplitudes_of
from ..contents import Channel, Sweep
from ..spike_detection import RecordingError
from ..units_of_files import tame_units
from .sorting import SortedUnit, contents_of

SPIKES, EVENTS, SIGNALS = (".nse", ".ntt"), (".nev",), (".ncs",)
SIGNATURE = b"######## Neuralynx"
HEADER = 2**14  # bytes
N_SAMPLES = 32  # of a waveform
KINDS = {".nse": (b"spike",), ".ntt": (b"spike",), ".nev": (b"event",), ".ncs": (b"ncs", b"csc")}
GAP = 1.0  # ms: a longer one between samples begins a new sweep


def is_neuralynx(path):
    """Whether a file is one of Neuralynx, by how it begins: .nev is a suffix of others, too."""
    if path.suffix.lower() not in (*SPIKES, *EVENTS, *SIGNALS) or not path.is_file():
        return False
    with open(path, "rb") as file:
        return file.read(len(SIGNATURE)) == SIGNATURE


def neuralynx_files(folder):
    return sorted(path for path in folder.iterdir() if is_neuralynx(path))


def read_neuralynx(paths):
    """Read files of Neuralynx that belong to one recording.

    Times are those of the recording's clock, in whatever company a file is.
    """
    spikes = [path for path in paths if path.suffix.lower() in SPIKES]
    events = [path for path in paths if path.suffix.lower() in EVENTS]
    signals = [path for path in paths if path.suffix.lower() in SIGNALS]
    units, marks, notes = [], [], []
    for path in spikes:
        try:
            units += _units(path)
        except Exception as error:  # neo's readers fail on a damaged file in any way they like
            _leave_out(path, error, paths, notes)
    for path in events:
        try:
            marks += _events(path)
        except Exception as error:
            _leave_out(path, error, paths, notes)
    channels, bounds = _channels(signals, notes, alone=len(paths) == 1) if signals else ([], [])
    every = [each.times[0] for each in units + marks if each.times[0].size]
    starts = [times.min() for times in every] + bounds[:1]
    stops = [times.max() for times in every] + bounds[1:]
    if not starts:
        raise RecordingError("; ".join(["it holds no spikes, events or samples", *notes]))
    known = bool(
        bounds or any(each.times[0].size for each in marks)
    )  # a recording is begun and ended by events
    return contents_of(
        units, [max(stops)] if known else None, start=min(starts) if known else None, notes=notes,
        kind="a file of spikes", events=[each for each in marks if each.times[0].size], channels=channels,
    )  # fmt: skip


def _leave_out(path, error, paths, notes):
    if len(paths) == 1:
        raise error
    notes.append(f"left out: {path.name} ({type(error).__name__}: {error})")


def _check_kind(path):
    """RecordingError if a file holds something else than its suffix says."""
    with open(path, "rb") as file:
        found = re.search(rb"-FileType\s+(\w+)", file.read(HEADER))
    if found and found[1].lower() not in KINDS[path.suffix.lower()]:
        raise RecordingError(f"{path.name} says that it is of the type {found[1].decode('latin-1')}")


def _reader(paths):
    for path in paths:
        _check_kind(path)
    io = neo.io.NeuralynxIO(
        str(paths[0].parent), include_filenames=[path.name for path in paths], keep_original_times=True,
        gap_tolerance_ms=GAP,
    )  # fmt: skip
    tame_units(io.header)
    return io


def _records(path):
    _check_kind(path)
    return neo.io.NeuralynxIO._get_file_map(path)


def _units(path):
    """Units of an electrode or tetrode, of which neo makes one for each wire: 0 is what was not sorted."""
    records, gain = _records(path), NlxHeader(path).get("bit_to_microVolt", [])
    units = []
    numbers = np.unique(records["unit_id"]).tolist()
    for number in numbers:
        own = records[records["unit_id"] == number]
        samples = own["samples"].reshape(own.size, N_SAMPLES, -1).swapaxes(1, 2)
        waveforms = samples * np.resize(np.array(gain, float), samples.shape[1])[:, np.newaxis]
        label = "" if numbers == [number] and number else f"#{number or 'unclassified'}"
        sizes = {0: amplitudes_of(waveforms) * pq.uV} if len(gain) else {}
        alias = f"{path.stem}#{number}"
        times = {0: own["timestamp"] / 1e6}
        units.append(SortedUnit(f"{path.stem}{label}", times, (alias,), path.stem, {}, sizes))
    return units


def _events(path):
    """Event channels, by identifier and TTL value; neo's table of them fails on some headers."""
    records = _records(path)
    marks = []
    for number, value in np.unique(records[["event_id", "ttl_input"]]).tolist():
        own = records[(records["event_id"] == number) & (records["ttl_input"] == value)]
        texts = [bytes(text).decode("latin-1").rstrip("\0") for text in np.unique(own["event_string"])]
        name = f"{path.stem} event_id={number} ttl={value}"
        marks.append(SortedUnit(name, {0: own["timestamp"] / 1e6}, tuple(texts[:5]), name))
    return marks


def _channels(paths, notes, alone):
    """Sampled channels, and start and stop of all; file by file where they cannot be read together."""
    try:
        return _channels_together(paths)
    except Exception as error:  # of neo's reader, in any way it likes
        if alone:
            raise
        if len(paths) == 1:
            _leave_out(paths[0], error, (), notes)
            return [], []
    parts = [_channels([path], notes, alone=False) for path in paths]
    bounds = [bound for _, each in parts for bound in each]
    channels = [channel for found, _ in parts for channel in found]
    return channels, [min(bounds), max(bounds)] if bounds else []


def _channels_together(paths):
    """Channels with a sweep for each stretch without a gap, and start and stop of all."""
    block, found = _reader(paths).read_block(lazy=True), {}
    for sweep, segment in enumerate(block.segments):
        for signal in segment.analogsignals:
            for column, name in enumerate(signal.array_annotations["channel_names"]):
                found.setdefault(str(name), {})[sweep] = Sweep(signal, column)
    signals = [signal for segment in block.segments for signal in segment.analogsignals]
    bounds = [
        min(float(signal.t_start.rescale("s")) for signal in signals),
        max(float(signal.t_stop.rescale("s")) for signal in signals),
    ]
    return [Channel(name, sweeps) for name, sweeps in found.items()], bounds
