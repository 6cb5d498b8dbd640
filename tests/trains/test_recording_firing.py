"""How whole recordings fire: class and figures over windows, and how well quantiles are known."""

import numpy as np
import pytest

from elephant_dic.trains import COMPARED, firing_of, recording_firing
from elephant_dic.trains.windows import cut_windows


def spikes(isis, start=0.0):
    return start + np.concatenate([[0.0], np.cumsum(isis)])


def bursting(n_bursts, n_spikes=4, within=10.0, pause=100.0):
    return spikes(([within] * (n_spikes - 1) + [pause]) * n_bursts)


def test_long_recordings_are_medians_over_windows():
    fast, slow = [50.0] * 100, [100.0] * 150
    found = recording_firing([spikes(fast + slow)], window=3000)
    assert found.rate == pytest.approx(10, rel=0.02)


def test_class_of_most_windows_is_that_of_the_recording():
    train = np.concatenate([bursting(60), spikes([100.0] * 20, start=130.0 * 60 + 200)])
    found = recording_firing([train], window=1000)
    assert found.activity == "bursting"
    assert found.burst_duration == pytest.approx(30)


def sized_bursts(sizes):
    """A burst of so many spikes every 100 ms."""
    return np.concatenate([100.0 * i + 4.0 * np.arange(size) for i, size in enumerate(sizes)])


def test_a_window_holds_ten_burst_periods():
    times = sized_bursts(np.repeat([3, 5, 8, 4, 6], [10, 10, 10, 10, 13]))
    in_five = [firing_of(window) for window in cut_windows([times], 300)]
    assert len(in_five) == 5
    found = recording_firing([times], 300)
    assert found.spikes_per_burst == np.median([each.spikes_per_burst for each in in_five])
    assert found.spikes_per_burst == pytest.approx(5, abs=0.4)
    assert found == recording_firing([times], 1000)
    assert firing_of([times]).spikes_per_burst == pytest.approx((9 * 3 + 10 * (5 + 8 + 4) + 12 * 6) / 51)
    in_two = [firing_of(window) for window in cut_windows([times], 2500)]
    expected = np.mean([each.spikes_per_burst for each in in_two])
    assert recording_firing([times], 2500).spikes_per_burst == pytest.approx(expected)


def test_a_recording_of_one_window_is_as_a_whole():
    times = sized_bursts([3, 4] * 6)
    assert recording_firing([times], 1e4) == firing_of([times])
    assert recording_firing([np.array([1.0, 2])], 1000).describe() == "silent"


def test_figures_are_those_of_windows_of_the_class():
    """Eight regular windows and two of bursts: the train as a whole is not tonic."""
    tonic, bursts = 100.0 * np.arange(400), 40_000 + 390.0 * np.arange(26)[:, None] + 10.0 * np.arange(15)
    times = np.append(tonic, bursts.ravel())
    found = recording_firing([times], 5000)
    assert firing_of([times]).activity != "tonic"
    assert (found.activity, found.rate) == ("tonic", pytest.approx(10))
    assert np.isnan(found.spikes_per_burst)


def test_figures_of_an_irregular_recording_are_those_of_all_of_it():
    rng = np.random.default_rng(0)
    times = spikes(rng.exponential(100, 3000))
    found, whole = recording_firing([times], 3000), firing_of([times])
    windows = [firing_of(window) for window in cut_windows([times], 3000)]
    assert len(windows) > 5
    assert found.activity == "irregular"
    assert found.figures() == {name: getattr(whole, name) for name in COMPARED["irregular"]}
    assert found.rate != np.median([each.rate for each in windows])
    assert found.rate == pytest.approx(1000 * 3000 / (times[-1] - times[0]))
    assert [found.isi_10, found.isi_50, found.isi_90] == pytest.approx(
        np.quantile(np.diff(times), [0.1, 0.5, 0.9])
    )


def test_an_irregular_recording_has_no_figures_of_bursts():
    """Periods of 40 and 160 ms in three windows, of 100 ms in two: irregular in most, not in the whole."""
    times = spikes([4, 36, 4, 156] * 16 + [4, 96] * 20)
    windows = [firing_of(window).activity for window in cut_windows([times], 300)]
    assert (windows.count("irregular"), windows.count("bursting")) == (3, 2)
    whole, found = firing_of([times]), recording_firing([times], 300)
    assert (whole.activity, found.activity) == ("bursting", "irregular")
    assert np.isnan([found.spikes_per_burst, found.burst_rate, found.period_cv]).all()
    assert (found.rate, found.isi_90) == (whole.rate, whole.isi_90)


