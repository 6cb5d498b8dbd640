"""Exported folders, run by their own command in the simulators, where these are installed.

Each is looked for in the interpreter of the tests, and in the one that a variable names: NEURON_PYTHON,
NEUROML_PYTHON, BRIAN2_PYTHON, ARBOR_PYTHON, NETPYNE_PYTHON. Environments of their own are best, as their
versions clash: `pip install neuron`; `pip install pyneuroml neuron`, with Java; `pip install brian2
"numpy<2.4"`; `pip install arbor`; `pip install netpyne neuron "numpy<2.4"`.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from support.every_part import CELL, DECAYING, MOVED, OWN, OWN_CELL, PUMPED, SCHEME, every_part
from support.exported import population
from support.stepped import CAPACITANCE, CORTICAL, simulated, steps
from support.stepped import CELL as CORTICAL_CELL
from support.stimuli import current_at

from elephant_dic import export_population, get_neuron
from elephant_dic.neurons import solve_adaptively
from elephant_dic.trains import Stimulus

MODULES = {"neuron": "neuron", "neuroml": "pyneuroml", "brian2": "brian2", "arbor": "arbor"}
STG = get_neuron("stg")
#: A tonic and a bursting one.
STG_CELLS = np.array(
    [
        [4000.0, 137.0, 3.0, 4.0, 110.0, 175.0, 0.3, 0.01],
        [4000.0, 90.0, 3.0, 6.0, 110.0, 175.0, 0.1, 1 / 300],
    ]
)


@pytest.fixture
def python_of():
    """The interpreter that has a simulator, or a skip."""

    def find(target):
        named = os.environ.get(f"{target.upper()}_PYTHON")
        if not named and not find_spec(MODULES.get(target, target)):
            pytest.skip(f"{target} is not installed, and {target.upper()}_PYTHON names no interpreter of it")
        if target == "neuroml" and not shutil.which("java"):
            pytest.skip("jNeuroML needs Java, which is not installed")
        return named or sys.executable

    return find


def spikes_of(folder, python, *options):
    """Spike times by member, as the command of the README writes them."""
    done = subprocess.run([python, "run.py", *map(str, options)], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    with (folder / "spikes.csv").open(newline="") as file:
        rows = [(int(row["member"]), float(row["spike_time_ms"])) for row in csv.DictReader(file)]
    return {member: np.array([time for each, time in rows if each == member]) for member, _ in rows}


@pytest.mark.parametrize(
    ("target", "pool", "scheme", "tolerance"),
    [
        ("neuron", DECAYING, SCHEME, 0.01),
        ("neuron", PUMPED, MOVED, 0.01),
        ("neuroml", DECAYING, SCHEME, 0.01),
        ("neuroml", PUMPED, MOVED, 0.01),
        ("brian2", DECAYING, MOVED, 0.05),
        ("brian2", PUMPED, SCHEME, 0.05),
        ("arbor", PUMPED, SCHEME, 0.5),
    ],
)
def test_all_that_can_be_declared(tmp_path, python_of, target, pool, scheme, tolerance):
    """Every kind of gate, scheme, pool and reversal at once: spike times are those of the plain equations."""
    python, neuron = python_of(target), every_part(pool, scheme)
    export_population(population(neuron, CELL), tmp_path, target)
    found = spikes_of(tmp_path, python, "--duration", 400)[0]
    expected = solve_adaptively(neuron, CELL[0], 400.0)[0]
    assert len(expected) > 10
    np.testing.assert_allclose(found, expected, atol=tolerance)


@pytest.mark.parametrize(
    ("target", "tolerance"), [("neuron", 0.02), ("neuroml", 0.02), ("brian2", 1.0), ("arbor", 1.0)]
)
def test_stg_cells(tmp_path, python_of, target, tolerance):
    """Conductances of thousands, over a second; members keep their numbers."""
    python = python_of(target)
    export_population(
        population(STG, np.vstack([STG_CELLS[:1], STG_CELLS])), tmp_path, target, members=[1, 2]
    )
    found = spikes_of(tmp_path, python, "--duration", 1000)
    assert list(found) == [1, 2]
    for member, cell in zip((1, 2), STG_CELLS, strict=True):
        expected = solve_adaptively(STG, cell, 1000.0)[0]
        np.testing.assert_allclose(found[member], expected, atol=tolerance)


@pytest.mark.parametrize(
    ("target", "scheme", "parameters", "tolerance"),
    [
        ("neuron", SCHEME, OWN, 0.01),
        ("neuroml", SCHEME, OWN, 0.01),
        ("brian2", SCHEME, OWN, 0.05),
        ("arbor", SCHEME, OWN, 0.5),
    ],
)
def test_parameters(tmp_path, python_of, target, scheme, parameters, tolerance):
    """Two cells that differ in parameters alone fire as the plain equations say, each in its way."""
    python, neuron = python_of(target), every_part(DECAYING, scheme, parameters)
    cells = OWN_CELL[:, [*range(7), *range(9 - len(parameters), 9)]]
    cells = np.vstack([cells, [*cells[0, :7], *(each.value for each in parameters)]])
    export_population(population(neuron, cells), tmp_path, target)
    found = spikes_of(tmp_path, python, "--duration", 200)
    expected = [solve_adaptively(neuron, cell, 200.0)[0] for cell in cells]
    assert abs(expected[0][0] - expected[1][0]) > 0.5
    for member, times in enumerate(expected):
        np.testing.assert_allclose(found[member], times, atol=tolerance)


@pytest.mark.parametrize(("target", "tolerance"), [("neuron", 0.01), ("brian2", 0.05), ("arbor", 0.1)])
def test_a_cortical_cell_under_a_step(tmp_path, python_of, target, tolerance):
    """As the equations and this package's simulator have it; after a second at the holding current."""
    python, (step,) = python_of(target), steps([150.0], holding=20.0)
    export_population(population(CORTICAL, CORTICAL_CELL[None], [step]), tmp_path, target)
    found = spikes_of(tmp_path, python, "--sweep", 0)[0]

    def density(time):
        return float(current_at(step, time - 1000.0)) / CAPACITANCE

    expected = solve_adaptively(CORTICAL, CORTICAL_CELL, 1900.0, current=density, tolerance=1e-9)[0] - 1000.0
    expected = expected[expected >= 0]
    assert len(expected) > 30
    np.testing.assert_allclose(found, expected, atol=tolerance)
    fine = simulated(CORTICAL_CELL, [step], dt=CORTICAL.time_step / 50)[0]
    np.testing.assert_allclose(found, fine, atol=tolerance + 0.02)


