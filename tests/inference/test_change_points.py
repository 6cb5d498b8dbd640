"""When DICs change, in given ones: what is found, where, and how often by chance; each part by hand."""

import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from elephant_dic import detect_change_points
from elephant_dic.inference import change_points
from elephant_dic.inference.change_points import LEAST_WINDOWS, best_stretch, windows_apart

DICS = ["g_f", "g_s", "g_u"]


def made(values, window=2.0, step=0.5, std=1.0):
    """A segment with given DICs."""
    segment = neo.Segment(window=window * pq.s)
    for i, name in enumerate(DICS):
        for label, column in ((name, values[:, i]), (f"{name}_std", np.full(len(values), std))):
            segment.analogsignals.append(
                neo.AnalogSignal(
                    column,
                    units="dimensionless",
                    t_start=window / 2 * pq.s,
                    sampling_period=step * pq.s,
                    name=label,
                )  # fmt: skip
            )
    return segment


def moving_average(noise, levels, changes, window=4):
    """Windows that overlap: means over `window` neighbours of levels that change at given indices."""
    of_value = np.searchsorted(changes, np.arange(len(noise)), side="right")
    values = noise + np.asarray(levels, float)[of_value]
    return np.stack([values[i : i + window].mean(axis=0) for i in range(len(values) - window + 1)])


def test_label_and_shift_by_hand():
    noise = 0.01 * np.random.default_rng(0).standard_normal((83, 3))
    values = moving_average(noise, [[0, -5, 8], [0, -2, 9]], [40])
    event = detect_change_points(made(values))
    assert event.labels.tolist() == ["g_s -5.0 to -2.0"]
    assert event.times[0].rescale("s").item() == pytest.approx(20, abs=0.1)
    assert event.array_annotations["shift_g_u"][0] == pytest.approx(1, abs=0.02)
    assert event.annotations["n_windows"] == 20


def test_two_changes_are_both_found():
    noise = 0.1 * np.random.default_rng(0).standard_normal((243, 3))
    values = moving_average(noise, [[0, 0, 0], [0, 3, 0], [0, 3, 4]], [80, 160])
    event = detect_change_points(made(values))
    assert event.times.rescale("s").magnitude == pytest.approx([40, 80], abs=0.6)
    assert [label[:3] for label in event.labels] == ["g_s", "g_u"]


@pytest.mark.parametrize("n", [12, 200])  # windows that do not overlap, before; a long recording has a grid
def test_a_change_that_goes_back_is_found(n):
    noise = 0.1 * np.random.default_rng(0).standard_normal((10 * n + 3, 3))
    values = moving_average(noise, [[0, 0, 0], [0, 3, 0], [0, 0, 0]], [4 * n, 7 * n])
    event = detect_change_points(made(values))
    assert event.times.rescale("s").magnitude == pytest.approx([2 * n, 3.5 * n], abs=0.6)
    assert event.array_annotations["shift_g_s"] == pytest.approx([3, -3], abs=0.2)
    assert (event.array_annotations["p_value"] <= 0.05).all()


@pytest.mark.parametrize(("changes", "stretch"), [([9], (0, 9)), ([5, 12], (5, 12)), ([18], (0, 18))])
def test_a_step_is_a_split_and_what_goes_back_a_stretch(changes, stretch):
    values = np.zeros((20, 3))
    values[:, 1] = np.searchsorted(changes, np.arange(20), side="right") % 2
    found, p = best_stretch(values, np.random.default_rng(0))
    assert found == stretch
    assert p < 0.05


def test_windows_that_do_not_vary_hold_no_change():
    assert best_stretch(np.ones((20, 3)), np.random.default_rng(0)) == ((0, 0), 1.0)
    event = detect_change_points(made(np.ones((80, 3)) + 4e-9 * np.arange(80)[:, None]))
    assert len(event) == 0
    assert event.array_annotations["p_value"].shape == (0,)


