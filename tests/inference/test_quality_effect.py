"""What contamination and missing spikes of a unit do to its estimate."""

import numpy as np
import pytest
from support.units import contaminated, shrinking, tonic, train

from elephant_dic import get_neuron, infer_dics, read_spiketrains
from elephant_dic.examples import example_path
from elephant_dic.inference import quality_effect as effect
from elephant_dic.inference.mixture import Mixture
from elephant_dic.inference.quality_effect import possible_trains
from elephant_dic.inference.regressor import infer_from_times
from elephant_dic.trains import clean


def test_the_estimate_of_a_good_unit_is_as_it_was():
    times = tonic(jitter=0.02)
    with_quality = infer_dics(train(times, 60_000))
    (alone,) = infer_from_times([[times]], get_neuron("stg"))
    assert with_quality.mean.tolist() == alone.mean.tolist()
    assert with_quality.warnings == alone.warnings


def test_the_estimate_of_a_contaminated_unit_is_wider_and_says_why():
    times = contaminated(tonic(20, jitter=0.02), 0.2)
    wide = infer_dics(train(times, 60_000))
    (alone,) = infer_from_times([[times]], get_neuron("stg"))
    assert "the unit is" in wide.warnings[-1]
    assert "contamination" in wide.warnings[-1]
    assert len(wide._mixture.weights) == 25 * len(alone._mixture.weights)
    assert wide._mixture.weights.sum() == pytest.approx(1)
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
        assert sorted(map(len, drawn))[:2] == [0, 1]
        assert any(np.array_equal(times, [5.0]) for times in drawn)


# Each part by hand


def density_of_one(intervals):
    """Two intervals of 10 ms, or one of 30 ms, are likely; nothing else is."""
    likely = {10.0: 0.2, 30.0: 0.05}
    return np.vectorize(lambda interval: likely.get(round(interval, 6), 0.01), otypes=[float])(intervals)


def test_density_of_intervals_is_spread_as_they_are_and_highest_where_they_are():
    rng = np.random.default_rng(0)
    density = effect._density_of(np.concatenate([rng.normal(20, 0.5, 900), rng.normal(200, 5, 100)]))
    grid = np.geomspace(1, 1000, 20_000)
    total = np.log(10)  # the density is that of the decadic logarithm, over the interval
    assert np.trapezoid(density(grid), grid) == pytest.approx(total, abs=0.02)
    near_20 = (grid > 14) & (grid < 30)
    assert np.trapezoid(density(grid[near_20]), grid[near_20]) == pytest.approx(0.9 * total, abs=0.02)
    assert grid[density(grid).argmax()] == pytest.approx(20, rel=0.1)


def test_density_of_one_interval_is_the_kernel():
    density = effect._density_of(np.full(50, 20.0))
    off = 10 ** np.array([-effect.BANDWIDTH, 0, effect.BANDWIDTH])
    of_logarithms = density(20 * off) * 20 * off
    assert of_logarithms[[0, 2]] / of_logarithms[1] == pytest.approx([np.exp(-0.5)] * 2, rel=0.15)
    assert density(np.array([200.0, 5.0])) == pytest.approx([1e-6 / 200, 1e-6 / 5])
    assert density(np.array([1e-9])) == density(np.array([1.0]))  # the shortest that is told apart


def test_odds_of_a_spike_are_those_of_the_interval_it_splits():
    odds = effect._foreign(np.array([10.0, 20.0, 10.0]), density_of_one)
    joined = 0.05 / (0.2 * 0.01)  # 30 ms in place of 10 and 20
    assert odds == pytest.approx([0, joined, joined, 0])
    assert effect._foreign(np.array([10.0]), density_of_one).tolist() == [0, 0]
    assert effect._foreign(np.array([]), density_of_one).tolist() == [0]


@pytest.mark.parametrize("share", [0.3, 1e-4])
def test_odds_are_scaled_until_their_probabilities_have_the_share(share):
    odds = [np.array([0.0, 1.0, 3.0]), np.array([9.0, 0.0])]
    found = effect._scaled_to(odds, share)
    assert np.concatenate(found).mean() == pytest.approx(share, rel=1e-9)
    assert [found[0][0], found[1][1]] == [0, 0]
    ratio = np.array([p / (1 - p) for p in (found[0][1], found[0][2], found[1][0])])
    assert ratio / ratio[0] == pytest.approx([1, 3, 9])
    assert [each.tolist() for each in effect._scaled_to(odds, 0.0)] == [[0, 0, 0], [0, 0]]


