"""The header of dynamic clamps, compiled: its currents, alone and in closed loop; the plugin of RTXI."""

import csv
import subprocess
import sys

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from support.clamp import STRICT, Clamp, built, compiler
from support.every_part import CELL, DECAYING, MOVED, OWN, OWN_CELL, PUMPED, SCHEME, every_part
from support.exported import population
from support.rtxi_imitation import write_imitation
from support.stepped import CELL as CORTICAL_CELL
from support.stepped import CORTICAL, steps

from elephant_dic import export_population, get_neuron, list_neurons
from elephant_dic.neurons import Scheme, reference_population, solve_adaptively
from elephant_dic.neurons.columns import shift_of
from elephant_dic.neurons.plain_equations import initial_state, slope
from elephant_dic.simulation import simulate
from elephant_dic.trains import Stimulus

STG = get_neuron("stg")
BURSTING = np.array([4000.0, 90.0, 3.0, 6.0, 110.0, 175.0, 0.1, 1 / 300])
THALAMIC = get_neuron("thalamic")
#: It fires at rest.
THALAMIC_CELL = np.array([72.0, 12.0, 1.8, 0.028, 0.0207, 0.01])
KINDS = {
    "decaying, two states": (every_part(DECAYING, SCHEME), CELL[0]),
    "pumped, moved": (every_part(PUMPED, MOVED), CELL[0]),
    "own": (every_part(DECAYING, None, OWN), OWN_CELL[0]),
}


def plain_currents(neuron, cell, state):
    """uA/cm2 of each channel in a state of the plain equations."""
    voltage, gates, calcium = state[0], iter(state[1:]), state[-1]
    values = np.asarray(cell[len(neuron.channels) :], dtype=float)
    reversals = {p.reversal_of: value for p, value in zip(neuron.parameters, values, strict=True)}
    found = []
    for channel, conductance in zip(neuron.channels, cell, strict=False):
        opened = 1.0
        for gate in channel.gates:
            if isinstance(gate, Scheme):
                fractions = {name: next(gates) for name in gate.states}
                opened *= sum(fractions[name] * weight for name, weight in gate.conducting.items())
                continue
            rest = gate.steady_state(voltage - shift_of(neuron, channel.name, values))
            rest = rest if gate.calcium_factor is None else rest * gate.calcium_factor(calcium)
            x = sum(share * next(gates) for share, _ in gate.parts) if gate.parts else rest
            opened *= x**gate.exponent
        reversal = reversals.get(channel.name, channel.reversal_at(calcium))
        found.append(conductance * opened * (voltage - reversal))
    return np.array(found)


# The current of a cell


@pytest.fixture(scope="module")
def every(tmp_path_factory):
    return Clamp(tmp_path_factory.mktemp("every"), every_part(DECAYING, None, OWN))


LEAK = np.array([0, 0, 0, 0, 0, 0, 0.1, -40.0, -60.0])  # mS/cm2, and what cells have of their own


def test_an_outward_current_is_taken_away(every):
    """100 pF are 1e-4 cm2: of 1 uA/cm2, 0.1 nA; the leak is at -60 mV."""
    every.start(LEAK, capacitance=100.0)
    assert every.step(-50.0, 0.02) == pytest.approx(-0.1, rel=1e-12)
    assert every.step(-70.0, 0.02) == pytest.approx(0.1, rel=1e-12)
    assert every.start(LEAK, capacitance=20.0).step(-50.0, 0.02) == pytest.approx(-0.02, rel=1e-12)
    assert every.current[:-1] == pytest.approx(0)


def test_shares_choose_what_is_injected(every):
    """The others go on, and can be looked at."""
    every.start(OWN_CELL[0], voltage=-40.0)
    whole = every.step(-40.0, 0.02)
    each = every.current
    assert whole == pytest.approx(each.sum())
    assert (each[[0, 1, 6]] != 0).all()
    every.start(OWN_CELL[0], voltage=-40.0).share[:] = [1, 0, 0, 0, 0, 0, -1]
    assert every.step(-40.0, 0.02) == pytest.approx(each[0] - each[6])
    np.testing.assert_allclose(every.current, each)


