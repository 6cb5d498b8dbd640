"""Simulate models and compare them with a recording."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np

from ..neurons import NeuronModel
from ..simulation import simulate
from ..trains import Firing, deviations, firing_of, matches, tolerances

#: Members have to match within this share of the tolerance, so that they also do in a finer or longer
#: simulation, where a cell next to a change of firing can fire otherwise.
MARGIN = 0.9
#: A member is confirmed by a simulation with a finer step, over more of the cell's firing; it has to match
#: over each of these parts of it too, at the whole tolerance: bursts that alternate, or change now and then,
#: can have other medians over more or fewer periods.
FINER, LONGER = 2, 1.5
PARTS = (0, 0.5), (0.5, 1), (0, 0.93), (0.2, 0.75)
#: Under noise figures scatter from run to run: what is measured over this many times as much firing as in the
#: search scatters by a few per cent.
LONGER_UNDER_NOISE = 4.0
#: Intervals, and burst periods, that a model is simulated for; the first and last burst are not counted.
_INTERVALS, _IRREGULAR_INTERVALS, _PERIODS = 11, 60, 8
#: Share of the transient that is dropped in the search; a member is confirmed after all of it.
_SEARCH_TRANSIENT = 0.4


@dataclass
class Comparison:
    """How models of a neuron are simulated and compared with a recording.

    Attributes
    ----------
    neuron : NeuronModel
    recording : Firing
    tolerance : float
    noise_std : float
        Of the current injected into each model, in uA/cm**2.
    seed : int
        Of that noise.
    executor : concurrent.futures.Executor or None
    n_simulated : int
        So far.
    """

    neuron: NeuronModel
    recording: Firing
    tolerance: float
    noise_std: float = 0.0
    seed: int = 0
    executor: Executor | None = None
    n_simulated: int = field(default=0, init=False)

    @property
    def duration(self) -> float:
        """ms of a model's firing that are compared."""
        if self.recording.activity == "bursting":
            return _PERIODS * 1000 / self.recording.burst_rate
        intervals = _IRREGULAR_INTERVALS if self.recording.activity == "irregular" else _INTERVALS
        return intervals * 1000 / self.recording.rate

    @property
    def longer(self) -> float:
        """How many times as much of a model's firing its confirmation looks at."""
        return LONGER_UNDER_NOISE if self.noise_std else LONGER

    def simulate(
        self, table: np.ndarray, *, transient_share: float = 1.0, finer: int = 1, longer: float = 1.0
    ) -> list[np.ndarray]:
        """Spike times after the transient (ms) of models (n, n_channels), from the neuron's initial state."""
        start = transient_share * self.neuron.training.transient
        run = simulate(
            self.neuron, table, start + longer * self.duration, dt=self.neuron.time_step / finer,
            noise_std=self.noise_std, seed=self.seed + self.n_simulated, executor=self.executor,
        )  # fmt: skip
        self.n_simulated += len(table)
        return [times[np.searchsorted(times, start) :] - start for times in run.spike_times]

    def figures(self, table: np.ndarray) -> list[Firing]:
        """Class and figures in the short simulation of the search."""
        return [firing_of([times]) for times in self.simulate(table, transient_share=_SEARCH_TRANSIENT)]

    def compare(self, table: np.ndarray) -> tuple[list[Firing], np.ndarray, list[np.ndarray]]:
        """Class and figures in a finer and longer simulation, which match, and the trains (ms)."""
        trains = self.simulate(table, finer=FINER, longer=self.longer)
        models = [firing_of([times]) for times in trains]
        return models, self.matches(models), trains

    def confirm(self, table: np.ndarray) -> tuple[list[Firing], np.ndarray]:
        """Class and figures in a finer and longer simulation than that of the search, and which match."""
        trains = self.simulate(table, finer=FINER, longer=self.longer)
        models = [firing_of([times]) for times in trains]
        matching = self.matches(models, MARGIN)
        if not self.noise_std:
            for part in PARTS:
                start, stop = self.longer * self.duration * np.array(part)
                pieces = [firing_of([times[(times >= start) & (times < stop)]]) for times in trains]
                matching &= self.matches(pieces)
        return models, matching

    def matches(self, models: Sequence[Firing], margin: float = 1.0) -> np.ndarray:
        """(n,) bool."""
        return matches(models, self.recording, margin * self.tolerance)

    def deviations(self, models: Sequence[Firing]) -> np.ndarray:
        """(n, k) logarithms of figures over the recording's, in tolerances; NaN for another class."""
        relative = tolerances(self.recording, self.tolerance) / list(self.recording.figures().values())
        ratio = deviations(models, self.recording, self.tolerance) * relative
        return np.log1p(np.maximum(ratio, -0.99)) / relative
