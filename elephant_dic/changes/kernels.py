"""How likely a recording is, had one or another conductance been scaled.

Members of a population are a sample of the cells that the recording before could come from, so that what they
do with a conductance scaled is a sample of what the cell would do. Its density at what the recording after
shows (a kernel density over the members, for each conductance and factor) is the likelihood of the change:
approximate Bayesian computation with a synthetic likelihood (Wood, Nature 2010). Where both recordings are of
one class, the differences of features from before to after are compared, each member with itself: what it
lacks of the cell is then in both, and drops out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, logsumexp
from scipy.stats import multivariate_t

from .observations import Observation, Observations
from .trials import HIGHEST, LOWEST, Trials

#: Kernels are of Student's t with so many degrees of freedom: a member may be far off.
_FREEDOM = 4
#: Of the rule of Silverman, by which their width follows from the number of members and of features.
_WIDTH = 0.8
#: Members that stand for all that were not drawn.
_UNSEEN = 0.25


@dataclass(frozen=True, eq=False)
class Told:
    """What is compared: features of the recording after, or how they differ from before.

    Attributes
    ----------
    activity : str
        Class of the recording after.
    value : (n_told,) array
    error : (n_told, n_told) array
        Covariance of its errors.
    columns : list of int
        Which features are told.
    own : (n_members, n_features) array
        What is taken from the features of members: their own before, or zero.
    is_difference : bool
        Whether it is a difference from before.
    """

    activity: str
    value: np.ndarray
    error: np.ndarray
    columns: list[int]
    own: np.ndarray
    is_difference: bool = False


def told(
    before: Observation, after: Observation, members: Observations, columns: list[int],
    controls: Sequence[Observation] = (),
) -> Told:  # fmt: skip
    """What two recordings tell of a change.

    Of the cell without a change there are the recording before and the controls: what the one after is
    compared with is their mean, the better known the more they are, and by as much as they scatter beyond
    their own errors, together in all features, it may differ from that as well.

    Parameters
    ----------
    before, after : Observation
    members : Observations
        Of the members unchanged.
    columns : list of int
        Features that are told of the class after.
    controls : sequence of Observation
        The cell once more as it was before: recordings differ without a change as these do.
    """
    alike, some = before.activity == after.activity, np.ix_(columns, columns)
    value, error = after.values[columns], after.errors[some]
    own = members.values if alike else np.zeros_like(members.values)
    recorded = np.array([each.values[columns] for each in (before, *controls)])
    if np.isfinite(recorded).all():  # of another class they may lack features
        mean, one = recorded.mean(axis=0), before.errors[some]
        error = error + _excess(recorded, one)
        if alike:
            value = value - mean
            error = error + (one + _excess(recorded, one)) / len(recorded)
    return Told(after.activity, value, error, columns, own, alike)


def _excess(recorded, error):
    """Covariance by which recordings (n, n_told) scatter beyond their errors, in the directions they do."""
    if len(recorded) < 2 or not error.size:
        return np.zeros_like(error)
    root = np.linalg.cholesky(error)
    off = np.linalg.solve(root, (recorded - recorded.mean(axis=0)).T)
    shares, axes = np.linalg.eigh(off @ off.T / (len(recorded) - 1))
    spread = root @ axes
    return (spread * np.maximum(shares - 1, 0)) @ spread.T


@dataclass(frozen=True, eq=False)
class Likelihood:
    """Of the trials of some conductances, or of members as they are.

    Attributes
    ----------
    trials : Trials
    differences : (n_settings, n_members, n_told) array
        What is compared, of each; zero where it is not known.
    known : (n_settings, n_members) bool array
        Which are of the class, with all features.
    inverse : (n_settings, n_told, n_told) array
        Of the covariance of the kernels.
    log_norm : (n_settings,) array
        Logarithm of the kernels' largest density.
    log_prior : (n_settings,) array
        Of the settings, over all positions.
    """

    trials: Trials
    differences: np.ndarray
    known: np.ndarray
    inverse: np.ndarray
    log_norm: np.ndarray
    log_prior: np.ndarray

    def of_members(self, value: np.ndarray, without: int | None = None) -> np.ndarray:
        """(n_settings, n_members) logarithms of what each member adds to the density at a value."""
        known, dimension = self.known.copy(), len(value)
        known[:, self._excluded(without)] = False
        off = value - self.differences
        square = np.einsum("smi,sij,smj->sm", off, self.inverse, off)
        log = self.log_norm[:, None] - (_FREEDOM + dimension) / 2 * np.log1p(square / _FREEDOM)
        return np.where(known, log, -np.inf) - np.log(self._n_drawn(without))

    def of_settings(self, value: np.ndarray, log_unseen: float, without: int | None = None) -> np.ndarray:
        """(n_settings,) log-likelihoods, with a share for all that no member does."""
        unseen = np.full((len(self.known), 1), log_unseen + np.log(_UNSEEN / self._n_drawn(without)))
        return logsumexp(np.append(self.of_members(value, without), unseen, axis=1), axis=1)

    def _excluded(self, without):
        """Places of the member that is left out, if it is among these."""
        return [without] if without is not None and without < self.known.shape[1] else []

    def _n_drawn(self, without):
        """Members, and one that stands for all others."""
        return self.known.shape[1] + 1 - len(self._excluded(without))


def likelihood(trials: Trials, compared: Told) -> Likelihood:
    """Kernels over the members, for each setting."""
    own = compared.own[: trials.values.shape[1]]  # trials may be of the first members alone
    differences = (trials.values - own)[..., compared.columns]
    known = (trials.activities == compared.activity) & np.isfinite(differences).all(axis=-1)
    differences = np.where(known[..., None], differences, 0.0)
    covariance = _covariances(differences, known)
    count, dimension = np.maximum(known.sum(axis=1), 1), len(compared.columns)
    width = _WIDTH * (4 / (dimension + 2) / count) ** (1 / (dimension + 4))
    kernel = width[:, None, None] ** 2 * covariance + compared.error
    log_norm = (
        gammaln((_FREEDOM + dimension) / 2) - gammaln(_FREEDOM / 2)
        - dimension / 2 * np.log(_FREEDOM * np.pi) - 0.5 * np.linalg.slogdet(kernel)[1]
    )  # fmt: skip
    return Likelihood(
        trials, differences, known, np.linalg.inv(kernel), log_norm, _log_prior(trials.positions)
    )


def _covariances(differences, known):
    """(n_settings, n_told, n_told) over the members, shrunk to their diagonal where they are few."""
    count = known.sum(axis=1)
    mean = differences.sum(axis=1) / np.maximum(count, 1)[:, None]
    off = np.where(known[..., None], differences - mean[:, None], 0.0)
    found = np.einsum("smi,smj->sij", off, off) / np.maximum(count - 1, 1)[:, None, None]
    dimension = found.shape[-1]
    shrunk = np.minimum(1.0, (dimension + 1) / np.maximum(count, 1))[:, None, None]
    diagonal = np.einsum("sii->si", found)[..., None] * np.eye(dimension)
    return (1 - shrunk) * found + shrunk * diagonal


def _log_prior(positions):
    """(n_settings,) of a grid: logarithms of the shares of all positions for which its points stand."""
    share = np.ones(len(positions))
    for axis in positions.T:
        points, place = np.unique(axis, return_inverse=True)
        share *= (np.gradient(points) / (HIGHEST - LOWEST))[place]
    return np.log(share)


class Unseen:
    """Density of all that members do, whatever is changed."""

    def __init__(self, likelihoods, compared):
        seen = np.concatenate([each.differences[each.known] for each in likelihoods])
        self._share = len(seen) / sum(each.known.size for each in likelihoods)
        self._density = None
        if len(seen) > 1 and seen.shape[1]:
            covariance = np.atleast_2d(np.cov(seen.T)) + compared.error
            self._density = multivariate_t(seen.mean(axis=0), covariance, df=_FREEDOM)

    def log(self, value) -> float:
        share = np.log(max(self._share, 1e-6))
        return float(share + (self._density.logpdf(value) if self._density is not None else 0.0))
