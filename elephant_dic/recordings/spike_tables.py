"""Spike times from a text table: one column a unit."""

import csv
import re

import neo
import numpy as np
import quantities as pq

from .contents import Contents, Unit, distinct
from .spike_detection import RecordingError


def read_table(path, time_unit):
    """Read a CSV or TXT file of spike times, with one column a unit and an optional header.

    Columns are separated by semicolons, tabs, commas or blanks; lines that start with ``#`` are
    comments. The name of a single column may hold blanks. Blank cells are allowed at the end of a
    column only.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    time_unit : str
        Unit of the times, e.g. ``"ms"``.

    Returns
    -------
    Contents
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise RecordingError("it is not a text file") from None
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.startswith("#")
    ]
    if not lines:
        raise RecordingError("it holds no spike times")
    rows = _rows(lines)
    n_columns = max(len(cells) for _, cells in rows)
    names = [""] * n_columns
    if not any(_is_number(cell) for cell in rows[0][1]):
        _, header = rows.pop(0)
        names[: len(header)] = header
    columns = [_column(rows, k) for k in range(n_columns)]
    named = [
        (name or f"column {k + 1}", times)
        for k, (name, times) in enumerate(zip(names, columns, strict=True))
        if name or len(times)  # a separator at the end of each line makes no unit
    ]
    return _contents(named, time_unit)


def _rows(lines):
    """Cells of each line, with the number of the line."""
    first = lines[0][1]
    separator = next((mark for mark in ";\t," if mark in first), None)
    if separator is None:
        rows = [(number, line.split()) for number, line in lines]
        times = next((cells for _, cells in rows if _is_number(cells[0])), [])
        if len(times) == 1 and not _is_number(rows[0][1][0]):  # a header, of one column
            rows[0] = (lines[0][0], [first.strip()])
        return rows
    cells = csv.reader([line for _, line in lines], delimiter=separator)
    return [(number, [cell.strip() for cell in row]) for (number, _), row in zip(lines, cells, strict=True)]


def _is_number(cell):
    return re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|[-+]?(nan|inf)", cell, re.I)


def _column(rows, k):
    """Times in a column; RecordingError for what is no number, and for a gap."""
    times, blank_line = [], None
    for number, cells in rows:
        cell = cells[k] if k < len(cells) else ""
        if not cell:
            blank_line = blank_line or number
            continue
        if blank_line:
            raise RecordingError(f"line {blank_line}, column {k + 1} is blank, but times follow below it")
        if not _is_number(cell):
            raise RecordingError(f"line {number}, column {k + 1}: {cell!r} is no time")
        if not np.isfinite(float(cell)):
            raise RecordingError(f"line {number}, column {k + 1}: {cell} is not a finite time")
        times.append(float(cell))
    return times


def _contents(named, time_unit):
    if not any(times for _, times in named):
        raise RecordingError("it holds no spike times")
    first = min(min(times) for _, times in named if times)
    last = max(max(times) for _, times in named if times)
    end = "a table of times does not store it; pass {0}= if you know it"
    doubts = {"t_stop": f"its t_stop is its last spike, at {last:g} {time_unit}: {end}"}
    if first < 0:
        doubts["t_start"] = f"its t_start is its first spike, at {first:g} {time_unit}: {end}"
    units = pq.Quantity(1.0, time_unit).units
    labels = distinct([name for name, _ in named])
    return Contents(
        units=[
            Unit(
                label,
                {0: neo.SpikeTrain(times, units=units, t_start=min(first, 0), t_stop=last)},
                aliases=(name,),
            )
            for label, (name, times) in zip(labels, named, strict=True)
        ],
        doubts={key: text.format(key) for key, text in doubts.items()},
    )
