"""Where bursts end, and what is counted of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elephant_dic.trains import interval_threshold
from elephant_dic.trains.bursts import find_bursts


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


# Bursts


def test_bursts_by_hand():
    """Bursts of 2, 3, 1 and 2 spikes; the first and the last may be cut and are dropped."""
    times = spikes([10, 80, 8, 12, 90, 70, 20], start=5)  # 5 15 | 95 103 115 | 205 | 275 295
    bursts = find_bursts([times], threshold=50)
    assert bursts.n_spikes.tolist() == [3, 1]
    assert bursts.durations.tolist() == [20, 0]
    assert bursts.periods.tolist() == [110]  # from 95 to 205
    assert [isis.tolist() for isis in bursts.intervals] == [[8, 12], []]
    assert bursts.pauses.tolist() == [80, 90, 70]


def test_bursts_of_several_sweeps_are_pooled_and_nothing_crosses():
    first, second = spikes([10, 80, 10, 80, 10]), spikes([80, 12, 60, 15, 15, 90, 10], start=1000)
    bursts = find_bursts([first, second, spikes([10, 10]), np.array([3.0]), np.array([])], threshold=50)
    assert bursts.n_spikes.tolist() == [2, 2, 3]
    assert bursts.durations.tolist() == [10, 12, 30]
    assert bursts.periods.tolist() == [72]
    assert bursts.pauses.tolist() == [80, 80, 80, 60, 90]


def test_no_complete_burst():
    for times in (spikes([10, 10]), spikes([10, 80, 10])):
        bursts = find_bursts([times], threshold=50)
        assert [len(values) for values in (bursts.n_spikes, bursts.durations, bursts.periods)] == [0, 0, 0]
        assert bursts.intervals == []


@given(intervals, st.floats(1, 1e4))
def test_complete_bursts_and_pauses_fill_the_time_between_the_outer_bursts(isis, threshold):
    times = spikes(isis)
    isis = np.diff(times)
    bursts = find_bursts([times], threshold)
    ends = np.flatnonzero(isis > threshold)
    assert len(bursts.pauses) == len(ends)
    if len(ends) > 1:
        between = times[ends[-1]] - times[ends[0] + 1]
        assert bursts.durations.sum() + bursts.pauses[1:-1].sum() == pytest.approx(between)
        assert bursts.n_spikes.sum() == ends[-1] - ends[0]
        assert len(bursts.n_spikes) == len(ends) - 1
        assert [len(i) for i in bursts.intervals] == (bursts.n_spikes - 1).tolist()
        assert all((i <= threshold).all() for i in bursts.intervals)
