"""Injected currents of lines and jumps: against a membrane's solution, another solver, and themselves."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from support.toy_neuron import FIRING, PASSIVE, passive_neuron, toy_neuron

from elephant_dic import get_neuron
from elephant_dic.neurons import solve_adaptively
from elephant_dic.simulation import simulate
from elephant_dic.trains import Stimulus

MEMBRANE, TOY, CORTICAL = passive_neuron(-60.0, initial_voltage=-60.0), toy_neuron(), get_neuron("cortical")
#: Of `PASSIVE`, mS/cm**2: a time constant of 2 ms.
LEAK = 0.5
#: ms, none of them that of a jump.
SAMPLES = 0.25 + 0.5 * np.arange(40)
CELL = np.array([50.0, 5.0, 0.07, 0.02, 0.05, 0.05, 10.0, 0.1, 0.01, -58.0, -68.0])


def step(start, stop, level, holding=0.0):
    return [start, start, stop, stop], [holding, level, level, holding]


def at(wave, time):
    """The current at a time, after a jump there."""
    times, currents = map(np.asarray, wave)
    after = np.searchsorted(times, time, side="right")
    if after in (0, len(times)):
        return currents[min(after, len(times) - 1)]
    gap = times[after] - times[after - 1]
    return currents[after - 1] + (time - times[after - 1]) / gap * (currents[after] - currents[after - 1])


def solution(wave, samples, start=-60.0, rest=-60.0):
    """mV of the passive membrane at ascending times: V' = -g (V - rest) + I, solved from point to point."""
    points = np.unique(np.clip([0.0, *wave[0], *samples], 0, samples[-1]))
    volts, found = start - rest, {0.0: start}
    for begin, end in zip(points[:-1], points[1:], strict=True):
        h = end - begin
        first, middle = at(wave, begin), at(wave, begin + 0.5 * h)
        slope = (middle - first) / (0.5 * h)
        steady = first / LEAK - slope / LEAK**2
        volts = steady + slope * h / LEAK + (volts - steady) * np.exp(-LEAK * h)
        found[end] = rest + volts
    return np.array([found[sample] for sample in samples])


WAVES = {
    "a step": step(3.0, 12.0, 4.0),
    "from the start": step(0.0, 7.0, -3.0),
    "to beyond the end": step(4.05, 90.0, 4.0),
    "a ramp": ([2.0, 15.0], [-1.0, 6.0]),
    "a ramp that was under way": ([-10.0, 15.0], [-1.0, 6.0]),
    "a step that was under way": step(-5.0, 8.0, 4.0),
    "long over": ([-9.0, -9.0], [7.0, 2.0]),
    "of one point": ([5.0], [2.5]),
    "jumps within a step": ([3.01, 3.01, 3.02, 3.02, 3.03, 3.03], [0.0, 400.0, 400.0, -300.0, -300.0, 0.0]),
    "two jumps at once": ([6.0, 6.0, 6.0, 9.0], [0.0, 80.0, 3.0, 3.0]),
    "a zigzag": (np.arange(0.0, 20.0, 0.5), np.tile([3.0, -2.0], 20)),
    "samples": (np.arange(0.0, 20.0, 0.1), 5 * np.sin(np.arange(0.0, 20.0, 0.1))),
}


@pytest.mark.parametrize("wave", WAVES.values(), ids=WAVES)
def test_a_passive_membrane(wave):
    run = simulate(MEMBRANE, PASSIVE, 20.0, dt=0.02, waves=[wave], trace_start=0.25, trace_step=0.5)
    assert run.traces[0] == pytest.approx(solution(wave, SAMPLES), abs=2e-3)


@pytest.mark.parametrize("name", ["a ramp", "samples", "a step"])
def test_half_a_step_is_four_times_as_exact(name):
    """Samples within a step are on a line, so those in the step with a jump are left out."""
    wave, errors = WAVES[name], []
    samples = 0.25 + 0.1 * np.arange(190)
    away = [np.abs(sample - np.array([3.0, 12.0])).min() > 0.5 or name != "a step" for sample in samples]
    for dt in (0.4, 0.2, 0.1):
        run = simulate(MEMBRANE, PASSIVE, 19.25, dt=dt, waves=[wave], trace_start=0.25, trace_step=0.1)
        errors.append(np.abs(run.traces[0] - solution(wave, samples))[away].max())
    assert errors[1] < 0.4 * errors[0]
    assert errors[2] < 0.4 * errors[1]
    assert errors[2] < 0.02


def test_each_cell_has_its_own():
    """Forty cells, more than run side by side, of which each has one of all currents."""
    waves = list(WAVES.values())
    wave_of = np.random.default_rng(0).integers(len(waves), size=40)
    run = simulate(
        MEMBRANE, np.repeat(PASSIVE, 40, axis=0), 20.0, dt=0.02, waves=waves, wave_of=wave_of,
        trace_start=0.25, trace_step=0.5,
    )  # fmt: skip
    wanted = [solution(waves[k], SAMPLES) for k in wave_of]
    assert run.traces == pytest.approx(np.array(wanted), abs=2e-3)


def test_all_cells_have_the_first_unless_told():
    waves = [WAVES["a step"], WAVES["a ramp"]]
    cells = np.repeat(PASSIVE, 2, axis=0)
    first, alone = (simulate(MEMBRANE, cells, 20.0, waves=each, trace_step=1.0).traces
                    for each in (waves, waves[:1]))  # fmt: skip
    assert (first == alone).all()


