"""The rule by which trains fire alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elephant_dic.trains import ACTIVITIES, Firing, deviations, firing_of, matches, recording_firing


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


def test_tonic_figures():
    found = firing_of([spikes([100.0, 110.0] * 5)])
    assert found.rate == pytest.approx(1000 / 105)
    assert found.cv2 == pytest.approx(20 / 210)
    assert found.figures() == {"rate": found.rate}
    assert np.isnan(found.spikes_per_burst)


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
    scale = np.array([1 / factor, 1, 1, 1 / factor, factor, 1 / factor])
    np.testing.assert_allclose(moved.row(), np.array(found.row()) * scale, rtol=1e-6)


def test_long_recordings_are_medians_over_windows():
    fast, slow = [50.0] * 100, [100.0] * 150
    found = recording_firing([spikes(fast + slow)], window=3000)
    assert found.rate == pytest.approx(10, rel=0.02)


def test_class_of_most_windows_is_that_of_the_recording():
    train = np.concatenate([bursting(60), spikes([100.0] * 20, start=130.0 * 60 + 200)])
    found = recording_firing([train], window=1000)
    assert found.activity == "bursting"
    assert found.burst_duration == pytest.approx(30)


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


@pytest.mark.parametrize(("cv2", "alike"), [(0.65, True), (0.35, True), (0.66, False)])
def test_irregular_trains_are_compared_by_rate_and_cv2(cv2, alike):
    recording = Firing("irregular", 10, 0.5)
    assert matches([Firing("irregular", 10.5, cv2)], recording, 0.1).tolist() == [alike]


def test_deviations_are_signed_and_in_tolerances():
    found = deviations([model(burst_rate=8.4, spikes_per_burst=3.0), Firing("silent")], RECORDING, 0.1)
    np.testing.assert_allclose(found[0], [-1, 0.5, 0, 0], atol=1e-12)
    assert np.isnan(found[1]).all()


def test_description_names_class_figures_and_units():
    assert firing_of([bursting(6)]).describe() == (
        "bursting, spikes per burst 4, burst rate 7.69 Hz, burst duration 30 ms, intra burst rate 100 Hz"
    )
    assert [firing_of([]).describe(), ACTIVITIES[0]] == ["silent", "silent"]
