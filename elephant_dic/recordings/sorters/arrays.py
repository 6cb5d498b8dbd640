"""Arrays in .npy files: nothing in them is run, and none claims more than its file holds."""

from __future__ import annotations

import io
import math
import zipfile

import numpy as np
import quantities as pq

from ..contents import Contents
from ..spike_detection import RecordingError
from ..time_units import parse_time_unit
from .sorting import SortedUnit, contents_of

#: Bytes that a byte of a compressed file can stand for at most: what deflate makes of zeros.
MOST_COMPRESSED = 1032
NO_UNIT = (
    'a .npy file does not tell the unit of its times: give time_unit, "s" or "ms", or for sample numbers'
    ' their interval, e.g. "1/30000 s" for 30 kHz'
)


def loaded(path):
    """The array in a .npy file; RecordingError if it is damaged, or would have to be unpickled."""
    with open(path, "rb") as file:
        return _array(file, path.name, path.stat().st_size)


def loaded_archive(path):
    """The arrays in a .npz file, by name."""
    with zipfile.ZipFile(path) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
        if sum(sizes.values()) > MOST_COMPRESSED * path.stat().st_size:
            raise RecordingError(f"{path.name} is damaged: it claims more than it can hold")
        return {
            name.removesuffix(".npy"): _array(io.BytesIO(archive.read(name)), name, size)
            for name, size in sizes.items()
        }


def _array(file, name, size):
    try:
        version = np.lib.format.read_magic(file)
        read_header = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}
        shape, _, dtype = read_header[version[0]](file)
    except Exception as error:  # numpy fails on a damaged header in many ways
        raise RecordingError(f"{name} is no array of numpy, or it is damaged ({error})") from error
    if dtype.hasobject:
        raise RecordingError(
            f"{name} holds pickled objects, which can run any code when they are read:"
            " save an array of numbers for each unit"
        )
    if any(n < 0 for n in shape) or math.prod(shape) * dtype.itemsize != size - file.tell():
        raise RecordingError(f"{name} is damaged: its size is not that of an array of shape {shape}, {dtype}")
    file.seek(0)
    return np.lib.format.read_array(file, allow_pickle=False)


def column(array, name):
    """The numbers of an array that is a column, or a row."""
    if array.dtype.kind not in "iuf" or (array.size and array.size != max(array.shape, default=0)):
        raise RecordingError(
            f"{name} is no column of numbers: it has shape {array.shape}, {array.dtype};"
            " save the numbers as an array of one dimension, of the times of one unit"
        )
    if not np.isfinite(array).all():
        raise RecordingError(f"{name} holds numbers that are not finite: save it without them")
    return array.ravel()


def read_npy(path, time_unit=None) -> Contents:
    """Read a .npy file of the spike times of one unit, in the unit given."""
    beside = [
        name for name in ("spike_clusters.npy", "spike_templates.npy") if (path.parent / name).is_file()
    ]
    if path.name == "spike_times.npy" and beside:
        raise RecordingError(
            f"it holds the spikes of all units together, which {beside[0]} tells apart: give the folder"
            f" {path.parent.name}"
        )
    times = loaded(path)
    if time_unit is None:
        raise RecordingError(NO_UNIT)
    times, unit = column(times, "it"), parse_time_unit(time_unit)
    if times.size >= 10 and 2 * np.unique(times).size <= times.size:
        raise RecordingError("it holds no spike times: its numbers repeat, as labels or counts per bin do")
    seconds = unit.scale * float(pq.Quantity(1.0, unit.units).rescale("s"))
    return contents_of([SortedUnit(path.stem, {0: times.astype(float) * seconds})], kind="a .npy file")
