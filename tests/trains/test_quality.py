"""The quality of a unit: each reason by hand, shares against known ones, the effect on the DICs."""

import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from elephant_dic import assess_quality, infer_dics
from elephant_dic.inference.quality_effect import possible_trains
from elephant_dic.trains import amplitudes_of
from elephant_dic.trains.quality import contamination_of, missing_share


def train(times, t_stop, **more):
    return neo.SpikeTrain(np.asarray(times, float) * pq.ms, t_stop=t_stop * pq.ms, **more)


def tonic(rate=10.0, length=60_000.0, jitter=0.05, seed=0):
    """Spike times (ms) with intervals of a coefficient of variation."""
    rng = np.random.default_rng(seed)
    n = int(1.2 * rate * length / 1000)
    times = np.cumsum(1000 / rate * (1 + jitter * rng.standard_normal(n)))
    return times[times < length]


def contaminated(times, share, length=60_000.0, seed=1):
    rng = np.random.default_rng(seed)
    foreign = rng.uniform(0, length, round(len(times) * share / (1 - share)))
    return np.sort(np.concatenate([times, foreign]))


# Reasons


def test_a_regular_train_is_good():
    quality = assess_quality(train(tonic(), 60_000))
    assert (quality.verdict, quality.reasons) == ("good", ())
    assert (quality.n_doublets, quality.n_violations, quality.contamination) == (0, 0, 0.0)
    assert np.isnan(quality.missing)
    assert abs(quality.rate_drift) < 0.05
    assert (quality.n_pauses, quality.pause_share) == (0, 0.0)


def test_intervals_are_counted_by_their_length():
    times = tonic()
    more = times[[10, 100, 200, 300, 400]] + [0.2, 0.4, 0.6, 1.4, 1.6]
    quality = assess_quality(train(np.sort(np.concatenate([times, more])), 60_000))
    assert (quality.n_doublets, quality.n_violations) == (2, 2)
    assert quality.n_spikes == len(times) + 5


def test_spikes_detected_twice():
    times = tonic()
    quality = assess_quality(train(np.sort(np.concatenate([times, times[::50] + 0.3])), 60_000))
    assert quality.n_doublets == len(times[::50])
    assert quality.verdict == "doubtful"
    assert quality.reasons == ("1.96 % of the spikes are detected twice",)
    assert quality.contamination == 0
    every = assess_quality(train(np.sort(np.concatenate([times, times + 0.3])), 60_000))
    assert every.verdict == "bad"


def test_spikes_at_the_very_same_time_are_doublets():
    times = tonic()
    quality = assess_quality(train(np.sort(np.concatenate([times, times[:30]])), 60_000))
    assert quality.n_doublets == 30


def test_other_cells_spikes_are_no_doublets():
    quality = assess_quality(train(contaminated(tonic(40), 0.3), 60_000))
    assert quality.n_doublets > 5
    assert not any("twice" in reason for reason in quality.reasons)


def test_contamination_is_a_reason():
    quality = assess_quality(train(contaminated(tonic(40), 0.3), 60_000))
    assert quality.verdict == "bad"
    assert "contamination" in quality.reasons[0]
    assert quality.contamination == pytest.approx(0.3, abs=0.08)
    low, high = quality.contamination_limits
    assert low < 0.3 < high


def test_few_spikes_and_disorder():
    assert assess_quality(train([], 1000)).reasons == ("only 0 spikes",)
    assert assess_quality(train([1, 2, 30], 1000)).verdict == "doubtful"
    disordered = assess_quality(train([100, 300, 200, 400, 500, 600], 1000))
    assert (disordered.verdict, disordered.reasons) == ("bad", ("1 spike times are not in order",))


def test_drift_of_the_rate():
    fast, slow = tonic(20, 30_000), 30_000 + tonic(10, 30_000)
    quality = assess_quality(train(np.concatenate([fast, slow]), 60_000))
    # a straight line through a step falls by 1.5 times the step (a little more for 10 windows)
    assert quality.rate_drift == pytest.approx(-10 / 15 * 1.5, abs=0.03)
    assert quality.verdict == "doubtful"
    assert quality.reasons[0].startswith("the rate changes by -1")


def test_a_poisson_train_does_not_drift():
    rng = np.random.default_rng(3)
    drifts = [
        any("the rate changes" in reason for reason in assess_quality(train(times, 60_000)).reasons)
        for times in (np.sort(rng.uniform(0, 60_000, 300)) for _ in range(100))
    ]
    assert sum(drifts) <= 2


def test_a_cell_that_is_lost_pauses():
    quality = assess_quality(train(tonic(10, 40_000), 60_000))
    assert quality.n_pauses == 1
    assert quality.pause_share == pytest.approx(1 / 3, abs=0.01)
    assert "1 pauses take 33 % of the time" in quality.reasons


def test_intervals_between_bursts_are_no_pauses():
    onsets = np.arange(500.0, 59_000, 1000)
    times = (onsets[:, None] + 10 * np.arange(30)).ravel()  # of 30 intervals, one is long
    assert assess_quality(train(times, 60_000)).n_pauses == 0


def test_sweeps_are_judged_together():
    group = neo.Group()
    for k in range(3):
        group.spiketrains.append(
            neo.SpikeTrain(
                (100_000 * k + tonic(10, 20_000)) * pq.ms,
                t_start=100_000 * k * pq.ms,
                t_stop=(100_000 * k + 20_000) * pq.ms,
            )
        )
    quality = assess_quality(group)
    assert quality.verdict == "good"
    assert quality.n_spikes == 3 * len(tonic(10, 20_000))


