"""Writers of patch-clamp formats that no library writes, and of what other writers of Axon files omit."""

import struct
from pathlib import Path

import numpy as np
from neo.rawio import axonrawio

BLOCK = 512


def write_wcp(path, sweeps, *, names=("Vm", "Im"), units=("mV", "pA"), gains=(0.01, 0.001), columns=None,
              ranges=None, times=None, statuses=None, interval=5e-5, largest=32767, comma=False):  # fmt: skip
    """Write a WinWCP file.

    `sweeps` are arrays (samples, channels) in the units of the channels; `gains` are V per unit, `columns`
    the place of each channel among the interleaved samples, `ranges` V of each record and channel.
    """
    n_channels, n_samples = len(names), len(sweeps[0])
    columns = list(range(n_channels)) if columns is None else columns
    ranges = np.broadcast_to(10.0 if ranges is None else ranges, (len(sweeps), n_channels))
    n_blocks = -(-2 * n_samples * n_channels // BLOCK)
    lines = {"VER": 9, "NC": n_channels, "NR": len(sweeps), "NBH": 1024, "NBA": 2, "NBD": n_blocks}
    lines |= {"ADCMAX": largest, "NP": n_samples, "DT": interval, "RTIME": "01/02/2026 10:00:00"}
    for k in range(n_channels):
        lines |= {f"YO{k}": columns[k], f"YU{k}": units[k], f"YN{k}": names[k], f"YG{k}": gains[k]}
    text = "".join(f"{key}={value}\r\n" for key, value in lines.items())
    content = (text.replace(".", ",") if comma else text).encode("latin-1").ljust(1024, b"\0")
    for number, sweep in enumerate(sweeps):
        status = b"ACCEPTED" if statuses is None else statuses[number]
        time = number * 1.0 if times is None else times[number]
        header = struct.pack("<8s4sfff", status, b"TEST", 0.0, time, interval)
        content += (header + struct.pack(f"<{n_channels}f", *ranges[number])).ljust(1024, b"\0")
        raw = np.zeros((n_samples, n_channels), "<i2")
        for k in range(n_channels):
            raw[:, columns[k]] = np.round(sweep[:, k] * largest * gains[k] / ranges[number, k])
        content += raw.tobytes().ljust(n_blocks * BLOCK, b"\0")
    Path(path).write_bytes(content)


def write_axograph(path, columns, interval=5e-5, start=0.0, version=6):
    """Write an AxoGraph file of columns, (title, samples) pairs; it ends where its metadata would begin."""
    if version < 3:
        content = struct.pack(">4sHH", b"AxGr", version, len(columns) + 1)
        titles = [
            struct.pack(">80p", title.encode()) for title in ["Time (s)", *(title for title, _ in columns)]
        ]
        content += struct.pack(">i", len(columns[0][1])) + titles[0] + struct.pack(">ff", start, interval)
        for title, (_, samples) in zip(titles[1:], columns, strict=True):
            gain = max(np.abs(samples).max(), 1e-30) / 32000
            content += struct.pack(">i", len(samples)) + title + struct.pack(">f", gain)
            content += np.round(samples / gain).astype(">i2").tobytes()
        Path(path).write_bytes(content)
        return

    def text(title):
        encoded = title.encode("utf-16-be")
        return struct.pack(">i", len(encoded)) + encoded

    content = struct.pack(">4sii", b"axgx", version, len(columns) + 1)
    content += (
        struct.pack(">ii", len(columns[0][1]), 9) + text("Time (s)") + struct.pack(">dd", start, interval)
    )
    for title, samples in columns:
        content += struct.pack(">ii", len(samples), 7) + text(title) + np.asarray(samples, ">f8").tobytes()
    Path(path).write_bytes(content)


def igor_wave(name, values, units="mV", step=5e-5, start=0.0, time_units="s", kind=4):
    """The bytes of an Igor wave of version 5: samples, or (samples, sweeps)."""
    values = np.asarray(values, float)
    data = values.astype("<f8" if kind == 4 else "<f4").tobytes(order="F")
    shape = (*values.shape, 0, 0, 0, 0)[:4]
    short = units if len(units) < 4 else ""
    header = struct.pack("<iIIihh6sh", 0, 0, 0, values.size, kind, 0, b"", 1)
    header += struct.pack("<32sii4i", name.encode(), 0, 0, *shape)
    header += struct.pack("<4d4d", step, 1.0, 1.0, 1.0, start, 0.0, 0.0, 0.0)
    header += struct.pack("<4s4s12s", short.encode(), time_units.encode(), b"") + struct.pack(
        "<hhdd", 0, 0, 0, 0
    )
    header = header.ljust(320, b"\0")
    extended = b"" if short else units.encode()
    sizes = (320 + len(data), 0, 0, len(extended), *[0] * 8, 0, 0, 0)
    first = struct.pack("<hh15i", 5, 0, *sizes)
    words = np.frombuffer(first + header, "<i2").astype(int).sum()
    first = struct.pack("<hh15i", 5, (-words + 2**15) % 2**16 - 2**15, *sizes)
    return first + header + data + extended


def write_ibw(path, name, values, **options):
    """Write an Igor wave."""
    Path(path).write_bytes(igor_wave(name, values, **options))


def write_pxp(path, waves, folder=None):
    """Write an Igor packed experiment of waves, `igor_wave`s; in a data folder if one is named."""
    records = [(3, wave) for wave in waves]
    if folder:
        records = [(9, folder.encode().ljust(32, b"\0")), *records, (10, b"")]
    Path(path).write_bytes(b"".join(struct.pack("<Hhi", kind, 5, len(data)) + data for kind, data in records))


def add_tags(path, tags, tick=0.0):
    """Add tags, (ticks, comment) pairs, to an Axon file; `tick` is its unit of time in us."""
    content = bytearray(Path(path).read_bytes())
    content += b"\0" * (-len(content) % BLOCK)
    block = len(content) // BLOCK
    if content[:4] == b"ABF ":
        struct.pack_into("<ii", content, 44, block, len(tags))
        struct.pack_into("<f", content, 130, tick)
    else:
        struct.pack_into(
            "<IIq", content, 76 + 16 * axonrawio.sectionNames.index("TagSection"), block, 64, len(tags)
        )
        (protocol,) = struct.unpack_from("<I", content, 76)
        struct.pack_into("<f", content, protocol * BLOCK + 14, tick)
    for time, comment in tags:
        content += struct.pack("<i56shh", time, comment.encode("latin-1").ljust(56), 1, 0)
    Path(path).write_bytes(content)


def set_pulses(path, period, width):
    """Give all epochs of an Axon file of version 2 a period and a width of pulses, in samples."""
    content = bytearray(Path(path).read_bytes())
    entry = 76 + 16 * axonrawio.sectionNames.index("EpochPerDACSection")
    block, size, n_epochs = struct.unpack_from("<IIq", content, entry)
    for k in range(n_epochs):
        struct.pack_into("<ii", content, block * BLOCK + size * k + 22, period, width)
    Path(path).write_bytes(content)


def set_user_list_of_version_1(path):
    """Switch on the user list of the first output of an Axon file of version 1."""
    content = bytearray(Path(path).read_bytes())
    struct.pack_into("<h", content, 3360, 1)
    Path(path).write_bytes(content)
