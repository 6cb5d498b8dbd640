"""AxoGraph files (.axgd, .axgx), which neo reads; units and episodes are taken from the titles of columns."""

import re
from collections import Counter

import neo
import numpy as np
from neo.io.proxyobjects import EpochProxy, EventProxy

from ..contents import Sweep
from ..spike_detection import RecordingError
from ..units_of_files import tame_units
from .sweeps import contents_of_sweeps

TITLE = re.compile(r"(?P<name>.*?)\s*[(\[](?P<units>[^()\[\]]*)[)\]]\s*")


def read_axograph(path):
    """Read an AxoGraph file: its episodes, its tags and intervals."""
    with open(path, "rb") as file:
        if file.read(4) not in (b"AxGr", b"axgx"):
            raise RecordingError("it does not begin like an AxoGraph file")
    io = neo.io.AxographIO(str(path))
    channels = io.header["signal_channels"]
    for k, (name, units) in enumerate(zip(channels["name"], channels["units"], strict=True)):
        title = TITLE.fullmatch(str(name))
        if title and not units:
            channels["units"][k] = title["units"]
    tame_units(io.header)
    segments = io.read_block(lazy=True).segments
    sweeps, notes = [_columns(segment.analogsignals) for segment in segments], []
    if len(sweeps) == 1:
        sweeps = _episodes(sweeps[0])
        if len(sweeps) > 1:
            notes.append(f"its columns of one title are taken for {len(sweeps)} episodes")
    marks = [
        mark.load()
        for mark in segments[0].events + segments[0].epochs
        if isinstance(mark, EventProxy | EpochProxy)
    ]
    return contents_of_sweeps(
        [[_loaded(name, *column) for name, column in columns] for columns in sweeps],
        notes=notes,
        marks=[mark for mark in marks if len(mark)],
        placed=len(sweeps) == 1,
    )


def _columns(signals):
    """Name, and signal and index in it, of each column."""
    return [
        (TITLE.fullmatch(name)["name"] if TITLE.fullmatch(name) else name, (signal, k))
        for signal in signals
        for k, name in enumerate(map(str, signal.array_annotations["channel_names"]))
    ]


def _episodes(columns):
    """The columns sorted into episodes, of which each has one of a title."""
    seen, episodes = Counter(), {}
    for name, column in columns:
        episodes.setdefault(seen[name], []).append((name, column))
        seen[name] += 1
    return list(episodes.values())


def _loaded(name, signal, column):
    if not 0 < float(signal.sampling_rate) < np.inf:
        raise RecordingError(f"it is damaged: its samples come at {float(signal.sampling_rate):g} Hz")
    samples = Sweep(signal, column).load()
    samples.name = name
    return samples
