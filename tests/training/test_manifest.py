"""Training folders go on only with what they were begun with."""

import json
from dataclasses import replace

import numpy as np
import pytest

from elephant_dic import get_neuron, train_emulator, train_regressor
from elephant_dic.training import network, sets
from elephant_dic.training.manifest import check_manifest, training_in

STG, DA = get_neuron("stg"), get_neuron("da")
MADE_WITH = {"neuron": "stg", "seed": 1, "duration": 40.0, "low": [1, 2]}


def test_a_new_folder_gets_a_manifest_and_the_same_again_is_fine(tmp_path):
    path = tmp_path / "manifest.json"
    check_manifest(path, MADE_WITH, "chunk_*.npz")
    assert json.loads(path.read_text()) == MADE_WITH
    (tmp_path / "chunk_0.npz").touch()
    check_manifest(path, MADE_WITH, "chunk_*.npz")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["chunk_0.npz", "manifest.json"]


def test_an_empty_folder_takes_the_new_manifest(tmp_path):
    path = tmp_path / "manifest.json"
    check_manifest(path, MADE_WITH, "chunk_*.npz")
    check_manifest(path, MADE_WITH | {"seed": 2}, "chunk_*.npz")
    assert json.loads(path.read_text())["seed"] == 2


def test_what_differs_is_named(tmp_path):
    path = tmp_path / "manifest.json"
    check_manifest(path, MADE_WITH, "chunk_*.npz")
    (tmp_path / "chunk_0.npz").touch()
    other = {"neuron": "da", "seed": 2, "duration": 40.0, "low": (1, 2), "broad": True}
    with pytest.raises(ValueError, match="made otherwise") as caught:
        check_manifest(path, other, "chunk_*.npz")
    text = str(caught.value)
    assert "(broad None there, True now; neuron 'stg' there, 'da' now; seed 1 there, 2 now)" in text
    assert "take another folder, or remove chunk_*.npz from this one" in text
    assert json.loads(path.read_text()) == MADE_WITH


@pytest.mark.parametrize("text", [None, "no JSON", "[1]"])
def test_files_of_which_nothing_is_told(tmp_path, text):
    (tmp_path / "chunk_0.npz").touch()
    if text:
        (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ValueError, match="holds 1 chunk_.*, but no manifest.json that tells"):
        check_manifest(tmp_path / "manifest.json", MADE_WITH, "chunk_*.npz")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"neuron": DA}, "neuron 'stg' there, 'da' now"),
        ({"neuron": replace(STG, threshold_voltage=-50.0)}, "family_fingerprint"),
        ({"seed": 2}, "seed 1 there, 2 now"),
        ({"duration": 6.0}, "duration 5.0 there, 6.0 now"),
        ({"broad": True}, "broad False there, True now"),
    ],
)
def test_chunks_of_another_run_are_not_taken_for_ours(tmp_path, monkeypatch, change, named):
    monkeypatch.setattr(sets, "CELLS_PER_CHUNK", 4)
    options = {"neuron": STG, "n_cells": 1, "folder": tmp_path, "duration": 5.0, "seed": 1}
    (path,) = sets.generate(**options)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=named):
        sets.generate(**options | change)
    assert path.read_bytes() == before
    assert sets.generate(**options) == [path]


def test_features_of_another_version_are_not_taken_for_ours(tmp_path, monkeypatch):
    monkeypatch.setattr(sets, "CELLS_PER_CHUNK", 4)
    paths = sets.generate(STG, 1, tmp_path, duration=6500.0, seed=1)
    jobs = {"executor": None, "progress": False}
    features, *_ = network.featurise_all(STG, paths, **jobs)
    assert np.array_equal(network.featurise_all(STG, paths, **jobs)[0], features)
    monkeypatch.setattr(network, "VIEWS", dict(list(network.VIEWS.items())[:2]))
    with pytest.raises(ValueError, match="features_.* that were made otherwise .views"):
        network.featurise_all(STG, paths, **jobs)


def test_two_do_not_train_in_one_folder(tmp_path):
    with training_in(tmp_path):
        for train in (train_regressor, train_emulator):
            with pytest.raises(
                ValueError, match=f"another process trains in {tmp_path}: wait until it is done"
            ):
                train("stg", tmp_path)
        assert not (tmp_path / "set").exists()


def test_what_a_killed_run_has_half_written_is_removed(tmp_path):
    for name in ("set/chunk_00001.77.part", "broad/features_00001.77.part", "set/chunk_00000.npz", "a.part"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with training_in(tmp_path):
        left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"set/chunk_00000.npz", "a.part", ".lock"}
    assert not (tmp_path / ".lock").exists()
