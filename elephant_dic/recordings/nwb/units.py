"""Sorted units of an NWB file: its tables of them, wherever they are, and the UnitTimes of version 1."""

import json

import h5py
import neo
import numpy as np
import quantities as pq

from ..contents import Unit, by_name, distinct
from ..spike_detection import RecordingError
from ..time_units import UNIT_OF_NAME
from ..units_of_files import checked_unit
from .attributes import few, kind_of, text_of
from .tables import cells_of, column_names, is_table, row_ids, rows_of, stops_of

NAME_COLUMNS = ("unit_name", "name", "_name")
OURS = "processing/elephant_dic"  # the module of a population that this package saved
PLACES = ("units", "processing", "analysis", "scratch", "acquisition")
DEEPEST = 4  # groups within groups that are looked into
#: Names of annotations that say something else in a spike train; a column of that name gets an underscore.
TAKEN = ("unit", "channel", "sweep", "source", "self")


def read_units(file):
    """Units with all that their tables say of them, doubts of their limits, and notes."""
    if OURS in file:
        return _recording_of_population(file["units"]) if "units" in file else ([], {}, [])
    tables, notes = [], []
    for item in _found(file):
        try:
            tables.append(_UnitTimes(item) if "id" not in item else _Table(file, item))
        except Exception as error:  # a damaged table fails in any way, and hides no other
            notes.append(f"{item.name} is left out: {error}")
    session, doubts = _session(file, tables)
    units = []
    for table in tables:
        found, lost = table.units(session)
        if len(tables) > 1:
            found = [_with_table(unit, table.name) for unit in found]
        units += found
        notes += [*table.notes, *lost]
    if len(tables) > 1:
        names = ", ".join(table.name for table in tables)
        notes.append(
            f"it has {len(tables)} tables of units, {names}, which may hold the same cells; all are read,"
            " where='table == \"…\"' chooses one"
        )
    labels = distinct([unit.name for unit in units])
    units = [_renamed(unit, label) for unit, label in zip(units, labels, strict=True)]
    return units, doubts, few(notes, 8)


def _found(file):
    """The tables of units, each once, the one in the usual place first."""
    found = []

    def look(item, depth):
        if is_table(item) or _is_unit_times(item):
            if item not in found:
                found.append(item)
        elif isinstance(item, h5py.Group) and depth < DEEPEST:
            for name in item:
                if item.get(name, getclass=True) is h5py.Group:
                    look(item[name], depth + 1)

    for place in PLACES:
        if place in file:
            look(file[place], 0)
    return found


def _is_unit_times(item):
    return (
        isinstance(item, h5py.Group) and "unit_list" in item and kind_of(item) in ("UnitTimes", "Interface")
    )


