"""Recorded currents: each sweep its own, whatever the noise and the format; commands that they contradict."""

import numpy as np
import pynwb
import pytest
from support.nwb_files import add_electrode, new_nwb, response, stimulus, write_nwb
from support.stimuli import current_at
from support.vendor_files import RATE, SWEEPS, read_quietly, write_abf1, write_abf2

from elephant_dic.recordings import read_spiketrains
from elephant_dic.recordings.contents import Command
from elephant_dic.recordings.patch_clamp.measured_current import current, with_measured
from elephant_dic.recordings.patch_clamp.recorded_waveforms import recorded
from elephant_dic.recordings.patch_clamp.sampled_waveforms import is_noisy, sampled
from elephant_dic.trains import protocol_of, stimulus_of, sweeps_of

N = SWEEPS.shape[1]
T = np.arange(N) / RATE * 1e3  # ms, of a sweep
START, STOP = 115.0, 515.0  # of the steps
LEVELS = np.arange(-40.0, 150.0, 20.0)


def steps(levels, holding=0.0):
    """(n_sweeps, n_samples) currents (pA) with a step each."""
    return np.where((T >= START) & (T < STOP), np.reshape(levels, (-1, 1)), 0.0) + holding


def noise_of(shape, deviation, seed=0):
    return np.random.default_rng(seed).normal(0, deviation, shape)


def potentials(n_sweeps):
    return np.repeat(SWEEPS[:1], n_sweeps, axis=0)


def read_abf(path, currents, unit="pA", **options):
    scaled = currents / {"pA": 1, "nA": 1000}[unit]
    write_abf2(path, {("Vm", "mV"): potentials(len(currents)), ("Im", unit): scaled}, RATE, **options)
    return sweeps_of(read_quietly(path)[0])


def read_nwb(path, currents):
    file = new_nwb()
    electrode = add_electrode(file)
    for k, (volts, values) in enumerate(zip(potentials(len(currents)), currents, strict=True)):
        common = {"starting_time": 2.0 * k, "sweep_number": np.uint64(k)}
        file.add_acquisition(response(f"v{k}", electrode, volts, **common))
        file.add_stimulus(stimulus(f"i{k}", electrode, values, **common))
    write_nwb(path, file)
    return sweeps_of(read_quietly(path)[0])


def levels_of(trains):
    """(n_sweeps, 2) currents before and in the step; each sweep has these two levels alone."""
    found = []
    for train in trains:
        given = stimulus_of(train).shifted(-float(train.t_start.rescale("ms")))
        values = current_at(given, [START - 2, START + 2, STOP - 2, STOP + 2])
        assert given.currents.size == (4 if values[0] != values[1] else 1)
        assert (values[0], values[1]) == (values[3], values[2])
        found.append(values[:2])
    return np.array(found)


# Each sweep has its own current


@pytest.mark.parametrize("deviation", [0.0, 2.0, 8.0, 20.0])
@pytest.mark.parametrize("unit", ["pA", "nA"])
def test_each_sweep_has_its_own_current(tmp_path, deviation, unit):
    """Of nA, the converter of these files has steps of 6.1 pA: levels are off by half of one at most."""
    currents = steps(LEVELS)
    trains = read_abf(tmp_path / "cell.abf", currents + noise_of(currents.shape, deviation), unit)
    within = 3.1 if unit == "nA" and deviation < 3 else 0.3 + 0.05 * deviation
    assert levels_of(trains)[:, 1] == pytest.approx(LEVELS, abs=within)
    assert levels_of(trains)[:, 0] == pytest.approx(0, abs=within)
    assert len(protocol_of(trains).levels) == 10  # rest, and nine that are not


