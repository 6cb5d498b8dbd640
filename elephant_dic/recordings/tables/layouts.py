"""Which layout a table of spike times has, and the spike trains in it.

A column a unit; a row a spike, with its unit; a train a line. What is none of these is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from ..spike_detection import RecordingError
from .cells import is_number, is_time
from .columns import OTHER_UNITS, ROLES, Column

LAYOUTS = (
    "tables of spike times are read with a column a unit, with a row a spike (columns such as unit and time),"
    " or with a train a line"
)
ONLY_AT_ENDS = "cells without a time may only stand at the end of one of several columns"
SHORTEST_TRACE, EVEN = 20, 1e-3


@dataclass(frozen=True)
class Train:
    """Times of a unit, by sweep."""

    name: str
    times: dict[int, list[float]]
    aliases: tuple[str, ...] = ()
    channel: str | None = None


@dataclass
class Layout:
    """The trains of a table, what is to be said of it, and the unit that it names."""

    trains: list[Train]
    notes: list[str] = field(default_factory=list)
    unit: str | None = None


def laid_out(table, stem):
    """The Layout of a table; `stem` names a unit that the table does not."""
    names = _names_of_all(table) if table.names else [""] * table.n_columns
    columns = [Column(k + 1, name, _cells(table.rows, k)) for k, name in enumerate(names)]
    columns = [column for column in columns if column.name or any(column.cells)]  # separators end the lines
    notes = []
    if len(columns) > 1 and _counts_rows(columns[0], named=bool(table.names)):
        del columns[0]
        notes.append("its first column counts the rows and is left out")
    layout = _rows_of_spikes(columns, stem) if table.names else None
    layout = layout or _rows_by_their_numbers(columns)
    if not (layout or table.names or notes):
        layout = _lines(table)
    layout = layout or _columns(columns, [line for line, _ in table.rows], stem)
    layout.notes[:0] = notes
    layout.unit = layout.unit or table.unit
    return layout


def _names_of_all(table):
    """A name a column: rows of R's tables have one cell more than their header."""
    names = list(table.names)
    if len(names) == table.n_columns - 1 and all(len(cells) == table.n_columns for _, cells in table.rows):
        names.insert(0, "")
    for line, cells in table.rows:
        if any(cells[len(names) :]):
            raise RecordingError(
                f"line {line} has {len(cells)} cells, but the header names {len(names)} columns (do decimal"
                " commas stand between commas? write decimal points, or separate columns by semicolons)"
            )
    return names + [""] * (table.n_columns - len(names))


def _cells(rows, k):
    return [cells[k] if k < len(cells) else "" for _, cells in rows]


def _counts_rows(column, named):
    """Whether a column is an index: it counts from 0 or 1, and has no other name, in a table with names."""
    if not all(cell.isdigit() for cell in column.cells) or (len(column.cells) < 3 and not named):
        return False
    counted = [int(cell) for cell in column.cells]
    if counted[0] > 1 or counted != list(range(counted[0], counted[0] + len(counted))):
        return False
    return re.fullmatch(ROLES["index"], column.name.lower()) is not None


# --- a row a spike -----------------------------------------------------------------------------------------


def _rows_of_spikes(columns, stem):
    """The layout whose header names a column of times, and others that belong to each spike; or None."""
    roles = {role: [column for column in columns if column.role == role] for role in ROLES}
    times = roles["time"] + roles["sample"]
    in_seconds = [column for column in roles["time"] if column.unit != "samples"]
    times = in_seconds or times  # the same times may be there as samples, too
    if len(times) != 1 or len(columns) == 1:
        return None
    (time,) = times
    keys = [column for role in ("sweep", "channel", "unit") for column in roles[role]]
    others = [column for column in columns if column not in (time, *keys)]
    if not keys:
        _refuse_trace(time, others)
    if not keys and any(column.role is None for column in others):
        names = ", ".join(column.label for column in others)
        raise RecordingError(
            f"it has a row a spike, but no column says of which unit (beside {time.label}: {names}): call it"
            f" unit; {LAYOUTS}"
        )
    if not all(column.is_full for column in (time, *keys)):
        raise RecordingError(
            f"it has a row a spike, but some have no {', no '.join(c.label for c in (time, *keys))}"
        )
    layout = _by_key(time, keys, stem)
    if others:
        layout.notes.append(
            f"read as a row a spike; left out: {', '.join(column.title for column in others)}"
        )
    if time.role == "sample":
        layout.unit = "samples"
    return layout


