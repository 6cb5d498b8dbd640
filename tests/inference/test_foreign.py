"""Trains that no cell of a neuron fires, and the network that tells them from its own."""

import random

import numpy as np
import pytest

from elephant_dic import get_neuron
from elephant_dic.inference import foreign_features, keras_seeded
from elephant_dic.inference.domain import read_domain
from elephant_dic.inference.foreign import _PACED, Contrast, _merged, fit_contrast, foreign_trains
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


def test_renewal_trains_last_a_window_at_the_rate_of_the_cell():
    rng = np.random.default_rng(0)
    trains = [np.arange(0.0, 3000, 40.0)] * 200
    renewal = foreign_trains(trains, STG, rng)[::2]
    assert max(times[-1] for times in renewal) < STG.training.window
    assert min(times[-1] for times in renewal) > 0.8 * STG.training.window
    rates = [len(times) for times in renewal]
    assert np.mean(rates) == pytest.approx(STG.training.window / 40, rel=0.03)
    # gamma distributions of shapes from 1 to 3: the CVs are from 1 / sqrt(3) to 1
    cvs = np.array([np.diff(times).std() / np.diff(times).mean() for times in renewal])
    assert 0.45 < np.quantile(cvs, 0.05) < 0.65
    assert np.quantile(cvs, 0.95) > 0.85
    assert cvs.mean() == pytest.approx(2 / (1 + np.sqrt(3)), abs=0.04)  # mean of shape ** -0.5


def test_a_quarter_of_merged_trains_are_paced_by_up_to_three():
    rng, times = np.random.default_rng(0), np.arange(10.0, 600, 25.0)
    merged = [_merged([times, times], 600.0, rng) for _ in range(400)]
    as_they_are = sum(np.array_equal(each, times) for each in merged)
    assert as_they_are / 400 == pytest.approx(0.75, abs=0.06)
    first = np.array([each[0] for each in merged if not np.array_equal(each, times)]) / 10
    assert 1 / 3 <= first.min() < 0.4
    paces = np.array([_merged([times], 1e9, rng)[0] / 10 for _ in range(2000)])
    paces = np.log(paces[paces != 1])
    assert paces.min() == pytest.approx(-np.log(3), abs=0.05)
    assert paces.max() == pytest.approx(np.log(3), abs=0.05)
    assert paces.mean() == pytest.approx(0, abs=0.1)


def test_merged_trains_end_with_the_window_or_have_enough_spikes():
    class Unpaced:
        def random(self):
            return _PACED  # not below it

        def uniform(self, low, high, n):
            return np.full(n, high)

    trains = [np.array([0.0, 10, 20, 30]), np.array([5.0, 15, 20, 99, 100])]
    assert _merged(trains, 100.0, Unpaced()).tolist() == [0, 5, 10, 15, 20, 30, 99]
    assert _merged(trains, 20.0, Unpaced()).tolist() == [0, 5, 10, 15, 20, 30, 99, 100]


def test_what_is_far_is_as_far():
    first = np.vstack([np.eye(2), np.zeros(2)])
    contrast = Contrast(first, first, np.array([[1.0], [1.0], [0.0]]), np.array(0.0), np.array(1.0))
    at_8 = contrast.output(np.array([[8.0, -8.0]]))
    assert contrast.output(np.array([[99.0, -99.0]])) == at_8
    assert contrast.output(np.array([[7.9, -8.0]])) != at_8


@pytest.fixture(scope="module")
def contrast():
    rng = np.random.default_rng(3)
    own, held_out = rng.normal(-0.5, 1, (4000, 2)), rng.normal(-0.5, 1, (4000, 2))
    return fit_contrast(own, rng.normal(0.5, 1, (500, 2)), held_out, seed=1), held_out


def test_the_limit_leaves_between_985_and_995_of_1000_of_the_neurons_trains_inside(contrast):
    fitted, held_out = contrast
    # the two overlap: where foreign is as likely, far fewer of the neuron's trains would be inside
    outputs = fitted.output(held_out)
    assert (outputs > 0).mean() > 0.05
    assert (outputs <= fitted.limit).mean() == pytest.approx(0.985, abs=3e-4)
    assert (outputs <= fitted.typical).mean() == pytest.approx(0.5, abs=1e-3)


def test_foreign_trains_count_as_much_as_the_neurons_though_they_are_fewer(contrast):
    fitted, _ = contrast
    assert fitted.output(np.array([[0.0, 0.0]])) == pytest.approx([0], abs=0.35)
    # the exact logarithm of the odds is x + y
    at = np.array([[1.0, 1.0], [-1.0, -1.0]])
    assert fitted.output(at) == pytest.approx([2, -2], abs=0.7)


def test_the_limit_is_where_foreign_is_as_likely_unless_too_many_were_inside():
    rng = np.random.default_rng(4)
    own, foreign = rng.normal(0, 1, (2000, 1)), rng.normal(6, 1, (2000, 1))
    between = np.concatenate([rng.uniform(-1.5, 1.5, (990, 1)), np.full((10, 1), 6.0)])
    assert fit_contrast(own, foreign, between, seed=1).limit == 0
    assert fit_contrast(own, foreign, own, seed=1).limit < 0  # nearly all would be inside at 0


def test_keras_draws_by_the_seed_and_the_users_generators_are_as_they_were():
    import keras

    random.seed(5)
    np.random.seed(6)  # noqa: NPY002
    before = random.getstate(), repr(np.random.get_state())  # noqa: NPY002

    def drawn(seed):
        with keras_seeded(seed):
            return keras.random.normal((3,)).numpy().tolist(), random.random(), np.random.rand()  # noqa: NPY002

    assert drawn(1) == drawn(1) == drawn(1 + 2**32)
    assert drawn(1) != drawn(2)
    with pytest.raises(KeyError), keras_seeded(3):
        raise KeyError
    assert (random.getstate(), repr(np.random.get_state())) == before  # noqa: NPY002
