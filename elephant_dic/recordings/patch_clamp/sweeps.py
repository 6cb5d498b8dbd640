"""Sweeps of formats that do not tell what was injected, which may have been recorded."""

import numpy as np

from ..contents import Command, Contents, channels_of, same_dimension
from .measured_current import current, with_measured
from .overlaps import apart


def contents_of_sweeps(sweeps, *, notes=(), marks=(), placed=True):
    """Contents of the signals of each sweep, with the currents that were recorded beside them.

    Parameters
    ----------
    sweeps : list of list of neo.AnalogSignal
        Of one channel each, by name.
    notes : sequence of str
    marks : sequence of neo.Event or neo.Epoch
    placed : bool
        Whether the file tells when its sweeps began.
    """
    commands = with_measured(Command.untold(len(sweeps)), _currents(sweeps))
    channels, more = channels_of(sweeps, commands), []
    if placed:
        channels, more = apart(channels)
    elif len(sweeps) > 1:
        more = [f"it does not tell when its {len(sweeps)} sweeps began: each starts at a time of its own"]
    return Contents(channels=channels, notes=(*notes, *more), marks=tuple(marks))


def _currents(sweeps):
    """The currents recorded in all sweeps, if a voltage was."""
    signals = [signal for sweep in sweeps for signal in sweep]
    if not any(same_dimension(signal.dimensionality.string, "V") for signal in signals):
        return []
    found = []
    for name in dict.fromkeys(signal.name for signal in signals):
        own = [[signal for signal in sweep if signal.name == name] for sweep in sweeps]
        first = next(signal for sweep in own for signal in sweep)
        units = first.dimensionality.string
        if not same_dimension(units, "A") or any(len(each) > 1 for each in own):
            continue
        parts = [each[0].rescale(units).magnitude[:, 0] if each else np.empty(0) for each in own]
        found.append(current(name, units, parts, float(first.sampling_rate.rescale("Hz"))))
    return found
