"""Spikes of extracellular traces, and the picture of a detection."""

import warnings

import neo
import numpy as np
import pytest
import quantities as pq
from support.vendor_files import membrane_potential, read_quietly, refuse, write_abf2, write_smr

from elephant_dic import plot_detection
from elephant_dic.recordings import RecordingError, read_signals, read_spiketrains
from elephant_dic.recordings.extracellular import detect_extracellular_spikes, filtered, noise_of
from elephant_dic.recordings.spike_detection import automatic_threshold, detect_spikes

RATE, LENGTH = 20e3, 5.0
SPIKES = np.arange(0.05, 4.95, 0.1)


def trace(spikes=SPIKES, size=-0.1, noise=0.005, seed=0, width=0.2e-3):
    """An extracellular trace in mV: white noise, and spikes of two phases."""
    times = np.arange(round(LENGTH * RATE)) / RATE
    volts = noise * np.random.default_rng(seed).standard_normal(times.size)
    for spike in spikes:
        near = slice(max(0, round((spike - 0.005) * RATE)), round((spike + 0.005) * RATE))
        x = (times[near] - spike) / width
        volts[near] += size * (np.exp(-0.5 * x**2) - 0.3 * np.exp(-0.5 * ((x - 2.5) / 1.5) ** 2))
    return volts


def signal(volts, units="mV", rate=RATE, t_start=0.0):
    volts = np.asarray(volts, float)
    return neo.AnalogSignal(
        volts[:, None] if volts.ndim == 1 else volts,
        units=units,
        sampling_rate=rate * pq.Hz,
        t_start=t_start * pq.s,
        name="wire",
    )


def seconds(train):
    return train.rescale("s").magnitude


@pytest.mark.parametrize("sign", [-1, 1])
def test_every_spike_is_found_at_its_extreme_and_no_noise(sign):
    found = detect_extracellular_spikes(signal(sign * trace(), t_start=3.0))
    assert seconds(found) == pytest.approx(3 + SPIKES, abs=1e-4)
    assert found.annotations["polarity"] == ("negative" if sign > 0 else "positive")
    assert (float(found.t_start), float(found.t_stop)) == (3, 8)
    assert found.annotations["n_clipped"] == 0
    assert np.sign(float(found.annotations["threshold"])) == -sign


def test_the_threshold_is_that_of_the_noise_and_says_so():
    found = detect_extracellular_spikes(signal(trace()))
    level = float(found.annotations["threshold"].rescale("mV"))
    assert level == pytest.approx(-5 * noise_of(filtered(signal(trace()))))
    assert level == pytest.approx(-5 * 0.005, rel=0.1)  # white noise loses little to the filter
    assert "5 times the noise of" in found.annotations["threshold_reason"]
    assert "negative side" in found.annotations["threshold_reason"]


def test_amplitudes_are_those_of_the_spikes():
    found = detect_extracellular_spikes(signal(trace(noise=0.001)), highpass=None)
    sizes = found.array_annotations["amplitude"]
    assert sizes.dimensionality == pq.mV.dimensionality
    of_both_phases = 0.1 * (1 - 0.3 * np.exp(-0.5 * (2.5 / 1.5) ** 2))
    assert sizes.magnitude == pytest.approx(np.full(len(SPIKES), of_both_phases), abs=0.005)
    assert sizes.magnitude.std() < 0.005


def test_volts_and_microvolts_are_the_same():
    one, other = (
        detect_extracellular_spikes(signal(factor * trace(), units=unit))
        for factor, unit in ((1, "mV"), (1e3, "uV"))
    )
    assert seconds(one).tolist() == seconds(other).tolist()


def test_a_drift_of_the_baseline_does_not_count():
    times = np.arange(round(LENGTH * RATE)) / RATE
    drifting = trace() + 0.5 * np.sin(2 * np.pi * 0.7 * times) + 0.3 * times
    assert seconds(detect_extracellular_spikes(signal(drifting))) == pytest.approx(SPIKES, abs=1e-4)


def test_a_spike_cut_by_the_start_is_none():
    with pytest.warns(UserWarning, match="1 excursions .* go over the start or the end"):
        found = detect_extracellular_spikes(signal(trace([0.0, *SPIKES])), highpass=None)
    assert len(found) == len(SPIKES)


def test_artefacts_are_no_spikes():
    volts = trace()
    volts[[20_000, 40_000]] += 20.0
    with pytest.warns(
        UserWarning,
        match=r"\d+ excursions are not taken as spikes: they are within 5 ms of something much larger",
    ):
        found = detect_extracellular_spikes(signal(volts), -0.03 * pq.mV)
    missed = set(np.round(SPIKES, 3)) - set(np.round(seconds(found), 3))
    assert len(found) == len(SPIKES)
    assert not missed