def test_steps_that_differ_little_are_not_one(tmp_path):
    """By 3 pA in noise of 8 pA, of which the mean over 400 ms is known to 0.09 pA."""
    currents = steps(np.arange(20.0, 35.0, 3.0))
    trains = read_abf(tmp_path / "cell.abf", currents + noise_of(currents.shape, 8.0))
    assert levels_of(trains)[:, 1] == pytest.approx(np.arange(20.0, 35.0, 3.0), abs=0.5)


@pytest.mark.parametrize("level", [-20.0, 20.0])
def test_a_small_step_beside_rest_is_found_in_large_noise(tmp_path, level):
    currents = steps([0.0, level])
    trains = read_abf(tmp_path / "cell.abf", currents + noise_of(currents.shape, 40.0))
    assert levels_of(trains)[:, 1] == pytest.approx([0.0, level], abs=2.0)
    assert trains[0].annotations["injected_current"] == "0 pA"


def test_mains_hum_hides_no_step(tmp_path):
    """Whose phase is another in each sweep."""
    currents = steps([-60.0, -20.0, 60.0])
    hum = 5 * np.sin(2 * np.pi * 0.05 * T + np.array([[0.0], [1.0], [2.5]]))
    trains = read_abf(tmp_path / "cell.abf", currents + hum + noise_of(currents.shape, 0.5))
    assert levels_of(trains)[:, 1] == pytest.approx([-60, -20, 60], abs=0.5)


@pytest.mark.parametrize("read", [read_abf, read_nwb])
def test_sweeps_of_one_current_have_one_stimulus(tmp_path, read):
    currents = steps(np.tile([-40.0, 60.0, 120.0], 3))
    trains = read(tmp_path / f"cell.{read.__name__[-3:]}", currents + noise_of(currents.shape, 15.0))
    protocol = protocol_of(trains)
    assert protocol.condition_of == (0, 1, 2) * 3
    assert [level.current for level in protocol.levels[1:]] == pytest.approx([-40, 60, 120], abs=1)


def test_ramps_in_noise_are_one_only_if_they_are_alike():
    ramps = [np.interp(T, [200, 800], [0, top]) for top in (100.0, 106.0, 100.0)]
    found = current("Im", "pA", [ramp + noise_of(N, 10.0, seed) for seed, ramp in enumerate(ramps)], RATE)
    assert [found.like(sweep) for sweep in range(3)] == [0, 1, 0]


@pytest.mark.parametrize(("level", "expected"), [(0.3, 0.0), (-8.0, -8.0)])
def test_a_steady_current_is_none_only_if_it_is_as_small_as_what_a_monitor_is_off(level, expected):
    found = recorded(level + noise_of(N, 10.0), RATE)
    assert found.currents == pytest.approx([expected], abs=0 if not expected else 0.5)


def test_a_sweep_in_which_the_current_was_not_recorded_is_not_taken_for_one_without():
    measured = current("Im", "pA", [noise_of(N, 1.0), np.empty(0)], RATE)
    first, second = with_measured(Command.untold(2), [measured])
    assert (first.injected_current, second.injected_current) == ("0 pA", "unknown")


# Stimuli of NWB are read like recorded currents


@pytest.mark.parametrize("deviation", [0.01, 0.1, 0.5, 3.0, 10.0])
def test_a_noisy_stimulus_of_an_nwb_file_has_its_levels(tmp_path, deviation):
    levels = np.array([-60.0, -20.0, 0.0, 60.0, 180.0])
    currents = steps(levels)
    trains = read_nwb(tmp_path / "cell.nwb", currents + noise_of(currents.shape, deviation))
    assert levels_of(trains)[:, 1] == pytest.approx(levels, abs=0.01 + 0.05 * deviation)
    names = [level.name for level in protocol_of(trains).levels]
    assert names[0] == "rest"
    assert len(names) == 5
    told = [train.annotations["injected_current"] for train in trains]
    assert told[1].startswith("-20 pA, with noise of ")
    assert float(told[1].split()[-2]) == pytest.approx(deviation, rel=0.1)


