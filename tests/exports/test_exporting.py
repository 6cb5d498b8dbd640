"""The folder of an export: what is in it, and what is refused."""

import ast
import csv
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import quantities as pq
from support.every_part import CELL, DECAYING, OWN, OWN_CELL, every_part
from support.exported import population
from support.stepped import CELL as CORTICAL_CELL
from support.stepped import recorded, steps
from support.stimuli import current_at

from elephant_dic import (
    conductances,
    export_population,
    get_neuron,
    population_from_conductances,
    provenance,
    verify_population,
)
from elephant_dic.exports import brian2
from elephant_dic.exports import scripts as scripts_of_exports
from elephant_dic.exports.exporting import TARGETS
from elephant_dic.exports.formulas import formulas_of
from elephant_dic.exports.nmodl import FOR_NEURON, channel_mechanism
from elephant_dic.neurons.model import Channel, Gate, Nernst, constant
from elephant_dic.simulation.simulator import current_noise
from elephant_dic.trains import Stimulus

STG = get_neuron("stg")
TABLE = np.array(
    [
        [4000.0, 137.0, 3.0, 4.0, 110.0, 175.0, 0.3, 0.01],
        [4000.0, 90.0, 3.0, 6.0, 110.0, 175.0, 0.1, 1 / 300],
        [3000.0, 90.0, 3.0, 6.0, 110.0, 100.0, 0.1, 0.012],
    ]
)


def block_of(neuron=STG, table=TABLE):
    return population_from_conductances(dict(zip(neuron.conductance_names, table.T, strict=True)), neuron)


def rows_of(folder):
    lines = [line for line in (folder / "conductances.csv").read_text().splitlines() if line[0] != "#"]
    return list(csv.DictReader(lines))


@pytest.mark.parametrize("target", TARGETS)
def test_a_folder_holds_all_that_it_needs(tmp_path, target):
    block = block_of()
    written = export_population(block, tmp_path / "out", target)
    assert sorted(written) == sorted(path for path in (tmp_path / "out").rglob("*") if path.is_file())
    texts = {path.name: path.read_text(encoding="utf-8") for path in written}
    assert {
        "README.md",
        "model.json",
        "conductances.csv",
        "population.py",
        "run.py",
        "provenance.json",
    } <= set(texts)
    for number, row in enumerate(rows_of(tmp_path / "out")):
        assert row.pop("member") == str(number)
        assert {name: float(value) for name, value in row.items()} == {
            name: values.magnitude[number] for name, values in conductances(block).items()
        }
    assert json.loads(texts["provenance.json"]) == provenance(block)
    assert "@article" in texts["references.bib"]
    readme = texts["README.md"]
    assert readme.startswith("# 3 cells for ")
    assert "```sh\npython run.py\n```" in readme
    assert "**Accuracy.**" in readme
    assert "A spike is an upward crossing of 10 mV, possible again once the voltage was below 0 mV." in readme
    assert STG.source in readme
    for name in texts:
        assert f"`{name}`" in readme or f"/{name}`" in readme or name == "README.md"
        compile(texts[name], name, "exec") if name.endswith(".py") else None
        ElementTree.fromstring(texts[name].encode()) if name.endswith((".nml", ".xml")) else None


def test_chosen_members_keep_their_numbers(tmp_path):
    export_population(block_of(), tmp_path, "neuron", members=[2, 0])
    assert [(row["member"], float(row["g_Na"])) for row in rows_of(tmp_path)] == [
        ("2", 3000.0),
        ("0", 4000.0),
    ]