def test_artefacts_on_the_side_of_the_spikes_are_no_spikes():
    volts = trace()
    volts[[20_000, 40_000]] -= 20.0
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = detect_extracellular_spikes(signal(volts))
    assert any("2 excursions are not taken as spikes: they are 20 times" in str(w.message) for w in caught)
    assert seconds(found) == pytest.approx(SPIKES, abs=2e-4)


def test_slow_excursions_are_no_spikes():
    volts = trace()
    volts[20_000:20_100] -= 0.2
    with pytest.warns(UserWarning, match="1 excursions .* last longer than 3 ms"):
        found = detect_extracellular_spikes(signal(volts), -0.05 * pq.mV, highpass=None)
    assert len(found) == len(SPIKES)


def test_clipped_spikes_are_found_and_told():
    volts = np.maximum(trace(size=-0.1), -0.06)
    with pytest.warns(UserWarning, match=rf"{len(SPIKES)} of {len(SPIKES)} spikes are clipped"):
        found = detect_extracellular_spikes(signal(volts))
    assert seconds(found) == pytest.approx(SPIKES, abs=3e-4)
    assert found.annotations["n_clipped"] == len(SPIKES)


def test_of_spikes_within_the_refractory_time_the_larger_counts():
    volts = trace(size=-0.05) + trace(SPIKES + 0.0007, size=-0.1, noise=0)
    found = detect_extracellular_spikes(signal(volts), highpass=None)
    assert seconds(found) == pytest.approx(SPIKES + 0.0007, abs=2e-4)
    both = detect_extracellular_spikes(signal(volts), highpass=None, refractory=0.4 * pq.ms)
    assert len(both) == 2 * len(SPIKES)


def test_a_threshold_chooses_its_side():
    found = detect_extracellular_spikes(signal(trace()), -0.05 * pq.mV)
    assert found.annotations["threshold_reason"] == "given"
    assert len(found) == len(SPIKES)
    assert len(detect_extracellular_spikes(signal(trace()), 1 * pq.mV)) == 0


@pytest.mark.parametrize(
    ("more", "error", "message"),
    [
        ({"polarity": "up"}, ValueError, "polarity must be one of negative, positive, got 'up'"),
        ({"factor": 0}, ValueError, "factor must be positive, got 0"),
        ({"threshold": -1}, TypeError, "threshold must be a Quantity"),
        ({"threshold": 1 * pq.mV, "polarity": "negative"}, ValueError, "does not go with polarity negative"),
        ({"highpass": 300}, TypeError, "highpass must be a Quantity"),
        ({"highpass": 20 * pq.kHz}, RecordingError, "cannot be filtered at 20000 Hz"),
    ],
)
def test_wrong_arguments(more, error, message):
    with pytest.raises(error, match=message):
        detect_extracellular_spikes(signal(trace()), **more)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (signal(np.zeros((100, 2))), "one channel is needed, got 2"),
        (signal(trace(), units="pA"), "a signal in pA is no potential"),
        (signal(trace()[::20], rate=1e3), "sampled at 1000 Hz cannot be filtered"),
        (signal(np.zeros(10_000)), "most of its samples are the same"),
    ],
)
def test_traces_in_which_nothing_can_be_detected(wrong, message):
    with pytest.raises(RecordingError, match=message):
        detect_extracellular_spikes(wrong)


def test_a_trace_of_a_file(tmp_path):
    path, spikes = tmp_path / "nerve.smr", SPIKES[SPIKES < 1.5]
    write_smr(path, [{"title": "nerve", "pieces": [(0.0, 100 * trace()[:30_000])], "rate": RATE}])
    refuse(path, "no spikes in nerve: .*, and nothing rises by 20 mV")
    (cell,) = read_spiketrains(path, extracellular=True)
    assert seconds(cell) == pytest.approx(spikes, abs=1e-4)
    assert cell.annotations["channel"] == "nerve"
    assert len(cell.array_annotations["amplitude"]) == len(spikes)
    (few,) = read_spiketrains(path, extracellular=True, threshold=-5 * pq.mV)
    assert len(few) == len(spikes)
    refuse(path, "no excursion crosses the threshold of -50.0 mV", extracellular=True, threshold=-50 * pq.mV)
    with pytest.raises(ValueError, match="needs no threshold= and no extracellular=True"):
        read_spiketrains(path, unit="a", extracellular=True)
    with pytest.raises(ValueError, match="events=True reads event channels"):
        read_spiketrains(path, events=True, extracellular=True)


# Membrane potentials that are not as they should be


@pytest.mark.parametrize("drift", [-30.0, 30.0])
def test_the_automatic_threshold_bears_a_drift_of_the_baseline(drift):
    spikes = np.linspace(0.1, 4.9, 50)
    volts = membrane_potential(spikes, 5.0) + np.linspace(0, drift, 100_000)
    assert len(detect_spikes(signal(volts))) == 50


