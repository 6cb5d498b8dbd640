"""Width of the distributions: factors learned on cells kept from training."""

import numpy as np
import pytest
from scipy.stats import norm

from elephant_dic.inference import Scaling, fit_factors, is_bursting
from elephant_dic.inference.mixture import Mixture
from elephant_dic.trains import FEATURES

SCALING = Scaling(
    np.array([-np.inf, -20.0, 0.0]), np.array([np.inf, 20.0, 20.0]), np.array([-6.0, 0, 0]), np.full(3, 2.0)
)


def gaussians(n, std):
    """Mixtures of one component each, with the same mean and standard deviation in all DICs."""
    factors = np.broadcast_to(std * np.eye(3), (n, 1, 3, 3))
    return Mixture(np.ones((n, 1)), np.zeros((n, 1, 3)), factors, SCALING)


def evenly(n):
    """Numbers that have each quantile of a standard normal once."""
    return norm.ppf((np.arange(n) + 0.5) / n)[:, None]


def test_too_wide_and_too_narrow_distributions_get_the_right_width():
    dics = SCALING.backward(evenly(2000) * [1.0, 1.2, 0.8])
    assert fit_factors(gaussians(2000, 1.0), dics) == pytest.approx([1.0, 1.2, 0.8], rel=0.013)
    assert fit_factors(gaussians(2000, 0.5), dics) == pytest.approx([np.exp(0.35)] * 3)  # at most
    assert fit_factors(gaussians(2000, 4.0), dics) == pytest.approx([np.exp(-0.35)] * 3)  # at least


def test_factors_that_are_tried_are_29_about_1():
    grid = np.exp(np.linspace(-0.35, 0.35, 29))
    for k in (0, 9, 14, 28):
        found = fit_factors(gaussians(2000, 1.0), SCALING.backward(evenly(2000) * np.full(3, grid[k])))
        assert found == pytest.approx(np.full(3, grid[k]), rel=1e-12)


@pytest.mark.parametrize(
    "spreads",
    [(0.1, 1.0), (0.1, 1.0, 1.0), (0.5, 1.0, 2.0), (0.7, 0.7, 0.7, 3.0), (1.0, 1.0, 1.6), (0.01, 1.3)],
)
def test_five_levels_are_weighed_against_each_other(spreads):
    """Cells of several kinds, of which the distributions are too wide for some and too narrow for others."""
    values = np.concatenate([spread * evenly(2000) for spread in spreads]) * np.ones(3)
    levels, grid = np.array([0.5, 0.68, 0.8, 0.9, 0.95]), np.exp(np.linspace(-0.35, 0.35, 29))
    z = norm.ppf(0.5 + levels / 2) * grid[:, None, None] / np.array(spreads)[:, None]
    misses = (((2 * norm.cdf(z) - 1).mean(axis=1) - levels) ** 2).sum(axis=1)
    found = fit_factors(gaussians(len(values), 1.0), SCALING.backward(values))
    assert found == pytest.approx([grid[misses.argmin()]] * 3, rel=1e-12)


def test_a_train_bursts_with_more_than_one_and_a_half_spikes_a_burst():
    features = np.zeros((4, len(FEATURES)))
    names = [feature.name for feature in FEATURES]
    features[:, names.index("spikes_per_burst")] = [1.0, 1.5, 1.51, 9.0]
    assert is_bursting(features).tolist() == [False, False, True, True]