@pytest.mark.parametrize(("target", "tolerance"), [("neuron", 0.01), ("brian2", 0.05)])
def test_a_cortical_cell_by_itself(tmp_path, python_of, target, tolerance):
    """One with a leak that lets it fire without a current."""
    python, cell = python_of(target), CORTICAL_CELL.copy()
    cell[-1] = -45.0
    export_population(population(CORTICAL, cell[None]), tmp_path, target)
    found = spikes_of(tmp_path, python, "--duration", 800)[0]
    expected = solve_adaptively(CORTICAL, cell, 800.0)[0]
    assert len(expected) > 5
    np.testing.assert_allclose(found, expected, atol=tolerance)


@pytest.mark.parametrize(
    ("target", "tolerance"), [("neuron", 0.01), ("neuroml", 0.01), ("brian2", 0.05), ("arbor", 0.5)]
)
def test_a_current_that_jumps_and_climbs(tmp_path, python_of, target, tolerance):
    """Of a neuron without parameters; also beside noise of no strength, with which NEURON is less exact."""
    python, neuron = python_of(target), every_part(DECAYING, None)
    wave = Stimulus([0.0, 50.0, 50.0, 150.0, 150.0], [40.0, 40.0, -400.0, 300.0, 0.0])
    export_population(population(neuron, CELL, [wave], stop=300.0), tmp_path, target)
    found = spikes_of(tmp_path, python, "--sweep", 0)[0]

    def density(time):
        return float(current_at(wave, time - 1000.0)) / 40.0

    expected = solve_adaptively(neuron, CELL[0], 1300.0, current=density, tolerance=1e-9)[0] - 1000.0
    expected = expected[expected >= 0]
    assert len(expected) > 8
    np.testing.assert_allclose(found, expected, atol=tolerance)
    noisy = spikes_of(tmp_path, python, "--sweep", 0, "--noise-std", 1e-9)[0]
    np.testing.assert_allclose(noisy, expected, atol=max(tolerance, 0.2))


