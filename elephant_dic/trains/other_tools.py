"""Spike trains that other tools hold, made neo's.

Their packages are not imported: what an object is, its class and the classes below it tell.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import neo
import numpy as np
import quantities as pq


def cell_from(data: Any) -> neo.SpikeTrain | neo.Group | None:
    """The cell of an object of another tool that holds one, else None.

    Known are ``pynapple.Ts`` and Quantities of one dimension.
    """
    if _is_bare(data):
        return trains_of([data], [None])[0]
    return _of_pynapple(data, None, {}) if _is(data, "pynapple", "Ts") else None


def cells_from(data: Any) -> list[neo.SpikeTrain | neo.Group] | None:
    """The cells of an object of another tool that holds several, else None.

    Known are ``pynapple.TsGroup``, sortings of spikeinterface, and mappings of names to cells.
    """
    if _is(data, "pynapple", "TsGroup"):
        columns = {name: list(data.get_info(name)) for name in data.metadata_columns if name != "rate"}
        return [
            _of_pynapple(data[key], key, {name: values[row] for name, values in columns.items()})
            for row, key in enumerate(data.keys())
        ]
    if _is(data, "spikeinterface", "BaseSorting"):
        return _of_sorting(data)
    return cells_together(data.values(), map(str, data)) if isinstance(data, Mapping) else None


def cells_together(cells: Iterable[Any], names: Iterable[str | None] | None = None) -> list[Any]:
    """The cells of a list: bare times are made trains, which end together; what is none stays as it is."""
    made = list(cells)
    called = [None] * len(made) if names is None else list(names)
    bare = [i for i, cell in enumerate(made) if _is_bare(cell) and _is_time(cell) and np.isfinite(cell).all()]
    if bare:
        trains = trains_of([made[i] for i in bare], [called[i] for i in bare])
        for i, train in zip(bare, trains, strict=True):
            made[i] = train
    return [named(cell, name) for cell, name in zip(made, called, strict=True)]


def named(cell: Any, name: str | None) -> Any:
    """A cell with a name, if it has none: a copy of neo's, that made of another tool's."""
    if name is None or getattr(cell, "name", None):
        return cell
    made = cell_from(cell)
    if made is None and not isinstance(cell, neo.SpikeTrain | neo.Group):
        return cell
    made = copy.deepcopy(cell) if made is None else made
    made.name = name
    for train in made.spiketrains if isinstance(made, neo.Group) else []:
        train.name = train.name or name
    return made


def _is_bare(data):
    return isinstance(data, pq.Quantity) and data.ndim == 1 and not isinstance(data, neo.SpikeTrain)


def _is_time(quantity):
    return quantity.dimensionality.simplified == pq.s.dimensionality


def trains_of(
    cells: Sequence[pq.Quantity],
    names: Sequence[str | None],
    t_start: pq.Quantity | None = None,
    t_stop: pq.Quantity | None = None,
) -> list[neo.SpikeTrain]:
    """Times of cells that were recorded together as trains.

    They last from t_start, by default 0 or the first spike if that is earlier, to t_stop, by default the last
    spike of all, with a warning.
    """
    for times in cells:
        if not _is_time(times):
            raise ValueError(f"spike times must be in a unit of time, got {times.dimensionality}")
    if t_stop is None:
        units = cells[0].units
        lasts = [np.nanmax(times.rescale(units).magnitude, initial=0.0) for times in cells]
        t_stop = max(lasts) * units
        _warn(f"its t_stop is its last spike, at {t_stop}: plain times do not say when the recording ended")
    trains = []
    for times, name in zip(cells, names, strict=True):
        first = min(np.nanmin(times.magnitude, initial=0.0), 0.0) * times.units
        trains.append(
            neo.SpikeTrain(times, t_start=first if t_start is None else t_start, t_stop=t_stop, name=name)
        )
    return trains


def _is(data, package, name):
    """Whether an object is of a class of a package, or of one that is made from it."""
    classes = type(data).__mro__
    return any(each.__name__ == name and each.__module__.split(".")[0] == package for each in classes)


def _warn(text):
    warnings.warn(f"{text}; use to_spiketrains with t_stop= if you know it", UserWarning, stacklevel=2)


def _of_pynapple(times, key, known):
    """A train, or a Group of its stretches if its time support has several."""
    seconds, support = np.asarray(times.index.values), np.asarray(times.time_support.values)
    if key is None and len(support) == 1 and len(seconds) and (*support[0],) == (seconds[0], seconds[-1]):
        _warn(f"it lasts from its first to its last spike, at {seconds[-1]:g} s, as its time_support says")
    epoch = np.searchsorted(support[:, 0], seconds, side="right") - 1
    sweeps = [(seconds[epoch == i], *limits) for i, limits in enumerate(support)]
    return _unit(None if key is None else f"unit {key}", key, sweeps, known)


def _of_sorting(sorting):
    """The units of a sorting of spikeinterface; several segments are sweeps."""
    segments = range(sorting.get_num_segments())
    times = [
        [sorting.get_unit_spike_train(unit_id=unit, segment_index=i, return_times=True) for i in segments]
        for unit in sorting.unit_ids
    ]
    if sorting.has_recording():
        limits = [(sorting.get_start_time(i), sorting.get_end_time(i)) for i in segments]
    else:
        lasts = [max((sweeps[i][-1] for sweeps in times if len(sweeps[i])), default=0.0) for i in segments]
        limits = [(0.0, last) for last in lasts]
        _warn(
            f"its t_stop is the last spike of its units, at {', '.join(f'{last:g} s' for last in lasts)}: a "
            f"sorting without its recording does not say when that ended"
        )
    columns = {name: sorting.get_property(name) for name in sorting.get_property_keys()}
    return [
        _unit(
            f"unit {unit}", unit,
            [(each, start, max(stop, *each[-1:])) if len(each) else (each, start, stop)
             for each, (start, stop) in zip(sweeps, limits, strict=True)],
            {name: values[row] for name, values in columns.items()},
        )
        for row, (unit, sweeps) in enumerate(zip(sorting.unit_ids, times, strict=True))
    ]  # fmt: skip


def _unit(name, key, sweeps, known):
    """One cell of stretches (times, start, stop in s), annotated with what is known of it."""
    annotations = {str(column): _simple(value) for column, value in known.items()}
    annotations |= {} if key is None else {"unit": str(key)}
    trains = [
        neo.SpikeTrain(times, units="s", t_start=start, t_stop=stop, name=name)
        for times, start, stop in sweeps
    ]
    for train in trains:
        train.annotations.update(annotations)  # a column may be called as an argument of SpikeTrain is
    if len(trains) == 1:
        return trains[0]
    group = neo.Group(name=name)
    group.spiketrains.extend(trains)
    return group


def _simple(value):
    """What an annotation can hold of a value."""
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, str | bool | int | float) else str(value)