def test_members_of_neuroml_are_cells_of_a_network(tmp_path):
    export_population(block_of(), tmp_path, "neuroml", members=[1])
    root = ElementTree.parse(tmp_path / "population.net.nml").getroot()
    space = "{http://www.neuroml.org/schema/neuroml2}"
    (cell,), (population,) = root.findall(f"{space}cell"), root.iter(f"{space}population")
    assert (cell.get("id"), population.get("component")) == ("stg_1", "stg_1")
    densities = {each.get("ionChannel"): each for each in cell.iter(f"{space}channelDensity")}
    assert densities["stg_leak"].get("condDensity") == "0.0033333333333333335 mS_per_cm2"
    assert [densities[f"stg_{name}"].get("ion") for name in ("Na", "CaT", "KCa")] == [
        "non_specific",
        "ca",
        "k",
    ]


def test_nernst_of_neuroml_is_a_temperature(tmp_path):
    pyloric = get_neuron("pyloric")
    table = np.array([[400.0, 80.0, 8.0, 8.0, 10.0, 40.0, 0.04, 0.005]])
    export_population(block_of(pyloric, table), tmp_path, "neuroml")
    text = (tmp_path / "population.net.nml").read_text()
    assert 'type="networkWithTemperature" temperature="10.000' in text
    assert 'initialExtConcentration="3 mM"' in text


def test_noise_comes_with_the_population(tmp_path):
    block = block_of()
    known = provenance(block) | {"verification": {"noise_std": 1.5}}
    block.annotations["elephant_dic"] = json.dumps(known)
    export_population(block, tmp_path, "brian2")
    assert json.loads((tmp_path / "model.json").read_text())["noise_std"] == 1.5
    assert "under a current noise of 1.5 uA/cm2" in (tmp_path / "README.md").read_text()


def test_swings_are_spikes(tmp_path):
    pituitary = get_neuron("pituitary")
    export_population(block_of(pituitary, np.array([[0.2, 0.3, 0.2, 0.1, 0.02]])), tmp_path, "neuron")
    assert json.loads((tmp_path / "model.json").read_text())["spike"] == {"height": 2.0}
    assert "a fall of 2 mV" in (tmp_path / "README.md").read_text()


def test_the_step_of_brian2_fits_the_members(tmp_path):
    """Conductances of thousands take the exponential Euler method, others a stable step of Runge-Kutta's."""
    steps = {}
    for name, table in (("stg", TABLE), ("every part", CELL), ("strong", 10 * CELL)):
        neuron = STG if name == "stg" else every_part()
        export_population(block_of(neuron, table), tmp_path / name, "brian2")
        settings = json.loads((tmp_path / name / "model.json").read_text())
        steps[name] = settings["method"], settings["step"]
        assert f"{settings['step']:g} ms" in (tmp_path / name / "README.md").read_text()
    assert steps["stg"] == ("exponential_euler", 0.0025)
    assert steps["every part"] == ("rk4", 0.02)
    assert steps["strong"][0] == "rk4"
    assert 0.001 <= steps["strong"][1] <= 2 / (10 * CELL.sum())


def test_a_mechanism_can_be_read():
    formulas = formulas_of(get_neuron("thalamic"))
    assert (
        channel_mechanism(formulas, formulas.channels[3], FOR_NEURON)
        == """\
TITLE H current: thalamocortical relay neuron (Destexhe et al. 1996)

COMMENT
Destexhe, Bal, McCormick, Sejnowski, J. Neurophysiol. 76, 2049 (1996); McCormick and Huguenard, \
J. Neurophysiol. 68, 1384 (1992); Pospischil et al., Biol. Cybern. 99, 427 (2008).
ENDCOMMENT

NEURON {
    SUFFIX thalamic_H
    NONSPECIFIC_CURRENT i
    RANGE gbar, g
    THREADSAFE
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
    (mM) = (milli/liter)
    (uM) = (micro/liter)
}

PARAMETER {
    gbar = 0 (S/cm2)
}

ASSIGNED {
    v (mV)
    g (S/cm2)
    i (mA/cm2)
}

STATE {
    x_m
}

INITIAL {
    x_m = m_inf(v)
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    g = gbar*x_m
    i = g*(v - (-40))
}

DERIVATIVE gates {
    x_m' = (m_inf(v) - x_m)/m_tau(v)
}

FUNCTION m_inf(voltage (mV)) {
    UNITSOFF
    m_inf = 1/(1 + exp((voltage + 75)/5.5))
    UNITSON
}

FUNCTION m_tau(voltage (mV)) (ms) {
    UNITSOFF
    m_tau = 1/(exp(-14.59 - 0.086*voltage) + exp(-1.87 + 0.0701*voltage))
    UNITSON
}
"""
    )


