"""Sorted units and patch-clamp sweeps of an NWB file, read from its HDF5 directly.

neo's reader stops at files without the optional column ``obs_intervals``, with several intervals
a unit, or with an acquisition that is no time series; all three are common.
"""

import h5py
import neo
import numpy as np
import quantities as pq

from .contents import Channel, Command, Contents, Sweep, Unit, distinct
from .spike_detection import RecordingError
from .trial import try_reading
from .units_of_files import checked_unit

NAME_COLUMNS = ("unit_name", "name")
PATCH_CLAMP = ("CurrentClampSeries", "IZeroClampSeries", "VoltageClampSeries")
MAX_LEVELS = 8  # of a stimulus that is described by its levels


def read_nwb(path):
    """Read an NWB file: the table of units, and the patch-clamp series of each electrode."""
    try_reading(path, "HDF5")
    with h5py.File(path, "r") as file:
        if "nwb_version" not in file.attrs:
            raise RecordingError("it is an HDF5 file, but has no nwb_version: it is not NWB")
        units, doubts, notes = [], {}, ()
        if "spike_times" in file.get("units", ()):
            units, doubts, notes = _units(file)
        return Contents(units, _electrodes(file), doubts=doubts, notes=notes, potentials="all")


def _units(file):
    """Units, with one spike train for each stretch during which they were observed."""
    table = file["units"]
    times = _rows(table, "spike_times")
    ids = [str(number) for number in table["id"][:]]
    names = _names(table) or [f"unit {id_}" for id_ in ids]
    groups = _electrode_groups(file, len(ids))
    observed, doubts = _rows(table, "obs_intervals"), {}
    if observed is None:
        interval, doubts = _whole_session(file, times)
        observed = [interval] * len(ids)
    units, n_outside = [], 0
    for name, label, id_, group, seconds, intervals in zip(
        names, distinct(names), ids, groups, times, observed, strict=True
    ):
        trains = {k: _cut(seconds, *ends) for k, ends in enumerate(_join_touching(intervals))}
        n_outside += len(seconds) - sum(len(train) for train in trains.values())
        units.append(Unit(label, trains, group, (name, id_)))
    lost = f"{n_outside} spikes lie outside the times their units were observed and are left out"
    return units, doubts, (lost,) if n_outside else ()


def _rows(table, column):
    """Rows of a ragged column of the table; None if there is no such column."""
    if column not in table:
        return None
    values, stops = table[column][:], table[f"{column}_index"][:].astype(int)
    return [values[start:stop] for start, stop in zip([0, *stops[:-1]], stops, strict=True)]


def _names(table):
    for column in NAME_COLUMNS:
        if column in table and h5py.check_string_dtype(table[column].dtype):
            return list(table[column].asstr()[:])
    return None


def _electrode_groups(file, n_units):
    if "electrode_group" not in file["units"]:
        return [None] * n_units
    references = file["units/electrode_group"][:]
    return [file[ref].name.rsplit("/", 1)[-1] if ref else None for ref in references]


def _whole_session(file, times):
    """Start and stop of a session that does not say when its units were observed."""
    spikes = np.concatenate([*times, [0.0]])
    spikes = spikes[np.isfinite(spikes)]
    stops = [table["stop_time"][:] for table in file.get("intervals", {}).values()]
    last_stop = max((stop.max() for stop in stops if stop.size), default=-np.inf)
    doubts = {}
    if last_stop < spikes.max():
        doubts["t_stop"] = (
            f"it has no obs_intervals, so its last spike, at {spikes.max():.6g} s, is taken for the"
            " end of the recording; pass t_stop= if you know it"
        )
    return np.array([[spikes.min(), max(last_stop, spikes.max())]]), doubts


def _join_touching(intervals):
    """Intervals in order, as one where there is no gap between them."""
    joined = []
    for start, stop in sorted(np.reshape(intervals, (-1, 2)).tolist()):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(stop, joined[-1][1])
        else:
            joined.append([start, stop])
    return joined


def _cut(seconds, start, stop):
    # what is not finite stays, for the check of the spike train to find
    inside = seconds[~((seconds < start) | (seconds > stop))]
    return neo.SpikeTrain(inside.astype(float), units="s", t_start=start, t_stop=stop)


