"""Events and epochs of an NWB file: trials, epochs, tags."""

import h5py
import neo
import numpy as np
import quantities as pq

from ..spike_detection import RecordingError
from .attributes import few, groups_in, kind_of, leaf
from .tables import cells_of, column_names, row_ids

LABELS = ("tags", "label", "labels", "annotation", "name", "_name")  # columns that name a row
OF_TIME = ("start_time", "stop_time", "timestamp", "duration")


def read_marks(file):
    """The events and epochs of a file, and notes on those that cannot be read."""
    marks, notes = [], []
    tables = [*groups_in(file, "intervals"), *groups_in(file, "events")]
    for item in [*tables, *groups_in(file, "acquisition")]:
        try:
            if "start_time" in item and "stop_time" in item:
                marks.append(_epoch(file, item))
            elif "timestamp" in item and "id" in item:
                marks.append(_event_table(file, item))
            elif kind_of(item) == "AnnotationSeries":
                marks.append(_annotation_series(item))
        except Exception as error:  # a damaged table fails in any way, and hides no other
            notes.append(f"{item.name} is left out: {error}")
    return marks, few(notes)


def _epoch(file, table):
    starts, stops = (table[name][:].astype(float) for name in ("start_time", "stop_time"))
    return neo.Epoch(
        starts * pq.s,
        (stops - starts) * pq.s,
        labels=_labels(file, table),
        name=leaf(table.name),
        array_annotations=_columns(file, table, len(starts)),
    )


def _event_table(file, table):
    times = table["timestamp"][:].astype(float)
    return neo.Event(
        times * pq.s,
        labels=_labels(file, table),
        name=leaf(table.name),
        array_annotations=_columns(file, table, len(times)),
    )


def _annotation_series(item):
    labels = item["data"].asstr(errors="replace")[:]
    return neo.Event(item["timestamps"][:] * pq.s, labels=labels.astype(str), name=leaf(item.name))


def _labels(file, table):
    """What the table calls its rows, or their identifiers."""
    for name in LABELS:
        if name in table and h5py.check_string_dtype(table[name].dtype):
            cells = cells_of(file, table, name)
            return np.array([cell if isinstance(cell, str) else ", ".join(cell) for cell in cells], dtype=str)
    return np.array(row_ids(table), dtype=str)


def _columns(file, table, n_rows):
    """The columns with one number or text a row."""
    found = {}
    for name in column_names(table):
        if name in OF_TIME or name in LABELS:
            continue
        try:
            cells = cells_of(file, table, name)
        except RecordingError:
            continue
        if len(cells) == n_rows and all(isinstance(cell, str | int | float) for cell in cells):
            found[name] = np.array(cells)
    return found
