"""WinWCP files (.wcp): records of up to 128 channels, each with a time, a range and a verdict of its own.

neo's reader takes the range of the last record for all, the columns for the channels, and drops the times.
"""

from dataclasses import dataclass

import neo
import numpy as np
import quantities as pq

from ..spike_detection import RecordingError
from ..units_of_files import is_unit, plain_unit
from .sweeps import contents_of_sweeps

SECTOR = 512  # bytes
HEADER = 1024  # bytes for each 8 channels
FIXED = 24  # bytes of a record's header before the ranges of its channels
MOST_CHANNELS = 128


@dataclass(frozen=True)
class _Channel:
    name: str
    units: str
    gain: float
    column: int


def read_winwcp(path):
    """Read a WinWCP file: each record as a sweep, scaled by its own range."""
    content = path.read_bytes()
    fields = _fields(content)
    n_channels = _whole(fields, "NC", 1, MOST_CHANNELS)
    n_records = _whole(fields, "NR", 0, 10**7)
    largest = _whole(fields, "ADCMAX", 1, 2**31, 2047)
    channels = [_channel(fields, k, n_channels) for k in range(n_channels)]
    header = HEADER * ((n_channels - 1) // 8 + 1)
    analysis = SECTOR * _whole(fields, "NBA", 1, 2**16, header // SECTOR)
    data = SECTOR * _whole(fields, "NBD", 1, 2**24)
    if analysis < FIXED + 4 * n_channels:
        raise RecordingError(
            f"it is damaged: a record's header of {analysis} bytes for {n_channels} channels"
        )
    stated = _whole(fields, "NBH", 0, 2**24, 0)  # in bytes or in sectors, as the version has it
    sizes = (header, stated, SECTOR * stated)
    header = next((size for size in sizes if size + n_records * (analysis + data) == len(content)), header)
    n_whole = (len(content) - header) // (analysis + data)
    n_samples = data // 2 // n_channels
    if "NP" in fields:
        n_samples = _whole(fields, "NP", 1, n_samples)
    sweeps, notes, rejected = [], [], []
    for number in range(min(n_records, n_whole)):
        start = header + number * (analysis + data)
        samples = np.frombuffer(content, "<i2", n_samples * n_channels, start + analysis)
        record = content[start : start + analysis]
        signals, note = _record(record, samples.reshape(n_samples, n_channels), channels, largest, fields)
        sweeps.append(signals)
        if note:
            notes.append(f"record {number} is left out: {note}")
        if record[:8].strip(b"\0 ").upper().startswith(b"REJ"):
            rejected.append(number)
    if not any(sweeps):
        raise RecordingError("; ".join(notes) or "it holds no records")
    if n_records > n_whole:
        notes.append(f"it is cut off: of its {n_records} records it holds {n_whole}")
    if rejected:
        notes.append(
            f"in WinWCP, sweep {', '.join(map(str, rejected))} was rejected; choose the others with sweep= to"
            " leave out what was"
        )
    return contents_of_sweeps(sweeps, notes=notes)


def _fields(content):
    """The ``KEY=value`` lines of the header."""
    text = content[: HEADER * (MOST_CHANNELS // 8)].decode("latin-1")
    if not text.startswith("VER="):
        raise RecordingError("it does not begin like a WinWCP file, with VER=")
    fields = {}
    for line in text.split("\n"):
        key, equals, value = line.strip("\r\0 ").partition("=")
        if not equals or not key.isalnum() or not key.isascii():
            break
        fields[key.upper()] = value.strip()
    return fields


def _whole(fields, key, least, most, default=None):
    """A whole number of the header, which lies between two others."""
    text = fields.get(key, default)
    try:
        value = int(text)
    except (TypeError, ValueError):
        raise RecordingError(f"it is damaged: its header has {key} {text!r}, no whole number") from None
    if not least <= value <= most:
        raise RecordingError(f"it is damaged: its header has {key} {value}, not {least} to {most}")
    return value


def _channel(fields, k, n_channels):
    gain = _number(fields, f"YG{k}")
    if not (np.isfinite(gain) and gain):
        raise RecordingError(f"it is damaged: the gain of channel {k} is {gain:g}")
    units = plain_unit(fields.get(f"YU{k}", ""))
    column = _whole(fields, f"YO{k}", 0, n_channels - 1, k)
    return _Channel(fields.get(f"YN{k}") or f"channel {k}", units if is_unit(units) else "", gain, column)


def _number(fields, key):
    """A number of the header, also with a decimal comma; NaN if there is none."""
    try:
        return float(fields.get(key, "nan").replace(",", "."))
    except ValueError:
        return np.nan


def _record(record, samples, channels, largest, fields):
    """The signals of a record, or none and the reason."""
    time, interval = np.frombuffer(record, "<f4", 2, 16).astype(float)
    ranges = np.frombuffer(record, "<f4", len(channels), FIXED).astype(float)
    if not interval > 0:
        interval = _number(fields, "DT")
    if not (np.isfinite(time) and 0 < interval < np.inf):
        return [], f"it begins at {time:g} s, with samples every {interval:g} s"
    if not (np.isfinite(ranges) & (ranges != 0)).all():
        return [], f"the ranges of its channels are {', '.join(f'{each:g}' for each in ranges)} V"
    interval = float(f"{interval:.6g}")  # what a float of 32 bits can tell
    return [
        neo.AnalogSignal(
            (samples[:, channel.column] * (limit / (largest * channel.gain))).astype(np.float32),
            units=channel.units or "dimensionless",
            t_start=time * pq.s,
            sampling_rate=1 / interval * pq.Hz,
            name=channel.name,
        )
        for channel, limit in zip(channels, ranges, strict=True)
    ], ""