@pytest.mark.parametrize("target", MODULES)
def test_noise(tmp_path, python_of, target):
    """A cell that fires regularly does so less under noise; another seed gives other times."""
    python, block = python_of(target), population(STG, STG_CELLS[:1])
    export_population(block, tmp_path, target)
    trains = [
        spikes_of(tmp_path, python, "--duration", 1000, "--noise-std", std, "--seed", seed)[0]
        for std, seed in ((0.0, 0), (20.0, 0), (20.0, 1))
    ]
    quiet, noisy, other = [np.std(np.diff(times)[-10:]) for times in trains]
    assert noisy > 3 * quiet
    assert other != noisy


@pytest.mark.parametrize(
    ("target", "tolerance"), [("neuron", 0.01), ("neuroml", 0.01), ("brian2", 0.05), ("arbor", 0.5)]
)
def test_a_sweep_that_began_inside_a_step(tmp_path, python_of, target, tolerance):
    """100 ms of the step flow before the sweep."""
    python, neuron = python_of(target), every_part(DECAYING, None)
    wave = Stimulus.steps(40.0, (-100.0, 50.0, -400.0))
    export_population(population(neuron, CELL, [wave], stop=150.0), tmp_path, target)
    found = spikes_of(tmp_path, python, "--sweep", 0)[0]

    def density(time):
        return float(current_at(wave, time - 1100.0)) / 40.0

    expected = solve_adaptively(neuron, CELL[0], 1250.0, current=density, tolerance=1e-9)[0] - 1100.0
    expected = expected[expected >= 0]
    assert len(expected) > 3
    np.testing.assert_allclose(found, expected, atol=tolerance)


_NETWORK = """
import json
from netpyne import sim, specs
from neuron_cell import load_mechanisms
from population import MODEL, conductances

load_mechanisms()
network, options = specs.NetParams(), specs.SimConfig()
for member in conductances():
    name = f"member {member}"
    network.importCellParams(
        label=name, fileName="neuron_cell.py", cellName="Cell", cellArgs={"member": member}
    )
    network.popParams[name] = {"cellType": name, "numCells": 1}
network.defaultThreshold = MODEL["spike"]["level"]
options.duration, options.cvode_active, options.cvode_atol = 500.0, True, 1e-9
options.hParams["v_init"] = MODEL["initial_voltage"]
sim.createSimulate(network, options)
found = [list(map(float, sim.allSimData[name])) for name in ("spkt", "spkid")]
open("found.json", "w").write(json.dumps(found))
"""


@pytest.mark.parametrize(
    ("neuron", "cells"),
    [(STG, STG_CELLS), (every_part(DECAYING, SCHEME, OWN), OWN_CELL)],
    ids=["stg", "every part"],
)
def test_netpyne_imports_the_cells_of_neuron(tmp_path, python_of, neuron, cells):
    """As the README says: they fire as the plain equations do."""
    python = python_of("netpyne")
    export_population(population(neuron, cells), tmp_path, "neuron")
    (tmp_path / "network.py").write_text(_NETWORK)
    done = subprocess.run([python, "network.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    times, members = map(np.array, json.loads((tmp_path / "found.json").read_text()))
    for member, cell in enumerate(cells):
        expected = solve_adaptively(neuron, cell, 500.0)[0]
        assert len(expected) > 5
        np.testing.assert_allclose(times[members == member], expected, atol=0.01)
