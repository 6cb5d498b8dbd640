"""From a path to what the recording there holds: which reader it is for, or why none can read it."""

from __future__ import annotations

from contextlib import contextmanager

import h5py
import neo

from .spike_detection import RecordingError
from .time_units import parse_time_unit
from .trial import try_reading

TABLES = (".csv", ".txt", ".tsv", ".npy")  # files of times whose unit the user has to tell
WITHOUT_UNIT = (*TABLES, ".mat")  # that may hold such
NOT_READ = {
    ".pkl": "reading a pickle can run any code that is in it; save the neo.Block as .nix",
    ".pickle": "reading a pickle can run any code that is in it; save the neo.Block as .nix",
    ".xlsx": "save the sheet of an Excel workbook as .csv",
    ".xls": "save the sheet of an Excel workbook as .csv",
    ".adicht": "in LabChart, export the channels as Igor waves (.ibw), or the times of spikes as text",
}


@contextmanager
def naming(path):
    """Say in every error about a recording which file it is."""
    try:
        yield
    except RecordingError as error:
        raise type(error)(f"{path.name}: {error}") from error.__cause__


def opened(path, time_unit):
    """What a file holds; RecordingError, with the reason, if it cannot be read."""
    _check_file(path)
    suffix = path.suffix.lower()
    if suffix in NOT_READ:
        raise RecordingError(f"{suffix} files are not read: {NOT_READ[suffix]}")
    if time_unit is not None:
        parse_time_unit(time_unit)
        if path.is_dir() or suffix not in WITHOUT_UNIT:
            raise ValueError(f"time_unit is for {', '.join(WITHOUT_UNIT)} files; {path.name} has its own")
    try:
        return _read(path, suffix, time_unit)
    except RecordingError:
        raise
    except Exception as error:  # the readers fail on a corrupt file in any way they like
        what = "recording" if path.is_dir() else f"{suffix} file"
        raise RecordingError(
            f"it cannot be read as a {what}, it may be damaged or in another format"
            f" ({type(error).__name__}: {error})"
        ) from error


def _check_file(path):
    if not path.exists():
        raise RecordingError(f"there is no such file: {path}")
    if path.is_file() and path.stat().st_size == 0:
        raise RecordingError("it is empty")


def _read(path, suffix, time_unit):
    if path.is_file() and suffix not in (".nix", ".mat") and h5py.is_hdf5(path):  # their readers try them
        try_reading(path, "HDF5")
    from .sorters import sorting_reader

    reader = sorting_reader(path)
    if reader is not None:
        return reader(path, time_unit) if suffix == ".npy" else reader(path)
    if suffix in TABLES:
        from .tables import read_table

        return read_table(path, time_unit)
    if suffix == ".nwb":
        from .nwb import read_nwb

        return read_nwb(path)
    if suffix == ".mat":
        from .matlab import read_matlab

        return read_matlab(path, time_unit)
    from . import neo_files
    from .patch_clamp import patch_clamp_reader

    reader = patch_clamp_reader(path)
    if reader is not None:
        return reader(path)
    if path.suffix[1:].lower() not in neo.io.io_by_extension:
        raise RecordingError(
            f"files with suffix {suffix or '(none)'} are not read; .abf, .smr, .wcp, .ibw, .nwb, .nix, .mat,"
            " .csv, .txt and other formats of neo are"
        )
    readers = {
        ".smr": neo_files.read_spike2,
        ".smrx": neo_files.read_smrx,
        ".nix": neo_files.read_nix,
    }
    return readers.get(suffix, neo_files.read_other)(path)
