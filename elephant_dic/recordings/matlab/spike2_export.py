"""The channels of a MATLAB file that Spike2 exported, with any of its options, from their structs."""

from __future__ import annotations

import neo
import numpy as np
import quantities as pq

from ..contents import Channel, Contents, Sweep, Unit, distinct
from ..selection import MEMBRANE
from ..spike_detection import RecordingError
from ..units_of_files import checked_unit

LARGEST_COUNT = 1000  # of events in a bin


def is_channel(fields):
    """Whether a struct is a channel that Spike2 exported: with times, or with evenly spaced values."""
    return "times" in fields or ("values" in fields and "interval" in fields)


def spike2_contents(structs):
    """Contents of the structs of an export.

    Waveform channels become signals, with or without a vector of times; WaveMark channels units, one for each
    of their codes; event, level and marker channels events, also where they were exported as counts per bin.
    """
    found, broken = _Channels(), {}
    for name, fields in structs.items():
        try:
            found.add(name, fields)
        except RecordingError as error:
            broken[name] = str(error)
    if not found:
        raise RecordingError("; ".join(broken.values()))
    stop = max(
        (float(s.t_stop.rescale("s")) for pieces in found.signals.values() for s in pieces), default=0.0
    )
    units, events = _units(found.units, stop), _units(found.events, stop)
    labels = distinct([pieces[0].name for pieces in found.signals.values()])
    channels = [
        Channel(label, {k: Sweep(piece) for k, piece in enumerate(pieces)})
        for label, pieces in zip(labels, found.signals.values(), strict=True)
    ]
    membrane = any(channel.is_voltage and MEMBRANE.search(channel.name) for channel in channels)
    return Contents(
        units=units,
        channels=channels,
        events=events,
        doubts={} if channels else _doubts(units + events),
        notes=(*found.notes, *(f"left out: {text}" for text in broken.values())),
        potentials="unsure" if events and not membrane else "one",
    )


class _Channels:
    """The channels read so far: signals in pieces without a gap, times of units and of events."""

    def __init__(self):
        self.signals, self.units, self.events, self.notes = {}, [], [], []

    def __bool__(self):
        return bool(self.signals or self.units or self.events)

    def add(self, name, fields):
        title = _text(fields, "title", name)
        if "times" not in fields and _is_binned(fields):
            times = _binned_times(name, fields)
            self.events.append((name, title, {None: times}))
            self.notes.append(
                f"{title}: read from counts in bins of {1e3 * float(np.ravel(fields['interval'])[0]):g} ms"
            )
        elif "times" not in fields:
            self.signals[name] = [
                _signal(name, fields, _number(name, fields, "start"), _samples(name, fields))
            ]
        elif "codes" not in fields and "values" in fields:
            self.signals[name] = _pieces(name, _with_interval(fields))
        else:
            times = _times(name, fields)
            (self.units if "values" in fields else self.events).append((name, title, _by_code(fields, times)))


def _text(fields, field, default):
    text = fields.get(field)
    return text.strip("\0 ") if isinstance(text, str) and text.strip("\0 ") else default


def _number(name, fields, field):
    value = np.ravel(fields.get(field, ()))
    if value.size != 1 or value.dtype.kind not in "iuf" or not np.isfinite(value[0]):
        raise RecordingError(f"{name} has no number {field!r}")
    return float(value[0])


def _interval(name, fields):
    interval = _number(name, fields, "interval")
    if interval <= 0:
        raise RecordingError(f"{name} has a sampling interval of {interval:g} s")
    return interval


def _is_binned(fields):
    """Whether values are counts of events per bin ("align and bin"), which have no scale and no unit."""
    if "scale" in fields or "units" in fields:
        return False
    values = np.ravel(fields["values"])
    if values.dtype.kind not in "iuf" or not values.size or values.min() < 0 or values.max() > LARGEST_COUNT:
        return False
    return bool((values == np.round(values)).all())


def _binned_times(name, fields):
    counts = np.ravel(fields["values"]).astype(int)
    start, interval = _number(name, fields, "start"), _interval(name, fields)
    return start + interval * np.repeat(np.arange(counts.size), counts)


def _samples(name, fields):
    """Samples of a waveform in its unit: integers are exported without their scale and offset applied."""
    values = np.ravel(fields["values"])
    if values.dtype.kind not in "iuf" or not values.size:
        raise RecordingError(f"{name} holds no samples")
    if values.dtype.kind != "f":
        if "scale" not in fields or "offset" not in fields:
            raise RecordingError(
                f"{name} has samples as integers, but no scale and offset: export it again from Spike2, with"
                " these or as floating-point numbers"
            )
        return values * _number(name, fields, "scale") + _number(name, fields, "offset")
    return values.astype(float)


def _with_interval(fields):
    """The fields of a waveform, with the usual step of its times where no interval is stated."""
    times = np.ravel(fields["times"])
    if "interval" in fields or times.dtype.kind not in "iuf" or times.size < 2:
        return fields
    return fields | {"interval": np.median(np.diff(times.astype(float)))}


def _pieces(name, fields):
    """The stretches without a gap of a waveform that was exported with the time of each sample."""
    times, samples, interval = _times(name, fields), _samples(name, fields), _interval(name, fields)
    if times.size != samples.size:
        raise RecordingError(f"{name} has {times.size} times for {samples.size} samples")
    steps = np.diff(times)
    if (steps <= 0).any():
        raise RecordingError(f"the times of {name} do not rise")
    gaps = np.flatnonzero(steps > 1.5 * interval) + 1
    starts = [0, *gaps.tolist(), times.size]
    return [
        _signal(name, fields, float(times[start]), samples[start:stop])
        for start, stop in zip(starts[:-1], starts[1:], strict=True)
    ]


def _signal(name, fields, start, samples):
    return neo.AnalogSignal(
        samples[:, np.newaxis],
        units=_unit_of_signal(fields),
        t_start=start * pq.s,
        sampling_rate=1 / _interval(name, fields) * pq.Hz,
        name=_text(fields, "title", name),
    )


def _unit_of_signal(fields):
    text = _text(fields, "units", "").strip().replace("volts", "V").replace("Volts", "V").replace("volt", "V")
    try:
        return pq.Quantity(1.0, checked_unit(text)).units
    except Exception:  # as neo does with what is no unit
        return pq.dimensionless


def _times(name, fields):
    times = np.ravel(fields["times"])
    if times.dtype.kind not in "iuf" or not np.isfinite(times).all():
        raise RecordingError(f"the times of {name} are not finite numbers")
    return times.astype(float)


def _by_code(fields, times):
    """Times by the code of their marker; of a channel without codes, all of them."""
    codes = np.asarray(fields.get("codes", ()))
    if codes.ndim != 2 or codes.shape[0] != times.size or not codes.size:
        return {None: times}
    return {int(code): times[codes[:, 0] == code] for code in np.unique(codes[:, 0])}


def _units(channels, stop):
    """Units or event channels, of (name, title, times by code); `stop` is that of the signals in s."""
    found = []
    for name, title, by_code in channels:
        every = np.concatenate(list(by_code.values()))
        bounds = {"t_start": min(0.0, every.min(initial=0.0)), "t_stop": every.max(initial=stop)}
        for code, times in by_code.items():
            label = title if len(by_code) == 1 else f"{title}#{code or 'unclassified'}"
            train = neo.SpikeTrain(times, units="s", **bounds)
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
