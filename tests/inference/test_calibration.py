"""Width of the distributions: factors learned on cells kept from training."""

import numpy as np
import pytest

from elephant_dic.inference import fit_factors
from elephant_dic.inference.calibration import rescaled


def gaussians(n, std):
    """Mixtures of one component each, with the same mean and standard deviation in all DICs."""
    return np.ones((n, 1)), np.zeros((n, 1, 3)), np.broadcast_to(std * np.eye(3), (n, 1, 3, 3))


def test_too_wide_and_too_narrow_distributions_get_the_right_width():
    targets = np.random.default_rng(0).standard_normal((20_000, 3)) * [1.0, 1.2, 0.8]
    assert fit_factors(gaussians(20_000, 1.0), targets) == pytest.approx([1.0, 1.2, 0.8], rel=0.03)


def test_a_mixture_is_rescaled_about_its_mean():
    weights, means = np.array([[0.25, 0.75]]), np.array([[[0.0, 0, 0], [4.0, 4, 4]]])
    cholesky = np.tril(np.ones((1, 2, 3, 3)))
    _, moved, factors = rescaled((weights, means, cholesky), np.array([[0.5, 1.0, 2.0]]))
    assert moved[0, 0] == pytest.approx([1.5, 0.0, -3.0])
    assert np.einsum("k,kd->d", weights[0], moved[0]) == pytest.approx([3.0, 3.0, 3.0])
    covariance = factors[0, 0] @ factors[0, 0].T
    exact = cholesky[0, 0] @ cholesky[0, 0].T * np.outer([0.5, 1, 2], [0.5, 1, 2])
    assert covariance == pytest.approx(exact)
