"""Models that were simulated for a recording so far, and what each did."""

from __future__ import annotations

import numpy as np

from ..trains import firings_of
from .comparison import Comparison


class Found:
    """Models simulated so far.

    Attributes
    ----------
    table : (n, n_channels) array
        mS/cm**2.
    models : list of n Firing
        What each did, in the last simulation that it had.
    deviations : (n, k) array
        Of their figures, see `Comparison.deviations`.
    state : (n,) array of str
        "missed", "hopeful" (matches in the short simulation, not yet judged) or "confirmed".
    looked_alike : (n,) bool array
        Which matched in the short simulation.
    first_rows : slice
        Places of the candidates before any correction.
    interrupted : bool
    """

    def __init__(self, comparison: Comparison):
        self.comparison, self.settings = comparison, comparison.settings
        self.table = np.empty((0, len(comparison.neuron.channels)))
        self._states: list[np.ndarray] = []
        self.models, self.state = [], np.empty(0, dtype="<U9")
        self.deviations = comparison.deviations([])
        self.looked_alike, self.first_rows = np.empty(0, dtype=bool), slice(0, 0)
        self.interrupted = False

    @property
    def any_hopeful(self) -> bool:
        """Whether any model has matched in the short simulation."""
        return bool(self.looked_alike.any())

    @property
    def n_first_hopeful(self) -> int:
        """Candidates before any correction that matched in the short simulation."""
        return int(self.looked_alike[self.first_rows].sum())

    @property
    def confirmed(self) -> np.ndarray:
        """Indices of the models that fire like the recording."""
        return np.flatnonzero(self.state == "confirmed")

    def distance(self) -> np.ndarray:
        """(n,) largest deviation of each model, in tolerances; infinite for another class."""
        largest = np.abs(self.deviations).max(axis=1, initial=0)
        return np.where(np.isnan(largest), np.inf, largest)

    def begin(self, candidates) -> int:
        """Simulate the candidates of a search before any correction; returns how many are hopeful."""
        n_hopeful = self.add(candidates)
        self.first_rows = slice(len(self.table) - len(candidates), len(self.table))
        return n_hopeful

    def add(self, candidates) -> int:
        """Simulate candidates; returns how many are hopeful."""
        models, states = self.comparison.look(candidates)
        hopeful = self.comparison.matches(models, self.settings.margin)
        self.table = np.vstack([self.table, candidates])
        self.models += models
        self._states += list(states)
        self.deviations = np.vstack([self.deviations, self.comparison.deviations(models)])
        self.state = np.append(self.state, np.where(hopeful, "hopeful", "missed"))
        self.looked_alike = np.append(self.looked_alike, hopeful)
        return int(hopeful.sum())

    def confirm(self, n_wanted, rng):
        """Judge hopeful models; at random as many as it may take to have `n_wanted`."""
        hopeful = np.flatnonzero(self.state == "hopeful")
        self.judge(rng.permutation(hopeful)[: int(np.ceil(self.settings.more_judged * n_wanted))])

    def judge(self, chosen):
        """Judge models by their places."""
        if not len(chosen):
            return
        states = np.array([self._states[index] for index in chosen])
        models, matching, runs = self.comparison.judge(self.table[chosen], states)
        matching &= self._safely(models, runs)
        for index, model in zip(chosen, models, strict=True):
            self.models[index] = model
        self.deviations[chosen] = self.comparison.deviations(models)
        self.state[chosen] = np.where(matching, "confirmed", "missed")

    def _safely(self, models, runs):
        """(n,) bool: which will most likely match in other simulations too."""
        comparison, settings = self.comparison, self.settings
        safe = comparison.matches(models, settings.margin_of(comparison))
        duration = settings.longer * comparison.duration
        if comparison.noise_std:
            parts = [(0.0, duration, run) for run in zip(*runs, strict=True)]
        else:
            trains = [times for (times,) in runs]
            parts = [(a, b, trains) for a, b in duration * np.array(settings.parts)]
        for begin, end, trains in parts:
            rows = np.flatnonzero(safe)
            cut = [_between(trains[row], begin, end) for row in rows]
            safe[rows] = comparison.matches(firings_of(cut, end - begin))
        return safe


def _between(times, begin, end):
    """Spike times from one time to another."""
    first, last = np.searchsorted(times, (begin, end))
    return times[first:last]
