"""Running the command elephant-dic in tests: in this process, or as the installed program."""

import shutil
import subprocess
import sys
from pathlib import Path

import neo
import numpy as np
import pytest
import quantities as pq

from elephant_dic import generate_population, simulate_population
from elephant_dic.cli import main
from elephant_dic.cli.lines import WIDTH

COMMANDS = ("reconstruct", "inspect", "simulate", "export", "compare", "groups", "train", "neurons")
UNITS = {"title": "MU", "times": np.arange(40) * 0.05 + 0.02, "codes": [1] * 30 + [2] * 10}
SAMPLED = {"title": "EMG", "pieces": [(0.0, np.zeros(2000))], "rate": 1000, "units": "V"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def population():
    """Five models with a recording: the first of them, simulated for 3 s."""
    block = generate_population({"g_s": -5, "g_u": 8}, n_models=5, seed=1)
    train = simulate_population(block, seed=1).spiketrains[0].time_shift(-3 * pq.s)
    train.annotations.clear()
    train.name = "cell"
    block.segments.append(neo.Segment(name="recording"))
    block.segments[0].spiketrains.append(train)
    return block


def write_spikes(folder, population):
    times = population.segments[0].spiketrains[0].rescale("ms").magnitude
    (folder / "spikes.csv").write_text("cell\n" + "\n".join(map(repr, times.tolist())))


@pytest.fixture
def spikes(folder, population):
    """Arguments to read a table with the recording."""
    write_spikes(folder, population)
    return ["spikes.csv", "--time-unit", "ms", "--t-stop", "3"]


def run(capsys, *argv):
    """Exit code, lines on stdout and lines on stderr."""
    code = main([str(argument) for argument in argv])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return code, captured.out.splitlines(), captured.err.splitlines()


def succeed(capsys, *argv):
    """Lines on stdout, which fit the page, and on stderr."""
    code, out, err = run(capsys, *argv)
    assert (code, [line for line in err if not line.startswith("warning: ")]) == (0, [])
    assert max(map(len, out)) <= WIDTH
    return out, err


def refuse(capsys, message, *argv):
    """Check that the one line of an error holds a message."""
    code, _, err = run(capsys, *argv)
    *warned, error = err
    assert code == 2
    assert all(line.startswith("warning: ") for line in warned)
    assert error.startswith("elephant-dic: error: ")
    assert message in error


def program(*argv, **options):
    """Run the installed command."""
    command = shutil.which("elephant-dic", path=Path(sys.executable).parent)
    return subprocess.run([command, *argv], capture_output=True, text=True, **options)
