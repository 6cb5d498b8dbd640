"""Training from nothing, on a small set: what is written can be loaded and says what was done."""

import hashlib
import json
import random

import numpy as np
import pytest
import quantities as pq

from elephant_dic import get_neuron
from elephant_dic.inference import Regressor, Scaling, network_of_card, sample_domain
from elephant_dic.inference.domain import read_domain
from elephant_dic.inference.regressor import load_regressor
from elephant_dic.training import network as training
from elephant_dic.trains import FEATURES, VIEWS, feature_table, network_scale
from elephant_dic.trains.features import feature_vector
from elephant_dic.trains.views import with_gap


@pytest.fixture
def times():
    return np.arange(10.0, 16_000, 70)


def test_loss_is_the_density_of_a_gaussian():
    from scipy.stats import multivariate_normal

    rng = np.random.default_rng(3)
    raw = rng.standard_normal((4, 10))
    outputs = np.zeros((4, 80))
    outputs[:, :10] = raw
    outputs[:, 10::10] = -1e9  # all weight on the first component
    outputs[:, 0] = 0
    targets = rng.standard_normal((4, 3))
    loss = np.asarray(training.negative_log_likelihood(targets.astype("f4"), outputs.astype("f4")))
    for i in range(4):
        factor = np.diag(np.exp(raw[i, 4:7]))
        factor[[1, 2, 2], [0, 0, 1]] = raw[i, 7:10]
        exact = -multivariate_normal(raw[i, 1:4], factor @ factor.T).logpdf(targets[i])
        assert loss[i] + 1.5 * np.log(2 * np.pi) == pytest.approx(exact, rel=1e-3, abs=1e-3)


def test_domain_separates_what_is_far():
    rng = np.random.default_rng(0)
    neuron = get_neuron("stg")
    trains = [np.cumsum(rng.uniform(60, 90) * np.ones(40)) for _ in range(400)]
    features = np.array([feature_vector(neuron, [times]) for times in trains])
    held_out = np.arange(400) >= 300
    chance = feature_table(neuron, [[np.cumsum(rng.exponential(75, 40))] for _ in range(200)])
    domain = sample_domain(features, held_out, ~held_out, chance[:100], seed=0)
    inside = domain.judge(features[held_out])
    assert np.mean(inside.scores <= 1) == pytest.approx(0.98, abs=0.03)
    assert domain.judge(chance[100:]).foreign.all()
    far = feature_vector(neuron, [np.cumsum(rng.exponential(200, 60))])
    judged = domain.judge(np.array([features[0], far]))
    assert judged.scores[0] <= 1 < judged.scores[1]
    assert judged.foreign.tolist() == [False, True]
    near, (reason,) = judged.reasons
    assert near == ()
    assert "should not be trusted" in reason
    assert "trained on" in reason


# Views of cells


def test_each_cell_is_seen_in_its_views_as_often_as_they_say():
    trains = [np.arange(10.0, 9000, pace) for pace in np.linspace(60, 90, 300)]
    spikes, counts = (
        np.concatenate([*trains, [5.0, 900]]),
        np.array([len(times) for times in trains] + [0, 2]),
    )
    features, cells, views = training.featurise(get_neuron("stg"), spikes.astype(np.float32), counts, 3)
    assert features.shape == (len(cells), len(FEATURES))
    assert features.dtype == np.float32
    assert np.isfinite(features).all()
    assert set(cells) == set(range(300))  # the others have hardly a spike
    often = np.bincount(views) / 300
    assert often == pytest.approx(list(VIEWS.values()), abs=0.12)
    again = training.featurise(get_neuron("stg"), spikes.astype(np.float32), counts, 3)
    other = training.featurise(get_neuron("stg"), spikes.astype(np.float32), counts, 4)
    assert all(np.array_equal(one, two) for one, two in zip((features, cells, views), again, strict=True))
    assert not np.array_equal(features[:50], other[0][:50])


def test_views_are_cleaned_as_recordings_are():
    """A gap in tonic firing does not count, and no interval is shorter than a doublet's."""
    trains = [np.arange(10.0, 9000, pace) for pace in np.linspace(60, 90, 200)]
    counts = np.array([len(times) for times in trains])
    features, cells, views = training.featurise(get_neuron("stg"), np.concatenate(trains), counts, 0)
    names = [feature.name for feature in FEATURES]
    gaps = views == list(VIEWS).index(with_gap)
    longest, paces = features[gaps, names.index("isi_max")], np.linspace(60, 90, 200)[cells[gaps]]
    assert longest == pytest.approx(paces, abs=2.5)  # but for dither
    assert features[gaps, names.index("rate")] == pytest.approx(1000 / paces, rel=0.01)


