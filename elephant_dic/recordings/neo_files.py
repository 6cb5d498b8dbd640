"""Files that neo reads: Spike2, NIX and the rest, each made into `Contents`."""

from collections import Counter
from dataclasses import replace

import neo
import numpy as np
import quantities as pq
from neo.io.basefromrawio import BaseFromRaw
from neo.io.proxyobjects import EventProxy
from neo.rawio import PlexonRawIO

from ..trains import amplitudes_of
from .contents import Command, Contents, Unit, by_name, channels_of, distinct
from .patch_clamp.overlaps import apart
from .spike_detection import RecordingError, event_to_spiketrain
from .units_of_files import check_hdf5_units, tame_units

# Of neo's readers, those that do more than read, or make up what they read.
NOT_USED = {
    "NixIO": "it would open the file for writing",
    "PickleIO": "a pickle can run any code that is in it",
    "ElphyIO": "it runs text of the file as code",
    "Plexon2IO": "it downloads a library and runs it; export the file as .plx or .nex",
    "RawBinarySignalIO": "it takes any bytes for samples, at a rate and in a unit that it makes up; save a"
    " neo.Block as .nix",
    "AsciiSignalIO": "it makes up the rate and the unit of the samples; save a neo.Block as .nix",
    "ExampleIO": "it makes up what it reads",
}
UNSORTED, NOISE = "0", "255"  # codes of spikes that belong to no unit; the second in Blackrock only


class _QuietPlexonIO(neo.io.PlexonIO):
    """neo's reader without its progress bars, which it cannot be asked to omit."""

    def __init__(self, filename):
        PlexonRawIO.__init__(self, filename=filename, progress_bar=False)
        BaseFromRaw.__init__(self, filename)


QUIET = {neo.io.PlexonIO: _QuietPlexonIO}


def read_spike2(path):
    """Read a 32 bit Spike2 file: sorted units, event channels and sampled channels."""
    with open(path, "rb") as file:
        if b"CED" not in file.read(12):
            raise RecordingError("it does not begin like a Spike2 file")
    try:
        io = neo.io.Spike2IO(str(path))
    except neo.core.NeoReadWriteError:  # channels of one kind, but of different lengths
        io = neo.io.Spike2IO(str(path), try_signal_grouping=False)
    contents = _from_rawio(io)
    return replace(contents, notes=(*contents.notes, *_lost_spikes(io)))


def read_smrx(path):
    """Read a 64 bit Spike2 file, where the vendor's own library works."""
    try:
        io = neo.io.CedIO(str(path))
    except ImportError as error:
        raise RecordingError(
            "64 bit Spike2 files are read by the vendor's own library sonpy only, which does not work"
            f" here ({error}; it exists for Windows, and for macOS and Linux with Python 3.14)."
            " In Spike2, use File > Export As to write a 32 bit .smr or a .mat file, or the spike times as"
            " text, and give time_unit="
        ) from error
    return _from_rawio(io)


def read_nix(path):
    """Read a NIX file: its spike trains, or the recording of one of our populations."""
    check_hdf5_units(path)
    io = neo.NixIO(str(path), mode="ro")
    try:
        blocks = io.read_all_blocks()
    finally:
        io.close()
    return contents_of_blocks(blocks)


def contents_of_blocks(blocks):
    """Contents of the Blocks of a file, or the recording of one of our populations."""
    populations = [block for block in blocks if "elephant_dic" in block.annotations]
    if populations:
        return Contents(units=_recordings_of(populations))
    segments = [segment for block in blocks for segment in block.segments]
    places = {id(train): k for k, segment in enumerate(segments) for train in segment.spiketrains}
    groups = [group for block in blocks for group in block.groups if _is_cell(group, places)]
    grouped = {id(train) for group in groups for train in group.spiketrains}
    names = distinct([group.name or "group" for group in groups])
    units = [
        Unit(name, dict(enumerate(_of_group(train, group) for train in group.spiketrains)))
        for name, group in zip(names, groups, strict=True)
    ]
    single = [[t for t in segment.spiketrains if id(t) not in grouped] for segment in segments]
    return Contents(
        units=units + _units(single, lambda train: train.name or "spiketrain", keep=True),
        channels=channels_of([segment.analogsignals for segment in segments], Command.untold(len(segments))),
        events=_events([(s.events, s.t_start, s.t_stop) for s in segments if s.events]),
        marks=tuple(mark for segment in segments for mark in [*segment.events, *segment.epochs]),
    )


