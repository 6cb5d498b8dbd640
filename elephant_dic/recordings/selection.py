"""From what a recording holds to the cells that are asked for, or the reason why there are none."""

from __future__ import annotations

import operator
import re
from dataclasses import replace

import numpy as np

from .contents import UNKNOWN
from .extracellular import find_extracellular_spikes
from .families import Cell, cells_of_channel
from .patch_clamp.potentials import finite_parts, spikes_of_sweeps
from .spike_detection import RecordingError

# What the channel of a membrane potential is called, if not all channels have telling names.
MEMBRANE = re.compile(r"vm|v_m|membrane|potential", re.IGNORECASE)


def chosen_sweeps(contents, sweep):
    """The sweeps asked for, as a list of numbers."""
    n_sweeps = contents.n_sweeps
    if sweep is None:
        return list(range(n_sweeps))
    sweeps = [operator.index(number) for number in np.atleast_1d(sweep)]
    if not sweeps:
        raise RecordingError("the list of sweeps is empty")
    for number in sweeps:
        if not 0 <= number < n_sweeps:
            available = f"0 to {n_sweeps - 1}" if n_sweeps > 1 else "0 only"
            raise RecordingError(f"there is no sweep {number}; available: {available}")
    return sweeps


def recorded_cells(contents, channel, unit, events, detect):
    """Cells whose spike times are in the file; None if spikes are to be detected."""
    if events:
        units = _named(contents.events, channel, "event channel", contents)
        return [Cell(each.name, each.trains, {"channel": each.name}) for each in units]
    units = contents.units
    if channel is not None:
        units = [each for each in units if each.channel == channel]
    if unit is not None:
        units = _called(units, unit, contents)
    elif detect or not units:
        return None
    return [
        Cell(each.name, each.trains, each.annotations | _known(unit=each.name, channel=each.channel))
        for each in units
    ]


def detected_cells(contents, channel, sweeps, threshold, extracellular, stretch, silent_too=False):
    """Cells from the spikes in a channel, and notes on what was not taken for a spike."""
    cells, notes, silence, refused = [], [], [], []
    detect = _extracellular_spikes if extracellular else spikes_of_sweeps
    for found in voltage_channels(contents, channel):
        recorded = {number: found.sweeps[number] for number in sweeps if number in found.sweeps}
        loaded = stretch.of_signals({number: sweep.load() for number, sweep in recorded.items()})
        signals, cut = finite_parts(loaded)
        try:
            trains, remarks, reason = detect(signals, threshold)
        except RecordingError as error:
            refused.append(f"{found.name}: {error}")
            continue
        notes += [f"{found.name}, {text}" for text in cut + remarks]
        if not any(len(train) for train in trains.values()):
            silence.append(_silence(found.name, recorded, [signals[number] for number in trains], reason))
        if extracellular:  # its potential is no membrane's, and of what is not told, no current matters
            recorded = {number: _beside_the_cell(sweep) for number, sweep in recorded.items()}
        cells += cells_of_channel(found.name, recorded, signals, trains)
    if not any(cell.n_spikes for cell in cells):
        if not (silent_too and cells):
            raise RecordingError("; ".join(silence + refused))
        notes += silence
    return cells, notes + refused + [f"{cell.name}: {text}" for cell in cells for text in cell.remarks]


def _extracellular_spikes(signals, threshold):
    """`spikes_of_sweeps` of an extracellular trace; all sweeps have the polarity of the first."""
    trains, remarks, polarity = {}, [], None
    for number, signal in signals.items():
        train, texts = find_extracellular_spikes(signal, threshold, polarity)
        trains[number], polarity = train, train.annotations["polarity"]
        remarks += [f"sweep {number}: {text}" for text in texts]
    level = f"{threshold}" if threshold is not None else "5 times its noise"
    return trains, remarks, f"no excursion crosses the threshold of {level}"


def _beside_the_cell(sweep):
    if sweep.command is None or sweep.command.injected_current == UNKNOWN:
        return replace(sweep, command=None)
    return replace(sweep, command=replace(sweep.command, stimulus=None))


def without_silent(cells):
    """The cells that have spikes, and a note on the others."""
    silent = [cell.name for cell in cells if not cell.n_spikes]
    if len(silent) == len(cells):
        raise RecordingError(f"no spikes in {', '.join(silent) or 'the sweeps chosen'}")
    note = [f"left out, because without spikes: {', '.join(silent)}"] if silent else []
    return [cell for cell in cells if cell.n_spikes], note


