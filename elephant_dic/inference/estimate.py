"""What is inferred of a cell's DICs: a distribution.

A mixture of Gaussians over (g_f, g_s, g_u). g_s and g_u are mapped to the real line by the logit of their
position in the training box, so that no probability lies outside of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, ndtr

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(24)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Scaling:
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
        values = dics.copy()
        b = self.bounded
        position = (dics[..., b] - self.low[b]) / (self.high[b] - self.low[b])
        values[..., b] = logit(np.clip(position, 1e-6, 1 - 1e-6))
        return values

    def backward(self, values: npt.ArrayLike) -> np.ndarray:
        """(…, 3) numbers to DICs."""
        dics = np.asarray(values) * self.scale + self.center
        b = self.bounded
        dics[..., b] = self.low[b] + (self.high[b] - self.low[b]) * expit(dics[..., b])
        return dics


@dataclass(frozen=True)
class DICEstimate:
    """What a spike train tells about a neuron's DICs: a distribution, not a point.

    Inferred DICs are effective ones: those with which the neuron's reference family fires like the train.
    Tonic trains leave g_s almost free. Each DIC is normalised by the leak conductance, dimensionless.

    Attributes
    ----------
    mean, std : (3,) arrays
        Of g_f, g_s, g_u.
    names : tuple of str
    in_domain : bool
        Whether the train is like those that the network was trained on.
    domain_score : float
        Distance from the training trains; above 1 is outside.
    warnings : tuple of str
        Why the estimate should be doubted; empty if there is no reason known.
    """

    mean: np.ndarray
    std: np.ndarray
    names: tuple[str, ...]
    in_domain: bool
    domain_score: float
    warnings: tuple[str, ...]
    _weights: np.ndarray = field(repr=False)  # (k,)
    _means: np.ndarray = field(repr=False)  # (k, 3), unbounded
    _factors: np.ndarray = field(repr=False)  # (k, 3, 3), lower triangular
    _scaling: Scaling = field(repr=False)
    _neuron: str = field(repr=False)
    _weights_sha256: str = field(repr=False)

    def sample(self, n: int, seed: int | np.random.Generator | None = None) -> np.ndarray:
        """Draw DICs from the distribution.

        Parameters
        ----------
        n : int
        seed : int or numpy.random.Generator, optional

        Returns
        -------
        (n, 3) array
        """
        rng = np.random.default_rng(seed)
        component = rng.choice(len(self._weights), size=n, p=self._weights)
        noise = np.einsum("nij,nj->ni", self._factors[component], rng.standard_normal((n, 3)))
        return self._scaling.backward(self._means[component] + noise)

    def interval(self, level: float) -> np.ndarray:
        """Central interval of each DIC.

        Parameters
        ----------
        level : float
            Probability inside, such as 0.68.

        Returns
        -------
        (3, 2) array
        """
        if not 0 < level < 1:
            raise ValueError(f"level must be a probability between 0 and 1, got {level}")
        tails = np.array([(1 - level) / 2, (1 + level) / 2])
        spread = np.linalg.norm(self._factors, axis=2)
        low = np.repeat((self._means - 10 * spread).min(axis=0)[:, None], 2, axis=1)
        high = np.repeat((self._means + 10 * spread).max(axis=0)[:, None], 2, axis=1)
        for _ in range(60):
            middle = (low + high) / 2
            below = self._below(middle) < tails
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return self._scaling.backward(middle.T).T

    def probability_below(self, dics: npt.ArrayLike) -> np.ndarray:
        """Probability that each DIC is smaller than a given one.

        Parameters
        ----------
        dics : (3,) array
            Of g_f, g_s, g_u.

        Returns
        -------
        (3,) array
        """
        return self._below(self._scaling.forward(dics)[:, None])[:, 0]

    def _below(self, values):
        """Probability below unbounded values (3, n) of each DIC."""
        spread = np.linalg.norm(self._factors, axis=2)
        z = (values - self._means[..., None]) / spread[..., None]
        return np.einsum("k,kdt->dt", self._weights, ndtr(z))


def moments(weights, means, factors, scaling):
    """Mean and standard deviation of each DIC, by quadrature over each component."""
    spread = np.linalg.norm(factors, axis=-1)
    nodes = means[..., None, :] + spread[..., None, :] * _NODES[:, None]
    values = scaling.backward(nodes)
    mean = np.einsum("nk,q,nkqd->nd", weights, _WEIGHTS, values)
    square = np.einsum("nk,q,nkqd->nd", weights, _WEIGHTS, (values - mean[:, None, None]) ** 2)
    return mean, np.sqrt(square)
