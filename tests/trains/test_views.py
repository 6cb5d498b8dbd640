"""Views of simulated cells: recordings long and short, good and corrupted, that a network is shown."""

import numpy as np
import pytest

from elephant_dic import get_neuron
from elephant_dic.trains import MOST_WINDOWS, steady, views
from elephant_dic.trains.windows import MIN_INTERVALS

STG = get_neuron("stg")
WINDOW = 3000.0
END = 9000.0


@pytest.fixture
def times():
    """Of a cell that has settled, for as long as cells of the training are simulated."""
    return np.arange(10.0, END, 70)


def taken(view, times, n=40):
    return [view(times, STG, np.random.default_rng(seed)) for seed in range(n)]


@pytest.mark.parametrize("view", views.VIEWS, ids=lambda view: view.__name__)
def test_views_lie_in_the_recording(view, times):
    for window in taken(view, times):
        assert len(window) > MIN_INTERVALS
        assert window[0] > -6 * views.JITTER  # jitter may move a spike before the start
        assert window[-1] < times[-1] + 6 * views.JITTER
        assert (np.diff(window) > 0).all()


@pytest.mark.parametrize("view", views.VIEWS, ids=lambda view: view.__name__)
def test_views_come_from_all_over_the_recording(view, times):
    starts = np.array([window[0] for window in taken(view, times, 200)])
    latest = times[-1] - WINDOW
    assert starts.min() < 0.1 * latest
    assert starts.max() > 0.8 * latest
    assert len(set(starts)) > 150


class Highest:
    """In place of a generator: of a range the upper end, of signs the plus."""

    def uniform(self, low, high):
        return high

    def choice(self, signs):
        return max(signs)


def test_recordings_have_the_sampling_of_recordings():
    """From a microsecond to 0.2 ms, as often in each decade."""
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.uniform(40, 110, 200))
    errors = [np.abs(views.sampled(times, rng) - times).max() for _ in range(2000)]
    assert 0.0004 < min(errors) < 0.0006  # half a step
    assert 0.08 < max(errors) <= 0.1
    assert np.median(errors) == pytest.approx(np.sqrt(0.001 * 0.2) / 2, rel=0.25)


def test_two_spikes_at_one_time_are_one():
    found = views.sampled(np.array([2.0, 1.0, 1.05, 1.31]), Highest())
    assert found == pytest.approx([1.0, 1.4, 2.0])
    assert len(views.sampled(np.empty(0), Highest())) == 0


def test_lengths_are_those_of_short_and_of_long_recordings(times):
    lengths = np.array([np.ptp(window) for window in taken(views.any_length, times, 200)])
    assert 900 < lengths.min() < 1100
    assert 5500 < lengths.max() <= MOST_WINDOWS * WINDOW
    assert np.median(lengths) == pytest.approx(WINDOW * np.sqrt(MOST_WINDOWS / 3), rel=0.15)


def test_a_slow_cell_is_recorded_until_it_has_enough_intervals():
    slow = np.arange(10.0, 40_000, 900)
    lengths = [len(window) for window in taken(views.any_length, slow)]
    assert max(lengths) == MIN_INTERVALS + 1
    assert np.mean([n == MIN_INTERVALS + 1 for n in lengths]) > 0.7  # the others come from the end


def test_gap_leaves_a_window_of_spikes(times):
    for window in taken(views.with_gap, times):
        longest = np.diff(window).max()
        assert 0.1 * WINDOW - 140 <= longest <= 0.6 * WINDOW + 140
        assert len(window) == pytest.approx(WINDOW / 70, abs=2)


def test_corrupted_trains_miss_spikes_or_have_more(times):
    counts = np.array([len(window) for window in taken(views.corrupted, times, 300)])
    whole = WINDOW / 70
    assert 0.7 * whole < counts.min() < 0.9 * whole
    assert 1.05 * whole < counts.max() < 1.35 * whole


def test_corrupted_trains_jitter_or_drift(times):
    n = round(WINDOW / 70)
    whole = [window for window in taken(views.corrupted, times, 600) if abs(len(window) - n) < 2]
    spread = np.array([np.diff(window).std() for window in whole])
    trend = np.array([np.polyfit(np.arange(len(window) - 1), np.diff(window), 1)[0] for window in whole])
    drifting = np.abs(trend) * n / 70 > 0.02
    assert 0.03 < drifting.mean() < 0.3
    assert (np.abs(trend) * n / 70)[spread < 0.3].min() < 2e-3
    assert (spread > 1).mean() > 0.3
    assert {-1.0, 1.0} == set(np.sign(trend[drifting]))


def test_no_fault_takes_spikes_out_of_the_window(times):
    """Not even two at once: spurious spikes come first, and then all drift."""
    for window in taken(views.corrupted, times, 2000):
        assert np.ptp(window) < WINDOW + 12 * views.JITTER


# Faults


def test_spurious_spikes_are_among_the_others():
    times, rng = np.arange(100.0, 3000, 50), np.random.default_rng(1)
    for _ in range(20):
        found = views._with_spurious(times, rng)
        assert (np.diff(found) >= 0).all()
        assert np.isin(times, found).all()
        assert (found[0], found[-1]) == (100, 2950)


def test_a_drift_is_the_relative_change_of_the_intervals_from_start_to_end():
    times = np.arange(0.0, 3001, 10)
    found = views._drifting(times, Highest())
    isis = np.diff(found)
    assert (found[0], found[-1]) == (0, 3000)
    assert (isis[-1] - isis[0]) / isis.mean() == pytest.approx(0.2, rel=0.01)
    assert np.diff(isis) == pytest.approx(np.full(299, np.diff(isis)[0]))  # evenly
    assert views._drifting(np.array([7.0]), Highest()).tolist() == [7]


