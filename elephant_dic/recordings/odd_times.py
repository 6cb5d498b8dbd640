"""Spike times that cannot be seconds, or not of one recording, and what they may be."""

import numpy as np

FEWEST = 5  # spikes by which a cell is judged
SLOWEST = 0.02  # Hz: if no cell fires faster, the times are likely in another unit
LONGEST, SLOW = 24 * 3600.0, 1.0  # s, Hz: the same of recordings of more than a day
# A pause before the first spike that is so many times the longest of those after it, and such a share of all,
# is likely not recorded.
LATE, SHARE = 2.0, 0.05
WAY_OUT = (
    "if they are, correct the file, or save the times as .csv and give time_unit=, for sample numbers"
    ' time_unit="1/30000 s"'
)


def odd_times(cells):
    """What is odd about the spike times of some cells of one file, as texts."""
    trains = {
        cell.name: [_seconds(train) for train in cell.trains.values() if len(train) >= FEWEST]
        for cell in cells
    }
    trains = {name: sweeps for name, sweeps in trains.items() if sweeps}
    if not trains:
        return []
    return [*_other_unit(trains), *_restarts(trains)]


def doubts_of(contents):
    """Why t_start and t_stop may not be the recording's: where one is a guess, the other may be."""
    doubts, by_sweep = contents.doubts, {}
    if "t_stop" not in doubts or "t_start" in doubts:
        return doubts
    for unit in [*contents.units, *contents.events]:
        for sweep, train in unit.trains.items():
            if len(train):
                by_sweep.setdefault(sweep, []).append(train)
    late = [_late_start(trains) for trains in by_sweep.values()]
    if not late or None in late:
        return doubts
    return doubts | {"t_start": late[0]}


def _late_start(trains):
    """Why the start of trains recorded together may be later than they say, or None."""
    times = np.sort(np.concatenate([_seconds(train) for train in trains]))
    start = min(float(train.t_start.rescale("s")) for train in trains)
    pause, longest = times[0] - start, np.diff(times).max(initial=0)
    if not 0 < LATE * longest < pause or pause < SHARE * (times[-1] - start):
        return None
    return (
        f"its t_start is taken for {start:g} s, its first spike comes at {times[0]:.6g} s, after a longer"
        " pause than any other: the recording may have started later; pass t_start= if you know it, as the"
        " rate of irregular firing counts from there"
    )


def _seconds(train):
    in_seconds = train.dimensionality.string == "s"  # to rescale takes longer than all else here
    return (train if in_seconds else train.rescale("s")).magnitude


def _is_whole(times):
    return times[0] % 1 == 0 and bool((times % 1 == 0).all())


def _other_unit(trains):
    """Whether the times look like sample numbers or milliseconds."""
    whole = [name for name, sweeps in trains.items() if all(map(_is_whole, sweeps))]
    if whole:
        first = trains[whole[0]][0][0]
        return [
            f"the spike times of {_names(whole)} are whole numbers of seconds, the first {first:g} s: are"
            f" they sample numbers or milliseconds? {WAY_OUT}"
        ]
    spans = [sum(np.ptp(times) for times in sweeps) for sweeps in trains.values()]
    counts = [sum(len(times) - 1 for times in sweeps) for sweeps in trains.values()]
    with np.errstate(divide="ignore", invalid="ignore"):
        fastest = np.nanmax(np.divide(counts, spans), initial=0)
    longest = np.nanmax(spans, initial=0)
    if fastest < SLOWEST or (longest > LONGEST and fastest < SLOW):
        return [
            f"no cell fires faster than {fastest:.2g} Hz, and the spikes span {longest / 3600:.3g} h: are the"
            f" times milliseconds or sample numbers rather than seconds? {WAY_OUT}"
        ]
    return []


def _restarts(trains):
    """Cells whose times start again from an earlier one."""
    found = {}
    for name, sweeps in trains.items():
        for times in sweeps:
            again = np.flatnonzero(np.diff(times) < 0)
            if again.size and name not in found:
                found[name] = times[again[0]], times[again[0] + 1]
    if not found:
        return []
    before, after = next(iter(found.values()))
    return [
        f"the spike times of {_names(found)} are not in order: {before:g} s is followed by {after:g} s, as"
        " where several sessions were put one after the other; such a cell has to be cut there, into a"
        " SpikeTrain for each session, and these put into a neo.Group"
    ]


def _names(names, most=3):
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