def test_the_automatic_threshold_bears_clipped_spikes():
    spikes = np.linspace(0.1, 4.9, 50)
    volts = np.minimum(membrane_potential(spikes, 5.0), -5.0)
    found = detect_spikes(signal(volts))
    assert seconds(found) == pytest.approx(spikes, abs=1e-3)


def test_the_automatic_threshold_explains_itself():
    trace = signal(membrane_potential([0.1, 0.2, 0.3], 0.5))
    found = detect_spikes(trace).annotations
    assert found["threshold"] == automatic_threshold([trace])
    assert found["threshold_reason"] == (
        "halfway between the lowest peaks (30.0 mV) and the highest troughs (-60.0 mV) of 3 action potentials"
    )
    silent = detect_spikes(signal(membrane_potential([], 0.5))).annotations
    assert "threshold" not in silent
    assert "nothing rises by 20 mV" in silent["threshold_reason"]
    with pytest.warns(UserWarning, match="2 of 2 action potentials do not rise through .* of its own"):
        detect_spikes(signal(membrane_potential([0.1, 0.3], 0.5) + np.linspace(0, 300, 10_000)))


# Traces and pictures


def test_signals_of_a_file(tmp_path):
    path = tmp_path / "cell.abf"
    sweeps = np.stack([membrane_potential([0.1], 0.2), membrane_potential([0.05], 0.2)])
    write_abf2(path, {("Vm", "mV"): sweeps, ("I", "pA"): sweeps}, RATE)
    first, second = read_signals(path)
    assert (first.name, first.annotations["sweep"], second.annotations["sweep"]) == ("Vm", 0, 1)
    assert first.annotations["source"] == "cell.abf"
    assert second.magnitude[:, 0] == pytest.approx(sweeps[1], abs=0.01)
    (only,) = read_signals(path, channel="Vm", sweep=1)
    assert only.annotations["sweep"] == 1
    with pytest.raises(RecordingError, match=r"cell.abf: there is no sweep 2"):
        read_signals(path, sweep=2)
    with pytest.raises(RecordingError, match=r"cell.abf: it holds no membrane potential"):
        read_signals(path, channel="I")


@pytest.fixture
def figure():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


def drawn(axes):
    return {line.get_label().split()[-1]: line for line in axes.lines}


def test_the_picture_of_a_potential(figure):
    potential = signal(membrane_potential([0.1, 0.3], 0.5), t_start=2.0)
    found = detect_spikes(potential)
    axes = plot_detection(potential, found)
    line, level, marks = axes.lines
    assert (line.get_ydata().min(), line.get_ydata().max()) == pytest.approx((-60, 30), abs=0.1)
    assert line.get_xdata()[[0, -1]] == pytest.approx([0, 0.5], abs=1e-3)
    assert level.get_ydata()[0] == pytest.approx(float(found.annotations["threshold"]))
    assert marks.get_xdata() == pytest.approx(seconds(found) - 2.0)
    assert marks.get_label() == "2 spikes"
    axes.figure.canvas.draw()
    part = plot_detection(potential, found, start=0.2 * pq.s, duration=0.2 * pq.s)
    assert part.lines[2].get_label() == "1 spike"
    assert part.lines[0].get_xdata()[[0, -1]] == pytest.approx([0.2, 0.4], abs=1e-3)
    with pytest.raises(ValueError, match="no samples from 1 to 1.5 s: it lasts 0.5 s"):
        plot_detection(potential, found, start=1 * pq.s, duration=0.5 * pq.s)


def test_the_picture_of_a_long_trace_shows_every_spike(figure):
    found = detect_extracellular_spikes(signal(trace(noise=0.002)))
    axes = plot_detection(signal(trace(noise=0.002)), found)
    line, level, _ = axes.lines
    assert len(line.get_xdata()) <= 8000
    level = level.get_ydata()[0]
    below = line.get_xdata()[line.get_ydata() < level]
    assert all(np.abs(below - spike).min() < 1e-3 for spike in SPIKES)
    assert "high-pass 300" in axes.get_ylabel()


def test_the_picture_of_a_silent_trace(figure):
    potential = signal(membrane_potential([], 0.5))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        axes = plot_detection(potential, detect_spikes(potential))
    assert [line.get_label() for line in axes.lines] == ["trace", "0 spikes"]


def test_read_quietly_keeps_amplitudes_through_new_limits(tmp_path):
    path = tmp_path / "units.smr"
    write_smr(path, [{"title": "MU", "times": [0.5, 1.0, 1.5], "codes": [1, 1, 1]}])
    (cell,) = read_quietly(path, t_stop=3 * pq.s)
    assert len(cell.array_annotations["amplitude"]) == 3
