"""The border between neo's spike trains and plain arrays of times in ms, and all checks of a train."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import neo
import numpy as np
from quantities.dimensionality import Dimensionality

from ..arguments import shown
from .other_tools import cell_from, cells_from, cells_together

MIN_SPIKES = 5
#: A shorter median interval (ms) is no neuron: the times are in another unit.
SHORTEST_MEDIAN_ISI = 1.0
#: A longer span (ms; a year) is no recording.
LONGEST = 365.25 * 24 * 3600 * 1000.0
#: Added before intervals are rounded to whole microseconds: those of no usual sampling rate lie half way.
NO_TIE = (3 - 5**0.5) / 2
#: ms of the usual units; to ask quantities takes longer than the features of a train do.
_MS = {"s": 1000.0, "ms": 1.0, "us": 0.001}


def cell_of(spiketrain) -> neo.SpikeTrain | neo.Group:
    """One cell as neo has it: as given, or made of the object of another tool.

    Raises
    ------
    TypeError
        For anything else.
    """
    if isinstance(spiketrain, neo.SpikeTrain | neo.Group):
        return spiketrain
    found = cell_from(spiketrain)
    if found is not None:
        return found
    hint, several = "", cells_from(spiketrain)
    if several is not None and len(several) == 1:
        return cell_of(several[0])
    if several is not None or isinstance(spiketrain, neo.Segment | neo.Block):
        hint = "; use reconstruct_many or infer_dics_many for all its cells"
    elif isinstance(spiketrain, list | tuple | np.ndarray):
        hint = (
            '; plain numbers need a unit, by to_spiketrains(times, units="ms"), and several cells '
            "reconstruct_many or infer_dics_many"
        )
    raise TypeError(
        f"spiketrain must be a neo.SpikeTrain, or a neo.Group of the sweeps of one cell, "
        f"got {type(spiketrain).__name__}{hint}"
    )


def sweeps_of(spiketrain) -> list[neo.SpikeTrain]:
    """The spike trains of one cell: a train alone, or the sweeps in a neo.Group.

    Raises
    ------
    TypeError
        For anything that is no cell.
    """
    cell = cell_of(spiketrain)
    if isinstance(cell, neo.SpikeTrain):
        return [cell]
    if not len(cell.spiketrains):
        raise ValueError("the Group holds no spike trains; add the sweeps of one cell to it")
    return list(cell.spiketrains)


def name_of(cell) -> str:
    """What a cell is called; "" if it, or each of its sweeps, has no name or another one."""
    names = {getattr(cell, "name", None)} - {None, ""} or {train.name for train in sweeps_of(cell)}
    return str(*names) if len(names) == 1 and all(names) else ""


def file_of(cell) -> str:
    """The file that the sweeps of a cell were read from; "" if that is not known."""
    files = {str(train.annotations.get("source", "")) for train in sweeps_of(cell)}
    return files.pop() if len(files) == 1 else ""


def isis_of(sweeps) -> np.ndarray:
    """Intervals of all sweeps (lists of spike times); none reaches from one sweep to the next."""
    isis = [np.subtract(times[1:], times[:-1]) for times in sweeps]  # np.diff takes five times as long
    return isis[0] if len(isis) == 1 else np.concatenate(isis)


def in_one_order(sweeps) -> list[np.ndarray]:
    """Sweeps (lists of spike times) in an order of their own: what is made of them is then the same for any.

    The order has nothing to do with how they fire: it is that of a hash of the intervals in microseconds.
    """
    return sorted(sweeps, key=_hash) if len(sweeps) > 1 else list(sweeps)


def _hash(times):
    microseconds = np.rint(1000 * np.diff(times) + NO_TIE).astype("<i8")
    return hashlib.blake2b(microseconds.tobytes()).digest()


def cells_of(spiketrains) -> list:
    """One entry a cell: the members of an iterable, of a Segment, or of a Block.

    A Block gives its Groups if any of them has spike trains, else one cell a unit name across its Segments;
    of other tools' objects, each unit.

    Raises
    ------
    TypeError
        If it is one cell, or nothing of that.
    ValueError
        If a Block or a Segment holds no spike trains.
    """
    if isinstance(spiketrains, neo.Block | neo.Segment):
        return _cells_in_container(spiketrains)
    if isinstance(spiketrains, neo.SpikeTrain | neo.Group) or cell_from(spiketrains) is not None:
        raise TypeError(
            f"spiketrains must be several cells, got one {type(spiketrains).__name__}; put it in a list"
        )
    found = cells_from(spiketrains)
    if found is not None:
        return found
    if isinstance(spiketrains, str | bytes) or not hasattr(spiketrains, "__iter__"):
        raise TypeError(f"spiketrains must be several cells, in a list or the like, got {shown(spiketrains)}")
    return cells_together(spiketrains)


def _cells_in_container(container):
    if isinstance(container, neo.Segment):
        cells = list(container.spiketrains)
    else:
        groups = [group for group in container.groups if len(group.spiketrains)]
        cells = groups or _by_unit_name(container)
    if not cells:
        n_signals = sum(isinstance(child, neo.AnalogSignal) for child in container.data_children_recur)
        signals = f"{n_signals} signal{'s' * (n_signals > 1)}"
        signals = f", but {signals}: find spikes in them first" if n_signals else ""
        raise ValueError(f"the {type(container).__name__} holds no spike trains{signals}")
    return cells


def _by_unit_name(block):
    cells = {}
    for index, segment in enumerate(block.segments):
        names = [train.name for train in segment.spiketrains]
        for train in segment.spiketrains:
            if not train.name or names.count(train.name) > 1:
                raise ValueError(
                    f"segment {index} has {len(names)} spike trains named {names}: name each unit once, or "
                    f"give the trains of one cell as a neo.Group, to tell which belong together"
                )
            cells.setdefault(train.name, []).append(train)
    return [trains[0] if len(trains) == 1 else _group(name, trains) for name, trains in cells.items()]


def _group(name, trains):
    group = neo.Group(name=name)
    group.spiketrains.extend(trains)
    return group


def times_of(spiketrain) -> list[np.ndarray]:
    """Checked spike times of one cell.

    Parameters
    ----------
    spiketrain : neo.SpikeTrain or neo.Group
        A train, or the sweeps of one cell.

    Returns
    -------
    list of arrays
        Spike times in ms, one array a sweep.

    Raises
    ------
    TypeError
        If it is neither.
    ValueError
        If times are not finite, unsorted, duplicated or outside of the train's limits; for
        fewer than 5 spikes; if the median interval is below 1 ms; if a sweep spans more than a year.
    """
    trains = sweeps_of(spiketrain)
    return times_within(trains, [limits_of(train) for train in trains])


def times_within(trains, limits) -> list[np.ndarray]:
    """`times_of` a cell's sweeps whose limits are known."""
    sweeps = [_checked_times(train, *each) for train, each in zip(trains, limits, strict=True)]
    n_spikes = sum(map(len, sweeps))
    if n_spikes == 0:
        raise ValueError("the spike train is silent: it has no spikes, so nothing can be inferred from it")
    isis = isis_of(sweeps)
    if n_spikes < MIN_SPIKES or len(isis) < MIN_SPIKES - 1:
        raise ValueError(
            f"too few spikes: {n_spikes} in {len(sweeps)} sweep(s) give {len(isis)} intervals; at least "
            f"{MIN_SPIKES} spikes ({MIN_SPIKES - 1} intervals) are needed"
        )
    if 2 * np.count_nonzero(isis < SHORTEST_MEDIAN_ISI) >= len(isis) and (
        (median := np.median(isis)) < SHORTEST_MEDIAN_ISI
    ):
        raise ValueError(
            f"the median interval between spikes is {median:.3g} ms ({1000 / median:.3g} Hz), which no "
            f"neuron does: are these times in seconds rather than ms? Make the SpikeTrain with the right unit"
        )
    return sweeps


