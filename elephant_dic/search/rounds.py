"""The search for models that fire like a recording, where they cannot be drawn as a sample."""

from __future__ import annotations

import numpy as np

from ..neurons import NeuronModel
from ..training import draw_cells
from .found import Found
from .proposals import Ensemble


def search(
    found: Found, draw, n_models, rng: np.random.Generator, report=None, *, give_up=False, hopeless=False,
    move=lambda table: table,
) -> None:  # fmt: skip
    """Find models that fire like a recording.

    Parameters
    ----------
    found : Found
        Receives what is simulated; models that are in it already are started from.
    draw : function of an int m
        Gives m candidates (m, n_channels), by what was inferred or from a library.
    n_models : int
    rng : numpy.random.Generator
    report : function of (n_matching, n_models, n_simulated), optional
        Called after each round.
    give_up : bool
        Only simulate the first candidates: it is known that none can match.
    hopeless : bool
        It is expected that none can: without a hopeful one, the search soon ends.
    move : function of (m, n_channels) cells, optional
        Moves candidates to where they may be. Default: they may be anywhere.
    """
    n_first = n_models if give_up else max(found.settings.first_round, n_models // 2)
    for _ in _rounds(found, move(draw(n_first)), n_models, rng, give_up, hopeless, move):
        if report:
            n_matching = min(len(found.confirmed), n_models)
            report(n_matching, n_models, found.comparison.n_simulated)


def _rounds(found: Found, first, n_models, rng, give_up, hopeless, move):
    """Candidates, simulated and confirmed round by round, until there are enough or it does not pay."""
    comparison, settings, idle = found.comparison, found.settings, 0
    ensemble = Ensemble(first, comparison.neuron.leak_index, settings)
    budget = comparison.n_simulated + settings.budget(comparison, n_models)
    enough = comparison.n_simulated + settings.hopeless
    n_new, size = found.begin(first), len(first)
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
        if hopeless and comparison.n_simulated >= enough and not found.any_hopeful:
            break
        size = settings.round_size(
            settings.more_proposed * missing / max(n_new / size, settings.least_yield), n_models
        )
        n_new = found.add(move(_candidates(found, ensemble, size, rng)))
        idle = 0 if n_new else idle + 1
    if missing > 0:  # the last hopeful ones
        found.confirm(missing, rng)
        yield


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
