"""Where bursts end, and what is counted of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elephant_dic.trains import interval_threshold
from elephant_dic.trains.burst_kernel import complete_bursts, cv2_of, intervals_of, periods_of
from elephant_dic.trains.bursts import joined
from elephant_dic.trains.spiketrains import isis_of


def spikes(isis, start=0.0):
    return start + np.concatenate([[0.0], np.cumsum(isis)])


# The interval that ends a burst


@pytest.mark.parametrize(
    ("isis", "threshold"),
    [
        ([10, 10, 80, 10, 10, 80], np.sqrt(10 * 80)),
        ([80, 10], np.sqrt(10 * 80)),
        ([10, 21], np.sqrt(10 * 21)),
        ([20, 22, 18, 200, 180, 220], np.sqrt(22 * 180)),
        # in units of log 4: 0, 0, 0, 1, 2. Split after three: 3 * 2 * 1.5**2 = 13.5, after four: 4 * 1.75**2
        ([1, 1, 1, 4, 16], np.sqrt(1 * 4)),
        # 0, 0, 0, 1, 4: after three 6 * 2.5**2 = 37.5, after four 4 * 3.75**2 = 56.25
        ([1, 1, 1, 4, 256], np.sqrt(4 * 256)),
        ([256, 1, 4, 1, 1], np.sqrt(4 * 256)),
    ],
)
def test_otsu_by_hand(isis, threshold):
    assert interval_threshold(np.array(isis, dtype=float)) == pytest.approx(threshold)


@pytest.mark.parametrize(
    "isis",
    [
        [50],
        [50, 50, 50, 50],
        [10, 19, 10, 19],
        # 60 is more than twice 25, but the median of the long ones is not: 25, 25, 40 | 48, 48, 60
        [25, 25, 40, 48, 48, 60],
        np.linspace(100, 199, 50),
    ],
)
def test_intervals_of_one_kind_have_no_threshold(isis):
    assert interval_threshold(np.array(isis, dtype=float)) is None


def test_few_and_close_intervals_are_split_as_any():
    assert interval_threshold(np.array([10.0, 10, 20])) == pytest.approx(np.sqrt(10 * 20))
    assert interval_threshold(np.array([])) is None


def test_of_two_splits_as_good_the_shorter_is_taken():
    assert interval_threshold(np.array([16.0, 1, 4])) == pytest.approx(2)


def test_exactly_twice_is_enough():
    """As where single spikes of a regular train were missed."""
    short = np.arange(1.0, 50.0)
    thresholds = [interval_threshold(np.array([isi, 2 * isi])) for isi in short]
    assert None not in thresholds
    assert thresholds == pytest.approx(short * np.sqrt(2))


intervals = st.lists(st.floats(1, 1e4), min_size=2, max_size=30).map(np.array)


@given(intervals)
def test_the_split_is_the_best_one(isis):
    """Between-class variance by its definition, for each possible split."""
    log = np.sort(np.log(isis))

    def variance(k):
        short, long = log[:k], log[k:]
        return len(short) * (short.mean() - log.mean()) ** 2 + len(long) * (long.mean() - log.mean()) ** 2

    found = interval_threshold(isis)
    if found is None:
        best = max(range(1, len(log)), key=variance)
        ratio = np.exp(np.median(log[best:]) - np.median(log[:best]))
        ties = [k for k in range(1, len(log)) if variance(k) > (1 - 1e-9) * variance(best)]
        assert ratio < 2 * (1 + 1e-9) or len(ties) > 1
    else:
        k = np.count_nonzero(isis < found)
        assert 0 < k < len(isis)
        assert variance(k) >= (1 - 1e-9) * max(map(variance, range(1, len(log))))
        assert np.median(log[k:]) - np.median(log[:k]) >= np.log(2) - 1e-9


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100))
def test_the_threshold_scales_with_time(seed, factor):
    isis = np.random.default_rng(seed).lognormal(3, 1, 20)
    found, scaled = interval_threshold(isis), interval_threshold(factor * isis)
    assert (found is None) == (scaled is None)
    assert found is None or scaled == pytest.approx(factor * found)


# Intervals, bursts and periods


def bursts_of(sweeps, threshold):
    """Numbers of spikes, durations (ms) and periods (ms) of the complete bursts."""
    times, edges = joined(sweeps)
    bounds = complete_bursts(times, edges, float(threshold))
    first, last, _ = bounds.T
    return (
        (last - first + 1).tolist(),
        (times[last] - times[first]).tolist(),
        periods_of(times, bounds).tolist(),
    )


def test_bursts_by_hand():
    """Bursts of 2, 3, 1 and 2 spikes; the first and the last may be cut and are dropped."""
    times = spikes([10, 80, 8, 12, 90, 70, 20], start=5)  # 5 15 | 95 103 115 | 205 | 275 295
    assert bursts_of([times], 50) == ([3, 1], [20, 0], [110])  # from 95 to 205


def test_an_interval_as_long_as_the_threshold_is_within_a_burst():
    times = spikes([80, 50, 80, 10, 80])
    assert bursts_of([times], 50) == ([2, 2], [50, 10], [130])
    assert bursts_of([times], 49.9)[0] == [1, 1, 2]


def test_bursts_of_several_sweeps_are_pooled_and_nothing_crosses():
    first, second = spikes([10, 80, 10, 80, 10]), spikes([80, 12, 60, 15, 15, 90, 10], start=1000)
    sweeps = [first, second, spikes([10, 10]), np.array([3.0]), np.array([]), first]
    n_spikes, durations, periods = bursts_of(sweeps, 50)
    assert n_spikes == [2, 2, 3, 2]
    assert durations == [10, 12, 30, 10]
    assert periods == [72]


def test_intervals_of_several_sweeps():
    sweeps = [np.array([1.0, 3, 7]), np.array([]), np.array([100.0]), np.array([5.0, 6, 9, 10])]
    isis, edges = intervals_of(*joined(sweeps))
    assert isis.tolist() == isis_of(sweeps).tolist() == [2, 4, 1, 3, 1]
    assert edges.tolist() == [0, 2, 2, 2, 5]
    # Of the pairs 2 and 4, 1 and 3, 3 and 1: a third, a half, a half, doubled.
    assert cv2_of(isis, edges) == pytest.approx((2 / 3 + 1 + 1) / 3)
    assert cv2_of(*intervals_of(*joined([np.array([1.0, 3]), np.array([1.0, 9])]))) == 0  # no neighbours


def test_no_sweeps():
    times, edges = joined([])
    assert (times.tolist(), edges.tolist()) == ([], [0])
    assert joined([np.array([1, 2])])[0].dtype == float


@pytest.mark.parametrize("isis", [[10, 10], [10, 80, 10]])
def test_no_complete_burst(isis):
    assert bursts_of([spikes(isis)], 50) == ([], [], [])


@given(intervals, st.floats(1, 1e4))
def test_complete_bursts_and_pauses_fill_the_time_between_the_outer_bursts(isis, threshold):
    times = spikes(isis)
    isis = np.diff(times)
    n_spikes, durations, periods = bursts_of([times], threshold)
    ends = np.flatnonzero(isis > threshold)
    assert len(n_spikes) == max(len(ends) - 1, 0)
    assert len(periods) == max(len(n_spikes) - 1, 0)
    if len(ends) > 1:
        between = times[ends[-1]] - times[ends[0] + 1]
        assert sum(durations) + isis[ends[1:-1]].sum() == pytest.approx(between)
        assert sum(n_spikes) == ends[-1] - ends[0]
