"""Libraries of simulated cells, from which the search for a recording's firing begins."""

from dataclasses import replace

import numpy as np
import pytest

from elephant_dic import get_neuron
from elephant_dic.neurons import dics_of
from elephant_dic.search.library import (
    Library,
    Neighbours,
    _sparse,
    load_library,
    make_library,
    save_library,
)
from elephant_dic.search.settings import SETTINGS
from elephant_dic.training.sets import make_chunk, save_whole
from elephant_dic.trains import ACTIVITIES, FIGURES, Firing

PYLORIC = get_neuron("pyloric")
TONIC, BURSTING = ACTIVITIES.index("tonic"), ACTIVITIES.index("bursting")
CELL = np.array([300.0, 60, 5, 4, 15, 20, 0.03, 0.02])


def library(*cells):
    """A library of cells given by their class and figures; cell i has i % more of all conductances."""
    figures = np.full((len(cells), len(FIGURES)), np.nan)
    for row, (_, known) in zip(figures, cells, strict=True):
        for name, value in known.items():
            row[list(FIGURES).index(name)] = value
    return Library(
        np.outer(1.0 + 0.01 * np.arange(len(cells)), CELL),
        np.array([activity for activity, _ in cells]),
        figures,
    )


def bursts(n, rate, duration, intra):
    names = "spikes_per_burst", "burst_rate", "burst_duration", "intra_burst_rate"
    return dict(zip(names, (n, rate, duration, intra), strict=True))


def test_distances_by_hand():
    found = library(
        (BURSTING, bursts(4, 1.0, 100, 30)),
        (BURSTING, bursts(4, 1.0, 100, 60)),
        (BURSTING, bursts(2, 1.0, 100, 30)),
        (TONIC, {"rate": 4.0}),
    )
    recording = Firing("bursting", 4.0, 0.5, 4, 1.0, 100, 30)
    # One spike more is a quarter, 2.5 times what counts at a tolerance of 10 %.
    expected = [0, np.log(2), np.log(2) / 2.5, np.inf]
    assert found.distances(recording) == pytest.approx(expected)
    assert found.distances(Firing("tonic", 2.0, 0.1))[3] == pytest.approx(np.log(2))
    assert np.isfinite(found.distances(Firing("irregular", 2.0, 0.8))).tolist() == [False, False, False, True]


def free_targets(m):
    return np.tile([np.nan, np.nan, np.nan], (m, 1))


def test_candidates_come_from_the_nearest_cells_of_the_class():
    found = library(
        *[(TONIC, {"rate": 1.0 + 0.01 * i}) for i in range(300)], (BURSTING, bursts(4, 1, 100, 30))
    )
    targets = np.array([np.nan, -3.0, 0.3])
    near = Neighbours(
        found,
        PYLORIC,
        Firing("tonic", 1.0, 0.0),
        lambda m: np.tile(targets, (m, 1)),
        np.random.default_rng(0),
    )
    table = near.draw(64)
    assert (near.distances[:-1] <= near.distances[1:]).all()
    assert len(near.cells) == 300
    sizes = table[32:] / CELL  # those that are not moved to DICs
    assert np.exp(np.log(sizes).mean(axis=1)).max() < 2 * 1.3
    assert (np.abs(np.log(sizes) - np.log(sizes).mean(axis=1, keepdims=True)) < 0.5).all()
    moved = dics_of(PYLORIC, table[:32])[:, 1:]
    reached = np.isclose(moved, targets[1:], atol=2e-3).all(axis=1)
    assert 0.2 < reached.mean() < 0.9
    again = Neighbours(
        found,
        PYLORIC,
        Firing("tonic", 1.0, 0.0),
        lambda m: np.tile(targets, (m, 1)),
        np.random.default_rng(0),
    )
    assert (again.draw(64) == table).all()


def tonic_library(n):
    return library(*[(TONIC, {"rate": 1.0 + 0.01 * i}) for i in range(n)])


