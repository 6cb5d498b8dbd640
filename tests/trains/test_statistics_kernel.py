"""Statistics of the kernels, by hand and against numpy."""

import numpy as np
import pytest

from elephant_dic.trains.statistics_kernel import (
    logarithms_of,
    mean_of,
    median_of,
    quantile,
    sd_of,
    sort,
    sorted_of,
    sum_of,
)

RNG = np.random.default_rng(0)
VALUES = {
    "one": np.array([3.0]),
    "two": np.array([3.0, 1.0]),
    "alike": np.full(9, 2.5),
    "many alike": np.repeat([2.0, 1.0, 3.0], 7),
    "in order": np.arange(20.0),
    "backwards": np.arange(33.0)[::-1].copy(),
    "few": RNG.standard_normal(10),
    "odd": RNG.exponential(1.0, 501),
    "even": RNG.exponential(1.0, 500),
    "rounded": RNG.exponential(5.0, 2000).round(),
    "a long recording": RNG.exponential(1.0, 100_000),
}


@pytest.fixture(params=VALUES)
def values(request):
    return VALUES[request.param]


def test_values_are_put_in_order(values):
    given, sorted_in_place = values.copy(), values.copy()
    assert np.array_equal(sorted_of(values), np.sort(values))
    sort(sorted_in_place)
    assert np.array_equal(sorted_in_place, np.sort(values))
    assert np.array_equal(values, given)


def test_the_median_is_that_of_numpy_to_the_last_bit(values):
    given = values.copy()
    assert median_of(values) == np.median(values)
    assert np.array_equal(values, given)


def test_a_part_of_an_array_is_put_in_order():
    values = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    sort(values[1:4])
    assert values.tolist() == [5, 2, 3, 4, 1]


def test_mean_and_deviation_are_those_of_numpy(values):
    assert sum_of(values) == pytest.approx(values.sum(), rel=1e-12)
    assert mean_of(values) == pytest.approx(values.mean(), rel=1e-12)
    assert sd_of(values) == pytest.approx(values.std(), rel=1e-12, abs=1e-15)


def test_by_hand():
    values = np.array([1.0, 2.0, 6.0, 3.0])
    assert (sum_of(values), mean_of(values), median_of(values)) == (12, 3, 2.5)
    assert sd_of(values) == pytest.approx(np.sqrt((4 + 1 + 9 + 0) / 4))
    assert logarithms_of(np.exp(values)) == pytest.approx(values)


def test_of_nothing():
    nothing = np.empty(0)
    assert sum_of(nothing) == 0
    assert np.isnan([median_of(nothing), mean_of(nothing), sd_of(nothing)]).all()
    assert len(sorted_of(nothing)) == len(logarithms_of(nothing)) == 0


@pytest.mark.parametrize("q", [0.0, 0.05, 0.25, 0.5, 0.9, 1.0])
def test_quantiles_are_those_of_numpy(values, q):
    assert quantile(np.sort(values), q) == pytest.approx(np.quantile(values, q), rel=1e-12, abs=1e-15)
