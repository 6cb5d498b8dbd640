"""Exported folders, run by their own command in the simulators, where these are installed.

Each is looked for in the interpreter of the tests, and in the one that a variable names: NEURON_PYTHON,
NEUROML_PYTHON, BRIAN2_PYTHON, ARBOR_PYTHON. Environments of their own are best, as their versions clash:
`pip install neuron`; `pip install pyneuroml neuron`, with Java; `pip install brian2 "numpy<2.4"`;
`pip install arbor`.
"""

import csv
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from support.every_part import CELL, DECAYING, MOVED, PUMPED, SCHEME, every_part

from elephant_dic import export_population, get_neuron
from elephant_dic.neurons import solve_adaptively
from elephant_dic.populations import build_population, identity

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
        if not named and not find_spec(MODULES[target]):
            pytest.skip(f"{target} is not installed, and {target.upper()}_PYTHON names no interpreter of it")
        if target == "neuroml" and not shutil.which("java"):
            pytest.skip("jNeuroML needs Java, which is not installed")
        return named or sys.executable

    return find


def population(neuron, table):
    get_neuron(neuron)
    blank = np.full((len(table), 3), np.nan)
    return build_population(
        table, neuron.conductance_names, member_dics=blank, dic_mean=blank[0], dic_std=blank[0],
        provenance=identity(neuron),
    )  # fmt: skip


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
        ("neuroml", DECAYING, None, 0.01),
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
