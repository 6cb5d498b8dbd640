"""`elephant-dic compare`: two recordings of a cell."""

import json

import neo
import numpy as np
import pytest
from support.command_line import folder, refuse, succeed

from elephant_dic import (
    generate_population,
    get_neuron,
    identified_changes,
    identify_changes,
    load_population,
    reconstruct,
    save_population,
)
from elephant_dic.cli import main
from elephant_dic.cli.lines import WIDTH
from elephant_dic.populations import conductance_table
from elephant_dic.simulation import simulate

__all__ = ["folder"]  # a fixture

STG = get_neuron("stg")
SETTLED = 4000.0


@pytest.fixture(scope="module")
def trains():
    """Spike times (s) of a bursting cell before and after most of its g_KCa is blocked."""
    cell = conductance_table(generate_population({"g_s": -8, "g_u": 7}, "stg", 1, seed=4))[1]
    blocked = cell.copy()
    blocked[:, STG.conductance_names.index("g_KCa")] *= 0.4
    run = simulate(STG, np.vstack([cell, blocked]), SETTLED + 8000.0)
    return [(times[times >= SETTLED] - SETTLED) / 1000 for times in run.spike_times]


@pytest.fixture(scope="module")
def population(trains):
    train = neo.SpikeTrain(trains[0], units="s", t_stop=8)
    return reconstruct(train, n_models=60, seed=1)


@pytest.fixture
def files(folder, trains, population):
    for name, times in zip(("before", "after"), trains, strict=True):
        np.savetxt(f"{name}.csv", times, fmt="%.6f")
    save_population(population, "population.nix")


def test_a_population_and_a_recording(capsys, folder, files):
    out, err = succeed(
        capsys, "compare", "population.nix", "after.csv", "--time-unit", "s", "--seed", "3",
        "--n-models", "20", "-o", "changes.nix", "--plot", "changes.png",
    )  # fmt: skip
    text = "\n".join(out)
    assert "Population: 60 models of neuron stg, from population.nix" in text
    assert max(map(len, out)) <= WIDTH
    found = identified_changes(load_population("changes.nix"))
    assert found.ranked[0].name == "g_KCa"
    assert f"{found.ranked[0].probability:.3f}" in text
    assert " ".join(found.sentences()[0].split()[:8]) in " ".join(text.split())
    assert out[-2:] == ["Written: changes.nix (pairs)", "Written: changes.png (picture)"]
    assert (folder / "changes.png").read_bytes().startswith(b"\x89PNG")
    assert all("t_stop is its last spike" in line for line in err)


def test_parts_of_one_recording(capsys, folder, trains):
    together = np.concatenate([trains[0], trains[1] + 8])
    np.savetxt("both.csv", together, fmt="%.6f")
    out, _ = succeed(
        capsys, "compare", "both.csv", "both.csv", "--time-unit", "s", "--before", "0:8", "--after", "8:16",
        "--control", "1:7", "--seed", "1", "--n-models", "5",
    )  # fmt: skip
    assert [line for line in out if line in ("Before", "After", "Control 0")] == [
        "Before",
        "After",
        "Control 0",
    ]
    assert "g_KCa" in "\n".join(out)


def test_it_says_what_the_function_says(capsys, folder, files, population, trains):
    out, _ = succeed(
        capsys, "compare", "population.nix", "after.csv", "--time-unit", "s", "--seed", "3",
        "--n-models", "5",
    )  # fmt: skip
    times = np.round(trains[1], 6)
    after = neo.SpikeTrain(times, units="s", t_stop=times[-1])
    expected = identified_changes(identify_changes(population, after, n_models=5, seed=3))
    for sentence in expected.sentences():
        assert sentence in " ".join(" ".join(out).split())


def test_a_csv_population_is_known_from_a_table_of_times(capsys, folder, files, population):
    save_population(population, "population.csv")
    refuse(capsys, "this population holds no recording", "compare", "population.csv", "after.csv",
           "--time-unit", "s")  # fmt: skip


def test_errors_are_those_of_the_command(capsys, folder, files):
    refuse(capsys, "'7' is no stretch such as 0:60", "compare", "before.csv", "after.csv", "--before", "7")
    refuse(
        capsys, "after.csv is the file to be read", "compare", "before.csv", "after.csv", "-o", "after.csv"
    )
    refuse(capsys, "together must be from 1 to 2", "compare", "population.nix", "after.csv",
           "--time-unit", "s", "--together", "3")  # fmt: skip


def test_the_help_has_examples(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["compare", "--help"])
    assert ended.value.code == 0
    assert "elephant-dic compare control.abf drug.abf" in capsys.readouterr().out.partition("examples:")[2]


def test_what_is_written_has_both_recordings(capsys, folder, files):
    succeed(capsys, "compare", "population.nix", "after.csv", "--time-unit", "s", "--seed", "3", "--n-models",
            "3", "-o", "c.nwb")  # fmt: skip
    block = load_population("c.nwb")
    assert [segment.name for segment in block.segments] == ["recording", "recording after"]
    assert json.loads(block.annotations["elephant_dic"])["changes"]["seed"] == 3
