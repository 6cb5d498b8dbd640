"""Networks in .keras files, read without Keras: by hand, and those that are refused."""

import io
import json
import zipfile
from functools import partial

import h5py
import numpy as np
import pytest

from elephant_dic.inference import UNUSABLE, network_files, network_of_card, read_network, unusable

WEIGHTS = {
    "layers/normalization/vars/0": np.array([1.0, -1.0], "f4"),
    "layers/normalization/vars/1": np.array([4.0, 0.25], "f4"),
    "layers/normalization/vars/2": np.array(7),
    "layers/dense/vars/0": np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]], "f4"),
    "layers/dense/vars/1": np.array([0.0, 0.5, 1.0], "f4"),
    "layers/dense_1/vars/0": np.array([[1.0], [1.0], [1.0]], "f4"),
    "layers/dense_1/vars/1": np.array([-2.0], "f4"),
}


def layer(kind, name, before, *numbers, **config):
    tensor = {"class_name": "__keras_tensor__", "config": {"keras_history": [before, 0, 0]}}
    nodes = [{"args": [tensor, *numbers], "kwargs": {}}]
    return {"class_name": kind, "name": name, "config": {"name": name} | config, "inbound_nodes": nodes}


def dense(name, before, units, activation="linear"):
    return layer("Dense", name, before, units=units, activation=activation, use_bias=True)


def chain():
    """Two inputs: standardised, clipped to 1 standard deviation, three sums, and one of these."""
    return [
        {"class_name": "InputLayer", "name": "in", "config": {"batch_shape": [None, 2]}, "inbound_nodes": []},
        layer("Normalization", "scale", "in", axis=[-1], invert=False, mean=None, variance=None),
        layer("Add", "up", "scale", 1.0),
        layer("ReLU", "clip", "up", max_value=2.0, negative_slope=0.0, threshold=0.0),
        layer("Subtract", "down", "clip", 1.0),
        dense("one", "down", 3),
        dense("two", "one", 1),
    ]


def hdf5(weights):
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        for name, values in weights.items():
            file[name] = values
    return content.getvalue()


def write(path, layers=None, weights=WEIGHTS, output=None):
    layers = chain() if layers is None else layers
    config = {"layers": layers, "output_layers": output or [[layers[-1]["name"], 0, 0]]}
    weights = hdf5(weights) if isinstance(weights, dict) else weights
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps({"config": config}))
        archive.writestr("model.weights.h5", weights)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "some.keras"


def test_a_network_by_hand(path):
    write(path)
    # (3, -1) is (1, 0) when standardised: sums 1 + 0, 0 + 0.5, 2 + 1; (9, -0.5) is (4, 1), clipped to (1, 1)
    found = read_network(path)(np.array([[3.0, -1.0], [9.0, -0.5]]))
    assert found == pytest.approx(np.array([[1 + 0.5 + 3 - 2], [1 + 1.5 + 2 - 2]]), abs=1e-9)


def test_silu_by_hand(path):
    layers = chain()
    layers[-2]["config"]["activation"] = "silu"
    write(path, layers)
    sums = np.array([1.0, 0.5, 3.0])
    expected = (sums / (1 + np.exp(-sums))).sum() - 2
    assert read_network(path)(np.array([[3.0, -1.0]])) == pytest.approx(np.array([[expected]]), abs=1e-9)


def test_a_variance_of_nothing_does_not_divide_by_it(path):
    weights = WEIGHTS | {"layers/normalization/vars/1": np.zeros(2, "f4")}
    write(path, weights=weights)
    assert np.isfinite(read_network(path)(np.array([[3.0, -1.0]]))).all()


def test_the_weights_are_those_of_the_card_or_refused(path):
    write(path)
    digest = read_network(path).weights_sha256
    assert network_of_card(path, digest).weights_sha256 == digest
    for name in WEIGHTS:
        write(path, weights=WEIGHTS | {name: WEIGHTS[name] + 1})
        with pytest.raises(ValueError, match="its weights are not those of the card"):
            network_of_card(path, digest)


def test_the_hash_is_that_of_the_weights_of_keras(path):
    import hashlib

    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.Dense(1)])
    keras.Model(model.inputs, model.outputs).save(path)
    content = b"".join(weight.tobytes() for weight in model.get_weights())
    assert read_network(path).weights_sha256 == hashlib.sha256(content).hexdigest()


# What is refused


def changed(index, **config):
    def make():
        layers = chain()
        layers[index]["config"] |= config
        return layers

    return make


