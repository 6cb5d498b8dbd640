"""Patch-clamp series of an NWB file: the sweeps of each electrode, and the current given in each."""

import re
from dataclasses import dataclass, replace

import h5py
import numpy as np
import quantities as pq

from ..contents import Channel, Command, Sweep, distinct, same_dimension
from ..patch_clamp.measured_current import current, with_common_stimuli, with_measured
from ..patch_clamp.overlaps import apart
from ..spike_detection import RecordingError
from .attributes import few, groups_in, kind_of, leaf, pointed_to, text_of
from .currents import command_of
from .series import read_samples, span_of

KINDS = ("CurrentClampSeries", "IZeroClampSeries", "VoltageClampSeries")
STIMULI = ("CurrentClampStimulusSeries", "VoltageClampStimulusSeries")
ELECTRODE = ("electrode", "electrode_name")  # the second in version 1
ROWS = "general/intracellular_ephys/intracellular_recordings"
RESPONSES = ("acquisition", "acquisition/timeseries")  # the second in version 1
PRESENTED = "stimulus/presentation"
RECORDED = ("CurrentClampStimulusSeries", "PatchClampSeries", "TimeSeries")  # that may be of a current


@dataclass(frozen=True)
class Range:
    """A range of a series; all of it where `count` is None."""

    item: h5py.Group
    first: int = 0
    count: int | None = None

    def samples(self):
        return read_samples(self.item, self.first, self.count)

    @property
    def limits(self):
        stop = len(self.item["data"]) if self.count is None else self.first + self.count
        return self.first, stop

    def __str__(self):
        where = "" if self.count is None else f"[{self.first}:{self.first + self.count}]"
        return f"{self.item.name}{where}"


def read_electrodes(file):
    """The patch-clamp series as the sweeps of a channel for each electrode, and notes on what is left out."""
    given, notes = _sweeps(file)
    given.sort(key=lambda pair: _order(pair[0]))
    found, number, noisy = {}, {}, {}
    for response, stimulus in given:
        electrode = _electrode(response.item)
        key = electrode, kind_of(response.item) == "VoltageClampSeries"
        number[key] = number.get(key, -1) + 1  # one that is left out keeps its number
        try:
            signal = response.samples().signal()
            command, samples = command_of(response.item, signal, stimulus, number[key])
        except Exception as error:  # a damaged series fails in any way, and hides no other
            notes.append(f"{response} is left out: {_reason(error)}")
            continue
        units = signal.dimensionality.string
        found.setdefault((electrode, units), {})[number[key]] = Sweep(signal, command=command)
        if samples is not None:
            rate = float(signal.sampling_rate.rescale("Hz"))
            noisy.setdefault((electrode, units), {})[number[key]] = samples, rate
    channels = [
        Channel(name, _with_currents(file, key[0], sweeps, noisy.get(key, {})))
        for name, (key, sweeps) in zip(
            distinct([electrode for electrode, _ in found]), found.items(), strict=True
        )
    ]
    if len({sweep.signal.t_start.item() for each in channels for sweep in each.sweeps.values()}) > 1:
        channels, repeated = apart(channels)
        notes += repeated
    return channels, few(notes)


def _with_currents(file, electrode, sweeps, noisy):
    """The sweeps of an electrode with the current that was recorded, where no stimulus tells it.

    Among several sweeps, one of an unknown current is like no other; one alone is left as it is.
    """
    measured = {number: _measured(file, electrode, sweep.signal) for number, sweep in sweeps.items()}
    measured = {number: values for number, values in measured.items() if values is not None}
    unknown = [number for number, sweep in sweeps.items() if sweep.command is None]
    commands = {number: sweep.command for number, sweep in sweeps.items()}
    if len(sweeps) > 1 or measured:
        commands |= {number: Command.unknown(number) for number in unknown}
    commands = with_common_stimuli(commands, noisy)
    if measured:
        rate = float(sweeps[next(iter(measured))].signal.sampling_rate.rescale("Hz"))
        name, _ = next(iter(measured.values()))
        recorded = current(name, "pA", [values for _, values in measured.values()], rate)
        stated = with_measured([commands[number] for number in measured], [recorded])
        commands |= dict(zip(measured, stated, strict=True))
    return {number: replace(sweep, command=commands[number]) for number, sweep in sweeps.items()}


