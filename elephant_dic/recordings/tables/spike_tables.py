"""Spike times from a text table, in any of the layouts that are in use."""

from __future__ import annotations

import neo
import numpy as np

from ..contents import Contents, Unit, distinct
from ..spike_detection import NoSpikesError, RecordingError
from ..time_units import parse_time_unit
from .cells import decoded, parsed
from .layouts import Layout, laid_out
from .spike2_text import is_spike2_text, spike2_layout

NO_UNIT = 'a table does not tell the unit of its times: give time_unit, e.g. "ms"'
NO_RATE = 'its times are sample numbers: give their interval as time_unit, e.g. "1/30000 s" for 30 kHz'


def read_table(path, time_unit=None):
    """Read a text file of spike times, in columns, rows or lines, with an optional header.

    Columns are separated by semicolons, tabs, commas or blanks; numbers have decimal points or commas;
    lines that start with ``#`` or ``%`` are comments. Blank cells are allowed at the end of a column only.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    time_unit : str, optional
        Unit of the times, e.g. ``"ms"``; ``"1/30000 s"`` for sample numbers. Default: as the header says.

    Returns
    -------
    Contents
    """
    text = decoded(path)
    if is_spike2_text(text):
        layout = spike2_layout(text, given=time_unit)
    else:
        layout = laid_out(parsed(text), path.stem)
    return _contents(layout, _unit(layout, time_unit))


def _unit(layout, given):
    """The unit of the times: that given, if the header does not contradict it."""
    if given is None:
        if layout.unit is None:
            raise RecordingError(NO_UNIT)
        if layout.unit == "samples":
            raise RecordingError(NO_RATE)
        return parse_time_unit(layout.unit)
    unit = parse_time_unit(given)
    if layout.unit == "samples" and not unit.counts_samples:
        raise RecordingError(NO_RATE)
    if layout.unit not in (None, "samples") and unit != parse_time_unit(layout.unit):
        raise RecordingError(
            f"its header says that times are in {layout.unit}, time_unit says {given}: leave out time_unit,"
            " or correct the header"
        )
    return unit


def _contents(layout: Layout, unit):
    trains = [
        {sweep: np.array(times, float) * unit.scale for sweep, times in train.times.items()}
        for train in layout.trains
    ]
    found = [times for each in trains for times in each.values() if len(times)]
    if not found:
        raise NoSpikesError("it holds no spike times")
    first, last = min(times.min() for times in found), max(times.max() for times in found)
    end = "a table of times does not store it; pass {0}= if you know it"
    doubts = {"t_stop": f"its t_stop is its last spike, at {last:g} {unit.units}: {end}"}
    if first < 0:
        doubts["t_start"] = f"its t_start is its first spike, at {first:g} {unit.units}: {end}"
    bounds = {"units": unit.units, "t_start": min(first, 0), "t_stop": last}
    labels = distinct([train.name for train in layout.trains])
    return Contents(
        units=[
            Unit(
                label,
                {k: neo.SpikeTrain(times, **bounds) for k, times in sweeps.items()},
                train.channel,
                train.aliases,
            )
            for label, train, sweeps in zip(labels, layout.trains, trains, strict=True)
        ],
        doubts={key: text.format(key) for key, text in doubts.items()},
        notes=tuple(layout.notes),
    )
