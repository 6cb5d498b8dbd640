"""What is inferred of a cell's DICs: a distribution, and whether to trust it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .mixture import ComparedByValue, Mixture


@dataclass(frozen=True, eq=False)
class DICEstimate(ComparedByValue):
    """What a spike train tells about a neuron's DICs: a distribution, not a point.

    Inferred DICs are effective ones: those with which the neuron's reference population fires like the train.
    Tonic trains leave g_s almost free. Each DIC is normalised by the leak conductance, dimensionless.
    Estimates that hold the same numbers are equal.

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
    _mixture: Mixture = field(repr=False)
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
        return self._mixture.sample(n, np.random.default_rng(seed))

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
        return self._mixture.interval(level)

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
        return self._mixture.probability_below(dics)
