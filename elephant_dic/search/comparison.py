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
        settings, noisy = self.settings, self.noise_std or self.recording.activity == "irregular"
        if self.recording.activity == "bursting":
            periods = settings.noisy_periods if noisy else settings.periods
            return periods * 1000 / self.recording.burst_rate
        intervals = settings.noisy_intervals if noisy else settings.intervals
        return intervals * 1000 / self.recording.rate

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
        trains = self.simulate(table, transient_share=self.settings.search_transient)
        return [firing_of([times], self.duration) for times in trains]

    def judge(self, table: np.ndarray) -> tuple[list[Firing], np.ndarray, list[list[np.ndarray]]]:
        """Simulate models finer, longer and after the whole transient; under noise, several times.

        Parameters
        ----------
        table : (n, n_channels) array
            mS/cm**2.

        Returns
        -------
        models : list of n Firing
            Of all runs together.
        matching : (n,) bool array
            Which fire like the recording.
        runs : list of n lists of arrays
            Spike times (ms) in each run.
        """
        settings = self.settings
        n_runs = settings.runs_under_noise if self.noise_std else 1
        trains = [self.simulate(table, finer=settings.finer, longer=settings.longer) for _ in range(n_runs)]
        runs = [list(each) for each in zip(*trains, strict=True)]
        duration = n_runs * settings.longer * self.duration
        models = [firing_of(each, duration) for each in runs]
        return models, self.matches(models), runs

    def matches(self, models: Sequence[Firing], margin: float = 1.0) -> np.ndarray:
        """(n,) bool: which are within a share of the tolerance."""
        return matches(models, self.recording, margin * self.tolerance)

    def deviations(self, models: Sequence[Firing]) -> np.ndarray:
        """(n, k) logarithms of figures over the recording's, in tolerances; NaN for another class."""
        limits, values = tolerances(self.recording, self.tolerance), list(self.recording.figures().values())
        relative = limits / np.maximum(values, limits)  # a CV2 can be zero
        ratio = deviations(models, self.recording, self.tolerance) * relative
        return np.log1p(np.maximum(ratio, -0.99)) / relative
