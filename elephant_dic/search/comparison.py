"""Simulate models and compare them with a recording."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np

from ..neurons import NeuronModel
from ..simulation import simulate
from ..trains import Firing, deviations, firing_of, matches, tolerances
from .settings import SETTINGS, Settings


@dataclass
class Comparison:
    """How models of a neuron are simulated and compared with a recording.

    `judge` says which models fire like the recording: of the members that a search has found, and of any
    population. `figures` is a quick look, by which a search chooses what to judge.

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
    settings : Settings
    n_simulated : int
        So far.
    """

    neuron: NeuronModel
    recording: Firing
    tolerance: float
    noise_std: float = 0.0
    seed: int = 0
    executor: Executor | None = None
    settings: Settings = SETTINGS
    n_simulated: int = field(default=0, init=False)

    @property
    def duration(self) -> float:
        """ms of a model's firing that a search looks at."""
        settings, activity = self.settings, self.recording.activity
        if activity == "bursting":
            return settings.periods * 1000 / self.recording.burst_rate
        intervals = settings.irregular_intervals if activity == "irregular" else settings.intervals
        return intervals * 1000 / self.recording.rate

    @property
    def longer(self) -> float:
        """How many times as much of a model's firing is judged."""
        return self.settings.longer_under_noise if self.noise_std else self.settings.longer

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
        """Class and figures in a short simulation."""
        share = self.settings.search_transient
        return [firing_of([times]) for times in self.simulate(table, transient_share=share)]

    def judge(self, table: np.ndarray) -> tuple[list[Firing], np.ndarray, list[np.ndarray]]:
        """Simulate models finer, longer and after the whole transient.

        Parameters
        ----------
        table : (n, n_channels) array
            mS/cm**2.

        Returns
        -------
        models : list of n Firing
        matching : (n,) bool array
            Which fire like the recording.
        trains : list of n arrays
            Spike times in ms.
        """
        trains = self.simulate(table, finer=self.settings.finer, longer=self.longer)
        models = [firing_of([times]) for times in trains]
        return models, self.matches(models), trains

    def matches(self, models: Sequence[Firing], margin: float = 1.0) -> np.ndarray:
        """(n,) bool: which are within a share of the tolerance."""
        return matches(models, self.recording, margin * self.tolerance)

    def deviations(self, models: Sequence[Firing]) -> np.ndarray:
        """(n, k) logarithms of figures over the recording's, in tolerances; NaN for another class."""
        relative = tolerances(self.recording, self.tolerance) / list(self.recording.figures().values())
        ratio = deviations(models, self.recording, self.tolerance) * relative
        return np.log1p(np.maximum(ratio, -0.99)) / relative
