"""Missing spikes by amplitudes: complete ones miss nothing, whatever their shape; cut ones what was cut."""

from statistics import NormalDist

import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from support.units import shrinking, train

from elephant_dic import assess_quality
from elephant_dic.trains import amplitudes as module
from elephant_dic.trains import amplitudes_of
from elephant_dic.trains.amplitudes import missing_share


def irregular(n, seed=0):
    """Spike times (ms) of a cell that bursts."""
    rng = np.random.default_rng(seed)
    isis = np.where(np.arange(n) % 6 == 5, 400.0, 12.0) * rng.lognormal(0, 0.1, n)
    return np.cumsum(isis)


def shuffled(distribution, n, cut=0.0, seed=0):
    """Quantiles of a distribution above one of them, in random order."""
    quantiles = distribution.ppf(cut + (1 - cut) * (np.arange(n) + 0.5) / n)
    return np.random.default_rng(seed).permutation(quantiles)


# Complete amplitudes

COMPLETE = {
    **{f"Gaussian {cv}": stats.norm(1, cv) for cv in (0.05, 0.1, 0.2)},
    **{f"lognormal {sigma}": stats.lognorm(sigma) for sigma in (0.1, 0.2, 0.3, 0.4)},
    **{f"gamma {shape}": stats.gamma(shape) for shape in (4, 10, 40)},
    "lognormal from 1": stats.lognorm(0.5, 1, 0.15),
    "heavy tails": stats.t(5, 1, 0.05),
    "skewed": stats.exponnorm(3, 1, 0.05),
}


@pytest.mark.parametrize("n", [200, 500, 5000])
@pytest.mark.parametrize("distribution", COMPLETE.values(), ids=COMPLETE)
def test_complete_amplitudes_miss_nothing(distribution, n):
    amplitudes = np.abs(distribution.rvs(n, random_state=n))
    assert missing_share(amplitudes, [irregular(n)]) == 0
    assert missing_share(shuffled(distribution, n), [irregular(n)]) == 0


@pytest.mark.parametrize("noise", [0.005, 0.03, 0.1])
@pytest.mark.parametrize("share", [0.05, 0.1, 0.15])
@pytest.mark.parametrize("n", [60, 300, 3000])
def test_spikes_that_shrink_within_bursts_tell_nothing(n, share, noise):
    times = irregular(n)
    amplitudes = shrinking(times, share, noise=noise)
    assert np.isnan(missing_share(amplitudes, [times]))
    kept = amplitudes > np.quantile(amplitudes, 0.2)
    assert np.isnan(missing_share(amplitudes[kept], [times[kept]]))  # not even that some are cut off


@pytest.mark.parametrize("noise", [0.01, 0.05, 0.1])
def test_drifting_amplitudes_tell_nothing(noise):
    n = 2000
    noise = np.random.default_rng(1).normal(0, noise, n)
    for drift in (np.linspace(1.3, 0.7, n), 1 + 0.2 * np.sin(np.linspace(0, 15, n))):
        assert np.isnan(missing_share(drift + noise, [irregular(n)]))


def test_amplitudes_that_recover_with_the_interval_tell_nothing():
    times = np.cumsum(np.random.default_rng(0).gamma(4, 25, 1000))
    assert np.isnan(missing_share(shrinking(times, 0.2), [times]))


def test_a_large_first_spike_tells_nothing():
    times = irregular(1200)
    first = np.diff(times, prepend=-np.inf) > 100
    amplitudes = np.random.default_rng(1).normal(np.where(first, 1.5, 1), 0.1)
    assert np.isnan(missing_share(amplitudes, [times]))


# Cut amplitudes