# Each view, from the numbers that were drawn


@pytest.fixture
def drawn():
    """Generators that give the same numbers: for the view, and to draw them again."""
    return lambda seed: (np.random.default_rng(seed), np.random.default_rng(seed))


def between(times, start, stop):
    return times[(times >= start) & (times < stop)]


def on_grid(times, rng):
    step = np.exp(rng.uniform(np.log(0.001), np.log(0.2)))
    return np.unique(np.round(times / step) * step)


def any_start(times, length, rng):
    return max(times[-1] - length, 0) * rng.random()


SEEDS = range(12)


def irregular_times():
    return np.cumsum(np.random.default_rng(5).uniform(40, 110, 120))


def test_what_a_recording_may_be():
    """What the networks were trained on; with others they are to be trained again."""
    assert STG.training.window == WINDOW
    assert {view.__name__: often for view, often in views.VIEWS.items()} == {
        "steady": 1.5, "any_length": 0.8, "with_gap": 0.3, "corrupted": 3.0,
    }  # fmt: skip
    assert (views.SAMPLING, views.JITTER, views.DRIFT) == ((0.001, 0.2), 5.0, (1e-4, 0.2))
    assert (views.MISSING, views.SPURIOUS, views.TWO_FAULTS) == (0.2, 0.1, 0.2)
    assert (views.LENGTHS, views.GAPS, MOST_WINDOWS) == ((1 / 3, 2.0), (0.1, 0.6), 2.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_steady_by_its_numbers(seed, drawn):
    times, (rng, again) = irregular_times(), drawn(seed)
    start = any_start(times, WINDOW, again)
    expected = on_grid(between(times, start, start + WINDOW), again)
    assert steady(times, STG, rng).tolist() == expected.tolist()


def test_a_recording_shorter_than_a_window_is_taken_as_it_is(drawn):
    times, (rng, again) = np.arange(10.0, 2000, 25), drawn(3)
    again.random()
    assert steady(times, STG, rng).tolist() == on_grid(times, again).tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_any_length_by_its_numbers(seed, drawn):
    times, (rng, again) = irregular_times(), drawn(seed)
    length = WINDOW * np.exp(again.uniform(np.log(1 / 3), np.log(2)))
    start = any_start(times, length, again)
    expected = on_grid(between(times, start, start + length), again)
    assert views.any_length(times, STG, rng).tolist() == expected.tolist()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_recording_of_a_slow_cell_is_longer(seed, drawn):
    times, (rng, again) = 10.0 + 900 * np.arange(60), drawn(seed)
    length = WINDOW * np.exp(again.uniform(np.log(1 / 3), np.log(2)))
    start = any_start(times, length, again)
    later = times[times >= start]
    if len(later) > 10:
        length = max(length, later[10] - start + 0.05)
    expected = on_grid(between(times, start, start + length), again)
    found = views.any_length(times, STG, rng)
    assert found.tolist() == expected.tolist()
    assert len(found) > 10 or len(later) < 11


def test_a_cell_that_stops_firing_has_what_there_is():
    window = views.any_length(np.array([100, 200, 300.0]), STG, np.random.default_rng(0))
    assert window == pytest.approx([100, 200, 300], abs=0.2)


@pytest.mark.parametrize("seed", SEEDS)
def test_with_gap_by_its_numbers(seed, drawn):
    times, (rng, again) = irregular_times(), drawn(seed)
    gap = again.uniform(0.1, 0.6) * WINDOW
    start = any_start(times, WINDOW + gap, again)
    gap_start = start + again.uniform(0.1, 0.9) * WINDOW
    kept = np.append(between(times, start, gap_start), between(times, gap_start + gap, start + WINDOW + gap))
    assert views.with_gap(times, STG, rng).tolist() == on_grid(kept, again).tolist()


@pytest.mark.parametrize("seed", range(60))
def test_corrupted_by_its_numbers(seed, drawn):
    times, (rng, again) = irregular_times(), drawn(seed)
    start = any_start(times, WINDOW, again)
    kept = between(times, start, start + WINDOW)

    def jittered(kept):
        return np.sort(kept + again.uniform(0, 5) * again.standard_normal(len(kept)))

    def missing(kept):
        return kept[again.random(len(kept)) > again.uniform(0, 0.2)]

    def spurious(kept):
        n_more = again.poisson(again.uniform(0, 0.1) * len(kept))
        return np.sort(np.append(kept, again.uniform(kept[0], kept[-1], n_more)))

    def drifting(kept):
        change = np.exp(again.uniform(np.log(1e-4), np.log(0.2))) * again.choice((-1, 1))
        place = (kept - kept[0]) / np.ptp(kept)
        return kept + change / 2 * place * (place - 1) * np.ptp(kept)

    faults = again.permutation([jittered, missing, spurious, drifting])
    for fault in faults[: 2 if again.random() < 0.2 else 1]:
        kept = fault(kept)
    assert views.corrupted(times, STG, rng) == pytest.approx(on_grid(kept, again), abs=1e-9)


def test_a_window_without_spikes_is_not_corrupted():
    for seed in range(20):
        assert views.corrupted(np.array([0.0, 1e6]), STG, np.random.default_rng(seed)).tolist() in ([], [0])
