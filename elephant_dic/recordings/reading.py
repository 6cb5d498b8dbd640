"""Recordings of one or more cells, in the formats of the field, as spike trains.

`read_spiketrains` gives one entry a cell, `inspect_recording` tells what a file holds.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any

import neo
import numpy as np
import quantities as pq

from ..arguments import magnitude, path_of
from ..trains import UnitQuality, assess_quality
from .families import stimulus_notes
from .odd_times import doubts_of, odd_times
from .opening import naming, opened
from .selection import (
    chosen_sweeps,
    detected_cells,
    in_stretch,
    recorded_cells,
    voltage_channels,
    without_no_times,
    without_silent,
)
from .spike_detection import RecordingError
from .stretch import Stretch
from .where import selection

__all__ = ["RecordedItem", "RecordingError", "inspect_recording", "read_signals", "read_spiketrains"]


def read_spiketrains(
    path: str | os.PathLike[str],
    *,
    channel: str | int | None = None,
    unit: str | int | None = None,
    sweep: int | Sequence[int] | None = None,
    threshold: pq.Quantity | None = None,
    extracellular: bool = False,
    events: bool = False,
    time_unit: str | None = None,
    t_start: pq.Quantity | None = None,
    t_stop: pq.Quantity | None = None,
    where: str | Callable[[dict[str, Any]], Any] | None = None,
) -> list[neo.SpikeTrain | neo.Group]:
    """Read the spike trains of a recording, one entry a cell.

    Sorted units are read as they are. In a file without any, spikes are detected in the membrane
    potential, as `elephant_dic.recordings.spike_detection.detect_spikes` does, in each sweep by itself.
    The sweeps of which the file tells the injected current are one entry, whatever it was; those
    of unknown currents become entries of their own. Entries without spikes are left out with a
    warning. Of a population saved by this package, the recording is read.

    Parameters
    ----------
    path : str or path-like
        Axon (.abf), WinWCP (.wcp), AxoGraph (.axgd, .axgx), Igor (.ibw, .pxp), Spike2 (.smr, and .smrx
        where the vendor's library works), Spike2's MATLAB export (.mat), NWB (.nwb), NIX (.nix), Plexon
        (.plx), Blackrock (.nev), Neuralynx, NeuroExplorer (.nex, .nex5), MClust (.t), CellExplorer and
        wave_clus (.mat), a table of spike times (.csv, .txt, .tsv), an array of them (.npy), the
        folder of a recording or of its units (phy, Kilosort, spikeinterface, Neuralynx, MClust, Open
        Ephys …), or another format that neo reads.
    channel : str or int, optional
        Name or index of the sampled channel in which to detect spikes, or of the event channel;
        or the name of the channel of sorted units. Default: all units or event channels, or the
        channel that holds a membrane potential.
    unit : str or int, optional
        Name or identifier of a sorted unit. Default: all.
    sweep : int or list of int, optional
        Sweeps to read, from 0. Default: all.
    threshold : Quantity, optional
        Voltage that a spike crosses. Default: that of `detect_spikes`, for each sweep.
    extracellular : bool
        The channel is an extracellular trace: spikes are detected in it as
        `elephant_dic.recordings.extracellular.detect_extracellular_spikes` does. Default: False.
    events : bool
        Read event channels as spike trains. Default: False.
    time_unit : str, optional
        Unit of the times in a table or array, e.g. ``"ms"``, or ``"1/30000 s"`` for sample numbers at
        30 kHz; needed for .csv, .txt and .tsv whose header does not tell it, for .npy, and for vectors in a
        .mat file.
    t_start, t_stop : Quantity, optional
        Of the stretch that is read, on the time axis of the file: what lies outside is left out. For units
        and events of files that do not store them, start and stop of the recording.
    where : str or callable, optional
        Which cells to keep, by their annotations, ``name``, ``n_spikes`` and ``rate`` (Hz): a text such as
        ``'quality == "good" and rate > 2'``, which is read and never run as code, or a function of these as a
        dict. A cell that lacks a column has None there. Default: all.

    Returns
    -------
    list of neo.SpikeTrain or neo.Group
        A `neo.Group`, named like the cell, where a cell has several sweeps: its spike trains in
        the order of time, including those without spikes. Each spike train is annotated with
        ``source`` (the name of the file) and, as far as they apply, ``channel``, ``unit``,
        ``sweep``, ``threshold`` and ``injected_current`` (a text like ``"-50, 100 pA"``: the
        successive levels), and with the columns that the file has on it, such as ``quality`` or ``location``.
        Where the file has waveforms, or spikes were detected in an extracellular
        trace, the array annotation ``amplitude`` holds their sizes.
        Where the current of a sweep is known, ``stimulus_times`` (n,) and ``stimulus_currents`` (n,)
        are the points of a line that it follows, on the axis of the spike times, with jumps where two
        have the same time; ``epoch_potentials`` and ``epoch_extremes`` (n_epochs,) the potential in
        each part in which it stays or moves: the median of the second half (NaN without 10 ms away
        from spikes), and the most negative value of a running mean of 1 ms. The Group, or the only
        train, is annotated with ``capacitance``, from how many sweeps it was estimated
        (``capacitance_sweeps``), and, of several, half the interquartile range
        (``capacitance_spread``), if a hyperpolarising step shows it; and with ``current_doubt``, a
        sentence, where another current was recorded than commanded.

    Raises
    ------
    TypeError
        If a bare number is given for a quantity, or an argument is of another wrong kind.
    ValueError
        If arguments exclude each other, a quantity is of another dimension, or `where` is not understood.
    RecordingError
        If the file cannot be read, does not hold what is asked for, or holds no spikes.

    Warns
    -----
    UserWarning
        If the cells were stimulated, with what that asks for; if the file does not tell; if another
        current was recorded than commanded; if the resting potential drifts over the sweeps; if the
        start or stop of the recording is a guess; if spikes or entries are left out.
    """
    path = path_of(path)
    cells, notes, n_sweeps = _cells_in(
        path, channel, unit, sweep, threshold, extracellular, events, time_unit, t_start, t_stop, where
    )
    with naming(path):
        cells, silent = without_silent(cells)
    for note in [*notes, *stimulus_notes(cells), *silent]:
        warnings.warn(f"{path.name}: {note}", stacklevel=2)
    return [_entry(cell, path.name, n_sweeps) for cell in cells]


def read_all_cells(
    path: Path, options: Mapping[str, Any]
) -> tuple[list[neo.SpikeTrain | neo.Group], list[str]]:
    """`read_spiketrains`, with the cells that have no spikes, and what it warns of."""
    cells, notes, n_sweeps = _cells_in(**(check_reading(options) | {"path": path}))
    notes += stimulus_notes([cell for cell in cells if cell.n_spikes])
    entries = [_entry(cell, path.name, n_sweeps) for cell in cells]
    return entries, [f"{path.name}: {note}" for note in notes]


def read_as_recorded(
    path: Path, options: Mapping[str, Any]
) -> tuple[list[neo.SpikeTrain | neo.Group], list[str]]:
    """`read_all_cells`, also of traces without spikes, and no longer than what was recorded: a stretch ends
    where a recording does whose file tells its end."""
    cells, notes, n_sweeps = _cells_in(**(check_reading(options) | {"path": path}), as_recorded=True)
    entries = [_entry(cell, path.name, n_sweeps) for cell in cells]
    return entries, [f"{path.name}: {note}" for note in notes + stimulus_notes(cells)]


def check_reading(options: Mapping[str, Any]) -> dict[str, Any]:
    """All options of `read_spiketrains`, those that are given and the others; TypeError for unknown ones."""
    known = {name: each.default for name, each in signature(read_spiketrains).parameters.items()}
    del known["path"]
    if unknown := sorted(set(options) - set(known)):
        raise TypeError(f"there is no argument {', '.join(unknown)}; of reading there are {', '.join(known)}")
    return known | dict(options)


def _cells_in(
    path, channel, unit, sweep, threshold, extracellular, events, time_unit, t_start, t_stop, where,
    as_recorded=False,
):  # fmt: skip
    """The cells asked for, silent ones too; what the user should hear; how many sweeps the file has."""
    _check_arguments(unit, threshold, extracellular, events, t_start, t_stop)
    kept = selection(where)
    with naming(path):
        contents = opened(path, time_unit)
        sweeps = chosen_sweeps(contents, sweep)
        notes, stretch = list(contents.notes), Stretch(t_start, t_stop)
        detect = extracellular or threshold is not None
        cells = recorded_cells(contents, channel, unit, events, detect)
        if cells is not None:
            bounds = {"t_start": t_start, "t_stop": t_stop}
            notes += [text for end, text in doubts_of(contents).items() if bounds[end] is None]
            cells, lost = without_no_times(kept(cells))
            if as_recorded and "t_stop" not in doubts_of(contents):
                trains = [train for cell in cells for k, train in cell.trains.items() if k in sweeps]
                stretch, cut = _within(stretch, trains)
                notes += cut
            cells, outside = in_stretch(cells, sweeps, stretch)
            notes += [*lost, *outside, *odd_times(cells)]
        else:
            if as_recorded:
                stretch, cut = _within(stretch, _signals(contents, channel, sweeps))
                notes += cut
            cells, left_out = detected_cells(
                contents, channel, sweeps, threshold, extracellular, stretch, as_recorded
            )
            cells, notes = kept(cells), notes + left_out
    return cells, notes, contents.n_sweeps


def _signals(contents, channel, sweeps):
    found = voltage_channels(contents, channel)
    return [each.sweeps[k].signal for each in found for k in sweeps if k in each.sweeps]


def _within(stretch, recorded):
    """A stretch as far as trains or signals go, and a note if they do not go so far."""
    if stretch.is_whole or not recorded:
        return stretch, []
    begins, ends = (
        choose(float(getattr(each, name).rescale("s")) for each in recorded) * pq.s
        for choose, name in ((min, "t_start"), (max, "t_stop"))
    )
    return stretch.within(begins, ends)


def _entry(cell, source, n_sweeps):
    """A SpikeTrain, or a Group of those of several sweeps."""
    trains = []
    for sweep, train in cell.trains.items():
        known = cell.annotations | ({"sweep": sweep} if n_sweeps > 1 else {})
        train.name = cell.name
        train.annotate(**(known | cell.of_all | train.annotations | {"source": source}))
        trains.append(train)
    if len(trains) == 1:
        return trains[0]
    return neo.Group(sorted(trains, key=lambda t: t.t_start), name=cell.name, source=source, **cell.of_all)


def read_signals(
    path: str | os.PathLike[str],
    *,
    channel: str | int | None = None,
    sweep: int | Sequence[int] | None = None,
    t_start: pq.Quantity | None = None,
    t_stop: pq.Quantity | None = None,
) -> list[neo.AnalogSignal]:
    """Read the traces in which `read_spiketrains` detects spikes, for a look at them.

    Parameters
    ----------
    path : str or path-like
    channel : str or int, optional
        As in `read_spiketrains`.
    sweep : int or list of int, optional
        Sweeps to read, from 0. Default: all.
    t_start, t_stop : Quantity, optional
        Of the stretch that is read.

    Returns
    -------
    list of neo.AnalogSignal
        One a channel and sweep, of one channel each, named like the channel.

    Raises
    ------
    RecordingError
        If the file cannot be read, or does not hold what is asked for.
    """
    path = path_of(path)
    with naming(path):
        contents = opened(path, None)
        found, sweeps = voltage_channels(contents, channel), chosen_sweeps(contents, sweep)
        stretch, signals = Stretch(t_start, t_stop), []
        for each in found:
            loaded = {number: each.sweeps[number].load() for number in sweeps if number in each.sweeps}
            for number, signal in stretch.of_signals(loaded).items():
                signal.name = each.name
                signal.annotate(source=path.name, sweep=number)
                signals.append(signal)
    return signals


@dataclass(frozen=True)
class RecordedItem:
    """One channel, unit or event channel of a file.

    `kind` is ``"signal"``, ``"unit"`` or ``"events"``. Durations are totals over the sweeps.
    """

    kind: str
    name: str
    channel: str | None
    n_sweeps: int
    duration: pq.Quantity  # s
    units: str | None = None  # of a signal
    sampling_rate: pq.Quantity | None = None  # Hz, of a signal
    stimuli: tuple[str | None, ...] = ()  # one a sweep from 0, of a signal; None where the file does not tell
    n_spikes: int | None = None
    rate: pq.Quantity | None = None  # Hz
    cv2: float | None = None  # of neighbouring intervals (Holt et al. 1996): 0 regular, 1 as if at random
    quality: UnitQuality | None = None  # of a unit


def inspect_recording(path: str | os.PathLike[str], *, time_unit: str | None = None) -> list[RecordedItem]:
    """Tell what a recording holds.

    Parameters
    ----------
    path : str or path-like
        A file that `read_spiketrains` reads.
    time_unit : str, optional
        Unit of the times in a table or array, as in `read_spiketrains`.

    Returns
    -------
    list of RecordedItem
        Signals, then sorted units, then event channels.

    Raises
    ------
    RecordingError
        If the file cannot be read.
    """
    path = path_of(path)
    with naming(path):
        contents = opened(path, time_unit)
    items = [_signal_item(channel) for channel in contents.channels]
    items += [_unit_item("unit", unit) for unit in contents.units]
    return items + [_unit_item("events", unit) for unit in contents.events]


def _signal_item(channel):
    signals = [sweep.signal for sweep in channel.sweeps.values()]
    commands = {number: sweep.command for number, sweep in channel.sweeps.items()}
    return RecordedItem(
        kind="signal",
        name=channel.name,
        channel=channel.name,
        n_sweeps=len(signals),
        duration=sum(_seconds(s.t_stop - s.t_start) for s in signals) * pq.s,
        units=channel.units,
        sampling_rate=signals[0].sampling_rate.rescale("Hz"),
        stimuli=tuple(
            None if commands.get(number) is None else str(commands[number])
            for number in range(1 + max(commands))
        ),
    )


def _unit_item(kind, unit):
    trains = unit.trains.values()
    duration = sum(_seconds(train.t_stop - train.t_start) for train in trains)
    n_spikes = sum(len(train) for train in trains)
    return RecordedItem(
        kind=kind,
        name=unit.name,
        channel=unit.channel,
        n_sweeps=len(trains),
        duration=duration * pq.s,
        n_spikes=n_spikes,
        rate=(n_spikes / duration if duration else np.nan) * pq.Hz,
        cv2=_cv2(list(trains)),
        quality=_quality(list(trains)) if kind == "unit" else None,
    )


def _cv2(trains):
    """CV2 over all sweeps; NaN for fewer than three spikes in each."""
    isis = [np.diff(np.sort(train.magnitude)) for train in trains]
    first, second = (np.concatenate([each[part] for each in isis]) for part in (slice(1, None), slice(-1)))
    total = first + second
    usable = total > 0
    return float(np.mean(2 * np.abs(first - second)[usable] / total[usable])) if usable.any() else np.nan


def _quality(trains):
    """Quality of a unit; None if its times or limits are not finite, as the check of the train will tell."""
    try:
        return assess_quality(neo.Group(trains))
    except ValueError:
        return None


def _seconds(time):
    return float(time.rescale("s").magnitude)


def _check_arguments(unit, threshold, extracellular, events, t_start, t_stop):
    for name, value, dimension in (
        ("threshold", threshold, "mV"),
        ("t_start", t_start, "s"),
        ("t_stop", t_stop, "s"),
    ):
        if value is not None:
            magnitude(value, dimension, name)
    detect = extracellular or threshold is not None
    if events and (unit is not None or detect):
        raise ValueError("events=True reads event channels: choose one with channel=")
    if unit is not None and detect:
        raise ValueError("a sorted unit (unit=) needs no threshold= and no extracellular=True")