def test_changes_far_below_the_uncertainty_are_of_no_consequence():
    noise = 1e-3 * np.random.default_rng(0).standard_normal((83, 3))
    values = moving_average(noise, [[0, 0, 0], [0.05, 0.05, 0.05]], [40])
    assert len(detect_change_points(made(values, std=0.11))) == 0
    assert len(detect_change_points(made(values, std=0.09))) == 1


def test_few_windows_tell_nothing():
    values = np.repeat([[0.0, 0, 0], [0, 9, 0]], 12, axis=0)  # 6 windows that do not overlap
    event = detect_change_points(made(values))
    assert len(event) == 0
    assert event.annotations["n_windows"] == 6 < LEAST_WINDOWS


@settings(max_examples=50)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=60), st.floats(0.5, 20))
def test_chosen_windows_do_not_overlap_and_are_as_many_as_can_be(centers, window):
    centers = np.sort(centers)
    chosen = windows_apart(centers, window)
    assert (np.diff(centers[chosen]) >= window * (1 - 1e-5)).all()
    for skipped in set(range(len(centers))) - set(chosen.tolist()):
        earlier = chosen[chosen < skipped]
        assert centers[skipped] - centers[earlier[-1]] < window


# The rate of false alarms


def apart(values, std=1.0):
    """Windows that do not overlap, each with its own DICs."""
    return made(values, window=1.0, step=1.0, std=std)


@pytest.mark.slow
def test_stationary_cells_get_change_points_as_seldom_as_stated():
    rng, n, rate, found = np.random.default_rng(0), 200, 0.1, 0
    for _ in range(n):
        stationary = rng.standard_normal((18, 3)) @ np.array([[1, 0.5, 0], [0, 1, 0.5], [0, 0, 1]])
        found += len(detect_change_points(apart(stationary), rate)) > 0
    assert found <= binom.ppf(0.9999, n, rate)
    assert found >= binom.ppf(0.0001, n, rate)  # the rate is made use of


def test_clear_steps_are_found_in_nearly_each_cell():
    rng, n, right = np.random.default_rng(1), 20, 0
    for _ in range(n):
        values = rng.standard_normal((20, 3))
        values[8:, 1] += 4
        times = detect_change_points(apart(values)).times.rescale("s").magnitude
        right += len(times) >= 1 and np.abs(times - 8).min() <= 1
    assert right >= 0.9 * n


def test_a_stricter_rate_finds_fewer():
    rng = np.random.default_rng(3)
    series = [rng.standard_normal((24, 3)) + 1.2 * (np.arange(24) > 11)[:, None] for _ in range(12)]
    found = [sum(len(detect_change_points(apart(s), rate)) > 0 for s in series) for rate in (0.5, 0.001)]
    assert found[0] > found[1] + 3


@pytest.mark.parametrize(("rate", "wrong"), [(0.001, 0.00099), (0.5, 0.501)])
def test_the_ends_of_the_rates(rate, wrong):
    event = detect_change_points(apart(np.ones((9, 3))), rate)
    assert event.annotations["false_alarm_rate"] == rate
    with pytest.raises(ValueError, match="must be from 0.001 to 0.5"):
        detect_change_points(apart(np.ones((9, 3))), wrong)


# Events


def test_windows_without_dics_are_left_out():
    values = 0.01 * np.random.default_rng(0).standard_normal((30, 3))
    values[20:, 2] += 3
    values[5:8, 0] = np.nan
    event = detect_change_points(apart(values))
    assert event.annotations["n_windows"] == 27
    assert event.times.rescale("s").magnitude == pytest.approx([20])
    assert event.labels.tolist() == ["g_u 0.0 to 3.0"]


def test_the_label_is_of_the_dic_that_changes_most_for_its_uncertainty():
    values = 0.01 * np.random.default_rng(0).standard_normal((30, 3)) + [0, 1, 2]
    values[10:] += [6, -2, 0]
    segment = apart(values)
    segment.analogsignals[1] *= 10  # g_f is known less well
    event = detect_change_points(segment)
    assert event.labels.tolist() == ["g_s 1.0 to -1.0"]
    shifts = [event.array_annotations[f"shift_{name}"].item() for name in DICS]
    assert shifts == pytest.approx([6, -2, 0], abs=0.02)