def test_nmodl_is_ascii(tmp_path):
    """NEURON refuses other letters, and the titles of neurons have some."""
    table = np.array([[1.3, 0.53, 0.13, 0.13]])
    written = export_population(block_of(get_neuron("prebotc"), table), tmp_path, "neuron")
    mechanisms = [path.read_text(encoding="ascii") for path in written if path.suffix == ".mod"]
    assert len(mechanisms) == 4
    assert all("Botzinger" in text for text in mechanisms)


def test_names_are_identifiers():
    formulas = formulas_of(every_part())
    assert formulas.name == "every_part"
    assert [channel.name for channel in formulas.channels] == ["Na", "K_DR", "Ca_L", "SK", "A", "ERG", "leak"]
    channels = tuple(
        Channel(name, -60.0, () if name == "leak" else (Gate("2x", constant(1.0)),))
        for name in ("In", "In!", "In_2", "leak")
    )
    odd = every_part()
    object.__setattr__(odd, "channels", channels)
    object.__setattr__(odd, "calcium", None)
    object.__setattr__(odd, "conductance_names", tuple(f"g_{channel.name}" for channel in channels))
    found = formulas_of(odd).channels
    assert [channel.name for channel in found] == ["In", "In_2", "In_2_2", "leak"]
    assert found[0].gates[0].name == "n2x"


# Cells with parameters, and currents of the recording


def test_parameters_are_columns(tmp_path):
    cortical = get_neuron("cortical")
    export_population(population(cortical, CORTICAL_CELL[None]), tmp_path, "neuron")
    (row,) = rows_of(tmp_path)
    assert list(row) == ["member", *cortical.column_names]
    assert [float(row[name]) for name in cortical.column_names] == list(CORTICAL_CELL)
    assert (
        "maximal conductances in mS/cm2 and V_T, E_leak in mV of\neach"
        in (tmp_path / "README.md").read_text()
    )
    assert json.loads((tmp_path / "model.json").read_text())["parameters"] == {
        "V_T": [[f"cortical_{name}", "shift", -55.0] for name in ("Na", "Kd", "NaS")],
        "E_leak": [["cortical_leak", "e", 0.0]],
    }


def test_reversals_of_their_own_are_those_of_cells_in_neuroml(tmp_path):
    """The same in all cells but for the reversal of one channel."""
    neuron = every_part(DECAYING, None, OWN[1:])
    cells = np.array([[*CELL[0], -27.65], [*CELL[0], -31.0]])
    export_population(population(neuron, cells), tmp_path, "neuroml")
    root = ElementTree.parse(tmp_path / "population.net.nml").getroot()
    space = "{http://www.neuroml.org/schema/neuroml2}"
    found = [
        {each.get("ionChannel"): each.get("erev") for each in cell.iter(f"{space}channelDensity")}
        for cell in root.findall(f"{space}cell")
    ]
    assert [each.pop("every_part_leak") for each in found] == ["-27.65 mV", "-31 mV"]
    assert found[0] == found[1]
    assert found[0]["every_part_SK"] == "-85 mV"


def test_moved_gates_decide_the_step_of_brian2(tmp_path):
    """Rates are looked at where the gates of the cells act, not where those of the declaration would."""
    steps_of = {}
    for shift in (-20.0, 20.0):
        cell = OWN_CELL.copy()
        cell[0, -2] = -40.0 + shift
        formulas = formulas_of(every_part(parameters=OWN))
        steps_of[shift] = brian2._fastest_rate(formulas, cell, [0.0])
    unmoved = brian2._fastest_rate(formulas_of(every_part()), CELL, [0.0])
    assert steps_of[-20.0] >= unmoved - 1e-9
    assert steps_of[20.0] > 0


