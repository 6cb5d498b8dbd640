"""The forward pass in numpy: by hand, as Keras computes it, and the same alone and among others."""

import numpy as np
import pytest

from elephant_dic import get_neuron, list_neurons
from elephant_dic.emulation import load_emulator, network_inputs
from elephant_dic.inference import Network, card_of
from elephant_dic.inference.forward_pass import Dense, through
from elephant_dic.inference.regressor import load_regressor
from elephant_dic.neurons import reference_population, weights_folder

#: Keras computes in single precision: outputs differ by so much of the largest at most.
SINGLE = 5e-6
#: Neurons with networks for trains without a current.
TRAINED = [name for name in list_neurons() if card_of(get_neuron(name))]


def silu(x):
    return x / (1 + np.exp(-x))


def test_a_dense_layer_by_hand():
    layer = Dense([[1.0, 0.0, 2.0], [3.0, -1.0, 0.0]], [0.5, 0.0, -2.0], silu=False)
    assert through([layer], np.array([[1.0, 2.0], [0.0, 1.0]])).tolist() == [[7.5, -2, 0], [3.5, -1, -2]]


def test_layers_follow_each_other_and_bend():
    layers = [lambda x: x + 1, Dense([[2.0]], [0.0], silu=True), Dense([[-1.0]], [3.0], silu=False)]
    found = Network(layers, "")(np.array([[0.0], [-1.0], [4.0]]))
    assert found[:, 0] == pytest.approx(3 - silu(np.array([2.0, 0.0, 10.0])), abs=1e-9)


def test_what_is_far_below_zero_becomes_zero_in_silence(recwarn):
    assert through([Dense([[1.0]], [0.0], silu=True)], np.array([[-1e6], [1e6]]))[:, 0].tolist() == [0, 1e6]
    assert not recwarn.list


@pytest.mark.parametrize("n_out", [80, 256, 1000])
def test_a_layer_of_many_columns_is_multiplied_in_pieces(n_out):
    rng = np.random.default_rng(0)
    kernel, bias, rows = (rng.standard_normal(shape) for shape in ((256, n_out), n_out, (20, 256)))
    assert through([Dense(kernel, bias, silu=False)], rows) == pytest.approx(rows @ kernel + bias, abs=2e-9)


@pytest.mark.parametrize("n", [0, 1, 16, 17, 2100])
def test_there_is_one_output_for_each_row(n):
    rows = np.linspace(-1, 1, 3 * n).reshape(n, 3)
    found = through([lambda x: 2 * x], rows)
    assert found.shape == (n, 3)
    assert found == pytest.approx(2 * rows, abs=1e-9)


def test_outputs_are_rounded():
    assert through([lambda x: x / 3], np.array([[1.0]])).tolist() == [[0.333333333]]


# The networks of the package


def domain_of(neuron):
    """Trains of the training, as the network sees them."""
    domain = load_regressor(neuron).domain
    return domain.reference[:1500] * domain.scale + domain.center


def cells_of(neuron):
    emulator, rng = load_emulator(neuron), np.random.default_rng(0)
    cells = reference_population(neuron, 1500, rng)
    return network_inputs(cells, rng.uniform(0, 3, 1500), emulator.leak_index, emulator.magnitudes)


@pytest.mark.parametrize("kind", ["regressor", "emulator"])
@pytest.mark.parametrize("name", TRAINED)
def test_it_is_what_keras_computes(name, kind):
    import keras

    neuron = get_neuron(name)
    network, inputs, stem = {
        "regressor": lambda: (load_regressor(neuron)._network, domain_of(neuron), name),
        "emulator": lambda: (load_emulator(neuron)._network, cells_of(neuron), f"{name}-emulator"),
    }[kind]()
    model = keras.models.load_model(weights_folder(neuron) / f"{stem}.keras", compile=False)
    expected, found = np.asarray(model([inputs.astype(np.float32)])), network(inputs)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < SINGLE * np.abs(expected).max()


@pytest.mark.parametrize("name", TRAINED)
def test_a_row_gives_the_same_alone_and_among_others(name):
    neuron = get_neuron(name)
    for network, inputs in (
        (load_regressor(neuron)._network, domain_of(neuron)),
        (load_emulator(neuron)._network, cells_of(neuron)),
    ):
        together = network(inputs)
        assert np.array_equal(network(inputs[3:]), together[3:])  # at other places of the blocks
        for row in (0, 15, 16, 1025):
            assert np.array_equal(network(inputs[[row]])[0], together[row])