def near(found, settings=SETTINGS, targets=free_targets, seed=0):
    rng = np.random.default_rng(seed)
    return Neighbours(found, PYLORIC, Firing("tonic", 1.0, 0.0), targets, rng, settings)


def test_more_cells_are_parents_where_more_candidates_are_wanted():
    exact = replace(SETTINGS, library_varied=0.0, library_compensated=0.0)
    for n, n_parents in ((10, 100), (200, 100), (500, 250), (1000, 300)):
        table = near(tonic_library(300), exact).draw(n)
        parents = np.round((table[:, 0] / CELL[0] - 1) / 0.01).astype(int)
        assert table == pytest.approx(np.outer(1 + 0.01 * parents, CELL))
        assert parents.max() < n_parents
        if n >= 500:
            assert parents.max() > 0.9 * n_parents


def test_near_cells_are_parents_more_often():
    exact = replace(SETTINGS, library_varied=0.0, library_compensated=0.0)
    table = near(tonic_library(100), exact).draw(100_000)
    counts = np.bincount(np.round((table[:, 0] / CELL[0] - 1) / 0.01).astype(int), minlength=100)
    distance = np.log(1 + 0.01 * np.arange(100))
    expected = 1 / (1 + (distance / np.median(distance)) ** 2)
    assert counts[:10].sum() / counts[-10:].sum() == pytest.approx(
        expected[:10].sum() / expected[-10:].sum(), rel=0.05
    )


def test_half_of_the_candidates_are_moved_and_all_are_varied():
    asked = []

    def targets(m):
        asked.append(m)
        return np.tile([np.nan, -3.0, 0.3], (m, 1))

    found = near(library((TONIC, {"rate": 1.0})), targets=targets)
    table = found.draw(401)
    assert asked == [200]
    assert np.log(table[200:] / CELL).std(axis=0) == pytest.approx(np.full(8, 0.1), rel=0.25)
    reached = np.isclose(dics_of(PYLORIC, table)[:, 1:], [-3.0, 0.3], atol=2e-3).all(axis=1)
    assert reached[:200].sum() > 0
    assert not reached[200:].any()
    for seed in range(3):
        assert not (near(library((TONIC, {"rate": 1.0})), seed=seed).draw(20) == table[:20]).any()


def test_a_library_without_cells_of_the_class_has_no_neighbours():
    found = library((BURSTING, bursts(4, 1, 100, 30)), (TONIC, {}))
    assert len(near(found).cells) == 0


def test_cells_that_few_fire_like_are_chosen():
    rates = np.r_[np.full(200, 5.0) * np.linspace(0.999, 1.001, 200), np.geomspace(20, 2000, 20)]
    found = library(*[(TONIC, {"rate": rate}) for rate in rates], (BURSTING, bursts(4, 1, 100, 30)))
    rng = np.random.default_rng(0)
    chosen = _sparse(found, "tonic", 25, rng)
    assert len(set(chosen)) == 25
    assert np.sum(chosen >= 200) >= 18
    assert (chosen < 220).all()
    assert _sparse(found, "tonic", 220, rng).tolist() == list(range(220))
    assert _sparse(found, "bursting", 0, rng).tolist() == [220]  # so few that none can be left out
    # Five that are alike are rare all the same: only their tenth neighbour is far.
    rates = np.r_[5.0 * np.linspace(0.99, 1.01, 200), 50.0 * np.linspace(0.9999, 1.0001, 5)]
    few = library(*[(TONIC, {"rate": rate}) for rate in rates])
    assert np.sum(_sparse(few, "tonic", 10, rng) >= 200) == 5
    eleven = library(*[(TONIC, {"rate": rate}) for rate in range(1, 12)])
    assert len(_sparse(eleven, "tonic", 5, rng)) == 5


