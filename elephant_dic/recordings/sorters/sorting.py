"""From the spike times of sorted units to `Contents`, for all formats."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import neo
import numpy as np
import quantities as pq

from ..contents import Contents, Unit, distinct
from ..spike_detection import RecordingError


@dataclass
class SortedUnit:
    """Spike times (s) of a unit by sweep, and what its sorter says of it, as annotations."""

    name: str
    times: dict[int, np.ndarray]
    aliases: tuple[str, ...] = ()
    channel: str | None = None
    annotations: dict = field(default_factory=dict)
    amplitudes: dict[int, pq.Quantity] = field(default_factory=dict)  # of the spikes of each sweep


def grouped(times, labels):
    """Times by their label, in the order of labels."""
    order = np.argsort(labels, kind="stable")
    found, starts = np.unique(labels[order], return_index=True)
    return dict(zip(found.tolist(), np.split(times[order], starts[1:]), strict=True)) if found.size else {}


def contents_of(
    units, stops=None, *, lasts=None, start=0.0, notes=(), kind="the file", events=(), channels=()
):
    """Contents of sorted units, and of events and sampled channels beside them.

    Parameters
    ----------
    units, events : list of SortedUnit
    stops : list of float, optional
        End of each sweep in s. Default: the last spike of all units, which is doubted.
    lasts : list of float, optional
        The last spike of each sweep in s, where units are left out. Default: that of the units given.
    start : float or None
        Start of the sweeps in s. Default: 0. None: the first spike of all units, which is doubted.
    notes : list of str
    kind : str
        What it is that does not store the start or the end.
    channels : list of Channel
    """
    spikes = [
        (sweep, finite)
        for unit in [*units, *events]
        for sweep, times in unit.times.items()
        if (finite := times[np.isfinite(times)]).size
    ]
    if not spikes and not channels:
        raise RecordingError("; ".join(["it holds no spikes", *notes]))
    doubts, first = {}, min((times.min() for _, times in spikes), default=0.0)
    if start is None or first < start:
        start = float(first)
        doubts["t_start"] = _doubt("t_start", "first", first, kind)
    if stops is None:
        stops = defaultdict(lambda: start, enumerate(lasts or ()))
        for sweep, times in spikes:
            stops[sweep] = max(stops[sweep], float(times.max()))
        if spikes:
            doubts["t_stop"] = _doubt("t_stop", "last", max(stops.values()), kind)
    return Contents(
        units=_units(units, start, stops),
        channels=list(channels),
        events=_units(events, start, stops),
        doubts=doubts,
        notes=tuple(notes),
        potentials="unsure" if events else "one",
    )


def _units(units, start, stops):
    labels = distinct([unit.name for unit in units])
    return [
        Unit(
            label,
            {sweep: _train(unit, sweep, start, stops[sweep]) for sweep in unit.times},
            unit.channel,
            (unit.name, *unit.aliases),
            unit.annotations,
        )
        for label, unit in zip(labels, units, strict=True)
    ]


def _train(unit, sweep, start, stop):
    times, arrays = unit.times[sweep], {}
    if sweep in unit.amplitudes:
        arrays = {"amplitude": unit.amplitudes[sweep]}
    times = np.where(np.isfinite(times), times, np.nan)  # a unit with such times is left out when it is read
    stop = max(float(stop), float(np.nanmax(times, initial=start)))
    return neo.SpikeTrain(times, units="s", t_start=start, t_stop=stop, array_annotations=arrays)


def _doubt(end, which, time, kind):
    text = f"its {end} is its {which} spike, at {time:.6g} s: {kind} does not store it"
    return f"{text}; pass {end}= if you know it"