class _Table:
    """A table of units: a row a unit."""

    def __init__(self, file, table):
        if "spike_times" not in table:
            raise RecordingError("this table of units has no spike_times")
        self.name, self.notes, self.ids = table.name.strip("/"), [], row_ids(table)
        scale = _seconds_of(table["spike_times"])
        self.times = [times.astype(float) * scale for times in rows_of(table, "spike_times")]
        if len(self.times) != len(self.ids):
            raise RecordingError(f"it has {len(self.ids)} rows, but spike times of {len(self.times)}")
        self.observed = self._intervals(table)
        self.columns, self.of_spikes = {}, {}
        for name in column_names(table):
            if name not in ("spike_times", "obs_intervals", "waveforms"):
                self._read_column(file, table, name)
        self._add_locations(file, table)

    def _intervals(self, table):
        """Start and stop of the stretches in which each unit was observed; None where nothing is said."""
        rows = rows_of(table, "obs_intervals")
        if rows is None:
            return [None] * len(self.ids)
        rows = [np.reshape(row, (-1, 2)).astype(float) for row in rows]
        wrong = [id_ for id_, row in zip(self.ids, rows, strict=True) if not (row[:, 0] <= row[:, 1]).all()]
        if wrong:
            self.notes.append(f"the obs_intervals of {', '.join(wrong)} are no intervals, and are not used")
        return [
            row if len(row) and id_ not in wrong else None for id_, row in zip(self.ids, rows, strict=True)
        ]

    def _read_column(self, file, table, name):
        """A value a unit becomes an annotation, a value a spike an array annotation."""
        try:
            cells = cells_of(file, table, name)
            if len(cells) != len(self.ids):
                raise RecordingError(f"it has {len(cells)} rows of {len(self.ids)}")
        except Exception as error:
            self.notes.append(f"column {name} of {self.name} is left out: {error}")
            return
        stops = stops_of(table, name)
        n_spikes = np.cumsum([len(times) for times in self.times])
        numbers = all(isinstance(cell, np.ndarray) and cell.ndim == 1 for cell in cells)
        if stops is not None and numbers and n_spikes[-1:].sum() and np.array_equal(stops, n_spikes):
            self.of_spikes[name] = cells
        else:
            self.columns[name] = cells

    def _add_locations(self, file, table):
        """Where the electrodes of each unit are, if the table of units does not say it itself."""
        electrodes = file.get("general/extracellular_ephys/electrodes")
        if (
            "location" in self.columns
            or "electrodes" not in self.columns
            or "location" not in (electrodes or ())
        ):
            return
        known = dict(zip(row_ids(electrodes), cells_of(file, electrodes, "location"), strict=True))
        places = [
            list(dict.fromkeys(known.get(str(each), "") for each in np.ravel(cell)))
            for cell in self.columns["electrodes"]
        ]
        self.columns["location"] = [place[0] if len(place) == 1 else place for place in places]

    def units(self, session):
        """The units, and a note on what is lost."""
        names = next((self.columns[name] for name in NAME_COLUMNS if name in self.columns), None)
        names = [f"unit {id_}" for id_ in self.ids] if names is None else [str(name) for name in names]
        units, n_outside = [], 0
        for row, (name, id_, times) in enumerate(zip(names, self.ids, self.times, strict=True)):
            observed = self.observed[row]
            stretches = _join_touching([session] if observed is None else observed)
            arrays = {column: cells[row] for column, cells in self.of_spikes.items()}
            trains = {k: _cut(times, arrays, *ends) for k, ends in enumerate(stretches)}
            n_outside += len(times) - sum(map(len, trains.values()))
            known = {column: cells[row] for column, cells in self.columns.items()}
            group = known.pop("electrode_group", None) or None
            units.append(Unit(name, trains, group, (name, id_), _annotations(known)))
        lost = f"{n_outside} spikes lie outside the times their units were observed and are left out"
        return _of_segments(units), [lost] if n_outside else []


def _seconds_of(column):
    """The unit of a column of times in s: that which it names, if not the one that the format asks for."""
    named = text_of(column.attrs.get("unit", "s")).strip().lower()
    if UNIT_OF_NAME.get(named) == "samples":
        raise RecordingError(
            "its spike_times are in samples, without their rate: save them as .csv and give"
            ' time_unit="1/30000 s" or the like'
        )
    return {"ms": 1e-3, "us": 1e-6, "min": 60.0, "h": 3600.0}.get(UNIT_OF_NAME.get(named), 1.0)


class _UnitTimes:
    """The units of a module of version 1: a group a unit."""

    def __init__(self, interface):
        self.name, self.notes = interface.name.strip("/"), []
        listed = [text_of(name) for name in interface["unit_list"][:]]
        self.ids = [name for name in listed if "times" in interface.get(name, ())]
        self.times = [np.ravel(interface[name]["times"][()]).astype(float) for name in self.ids]
        self.observed = [None] * len(self.ids)
        self.known = [_texts(interface[name]) for name in self.ids]

    def units(self, session):
        rows = zip(self.ids, self.times, self.known, strict=True)
        return [
            Unit(name, {0: _cut(times, {}, *session)}, None, (name,), _annotations(known))
            for name, times, known in rows
        ], []


