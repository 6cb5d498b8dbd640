"""What a neuron needs for recordings under current steps: made, written, read again."""

from dataclasses import replace

import numpy as np
import pytest

from elephant_dic.inference.step_regressor import read_step_regressor
from elephant_dic.neurons import get_neuron
from elephant_dic.steps import train_for_steps
from elephant_dic.steps.library import DENSITIES, make_library, ranges_of_cells
from elephant_dic.trains import STEP_FEATURES, features_of_levels

CORTICAL = get_neuron("cortical")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("training")
    train_for_steps("cortical", place, n_cells=120, epochs=1, seed=5)
    return place


def test_library_and_network_are_written_and_read(folder):
    regressor = read_step_regressor(CORTICAL, folder / "cortical-steps.json")
    assert regressor.card["command"] == "elephant-dic train cortical --steps --cells 120 --seed 5"
    assert regressor.card["n_views"] == 4 * 120
    (estimate,) = regressor.estimate(np.zeros(len(STEP_FEATURES)))
    assert np.isfinite(estimate.mean).all()
    with np.load(folder / "cortical-steps.npz") as stored:
        assert stored["table"].shape == (120, 11)
        assert stored["counts"].shape == (120, len(DENSITIES), 2)
        again = make_library(CORTICAL, ranges_of_cells(CORTICAL), 120, 5)
        assert np.array_equal(stored["counts"], again.counts)


def test_a_network_of_another_declaration_is_refused(folder):
    other = replace(CORTICAL, initial_voltage=-60.0)
    with pytest.raises(ValueError, match="another declaration of this neuron"):
        read_step_regressor(other, folder / "cortical-steps.json")


def test_a_neuron_without_ranges_has_no_cells_to_draw(tmp_path):
    with pytest.raises(ValueError, match="neuron stg declares no ranges of conductances"):
        train_for_steps(replace(get_neuron("stg"), broad=None, training=_without_strangers()), tmp_path)


def _without_strangers():
    return replace(get_neuron("stg").training, strangers=False)


def test_features_do_not_depend_on_the_order_of_levels_and_hold_at_the_ends():
    densities, rates = np.array([0.0, 1.0, 3.0]), np.array([0.0, 10.0, 40.0])
    latencies, adaptations = np.array([np.nan, 50.0, 10.0]), np.array([np.nan, 1.2, 1.5])
    found = features_of_levels(densities, rates, latencies, adaptations)
    order = [2, 0, 1]
    again = features_of_levels(densities[order], rates[order], latencies[order], adaptations[order])
    assert found.tolist() == again.tolist()
    by_name = dict(zip(STEP_FEATURES, found, strict=True))
    assert by_name["rate at 1"] == pytest.approx(np.log(11))
    assert by_name["rate at 2"] == pytest.approx((np.log(11) + np.log(41)) / 2)
    assert by_name["rate at 12"] == pytest.approx(np.log(41))
    assert by_name["latency at 3"] == pytest.approx(np.log(10))
    assert by_name["latency at -1"] == pytest.approx(np.log(2000))
    assert by_name["adaptation at 0"] == 0
    assert by_name["distance at 12"] == pytest.approx(np.log(0.1 + 9))
