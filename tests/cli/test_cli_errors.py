"""The command elephant-dic, when the user is wrong, and as an installed program."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.command_line import (
    COMMANDS,
    SAMPLED,
    UNITS,
    folder,
    population,
    program,
    refuse,
    spikes,
    write_spikes,
)
from support.vendor_files import RATE, SILENT, write_abf2, write_smr

from elephant_dic import __version__, save_population
from elephant_dic.cli import main

__all__ = ["folder", "population", "spikes"]  # fixtures

# --- errors ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def files(tmp_path_factory, population):
    """A folder of files of which something is wrong, or that are used wrongly."""
    folder = tmp_path_factory.mktemp("files")
    write_spikes(folder, population)
    (folder / "empty.abf").touch()
    (folder / "few.csv").write_text("1\n2\n3\n4\n")
    write_abf2(folder / "silent.abf", {("Vm", "mV"): SILENT}, RATE)
    write_smr(folder / "units.smr", [SAMPLED, UNITS])
    save_population(population, folder / "population.nix")
    (folder / "folder.nix").mkdir()
    return folder


GOOD = ("reconstruct", "spikes.csv", "--time-unit", "ms")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ((), "the following arguments are required: COMMAND; see elephant-dic --help"),
        (("reconstrukt",), "invalid choice: 'reconstrukt'"),
        (("reconstruct",), "one of the arguments FILE --example is required"),
        (("reconstruct", "spikes.csv", "--example"), "--example: not allowed with argument FILE"),
        (("reconstruct", "none.abf"), "none.abf: there is no such file"),
        (("reconstruct", "."), "it is a folder of no format that is known"),
        (("reconstruct", "empty.abf"), "empty.abf: it is empty"),
        (("reconstruct", "spikes.csv"), 'the unit of its times: give --time-unit, e.g. "ms"'),
        (("reconstruct", "spikes.csv", "--time-unit", "mV"), "--time-unit must be a unit of time"),
        (("reconstruct", "few.csv", "--time-unit", "s"), "too few spikes: 4 in 1 sweep(s)"),
        (("reconstruct", "silent.abf"), "no spikes in Vm: its highest potential is -60.0 mV"),
        (("reconstruct", "units.smr", "--unit", "MX"), "there is no unit 'MX'; it holds units MU#1, MU#2"),
        (("reconstruct", "units.smr", "--channel", "9"), "there is no channel 9"),
        (("reconstruct", "units.smr", "--sweep", "4"), "there is no sweep 4; available: 0 only"),
        (("reconstruct", "units.smr", "--sweep", "a"), "--sweep: 'a' is not a list of numbers such as 0,2"),
        (("reconstruct", "units.smr", "--unit", "MU#1", "--threshold", "0"), "(--unit) needs no --threshold"),
        ((*GOOD, "--t-stop", "nan"), "--t-stop: nan is not a finite number"),
        ((*GOOD, "--t-stop", "0.001"), "no spikes in cell"),
        ((*GOOD, "--neuron", "squid"), "unknown neuron 'squid'; known are cortical, da, pituitary"),
        ((*GOOD, "--n-models", "0"), "--n-models must be from 1 to 100,000, got 0"),
        ((*GOOD, "--n-models", "1000000"), "--n-models must be from 1 to 100,000, got 1,000,000"),
        ((*GOOD, "--n-models", "many"), "--n-models: invalid int value: 'many'; see elephant-dic"),
        ((*GOOD, "--seed", "-1"), "seed must be zero or positive, got -1"),
        ((*GOOD, "--prior", "squid"), "prior must be mixture, family, broad or "),
        ((*GOOD, "--prior", "Na=0:9,X=0:1"), "neuron stg has no channel 'X'; it has Na, Kd"),
        ((*GOOD, "--prior", "Na=0:9,Kd=5"), "--prior: 'Kd=5' is no range such as Na=0:5000"),
        ((*GOOD, "--prior", "Na=0:many"), "--prior: 'Na=0:many' is no range such as Na=0:5000"),
        ((*GOOD, "--prior", "Na=0:inf"), "--prior: inf is not a finite number"),
        ((*GOOD, "--prior", "Na=9:5"), "the range of Na must be finite, not negative and ascending"),
        ((*GOOD, "--prior", "leak=0:1"), "the range of the leak must be positive"),
        ((*GOOD, "--prior", "Na=0:9,Na=0:5"), "--prior: Na has two ranges"),
        ((*GOOD, "-o", "nowhere/out.nix"), "nowhere/out.nix: folder nowhere does not exist"),
        ((*GOOD, "-o", "out.xls"), "out.xls: the suffix must be one of .nix, .nwb, .csv, .mat"),
        ((*GOOD, "-o", "folder.nix"), "folder.nix is a folder"),
        ((*GOOD, "-o", "./spikes.csv"), "spikes.csv is the file to be read and would be lost"),
        ((*GOOD, "--plot", "out.nix"), "out.nix: the suffix must be one of .png, .pdf, .svg"),
        ((*GOOD, "--plot", "nowhere/out.png"), "folder nowhere does not exist"),
        (("inspect", "none.abf"), "none.abf: there is no such file"),
        (("inspect", "spikes.csv"), "give --time-unit"),
        (("simulate", "none.nix"), "there is no file none.nix"),
        (("simulate", "units.smr"), "units.smr: the suffix must be one of .nix, .nwb, .csv, .mat"),
        (("simulate", "spikes.csv"), "spikes.csv was not written by save_population()"),
        (("simulate", "population.nix", "-o", "population.nix"), "is the file to be read and would be lost"),
        (("simulate", "population.nix", "-o", "out.mat"), "out.mat: the suffix must be one of .nix, .csv"),
        (("simulate", "population.nix", "--duration", "0"), "duration must be a positive time of at most a"),
        (("simulate", "population.nix", "--noise-std", "-1"), "--noise-std must be zero or positive"),
        (("simulate", "population.nix", "--seed", "-1"), "seed must be zero or positive, got -1"),
    ],
)  # fmt: skip
def test_an_error_is_one_line_and_exit_code_2(capsys, monkeypatch, files, argv, message):
    monkeypatch.chdir(files)
    before = {path.name: path.stat().st_mtime_ns for path in files.iterdir()}
    refuse(capsys, message, *argv)
    assert {path.name: path.stat().st_mtime_ns for path in files.iterdir()} == before


# --- as a program ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples(capsys, command):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"elephant-dic {command}" in capsys.readouterr().out.partition("examples:")[2]


def test_the_installed_program_tells_its_version():
    done = program("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"elephant-dic {__version__}\n", "")


def test_the_installed_program_reconstructs_in_silence(spikes):
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    done = program("reconstruct", *spikes, "--n-models", "2", "-o", "out.csv", env=environment)
    assert done.returncode == 0
    assert done.stdout.endswith("Written: out.csv (population)\n")
    assert all(line.startswith("warning: ") for line in done.stderr.splitlines())


def test_a_terminal_without_plus_minus(spikes):
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = program("reconstruct", *spikes, "--n-models", "2", env=environment)
    assert (done.returncode, "mean ? std" in done.stdout) == (0, True)


def test_a_pipe_may_be_closed_early(folder):
    command = shutil.which("elephant-dic", path=Path(sys.executable).parent)
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([command, "neurons"], stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("closed", ["reader", "from the start"])
def test_files_are_written_whoever_reads_the_output(folder, population, closed):
    save_population(population, "population.nix")
    command = shutil.which("elephant-dic", path=Path(sys.executable).parent)
    options = ["--duration", "0.4", "--discard", "0.1", "-o", "a.csv", "--plot", "a.png"]
    if closed == "reader":
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            [command, "simulate", "population.nix", *options], stdout=writer, stderr=subprocess.PIPE,
            text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        os.close(writer)
    else:
        shell = shlex.join([command, "simulate", "population.nix", *options]) + " >&-"
        done = subprocess.run(shell, shell=True, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == ["a.csv", "a.png", "population.nix"]
    assert (folder / "a.csv").read_text().startswith("# 5 models of population.nix")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send SIGINT to one process")
def test_an_interruption_is_one_line_and_exit_code_130(folder, population):
    save_population(population, "population.csv")
    command = shutil.which("elephant-dic", path=Path(sys.executable).parent)
    process = subprocess.Popen(
        [command, "simulate", "population.csv", "--duration", "300"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout.readline().startswith("Population: 5 models")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.strip()) == (130, "", "elephant-dic: interrupted")
