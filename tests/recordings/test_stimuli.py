"""The current of each sweep as a stimulus: of Axon's epochs, and of samples, with and without noise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lfilter
from support.nwb_files import add_electrode, new_nwb, response, stimulus, write_nwb
from support.stimuli import current_at
from support.vendor_files import RATE, SWEEPS, read_quietly, write_abf1, write_abf2

from elephant_dic.recordings import read_spiketrains
from elephant_dic.recordings.patch_clamp.recorded_waveforms import recorded
from elephant_dic.recordings.patch_clamp.sampled_waveforms import sampled
from elephant_dic.recordings.patch_clamp.waveforms import without_repeats
from elephant_dic.trains import Stimulus, stimulus_of, sweeps_of

N = SWEEPS.shape[1]
T = np.arange(N) / RATE * 1e3  # ms, of a sweep
BEGIN = N // 64 / RATE * 1e3  # of the first epoch


@pytest.fixture(params=[write_abf1, write_abf2], ids=["abf1", "abf2"])
def write_abf(request):
    return request.param


def stimuli(write, path, *outputs, channels=None, **options):
    """The stimuli of the sweeps of an Axon file, from the start of each; None where unknown."""
    write(path, {("Vm", "mV"): SWEEPS} | (channels or {}), RATE, outputs=list(outputs), **options)
    found = {}
    for cell in read_quietly(path):
        for train in sweeps_of(cell):
            known, start = stimulus_of(train), float(train.t_start.rescale("ms"))
            found[train.annotations["sweep"]] = known and known.shifted(-start)
    return [found[k] for k in sorted(found)]


def test_steps_begin_after_a_64th_of_the_sweep(tmp_path, write_abf):
    output = {"holding": -20, "epochs": [(1, -20, 0, 1000, 0), (1, 50, 25, 8000, 0), (1, -100, 0, 2000, 400)]}
    for k, found in enumerate(stimuli(write_abf, tmp_path / "steps.abf", output)):
        start, middle = BEGIN + 50, BEGIN + 450
        stop = middle + 100 + 20 * k
        assert found.is_like(Stimulus.steps(-20, (start, middle, 50 + 25 * k), (middle, stop, -100)))


def test_samples_are_those_of_a_channel(tmp_path, write_abf):
    """Two channels are sampled in turn: durations are in samples of each."""
    channels = {("In 2", "V"): np.zeros_like(SWEEPS)}
    output = {"epochs": [(1, 80, 0, 8000, 0)]}
    for found in stimuli(write_abf, tmp_path / "two.abf", output, channels=channels):
        assert found.is_like(Stimulus.steps(0, (BEGIN, BEGIN + 400, 80)))


def test_units_of_the_output(tmp_path, write_abf):
    output = {"units": "nA", "epochs": [(1, -0.1, 0.025, 8000, 0)]}
    found = stimuli(write_abf, tmp_path / "nano.abf", output)
    assert [each.currents.tolist() for each in found] == [[0, level, level, 0] for level in (-100, -75, -50)]


def test_a_ramp_is_a_line_from_the_level_before(tmp_path, write_abf):
    output = {"epochs": [(1, 40, 0, 2000, 0), (2, 200, 0, 4000, 0), (2, 0, 0, 2000, 0)]}
    found = stimuli(write_abf, tmp_path / "ramp.abf", output)[0]
    times = BEGIN + np.array([0, 0, 100, 300, 400])
    assert found.is_like(Stimulus(times, [0, 40, 40, 200, 0]))


@pytest.mark.parametrize(("kind", "levels"), [(3, [70]), (7, [70, -50])])
def test_pulses(tmp_path, write_abf, kind, levels):
    output = {"epochs": [(1, 10, 0, 1000, 0), (kind, 70, 0, 1100, 0)], "pulses": (400, 100)}
    found = stimuli(write_abf, tmp_path / "pulses.abf", output)[0]
    first, width = BEGIN + 50, 5 / len(levels)
    pulses = [
        (start + k * width, start + (k + 1) * width, level)
        for start in (first, first + 20)
        for k, level in enumerate(levels)
    ]
    expected = [
        (BEGIN, first, 10),
        *pulses[: len(levels)],
        (first + 5, first + 20, 10),
        *pulses[len(levels) :],
    ]
    assert found.is_like(Stimulus.steps(0, *expected, (first + 25, first + 55, 10)))


def test_pulses_of_an_old_header_are_not_known(tmp_path):
    output = {"epochs": [(3, 70, 0, 1100, 0)], "pulses": (400, 100)}
    assert stimuli(write_abf1, tmp_path / "new.abf", output, version=1.8)[0].currents.max() == 70
    assert stimuli(write_abf1, tmp_path / "old.abf", output, version=1.65) == [None] * 3


def test_the_last_level_may_be_held_until_the_next_sweep(tmp_path, write_abf):
    output = {"holding": 5, "holds_last": 1, "epochs": [(1, 40, 10, 8000, 0)]}
    first, second, third = stimuli(write_abf, tmp_path / "held.abf", output)
    assert first.is_like(Stimulus([BEGIN, BEGIN], [5, 40]))
    assert second.is_like(Stimulus([BEGIN, BEGIN], [40, 50]))
    assert third.is_like(Stimulus([BEGIN, BEGIN], [50, 60]))


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ({"epochs": [(4, 7, 0, 900, 0)]}, "the course of triangles is not certain"),
        ({"epochs": [(5, 7, 0, 900, 0)]}, "the course of cosines is not certain"),
        ({"epochs": [(6, 7, 0, 900, 0)]}, "the course of an epoch of unknown kind 6 is not certain"),
        ({"epochs": [(3, 7, 0, 900, 0)]}, "the period and the width of its pulses are not told"),
        (
            {"epochs": [(3, 7, 0, 900, 0)], "pulses": (10, 20)},
            "the period and the width of its pulses are not told",
        ),
        ({"epochs": [(3, 7, 0, 9000, 0)], "pulses": (4, 2)}, "an epoch has more than 1000 pulses"),
        (
            {"epochs": [(3, 7, 0, 900, 0), (2, 9, 0, 900, 0)], "pulses": (300, 20)},
            "from which level it goes on after pulses is not certain",
        ),
        (
            {"epochs": [(3, 7, 0, 900, 0)], "pulses": (300, 20), "holds_last": 1},
            "which level is held after pulses is not certain",
        ),
        ({"epochs": [(1, np.nan, 0, 900, 0)]}, "its levels are no numbers"),
    ],
)
def test_what_is_not_certain_is_not_known(tmp_path, write_abf, output, reason):
    path = tmp_path / "uncertain.abf"
    assert stimuli(write_abf, path, output) == [None] * 3
    with pytest.warns(UserWarning, match=rf"stimulated .*; {reason}"):
        read_spiketrains(path)


def test_of_two_outputs_it_is_not_known_which_reaches_the_cell(tmp_path, write_abf):
    two = [{"name": name, "epochs": [(1, level, 0, 900, 0)]} for name, level in (("A", 80), ("B", 90))]
    path = tmp_path / "two.abf"
    assert stimuli(write_abf, path, *two) == [None] * 3
    with pytest.warns(UserWarning, match="of two outputs it does not tell which one flows into the cell"):
        read_spiketrains(path)
    idle = {"name": "B", "enabled": 0}
    assert stimuli(write_abf, path, two[0], idle)[0].is_like(Stimulus.steps(0, (BEGIN, BEGIN + 45, 80)))


@pytest.mark.parametrize("output", [{"source": 2}, {"units": "mV", "holding": -70, "enabled": 0}])
def test_a_current_that_is_not_told_is_no_stimulus_of_0(tmp_path, write_abf, output):
    assert stimuli(write_abf, tmp_path / "untold.abf", output) == [None] * 3


@pytest.mark.parametrize("output", [{}, {"enabled": 0}, {"holding": -30}])
def test_a_steady_current_is_a_stimulus(tmp_path, write_abf, output):
    for found in stimuli(write_abf, tmp_path / "steady.abf", output):
        assert found.is_like(Stimulus([0.0], [output.get("holding", 0)]))


def test_a_course_that_is_not_told_is_read_from_the_recorded_current(tmp_path, write_abf):
    current = np.zeros_like(SWEEPS)
    current[:, 8000:12_000] = 60 * np.sin(np.linspace(0, np.pi, 4000))
    channels = {("Im", "pA"): current}
    output = {"epochs": [(1, 0, 0, 7688, 0), (5, 60, 0, 4000, 0)], "pulses": (4000, 4000)}
    path = tmp_path / "cosine.abf"
    for found in stimuli(write_abf, path, output, channels=channels):
        assert current_at(found, T) == pytest.approx(current[0], abs=1.0)
        assert found.times.size < 200
    with pytest.warns(UserWarning, match=r"stimulated \(cosines of 60 pA\): its 3 sweeps hold currents "):
        read_spiketrains(path)


def test_what_a_sweep_repeats_is_cut_off_its_stimulus(tmp_path, write_abf):
    trace = np.concatenate(SWEEPS)
    sweeps = np.stack([trace[:N], trace[N // 2 : N // 2 + N]])
    path = tmp_path / "overlap.abf"
    output = {"epochs": [(1, 80, 0, 12_000, 0)]}
    write_abf(path, {("Vm", "mV"): sweeps}, RATE, starts=[0, N // 2], outputs=[output])
    (group,) = read_quietly(path)
    first, second = map(stimulus_of, group.spiketrains)
    assert first.is_like(Stimulus.steps(0, (BEGIN, BEGIN + 600, 80)))
    assert second.is_like(first.shifted(500.0))
    assert [float(train.t_start) for train in group.spiketrains] == [0, 1]


@pytest.mark.parametrize(
    "output",
    [
        {"epochs": [(1, 0, 0, 1000, 0), (1, -50, 50, 8000, 0), (1, 20, -5, 900, 70)]},
        {"epochs": [(1, 0, 0, 1000, 0), (1, -50, 50, 8000, 0)], "holds_last": 1},
        {"epochs": [(1, 0, 0, 1000, 0), (1, 30, 0, 0, 0), (2, 90, 10, 4000, 0), (1, 3, 0, 9, 0)]},
        {"epochs": [(1, 0, 0, 1000, 0), (0, 70, 0, 4000, 0), (1, 30, 0, 500, 0)]},
        {"epochs": [(1, 0, 0, 1000, 0), (3, 70, 5, 4050, 0), (1, 30, 0, 500, 0)], "pulses": (400, 30)},
        {"epochs": [(1, 0, 0, 1000, 0), (7, 70, 5, 4050, 0)], "pulses": (400, 31)},
        {"epochs": [(1, 0, 0, 1000, 0)], "enabled": 0},
    ],
)
def test_axon_epochs_are_what_another_reader_makes_of_them(tmp_path, write_abf, output):
    pyabf = pytest.importorskip("pyabf")
    path = tmp_path / "epochs.abf"
    found = stimuli(write_abf, path, output)
    if "pulses" in output:  # which it does not read in version 1
        write_abf2(path, {("Vm", "mV"): SWEEPS}, RATE, outputs=[output])
    abf = pyabf.ABF(str(path))
    # at the samples of a ramp it draws a line to the last of them, where the next level is not yet reached
    last = max(
        (abs(level) / samples for kind, level, _, samples, _ in output["epochs"] if kind == 2), default=0
    )
    for k, each in enumerate(found):
        abf.setSweep(k)
        assert current_at(each, T) == pytest.approx(abf.sweepC, abs=1e-3 + 2 * last)


def test_a_stimulus_of_an_nwb_file_is_placed_by_its_own_times(tmp_path):
    path, file = tmp_path / "patch.nwb", new_nwb()
    electrode = add_electrode(file)
    given = np.where((T >= 100) & (T < 400), 50.0, 0.0)
    for k in range(2):
        common = {"sweep_number": np.uint64(k)}
        file.add_acquisition(
            response(f"v{k}", electrode, SWEEPS[k], starting_time=2.0 * k, bias_current=-20e-12, **common)
        )
        file.add_stimulus(
            stimulus(
                f"i{k}", electrode, (k + 1) * given, starting_time=2.0 * k + 0.25 * (1 - 2 * k), **common
            )
        )
    write_nwb(path, file)
    (group,) = read_quietly(path)
    early, late = map(stimulus_of, group.spiketrains)
    assert early.is_like(Stimulus.steps(-20, (350, 650, 30)))
    assert late.is_like(Stimulus([2150, 2150], [80, -20]))


def test_a_padded_sweep_of_an_nwb_file(tmp_path):
    path, file = tmp_path / "patch.nwb", new_nwb()
    electrode, volts = add_electrode(file), SWEEPS[0].copy()
    volts[:1000] = volts[18_000:] = np.nan
    common = {"sweep_number": np.uint64(0), "starting_time": 3.0}
    file.add_acquisition(response("v", electrode, volts, **common))
    file.add_stimulus(stimulus("i", electrode, np.where((T >= 250) & (T < 750), 50.0, 0.0), **common))
    write_nwb(path, file)
    (train,) = read_quietly(path)
    assert float(train.t_start) == pytest.approx(3.05)
    assert stimulus_of(train).is_like(Stimulus.steps(0, (3250, 3750, 50)))
    assert train.annotations["epoch_potentials"].rescale("mV").magnitude == pytest.approx([-60] * 3, abs=0.1)


LEVELS = st.lists(st.tuples(st.integers(1, 400), st.integers(-300, 300)), min_size=1, max_size=12)


@given(LEVELS)
def test_steps_without_noise_are_exact(parts):
    samples = np.concatenate([np.full(length, float(level)) for length, level in parts])
    found = sampled(samples, RATE)
    assert current_at(found, np.arange(samples.size) / RATE * 1e3) == pytest.approx(samples)
    assert found.times.size <= 2 * len(parts)


@pytest.mark.parametrize(
    ("values", "most", "error"),
    [
        (200 * T / 1000, 2, 0.21),
        (np.where(T < 100, 0, np.where(T < 300, -40, 0.3 * (T - 300))), 8, 0.3),
        (100 * np.sin(T / 20), 2000, 0.2),
        (np.cumsum(np.random.default_rng(0).normal(0, 1, N)), 2000, 8),  # means of 1 ms
        (np.interp(T, [200, 200.1, 600], [0, 100, 0]), 9, 0.5),
    ],
)
def test_what_moves_is_drawn_by_lines(values, most, error):
    found = sampled(values, RATE)
    assert found.times.size <= most
    assert current_at(found, T) == pytest.approx(values, abs=error)


def test_noise_that_is_meant_is_drawn_by_means_of_1_ms():
    """That of a filter of 3 ms; what is as fast as an amplifier's is not, and no membrane follows it."""
    values = lfilter([0.13], [1, -np.exp(-1 / 60)], np.random.default_rng(0).normal(0, 50, N))
    found = sampled(values, RATE)
    assert found.currents == pytest.approx(values.reshape(-1, 20).mean(axis=1))
    assert found.times == pytest.approx(np.arange(1000) + 0.5)
    assert sampled(np.tile(values, 5), RATE).times.size <= 2000
    assert sampled(np.random.default_rng(0).normal(0, 50, N), RATE).is_like(Stimulus([0.0], [0.0]))


