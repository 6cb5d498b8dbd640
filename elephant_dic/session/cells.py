"""The recordings of a session, and its cells: what each is called, and which it is."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import neo
import numpy as np
import quantities as pq

from ..populations import source_of
from ..recordings import WITHOUT_UNIT, RecordingError, check_reading, read_all_cells, recordings_in
from ..trains import sweeps_of, to_spiketrains
from .journal import JOURNAL

#: What a session was made with; a folder with this file, or with a journal, is one of a session.
MANIFEST = "session.json"
TABLE, POPULATIONS = "session.csv", "cells"
_RESULTS = (MANIFEST, JOURNAL, TABLE, "session.nwb", POPULATIONS)
#: Longest part of a file's name that comes from the name of a cell or a recording.
_LONGEST = 60
_MOST_NAMED = 5  # files, or reasons, in a message


@dataclass(frozen=True)
class Recording:
    """A file or folder that is to be read, or cells that were given (without a path), from a number on."""

    path: Path | None
    options: Mapping[str, Any] = field(default_factory=dict)
    given: tuple[neo.SpikeTrain | neo.Group, ...] = ()
    first: int = 0

    @property
    def name(self) -> str:
        return "" if self.path is None else writable(str(self.path))

    def cells(self) -> tuple[list[SessionCell], list[str]]:
        """Its cells, silent ones too, and what the user should hear; RecordingError if it cannot be read."""
        if self.path is not None and writable(self.path.name) != self.path.name:
            raise RecordingError(
                f"{writable(self.path.name)}: its name is no Unicode (UTF-8), so that no file of results can"
                f" hold it: rename it"
            )
        cells, notes = (self.given, []) if self.path is None else read_all_cells(self.path, self.options)
        return [_session_cell(index, cell) for index, cell in enumerate(cells, self.first)], notes


@dataclass(frozen=True, eq=False)
class SessionCell:
    """A cell of a session.

    Attributes
    ----------
    cell : neo.SpikeTrain or neo.Group
    source, name : str
        Name of the file that it comes from, without folders ("" where it is not known); its own.
    key : bytes
        Of the names and all that a result rests on: what has the same key is the same cell.
    """

    cell: neo.SpikeTrain | neo.Group
    source: str
    name: str
    key: bytes

    @property
    def n_spikes(self) -> int:
        return sum(len(train) for train in getattr(self.cell, "spiketrains", [self.cell]))

    def seed(self, seed: int) -> int:
        """Its own seed in a session with a seed: it follows from the names of file and cell alone."""
        text = json.dumps([seed, self.source, self.name])
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest())

    def place(self, suffix: str) -> str:
        """Where its population is written, in a session's folder: safe names, that no other cell has."""
        return f"{POPULATIONS}/{_safe(self.source) or 'given'}/{_safe(self.name)}-{self.key.hex()}{suffix}"


