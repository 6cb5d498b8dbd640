"""The border between neo's spike trains and plain arrays of times in ms, and all checks of a train."""

from __future__ import annotations

import neo
import numpy as np
import quantities as pq

MIN_SPIKES = 5
#: A shorter median interval (ms) is no neuron: the times are in another unit.
SHORTEST_MEDIAN_ISI = 1.0


def sweeps_of(spiketrain) -> list[neo.SpikeTrain]:
    """The spike trains of one cell: a train alone, or the sweeps in a neo.Group.

    Raises
    ------
    TypeError
        For anything else.
    """
    if isinstance(spiketrain, neo.SpikeTrain):
        return [spiketrain]
    if isinstance(spiketrain, neo.Group):
        if not len(spiketrain.spiketrains):
            raise ValueError("the Group holds no spike trains; add the sweeps of one cell to it")
        return list(spiketrain.spiketrains)
    hint = ""
    if isinstance(spiketrain, list | tuple | np.ndarray | pq.Quantity):
        hint = "; make one by neo.SpikeTrain(times * pq.ms, t_stop=…), and several by reconstruct_many"
    elif isinstance(spiketrain, neo.Segment | neo.Block):
        hint = "; use reconstruct_many or infer_dics_many for all its cells"
    raise TypeError(
        f"spiketrain must be a neo.SpikeTrain, or a neo.Group of the sweeps of one cell, "
        f"got {type(spiketrain).__name__}{hint}"
    )


def cells_of(spiketrains) -> list:
    """One entry a cell: the members of an iterable, of a Segment, or of a Block.

    A Block gives its Groups if any of them has spike trains, else one cell a unit name across its Segments.
    """
    if isinstance(spiketrains, neo.Block):
        groups = [group for group in spiketrains.groups if len(group.spiketrains)]
        return groups or _by_unit_name(spiketrains)
    if isinstance(spiketrains, neo.Segment):
        return list(spiketrains.spiketrains)
    if isinstance(spiketrains, neo.SpikeTrain | neo.Group):
        raise TypeError(
            f"spiketrains must be several cells, got one {type(spiketrains).__name__}; put it in a list"
        )
    return list(spiketrains)


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
        If times are not finite, negative, unsorted, duplicated or outside of the train's limits; for
        fewer than 5 spikes; if the median interval is below 1 ms.
    """
    sweeps = [_checked_times(train) for train in sweeps_of(spiketrain)]
    n_spikes = sum(map(len, sweeps))
    if n_spikes == 0:
        raise ValueError("the spike train is silent: it has no spikes, so nothing can be inferred from it")
    isis = np.concatenate([np.diff(times) for times in sweeps])
    if n_spikes < MIN_SPIKES or len(isis) < MIN_SPIKES - 1:
        raise ValueError(
            f"too few spikes: {n_spikes} in {len(sweeps)} sweep(s) give {len(isis)} intervals; at least "
            f"{MIN_SPIKES} spikes ({MIN_SPIKES - 1} intervals) are needed"
        )
    median = np.median(isis)
    if median < SHORTEST_MEDIAN_ISI:
        raise ValueError(
            f"the median interval between spikes is {median:.3g} ms ({1000 / median:.3g} Hz), which no "
            f"neuron does: are these times in seconds rather than ms? Make the SpikeTrain with the right unit"
        )
    return sweeps


def _checked_times(train) -> np.ndarray:
    unit = train.units.dimensionality.string
    times = np.asarray(train.magnitude, dtype=float)
    if not np.isfinite(times).all():
        index = np.flatnonzero(~np.isfinite(times))[0]
        raise ValueError(f"spike {index} is at {times[index]} {unit}: remove spike times that are not finite")
    if (times < 0).any():
        raise ValueError(
            f"spike time {times.min():g} {unit} is negative: count times from the start of the recording, "
            f"for example with spiketrain.time_shift"
        )
    steps = np.diff(times)
    if (steps < 0).any():
        index = np.flatnonzero(steps < 0)[0]
        raise ValueError(
            f"spike times are not sorted: {times[index]:g} is followed by "
            f"{times[index + 1]:g} {unit}; sort them"
        )
    if (steps == 0).any():
        index = np.flatnonzero(steps == 0)[0]
        raise ValueError(
            f"spike time {times[index]:g} {unit} is there twice: remove duplicated spikes (detected twice, "
            f"or two units merged?)"
        )
    low, high = (float(limit.rescale(train.units).magnitude) for limit in (train.t_start, train.t_stop))
    if len(times) and not (low <= times[0] and times[-1] <= high):
        raise ValueError(
            f"spikes from {times[0]:g} to {times[-1]:g} {unit} lie outside of the train's limits, "
            f"{low:g} to {high:g} {unit}: correct t_start and t_stop"
        )
    return times * float(train.units.rescale("ms").magnitude)
