"""The emulator: inputs, targets and probabilities by hand; forward pass as Keras's; files."""

import json

import numpy as np
import pytest
from scipy.stats import logistic

from elephant_dic import get_neuron
from elephant_dic.emulation import (
    OUTPUTS,
    Emulator,
    load_emulator,
    network_inputs,
    network_targets,
)
from elephant_dic.emulation.emulator import LEAST
from elephant_dic.emulation.files import read_emulator
from elephant_dic.neurons import weights_folder
from elephant_dic.trains import ACTIVITIES, Firing

STG = get_neuron("stg")
TONIC = Firing("tonic", rate=10.0, cv2=0.0)


class Constant(Emulator):
    """Says the same of each cell."""

    def __init__(self, classes, locations, scales):
        self.leak_index = 0
        self.said = np.log(np.maximum(classes, 1e-300)), np.array(locations), np.array(scales)

    def predict(self, table, noise_std=0.0):
        from elephant_dic.emulation.emulator import Predictions

        return Predictions(*(np.tile(values, (len(table), 1)) for values in self.said))


def constant(p_tonic=1.0, rate=10.0, cv2=0.0):
    locations = [{"rate": np.log(rate), "cv2": cv2}.get(name, 0.0) for _, name in OUTPUTS]
    others = (1 - p_tonic) / 3 + 1e-300
    classes = [p_tonic if name == "tonic" else others for name in ACTIVITIES]
    return Constant(classes, locations, np.full(len(OUTPUTS), 0.01))


def test_inputs_by_hand():
    inputs = network_inputs(
        [[2.0, 0.0], [4.0, 1.0]], [0.0, 4.0], leak_index=0, magnitudes=np.array([2.0, 1.0])
    )
    log = np.log([1.001, 0.001])
    assert inputs[0] == pytest.approx([1, 0, *log, 0, log[1] - log[0], 0])
    assert inputs[1, -1] == 2


def test_targets_are_those_of_the_class_in_logarithms():
    figures = {name: np.array([2.0, 3.0]) for _, name in OUTPUTS}
    targets = network_targets(np.array([ACTIVITIES.index("tonic"), ACTIVITIES.index("silent")]), figures)
    known = dict(zip(OUTPUTS, targets[0], strict=True))
    assert known["tonic", "rate"] == pytest.approx(np.log(2))
    assert known["tonic", "cv2"] == 2
    assert np.isnan(known["bursting", "burst_rate"])
    assert np.isnan(targets[1]).all()


def test_probability_of_a_match_by_hand():
    table = np.ones((2, 3))
    spread = 0.01 * 1.3
    within = logistic.cdf(np.log(1.1) / spread) - logistic.cdf(np.log(0.9) / spread)
    steady = logistic.cdf(0.15 / spread) - logistic.cdf(-0.15 / spread)
    found = constant(p_tonic=0.5).log_match(table, 0.0, TONIC, 0.1)
    assert found == pytest.approx([np.log(0.5 * within * steady)] * 2)
    assert found[0] == pytest.approx(np.log(0.5), abs=1e-3)


def test_nothing_is_excluded_for_certain():
    found = constant(rate=1000.0).log_match(np.ones((1, 3)), 0.0, TONIC, 0.1)
    assert found[0] == LEAST == pytest.approx(np.log(1e-14))
    assert constant(p_tonic=0.0).log_match(np.ones((1, 3)), 0.0, TONIC, 0.1)[0] == LEAST


def test_a_wider_tolerance_is_more_probable():
    emulator = constant(rate=11.0)
    narrow, wide = (emulator.log_match(np.ones((1, 3)), 0.0, TONIC, limit)[0] for limit in (0.05, 0.2))
    assert narrow < -3 < wide < 0


@pytest.fixture(scope="module")
def shipped():
    return load_emulator(STG)


