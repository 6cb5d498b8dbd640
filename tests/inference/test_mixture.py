"""Distributions over DICs, against scipy and cases that can be computed by hand."""

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit, logit
from scipy.stats import norm

from elephant_dic.inference import DICEstimate, Scaling
from elephant_dic.inference.mixture import Mixture

LOW, HIGH = np.array([-np.inf, -20.0, 0.0]), np.array([np.inf, 20.0, 30.0])
SCALING = Scaling(LOW, HIGH, np.array([-6.0, 0.1, 0.2]), np.array([2.0, 1.5, 1.6]))
NO_SCALING = Scaling(np.full(3, -np.inf), np.full(3, np.inf), np.zeros(3), np.ones(3))
FACTOR = np.array([[0.3, 0, 0], [0.6, 0.8, 0], [2.0, -1.0, 2.0]])  # of standard deviations 0.3, 1 and 3


def one(mean=(1.0, -1.0, 0.5), factor=FACTOR, scaling=NO_SCALING):
    return Mixture(np.ones(1), np.array([mean], dtype=float), np.array([factor]), scaling)


def two(scaling=NO_SCALING):
    """A quarter about (0, 4, -8), three quarters about (4, 4, 8)."""
    means = np.array([[0.0, 4, -8], [4.0, 4, 8]])
    return Mixture(np.array([0.25, 0.75]), means, np.array([np.eye(3), 2 * FACTOR]), scaling)


# Scaling


def test_scaling_by_hand():
    assert SCALING.bounded.tolist() == [False, True, True]
    dics = np.array([-5.0, -15.0, 24.0])
    expected = [(-5 + 6) / 2, (logit(1 / 8) - 0.1) / 1.5, (logit(0.8) - 0.2) / 1.6]
    assert SCALING.forward(dics) == pytest.approx(expected)
    assert SCALING.backward(expected) == pytest.approx(dics)
    assert dics.tolist() == [-5, -15, 24]  # what is given is left alone


def test_dics_at_and_beyond_their_bounds_are_finite():
    far = SCALING.forward(np.array([[0, 20.0, 0.0], [0, 99.0, -9.0]]))
    ends = [(logit(1 - 1e-6) - 0.1) / 1.5, (logit(1e-6) - 0.2) / 1.6]
    assert far[:, 1:] == pytest.approx(np.array([ends, ends]))
    assert SCALING.backward(np.array([0.0, 99.0, -99.0])) == pytest.approx([-6, 20, 0])


# One Gaussian


def test_one_gaussian_is_that_of_scipy():
    mixture, means, stds = one(), np.array([1.0, -1.0, 0.5]), np.array([0.3, 1.0, 3.0])
    mean, std = mixture.moments()
    assert mean == pytest.approx(means)
    assert std == pytest.approx(stds)
    at = np.array([0.8, 0.0, 7.0])
    assert mixture.probability_below(at) == pytest.approx(norm.cdf(at, means, stds), rel=1e-12)
    for level in (0.1, 0.68, 0.95):
        low, high = norm.interval(level, means, stds)
        assert mixture.interval(level) == pytest.approx(np.column_stack([low, high]), rel=1e-9)


def integrated(function, center, spread):
    density = norm(center, spread).pdf
    return quad(lambda x: function(x) * density(x), center - 12 * spread, center + 12 * spread)[0]


@pytest.mark.parametrize("dic", [1, 2])
def test_one_gaussian_between_bounds(dic):
    mixture = one(factor=FACTOR / 3, scaling=SCALING)
    mean, std = mixture.moments()
    center = SCALING.center[dic] + SCALING.scale[dic] * mixture.means[0, dic]
    spread = SCALING.scale[dic] * [0.1, 1 / 3, 1.0][dic]

    def value(x):
        return LOW[dic] + (HIGH[dic] - LOW[dic]) * expit(x)

    exact = integrated(value, center, spread)
    square = integrated(lambda x: (value(x) - exact) ** 2, center, spread)
    assert mean[dic] == pytest.approx(exact, rel=1e-5)
    assert std[dic] == pytest.approx(np.sqrt(square), rel=1e-3)
    quantiles = value(norm.ppf([0.16, 0.84], center, spread))
    assert mixture.interval(0.68)[dic] == pytest.approx(quantiles, rel=1e-6)