@pytest.mark.parametrize("noise", [0.02, 0.4, 1.5, 20.0])
def test_a_command_with_the_noise_of_its_recording_has_steps(noise):
    given_ = Stimulus.steps(5, (200, 700, 120))
    values = current_at(given_, T) + np.random.default_rng(2).normal(0, noise, N)
    found = sampled(values, RATE)
    assert found.times == pytest.approx(given_.times, abs=0.2)
    assert found.currents == pytest.approx(given_.currents, abs=0.1 * noise)


NOISE = np.random.default_rng(5).normal(0, 1, 100_000)
LONG_T = np.arange(100_000) / RATE * 1e3


@pytest.mark.parametrize("noise", [0.0, 0.5, 5.0])
@pytest.mark.parametrize(
    "steps",
    [
        [],
        [(1000.05, 2000.05, 100)],
        [(300, 800, -50), (1500, 2500, -80), (2500, 3000, 120)],
        [(1000 + 20 * k, 1002 + 20 * k, 400) for k in range(30)],  # pulses of 2 ms
        [(1000, 4000, 15)],
    ],
)
def test_steps_are_found_in_noise(steps, noise):
    given_ = Stimulus.steps(7.0, *steps)
    found = recorded(current_at(given_, LONG_T) + noise * NOISE, RATE)
    assert found.times == pytest.approx(given_.times if steps else [0.0], abs=0.06 + 0.04 * noise)
    assert found.currents == pytest.approx(given_.currents, abs=0.01 + noise)


