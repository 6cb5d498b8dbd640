"""Windows of recordings: each interval is in one of them, and each has the pauses that recur."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from elephant_dic import get_neuron
from elephant_dic.trains import FEATURES, clean_times, isis_of, recording_firing
from elephant_dic.trains.features import feature_vector
from elephant_dic.trains.windows import MIN_INTERVALS, MIN_RECURRING, cut_windows, recurrence

STG = get_neuron("stg")
NAMES = [feature.name for feature in FEATURES]


def spikes(isis, start=0.0):
    return start + np.concatenate([[0.0], np.cumsum(isis)])


def sizes(windows):
    """Intervals in each window."""
    return [len(isis_of(window)) for window in windows]


def features(*sweeps):
    return dict(zip(NAMES, feature_vector(STG, list(sweeps)).tolist(), strict=True))


def mean_rate(*sweeps):
    isis = isis_of(sweeps)
    return 1000 * len(isis) / isis.sum()


# By hand


def test_long_recordings_are_cut_at_the_length():
    windows = cut_windows([np.arange(0, 30_001.0, 10)], 3000)
    assert [len(window) for window in windows] == [1] * 10
    assert [window[0][0] for window in windows] == list(range(0, 30_000, 3000))
    assert [window[0][-1] for window in windows] == list(range(3000, 30_001, 3000))
    assert sizes(windows) == [300] * 10


def test_a_window_ends_with_the_last_spike_in_it_where_the_next_begins():
    times = np.arange(0, 9000.0, 70)
    windows = cut_windows([times], 3000)
    assert [window[0][-1] for window in windows] == [2940, 5880, 8960]
    assert [window[0][0] for window in windows] == [0, 2940, 5880]


def test_a_window_of_few_spikes_is_longer():
    windows = cut_windows([np.arange(0, 50_001.0, 1000)], 3000)
    assert sizes(windows) == [MIN_INTERVALS] * 5


def test_the_end_of_a_recording_joins_the_window_before():
    assert sizes(cut_windows([np.arange(0, 3091.0, 10)], 3000)) == [309]  # nine intervals more
    assert sizes(cut_windows([np.arange(0, 3101.0, 10)], 3000)) == [300, 10]  # a window of its own


def test_a_recording_of_one_window_is_as_it_is():
    times = np.arange(0, 500.0, 70)
    assert [window[0].tolist() for window in cut_windows([times], 3000)] == [times.tolist()]
    ((silent,),) = cut_windows([np.empty(0)], 3000)
    assert len(silent) == 0


def test_silent_sweeps_change_nothing():
    halves, silent = [np.arange(6) * 50.0, np.arange(6) * 50.0], [np.array([])] * 3
    others = [np.arange(6) * 40.0, np.arange(6) * 40.0]
    assert sizes(cut_windows(halves + others, 3000)) == [10, 10]
    assert sizes(cut_windows(halves + silent + others, 3000)) == [10, 10]
    assert sizes(cut_windows(silent + halves + others, 3000)) == [10, 10]


def test_what_is_left_of_short_sweeps_joins_the_last_window():
    assert sizes(cut_windows([np.arange(6) * 50.0] * 5, 3000)) == [10, 15]
    assert sizes(cut_windows([np.arange(0, 3001.0, 50), np.arange(3) * 50.0], 3000)) == [62]


# Any recording


def check_windows(sweeps, length):
    """Sweeps of whole, distinct times, so that each spike can be told from any other."""
    windows = cut_windows(sweeps, length)
    pieces = [piece.tolist() for window in windows for piece in window]
    isis = [step for piece in pieces for step in np.diff(piece)]
    assert sorted(isis) == sorted(isis_of(sweeps))
    assert all(n >= MIN_INTERVALS for n in sizes(windows)) or len(windows) == 1
    for piece in pieces:  # of one sweep, without a spike left out
        (whole,) = (sweep.tolist() for sweep in sweeps if piece[0] in sweep)
        start = whole.index(piece[0])
        assert whole[start : start + len(piece)] == piece
    least = MIN_RECURRING * recurrence(sweeps)
    longest = isis_of(sweeps).max(initial=0)
    assert all(isis_of(window).sum() > least - longest for window in windows) or len(windows) == 1
    return windows


@given(arrays(int, st.integers(2, 300), elements=st.integers(1, 3000)), st.integers(1, 20_000))
def test_each_interval_of_a_recording_is_in_one_window(isis, length):
    times = np.cumsum(isis)
    windows = check_windows([times], length)
    assert all(len(window) == 1 for window in windows)
    for (first,), (second,) in itertools.pairwise(windows):
        assert first[-1] == second[0]
    length = max(length, MIN_RECURRING * recurrence([times]))
    for (piece,) in windows[:-1]:  # as long as it may be
        following = times[np.searchsorted(times, piece[-1]) + 1]
        assert piece[-1] - piece[0] <= length < following - piece[0] or len(piece) == MIN_INTERVALS + 1


ISIS = arrays(int, st.integers(1, 40), elements=st.integers(1, 3000))


@given(st.lists(ISIS, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_each_interval_of_sweeps_is_in_one_window_for_any_order(isis, random):
    sweeps = [np.cumsum(some) + 10_000_000 * i for i, some in enumerate(isis)]
    windows = check_windows(sweeps, 3000)
    random.shuffle(sweeps)
    again = cut_windows(sweeps, 3000)
    assert [sorted(np.diff(piece).tolist() for piece in window) for window in again] == [
        sorted(np.diff(piece).tolist() for piece in window) for window in windows
    ]


def test_short_sweeps_come_together_whatever_they_hold():
    """Else windows would differ by what the sweeps are put in order by, and a steady cell would drift."""
    rng = np.random.default_rng(0)
    sweeps = [spikes(rng.uniform(50, 150, n)) for n in rng.integers(3, 9, 400)]
    lengths = [[len(times) for times in window] for window in cut_windows(sweeps, 3000)]
    means = [np.mean(some) for some in lengths]
    assert len(means) > 100
    assert np.corrcoef(np.arange(len(means)), means)[0, 1] == pytest.approx(0, abs=0.2)
    assert np.mean([len(set(some)) > 1 for some in lengths]) > 0.5


def test_the_unit_of_time_makes_no_difference_to_sweeps():
    rng = np.random.default_rng(2)
    sweeps = [np.cumsum(rng.integers(600, 2700, 6)) / 30 for _ in range(30)]
    expected = cut_windows(sweeps, 3000)
    for moved in ([times + 0.1 for times in sweeps], [times / 1000 * 1000 for times in sweeps]):
        for window, other in zip(expected, cut_windows(moved, 3000), strict=True):
            assert np.concatenate([*map(np.diff, other)]) == pytest.approx(isis_of(window), abs=1e-6)


# Pauses


def test_recurrence_by_hand():
    assert recurrence([spikes([100.0] * 30)]) == 0
    assert recurrence([spikes([100.0, 110] * 15)]) == 0
    assert recurrence([spikes(([100.0] * 9 + [500]) * 4)]) == pytest.approx(1400)  # 5600 ms, 4 pauses
    # bursts of three, and after each fifth a pause four times as long as the others
    isis = ([10, 10, 100] * 4 + [10, 10, 400]) * 3
    assert recurrence([spikes(isis)]) == pytest.approx(sum(isis) / 3)
    assert recurrence([spikes(isis), np.empty(0), np.array([3.0])]) == pytest.approx(sum(isis) / 3)
    assert recurrence([np.empty(0)]) == recurrence([np.array([1.0])]) == 0


@pytest.mark.parametrize(
    ("n_pauses", "pause", "recurs"),
    [
        (1, 2000, False),
        (2, 2000, False),
        (3, 2000, True),
        (2, 8000, False),
        (2, 16_000, True),
        (1, 60_000, False),
    ],
)
@pytest.mark.parametrize("jitter", [0.0, 0.03, 0.1])
def test_pauses_recur_if_there_are_three_or_two_that_take_a_twentieth_of_the_time(
    n_pauses, pause, recurs, jitter
):
    """Ten minutes at 10 Hz."""
    isis = 100 * (1 + jitter * np.random.default_rng(0).standard_normal(6000))
    isis[1000 : 1000 * n_pauses + 1 : 1000] = pause
    expected = isis.sum() / n_pauses if recurs else 0
    assert recurrence([spikes(isis)]) == pytest.approx(expected)
    windows = cut_windows([spikes(isis)], 3000)
    assert len(windows) == 1 if recurs else len(windows) > 100


def bursts(n_spikes, within=96.0, pause=2000.0, stop=60_000.0):
    """Spike times until a time (ms): bursts of so many, and the pauses between them."""
    times = spikes(np.tile([within] * (n_spikes - 1) + [pause], 200))
    return times[times < stop]


@pytest.mark.parametrize("stop", [15_000.0, 30_000.0, 45_000.0, 50_000.0, 60_000.0, 92_000.0, 200_000.0])
@pytest.mark.parametrize("n_spikes", [25, 15, 3])
def test_no_pause_between_bursts_is_lost(n_spikes, stop):
    """Of 25 spikes in 2.3 s and 2 s of rest: 5.8 Hz, not 10."""
    times = bursts(n_spikes, stop=stop)
    found, firing = features(times), recording_firing([times], STG.training.window)
    assert found["rate"] == pytest.approx(mean_rate(times), rel=0.02)
    assert found["isi_max"] == pytest.approx(2000, abs=2)
    assert found["spikes_per_burst"] == pytest.approx(n_spikes)
    assert found["burst_rate"] == pytest.approx(1000 / (2000 + 96 * (n_spikes - 1)), rel=1e-3)
    assert firing.activity == "bursting"
    assert firing.rate == pytest.approx(found["rate"], rel=1e-3)
    assert firing.spikes_per_burst == pytest.approx(n_spikes)
    assert firing.burst_rate == pytest.approx(found["burst_rate"], rel=1e-3)


def test_the_rate_of_long_bursts_is_that_of_the_recording():
    times = bursts(25, stop=600_000.0)
    assert features(times)["rate"] == pytest.approx(25 / 4.304, rel=0.02)
    assert recording_firing([times], 3000).rate == pytest.approx(25 / 4.304, rel=0.02)


def test_three_bursts_are_bursts():
    times = spikes([96.0] * 24 + [2000] + [96] * 24 + [2000] + [96] * 24)
    found = features(times)
    assert found["rate"] == pytest.approx(mean_rate(times), rel=1e-3)
    assert found["isi_max"] == pytest.approx(2000, abs=2)
    assert found["spikes_per_burst"] == 25
    assert recording_firing([times], 3000).rate == pytest.approx(mean_rate(times))


def test_pauses_between_trains_of_different_lengths_are_firing():
    """As of a motor unit: 17 to 24 spikes, and pauses of about 2 s."""
    rng = np.random.default_rng(5)
    isis = [[*rng.normal(90, 9, n - 1), rng.normal(1950, 150)] for n in rng.integers(17, 25, 30)]
    times = spikes(np.concatenate(isis))
    found, firing = features(times), recording_firing([times], 3000)
    assert found["rate"] == pytest.approx(mean_rate(times), rel=0.03)
    assert firing.rate == pytest.approx(mean_rate(times), rel=0.03)
    assert found["isi_max"] > 1900
    assert firing.activity == "bursting"


def test_pauses_of_single_long_intervals_are_firing():
    """Regular but for a skipped second now and then: not tonic, and not at the rate between the pauses."""
    isis = 80 * (1 + 0.03 * np.random.default_rng(3).standard_normal(900))
    isis[np.random.default_rng(4).choice(900, 12, replace=False)] = 1700
    times = spikes(isis)
    found, firing = features(times), recording_firing([times], 3000)
    assert firing.activity != "tonic"
    assert firing.rate == pytest.approx(mean_rate(times), rel=0.03)
    assert found["rate"] == pytest.approx(mean_rate(times), rel=0.03)
    assert found["isi_max"] == pytest.approx(1700, abs=2)


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_pauses_in_some_of_the_sweeps_are_firing(share):
    """Sweeps of 5 s, a share of them with a pause of 2 s; windows hold sweeps of both kinds."""
    rng, sweeps = np.random.default_rng(1), []
    for i in range(40):
        isis = 100 * (1 + 0.03 * rng.standard_normal(60))
        if i < share * 40:
            isis[rng.integers(3, 20)] = 2000
        times = spikes(isis)
        sweeps.append(times[times < 5000])
    found, firing = features(*sweeps), recording_firing(sweeps, 3000)
    assert found["rate"] == pytest.approx(mean_rate(*sweeps), rel=0.03)
    assert found["isi_max"] == pytest.approx(2000, abs=3)
    assert firing.rate == pytest.approx(mean_rate(*sweeps), rel=0.03)
    assert firing.activity == "irregular"
    windows = cut_windows(sweeps, 3000)
    assert min(isis_of(window).sum() for window in windows) >= MIN_RECURRING * recurrence(sweeps)


@given(st.integers(2, 30), st.floats(5, 60), st.floats(3.5, 60), st.floats(0.5, 3), st.integers(0, 2**32 - 1))
def test_estimate_and_verification_see_the_same_firing(n_spikes, within, factor, length, seed):
    """Of bursts of any kind, recorded for some periods or many, cut anywhere."""
    period = within * (n_spikes - 1 + factor)
    rng = np.random.default_rng(seed)
    isis = np.tile([within] * (n_spikes - 1) + [within * factor], 120) * rng.normal(1, 0.01, 120 * n_spikes)
    times = spikes(isis)
    start = rng.uniform(0, period)
    times = times[(times >= start) & (times < start + 30 * length * period)]
    cell = clean_times([times])
    found, firing = features(*cell), recording_firing(cell, STG.training.window)
    assert firing.activity == "bursting"
    assert found["spikes_per_burst"] == pytest.approx(firing.spikes_per_burst, abs=0.1)
    assert found["rate"] == pytest.approx(firing.rate, rel=0.01)
    assert found["burst_rate"] == pytest.approx(firing.burst_rate, rel=0.02)
    assert firing.rate == pytest.approx(mean_rate(*cell), rel=0.07)
