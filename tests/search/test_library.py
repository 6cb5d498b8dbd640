"""Libraries of simulated cells, from which the search for a recording's firing begins."""

import numpy as np
import pytest

from elephant_dic import get_neuron
from elephant_dic.neurons import dics_of
from elephant_dic.search.library import Library, Neighbours, load_library, make_library, save_library
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


def test_a_library_is_chosen_from_a_training_set(tmp_path):
    rng, names = np.random.default_rng(0), ["quiet", "noisy"]
    paths = [tmp_path / f"{name}.npz" for name in names]
    chunk = make_chunk(PYLORIC, 48, 9000.0, seed=1, chunk=0)
    assert not chunk["noise_std"].any()
    save_whole(paths[0], **chunk)
    save_whole(paths[1], **(chunk | {"noise_std": np.ones(48), "conductances": rng.uniform(size=(48, 8))}))
    found = make_library(PYLORIC, paths, 16, seed=3)
    assert 4 < len(found.activity) <= 17
    assert ACTIVITIES.index("silent") not in found.activity
    assert np.isin(found.conductances, chunk["conductances"].astype(np.float32)).all()
    assert np.isfinite(found.figures[found.activity == BURSTING]).all()
    with pytest.raises(ValueError, match="a library needs chunks of cells without noise"):
        make_library(PYLORIC, paths[1:], 16, seed=3)
    save_library(found, tmp_path / "made.npz", "a command")
    with np.load(tmp_path / "made.npz") as file:
        assert str(file["command"]) == "a command"
        assert (file["figures"] == found.figures)[found.activity == BURSTING].all()


def test_only_neurons_with_a_library_have_one():
    assert load_library(get_neuron("stg")) is None
    shipped = load_library(PYLORIC)
    assert len(shipped.conductances) == len(shipped.activity) == len(shipped.figures) > 1000
    assert (shipped.conductances[:, PYLORIC.leak_index] >= 0.002).all()
