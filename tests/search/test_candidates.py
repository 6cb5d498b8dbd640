"""Candidates, where the search begins."""

from dataclasses import replace

import neo
import numpy as np
import pytest
import quantities as pq

from elephant_dic import get_neuron
from elephant_dic.inference import infer
from elephant_dic.neurons import dics_of
from elephant_dic.search import Candidates
from elephant_dic.search.settings import SETTINGS
from elephant_dic.trains import Firing

STG, DA, PYLORIC = map(get_neuron, ("stg", "da", "pyloric"))
TRAIN = neo.SpikeTrain(np.arange(1, 60) * 80.0, units=pq.ms, t_stop=5000 * pq.ms)
TONIC = Firing("tonic", 12.5, 0.0)


def candidates(neuron, seed=0):
    return Candidates(neuron, infer(TRAIN, neuron).estimate, np.random.default_rng(seed))


def test_targets_are_drawn_from_the_estimate_and_leave_g_f_free():
    made = candidates(STG)
    targets = made.targets(2000)
    assert np.isnan(targets[:, 0]).all()
    assert targets[:, 1:].mean(axis=0) == pytest.approx(made.estimate.mean[1:], abs=0.5)
    assert targets[:, 1:].std(axis=0) == pytest.approx(made.estimate.std[1:], rel=0.15)


def test_cells_have_the_dics_that_were_drawn():
    made, twin = candidates(STG), candidates(STG)
    table, targets = made.draw(50), twin.targets(50)
    reached = np.isclose(dics_of(STG, table)[:, 1:], targets[:, 1:], atol=0.02).all(axis=1)
    assert reached.sum() >= 50 - made.n_redrawn
    assert reached.mean() > 0.7


def test_redrawn_dics_are_counted():
    class OftenOutOfReach(Candidates):
        def targets(self, n):
            return np.where(self.rng.random((n, 1)) < 0.5, [[np.nan, -5.0, 8.0]], [[np.nan, -5.0, -100.0]])

    made = OftenOutOfReach(DA, infer(TRAIN, STG).estimate, np.random.default_rng(0))
    assert made.n_redrawn == 0
    assert np.isclose(dics_of(DA, made.draw(100))[:, 2], 8, atol=0.02).all()
    first = made.n_redrawn
    assert 60 < first < 150  # half of the draws, and of those again, and so on: one a cell
    made.draw(100)
    assert made.n_redrawn > first + 60


def test_neurons_with_a_library_start_near_it():
    made = candidates(STG)
    assert made.near(TONIC) == made.draw
    near = candidates(PYLORIC).near(TONIC, replace(SETTINGS, library_nearest=7, library_share=0.0,
                                                   library_varied=0.0, library_compensated=0.0))  # fmt: skip
    assert 1 < len(np.unique(near(200)[:, 0])) <= 7


def test_without_like_cells_a_library_is_left_out(monkeypatch):
    from elephant_dic.search import candidates as module
    from elephant_dic.search.library import Library

    none = Library(np.ones((1, 8)), np.array([1]), np.full((1, 6), np.nan))
    monkeypatch.setattr(module, "load_library", lambda neuron: none)
    made = candidates(PYLORIC)
    assert made.near(TONIC) == made.draw