def test_edges_of_a_filtered_current():
    """A monitor that follows within 1 ms."""
    given_ = Stimulus.steps(0, (1000.3, 3000.3, 60))
    filtered = lfilter([0.05], [1, -0.95], current_at(given_, LONG_T)) + 0.5 * NOISE
    found = recorded(filtered, RATE)
    assert found.times == pytest.approx(given_.times, abs=1.0)
    assert found.currents == pytest.approx(given_.currents, abs=0.2)


def test_mains_hum_is_no_step():
    hum = 3 * np.sin(2 * np.pi * 50 * LONG_T / 1000)
    found = recorded(current_at(Stimulus.steps(0, (1000, 3000, 60)), LONG_T) + hum + 0.3 * NOISE, RATE)
    assert found.times == pytest.approx([1000, 1000, 3000, 3000], abs=0.5)
    assert found.currents == pytest.approx([0, 60, 60, 0], abs=0.5)


@pytest.mark.parametrize(
    "values",
    [
        np.interp(LONG_T, [1000, 4000], [0, 200]),
        80 * np.sin(LONG_T / 100),
        np.interp(LONG_T, [1000, 1001, 1500, 1501, 3000], [0, -50, -50, 0, 150]),
    ],
)
def test_a_recorded_current_that_moves_is_drawn_by_lines(values):
    found = recorded(values + NOISE, RATE)
    away = np.abs(current_at(found, LONG_T) - values)
    assert np.median(away) < 1.5
    assert np.mean(away > 5) < 0.01
    assert found.times.size < 2000


def test_a_recorded_current_of_few_samples():
    assert recorded(np.array([3.0, 5.0, 4.0]), RATE).is_like(Stimulus([0.0], [4.0]))


@pytest.mark.parametrize(
    ("times", "currents", "expected"),
    [
        ([0, 5], [3, 3], ([0], [3])),
        ([0, 5, 5, 9], [0, 0, 3, 3], ([5, 5], [0, 3])),
        ([0, 5, 5, 5, 9, 9], [0, 0, 7, 3, 3, 0], ([5, 5, 9, 9], [0, 3, 3, 0])),
        ([0, 5, 8, 8, 8, 9], [1, 0, 0, 0, 4, 0], ([0, 5, 8, 8, 9], [1, 0, 0, 4, 0])),
    ],
)
def test_points_that_change_nothing_are_left_out(times, currents, expected):
    assert without_repeats(times, currents).is_like(Stimulus(*expected))