def naming_the_cell(function, cells) -> list:
    """What a function makes of each cell; its errors say which cell is meant."""
    made = []
    for index, cell in enumerate(cells):
        try:
            made.append(function(cell))
        except (TypeError, ValueError) as error:
            name = getattr(cell, "name", None)
            raise type(error)(f"cell {index}{f' ({name})' if name else ''}: {error}") from error
    return made


def _checked_times(train, low, high, unit) -> np.ndarray:
    times = np.asarray(train.magnitude, dtype=float)
    ordered = (times[1:] > times[:-1]).all()
    if len(times) and not (ordered and low <= times[0] and times[-1] <= high < np.inf):
        _raise_fault(times, low, high, unit)
    times = times * _ms_in(train, unit)
    if len(times) and not times[-1] - times[0] <= LONGEST:
        raise ValueError(
            f"the spike times span {(times[-1] - times[0]) / LONGEST:.3g} years, which no recording does: "
            f"are they in another unit than {unit}? Make the SpikeTrain with the right unit"
        )
    return times


def duration_of(trains, limits) -> float:
    """ms from t_start to t_stop of all sweeps together, whose limits are known.

    Raises
    ------
    ValueError
        If a limit is not finite, or if a sweep is longer than a year.
    """
    total = 0.0
    for train, (low, high, unit) in zip(trains, limits, strict=True):
        lasts = (high - low) * _ms_in(train, unit)
        if not 0 <= lasts <= LONGEST:
            raise ValueError(
                f"the train's limits, {low:g} to {high:g} {unit}, are no recording's, which starts, ends and "
                f"lasts no more than a year: correct t_start and t_stop"
            )
        total += lasts
    return total