def test_gates_begin_at_rest_where_the_cell_is(every):
    """At a voltage at which they stay, but for those that calcium moves."""
    every.start(OWN_CELL[0], voltage=-33.0)
    first = every.driven([-33.0] * 500, 0.02)
    np.testing.assert_allclose(first[-1][[0, 1, 4]], first[0][[0, 1, 4]], rtol=1e-12)


def test_a_voltage_that_is_none_injects_nothing(every):
    every.start(OWN_CELL[0])
    assert every.step(float("nan"), 0.02) == 0.0
    assert every.step(float("inf"), 0.02) == 0.0
    far = every.start(OWN_CELL[0]).step(1e6, 0.02)
    assert np.isfinite(far)
    assert far == every.start(OWN_CELL[0]).step(200.0, 0.02)
    assert np.isfinite(every.step(-55.0, 0.02))


def test_held_currents_bring_the_cell_where_it_goes(every):
    """A leak of 1000 mS/cm2 brings a cell to its reversal in 1 us; a step of 50 us would overshoot it."""
    every.start(LEAK * [0, 0, 0, 0, 0, 0, 1e4, 1, 1])
    held = every.step_held(-50.0, 0.05)
    assert -50.0 + 1000 * held / 100 * 0.05 == pytest.approx(-60.0, abs=1e-9)
    plain = every.step(-50.0, 0.05)
    assert -50.0 + 1000 * plain / 100 * 0.05 == pytest.approx(-550.0)
    every.share[-1] = -1.0  # what the cell has itself is taken away as it is
    assert every.step_held(-50.0, 0.05) == pytest.approx(-plain)
    assert every.start(0 * LEAK).step_held(-50.0, 0.05) == 0.0


def test_held_currents_know_what_the_amplifier_injects_beside(every):
    """0.1 nA into 100 pF are 1 uA/cm2: against 1000 mS/cm2, 0.001 mV above the reversal."""
    every.start(LEAK * [0, 0, 0, 0, 0, 0, 1e4, 1, 1]).beside(0.1)
    held = every.step_held(-60.0, 0.05)
    assert -60.0 + 1000 * (held + 0.1) / 100 * 0.05 == pytest.approx(-59.999, abs=1e-9)
    assert every.step(-60.0, 0.05) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_currents_under_the_voltage_of_a_cell(tmp_path, kind):
    """Every channel, as the plain equations have it in the middle of the step: to 0.2 % of its largest.

    What calcium opens at once, and its scheme, are late by half a step.
    """
    neuron, cell = KINDS[kind]
    step, until = 0.02, 60.0
    times = np.arange(0, until, step)
    solution = solve_ivp(
        lambda t, state: slope(neuron, cell, state), (0, until + step), initial_state(neuron, cell),
        method="LSODA", rtol=1e-9, atol=1e-11, dense_output=True,
    )  # fmt: skip
    found = Clamp(tmp_path, neuron).start(cell, capacitance=100.0).driven(solution.sol(times)[0], step)
    states = solution.sol(times + step / 2)
    states[0] = solution.sol(times)[0]
    expected = -0.1 * np.array([plain_currents(neuron, cell, state) for state in states.T])
    assert np.ptp(states[0]) > 50
    error = np.abs(found - expected).max(axis=0) / np.abs(expected).max(axis=0)
    by_calcium = [neuron.index("SK"), neuron.index("ERG")]
    assert (error[by_calcium] < 0.04).all(), error
    assert (np.delete(error, by_calcium) < 2e-3).all(), error