def test_samples_have_the_covariance_of_the_factor():
    sample = one().sample(200_000, np.random.default_rng(0))
    assert sample.shape == (200_000, 3)
    assert sample.mean(axis=0) == pytest.approx([1.0, -1.0, 0.5], abs=0.02)
    assert np.cov(sample.T) == pytest.approx(FACTOR @ FACTOR.T, abs=0.05)
    bounded = one(scaling=SCALING).sample(200_000, np.random.default_rng(0))
    assert np.array_equal(bounded, SCALING.backward(sample))


def test_samples_are_the_factor_times_normal_numbers():
    rng = np.random.default_rng(4)
    rng.choice(1, size=6, p=[1.0])
    expected = np.array([1.0, -1.0, 0.5]) + rng.standard_normal((6, 3)) @ FACTOR.T
    assert one().sample(6, np.random.default_rng(4)) == pytest.approx(expected)


# Two


def test_moments_of_two_components_by_hand():
    mean, std = two().moments()
    assert mean == pytest.approx([3, 4, 4])
    # the variances within, and those between: 0.25 * 0.75 * difference ** 2
    within = 0.25 + 0.75 * 4 * np.array([0.09, 1, 9])
    assert std**2 == pytest.approx(within + 0.1875 * np.array([16, 0, 256]))


def test_probability_and_interval_of_two_components():
    at = np.array([1.0, 3.0, 0.0])
    first, second = norm.cdf(at, [0, 4, -8], 1), norm.cdf(at, [4, 4, 8], [0.6, 2, 6])
    assert two().probability_below(at) == pytest.approx(0.25 * first + 0.75 * second, rel=1e-12)
    apart = Mixture(np.full(2, 0.5), np.array([[-90.0] * 3, [90.0] * 3]), np.array([FACTOR] * 2), NO_SCALING)
    # half of each component lies outside: the ends are their means
    assert apart.interval(0.5) == pytest.approx(np.tile([-90.0, 90.0], (3, 1)), abs=1e-6)
    low, high = two().interval(0.8).T
    assert two().probability_below(low) == pytest.approx([0.1] * 3, abs=1e-9)
    assert two().probability_below(high) == pytest.approx([0.9] * 3, abs=1e-9)


def test_samples_are_of_the_components_by_their_weights():
    points = Mixture(two().weights, two().means, np.zeros((2, 3, 3)), NO_SCALING)
    sample = points.sample(10_000, np.random.default_rng(1))
    assert sorted(set(map(tuple, sample.tolist()))) == [(0, 4, -8), (4, 4, 8)]
    assert (sample[:, 0] == 4).mean() == pytest.approx(0.75, abs=0.015)


@pytest.mark.parametrize("level", [0, 1, 1.5, -0.1])
def test_interval_refuses_what_is_no_probability(level):
    with pytest.raises(ValueError, match=f"level must be a probability between 0 and 1, got {level}"):
        one().interval(level)


# Many cells, pooled, rescaled


def test_many_cells_are_as_each_alone():
    cells = [two(SCALING), Mixture(np.array([0.5, 0.5]), two().means[::-1] / 4, two().factors, SCALING)]
    many = Mixture(*(np.stack([getattr(cell, name) for cell in cells])
                     for name in ("weights", "means", "factors")), SCALING)  # fmt: skip
    at = np.array([[-5.0, 3, 4], [-4.0, 9, 2]])
    factors = np.array([[0.5, 1, 2], [3.0, 2, 1]])
    for i, cell in enumerate(cells):
        assert many[i] == cell
        assert np.array_equal([part[i] for part in many.moments()], cell.moments())
        assert np.array_equal(many.probability_below(at)[i], cell.probability_below(at[i]))
        assert many.rescaled(factors)[i] == cell.rescaled(factors[i])
    assert many[np.array([False, True])][0] == cells[1]