def test_times_are_in_the_units_of_the_signals():
    values = 0.01 * np.random.default_rng(0).standard_normal((30, 3)) + (np.arange(30) > 14)[:, None] * 5
    segment = neo.Segment(window=1 * pq.min)
    for signal in apart(values).analogsignals:
        segment.analogsignals.append(
            neo.AnalogSignal(signal.magnitude, units="dimensionless", t_start=0.5 * pq.min,
                             sampling_period=1 * pq.min, name=signal.name)
        )  # fmt: skip
    event = detect_change_points(segment)
    assert event.units == pq.min
    assert event.times.magnitude == pytest.approx([15])


@pytest.mark.parametrize("missing", ["g_u", "g_f_std", "window"])
def test_segments_that_lack_something_are_refused(missing):
    segment = apart(np.ones((9, 3)))
    if missing == "window":
        del segment.annotations["window"]
    kept = neo.Segment(**segment.annotations)
    kept.analogsignals.extend(signal for signal in segment.analogsignals if signal.name != missing)
    with pytest.raises(ValueError, match="the segment holds no DICs over time: make it by infer_dics_over_"):
        detect_change_points(kept)


# The parts


def test_contrast_of_a_stretch_by_hand():
    values = np.array([[[3.0], [1.0], [-1.0], [-3.0]]]) / np.sqrt(5)  # mean 0, standard deviation 1
    stretches = np.array([[0, 1], [0, 2], [1, 3]])
    expected = [3 / np.sqrt(1 * 3 / 4), 4 / np.sqrt(2 * 2 / 4), 0]
    found = change_points._contrasts(values, stretches)
    assert found.shape == (1, 3, 1)
    assert found[0, :, 0] == pytest.approx(np.array(expected) / np.sqrt(5))


def test_splits_and_stretches_have_two_windows_on_each_side():
    splits, stretches = change_points._stretches(8)
    assert splits.tolist() == [[0, 2], [0, 3], [0, 4], [0, 5], [0, 6]]
    assert stretches.tolist() == [[2, 4], [2, 5], [2, 6], [3, 5], [3, 6], [4, 6]]


def test_stretches_of_long_recordings_begin_and_end_at_fifty_places():
    splits, stretches = change_points._stretches(200)
    assert splits[:, 1].tolist() == list(range(2, 199))
    edges = np.unique(stretches)
    assert len(edges) == 50
    assert (edges[0], edges[-1]) == (2, 198)
    assert set(np.diff(edges)) == {4}
    assert len(stretches) == 50 * 49 / 2


def test_stretches_near_one_are_as_near_as_the_places_are_apart():
    near = change_points._near((20, 60), 100)  # places are 2 apart
    assert sorted(map(tuple, near.tolist())) == [(i, j) for i in range(17, 24) for j in range(57, 64)]
    at_the_start = change_points._near((2, 4), 100)
    assert at_the_start.min() == 2
    assert (at_the_start[:, 1] - at_the_start[:, 0] >= 2).all()
    assert change_points._near((90, 98), 100).max() == 98


def test_the_stretch_that_explains_most_counts_wild_windows_no_more_than_five_steps():
    rng = np.random.default_rng(0)
    values = rng.uniform(-0.1, 0.1, (20, 3))
    values[12:, 0] += 3
    values[3, 0] = 1e4
    splits, _ = change_points._stretches(20)
    assert change_points._fitting(values, splits).tolist() == [0, 12]


