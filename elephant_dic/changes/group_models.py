"""The statistics of groups: recordings in cells in animals in conditions, with known errors of measurement.

A recording is the mean of its condition, plus what its animal and its cell have of their own, plus its error
of measurement, whose variance is known. How much animals and cells differ is fitted by restricted maximum
likelihood (Patterson and Thompson 1971, Biometrika 58:545) and gives the weights; a prior keeps the fit from
saying that animals do not differ at all because a few happen not to (Chung et al. 2013, Psychometrika
78:685). Standard errors come from how the animals scatter, not from the fit: cluster-robust ones, reduced in
bias, with Satterthwaite's degrees of freedom (Bell and McCaffrey 2002, Survey Methodology 28:169; Pustejovsky
and Tipton 2018, Journal of Business & Economic Statistics 36:672). Where animals are balanced and their
errors equal, they are those of a t test of the animals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: Least share of the variance that recordings have of their own: keeps the matrices regular.
_LEAST = 1e-6
#: Weight of the logarithm of each variance above that of recordings: a gamma prior, of shape 2, on its root.
_PRIOR = 0.5
_ZERO = 1e-9  # of eigenvalues, relative to the largest


@dataclass(frozen=True)
class Contrast:
    """A difference of means, or a mean, with what is needed for its interval.

    Attributes
    ----------
    value, standard_error, degrees_of_freedom : float
    """

    value: float
    standard_error: float
    degrees_of_freedom: float

    def interval(self, level: float) -> tuple[float, float]:
        """Its central interval; NaN if there is no standard error."""
        from scipy.stats import t

        half = float(t.ppf((1 + level) / 2, self.degrees_of_freedom)) * self.standard_error
        return self.value - half, self.value + half

    @property
    def statistic(self) -> float:
        """Value over standard error; NaN if that is zero."""
        return self.value / self.standard_error if self.standard_error > 0 else np.nan

    @property
    def p(self) -> float:
        """Two-sided probability of a statistic as large, were the value zero."""
        from scipy.stats import t

        return float(2 * t.sf(abs(self.statistic), self.degrees_of_freedom))


@dataclass(frozen=True)
class NestedModel:
    """Recordings of some animals, and what they are grouped by.

    Attributes
    ----------
    values, variances : (n,) arrays
        What was measured, and the known variances of the errors of measurement.
    design : (n, m) array
        A column of zeros and ones a condition.
    factors : sequence of (n,) int arrays
        Which recordings share what: each adds a variance. The last tells all recordings apart.
    animals : (n,) int array
    """

    values: np.ndarray
    variances: np.ndarray
    design: np.ndarray
    factors: Sequence[np.ndarray]
    animals: np.ndarray

    @property
    def unit(self) -> float:
        """Variance within the conditions; 0 if nothing varies, or no condition has two recordings."""
        residuals = self.values - self.design @ np.linalg.lstsq(self.design, self.values, rcond=None)[0]
        free = len(self.values) - self.design.shape[1]
        tiny = 1e-24 * float(np.max(self.values**2, initial=0))  # rounding
        variance = float(residuals @ residuals) / free if free > 0 else 0.0
        return variance if variance > tiny else 0.0


def nested_factors(condition: np.ndarray, animal: np.ndarray, cell: np.ndarray) -> dict[str, np.ndarray]:
    """What recordings share, the most common first; of groupings that are the same, the first is there.

    Parameters
    ----------
    condition, animal, cell : (n,) int arrays
        Cells have numbers of their own across animals.

    Returns
    -------
    dict of str to (n,) int array
        By name, numbers from 0; the last tells all recordings apart.
    """
    every = {
        "animals": _codes(animal),
        "animals by condition": _codes(animal, condition),
        "cells": _codes(cell),
        "cells by condition": _codes(cell, condition),
        "recordings": np.arange(len(animal)),
    }
    factors: dict[str, np.ndarray] = {}
    for name, codes in every.items():
        if not any(_same(codes, coarser) for coarser in factors.values()):
            factors[name] = codes
    return dict(sorted(factors.items(), key=lambda item: item[1].max()))


def _codes(*labels):
    return np.unique(np.stack(labels), axis=1, return_inverse=True)[1].ravel()


def _same(first, second):
    """Whether two groupings are the same but for the names of the groups."""
    counts = {int(each.max()) + 1 for each in (_codes(first), _codes(second), _codes(first, second))}
    return len(counts) == 1


def fit_variances(model: NestedModel, *, for_weights: bool) -> np.ndarray:
    """How much the groups of each factor differ, beyond the known errors of measurement.

    Parameters
    ----------
    model : NestedModel
        Of more recordings than conditions, not all alike.
    for_weights : bool
        Whether to keep the variances from zero by a prior; else they are the most likely ones, to be told.

    Returns
    -------
    (n_factors,) array
        Variances.
    """
    from scipy.optimize import minimize

    unit = model.unit
    blocks = _blocks(model, unit)
    n = len(model.factors)

    def misfit(variances):
        """Minus the logarithm of restricted likelihood and prior, and its slope."""
        value, slope = _restricted([block.terms(variances) for block in blocks])
        if for_weights:
            value -= _PRIOR * np.log(variances[:-1]).sum()
            slope[:-1] -= _PRIOR / variances[:-1]
        return value, slope

    bounds = [(_LEAST if for_weights else 0.0, None)] * (n - 1) + [(_LEAST, None)]
    return minimize(misfit, np.full(n, 1 / n), jac=True, bounds=bounds, method="L-BFGS-B").x * unit


@dataclass(frozen=True)
class _Block:
    """The recordings of an animal, which are independent of those of others.

    Their covariance is diagonal but for what they share, of which there is little: no matrix of all by all
    recordings is needed (Woodbury's identity).
    """

    errors: np.ndarray  # (n,), variances
    shared: np.ndarray  # (n, q), a column of zeros and ones for each group but those of one recording
    factor: np.ndarray  # (q,), whose groups they are
    columns: np.ndarray  # (n, m + 1), the design and the values

    def solved(self, variances):
        """Diagonal (n,), scaled groups (n, q), their inverse (q, q), columns by the inverse covariance."""
        own = (self.errors + variances[-1])[:, None]
        scaled = self.shared * np.sqrt(variances[self.factor])
        inverse = np.linalg.inv(np.eye(scaled.shape[1]) + scaled.T @ (scaled / own))
        weighted = self.columns / own
        return own[:, 0], scaled, inverse, weighted - scaled / own @ (inverse @ (scaled.T @ weighted))

    def terms(self, variances):
        """Logarithm of the determinant, its slopes (k,); products of columns, their slopes (k, ..., ...)."""
        own, scaled, inverse, weighted = self.solved(variances)
        log_determinant = np.log(own).sum() - np.linalg.slogdet(inverse)[1]
        over_own = scaled / own[:, None]
        between = (self.shared / own[:, None]).T
        explained = (between @ scaled @ inverse) * (over_own.T @ self.shared).T
        spread = np.sum(between * self.shared.T, axis=1) - explained.sum(axis=1)
        slopes = np.bincount(self.factor, spread, len(variances))
        slopes[-1] = (1 / own).sum() - np.sum(inverse * (over_own.T @ over_own))
        sums = self.shared.T @ weighted
        bends = np.zeros((len(variances), *2 * sums.shape[1:]))
        np.add.at(bends, self.factor, sums[:, :, None] * sums[:, None, :])
        bends[-1] = weighted.T @ weighted
        return log_determinant, slopes, self.columns.T @ weighted, bends


def _blocks(model, unit=1.0):
    """The recordings of each animal, with values in a unit of variance."""
    blocks = []
    for animal in np.unique(model.animals):
        rows = np.flatnonzero(model.animals == animal)
        groups = [factor[rows, None] == np.unique(factor[rows]) for factor in model.factors[:-1]]
        blocks.append(
            _Block(
                errors=model.variances[rows] / unit,
                shared=np.hstack([np.zeros((len(rows), 0)), *groups]).astype(float),
                factor=np.repeat(np.arange(len(groups)), [each.shape[1] for each in groups]),
                columns=np.column_stack([model.design[rows], model.values[rows] / np.sqrt(unit)]),
            )
        )
    return blocks


def _restricted(terms):
    """Minus the restricted log-likelihood, but for a constant, and its slope."""
    log_determinant, slopes, products, bends = (
        sum(parts[1:], parts[0]) for parts in zip(*terms, strict=True)
    )
    information, toward, square = products[:-1, :-1], products[:-1, -1], products[-1, -1]
    spread = np.linalg.inv(information)
    residual = np.append(-spread @ toward, 1.0)  # of values after the means, in terms of the columns
    value = log_determinant + np.linalg.slogdet(information)[1] + square - toward @ spread @ toward
    slope = (
        slopes
        - np.einsum("kab,ba->k", bends[:, :-1, :-1], spread)
        - np.einsum("a,kab,b->k", residual, bends, residual)
    )
    return value / 2, slope / 2


class RobustMeans:
    """Means of the conditions by generalised least squares, with errors from how the animals scatter.

    Parameters
    ----------
    model : NestedModel
    variances : (n_factors,) array
        As `fit_variances` has them: the weights, and what the degrees of freedom suppose.
    """

    def __init__(self, model: NestedModel, variances: np.ndarray):
        products = np.array([block.columns.T @ block.solved(variances)[-1] for block in _blocks(model)])
        self._information, toward = products[:, :-1, :-1], products[:, :-1, -1]
        self._spread = np.linalg.inv(self._information.sum(axis=0))
        self.means = self._spread @ toward.sum(axis=0)
        scores = toward - self._information @ self.means
        # An animal pulls the means to itself: its score is too small by its share of the information.
        root = _power(self._spread, 0.5)
        self._adjusted = [
            root @ _power(np.eye(len(root)) - root @ each @ root, -0.5) @ root for each in self._information
        ]
        self._scores = np.array([k @ score for k, score in zip(self._adjusted, scores, strict=True)])

    def contrast(self, weights: np.ndarray) -> Contrast:
        """A weighted sum of the means.

        Parameters
        ----------
        weights : (m,) array
            Of the conditions.

        Returns
        -------
        Contrast
        """
        loads = np.array([k @ weights for k in self._adjusted])
        pulled = np.einsum("jab,jb->ja", self._information, loads)
        # of the scores, were the variances true
        covariance = np.diag(np.einsum("ja,ja->j", loads, pulled)) - pulled @ self._spread @ pulled.T
        return Contrast(
            float(weights @ self.means),
            float(np.linalg.norm(self._scores @ weights)),
            float(np.trace(covariance) ** 2 / np.sum(covariance**2)),
        )


def _power(matrix, exponent):
    """Of a symmetric matrix without negative eigenvalues; those that are zero stay so."""
    values, vectors = np.linalg.eigh(matrix)
    is_there = values > _ZERO * max(values.max(), 0)
    return (vectors[:, is_there] * values[is_there] ** exponent) @ vectors[:, is_there].T


def holm(probabilities: np.ndarray) -> np.ndarray:
    """Probabilities corrected for their number (Holm 1979, Scandinavian Journal of Statistics 6:65).

    Parameters
    ----------
    probabilities : (n,) array
        NaN where nothing was tested, which counts as no test.

    Returns
    -------
    (n,) array
    """
    corrected = np.full(len(probabilities), np.nan)
    order = np.argsort(probabilities)[: np.isfinite(probabilities).sum()]  # NaN are last
    steps = np.arange(len(order), 0, -1) * probabilities[order]
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return corrected
