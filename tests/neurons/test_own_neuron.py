"""The example of a neuron from another package, through all commands; broken ones are left out."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from elephant_dic import get_neuron, list_neurons
from elephant_dic.inference.regressor import load_regressor
from elephant_dic.simulation import simulate

EXAMPLE = Path(__file__).parents[2] / "examples" / "thalamocortical"
COMMAND = "import sys; from elephant_dic.cli import main; sys.exit(main())"


def install(folder, module, name):
    """The entry point that pip makes of the example's pyproject.toml, or of another module's."""
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[elephant_dic.neurons]\n{name} = {module}:NEURON\n")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder in which the example is installed."""
    shutil.copytree(EXAMPLE / "thalamocortical", tmp_path / "thalamocortical")
    install(tmp_path, "thalamocortical", "thalamocortical")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("thalamocortical", None)


def test_the_entry_point_of_the_example_is_the_one_tested():
    text = (EXAMPLE / "pyproject.toml").read_text()
    assert '[project.entry-points."elephant_dic.neurons"]\nthalamocortical = "thalamocortical:NEURON"' in text


def test_where_the_network_of_another_package_belongs(folder):
    with pytest.raises(ValueError, match="train one and put thalamocortical.keras.*into .*thalamocortical$"):
        load_regressor(get_neuron("thalamocortical"))


def test_broken_neurons_are_left_out_with_a_warning(tmp_path, monkeypatch):
    (tmp_path / "shaky_lab.py").write_text("NEURON = 1 / 0")
    install(tmp_path, "shaky_lab", "shaky")
    install(tmp_path, "lost_lab", "lost")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.warns(UserWarning, match="left out: ") as caught:
        names = list_neurons()
    assert {"stg", "da", "pyloric"} <= set(names)
    assert not {"shaky", "lost"} & set(names)
    messages = sorted(str(warning.message) for warning in caught)
    assert "'lost' of lost_lab:NEURON is broken: ModuleNotFoundError" in messages[0]
    assert "'shaky' of shaky_lab:NEURON is broken: ZeroDivisionError: division by zero; repair" in messages[1]
    with pytest.raises(ValueError, match="'shaky' of shaky_lab:NEURON is broken"):
        get_neuron("shaky")


def command(folder, *arguments):
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    run = subprocess.run(
        [sys.executable, "-c", COMMAND, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": path}, cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.slow
def test_the_example_goes_through_all_commands(folder):
    module = folder / "thalamocortical"
    assert command(folder, "neurons", "check", module / "__init__.py").count("ok  ") == 8
    assert "thalamocortical" in command(folder, "neurons")
    command(folder, "train", "thalamocortical", "--cells", 2000, "--out", folder / "trained")
    for suffix in ("keras", "json", "npz"):
        shutil.copy(folder / "trained" / f"thalamocortical.{suffix}", module)
    neuron = get_neuron("thalamocortical")
    cell = np.array([[90.0, 10.0, 6.0, 0.03, 0.06]])
    times = simulate(neuron, cell, 4000.0).spike_times[0]
    assert len(times) > 20
    (folder / "spikes.csv").write_text("cell\n" + "\n".join(map(str, times[times > 1000])))
    out = command(
        folder, "reconstruct", "spikes.csv", "--time-unit", "ms", "--neuron", "thalamocortical", "--n-models",
        5, "--tolerance", 0.3, "--seed", 1, "-o", "population.csv",
    )  # fmt: skip
    assert "5 models of neuron thalamocortical" in out
    assert "Verdict: verified" in out
    assert (folder / "population.csv").is_file()
