"""Shares of spikes that are other cells' or are there twice: by hand and against known ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.units import train

from elephant_dic import assess_quality
from elephant_dic.trains import quality as quality_module
from elephant_dic.trains.quality import _graded, contamination_of

REGULAR = 50 + 100.0 * np.arange(600)  # in a minute


# Known shares


def test_contamination_of_many_spikes_is_the_formula():
    n, duration, share = 50_000, 3_600_000.0, 0.1
    n_violations = round(n**2 * (2 * share - share**2) * 1.0 / duration)
    mean, low, high = contamination_of(n_violations, n, duration)
    assert mean == pytest.approx(share, abs=0.01)
    assert low < share < high
    assert high - low < 0.05


def test_contamination_without_violations_is_none_but_may_not_be_excluded():
    few, many = contamination_of(0, 50, 5000.0), contamination_of(0, 20_000, 600_000.0)
    assert few[0] == many[0] == 0
    assert few[2] == pytest.approx(1 - 0.05 ** (1 / 19), abs=0.05)  # as before anything was counted
    assert many[2] < 0.01


def test_one_violation_of_a_short_train_does_not_condemn_it():
    assert contamination_of(1, 100, 10_000.0)[0] < 0.15


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 1000), st.integers(0, 20_000), st.floats(0, 1e7))
def test_contamination_is_a_share(n_violations, n, duration):
    mean, low, high = contamination_of(n_violations, max(n, n_violations + 1), duration)
    assert 0 <= low <= high <= 1
    assert 0 <= mean <= 1


# By hand


def contamination_by_its_density(n_violations, n, duration):
    """Mean and quantiles of the density of a share c: a prior, times a Poisson probability."""
    grid = np.linspace(0, 1, 200_001)[1:-1]
    expected = n**2 * (2 * grid - grid**2) * 1.0 / duration
    density = np.exp(
        18 * np.log(1 - grid) + n_violations * np.log(expected) - expected - density_shift(n_violations)
    )
    below = np.cumsum(density) / density.sum()
    return (density * grid).sum() / density.sum(), *np.interp((0.05, 0.95), below, grid)


def density_shift(n_violations):
    return n_violations * np.log(max(n_violations, 1)) - n_violations


@pytest.mark.parametrize(
    ("n_violations", "n", "duration"),
    [(1, 100, 10_000.0), (3, 500, 60_000.0), (40, 2000, 100_000.0), (400, 4000, 100_000.0), (7, 50, 700.0)],
)
def test_contamination_by_its_density(n_violations, n, duration):
    found = contamination_of(n_violations, n, duration)
    assert found == pytest.approx(contamination_by_its_density(n_violations, n, duration), abs=5e-4)


def test_contamination_that_is_not_seen():
    mean, *limits = contamination_of(0, 500, 60_000.0)
    assert mean == 0
    assert limits == pytest.approx(contamination_by_its_density(0, 500, 60_000.0)[1:], abs=5e-4)
    assert contamination_of(0, 0, 0.0)[1:] == pytest.approx(
        [1 - 0.95 ** (1 / 19), 1 - 0.05 ** (1 / 19)], abs=5e-4
    )


def test_the_limits_of_intervals():
    """Of 0.5 ms on they are violations, of 1.5 ms on a cell's own; all exact in binary."""
    times = 64.0 * np.arange(100)
    quality = assess_quality(train(np.sort([*times, 64.25, 128.5, 193, 257.5]), 6400))
    assert (quality.n_spikes, quality.n_doublets, quality.n_violations) == (104, 1, 2)
    found = (quality.contamination, *quality.contamination_limits)
    assert found == contamination_of(2, 104, 6400.0)


def with_doublets(n, times=REGULAR, after=0.25):
    return train(np.sort(np.append(times, times[5 : 5 + n] + after)), 60_000)


@pytest.mark.parametrize(
    ("n", "verdict", "reasons"),
    [
        (0, "good", ()),
        (1, "doubtful", ("0.166 % of the spikes are detected twice",)),
        (31, "doubtful", ("4.91 % of the spikes are detected twice",)),
        (32, "bad", ("5.06 % of the spikes are detected twice",)),
    ],
)
def test_doublets_by_their_share(n, verdict, reasons):
    quality = assess_quality(with_doublets(n))
    assert (quality.verdict, quality.reasons) == (verdict, reasons)


def test_a_thousandth_of_doublets_is_no_reason():
    times = 50 + 60.0 * np.arange(999)
    assert assess_quality(with_doublets(1, times)).reasons == ()  # of 1000 spikes
    assert assess_quality(with_doublets(1, times[1:])).verdict == "doubtful"


def test_doublets_are_those_beyond_what_chance_makes():
    """Of n violations, n / 2 below 0.5 ms are expected, and three times the root of that more."""
    for n_doublets, twice in ((16, False), (17, True)):  # 8 + 3 * sqrt(8) = 16.5
        more = [REGULAR[5 : 5 + n_doublets] + 0.25, REGULAR[100:116] + 1.0]
        reasons = assess_quality(train(np.sort(np.concatenate([REGULAR, *more])), 60_000)).reasons
        shares = [reason for reason in reasons if "twice" in reason]
        assert shares == (["1.42 % of the spikes are detected twice"] if twice else [])  # 9 of 633


def test_contamination_by_its_share():
    """Violations of 1 ms among 600 spikes in a minute: 600**2 * (2 c - c**2) / 60000 on average."""
    verdicts = {}
    for n in (0, 1, 4, 8):
        quality = assess_quality(with_doublets(n, after=1.0))
        share = contamination_of(n, 600 + n, 60_000.0)[0]
        assert quality.contamination == share
        expected = f"{100 * share:.3g} % contamination ({n} intervals below 1.5 ms)"
        assert quality.reasons == ((expected,) if share > 0.05 else ())
        verdicts[n] = quality.verdict
        assert quality.verdict == ("good", "doubtful", "bad")[(share > 0.05) + (share > 0.2)]
    assert set(verdicts.values()) == {"good", "doubtful", "bad"}


def test_limits_themselves_are_no_reason():
    assert _graded(0.05, (0.05, 0.2), "of it") is None
    assert _graded(0.2, (0.05, 0.2), "of it") == (1, "20 % of it")
    assert _graded(0.201, (0.05, 0.2), "of it") == (2, "20.1 % of it")
    assert _graded(np.nan, (0.05, 0.2), "of it") is None


def test_what_is_doubtful_and_what_is_bad():
    assert (quality_module.CONTAMINATION, quality_module.MISSING) == ((0.05, 0.2), (0.1, 0.3))
    assert quality_module.DOUBLETS == (0.001, 0.05)
