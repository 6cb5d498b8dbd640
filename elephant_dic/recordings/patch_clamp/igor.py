"""Igor's waves (.ibw) and packed experiments (.pxp), which igor2 reads; columns or waves may be sweeps."""

import math
import re
import struct
from dataclasses import dataclass
from io import BytesIO

import neo
import numpy as np
import quantities as pq

from ..contents import same_dimension
from ..spike_detection import RecordingError
from ..units_of_files import is_unit, plain_unit
from .sweeps import contents_of_sweeps

NUMBERED = re.compile(r"(?P<stem>.*?)(?P<number>\d+)")
MISSING = (
    "Igor's files are read by the package igor2, which is not installed: pip install 'elephant-dic[igor]'"
)
WAVE, FOLDERS, END_OF_FOLDER = 3, (9, 101), 10  # kinds of records of an experiment; 101 has a long name


@dataclass(frozen=True)
class _Version:
    """Where a version of waves has its sizes: that of the wave's header with its samples is the first."""

    n_sizes: int
    sizes: int  # byte at which they begin
    header: int  # and at which the wave's header begins, after which the samples follow
    least: int  # bytes of that header, with those of padding that the first size counts
    kind: int  # byte of the header at which the kind of its numbers is
    name: int  # and the name


_VERSIONS = {
    1: _Version(1, 2, 8, 126, 0, 6),
    2: _Version(2, 2, 16, 126, 0, 6),
    3: _Version(3, 2, 20, 126, 0, 6),
    5: _Version(13, 4, 64, 320, 16, 28),
}
_DIMENSIONS, _POINTS = 132, 76  # bytes of version 5


@dataclass(frozen=True)
class _Wave:
    """A wave: (samples, sweeps), in units of its own, with the start and the step of its time in s."""

    name: str
    values: np.ndarray
    units: str
    start: float
    step: float


def read_igor(path):
    """Read a wave, or an experiment of waves: the columns of one, or waves numbered alike, are sweeps."""
    try:
        import igor2  # noqa: F401
    except ImportError as error:
        raise RecordingError(MISSING) from error
    waves, notes = {}, []
    for name, content in _waves_of(path):
        try:
            wave = _wave(name, _loaded(content))
        except Exception as error:  # of one wave of many, in any way
            notes.append(f"the wave {name} is left out: {error}")
            continue
        if name in waves:
            notes.append(f"it holds {name} twice: the later wave is read")
        waves[name] = wave
    if not waves:
        raise RecordingError("; ".join(_few(notes)) or "it holds no waves")
    return contents_of_sweeps(_sweeps(waves.values()), notes=_few(notes), placed=False)


def _waves_of(path):
    """Name and bytes of each wave: the file, or those of its records."""
    content = path.read_bytes()
    if path.suffix.lower() == ".ibw":
        yield _name(content) or path.stem, content
        return
    folders, order, place = [], "", 0
    while place < len(content):
        header = content[place : place + 8].ljust(8, b"\0")
        if not order and any(header[2:4]):
            order = _order(header[2:])
        kind, _, size = struct.unpack((order or "<") + "Hhi", header)
        start, place = place + 8, place + 8 + size
        if size < 0 or place > len(content):
            raise RecordingError(
                "it is no Igor packed experiment, or cut off, or damaged: a record of"
                f" {size} bytes from byte {start} on, of {len(content)} in all"
            )
        kind, data = kind & 0x7FFF, content[start:place]
        if kind in FOLDERS:
            folders.append(_text((data[4:] if kind == 101 else data).split(b"\0")[0]))
        elif kind == END_OF_FOLDER:
            folders = folders[:-1]
        elif kind == WAVE:
            yield ":".join([*folders, _name(data) or f"at byte {start}"]), data


def _loaded(content):
    """A wave as igor2 reads it, from bytes that hold all that it will look for."""
    from igor2.binarywave import load

    _check_sizes(content)
    try:
        return load(BytesIO(content))["wave"]
    except Exception as error:  # igor2 fails on a damaged wave in any way
        kind = type(error).__name__
        raise RecordingError(f"igor2 cannot read it as an Igor wave ({kind}: {error})") from error


