"""Features of spike trains: by hand, against elephant, and how they change with the train."""

import elephant.statistics
import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from elephant_dic import extract_features, feature_names, get_neuron
from elephant_dic.trains import FEATURES, MOST_WINDOWS, feature_table, network_scale
from elephant_dic.trains.bursts import joined
from elephant_dic.trains.feature_kernel import dithered
from elephant_dic.trains.features import DITHER, describe, feature_vector
from elephant_dic.trains.windows import MIN_INTERVALS, cut_windows

STG, DA = get_neuron("stg"), get_neuron("da")
NAMES = [feature.name for feature in FEATURES]


def train(times, unit=pq.ms):
    times = np.asarray(times, dtype=float)
    return neo.SpikeTrain(times * unit, t_stop=(times[-1] + 1) * unit)


def spikes(isis, start=0.0):
    return start + np.concatenate([[0.0], np.cumsum(isis)])


def group(*sweeps):
    made = neo.Group()
    made.spiketrains.extend([train(times) for times in sweeps])
    return made


def features(*sweeps):
    """Of one window, without dither."""
    (row,) = describe(*joined(sweeps), [len(sweeps)])
    return dict(zip(NAMES, row.tolist(), strict=True))


def noisy_features(*sweeps, neuron=STG):
    return dict(zip(NAMES, feature_vector(neuron, list(sweeps)).tolist(), strict=True))


def irregular(seed, n=25):
    """Spike times in ms, on a grid of 1/1024 ms: shifts and scales by powers of two are exact."""
    isis = np.random.default_rng(seed).lognormal(3, 0.8, n)
    return np.round(spikes(isis, start=10) * 1024) / 1024


# By hand

REGULAR = 10 + 40.0 * np.arange(26)
# 5 bursts of spikes at 0, 8, 18, 30 ms, every 125 ms.
BURSTS = (np.array([0, 8, 18, 30]) + 125.0 * np.arange(5)[:, None]).ravel()


def test_a_regular_train():
    found = features(REGULAR)
    assert found["rate"] == found["burst_rate"] == found["intra_burst_rate"] == pytest.approx(25)
    in_ms = [f.name for f in FEATURES if f.unit == "ms" and f.name not in ("isi_sd", "burst_duration")]
    assert [found[name] for name in in_ms] == pytest.approx([40] * 20)
    ones = {"spikes_per_burst", "spikes_per_burst_median", "single_share", "rhythm_share", "onset_share"}
    assert {found[name] for name in ones} == {1}
    assert found["n_intervals"] == 25
    rest = set(NAMES) - {"rate", "burst_rate", "intra_burst_rate", "n_intervals", *ones, *in_ms}
    assert [found[name] for name in rest] == pytest.approx([0] * len(rest), abs=1e-9)


def test_the_drift_of_a_rhythm_survives_missing_and_spurious_spikes():
    index = np.arange(40)
    times = 100 + 70 * (index + 0.5 * 3e-4 * index**2)  # each interval is longer by 3e-4 periods
    spurious = np.sort(np.append(times, [333.0, 1111.0, 1700.0]))
    for changed, share in ((times, 1), (np.delete(times, [7, 8, 21, 30]), 1), (spurious, 40 / 43)):
        found = features(changed)
        assert found["rhythm_curvature"] == pytest.approx(3e-4, rel=0.02)
        assert found["rhythm_residual"] == pytest.approx(0, abs=1e-6)
        assert found["rhythm_share"] == pytest.approx(share, abs=0.03)


def test_the_drift_of_bursts_is_that_of_their_onsets():
    onsets = 50 + 150 * (np.arange(20) + 0.5 * 1e-3 * np.arange(20) ** 2)
    found = features((onsets[:, None] + 8.0 * np.arange(5)).ravel())
    assert found["onset_curvature"] == pytest.approx(1e-3, rel=0.02)
    assert found["onset_residual"] == pytest.approx(0, abs=1e-6)
    assert found["onset_share"] == 1


