"""A cell's spike times, cleaned once for all: each spike once, cut at a gap, and told."""

import re

import elephant.statistics
import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given
from hypothesis import strategies as st
from support.units import contaminated, tonic, train

from elephant_dic import assess_quality, get_neuron
from elephant_dic.trains import clean, clean_many, clean_times, isis_of, recording_firing, without_doublets
from elephant_dic.trains.features import feature_vector

STG = get_neuron("stg")
REGULAR = 50 + 100.0 * np.arange(100)


def spikes(isis, start=10.0):
    return start + np.concatenate([[0.0], np.cumsum(isis)])


def cell_of(times, **more):
    return train(times, times[-1] + 1, **more)


def group(*sweeps, **attributes):
    made = neo.Group(**attributes)
    made.spiketrains.extend([train(times, 1e6) for times in sweeps])
    return made


def lists(sweeps):
    return [times.tolist() for times in sweeps]


# Spikes detected twice


def test_a_regular_train_with_doublets_is_tonic():
    times = np.sort(np.append(REGULAR, REGULAR[5:95:10] + 0.3))
    cell = clean(cell_of(times))
    assert lists(cell.times) == [REGULAR.tolist()]
    assert cell.notes == ("9 spikes within 0.5 ms of another, which was detected twice, are left out",)
    firing = recording_firing(cell.times, STG.training.window)
    assert (firing.activity, firing.rate) == ("tonic", pytest.approx(10))
    assert recording_firing([times], STG.training.window).activity != "tonic"
    assert (feature_vector(STG, cell.times) == feature_vector(STG, [REGULAR])).all()


def test_a_good_train_is_as_it_is():
    given_train = cell_of(REGULAR)
    for cell in (clean(given_train), without_doublets(given_train)):
        assert cell.cell is given_train
        assert cell.spiketrains == [given_train]
        assert (lists(cell.times), cell.notes) == ([REGULAR.tolist()], ())


def test_the_first_of_several_counts_and_half_a_millisecond_is_enough():
    """All exact in binary."""
    times = np.array([64, 64.25, 64.5, 128, 128.5, 192, 192.4375, 256, 320, 384])
    assert lists(clean(cell_of(times)).times) == [[64, 128, 128.5, 192, 256, 320, 384]]


def test_too_few_are_left():
    times = np.array([64, 64.25, 128, 192, 192.25, 256])
    message = (
        "^too few spikes: 4 are left without the 2 that follow another within 0.5 ms, which is one spike "
        "detected twice; at least 5 are needed$"
    )
    for function in (clean, without_doublets):
        with pytest.raises(ValueError, match=message):
            function(cell_of(times))
    assert len(clean(cell_of(np.append(times, 320.0))).times[0]) == 5


def test_the_spikes_that_are_kept_keep_all_that_is_known_of_them():
    times = np.sort(np.append(REGULAR, REGULAR[[3, 50]] + 0.3))
    sizes, shapes = np.arange(102.0), np.arange(102 * 2 * 4.0).reshape(102, 2, 4)
    known = neo.SpikeTrain(
        times * pq.ms, t_start=7 * pq.ms, t_stop=20 * pq.s, name="unit 1", depth="deep",
        array_annotations={"amplitude": sizes * pq.uV}, waveforms=shapes * pq.mV,
    )  # fmt: skip
    cell = clean(known)
    (kept,) = cell.cell.spiketrains
    once = np.delete(np.arange(102), [4, 52])
    assert kept.magnitude.tolist() == REGULAR.tolist()
    assert kept.array_annotations["amplitude"].magnitude.tolist() == once.tolist()
    assert kept.array_annotations["amplitude"].units == pq.uV
    assert np.array_equal(kept.waveforms.magnitude, shapes[once])
    assert (kept.name, kept.annotations["depth"], kept.t_start, kept.t_stop) == (
        "unit 1", "deep", known.t_start, known.t_stop,
    )  # fmt: skip
    assert cell.spiketrains == [known]
    assert len(known) == 102
    assert cell.cell.name == "unit 1"
    assert (assess_quality(cell.cell).n_doublets, assess_quality(known).n_doublets) == (0, 2)