def without(index):
    return lambda: [each for k, each in enumerate(chain()) if k != index]


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        (lambda: [*chain()[:-1], layer("Lambda", "two", "one")], "it has a layer Lambda, and only Normal"),
        (lambda: chain()[1:], "its first layer is Normalization, no InputLayer"),
        (without(2), "layer clip does not follow scale"),
        (changed(1, invert=True), "invert of layer scale is True, and only False is known"),
        (changed(1, axis=[0]), "axis of layer scale is"),
        (changed(3, threshold=1.0), "threshold of layer clip is 1.0, and only 0 is known"),
        (changed(3, max_value=None), "NoneType"),
        (changed(5, activation="tanh"), "the activation of a layer is 'tanh', and only silu and linear"),
        (changed(5, use_bias=False), "use_bias of layer one is False"),
        (changed(5, units=4), r"the weights of layers/dense have shapes .*\(3,\)\], and not \[\(2, 4\), "),
        (changed(0, batch_shape=[None, 3]), "the weights of layers/normalization have shapes"),
        (changed(0, batch_shape=[None]), "not enough values"),
        (lambda: [], "config.json in it describes no layers"),
        (lambda: [*chain()[:1], chain()[1] | {"inbound_nodes": []}], "layer scale does not follow one other"),
        (lambda: [*chain()[:4], layer("Subtract", "down", "clip")], "number"),
        (lambda: [*chain(), dense("three", "two", 1)], "it holds no weights of layers/dense_2"),
    ],
)
def test_other_layers_are_refused(path, layers, reason):
    layers = layers()
    write(path, layers, output=None if layers else [["two", 0, 0]])
    with pytest.raises(UNUSABLE, match=reason):
        read_network(path)


def test_an_output_that_is_not_the_last_is_refused(path):
    write(path, output=[["one", 0, 0]])
    with pytest.raises(ValueError, match="its output is not that of its last layer, two"):
        read_network(path)


def with_values(name, values):
    return lambda weights: hdf5(weights | {name: values})


def more_weights(weights):
    return hdf5(weights | {"layers/dense/vars/2": np.zeros(3, "f4")})


def claiming(weights):
    """A dataset that says to be larger than its file, which holds nothing of it."""
    content = io.BytesIO(hdf5(weights))
    with h5py.File(content, "r+") as file:
        file.create_dataset("layers/large", (2**27,), "f8")
    return content.getvalue()


def elsewhere(weights):
    content = io.BytesIO(hdf5({k: v for k, v in weights.items() if "dense_1" not in k}))
    with h5py.File(content, "r+") as file:
        file["layers/dense_1"] = h5py.ExternalLink("other.h5", "layers/dense_1")
    return content.getvalue()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (more_weights, "the weights of layers/dense have shapes"),
        (claiming, "its weights cannot be read: layers/large claims .* bytes more than this file"),
        (with_values("layers/dense/vars/0", np.full((2, 3), np.nan, "f4")), "layers/dense are not finite"),
        (with_values("layers/dense/vars/1", np.array([1, 2, 3])), "layers/dense are of type int64"),
        (with_values("layers/dense/vars/1", np.array([b"1", b"2", b"3"])), "layers/dense are of type"),
        (with_values("layers/normalization/vars/1", np.array([-1.0, 1.0], "f4")), "negative variances"),
        (elsewhere, "its weights cannot be read: layers/dense_1 is a link to another file"),
        (lambda weights: b"no HDF5", "signature not found"),
        (lambda weights: hdf5(weights)[:-100], "truncated"),
    ],
)
def test_weights_that_are_not_as_they_should_be_are_refused(path, make, reason):
    write(path, weights=make(WEIGHTS))
    with pytest.raises(UNUSABLE, match=reason):
        read_network(path)


@pytest.mark.parametrize("name", ["config.json", "model.weights.h5"])
def test_a_file_that_claims_too_much_is_refused_before_it_is_read(path, name, monkeypatch):
    write(path)
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo(name).file_size
        others = [each.file_size for each in archive.infolist() if each.filename != name]
    monkeypatch.setattr(network_files, "_MOST_BYTES", size - 1)
    if name == "model.weights.h5":
        assert max(others) < size
    with pytest.raises(
        ValueError, match=rf"in it claims [\d,]+ bytes, and a network has at most {size - 1:,}"
    ):
        read_network(path)
    monkeypatch.setattr(network_files, "_MOST_BYTES", max(size, *others))
    read_network(path)


@pytest.mark.parametrize("name", ["config.json", "model.weights.h5"])
def test_a_file_that_is_not_there_is_named(path, name):
    with zipfile.ZipFile(path, "w") as archive:
        for other in {"config.json", "model.weights.h5"} - {name}:
            archive.writestr(other, '{"config": {}}')
    with pytest.raises(ValueError, match=f"it holds no {name}"):
        read_network(path)


def test_what_is_said_of_an_error_without_words(path):
    said = partial(unusable, "network", "stg", path)
    assert "because of some.keras: EOFError; install" in str(said(EOFError()))
    assert "because of some.keras: it is damaged ('units' is missing in it); install" in str(
        said(KeyError("units"))
    )
    assert "it is damaged (no attribute); install" in str(said(AttributeError("no attribute")))
    assert "because of some.keras: first; install" in str(said(ValueError("first\nsecond")))
