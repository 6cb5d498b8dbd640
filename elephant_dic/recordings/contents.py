"""What a recording holds, whatever its format: made by the readers, selected from afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import neo
import quantities as pq

from ..trains import Stimulus
from .spike_detection import RecordingError
from .units_of_files import is_unit

UNKNOWN = "unknown"  # the current of a sweep that the file does not tell


@dataclass(frozen=True)
class Unit:
    """A sorted unit, or an event channel: a spike train for each of its sweeps."""

    name: str
    trains: dict[int, neo.SpikeTrain]
    channel: str | None = None
    aliases: tuple[str, ...] = ()
    annotations: dict[str, Any] = field(default_factory=dict)  # what the file says of it, by column

    def is_called(self, wanted: str | int) -> bool:
        return str(wanted) in (self.name, *self.aliases)


@dataclass(frozen=True)
class Command:
    """What the stimulator put out during one sweep, as far as the file tells."""

    waveforms: tuple = ()  # equal for two sweeps exactly if they were stimulated alike
    injected_current: str | None = None
    other: str = ""  # outputs that are no current
    is_stimulus: bool = False
    stimulus: Stimulus | None = None  # the current in pA, ms from the sweep's start; None: not known
    reason: str = ""  # why the stimulus is not known
    beside: tuple = ()  # of the waveforms, those of outputs that are no current
    doubt: str = ""  # what speaks against the stimulus

    @staticmethod
    def untold(n_sweeps: int, reason: str = "") -> list[Command | None]:
        """Of the sweeps of a file that tells nothing of currents: None of a single one."""
        return [None] if n_sweeps == 1 else [Command.unknown(sweep, reason) for sweep in range(n_sweeps)]

    @staticmethod
    def unknown(sweep: int, reason: str = "") -> Command:
        """Of a sweep whose current the file does not tell, which is therefore like no other sweep."""
        return Command((UNKNOWN, sweep), UNKNOWN, f"{reason}, sweep {sweep}" if reason else f"sweep {sweep}")

    @property
    def together(self) -> tuple:
        """Equal for sweeps of one cell: those of which the current is known, and others stimulated alike."""
        return self.waveforms if self.stimulus is None else ("known", self.beside)

    def from_later(self, time: float) -> Command:
        """Of the rest of the sweep, which begins so many ms later."""
        return self if self.stimulus is None else replace(self, stimulus=self.stimulus.shifted(-time))

    def __str__(self):
        return "; ".join(text for text in (self.injected_current, self.other) if text) or "no stimulus"


@dataclass(frozen=True)
class Sweep:
    """One channel of one analog signal, loaded when it is needed."""

    signal: Any  # neo.AnalogSignal, or neo's proxy of one
    column: int = 0
    command: Command | None = None  # None: the file does not tell

    def load(self) -> neo.AnalogSignal:
        if isinstance(self.signal, neo.AnalogSignal):
            return self.signal[:, [self.column]]
        try:
            return self.signal.load(channel_indexes=[self.column])
        except Exception as error:  # of a damaged file, in any way neo's readers like
            raise RecordingError(f"its signals cannot be read ({error})") from error


@dataclass(frozen=True)
class Channel:
    """A sampled channel: a signal for each of its sweeps."""

    name: str
    sweeps: dict[int, Sweep]

    @property
    def units(self) -> str:
        return next(iter(self.sweeps.values())).signal.units.dimensionality.string

    @property
    def is_voltage(self) -> bool:
        return same_dimension(self.units, "V")

    def __str__(self):
        return f"{self.name} in {self.units}"


@dataclass(frozen=True)
class Contents:
    """Everything in a file.

    `doubts` tells why its t_start or t_stop may not be the recording's, `notes` what else the user
    should hear of, `potentials` whether its voltage channels are membrane potentials: ``"all"`` of
    them are, ``"one"`` may be, or it is not to be supposed (``"unsure"``).
    """

    units: list[Unit] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    events: list[Unit] = field(default_factory=list)
    doubts: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    potentials: str = "one"
    marks: tuple[neo.Event | neo.Epoch, ...] = ()

    @property
    def n_sweeps(self) -> int:
        of_trains = [unit.trains for unit in self.units + self.events]
        of_signals = [channel.sweeps for channel in self.channels]
        return 1 + max((max(sweeps) for sweeps in of_trains + of_signals if sweeps), default=0)


@lru_cache(maxsize=512)
def same_dimension(units, other):
    """Whether a unit, given as text, measures the same thing as another."""
    if not is_unit(units):
        return False
    try:
        pq.Quantity(1.0, units).rescale(other)
    except Exception:  # quantities computes the text, so any error may come of it
        return False
    return True


def by_name(items_of_sweeps):
    """Sort the items of each sweep, ``(name, item)`` pairs, into ``{name: {sweep: item}}``.

    Several items of one name in the same sweep are told apart: ``name#0``, ``name#1``, …
    """
    found = {}
    for sweep, items in enumerate(items_of_sweeps):
        seen = Counter()
        for name, item in items:
            found.setdefault((name, seen[name]), {})[sweep] = item
            seen[name] += 1
    names = distinct([name for name, _ in found])
    return dict(zip(names, found.values(), strict=True))


def distinct(names):
    """The names, those that occur more than once with a number: ``name#0``, ``name#1``, …"""
    total, seen, result = Counter(names), Counter(), []
    for name in names:
        result.append(f"{name}#{seen[name]}" if total[name] > 1 else name)
        seen[name] += 1
    return result


def channels_of(sweeps, commands=None):
    """Channels of the analog signals of each sweep."""
    columns = [
        [
            (name, Sweep(signal, column, commands[k] if commands else None))
            for signal in signals
            for column, name in enumerate(_column_names(signal))
        ]
        for k, signals in enumerate(sweeps)
    ]
    return [Channel(name, found) for name, found in by_name(columns).items()]


def _column_names(signal):
    names = signal.array_annotations.get("channel_names")
    if names is not None:
        return [str(name) for name in names]
    name, n_columns = signal.name or "signal", signal.shape[1]
    return [name] if n_columns == 1 else [f"{name}[{k}]" for k in range(n_columns)]
