"""Cells that fire like a recording at every level: from a library, then in rounds, then with weights.

Population Monte Carlo (Beaumont et al., Biometrika 96, 983, 2009): each round proposes near the best cells so
far. What all rounds proposed is undone by weights, so that the cells that fit are a sample of the prior.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..trains import LevelComparison
from .library import StepLibrary
from .sweeps import COARSENESS, Bench

#: Cells that are drawn first without a library; proposals a round; rounds.
_DRAWN, _PER_ROUND, _ROUNDS = 600, 250, 20
#: Of a library: by what it is divided at first, and at last; cells simulated at a time; of which share that
#: fits it is not worth going on.
_PARTS, _LOT, _HARDLY = (8, 4, 2, 1), 100, 0.05
#: Cells around which is proposed; the width of the steps beside their spread, at first and at least: narrow
#: ones find more cells that fit, which weigh less evenly.
_CENTRES, _WIDTH, _NARROWEST = 80, 1.0, 0.4
#: Shares of a round that fit between which the width stays, and the factor by which it falls or rises.
_FEW, _MANY, _FACTOR = 0.04, 0.15, 0.8
#: Cells that fit, for each that is wanted, before the search ends, and what they have to be worth.
_ENOUGH, _EFFECTIVE = 1.6, 1.0
#: Largest deviation with a few of the currents of a cell that is tried with more of them; how much farther a
#: cell counts for each stage that it has not been through.
_HOPEFUL, _UNSEEN = 1.5, 100.0


@dataclass(frozen=True, eq=False)
class Prior:
    """Cells with any conductances and parameters within ranges, uniform and each on its own.

    Attributes
    ----------
    ranges : (n_columns, 2) array
        mS/cm**2 and mV.
    """

    ranges: np.ndarray

    def cells(self, unit: np.ndarray) -> np.ndarray:
        """Of points of the unit cube."""
        low, high = self.ranges.T
        return low + (high - low) * unit

    def unit(self, table: np.ndarray) -> np.ndarray:
        """Where cells are in the unit cube."""
        low, high = self.ranges.T
        return (table - low) / (high - low)


class StepSearch:
    """Cells of a prior that are simulated and compared, and what they weigh.

    Parameters
    ----------
    stages : sequence of (Bench, LevelComparison)
        The last is that of the recording. Those before have a few of its currents: a cell that is far off
        with them need not run through all.
    prior : Prior
    library : StepLibrary or None
        Of cells drawn from the prior.
    rng : numpy.random.Generator

    Attributes
    ----------
    unit : (n, n_columns) array
        All cells that were simulated, as points of the prior's unit cube.
    worst : (n,) array
        Their largest deviation; up to 1 where they fire like the recording, and `_UNSEEN` more for each stage
        that a cell has not been through.
    n_first, n_first_fitting : int
        Cells that were simulated before any were proposed, and those of them that fit.
    is_over : bool
        Whether there are no more rounds.
    """

    def __init__(
        self,
        stages: Sequence[tuple[Bench, LevelComparison]],
        prior: Prior,
        library: StepLibrary | None,
        rng: np.random.Generator,
    ):
        self.stages, self.prior, self.rng = stages, prior, rng
        self.bench, self.comparison = stages[-1]
        self.library = library if library is not None and _covers(library, prior) else None
        self.unit = np.empty((0, len(prior.ranges)))
        self.worst = np.empty(0)
        self.n_first = self.n_first_fitting = 0
        self.is_over = False
        self._kernels: list[tuple] = []
        self._n_prior = 0
        self._width = _WIDTH
        self._waiting = self._rounds()

    def run(self, n_models: int, report: Callable[[int, int, int], None], most: float = np.inf) -> None:
        """Simulate until enough cells fit, or the rounds are over; where that was, a further run goes on.

        No round begins after `most` cells.
        """
        for lots in self._waiting:
            for unit in lots:
                self._add(unit)
                report(min(int(self.fits.sum()), n_models), n_models, len(self.unit))
                if not self._kernels:
                    self.n_first, self.n_first_fitting = len(self.unit), int(self.fits.sum())
            if self.fits.sum() >= _ENOUGH * n_models and self.effective_size >= _EFFECTIVE * n_models:
                return
            if len(self.unit) >= most:
                return
        self.is_over = True

    def _rounds(self):
        """Lots of cells, round by round: after each those that fit are a sample."""
        if self.library is None:
            yield self._drawn()
        else:
            nearest = self.library.nearest(self.comparison, self.bench.capacitance)
            for part in _PARTS:
                yield self._of_library(nearest, len(nearest) // part)
        for _ in range(_ROUNDS):
            yield self._proposals()

    @property
    def fits(self) -> np.ndarray:
        """(n,) bool: which cells fire like the recording."""
        return self.worst <= 1.0

    @property
    def weights(self) -> np.ndarray:
        """(n,) of the cells that fit, as a sample of the prior; zero of the others."""
        found, places = np.zeros(len(self.unit)), np.flatnonzero(self.fits)
        density = np.full(len(places), float(self._n_prior))
        for centres, covariance, n in self._kernels:
            density += n * _density(self.unit[places], centres, covariance)
        found[places] = 1.0 / density
        return found / max(found.sum(), 1e-300)

    @property
    def effective_size(self) -> float:
        """How many evenly drawn cells those that fit are worth."""
        weights = self.weights
        return float(weights.sum() ** 2 / max((weights**2).sum(), 1e-300))

    def drawn(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Indices of all cells that fit in the order of a draw by weight, without repeats; the weights."""
        weights = self.weights
        places = np.flatnonzero(self.fits)
        keys = rng.exponential(size=len(places)) / np.maximum(weights[places], 1e-300)
        return places[np.argsort(keys, kind="stable")], weights

    def _drawn(self):
        self._n_prior = _DRAWN
        yield self.rng.random((_DRAWN, self.unit.shape[1]))

    def _of_library(self, nearest, n):
        """Of its first n cells, which are any, those that may fit, from the most likely on."""
        waiting, self._n_prior = nearest[(nearest >= self._n_prior) & (nearest < n)], n
        while len(waiting):
            lot, waiting = waiting[:_LOT], waiting[_LOT:]
            yield self.prior.unit(self.library.table[lot])
            if self.fits[-len(lot) :].mean() < _HARDLY:
                return

    def _add(self, unit):
        table = self.prior.cells(unit)
        worst, going = np.empty(len(table)), np.arange(len(table))
        for left, (bench, comparison) in zip(reversed(range(len(self.stages))), self.stages, strict=True):
            if len(going):
                models = bench.responses(table[going], COARSENESS)
                found = comparison.deviations(models).max(axis=1)
                worst[going] = found + _UNSEEN * left
                going = going[found <= _HOPEFUL]
        self.unit = np.concatenate([self.unit, unit])
        self.worst = np.concatenate([self.worst, worst])

    def _proposals(self):
        """Near cells that fit, drawn by weight, or near the best as long as there are few."""
        best, _ = self.drawn(self.rng)
        if len(best) < _CENTRES:
            best = np.argsort(self.worst, kind="stable")
        centres = self.unit[best[:_CENTRES]]
        spread = np.cov(centres.T) + 1e-5 * np.eye(centres.shape[1])
        covariance = self._width**2 * spread
        found, n_tried = np.empty((0, centres.shape[1])), 0
        while len(found) < _PER_ROUND:
            n_tried += 4 * _PER_ROUND
            chosen = centres[self.rng.integers(len(centres), size=4 * _PER_ROUND)]
            moved = chosen + self.rng.multivariate_normal(np.zeros(chosen.shape[1]), covariance, len(chosen))
            found = np.concatenate([found, moved[((moved >= 0) & (moved <= 1)).all(axis=1)]])
        # Within the cube the proposals are the denser, the more of them are outside.
        self._kernels.append((centres, covariance, _PER_ROUND * n_tried / len(found)))
        n_before = int(self.fits.sum())
        yield found[:_PER_ROUND]
        share = (int(self.fits.sum()) - n_before) / _PER_ROUND
        if share < _FEW:
            self._width = max(_NARROWEST, self._width * _FACTOR)
        elif share > _MANY:
            self._width = min(_WIDTH, self._width / _FACTOR)


def _covers(library: StepLibrary, prior: Prior) -> bool:
    """Whether a library was drawn from this very prior."""
    return library.ranges.shape == prior.ranges.shape and bool(np.allclose(library.ranges, prior.ranges))


def _density(points, centres, covariance):
    """Of a mixture of Gaussians, all alike, at points."""
    whitening = np.linalg.inv(np.linalg.cholesky(covariance))
    n = len(covariance)
    a, b = points @ whitening.T, centres @ whitening.T
    squared = ((a[:, None] - b[None]) ** 2).sum(axis=2)
    norm = (2 * np.pi) ** (-n / 2) * np.prod(np.diag(whitening))
    return norm * np.exp(-squared / 2).mean(axis=1)
