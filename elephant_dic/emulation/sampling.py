"""Draws from a prior's cells, weighted by how probably each fires like a recording: sequential Monte Carlo.

Points of a prior's unit cube are weighted by a growing power of that probability and resampled, and each time
moved by Metropolis steps along differences between others of them (Del Moral, Doucet, Jasra, J. R. Stat. Soc.
B 2006; ter Braak and Vrugt, Stat. Comput. 2008). The mean weights multiply to the mean probability over the
prior, by which the components of a mixture are weighed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..neurons import FamilyPrior, RangesPrior, reflected

#: Draws from the prior, at least, and for each chain.
_LEAST_DRAWN, _DRAWN = 2048, 8
#: Of the weights' sum of squares: a power grows until so large a share of the points still counts.
_EFFECTIVE = 0.5
#: Moves of each chain, on average, at each power and at the last, and sweeps that they may take.
_MOVES, _LAST_MOVES, _MOST_SWEEPS = 2.0, 4.0, 120
#: Share of coordinates that a step changes, on average; share of steps by a whole difference, from one mode
#: to another; scatter around the difference, of the length of the cube.
_CHANGED, _WHOLE, _SCATTER = 0.5, 0.1, 1e-4
#: Powers, at most.
_MOST_POWERS = 60


@dataclass
class Chains:
    """Points of a prior component's cube, and the cells that they stand for.

    Attributes
    ----------
    component : RangesPrior or FamilyPrior
    log_match : function of (m, n_channels) cells, giving (m,) logarithms
    unit : (n, n_coordinates) array
    table : (n, n_channels) array
        mS/cm**2.
    log : (n,) array
        `log_match` of the cells.
    log_evidence : float
        Logarithm of the mean probability over the component's cells.
    """

    component: FamilyPrior | RangesPrior
    log_match: Callable[[np.ndarray], np.ndarray]
    unit: np.ndarray
    table: np.ndarray
    log: np.ndarray
    log_evidence: float

    def move(self, rng: np.random.Generator, moves: float, power: float = 1.0) -> None:
        """Sweep until each chain has moved so often, on average, or hardly any does."""
        others = self.unit.copy()
        for _ in range(_MOST_SWEEPS):
            moves -= self.sweep(rng, others, power)
            if moves <= 0:
                break

    def sweep(self, rng: np.random.Generator, others: np.ndarray, power: float = 1.0) -> float:
        """One Metropolis step of each chain along differences of others; returns the share that moved."""
        proposed = self._proposals(others, rng)
        table, log = _evaluated(self.component, self.log_match, proposed)
        rows = np.log(rng.random(len(log))) < power * (log - self.log)
        self.unit[rows], self.table[rows], self.log[rows] = proposed[rows], table[rows], log[rows]
        return float(rows.mean())

    def _proposals(self, others, rng):
        """Points moved by differences between two others, reflected at the walls of the cube.

        Never by differences from where they were themselves: steps that depend on it distort what is sampled.
        """
        n, n_coordinates = self.unit.shape
        first = rng.integers(n - 1, size=n)
        second = (first + rng.integers(1, n - 1, size=n)) % (n - 1)
        after_own = np.arange(1, n + 1)
        difference = others[(after_own + first) % n] - others[(after_own + second) % n]
        changed = rng.random((n, n_coordinates)) < _CHANGED
        changed[np.arange(n), rng.integers(n_coordinates, size=n)] = True
        length = 2.38 / np.sqrt(2 * changed.sum(axis=1)) * rng.uniform(0.5, 1.0, n)
        length[rng.random(n) < _WHOLE] = 1.0
        scatter = _SCATTER * rng.standard_normal((n, n_coordinates))
        return reflected(self.unit + changed * (length[:, None] * difference + scatter))


def _evaluated(component, log_match, unit):
    """Cells at points and their `log_match`; minus infinity where there is no cell."""
    table, accepted = component.cells(unit)
    log = np.full(len(unit), -np.inf)
    log[accepted] = log_match(table[accepted])
    return table, log


def sample_component(
    component: FamilyPrior | RangesPrior,
    log_match: Callable[[np.ndarray], np.ndarray],
    n: int,
    rng: np.random.Generator,
) -> Chains:
    """Cells of a prior's component, drawn with probabilities proportional to `log_match`'s.

    Parameters
    ----------
    component : RangesPrior or FamilyPrior
    log_match : function
        See `Chains`.
    n : int
        Chains.
    rng : numpy.random.Generator

    Returns
    -------
    Chains
    """
    unit = rng.random((max(_LEAST_DRAWN, _DRAWN * n), component.n_coordinates))
    table, log = _evaluated(component, log_match, unit)
    known = np.isfinite(log)
    chains = Chains(component, log_match, unit[known], table[known], log[known], 0.0)
    power = 0.0
    for _ in range(_MOST_POWERS):
        step = _next_step(chains.log, 1 - power, _EFFECTIVE * n)
        weights = step * chains.log
        top = weights.max()
        chains.log_evidence += top + np.log(np.exp(weights - top).mean())
        kept = _resampled(np.exp(weights - top), n, rng)
        chains.unit, chains.table, chains.log = chains.unit[kept], chains.table[kept], chains.log[kept]
        power = 1.0 if step >= 1 - power else power + step
        chains.move(rng, _LAST_MOVES if power == 1 else _MOVES, power)
        if power == 1:
            break
    return chains


def _next_step(log, most, effective):
    """By how much a power may grow, at most, so that so many points still count."""

    def counting(step):
        weights = np.exp(step * (log - log.max()))
        return weights.sum() ** 2 / (weights**2).sum()

    if counting(most) >= effective:
        return most
    low, high = 0.0, most
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if counting(middle) >= effective else (low, middle)
    return low


def _resampled(weights, n, rng):
    """Indices of n points, each as often as its weight, to less than one."""
    positions = (np.arange(n) + rng.random()) / n
    return np.searchsorted(np.cumsum(weights) / weights.sum(), positions).clip(max=len(weights) - 1)