def without_no_times(cells):
    """The cells whose spike times are numbers, and a note on the others."""
    bad = [
        cell.name
        for cell in cells
        if not all(np.isfinite(train.magnitude).all() for train in cell.trains.values())
    ]
    if not bad:
        return cells, []
    text = f"spike times of {', '.join(bad)} are not finite numbers: correct them in the file"
    if len(bad) == len(cells):
        raise RecordingError(text)
    return [cell for cell in cells if cell.name not in bad], [f"left out: {text}"]


def in_stretch(cells, sweeps, stretch):
    """The chosen sweeps of cells in a stretch, and a note on the spikes that are outside."""
    found, n_outside, n_spikes = [], 0, 0
    for cell in cells:
        trains = {number: cell.trains[number] for number in sweeps if number in cell.trains}
        chosen = Cell(cell.name, trains, cell.annotations)
        n_spikes += chosen.n_spikes
        if not stretch.is_whole and trains:
            chosen, n = stretch.of_cell(chosen)
            n_outside += n
        found.append(chosen)
    if not n_outside:
        return found, []
    return found, [f"{n_outside:,} of {n_spikes:,} spikes are outside of {stretch}, and left out"]


def voltage_channels(contents, channel):
    """The channels that hold a membrane potential, or the reason why none can be told."""
    if channel is not None:
        found = _named(contents.channels, channel, "channel", contents)
    elif contents.potentials == "unsure" or not contents.channels:
        raise RecordingError(_no_choice(contents))
    else:
        found = contents.channels
    voltages = [each for each in found if each.is_voltage]
    if not voltages:
        raise RecordingError(_no_potential(found))
    if len(voltages) == 1 or contents.potentials == "all":
        return voltages
    named = [each for each in voltages if MEMBRANE.search(each.name)]
    if len(named) != 1:
        raise RecordingError(
            "it has several voltage channels, choose the membrane potential with channel=: " + _list(voltages)
        )
    return named


def _no_potential(channels):
    blank = [each.name for each in channels if each.units == "dimensionless"]
    hint = f"; {_list(blank)} has no unit: give it one in the software that recorded it" if blank else ""
    return (
        f"it holds no membrane potential (channels: {_list(channels)}){hint}: voltage clamp, or a"
        " potential under a wrong unit, whose scale cannot be trusted either; if so, correct unit"
        " and scale in the software that recorded it"
    )


def _no_choice(contents):
    text = "it holds no sorted unit"
    if contents.units:  # and yet spikes are to be detected
        text = "it is not known to hold a membrane potential"
    if contents.events:
        names = ", ".join(each.name for each in contents.events)
        text += f"; events=True reads its event channels ({names}), channel= chooses one"
    if contents.channels:
        text += f"; channel= detects spikes in one of its signals ({_list(contents.channels)})"
    return "; ".join([text, *contents.notes])


def _silence(name, recorded, signals, reason):
    if not signals:
        return f"{name} has none of the sweeps chosen"
    commands = [sweep.command for sweep in recorded.values() if sweep.command is not None]
    stimuli = [command.stimulus for command in commands if command.stimulus is not None]
    levels = ""
    if len(stimuli) == len(recorded) and any(each.currents.size > 1 for each in stimuli):
        levels = f" at any level up to {max(float(each.currents.max()) for each in stimuli):.4g} pA"
    highest = max(float(signal.rescale("mV").max()) for signal in signals)
    return f"no spikes in {name}{levels}: its highest potential is {highest:.1f} mV, and {reason}"


def _named(items, wanted, kind, contents):
    """The items of a name or index; all if none is asked for."""
    if wanted is None:
        found = items
    elif isinstance(wanted, str):
        found = [each for each in items if each.name == wanted]
    else:
        found = [each for k, each in enumerate(items) if k == operator.index(wanted)]
    if not found:
        which = "" if wanted is None else f" {wanted!r}"
        raise RecordingError(f"there is no {kind}{which}; it holds {_everything(contents)}")
    return found


def _called(units, wanted, contents):
    """The unit of a name or identifier."""
    found = [each for each in units if each.is_called(wanted)]
    if not found:
        raise RecordingError(f"there is no unit {wanted!r}; it holds {_everything(contents)}")
    if len(found) > 1:
        alternatives = "; ".join(
            f"{each.name} (also: {', '.join(each.aliases)}; channel {each.channel})" for each in found
        )
        raise RecordingError(f"several units are called {wanted!r}: {alternatives}")
    return found


def _everything(contents):
    kinds = {
        "units": [each.name for each in contents.units],
        "channels": [str(each) for each in contents.channels],
        "event channels": [each.name for each in contents.events],
    }
    return "; ".join(f"{kind} {', '.join(names)}" for kind, names in kinds.items() if names)


def _list(items):
    return ", ".join(str(item) for item in items)


def _known(**annotations):
    """Without what is not known: NIX cannot write None."""
    return {key: value for key, value in annotations.items() if value is not None}
