"""Intracellular recordings: the formats of patch-clamp rigs, their stimuli, their sweeps."""

from importlib import import_module

from ..spike_detection import RecordingError

_READERS = {
    ".abf": ("axon", "read_axon"),
    ".wcp": ("winwcp", "read_winwcp"),
    ".axgd": ("axograph", "read_axograph"),
    ".axgx": ("axograph", "read_axograph"),
    ".ibw": ("igor", "read_igor"),
    ".pxp": ("igor", "read_igor"),
}
_HEKA = (b"DATA", b"DAT1", b"DAT2")


def patch_clamp_reader(path):
    """The function that reads a file of a patch-clamp rig, or None if its suffix is none of theirs."""
    suffix = path.suffix.lower()
    if suffix == ".dat" and path.is_file():
        with open(path, "rb") as file:
            if file.read(4) in _HEKA:
                raise RecordingError(
                    "it is a HEKA PatchMaster file, which is not read: in PatchMaster, export the sweeps as"
                    " Igor waves (.ibw), or convert the file to NWB"
                )
    if suffix not in _READERS:
        return None
    module, name = _READERS[suffix]
    return getattr(import_module(f".{module}", __name__), name)