def slow_noise(deviation, constant=3.0):
    """That of a filter of such a time constant (ms), as it is injected into cells on purpose."""
    from scipy.signal import lfilter

    keep = np.exp(-(T[1] - T[0]) / constant)
    return lfilter([np.sqrt(1 - keep**2)], [1, -keep], noise_of(N, deviation))


@pytest.mark.parametrize("draw", [sampled, recorded])
def test_noise_that_a_membrane_follows_is_kept(draw):
    given = steps([100.0])[0] + slow_noise(20.0)
    assert is_noisy(given)
    found = draw(given, RATE)
    means = given.reshape(-1, 20).mean(axis=1)
    assert np.std(current_at(found, np.arange(1000) + 0.5) - means) < 10
    assert np.std(current_at(found, T) - steps([100.0])[0]) > 15


@pytest.mark.parametrize("draw", [sampled, recorded])
def test_slow_noise_that_is_small_is_left_out(draw):
    found = draw(steps([100.0])[0] + slow_noise(1.0), RATE)
    assert found.currents == pytest.approx([0, 100, 100, 0], abs=0.5)


# Recorded and commanded currents that differ


def abf_of_both(path, write, recorded_, first, increment):
    """A file of a recorded current, and of epochs that command these levels."""
    epochs = [(1, 0, 0, round(START * RATE / 1e3) - N // 64, 0), (1, first, increment, 8000, 0)]
    channels = {("Vm", "mV"): potentials(len(recorded_)), ("Im", "pA"): recorded_}
    write(path, channels, RATE, outputs=[{"epochs": epochs}])


@pytest.mark.parametrize("write", [write_abf1, write_abf2])
def test_a_recorded_current_that_is_not_the_commanded_one_is_told(tmp_path, write):
    path, measured = tmp_path / "cell.abf", steps([-30.0, 10.0, 50.0])
    abf_of_both(path, write, measured + noise_of(measured.shape, 2.0), -60, 80)
    doubt = (
        "the current recorded in Im is another than the commanded one, which is taken: 0 to 50 pA where the"
        " command is 0 to 100 pA"
    )
    with pytest.warns(UserWarning, match=doubt):
        (group,) = read_spiketrains(path)
    assert group.annotations["current_doubt"] == doubt
    assert all(train.annotations["current_doubt"] == doubt for train in group.spiketrains)
    assert levels_of(group.spiketrains)[:, 1] == pytest.approx([-60, 20, 100])


@pytest.mark.parametrize("offset", [0.0, 3.0])
def test_a_recorded_current_that_is_the_commanded_one_is_no_doubt(tmp_path, offset):
    """But for its noise, for what the monitor is off, and for the 0.2 ms that it is late."""
    measured = steps([-60.0, 20.0, 100.0]) + offset
    path, late = tmp_path / "cell.abf", np.roll(measured, 4, axis=1)
    abf_of_both(path, write_abf2, late + noise_of(measured.shape, 5.0), -60, 80)
    assert "current_doubt" not in read_quietly(path)[0].annotations


def test_a_stimulus_and_a_recorded_current_of_an_nwb_file_that_differ(tmp_path):
    path, file = tmp_path / "cell.nwb", new_nwb()
    electrode = add_electrode(file)
    for k, values in enumerate(steps([-60.0, 100.0])):
        common = {"starting_time": 2.0 * k}
        file.add_acquisition(response(f"v{k}", electrode, SWEEPS[k], **common))
        file.add_stimulus(stimulus(f"s{k}", electrode, values, **common))
        series = pynwb.TimeSeries(name=f"i{k}", data=0.5e-12 * values, unit="A", rate=RATE, **common)
        file.add_acquisition(series)
    write_nwb(path, file)
    (group,) = read_quietly(path)
    assert "0 to 50 pA where the command is 0 to 100 pA" in group.annotations["current_doubt"]
    assert levels_of(group.spiketrains)[:, 1] == pytest.approx([-60, 100])
