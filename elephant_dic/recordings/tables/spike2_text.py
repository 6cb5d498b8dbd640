"""Spike2's text export: a block a channel, each after a line that begins with ``"CHANNEL"``."""

from __future__ import annotations

import re

from ..spike_detection import RecordingError
from .cells import is_number, is_time, with_point
from .layouts import Layout, Train

_CHANNEL = re.compile(r'^"CHANNEL"\s+"(\d+)"', re.M)
WAVEFORMS = ("waveform", "adc", "realwave")


def is_spike2_text(text):
    return _CHANNEL.search(text) is not None


def spike2_layout(text, given=None):
    """The event, marker and spike channels of an export as trains; codes of markers tell units apart.

    Times are in seconds, unless the user says that Spike2 was set to another unit.
    """
    starts = [*_CHANNEL.finditer(text)]
    ends = [*(match.start() for match in starts[1:]), len(text)]
    trains, notes = [], []
    for match, end in zip(starts, ends, strict=True):
        number = match[1]
        first_line = 1 + text.count("\n", 0, match.end())
        kind, name, rows = _block(text[match.end() : end], first_line)
        name = name or f"channel {number}"
        if kind.lower().startswith(WAVEFORMS) or any(cells[0] == "START" for _, cells in rows):
            notes.append(f"the waveform of channel {number} ({name}) is left out: export it as .mat or .smr")
            continue
        trains += _trains(number, name, rows)
    if not trains:
        raise RecordingError("; ".join(["it is a text export of Spike2 without a channel of times", *notes]))
    return Layout(trains, notes, None if given else "s")


def _block(text, first_line):
    """Kind and title of a channel; cells of the lines below, with their numbers."""
    words, rows = [], []
    for number, line in enumerate(text.splitlines(), first_line):
        cells = [with_point(cell) for cell in re.findall(r'"[^"]*"|[^\s"]+', line)]
        if cells and (is_number(cells[0]) or cells[0] == '"START"'):
            rows.append((number, [cell.strip('"') for cell in cells]))
        elif cells and rows:
            raise RecordingError(f"line {number}: {line.strip()[:40]!r} is no time")
        elif cells:
            words.append(cells[0].strip('"'))
    kind, _, title = [*words, "", "", ""][:3]  # a comment lies between them
    return kind, title.strip(), rows


def _trains(number, name, rows):
    """A train, or one for each code that follows the times of markers."""
    found = {}
    for line, cells in rows:
        if not is_time(cells[0]):
            raise RecordingError(f"line {line}: {cells[0]!r} is no time")
        code = cells[1] if len(cells) > 1 else None
        found.setdefault(code, []).append(float(cells[0]))
    return [
        Train(name if len(found) == 1 else f"{name}#{code}", {0: times}, (name, number), name)
        for code, times in sorted(found.items(), key=lambda item: str(item[0]))
    ]