def _refuse_trace(time, others):
    """A trace as a table is no table of spikes: its times are evenly spaced."""
    if not time.is_full or not time.is_numeric() or len(time.cells) < SHORTEST_TRACE:
        return
    steps = np.diff(time.floats())
    if steps.min() > 0 and np.ptp(steps) <= EVEN * steps.mean():
        raise RecordingError(
            f"its rows are {steps.mean():.6g} apart: it is a trace, or counts per bin, as a table"
            f" ({', '.join(column.label for column in others)}); save a trace as a neo.AnalogSignal in a .nix"
            f" file, or the spike times; {LAYOUTS}"
        )


def _by_key(time, keys, stem):
    if not time.is_numeric():
        bad = next(cell for cell in time.cells if not is_time(cell))
        raise RecordingError(f"in the column {time.label}, {_no_time(bad)}")
    labels = [[_label(cell) for cell in column.cells] for column in keys]
    roles = [column.role or "unit" for column in keys]
    several = [len(set(column)) > 1 for column in labels]
    found = {}
    for row, value in enumerate(time.floats()):
        found.setdefault(tuple(column[row] for column in labels), []).append(value)
    sweeps = (
        sorted({key[roles.index("sweep")] for key in found}, key=_natural) if "sweep" in roles else [None]
    )
    trains = {}
    for key, values in sorted(found.items(), key=lambda item: [_natural(part) for part in item[0]]):
        parts = dict(zip(roles, key, strict=True))
        which = tuple(part for role, part in zip(roles, key, strict=True) if role != "sweep")
        telling = [
            (role, part)
            for role, part, more in zip(roles, key, several, strict=True)
            if role == "unit" or (role == "channel" and (more or "unit" not in roles))
        ]
        name = " ".join(part if not part.isdigit() else f"{role} {part}" for role, part in telling) or stem
        aliases = (parts["unit"],) if "unit" in parts else ()
        train = trains.setdefault(which, Train(name, {}, aliases, parts.get("channel")))
        train.times.setdefault(sweeps.index(parts.get("sweep")), []).extend(values)
    return Layout(list(trains.values()), _sweeps_without_rows(trains.values(), sweeps), unit=time.unit)


def _sweeps_without_rows(trains, sweeps):
    """A note on the units that have no row in a sweep in which others have: silent, or not recorded."""
    names = [train.name for train in trains if len(train.times) < len(sweeps)]
    if not names:
        return []
    told = ", ".join(names if len(names) <= 6 else [*names[:5], "…"])
    return [
        f"{told} {'has' if len(names) == 1 else 'have'} no row in some of the {len(sweeps)} sweeps: whether"
        " silent or not recorded there, the table does not tell. They are left out; if silent, the true"
        " rate is lower"
    ]


def _label(cell):
    """The text of a label: 3 for pandas' 3.0."""
    return str(int(float(cell))) if is_time(cell) and float(cell).is_integer() else cell


def _natural(text):
    return (0, int(text), "") if text is not None and text.isdigit() else (1, 0, text or "")


def _rows_by_their_numbers(columns):
    """A row a spike, told by the numbers: labels that repeat, and times that rise for each; or None."""
    keys = [column for column in columns if column.is_full and column.repeats()]
    times = [column for column in columns if column not in keys]
    if not keys or len(times) != 1 or not times[0].is_full or not times[0].is_numeric():
        return None
    _refuse_trace(times[0], keys)
    last = {}
    for row, time in enumerate(times[0].floats()):
        key = tuple(column.cells[row] for column in keys)
        if time <= last.get(key, -np.inf):
            return None
        last[key] = time
    for column in keys[:-1]:
        column.name = column.name if column.role else "channel"
    if not keys[-1].role:
        keys[-1].name = "unit"
    layout = _by_key(times[0], keys, "unit")
    which = ", ".join(str(column.number) for column in keys)
    layout.notes.append(
        f"read as a row a spike: the unit in column {which}, the time in column {times[0].number}"
    )
    return layout