def test_wrong_input():
    with pytest.raises(TypeError, match=r"must be a neo.SpikeTrain"):
        assess_quality([1, 2, 3])
    with pytest.raises(ValueError, match="spike times are not finite"):
        assess_quality(train([1, np.nan, 3], 1000))


# Shares


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


@pytest.mark.parametrize("missing", [0.0, 0.05, 0.2, 0.4])
@pytest.mark.parametrize("sign", [1, -1])
def test_missing_spikes_of_amplitudes_that_are_cut_off(missing, sign):
    amplitudes = np.random.default_rng(2).normal(100, 15, 20_000)
    kept = np.sort(amplitudes)[round(missing * 20_000) :]
    times = np.linspace(1, 999_999, len(kept))
    quality = assess_quality(train(times, 1e6, array_annotations={"amplitude": sign * kept * pq.uV}))
    assert quality.missing == pytest.approx(missing, abs=0.05 if missing < 0.3 else 0.1)
    assert any("missing" in reason for reason in quality.reasons) == (missing > 0.1)


def test_too_few_amplitudes_tell_nothing():
    assert np.isnan(missing_share(np.arange(49.0)))
    assert np.isnan(missing_share(np.ones(100)))


def test_amplitudes_are_those_at_the_extreme_of_the_mean_waveform():
    shape = np.array([[0.0, 1, 0, 0], [0, -5, 2, 0]])
    sizes = np.array([1.0, 2, 3])
    assert amplitudes_of(sizes[:, None, None] * shape) == pytest.approx(5 * sizes)


def test_waveforms_of_a_train_are_used():
    sizes = np.random.default_rng(0).normal(100, 15, 5000)
    sizes = sizes[sizes > 100]
    waveforms = sizes[:, None, None] * np.array([[0, -1, 0.5]]) * pq.uV
    quality = assess_quality(train(np.linspace(1, 99_999, len(sizes)), 1e5, waveforms=waveforms))
    assert quality.missing > 0.1


# The effect on DICs


def test_the_estimate_of_a_good_unit_is_as_it_was():
    from elephant_dic.inference.regressor import infer_from_times
    from elephant_dic.neurons import get_neuron

    times = tonic(jitter=0.02)
    with_quality = infer_dics(train(times, 60_000))
    (alone,) = infer_from_times([[times]], get_neuron("stg"))
    assert with_quality.mean.tolist() == alone.mean.tolist()
    assert with_quality.warnings == alone.warnings


def test_the_estimate_of_a_contaminated_unit_is_wider_and_says_why():
    from elephant_dic.inference.regressor import infer_from_times
    from elephant_dic.neurons import get_neuron

    times = contaminated(tonic(20, jitter=0.02), 0.2)
    wide = infer_dics(train(times, 60_000))
    (alone,) = infer_from_times([[times]], get_neuron("stg"))
    assert "the unit is" in wide.warnings[-1]
    assert "contamination" in wide.warnings[-1]
    assert len(wide._weights) == 25 * len(alone._weights)
    assert wide._weights.sum() == pytest.approx(1)
    sample = wide.sample(20_000, seed=0)
    assert sample.mean(axis=0) == pytest.approx(wide.mean, abs=0.05 * wide.std.max())
    assert infer_dics(train(times, 60_000)).mean.tolist() == wide.mean.tolist()  # the same each time


def test_possible_trains_leave_out_and_put_in_as_many_as_they_should():
    times, rng = contaminated(tonic(20), 0.1), np.random.default_rng(0)
    fewer = [len(sweeps[0]) for sweeps in possible_trains([times], 0.1, 0.0, 200, rng)]
    assert np.mean(fewer) == pytest.approx(0.9 * len(times), rel=0.01)
    more = [len(sweeps[0]) for sweeps in possible_trains([times], 0.0, 0.1, 200, rng)]
    assert np.mean(more) == pytest.approx(len(times) / 0.9, rel=0.01)
    for (drawn,) in possible_trains([times], 0.1, 0.1, 5, rng):
        assert (np.diff(drawn) > 0).all()


def test_the_spikes_left_out_are_those_out_of_rhythm():
    own = tonic(10, jitter=0.01)
    foreign = own[5:-5:20] + 43.0
    times = np.sort(np.concatenate([own, foreign]))
    share = len(foreign) / len(times)
    trains = possible_trains([times], share, 0.0, 50, np.random.default_rng(0))
    left = np.mean([np.isin(foreign, kept).mean() for (kept,) in trains])
    assert left < 0.1
    assert np.mean([np.isin(own, kept).mean() for (kept,) in trains]) > 0.98


def test_the_spikes_put_in_are_those_missing():
    own = tonic(10, jitter=0.01)
    kept = np.delete(own, np.arange(5, len(own) - 5, 10))
    missing = 1 - len(kept) / len(own)
    trains = possible_trains([kept], 0.0, missing, 20, np.random.default_rng(0))
    isis = np.concatenate([np.diff(times) for (times,) in trains])
    assert np.mean(isis > 150) < 0.1 * missing


def test_short_sweeps_and_empty_ones_are_possible():
    sweeps = [np.array([]), np.array([5.0]), np.array([5.0, 100.0]), tonic(10, 3000)]
    for drawn in possible_trains(sweeps, 0.1, 0.1, 3, np.random.default_rng(0)):
        assert len(drawn) == 4
        assert len(drawn[0]) == 0
