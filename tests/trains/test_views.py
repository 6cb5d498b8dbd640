"""Views of simulated cells: recordings long and short, clean and corrupted, that a network is shown."""

import numpy as np
import pytest

from elephant_dic import get_neuron
from elephant_dic.trains import views
from elephant_dic.trains.features import MIN_INTERVALS

STG = get_neuron("stg")


@pytest.fixture
def times():
    return np.arange(10.0, 18_000, 70)


def taken(view, times, n=40):
    return [view(times, STG, np.random.default_rng(seed)) for seed in range(n)]


@pytest.mark.parametrize("view", views.VIEWS, ids=lambda view: view.__name__)
def test_views_lie_in_the_recording_after_the_transient(view, times):
    for window in taken(view, times):
        assert len(window) > MIN_INTERVALS
        assert window[0] > 3000 - 6 * views.JITTER  # jitter may move a spike before the start
        assert window[-1] < times[-1] + 6 * views.JITTER
        assert (np.diff(window) > 0).all()


def test_clean_view_is_the_published_window(times):
    window = views.clean(times, STG, None)
    assert np.array_equal(window, times[(times >= 3000) & (times < 6000)])


def test_recordings_have_the_sampling_of_recordings(times):
    for view in set(views.VIEWS) - {views.clean}:
        for window in taken(view, times + np.pi / 100, 3):
            assert np.allclose(window / views.SAMPLING, np.round(window / views.SAMPLING))


def test_steady_view_comes_from_the_last_third(times):
    starts = np.array([window[0] for window in taken(views.steady, times)])
    assert starts.min() >= 3000 + 2 / 3 * (times[-1] - 3000 - 3000)
    assert len(set(starts)) > 20


def test_lengths_are_those_of_short_and_of_long_recordings(times):
    lengths = np.array([np.ptp(window) for window in taken(views.any_length, times, 200)])
    assert 900 < lengths.min() < 1300
    assert 9_000 < lengths.max() <= 12_000


def test_a_slow_cell_is_recorded_until_it_has_enough_intervals():
    slow = np.arange(10.0, 40_000, 900)
    assert {len(window) for window in taken(views.any_length, slow)} >= {MIN_INTERVALS + 1}


def test_gap_leaves_a_window_of_spikes(times):
    for window in taken(views.with_gap, times):
        longest = np.diff(window).max()
        assert 0.1 * 3000 - 140 <= longest <= 0.6 * 3000 + 140
        assert len(window) == pytest.approx(3000 / 70, abs=2)


def test_corrupted_trains_miss_spikes_or_have_more(times):
    counts = np.array([len(window) for window in taken(views.corrupted, times, 300)])
    whole = 3000 / 70
    assert 0.7 * whole < counts.min() < 0.9 * whole
    assert 1.05 * whole < counts.max() < 1.35 * whole
    jittered = [window for window in taken(views.corrupted, times, 300) if np.diff(window).std() > 1]
    assert len(jittered) > 100


def test_two_spikes_at_one_time_are_one():
    assert np.array_equal(views.sampled(np.array([1.0, 1.01, 1.04, 2.0])), [1.0, 1.05, 2.0])