@pytest.mark.parametrize(("name", "expected"), [("stg", 9000.0), ("da", 18_000.0)])
def test_cells_are_recorded_for_two_windows_or_nine_seconds(name, expected, tmp_path, monkeypatch):
    class Stopped(Exception):
        pass

    def stop(neuron, folder, n_cells, duration, *more):
        raise Stopped(duration)

    monkeypatch.setattr(training, "_simulated", stop)
    with pytest.raises(Stopped, match=f"^{expected}$"):
        training.train_regressor(name, tmp_path, n_cells=1, seed=1)
    with pytest.raises(Stopped, match=r"^2500.0$"):
        training.train_regressor(name, tmp_path, n_cells=1, seed=1, duration=2.5 * pq.s)


# The training


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    training.train_regressor("stg", folder, n_cells=1, duration=6.5 * pq.s, epochs=2, seed=4)
    return folder


def load(folder):
    import keras

    model = keras.models.load_model(folder / "stg.keras", compile=False, safe_mode=True)
    card = json.loads((folder / "stg.json").read_text())
    return model, card, read_domain(folder / "stg.npz")


def test_training_writes_a_network_that_predicts(trained, times):
    model, card, domain = load(trained)
    content = b"".join(np.ascontiguousarray(weight).tobytes() for weight in model.get_weights())
    assert hashlib.sha256(content).hexdigest() == card["weights_sha256"]
    assert card["n_cells_simulated"] == 2000
    assert card["n_windows"] > 5000
    assert card["features"] == [feature.name for feature in FEATURES]
    network = network_of_card(trained / "stg.keras", card["weights_sha256"])
    (estimate,) = Regressor(network, card, domain).estimate(
        feature_vector(get_neuron("stg"), [times[:50]])[None]
    )
    assert -20 < estimate.mean[1] < 20
    assert 0 < estimate.mean[2] < 20


def test_training_learns(trained):
    card = json.loads((trained / "stg.json").read_text())
    # The density of an untrained network is that of a standard normal or worse: 1.5 nats.
    assert card["loss"]["held_out"][-1] < 1.2


def test_card_holds_the_figures_of_cells_kept_from_training(trained):
    card = json.loads((trained / "stg.json").read_text())
    assert list(card["held_out"]) == ["steady", "any_length", "with_gap", "corrupted"]
    for figures in card["held_out"].values():
        assert 0 < figures["mean_absolute_error"][1] < 12
        assert all(0.4 < share <= 1 for share in figures["inside_0.95"])
        assert 0.5 < figures["in_domain"] <= 1
    assert sum(card["windows"].values()) == card["n_windows"]


# Trained again on the same cells, and looked at


def states():
    """Of the global generators."""
    return random.getstate(), repr(np.random.get_state())  # noqa: NPY002


def written(folder):
    """When each file of a folder was written."""
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def watched(patch, given, name):
    """Keep what a function of the training is given, and let it work."""
    function = getattr(training, name)

    def keep(*args, **options):
        given[name] = (*args, options)
        return function(*args, **options)

    patch.setattr(training, name, keep)


@pytest.fixture(scope="module")
def again(trained):
    """A second training: what its parts were given, its card, and what it left behind."""
    given = {"files_before": written(trained / "set")}
    random.seed(5)
    np.random.seed(6)  # noqa: NPY002
    given["before"] = states()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("fit", "sample_domain", "width_factors", "_figures"):
            watched(patch, given, name)
        given["card"] = training.train_regressor("stg", trained, n_cells=1, duration=6500 * pq.ms, epochs=1)
    given |= {"after": states(), "files_after": written(trained / "set")}
    return given


def test_finished_chunks_and_features_are_used_again(again):
    assert {name for name in again["files_before"] if name.endswith("npz")} == {
        "chunk_00000.npz", "features_00000.npz"
    }  # fmt: skip
    assert again["files_after"] == again["files_before"]


def test_a_run_that_goes_on_has_the_seed_with_which_it_was_begun(again):
    assert again["card"]["seed"] == 4
    assert again["card"]["command"] == (
        "train_regressor('stg', …, n_cells=1, duration=6500.0 * pq.ms, epochs=1, seed=4)"
    )


