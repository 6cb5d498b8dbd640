"""The simulator: against reference spike times, another solver and itself; its noise; its public face."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace

import neo
import numpy as np
import pytest
import quantities as pq
from scipy import signal
from support.golden import golden_cells
from support.toy_neuron import FIRING, PASSIVE, constant, passive_neuron, toy_neuron

from elephant_dic import generate_population, get_neuron, simulate_population
from elephant_dic.neurons import TwoStateGate, solve_adaptively
from elephant_dic.neurons.model import CalciumPool
from elephant_dic.populations import build_population, conductance_table
from elephant_dic.simulation import simulate
from elephant_dic.simulation.kernel import NO_WAVES, integrate
from elephant_dic.simulation.simulator import NOISE_STEP, current_noise
from elephant_dic.simulation.tables import steps_of, tabulate

STG, DA, PYLORIC, TOY = get_neuron("stg"), get_neuron("da"), get_neuron("pyloric"), toy_neuron()
STG_CELLS, STG_SPIKES = golden_cells("stg")
DA_CELLS, DA_SPIKES = golden_cells("da")
PYLORIC_CELLS, PYLORIC_SPIKES = golden_cells("pyloric")
SLOW_TONIC = [0, 5, 6, 7]  # of the STG cells


# Against reference spike times


def worst_error(found, expected, start, stop):
    """Largest error over time since the start of the run, each spike compared with its own.

    At the edges of the recorded part one spike may be in one train only.
    """

    def error(shift):
        overlap = min(len(found) - max(shift, 0), len(expected) - max(-shift, 0))
        pairs = found[max(shift, 0) :][:overlap], expected[max(-shift, 0) :][:overlap]
        alone = np.r_[np.setdiff1d(found, pairs[0]), np.setdiff1d(expected, pairs[1])]
        from_edge = np.minimum(np.abs(alone - start) / start, np.abs(alone - stop) / stop)
        return max((np.abs(pairs[0] - pairs[1]) / pairs[1]).max(), from_edge.max(initial=0))

    return min(map(error, (-1, 0, 1)))


@pytest.mark.parametrize(
    ("neuron", "table", "golden", "duration", "sensitive"),
    [
        (STG, STG_CELLS, STG_SPIKES, 6000.0, None),
        (DA, DA_CELLS, DA_SPIKES, 12000.0, 3),
        (PYLORIC, PYLORIC_CELLS, PYLORIC_SPIKES, 13000.0, None),
    ],
    ids=["stg", "da", "pyloric"],
)
def test_golden_spike_times(neuron, table, golden, duration, sensitive):
    run = simulate(neuron, table, duration)
    for i, (times, expected) in enumerate(zip(run.spike_times, golden, strict=True)):
        found = times[times >= 3000]
        assert abs(len(found) - len(expected)) <= 1, i
        if i == sensitive:
            rates = [(len(t) - 1) / (t[-1] - t[0]) for t in (found, expected)]
            assert rates[0] == pytest.approx(rates[1], rel=0.02)
            assert np.median(np.diff(found)) == pytest.approx(np.median(np.diff(expected)), rel=0.05)
        else:
            assert worst_error(found, expected, 3000, duration) < 0.005, i


def test_small_steps_come_close_to_the_reference():
    run = simulate(STG, STG_CELLS, 6000.0, dt=0.05)
    for times, expected in zip(run.spike_times, STG_SPIKES, strict=True):
        assert worst_error(times[times >= 3000], expected, 3000, 6000) < 5e-4


# What the simulator gave when this scheme was written, in ms.
FROZEN_STG = [
    5.096883, 36.711166, 69.99267, 112.209513, 162.78914, 212.696393, 263.205244, 313.956856, 365.016461,
    416.375316, 468.039907,
]  # fmt: skip
FROZEN_DA = [
    100.021167, 190.437743, 294.421779, 420.624272, 580.540106, 781.338863, 1004.216174, 1230.769159,
    1457.71659,
]  # fmt: skip


def test_frozen_spike_times():
    """Errors of rounding, 1e-7 in single precision, move the spikes of these cells by 3e-4 and 1e-2 ms."""
    stg = simulate(STG, STG_CELLS[:1], 500.0).spike_times[0]
    fine = replace(DA, time_step=0.1, half_step_rate=4.0, shortest_step=0.06)
    da = simulate(fine, DA_CELLS[4:5], 1500.0).spike_times[0]
    assert stg == pytest.approx(FROZEN_STG, abs=2e-3)
    assert da == pytest.approx(FROZEN_DA, abs=0.05)


# Against another solver


def da_at_rest():
    """The DA neuron with its two-state gate at rest at the start."""
    channels = list(DA.channels)
    i = next(i for i, channel in enumerate(channels) if isinstance(channel.gates[0], TwoStateGate))
    channels[i] = replace(channels[i], gates=(replace(channels[i].gates[0], initial=None),))
    return replace(DA, channels=tuple(channels), initial_voltage=-50.0)


# The toy neuron with calcium from a channel that has an instantaneous gate.
INWARD_CALCIUM = CalciumPool(("In",), time_constant=20.0, per_current=0.05, baseline=0.5, initial=0.5)


@pytest.mark.parametrize(
    ("neuron", "cell", "duration"),
    [
        pytest.param(STG, STG_CELLS[0], 90.0, id="stg"),
        pytest.param(STG, STG_CELLS[3], 60.0, id="bursting stg"),
        pytest.param(DA, DA_CELLS[4], 250.0, id="da"),
        pytest.param(PYLORIC, PYLORIC_CELLS[0], 80.0, id="pyloric"),
        pytest.param(da_at_rest(), DA_CELLS[4], 200.0, id="da at rest"),
        pytest.param(TOY, FIRING[0], 90.0, id="toy"),
        pytest.param(toy_neuron(calcium=INWARD_CALCIUM), FIRING[0], 90.0, id="calcium"),
    ],
)
def test_another_solver_agrees(neuron, cell, duration):
    run = simulate(neuron, cell[None], duration, dt=0.005, trace_step=0.1)
    spikes, trace = solve_adaptively(neuron, cell, duration, 0.1 * np.arange(run.traces.shape[1]))
    assert len(spikes) >= 2
    assert run.spike_times[0] == pytest.approx(spikes, abs=0.002)
    error = np.abs(run.traces[0] - trace)
    assert np.median(error) < 0.01
    assert error.max() < 2  # in an upstroke of 1000 mV/ms, by 0.002 ms


# Convergence


@pytest.mark.parametrize(
    ("neuron", "table", "duration", "longest"),
    [
        (STG, STG_CELLS[SLOW_TONIC], 500.0, 0.4),
        (TOY, FIRING, 90.0, 0.4),
        (PYLORIC, PYLORIC_CELLS[:1], 100.0, 0.1),  # with longer steps its errors cancel
    ],
    ids=["stg", "toy", "pyloric"],
)
def test_the_scheme_is_of_second_order(neuron, table, duration, longest):
    """Nearly: terms of other orders add.

    The errors of a cell change sign between two steps, so those of the worst cell count.
    """
    steps = longest / np.array([1, 2, 4, 8])
    exact = simulate(neuron, table, duration, dt=steps[-1] / 16).spike_times
    assert min(map(len, exact)) >= 4
    runs = [simulate(neuron, table, duration, dt=dt).spike_times for dt in steps]
    errors = [max(np.abs(a - b).max() for a, b in zip(run, exact, strict=True)) for run in runs]
    assert np.polyfit(np.log(steps), np.log(errors), 1)[0] > 1.75, errors
    assert errors[-1] < 0.006


# Conductances that move


def test_a_membrane_whose_leak_moves():
    """dV/dt = -g(t) (V - E) with g(t) linear: V - E falls by exp of the integral of g."""
    neuron, duration = passive_neuron(-60.0, initial_voltage=-20.0), 20.0
    tables = tabulate(neuron)
    course = np.zeros((2, 3, len(tables.channels)), dtype=np.float32)
    course[:, :, 3] = [[0.1, 0.3, 0.1], [0.2, 0.2, 0.2]]
    traces, counts = np.empty((2, 200)), np.zeros(2, dtype=np.int64)
    no_noise, spikes = np.zeros((2, 0), dtype=np.float32), np.empty((2, 8))
    steps = steps_of(neuron, 0.05)
    integrate(
        tables, course, np.zeros(2), np.empty(0), NO_WAVES, 10.0, duration, steps, no_noise, 1.0,
        np.empty((2, 0)), False, spikes, counts, traces, 0.0, 0.1,
    )  # fmt: skip
    time = 0.1 * np.arange(200)
    integral = np.where(
        time < 10, 0.1 * time + 0.01 * time**2, 2 + 0.3 * (time - 10) - 0.01 * (time - 10) ** 2
    )
    assert traces[0] == pytest.approx(-60 + 40 * np.exp(-integral), abs=0.01)
    assert traces[1] == pytest.approx(-60 + 40 * np.exp(-0.2 * time), abs=0.01)


# Runs that go on


@pytest.mark.parametrize(
    ("neuron", "table"),
    [(STG, STG_CELLS), (DA, DA_CELLS), (PYLORIC, PYLORIC_CELLS)],
    ids=["stg", "da", "pyloric"],
)
def test_two_runs_are_one(neuron, table):
    """The first goes a little beyond its end, and the second begins there."""
    whole = simulate(neuron, table, 500.0).spike_times
    first = simulate(neuron, table, 300.0, keep_states=True)
    second = simulate(neuron, table, 200.0, states=first.states)
    assert sum(map(len, whole)) > 20
    for cell, times in enumerate(whole):
        late = 300.0 + second.spike_times[cell]
        assert np.concatenate([first.spike_times[cell], late]) == pytest.approx(times, abs=1e-6)


@pytest.mark.parametrize("before", [1e-3, 0.01, 0.3])
def test_no_spike_is_lost_between_two_runs(before):
    whole = simulate(STG, STG_CELLS, 1000.0).spike_times
    for cell, times in enumerate(whole):
        cut = times[len(times) // 2] - before
        first = simulate(STG, STG_CELLS[[cell]], cut, keep_states=True)
        second = simulate(STG, STG_CELLS[[cell]], 1000.0 - cut, states=first.states)
        joined = np.concatenate([first.spike_times[0], cut + second.spike_times[0]])
        assert joined == pytest.approx(times, abs=1e-6)


def test_many_short_runs_are_one():
    whole, states = simulate(STG, STG_CELLS, 300.0).spike_times, None
    found = [[] for _ in STG_CELLS]
    for piece in range(3000):
        run = simulate(STG, STG_CELLS, 0.1, states=states, keep_states=True)
        states = run.states
        for cell, times in enumerate(run.spike_times):
            found[cell].extend(piece * 0.1 + times)
    for times, expected in zip(found, whole, strict=True):
        assert times == pytest.approx(expected, abs=1e-6)


def test_a_run_can_go_on_with_another_step():
    run = simulate(STG, STG_CELLS, 300.0, keep_states=True)
    coarse, fine = (
        simulate(STG, STG_CELLS, 200.0, dt=dt, states=run.states).spike_times for dt in (None, 0.05)
    )
    for a, b in zip(coarse, fine, strict=True):
        assert a == pytest.approx(b, abs=0.3)


def test_states_are_kept_as_they_were_and_only_if_asked_for():
    first = simulate(STG, STG_CELLS, 50.0, keep_states=True)
    before = first.states.copy()
    assert simulate(STG, STG_CELLS, 50.0, states=first.states).states.shape == (len(STG_CELLS), 0)
    assert np.array_equal(first.states, before)


def test_states_of_other_cells_are_refused():
    states = simulate(STG, STG_CELLS, 50.0, keep_states=True).states
    with pytest.raises(ValueError, match=r"states must be of shape \(2, 46\)"):
        simulate(STG, STG_CELLS[:2], 50.0, states=states)
    with pytest.raises(ValueError, match="states must be finite"):
        simulate(STG, STG_CELLS, 50.0, states=states * np.nan)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"trace_step": 0.0}, "trace_step must be a positive number of ms, got 0.0"),
        ({"trace_step": -0.1}, "trace_step must be a positive number of ms, got -0.1"),
        ({"trace_start": -5.0, "trace_step": 0.1}, "trace_start must be zero or positive, got -5.0"),
    ],
)
def test_traces_out_of_the_run_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        simulate(STG, STG_CELLS, 50.0, **options)


# Spikes and traces


def crossings(trace):
    """Samples before which the voltage crosses +10 mV upward, having been below 0 mV since the last."""
    found, armed = [], trace[0] < 10
    for i, voltage in enumerate(trace):
        if armed and voltage >= 10:
            found.append(i)
            armed = False
        armed = armed or voltage < 0
    return np.array(found)


@pytest.mark.parametrize(("neuron", "cell"), [(STG, STG_CELLS[3]), (TOY, FIRING[0])], ids=["stg", "toy"])
def test_spikes_are_where_the_trace_crosses_10_mv(neuron, cell):
    run = simulate(neuron, cell[None], 200.0, trace_step=0.005)
    samples = crossings(run.traces[0])
    assert len(samples) >= 5
    assert len(run.spike_times[0]) == len(samples)
    assert (np.abs(run.spike_times[0] - 0.005 * (samples - 0.5)) <= 0.0026).all()


def test_spikes_end_with_the_run():
    """Also where the last step reaches beyond its end."""
    spikes = simulate(STG, STG_CELLS[:1], 500.0).spike_times[0]
    before = simulate(STG, STG_CELLS[:1], spikes[3] - 1e-3).spike_times[0]
    after = simulate(STG, STG_CELLS[:1], spikes[3] + 1e-3).spike_times[0]
    assert (before == spikes[:3]).all()
    assert (after == spikes[:4]).all()


def test_traces_are_sampled_where_they_are_asked_for():
    whole = simulate(STG, STG_CELLS[:3], 100.0, trace_step=0.1).traces
    assert whole.shape == (3, 1000)
    assert whole[:, 0] == pytest.approx([STG.initial_voltage] * 3)
    part = simulate(STG, STG_CELLS[:3], 100.0, trace_start=30.0, trace_step=0.2).traces
    assert part == pytest.approx(whole[:, 300::2], abs=1e-6)
    assert simulate(STG, STG_CELLS[:3], 100.0).traces.shape == (3, 0)


def test_recording_a_trace_changes_nothing():
    plain = simulate(STG, STG_CELLS, 300.0).spike_times
    traced = simulate(STG, STG_CELLS, 300.0, trace_step=0.1).spike_times
    assert all((a == b).all() for a, b in zip(plain, traced, strict=True))


def test_a_start_above_threshold_is_no_spike():
    falling = passive_neuron(-60.0, initial_voltage=30.0)
    run = simulate(falling, PASSIVE, 20.0, trace_step=0.1)
    assert run.traces[0, 0] == pytest.approx(30)
    assert (np.diff(run.traces[0]) < 0).all()
    assert len(run.spike_times[0]) == 0
    firing = replace(STG, initial_voltage=30.0)
    run = simulate(firing, STG_CELLS[3:4], 200.0, trace_step=0.01)
    samples = crossings(run.traces[0])
    assert samples[0] > np.argmax(run.traces[0] < 0) > 0
    assert len(run.spike_times[0]) == len(samples) > 2


def test_a_spike_counts_again_only_after_the_voltage_was_below_0_mv():
    """A membrane that noise drives around 8 mV crosses 10 mV often, and returns below 0 mV at times."""
    run = simulate(passive_neuron(8.0), PASSIVE, 500.0, noise_std=8.0, seed=1, trace_step=0.01, dt=0.05)
    trace = run.traces[0]
    samples = crossings(trace)
    upward = np.count_nonzero((trace[:-1] < 10) & (trace[1:] >= 10))
    assert len(run.spike_times[0]) == len(samples)
    assert run.spike_times[0] == pytest.approx(0.01 * samples, abs=0.011)
    assert 10 < len(samples) < 0.8 * upward


def test_a_membrane_of_leak_alone_decays_exponentially():
    run = simulate(passive_neuron(-60.0, initial_voltage=-20.0), PASSIVE, 20.0, dt=0.05, trace_step=0.1)
    expected = -60 + 40 * np.exp(-0.5 * 0.1 * np.arange(200))
    assert run.traces[0] == pytest.approx(expected, abs=0.01)


# Many cells, any executor


def varied(table):
    return table[np.arange(150) % len(table)] * np.random.default_rng(0).uniform(
        0.9, 1.1, (150, table.shape[1])
    )


@pytest.fixture(scope="module")
def many_cells():
    return varied(STG_CELLS)


def same(first, second):
    return (
        all((a == b).all() for a, b in zip(first.spike_times, second.spike_times, strict=True))
        and (first.traces == second.traces).all()
    )


@pytest.mark.parametrize("noise_std", [0.0, 1.0])
@pytest.mark.parametrize(
    ("neuron", "table", "duration"), [(STG, STG_CELLS, 200.0), (DA, DA_CELLS, 400.0)], ids=["stg", "da"]
)
def test_a_cell_does_the_same_in_any_company(neuron, table, duration, noise_std):
    cells, options = varied(table), {"noise_std": noise_std, "seed": 5, "trace_step": 1.0}
    whole = simulate(neuron, cells, duration, **options)
    assert len({times[0] for times in whole.spike_times if len(times)}) > 100
    for n in (1, 15, 70):
        part = simulate(neuron, cells[:n], duration, **options)
        assert all((a == b).all() for a, b in zip(part.spike_times, whole.spike_times[:n], strict=True))
        assert (part.traces == whole.traces[:n]).all()
    if not noise_std:
        backwards = simulate(neuron, cells[::-1], duration, **options)
        assert (backwards.traces[::-1] == whole.traces).all()


def test_threads_change_nothing(many_cells):
    with ThreadPoolExecutor(3) as threads:
        other = simulate(STG, many_cells, 100.0, noise_std=1.0, executor=threads, trace_step=1.0)
        assert threads.submit(int, "3").result() == 3  # it is still ours to use
    assert same(simulate(STG, many_cells, 100.0, noise_std=1.0, trace_step=1.0), other)


def test_processes_change_nothing(many_cells):
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as processes:
        other = simulate(STG, many_cells, 100.0, noise_std=1.0, executor=processes, trace_step=1.0)
    assert same(simulate(STG, many_cells, 100.0, noise_std=1.0, trace_step=1.0), other)


def test_no_cells():
    run = simulate(STG, np.empty((0, 8)), 100.0, trace_step=0.1)
    assert (run.spike_times, run.traces.shape) == ([], (0, 1000))


def test_a_cell_that_fires_faster_than_expected_keeps_all_of_its_spikes():
    """A membrane thrown through both thresholds again and again has more spikes than room was made for."""
    run = simulate(
        passive_neuron(5.0), 10 * PASSIVE, 1000.0, noise_std=200.0, seed=1, trace_step=0.02, dt=0.1
    )
    assert len(run.spike_times[0]) > 64 + 0.1 * 1000
    assert (np.diff(run.spike_times[0]) > 0).all()
    assert len(run.spike_times[0]) == pytest.approx(len(crossings(run.traces[0])), rel=0.02)


# Noise


def test_standard_deviation_of_the_noise():
    for duration in (100.0, 1000.0, 3333.3):
        noise = [current_noise(duration, 2.0, np.random.default_rng(i)) for i in range(round(2e5 / duration))]
        assert len(noise[0]) * NOISE_STEP >= duration
        assert np.std(noise) == pytest.approx(2.0, rel=0.02)
        assert np.mean(noise) == pytest.approx(0, abs=0.05)


def test_the_noise_has_the_spectrum_of_filtered_white_noise():
    rng = np.random.default_rng(1)
    sampling = 1 / NOISE_STEP  # kHz
    noise = current_noise(2e5, 1.0, rng)
    low_pass = signal.butter(4, 1.0, fs=sampling)
    filtered = signal.filtfilt(*low_pass, rng.standard_normal(len(noise)))
    frequency, power = signal.welch(noise, sampling, nperseg=1000)
    _, expected = signal.welch(filtered / filtered.std(), sampling, nperseg=1000)
    for low in np.arange(0, 1.2, 0.2):
        band = (frequency > low) & (frequency <= low + 0.2)
        assert power[band].sum() == pytest.approx(expected[band].sum(), rel=0.06), low
    assert power[frequency > 1.6].sum() < 1e-3 * power.sum()


def test_the_noise_is_seeded_a_cell():
    table = STG_CELLS[[0] * 130]
    first, again, other = (simulate(STG, table, 60.0, noise_std=2.0, seed=s).spike_times for s in (1, 1, 2))
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert len({times[1] for times in first + other}) == 260
    quiet = simulate(STG, table, 60.0, seed=1).spike_times
    assert len({times[1] for times in quiet}) == 1
    assert quiet[0][1] not in {times[1] for times in first}


def test_each_cell_can_have_its_own_noise():
    table, levels = STG_CELLS[[0, 1, 0, 1]], np.array([0.0, 2.0, 1.0, 0.0])
    run = simulate(STG, table, 60.0, noise_std=levels, seed=1)
    for i, level in enumerate(levels):
        alone = simulate(STG, table, 60.0, noise_std=level, seed=1)
        assert np.array_equal(run.spike_times[i], alone.spike_times[i])


def driven_membrane(noise, conductance, rest, start):
    """Voltage of a membrane of leak alone under a current that is linear between its samples: exact."""
    voltage, decay = [start], np.exp(-conductance * NOISE_STEP)
    for left, right in zip(noise[:-1], noise[1:], strict=True):
        rate = (right - left) / NOISE_STEP
        offset = rest + left / conductance - rate / conductance**2
        voltage.append(offset + rate * NOISE_STEP / conductance + (voltage[-1] - offset) * decay)
    return np.array(voltage)


@pytest.mark.parametrize(("dt", "tolerance"), [(0.25, 0.3), (0.05, 0.02), (0.01, 0.002)])
def test_the_noise_drives_the_membrane_from_the_start_with_any_step(dt, tolerance):
    neuron = passive_neuron(-60.0)
    run = simulate(neuron, PASSIVE, 200.0, noise_std=3.0, seed=7, trace_step=NOISE_STEP, dt=dt)
    noise = current_noise(200.0, 3.0, np.random.default_rng([7, 0])).astype(float)
    expected = driven_membrane(noise, 0.5, -60.0, -65.0)[:4000]
    assert run.traces[0] == pytest.approx(expected, abs=tolerance)
    assert np.std(expected[1000:]) > 1
    undisturbed = -60 - 5 * np.exp(-0.5 * NOISE_STEP * np.arange(20))
    assert np.abs(run.traces[0, :20] - undisturbed).max() > 0.5


def test_noisy_cells_fire_nearly_the_same_with_half_the_step():
    options = {"noise_std": 1.0, "seed": 3}
    coarse, fine = (simulate(STG, STG_CELLS[SLOW_TONIC], 1000.0, dt=dt, **options) for dt in (0.1, 0.05))
    quiet = simulate(STG, STG_CELLS[SLOW_TONIC], 1000.0, dt=0.05)
    for a, b, c in zip(coarse.spike_times, fine.spike_times, quiet.spike_times, strict=True):
        assert a == pytest.approx(b, abs=0.5)
        n = min(len(b), len(c))
        assert np.abs(b[:n] - c[:n]).max() > 5


# Errors


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (0, np.nan, "g_Na of member 2 is nan"),
        (3, -1e-9, "g_CaS of member 2 is -1e-09 .* zero or positive"),
        (7, 0.0, "g_leak of member 2 is 0.0 .* must be positive, and at most"),
    ],
)
def test_wrong_conductances_are_refused(column, value, message):
    table = STG_CELLS.copy()
    table[2, column] = value
    with pytest.raises(ValueError, match=message):
        simulate(STG, table, 10.0)


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_times_must_be_positive(value):
    with pytest.raises(ValueError, match=f"duration must be a positive number of ms, got {value}"):
        simulate(STG, STG_CELLS, value)
    with pytest.raises(ValueError, match=f"dt must be a positive number of ms, got {value}"):
        simulate(STG, STG_CELLS, 10.0, dt=value)


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_noise_must_not_be_negative(value):
    with pytest.raises(ValueError, match=rf"noise_std must be zero or positive \(uA/cm\*\*2\), got {value}"):
        simulate(STG, STG_CELLS, 10.0, noise_std=value)


def test_noise_is_one_number_or_one_a_cell():
    wrong = r"noise_std must be one number or one for each of 2 cells, got shape \(3,\)"
    with pytest.raises(ValueError, match=wrong):
        simulate(STG, STG_CELLS[:2], 10.0, noise_std=np.ones(3))
    with pytest.raises(ValueError, match="noise_std must be zero or positive .*, got -1.0"):
        simulate(STG, STG_CELLS[:2], 10.0, noise_std=[0.5, -1.0])


def test_kinetics_are_checked():
    wrong = replace(TOY.channels[2].gates[0], time_constant=constant(-1.0))
    channels = (*TOY.channels[:2], replace(TOY.channels[2], gates=(wrong,)), TOY.channels[3])
    message = "neuron toy: gate m needs finite steady states and positive time constants from -115 to 85 mV"
    with pytest.raises(ValueError, match=message):
        simulate(toy_neuron(channels=channels), FIRING, 10.0)
    steep = replace(TOY.channels[2].gates[0], exponent=5)
    channels = (*TOY.channels[:2], replace(TOY.channels[2], gates=(steep,)), TOY.channels[3])
    with pytest.raises(ValueError, match="neuron toy: gate m has an exponent above 4"):
        simulate(toy_neuron(channels=channels), FIRING, 10.0)


# simulate_population


@pytest.fixture(scope="module")
def stg_population():
    """A tonic cell, one that cannot fire, a bursting one."""
    table = STG_CELLS[[0, 0, 3]].copy()
    table[1, STG.index("Na")] = 0
    return make_population(STG, table)


def make_population(neuron, table):
    return build_population(
        table, neuron.conductance_names, member_dics=np.zeros((len(table), 3)), dic_mean=[0, 0, 0],
        dic_std=[0, 0, 0], provenance={"neuron": neuron.name},
    )  # fmt: skip


def test_defaults_of_the_stg(stg_population):
    segment = simulate_population(stg_population)
    assert isinstance(segment, neo.Segment)
    assert segment.name == "simulation"
    assert len(segment.analogsignals) == 0
    assert [train.annotations["member"] for train in segment.spiketrains] == [0, 1, 2]
    for train in segment.spiketrains:
        assert isinstance(train, neo.SpikeTrain)
        assert (train.t_start, train.t_stop) == (3000 * pq.ms, 6000 * pq.ms)
    assert len(segment.spiketrains[1]) == 0
    for member, cell in ((0, 0), (2, 3)):
        found = segment.spiketrains[member].rescale("ms").magnitude
        assert worst_error(found, STG_SPIKES[cell], 3000, 6000) < 0.005


def test_defaults_of_the_da_neuron():
    segment = simulate_population(make_population(DA, DA_CELLS[:1]))
    (train,) = segment.spiketrains
    assert (train.t_start, train.t_stop) == (3000 * pq.ms, 12000 * pq.ms)
    assert len(train) == pytest.approx(len(DA_SPIKES[0]), abs=1)


def test_duration_and_discard_are_quantities_of_any_unit(stg_population):
    a = simulate_population(stg_population, duration=0.4 * pq.s, discard=100000 * pq.us)
    b = simulate_population(stg_population, duration=400 * pq.ms, discard=0 * pq.ms)
    for train, longer in zip(a.spiketrains, b.spiketrains, strict=True):
        assert (train.t_start, train.t_stop) == (100 * pq.ms, 400 * pq.ms)
        times = longer.magnitude
        assert train.magnitude == pytest.approx(times[times >= 100])
    assert [len(train) > 3 for train in a.spiketrains] == [True, False, True]


def test_a_short_run_is_not_discarded_by_a_default(stg_population):
    with pytest.warns(
        UserWarning, match=r"nothing is discarded from so short a run \(200 ms\): models settle in"
    ):
        short = simulate_population(stg_population, duration=0.2 * pq.s)
    whole = simulate_population(stg_population, duration=200 * pq.ms, discard=0 * pq.ms)
    for train, other in zip(short.spiketrains, whole.spiketrains, strict=True):
        assert (train.t_start, train.t_stop) == (0 * pq.ms, 200 * pq.ms)
        assert (train.magnitude == other.magnitude).all()
    with pytest.raises(ValueError, match="discard must be at least 0 and less than the duration"):
        simulate_population(stg_population, duration=200 * pq.ms, discard=200 * pq.ms)


@pytest.mark.parametrize("duration", [0, -1, np.nan, np.inf, 1e300, 86_400_001])
def test_a_run_is_no_longer_than_a_day(stg_population, duration):
    with pytest.raises(ValueError, match="duration must be a positive time of at most a day, got .* ms"):
        simulate_population(stg_population, duration=duration * pq.ms)


def test_traces(stg_population):
    segment = simulate_population(stg_population, duration=300 * pq.ms, discard=100 * pq.ms, traces=True)
    (trace,) = segment.analogsignals
    assert trace.shape == (2000, 3)
    assert trace.units == pq.mV
    assert (trace.t_start, trace.sampling_period) == (100 * pq.ms, 0.1 * pq.ms)
    assert trace.t_stop.rescale("ms").magnitude == pytest.approx(300)
    assert trace.array_annotations["member"].tolist() == [0, 1, 2]
    for train, voltage in zip(segment.spiketrains, trace.magnitude.T, strict=True):
        samples = np.flatnonzero((voltage[:-1] < 10) & (voltage[1:] >= 10)) + 1
        expected = trace.times[samples].rescale("ms").magnitude
        assert train.magnitude == pytest.approx(expected, abs=0.11)


def test_the_seed_of_the_noise_is_kept(stg_population):
    options = {"duration": 300 * pq.ms, "discard": 0 * pq.ms, "noise_std": 20 * pq.mA / pq.m**2}
    drawn = simulate_population(stg_population, **options)
    again = simulate_population(stg_population, seed=drawn.annotations["seed"], **options)
    other = simulate_population(stg_population, **options)
    assert other.annotations["seed"] != drawn.annotations["seed"]
    for i in (0, 2):
        assert (again.spiketrains[i].magnitude == drawn.spiketrains[i].magnitude).all()
        assert other.spiketrains[i][1] != drawn.spiketrains[i][1]
    assert drawn.annotations["noise_std"].rescale("uA/cm**2").magnitude == pytest.approx(2.0)
    assert simulate_population(stg_population, seed=11, **options).annotations["seed"] == 11


def test_members_are_simulated_as_generated():
    block = generate_population({"g_s": 4, "g_u": 8}, n_models=3, seed=1)
    segment = simulate_population(block, duration=200 * pq.ms, discard=0 * pq.ms)
    expected = simulate(STG, conductance_table(block)[1], 200.0).spike_times
    for train, times in zip(segment.spiketrains, expected, strict=True):
        assert (train.magnitude == times).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"duration": 500}, r"duration must be a Quantity \(in ms or the like\), got int"),
        ({"discard": 0.5}, "discard must be a Quantity .* got float"),
        ({"noise_std": 1.0}, r"noise_std must be a Quantity \(in uA/cm\*\*2 or the like\), got float"),
        ({"seed": 1.5}, "seed must be an int or None, got 1.5"),
        ({"seed": True}, "seed must be an int or None, got True"),
    ],
)
def test_wrong_kinds_of_values_are_refused(stg_population, arguments, message):
    with pytest.raises(TypeError, match=message):
        simulate_population(stg_population, **arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"duration": 2 * pq.s, "discard": 3 * pq.s}, r"less than the duration \(2000 ms\), got 3000 ms"),
        ({"duration": 2 * pq.s, "discard": 2 * pq.s}, "less than the duration"),
        ({"discard": -1 * pq.ms}, "discard must be at least 0 .*, got -1 ms"),
        ({"duration": np.inf * pq.ms}, "duration must be a positive time of at most a day, got inf ms"),
        ({"noise_std": -1 * pq.uA / pq.cm**2}, "noise_std must be zero or positive"),
        ({"duration": 3 * pq.mV}, "duration.* mV .*ms"),
        ({"duration": [4, 5] * pq.s}, "duration must be a single value, got 2"),
        ({"seed": -1}, "seed must be zero or positive, got -1"),
    ],
)
def test_values_out_of_range_are_refused(stg_population, arguments, message):
    with pytest.raises(ValueError, match=message):
        simulate_population(stg_population, **arguments)


def test_only_populations_are_simulated():
    with pytest.raises(TypeError, match="a population is a neo.Block, not list; .*generate_population"):
        simulate_population([1, 2])
    with pytest.raises(ValueError, match="'mine'.* is not a population: .*generate_population"):
        simulate_population(neo.Block(name="mine"))