def test_a_bursting_train():
    found = features(BURSTS)
    # 5 intervals each of 8, 10 and 12 ms and 4 of 95 ms, in 530 ms; the first and the last burst are dropped.
    expected = {
        "rate": 1000 * 19 / 530, "isi_min": 8, "isi_median": 10, "isi_max": 95,
        "spikes_per_burst": 4, "spikes_per_burst_sd": 0, "burst_rate": 1000 / 125, "burst_duration": 30,
        "intra_burst_rate": 1000 * 3 / 30, "pause": 95, "pause_cv": 0, "burst_first": 8,
        "burst_second": 10, "burst_middle": 10, "burst_last": 12, "single_share": 0,
        "burst_first_mean": 8, "burst_second_mean": 10, "burst_third_mean": 12, "burst_penultimate_mean": 10,
        "burst_last_mean": 12, "pause_mean": 95, "period_mean": 125, "period_mad": 0, "burst_first_mad": 0,
        "spikes_per_burst_median": 4, "n_intervals": 19, "long_share": 4 / 19, "short_share": 0,
        "log_isi_sd_within": np.log([8, 10, 12]).std(),
    }  # fmt: skip
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-12)
    isis = np.diff(BURSTS)
    assert found["cv"] == pytest.approx(isis.std() / isis.mean())
    assert found["isi_mad"] == pytest.approx(2 / 10)


def test_bursts_of_different_sizes():
    """Bursts of 2 | 3, 1, 3 | 2 spikes, with pauses of 80, 90, 70 and 60 ms."""
    found = features(spikes([10, 80, 8, 12, 90, 70, 20, 16, 60, 10]))
    expected = {
        "spikes_per_burst": 7 / 3, "spikes_per_burst_sd": np.std([3, 1, 3]), "burst_duration": (20 + 36) / 2,
        "burst_rate": 1000 / ((110 + 70) / 2), "intra_burst_rate": 1000 * (2 / 20 + 2 / 36) / 2,
        "pause": 75, "pause_cv": np.std([80, 90, 70, 60]) / 75, "single_share": 1 / 3,
        "burst_first": (8 + 20) / 2, "burst_second": (12 + 16) / 2, "burst_last": (12 + 16) / 2,
        "burst_first_mad": 6 / 14, "spikes_per_burst_median": 3, "period_mad": 20 / 90, "pause_mean": 75,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_trend_and_correlations_by_hand():
    found = features(spikes([10, 11, 12, 13, 14]))
    assert found["trend"] == pytest.approx(1 / 12)
    assert found["correlation_1"] == found["correlation_2"] == pytest.approx(1)
    assert found["skewness"] == pytest.approx(0, abs=1e-12)
    found = features(spikes([10, 12, 10, 12, 10, 12, 10, 12]))
    assert found["correlation_1"] == pytest.approx(-1)
    assert found["correlation_2"] == pytest.approx(1)
    assert features(spikes([10, 10, 10, 10, 14]))["skewness"] == pytest.approx(1.5)


def test_a_parabola_is_found_whatever_its_length():
    index = np.arange(12)
    found = features(5 + 30 * index + 0.2 * index**2)
    assert found["curvature"] == pytest.approx(0.4 / found["isi_midmean"])
    assert found["residual"] == pytest.approx(0, abs=1e-12)
    jittered = features(5 + 30 * index + 0.2 * index**2 + np.tile([0.5, -0.5], 6))
    assert jittered["residual"] == pytest.approx(0.5 / 32, rel=0.2)


def test_drift_and_shares_are_hardly_moved_by_missing_and_spurious_spikes():
    times = spikes([20, 20.1, 20.2, 20.3, 20.4, 20.5, 20.6, 20.7, 20.8, 20.9])
    assert features(times)["drift"] == pytest.approx(np.log(20.7 / 20.2))
    missed = features(np.delete(times, 3))
    assert missed["long_share"] == pytest.approx(1 / 9)
    assert missed["drift"] == pytest.approx(np.log(20.75 / 20.25))
    spurious = features(np.sort(np.append(times, times[3] + 7)))
    assert spurious["short_share"] == pytest.approx(1 / 11)
    assert spurious["isi_midmean"] == pytest.approx(20.35, abs=0.2)


def test_the_midmean_is_that_of_the_central_half():
    isis = [1.0, 10, 11, 12, 13, 14, 15, 90]
    found = features(spikes(isis))
    assert found["isi_midmean"] == pytest.approx(12.5)
    assert found["isi_mid_sd"] == pytest.approx(np.std([11, 12, 13, 14]) / 12.5)


def test_isi_quantiles_and_spread():
    isis = np.diff(irregular(3))
    found = features(irregular(3))
    names = ["isi_min", "isi_5", "isi_25", "isi_median", "isi_75", "isi_95", "isi_max"]
    expected = np.quantile(isis, [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1])
    assert [found[name] for name in names] == pytest.approx(expected)
    assert found["isi_sd"] == pytest.approx(isis.std())
    assert found["log_isi_sd"] == pytest.approx(np.log(isis).std())


# Against elephant


@pytest.mark.parametrize("seed", range(5))
def test_elephant_agrees(seed):
    times = irregular(seed)
    whole = train(times)
    isis = elephant.statistics.isi(whole)
    rate = elephant.statistics.mean_firing_rate(whole[1:], times[0] * pq.ms, times[-1] * pq.ms)
    expected = {
        "rate": float(rate.rescale("Hz")),
        "isi_median": float(np.median(isis.magnitude)),
        "cv": elephant.statistics.cv(isis.magnitude),
        "cv2": elephant.statistics.cv2(isis),
        "lv": elephant.statistics.lv(isis),
        "lvr": elephant.statistics.lvr(isis),
    }
    found = features(times)
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert found["lvr"] != pytest.approx(found["lv"], rel=1e-2)


# Any train


def isis_ms(min_size=4, max_size=60):
    """Intervals of at least 1 ms, short and long, equal and not."""
    some = st.sampled_from([1.0, 10.0, 20.0, 400.0, 5000.0]) | st.floats(1, 1e5)
    return st.lists(some, min_size=min_size, max_size=max_size)


@settings(max_examples=300)
@given(isis_ms())
def test_features_of_any_train_are_defined_and_finite(isis):
    found = extract_features(train(spikes(isis)))
    assert found.shape == (len(FEATURES),)
    assert np.isfinite(found).all()
    assert np.isfinite(network_scale(found)).all()
    assert np.isfinite(list(features(spikes(isis)).values())).all()


@given(st.lists(isis_ms(min_size=0, max_size=15), min_size=1, max_size=6))
def test_features_of_any_sweeps_are_defined_and_finite(sweeps):
    if sum(map(len, sweeps)) < 4:
        sweeps.append([30.0] * 4)
    assert np.isfinite(extract_features(group(*map(spikes, sweeps)))).all()


@given(st.integers(0, 2**32 - 1), st.integers(0, 10**6))
def test_a_shift_in_time_changes_nothing(seed, shift):
    times = irregular(seed)
    found = extract_features(train(times + shift))
    assert found == pytest.approx(extract_features(train(times)), rel=1e-6, abs=1e-9)
    assert features(times + shift) == features(times)


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.5, 2.0, 4.0]))
def test_scaling_time(seed, factor):
    """ms scale with the train, Hz against it, and pure numbers stay; lvr knows a refractory time of 5 ms."""
    times = irregular(seed, n=15)
    power = np.array([{"ms": 1, "Hz": -1, "": 0}[feature.unit] for feature in FEATURES])
    found, scaled = (np.array(list(features(each).values())) for each in (times, factor * times))
    kept = np.array(NAMES) != "lvr"
    assert scaled[kept] == pytest.approx((found * factor**power)[kept], rel=1e-9, abs=1e-9)