@pytest.mark.parametrize(
    "wave",
    [([0.0], [3.0]), ([5.0, 9.0], [3.0, 3.0]), ([-3.0, -3.0], [0.0, 3.0]), ([0.0, 0.0], [0.0, 3.0]),
     ([0, 30], [3, 3])],
)  # fmt: skip
def test_a_current_that_stays_is_the_constant_one(wave):
    waved = simulate(TOY, FIRING, 60.0, waves=[wave])
    constant = simulate(TOY, FIRING, 60.0, currents=3.0)
    assert len(constant.spike_times[0]) > 5
    assert waved.spike_times[0] == pytest.approx(constant.spike_times[0], abs=1e-9)


def test_it_adds_to_the_constant_current_and_to_noise():
    options = {"noise_std": 2.0, "seed": 3, "trace_step": 0.5}
    both = simulate(TOY, FIRING, 60.0, currents=1.0, waves=[([0.0], [2.0])], **options)
    one = simulate(TOY, FIRING, 60.0, currents=3.0, **options)
    assert both.traces == pytest.approx(one.traces, abs=1e-6)


def test_no_wave_is_no_current():
    none, zero = (simulate(TOY, FIRING, 60.0, waves=waves).spike_times[0] for waves in ((), [([0.0], [0.0])]))
    assert (none == zero).all()


@pytest.mark.parametrize(
    "wave", [step(13.37, 41.0, 9.0, 2.0), ([5.0, 55.0], [0.0, 12.0])], ids=["step", "ramp"]
)
def test_runs_in_pieces_are_one_run(wave):
    """Each piece is told of the current in its own time: a current that is under way goes on."""
    (whole,) = simulate(TOY, FIRING, 60.0, waves=[wave]).spike_times
    states, pieces, start = None, [], 0.0
    for end in (7.0, 13.37, 30.0, 30.5, 60.0):
        shifted = np.subtract(wave[0], start), wave[1]
        run = simulate(TOY, FIRING, end - start, waves=[shifted], states=states, keep_states=True)
        pieces.append(run.spike_times[0] + start)
        states, start = run.states, end
    assert len(whole) > 5
    assert np.concatenate(pieces) == pytest.approx(whole, abs=1e-6)


def test_workers_change_nothing():
    waves = [step(5.0, 50.0, float(level)) for level in range(6)]
    wave_of = np.arange(60) % 6
    cells = np.repeat(FIRING, 60, axis=0)
    with ThreadPoolExecutor(1) as alone:
        one = simulate(TOY, cells, 60.0, waves=waves, wave_of=wave_of, executor=alone)
    many = simulate(TOY, cells, 60.0, waves=waves, wave_of=wave_of)
    for i, (a, b) in enumerate(zip(one.spike_times, many.spike_times, strict=True)):
        assert (a == b).all()
        assert (a == one.spike_times[i % 6]).all()
    copied = pickle.loads(pickle.dumps(many))
    assert [list(times) for times in copied.spike_times] == [list(times) for times in many.spike_times]


def test_a_stimulus_goes_in_as_it_is():
    """In uA/cm**2: a stimulus in pA over the capacitance in pF, at 1 uF/cm**2."""
    stimulus = Stimulus.steps(0.0, (20.0, 120.0, 200.0))
    wave = stimulus.times, stimulus.currents / 50.0
    (times,) = simulate(CORTICAL, CELL[None], 150.0, waves=[wave]).spike_times
    assert len(times) > 3
    assert (times > 20).all()
    assert (times < 125).all()


@pytest.mark.parametrize(
    "current",
    [lambda t: 4.0 * (20.0 <= t < 70.0), lambda t: 0.08 * np.clip(t - 10.0, 0.0, 60.0)],
    ids=["step", "ramp"],
)
def test_a_cortical_cell_against_an_adaptive_solver(current):
    step_or_ramp = step(20.0, 70.0, 4.0) if current(0) == current(10.0) == current(19.0) else (
        [10.0, 70.0], [0.0, 4.8]
    )  # fmt: skip
    (times,) = simulate(CORTICAL, CELL[None], 80.0, dt=0.02, waves=[step_or_ramp]).spike_times
    wanted, _ = solve_adaptively(CORTICAL, CELL, 80.0, current=current)
    assert len(times) >= 3
    assert times == pytest.approx(wanted, abs=0.03)


@pytest.mark.parametrize(
    ("waves", "message"),
    [
        ([([0.0, 1.0], [0.0])], r"as many times as currents, at least one, got \(2,\) and \(1,\)"),
        ([([], [])], "as many times as currents, at least one"),
        ([([1.0, 0.0], [0.0, 0.0])], "the times of a stimulus must ascend"),
        ([([0.0, np.nan], [0.0, 0.0])], "times and currents of a stimulus must be finite"),
        ([([0.0, 1.0], [0.0, np.inf])], "times and currents of a stimulus must be finite"),
    ],
)
def test_wrong_currents(waves, message):
    with pytest.raises(ValueError, match=message):
        simulate(TOY, FIRING, 10.0, waves=waves)


@pytest.mark.parametrize("wave_of", [[0], [0, 2], [-1, 0], [0.0, 1.0], [[0, 1]], [True, False]])
def test_wrong_numbers_of_currents(wave_of):
    waves = [([0.0], [1.0]), ([0.0], [2.0])]
    with pytest.raises(ValueError, match="wave_of must be 2 numbers from 0 to 1, got"):
        simulate(TOY, np.repeat(FIRING, 2, axis=0), 10.0, waves=waves, wave_of=wave_of)


def test_numbers_without_currents():
    with pytest.raises(ValueError, match="wave_of needs waves, one of which"):
        simulate(TOY, FIRING, 10.0, wave_of=[0])
