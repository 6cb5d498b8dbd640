"""The command elephant-dic train: what it prints and writes."""

import json
from pathlib import Path

import numpy as np
import pytest
from support.command_line import folder, succeed

from elephant_dic import get_neuron
from elephant_dic.emulation.files import read_emulator
from elephant_dic.inference.regressor import read_regressor
from elephant_dic.training import network, sets
from elephant_dic.trains import ACTIVITIES

__all__ = ["folder"]  # a fixture

N = 120  # cells in a chunk, of 2000


@pytest.mark.slow
def test_both_networks_of_a_neuron_are_trained_on_the_same_cells(capsys, folder, monkeypatch):
    for module in (sets, network):
        monkeypatch.setattr(module, "CELLS_PER_CHUNK", N)
    Path("new").mkdir()
    out, _ = succeed(capsys, "train", "stg", "--cells", 2 * N, "--out", "new", "--seed", 3)
    written = {f"stg.{suffix}" for suffix in ("keras", "json", "npz")}
    written |= {"stg-emulator.keras", "stg-emulator.json", "set", "broad"}
    assert {path.name for path in Path("new").iterdir()} == written
    assert len(list(Path("new/set").glob("chunk_*.npz"))) == 2
    (broad,) = Path("new/broad").glob("chunk_*.npz")
    with np.load(broad) as chunk:
        assert chunk["conductances"][:, 0].max() > 7000  # Na is up to 8000, of the family rarely
        assert chunk["conductances"].shape == (N, 8)
    stg = get_neuron("stg")
    cards = [json.loads(Path(f"new/stg{kind}.json").read_text()) for kind in ("", "-emulator")]
    assert [card["seed"] for card in cards] == [3, 3]
    assert read_regressor(stg, Path("new")).card == cards[0]
    assert read_emulator(stg, "new").card == cards[1]
    counts = cards[1]["n_cells"]
    assert (list(counts), sum(counts.values())) == (list(ACTIVITIES), 3 * N)  # a third of broad ranges
    assert out[0] == "Network of neuron stg: new/stg.keras, .json, .npz"
    first = out.index("Emulator of neuron stg: new/stg-emulator.keras, .json")
    assert out[first + 1] == "Cells: " + ", ".join(f"{n:,} {activity}" for activity, n in counts.items())
    share = cards[1]["held_out"]["class"]
    assert out[first + 2] == f"Cells kept from training: class right in {share:.1%}; median errors of"
    errors = {name: each["median_error"] for name, each in cards[1]["held_out"].items() if name != "class"}
    rows = [line.split() for line in out[first + 3 :] if line.startswith("  ")]
    assert [" ".join(row[:-1]) for row in rows] == [name.replace("_", " ") for name in errors]
    assert [row[-1] for row in rows] == [f"{error:.2%}" for error in errors.values()]
    # Both chunks have noise; a library is of cells without.
    assert "No library: a library needs chunks of cells without noise" in " ".join(out)
