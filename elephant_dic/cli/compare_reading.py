"""The two recordings of `elephant-dic compare`, each with its own options."""

from __future__ import annotations

import warnings
from argparse import Namespace

import neo
import quantities as pq

from ..populations import holds_changes, population_in
from ..recordings import TABLES, NoSpikesError, RecordingError, inspect_recording, read_as_recorded
from .common import name_or_index
from .reading import one_of, print_one_cell, reading_of
from .reports import n_spikes

#: Options that can be given twice: for BEFORE and for AFTER.
_EACH = "unit", "where", "channel", "sweep", "threshold", "time_unit"


def check_no_pairs(path):
    """A ValueError for pairs in place of a recording: they hold two."""
    block = population_in(path)
    if block is not None and holds_changes(block):
        raise ValueError(
            f"{path} holds pairs, with a recording before and one after: give the recording itself as AFTER"
        )


def options_of_each(args):
    """The options of BEFORE, and those of AFTER."""
    sides = [vars(args).copy(), vars(args).copy()]
    for name in _EACH:
        given = getattr(args, name) or []
        if len(given) > 2:
            option = name.replace("_", "-")
            raise ValueError(f"--{option}: give one for both recordings, or two, not {len(given)}")
        for side, value in zip(sides, given * 2 if len(given) == 1 else given, strict=False):
            side[name] = value
        if not given:
            sides[0][name] = sides[1][name] = None
    if len(args.time_unit or []) == 1 and _is_table(args.before_file) != _is_table(args.after_file):
        for side, path in zip(sides, (args.before_file, args.after_file), strict=True):
            side["time_unit"] = side["time_unit"] if _is_table(path) else None
    return [Namespace(**side) for side in sides]


def _is_table(path):
    return path.suffix.lower() in TABLES


def read_before(path, args, stretch):
    """The cell asked for, which has spikes, in a stretch (s)."""
    items, cells = _cells(path, args, stretch)
    firing = [cell for cell in cells if n_spikes(cell)]
    if not firing:
        raise RecordingError(f"{path.name}: no spikes in {', '.join(cell.name for cell in cells)}")
    return print_one_cell(path, items, one_of(path, firing))


def read_after(path, args, stretch):
    """The cell asked for, which may be silent, in a stretch (s)."""
    try:
        items, cells = _cells(path, args, stretch)
    except NoSpikesError as error:
        return _silence(path, stretch, error)
    return print_one_cell(path, items, one_of(path, cells), may_be_silent=True)


def _cells(path, args, stretch):
    """What a file holds, and the cells asked for, with what is to be said of them."""
    start, stop = stretch
    items = inspect_recording(path, time_unit=args.time_unit)
    asked = reading_of(Namespace(**(vars(args) | {"t_start": start, "t_stop": stop})))
    cells, notes = read_as_recorded(path, asked | {"channel": name_or_index(args.channel, items)})
    for note in notes:
        warnings.warn(note, stacklevel=2)
    return items, cells


def _silence(path, stretch, error):
    """The silence of a table without times, of which only the user knows how long it was."""
    start, stop = stretch
    if stop is None:
        raise ValueError(f"{error}: if the cell was silent, tell for how long, in s: --after 0:60") from error
    print(f"File:   {path.name}\nSpikes: none from {start or 0:g} to {stop:g} s\n")
    return neo.SpikeTrain([], units="s", t_start=(start or 0) * pq.s, t_stop=stop * pq.s, source=path.name)
