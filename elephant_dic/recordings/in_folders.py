"""The recordings in a folder and in those below it: files, and folders that are one recording each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import neo

from .opening import TABLES
from .sorters import is_one_recording

#: Folders in folders that are looked into: more may be a disk.
DEPTH = 6
#: Suffixes of recordings that neo does not have.
_OWN = (*TABLES, ".mat", ".nex5")
#: Suffixes that neo has, of files that are parts of a recording, or more often something else.
_NOT_ALONE = (".json", ".xml", ".bin", ".raw", ".dat", ".set", ".ccf", "")


def recordings_in(
    folder: Path, is_ours: Callable[[Path], bool], leave_out: Callable[[Path, str], None]
) -> Iterator[Path]:
    """The recordings in a folder, and in the folders in it, in the order of their names.

    Parameters
    ----------
    folder : Path
        It may be a recording itself, such as the output of a sorter: then it is the only one.
    is_ours : function of Path
        Whether a file or folder in it holds results, not recordings.
    leave_out : function of Path and str
        Called with each file or folder that is left out, and why; hidden ones are not told.

    Yields
    ------
    Path
    """
    place = folder.resolve()
    yield from _inside(folder, is_ours, leave_out, {place, *place.parents}, DEPTH)


def _inside(folder, is_ours, leave_out, above, depth):
    """`recordings_in`, with the folders that lead to this one, and how many more may follow."""
    try:
        is_one, paths = is_one_recording(folder), sorted(folder.iterdir())
    except OSError as error:
        leave_out(folder, f"as it cannot be opened ({error.strerror or error})")
        return
    if is_one:
        yield folder
        return
    for path in paths:
        if path.name.startswith("."):
            continue
        if is_ours(path):
            leave_out(path, "as results")
        elif path.is_dir():
            place = path.resolve()
            if place in above:  # else it would be read again and again
                leave_out(path, "as a link to a folder that it lies in")
            elif not depth:
                leave_out(path, f"as deeper than {DEPTH} folders")
            else:
                yield from _inside(path, is_ours, leave_out, {*above, place, *place.parents}, depth - 1)
        elif path.is_file() and _may_be_recording(path.suffix.lower()):
            yield path
        else:
            leave_out(path, "as no recordings by their names")


def _may_be_recording(suffix):
    return suffix in _OWN or (suffix not in _NOT_ALONE and suffix[1:] in neo.io.io_by_extension)
