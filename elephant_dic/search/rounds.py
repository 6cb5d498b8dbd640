"""The search for models that fire like a recording."""

from __future__ import annotations

import numpy as np

from ..neurons import NeuronModel
from ..training import draw_cells
from ..trains import firing_of
from .comparison import Comparison
from .proposals import Ensemble


class Search:
    """Candidates simulated so far.

    Attributes
    ----------
    table : (n, n_channels) array
    models : list of n Firing
        What each did, in the finest simulation that it had.
    deviations : (n, k) array
        Of their figures, see `Comparison.deviations`.
    state : (n,) array of str
        "missed", "hopeful" (matches in the short simulation, not yet judged) or "confirmed".
    n_first, n_first_hopeful : int
        Of the candidates before any correction.
    interrupted : bool
    """

    def __init__(self, comparison: Comparison, first):
        self.comparison, self.settings, self.first = comparison, comparison.settings, first
        self.table, self.models, self.state = first[:0], [], np.empty(0, dtype="<U9")
        self.deviations = comparison.deviations([])
        self.n_first = self.n_first_hopeful = 0
        self.interrupted = False

    @property
    def confirmed(self) -> np.ndarray:
        """Indices of the candidates that fire like the recording."""
        return np.flatnonzero(self.state == "confirmed")

    def distance(self) -> np.ndarray:
        """(n,) largest deviation of each candidate, in tolerances; infinite for another class."""
        largest = np.abs(self.deviations).max(axis=1, initial=0)
        return np.where(np.isnan(largest), np.inf, largest)

    def add(self, candidates) -> int:
        """Simulate candidates; returns how many are hopeful."""
        models = self.comparison.figures(candidates)
        hopeful = self.comparison.matches(models, self.settings.margin)
        self.table = np.vstack([self.table, candidates])
        self.models += models
        self.deviations = np.vstack([self.deviations, self.comparison.deviations(models)])
        self.state = np.append(self.state, np.where(hopeful, "hopeful", "missed"))
        return int(hopeful.sum())

    def confirm(self, n_wanted, rng):
        """Judge hopeful candidates; at random as many as it may take to have `n_wanted`."""
        hopeful = np.flatnonzero(self.state == "hopeful")
        chosen = rng.permutation(hopeful)[: int(np.ceil(self.settings.more_judged * n_wanted))]
        if not len(chosen):
            return
        models, matching, runs = self.comparison.judge(self.table[chosen])
        matching &= self._safely(models, runs)
        for index, model in zip(chosen, models, strict=True):
            self.models[index] = model
        self.deviations[chosen] = self.comparison.deviations(models)
        self.state[chosen] = np.where(matching, "confirmed", "missed")

    def _safely(self, models, runs):
        """(n,) bool: which will most likely match in other simulations too."""
        comparison, settings = self.comparison, self.settings
        margin = settings.margin_under_noise if comparison.noise_std else settings.margin
        safe = comparison.matches(models, margin)
        if comparison.noise_std:
            parts = zip(*runs, strict=True)
        else:
            limits = settings.longer * comparison.duration * np.array(settings.parts)
            trains = [times for (times,) in runs]
            parts = ([times[(times >= a) & (times < b)] for times in trains] for a, b in limits)
        for part in parts:
            safe &= comparison.matches([firing_of([times]) for times in part])
        return safe


def search(
    comparison: Comparison, draw, n_models, rng: np.random.Generator, report=None, *, give_up=False
) -> Search:
    """Find models that fire like a recording.

    Parameters
    ----------
    comparison : Comparison
    draw : function of an int m
        Gives m candidates (m, n_channels), by what was inferred or from a library.
    n_models : int
    rng : numpy.random.Generator
    report : function of (n_matching, n_models, n_simulated), optional
        Called after each round. A KeyboardInterrupt, there or in a simulation, ends the search, unless
        nothing has been simulated yet.
    give_up : bool
        Only simulate the first candidates: it is known that none can match.

    Returns
    -------
    Search
    """
    n_first = n_models if give_up else max(comparison.settings.first_round, n_models // 2)
    found = Search(comparison, draw(n_first))
    try:
        for _ in _rounds(found, n_models, rng, give_up):
            if report:
                report(min(len(found.confirmed), n_models), n_models, comparison.n_simulated)
    except KeyboardInterrupt:
        if not found.models:
            raise
        found.interrupted = True
    return found


def _rounds(found: Search, n_models, rng, give_up):
    """Candidates, simulated and confirmed round by round, until there are enough or it does not pay."""
    comparison, settings, idle = found.comparison, found.settings, 0
    ensemble = Ensemble(found.first, comparison.neuron.leak_index, settings)
    budget = max(settings.simulations_per_model * n_models, settings.min_simulations)
    budget *= min(1.0, settings.longest_firing / comparison.duration)
    found.n_first_hopeful = n_new = found.add(found.first)
    found.n_first = size = len(found.first)
    if give_up:
        found.state[:] = "missed"
        return
    while True:
        missing = n_models - len(found.confirmed)
        n_hopeful = (found.state == "hopeful").sum()
        if n_hopeful >= min(missing, settings.judged_together):
            found.confirm(missing, rng)
            missing = n_models - len(found.confirmed)
        yield
        if missing <= 0 or idle >= settings.patience or comparison.n_simulated >= budget:
            break
        size = _next_size(missing, n_new / size, n_models, settings)
        n_new = found.add(_candidates(found, ensemble, size, rng))
        idle = 0 if n_new else idle + 1
    if missing > 0:  # the last hopeful ones
        found.confirm(missing, rng)
        yield


def _next_size(n_missing, yield_, n_models, settings):
    wanted = settings.more_proposed * n_missing / max(yield_, settings.least_yield)
    return int(np.clip(wanted, settings.smallest_round, max(settings.largest_round, n_models // 2)))


def _candidates(found, ensemble, n, rng):
    """Proposals from cells of the recording's class; where they are few, cells from all over the family."""
    settings, same = found.settings, np.isfinite(found.deviations).all(axis=1)
    if same.sum() < settings.min_class:
        n = max(n, settings.first_round)
        return broad_population(found.comparison.neuron, n, rng, settings.broad_spread)
    return ensemble.propose(found.table[same], found.deviations[same], n, rng)


def broad_population(neuron: NeuronModel, n, rng: np.random.Generator, spread) -> np.ndarray:
    """(n, n_channels) cells of all DICs of the training box, each conductance varied on its own."""
    table = draw_cells(neuron, n, rng)
    return table * np.exp(spread * rng.standard_normal(table.shape))
