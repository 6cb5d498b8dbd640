"""Currents as people have them: numbers, signals, steps, sweeps of a recording."""

from __future__ import annotations

from dataclasses import dataclass

import neo
import numpy as np
import quantities as pq

from ..populations import capacitance_of
from ..trains import Stimulus, stimulus_of

#: ms of what a sweep that begins under way has missed of its current, for which it is made up at most.
LONGEST_LEAD = 5000.0


@dataclass(frozen=True, eq=False)
class Injected:
    """A current as the simulator takes it.

    Attributes
    ----------
    constant : float or (n,) array
        uA/cm**2.
    waves : tuple of (times, currents)
        As `simulate` takes them; one or none.
    duration : float or None
        ms for which a current that changes is given.
    lead : float
        ms for which a current that changes is known before its start; it flows first.
    """

    constant: float | np.ndarray = 0.0
    waves: tuple = ()
    duration: float | None = None
    lead: float = 0.0


def injected_current(current, block: neo.Block, n: int) -> Injected:
    """A current that is given for the n members of a population.

    Raises
    ------
    TypeError
        If it is nothing of what `simulate_population` takes.
    ValueError
        If it is of another dimension, in pA for cells of unknown capacitance, or not finite.
    """
    if current is None:
        return Injected()
    if isinstance(current, neo.SpikeTrain):
        return _of_sweep(current, block)
    if isinstance(current, neo.Epoch):
        return _of_epoch(current, block)
    if isinstance(current, neo.AnalogSignal):
        if current.shape[1] != 1:
            raise ValueError(f"the signal of a current must have one channel, got {current.shape[1]}")
        times = (current.times - current.t_start).rescale("ms").magnitude
        return _wave(times, _densities(current, block).ravel(), _ms(current.t_stop - current.t_start))
    if isinstance(current, pq.Quantity):
        values = _densities(current, block)
        if values.size not in (1, n):
            raise ValueError(f"current must be one value, or one for each of {n} members, got {values.size}")
        return Injected(float(values.item()) if values.size == 1 else values.ravel())
    raise TypeError(
        "current must be a Quantity (in uA/cm**2 or pA), a neo.AnalogSignal, a neo.Epoch of steps, or a "
        f"sweep of a recording as neo.SpikeTrain, got {type(current).__name__}"
    )


def _of_sweep(train, block):
    stimulus = stimulus_of(train)
    if stimulus is None:
        raise ValueError("the spike train does not tell what current flowed (annotation stimulus_currents)")
    start = _ms(train.t_start)
    return _wave(
        stimulus.times - start, _densities(stimulus.currents * pq.pA, block), _ms(train.t_stop) - start
    )


def _of_epoch(epoch, block):
    if "current" not in epoch.array_annotations:
        raise ValueError("an Epoch of steps needs their currents as the array annotation current")
    levels = _densities(epoch.array_annotations["current"], block)
    starts = epoch.times.rescale("ms").magnitude
    stops = starts + epoch.durations.rescale("ms").magnitude
    stimulus = Stimulus.steps(0.0, *zip(starts, stops, levels, strict=True))
    return _wave(stimulus.times, stimulus.currents, None)


def _wave(times, currents, duration):
    stimulus = Stimulus(times, currents)
    lead = float(np.clip(-stimulus.times[0], 0.0, LONGEST_LEAD))
    return Injected(waves=((stimulus.times + lead, stimulus.currents),), duration=duration, lead=lead)


def _ms(time):
    return float(time.rescale("ms").magnitude)


def _densities(current, block) -> np.ndarray:
    """In uA/cm**2."""
    density = pq.Quantity(1.0, "uA/cm**2")
    try:
        values = np.asarray(current.rescale(density.units).magnitude, dtype=float)
    except ValueError:
        values = _of_whole_cells(current, block)
    if not np.isfinite(values).all():
        raise ValueError("current must be finite")
    return values


def _of_whole_cells(current, block):
    try:
        values = np.asarray(current.rescale("pA").magnitude, dtype=float)
    except ValueError:
        raise ValueError(f"current must be in uA/cm**2 or pA, got {current.dimensionality.string}") from None
    capacitance = capacitance_of(block)
    if capacitance is None:
        raise ValueError(
            "a current in pA needs the capacitance of the cell, which this population does not know: give it "
            "as a density, in uA/cm**2"
        )
    return values / capacitance