def test_very_unlikely_and_very_likely_odds_are_scaled_too():
    for scale in (1e-30, 1e30):
        (found,) = effect._scaled_to([scale * np.array([1.0, 1.0])], 0.25)
        assert found == pytest.approx([0.25, 0.25])


def test_spikes_are_left_out_by_their_probability():
    rng = np.random.default_rng(0)
    assert effect._without(np.arange(4.0), np.array([0.0, 1.0, 0.0, 1.0]), rng).tolist() == [0, 2]
    left = [len(effect._without(np.arange(100.0), np.full(100, 0.2), rng)) for _ in range(50)]
    assert np.mean(left) == pytest.approx(80, abs=2)
    assert effect._without(np.array([]), np.zeros(1), rng).tolist() == []


def test_nothing_is_put_in_where_nothing_is_missing():
    sweeps = [np.arange(5.0)]
    assert effect._completed(sweeps, 0.0, density_of_one, np.random.default_rng(0)) is sweeps


@pytest.mark.parametrize("missing", [0.1, 0.2])
def test_as_many_are_put_in_as_are_missing_in_the_middle_of_long_intervals(missing):
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.choice([10.0, 20.0], 2000))
    (full,) = effect._completed([times], missing, effect._density_of(np.diff(times)), rng)
    assert len(full) - len(times) == pytest.approx(missing / (1 - missing) * len(times), rel=0.1)
    assert (np.diff(full) > 0).all()
    assert np.isin(times, full).all()
    new = full[~np.isin(full, times)]
    after = np.searchsorted(times, new)
    split = times[after] - times[after - 1]
    assert np.mean(split > 15) > 0.95
    place = (new - times[after - 1]) / split
    assert np.abs(place - 0.5)[split > 15].mean() < 0.05
    assert place[split > 15].mean() == pytest.approx(0.5, abs=0.01)


def test_no_more_than_nine_in_ten_intervals_are_filled():
    times = np.arange(0.0, 20_000, 20)
    (full,) = effect._completed([times], 0.8, effect._density_of(np.diff(times)), np.random.default_rng(0))
    assert len(full) - len(times) == pytest.approx(0.9 * len(times), rel=0.05)


def test_each_sweep_is_completed_by_itself():
    sweeps, rng = [np.array([]), np.array([3.0]), np.array([0.0, 20.0, 40.0])], np.random.default_rng(0)
    density = effect._density_of(np.full(40, 10.0))
    for _ in range(20):
        full = effect._completed(sweeps, 0.4, density, rng)
        assert [len(each) for each in full[:2]] == [0, 1]
        assert full[2][[0, -1]].tolist() == [0, 40]


def test_possible_trains_are_as_many_as_asked_for_and_seeded():
    times = [np.cumsum(np.random.default_rng(2).normal(50, 5, 100))]
    drawn = possible_trains(times, 0.1, 0.1, 4, np.random.default_rng(0))
    again = possible_trains(times, 0.1, 0.1, 4, np.random.default_rng(0))
    assert len(drawn) == len({tuple(one) for (one,) in drawn}) == 4
    assert all(np.array_equal(one, other) for (one,), (other,) in zip(drawn, again, strict=True))


# The estimate


def test_good_units_and_negligible_faults_leave_the_estimate_as_it_is():
    (estimate,) = infer_from_times([[tonic()]], get_neuron("stg"))
    few = tonic(20, length=1_000_000)
    few[1] = few[0] + 1.2  # one violation of many
    cell = train(few, 1_000_000)
    assert 0 < effect.assess_quality(cell).contamination <= effect.NEGLIGIBLE
    assert effect.with_quality([estimate], [clean(cell)], None) == [(estimate, "")]
    more = few.copy()
    more[3:400:4] = more[2:400:4] + 1.2
    worse = train(more, 1_000_000)
    assert effect.assess_quality(worse).contamination > effect.NEGLIGIBLE
    ((found, text),) = effect.with_quality([estimate], [clean(worse)], get_neuron("stg"))
    assert found != estimate
    assert text.startswith("the unit is")


