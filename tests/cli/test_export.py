"""`elephant-dic export`: a population for another simulator."""

import csv

import pytest
import quantities as pq
from support.command_line import folder, population, refuse, succeed
from support.stepped import CELL, CORTICAL, recorded

from elephant_dic import population_from_conductances, save_population, verify_population
from elephant_dic.cli.arguments import EXPORT_TARGETS
from elephant_dic.exports.exporting import TARGETS

__all__ = ["folder", "population"]  # fixtures


@pytest.fixture
def file(folder, population):
    save_population(population, "cells.nix")
    return "cells.nix"


def test_a_folder_is_written(capsys, folder, file):
    out, err = succeed(capsys, "export", file, "--to", "neuron", "--out", "in_neuron", "--members", "4,0")
    n_files = sum(path.is_file() for path in (folder / "in_neuron").rglob("*"))
    assert out == [
        "Population: 2 models of neuron stg, from cells.nix",
        f"Written: in_neuron ({n_files} files; README.md says how to run them)",
    ]
    assert not err
    lines = (folder / "in_neuron" / "conductances.csv").read_text().splitlines()
    assert [row["member"] for row in csv.DictReader(lines[1:])] == ["4", "0"]


def test_currents_of_the_recording(capsys, folder):
    """They go through the file of the population, with the numbers of their sweeps."""
    table = dict(zip(CORTICAL.column_names, CELL[:, None], strict=True))
    cell = recorded(levels=(50.0, 100.0))
    for train, number in zip(cell.spiketrains, (3, 7), strict=True):
        train.annotate(sweep=number)
    block = verify_population(population_from_conductances(table, CORTICAL), cell, capacitance=40 * pq.pF)
    save_population(block, "steps.nix")
    succeed(capsys, "export", "steps.nix", "--to", "brian2", "--out", "in_brian2")
    lines = (folder / "in_brian2" / "currents.csv").read_text().splitlines()
    rows = [(row["sweep"], float(row["current_pA"])) for row in csv.DictReader(lines[1:])]
    assert {number: max(x for each, x in rows if each == number) for number, _ in rows} == {"3": 50, "7": 100}
    (cell,) = csv.DictReader((folder / "in_brian2" / "conductances.csv").read_text().splitlines()[1:])
    assert (float(cell["V_T"]), float(cell["E_leak"])) == (-58.0, -68.0)


@pytest.mark.parametrize("target", EXPORT_TARGETS[1:])
def test_all_members(capsys, folder, file, target):
    out, _ = succeed(capsys, "export", file, "--to", target, "--out", target)
    assert out[0] == "Population: 5 models of neuron stg, from cells.nix"
    assert (folder / target / "run.py").is_file()


def test_the_help_knows_the_targets():
    assert EXPORT_TARGETS == TARGETS


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--to", "genesis", "--out", "out"], "argument --to: invalid choice: 'genesis'"),
        (["--to", "neuron"], "the following arguments are required: --out"),
        (
            ["--to", "neuron", "--out", "out", "--members", "one"],
            "'one' is not a list of numbers such as 0,2",
        ),
        (["--to", "neuron", "--out", "out", "--members", "7"], "members must be from 0 to 4, got [7]"),
        (["--to", "neuron", "--out", "."], ". is not an empty folder: choose a new one"),
    ],
)
def test_what_is_refused(capsys, folder, file, options, message):
    refuse(capsys, message, "export", file, *options)
    assert not (folder / "out").exists()