@pytest.mark.parametrize("cut", [0.05, 0.1, 0.2, 0.3, 0.4])
@pytest.mark.parametrize("variation", [0.1, 0.2])
def test_what_is_cut_off_a_gaussian_is_told(variation, cut):
    gaussian = stats.norm(70, 70 * variation)
    assert missing_share(shuffled(gaussian, 2000, cut), [irregular(2000)]) == pytest.approx(cut, abs=0.01)
    drawn = gaussian.rvs(5000, random_state=1)
    drawn = drawn[drawn > gaussian.ppf(cut)]
    assert missing_share(drawn, [irregular(len(drawn))]) == pytest.approx(cut, abs=0.05)


@pytest.mark.parametrize("cut", [0.1, 0.2, 0.3])
@pytest.mark.parametrize("sigma", [0.1, 0.2, 0.4])
def test_what_is_cut_off_a_skewed_distribution_is_told(sigma, cut):
    amplitudes = shuffled(stats.lognorm(sigma, 0, 70), 3000, cut)
    assert missing_share(amplitudes, [irregular(3000)]) == pytest.approx(cut, abs=0.02)


@pytest.mark.parametrize("sign", [1, -1])
def test_missing_spikes_of_amplitudes_that_are_cut_off(sign):
    sizes = shuffled(stats.norm(100, 15), 1000, 0.2)
    cell = train(irregular(1000), 1e6, array_annotations={"amplitude": sign * sizes * pq.uV})
    assert assess_quality(cell).missing == pytest.approx(0.2, abs=0.01)


def test_half_or_more_is_half():
    assert missing_share(shuffled(stats.norm(100, 15), 2000, 0.6), [irregular(2000)]) == 0.5
    assert missing_share(shuffled(stats.expon(100, 15), 300), [irregular(300)]) == 0.5


def test_a_sharp_edge_of_no_gaussian_is_not_known():
    times = [irregular(2000)]
    assert np.isnan(missing_share(shuffled(stats.uniform(0.7, 0.6), 2000), times))
    two_cells = np.concatenate([shuffled(stats.norm(mean, 0.1), 1000) for mean in (1, 1.8)])
    assert np.isnan(missing_share(np.random.default_rng(0).permutation(two_cells), times))


@settings(max_examples=30, deadline=None)
@given(st.floats(1e-4, 1e4), st.sampled_from([0.0, 0.1, 0.3]))
def test_the_unit_of_amplitudes_changes_nothing(factor, cut):
    amplitudes = shuffled(stats.norm(1, 0.15), 500, cut)
    times = [irregular(500)]
    assert missing_share(factor * amplitudes, times) == pytest.approx(
        missing_share(amplitudes, times), abs=0.005
    )


def test_the_order_of_sweeps_changes_nothing():
    times, amplitudes = irregular(900), shuffled(stats.norm(1, 0.15), 900, 0.2)
    sweeps, parts = np.split(times, [200, 500]), np.split(amplitudes, [200, 500])
    order = [2, 0, 1]
    turned = missing_share(np.concatenate([parts[i] for i in order]), [sweeps[i] for i in order])
    assert turned == missing_share(amplitudes, sweeps) == pytest.approx(0.2, abs=0.01)


# Too little to tell


def test_two_hundred_amplitudes_are_enough():
    amplitudes, times = shuffled(stats.norm(1, 0.15), 200, 0.3), irregular(200)
    assert missing_share(amplitudes, [times]) == pytest.approx(0.3, abs=0.03)
    assert np.isnan(missing_share(amplitudes[:199], [times[:199]]))
    assert np.isnan(missing_share(np.empty(0), []))


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.nan, np.inf])
def test_amplitudes_that_are_none(wrong):
    amplitudes = shuffled(stats.norm(1, 0.15), 500, 0.2)
    amplitudes[7] = wrong
    assert np.isnan(missing_share(amplitudes, [irregular(500)]))


def test_amplitudes_that_are_all_the_same():
    assert np.isnan(missing_share(np.ones(500), [irregular(500)]))


def test_sweeps_of_one_spike_tell_nothing():
    amplitudes = shuffled(stats.norm(1, 0.15), 500, 0.2)
    assert np.isnan(missing_share(amplitudes, [np.array([5.0])] * 500))