def _ms_in(train, unit):
    return _MS.get(unit) or float(train.units.rescale("ms").magnitude)


def limits_of(train) -> tuple[float, float, str]:
    """A train's t_start and t_stop in its unit, and the name of that."""
    unit = _unit_of(train)
    return *(_magnitude(limit, train, unit) for limit in (train.t_start, train.t_stop)), unit


def _magnitude(time, train, unit):
    """Of a time in a train's unit."""
    same = unit in _MS and _unit_of(time) == unit
    return float((time if same else time.rescale(train.units)).magnitude)


def _unit_of(quantity):
    return _text_of(tuple(quantity.dimensionality.items()))


@lru_cache(maxsize=64)
def _text_of(units):
    """The text that quantities puts together from units and their powers, at the price of all else here."""
    return Dimensionality(units).string


def _raise_fault(times, low, high, unit):
    """What is wrong with spike times, in their unit."""
    if not np.isfinite(times).all():
        index = np.flatnonzero(~np.isfinite(times))[0]
        raise ValueError(f"spike {index} is at {times[index]} {unit}: remove spike times that are not finite")
    steps = np.diff(times)
    if (steps < 0).any():
        index = np.flatnonzero(steps < 0)[0]
        pieces = np.split(times, np.flatnonzero(steps < 0) + 1)
        way_out = "sort them"
        if min(map(len, pieces)) >= MIN_SPIKES:
            way_out = (
                f"they start again {len(pieces) - 1} time(s), as where sessions were put one after another: "
                f"cut them there, make a SpikeTrain of each piece, and put these into a neo.Group"
            )
        raise ValueError(
            f"spike times are not sorted: {times[index]:g} is followed by "
            f"{times[index + 1]:g} {unit}; {way_out}"
        )
    if (steps == 0).any():
        index = np.flatnonzero(steps == 0)[0]
        raise ValueError(
            f"spike time {times[index]:g} {unit} is there twice: remove duplicated spikes (detected twice, "
            f"or two units merged?)"
        )
    raise ValueError(
        f"spikes from {times[0]:g} to {times[-1]:g} {unit} lie outside of the train's limits, "
        f"{low:g} to {high:g} {unit}: correct t_start and t_stop"
    )
