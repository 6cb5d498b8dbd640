"""Spike detection on made-up membrane potentials, whose spikes are known."""

import warnings

import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from support.vendor_files import membrane_potential

from elephant_dic.recordings.patch_clamp.potentials import finite_parts, spikes_of_sweeps
from elephant_dic.recordings.spike_detection import (
    RecordingError,
    automatic_threshold,
    detect_spikes,
    detected_at,
    event_to_spiketrain,
)

RATE = 20e3


def signal(volts, *, rate=RATE, t_start=0.0, units="mV"):
    return neo.AnalogSignal(
        np.asarray(volts, float), units=units, sampling_rate=rate * pq.Hz, t_start=t_start * pq.s
    )


def times(spiketrain):
    return spiketrain.rescale("s").magnitude


def test_a_crossing_is_interpolated_between_samples():
    found = detect_spikes(signal([-60, -20, 20, -60], rate=1e3), 10 * pq.mV)
    assert times(found) == pytest.approx([1.75e-3])
    assert found.annotations["threshold"] == 10 * pq.mV


def test_times_and_bounds_start_with_the_signal():
    volts = membrane_potential([0.1, 0.25], 0.5)
    found = detect_spikes(signal(volts, t_start=2.0))
    assert times(found) == pytest.approx([2.1, 2.25], abs=1e-3)
    assert (float(found.t_start), float(found.t_stop)) == (2.0, 2.5)


def test_volts_are_the_same_as_millivolts():
    volts = membrane_potential([0.1, 0.25], 0.5)
    in_volts = detect_spikes(signal(volts / 1e3, units="V"))
    assert times(in_volts) == pytest.approx(times(detect_spikes(signal(volts))))
    assert in_volts.annotations["threshold"].units == pq.mV


@pytest.mark.parametrize(("dip", "count"), [(5, 1), (-1, 2)])
def test_the_next_spike_counts_after_the_potential_fell_below_the_hysteresis(dip, count):
    volts = [-60, 20, 20, dip, dip, 20, 20, -60]
    assert len(detect_spikes(signal(volts, rate=1e3), 10 * pq.mV)) == count


def test_spikes_within_the_refractory_time_are_one():
    volts = [-60, 20, -60, 20, -60, -60, 20, -60]
    found = detect_spikes(signal(volts, rate=5e3), 10 * pq.mV, refractory=0.5 * pq.ms)
    assert len(found) == 2


def test_a_trace_that_starts_above_the_threshold_starts_with_no_spike():
    volts = membrane_potential([0.0, 0.1], 0.2)
    assert times(detect_spikes(signal(volts), 0 * pq.mV)) == pytest.approx([0.1], abs=1e-3)


def test_a_spike_cut_by_the_end_of_the_trace_counts():
    volts = membrane_potential([0.1, 0.2], 0.2)
    assert len(detect_spikes(signal(volts), 0 * pq.mV)) == 2


@pytest.mark.parametrize("threshold", [None, -20 * pq.mV])
def test_a_current_step_is_no_spike(threshold):
    volts = membrane_potential([0.1, 0.25], 0.5)
    volts[7000:9000] += 55
    with pytest.warns(UserWarning, match="1 excursions above -.* last longer than 10 ms"):
        found = detect_spikes(signal(volts), threshold)
    assert times(found) == pytest.approx([0.1, 0.25], abs=1e-3)


@pytest.mark.parametrize("n_samples", [1, 2])
def test_an_artefact_of_one_or_two_samples_is_no_spike(n_samples):
    volts = membrane_potential([0.1, 0.25], 0.5)
    volts[7000 : 7000 + n_samples] += 100
    with pytest.warns(UserWarning, match="1 excursions above -15.* last less than 3 samples"):
        found = detect_spikes(signal(volts))
    assert times(found) == pytest.approx([0.1, 0.25], abs=1e-3)


def test_artefacts_alone_give_no_threshold():
    volts = membrane_potential([], 0.5)
    volts[[3000, 5000, 7000]] += 80
    assert automatic_threshold([signal(volts)]) is None


def test_slow_sampling_keeps_spikes_of_one_sample():
    volts = membrane_potential([0.1, 0.25], 0.5, rate=2e3)
    assert len(detect_spikes(signal(volts, rate=2e3))) == 2


