"""`elephant-dic reconstruct --all`."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from support.command_line import folder, refuse, succeed
from support.sessions import lines_of, populations_of, regular, write_units
from support.sorter_files import write_phy

from elephant_dic import load_population
from elephant_dic.examples import example_path

__all__ = ["folder"]  # a fixture

QUICK = ["--all", "--no-verify", "--n-models", "3", "--seed", "1", "--executor", "1"]


@pytest.fixture
def day(folder):
    write_units("a.csv", {"x": regular(80), "silent": []})
    write_units("b.csv", {"x": regular(120)})
    samples = np.sort(np.concatenate([(30 * regular(period)).astype(np.int64) for period in (80, 100)]))
    write_phy(
        folder / "kilosort", samples, np.arange(len(samples)) % 2,
        tables={"cluster_group.tsv": "cluster_id\tgroup\n0\tgood\n1\tmua\n"},
    )  # fmt: skip
    return folder


def test_all_cells_of_files_and_folders(capsys, day):
    argv = ["reconstruct", "a.csv", "b.csv", "kilosort", *QUICK, "--time-unit", "ms", "-o", "out"]
    out, err = succeed(capsys, *argv)
    assert out[0].startswith("5 cells, 0.00 core hours")
    assert [line.split() for line in out[1:4]] == [
        ["verdict", "cells"],
        ["not", "verified", "4"],
        ["skipped", "1"],
    ]
    assert out[4].startswith("Skipped: 1 cell, the spike train is silent")
    assert out[-1] == "Written: out/session.csv"
    rows = lines_of(day / "out" / "session.csv")
    assert [(row["file"], row["cell"]) for row in rows[:3]] == [
        ("a.csv", "x"),
        ("a.csv", "silent"),
        ("b.csv", "x"),
    ]
    assert all(load_population(day / "out" / row["block"]) for row in rows if row["block"])
    assert {row["block"][-4:] for row in rows} == {".nix", ""}
    assert all(line.startswith("warning: ") for line in err)
    again, _ = succeed(capsys, *argv)
    assert again == out


def test_cells_chosen_by_what_the_file_says(capsys, day):
    argv = [
        "reconstruct",
        "kilosort",
        *QUICK,
        "--where",
        'quality == "good"',
        "-o",
        "out",
        "--format",
        ".csv",
    ]
    succeed(capsys, *argv)
    (row,) = lines_of(day / "out" / "session.csv")
    assert row["cell"] == "unit 0"
    assert list(populations_of(day / "out")) == [row["block"]]
    assert row["block"].endswith(".csv")


def test_results_in_the_folder_of_the_recordings_are_no_recordings(capsys, day):
    argv = ["reconstruct", ".", *QUICK, "--time-unit", "ms", "-o", "out"]
    succeed(capsys, *argv)
    first = lines_of(day / "out" / "session.csv")
    succeed(capsys, *argv)
    assert lines_of(day / "out" / "session.csv") == first
    assert len(first) == 5


def test_the_example(capsys, day):
    succeed(capsys, "reconstruct", "--example", *QUICK, "-o", "out")
    (row,) = lines_of(day / "out" / "session.csv")
    assert row["file"] == str(example_path())


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["a.csv", "--all"], "--all writes a file a cell: give a folder with -o FOLDER"),
        (["a.csv", "--all", "-o", "out", "--plot", "a.png"], "--plot is for one cell"),
        (["a.csv", "b.csv"], "give one file, or --all for all cells of these 2"),
        (["a.csv", "--executor", "2"], "--executor and --format are for --all"),
        (["a.csv", "--format", ".nwb"], "--executor and --format are for --all"),
        (["a.csv", "--all", "-o", "out", "--format", ".txt"], "invalid choice: '.txt'"),
        (
            ["a.csv", "--all", "-o", "out", "--executor", "many"],
            "executor must be a number of processes, or dask:",
        ),
        (["a.csv", "--all", "-o", "a.csv"], "a.csv holds the recordings"),
        (["nothing.nwb", "--all", "-o", "out"], "there is no such file: nothing.nwb"),
        (["a.csv", "--all", "-o", "out", "--n-models", "0"], "--n-models must be from 1"),
        (["a.csv", "--example", "--all", "-o", "out"], "not allowed with argument"),
        (["--all", "-o", "out"], "one of the arguments FILE --example is required"),
    ],
)
def test_errors(capsys, day, argv, message):
    refuse(capsys, message, "reconstruct", *argv)
    assert not (day / "out" / "session.csv").exists()


def test_another_folder_is_wanted_for_other_settings(capsys, day):
    argv = ["reconstruct", "b.csv", *QUICK, "--time-unit", "ms", "-o", "out"]
    succeed(capsys, *argv)
    refuse(capsys, "seed 1 there, 2 now", *argv, "--seed", "2")


def test_ctrl_c_keeps_what_is_done_and_says_so(day):
    write_units("many.csv", {f"unit {i}": regular(60 + i, seed=i) for i in range(60)})
    argv = ["reconstruct", "many.csv", *QUICK, "--time-unit", "ms", "-o", "out"]
    command = [sys.executable, "-c", "import sys; from elephant_dic.cli import main; sys.exit(main())", *argv]
    journal = day / "out" / "cells.jsonl"
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ) as process:
        while process.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") > 3):
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert err.endswith(
        "what is done is kept in out: the same command goes on\n\nelephant-dic: interrupted\n"
    )
    assert 3 < journal.read_bytes().count(b"\n") < 60
