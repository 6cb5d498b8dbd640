"""One sweep as it is looked at: potential, spikes, current and stretch, and what of them a view draws."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import neo
import numpy as np
import quantities as pq

from ...recordings import filtered, one_channel
from ...trains import NEAR, stimulus_of
from .decimation import counts, decimals_for, envelope

#: Spikes of a view that are drawn one by one; more are counted, pixel by pixel.
MOST_TICKS = 1500
_NONE = np.empty(0)
_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}


@dataclass(frozen=True, eq=False)
class Trace:
    """One sweep, on the time axis of the file, in s.

    Attributes
    ----------
    start, stop : float
    samples : (n,) array or None
        mV, of the potential; None of sorted spikes.
    rate : float
        Hz, of the samples.
    name : str
        Of the channel.
    spikes : (n,) array
        Ascending, without those that were rejected.
    rejected : (n,) array
    threshold : float or None
        mV, at which the spikes were found.
    current_times, current : (n,) arrays
        s and pA, points of the line that the injected current follows; empty if it is not known.
    """

    start: float
    stop: float
    samples: np.ndarray | None = None
    rate: float = np.nan
    name: str = ""
    spikes: np.ndarray = field(default_factory=lambda: _NONE)
    rejected: np.ndarray = field(default_factory=lambda: _NONE)
    threshold: float | None = None
    current_times: np.ndarray = field(default_factory=lambda: _NONE)
    current: np.ndarray = field(default_factory=lambda: _NONE)

    def frame(self) -> dict[str, Any]:
        """What the axes of the chart need to know."""
        found: dict[str, Any] = {"start": self.start, "stop": self.stop, "name": self.name}
        if self.samples is not None:
            found["potential"] = _limits(self.samples, self.threshold)
        if self.current.size:
            found["current"] = _limits(self.current)
        return found

    def picture(self, view: tuple[float, float], n_parts: int) -> dict[str, Any]:
        """What a view draws, with half a view on either side, so that it can be moved, in JSON's types.

        Parameters
        ----------
        view : (start, stop)
            s.
        n_parts : int
            Of the view: its pixels.

        Returns
        -------
        dict
            ``times`` and ``volts``; ``spikes``, or where they are too many for that ``counts`` of bins from
            ``counts_from`` on, each of ``counts_step``; ``rejected``; ``current_times`` and ``current``.
        """
        margin = (view[1] - view[0]) / 2
        low, high = max(self.start, view[0] - margin), min(self.stop, view[1] + margin)
        if not low < high:
            low, high = self.start, self.stop
        n_parts = max(1, round(n_parts * (high - low) / (2 * margin))) if margin > 0 else n_parts
        found = self._potential(low, high, n_parts) | self._spikes(low, high, n_parts)
        found["rejected"] = _within(self.rejected, low, high).tolist()
        found["current_times"], found["current"] = self._current()
        return found

    def _potential(self, low, high, n_parts):
        if self.samples is None:
            return {}
        first, last = (int(np.floor((time - self.start) * self.rate)) for time in (low, high))
        indices, volts = envelope(self.samples, first - 1, last + 2, n_parts)
        digits = decimals_for(volts)
        times = np.round(self.start + indices / self.rate, decimals_for(np.array([low, high]), 20 * n_parts))
        return {"times": times.tolist(), "volts": np.round(volts.astype(float), digits).tolist()}

    def _spikes(self, low, high, n_parts):
        shown = _within(self.spikes, low, high)
        if shown.size <= MOST_TICKS:
            return {"spikes": shown.tolist()}
        found = counts(shown, low, high, n_parts)
        return {"counts": found.tolist(), "counts_from": low, "counts_step": (high - low) / n_parts}

    def _current(self):
        if not self.current.size:
            return [], []
        inside = (self.current_times >= self.start) & (self.current_times <= self.stop)
        times, current = self.current_times[inside], self.current[inside]
        ends = np.interp([self.start, self.stop], self.current_times, self.current)
        return [self.start, *times.tolist(), self.stop], [float(ends[0]), *current.tolist(), float(ends[1])]

    def rejecting(self, times: Iterable[float]) -> Trace:
        """With the spikes near to some times (s) as rejected ones; of a trace with none."""
        out = np.zeros(self.spikes.size, dtype=bool)
        for time in near_spikes(times, self.spikes):
            out[np.where(out, np.inf, np.abs(self.spikes - time)).argmin()] = True
        return replace(self, spikes=self.spikes[~out], rejected=self.spikes[out])

    def spike_at(self, time: float, reach: float) -> float | None:
        """The one spike, rejected or not, that is meant by a place on the screen.

        Parameters
        ----------
        time : float
            s.
        reach : float
            s: how exactly one can point.

        Returns
        -------
        float or None
            None if there is none.

        Raises
        ------
        ValueError
            If there are several within reach, none of which is much nearer than the next.
        """
        all_spikes = np.sort(np.concatenate([self.spikes, self.rejected]))
        distances = np.abs(all_spikes - time)
        near = np.sort(distances[distances <= reach])
        if not near.size:
            return None
        if near.size > 1 and near[1] - near[0] < reach / 2:
            raise ValueError(f"{near.size} spikes lie within reach of the pointer: zoom in first")
        return float(all_spikes[distances.argmin()])


def _within(times, low, high):
    return times[(times >= low) & (times <= high)]


def _limits(values, *more):
    """Lowest and highest of some values, with some room."""
    ends = [float(values.min()), float(values.max()), *(each for each in more if each is not None)]
    low, high = min(ends), max(ends)
    room = 0.06 * (high - low) or 1.0
    digits = decimals_for(np.array([low, high]), 50)
    return [round(low - room, digits), round(high + room, digits)]


def trace_of(
    train: neo.SpikeTrain | None, signal: neo.AnalogSignal | None = None, threshold: pq.Quantity | None = None
) -> Trace:
    """A sweep of a cell, or of none, with the potential behind it.

    Parameters
    ----------
    train : neo.SpikeTrain or None
        None where no spikes were found in a signal.
    signal : neo.AnalogSignal or None
        One channel. An extracellular trace is drawn as it was filtered for the detection.
    threshold : Quantity or None
        The one that was given. Default: None, that of the train, if any.

    Returns
    -------
    Trace
    """
    known = {} if train is None else train.annotations
    level = known.get("threshold") if threshold is None else threshold
    found: dict[str, Any] = {"threshold": None if level is None else float(level.rescale("mV"))}
    if train is not None:
        found |= {"spikes": np.sort(seconds(train.times)), "start": float(seconds(train.t_start)),
                  "stop": float(seconds(train.t_stop)), "name": train.name or ""}  # fmt: skip
        stimulus = stimulus_of(train)
        if stimulus is not None:
            found |= {"current_times": stimulus.times / 1000, "current": stimulus.currents}
    if signal is not None:
        volts, rate = one_channel(signal)
        highpass = known.get("highpass")
        if highpass is not None:
            volts = filtered(signal, None if np.isnan(highpass) else highpass)
        found |= {"samples": volts.astype(np.float32), "rate": rate, "name": signal.name or "Potential",
                  "start": float(seconds(signal.t_start)), "stop": float(seconds(signal.t_stop))}  # fmt: skip
    return Trace(**found)


def seconds(times: pq.Quantity) -> np.ndarray:
    """The magnitude of times in s; of the usual units without asking quantities, which takes a while."""
    factor = _SECONDS.get(times.dimensionality.string)
    return times.rescale("s").magnitude if factor is None else times.magnitude * factor


def near_spikes(times: Iterable[float], spikes: np.ndarray) -> list[float]:
    """Those of some times (s) at which there is a spike; each spike is there once."""
    left, found = np.array(spikes, dtype=float), []
    for time in sorted(times):
        distances = np.abs(left - time)
        if distances.size and distances.min() <= NEAR:
            found.append(time)
            left = np.delete(left, distances.argmin())
    return found