@pytest.mark.parametrize("peak", [-5.0, 15.0, 40.0])
@pytest.mark.parametrize("noise", [0.0, 4.0])
def test_the_automatic_threshold_finds_every_spike_and_no_noise(peak, noise):
    spikes = np.linspace(0.1, 4.9, 50)
    rng = np.random.default_rng(0)
    volts = membrane_potential(spikes, 5.0, peak=peak)
    volts += noise * rng.standard_normal(volts.size)
    found = detect_spikes(signal(volts))
    assert times(found) == pytest.approx(spikes, abs=1e-3)
    assert -50 < float(found.annotations["threshold"]) < peak


def test_the_automatic_threshold_suits_spikes_that_shrink_on_a_depolarised_cell():
    late = np.arange(0.51, 0.69, 0.02)
    volts = membrane_potential([0.1, 0.2, 0.9], 1.0, rest=-60, peak=40)
    volts[10_000:14_000] = membrane_potential(late, 1.0, rest=-32, peak=0)[10_000:14_000]
    assert len(detect_spikes(signal(volts))) == 3 + late.size


def test_synaptic_noise_gives_no_spikes_and_no_threshold():
    rng = np.random.default_rng(1)
    potential = np.exp(-np.arange(1000) / 200) - np.exp(-np.arange(1000) / 20)
    inputs = rng.poisson(0.01, 100_000) * rng.exponential(4.0, 100_000)
    volts = -55 + np.convolve(inputs, potential)[:100_000]
    assert volts.max() > -35
    found = detect_spikes(signal(volts))
    assert len(found) == 0
    assert "threshold" not in found.annotations


def test_one_threshold_for_all_sweeps_of_a_cell():
    large = signal(membrane_potential([0.1], 0.3, peak=40))
    small = signal(membrane_potential([0.1, 0.2], 0.3, peak=-10))
    threshold = automatic_threshold([large, small, signal(membrane_potential([], 0.3))])
    assert len(detect_spikes(large, threshold)) == 1
    assert len(detect_spikes(small, threshold)) == 2


def reference(volts, threshold, rearm, rate):
    """The rule, sample by sample."""
    found, armed, start = [], volts[0] < threshold, None
    for k, value in enumerate(volts):
        if armed and value >= threshold:
            armed, start = False, k
        elif not armed and value < rearm:
            armed = True
            if start is not None and k - start <= 10e-3 * rate:
                found.append(start)
            start = None
    if start is not None and len(volts) - start <= 10e-3 * rate:
        found.append(start)
    return found


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(-8, 8), min_size=1, max_size=60))
def test_detection_is_the_rule_applied_sample_by_sample(levels):
    volts = 5.0 * np.array(levels)
    with warnings.catch_warnings():  # of long excursions
        warnings.simplefilter("ignore", UserWarning)
        found = detect_spikes(
            signal(volts, rate=500), 10 * pq.mV, hysteresis=15 * pq.mV, refractory=0 * pq.ms
        )
    expected = np.array(reference(volts, 10, -5, 500))
    assert np.ceil(times(found) * 500 - 1e-9).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ([1.0, 2.0], TypeError, "must be a neo.AnalogSignal, got list"),
        (signal([[1.0, 2.0]]), RecordingError, "one channel is needed, got 2"),
        (signal([1.0], units="pA"), RecordingError, "a signal in pA is no potential"),
        (signal(np.empty((0, 1))), RecordingError, "holds no samples"),
        (signal([1, np.nan, np.inf], rate=10), RecordingError, "2 samples .* the first at 0.1 s"),
    ],
)
def test_signals_that_are_no_membrane_potential(wrong, error, message):
    with pytest.raises(error, match=message):
        detect_spikes(wrong)


def test_quantities_are_needed():
    trace = signal(membrane_potential([0.1], 0.2))
    with pytest.raises(TypeError, match=r"threshold must be a Quantity \(in mV or the like\), got int"):
        detect_spikes(trace, -20)
    with pytest.raises(ValueError, match="threshold: 1.0 ms cannot be converted to mV"):
        detect_spikes(trace, 1 * pq.ms)
    with pytest.raises(TypeError, match="hysteresis must be a Quantity"):
        detect_spikes(trace, hysteresis=10)
    with pytest.raises(TypeError, match="refractory must be a Quantity"):
        detect_spikes(trace, refractory=1)