# Sweeps and windows


def test_no_interval_reaches_from_sweep_to_sweep():
    first, second = irregular(1, n=8), irregular(2, n=8) + 5000
    found = features(first, second)
    isis = np.concatenate([np.diff(first), np.diff(second)])
    names = ["isi_min", "isi_median", "isi_max"]
    assert [found[name] for name in names] == pytest.approx(np.quantile(isis, [0, 0.5, 1]))
    assert found["rate"] == pytest.approx(1000 / isis.mean())
    assert found["cv"] == pytest.approx(isis.std() / isis.mean())
    cv2 = [elephant.statistics.cv2(np.diff(times)) for times in (first, second)]
    assert found["cv2"] == pytest.approx(np.mean(cv2))  # both have as many pairs
    pairs = [np.stack([np.diff(times)[:-1], np.diff(times)[1:]]) for times in (first, second)]
    assert found["correlation_1"] == pytest.approx(np.corrcoef(np.hstack(pairs))[0, 1])


def test_pooled_statistics_weigh_sweeps_by_their_pairs():
    first, second = irregular(1, n=4), irregular(2, n=9)
    cv2, lv = (
        [statistic(np.diff(times)) for times in (first, second)]
        for statistic in (elephant.statistics.cv2, elephant.statistics.lv)
    )
    found = features(first, second)
    assert found["cv2"] == pytest.approx((3 * cv2[0] + 8 * cv2[1]) / 11)
    assert found["lv"] == pytest.approx((3 * lv[0] + 8 * lv[1]) / 11)