def test_doublets_of_all_sweeps_are_told_together():
    first, second = np.sort(np.append(REGULAR, [50.25, 150.25])), np.array([10.0, 10.25, 99])
    given_group = group(first, [], second, name="cell")
    cell = clean(given_group)
    assert lists(cell.times) == [REGULAR.tolist(), [], [10, 99]]
    assert cell.notes == ("3 spikes within 0.5 ms of another, which was detected twice, are left out",)
    assert [train.magnitude.tolist() for train in cell.cell.spiketrains] == lists(cell.times)
    assert cell.cell.name == "cell"
    assert cell.spiketrains == list(given_group.spiketrains)


def test_one_spike_detected_twice():
    cell = clean(cell_of(np.sort(np.append(REGULAR, REGULAR[7] + 0.3))))
    assert cell.notes == ("1 spike within 0.5 ms of another, which was detected twice, is left out",)
    assert lists(cell.times) == [REGULAR.tolist()]


def test_spikes_of_two_sweeps_are_never_doublets():
    cell = clean(group(REGULAR, REGULAR + 0.1))
    assert (lists(cell.times), cell.notes) == ([REGULAR.tolist(), (REGULAR + 0.1).tolist()], ())


# Gaps


GAP = "a pause of {} s, the only one in steady firing, is taken for a gap of the recording"


def test_a_single_pause_in_a_steady_train_is_a_gap():
    first, second = REGULAR, REGULAR + 15_000
    given_train = cell_of(np.append(first, second))
    cell = clean(given_train)
    assert lists(cell.times) == lists([first, second])
    assert cell.notes == (GAP.format("5.1"),)
    assert cell.cell is given_train
    firing = recording_firing(cell.times, 3000)
    assert (firing.activity, firing.rate) == ("tonic", pytest.approx(10))
    assert without_doublets(given_train).notes == ()
    assert lists(without_doublets(given_train).times) == [given_train.magnitude.tolist()]


@pytest.mark.parametrize(("pause", "cut"), [(300.0, False), (301.0, True)])
def test_a_gap_is_more_than_three_times_as_long_as_any_other_interval(pause, cut):
    times = spikes([*[100.0] * 30, pause, *[100.0] * 30])
    assert [len(sweep) for sweep in clean(cell_of(times)).times] == ([31, 31] if cut else [62])


def test_a_gap_in_ten_minutes():
    isis = 100 * (1 + 0.1 * np.random.default_rng(0).standard_normal(6000))
    isis[2500] = 2000
    cell = clean(cell_of(spikes(isis)))
    assert [len(sweep) for sweep in cell.times] == [2501, 3500]
    assert cell.notes == (GAP.format("2"),)
    isis[4000] = 2000
    cell = clean(cell_of(spikes(isis)))
    assert ([len(sweep) for sweep in cell.times], cell.notes) == ([6001], ())


def test_bursts_with_one_gap():
    isis = np.tile([10.0, 12, 14, 300], 20)
    isis[43] = 4000
    cell = clean(cell_of(spikes(isis)))
    assert [len(sweep) for sweep in cell.times] == [44, 37]
    assert cell.notes == (GAP.format("4"),)
    firing = recording_firing(cell.times, 3000)
    assert (firing.activity, firing.spikes_per_burst) == ("bursting", 4)


@pytest.mark.parametrize(
    "isis",
    [
        ([96.0] * 24 + [2000]) * 8,
        ([96.0] * 24 + [2000]) * 2 + [96.0] * 24,  # three bursts
        ([96.0] * 14 + [2000]) * 5,
        [*[100.0] * 30, 2000, *[100.0] * 200, 1900, *[100.0] * 30],
    ],
)
def test_pauses_that_come_again_are_no_gap(isis):
    cell = clean(cell_of(spikes(isis)))
    assert (lists(cell.times), cell.notes) == ([spikes(isis).tolist()], ())


def test_the_longest_interval_of_an_irregular_train_is_no_gap():
    isis = np.random.default_rng(1).permutation(np.r_[np.geomspace(5, 500, 60), 3000])
    assert clean(cell_of(spikes(isis))).notes == ()