def _measured(file, electrode, signal):
    """Name and values (pA) of the current recorded together with a potential; None unless there is one."""
    if not same_dimension(signal.dimensionality.string, "V"):
        return None
    start, rate, found = float(signal.t_start.rescale("s")), float(signal.sampling_rate.rescale("Hz")), []
    for place in RESPONSES:
        for item in groups_in(file, place):
            if kind_of(item) not in RECORDED or "data" not in item or len(item["data"]) != len(signal):
                continue
            others = _has_electrode(item) and _electrode(item) != electrode
            if others or abs(span_of(item, 0, 1)[0] - start) * rate > 0.5:
                continue
            try:
                samples = read_samples(item)
            except Exception:  # of another unit, or damaged
                continue
            if same_dimension(samples.units, "A"):
                scale = pq.Quantity(1.0, samples.units).rescale("pA").item()
                found.append((leaf(item.name), samples.values * scale))
    return found[0] if len(found) == 1 else None


def _reason(error):
    return str(error) if isinstance(error, RecordingError) else f"{type(error).__name__}: {error}"


def _sweeps(file):
    """Pairs of response and stimulus (or None), and notes on what cannot be one."""
    stimuli = _presented(file)
    pairs, notes = _rows(file)
    in_rows = {response.item for response, _ in pairs}
    for place in RESPONSES:
        for item in groups_in(file, place):
            if kind_of(item) not in KINDS or item in in_rows:
                continue
            if "data" in item:
                pairs.append((Range(item), None))
            else:
                notes.append(f"{item.name} is left out: it has no data")
    return [(response, stimulus or _stimulus_of(response, stimuli)) for response, stimulus in pairs], notes


def _stimulus_of(response, stimuli):
    """The stimulus of a response that no row names: of the same sweep, or the only one of its time."""
    start, stop = span_of(response.item, *response.limits)
    mine = [item for item in stimuli if _electrode(item) == _electrode(response.item)]
    named = [item for item in mine if _sweep(item) == _sweep(response.item)]
    for candidates in (named, mine):
        together = []
        for item in candidates:
            other_start, other_stop = span_of(item, 0, len(item["data"]))
            if other_start < stop and start < other_stop:
                together.append(item)
        if len(together) == 1:
            return Range(together[0])
    return Range(named[0]) if len(named) == 1 else None


def _rows(file):
    """The rows of the table of recordings: a range of a response, and of a stimulus if it has one."""
    table = file.get(ROWS)
    if table is None:
        return [], []
    responses, stimuli = table["responses/response"][:], table["stimuli/stimulus"][:]
    pairs, notes, taken = [], [], {}
    for row, stimulus in zip(responses, stimuli, strict=True):
        response = _range(file, row)
        if response is None or kind_of(response.item) not in KINDS or "data" not in response.item:
            continue
        first, stop = response.limits
        if any(first < other and start < stop for start, other in taken.setdefault(response.item, [])):
            reason = "another row of the table of recordings has it, or a part of it"
            notes.append(f"{response} is left out: {reason}")
            continue
        taken[response.item].append((first, stop))
        pairs.append((response, _range(file, stimulus)))
    return pairs, notes


def _range(file, row):
    if row["count"] <= 0 or row["idx_start"] < 0 or not row["timeseries"]:
        return None
    item, first, count = pointed_to(file, row["timeseries"]), int(row["idx_start"]), int(row["count"])
    whole = first == 0 and "data" in item and count == len(item["data"])
    return Range(item) if whole else Range(item, first, count)


def _presented(file):
    """Series of stimuli."""
    return [item for item in groups_in(file, PRESENTED) if kind_of(item) in STIMULI and "data" in item]


def _sweep(item):
    """Number of the sweep, or the name of its series if it has none: the same for response and stimulus."""
    number = np.ravel(item.attrs.get("sweep_number", np.nan))[0]
    return int(number) if np.isfinite(number) else leaf(item.name)


def _has_electrode(item):
    return any(name in item for name in ELECTRODE)


def _electrode(item):
    for name in ELECTRODE:
        link = item.get(name, getlink=True) if name in item else None
        if isinstance(link, h5py.SoftLink):
            return leaf(link.path)
        if link is not None:
            target = item[name]
            return text_of(target[()]) if isinstance(target, h5py.Dataset) else leaf(target.name)
    return "electrode"


def _order(response):
    """In time; sweeps that all start at 0, by their number, then by the numbers in their names."""
    name = leaf(response.item.name)
    parts = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", name)]
    number = _sweep(response.item)
    start, _ = span_of(response.item, *response.limits)
    return start, number if isinstance(number, int) else np.inf, parts, response.first
