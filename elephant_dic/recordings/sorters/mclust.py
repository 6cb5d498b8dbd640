"""MClust's .t files, one a unit: a header of text, then times in 0.1 ms as big-endian integers."""

from __future__ import annotations

import numpy as np

from ..spike_detection import RecordingError
from .sorting import SortedUnit, contents_of

SUFFIXES = (".t", ".t32", ".t64")
TICK = 1e-4  # s
BEGIN, END = b"%%BEGINHEADER", b"%%ENDHEADER"


def read_mclust(paths):
    """Read files of MClust, as units of one recording, named like the files."""
    units, notes = [], []
    for path in paths:
        try:
            units.append(SortedUnit(path.stem, {0: _times(path) * TICK}, (path.name,)))
        except RecordingError as error:
            if len(paths) == 1:
                raise
            notes.append(f"left out: {error}")
    kind = "MClust, whose times are of the clock of the recording,"
    return contents_of(units, start=None, notes=notes, kind=kind)


def _times(path):
    content = path.read_bytes()
    if not content.startswith(BEGIN):
        raise RecordingError(f"{path.name} does not begin like a file of MClust, with {BEGIN.decode()}")
    end = content.find(END)
    if end < 0:
        raise RecordingError(f"{path.name} is damaged: its header has no {END.decode()}")
    numbers = content[end + len(END) :].removeprefix(b"\r").removeprefix(b"\n")
    wide = path.suffix.lower() == ".t64"
    if (
        not wide and len(numbers) % 8 == 0 and len(numbers) >= 16
    ):  # .t may be either: the upper halves are all 0
        wide = not np.frombuffer(numbers, ">u4")[::2].any()
    width = 8 if wide else 4
    if len(numbers) % width:
        raise RecordingError(f"{path.name} is damaged: {len(numbers)} bytes are no whole number of times")
    return np.frombuffer(numbers, f">u{width}").astype(float)
