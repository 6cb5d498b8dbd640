"""New candidates for a population, from what the simulated ones did.

A quadratic fit of the figures over the logarithms of the conductances, pooled over all simulated cells of the
recording's class, predicts how a change of conductances changes the firing. A proposal starts at a simulated
cell, takes a random step with the spread of the first candidates, or a share of it, and then the smallest
correction (in units of the spread) that brings the predicted figures to the recording's. Directions that do
not matter for the firing keep their spread, as in ensemble Kalman inversion (Iglesias, Law, Stuart, Inverse
Problems 2013); the prediction only proposes, the simulation decides.
"""

from __future__ import annotations

import numpy as np

from .settings import SETTINGS, Settings


class Ensemble:
    """Simulated cells of the recording's class, and proposals drawn from them.

    Parameters
    ----------
    first : (n, n_channels) array
        The first candidates, in mS/cm**2: their spread is the spread of the random steps.
    leak_index : int
        Column of the leak.
    settings : Settings
    """

    def __init__(self, first, leak_index, settings: Settings = SETTINGS):
        self._settings = settings
        self._floor = settings.floor * first.mean(axis=0) + 1e-12
        positions = self._position(first)
        beyond = np.full(first.shape[1], np.log(settings.beyond))
        beyond[leak_index] = np.log(settings.leak_beyond)
        self._low, self._high = positions.min(axis=0) - beyond, positions.max(axis=0) + beyond
        self._step = _root(np.cov(positions.T))

    def _position(self, table):
        return np.log(table + self._floor)

    def propose(self, table, deviations, n, rng: np.random.Generator) -> np.ndarray:
        """New candidates.

        Parameters
        ----------
        table : (m, n_channels) array
            Simulated cells of the recording's class, in mS/cm**2.
        deviations : (m, k) array
            Of their figures from the recording's, in tolerances (any monotone scale).
        n : int
        rng : numpy.random.Generator

        Returns
        -------
        (n, n_channels) array
            mS/cm**2.
        """
        settings, shape = self._settings, (n, table.shape[1])
        fit = _Fit(self._position(table), deviations, settings)
        weights = 1 / (1 + fit.distance**2)
        parents = rng.choice(len(table), n, p=weights / weights.sum())
        steps = rng.choice(settings.steps, (n, 1)) * rng.standard_normal(shape) @ self._step.T
        goals = rng.uniform(-settings.goal, settings.goal, (n, deviations.shape[1]))
        positions = fit.correct(parents, steps, goals)
        return np.maximum(np.exp(np.clip(positions, self._low, self._high)) - self._floor, 0)


class _Fit:
    """Figures as a quadratic function of whitened positions, weighted towards the recording."""

    def __init__(self, positions, deviations, settings: Settings = SETTINGS):
        self.settings = settings
        self.distance = np.abs(deviations).max(axis=1)
        nearest = np.sort(self.distance)[min(settings.fitted, len(positions) - 1)]
        reach = np.clip(nearest, *settings.reach)
        weights = 1 / (1 + (self.distance / reach) ** 2)
        weights = weights / weights.sum()
        self.center = weights @ positions
        offset = positions - self.center
        self.root = _root((weights[:, None] * offset).T @ offset)
        self.white = np.linalg.solve(self.root, offset.T).T
        self.mean, self.mean_square = weights @ deviations, weights @ _squares(self.white)
        terms = np.hstack([self.white, _squares(self.white) - self.mean_square])
        n_linear = self.white.shape[1]
        ridge = np.repeat(settings.ridge, [n_linear, terms.shape[1] - n_linear]) / len(positions)
        weighted = (weights[:, None] * terms).T
        solution = np.linalg.solve(weighted @ terms + np.diag(ridge), weighted @ (deviations - self.mean)).T
        self.linear, square = solution[:, :n_linear], solution[:, n_linear:]
        rows, columns = np.triu_indices(n_linear)
        self.bilinear = np.zeros((len(square), n_linear, n_linear))
        self.bilinear[:, rows, columns] = square
        self.square = square
        self.residual = deviations - self.predict(self.white)

    def predict(self, white):
        return self.mean + white @ self.linear.T + (_squares(white) - self.mean_square) @ self.square.T

    def _slopes(self, white):
        symmetric = self.bilinear + self.bilinear.transpose(0, 2, 1)
        return self.linear + np.einsum("kij,nj->nki", symmetric, white)

    def correct(self, parents, steps, goals):
        """Positions of parents after random steps and the corrections that bring them to their goals."""
        white = self.white[parents] + np.linalg.solve(self.root, steps.T).T
        kept = self.settings.kept_residual * self.residual[parents]
        longest, damping = self.settings.longest_correction, self.settings.damping
        for _ in range(self.settings.corrections):
            slopes = self._slopes(white)
            errors = goals - self.predict(white) - kept
            transposed = slopes.transpose(0, 2, 1)
            normal = slopes @ transposed + damping * np.eye(slopes.shape[1])
            change = transposed @ np.linalg.solve(normal, errors[..., None])
            white = white + np.clip(change[..., 0], -longest, longest)
        return self.center + white @ self.root.T


def _squares(white):
    rows, columns = np.triu_indices(white.shape[1])
    return white[:, rows] * white[:, columns]


def _root(covariance):
    """Cholesky factor, also where a conductance hardly varies."""
    variance = np.diag(covariance)
    return np.linalg.cholesky(covariance + np.diag(1e-6 * variance + 1e-8))
