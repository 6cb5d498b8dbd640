"""The current that flowed into a cell, from the channel in which it was recorded."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np

from ...trains import Stimulus
from ..contents import UNKNOWN, Command
from .recorded_waveforms import BITS, CYCLE, NONE, Noise, recorded
from .waveforms import BLOCK, block_means, block_size, picoamperes

# Standard errors by which means of two sweeps may differ in which the current is the same: over each number
# of blocks, of which there are many, and between the edges.
SCALES, ALIKE, BETWEEN = (100, 10, 1), 5.0, 3.0
COMMANDED = 0.05  # share of the range of a commanded current by which the recorded one may be off


@dataclass(frozen=True)
class Current:
    """A recorded current (pA): in each sweep its own.

    Attributes
    ----------
    name : str
    means : list of arrays
        Over blocks of `step` ms, of each sweep; empty for one in which it was not recorded.
    step : float
    noise : Noise
        Of these means.
    least : float
        What is no difference, as of a converter.
    like : callable
        Of the number of a sweep: the first sweep in which this current was the same.
    course : callable
        Of the number of a sweep: its own stimulus.
    """

    name: str
    means: list[np.ndarray]
    step: float
    noise: Noise
    least: float
    like: Callable[[int], int]
    course: Callable[[int], Stimulus]

    def is_in(self, sweep):
        return self.means[sweep].size > 0

    def stimulus(self, sweep):
        """The same for sweeps in which this current was the same."""
        return self.course(self.like(sweep))

    def moves(self, sweep):
        return self.stimulus(sweep).currents.size > 1

    def flows(self, sweep):
        return bool(self.stimulus(sweep).currents.any())

    def text(self, sweep):
        """From where to where, in words, to what its noise lets know."""
        currents = self.stimulus(sweep).currents
        low, high = float(currents.min()), float(currents.max())
        step = _step(max((high - low) / 200, abs(high) / 1000, 2 * float(self.noise.deviations[-1])))
        low, high = (round(round(value / step) * step, 12) + 0.0 for value in (low, high))
        return f"{low:g} pA" if low == high else f"{low:g} to {high:g} pA"

    def is_other(self, sweep, stimulus, scale):
        """Whether it is another current than the one commanded, in a sweep of a protocol of such a range."""
        means = self.means[sweep]
        commanded = np.interp((np.arange(means.size) + 0.5) * self.step, stimulus.times, stimulus.currents)
        off = block_means(means - commanded, CYCLE)
        limit = max(COMMANDED * scale, self.least) + 2 * self.noise.of_mean(CYCLE)
        return bool(np.sqrt(np.mean(off**2)) > limit)


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
    size, factor = block_size(rate), picoamperes(units)
    gain, offset, resolution = gain * factor, offset * factor, resolution * factor
    means = [block_means(samples, size) * gain + offset for samples in sweeps]
    noise = Noise.of_all(means)

    @cache
    def course(sweep):
        return recorded(sweeps[sweep], rate, resolution, gain, offset)

    least = max(NONE, BITS * resolution)
    step = 1e3 * size / rate
    return Current(name, means, step, noise, least, first_alike(means, step, noise, course), course)


def first_alike(means, step, noise, course):
    """Of the number of a sweep, the first one in which the current did not differ by its standard errors.

    Parameters
    ----------
    means, step, noise, course
        As in `Current`.
    """

    @cache
    def first(sweep):
        others = dict.fromkeys(first(other) for other in range(sweep))
        return next((other for other in others if are_alike(other, sweep)), sweep)

    def are_alike(other, sweep):
        n_both = min(len(means[other]), len(means[sweep]))
        if abs(len(means[other]) - len(means[sweep])) > 1 or not n_both:
            return False
        apart = means[other][:n_both] - means[sweep][:n_both]
        sizes = (n_both, *(size for size in SCALES if size < n_both))
        if any(_differs(block_means(apart, size), size, ALIKE, noise) for size in sizes):
            return False
        edges = np.concatenate([course(other).times, course(sweep).times]) / step
        return not any(_differs(part.mean(), len(part), BETWEEN, noise) for part in _between(apart, edges))

    return first


def _differs(values, n_blocks, clear, noise):
    """Whether one of the differences of means is more than so many standard errors."""
    return np.abs(values).max() > clear * np.sqrt(2) * noise.of_mean(n_blocks)


def _between(values, edges):
    """The parts of values per block between edges, without the blocks in which these are."""
    blocks = np.unique(np.concatenate([[-1, len(values)], np.floor(edges)])).astype(int).clip(-1, len(values))
    parts = (values[first + 1 : last] for first, last in pairwise(blocks))
    return [part for part in parts if part.size]


def with_common_stimuli(commands, noisy):
    """The commands by number of the sweep, of which noisy ones that do not differ have one stimulus.

    Parameters
    ----------
    commands : dict of int, Command
    noisy : dict of int, (array, float)
        Samples (pA) and rate (Hz) of noisy commands.
    """
    if not noisy:
        return commands
    means = [block_means(samples, block_size(rate)) for samples, rate in noisy.values()]
    numbers, noise = list(noisy), Noise.of_all(means)
    first = first_alike(means, 1e3 * BLOCK, noise, lambda k: commands[numbers[k]].stimulus)
    stimuli = {number: commands[numbers[first(k)]].stimulus for k, number in enumerate(numbers)}
    return commands | {number: replace(commands[number], stimulus=stimuli[number]) for number in numbers}


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
        changes, only with the course of what was recorded, if that is not told. Where another current was
        recorded than is told, with a doubt.
    """
    if not any(map(is_stated, commands)):
        found = [_with_measured(command, currents, sweep) for sweep, command in enumerate(commands)]
    elif len(currents) == 1:
        found = [_with_course(command, currents[0], sweep) for sweep, command in enumerate(commands)]
    else:
        return commands
    return _with_doubts(commands, found, currents[0]) if len(currents) == 1 else found


