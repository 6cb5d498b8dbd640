"""Axon files (.abf), of both versions: their sweeps, what was put into the cell, and their tags."""

import struct

import neo
import numpy as np
import quantities as pq
from neo.rawio.axonrawio import BLOCKSIZE, parse_axon_soup, sectionNames

from ..contents import Contents, channels_of, same_dimension
from ..spike_detection import RecordingError
from ..units_of_files import tame_units
from .axon_protocol import sweep_commands
from .measured_current import current, with_measured
from .overlaps import apart

EPISODIC = (2, 5)  # operation modes with sweeps of one length
TAG = np.dtype([("time", "<i4"), ("comment", "S56"), ("kind", "<i2"), ("number", "<i2")])
#: Where the table of sections begins (bytes); sections whose entries have other sizes than it tells.
_SECTIONS, _OF_OTHER_SIZE = 76, ("StringsSection", "DataSection")
KINDS = ("time", "comment", "external", "voice", "new file", "annotation")  # of a tag without a comment


def read_axon(path):
    """Read an Axon file: the signals of its sweeps, the current given in each, and its tags."""
    _check_sections(path)
    io = neo.io.AxonIO(str(path))
    tame_units(io.header)
    info = parse_axon_soup(str(path))
    sweeps = [segment.analogsignals for segment in io.read_block(lazy=True).segments]
    parts = [
        (number, None, None) for number in range(len(sweeps))
    ]  # segment of neo, its first and last sample
    if len(sweeps) == 1:
        sweeps, parts = _split_episodes(sweeps[0], info)
    first = sweeps[0][0] if sweeps and sweeps[0] else None
    n_samples, rate = (0, 1.0) if first is None else (first.shape[0], float(first.sampling_rate))
    commands = sweep_commands(info, path, len(sweeps), n_samples, rate)
    has_voltage = any(same_dimension(unit, "V") for unit in io.header["signal_channels"]["units"])
    if has_voltage:
        commands = with_measured(commands, _currents(io, parts))
    channels, notes = apart(channels_of(sweeps, commands))
    marks, lost = read_tags(path, info)
    return Contents(channels=channels, notes=(*notes, *lost), marks=marks)


def _check_sections(path):
    """Refuse a file of version 2 with a table of more entries than it can hold: neo reads them one by one."""
    with open(path, "rb") as file:
        head, size = file.read(_SECTIONS + 16 * len(sectionNames)), path.stat().st_size
    if head[:4] != b"ABF2" or len(head) < _SECTIONS + 16 * len(sectionNames):
        return
    for k, name in enumerate(sectionNames):
        block, n_bytes, n_entries = struct.unpack_from("<IIq", head, _SECTIONS + 16 * k)
        end = block * BLOCKSIZE + max(n_bytes, 1) * n_entries
        if n_entries and end > size and name not in _OF_OTHER_SIZE:
            raise RecordingError(
                f"it is damaged, or was cut: its header tells of {n_entries:,} entries of {name}, more than "
                f"it can hold; copy it again from where it was recorded"
            )


def _currents(io, parts):
    """The recorded currents, from the integers of the converter, of which no copy is made."""
    found = []
    for column, channel in enumerate(io.header["signal_channels"]):
        if not same_dimension(channel["units"], "A"):
            continue
        sweeps = [
            io.get_analogsignal_chunk(
                seg_index=number, i_start=first, i_stop=last, stream_index=0, channel_indexes=[column]
            )[:, 0]
            for number, first, last in parts
        ]
        gain, whole = float(channel["gain"]), np.dtype(channel["dtype"]).kind == "i"
        found.append(
            current(
                str(channel["name"]),
                str(channel["units"]),
                sweeps,
                float(channel["sampling_rate"]),
                gain,
                float(channel["offset"]),
                abs(gain) if whole else 0.0,
            )
        )
    return found


def _split_episodes(signals, info):
    """Cut the one sweep neo makes of a version 1 file that lists no starts of its sweeps."""
    n_samples, n_episodes = signals[0].shape[0], info["lActualEpisodes"]
    if (
        info["fFileVersionNumber"] >= 2
        or info["nOperationMode"] not in EPISODIC
        or info["lSynchArraySize"] > 0
        or n_episodes < 2
    ):
        return [signals], [(0, None, None)]
    length, left_over = divmod(n_samples, n_episodes)
    if left_over:
        raise RecordingError(
            f"its {n_samples} samples do not divide into the {n_episodes} sweeps it"
            " declares, and it does not say where they start"
        )
    signals = [signal.load() for signal in signals]
    starts = range(0, n_samples, length)
    return (
        [[signal[start : start + length] for signal in signals] for start in starts],
        [(0, start, start + length) for start in starts],
    )


def read_tags(path, info):
    """The tags as an event, at times that neo's reader does not give, and a note if they cannot be read."""
    if info["fFileVersionNumber"] < 2:
        n_tags, start, size = info["lNumTagEntries"], info["lTagSectionPtr"] * BLOCKSIZE, TAG.itemsize
        tick, sample = info["fSynchTimeUnit"], info["fADCSampleInterval"]
    else:
        section, protocol = info["sections"]["TagSection"], info["protocol"]
        n_tags, start, size = section["llNumEntries"], section["uBlockIndex"] * BLOCKSIZE, section["uBytes"]
        tick = protocol["fSynchTimeUnit"]
        sample = protocol["fADCSequenceInterval"] / info["sections"]["ADCSection"]["llNumEntries"]
    if n_tags < 1:
        return (), ()
    with open(path, "rb") as file:
        file.seek(start)
        content = file.read(n_tags * TAG.itemsize)
    if size != TAG.itemsize or len(content) < n_tags * TAG.itemsize:
        return (), (f"its {n_tags} tags are left out: the table of tags is damaged",)
    tags = np.frombuffer(content, TAG)
    comments = [tag.decode("latin-1").strip("\0 ") for tag in tags["comment"].tolist()]
    labels = [
        comment or (KINDS[kind] if 0 <= kind < len(KINDS) else "tag")
        for comment, kind in zip(comments, tags["kind"].tolist(), strict=True)
    ]
    # without a unit of time, ticks are the samples of all channels, one after the other
    times = tags["time"] * float(tick or sample) * 1e-6
    return (neo.Event(times * pq.s, labels=np.array(labels, dtype=str), name="tags"),), ()
