"""`elephant-dic compare`: two recordings of a cell."""

import json
from pathlib import Path

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
    return reconstruct(train, n_models=24, seed=1)


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
    assert "Population: 24 models of neuron stg, from population.nix" in text
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


def one_train(path, times, **options):
    """A file whose end is known."""
    train = neo.SpikeTrain(times, units="s", **({"t_stop": 8} | options))
    block, segment = neo.Block(), neo.Segment()
    block.segments.append(segment)
    segment.spiketrains.append(train)
    with neo.NixIO(path, "ow") as io:
        io.write_block(block)


def test_a_silent_recording_after(capsys, folder, files):
    one_train("silent.nix", [], t_stop=20, name="u1")
    out, _ = succeed(capsys, "compare", "population.nix", "silent.nix", "--seed", "1", "--n-models", "5")
    assert "Spikes: 0 in 20 s (0 Hz)" in out
    assert "After:  silent" in out
    assert "g_Na" in "\n".join(out)


def test_of_a_table_without_times_the_user_knows_how_long_it_is(capsys, folder, files):
    Path("empty.csv").write_text("cell\n")
    refuse(
        capsys, "empty.csv: it holds no spike times: if the cell was silent, tell for how long",
        "compare", "population.nix", "empty.csv", "--time-unit", "s",
    )  # fmt: skip
    out, _ = succeed(
        capsys, "compare", "population.nix", "empty.csv", "--time-unit", "s", "--after", "0:20",
        "--seed", "1", "--n-models", "5",
    )  # fmt: skip
    assert "Spikes: none from 0 to 20 s" in out
    assert "After:  silent" in out


def test_a_silent_recording_before_is_refused(capsys, folder, files):
    one_train("silent.nix", [], t_stop=20, name="u1")
    refuse(capsys, "silent.nix: no spikes in u1", "compare", "silent.nix", "after.csv", "--time-unit", "s")


def test_beyond_its_end_a_recording_is_not_silent(capsys, folder, files, trains):
    one_train("after.nix", trains[1], name="u1")
    out, err = succeed(
        capsys, "compare", "population.nix", "after.nix", "--after", "2:20", "--seed", "1", "--n-models", "5"
    )
    assert "the stretch from 2.0 s to 20.0 s is cut: it goes from 0 to 8 s" in "\n".join(err)
    assert any(f"{np.sum(trains[1] >= 2)} in 6 s" in line for line in out)
    refuse(
        capsys, "the stretch from 8.0 s to 20.0 s holds nothing of it: it goes from 0 to 8 s",
        "compare", "population.nix", "after.nix", "--after", "8:20",
    )  # fmt: skip


def test_each_recording_has_its_own_options(capsys, folder, files, trains):
    one_train("before.nix", trains[0], name="u1")
    np.savetxt("after_ms.csv", 1000 * trains[1], fmt="%.3f", header="cell", comments="")
    out, _ = succeed(
        capsys, "compare", "before.nix", "after_ms.csv", "--unit", "u1", "--unit", "cell",
        "--time-unit", "ms", "--seed", "1", "--n-models", "5",
    )  # fmt: skip
    assert [line for line in out if line.startswith("Cell:")] == ["Cell:   u1", "Cell:   cell"]
    out, _ = succeed(
        capsys, "compare", "before.csv", "after_ms.csv", "--time-unit", "s", "--time-unit", "ms",
        "--seed", "1", "--n-models", "5",
    )  # fmt: skip
    assert "g_KCa" in "\n".join(out)
    refuse(
        capsys, "--unit: give one for both recordings, or two, not 3", "compare", "before.nix", "after.csv",
        "--unit", "a", "--unit", "b", "--unit", "c",
    )  # fmt: skip


def test_without_a_change_the_table_is_on_a_condition(capsys, folder, files):
    out, _ = succeed(
        capsys,
        "compare",
        "population.nix",
        "before.csv",
        "--time-unit",
        "s",
        "--seed",
        "1",
        "--n-models",
        "5",
    )
    assert "No change needed; seed 1" in out
    table = next(i for i, line in enumerate(out) if line.split()[:2] == ["changed", "probability"])
    assert out[table - 1] == "Had something changed all the same, and one of these, it would be:"


def test_pairs_are_no_recording(capsys, folder, files):
    succeed(capsys, "compare", "population.nix", "after.csv", "--time-unit", "s", "--seed", "3", "--n-models",
            "3", "-o", "pairs.nix")  # fmt: skip
    refuse(
        capsys, "pairs.nix holds pairs, with a recording before and one after", "compare", "population.nix",
        "pairs.nix",
    )  # fmt: skip