def test_the_forward_pass_is_that_of_keras(shipped):
    import keras

    folder = weights_folder(STG)
    model = keras.models.load_model(folder / "stg-emulator.keras", compile=False)
    rng = np.random.default_rng(0)
    low, high = np.array([STG.broad.ranges.get(c.name, STG.broad.leak) for c in STG.channels]).T
    table, noise = rng.uniform(low, high, (1500, 8)), rng.uniform(0, 3, 1500)
    inputs = network_inputs(table, noise, STG.leak_index, shipped.magnitudes)
    raw = np.asarray(model([inputs.astype("f4")]))
    found = shipped.predict(table, noise)
    n = len(ACTIVITIES)
    probabilities = np.exp(raw[:, :n]) / np.exp(raw[:, :n]).sum(axis=1, keepdims=True)
    assert np.exp(found.log_classes) == pytest.approx(probabilities, abs=1e-3)
    locations = shipped.center + shipped.spread * raw[:, n : n + len(OUTPUTS)]
    assert np.median(np.abs(found.locations - locations)) < 1e-4
    assert (found.scales > 0).all()


def test_one_cell_is_told_the_same_alone_and_among_others(shipped):
    rng = np.random.default_rng(1)
    low, high = np.array([STG.broad.ranges.get(c.name, STG.broad.leak) for c in STG.channels]).T
    table = rng.uniform(low, high, (2100, 8))
    together = shipped.log_match(table, 0.0, TONIC, 0.1)
    alone = [shipped.log_match(table[[i]], 0.0, TONIC, 0.1)[0] for i in (0, 1023, 1024, 2099)]
    assert together[[0, 1023, 1024, 2099]].tolist() == alone


def test_nothing_of_no_cells(shipped):
    assert shipped.predict(np.empty((0, 8))).locations.shape == (0, len(OUTPUTS))


def test_it_tells_what_cells_do(shipped):
    from elephant_dic.simulation import simulate
    from elephant_dic.training import draw_cells
    from elephant_dic.trains import firing_of

    cells = draw_cells(STG, 60, np.random.default_rng(3))
    trains = simulate(STG, cells, 8000.0).spike_times
    found = [firing_of([times[times > 4000]]) for times in trains]
    predicted = shipped.predict(cells)
    right = [
        ACTIVITIES[i] == each.activity for i, each in zip(predicted.log_classes.argmax(1), found, strict=True)
    ]
    assert np.mean(right) >= 0.9
    column = OUTPUTS.index(("tonic", "rate"))
    off = [
        np.log(each.rate) - predicted.locations[i, column]
        for i, each in enumerate(found)
        if each.activity == "tonic"
    ]
    assert np.median(np.abs(off)) < 0.02


def test_none_where_none_is_installed(monkeypatch, tmp_path):
    from elephant_dic.emulation import files

    monkeypatch.setattr(files, "weights_folder", lambda neuron: tmp_path)
    assert load_emulator(STG) is None
    monkeypatch.setattr(files, "weights_folder", lambda neuron: None)
    assert load_emulator(STG) is None


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("neuron", "da", "it is the card of neuron 'da'"),
        ("fingerprint", "0" * 16, "another declaration"),
        ("outputs", [], "not those of this version"),
        ("weights_sha256", "0" * 64, "its weights are not those of the card"),
    ],
)
def test_files_of_something_else_are_refused(tmp_path, key, value, reason):
    folder = weights_folder(STG)
    card = json.loads((folder / "stg-emulator.json").read_text()) | {key: value}
    (tmp_path / "stg-emulator.json").write_text(json.dumps(card))
    (tmp_path / "stg-emulator.keras").write_bytes((folder / "stg-emulator.keras").read_bytes())
    with pytest.raises(ValueError, match=reason):
        read_emulator(STG, tmp_path)


def test_a_damaged_network_is_refused(tmp_path):
    folder = weights_folder(STG)
    (tmp_path / "stg-emulator.json").write_bytes((folder / "stg-emulator.json").read_bytes())
    (tmp_path / "stg-emulator.keras").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"because of stg-emulator\.keras: .*train the emulator again"):
        read_emulator(STG, tmp_path)
    (tmp_path / "stg-emulator.json").write_text("{}")
    with pytest.raises(
        ValueError, match=r"because of stg-emulator\.json: it is damaged \('neuron' is missing in it\)"
    ):
        read_emulator(STG, tmp_path)