# --- a train a line ----------------------------------------------------------------------------------------


def _lines(table):
    """A train a line: the times rise along the lines, and not down the columns; or None."""
    lines = [[cell for cell in cells if cell] for _, cells in table.rows]
    named = all(len(cells) > 1 and not is_number(cells[0]) for cells in lines)
    if named:
        names, lines = [cells[0].rstrip(":") for cells in lines], [cells[1:] for cells in lines]
    else:
        names = [f"line {number}" for number in range(1, len(lines) + 1)]
    if not all(is_time(cell) for cells in lines for cell in cells):
        return None
    trains = [[float(cell) for cell in cells] for cells in lines]
    longest = max(map(len, trains))
    if not all(_rise(times) for times in trains) or longest < 3:
        return None
    down = [[times[k] for times in trains if k < len(times)] for k in range(longest)]
    if not named and len(trains) >= longest and all(map(_rise, down)) and _filled_from_above(trains):
        return None
    return Layout(
        [Train(name, {0: times}, (name,)) for name, times in zip(names, trains, strict=True)],
        ["each line is read as a spike train"],
    )


def _rise(times):
    return all(a < b for a, b in zip(times[:-1], times[1:], strict=True))


def _filled_from_above(trains):
    return all(len(a) >= len(b) for a, b in zip(trains[:-1], trains[1:], strict=True))


# --- a column a unit ---------------------------------------------------------------------------------------


def _columns(columns, lines, stem):
    trains, units = [], set()
    for column in columns:
        original = column.label
        if column.unit:
            units.add(column.unit)
        _refuse_what_is_no_time(column, len(columns))
        nameless = len(columns) == 1 and column.role and column.name.lower() not in ("cell", "neuron")
        name = stem if nameless else original
        trains.append(Train(name, {0: _times(column, lines, len(columns) > 1)}, (original,)))
    if len(units) > 1:
        raise RecordingError(f"its columns are in {' and '.join(sorted(units))}: save all in one unit")
    sampled = [column for column in columns if column.role == "sample"]
    return Layout(trains, unit="samples" if sampled else next(iter(units), None))


def _refuse_what_is_no_time(column, n_columns):
    """Labels, counts and properties of spikes are no spike times, and no unit is called like them."""
    why = None
    if column.role == "property" or (n_columns > 1 and (column.role or OTHER_UNITS.search(column.name))):
        why = "that is not what a unit is called"
    elif len(column.cells) >= 10 and column.repeats():
        why = "its numbers repeat, as labels or counts per bin do"
    elif n_columns > 1 and column.goes_back():
        why = "its whole numbers do not rise, as labels or one part of a decimal comma"
    if why:
        raise RecordingError(f"{column.label} is no column of the spike times of a unit ({why}); {LAYOUTS}")


def _times(column, lines, padded):
    """Times in a column; RecordingError for what is no number, and for a gap."""
    cells = list(column.cells)
    while padded and cells and cells[-1].lower() in ("", "nan", "na"):  # columns are of different lengths
        cells.pop()
    times, blank_line = [], None
    for line, cell in zip(lines, cells, strict=False):
        where = f"line {line}, column {column.number}"
        if not cell:
            blank_line = blank_line or line
            continue
        if blank_line:
            raise RecordingError(
                f"line {blank_line}, column {column.number} is blank, but times follow below it:"
                f" {ONLY_AT_ENDS}"
            )
        if not is_number(cell):
            raise RecordingError(f"{where}: {_no_time(cell)}; {LAYOUTS}")
        if not np.isfinite(float(cell)):
            raise RecordingError(f"{where}: {cell} is not a finite time: {ONLY_AT_ENDS}")
        times.append(float(cell))
    return times


def _no_time(cell):
    return f"{cell!r} is no time" + (
        ": write decimal points, and nothing between thousands" if "," in cell else ""
    )