def currents_in(folder):
    lines = [line for line in (folder / "currents.csv").read_text().splitlines() if line[0] != "#"]
    return [[float(value) for value in row.values()] for row in csv.DictReader(lines)]


@pytest.mark.parametrize("target", ["neuron", "brian2", "arbor"])
def test_currents_of_a_recording_are_written(tmp_path, target):
    """Also those of a population that was not reconstructed, but checked against the recording."""
    block = population_from_conductances(
        dict(zip(get_neuron("cortical").column_names, CORTICAL_CELL[:, None], strict=True)), "cortical"
    )
    block = verify_population(block, recorded(levels=(-50.0, 100.0)), capacitance=40.0 * pq.pF)
    export_population(block, tmp_path, target)
    assert currents_in(tmp_path) == [
        [number, *point]
        for number, level in enumerate((-50.0, 100.0))
        for point in (
            (0, 0, 0), (200, 0, 0), (200, level / 40, level), (700, level / 40, level), (700, 0, 0), (900, 0, 0),
        )
    ]  # fmt: skip
    settings = json.loads((tmp_path / "model.json").read_text())
    assert settings["sweeps"] == {number: {"duration": 900.0, "first": 0.0} for number in ("0", "1")}
    assert settings["settling"] == 1000.0
    readme = (tmp_path / "README.md").read_text()
    assert "`python run.py --sweep 0` plays the current of" in readme
    assert "members, after 1000 ms at its first value" in readme
    assert "Sweeps are 0 to 1;" in readme


def test_sweeps_keep_their_numbers_if_each_has_one(tmp_path):
    for name, numbers in (("own", [3, 7]), ("twice", [3, 3]), ("none", [None, 3])):
        block = population(STG, TABLE, steps([50.0, 80.0]), sweep=numbers)
        export_population(block, tmp_path / name, "neuron")
    found = {
        name: sorted({row[0] for row in currents_in(tmp_path / name)}) for name in ("own", "twice", "none")
    }
    assert found == {"own": [3, 7], "twice": [0, 1], "none": [0, 1]}


def test_only_what_flows_during_a_sweep_is_written(tmp_path):
    """A ramp of which the sweep shows a part, after another holding current; the transient is longer here."""
    ramp = Stimulus([-100.0, 900.0, 900.0, 1000.0], [-20.0, 180.0, 20.0, 20.0])
    export_population(population(STG, TABLE, [ramp], stop=500.0), tmp_path, "neuron")
    assert currents_in(tmp_path) == [[0, 0, 0, 0], [0, 500, 2.5, 100]]
    settings = json.loads((tmp_path / "model.json").read_text())
    assert settings["sweeps"] == {"0": {"duration": 500.0, "first": -0.5}}
    assert settings["settling"] == STG.training.transient


def test_without_a_capacitance_no_currents_are_written(tmp_path):
    block = population(STG, TABLE, steps([50.0]))
    known = {key: value for key, value in provenance(block).items() if key != "steps"}
    block.annotations["elephant_dic"] = json.dumps(known)
    export_population(block, tmp_path, "neuron")
    assert not (tmp_path / "currents.csv").exists()
    assert "--sweep" not in (tmp_path / "README.md").read_text()


# What is refused


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "genesis"}, "unknown target 'genesis'; there are neuron, brian2, neuroml, arbor"),
        ({"members": [3]}, "members must be from 0 to 2"),
        ({"members": [1, 1]}, r"each member can be exported once, got \[1, 1\]"),
        ({"members": []}, "members must be a list of whole numbers"),
    ],
)
def test_wrong_arguments(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        export_population(block_of(), **{"folder": tmp_path / "out", "target": "neuron"} | options)
    assert not (tmp_path / "out").exists()


def test_no_population(tmp_path):
    with pytest.raises(TypeError, match="a population is a neo.Block, not list"):
        export_population([], tmp_path, "neuron")


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="is not an empty folder: choose a new one"):
        export_population(block_of(), tmp_path, "neuron")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(ValueError, match="is not an empty folder"):
        export_population(block_of(), tmp_path / "notes.txt", "neuron")