@pytest.mark.parametrize("n", [0, 64, 200])
def test_moments_of_any_number_of_cells_are_those_of_each(n):
    shifts = np.linspace(-1, 1, n)[:, None, None]
    many = Mixture(
        np.repeat(two().weights[None], n, axis=0),
        two().means + shifts,
        np.repeat(two().factors[None], n, axis=0),
        SCALING,
    )
    mean, std = many.moments()
    assert mean.shape == std.shape == (n, 3)
    for i in range(n):
        assert np.array_equal([mean[i], std[i]], many[i].moments())


def test_a_mixture_is_rescaled_about_its_mean():
    factors = np.array([0.5, 1.0, 2.0])
    found = two(SCALING).rescaled(factors)
    assert found.means == pytest.approx(np.array([[1.5, 4, -20], [3.5, 4, 12]]))  # about (3, 4, 4)
    assert found.weights.tolist() == [0.25, 0.75]
    assert found.scaling == SCALING
    covariance = found.factors[1] @ found.factors[1].T
    assert covariance == pytest.approx(4 * FACTOR @ FACTOR.T * np.outer(factors, factors))


def test_each_of_pooled_mixtures_contributes_as_much():
    pooled = Mixture.pooled([one(), two(), one((9.0, 9, 9))])
    assert pooled.weights == pytest.approx([1 / 3, 0.25 / 3, 0.25, 1 / 3])
    assert pooled.means[:, 0].tolist() == [1, 0, 4, 9]
    at = np.array([2.0, 0.0, 1.0])
    each = [m.probability_below(at) for m in (one(), two(), one((9.0, 9, 9)))]
    assert pooled.probability_below(at) == pytest.approx(np.mean(each, axis=0))
    assert pooled.scaling is one().scaling


# Estimates of them


def estimate(**changes):
    mixture = two(SCALING)
    mean, std = mixture.moments()
    fields = {
        "mean": mean, "std": std, "names": ("g_f", "g_s", "g_u"), "in_domain": True, "domain_score": 0.5,
        "warnings": (), "_mixture": mixture, "_neuron": "stg", "_weights_sha256": "0" * 64,
    }  # fmt: skip
    return DICEstimate(**fields | changes)


def test_an_estimate_is_its_mixture():
    found, mixture = estimate(), two(SCALING)
    assert np.array_equal(found.sample(20, seed=3), mixture.sample(20, np.random.default_rng(3)))
    assert not np.array_equal(found.sample(20, seed=3), found.sample(20, seed=4))
    assert np.array_equal(found.sample(5, np.random.default_rng(3)), found.sample(5, seed=3))
    assert np.array_equal(found.interval(0.8), mixture.interval(0.8))
    assert np.array_equal(found.probability_below([-5, 1, 2]), mixture.probability_below([-5, 1, 2]))
    assert "Mixture" not in repr(found)


def test_estimates_of_equal_numbers_are_equal():
    assert estimate() == estimate()
    assert hash(estimate()) == hash(estimate())
    assert len({estimate(), estimate(), estimate(domain_score=0.6)}) == 2
    assert {estimate(): "found"}[estimate()] == "found"
    assert estimate() != "estimate"
    assert one() != two()


