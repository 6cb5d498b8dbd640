"""Distributions over DICs: mixtures of Gaussians.

g_s and g_u are mapped to the real line by the logit of their position in the training box, so that no
probability lies outside of it; the Gaussians are those of the mapped numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(24)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
#: Cells whose moments are taken at a time: their nodes stay in the processor's cache.
_CELLS = 64
#: Standard deviations from all means within which the ends of intervals are sought, by so many halvings.
_FARTHEST, _HALVINGS = 10, 60


class ComparedByValue:
    """Dataclasses of arrays that are equal, and have the same hash, where what they hold is equal."""

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, type(self)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self):
        compared = [field.name for field in fields(self) if field.compare]  # type: ignore[arg-type]
        return tuple(_hashable(getattr(self, name)) for name in compared)


def _hashable(value):
    """Arrays as their shapes and bytes, of which zero has only one; NaN, of no bound, is like itself."""
    if not isinstance(value, np.ndarray):
        return value
    return value.shape, (value.astype(float) + 0.0).tobytes()


@dataclass(frozen=True, eq=False)
class Scaling(ComparedByValue):
    """DICs to the unbounded numbers that the network predicts, and back.

    Attributes
    ----------
    low, high : (3,) arrays
        Bounds of each DIC; not finite for an unbounded one.
    center, scale : (3,) arrays
        Of the unbounded numbers over the training set.
    """

    low: np.ndarray
    high: np.ndarray
    center: np.ndarray
    scale: np.ndarray

    @property
    def bounded(self) -> np.ndarray:
        """Which DICs have bounds."""
        return np.isfinite(self.low)

    def forward(self, dics: npt.ArrayLike) -> np.ndarray:
        """(…, 3) DICs to numbers of order 1."""
        return (self._unbound(np.asarray(dics, dtype=float)) - self.center) / self.scale

    def _unbound(self, dics):
        from scipy.special import logit

        values = dics.copy()
        b = self.bounded
        position = (dics[..., b] - self.low[b]) / (self.high[b] - self.low[b])
        values[..., b] = logit(np.clip(position, 1e-6, 1 - 1e-6))
        return values

    def backward(self, values: npt.ArrayLike) -> np.ndarray:
        """(…, 3) numbers to DICs."""
        from scipy.special import expit

        dics = np.asarray(values) * self.scale + self.center
        for b in np.flatnonzero(self.bounded):
            dics[..., b] = self.low[b] + (self.high[b] - self.low[b]) * expit(dics[..., b])
        return dics


@dataclass(frozen=True, eq=False)
class Mixture(ComparedByValue):
    """A distribution over (g_f, g_s, g_u) of one cell, or one of each of many cells.

    Attributes
    ----------
    weights : (…, k) array
        Of the components; … is nothing for one cell, n for many.
    means : (…, k, 3) array
        Unbounded.
    factors : (…, k, 3, 3) array
        Lower triangular Cholesky factors of the covariances.
    scaling : Scaling
        From DICs to the unbounded numbers.
    """

    weights: np.ndarray
    means: np.ndarray
    factors: np.ndarray
    scaling: Scaling

    def __getitem__(self, cells) -> Mixture:
        """The distribution of one of many cells, or those of some."""
        return Mixture(self.weights[cells], self.means[cells], self.factors[cells], self.scaling)

    def moments(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation (…, 3) of each DIC, by quadrature over each component."""
        if self.weights.ndim == 1:
            return self._moments()
        starts = range(0, max(1, len(self.weights)), _CELLS)
        means, stds = zip(*(self[i : i + _CELLS]._moments() for i in starts), strict=True)
        return np.concatenate(means), np.concatenate(stds)

    def _moments(self):
        nodes = self.means[..., None, :] + self._spread()[..., None, :] * _NODES[:, None]
        values = self.scaling.backward(nodes)
        mean = np.einsum("...k,q,...kqd->...d", self.weights, _WEIGHTS, values)
        squares = (values - mean[..., None, None, :]) ** 2
        return mean, np.sqrt(np.einsum("...k,q,...kqd->...d", self.weights, _WEIGHTS, squares))

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw (n, 3) DICs of one cell."""
        component = rng.choice(len(self.weights), size=n, p=self.weights)
        noise = np.einsum("nij,nj->ni", self.factors[component], rng.standard_normal((n, 3)))
        return self.scaling.backward(self.means[component] + noise)

    def interval(self, level: float) -> np.ndarray:
        """Central interval (3, 2) of each DIC of one cell that holds a probability, e.g. 0.68."""
        if not 0 < level < 1:
            raise ValueError(f"level must be a probability between 0 and 1, got {level}")
        tails = np.array([(1 - level) / 2, (1 + level) / 2])
        reach = _FARTHEST * self._spread()
        low = np.repeat((self.means - reach).min(axis=0)[:, None], 2, axis=1)
        high = np.repeat((self.means + reach).max(axis=0)[:, None], 2, axis=1)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            below = self._below(middle) < tails
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return self.scaling.backward(middle.T).T

    def probability_below(self, dics: npt.ArrayLike) -> np.ndarray:
        """Probability (…, 3) that each DIC is smaller than a given one, of (…, 3)."""
        return self._below(self.scaling.forward(dics)[..., None])[..., 0]

    def rescaled(self, factors: np.ndarray) -> Mixture:
        """The mixture with its width about the mean, as unbounded numbers, multiplied by factors (…, 3)."""
        center = np.einsum("...k,...kd->...d", self.weights, self.means)[..., None, :]
        factors = factors[..., None, :]
        means = center + factors * (self.means - center)
        return Mixture(self.weights, means, factors[..., None] * self.factors, self.scaling)

    @classmethod
    def pooled(cls, mixtures: Sequence[Mixture]) -> Mixture:
        """One mixture for one cell, to which each of some that have the same scaling contributes as much."""
        return cls(
            np.concatenate([mixture.weights for mixture in mixtures]) / len(mixtures),
            np.concatenate([mixture.means for mixture in mixtures]),
            np.concatenate([mixture.factors for mixture in mixtures]),
            mixtures[0].scaling,
        )

    def _spread(self):
        """(…, k, 3) standard deviations of the unbounded numbers in each component."""
        return np.linalg.norm(self.factors, axis=-1)

    def _below(self, values):
        """Probability below unbounded values (…, 3, t) of each DIC."""
        from scipy.special import ndtr

        z = (values[..., None, :, :] - self.means[..., None]) / self._spread()[..., None]
        return np.einsum("...k,...kdt->...dt", self.weights, ndtr(z))
