"""An NWB file as a whole."""

import h5py

from ..contents import Contents
from ..spike_detection import RecordingError
from .attributes import text_of
from .marks import read_marks
from .patch_clamp import read_electrodes
from .units import read_units


def read_nwb(path):
    """Read an NWB file: its tables of units, the patch-clamp sweeps of each electrode, events and epochs.

    What cannot be read is left out, and a note says so; the rest is read. It has been tried before.
    """
    with h5py.File(path, "r") as file:
        version = _version(file)
        units, doubts, unit_notes = _part("sorted units", read_units, file, [], {})
        channels, sweep_notes = _part("patch-clamp series", read_electrodes, file, [])
        marks, mark_notes = _part("events and epochs", read_marks, file, [])
        notes = [*unit_notes, *sweep_notes, *mark_notes]
        if version.startswith(("NWB-1", "1.", "0.")):
            notes.append(f"its format is {version}, of which sorted units and current-clamp sweeps are read")
        if not units and not channels and not marks:
            notes.append(
                "of an NWB file, Units, patch-clamp series (CurrentClampSeries and the like) and events are"
                " read: store a membrane potential as a CurrentClampSeries"
            )
        return Contents(
            units, channels, doubts=doubts, notes=tuple(notes), potentials="all", marks=tuple(marks)
        )


def _part(what, read, file, *nothing):
    """What a reader makes of a file, or nothing and a note if damage keeps it from telling anything."""
    try:
        return read(file)
    except Exception as error:  # in any way; it hides no other part
        return *nothing, [f"its {what} are left out: {type(error).__name__}: {error}"]


def _version(file):
    """The version of the format: an attribute, or a dataset in files of version 1."""
    if "nwb_version" in file.attrs:
        return text_of(file.attrs["nwb_version"])
    if isinstance(file.get("nwb_version"), h5py.Dataset):
        return text_of(file["nwb_version"][()])
    raise RecordingError("it is an HDF5 file, but has no nwb_version: it is not NWB")