@pytest.mark.parametrize("name", list_neurons())
def test_currents_under_the_voltage_of_our_simulator(tmp_path, name):
    """Of every neuron: their mean over a step moves the voltage as it went; finite at any voltage."""
    neuron, step = get_neuron(name), 0.005
    cell = reference_population(neuron, 1, np.random.default_rng(5))[0]
    own = [parameter.value for parameter in neuron.parameters]
    cell = cell if len(cell) == len(neuron.column_names) else np.append(cell, own)
    current = 5.0 if name == "cortical" else 0.0  # it is silent by itself
    voltages = simulate(neuron, cell[None], 300.0, dt=step, trace_step=step, currents=current).traces[0]
    clamp, found, through = Clamp(tmp_path, neuron).start(cell), [], []
    for voltage in voltages[:-1]:
        found.append(10 * clamp.step_held(voltage, step))  # uA/cm2, of 100 pF
        through.append(10 * np.abs(clamp.current).sum())
    expected = np.diff(voltages) / step - current
    settled = slice(2000, None)
    error = np.abs(found - expected)[settled]
    assert (error < 0.06 * (np.array(through)[settled] + 1)).all()
    assert error.mean() < 0.05 * np.abs(expected).mean()
    for voltage in (-1e4, -200.0, 200.0, 1e4):
        assert np.isfinite(clamp.driven([voltage] * 50, 0.05)).all()


# In closed loop