def _of_group(train, group):
    """A train of a cell, with what its Group says of the capacitance of all."""
    bare = _bare(train, keep=True)
    told = {key: value for key, value in group.annotations.items() if key.startswith("capacitance")}
    if told:
        kept = {key for key in bare.annotations if not key.startswith("capacitance")}
        bare.annotations = {key: bare.annotations[key] for key in kept} | told
    return bare


def read_other(path):
    """Read any other file with neo, and say what each of neo's readers had against it."""
    reasons = []
    for io_class in neo.io.list_candidate_ios(path):
        if io_class.__name__ in NOT_USED:
            reasons.append(f"{io_class.__name__} is not used: {NOT_USED[io_class.__name__]}")
            continue
        try:
            io = QUIET.get(io_class, io_class)(str(path))
            if hasattr(io, "header"):
                return _from_rawio(io)
            segments = [segment for block in io.read() for segment in block.segments]
            return Contents(
                units=_units([s.spiketrains for s in segments], lambda t: t.name or "spiketrain"),
                channels=channels_of([s.analogsignals for s in segments]),
            )
        except Exception as error:  # neo's readers fail on a wrong file in any way they like
            reasons.append(f"{io_class.__name__}: {error}")
    raise RecordingError("neo cannot read it (" + "; ".join(reasons) + ")")


def _from_rawio(io):
    tame_units(io.header)
    label = _labels(io)
    segments, bounds = [], []
    for block in range(io.block_count()):
        segments += io.read_block(block, lazy=True).segments
        bounds += [
            (io.segment_t_start(block, k) * pq.s, io.segment_t_stop(block, k) * pq.s)
            for k in range(io.segment_count(block))
        ]
    units = _units([segment.spiketrains for segment in segments], label)
    events = _events(
        [
            ([event.load() for event in segment.events if isinstance(event, EventProxy)], *bound)
            for segment, bound in zip(segments, bounds, strict=True)
        ]
    )
    channels, notes = apart(channels_of([segment.analogsignals for segment in segments]))
    return Contents(
        units=units,
        channels=channels,
        events=events,
        doubts=_doubts(units + events),
        notes=(*notes, *(_overlap(bounds) if units else ())),
        potentials="unsure" if events else "one",
    )


def _overlap(bounds):
    """A note if segments, as (start, stop), run at the same time."""
    ordered = sorted((float(start), float(stop)) for start, stop in bounds)
    for (_, stop), (start, _) in zip(ordered[:-1], ordered[1:], strict=True):
        if start < stop - 1e-6:
            return (
                f"its segments overlap in time (one ends at {stop:g} s, another starts at {start:g} s): they"
                " are read as sweeps, and a spike may be in two of them; choose with sweep=",
            )
    return ()


def _labels(io):
    """A function from spike trains to names, made of the electrode's and the code of the unit."""
    meanings = {UNSORTED: "unclassified"}
    if isinstance(io, neo.io.BlackrockIO):
        meanings[NOISE] = "noise"
    spike_channels = io.header["spike_channels"]
    codes = {each["id"]: _channel_and_code(each["name"], each["id"]) for each in spike_channels}
    n_codes = Counter(channel for channel, _, _ in codes.values())
    labels = {
        id_: f"{name}#{meanings.get(code, code)}" if n_codes[channel] > 1 or code in meanings else name
        for id_, (channel, name, code) in codes.items()
    }
    return lambda train: labels[train.annotations["id"]]


def _channel_and_code(name, id_):
    """Electrode, its name, and the code of a unit after a ``#``, or None."""
    for text in (name, id_):
        channel, _, code = text.rpartition("#")
        if channel and code.isdecimal():
            return channel, channel if text is name else name, code
    return id_, name or id_, None


def _units(sweeps, label, keep=False):
    """Units of the spike trains of each sweep."""
    found = by_name([[(str(label(train)), train) for train in trains] for trains in sweeps])
    units = []
    for name, trains in found.items():
        first = next(iter(trains.values()))
        aliases = {str(first.name), str(first.annotations.get("id", name))}
        loaded = {k: _bare(train, keep) for k, train in trains.items()}
        units.append(Unit(name, loaded, None if keep else str(first.name), tuple(aliases)))
    return units


