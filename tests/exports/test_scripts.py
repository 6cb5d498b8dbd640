"""The scripts that each exported folder has: what they share, run by this interpreter."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.exported import population
from support.stepped import CELL as CORTICAL_CELL
from support.stepped import steps
from support.stimuli import current_at

from elephant_dic import export_population, get_neuron
from elephant_dic.exports import scripts as scripts_of_exports
from elephant_dic.simulation.simulator import current_noise
from elephant_dic.trains import Stimulus

STG = get_neuron("stg")
TABLE = np.array(
    [[4000.0, 137.0, 3.0, 4.0, 110.0, 175.0, 0.3, 0.01], [4000.0, 90.0, 3.0, 6.0, 110.0, 175.0, 0.1, 0.0]]
)


@pytest.mark.parametrize(
    ("ion", "needs", "mended"),
    [
        ("USEION ca READ eca WRITE ica VALENCE 2", True, "USEION ca READ cai, eca WRITE ica VALENCE 2"),
        ("USEION ca WRITE ica VALENCE 2", True, "USEION ca READ cai WRITE ica VALENCE 2"),
        ("USEION ca READ cai,cao VALENCE 2", True, "USEION ca READ cai,cao VALENCE 2"),
        ("USEION ca WRITE ica VALENCE 2", False, "USEION ca WRITE ica VALENCE 2"),
    ],
)
def test_mechanisms_of_jneuroml_are_let_see_calcium(ion, needs, mended):
    """The function alone: its script needs NEURON."""
    script = (Path(scripts_of_exports.__file__).parent / "neuroml_run.py").read_text(encoding="utf-8")
    (function,) = (each for each in ast.parse(script).body if getattr(each, "name", "") == "with_calcium")
    known = {"re": re}
    exec(ast.unparse(function), known)
    tail = "\nLOCAL caConc\ncaConc = cai\n" if needs else "\n"
    assert known["with_calcium"](ion + tail) == mended + tail


def lines_in(folder):
    """What a line of Python prints in an exported folder, from JSON."""

    def run(line, *options):
        code = f"import json, population as p, numpy as np\nprint(json.dumps({line}))"
        command = [sys.executable, "-c", code, *options]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "out"
    export_population(population(STG, TABLE), folder, "neuron")
    return lines_in(folder)


#: A jump at the start, a ramp, a jump between samples, and an end at another level.
WAVE = Stimulus([0.0, 0.0, 100.0, 250.37, 250.37], [-10.0, 30.0, 30.0, 70.0, -20.0])


@pytest.fixture(scope="module")
def stepped_scripts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "stepped"
    block = population(get_neuron("cortical"), CORTICAL_CELL[None], [WAVE, *steps([50.0])])
    export_population(block, folder, "neuron")
    return lines_in(folder)


def test_a_current_is_held_before_it(stepped_scripts):
    times, currents = stepped_scripts("[x.tolist() for x in p.current_of(0)]")
    assert times[:4] == [0.0, 1000.0, 1000.0, 1000.0]
    assert currents[:4] == [-0.25, -0.25, -0.25, 0.75]
    assert times[-1] == 1900.0
    assert currents[-1] == -0.5


def test_a_current_is_played_from_before_its_sweep(tmp_path):
    """A step of 50 pA that begins 300 ms before the sweep: a second at rest, then it, then the sweep."""
    wave = Stimulus.steps(0.0, (-300.0, 200.0, 50.0))
    export_population(
        population(get_neuron("cortical"), CORTICAL_CELL[None], [wave]), tmp_path / "out", "neuron"
    )
    run = lines_in(tmp_path / "out")
    times, currents = run("[x.tolist() for x in p.current_of(0)]")
    assert times == [0.0, 1000.0, 1000.0, 1000.0, 1500.0, 1500.0, 2200.0]
    assert currents == [0.0, 0.0, 0.0, 1.25, 1.25, 0.0, 0.0]
    assert run("p.sampled_current(0, 2200.0, 100.0)[:16].tolist()") == pytest.approx(
        [0.0] * 10 + [1.25] * 5 + [0]
    )
    assert run("p.arguments_of(p.parser_of('')).settling", "--sweep", "0") == 1300.0


@pytest.mark.parametrize("step", [0.05, 0.04, 0.7])
def test_samples_of_a_current_are_its_means(stepped_scripts, step):
    """Its values in the middle, where it does not bend; their sum is the charge; the last value stays."""
    found = np.array(stepped_scripts(f"p.sampled_current(0, 2000.0, {step}).tolist()"))
    middles = (np.arange(len(found)) + 0.5) * step
    expected = current_at(WAVE, middles - 1000.0) / 40
    edges = np.array([1000.0, 1100.0, 1250.37])
    smooth = (np.abs(middles[:, None] - edges) > step).all(axis=1)
    np.testing.assert_allclose(found[smooth], expected[smooth], atol=1e-9)
    assert (~smooth).sum() <= 6
    until = len(found) * step
    charge = -10 * 1000 + 30 * 100 + 50 * 150.37 - 20 * (until - 1250.37)
    assert found.sum() * step == pytest.approx(charge / 40, rel=1e-9)


@pytest.mark.parametrize(
    ("given", "duration", "settling", "sweep"),
    [
        ([], 3000.0, 0.0, None),
        (["--sweep", "1"], 900.0, 1000.0, 1),
        (["--sweep", "0", "--duration", "50"], 50.0, 1000.0, 0),
        (["--duration", "50"], 50.0, 0.0, None),
    ],
)
def test_how_long_a_run_is(stepped_scripts, given, duration, settling, sweep):
    line = "(lambda found: [found.duration, found.settling, found.sweep])(p.arguments_of(p.parser_of('')))"
    assert stepped_scripts(line, *given) == [duration, settling, sweep]


@pytest.mark.parametrize(
    ("stimuli", "number", "message"),
    [
        ([WAVE], "4", "argument --sweep: invalid choice: 4 (choose from 0)"),
        ([], "0", "unrecognized arguments: --sweep 0"),
    ],
)
def test_sweeps_that_are_not_there(tmp_path, stimuli, number, message):
    export_population(population(STG, TABLE, stimuli), tmp_path / "out", "neuron")
    command = [sys.executable, "-c", "import population as p; p.arguments_of(p.parser_of(''))"]
    command += ["--sweep", number]
    done = subprocess.run(command, cwd=tmp_path / "out", capture_output=True, text=True)
    assert done.returncode == 2
    assert message in done.stderr


def test_spikes_are_armed_by_coming_down(scripts):
    assert scripts("list(p.armed(np.array([1., 2, 5]), np.array([3., 6])))") == [1.0, 5.0]
    wave = "np.array([0., 20, 5, 20, -5, 20.])"
    assert scripts(f"list(p.spikes_in(np.arange(6.), {wave}))") == [0.5, 4.6]
    assert scripts(f"list(p.spikes_in(np.arange(6.), {wave}, np.array([0.4, 2.2, 4.5])))") == [0.4, 4.5]


def test_swings_are_maxima(scripts):
    wave = "np.array([-60, -50, -51, -49, -55, -54, -60, -50, -50.])"
    assert scripts(f"list(p.swings(np.arange(9.), {wave}, 2.0))") == [3.0]
    assert scripts(f"list(p.swings(np.arange(9.), {wave}, 0.5))") == [1.0, 3.0, 5.0]


def test_noise_is_that_of_this_package(scripts):
    """Its standard deviation, and its power at low frequencies."""
    line = "[x.std(), np.abs(np.fft.rfft(x))[:1000].std()]"
    found = np.array(scripts(f"(lambda x: {line})(p.noise(20000., 2.0, 1, 0))"))
    x = current_noise(20000.0, 2.0, np.random.default_rng(1))
    own = np.array([x.std(), np.abs(np.fft.rfft(x))[:1000].std()])
    np.testing.assert_allclose(found, own, rtol=0.08)
    assert scripts("p.noise(100., 1.0, 1, 0)[:3].tolist() == p.noise(100., 1.0, 1, 0)[:3].tolist()")
    assert scripts("p.noise(100., 1.0, 1, 0)[:3].tolist() != p.noise(100., 1.0, 1, 1)[:3].tolist()")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--duration", "-5"], "argument --duration: it must be positive, got -5"),
        (["--duration", "nan"], "argument --duration: it must be positive, got nan"),
        (["--duration", "long"], "argument --duration: invalid positive value: 'long'"),
        (["--seed", "-1"], "argument --seed: it must be zero or positive, got -1"),
    ],
)
def test_numbers_that_no_run_has(tmp_path, given, message):
    export_population(population(STG, TABLE), tmp_path / "out", "neuron")
    code = "import population as p; p.arguments_of(p.parser_of(''))"
    done = subprocess.run(
        [sys.executable, "-c", code, *given], cwd=tmp_path / "out", capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == f"-c: error: {message}"


def test_spikes_are_counted(tmp_path):
    export_population(population(STG, TABLE), tmp_path / "out", "neuron")
    for trains, said in [
        ("{0: [1.0]}", "1 spike of 1 member"),
        ("{0: [1.0], 1: [2.0]}", "2 spikes of 2 members"),
    ]:
        code = f"import population as p; from pathlib import Path; p.write_spikes(Path('s.csv'), {trains})"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path / "out", capture_output=True, text=True
        )
        assert done.stdout == f"{said} in s.csv\n"


def test_members_that_are_not_there(scripts, tmp_path):
    export_population(population(STG, TABLE), tmp_path / "out", "neuron", members=[1])
    code = "import population as p; p.members_of(p.parser_of('').parse_args(['--members', '1', '4']))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "out", capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "there are no members [4]; there are [1]\n"