@pytest.mark.parametrize("target", TARGETS)
def test_functions_without_a_formula_are_named(tmp_path, target):
    gate = Gate("m", lambda v: np.interp(v, [-90, 0], [0.0, 1.0]), constant(2.0))
    channels = (Channel("Na", 50.0, (gate,)), *every_part().channels[1:])
    neuron = replace(every_part(), name="tabulated", channels=channels)
    with pytest.raises(
        ValueError,
        match=r"the steady state of gate m of channel Na of neuron tabulated cannot be written as a formula: "
        r"it uses numpy\.interp; functions of a declaration that is exported must be made of arithmetic and",
    ):
        export_population(population(neuron, CELL), tmp_path / "out", target)
    assert not (tmp_path / "out").exists()


def test_several_nernst_potentials_are_too_many_for_neuroml(tmp_path):
    neuron = every_part(DECAYING, None)
    other = Channel("Na", Nernst(scale=12.5, outside=2000.0), neuron.channels[0].gates)
    both = replace(DECAYING, channels=("Na", "Ca-L"))
    changed = replace(neuron, name="two-nernst", channels=(other, *neuron.channels[1:]), calcium=both)
    reason = (
        "its Nernst potentials differ, and in NeuroML one temperature and one outside concentration set them"
    )
    with pytest.raises(ValueError, match=reason):
        export_population(population(changed, CELL), tmp_path, "neuroml")


def test_the_potential_of_calcium_without_its_current_is_not_for_neuroml(tmp_path):
    neuron = every_part(DECAYING, None)
    changed = replace(neuron, name="no-carrier", calcium=replace(DECAYING, channels=("A",)))
    with pytest.raises(ValueError, match="channel Ca_L has the potential of calcium and carries none"):
        export_population(population(changed, CELL), tmp_path, "neuroml")


# The scripts that each folder has


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

    def run(line):
        code = f"import json, population as p, numpy as np\nprint(json.dumps({line}))"
        done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "out"
    export_population(block_of(), folder, "neuron")
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


@pytest.mark.parametrize("step", [0.05, 0.04, 0.7])
def test_samples_of_a_current_are_its_means(stepped_scripts, step):
    """Those where it does not jump are its values in the middle; their sum is the charge; the last value stays."""
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


def parsed(scripts, given):
    line = f"(sys.argv.__setitem__(slice(1, None), {given!r}), vars(p.arguments_of(p.parser_of(''))))[1]"
    code = f"{{name: value for name, value in {line}.items() if name in ('duration', 'settling', 'sweep')}}"
    return scripts(code.replace("sys.", "__import__('sys')."))


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
    found = parsed(stepped_scripts, given)
    assert found == {"duration": duration, "settling": settling, "sweep": sweep}


@pytest.mark.parametrize(
    ("stimuli", "number", "message"),
    [
        ([WAVE], "4", "argument --sweep: invalid choice: 4 (choose from 0)"),
        ([], "0", "unrecognized arguments: --sweep 0"),
    ],
)
def test_sweeps_that_are_not_there(tmp_path, stimuli, number, message):
    export_population(population(STG, TABLE, stimuli), tmp_path / "out", "neuron")
    code = f"import sys, population as p; sys.argv[1:] = ['--sweep', '{number}']; p.arguments_of(p.parser_of(''))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "out", capture_output=True, text=True)
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


def test_members_that_are_not_there(scripts, tmp_path):
    export_population(block_of(), tmp_path / "out", "neuron", members=[1])
    code = "import population as p; p.members_of(p.parser_of('').parse_args(['--members', '1', '4']))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "out", capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == "there are no members [4]; there are [1]\n"
