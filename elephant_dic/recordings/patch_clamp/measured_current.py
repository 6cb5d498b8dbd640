"""The current that flowed into a cell, from the channel in which it was recorded."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from ...trains import Stimulus
from ..contents import UNKNOWN, Command
from .waveforms import block_means, picoamperes, recorded

# s of which means are taken: the long ones tell a small current from noise, and hold whole cycles of mains.
SHORT, LONG = 1e-3, 0.1
CLEAR = 20.0  # standard deviations of its noise by which a current must move, or differ from none
SMALLEST = 5.0  # smallest steps of the converter, likewise


@dataclass(frozen=True)
class _Means:
    """Means of a current over blocks of one length, of each sweep, and by how much one must differ."""

    values: list[np.ndarray]
    least: float

    def moves(self, sweep):
        values = self.values[sweep]
        return values.size > 0 and np.ptp(values) > self.least

    def flows(self, sweep):
        values = self.values[sweep]
        return self.moves(sweep) or (values.size > 0 and abs(np.median(values)) > self.least)

    def are_alike(self, sweep, other):
        one, two = self.values[sweep], self.values[other]
        n_both = min(len(one), len(two))
        return abs(len(one) - len(two)) <= 1 and bool(
            np.all(np.abs(one[:n_both] - two[:n_both]) <= self.least)
        )


@dataclass(frozen=True)
class Current:
    """A recorded current, by its means over blocks of several lengths, the shortest first."""

    name: str
    units: str
    scales: list[_Means]
    course: Callable[[int], Stimulus]  # of a sweep

    def moves(self, sweep):
        return any(means.moves(sweep) for means in self.scales)

    def flows(self, sweep):
        return any(means.flows(sweep) for means in self.scales)

    def text(self, sweep):
        means = next(
            (each for each in self.scales if each.moves(sweep)),
            next(each for each in reversed(self.scales) if each.values[sweep].size),
        )
        values = means.values[sweep]
        low, high = float(values.min()), float(values.max())
        step = _step(max((high - low) / 200, abs(high) / 1000, means.least / 10))
        if high - low <= means.least:
            low = high = float(np.median(values))
        low, high = (round(round(value / step) * step, 12) + 0.0 for value in (low, high))
        return f"{low:g} {self.units}" if low == high else f"{low:g} to {high:g} {self.units}"

    def like(self, sweep):
        """The first sweep in which this current was the same."""
        return next(
            (
                number
                for number in range(sweep)
                if all(means.are_alike(sweep, number) for means in self.scales)
            ),
            sweep,
        )

    def stimulus(self, sweep):
        """The same for sweeps in which this current was the same."""
        return self.course(self.like(sweep))


def current(name, units, sweeps, rate, gain=1.0, offset=0.0, resolution=0.0):
    """The `Current` of the samples of each sweep, which may be the integers of a converter.

    Parameters
    ----------
    name, units : str
    sweeps : list of ndarray
        One-dimensional, of each sweep.
    rate : float
        Hz.
    gain, offset : float
        Of the samples.
    resolution : float
        Smallest step of the converter, in `units`.
    """
    size = max(1, round(rate * SHORT))
    short = [_means(samples, size) * gain + offset for samples in sweeps]
    long = [_means(means, max(1, round(rate * LONG / size))) for means in short]

    @cache
    def course(sweep):
        factor = picoamperes(units)
        return recorded((sweeps[sweep] * gain + offset) * factor, rate, resolution * factor)

    return Current(name, units, [_scale(means, SMALLEST * resolution) for means in (short, long)], course)


def _means(samples, size):
    """Means of whole blocks only."""
    return block_means(samples, size) if len(samples) >= size else np.empty(0)


def _scale(means, least):
    jumps = [np.median(np.abs(np.diff(each))) for each in means if each.size > 1]
    noise = np.median(jumps) / (0.6745 * np.sqrt(2)) if jumps else 0.0
    return _Means(means, max(CLEAR * noise, least))


def with_measured(commands, currents):
    """The commands of the sweeps, where these do not tell the current, with what was recorded of it.

    Parameters
    ----------
    commands : list of Command or None
    currents : list of Current

    Returns
    -------
    list of Command or None
        With a current that was recorded in place of one that is not known, or of none; where one is told that
        changes, only with the course of what was recorded, if that is not told.
    """
    if not any(map(is_stated, commands)):
        return [_with_measured(command, currents, sweep) for sweep, command in enumerate(commands)]
    if len(currents) != 1:
        return commands
    return [
        replace(command, stimulus=currents[0].stimulus(sweep), reason="")
        if is_stated(command) and command.stimulus is None
        else command
        for sweep, command in enumerate(commands)
    ]


def _with_measured(command, currents, sweep):
    told = command is not None and command.injected_current
    unknown = not told or UNKNOWN in told
    idle = unknown or told == "0 pA"  # else a steady current is the one that is told
    flowing = [each for each in currents if (each.flows(sweep) if idle else each.moves(sweep))]
    others = () if unknown else command.waveforms
    if flowing:
        texts = [f"{each.text(sweep)}, measured in {each.name}" for each in flowing]
        several = "of several recorded currents it does not tell which one flows into the cell"
        return replace(
            command or Command(),
            waveforms=(*others, *((each.name, each.like(sweep)) for each in flowing)),
            injected_current="; ".join(texts),
            other="" if unknown else command.other,
            is_stimulus=True,
            stimulus=flowing[0].stimulus(sweep) if len(flowing) == 1 else None,
            reason="" if len(flowing) == 1 else several,
        )
    if unknown and currents:
        none = Stimulus([0.0], [0.0])
        return Command(injected_current="0 pA", other=f"measured in {currents[0].name}", stimulus=none)
    return command


def needs_measured(commands):
    """Whether a recorded current is needed, as no command tells one that changes, or one not its course."""
    return not any(map(is_stated, commands)) or any(command.stimulus is None for command in commands)


def is_stated(command):
    """Whether a command tells of a current that changes, even if not how."""
    if command is None or UNKNOWN in (command.injected_current or UNKNOWN):
        return False
    return bool(command.reason) if command.stimulus is None else command.stimulus.currents.size > 1


def _step(least):
    """The smallest of 1, 2, 5, 10, … times a power of ten that is not less."""
    power = 10.0 ** np.floor(np.log10(least)) if least > 0 else 1e-12
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