def writable(text: str) -> str:
    """A text as a file can hold it: bytes of a name that are no UTF-8 are written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _safe(name):
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", name).strip("._")[:_LONGEST]


def _session_cell(index, cell) -> SessionCell:
    trains = list(cell.spiketrains) if isinstance(cell, neo.Group) else sweeps_of(cell)
    known = source_of(trains)
    source = str(known[0].get("source", "")) if known else ""
    name = str(cell.name or f"cell {index}")
    digest = hashlib.blake2b(json.dumps([source, name, known]).encode(), digest_size=8)
    for train in trains:
        for times in (train.t_start, train.t_stop, train.times):
            digest.update(np.asarray(times.rescale("ms").magnitude, dtype=float).tobytes())
        for sizes in (train.array_annotations.get("amplitude"), train.waveforms):
            digest.update(b"" if sizes is None else np.asarray(sizes, dtype=float).tobytes())
    return SessionCell(cell, source, name, digest.digest())


def recordings_of(given: Any, options: Mapping[str, Any]) -> tuple[list[Recording], list[str]]:
    """What was given to a session: paths, of which folders are looked into, and cells.

    Parameters
    ----------
    given : path, spike trains, or a list or iterator of these
    options : mapping
        Of `read_spiketrains`.

    Returns
    -------
    recordings : list of Recording
    notes : list of str
        About what is left out of folders.

    Raises
    ------
    TypeError
        If something else is given, or an option is unknown.
    RecordingError
        If there is no such file, or no recording in a folder.
    """
    check_reading(options)
    paths, cells, runs, notes = [], [], {}, []  # runs: of cells, the first by how many paths are before it
    for each in given if isinstance(given, list | tuple | Iterator) else [given]:
        if isinstance(each, str | os.PathLike):
            found, left_out = _files_of(Path(each))
            paths, notes = [*paths, *found], [*notes, *left_out]
        else:
            runs.setdefault(len(paths), len(cells))
            cells += [each] if _is_bare(each) else to_spiketrains(each)
    cells = to_spiketrains(cells)  # bare times have one end, in a session as everywhere
    if cells and options:
        raise TypeError(f"{', '.join(sorted(options))}: for files only, and spike trains are given")
    read = [Recording(path, _options_for(path, options, paths)) for path in paths]
    last = len(cells)
    for place, first in reversed(runs.items()):
        read.insert(place, Recording(None, given=tuple(cells[first:last]), first=first))
        last = first
    return read, notes


def _is_bare(given):
    return isinstance(given, pq.Quantity) and not isinstance(given, neo.SpikeTrain)


def _files_of(path) -> tuple[list[Path], list[str]]:
    if not path.exists():
        raise RecordingError(f"there is no such file: {writable(str(path))}")
    if path.is_file():
        return [path], []
    others: dict[str, list[str]] = {}
    found = list(
        recordings_in(
            path, _is_result, lambda other, why: others.setdefault(why, []).append(_within(other, path))
        )
    )
    notes = [f"left out, {why}: {some(names)}" for why, names in others.items()]
    if not found:
        raise RecordingError(
            "; ".join([f"there is no recording in the folder {writable(str(path))}", *notes])
        )
    return found, [f"{writable(str(path))}: {note}" for note in notes]


def _within(other, folder):
    return writable(str(other.relative_to(folder)))


def some(texts: Sequence[str], between: str = ", ") -> str:
    """The first of some texts, and how many more there are."""
    more = f" and {len(texts) - _MOST_NAMED:,} more" if len(texts) > _MOST_NAMED else ""
    return between.join(texts[:_MOST_NAMED]) + more


def _is_result(path) -> bool:
    """Whether a session has made a file or folder: not all in its folder need be from it."""
    return path.name in _RESULTS and any((path.parent / name).is_file() for name in (MANIFEST, JOURNAL))


def check_output(folder: Path, recordings: Iterable[Recording]) -> None:
    """Whether a session can have a folder for its results; ValueError if recordings are, or may be, in it.

    A folder in which a session has begun is one: what else was put there since is left as it is.
    """
    if folder.resolve() in {recording.path.resolve() for recording in recordings if recording.path}:
        raise ValueError(f"{folder} holds the recordings: choose another folder for the results")
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file: choose a folder for the results")
    if not folder.exists() or (folder / JOURNAL).is_file():
        return
    found = next(recordings_in(folder, _is_result, lambda other, why: None), None)
    if found is not None:
        raise ValueError(
            f"{folder} holds recordings ({_within(found, folder)}): choose another folder for the results, "
            f"or take out what is no recording"
        )


def _options_for(path, options, paths):
    """Without a unit of time for files that tell it, if it is for others."""
    with_unit = [not (each.suffix.lower() in WITHOUT_UNIT and each.is_file()) for each in (path, *paths)]
    if with_unit[0] and not all(with_unit):
        return {name: value for name, value in options.items() if name != "time_unit"}
    return options
