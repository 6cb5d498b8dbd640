"""Width of the distributions: one factor a DIC, learned on cells kept from training.

A network that is trained by its likelihood has the right width on average over its whole training set; over
bursting trains alone, or tonic ones, it can be a little too wide or narrow.
"""

from __future__ import annotations

import numpy as np

from ..trains import FEATURES
from .mixture import Mixture

#: Coverages that are brought close to their levels, and the factors that are tried.
_LEVELS, _FACTORS = np.array([0.5, 0.68, 0.8, 0.9, 0.95]), np.exp(np.linspace(-0.35, 0.35, 29))
_SPIKES_PER_BURST = [feature.name for feature in FEATURES].index("spikes_per_burst")
#: A train bursts if it has more spikes a burst, on average.
_MOST_TONIC = 1.5


def is_bursting(features) -> np.ndarray:
    """(n,) bool, which of the two factors holds for features (n, n_features)."""
    return np.asarray(features)[:, _SPIKES_PER_BURST] > _MOST_TONIC


def fit_factors(mixture: Mixture, dics) -> np.ndarray:
    """Factors (3,) with which central intervals hold the DICs of n cells (n, 3) as often as they should.

    The sum of squares of the differences between coverage and level is least.
    """
    misses = []
    for factor in _FACTORS:
        off_middle = np.abs(mixture.rescaled(np.full((len(dics), 3), factor)).probability_below(dics) - 0.5)
        coverage = (off_middle[..., None] <= _LEVELS / 2).mean(axis=0)
        misses.append(((coverage - _LEVELS) ** 2).sum(axis=1))
    return _FACTORS[np.argmin(misses, axis=0)]
