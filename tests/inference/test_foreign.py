"""Trains that no cell of a neuron fires, and the network that tells them from its own."""

import numpy as np
import pytest

from elephant_dic import get_neuron
from elephant_dic.inference import foreign_features
from elephant_dic.inference.domain import read_domain
from elephant_dic.inference.foreign import Contrast, fit_contrast, foreign_trains
from elephant_dic.neurons import weights_folder
from elephant_dic.training.sets import make_chunk, save_whole
from elephant_dic.trains import FEATURES

STG = get_neuron("stg")


def test_each_train_gives_a_renewal_process_of_its_rate_and_a_merged_train_of_other_paces():
    trains = [np.arange(5.0, 3000, interval) for interval in (40.0, 50.0, 61.0)]
    found = foreign_trains(trains, STG, np.random.default_rng(0))
    assert len(found) == 6
    for times, renewal, merged in zip(trains, found[::2], found[1::2], strict=True):
        assert (np.diff(renewal) > 0).all()
        assert np.diff(renewal).mean() == pytest.approx(np.diff(times).mean(), rel=0.35)
        assert 0.3 < np.diff(renewal).std() / np.diff(renewal).mean() < 1.3
        assert (np.diff(merged) > 0).all()
        assert 0 <= merged[0] < merged[-1] < STG.training.window
        assert np.diff(merged).std() / np.diff(merged).mean() > 0.1  # two paces


def test_slow_trains_give_enough_spikes():
    (renewal, merged) = foreign_trains([np.arange(0.0, 9000, 2000)], STG, np.random.default_rng(0))
    assert len(renewal) == 5
    assert len(merged) == 5


def test_features_are_those_of_the_cells_of_a_chunk_that_fire(tmp_path):
    chunk = make_chunk(STG, 12, 4500.0, seed=1, chunk=3)
    save_whole(tmp_path / "chunk_00003.npz", **chunk)
    found = foreign_features(STG, [tmp_path / "chunk_00003.npz"], seed=2)
    assert found.shape[1] == len(FEATURES)
    assert 12 < len(found) <= 24
    assert len(found) % 2 == 0
    assert (foreign_features(STG, [tmp_path / "chunk_00003.npz"], seed=2) == found).all()
    assert (foreign_features(STG, [tmp_path / "chunk_00003.npz"], seed=3) != found).any()


def test_output_by_hand():
    def layer(weights, bias):
        return np.vstack([weights, [bias]])

    contrast = Contrast(
        layer([[1.0], [0.0]], 0.0), layer([[2.0]], 1.0), layer([[3.0]], -1.0), np.array(-2.0), np.array(4.0)
    )
    swish = lambda x: x / (1 + np.exp(-x))  # noqa: E731
    expected = 3 * swish(2 * swish(0.7) + 1) - 1
    assert contrast.output(np.array([[0.7, 9.0]])) == pytest.approx([expected])
    assert contrast.score(np.array([[0.7, 9.0]])) == pytest.approx([(expected + 2) / 6])
    assert contrast.output(np.array([[1e6, 0.0]])) == contrast.output(np.array([[8.0, 0.0]]))


def test_a_fitted_contrast_tells_apart_what_it_was_shown():
    rng = np.random.default_rng(0)

    def ring(n, radius):
        angle = rng.uniform(0, 2 * np.pi, n)
        return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])

    contrast = fit_contrast(ring(3000, 1.0), ring(1000, 2.0), ring(500, 1.0), seed=0)
    assert (contrast.score(ring(300, 2.0)) > 1).mean() > 0.98
    assert (contrast.score(ring(1000, 1.0)) <= 1).mean() > 0.97
    assert np.median(contrast.score(ring(300, 1.0))) == pytest.approx(0, abs=0.4)


def test_a_domain_without_contrast_is_refused(tmp_path):
    with np.load(weights_folder(STG) / "stg.npz") as file:
        arrays = {name: file[name] for name in file.files}
    np.savez(tmp_path / "stg.npz", **{k: v for k, v in arrays.items() if k != "weights_2"})
    with pytest.raises(ValueError, match="lacks weights_2"):
        read_domain(tmp_path / "stg.npz")
    np.savez(tmp_path / "stg.npz", **arrays | {"weights_1": arrays["weights_1"][1:]})
    with pytest.raises(ValueError, match="another number of features"):
        read_domain(tmp_path / "stg.npz")
