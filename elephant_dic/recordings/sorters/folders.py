"""Recordings that are a folder of files: which format it is, and a file of it in the place of the folder."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import neo

from .. import neo_files
from ..contents import Contents
from ..spike_detection import RecordingError
from . import neuralynx
from .arrays import read_npy
from .mclust import SUFFIXES, read_mclust
from .nex import read_nex
from .phy import TIMES, is_phy, read_phy
from .spikeinterface_folder import read_sorting, sorting_folder

#: Folders in folders that are looked into, and files: more may be a disk.
DEPTH, MOST_FILES = 6, 20_000
#: Neo's readers of folders in whose place we have our own.
OWN = ("PhyIO", "NeuralynxIO", "TiffIO")
#: Of the suffixes that neo reads as folders only, those of files that we read, or that nobody does.
ALONE = (".npy", ".clu", ".fet", ".res", ".spk")
FOLDERS = (
    "folders of phy, Kilosort, spikeinterface, MClust and Neuralynx are read, and those that neo reads (Open"
    " Ephys, SpikeGLX, TDT and others); of a recording that is one file, give the file"
)


def sorting_reader(path):
    """What reads a folder, or a file of a sorter's format or of a folder; None for other files."""
    suffix = path.suffix.lower()
    if path.is_dir():
        return read_folder
    if neuralynx.is_neuralynx(path):
        return lambda path: neuralynx.read_neuralynx([path])
    if suffix in SUFFIXES:
        return lambda path: read_mclust([path])
    if re.search(r"\.(clu|res|fet)\.\d+$", path.name):
        raise RecordingError(
            "files of KlustaKwik are not read: save the units as .csv, with columns unit and time, or as NWB,"
            " for example with spikeinterface or CellExplorer"
        )
    own = {".npy": read_npy, ".nex": read_nex, ".nex5": read_nex}.get(suffix)
    return own or (read_in_its_folder if _wants_folder(path) else None)


def read_folder(folder) -> Contents:
    """Read a recording that is a folder, whatever its format."""
    if is_phy(folder):
        return read_phy(folder)
    if sorting_folder(folder):
        return read_sorting(folder)
    mclust = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if mclust:
        return read_mclust(mclust)
    files = neuralynx.neuralynx_files(folder)
    if files:
        return neuralynx.read_neuralynx(files)
    inside = sorted(place for place in _places(folder) if is_phy(place))
    if len(inside) == 1:
        return read_phy(inside[0])
    if inside:
        names = ", ".join(str(place.relative_to(folder)) for place in inside)
        raise RecordingError(f"it holds several sortings, give one of these folders: {names}")
    return _by_neo(folder, folder)


def is_one_recording(folder: Path) -> bool:
    """Whether a folder is the output of a sorter, or its files are parts of one recording."""
    if is_phy(folder) or sorting_folder(folder):
        return True
    return any(
        path.suffix.lower() in SUFFIXES
        or neuralynx.is_neuralynx(path)
        or (path.suffix.lower() not in ALONE and _wants_folder(path))
        for path in folder.iterdir()
        if path.is_file()
    )


def _places(folder):
    """The folders in it, and in these."""
    return {path.parent for pattern in (f"*/{TIMES}", f"*/*/{TIMES}") for path in folder.glob(pattern)}


def _wants_folder(path):
    """Whether a file is one of those that make a recording together, and neo reads only as a folder."""
    readers = neo.io.io_by_extension.get(path.suffix[1:].lower(), [])
    readers = [io for io in readers if io.__name__ not in (*OWN, *neo_files.NOT_USED)]
    return bool(readers) and all(io.mode == "dir" for io in readers)


def read_in_its_folder(path) -> Contents:
    """Read the folder that a file of a recording lies in."""
    return _by_neo(path.parent, path)


def _suffixes(folder):
    """Suffixes of the files in a folder and below, the most frequent first; of the first of very many."""
    found = Counter()
    for place, inside, files in os.walk(folder):
        found.update(Path(name).suffix for name in files)
        if len(Path(place).relative_to(folder).parts) >= DEPTH or found.total() > MOST_FILES:
            inside.clear()
    return [suffix for suffix, _ in found.most_common()]


def _by_neo(folder, asked_for):
    reasons = []
    suffixes = _suffixes(folder) if folder == asked_for else [asked_for.suffix]
    readers = [io for suffix in suffixes for io in neo.io.io_by_extension.get(suffix[1:].lower(), [])]
    for io_class in dict.fromkeys(io for io in readers if io.mode == "dir"):
        if io_class.__name__ in (*OWN, *neo_files.NOT_USED):
            continue
        try:
            return neo_files._from_rawio(io_class(str(folder)))
        except Exception as error:  # neo's readers fail on a wrong folder in any way they like
            reasons.append(f"{io_class.__name__}: {error}")
    files = sorted(path.name for path in folder.iterdir() if path.is_file())
    held = (
        ", ".join(files[:5]) + (f" and {len(files) - 5} more" if len(files) > 5 else "")
        if files
        else "no file"
    )
    text = (
        "it is a folder"
        if folder == asked_for
        else f"it belongs to a recording that is a folder ({folder.name})"
    )
    raise RecordingError("; ".join([f"{text} of no format that is known, with {held}; {FOLDERS}", *reasons]))