def test_a_train_of_ten_intervals_is_too_short_for_a_gap():
    isis = [100.0] * 5 + [2000] + [100.0] * 4
    assert clean(cell_of(spikes(isis))).notes == ()
    assert clean(cell_of(spikes([100.0, *isis]))).notes == (GAP.format("2"),)


@pytest.mark.parametrize("place", [0, 30])
def test_no_spike_is_lost_at_the_ends(place):
    isis = np.full(31, 100.0)
    isis[place] = 2000
    cell = clean(cell_of(spikes(isis)))
    assert [len(sweep) for sweep in cell.times] == ([1, 31] if place == 0 else [31, 1])


def test_a_gap_in_one_of_several_sweeps():
    second = np.append(REGULAR, REGULAR + 15_000)
    cell = clean(group(REGULAR, second, REGULAR[:3]))
    assert lists(cell.times) == lists([REGULAR, REGULAR, REGULAR + 15_000, REGULAR[:3]])
    assert cell.notes == (GAP.format("5.1"),)
    assert [len(train) for train in cell.spiketrains] == [100, 200, 3]


def test_doublets_do_not_hide_a_gap_and_both_are_told():
    times = np.append(REGULAR, REGULAR + 15_000)
    cell = clean(cell_of(np.sort(np.append(times, times[[5, 150]] + 0.3))))
    assert lists(cell.times) == lists([REGULAR, REGULAR + 15_000])
    assert [note.split(" ")[0] for note in cell.notes] == ["2", "a"]


# How long was recorded


def test_a_recording_lasts_from_its_start_to_its_stop():
    """Silent ends and sweeps included."""
    assert clean(neo.SpikeTrain(REGULAR * pq.ms, t_start=-0.5 * pq.s, t_stop=20 * pq.s)).duration == 20_500
    in_minutes = neo.SpikeTrain((REGULAR * pq.ms).rescale("min"), t_stop=0.5 * pq.min)
    assert clean(in_minutes).duration == pytest.approx(30_000)
    sweeps = neo.Group()
    sweeps.spiketrains.extend([train(REGULAR, 12_000), train([], 3000), train(REGULAR[:2], 500)])
    assert clean(sweeps).duration == pytest.approx(15_500)


def test_a_gap_is_no_part_of_it():
    """The 5.1 s from 9.95 to 15.05 s, of 30."""
    times = np.append(REGULAR, REGULAR + 15_000)
    assert clean(train(times, 30_000)).duration == pytest.approx(24_900)
    assert without_doublets(train(times, 30_000)).duration == pytest.approx(30_000)
    twice = np.sort(np.append(times, times[[5, 150]] + 0.3))
    assert clean(train(twice, 30_000)).duration == pytest.approx(24_900)
    again = clean(clean(train(twice, 30_000)).cell)
    assert again.duration == pytest.approx(24_900)


def test_the_rate_of_an_irregular_recording_is_that_of_elephant():
    """Intervals of 60 and 100 ms in turns, two pauses of 3 s, 2 s of silence before and 6 s after."""
    times = spikes([*[60.0, 100] * 10, 3000, *[60, 100] * 10, 3000, *[60, 100] * 10], start=2000)
    given_train = train(times, times[-1] + 6000)
    cell = clean(given_train)
    firing = recording_firing(cell.times, 3000, cell.duration)
    assert firing.activity == "irregular"
    rate = elephant.statistics.mean_firing_rate(given_train).rescale("Hz").item()
    assert firing.rate == pytest.approx(rate) == pytest.approx(63 / 18.8)
    doubled = train(np.sort(np.append(times, times[[3, 30]] + 0.25)), times[-1] + 6000)
    once = clean(doubled)
    assert recording_firing(once.times, 3000, once.duration).rate == pytest.approx(rate)


@pytest.mark.parametrize(
    ("start", "stop", "unit"), [(-np.inf, 20, "s"), (0, 4e7, "s"), (0, 1e30, "ms"), (-1e300, 1e300, "s")]
)
def test_limits_that_are_no_recording_s_are_refused(start, stop, unit):
    times = (REGULAR * pq.ms).rescale(unit)
    endless = neo.SpikeTrain(times, t_start=start * times.units, t_stop=stop * times.units)
    told = rf"limits, {re.escape(f'{start:g} to {stop:g} {unit}')}, are no recording's.*: correct t_start and"
    with pytest.raises(ValueError, match=told):
        clean(endless)


