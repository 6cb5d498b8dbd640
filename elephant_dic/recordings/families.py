"""Cells in whose sweeps spikes were detected: which sweeps are one cell, and what is told of its current."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import neo
import numpy as np
import quantities as pq

from ..trains import Stimulus, annotate_stimulus
from .contents import UNKNOWN, Command, Sweep, distinct
from .patch_clamp import membrane
from .spike_detection import in_unit

MOST_TEXTS = 4  # of stimuli in a warning


@dataclass(frozen=True)
class Cell:
    """One entry of the result: a cell, with a spike train for each of its sweeps."""

    name: str
    trains: dict[int, neo.SpikeTrain]
    annotations: dict = field(default_factory=dict)
    commands: Mapping[int, Command | None] = field(default_factory=dict)  # None: not known
    detected: bool = False  # or sorted by someone else, whose sweeps belong together
    of_all: dict[str, Any] = field(default_factory=dict)  # annotations of all of its sweeps together
    without_capacitance: str = ""  # the reason
    remarks: tuple[str, ...] = ()

    @property
    def n_spikes(self) -> int:
        return sum(len(train) for train in self.trains.values())

    @property
    def told(self) -> list[Command]:
        """What the file tells of the stimuli of its sweeps."""
        return [command for command in self.commands.values() if command]

    @property
    def stimuli(self) -> list[str]:
        """What it was stimulated with, in words."""
        return list(dict.fromkeys(str(command) for command in self.told if command.is_stimulus))

    @property
    def is_family(self) -> bool:
        """Whether the current is known of each sweep, and not one and the same all the time."""
        stimuli = [command.stimulus for command in self.told]
        known = [each.currents for each in stimuli if each is not None]
        return 0 < len(known) == len(stimuli) and any((each != known[0][0]).any() for each in known)


def cells_of_channel(
    channel: str,
    recorded: Mapping[int, Sweep],
    signals: Mapping[int, neo.AnalogSignal],
    trains: Mapping[int, neo.SpikeTrain],
) -> list[Cell]:
    """The cells of a channel: one of all sweeps with a known current, others for each other stimulus.

    Parameters
    ----------
    channel : str
    recorded : dict of int, Sweep
        With the commands.
    signals : dict of int, neo.AnalogSignal
        The potential in each.
    trains : dict of int, neo.SpikeTrain
        The spikes in each, of the sweeps that are read.
    """
    alike: dict[Any, list[int]] = {}
    for number in trains:
        command = recorded[number].command
        alike.setdefault(command and command.together, []).append(number)
    commands = [{number: recorded[number].command for number in group} for group in alike.values()]
    names = distinct([_cell_name(channel, each, len(alike)) for each in commands])
    return [
        _cell(name, channel, each, recorded, signals, trains)
        for name, each in zip(names, commands, strict=True)
    ]


def _cell(name, channel, commands, recorded, signals, trains):
    sweeps = []
    for number, command in commands.items():
        if command is not None and command.injected_current is not None:
            trains[number].annotate(injected_current=command.injected_current)
        if command is not None and command.stimulus is not None:
            start = float(in_unit(recorded[number].signal.t_start, "ms"))
            sweeps.append(_annotated(trains[number], signals[number], command.stimulus.shifted(start)))
    known = {"channel": channel, "injected_current": _current(commands)}
    of_all, without, remarks = _measured(sweeps)
    doubts = tuple(dict.fromkeys(each.doubt for each in commands.values() if each and each.doubt))
    of_all |= {"current_doubt": "; ".join(doubts)} if doubts else {}
    return Cell(
        name,
        {number: trains[number] for number in commands},
        {key: value for key, value in known.items() if value is not None},  # NIX cannot write None
        commands,
        detected=True,
        of_all=of_all,
        without_capacitance=without,
        remarks=remarks + doubts,
    )


def _annotated(train, signal, stimulus):
    """The sweep, whose spike train is annotated with its current and with the potential in each epoch."""
    annotate_stimulus(train, stimulus)
    sweep = membrane.Sweep.of(signal, train, stimulus)
    potentials, extremes = membrane.epoch_potentials(sweep)
    train.annotate(epoch_potentials=potentials * pq.mV, epoch_extremes=extremes * pq.mV)
    return sweep


def _measured(sweeps):
    """Annotations of a cell from its sweeps of known currents, why there is no capacitance, and remarks."""
    drift = membrane.drift(sweeps) if len(sweeps) > 1 else 0.0
    told = (f"the resting potential drifts by {drift:.0f} mV over the sweeps",)
    remarks = told if drift > membrane.DRIFT else ()
    if not any(sweep.stimulus.currents.any() for sweep in sweeps):
        return {}, "", remarks
    found, reasons = zip(*map(membrane.capacitance, sweeps), strict=True)
    values = [value for value in found if np.isfinite(value)]
    if not values:
        tried = [reason for reason in reasons if reason != membrane.NO_STEP] or reasons
        return {}, Counter(tried).most_common(1)[0][0], remarks
    of_all = {"capacitance": np.median(values) * pq.pF, "capacitance_sweeps": len(values)}
    if len(values) > 1:
        lower, upper = np.percentile(values, [25, 75])
        of_all["capacitance_spread"] = 0.5 * (upper - lower) * pq.pF
    return of_all, "", remarks


def _cell_name(channel, commands, n_cells):
    found = [command for command in commands.values() if command]
    if not found or not (n_cells > 1 or any(command.is_stimulus for command in found)):
        return channel
    texts = {str(command) for command in found}
    return f"{channel} ({texts.pop() if len(texts) == 1 else _current(commands)})"


def _current(commands):
    """The current of a cell in words: of its sweeps, or from where to where these go; None if not told."""
    found = [command for command in commands.values() if command]
    texts = list(dict.fromkeys(command.injected_current for command in found))
    if len(texts) == 1:
        return texts[0]
    stimuli = [command.stimulus for command in found if command.stimulus is not None]
    return _range(stimuli) if stimuli else None


def levels_of(stimuli: Iterable[Stimulus]) -> tuple[str, str]:
    """The lowest and the highest current (pA) of some stimuli, but for the one at which the cell is held."""
    levels: list[float] = []
    for stimulus in stimuli:
        moved = stimulus.currents[stimulus.currents != stimulus.holding]
        levels += moved.tolist() or [stimulus.holding]
    low, high = (f"{round(level, 1) + 0.0:g}" for level in (min(levels), max(levels)))
    return low, high


def _range(stimuli):
    low, high = levels_of(stimuli)
    return f"{low} pA" if low == high else f"{low} to {high} pA"


def stimulus_notes(cells: Sequence[Cell]) -> list[str]:
    """What to keep in mind about cells with detected spikes: stimulated, or nobody knows."""
    apart = f"; the sweeps are read as {len(cells)} entries" if len(cells) > 1 else ""
    notes = [f"{_stimulated([cell])}: {_what_it_needs(cell)}{apart}" for cell in cells if cell.is_family]
    others = [cell for cell in cells if cell.stimuli and not cell.is_family]
    if others:
        reasons = dict.fromkeys(f"; {each.reason}" for cell in others for each in cell.told if each.reason)
        notes.append(
            f"{_stimulated(others)}{''.join(reasons)}{apart}. The models have no injected current: the DICs"
            " of evoked firing are effective at best"
        )
    if notes:
        return notes
    if any(each.injected_current == UNKNOWN for cell in cells for each in cell.told):
        return [f"it does not tell what current was injected{apart}"]
    if any(cell.detected and not cell.told and len(cell.trains) > 1 for cell in cells):
        return [
            "it does not tell what current was injected: its sweeps are read as one cell; choose"
            " with sweep= if they differ"
        ]
    return []


def _stimulated(cells):
    texts = list(dict.fromkeys(text for cell in cells for text in cell.stimuli))
    if len(texts) > MOST_TEXTS:
        texts = [*texts[:2], "…", texts[-1]]
    return f"the cell was stimulated ({' | '.join(texts)})"


def _what_it_needs(cell):
    """What a family of sweeps holds, and what populations need that fire like all of them."""
    stimuli = [command.stimulus for command in cell.told]
    steps = all((np.diff(each.currents)[np.diff(each.times) > 0] == 0).all() for each in stimuli)
    what, one = "current steps" if steps else "currents", len(stimuli) == 1
    low, high = levels_of(stimuli)
    text = f"{'its sweep holds' if one else f'its {len(stimuli)} sweeps hold'} {what} "
    text += f"of {low} pA" if low == high else f"from {low} to {high} pA"
    text += f"; populations that fire like {'it' if one else 'all of them'} need the capacitance"
    if "capacitance" not in cell.of_all:
        return f"{text}, which is not to be had from the potential, as {cell.without_capacitance}"
    value, n_sweeps = float(cell.of_all["capacitance"]), cell.of_all["capacitance_sweeps"]
    spread = f" ± {float(cell.of_all['capacitance_spread']):.2g}" if n_sweeps > 1 else ""
    sweeps = f"{n_sweeps} sweep{'s' * (n_sweeps > 1)}"
    return (
        f"{text}: estimated as {value:.3g}{spread} pF from the hyperpolarising steps of {sweeps} (a membrane"
        " that rectifies biases it)"
    )