# What follows from the times


def test_amplitudes_that_follow_from_nothing_or_from_all():
    n = 600
    times, noise = irregular(n), np.random.default_rng(1).normal(1, 0.1, n)
    assert abs(module._told_by_times(noise, [times])) < 0.02
    assert module._told_by_times(times, [times]) == pytest.approx(1)
    assert module._told_by_times(-times, [times]) == pytest.approx(1)
    isis = np.diff(times, prepend=0)
    assert module._told_by_times(isis, [times]) == pytest.approx(1)
    position = (np.arange(n) + 1) % 6  # the interval before the sixth spike is the first long one
    position[:5] = np.arange(5)
    assert module._told_by_times(position, [times]) == pytest.approx(1)


def test_what_follows_is_a_share_of_the_variance():
    """Of a sum of two independent parts as large, one of which is the interval, half follows."""
    rng = np.random.default_rng(1)
    isis, other = rng.uniform(1, 2, (2, 20_000))
    assert module._told_by_times(isis + other, [np.cumsum(isis)]) == pytest.approx(0.5, abs=0.03)


def test_few_spikes_are_corrected_for():
    rng = np.random.default_rng(0)
    told = [module._told_by_times(rng.normal(size=12), [np.cumsum(rng.random(12))]) for _ in range(300)]
    assert np.mean(told) == pytest.approx(0, abs=0.05)
    assert module._told_by_times(np.arange(6), [np.arange(6.0)]) == 1


def test_the_amplitude_before_tells_within_a_sweep_only():
    rng = np.random.default_rng(0)
    pairs = np.repeat(rng.normal(1, 0.1, 300), 2)
    together = [np.array([10.0, 20 + rng.random()]) for _ in range(300)]
    assert module._told_by_times(pairs, together) == pytest.approx(1)
    apart = [np.array([5.0]), *[np.array([10.0, 20 + rng.random()]) for _ in range(299)], np.array([5.0])]
    assert abs(module._told_by_times(pairs, apart)) < 0.1


# The two distributions


@pytest.mark.parametrize("cut", [0.01, 0.2, 0.5, 0.8])
def test_the_cut_gaussian_is_the_most_likely_one(cut):
    gaussian = stats.norm(3, 2)
    values = np.sort(shuffled(gaussian, 4000, cut))
    likelihood, share, departure = module._cut_gaussian(values)
    assert share == pytest.approx(cut, abs=0.01)
    assert departure < 0.01
    true = (gaussian.logpdf(values) - np.log(1 - cut)).sum()
    assert -0.01 < likelihood - true < 2  # the smallest value is taken for the cut, which it is above


def test_the_departure_is_the_largest_difference_of_distributions():
    above = np.linspace(0, 1, 2000)
    _, share, departure = module._cut_gaussian(above + 7)
    grid = np.linspace(-3, 3, 601)
    fits = [stats.truncnorm(-d, np.inf, loc=0, scale=1) for d in grid]
    ratios = np.array([fit.var() / (fit.mean() + d) ** 2 for fit, d in zip(fits, grid, strict=True)])
    nearest = np.abs(ratios - above.var() / above.mean() ** 2).argmin()
    spread = above.mean() / (fits[nearest].mean() + grid[nearest])
    expected = np.abs(fits[nearest].cdf(above / spread - grid[nearest]) - above).max()
    assert departure == pytest.approx(expected, abs=0.002)
    assert share == pytest.approx(NormalDist().cdf(-grid[nearest]), abs=1e-6)


@pytest.mark.parametrize(
    ("distribution", "fit"),
    [
        (stats.norm(50, 5), stats.norm),
        (stats.lognorm(0.3, 0, 50), stats.lognorm),
        (stats.lognorm(0.3, 0, 0.02), stats.lognorm),
    ],
)
def test_the_complete_distribution_is_as_likely_as_the_true_one(distribution, fit):
    sizes = np.sort(shuffled(distribution, 3000))
    true = fit.logpdf(sizes, *distribution.args).sum()
    assert module._complete_likelihood(sizes) == pytest.approx(true, abs=1)


