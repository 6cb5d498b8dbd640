"""The noise that is put on spike times before features are taken: its size, whose it is, what it hides."""

import neo
import numpy as np
import pytest

from elephant_dic import extract_features, get_neuron
from elephant_dic.trains import FEATURES, feature_table, network_scale
from elephant_dic.trains.bursts import joined
from elephant_dic.trains.feature_kernel import dithered
from elephant_dic.trains.features import DITHER, describe, feature_vector

STG, DA = get_neuron("stg"), get_neuron("da")
NAMES = [feature.name for feature in FEATURES]
REGULAR = 10 + 40.0 * np.arange(26)
#: 5 bursts of spikes at 0, 8, 18, 30 ms, every 125 ms.
BURSTS = (np.array([0, 8, 18, 30]) + 125.0 * np.arange(5)[:, None]).ravel()


def features(*sweeps):
    """Of one window, without dither."""
    (row,) = describe(*joined(sweeps), [len(sweeps)])
    return dict(zip(NAMES, row.tolist(), strict=True))


def noisy_features(*sweeps, neuron=STG):
    return dict(zip(NAMES, feature_vector(neuron, list(sweeps)).tolist(), strict=True))


def noise_of(times):
    return dithered(*joined([times]), DITHER) - times


def test_dither_is_of_its_size():
    times = np.cumsum(np.random.default_rng(0).uniform(30, 90, 20_000))
    noise = noise_of(times)
    assert noise.std() == pytest.approx(DITHER, rel=0.03)
    assert noise.mean() == pytest.approx(0, abs=0.005)
    assert np.mean(np.abs(noise) < DITHER) == pytest.approx(0.683, abs=0.02)  # Gaussian
    assert np.mean(np.abs(noise) < 2 * DITHER) == pytest.approx(0.954, abs=0.01)
    assert np.abs(noise).max() < 6 * DITHER
    for lag in (1, 2, 3):
        assert np.corrcoef(noise[lag:], noise[:-lag])[0, 1] == pytest.approx(0, abs=0.03)
    for neuron in (STG, DA):
        sds = [noisy_features(7.0 + pace * np.arange(40), neuron=neuron)["isi_sd"] for pace in range(50, 90)]
        assert np.mean(sds) == pytest.approx(np.sqrt(2) * DITHER, rel=0.05)


def test_dither_of_trains_that_differ_has_nothing_in_common():
    times = 5 + 50.0 * np.arange(2000)
    later = times + 0.001 * (np.arange(2000) > 700)  # by a microsecond
    noises = [noise_of(each)[:1999] for each in (times, later, times[:-1], 1.02 * times)]
    correlations = np.corrcoef(noises) - np.eye(4)
    assert np.abs(correlations).max() < 0.1
    assert noise_of(times + 1e5) == pytest.approx(noise_of(times), abs=1e-9)  # the same intervals


def test_sweeps_have_noise_of_their_own():
    first, second = 50.0 * np.arange(30), 3 + 61.0 * np.arange(40)
    together = dithered(*joined([first, np.empty(0), second]), DITHER)
    assert np.array_equal(together, np.concatenate([first + noise_of(first), second + noise_of(second)]))


def test_spikes_are_in_order_after_dither():
    times = np.cumsum(np.random.default_rng(0).uniform(0.05, 3, 500))
    noisy = dithered(*joined([times]), DITHER)
    assert (np.diff(noisy) > 0).all()
    assert np.abs(noisy - times).max() < 6 * DITHER


#: Features of bursts that are taken of the times as they are.
OF_BURSTS = {
    "burst_rate", "burst_duration", "intra_burst_rate", "pause", "pause_mean", "period_mean",
    *(f"burst_{place}" for place in ("first", "second", "middle", "last")),
    *(f"burst_{place}_mean" for place in ("first", "second", "third", "penultimate", "last")),
}  # fmt: skip


def test_how_long_bursts_are_is_not_dithered():
    found = noisy_features(BURSTS)
    exact, noisy = features(BURSTS), features(dithered(*joined([BURSTS]), DITHER))
    assert {name: found[name] for name in OF_BURSTS} == {name: exact[name] for name in OF_BURSTS}
    rest = set(NAMES) - OF_BURSTS
    assert {name: found[name] for name in rest} == {name: noisy[name] for name in rest}
    assert all(noisy[name] != exact[name] for name in OF_BURSTS)
    assert (found["burst_duration"], found["burst_first"], found["pause"]) == (30, 8, 95)


def test_without_bursts_all_is_dithered():
    found, noisy = noisy_features(REGULAR), features(dithered(*joined([REGULAR]), DITHER))
    assert found == noisy
    assert found["burst_first"] != 40


def test_features_are_the_same_alone_and_among_others():
    regular, other = np.arange(100.0, 9000, 100), np.arange(50.0, 9000, 60)
    both = feature_table(DA, [[regular], [other], [regular, other]])
    for row, sweeps in zip(both, [[regular], [other], [regular, other]], strict=True):
        assert (row == feature_table(DA, [sweeps])[0]).all()


@pytest.mark.parametrize("kilohertz", [1, 10, 16, 20, 24.4140625, 25, 30, 32, 40, 44.1, 48, 100])
def test_the_noise_is_that_of_the_recording_however_it_is_given(kilohertz):
    """Sampled at a rate of recordings; in s or in ms, and wherever the recording begins."""
    samples = np.cumsum(np.random.default_rng(3).integers(20 * kilohertz, 90 * kilohertz, 200))
    expected = noisy_features(samples / kilohertz)
    for start in (0.1, 7.3, 1234.567, 86_400_000.7):
        assert noisy_features(samples / kilohertz + start) == pytest.approx(expected, rel=1e-4, abs=1e-6)
    in_seconds = extract_features(neo.SpikeTrain(samples / (1000 * kilohertz), units="s", t_stop=20))
    assert dict(zip(NAMES, in_seconds, strict=True)) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("step", "change"), [(0.001, 0), (0.01, 0), (0.05, 0.02), (0.1, 0.1), (0.2, 0.35)])
def test_the_sampling_of_a_tonic_train_hardly_shows(step, change):
    """Features change by a small share of what the dither varies them; without it many change by far more."""
    paces = 45 + 40 * np.random.default_rng(1).random(400)
    trains = [3 + pace * np.arange(2900 / pace) * (1 + 1e-6 * np.arange(2900 / pace)) for pace in paces]
    rounded = [np.round(times / step) * step for times in trains]

    def changes(tables):
        exact, found = map(network_scale, tables)
        varies = (found - exact).std(axis=0)
        return np.abs((found - exact).mean(axis=0)[varies > 1e-9] / varies[varies > 1e-9])

    noisy = changes([feature_table(STG, [[times] for times in some]) for some in (trains, rounded)])
    assert noisy.max() < change + 4 / np.sqrt(len(trains))
    bare = changes([describe(*joined(some), [1] * len(some)) for some in (trains, rounded)])
    assert bare.max() > 3
