"""The statistics of groups, against what can be computed by hand and by other means."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from elephant_dic.changes.group_models import (
    Contrast,
    NestedModel,
    RobustMeans,
    fit_variances,
    holm,
    nested_factors,
)

SECOND_AGAINST_FIRST = np.array([-1.0, 1.0])


def model_of(values, condition, animal, cell=None, stds=0.0):
    condition, animal = np.asarray(condition), np.asarray(animal)
    cell = np.arange(len(animal)) if cell is None else np.asarray(cell)
    return NestedModel(
        np.asarray(values, dtype=float),
        np.broadcast_to(np.square(stds), animal.shape).astype(float),
        np.eye(condition.max() + 1)[condition],
        list(nested_factors(condition, animal, cell).values()),
        animal,
    )


def difference(model):
    means = RobustMeans(model, fit_variances(model, for_weights=True))
    return means.contrast(SECOND_AGAINST_FIRST)


def dense(model, variances):
    """Covariance of all recordings, as the model is declared."""
    groups = [factor[:, None] == factor for factor in model.factors]
    return np.diag(model.variances) + sum(v * group for v, group in zip(variances, groups, strict=True))


def nested(rng, n_animals=8, paired=False):
    """Animals with 1 to 4 cells in each of two conditions, some cells with two recordings."""
    rows = [
        (condition, animal if paired else 2 * animal + condition, 10 * animal + cell)
        for condition in (0, 1)
        for animal in range(n_animals // 2)
        for cell in range(1 + (animal + condition) % 4)
        for _ in range(1 + cell % 2)
    ]
    condition, animal, cell = np.array(rows).T
    cell = np.unique(np.stack([animal, cell]), axis=1, return_inverse=True)[1].ravel()
    values = rng.normal(0, 2, 99)[animal] + rng.normal(0, 1, 999)[cell] + rng.normal(0, 0.5, len(rows))
    return model_of(values, condition, animal, cell, rng.uniform(0.1, 1, len(rows)))


# What recordings share


def test_what_is_the_same_grouping_is_there_once():
    """Two animals a condition; of the first, two cells, one of them recorded twice."""
    condition, animal = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 1, 2, 3])
    assert list(nested_factors(condition, animal, np.array([0, 0, 1, 2, 3, 4]))) == [
        "animals", "cells", "recordings"
    ]  # fmt: skip
    assert list(nested_factors(condition, animal, np.arange(6))) == ["animals", "cells"]
    assert list(nested_factors(condition, animal, np.array([0, 0, 70, 50, 90, 80]))) == [
        "animals", "cells", "recordings"
    ]  # fmt: skip
    assert list(nested_factors(np.array([0, 0, 1]), np.arange(3), np.arange(3))) == ["animals"]


def test_animals_in_both_conditions_share_more_than_those_in_one():
    condition, animal = np.repeat([0, 1], 4), np.tile([0, 0, 1, 1], 2)
    same_cells, other_cells = np.tile(np.arange(4), 2), np.arange(8)
    assert list(nested_factors(condition, animal, same_cells)) == [
        "animals", "animals by condition", "cells", "cells by condition"
    ]  # fmt: skip
    assert list(nested_factors(condition, animal, other_cells)) == [
        "animals", "animals by condition", "cells"
    ]  # fmt: skip


def test_the_last_factor_tells_all_recordings_apart():
    """Also where some animals have the same cell in both conditions, and others have another."""
    condition, animal, cell = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]), np.array([0, 0, 1, 2])
    *_, last = nested_factors(condition, animal, cell).values()
    assert sorted(last) == [0, 1, 2, 3]


# Differences that are known


@pytest.mark.parametrize("n_cells", [1, 4])
def test_animals_alike_in_size_and_certainty_give_a_t_test_of_their_means(n_cells):
    rng = np.random.default_rng(1)
    animal = np.arange(10).repeat(n_cells)
    condition = animal // 5
    values = rng.normal(0, 1, 10)[animal] + rng.normal(0, 1, len(animal)) + condition
    means = values.reshape(10, n_cells).mean(axis=1)
    expected = stats.ttest_ind(means[5:], means[:5])
    found = difference(model_of(values, condition, animal, stds=0.3))
    assert found.value == pytest.approx(means[5:].mean() - means[:5].mean())
    assert found.degrees_of_freedom == pytest.approx(8)
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)
    assert found.interval(0.95) == pytest.approx(tuple(expected.confidence_interval()))


def test_unequal_numbers_of_animals_give_welchs_standard_error():
    values = np.array([1.0, 2, 6, 3, 4, 4, 5, 9, 10])
    condition = np.array([0, 0, 0, 1, 1, 1, 1, 1, 1])
    found = difference(model_of(values, condition, np.arange(9)))
    welch = stats.ttest_ind(values[3:], values[:3], equal_var=False)
    assert found.statistic == pytest.approx(welch.statistic)
    # were the variances equal: (1/3 + 1/6)**2 / ((1/3)**2 / 2 + (1/6)**2 / 5)
    assert found.degrees_of_freedom == pytest.approx(0.25 / (1 / 18 + 1 / 180))


@pytest.mark.parametrize("same_cells", [True, False])
def test_the_same_animals_in_both_conditions_give_a_paired_t_test(same_cells):
    rng = np.random.default_rng(2)
    condition, animal = np.repeat([0, 1], 18), np.tile(np.arange(6).repeat(3), 2)
    cell = np.tile(np.arange(18), 2) if same_cells else np.arange(36)
    values = rng.normal(0, 5, 6)[animal] + rng.normal(0, 1, 36) + 0.5 * condition
    first, second = values.reshape(2, 6, 3).mean(axis=2)
    expected = stats.ttest_rel(second, first)
    found = difference(model_of(values, condition, animal, cell, stds=0.2))
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.degrees_of_freedom == pytest.approx(5)


def test_certain_animals_weigh_more():
    """One cell an animal: weights, standard error and degrees of freedom, written out for two means."""
    values, stds = np.array([0.0, 1, 5, 2, 3, 9]), np.array([0.1, 0.1, 3, 0.1, 0.1, 3])
    model = model_of(values, np.repeat([0, 1], 3), np.arange(6), stds=stds)
    (variance,) = fit_variances(model, for_weights=True)
    weights = (1 / (variance + stds**2)).reshape(2, 3)
    shares = weights / weights.sum(axis=1, keepdims=True)
    means = (shares * values.reshape(2, 3)).sum(axis=1)
    residuals = values.reshape(2, 3) - means[:, None]
    found = RobustMeans(model, np.array([variance])).contrast(SECOND_AGAINST_FIRST)
    assert found.value == pytest.approx(means[1] - means[0])
    assert found.value < 4.0  # without weights: 14/3 - 2
    error = np.sqrt((shares**2 * residuals**2 / (1 - shares)).sum())
    assert found.standard_error == pytest.approx(error)
    scores = np.zeros((6, 6))  # of the adjusted squares, by Satterthwaite
    for group in (0, 1):
        s, w = shares[group], weights[group]
        root = s / np.sqrt(1 - s)
        covariance = np.diag(1 / w) - 1 / w.sum()
        scores[3 * group : 3 * group + 3, 3 * group : 3 * group + 3] = root[:, None] * covariance * root
    assert found.degrees_of_freedom == pytest.approx(np.trace(scores) ** 2 / (scores**2).sum())
    assert found.degrees_of_freedom < 4


def test_means_are_those_of_generalised_least_squares():
    model = nested(np.random.default_rng(3))
    variances = np.array([1.5, 0.7, 0.2])
    precision = np.linalg.inv(dense(model, variances))
    expected = np.linalg.solve(
        model.design.T @ precision @ model.design, model.design.T @ precision @ model.values
    )
    np.testing.assert_allclose(RobustMeans(model, variances).means, expected)


def test_squared_standard_errors_are_right_on_average_where_the_variances_are():
    """The mean of the robust ones over errors with the covariance supposed is that of the estimate."""
    rng, model = np.random.default_rng(4), nested(np.random.default_rng(5))
    variances = np.array([1.0, 0.5, 0.3])
    covariance = dense(model, variances)
    root = np.linalg.cholesky(covariance)
    squares = []
    for _ in range(800):
        drawn = NestedModel(
            root @ rng.normal(size=len(root)), model.variances, model.design, model.factors, model.animals
        )
        squares.append(RobustMeans(drawn, variances).contrast(SECOND_AGAINST_FIRST).standard_error ** 2)
    spread = np.linalg.inv(model.design.T @ np.linalg.inv(covariance) @ model.design)
    expected = SECOND_AGAINST_FIRST @ spread @ SECOND_AGAINST_FIRST
    assert np.mean(squares) == pytest.approx(expected, rel=4 * np.std(squares) / np.mean(squares) / 800**0.5)


# Variances


def test_variances_are_those_of_a_mixed_model_where_no_errors_are_known():
    mixed = pytest.importorskip("statsmodels.regression.mixed_linear_model")
    rng = np.random.default_rng(6)
    animal = np.arange(12).repeat(rng.integers(2, 7, 12))
    condition = animal % 2
    values = rng.normal(0, 1.5, 12)[animal] + rng.normal(0, 1, len(animal))
    model = model_of(values, condition, animal)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = mixed.MixedLM(values, model.design, animal).fit()
    of_animals, of_cells = fit_variances(model, for_weights=False)
    assert of_animals == pytest.approx(float(expected.cov_re[0, 0]), rel=1e-3)
    assert of_cells == pytest.approx(expected.scale, rel=1e-3)


@pytest.mark.parametrize("paired", [False, True])
def test_the_fit_is_the_largest_restricted_likelihood(paired):
    """As computed from the whole covariance, no change of a variance raises it."""
    model = nested(np.random.default_rng(7), paired=paired)
    variances = fit_variances(model, for_weights=False)

    def likelihood(variances):
        covariance = dense(model, variances)
        precision = np.linalg.inv(covariance)
        information = model.design.T @ precision @ model.design
        residuals = model.values - model.design @ np.linalg.solve(
            information, model.design.T @ precision @ model.values
        )
        parts = np.linalg.slogdet(covariance)[1], np.linalg.slogdet(information)[1]
        return -(sum(parts) + residuals @ precision @ residuals) / 2

    best = likelihood(variances)
    for k in range(len(variances)):
        for factor in (0.5, 0.9, 1.1, 2.0):
            changed = variances.copy()
            changed[k] = max(factor * changed[k], 0.01 * (factor > 1))
            assert likelihood(changed) <= best + 1e-5


def test_known_errors_are_no_spread_of_cells():
    rng = np.random.default_rng(8)
    animal = np.arange(40).repeat(10)
    stds = rng.uniform(0.5, 2, len(animal))
    values = rng.normal(0, 1, 40)[animal] + rng.normal(0, 0.8, len(animal)) + rng.normal(0, stds)
    of_animals, of_cells = fit_variances(model_of(values, animal % 2, animal, stds=stds), for_weights=False)
    assert of_animals == pytest.approx(1.0, rel=0.4)
    assert of_cells == pytest.approx(0.64, rel=0.4)


def test_weights_never_suppose_that_animals_are_alike():
    """Their means are the same by chance: the likeliest variance is zero, the one for weights is not."""
    values = np.tile([-1.0, 0, 1], 4)
    model = model_of(values, np.repeat([0, 1], 6), np.arange(4).repeat(3))
    assert fit_variances(model, for_weights=False)[0] == 0
    assert fit_variances(model, for_weights=True)[0] > 0.05


@settings(max_examples=25)
@given(scale=st.floats(1e-6, 1e6), shift=st.floats(-100, 100))
def test_units_do_not_matter(scale, shift):
    model = nested(np.random.default_rng(9))
    changed = NestedModel(
        scale * (model.values + shift), scale**2 * model.variances, model.design, model.factors, model.animals
    )
    first, second = difference(model), difference(changed)
    assert second.value == pytest.approx(scale * first.value, rel=1e-3, abs=1e-6 * scale)
    assert second.statistic == pytest.approx(first.statistic, rel=1e-3, abs=1e-6)
    assert second.degrees_of_freedom == pytest.approx(first.degrees_of_freedom, rel=1e-2)


# Probabilities


def test_a_contrast_without_spread_has_no_statistic():
    assert np.isnan(Contrast(1.0, 0.0, 3.0).statistic)
    assert np.isnan(Contrast(1.0, 0.0, 3.0).p)


def test_correction_of_holm_by_hand():
    """0.01 x 3, 0.03 x 2, and 0.04 which is no less than the one before it; NaN counts as no test."""
    found = holm(np.array([0.04, np.nan, 0.01, 0.03]))
    np.testing.assert_allclose(found, [0.06, np.nan, 0.03, 0.06])
    np.testing.assert_allclose(holm(np.array([0.6, 0.9])), [1.0, 1.0])


def test_correction_of_holm_is_that_of_another_package():
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    rng = np.random.default_rng(10)
    for n in range(1, 9):
        probabilities = rng.random(n).round(1) ** 3  # some are the same
        np.testing.assert_allclose(
            holm(probabilities), multitest.multipletests(probabilities, method="holm")[1]
        )