def test_what_is_observed_of_a_cell(tmp_path):
    """Its first ten seconds: in a training set cells have settled."""
    inside = np.arange(0.0, 9000, 500)
    outside = np.r_[inside, 10_000 + np.arange(0.0, 3000, 9.0)]
    path = tmp_path / "chunk.npz"
    save_whole(
        path, noise_std=np.zeros(2), conductances=np.array([CELL, 2 * CELL]),
        spikes=np.r_[outside, inside[:2]], counts=np.array([len(outside), 2]),
    )  # fmt: skip
    found = make_library(PYLORIC, [path], 1000, seed=0)
    assert found.activity.tolist() == [TONIC]
    assert found.figures[0, 0] == pytest.approx(2.0)
    assert found.conductances == pytest.approx(CELL[None])


def test_shares_of_the_classes(tmp_path):
    trains = [np.arange(0.0, 10_000, 100 + i) for i in range(60)]
    path = tmp_path / "chunk.npz"
    save_whole(
        path, noise_std=np.zeros(60), conductances=np.outer(np.arange(1.0, 61), CELL),
        spikes=np.concatenate(trains), counts=np.array([len(times) for times in trains]),
    )  # fmt: skip
    found = make_library(PYLORIC, [path], 100, seed=0)
    assert found.activity.tolist() == [TONIC] * 20
    assert (np.diff(found.conductances[:, 0]) > 0).all()  # in the order of the set
    assert found.conductances.dtype == np.float32
    assert len(make_library(PYLORIC, [path, path], 1000, seed=0).activity) == 120


def test_damaged_libraries_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("elephant_dic.search.library.weights_folder", lambda neuron: tmp_path)
    neuron, path = replace(PYLORIC, name="toy"), tmp_path / "toy-library.npz"
    assert load_library(neuron) is None
    load_library.cache_clear()
    path.write_bytes(b"no archive")
    with pytest.raises(ValueError, match=r"the library of neuron 'toy', .*toy-library.npz, is damaged: "):
        load_library(neuron)
    np.savez(path, conductances=CELL[None])
    with pytest.raises(ValueError, match="is damaged: .*activity"):
        load_library(neuron)
    made = library((TONIC, {"rate": 1.0}))
    save_library(replace(made, conductances=CELL[None, :7]), neuron, path, "a command")
    with pytest.raises(ValueError, match="is of a neuron with other channels"):
        load_library(neuron)
    save_library(made, replace(neuron, threshold_voltage=-50.0), path, "a command")
    with pytest.raises(ValueError, match="is of another declaration of it: make it again"):
        load_library(neuron)
    save_library(made, neuron, path, "a command")
    assert load_library(neuron).conductances.tolist() == [CELL.tolist()]


def test_a_library_is_chosen_from_a_training_set(tmp_path):
    rng, names = np.random.default_rng(0), ["quiet", "noisy"]
    paths = [tmp_path / f"{name}.npz" for name in names]
    chunk = make_chunk(PYLORIC, 48, 9000.0, seed=1, chunk=0)
    assert not chunk["noise_std"].any()
    save_whole(paths[0], **chunk)
    save_whole(paths[1], **(chunk | {"noise_std": np.eye(48)[0], "conductances": rng.uniform(size=(48, 8))}))
    found = make_library(PYLORIC, paths, 16, seed=3)
    assert 4 < len(found.activity) <= 17
    assert ACTIVITIES.index("silent") not in found.activity
    assert np.isin(found.conductances, chunk["conductances"].astype(np.float32)).all()
    assert np.isfinite(found.figures[found.activity == BURSTING]).all()
    with pytest.raises(ValueError, match="a library needs chunks of cells without noise"):
        make_library(PYLORIC, paths[1:], 16, seed=3)
    save_library(found, PYLORIC, tmp_path / "made.npz", "a command")
    with np.load(tmp_path / "made.npz") as file:
        assert str(file["command"]) == "a command"
        assert (file["figures"] == found.figures)[found.activity == BURSTING].all()


def test_only_neurons_with_a_library_have_one():
    assert load_library(get_neuron("stg")) is None
    shipped = load_library(PYLORIC)
    assert len(shipped.conductances) == len(shipped.activity) == len(shipped.figures) > 1000
    assert (shipped.conductances[:, PYLORIC.leak_index] >= 0.002).all()
