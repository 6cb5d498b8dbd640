"""Sorted units in MATLAB files: CellExplorer's .spikes.cellinfo.mat, and wave_clus' times_*.mat."""

from __future__ import annotations

import numpy as np

from ..spike_detection import RecordingError
from .sorting import SortedUnit, contents_of

#: Fields of CellExplorer's struct with a value a unit, and what they are called as annotations.
ANNOTATIONS = {"cluID": "cluster", "shankID": "shank", "region": "region", "maxWaveformCh1": "electrode"}


def matlab_sorting(variables):
    """Contents of the variables of a MATLAB file if they are a sorter's, else None."""
    spikes = variables.get("spikes")
    if isinstance(spikes, dict) and (
        isinstance(spikes.get("times"), list) or isinstance(spikes.get("ts"), list)
    ):
        return _cell_explorer(spikes)
    classes = variables.get("cluster_class")
    if (
        isinstance(classes, np.ndarray)
        and classes.ndim == 2
        and classes.shape[1] == 2
        and classes.dtype.kind in "iuf"
    ):
        return _wave_clus(classes.astype(float))
    return None


def _cell_explorer(fields):
    """A unit a cell; its times in seconds, or in samples where there are no others."""
    cells, scale = fields.get("times"), 1.0
    if not isinstance(cells, list):
        rate = np.ravel(fields.get("sr", ()))
        if rate.size != 1 or not rate[0] > 0:
            raise RecordingError("its spikes have times in samples (ts), but no sampling rate (sr)")
        cells, scale = fields["ts"], 1 / float(rate[0])
    names = _values(fields, "UID", len(cells)) or list(range(1, len(cells) + 1))
    known = {name: _values(fields, field, len(cells)) for field, name in ANNOTATIONS.items()}
    units = []
    for k, times in enumerate(cells):
        if not isinstance(times, np.ndarray) or times.dtype.kind not in "iuf":
            raise RecordingError(f"the times of unit {names[k]} are not numbers")
        annotations = {name: values[k] for name, values in known.items() if values}
        units.append(
            SortedUnit(f"unit {names[k]}", {0: times.ravel() * scale}, (str(names[k]),), None, annotations)
        )
    return contents_of(units, kind="a file of CellExplorer")


def _values(fields, field, n):
    """The value of each unit, numbers or texts; None if the field has not one for each."""
    values = fields.get(field)
    if isinstance(values, np.ndarray) and values.dtype.kind in "iuf" and values.size == n:
        return [int(value) if float(value).is_integer() else float(value) for value in values.ravel()]
    if isinstance(values, list) and len(values) == n and all(isinstance(value, str) for value in values):
        return values
    return None


def _wave_clus(classes):
    """A unit a class; times in ms. Class 0 is what belongs to none."""
    if not np.isfinite(classes).all():
        raise RecordingError("its cluster_class holds numbers that are not finite")
    units = [
        SortedUnit(
            f"cluster {label:g}" if label else "unclassified",
            {0: classes[classes[:, 0] == label, 1] / 1e3},
            (f"{label:g}",),
        )
        for label in np.unique(classes[:, 0])
    ]
    return contents_of(units, kind="a file of wave_clus")
