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


# Each view, from the numbers that were drawn


TRANSIENT = WINDOW = 3000.0


@pytest.fixture
def drawn():
    """Generators that give the same numbers: for the view, and to draw them again."""
    return lambda seed: (np.random.default_rng(seed), np.random.default_rng(seed))


def between(times, start, stop):
    return times[(times >= start) & (times < stop)]


def on_grid(times):
    return np.unique(np.round(times / 0.05) * 0.05)


def any_start(times, length, rng):
    return TRANSIENT + max(times[-1] - length - TRANSIENT, 0) * rng.beta(2, 1)


SEEDS = range(12)


def irregular_times():
    return np.cumsum(np.random.default_rng(5).uniform(40, 110, 240))


def test_what_a_recording_may_be():
    """What the networks were trained on; with others they are to be trained again."""
    assert (STG.training.transient, STG.training.window) == (TRANSIENT, WINDOW)
    assert {view.__name__: often for view, often in views.VIEWS.items()} == {
        "clean": 1.0, "steady": 1.0, "any_length": 0.8, "with_gap": 0.3, "corrupted": 2.5,
    }  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_steady_by_its_numbers(seed, drawn):
    times, (rng, again) = irregular_times(), drawn(seed)
    latest = times[-1] - WINDOW
    start = again.uniform(TRANSIENT + (latest - TRANSIENT) * 2 / 3, latest)
    assert views.steady(times, STG, rng).tolist() == on_grid(between(times, start, start + WINDOW)).tolist()


@pytest.mark.parametrize("end", [5000.0, 6000.0, 6500.0])
def test_steady_of_a_short_simulation_begins_after_the_transient(end):
    times = np.arange(10.0, end, 25)
    window = views.steady(times, STG, np.random.default_rng(0))
    assert window[0] >= TRANSIENT
    if times[-1] < TRANSIENT + WINDOW:
        assert window.tolist() == on_grid(times[times >= TRANSIENT]).tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_any_length_by_its_numbers(seed, drawn):
    times, (rng, again) = irregular_times(), drawn(seed)
    length = WINDOW * np.exp(again.uniform(np.log(1 / 3), np.log(4)))
    start = any_start(times, length, again)
    assert (
        views.any_length(times, STG, rng).tolist() == on_grid(between(times, start, start + length)).tolist()
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_recording_of_a_slow_cell_is_longer(seed, drawn):
    times, (rng, again) = 10.0 + 900 * np.arange(60), drawn(seed)
    length = WINDOW * np.exp(again.uniform(np.log(1 / 3), np.log(4)))
    start = any_start(times, length, again)
    later = times[times >= start]
    if len(later) > 10:
        length = max(length, later[10] - start + 0.05)
    found = views.any_length(times, STG, rng)
    assert found.tolist() == on_grid(between(times, start, start + length)).tolist()
    assert len(found) > 10 or len(later) < 11


def test_a_cell_that_stops_firing_has_what_there_is():
    times = np.append(np.arange(10.0, 3000, 50), [3100, 3200, 3300.0])
    assert views.any_length(times, STG, np.random.default_rng(0)).tolist() == [3100, 3200, 3300]


@pytest.mark.parametrize("seed", SEEDS)
def test_with_gap_by_its_numbers(seed, drawn):
    times, (rng, again) = irregular_times(), drawn(seed)
    gap = again.uniform(0.1, 0.6) * WINDOW
    start = any_start(times, WINDOW + gap, again)
    gap_start = start + again.uniform(0.1, 0.9) * WINDOW
    kept = np.append(between(times, start, gap_start), between(times, gap_start + gap, start + WINDOW + gap))
    assert views.with_gap(times, STG, rng).tolist() == on_grid(kept).tolist()


@pytest.mark.parametrize("seed", range(40))
def test_corrupted_by_its_numbers(seed, drawn):
    times, (rng, again) = irregular_times(), drawn(seed)
    start = any_start(times, WINDOW, again) if again.random() < 0.5 else TRANSIENT
    kept = between(times, start, start + WINDOW)

    def jittered(kept):
        return np.sort(kept + again.uniform(0, 5) * again.standard_normal(len(kept)))

    def missing(kept):
        return kept[again.random(len(kept)) > again.uniform(0, 0.2)]

    def spurious(kept):
        n_more = again.poisson(again.uniform(0, 0.1) * len(kept))
        return np.append(kept, again.uniform(kept[0], kept[-1], n_more))

    faults = again.permutation([jittered, missing, spurious])
    for fault in faults[: 2 if again.random() < 0.2 else 1]:
        kept = fault(kept)
    assert views.corrupted(times, STG, rng).tolist() == on_grid(kept).tolist()


def test_a_window_without_spikes_is_not_corrupted():
    for seed in range(20):
        assert views.corrupted(np.array([1.0, 2]), STG, np.random.default_rng(seed)).tolist() == []


def test_a_window_begins_with_its_first_moment_and_ends_before_its_last():
    times = np.arange(0.0, 10_000, 500)
    assert views.clean(times, STG, None).tolist() == [3000, 3500, 4000, 4500, 5000, 5500]
