"""Files of the field to spike trains: one entry a cell, with what the file says of it."""

from .extracellular import detect_extracellular_spikes, filtered
from .reading import TABLES, inspect_recording, read_signals, read_spiketrains
from .spike_detection import (
    RecordingError,
    automatic_threshold,
    detect_spikes,
    explained_threshold,
    find_spikes,
    one_channel,
)
from .units_of_files import check_hdf5_units, check_matlab_units, checked_unit

__all__ = [
    "RecordingError",
    "TABLES",
    "automatic_threshold",
    "check_hdf5_units",
    "check_matlab_units",
    "checked_unit",
    "detect_extracellular_spikes",
    "detect_spikes",
    "explained_threshold",
    "filtered",
    "find_spikes",
    "inspect_recording",
    "one_channel",
    "read_signals",
    "read_spiketrains",
]
