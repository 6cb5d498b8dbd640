"""The rule by which trains fire alike."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elephant_dic.trains import (
    ACTIVITIES,
    COMPARED,
    FIGURES,
    VARIABILITY,
    Firing,
    deviations,
    firing_of,
    firings_of,
    matches,
    recording_firing,
    tolerances,
)


def spikes(isis, start=0.0):
    return start + np.concatenate([[0.0], np.cumsum(isis)])


def bursting(n_bursts, n_spikes=4, within=10.0, pause=100.0):
    return spikes(([within] * (n_spikes - 1) + [pause]) * n_bursts)


@pytest.mark.parametrize(
    ("sweeps", "activity"),
    [
        ([], "silent"),
        ([np.array([])], "silent"),
        ([np.array([1.0, 2.0])], "silent"),
        ([np.array([1.0, 2.0]), np.array([7.0])], "silent"),
        ([spikes([100.0] * 20)], "tonic"),
        ([bursting(6)], "bursting"),
        ([bursting(2)], "irregular"),  # one complete burst
        ([bursting(3)], "bursting"),  # two complete bursts
        ([spikes([5, 100, 5, 100, 5, 900, 5, 100, 5, 100, 5, 900])], "irregular"),  # onsets too irregular
        ([spikes([60, 100] * 20)], "irregular"),  # one kind of interval, CV2 of a half
        ([spikes([74, 100] * 20)], "tonic"),  # CV2 of 0.299
        ([spikes([73.5, 100] * 20)], "irregular"),  # CV2 of 0.305
    ],
)
def test_activity(sweeps, activity):
    assert firing_of(sweeps).activity == activity


@given(
    st.lists(st.lists(st.sampled_from([1.0, 5.0, 74.0, 100.0, 900.0]), max_size=25), max_size=6),
    st.sampled_from([None, 30_000.0]),
)
def test_many_trains_at_once_are_told_as_one_by_one(intervals, duration):
    trains = [spikes(each) for each in [*intervals, [5, 100, 5, 100, 5, 900] * 3, [60, 100] * 20]]
    found = firings_of([*trains, np.empty(0), bursting(6)], duration)
    assert [each.activity for each in found[-4:]] == ["irregular", "irregular", "silent", "bursting"]
    one_by_one = [firing_of([times], duration) for times in [*trains, np.empty(0), bursting(6)]]
    assert [repr(each) for each in found] == [repr(each) for each in one_by_one]


def test_no_trains_have_no_firing():
    assert firings_of([]) == []


def test_tonic_figures():
    found = firing_of([spikes([100.0, 110.0] * 5)])
    assert found.rate == pytest.approx(1000 / 105)
    assert found.cv2 == pytest.approx(20 / 210)
    assert found.figures() == {"rate": found.rate, "cv2": found.cv2}
    assert np.isnan([found.spikes_per_burst, found.period_cv]).all()


def test_quantiles_of_the_intervals():
    """Of 10, 20 … 110 ms: positions 1, 5 and 9."""
    isis = np.random.default_rng(0).permutation(10.0 * np.arange(1, 12))
    found = firing_of([spikes(isis)])
    assert [found.isi_10, found.isi_50, found.isi_90] == pytest.approx([20, 60, 100])
    found = firing_of([spikes([10.0, 30, 20, 60])])  # between 10 and 20, 20 and 30, 30 and 60
    assert [found.isi_10, found.isi_50, found.isi_90] == pytest.approx([13, 25, 51])


def test_variation_of_the_periods():
    """Periods of 100, 100 and 130 ms."""
    found = firing_of([spikes([10, 90, 10, 90, 10, 90, 10, 120, 10, 90, 10])])
    assert found.period_cv == pytest.approx(np.std([100, 100, 130]) / 110)
    assert firing_of([bursting(6)]).period_cv == pytest.approx(0)


def test_bursting_figures():
    found = firing_of([bursting(6)])  # bursts of 4 spikes, 30 ms long, every 130 ms
    assert found.figures() == pytest.approx(
        {"spikes_per_burst": 4, "burst_rate": 1000 / 130, "burst_duration": 30, "intra_burst_rate": 100}
    )


def test_bursts_of_one_spike_count_but_have_no_duration():
    isis = [10, 10, 100, 110, 10, 10, 100, 110, 10, 10, 100, 110, 10, 10, 100]
    found = firing_of([spikes(isis)])
    # Complete bursts: 1, 3, 1, 3, 1, 3 spikes; only the longer ones have a duration.
    assert found.spikes_per_burst == pytest.approx(2)
    assert found.burst_duration == pytest.approx(20)
    assert found.intra_burst_rate == pytest.approx(100)


def test_intervals_are_not_taken_from_sweep_to_sweep():
    first, second = spikes([100.0] * 5), spikes([100.0] * 5, start=1e6)
    assert firing_of([first, second]).row() == pytest.approx(
        firing_of([spikes([100.0] * 10)]).row(), nan_ok=True
    )


@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.floats(0.1, 10), st.floats(0, 1e5))
@settings(max_examples=100, deadline=None)
def test_figures_scale_with_time_and_ignore_its_origin(seed, n, factor, start):
    isis = np.random.default_rng(seed).lognormal(3, 1, n)  # no two alike: no ties to break
    found, moved = firing_of([spikes(isis)]), firing_of([spikes(factor * isis, start)])
    assert found.activity == moved.activity
    scale = np.array([{"Hz": 1 / factor, "ms": factor, "": 1}[unit] for unit in FIGURES.values()])
    np.testing.assert_allclose(moved.row(), np.array(found.row()) * scale, rtol=1e-6)


RECORDING = Firing(
    "bursting", 30, 1, spikes_per_burst=4, burst_rate=8, burst_duration=30, intra_burst_rate=100
)


def model(**changes):
    values = {"spikes_per_burst": 4.0, "burst_rate": 8.0, "burst_duration": 30.0, "intra_burst_rate": 100.0}
    return Firing("bursting", 30, 1, **(values | changes))


@pytest.mark.parametrize(
    ("candidate", "alike"),
    [
        (model(), True),
        (model(spikes_per_burst=5.0), True),  # one spike more is within tolerance
        (model(spikes_per_burst=5.01), False),
        (model(burst_rate=8.8), True),
        (model(burst_rate=8.81), False),
        (model(burst_duration=27.0), True),
        (model(burst_duration=26.9), False),
        (model(intra_burst_rate=110.1), False),
        (Firing("tonic", 30, 0.1), False),
        (Firing("silent"), False),
    ],
)
def test_matches_at_ten_percent(candidate, alike):
    assert matches([candidate], RECORDING, 0.1).tolist() == [alike]


def test_spikes_per_burst_are_relative_where_that_is_more():
    recording = Firing("bursting", 30, 1, 20, 2, 200, 100)
    assert matches([Firing("bursting", 30, 1, 22, 2, 200, 100)], recording, 0.1).all()
    assert not matches([Firing("bursting", 30, 1, 22.1, 2, 200, 100)], recording, 0.1).any()


def irregular(**changes):
    values = {"rate": 10.0, "cv2": 0.5, "isi_10": 20.0, "isi_50": 80.0, "isi_90": 200.0}
    return Firing("irregular", **(values | changes))


@pytest.mark.parametrize(
    ("changes", "alike"),
    [
        ({"rate": 10.5, "cv2": 0.65}, True),
        ({"rate": 10.5, "cv2": 0.35}, True),
        ({"cv2": 0.66}, False),
        ({"rate": 11.01}, False),
        ({"isi_10": 24.0, "isi_50": 64.0, "isi_90": 240.0}, True),  # twice the tolerance
        ({"isi_10": 24.1}, False),
        ({"isi_50": 63.9}, False),
        ({"isi_90": 241.0}, False),
        ({"isi_50": np.nan}, False),
    ],
)
def test_irregular_trains_are_compared_by_rate_cv2_and_quantiles(changes, alike):
    assert matches([irregular(**changes)], irregular(), 0.1).tolist() == [alike]


@pytest.mark.parametrize(("cv2", "alike"), [(0.25, True), (0.0, True), (0.26, False)])
def test_tonic_trains_are_compared_by_rate_and_cv2(cv2, alike):
    assert matches([Firing("tonic", 10.5, cv2)], Firing("tonic", 10, 0.1), 0.1).tolist() == [alike]


def test_quantiles_are_never_asked_closer_than_they_are_known():
    recording = irregular(quantile_errors=(5.0, 3.0, 50.0))
    assert tolerances(recording, 0.1) == pytest.approx([1, 0.15, 5, 16, 50])
    assert matches([irregular(isi_10=25, isi_90=150)], recording, 0.1).all()
    assert not matches([irregular(isi_10=25.1)], recording, 0.1).any()
    assert tolerances(irregular(quantile_errors=(0.0, 0.0, 0.0)), 0.1) == pytest.approx([1, 0.15, 4, 16, 40])


def test_deviations_are_signed_and_in_tolerances():
    found = deviations([model(burst_rate=8.4, spikes_per_burst=3.0), Firing("silent")], RECORDING, 0.1)
    np.testing.assert_allclose(found[0], [-1, 0.5, 0, 0], atol=1e-12)
    assert np.isnan(found[1]).all()


def test_description_names_class_figures_and_units():
    assert firing_of([bursting(6)]).describe() == (
        "bursting, spikes per burst 4, burst rate 7.69 Hz, burst duration 30 ms, intra burst rate 100 Hz"
    )
    assert [firing_of([]).describe(), ACTIVITIES[0]] == ["silent", "silent"]


# The rule at its limits


def test_a_cv_of_the_periods_of_exactly_a_half_is_bursting():
    """Periods of 100 and 300 ms between the onsets of three complete bursts."""
    isis = [10, 90, 10, 90, 10, 290, 10, 90, 10]
    assert firing_of([spikes(isis)]).activity == "bursting"
    assert firing_of([spikes([10, 90, 10, 90, 10, 291, 10, 90, 10])]).activity == "irregular"


def test_a_cv2_of_exactly_the_limit_is_tonic():
    assert firing_of([np.array([0.0, 85, 200])]).activity == "tonic"  # 2 * 30 / 200
    assert firing_of([np.array([0.0, 84.9, 200])]).activity == "irregular"


def test_bursts_of_single_spikes_alone_are_irregular():
    """Long intervals end bursts, but no complete one has two spikes."""
    found = firing_of([spikes([10, 10, 100, 100, 100, 100, 10, 10])])
    assert found.activity == "irregular"
    assert found.figures() == {
        "rate": pytest.approx(1000 * 8 / 440), "cv2": found.cv2, "isi_10": pytest.approx(10),
        "isi_50": pytest.approx(55), "isi_90": pytest.approx(100),
    }  # fmt: skip
    of_bursts = ("spikes_per_burst", "burst_rate", "burst_duration", "intra_burst_rate", "period_cv")
    assert np.isnan([getattr(found, name) for name in of_bursts]).all()


def test_two_sweeps_of_one_interval_each_have_a_rate():
    found = firing_of([np.array([0.0, 40]), np.array([0.0, 60])])
    assert (found.activity, found.rate, found.cv2) == ("tonic", 20, 0)
    assert np.isnan(firing_of([np.array([0.0, 40]), np.array([7.0])]).row()).all()


def test_bursts_of_different_sizes():
    """Bursts of 2 | 3, 1, 4 | 2 spikes; onsets 110, 90 and 135 ms apart."""
    found = firing_of([spikes([10, 80, 8, 12, 90, 90, 9, 11, 25, 90, 10])])
    assert found.activity == "bursting"
    assert found.spikes_per_burst == pytest.approx((3 + 1 + 4) / 3)
    assert found.burst_rate == pytest.approx(1000 / ((110 + 90) / 2))
    assert found.burst_duration == pytest.approx((20 + 45) / 2)
    assert found.intra_burst_rate == pytest.approx((2000 / 20 + 3000 / 45) / 2)


def test_names_and_units_of_the_figures():
    assert ACTIVITIES == ("silent", "tonic", "bursting", "irregular")
    assert FIGURES == {
        "rate": "Hz", "cv2": "", "spikes_per_burst": "", "burst_rate": "Hz", "burst_duration": "ms",
        "intra_burst_rate": "Hz", "isi_10": "ms", "isi_50": "ms", "isi_90": "ms", "period_cv": "",
    }  # fmt: skip
    assert Firing("bursting", *range(1, 11)).row() == list(range(1, 11))
    assert Firing("bursting", **dict(zip(FIGURES, range(10), strict=True))).row() == list(range(10))
    assert COMPARED == {
        "silent": (), "tonic": ("rate", "cv2"), "irregular": ("rate", "cv2", "isi_10", "isi_50", "isi_90"),
        "bursting": ("spikes_per_burst", "burst_rate", "burst_duration", "intra_burst_rate"),
    }  # fmt: skip
    assert set(VARIABILITY) == {"cv2", "isi_10", "isi_50", "isi_90", "period_cv"}
    assert list(COMPARED) == list(ACTIVITIES)


def test_tolerances_by_hand():
    assert tolerances(Firing("tonic", 20, 0.1), 0.1) == pytest.approx([2, 0.15])
    assert tolerances(irregular(), 0.2) == pytest.approx([2, 0.15, 8, 32, 80])
    assert tolerances(RECORDING, 0.1) == pytest.approx([1, 0.8, 3, 10])
    assert tolerances(Firing("bursting", 30, 1, 20, 2, 200, 100), 0.1)[0] == pytest.approx(2)
    assert tolerances(Firing("silent"), 0.1).shape == (0,)


@pytest.mark.parametrize("tolerance", [0.1, 0.3])
@pytest.mark.parametrize("rate", [3.0, 7.0, 30.0])
def test_a_difference_of_exactly_the_tolerance_matches(rate, tolerance):
    recording = Firing("tonic", rate, 0.1)
    shares = (1 + tolerance, 1 - tolerance, 1 + 1.001 * tolerance, 1 - 1.001 * tolerance)
    models = [Firing("tonic", share * rate, 0.1) for share in shares]
    assert matches(models, recording, tolerance).tolist() == [True, True, False, False]


def test_each_figure_has_to_match():
    assert matches([irregular(rate=12.0)], irregular(), 0.1).tolist() == [False]
    models = [model(), model(burst_rate=7), model(intra_burst_rate=80), model()]
    assert matches(models, RECORDING, 0.1).tolist() == [True, False, False, True]


def test_silent_trains_and_no_models():
    assert matches([Firing("silent"), Firing("tonic", 1, 0)], Firing("silent"), 0.1).tolist() == [True, False]
    assert deviations([], RECORDING, 0.1).shape == (0, 4)
    assert matches([], RECORDING, 0.1).tolist() == []


# Records


FIRINGS = {
    "silent": firing_of([]),
    "tonic": firing_of([spikes([100.0, 110] * 9)]),
    "bursting": recording_firing([bursting(9)], 1000),
    "irregular": recording_firing([spikes(np.random.default_rng(3).exponential(80, 200))], 1000),
    "irregular, of before": Firing("irregular", 10.0, 0.5),
}


@pytest.mark.parametrize("firing", FIRINGS.values(), ids=FIRINGS)
def test_a_record_goes_through_json(firing):
    text = json.dumps(firing.record(), allow_nan=False)
    found = Firing.from_record(json.loads(text))
    assert found.record() == firing.record()
    assert (found.activity, found.quantile_errors) == (firing.activity, firing.quantile_errors)
    assert found.figures() == pytest.approx(firing.figures(), nan_ok=True)
    assert found.describe() == firing.describe()
    assert "nan" not in found.describe()
    assert tolerances(found, 0.1) == pytest.approx(tolerances(firing, 0.1), nan_ok=True)


def test_records_by_hand():
    assert FIRINGS["silent"].record() == {"activity": "silent"}
    assert Firing("tonic", 10.0, 0.1, isi_10=5.0).record() == {"activity": "tonic", "rate": 10.0, "cv2": 0.1}
    recording = irregular(quantile_errors=(1.0, 2.0, 3.0))
    assert recording.record() == {
        "activity": "irregular", "rate": 10.0, "cv2": 0.5, "isi_10": 20.0, "isi_50": 80.0, "isi_90": 200.0,
        "quantile_errors": [1.0, 2.0, 3.0],
    }  # fmt: skip
    found = Firing.from_record(recording.record())
    assert matches([irregular(isi_10=20.9), irregular(isi_10=21.1)], found, 0.01).tolist() == [True, False]
    assert Firing.from_record({"activity": "tonic", "rate": 8.0}).describe() == "tonic, rate 8 Hz"


def test_descriptions():
    assert Firing("irregular", 12.345, 0.5).describe() == "irregular, rate 12.3 Hz, cv2 0.5"
    assert Firing("tonic", 8, 0.1).describe() == "tonic, rate 8 Hz, cv2 0.1"
    assert irregular().describe() == (
        "irregular, rate 10 Hz, cv2 0.5, isi 10 20 ms, isi 50 80 ms, isi 90 200 ms"
    )