def _check_sizes(content):
    """RecordingError if a size of the wave's header is wrong: igor2 would be busy with it for long."""
    from igor2.binarywave import TYPE_TABLE

    version = _version(content)
    if version is None:
        raise RecordingError("it is no Igor wave of version 1, 2, 3 or 5")
    held = len(content) + (16 if version is _VERSIONS[1] else 0)  # whose padding may not be there
    if held < version.header + version.least:
        raise RecordingError("it is cut off: its header is not complete")
    order = _order(content)
    sizes = struct.unpack_from(f"{order}{version.n_sizes}i", content, version.sizes)
    if min(sizes) < 0 or sizes[0] < version.least or version.header + sum(sizes) > held:
        raise RecordingError(
            f"it is damaged: its header tells of parts of {', '.join(map(str, sizes))} bytes, in"
            f" {len(content)} bytes with the header"
        )
    (kind,) = struct.unpack_from(f"{order}h", content, version.header + version.kind)
    if TYPE_TABLE.get(kind) is None:
        raise RecordingError(
            f"it holds no samples, but text, or numbers of a kind that is not known ({kind})"
        )
    if version is _VERSIONS[5]:
        shape = [n for n in struct.unpack_from(f"{order}4i", content, _DIMENSIONS) if n]
        (n_points,) = struct.unpack_from(f"{order}i", content, _POINTS)
        if min(shape, default=0) < 0 or (math.prod(shape) if shape else 0) != n_points:
            raise RecordingError(f"it is damaged: its header tells of {n_points} samples in {shape}")


def _order(content):
    """The order of bytes of a number that is small: how struct calls it."""
    return "<" if content[0] else ">"


def _version(content):
    number = struct.unpack_from(f"{_order(content)}h", content) if len(content) > 1 else (None,)
    return _VERSIONS.get(number[0])


def _name(content):
    """The name of a wave, "" if it has none."""
    version = _version(content)
    if version is None:
        return ""
    start = version.header + version.name
    return _text(content[start : start + (32 if version is _VERSIONS[5] else 20)].split(b"\0")[0])


def _wave(name, record):
    header, values = record["wave_header"], np.asarray(record["wData"])
    if values.dtype.kind not in "fiu" or values.ndim not in (1, 2) or not values.size:
        raise RecordingError(
            f"it holds no samples of one or more sweeps, but {values.dtype} in {values.shape}"
        )
    if "dimUnits" in header:
        units, axis = (
            _text(b"".join(np.ravel(header[key])[:4].tolist())) for key in ("dataUnits", "dimUnits")
        )
        start, step = float(header["sfB"][0]), float(header["sfA"][0])
    else:
        units, axis = (_text(b"".join(np.ravel(header[key]).tolist())) for key in ("dataUnits", "xUnits"))
        start, step = float(header["hsB"]), float(header["hsA"])
    units = _text(record.get("data_units", b"")) or units  # of more than three letters
    axis = axis or "s"
    if not same_dimension(axis, "s") or not (0 < step < np.inf and np.isfinite(start)):
        raise RecordingError(f"its samples are every {step:g} {axis}, from {start:g} on: no time")
    seconds = float(pq.Quantity(1.0, axis).rescale("s"))
    units = plain_unit(units)
    return _Wave(
        name,
        values.reshape(len(values), -1),
        units if is_unit(units) else "",
        start * seconds,
        step * seconds,
    )


def _text(value):
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text.strip("\0 ")


def _sweeps(waves):
    """Signals of each sweep: of the columns of a wave, or of the waves that differ in a number at the end."""
    channels = {}
    for wave in waves:
        numbered = NUMBERED.fullmatch(wave.name)
        alone = wave.values.shape[1] > 1 or not numbered
        stem, number = (wave.name, 0) if alone else (numbered["stem"], int(numbered["number"]))
        for column, values in enumerate(wave.values.T):
            channels.setdefault((stem, wave.units), {})[number + column] = (wave, values)
    names = {}
    for (stem, units), found in channels.items():
        first = next(iter(found.values()))[0]
        names[stem, units] = first.name if len(found) == 1 else stem.rstrip("_") or first.name
    numbers = sorted({number for found in channels.values() if len(found) > 1 for number in found})
    return [
        [
            _signal(names[key], *(found[number] if len(found) > 1 else next(iter(found.values()))))
            for key, found in channels.items()
            if number in found or (len(found) == 1 and number == (numbers or [0])[0])
        ]
        for number in numbers or [0]
    ]


def _signal(name, wave, values):
    return neo.AnalogSignal(
        np.asarray(values, float),
        units=wave.units or "dimensionless",
        t_start=wave.start * pq.s,
        sampling_rate=1 / wave.step * pq.Hz,
        name=name,
    )


def _few(notes):
    return notes if len(notes) <= 5 else [*notes[:4], f"so are {len(notes) - 4} more waves"]
