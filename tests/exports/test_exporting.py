"""The folder of an export: what is in it, and what is refused."""

import csv
import json
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
import quantities as pq
from support.every_part import CELL, DECAYING, OWN, every_part
from support.exported import population
from support.stepped import CELL as CORTICAL_CELL
from support.stepped import recorded, steps

from elephant_dic import (
    conductances,
    export_population,
    get_neuron,
    population_from_conductances,
    provenance,
    verify_population,
)
from elephant_dic.exports import brian2
from elephant_dic.exports.exporting import TARGETS
from elephant_dic.exports.formulas import formulas_of
from elephant_dic.exports.nmodl import FOR_NEURON, channel_mechanism
from elephant_dic.neurons.model import Channel, Gate, Nernst, constant
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


@pytest.mark.parametrize(
    ("threshold", "currents", "lowest"),
    [(-55.0, [0.0], -73.0), (-40.0, [0.0], -88.0), (-55.0, [0.0, -1.0], -83.0)],
)
def test_the_step_of_brian2_fits_where_gates_act(threshold, currents, lowest):
    """A cell of its leak alone, at -70 mV: the fastest gate is of sodium at the lowest voltage it sees."""
    cell = np.array([[0, 0, 0, 0, 0, 0.1, 0, 0, 0, threshold, -70.0]])
    cortical = get_neuron("cortical")
    fastest = brian2._fastest_rate(formulas_of(cortical), cell, currents)
    ((_, time_constant),) = cortical.channels[0].gates[0].parts
    assert fastest == pytest.approx(1 / time_constant(lowest), rel=1e-6)


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
            (0, 0, 0), (200, 0, 0), (200, level / 40, level),
            (700, level / 40, level), (700, 0, 0), (900, 0, 0),
        )
    ]  # fmt: skip
    settings = json.loads((tmp_path / "model.json").read_text())
    assert settings["sweeps"] == {
        number: {"duration": 900.0, "first": 0.0, "lead": 0.0} for number in ("0", "1")
    }
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


def test_what_flowed_before_a_sweep_is_written(tmp_path):
    """A ramp of which the sweep shows a part, after another holding current; the transient is longer here."""
    ramp = Stimulus([-100.0, 900.0, 900.0, 1000.0], [-20.0, 180.0, 20.0, 20.0])
    export_population(population(STG, TABLE, [ramp], stop=500.0), tmp_path, "neuron")
    assert currents_in(tmp_path) == [[0, -100, -0.5, -20], [0, 500, 2.5, 100]]
    settings = json.loads((tmp_path / "model.json").read_text())
    assert settings["sweeps"] == {"0": {"duration": 500.0, "first": -0.5, "lead": 100.0}}
    assert settings["settling"] == STG.training.transient
    readme = (tmp_path / "README.md").read_text()
    assert "began\ninside of a step or a ramp, what had flowed of it before" in readme


def test_of_a_long_time_before_a_sweep_five_seconds_are_written(tmp_path):
    """As members are simulated; before them, the first current of all."""
    ramp = Stimulus([-10000.0, 0.0, 500.0], [0.0, 100.0, 100.0])
    export_population(population(STG, TABLE, [ramp], stop=500.0), tmp_path, "neuron")
    assert currents_in(tmp_path) == [[0, -5000, 1.25, 50], [0, 0, 2.5, 100], [0, 500, 2.5, 100]]
    settings = json.loads((tmp_path / "model.json").read_text())
    assert settings["sweeps"]["0"] == {"duration": 500.0, "first": 0.0, "lead": 5000.0}


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
        (
            {"target": "genesis"},
            "unknown target 'genesis'; there are neuron, brian2, neuroml, arbor, dynamic-clamp",
        ),
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