def test_events_become_a_spike_train():
    event = neo.Event([10.0, 20.0] * pq.ms, labels=["", ""], name="spikes")
    train = event_to_spiketrain(event, 0 * pq.s, 1 * pq.s)
    assert train.name == "spikes"
    assert times(train) == pytest.approx([0.01, 0.02])
    assert (train.t_start, train.t_stop) == (0 * pq.s, 1 * pq.s)
    with pytest.raises(TypeError, match="t_stop must be a Quantity"):
        event_to_spiketrain(event, 0 * pq.s, 1.0)


# One threshold does not suit all


def family(kind, n_sweeps=8):
    """Sweeps of 1 s with 2, 4, 6 … spikes, whose baseline or height is not the same, and the numbers."""
    clock = np.arange(20_000) / RATE
    step = ((clock > 0.1) & (clock < 0.9)).astype(float)
    sweeps, counts = [], []
    for k in range(n_sweeps):
        spikes = 0.12 + np.arange(2 + 2 * k) * 0.75 / (2 + 2 * k)
        lifted, height = {
            "each step lifts it": (5 * k * step, 90),
            "some steps lift it": ((30 + 30 * (k > 5)) * step, 90),
            "it drifts": (60 * clock, 90),
            "it drifts by more than a spike": (85 * clock - 20, 40),
            "it rides on a ramp": (6 * k * np.clip((clock - 0.1) / 0.8, 0, 1) * step, 90),
            "its spikes shrink": (0 * clock, 90 - 9 * k),
        }[kind]
        trace = membrane_potential(spikes, 1.0, rest=0.0, peak=height, width=0.5e-3)
        sweeps.append(signal(trace + lifted - 65))
        counts.append(len(spikes))
    return sweeps, counts


@pytest.mark.parametrize(
    "kind",
    [
        "each step lifts it",
        "some steps lift it",
        "it drifts",
        "it drifts by more than a spike",
        "it rides on a ramp",
        "its spikes shrink",
    ],
)
@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_every_spike_of_every_sweep_is_found_alone_and_with_others(kind, noise):
    sweeps, counts = family(kind)
    rng = np.random.default_rng(0)
    sweeps = {k: each + noise * rng.standard_normal(each.shape) * pq.mV for k, each in enumerate(sweeps)}
    together = spikes_of_sweeps(sweeps, None)[0]
    assert [len(together[k]) for k in sweeps] == counts
    for k, each in sweeps.items():
        (alone,) = spikes_of_sweeps({k: each}, None)[0].values()
        np.testing.assert_array_equal(times(alone), times(together[k]))


def test_it_is_told_where_one_threshold_of_all_sweeps_would_find_others():
    small = membrane_potential([0.1, 0.2], 0.5, rest=-60, peak=-35)
    tall = membrane_potential(np.arange(0.01, 0.495, 0.01), 0.5, peak=40)
    trains, remarks, _ = spikes_of_sweeps({3: signal(tall), 7: signal(small)}, None)
    assert {k: len(train) for k, train in trains.items()} == {3: 49, 7: 2}
    (remark,) = remarks
    assert (
        "one of all sweeps, -10.0 mV, would find other numbers of spikes in sweep 7 (2 and not 0)" in remark
    )


def test_action_potentials_that_no_one_threshold_meets_have_their_own():
    volts = membrane_potential([0.1, 0.2, 0.3, 0.4], 0.5, rest=-80, peak=-40) + np.linspace(0, 100, 10_000)
    with pytest.warns(
        UserWarning, match="of 4 action potentials do not rise through .* a threshold of its own"
    ):
        found = detect_spikes(signal(volts))
    assert times(found) == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=1e-3)
    assert "a threshold of its own" in found.annotations["threshold_reason"]


def test_spikes_on_a_plateau_above_the_rearming_level_of_a_given_threshold():
    volts = membrane_potential([0.1, 0.2, 0.3, 0.32, 0.34], 0.5, rest=-60, peak=30)
    volts[5000:8000] += 43  # to -17, less than 10 mV below the threshold
    found = detect_spikes(signal(volts), -10 * pq.mV)
    assert times(found) == pytest.approx([0.1, 0.2, 0.3, 0.32, 0.34], abs=1e-3)
    with pytest.warns(UserWarning, match="last longer than 10 ms"):
        strict = detect_spikes(signal(volts), -10 * pq.mV, hysteresis=10 * pq.mV)
    assert len(strict) == 2


