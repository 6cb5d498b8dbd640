"""What a session has done, line by line, so that it goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

JOURNAL = "cells.jsonl"


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Errors of the system, such as of a full disk, say which file they are about."""
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def rows_so_far(folder: Path) -> list[dict[str, Any]]:
    """The cells that a session has done by now, in that order; another process, or thread, may work in it."""
    try:
        lines = (folder / JOURNAL).read_bytes().split(b"\n")[:-1]  # the last may be half written
    except FileNotFoundError:
        return []
    return [
        {name: value for name, value in json.loads(line).items() if name != "key"} for line in lines if line
    ]


class Journal:
    """A file with a line of JSON for each cell that is done, in the order in which they were.

    A line is there whole or does not count: a process may be killed while it writes one. Nor does one whose
    population has been removed. In memory are only the keys of the cells, and where their lines are.

    Parameters
    ----------
    folder : Path
        Of the session.
    """

    def __init__(self, folder: Path):
        self._path = folder / JOURNAL
        self._places: dict[bytes, int] = {}
        self._file: BinaryIO | None = None
        self._start = b""  # of the first line of this run
        if self._path.exists():
            self._read()

    def _read(self):
        place = 0
        with self._path.open("rb") as file:
            for line in file:
                if (key := self._key_of(line)) is not None:
                    self._places[key] = place
                if not line.endswith(b"\n"):
                    self._start = b"\n"  # what was cut off stays a line of its own, which says nothing
                place += len(line)

    def _key_of(self, line) -> bytes | None:
        """The key in a line; None if the line is damaged, or the file of its population is gone."""
        try:
            row = json.loads(line)
            key, block = bytes.fromhex(row["key"]), row.get("block")
            return None if block and not (self._path.parent / block).is_file() else key
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def add(self, key: bytes, row: dict[str, Any]) -> None:
        """Write the line of a cell."""
        with naming(self._path):
            if self._file is None:
                self._file = self._path.open("ab")
                self._file.write(self._start)
            place = self._file.seek(0, 2)
            self._file.write(json.dumps({"key": key.hex(), **row}).encode() + b"\n")
            self._file.flush()
        self._places[key] = place

    def rows(self, keys: Iterable[bytes]) -> Iterator[dict[str, Any]]:
        """The lines of cells that are done, in the order asked for."""
        with self._path.open("rb") as file:
            for key in keys:
                file.seek(self._places[key])
                row = json.loads(file.readline())
                del row["key"]
                yield row

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            with naming(self._path):
                self._file.close()
