"""MATLAB files: Spike2's exports, of version 7.3 (HDF5) and older, and a Block that neo wrote."""

import h5py
import neo
import numpy as np
import quantities as pq

from .contents import Channel, Contents, Sweep, Unit, distinct
from .matlab_elements import check_matlab_file
from .spike_detection import RecordingError
from .trial import try_reading
from .units_of_files import check_matlab_units, checked_unit

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
HDF5_OFFSET = 512  # of the signature in a MATLAB file of version 7.3
EXPORTED = (
    "Spike2's exports are read (a struct a channel, with times or values); save other spike times as"
    " .csv and give time_unit=, or as a neo.Block in a .nix file"
)


def read_matlab(path):
    """Read a MATLAB file: the channels that Spike2 exported, or neo's Block.

    Waveform channels become signals; WaveMark channels units, one for each of their codes; event,
    level and marker channels events. Of each, the times are in seconds.
    """
    structs = _structs_73(path) if _is_hdf5(path) else _structs_old(path)
    if structs is None:
        return _block(path)
    channels = {name: fields for name, fields in structs.items() if "times" in fields or "values" in fields}
    if not channels:
        held = f"it holds {', '.join(structs)}" if structs else "it holds no struct"
        raise RecordingError(f"no channel exported by Spike2 was found, {held}; {EXPORTED}")
    signals = {name: _signal(name, fields) for name, fields in channels.items() if "times" not in fields}
    trains = [
        (name, fields, _trains(name, fields, signals))
        for name, fields in channels.items()
        if name not in signals
    ]
    units = _units([each for each in trains if "values" in each[1]])
    events = _units([each for each in trains if "values" not in each[1]])
    labels = distinct([signal.name for signal in signals.values()])
    return Contents(
        units=units,
        channels=[Channel(name, {0: Sweep(s)}) for name, s in zip(labels, signals.values(), strict=True)],
        events=events,
        doubts={} if signals else _doubts(units + events),
        potentials="unsure" if events else "one",
    )


def _is_hdf5(path):
    with open(path, "rb") as file:
        file.seek(HDF5_OFFSET)
        return file.read(len(HDF5_SIGNATURE)) == HDF5_SIGNATURE


def _structs_73(path):
    """Structs of a file of version 7.3, as fields that are texts or arrays."""
    try_reading(path, "HDF5")
    with h5py.File(path, "r") as file:
        return {
            name: {
                field: _value_73(item, only_there="times" in group and field == "values")
                for field, item in group.items()
                if isinstance(item, h5py.Dataset) and item.dtype.kind in "iuf"
            }
            for name, group in file.items()
            if isinstance(group, h5py.Group) and not name.startswith("#")
        }


def _value_73(item, only_there):
    """Text or array; nothing of the waveforms of spikes, which are large, but that there are any."""
    if only_there or item.attrs.get("MATLAB_empty", 0):
        return np.empty(0)
    value = item[()]
    if item.attrs.get("MATLAB_class") == b"char":
        return "".join(map(chr, value.ravel().tolist()))
    return value.T  # MATLAB counts the first index fastest


def _structs_old(path):
    """Structs of a file before version 7.3; None for a Block of neo's."""
    from scipy.io import loadmat

    check_matlab_file(path)
    # of MATLAB's own objects and functions, scipy keeps the bytes; nothing in them is run
    variables = loadmat(path, struct_as_record=False, squeeze_me=False, chars_as_strings=True)
    structs = {}
    for name, value in variables.items():
        if isinstance(value, np.ndarray) and value.dtype == object and value.size == 1:
            fields = vars(value.item()) if hasattr(value.item(), "_fieldnames") else {}
            structs[name] = {
                field: _value_old(item) for field, item in fields.items() if field != "_fieldnames"
            }
    if "segments" in structs.get("block", ()):
        return None
    return structs


def _value_old(item):
    item = np.asarray(item)
    return "".join(item.ravel().tolist()) if item.dtype.kind == "U" else item


def _block(path):
    """A neo.Block in a MATLAB file."""
    from .neo_files import contents_of_blocks

    check_matlab_units(path)
    return contents_of_blocks([neo.io.NeoMatlabIO(str(path)).read_block()])


def _text(fields, field, default):
    text = fields.get(field)
    return text.strip("\0 ") if isinstance(text, str) and text.strip("\0 ") else default


def _number(name, fields, field):
    value = np.ravel(fields.get(field, ()))
    if value.size != 1 or value.dtype.kind not in "iuf" or not np.isfinite(value[0]):
        raise RecordingError(f"{name} has no number {field!r}")
    return float(value[0])


def _signal(name, fields):
    """The waveform channel of a struct."""
    interval = _number(name, fields, "interval")
    if interval <= 0:
        raise RecordingError(f"{name} has a sampling interval of {interval:g} s")
    values = np.ravel(fields["values"])
    if values.dtype.kind not in "iuf" or not values.size:
        raise RecordingError(f"{name} holds no samples")
    if values.dtype.kind != "f":  # exported without its scale applied
        values = values * (_number(name, fields, "scale") / 6553.6) + _number(name, fields, "offset")
    return neo.AnalogSignal(
        values.astype(float)[:, np.newaxis],
        units=_unit_of_signal(fields),
        t_start=_number(name, fields, "start") * pq.s,
        sampling_rate=1 / interval * pq.Hz,
        name=_text(fields, "title", name),
    )


def _unit_of_signal(fields):
    text = _text(fields, "units", "").strip().replace("volts", "V").replace("Volts", "V").replace("volt", "V")
    try:
        return pq.Quantity(1.0, checked_unit(text)).units
    except Exception:  # as neo does with what is no unit
        return pq.dimensionless


def _trains(name, fields, signals):
    """Spike trains by code; of a channel without codes, a single one."""
    times = np.ravel(fields["times"])
    if times.dtype.kind not in "iuf" or not np.isfinite(times).all():
        raise RecordingError(f"the times of {name} are not finite numbers")
    times = times.astype(float)
    last = float(times.max(initial=0.0))
    stop = max([last, *(float(s.t_stop.rescale("s")) for s in signals.values())])
    start = min(0.0, float(times.min(initial=0.0)))
    codes = np.asarray(fields.get("codes", ()))
    codes = codes[:, 0] if codes.ndim == 2 and codes.shape[0] == times.size and codes.size else None
    found = {None: times} if codes is None else {int(c): times[codes == c] for c in np.unique(codes)}
    return {
        code: neo.SpikeTrain(seconds, units="s", t_start=start, t_stop=stop)
        for code, seconds in found.items()
    }


def _units(channels):
    """Units or event channels of structs, as (name, fields, trains by code)."""
    found = []
    for name, fields, trains in channels:
        title = _text(fields, "title", name)
        for code, train in trains.items():
            label = title if len(trains) == 1 else f"{title}#{code or 'unclassified'}"
            found.append((label, train, title, (title, name, f"{name}#{code}")))
    labels = distinct([label for label, *_ in found])
    return [
        Unit(label, {0: train}, title, aliases)
        for label, (_, train, title, aliases) in zip(labels, found, strict=True)
        if len(train)
    ]


def _doubts(units):
    """The stop is a guess where no waveform tells it."""
    last = max((float(unit.trains[0].t_stop) for unit in units), default=0.0)
    return {
        "t_stop": f"its t_stop is its last spike, at {last:.6g} s: the export does not store it; pass"
        " t_stop= if you know it"
    }