def test_a_trace_that_starts_on_a_plateau():
    volts = membrane_potential([0.1, 0.2], 0.3, rest=-15, peak=30)
    volts[0] = 0.0
    found = detect_spikes(signal(volts), -10 * pq.mV)
    assert times(found) == pytest.approx([0.1, 0.2], abs=1e-3)


def test_what_does_not_rise_like_an_action_potential_is_told():
    volts = membrane_potential([0.1, 0.2], 0.5, rest=-40, peak=10)
    volts[6000:6760] += np.r_[np.linspace(0, 28, 600), np.linspace(28, 0, 160)]
    with pytest.warns(
        UserWarning, match="1 excursions above -15.0 mV are not taken .* do not rise by 20 mV and fall"
    ):
        found = detect_spikes(signal(volts))
    assert times(found) == pytest.approx([0.1, 0.2], abs=1e-3)


def test_few_peaks_that_are_small_beside_the_others_are_told():
    volts = membrane_potential(np.arange(0.02, 1.0, 0.02), 1.0, rest=-70, peak=30)
    volts[11_100:11_120] += np.r_[np.linspace(0, 24, 10), np.linspace(24, 0, 10)]
    with pytest.warns(
        UserWarning, match="1 peaks of 24 to 24 mV are not taken for action potentials, which rise"
    ):
        found = detect_spikes(signal(volts))
    assert len(found) == 49


# What a membrane potential can be


@pytest.mark.parametrize(
    ("rest", "peak", "message"),
    [
        (
            -380.0,
            -220.0,
            "its median is -380 mV, which is no membrane potential: that lies between -150 and 100",
        ),
        (0.0, 5000.0, "its peaks are at 5000 mV, which is no membrane potential"),
        (300.0, 400.0, "its median is 300 mV"),
    ],
)
def test_a_membrane_potential_is_plausible_or_none(rest, peak, message):
    trace = signal(membrane_potential([0.1, 0.2], 0.5, rest=rest, peak=peak))
    with pytest.raises(RecordingError, match=message):
        spikes_of_sweeps({0: trace}, None)
    trains, remarks, _ = spikes_of_sweeps({0: trace}, (rest + peak) / 2 * pq.mV)
    assert len(trains[0]) == 2
    assert message[:15] in remarks[0]


def test_an_artefact_beyond_what_a_cell_can_does_not_make_it_implausible():
    volts = membrane_potential([0.1, 0.2], 0.5)
    volts[5000:5002] = 900.0
    trains, _, _ = spikes_of_sweeps({0: signal(volts)}, None)
    assert len(trains[0]) == 2


def test_a_bad_sweep_hides_no_other():
    good = signal(membrane_potential([0.1, 0.2], 0.5))
    broken = signal(np.where(np.arange(10_000) == 5000, np.nan, -60.0))
    lost = signal(np.full(10_000, -9999.0))
    trains, remarks, _ = spikes_of_sweeps({0: broken, 1: good, 2: lost}, None)
    assert list(trains) == [1]
    assert remarks[0].startswith("sweep 0 is left out: 1 samples are not finite")
    assert remarks[1].startswith("sweep 2 is left out: its median is -9999 mV")
    with pytest.raises(RecordingError, match="sweep 0, as the others: 1 samples are not finite"):
        spikes_of_sweeps({0: broken, 2: lost}, None)


def test_samples_that_are_missing_at_the_ends_are_left_out_and_told():
    volts = membrane_potential([0.1, 0.2], 0.5)
    volts[8000:] = np.nan
    volts[:10] = np.nan
    kept, remarks = finite_parts({4: signal(volts), 5: signal(membrane_potential([0.1], 0.2))})
    assert remarks == ["sweep 4: 2010 samples at its start or end are no numbers: left out"]
    assert kept[4].shape == (7990, 1)
    assert float(kept[4].t_start.rescale("ms")) == pytest.approx(0.5)
    assert kept[5].shape == (4000, 1)


def test_where_the_spikes_of_sweeps_were_detected_in_words():
    def at(*levels):
        known = [{} if level is None else {"threshold": level} for level in levels]
        return detected_at([neo.SpikeTrain([1.0], units="s", t_stop=2.0, **each) for each in known])

    assert at(None, None) == ""
    assert at(-10 * pq.mV, None, -10.01 * pq.mV) == "detected at -10.0 mV"
    assert at(-0.01 * pq.V, -31.26 * pq.mV, -20 * pq.mV) == "detected at -31.3 to -10.0 mV"
