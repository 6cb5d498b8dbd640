"""The current that was injected into a cell during a sweep, as points of a line, and as an annotation."""

from __future__ import annotations

from dataclasses import dataclass

import neo
import numpy as np
import quantities as pq

#: ms; what is shorter is no epoch of its own.
SHORTEST_EPOCH = 20.0
_SAME = 1e-6  # ms between times that are the same, but for rounding
_TIMES, _CURRENTS = "stimulus_times", "stimulus_currents"


@dataclass(frozen=True)
class Epoch:
    """A part of a sweep in which the current stays (`level` in pA), or in which it moves (`level` is NaN)."""

    start: float  # ms
    stop: float
    level: float

    @property
    def duration(self) -> float:
        """In ms."""
        return self.stop - self.start


@dataclass(frozen=True, eq=False)
class Stimulus:
    """A current that is linear between points, and jumps where two of them have the same time.

    Attributes
    ----------
    times : (n,) array
        ms, ascending, on the time axis of the spikes.
    currents : (n,) array
        pA. The first holds before its time, the last after it.
    """

    times: np.ndarray
    currents: np.ndarray

    def __post_init__(self):
        for name in ("times", "currents"):
            object.__setattr__(self, name, np.atleast_1d(np.asarray(getattr(self, name), dtype=float)))
        if self.times.ndim != 1 or self.times.shape != self.currents.shape or not self.times.size:
            raise ValueError(
                f"a stimulus needs as many times as currents, at least one, got {self.times.shape} and "
                f"{self.currents.shape}"
            )
        if not (np.isfinite(self.times).all() and np.isfinite(self.currents).all()):
            raise ValueError("times and currents of a stimulus must be finite")
        if (np.diff(self.times) < 0).any():
            raise ValueError("the times of a stimulus must ascend")

    @staticmethod
    def steps(holding: float, *steps: tuple[float, float, float]) -> Stimulus:
        """A holding current (pA), and steps as (start in ms, stop in ms, level in pA), one after the other.

        Levels are those of the whole current: the holding current is not added to them.
        """
        times, currents = [-np.inf], [float(holding)]
        for start, stop, level in steps:
            if not (times[-1] <= start < stop):
                raise ValueError(f"steps must follow each other and end after they begin, got {steps}")
            if times[-1] == start:  # from step to step, without the holding current in between
                del times[-1], currents[-1]
                times, currents = [*times, start, stop, stop], [*currents, level, level, holding]
            else:
                times += [start, start, stop, stop]
                currents += [holding, level, level, holding]
        return Stimulus(np.array(times[1:] or [0.0]), np.array(currents[1:] or currents))

    @property
    def holding(self) -> float:
        """The current (pA) at the start."""
        return float(self.currents[0])

    def shifted(self, time: float) -> Stimulus:
        """So many ms later."""
        return Stimulus(self.times + time, self.currents)

    @property
    def stays(self) -> np.ndarray:
        """(n,) bool: points at whose current it stays until the next one, or has stayed since the last."""
        level = (np.diff(self.currents) == 0) & (np.diff(self.times) > 0)
        return np.append(True, level) | np.append(level, True)  # before the first and after the last it does

    def is_like(self, other: Stimulus, within: float = 1e-6) -> bool:
        """Whether both are the same current, to so many ms and a femtoampere."""
        return self.times.shape == other.times.shape and (
            np.allclose(self.times, other.times, rtol=0, atol=within)
            and np.allclose(self.currents, other.currents, rtol=0, atol=1e-3)
        )

    def epochs(self, start: float, stop: float) -> list[Epoch]:
        """The parts from `start` to `stop` (ms) in which the current stays, or moves, in order.

        What lasts less than `SHORTEST_EPOCH` belongs to a part in which it moves.
        """
        edges = np.unique(np.clip([start, *self.times, stop], start, stop))
        edges = edges[np.diff(edges, prepend=-np.inf) > _SAME]
        pieces = [Epoch(a, b, self._level(a, b)) for a, b in zip(edges[:-1], edges[1:], strict=True)]
        whole = _joined(pieces, lambda a, b: a.level == b.level)
        short = [
            piece if piece.duration >= SHORTEST_EPOCH else Epoch(piece.start, piece.stop, np.nan)
            for piece in whole
        ]
        return _joined(short, lambda a, b: np.isnan(a.level) and np.isnan(b.level))

    def extremes(self, start: float, stop: float) -> tuple[float, float]:
        """Lowest and highest current (pA) from `start` to `stop` (ms)."""
        same = np.diff(self.times) == 0
        passed = np.append(False, same) & np.append(same, False)  # left at once for the next point
        inside = self.currents[(self.times > start) & (self.times < stop) & ~passed]
        reached = [*inside, *self._ends(start, stop)]
        return float(min(reached)), float(max(reached))

    def _ends(self, start, stop):
        """The currents just after a time and just before another one."""
        for time, side in ((start, "right"), (stop, "left")):
            after = int(np.searchsorted(self.times, time, side))
            first, last = max(after - 1, 0), min(after, self.times.size - 1)
            gap = self.times[last] - self.times[first]
            share = (time - self.times[first]) / gap if gap > 0 else 0.0
            yield self.currents[first] + share * (self.currents[last] - self.currents[first])

    def _level(self, start, stop):
        """The current between two neighbouring points, NaN if it moves there."""
        after = int(np.searchsorted(self.times, 0.5 * (start + stop)))
        first, last = self.currents[[max(after - 1, 0), min(after, self.times.size - 1)]]
        return float(first) if first == last else np.nan


def _joined(epochs: list[Epoch], belong_together) -> list[Epoch]:
    joined: list[Epoch] = []
    for epoch in epochs:
        if joined and belong_together(joined[-1], epoch):
            joined[-1] = Epoch(joined[-1].start, epoch.stop, epoch.level)
        else:
            joined.append(epoch)
    return joined


def annotate_stimulus(spiketrain: neo.SpikeTrain, stimulus: Stimulus) -> neo.SpikeTrain:
    """Write on a spike train which current flowed, and hand it back."""
    spiketrain.annotate(**{_TIMES: stimulus.times * pq.ms, _CURRENTS: stimulus.currents * pq.pA})
    return spiketrain


def stimulus_of(spiketrain: neo.SpikeTrain) -> Stimulus | None:
    """The current that flowed during a spike train; None if nobody has told.

    Raises
    ------
    ValueError
        If its annotations ``stimulus_times`` and ``stimulus_currents`` are no Quantities of a time and of a
        current, or no stimulus.
    """
    given = [spiketrain.annotations.get(name) for name in (_TIMES, _CURRENTS)]
    if all(values is None for values in given):
        return None
    for values, name, unit in zip(given, (_TIMES, _CURRENTS), ("ms", "pA"), strict=True):
        if not isinstance(values, pq.Quantity):
            raise ValueError(f"the annotation {name} must be a Quantity (in {unit}), got {values!r}")
    try:
        return Stimulus(given[0].rescale("ms").magnitude, given[1].rescale("pA").magnitude)
    except ValueError as error:
        raise ValueError(f"the annotations {_TIMES} and {_CURRENTS}: {error}") from None