@pytest.mark.parametrize("n_times", [1, 3])
def test_spikes_that_shrink_within_bursts_move_nothing(n_times):
    (recorded,) = read_spiketrains(example_path())
    once = recorded.times.rescale("ms").magnitude
    times = np.concatenate([once + 6000 * k for k in range(n_times)])
    plain, shrunk = (
        infer_dics(train(times, 6000 * n_times, **more))
        for more in ({}, {"array_annotations": {"amplitude": shrinking(times)}})
    )
    assert shrunk.mean.tolist() == plain.mean.tolist()
    assert shrunk.std.tolist() == plain.std.tolist()
    assert shrunk.warnings == plain.warnings


def test_amplitudes_that_are_cut_off_count():
    times = tonic(20, jitter=0.02)
    sizes = np.random.default_rng(1).normal(1, 0.15, len(times))
    kept = sizes > 0.87
    plain = infer_dics(train(times[kept], 60_000))
    cut = infer_dics(train(times[kept], 60_000, array_annotations={"amplitude": sizes[kept]}))
    assert "% of the spikes are missing" in cut.warnings[-1]
    assert len(cut._mixture.weights) == 25 * len(plain._mixture.weights)
    assert cut.mean.tolist() != plain.mean.tolist()


def test_half_of_the_estimate_is_of_the_recording_and_half_of_what_it_may_have_been():
    times = contaminated(tonic(20, length=20_000, jitter=0.02), 0.2, 20_000)
    cell, stg = clean(train(times, 20_000)), get_neuron("stg")
    (alone,) = infer_from_times([cell.times], stg)
    ((found, text),) = effect.with_quality([alone], [cell], stg)
    quality = effect.assess_quality(cell.cell)
    drawn = possible_trains(cell.times, quality.contamination, 0.0, 24, np.random.default_rng(0))
    others = [each._mixture for each in infer_from_times(drawn, stg)]
    assert found._mixture == Mixture.pooled([alone._mixture, Mixture.pooled(others)])
    assert np.array_equal([found.mean, found.std], found._mixture.moments())
    below = np.mean([mixture.probability_below(alone.mean) for mixture in others], axis=0)
    half_each = (alone.probability_below(alone.mean) + below) / 2
    assert found.probability_below(alone.mean) == pytest.approx(half_each)
    assert found.warnings == alone.warnings
    assert text == f"the unit is {quality.verdict}: {'; '.join(quality.reasons)}"
    assert (found.in_domain, found.domain_score) == (alone.in_domain, alone.domain_score)


@pytest.mark.filterwarnings("ignore:.* which was detected twice:UserWarning")
def test_spikes_detected_twice_are_taken_once():
    own = tonic(20, length=15_000, jitter=0.02)
    twice = infer_dics(train(np.sort(np.append(own, own[:-1:2] + 0.3)), 15_000))
    once = infer_dics(train(own, 15_000))
    assert twice.mean.tolist() == once.mean.tolist()
    assert twice.std.tolist() == once.std.tolist()
    note = f"{len(own) // 2} spikes within 0.5 ms of another, which was detected twice, are left out"
    assert twice.warnings == (*once.warnings, note)


@pytest.mark.filterwarnings("ignore:.* (which was detected twice|spikes are missing):UserWarning")
def test_missing_spikes_of_a_train_with_doublets_are_told_by_the_amplitudes_of_those_kept():
    times = tonic(20, jitter=0.02)
    sizes = np.random.default_rng(1).normal(1, 0.15, len(times))
    kept = sizes > 0.87
    own, sizes = times[kept], sizes[kept]
    order = np.argsort(np.append(own, own[::100] + 0.3))
    doubled, more = np.append(own, own[::100] + 0.3)[order], np.append(sizes, sizes[::100] / 100)[order]
    plain = infer_dics(train(own, 60_000, array_annotations={"amplitude": sizes}))
    found = infer_dics(train(doubled, 60_000, array_annotations={"amplitude": more}))
    assert found.warnings[-1] == plain.warnings[-1]
    assert "% of the spikes are missing" in found.warnings[-1]
    assert found.mean.tolist() == plain.mean.tolist()