def _electrodes(file):
    """The patch-clamp series, as the sweeps of one channel for each electrode."""
    stimuli = _stimuli(file)
    series = [
        item for item in file.get("acquisition", {}).values() if _kind(item) in PATCH_CLAMP and "data" in item
    ]
    found = {}
    for item in series:
        sweep = Sweep(_signal(item), command=_command(item, stimuli.get(_sweep_key(item))))
        found.setdefault((_electrode(item), sweep.signal.dimensionality.string), []).append(sweep)
    names = distinct([electrode for electrode, _ in found])
    return [
        Channel(name, dict(enumerate(sorted(sweeps, key=lambda sweep: sweep.signal.t_start))))
        for name, sweeps in zip(names, found.values(), strict=True)
    ]


def _kind(item):
    kind = item.attrs.get("neurodata_type", "")
    return kind.decode() if isinstance(kind, bytes) else kind


def _electrode(item):
    link = item.get("electrode", getlink=True)
    path = link.path if isinstance(link, h5py.SoftLink) else item["electrode"].name
    return path.rsplit("/", 1)[-1]


def _sweep_key(item):
    return _electrode(item), item.attrs.get("sweep_number", item.name.rsplit("/", 1)[-1])


def _signal(item):
    """The data of a series, in its unit."""
    data = item["data"]
    values = data[:].reshape(len(data), -1)
    values = values * data.attrs.get("conversion", 1.0) + data.attrs.get("offset", 0.0)
    unit = data.attrs["unit"]
    if "starting_time" in item:
        start, rate = item["starting_time"][()], item["starting_time"].attrs["rate"]
    else:
        times = item["timestamps"][:]
        steps = np.diff(times)
        if not np.allclose(steps, steps.mean(), rtol=1e-3):
            raise RecordingError(f"{item.name} is not sampled at a constant rate")
        start, rate = times[0], 1 / steps.mean()
    return neo.AnalogSignal(
        values.astype(float),
        units=checked_unit({"volts": "V", "amperes": "A"}.get(unit, unit)),
        t_start=start * pq.s,
        sampling_rate=rate * pq.Hz,
    )


def _stimuli(file):
    """Stimulus series, by electrode and sweep number."""
    stimuli = {}
    for item in file.get("stimulus/presentation", {}).values():
        if _kind(item) == "CurrentClampStimulusSeries":
            stimuli[_sweep_key(item)] = item
    table = file.get("general/intracellular_ephys/intracellular_recordings")
    if table is not None:
        responses, given = table["responses/response"][:], table["stimuli/stimulus"][:]
        for response, stimulus in zip(responses, given, strict=True):
            if stimulus["count"] > 0 and response["count"] > 0:
                key = _sweep_key(file[response["timeseries"]])
                stimuli[key] = file[stimulus["timeseries"]]
    return stimuli


def _command(item, stimulus):
    """The current given in a sweep: its bias current and its stimulus series, if there is one."""
    if _kind(item) == "IZeroClampSeries":
        return Command(injected_current="0 pA")
    bias = float(item["bias_current"][()]) * 1e12 if "bias_current" in item else np.nan
    if stimulus is None and np.isnan(bias):
        return None
    picoamperes = np.array([np.nan_to_num(bias)])
    if stimulus is not None:
        picoamperes = picoamperes + _signal(stimulus).rescale("pA").magnitude[:, 0]
    picoamperes = np.round(picoamperes, 3)
    return Command(
        waveforms=(picoamperes.tobytes(),) if picoamperes.any() else (),
        injected_current=_text(picoamperes),
        is_stimulus=bool(picoamperes.any()),
    )


def _text(picoamperes):
    """The successive levels of a current, or its range if there are many."""
    changes = np.flatnonzero(np.diff(picoamperes, prepend=np.nan) != 0)
    levels = picoamperes[changes]
    if len(levels) > MAX_LEVELS:
        return f"{levels.min():g} to {levels.max():g} pA"
    levels = np.trim_zeros(levels) if levels.any() else levels[:1]
    return ", ".join(f"{level:g}" for level in levels) + " pA"