def test_a_feature_is_the_median_over_windows():
    """Three windows of 3 s: regular at 20, 50 and 25 Hz."""
    times = np.concatenate([np.arange(0, 3000, 50), np.arange(3000, 6000, 20), np.arange(6000, 9001, 40)])
    windows = cut_windows([times], 3000)
    assert [len(window[0]) for window in windows] == [61, 151, 76]
    found = noisy_features(times)
    assert (found["isi_median"], found["rate"]) == (pytest.approx(40, abs=0.2), pytest.approx(25, rel=1e-3))
    rows = [list(features(dithered(*joined(window), DITHER)).values()) for window in windows]
    middle = dict(zip(NAMES, np.median(rows, axis=0), strict=True))
    assert {name: found[name] for name in NAMES} == pytest.approx(middle)
    whole = noisy_features(times, neuron=DA)  # one window of 9 s
    assert whole["isi_median"] == pytest.approx(20, abs=0.5)


@pytest.mark.parametrize("neuron", [STG, DA], ids=["stg", "da"])
def test_the_number_of_intervals_is_that_of_two_windows_at_most(neuron):
    window = neuron.training.window
    short, long = (100.0 * np.arange(1, share * window / 100) for share in (0.5, 0.95))
    assert noisy_features(short, neuron=neuron)["n_intervals"] == len(short) - 1
    assert noisy_features(long, neuron=neuron)["n_intervals"] == len(long) - 1
    bursts = spikes(np.tile([*[100.0] * 19, window / 3], 12))  # windows of ten bursts
    found = noisy_features(bursts, neuron=neuron)
    assert found["n_intervals"] == pytest.approx(MOST_WINDOWS * window * found["rate"] / 1000)
    assert found["n_intervals"] < 0.75 * (len(bursts) - 1)
    slow = 2 * window * np.arange(1, 12)
    assert noisy_features(slow, neuron=neuron)["n_intervals"] == MIN_INTERVALS


def test_many_cells_at_once_are_as_one_by_one():
    cells = [[irregular(0)], [np.arange(0, 9000.0, 35)], [irregular(1, n=6), irregular(2, n=7)], [BURSTS]]
    table = feature_table(STG, cells)
    for row, sweeps in zip(table, cells, strict=True):
        assert (row == extract_features(group(*sweeps))).all()


# The table of features


def test_names_units_and_meanings():
    assert len(set(NAMES)) == len(NAMES)
    assert {feature.unit for feature in FEATURES} == {"", "ms", "Hz"}
    meanings = [feature.meaning for feature in FEATURES]
    assert all(len(meaning) > 10 for meaning in meanings)
    assert len(set(meanings)) == len(meanings)
    assert feature_names() == feature_names("da")
    assert feature_names()[:2] == ["rate (Hz)", "isi_min (ms)"]
    assert "cv" in feature_names()
    assert [name.split(" (")[0] for name in feature_names()] == NAMES


def test_unknown_neurons_are_refused():
    with pytest.raises(ValueError, match="unknown neuron 'crab'"):
        feature_names("crab")
    with pytest.raises(ValueError, match="unknown neuron 'crab'"):
        extract_features(train(REGULAR), "crab")


def test_network_scale_by_hand():
    raw = np.ones((2, len(FEATURES)))
    raw[0, NAMES.index("rate")] = 20
    raw[0, NAMES.index("isi_min")] = 0  # below its floor
    raw[0, NAMES.index("trend")] = -3e-5
    raw[0, NAMES.index("skewness")] = -2
    scaled = dict(zip(NAMES, network_scale(raw)[0], strict=True))
    assert scaled["rate"] == pytest.approx(np.log(20))
    assert scaled["isi_min"] == pytest.approx(np.log(0.1))
    assert scaled["trend"] == pytest.approx(-np.arcsinh(3))
    assert scaled["skewness"] == pytest.approx(-np.arcsinh(2))
    assert network_scale(raw[0]) == pytest.approx(network_scale(raw)[0])
    assert raw[0, NAMES.index("rate")] == 20


@given(arrays(float, (3, len(FEATURES)), elements=st.floats(-1e6, 1e6)))
def test_network_scale_is_finite_and_rises(raw):
    scaled = network_scale(raw)
    assert np.isfinite(scaled).all()
    assert (network_scale(raw + 1) >= scaled).all()


def test_the_order_of_sweeps_makes_no_difference():
    rng = np.random.default_rng(3)
    sweeps = [np.cumsum(rng.gamma(4, 20, rng.integers(3, 9))) for _ in range(14)]
    sweeps += [np.cumsum(rng.gamma(4, 20, 60)), np.cumsum(rng.gamma(4, 20, 45))]
    expected = [feature_vector(neuron, sweeps) for neuron in (STG, DA)]
    for _ in range(8):
        other = [sweeps[i] for i in rng.permutation(len(sweeps))]
        for neuron, values in zip((STG, DA), expected, strict=True):
            assert np.array_equal(feature_vector(neuron, other), values)