def _texts(unit):
    """What a unit of version 1 says of itself."""
    names = {"unit_description": "description", "source": "source"}
    return {name: text_of(unit[place][()]) for place, name in names.items() if place in unit}


def _annotations(columns):
    """Columns under names that spike trains have free; without the name and what is blank."""
    return {
        f"{name}_" if name in TAKEN else name: value
        for name, value in columns.items()
        if name not in NAME_COLUMNS and not (isinstance(value, str | list) and not value)
    }


def _session(file, tables):
    """Start and stop of a session that does not say when its units were observed, and the doubt of it."""
    times = [
        times
        for table in tables
        for times, observed in zip(table.times, table.observed, strict=True)
        if observed is None
    ]
    spikes = np.concatenate([*times, [0.0]])
    spikes = spikes[np.isfinite(spikes)]
    stops = [table["stop_time"][:] for table in file.get("intervals", {}).values() if "stop_time" in table]
    stops = np.concatenate([*stops, [-np.inf]])
    last_stop = stops[np.isfinite(stops)].max(initial=-np.inf)
    doubts = {}
    if times and last_stop < spikes.max():
        doubts["t_stop"] = (
            f"it has no obs_intervals, so its last spike, at {spikes.max():.6g} s, is taken for the"
            " end of the recording; pass t_stop= if you know it"
        )
    return (float(spikes.min()), float(max(last_stop, spikes.max()))), doubts


def _join_touching(intervals):
    """Intervals in order, as one where there is no gap between them."""
    joined = []
    for start, stop in sorted(np.reshape(intervals, (-1, 2)).tolist()):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(stop, joined[-1][1])
        else:
            joined.append([start, stop])
    return joined


def _cut(seconds, arrays, start, stop):
    """The spikes within two times, with the values of each."""
    # what is not finite stays, for the check of the spike train to find
    inside = ~((seconds < start) | (seconds > stop))
    return neo.SpikeTrain(
        seconds[inside],
        units=pq.s,  # a text would be parsed for each train
        t_start=start,
        t_stop=stop,
        array_annotations={name: values[inside] for name, values in arrays.items()},
    )


def _of_segments(units):
    """Units of a file that neo wrote: one across its Segments, in which they have equal names."""
    if not all({"segment", "block"} <= unit.annotations.keys() and len(unit.trains) == 1 for unit in units):
        return units
    sweeps = {}
    for unit in units:
        key = unit.annotations["block"], unit.annotations["segment"]
        sweeps.setdefault(key, []).append((unit.name, unit))
    together = []
    for name, parts in by_name(sweeps.values()).items():
        first = next(iter(parts.values()))
        trains = {sweep: unit.trains[0] for sweep, unit in parts.items()}
        kept = {key: value for key, value in first.annotations.items() if key != "segment" or len(parts) == 1}
        together.append(Unit(name, trains, first.channel, first.aliases, kept))
    return together


def _with_table(unit, table):
    """The unit of one of several tables, named and annotated so."""
    name = unit.name if table == "units" else f"{table}: {unit.name}"
    return Unit(name, unit.trains, unit.channel, unit.aliases, unit.annotations | {"table": table})


def _renamed(unit, name):
    return Unit(name, unit.trains, unit.channel, unit.aliases, unit.annotations)


def _recording_of_population(table):
    """The recording of a population that this package saved: its rows are the sweeps of one cell."""
    times, observed = rows_of(table, "spike_times"), rows_of(table, "obs_intervals")
    known = [json.loads(text, object_hook=_quantity) for text in table["annotations"].asstr()[:]]
    trains = {}
    for k, (seconds, limits, about) in enumerate(zip(times, observed, known, strict=True)):
        trains[k] = _cut(seconds.astype(float), {}, *np.ravel(limits).tolist())
        trains[k].annotate(**about)
    return [Unit("recording", trains)], {}, []


def _quantity(parsed):
    """A Quantity where annotations hold one."""
    if set(parsed) != {"value", "units"}:
        return parsed
    return pq.Quantity(parsed["value"], checked_unit(parsed["units"]))
