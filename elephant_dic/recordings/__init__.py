"""Files of the field to spike trains: one entry a cell, with what the file says of it."""

from .events import read_events
from .extracellular import detect_extracellular_spikes, filtered
from .hdf5_guard import reason_against
from .in_folders import recordings_in
from .opening import TABLES, WITHOUT_UNIT
from .reading import (
    check_reading,
    inspect_recording,
    read_all_cells,
    read_as_recorded,
    read_signals,
    read_spiketrains,
)
from .spike_detection import (
    NoSpikesError,
    RecordingError,
    automatic_threshold,
    detect_spikes,
    detected_at,
    find_spikes,
    one_channel,
)
from .units_of_files import check_hdf5_units, check_matlab_units, checked_unit

__all__ = [
    "NoSpikesError",
    "RecordingError",
    "TABLES",
    "WITHOUT_UNIT",
    "automatic_threshold",
    "check_hdf5_units",
    "check_matlab_units",
    "check_reading",
    "checked_unit",
    "detect_extracellular_spikes",
    "detect_spikes",
    "detected_at",
    "filtered",
    "find_spikes",
    "inspect_recording",
    "one_channel",
    "read_all_cells",
    "read_as_recorded",
    "read_events",
    "read_signals",
    "read_spiketrains",
    "reason_against",
    "recordings_in",
]