#: Irregular: intervals of 60 and 100 ms in turns, 101 spikes from 0 to 8000 ms.
UNEVEN = spikes([60.0, 100.0] * 50)


@pytest.mark.parametrize("window", [1000, 1e9])
def test_the_rate_of_an_irregular_recording_is_that_of_all_its_time(window):
    """101 spikes in 10.1 s, of which 2.1 s are silent; 100 intervals in 8 s."""
    whole, found = firing_of([UNEVEN], 10_100.0), recording_firing([UNEVEN], window, 10_100.0)
    assert (whole.activity, found.activity) == ("irregular", "irregular")
    assert (whole.rate, found.rate) == (pytest.approx(10), pytest.approx(10))
    assert firing_of([UNEVEN]).rate == recording_firing([UNEVEN], window).rate == pytest.approx(12.5)
    assert found.row()[1:] == pytest.approx(recording_firing([UNEVEN], window).row()[1:], nan_ok=True)


def test_the_rate_of_irregular_sweeps_is_that_of_all_their_time():
    """Of a sweep without spikes, too: 202 spikes in three sweeps of 10 s."""
    sweeps = [UNEVEN, np.empty(0), UNEVEN]
    assert firing_of(sweeps, 30_000.0).rate == pytest.approx(202 / 30)
    assert recording_firing(sweeps, 1000, 30_000.0).rate == pytest.approx(202 / 30)


def test_the_rate_of_a_recording_that_is_irregular_in_most_windows_is_that_of_all_its_time():
    """Though all of it together is bursting: 105 spikes in 21 s."""
    times = spikes([4, 36, 4, 156] * 16 + [4, 96] * 20)
    assert firing_of([times], 21_000.0).activity == "bursting"
    assert recording_firing([times], 300, 21_000.0).rate == pytest.approx(5)


@pytest.mark.parametrize("times", [100.0 * np.arange(50), bursting(40), [5.0, 9.0], []])
def test_silent_ends_are_nothing_to_other_classes(times):
    """Tonic, bursting and silent."""
    sweeps = [np.array(times)]
    for duration in (20_000.0, 1e6):
        found = firing_of(sweeps, duration), recording_firing(sweeps, 1000, duration)
        assert [each.describe() for each in found] == [
            firing_of(sweeps).describe(),
            recording_firing(sweeps, 1000).describe(),
        ]
        assert found[0].row() == pytest.approx(firing_of(sweeps).row(), nan_ok=True)
        assert found[1].row() == pytest.approx(recording_firing(sweeps, 1000).row(), nan_ok=True)


def test_errors_of_the_quantiles_by_hand():
    """Of intervals of 1, 2 … 401 ms: 400 times the standard errors of the shares, sqrt(q (1 - q) / n)."""
    isis = np.arange(1, 402.0)
    errors = 400 * np.sqrt(np.array([0.1 * 0.9, 0.5 * 0.5, 0.9 * 0.1]) / 401)
    found = recording_firing([spikes(isis)], 1e9)
    assert found.activity == "irregular"
    assert found.quantile_errors == pytest.approx(errors)
    assert firing_of([spikes(isis)]).quantile_errors == ()  # as of models
    assert recording_firing([spikes([100.0] * 50)], 1000).quantile_errors == ()


def test_errors_of_the_quantiles_are_those_of_other_draws():
    rng = np.random.default_rng(0)
    draws = [recording_firing([spikes(rng.exponential(80, 300))], 1e9) for _ in range(200)]
    draws = [each for each in draws if each.activity == "irregular"]
    assert len(draws) > 150
    quantiles = np.array([[each.isi_10, each.isi_50, each.isi_90] for each in draws])
    told = np.mean([each.quantile_errors for each in draws], axis=0)
    assert told == pytest.approx(quantiles.std(axis=0), rel=0.2)


def test_errors_stay_within_the_intervals_of_a_short_recording():
    found = recording_firing([spikes([5.0, 100, 7, 300])], 1000)
    assert found.activity == "irregular"
    assert all(0 < error <= (300 - 5) / 2 for error in found.quantile_errors)