def test_p_is_the_share_of_permutations_that_reach_as_far():
    values = np.zeros((LEAST_WINDOWS, 1))
    values[4:] = 1
    (start, stop), p = best_stretch(values, np.random.default_rng(0))
    assert (start, stop) == (0, 4)
    # of the 70 ways to place four equal windows of eight, two are a step; in none is a stretch as clear
    assert p == pytest.approx(2 / 70, abs=0.012)
    assert best_stretch(values[:7], np.random.default_rng(0)) == ((0, 0), 1.0)


def test_best_stretch_is_seeded_and_never_certain():
    values = np.arange(40.0)[:, None] > 19
    found, p = best_stretch(values.astype(float), np.random.default_rng(0))
    assert found == (0, 20)
    assert p == 1 / 2001
    mixed = np.random.default_rng(5).standard_normal((20, 2))
    assert best_stretch(mixed, np.random.default_rng(1)) == best_stretch(mixed, np.random.default_rng(1))


def test_a_dic_that_does_not_vary_has_no_say():
    values = np.column_stack([np.arange(20) > 9, np.ones(20), 1e-9 * np.arange(20)]).astype(float)
    alone = best_stretch(values[:, :1], np.random.default_rng(0))
    assert best_stretch(values, np.random.default_rng(0)) == alone


def test_windows_apart_by_hand():
    assert windows_apart(np.arange(10.0), 3.0).tolist() == [0, 3, 6, 9]
    assert windows_apart(np.array([0.0, 2.9999999, 3.0]), 3.0).tolist() == [0, 1]  # as numbers are rounded
    assert windows_apart(np.array([0.0, 2.99, 3.0]), 3.0).tolist() == [0, 2]
    assert windows_apart(np.array([]), 3.0).tolist() == []


def test_a_change_is_located_between_windows_that_overlap():
    # windows of 4 s each second; the level changes at 20 s, windows that hold it lie anywhere
    centers = np.arange(2.0, 39.0)
    means = np.zeros((len(centers), 3))
    means[centers - 2 >= 20, 1] = 2.0
    means[(centers - 2 < 20) & (centers + 2 > 20)] = [0, -7, 0]
    chosen = windows_apart(centers, 4.0)
    before, after = chosen[centers[chosen] + 2 <= 20], chosen[centers[chosen] - 2 >= 20]
    assert change_points._locate(centers, means, 4.0, before, after) == pytest.approx(20)
    assert change_points._locate(centers + 0.5, means, 4.0, before, after) == pytest.approx(20.5)


def test_a_change_in_a_gap_is_located_in_its_middle():
    centers = np.array([1.0, 2, 3, 4, 11, 12, 13, 14])
    means = np.repeat([[0.0, 0, 0], [0, 1, 0]], 4, axis=0)
    found = change_points._locate(centers, means, 1.0, np.arange(4), np.arange(4, 8))
    assert found == pytest.approx((4.5 + 10.5) / 2)


@pytest.mark.parametrize(("step", "expected"), [(5, 7.0), (8, 8.0), (12, 9.0)])
def test_a_change_is_sought_from_the_last_window_before_to_the_first_after(step, expected):
    centers = np.arange(16) + 0.5
    means = np.zeros((16, 3))
    means[step:, 1] = 1.0
    found = change_points._locate(centers, means, 1.0, np.arange(8), np.arange(8, 16))
    assert found == pytest.approx(expected)


def test_wild_windows_do_not_move_a_change():
    centers = np.arange(16) + 0.5
    means = np.zeros((16, 3))
    means[8:, 1] = 1.0
    means[2] = means[13] = [0, 99, 99]
    assert change_points._locate(centers, means, 1.0, np.arange(8), np.arange(8, 16)) == pytest.approx(8)


def test_windows_in_between_count_for_the_side_that_they_are_like():
    centers, sides = np.arange(16) + 0.5, (np.arange(8), np.arange(8, 16))
    for value, expected in ((0.4, 9), (0.6, 8)):
        means = np.zeros((16, 3))
        means[8, 1], means[9:, 1] = value, 1.0
        assert change_points._locate(centers, means, 1.0, *sides) == pytest.approx(expected)