def _events(sweeps):
    """Event channels that hold events, of the events, start and stop of each sweep."""
    found = by_name(
        [
            [(str(event.name or "events"), event_to_spiketrain(event, *bounds)) for event in events]
            for events, *bounds in sweeps
        ]
    )
    return [
        Unit(name, trains, channel=name)
        for name, trains in found.items()
        if any(len(train) for train in trains.values())
    ]


def _bare(train, keep=False):
    """A copy of times and amplitudes alone, with the annotations if asked, but for NIX's own name."""
    arrays = {}
    if not isinstance(train, neo.SpikeTrain):
        train, arrays = _loaded(train)
    elif keep:
        arrays = dict(train.array_annotations)
    annotations = train.annotations if keep else {}
    return neo.SpikeTrain(
        np.asarray(train.magnitude, float),
        units=train.units,
        t_start=train.t_start,
        t_stop=train.t_stop,
        array_annotations=arrays,
        **{key: value for key, value in annotations.items() if key != "nix_name"},
    )


def _loaded(proxy):
    """A spike train of one of neo's proxies, and the amplitudes of its spikes if it has waveforms."""
    try:
        train = proxy.load(load_waveforms=True)
        waveforms = train.waveforms
    except Exception:  # no waveforms, which neo's readers say in any way they like
        train, waveforms = proxy.load(), None
    if waveforms is None or len(waveforms) != len(train) or not np.size(waveforms):
        return train, {}
    return train, {"amplitude": amplitudes_of(waveforms) * waveforms.units}


def _lost_spikes(io):
    """Tell of the spikes and events that neo drops, for lack of a sampled channel then."""
    lost, sweeps, ever = 0, range(io.segment_count(0)), {"t_start": 0.0, "t_stop": 1e9}
    for k in range(len(io.header["spike_channels"])):
        lost += len(io.get_spike_timestamps(0, 0, k, **ever))
        lost -= sum(io.spike_count(0, sweep, k) for sweep in sweeps)
    for k in range(len(io.header["event_channels"])):
        lost += len(io.get_event_timestamps(0, 0, k, **ever)[0])
        lost -= sum(io.event_count(0, sweep, k) for sweep in sweeps)
    if not lost:
        return ()
    return (f"{lost} spikes or events lie outside what the sampled channels cover and are left out",)


def _doubts(units):
    """Why t_start and t_stop may not be the recording's: there are events at those very times."""
    trains = [train for unit in units for train in unit.trains.values() if len(train)]
    if not trains:
        return {}
    ends = {
        "t_start": (min(trains, key=lambda t: t.min()).min(), min(t.t_start for t in trains)),
        "t_stop": (max(trains, key=lambda t: t.max()).max(), max(t.t_stop for t in trains)),
    }
    return {
        end: f"its {end}, {bound.rescale('s'):.6g}, is the time of an event: the file does not"
        f" seem to store it; pass {end}= if you know it"
        for end, (event, bound) in ends.items()
        if np.isclose(float((event - bound).rescale("s")), 0, atol=1e-6) and bound != 0
    }


def _recordings_of(populations):
    """The recording of each population, whose trains are the sweeps of one cell."""
    units = []
    for k, block in enumerate(populations):
        trains = [
            _bare(train, keep=True)
            for segment in block.segments
            if segment.name == "recording"
            for train in segment.spiketrains
        ]
        name = "recording" if len(populations) == 1 else f"recording#{k}"
        units.append(Unit(name, dict(enumerate(trains))))
    return units


def _is_cell(group, places):
    """Whether a Group's trains are sweeps of one cell, and do not run side by side; `places` are Segments.

    They follow each other; or, where all start at 0, have one name, or each a Segment or a sweep of its own.
    """
    trains = sorted(group.spiketrains, key=lambda train: train.t_start)
    gaps = [b.t_start - a.t_stop for a, b in zip(trains[:-1], trains[1:], strict=True)]
    if trains and all(gap >= -1e-6 * pq.s for gap in gaps):
        return True
    ways = [places.get(id(train)) for train in trains], [train.annotations.get("sweep") for train in trains]
    apart = any(None not in way and len(set(map(str, way))) == len(trains) for way in ways)
    names = {train.name for train in trains}
    return len(names) == 1 and (apart or bool(names.pop()))
