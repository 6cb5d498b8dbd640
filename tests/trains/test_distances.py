"""Distances between trains, by hand."""

import numpy as np
import pytest

from elephant_dic.trains import DISTANCES, Firing, train_distances

TONIC, BURSTING = Firing("tonic", 10, 0.0), Firing("bursting", 10, 0.5, 3, 2, 20, 100)
REGULAR = 100.0 * np.arange(6)  # a quarter of the median interval: 25 ms


def spikes(isis, start=0.0):
    return start + np.concatenate([[0.0], np.cumsum(isis)])


def distance(name, sweeps, times, recording=TONIC):
    return train_distances(name, sweeps, [times], recording)[0]


def van_rossum(first, second, time_constant):
    """Of trains convolved with decaying exponentials: the integral of the squared difference, by pairs."""

    def pairs(some, others):
        return np.exp(-np.abs(np.subtract.outer(some, others)) / time_constant).sum()

    return np.sqrt(pairs(first, first) + pairs(second, second) - 2 * pairs(first, second))


@pytest.mark.parametrize("name", DISTANCES)
def test_a_train_is_at_no_distance_from_itself_whenever_it_was_fired(name):
    found = train_distances(name, [REGULAR], [REGULAR, REGULAR + 777.0], TONIC)
    assert found == pytest.approx([0, 0], abs=1e-6)


@pytest.mark.parametrize("name", DISTANCES)
def test_trains_of_fewer_than_three_spikes_have_none(name):
    found = train_distances(name, [REGULAR], [REGULAR[:0], REGULAR[:2], REGULAR[:3]], TONIC)
    assert np.isnan(found).tolist() == [True, True, False]


def test_of_intervals():
    assert distance("isi", [spikes([10, 10, 20, 20])], spikes([10, 10, 10, 30])) == 0.25
    assert distance("isi", [spikes([10, 10]), spikes([20, 20])], spikes([10, 10])) == 0.5  # of all sweeps
    assert distance("isi", [REGULAR], spikes([50, 50])) == 1


def test_victor_and_purpura_by_hand():
    moved = REGULAR + [0, 0, 10, 0, 0, 0]  # by 10 ms at 1 / 25 ms
    assert distance("victor_purpura", [REGULAR], moved) == pytest.approx(10 / 25 / 12)
    assert distance("victor_purpura", [REGULAR], np.delete(REGULAR, 2)) == pytest.approx(1 / 11)
    far = REGULAR + [0, 0, 52, 0, 0, 0]  # taking one out and putting one in is less
    assert distance("victor_purpura", [REGULAR], far) == pytest.approx(2 / 12)


def test_van_rossum_by_its_formula():
    for changed in (REGULAR + [0, 0, 10, 0, 0, 0], np.delete(REGULAR, 2)):
        expected = van_rossum(REGULAR, changed, 25) / np.sqrt(len(REGULAR) + len(changed))
        assert distance("van_rossum", [REGULAR], changed) == pytest.approx(expected)


def test_trains_are_cut_to_the_length_that_both_have():
    short, long = REGULAR[:4], 100.0 * np.arange(30)
    for name in ("van_rossum", "victor_purpura"):
        assert distance(name, [REGULAR], short) == pytest.approx(0, abs=1e-6)
        assert distance(name, [REGULAR], long) == pytest.approx(0, abs=1e-6)
    assert distance("victor_purpura", [REGULAR], 99.0 * np.arange(6)) == pytest.approx(
        (1 + 2 + 3 + 4) / 25 / (5 + 6) + 1 / 11
    )


def test_the_longest_sweep_is_the_one_compared():
    sweeps = [np.array([]), 300 + 70.0 * np.arange(5), 5 + REGULAR, np.array([1.0])]
    # Its length counts, not its spikes; the time constant is that of the intervals of all: 5 of 100, 4 of 70.
    assert distance("victor_purpura", sweeps, REGULAR + [0, 10, 0, 0, 0, 0]) == pytest.approx(10 / 25 / 12)


WHOLE = spikes([*[10, 10, 180] * 4, 10, 10], 3)  # bursts of three spikes every 200 ms


@pytest.mark.parametrize("name", ["van_rossum", "victor_purpura"])
def test_bursting_trains_are_aligned_on_their_first_complete_burst(name):
    for begun in (WHOLE, WHOLE[1:], WHOLE[2:], WHOLE[3:]):
        assert distance(name, [begun], WHOLE, BURSTING) == pytest.approx(0, abs=1e-6)
        assert distance(name, [WHOLE], begun, BURSTING) == pytest.approx(0, abs=1e-6)
    assert distance(name, [WHOLE[1:]], WHOLE, TONIC) > 0.1  # a recording without bursts: on the first spike


def test_two_long_intervals_are_enough_for_a_complete_burst():
    sizes = spikes([10, 10, 180, 10, 180, 10, 10, 10, 180, 10], 3)  # bursts of 3 | 2, 4 | 2 spikes
    for name in ("van_rossum", "victor_purpura"):
        assert distance(name, [sizes], sizes[1:7], BURSTING) == pytest.approx(0, abs=1e-6)
        assert distance(name, [sizes], sizes[3:], BURSTING) > 0.1  # its first complete burst is another one


def test_a_train_without_a_complete_burst_is_aligned_on_its_first_spike():
    one_pause = spikes([10, 180, 10, 10])  # 0 10 190 200 210 against 0 10 20 200 210
    assert distance("victor_purpura", [WHOLE], one_pause, BURSTING) == pytest.approx(2 / 10)
