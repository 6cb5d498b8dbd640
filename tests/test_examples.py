"""The example scripts run, and what they write is read by neo."""

import importlib.util
import re
from pathlib import Path

import neo
import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


def load(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def example():
    return load("neo_elephant_viziphant")


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_from_a_block_through_elephant_and_back(example, tmp_path, capsys):
    path = example.main(folder=tmp_path)
    out = capsys.readouterr().out
    assert re.search(r"A: 9\.\d\d Hz, CV2 0\.0\d, good; g_f -", out)
    assert re.search(r"B: \d\d\.\d\d Hz, CV2 0\.\d\d, (bad|doubtful); g_f -", out)
    assert "population.nix: DIC population, segments recording, simulation" in out
    with neo.NixIO(str(path), mode="ro") as file:
        block = file.read_block()
    recording, simulation = block.segments
    with neo.NixIO(str(tmp_path / "two_cells.nix"), mode="ro") as file:
        given = file.read_block().segments[0].spiketrains[0]
    np.testing.assert_array_equal(recording.spiketrains[0].magnitude, given.magnitude)
    assert len(simulation.spiketrains) == block.annotations["n_members"] == 5


def test_pictures_by_viziphant(example, tmp_path):
    pytest.importorskip("viziphant")
    example.example_block(tmp_path / "a.nix")
    with neo.NixIO(str(tmp_path / "a.nix"), mode="ro") as file:
        trains = file.read_block().segments[0].spiketrains
    assert example.draw(trains, tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 5000
