"""DICs over time in files, in the formats of populations: a row a window."""

from __future__ import annotations

import json
import os

import neo
import numpy as np
import quantities as pq

from .._version import __version__
from ..populations import (
    PREFIX,
    SCHEMA,
    as_json,
    check_kind,
    from_json,
    provenance,
    put_recording,
    read_block,
    write_block,
)
from ..trains import sweeps_of
from .over_time import SIGNALS

_KIND = "DICs over time"


def save_dics_over_time(
    segment: neo.Segment,
    path: str | os.PathLike[str],
    spiketrain: neo.SpikeTrain | neo.Group | None = None,
) -> None:
    """Write the DICs of a cell along a recording to a file.

    Parameters
    ----------
    segment : neo.Segment
        As from `infer_dics_over_time`; its events are written too.
    path : str or path-like
        .nix, .nwb, .csv or .mat, as for `save_population`: a row a window, with the time of its centre,
        means, standard deviations, domain score and number of spikes. In NWB, a DynamicTable in the
        processing module "elephant_dic".
    spiketrain : neo.SpikeTrain or neo.Group, optional
        The recording, which goes with them but in .csv. Default: none.

    Raises
    ------
    TypeError
        If `segment` is no neo.Segment.
    ValueError
        If it holds no DICs over time, or something else beside them; else as in `save_population`.
    """
    signals = _signals_of(segment)
    first = signals[0]
    known = {
        "schema": SCHEMA, "package_version": __version__, "kind": _KIND, "name": segment.name,
        "t_start": first.t_start, "step": first.sampling_period, "annotations": segment.annotations,
        "events": [_fields_of(event) for event in segment.events],
    }  # fmt: skip
    block = neo.Block(name=_KIND)
    block.annotations.update(elephant_dic=json.dumps(known, default=as_json), n_members=len(first))
    block.annotations[PREFIX + "time"] = first.times
    for signal in signals:
        block.annotations[PREFIX + signal.name] = pq.Quantity(signal.magnitude[:, 0], "dimensionless")
    if spiketrain is not None:
        put_recording(block, sweeps_of(spiketrain))
    write_block(block, path)


def load_dics_over_time(path: str | os.PathLike[str]) -> neo.Segment:
    """Read the DICs over time that `save_dics_over_time` wrote.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    neo.Segment
        Equal to the one that was written.

    Raises
    ------
    ValueError
        If there is no such file, or it is damaged, or holds no DICs over time.
    """
    found = []
    read_block(path, lambda block: found.append(_segment_of(block)), "save_dics_over_time()")
    return found[0]


def _signals_of(segment):
    if not isinstance(segment, neo.Segment):
        raise TypeError(f"segment must be a neo.Segment, got {type(segment).__name__}")
    signals = {signal.name: signal for signal in segment.analogsignals}
    if not set(SIGNALS) <= set(signals):
        raise ValueError("the segment holds no DICs over time: make it by infer_dics_over_time")
    others = len(segment.data_children_recur) - len(SIGNALS) - len(segment.events)
    if others:
        raise ValueError(
            f"the segment holds {others} data objects beside DICs over time and events: take them out"
        )
    return [signals[name] for name in SIGNALS]


def _fields_of(event):
    fields = {name: getattr(event, name) for name in ("name", "times", "annotations", "array_annotations")}
    return fields | {"labels": event.labels.tolist()}


def _segment_of(block):
    check_kind(block, _KIND)
    known = json.loads(json.dumps(provenance(block)), object_hook=from_json)
    segment = neo.Segment(name=known["name"], **known["annotations"])
    for name in SIGNALS:
        segment.analogsignals.append(
            neo.AnalogSignal(
                block.annotations[PREFIX + name].magnitude,
                units="dimensionless",
                t_start=known["t_start"],
                sampling_period=known["step"],
                name=name,
            )
        )
    for fields in known["events"]:
        columns = {name: np.asarray(values) if isinstance(values, list) else values
                   for name, values in fields.pop("array_annotations").items()}  # fmt: skip
        labels = np.array(fields.pop("labels"), dtype="U")
        segment.events.append(
            neo.Event(labels=labels, array_annotations=columns, **fields.pop("annotations"), **fields)
        )
    return segment
