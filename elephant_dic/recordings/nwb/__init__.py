"""NWB files, read from their HDF5 directly: sorted units, patch-clamp sweeps, events and epochs.

neo's reader stops at files without the optional column ``obs_intervals``, with several intervals a unit, or
with an acquisition that is no time series; all three are common. It puts the sweeps of a cell side by side,
takes no offset of a signal, and no range of a series.
"""

from .file import read_nwb

__all__ = ["read_nwb"]