def spikes_of(folder, *options):
    """Spike times by member, as the command of the README writes them."""
    done = subprocess.run(
        [sys.executable, "run.py", *map(str, options)], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    with (folder / "spikes.csv").open(newline="") as file:
        rows = [(int(row["member"]), float(row["spike_time_ms"])) for row in csv.DictReader(file)]
    return {member: np.array([time for each, time in rows if each == member]) for member, _ in rows}


@pytest.fixture
def exported(tmp_path):
    """A function that exports cells and returns the folder."""
    compiler("cc", "gcc", "clang")

    def export(neuron, table, stimuli=(), target="dynamic-clamp", **options):
        export_population(
            population(neuron, np.atleast_2d(table), stimuli, **options), tmp_path / "out", target
        )
        return tmp_path / "out"

    return export


def test_a_bursting_cell_of_large_conductances(exported):
    """All of its currents through the clamp: within 1 ms over a second at 20 us, less at 10."""
    folder = exported(STG, BURSTING)
    expected = solve_adaptively(STG, BURSTING, 1000.0)[0]
    assert len(expected) > 10
    errors = [
        np.abs(spikes_of(folder, "--duration", 1000, "--step", step)[0] - expected).max()
        for step in (0.02, 0.01)
    ]
    assert errors[1] < errors[0] < 0.5
    done = subprocess.run(
        [sys.executable, "run.py", "--duration", "100", "--plain"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "member 0: the voltage runs away; leave out --plain" in done.stderr
    for option, given in [("--duration", "-5"), ("--step", "0"), ("--capacitance", "-20")]:
        command = [sys.executable, "run.py", option, given]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 2
        assert done.stderr.endswith(f"error: argument {option}: it must be positive, got {given}\n")


def test_errors_shrink_with_the_square_of_the_step(exported):
    folder = exported(THALAMIC, THALAMIC_CELL)
    expected = solve_adaptively(THALAMIC, THALAMIC_CELL, 600.0, tolerance=1e-10)[0]
    assert len(expected) > 3
    errors = [
        np.abs(spikes_of(folder, "--duration", 600, "--step", step)[0] - expected).max()
        for step in (0.04, 0.02)
    ]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.2)


@pytest.mark.parametrize("kind", KINDS)
def test_all_that_can_be_declared(exported, kind):
    neuron, cell = KINDS[kind]
    expected = solve_adaptively(neuron, cell, 200.0)[0]
    found = spikes_of(exported(neuron, cell), "--duration", 200, "--step", 0.01)[0]
    assert len(expected) > 5
    np.testing.assert_allclose(found, expected, atol=0.05)


def test_a_cell_that_has_its_leak_itself(tmp_path):
    """The clamp adds all but the leak to a passive cell, which moves between the samples."""
    clamp, leak = Clamp(tmp_path, THALAMIC).start(THALAMIC_CELL, capacitance=80.0), THALAMIC.index("leak")
    clamp.share[leak] = 0.0
    reversal = THALAMIC.channels[leak].reversal
    voltages = clamp.hybrid(THALAMIC_CELL[leak], reversal, 600.0, 0.02, 80.0)
    level = THALAMIC.spike.level
    upward = np.flatnonzero((voltages[:-1] < level) & (voltages[1:] >= level))
    share = (level - voltages[upward]) / (voltages[upward + 1] - voltages[upward])
    expected = solve_adaptively(THALAMIC, THALAMIC_CELL, 600.0)[0]
    assert len(expected) > 3
    np.testing.assert_allclose((upward + share) * 0.02, expected, atol=0.3)


def test_a_cortical_cell_under_a_sweep_that_began_inside_a_step(exported):
    """The step begins 300 ms before the sweep; cells have parameters of their own."""
    wave, fine = Stimulus.steps(0.0, (-300.0, 500.0, 150.0)), {"dt": CORTICAL.time_step / 50}
    found = spikes_of(exported(CORTICAL, CORTICAL_CELL, [wave]), "--sweep", 0)[0]
    rest = simulate(CORTICAL, CORTICAL_CELL[None], 1000.0, keep_states=True, **fine).states
    flowed = [(wave.times + 300.0, wave.currents / 40.0)]
    (train,) = simulate(CORTICAL, CORTICAL_CELL[None], 1200.0, waves=flowed, states=rest, **fine).spike_times
    expected = train[train >= 300.0] - 300.0
    assert len(expected) > 20
    np.testing.assert_allclose(found, expected, atol=0.3)


def test_members_keep_their_numbers_and_noise_is_added(exported):
    folder = exported(STG, [BURSTING, BURSTING, BURSTING * [1, 1, 1, 1, 1, 1, 0.5, 3]])
    quiet = spikes_of(folder, "--duration", 300, "--members", 2, 1)
    assert list(quiet) == [2, 1]
    assert not np.array_equal(quiet[1], quiet[2])
    noisy = spikes_of(folder, "--duration", 300, "--members", 1, "--noise-std", 20, "--seed", 3)
    assert not np.array_equal(noisy[1], quiet[1])


def test_currents_as_a_table(exported):
    """In nA as injected: a thousandth of their sum over the capacitance is the slope of the voltage."""
    folder = exported(THALAMIC, THALAMIC_CELL, steps([0.0]), capacitance=25.0, stop=40.0)
    spikes_of(folder, "--duration", 40, "--step", 0.01, "--currents", "table.csv")
    with (folder / "table.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["member", "time_ms", "voltage_mV", *(c.name for c in THALAMIC.channels)]
    values = np.array([[float(x) for x in list(row.values())[1:]] for row in rows])
    np.testing.assert_allclose(values[:, 0], np.arange(400) * 0.1, atol=1e-9)
    slopes = np.gradient(values[:, 1], values[:, 0])[1:-1]
    np.testing.assert_allclose(
        1000 * values[1:-1, 2:].sum(axis=1) / 25.0, slopes, atol=0.05 * np.abs(slopes).max()
    )
    spikes_of(folder, "--duration", 40, "--step", 0.01, "--currents", "twice.csv", "--capacitance", 50)
    twice = np.loadtxt(folder / "twice.csv", delimiter=",", skiprows=1)
    np.testing.assert_allclose(twice[:, 3:], 2 * values[:, 2:], rtol=1e-4, atol=1e-9)


def test_a_machine_without_a_compiler(exported, monkeypatch, tmp_path):
    folder = exported(STG, BURSTING)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    done = subprocess.run([sys.executable, "run.py"], cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (
        1, "there is no C compiler: install one, or name it in the variable CC\n"
    )  # fmt: skip


# Files


def test_the_program_is_good_c_and_cpp(exported):
    folder = exported(every_part(PUMPED, MOVED), CELL)
    built(
        [
            compiler("cc", "gcc", "clang"),
            "-std=c99",
            *STRICT,
            "-c",
            folder / "closed_loop.c",
            "-o",
            folder / "c.o",
        ]
    )
    built(
        [
            compiler("c++", "g++", "clang++"),
            "-x",
            "c++",
            *STRICT,
            "-c",
            folder / "closed_loop.c",
            "-o",
            folder / "d.o",
        ]
    )


def test_gates_as_a_table(exported):
    text = (exported(every_part(DECAYING, SCHEME), CELL) / "gates.csv").read_text().splitlines()
    assert text[0] == (
        "# steady states and time constants of gates; in the header alone: factor of calcium of Ca_L_c, "
        "factor of calcium of SK_c, kinetic scheme ERG_o"
    )
    names, rows = text[1].split(","), np.loadtxt(text[2:], delimiter=",")
    assert names[:4] == ["voltage_mV", "Na_m_inf", "Na_h_inf", "Na_h_tau_ms"]
    gate = every_part().channels[0].gates[1]
    np.testing.assert_allclose(rows[:, names.index("Na_h_inf")], gate.steady_state(rows[:, 0]), rtol=1e-12)
    np.testing.assert_allclose(
        rows[:, names.index("Na_h_tau_ms")], gate.time_constant(rows[:, 0]), rtol=1e-12
    )
    assert {"A_q_1_tau_ms", "A_q_2_tau_ms"} <= set(names)
    assert rows[:, 0][[0, 1, -1]].tolist() == [-120.0, -119.5, 80.0]


def test_the_plugin_of_rtxi(exported, tmp_path):
    """Compiled against an imitation of RTXI: paused at first, then what the header says, in V and A."""
    folder = exported(THALAMIC, [THALAMIC_CELL, 2 * THALAMIC_CELL], target="rtxi")
    write_imitation(tmp_path)
    program, compile_with = tmp_path / "driver", compiler("c++", "g++", "clang++")
    built([compile_with, "-std=c++17", "-Wall", "-Wextra", "-I", tmp_path, "-I", folder,
           tmp_path / "driver.cpp", folder / "plugin.cpp", "-o", program])  # fmt: skip
    leak, potassium = THALAMIC.channels[-1].name, THALAMIC.channels[1].name
    lines = [
        "- - 0 -0.06", "- - 0 -0.06",  # it begins paused
        f"MODIFY {leak} 1 -0.06", "- - 0 -0.06",  # and stays so
        "UNPAUSE - 0 -0.06", "- - 0 -0.06",
        "MODIFY Member 1 -0.06", "- - 0 -0.06",
        f"MODIFY {potassium} 1 -0.03", "- - 0 -0.03",
        "MODIFY Capacitance 0 -0.03",
        "PAUSE - 0 -0.06", "- - 0 -0.06",
    ]  # fmt: skip
    done = subprocess.run([program], input="\n".join(lines), capture_output=True, text=True)
    states, outputs = zip(*(line.split() for line in done.stdout.splitlines()), strict=True)
    assert states == ("PAUSE",) * 4 + ("EXEC",) * 7 + ("PAUSE",) * 2
    outputs = np.array(outputs, dtype=float)
    assert (outputs[[0, 1, 2, 3, 11, 12]] == 0).all()
    reversal = THALAMIC.channels[-1].reversal
    leaking = -1e-10 * THALAMIC_CELL[-1] * (-60 - reversal)  # 100 pF
    assert outputs[5] == pytest.approx(leaking, rel=1e-2)
    assert outputs[7] == pytest.approx(2 * leaking, rel=1e-2)
    assert outputs[9] < outputs[7]  # potassium flows out
