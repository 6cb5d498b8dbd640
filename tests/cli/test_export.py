"""`elephant-dic export`: a population for another simulator."""

import csv

import pytest
from support.command_line import folder, population, refuse, succeed

from elephant_dic import save_population
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
