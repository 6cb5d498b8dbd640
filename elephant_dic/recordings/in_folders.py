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
    folder: Path, is_ours: Callable[[Path], bool], leave_out: Callable[[Path], None], depth: int = DEPTH
) -> Iterator[Path]:
    """The recordings in a folder, and in the folders in it, in the order of their names.

    Parameters
    ----------
    folder : Path
        It may be a recording itself, such as the output of a sorter: then it is the only one.
    is_ours : function of Path
        Whether a folder holds results, not recordings.
    leave_out : function of Path
        Called with each file that is of no format of recordings, and with folders that are too deep.
    depth : int
        Folders in folders that are looked into.

    Yields
    ------
    Path
    """
    if is_ours(folder):
        return
    if is_one_recording(folder):
        yield folder
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and depth:
            yield from recordings_in(path, is_ours, leave_out, depth - 1)
        elif path.is_file() and _may_be_recording(path.suffix.lower()):
            yield path
        else:
            leave_out(path)


def _may_be_recording(suffix):
    return suffix in _OWN or (suffix not in _NOT_ALONE and suffix[1:] in neo.io.io_by_extension)