def test_the_generators_of_the_user_are_as_they_were(again):
    assert again["after"] == again["before"]


def test_no_cell_is_both_trained_on_and_held_out(again, trained):
    features, held_out, learned, _, seed, strangers = again["sample_domain"][:6]
    _, _, cells, _ = training.featurise_all(get_neuron("stg"), [trained / "set" / "chunk_00000.npz"])
    n = len(cells)  # those of strangers follow
    assert set(cells[held_out[:n]]).isdisjoint(cells[learned[:n]])
    assert (held_out != learned).all()
    assert np.mean(held_out) == pytest.approx(1 / 50, abs=0.01)
    assert len(set(cells[held_out[:n]])) == pytest.approx(40, abs=4)  # of 2000
    assert strangers[:n].sum() == 0
    assert seed == 4
    scaled = network_scale(features).astype(np.float32)
    inputs, targets, validation, options = again["fit"]
    assert np.array_equal(inputs, scaled[learned])
    assert np.array_equal(validation[0], scaled[held_out])
    assert (len(targets), len(validation[1])) == (learned.sum(), held_out.sum())
    assert options["seed"] == 4
    assert targets.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-3)  # scaled by those trained on
    assert targets.std(axis=0) == pytest.approx([1, 1, 1], abs=1e-3)


def test_width_and_figures_are_of_held_out_cells_of_the_family(again):
    features, held_out, _, _, _, strangers = again["sample_domain"][:6]
    for name in ("width_factors", "_figures"):
        assert np.array_equal(again[name][1], features[held_out & ~strangers]), name
        assert len(again[name][2]) == (held_out & ~strangers).sum()
    regressor = again["_figures"][0]
    assert regressor.card["width"] == again["card"]["width"]


def test_the_generators_of_the_user_are_as_they_were_when_training_fails(trained):
    before = states()
    with pytest.raises(TypeError, match="//"):
        training.train_regressor("stg", trained, n_cells=1, duration=6.5 * pq.s, epochs="two", seed=4)
    assert states() == before


def test_durations_have_units(tmp_path):
    with pytest.raises(TypeError, match=r'duration must be a Quantity .* as in pq.Quantity\(6500, "ms"\)'):
        training.train_regressor("stg", tmp_path, n_cells=1, duration=6500.0)
    with pytest.raises(ValueError, match="duration: 3.0 mV cannot be converted to ms"):
        training.train_regressor("stg", tmp_path, n_cells=1, duration=3 * pq.mV)
    with pytest.raises(TypeError, match="seed must be an int or None, got 1.5"):
        training.train_regressor("stg", tmp_path, n_cells=1, seed=1.5)
    assert list(tmp_path.iterdir()) == []


def test_another_seed_or_duration_is_refused_where_cells_are(trained):
    with pytest.raises(ValueError, match="seed 4 there, 5 now"):
        training.train_regressor("stg", trained, n_cells=1, duration=6.5 * pq.s, seed=5)
    with pytest.raises(ValueError, match="duration 6500.0 there, 7000.0 now"):
        training.train_regressor("stg", trained, n_cells=1, duration=7 * pq.s)


def test_scaling_takes_bounds_from_the_training_box():
    neuron = get_neuron("da")
    dics = np.random.default_rng(0).uniform([-20, -10, 0], [0, 15, 20], (5000, 3))
    scaling = training.make_scaling(neuron, dics)
    assert isinstance(scaling, Scaling)
    assert np.array_equal(scaling.low, [-np.inf, -10, 0])
    assert np.array_equal(scaling.high, [np.inf, 15, 20])
    scaled = scaling.forward(dics)
    assert np.allclose(scaled.mean(axis=0), 0, atol=1e-9)
    assert np.allclose(scaled.std(axis=0), 1)


def test_a_view_that_no_held_out_train_has_is_left_out_of_the_card():
    stg = get_neuron("stg")
    regressor, features = load_regressor(stg), feature_table(stg, [[np.arange(1, 60) * 100.0]])
    found = training._figures(regressor, features, np.array([[-6.0, 4.0, 5.0]]), np.array([1]))
    name = list(VIEWS)[1].__name__
    assert list(found) == [name]
    assert len(found[name]["mean_absolute_error"]) == 3
    assert regressor.estimate(features[:0]) == []