def test_a_power_makes_the_distribution_complete():
    sizes = np.sort(shuffled(stats.norm(10, 1), 3000)) ** (1 / 3)
    powered = stats.norm(10, 1).logpdf(sizes**3) + np.log(3 * sizes**2)
    assert module._complete_likelihood(sizes) == pytest.approx(powered.sum(), abs=1)


# Amplitudes of trains


@pytest.mark.parametrize(("cut", "verdict"), [(80, "good"), (88, "doubtful"), (95, "bad")])
def test_missing_spikes_by_their_share(cut, verdict):
    gaussian, times = stats.norm(100, 15), irregular(2000)
    amplitudes = shuffled(gaussian, 2000, gaussian.cdf(cut))
    quality = assess_quality(train(times, times[-1] + 1, array_annotations={"amplitude": amplitudes}))
    share = missing_share(amplitudes, [times])
    assert quality.missing == share == pytest.approx(gaussian.cdf(cut), abs=0.01)
    expected = (f"{100 * share:.3g} % of the spikes are missing (amplitudes cut off)",)
    assert (quality.verdict, quality.reasons) == (verdict, expected if share > 0.1 else ())


def test_spikes_that_shrink_within_bursts_are_no_reason():
    times = irregular(1500)
    plain = assess_quality(train(times, times[-1] + 1))
    sizes = {"amplitude": shrinking(times)}
    shrunk = assess_quality(train(times, times[-1] + 1, array_annotations=sizes))
    assert (shrunk.verdict, shrunk.reasons) == (plain.verdict, plain.reasons) == ("good", ())


def test_waveforms_of_a_train_are_used():
    sizes = shuffled(stats.norm(100, 15), 1000, 0.3)
    waveforms = sizes[:, None, None] * np.array([[0, -1, 0.5]]) * pq.uV
    quality = assess_quality(train(irregular(1000), 1e6, waveforms=waveforms))
    assert quality.missing == pytest.approx(0.3, abs=0.01)


def test_amplitudes_of_the_sweeps():
    """Sizes count, whatever the sign; sweeps without spikes need none, others do."""
    times, sizes = irregular(1000), shuffled(stats.norm(100, 15), 1000, 0.4)
    signs = np.where(np.arange(1000) % 2, 1, -1)

    def quality_of(*parts):
        group = neo.Group()
        for some, more in parts:
            group.spiketrains.append(train(some, 1e6, **more))
        return assess_quality(group).missing

    annotated = {"array_annotations": {"amplitude": (signs * sizes)[:400] * pq.uV}}
    waveforms = {"waveforms": -sizes[400:, None, None] * np.array([[0.1, 1, 0.5]]) * pq.uV}
    parts = (times[:400], annotated), (times[400:], waveforms)
    assert quality_of(*parts) == missing_share(sizes, np.split(times, [400])) > 0.3
    assert quality_of(*parts, ([], {})) == quality_of(*parts)
    assert np.isnan(quality_of(*parts, ([5.0], {})))


def test_amplitudes_are_those_at_the_extreme_of_the_mean_waveform():
    shape = np.array([[0.0, 1, 0, 0], [0, -5, 2, 0]])
    sizes = np.array([1.0, 2, 3])
    assert amplitudes_of(sizes[:, None, None] * shape) == pytest.approx(5 * sizes)


def test_waveforms_without_samples_have_no_size():
    assert amplitudes_of(np.empty((3, 2, 0))).tolist() == [0, 0, 0]
    assert amplitudes_of(np.array([[[1.0, 5]], [[1, -2]]])).tolist() == [5, -2]
    assert amplitudes_of(np.array([[[1.0, -5]], [[1, 2]]]) * pq.mV).tolist() == [5, -2]