@pytest.mark.parametrize(
    "changes",
    [
        {"mean": np.zeros(3)},
        {"std": np.ones(3)},
        {"in_domain": False},
        {"domain_score": 0.5000000001},
        {"warnings": ("a reason",)},
        {"_mixture": two(NO_SCALING)},
        {"_mixture": Mixture(two().weights[::-1], two().means, two().factors, SCALING)},
        {"_mixture": Mixture(two().weights, two().means + 1e-15, two().factors, SCALING)},
        {"_mixture": Mixture(two().weights, np.maximum(two().means, 1e-300), two().factors, SCALING)},
        {"_mixture": Mixture(two().weights, two().means, two().factors[::-1], SCALING)},
        {"_neuron": "da"},
        {"_weights_sha256": "1" * 64},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_estimates_of_which_anything_differs_are_not_equal(changes):
    assert estimate(**changes) != estimate()


@pytest.mark.parametrize("value", [estimate(), two(), SCALING], ids=lambda value: type(value).__name__)
def test_what_is_compared_cannot_be_changed(value):
    with pytest.raises(FrozenInstanceError):
        value.mean = value.weights = value.low = np.zeros(3)


def test_zeros_and_missing_bounds_compare_by_value():
    none = np.array([np.nan, np.nan, np.nan])  # a bound that is missing in JSON
    parts = np.zeros(3), np.ones(3)
    assert Scaling(none, none, *parts) == Scaling(none.copy(), none, *parts)
    assert Scaling(none, none, *parts) == Scaling(none, none, -parts[0], parts[1])
    assert hash(Scaling(none, none, *parts)) == hash(Scaling(none, none, -parts[0], parts[1]))
    assert Scaling(none, none, *parts) != Scaling(LOW, none, *parts)
    assert one(scaling=SCALING)[None] != one(scaling=SCALING)  # many cells, of which there is one


def test_a_name_and_a_source_are_no_part_of_what_is_inferred():
    named = estimate(name="A", source="a.nwb")
    assert named == estimate()
    assert hash(named) == hash(estimate())
    assert (named.name, named.source, estimate().name) == ("A", "a.nwb", "")
    assert named != estimate(in_domain=False)
    assert (named == 3) is False


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda e: e.sample(-1), ValueError, "^n must be from 0 to 100,000,000, got -1$"),
        (lambda e: e.sample(1.5), TypeError, "^n must be an int, got 1.5$"),
        (lambda e: e.sample(10**5000), ValueError, r"^n must be from .* got an int of 16,610 bits$"),
        (lambda e: e.sample(2, "x"), TypeError, "^seed must be an int, a numpy Generator or None, got 'x'$"),
        (lambda e: e.sample(2, -1), ValueError, "^seed must be .* got -1$"),
        (lambda e: e.interval("x"), TypeError, "^level must be a number without unit, got 'x'$"),
        (lambda e: e.interval(10**400), ValueError, r"^level must be finite, got 10{79}…$"),
        (lambda e: e.interval(1), ValueError, "^level must be a probability between 0 and 1, got 1"),
        (lambda e: e.interval(np.nan), ValueError, "^level must be a probability between 0 and 1, got nan"),
        (lambda e: e.probability_below("x"), ValueError, "^dics must be three numbers, of g_f, .* got 'x'$"),
        (lambda e: e.probability_below([1, 2]), ValueError, r"^dics must be three numbers, .* got \[1, 2\]$"),
        (lambda e: e.probability_below([1, 2, "x"]), ValueError, "^dics must be three numbers"),
        (lambda e: e.probability_below([1, 2, 10**400]), ValueError, "^g_u must be finite, got 10"),
    ],
)
def test_what_an_estimate_cannot_tell(call, error, message):
    with pytest.raises(error, match=message):
        call(estimate())


def test_no_draw_is_an_empty_table():
    assert estimate().sample(0, seed=1).shape == (0, 3)


def test_a_notebook_shows_a_table():
    text = estimate(name="<b>1", source="a&b.nwb", warnings=("x < y",), in_domain=False)._repr_html_()
    low, high = estimate().interval(0.68)[1]
    assert f"<tr><th>g_s</th><td>{estimate().mean[1]:.2f} ± {estimate().std[1]:.2f}</td>" in text
    assert f"<td>{low:.2f} to {high:.2f}</td>" in text
    assert "Effective DICs of &lt;b&gt;1 of a&amp;b.nwb, neuron stg" in text
    assert "<li>x &lt; y</li>" in text
    assert "outside of what the network was trained on" in text
    assert "<ul>" not in estimate()._repr_html_()
