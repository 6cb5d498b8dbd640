"""Sweeps that share samples, as event-driven recordings have them: no spike may count twice."""

from dataclasses import replace

import numpy as np

from ..contents import Sweep
from ..spike_detection import in_unit

TOLERANCE = 1.5  # samples
ROUNDING = 2.5e-7  # of a time that is kept as a float of 32 bits


def apart(channels):
    """The channels without what a sweep repeats of the one before it, and notes.

    Sweeps that overlap in time with other samples are left as they are, and told: their times are wrong.
    """
    result, notes = [], []
    for channel in channels:
        sweeps, cut, doubtful = _apart(channel.sweeps)
        result.append(replace(channel, sweeps=sweeps))
        if cut:
            notes.append(
                f"{channel.name}: what sweep {_list(cut)} repeats of the one before it is left out, so that"
                " no spike counts twice"
            )
        if doubtful:
            notes.append(
                f"{channel.name}: sweep {_list(doubtful)} overlaps in time with the one before it, though"
                " with other samples: the times of its sweeps in the file cannot be right"
            )
    return result, list(dict.fromkeys(notes))


def _apart(sweeps):
    """Sweeps of a channel, numbers of those that were cut or left out, and of those at impossible times."""
    kept, cut, doubtful, last = dict(sweeps), [], [], None
    starts = {number: float(in_unit(sweep.signal.t_start, "s")) for number, sweep in sweeps.items()}
    for number in sorted(sweeps, key=lambda number: (starts[number], number)):
        sweep, start = sweeps[number], starts[number]
        n_samples, rate = sweep.signal.shape[0], float(in_unit(sweep.signal.sampling_rate, "Hz"))
        if last and last[1] - start > max(TOLERANCE / rate, ROUNDING * abs(start)):
            n_shared, new, old = round((last[1] - start) * rate), sweep.load(), last[0].load()
            n_both, n_before = min(n_shared, len(new)), len(old) - n_shared
            if np.array_equal(old.magnitude[n_before : n_before + n_both], new.magnitude[:n_both]):
                cut.append(number)
                if n_shared >= len(new):
                    del kept[number]
                    continue
                command = sweep.command and sweep.command.from_later(1e3 * n_shared / rate)
                kept[number] = Sweep(new[n_shared:], 0, command)
            else:
                doubtful.append(number)
        last = sweep, start + n_samples / rate
    return kept, cut, doubtful


def _list(numbers):
    return ", ".join(map(str, numbers if len(numbers) <= 6 else [*numbers[:5], "…"]))
