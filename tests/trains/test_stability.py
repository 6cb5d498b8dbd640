"""Whether a recording fires alike from start to end: figures that drift, and halves that differ."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elephant_dic.trains import drifting_figures, recording_firing, tolerance_of_halves
from elephant_dic.trains.stability import _halves


def spikes(isis, start=0.0):
    return start + np.concatenate([[0.0], np.cumsum(isis)])


def bursts(periods, n_spikes=4, within=10.0):
    """A burst at each onset, so many ms apart; in the n-th of so many spikes, if they differ."""
    onsets, counts = spikes(periods), np.broadcast_to(n_spikes, len(periods) + 1)
    return np.concatenate([onset + within * np.arange(n) for onset, n in zip(onsets, counts, strict=True)])


def gamma(rng, shape, mean, stop):
    times = np.cumsum(rng.gamma(shape, mean / shape, int(2 * stop / mean) + 20))
    return times[times < stop]


# Drift


def test_steady_trains_do_not_drift():
    assert drifting_figures([spikes([100.0] * 600)], 3000, 0.1) == {}
    assert drifting_figures([bursts([400.0] * 100)], 3000, 0.1) == {}


def test_a_rate_that_rises_by_hand():
    """Ten windows of 10 to 19 Hz: the 10 and 90 % quantiles are 10.9 and 18.1 Hz."""
    isis = np.concatenate([[1000 / rate] * (3 * rate) for rate in range(10, 20)])
    found = drifting_figures([spikes(isis)], 3000.0001, 0.1)
    assert found == {"rate": pytest.approx((10.9, 18.1), rel=0.01)}
    assert drifting_figures([spikes(isis)], 3000.0001, 0.2) == found  # 3.6 is a quarter of 14.5
    assert drifting_figures([spikes(isis)], 3000.0001, 0.26) == {}


def test_fewer_than_three_windows_tell_no_drift():
    two = spikes([*[100.0] * 30, *[50.0] * 60])
    assert drifting_figures([two], 3000.0001, 0.1) == {}
    three = spikes([*[100.0] * 30, *[70.0] * 43, *[50.0] * 60])
    assert set(drifting_figures([three], 3000.0001, 0.1)) == {"rate"}


def test_bursts_that_come_faster_drift():
    """As of a unit that bursts at 1.7 to 3.0 Hz."""
    periods = 1000 / np.linspace(1.7, 3.0, 200)
    found = drifting_figures([bursts(periods)], 3000, 0.1)
    assert list(found) == ["burst_rate"]
    # at a tenth and at nine tenths of the time: 1.7 * (3.0 / 1.7)**0.1 and 1.7 * (3.0 / 1.7)**0.9
    assert found["burst_rate"] == pytest.approx((1.80, 2.83), abs=0.12)
    assert drifting_figures([bursts(periods)], 3000, 0.3) == {}


def test_spikes_per_burst_may_vary_by_one():
    for more, drifts in ((1, False), (4, True)):
        times = bursts([400.0] * 120, n_spikes=np.repeat([4, 4 + more], [60, 61]))
        found = drifting_figures([times], 3000, 0.01)
        assert ("spikes_per_burst" in found) is drifts
    assert found["spikes_per_burst"] == pytest.approx((4, 8))
    assert found["burst_duration"] == pytest.approx((30, 70))
    assert "burst_rate" not in found


def test_windows_of_another_class_do_not_count():
    times = np.concatenate([bursts([400.0] * 100), spikes([100.0] * 200, 41_000)])
    assert recording_firing([times], 3000).activity == "bursting"
    assert drifting_figures([times], 3000, 0.1) == {}
    faster = bursts(1000 / np.linspace(1.7, 3.0, 200))
    times = np.append(faster, spikes([100.0] * 200, faster[-1] + 500))
    assert list(drifting_figures([times], 3000, 0.1)) == ["burst_rate"]


def test_variability_is_no_drift():
    """CV2 and quantiles differ between windows by chance: only the rate of irregular trains is looked at."""
    rng = np.random.default_rng(0)
    times = np.cumsum(np.concatenate([rng.exponential(80, 2000), rng.gamma(8, 10, 2000)]))
    assert recording_firing([times], 3000).activity == "irregular"
    assert drifting_figures([times], 3000, 0.1) == {}


@pytest.mark.parametrize(("shape", "n_drifting"), [(1.0, 0), (6.0, 3), (20.0, 0)])
def test_chance_is_no_drift_of_the_rate(shape, n_drifting):
    """Of 40 steady cells, in one sweep or in many short ones."""
    rng = np.random.default_rng(0)
    for n_sweeps, length in ((1, 80_000), (80, 1000), (20, 4000)):
        cells = [[gamma(rng, shape, 150, length) for _ in range(n_sweeps)] for _ in range(40)]
        assert sum("rate" in drifting_figures(sweeps, 3000, 0.1) for sweeps in cells) <= n_drifting


# Halves


def test_halves_that_are_alike_by_hand():
    """10 and 10.5 Hz: within 5 % of the lower; 10.42 Hz: rounded up to a hundredth."""
    for other in (10.5, 10.42):
        halves = [*[100.0] * 300, *[1000 / other] * 300]
        assert tolerance_of_halves([spikes(halves)], 3000) == 0.05
        assert tolerance_of_halves([spikes(halves[::-1])], 3000) == 0.05
    assert tolerance_of_halves([spikes([100.0] * 600)], 3000) == 0


def test_both_halves_are_within_the_tolerance_of_the_other():
    """10 and 12.5 Hz: 20 % of the higher, but 25 % of the lower."""
    assert tolerance_of_halves([spikes([*[100.0] * 300, *[80.0] * 300])], 3000) == 0.25


@pytest.mark.parametrize("other", [[40.0] * 300, [10.0, 10, 10, 270] * 75])
def test_halves_that_are_not_alike(other):
    """At 2.5 times the rate, and of another class."""
    assert tolerance_of_halves([spikes([*[100.0] * 300, *other])], 3000) == np.inf


def test_chance_is_no_difference_of_the_halves():
    """Of 100 steady cells; rates of halves that differ by what the intervals leave open count as alike."""
    rng = np.random.default_rng(4)
    found = [tolerance_of_halves([gamma(rng, 8, 100, 40_000)], 3000) for _ in range(100)]
    assert np.mean([each == 0 for each in found]) > 0.9
    rates = [*[100.0, 90] * 50, *[95.0, 85] * 50]  # a CV2 of 0.11, 100 intervals in each half
    assert tolerance_of_halves([spikes(rates)], 3000) == 0.06
    assert tolerance_of_halves([spikes([*[120.0, 70] * 50, *[115.0, 65] * 50])], 3000) == 0


def test_halves_of_bursts():
    times = bursts([400.0] * 60 + [440.0] * 60)
    assert tolerance_of_halves([times], 3000) == 0.1
    for periods in ([400.0] * 60 + [500.0] * 60, [500.0] * 60 + [400.0] * 60):
        assert tolerance_of_halves([bursts(periods)], 3000) == 0.25
    assert tolerance_of_halves([bursts([400.0] * 60 + [600.0] * 60)], 3000) == 0.5
    assert tolerance_of_halves([bursts([400.0] * 60 + [700.0] * 60)], 3000) == np.inf


def test_recordings_too_short_to_tell():
    assert tolerance_of_halves([spikes([100.0] * 19)], 3000) is None
    assert tolerance_of_halves([spikes([100.0] * 20)], 3000) == 0
    assert tolerance_of_halves([bursts([400.0] * 8)], 3000) is None
    assert tolerance_of_halves([bursts([400.0] * 12)], 3000) == 0.01
    assert tolerance_of_halves([np.array([5.0, 80])], 3000) is None
    assert tolerance_of_halves([np.array([5.0])], 3000) is None


def test_halves_by_hand():
    first, second = _halves([np.array([0.0, 1, 3, 6, 10])])
    assert [times.tolist() for times in first] == [[0, 1, 3]]
    assert [times.tolist() for times in second] == [[3, 6, 10]]
    sweeps = [np.array([20.0, 21, 22, 23]), np.empty(0), np.array([0.0, 5]), np.array([9.0])]
    first, second = _halves(sweeps)  # in the order of their times
    assert [times.tolist() for times in first] == [[0, 5], [20, 21]]
    assert [times.tolist() for times in second] == [[21, 22, 23]]


@given(
    st.lists(st.lists(st.integers(1, 500), max_size=12), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_halves_hold_each_interval_once_in_any_order(isis, random):
    sweeps = [spikes(some, 10_000 * i) for i, some in enumerate(isis)]
    random.shuffle(sweeps)
    first, second = _halves(sweeps)
    counts = [sum(len(times) - 1 for times in half) for half in (first, second)]
    n = sum(map(len, isis))
    assert counts == [n // 2, n - n // 2]
    halves = sorted(step for times in [*first, *second] for step in np.diff(times))
    assert halves == sorted(itertools.chain.from_iterable(isis))
    if all(counts):
        assert max(times[-1] for times in first) <= min(times[0] for times in second if len(times) > 1)


def test_the_order_of_sweeps_makes_no_difference():
    rng = np.random.default_rng(3)
    sweeps = [gamma(rng, 20, 90, 2000) + 3000 * i for i in range(12)]
    expected = tolerance_of_halves(sweeps, 3000), drifting_figures(sweeps, 3000, 0.01)
    for _ in range(5):
        rng.shuffle(sweeps := list(sweeps))
        assert (tolerance_of_halves(sweeps, 3000), drifting_figures(sweeps, 3000, 0.01)) == expected