@pytest.mark.parametrize("stop", [np.inf, np.nan])
def test_limits_of_a_sweep_without_spikes_are_checked_too(stop):
    sweeps = neo.Group()
    sweeps.spiketrains.extend([train(REGULAR, 12_000), train([], stop)])
    with pytest.raises(ValueError, match=f"limits, 0 to {stop} ms, are no recording's"):
        clean(sweeps)


def test_a_recording_far_from_zero_needs_its_start():
    """As clocks count, from 1970 on."""
    times = REGULAR + 1.7e12
    with pytest.raises(ValueError, match=r"0 to 1.7e\+12 ms, are no recording's"):
        clean(train(times, times[-1] + 1))
    known = neo.SpikeTrain(times * pq.ms, t_start=1.7e12 * pq.ms, t_stop=(1.7e12 + 10_000) * pq.ms)
    assert clean(known).duration == pytest.approx(10_000)


# Checks


def test_what_is_refused():
    with pytest.raises(TypeError, match=r"spiketrain must be a neo.SpikeTrain, or a neo.Group"):
        clean([1.0, 2, 3])
    with pytest.raises(ValueError, match="the spike train is silent"):
        clean(train([], 1000))
    with pytest.raises(ValueError, match="is there twice"):
        clean(cell_of(np.sort(np.append(REGULAR, REGULAR[:2]))))


def test_many_cells():
    cells = clean_many([cell_of(REGULAR), group(REGULAR, np.append(REGULAR, REGULAR + 15_000))])
    assert [len(cell.times) for cell in cells] == [1, 3]
    assert [cell.notes for cell in cells] == [(), (GAP.format("5.1"),)]
    few = neo.SpikeTrain([64, 64.25, 128, 192] * pq.ms, t_stop=1 * pq.s, name="unit 7")
    with pytest.raises(ValueError, match=r"^cell 1 \(unit 7\): too few spikes: 4"):
        clean_many([cell_of(REGULAR), few])
    twice = cell_of(np.array([64, 64.25, 128, 192, 192.25]))
    with pytest.raises(ValueError, match="^cell 0: too few spikes: 3 are left"):
        clean_many([twice])


# Any train

SOME = st.lists(st.sampled_from([0.2, 0.49, 1.0, 40.0, 45.0, 50.0, 200.0, 2000.0]), min_size=14, max_size=60)


@given(st.lists(SOME, min_size=1, max_size=3))
def test_to_clean_twice_is_to_clean_once(isis):
    sweeps = [spikes(some) for some in isis]
    once = clean_or_none(group(*sweeps))
    if once is None:
        return
    again = clean(once.cell)
    assert lists(again.times) == lists(once.times)
    assert [note for note in again.notes if "twice" in note] == []
    assert again.notes == tuple(note for note in once.notes if "twice" not in note)
    assert lists(clean_times(sweeps)) == lists(once.times)


def clean_or_none(cell):
    """None for a train that is refused."""
    try:
        return clean(cell)
    except ValueError:
        return None


@given(st.lists(SOME, min_size=1, max_size=3))
def test_what_is_left_are_spikes_of_the_recording_half_a_millisecond_apart(isis):
    sweeps = [spikes(some) + 1e6 * i for i, some in enumerate(isis)]
    cleaned = clean_times(sweeps)
    kept, all_spikes = np.concatenate(cleaned), np.concatenate(sweeps)
    assert (isis_of(cleaned) >= 0.5).all()
    assert np.isin(kept, all_spikes).all()
    left_out = np.setdiff1d(all_spikes, kept)
    before = all_spikes[np.searchsorted(all_spikes, left_out) - 1]
    assert (left_out - before < 0.5).all()
    assert len(cleaned) - len(sweeps) in (0, 1)


def test_merged_trains_and_noisy_ones_keep_what_is_no_doublet():
    times = contaminated(tonic(40), 0.3)
    cell = clean(train(times, 60_000))
    assert len(cell.times[0]) == len(times) - (np.diff(times) < 0.5).sum()
    assert assess_quality(cell.cell).n_violations >= assess_quality(train(times, 60_000)).n_violations