def _with_course(command, measured, sweep):
    if is_stated(command) and command.stimulus is None and measured.is_in(sweep):
        return replace(command, stimulus=measured.stimulus(sweep), reason="")
    return command


def _with_measured(command, currents, sweep):
    told = command is not None and command.injected_current
    unknown = not told or UNKNOWN in told
    idle = unknown or told == "0 pA"  # else a steady current is the one that is told
    currents = [each for each in currents if each.is_in(sweep)]
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


def _with_doubts(commands, found, measured):
    """What was found; with a doubt where the current that was told is taken, and another was recorded."""
    told = {
        sweep: command.stimulus
        for sweep, command in enumerate(commands)
        if command is not None and command.stimulus is not None and found[sweep] is command
    }
    told = {sweep: stimulus for sweep, stimulus in told.items() if measured.is_in(sweep)}
    currents = [stimulus.currents for stimulus in told.values()]
    scale = float(np.ptp(np.concatenate([[0.0], *currents])))
    others = [sweep for sweep, stimulus in told.items() if measured.is_other(sweep, stimulus, scale)]
    if not others:
        return found
    worst = max(others, key=lambda sweep: np.abs(told[sweep].currents).max())
    low, high = told[worst].currents.min(), told[worst].currents.max()
    commanded = f"{low:g} to {high:g} pA" if low < high else f"{low:g} pA"
    doubt = (
        f"the current recorded in {measured.name} is another than the commanded one, which is taken:"
        f" {measured.text(worst)} where the command is {commanded}"
    )
    return [replace(each, doubt=doubt) if sweep in told else each for sweep, each in enumerate(found)]


def is_stated(command):
    """Whether a command tells of a current that changes, even if not how."""
    if command is None or UNKNOWN in (command.injected_current or UNKNOWN):
        return False
    return bool(command.reason) if command.stimulus is None else command.stimulus.currents.size > 1


def _step(least):
    """The smallest of 1, 2, 5, 10, … times a power of ten that is not less."""
    power = 10.0 ** np.floor(np.log10(least)) if least > 0 else 1e-12
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
