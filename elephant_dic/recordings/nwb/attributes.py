"""What an object of an NWB file says of itself."""

import h5py
import numpy as np

from ..spike_detection import RecordingError


def text_of(value):
    """A text of what h5py makes of one: text, bytes, or an array of a single one."""
    value = value.item() if isinstance(value, np.ndarray) and value.size == 1 else value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def kind_of(item):
    """The type of an object; of version 1, the last and narrowest of its ancestry."""
    ancestry = item.attrs.get("ancestry")
    if ancestry is not None and np.size(ancestry):
        return text_of(np.ravel(ancestry)[-1])
    return text_of(item.attrs.get("neurodata_type", ""))


def leaf(path):
    """The last name of a path."""
    return path.rstrip("/").rsplit("/", 1)[-1]


def pointed_to(file, reference):
    """What a reference points to; RecordingError if that is in no group, where it could be anything."""
    item = file[reference]
    if item.name is None:
        raise RecordingError("it points to what has no place in the file")
    return item


def groups_in(file, place):
    """The groups directly in a place of the file, if there is such a place."""
    parent = file.get(place)
    if not isinstance(parent, h5py.Group):
        return []
    return [item for item in parent.values() if isinstance(item, h5py.Group)]


def few(notes, most=4):
    """The first of many notes, and how many more there are."""
    if len(notes) <= most:
        return list(notes)
    return [*notes[:most], f"{len(notes) - most} more like the last"]
