"""Simulate models and compare them with a recording."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np

from ..neurons import NeuronModel
from ..simulation import simulate
from ..trains import Firing, deviations, firing_of, firings_of, matches, tolerances
from .settings import SETTINGS, Settings


@dataclass
class Comparison:
    """How models of a neuron are simulated and compared with a recording.

    `judge` says which models fire like the recording: of the members that a search has found, and of any
    population. `look` is quick: by it a search chooses what to judge.

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
        self, table: np.ndarray, discarded: float, firing: float, *, finer: int = 1, **options
    ) -> tuple[list[np.ndarray], np.ndarray]:
        """Spike times (ms) of models (n, n_channels) after a part that is discarded, and their last states.

        Options are those of `simulation.simulate`: the states from which they start, and whether to keep
        those in which they end.
        """
        run = simulate(
            self.neuron, table, discarded + firing, dt=self.neuron.time_step / finer,
            noise_std=self.noise_std, seed=self.seed + self.n_simulated, executor=self.executor, **options,
        )  # fmt: skip
        self.n_simulated += len(table)
        trains = [times[np.searchsorted(times, discarded) :] - discarded for times in run.spike_times]
        return trains, run.states

    def look(self, table: np.ndarray) -> tuple[list[Firing], np.ndarray]:
        """Class and figures in a short simulation, and the states in which it ends."""
        trains, states = self.simulate(table, self._short_transient, self.duration, keep_states=True)
        return firings_of(trains, self.duration), states

    @property
    def _short_transient(self):
        return self.settings.search_transient * self.neuron.training.transient

    def judge(
        self, table: np.ndarray, states: np.ndarray | None = None
    ) -> tuple[list[Firing], np.ndarray, list[list[np.ndarray]]]:
        """Simulate models longer and after the whole transient; under noise, several times.

        Bursting ones are simulated finer: of the others none fires otherwise in finer steps, and under noise
        figures scatter by more than the step moves them.

        Parameters
        ----------
        table : (n, n_channels) array
            mS/cm**2.
        states : (n, n_state) array, optional
            In which their `look` has ended: they go on from there. Default: from the neuron's initial state.

        Returns
        -------
        models : list of n Firing
            Of all runs together.
        matching : (n,) bool array
            Which fire like the recording.
        runs : list of n lists of arrays
            Spike times (ms) in each run.
        """
        settings, duration = self.settings, self.settings.longer * self.duration
        n_runs = settings.runs_under_noise if self.noise_std else 1
        bursts_alone = self.recording.activity == "bursting" and not self.noise_std
        finer = settings.finer if bursts_alone else 1
        discarded = self.neuron.training.transient
        if states is not None:
            discarded = max(0.0, discarded - self._short_transient - self.duration)
        trains = [
            self.simulate(table, discarded, duration, finer=finer, states=states)[0] for _ in range(n_runs)
        ]
        runs = [list(each) for each in zip(*trains, strict=True)]
        models = [firing_of(each, n_runs * duration) for each in runs]
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
