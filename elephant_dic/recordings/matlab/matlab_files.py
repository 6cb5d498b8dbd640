"""MATLAB files, of version 7.3 (HDF5) and older, whatever wrote them."""

from __future__ import annotations

import h5py
import neo
import numpy as np

from ..contents import Contents, Unit, distinct
from ..matlab_elements import check_matlab_file
from ..sorters import matlab_sorting
from ..spike_detection import RecordingError
from ..time_units import parse_time_unit
from ..trial import try_reading
from ..units_of_files import check_matlab_units
from .spike2_export import is_channel, spike2_contents

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
HDF5_OFFSET = 512  # of the signature in a MATLAB file of version 7.3
MOST_CELLS = 100_000  # of one variable
EXPORTED = (
    "Spike2's exports are read (a struct a channel, with times or values), and files of CellExplorer and"
    " wave_clus; save other spike times as .csv and give time_unit=, or as a neo.Block in a .nix file"
)


def read_matlab(path, time_unit=None):
    """Read a MATLAB file: the channels that Spike2 exported, the units of a sorter, or neo's Block.

    With `time_unit`, vectors and cells of vectors are read as spike times.
    """
    variables = _variables_73(path) if _is_hdf5(path) else _variables_old(path)
    structs = {name: value for name, value in variables.items() if isinstance(value, dict)}
    if time_unit is not None:
        return _vectors(variables, parse_time_unit(time_unit))
    if "segments" in structs.get("block", ()):
        return _block(path)
    sorting = matlab_sorting(variables)
    if sorting is not None:
        return sorting
    channels = {name: fields for name, fields in structs.items() if is_channel(fields)}
    if not channels:
        raise RecordingError(_nothing_known(variables, structs))
    return spike2_contents(channels)


def _nothing_known(variables, structs):
    held = f"it holds {', '.join(structs)}" if structs else "it holds no struct"
    text = f"no channel exported by Spike2 was found, {held}; {EXPORTED}"
    vectors = [name for name, value in variables.items() if _times_of_cells(value)]
    if vectors:
        text += f"; with time_unit= its vectors are read as spike times: {', '.join(vectors)}"
    return text


def _is_hdf5(path):
    with open(path, "rb") as file:
        file.seek(HDF5_OFFSET)
        return file.read(len(HDF5_SIGNATURE)) == HDF5_SIGNATURE


def _variables_73(path):
    """Variables of a file of version 7.3: structs as dicts of fields, cells as lists, texts and arrays."""
    try_reading(path, "HDF5")
    with h5py.File(path, "r") as file:
        return {
            name: _struct_73(file, item) if isinstance(item, h5py.Group) else _value_73(file, item)
            for name, item in file.items()
            if not name.startswith("#") and isinstance(item, h5py.Group | h5py.Dataset)
        }


def _struct_73(file, group):
    """Fields of a struct; nothing of the waveforms of spikes, which are large, but that there are any."""
    waveforms = "times" in group and "codes" in group
    return {
        field: np.empty(0) if waveforms and field == "values" else _value_73(file, item)
        for field, item in group.items()
        if isinstance(item, h5py.Dataset) and (item.dtype.kind in "iuf" or _is_cell(item))
    }


def _is_cell(item):
    return item.attrs.get("MATLAB_class") == b"cell" and item.size <= MOST_CELLS


def _value_73(file, item):
    if item.attrs.get("MATLAB_empty", 0) or item.dtype.kind not in "iufO":
        return np.empty(0)
    value = item[()]
    if item.dtype.kind == "O":
        if not _is_cell(item):
            return np.empty(0)
        inside = [file[reference] for reference in value.T.ravel()]
        return [
            _value_73(file, each) for each in inside if isinstance(each, h5py.Dataset) and not _is_cell(each)
        ]
    if item.attrs.get("MATLAB_class") == b"char":
        return "".join(map(chr, value.ravel().tolist()))
    return value.T  # MATLAB counts the first index fastest


def _variables_old(path):
    """Variables of a file before version 7.3, in the same form."""
    from scipy.io import loadmat

    check_matlab_file(path)
    # of MATLAB's own objects and functions, scipy keeps the bytes; nothing in them is run
    variables = loadmat(path, struct_as_record=False, squeeze_me=False, chars_as_strings=True)
    found = {}
    for name, value in variables.items():
        if isinstance(value, np.ndarray) and value.dtype == object and value.size == 1:
            fields = vars(value.item()) if hasattr(value.item(), "_fieldnames") else None
            if fields is not None:
                found[name] = {key: _value_old(item) for key, item in fields.items() if key != "_fieldnames"}
                continue
        if isinstance(value, np.ndarray):
            found[name] = _value_old(value)
    return found


def _value_old(item):
    item = np.asarray(item)
    if item.dtype.kind == "U":
        return "".join(item.ravel().tolist())
    if item.dtype == object and item.size <= MOST_CELLS:  # cells, counted as MATLAB does
        return [_value_old(cell) for cell in item.ravel(order="F")] if _holds_arrays(item) else item
    return item


def _holds_arrays(cells):
    return all(isinstance(cell, np.ndarray) and cell.dtype != object for cell in cells.ravel())


def _block(path):
    """A neo.Block in a MATLAB file."""
    from ..neo_files import contents_of_blocks

    check_matlab_units(path)
    return contents_of_blocks([neo.io.NeoMatlabIO(str(path)).read_block()])


def _times_of_cells(value):
    """The vectors in a variable that may be spike times: it is one, or cells that are."""
    cells = value if isinstance(value, list) else [value]
    if not cells or not all(isinstance(cell, np.ndarray) and cell.dtype.kind in "iuf" for cell in cells):
        return []
    if any(cell.size != max(cell.shape, default=0) for cell in cells) or max(cell.size for cell in cells) < 2:
        return []
    return [cell.ravel() for cell in cells]


def _vectors(variables, unit):
    """The vectors of a file as the spike times of units; those that do not rise are left out."""
    found, left_out = [], []
    for name, value in variables.items():
        vectors = _times_of_cells(value)
        for k, times in enumerate(vectors):
            label = name if len(vectors) == 1 else f"{name}#{k + 1}"
            if not np.isfinite(times).all() or (np.diff(times.astype(float)) < 0).any():
                left_out.append(label)
            else:
                found.append((label, times.astype(float) * unit.scale))
    if not any(times.size for _, times in found):
        raise RecordingError(
            f"it holds no vector of times that rise ({', '.join(variables)}), for which time_unit= is"
        )
    first, last = (limit([limit(times) for _, times in found if times.size]) for limit in (min, max))
    return Contents(
        units=[
            Unit(label, {0: neo.SpikeTrain(times, units=unit.units, t_start=min(first, 0.0), t_stop=last)})
            for label, (_, times) in zip(distinct([label for label, _ in found]), found, strict=True)
        ],
        doubts={
            "t_stop": f"its t_stop is its last spike, at {last:g} {unit.units}: it does not store it; pass"
            " t_stop= if you know it"
        },
        notes=(f"left out, as their numbers do not rise: {', '.join(left_out)}",) if left_out else (),
    )
