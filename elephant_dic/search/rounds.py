"""The search for models that fire like a recording."""

from __future__ import annotations

import numpy as np

from ..neurons import NeuronModel
from ..training import draw_cells
from .comparison import MARGIN, Comparison
from .proposals import Ensemble

#: Simulations a model asked for, and at least, after which the search ends.
SIMULATIONS_PER_MODEL, MIN_SIMULATIONS = 40, 4000
#: ms of a model's firing up to which there are so many; of slower recordings, as many as take the same time.
_LONGEST_FIRING = 15_000.0
#: Cells of the recording's class that the proposals need.
_MIN_CLASS = 40
#: Rounds without a match that end the search.
_PATIENCE = 8
_FIRST_ROUND, _SMALLEST_ROUND, _LARGEST_ROUND = 128, 64, 256
#: Hopeful candidates that wait for each other to be confirmed, and how many more than are missing.
_CONFIRM_AT, _CONFIRM_MORE = 64, 1.1


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
        "missed", "hopeful" (matches, not yet in the finer simulation) or "confirmed".
    n_first, n_first_hopeful : int
        Of the candidates as the DICs alone give them.
    interrupted : bool
    """

    def __init__(self, comparison: Comparison, first):
        self.comparison, self.first = comparison, first
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
        hopeful = self.comparison.matches(models, MARGIN)
        self.table = np.vstack([self.table, candidates])
        self.models += models
        self.deviations = np.vstack([self.deviations, self.comparison.deviations(models)])
        self.state = np.append(self.state, np.where(hopeful, "hopeful", "missed"))
        return int(hopeful.sum())

    def confirm(self, n_wanted, rng):
        """Simulate hopeful candidates again, finer; at random as many as it may take to have `n_wanted`."""
        hopeful = np.flatnonzero(self.state == "hopeful")
        chosen = rng.permutation(hopeful)[: int(np.ceil(_CONFIRM_MORE * n_wanted))]
        if not len(chosen):
            return
        models, matching = self.comparison.confirm(self.table[chosen])
        for index, model in zip(chosen, models, strict=True):
            self.models[index] = model
        self.deviations[chosen] = self.comparison.deviations(models)
        self.state[chosen] = np.where(matching, "confirmed", "missed")


def search(
    comparison: Comparison, draw, n_models, rng: np.random.Generator, report=None, *, give_up=False
) -> Search:
    """Find models that fire like a recording.

    Parameters
    ----------
    comparison : Comparison
    draw : function of an int m
        Gives m candidates (m, n_channels), as inferred.
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
    found = Search(comparison, draw(n_models if give_up else max(_FIRST_ROUND, n_models // 2)))
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
    comparison, idle = found.comparison, 0
    ensemble = Ensemble(found.first, comparison.neuron.leak_index)
    budget = max(SIMULATIONS_PER_MODEL * n_models, MIN_SIMULATIONS)
    budget *= min(1.0, _LONGEST_FIRING / comparison.duration)
    found.n_first_hopeful = n_new = found.add(found.first)
    found.n_first = size = len(found.first)
    if give_up:
        found.state[:] = "missed"
        return
    while True:
        missing = n_models - len(found.confirmed)
        n_hopeful = (found.state == "hopeful").sum()
        if n_hopeful >= min(missing, _CONFIRM_AT):
            found.confirm(missing, rng)
            missing = n_models - len(found.confirmed)
        yield
        if missing <= 0 or idle >= _PATIENCE or comparison.n_simulated >= budget:
            break
        size = _next_size(missing, n_new / size, n_models)
        n_new = found.add(_candidates(found, ensemble, size, rng))
        idle = 0 if n_new else idle + 1
    if missing > 0:  # the last hopeful ones
        found.confirm(missing, rng)
        yield


def _next_size(n_missing, yield_, n_models):
    wanted = 1.15 * n_missing / max(yield_, 0.1)
    return int(np.clip(wanted, _SMALLEST_ROUND, max(_LARGEST_ROUND, n_models // 2)))


def _candidates(found, ensemble, n, rng):
    """Proposals from cells of the recording's class; where they are few, cells from all over the family."""
    same = np.isfinite(found.deviations).all(axis=1)
    if same.sum() < _MIN_CLASS:
        return broad_population(found.comparison.neuron, max(n, _FIRST_ROUND), rng)
    return ensemble.propose(found.table[same], found.deviations[same], n, rng)


def broad_population(neuron: NeuronModel, n, rng: np.random.Generator) -> np.ndarray:
    """(n, n_channels) cells of all DICs of the training box, each conductance varied on its own."""
    table = draw_cells(neuron, n, rng)
    return table * np.exp(0.7 * rng.standard_normal(table.shape))
