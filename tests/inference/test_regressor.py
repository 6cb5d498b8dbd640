"""The shipped networks: what they say, of what, and how they fail."""

import json
import os
import shutil
import sys
import warnings
import zipfile
from importlib.resources import files

import neo
import numpy as np
import pytest
import quantities as pq

import elephant_dic
from elephant_dic import get_neuron, infer_dics, infer_dics_many
from elephant_dic.inference import Scaling
from elephant_dic.inference.regressor import infer_from_times, load_regressor, mixture_of, read_regressor
from elephant_dic.trains.features import feature_vector


def train(times, t_stop=None, **annotations):
    t_stop = times[-1] + 1 if t_stop is None else t_stop
    return neo.SpikeTrain(np.asarray(times) * pq.ms, t_stop=t_stop * pq.ms, **annotations)


@pytest.fixture(scope="module")
def tonic():
    return train(100 + 80.0 * np.arange(36))


@pytest.fixture(scope="module")
def bursting():
    bursts = [start + 12.0 * np.arange(4) for start in np.arange(50, 3000, 150)]
    return train(np.concatenate(bursts))


@pytest.fixture
def scaling():
    return Scaling(
        np.array([-np.inf, -20.0, 0.0]),
        np.array([np.inf, 20.0, 20.0]),
        np.array([-6.0, 0.1, 0.2]),
        np.array([2.0, 1.5, 1.6]),
    )


@pytest.mark.parametrize("name", ["stg", "da"])
def test_card_says_what_was_done(name):
    card = load_regressor(get_neuron(name)).card
    assert card["neuron"] == name
    assert card["n_cells_simulated"] >= 80_000
    assert card["features"] == [each.split(" (")[0] for each in elephant_dic.feature_names(name)]
    assert len(card["weights_sha256"]) == 64


def test_estimate_of_a_tonic_train(tonic):
    estimate = infer_dics(tonic)
    assert estimate.names == ("g_f", "g_s", "g_u")
    assert estimate.mean.shape == estimate.std.shape == (3,)
    assert (estimate.std > 0).all()
    assert estimate.mean[1] > 0  # regular spiking: no slow regeneration
    assert estimate.in_domain
    assert estimate.warnings == ()
    assert estimate.std[1] > 2  # a rate alone leaves g_s nearly free


def test_estimate_of_a_bursting_train(bursting):
    estimate = infer_dics(bursting)
    assert estimate.mean[1] < 0
    samples = estimate.sample(1000, seed=0)
    assert ((samples[:, 1] >= -20) & (samples[:, 1] <= 20)).all()
    assert ((samples[:, 2] >= 0) & (samples[:, 2] <= 20)).all()


def test_samples_are_seeded(tonic):
    estimate = infer_dics(tonic)
    assert np.array_equal(estimate.sample(50, seed=3), estimate.sample(50, seed=3))
    assert not np.array_equal(estimate.sample(50, seed=3), estimate.sample(50, seed=4))


@pytest.mark.filterwarnings("ignore:.*the train is unlike:UserWarning")
@pytest.mark.parametrize("name", ["stg", "da"])
def test_many_trains_give_what_each_gives_alone_to_the_last_bit(name, tonic, bursting):
    rng = np.random.default_rng(0)
    trains = [train(np.cumsum(rng.normal(pace, 0.05 * pace, 50))) for pace in rng.uniform(40, 250, 40)]
    trains = [tonic, *trains, bursting]
    together = infer_dics_many(trains, name)
    assert together == [infer_dics(each, name) for each in trains]
    assert together[3:] == infer_dics_many(trains[3:], name)
    assert infer_dics_many([]) == []


def test_error_of_many_names_the_cell(tonic):
    with pytest.raises(ValueError, match=r"cell 1 \(unit 7\): .*too few spikes"):
        infer_dics_many([tonic, train([1.0, 2.0, 300.0], name="unit 7")])


def test_unit_of_time_does_not_matter(tonic):
    in_seconds = neo.SpikeTrain(tonic.magnitude / 1000 * pq.s, t_stop=tonic.t_stop.rescale("s"))
    assert np.allclose(infer_dics(in_seconds).mean, infer_dics(tonic).mean, rtol=1e-4, atol=1e-4)


def test_long_recording_of_a_cell_says_the_same_as_a_short_one(tonic):
    long, short = infer_dics(train(100 + 80.0 * np.arange(36 * 7))), infer_dics(tonic)
    assert (np.abs(long.mean - short.mean) < 0.5 * short.std).all()


def test_slow_neuron_is_outside_of_the_domain_and_says_why():
    estimate = infer_dics(train(1000 + 3000.0 * np.arange(30)))
    assert not estimate.in_domain
    assert estimate.domain_score > 1
    assert "should not be trusted" in estimate.warnings[0]
    assert "3e+03 ms" in estimate.warnings[0]


def test_poisson_train_is_outside_of_the_domain():
    rng = np.random.default_rng(5)
    outside = [not infer_dics(train(np.cumsum(rng.exponential(80, 40)))).in_domain for _ in range(20)]
    assert np.mean(outside) > 0.5


def test_neuron_without_a_network():
    from dataclasses import replace

    with pytest.raises(ValueError, match="no trained network is installed for neuron 'mine'"):
        infer_dics(train(100.0 * np.arange(1, 30)), replace_name(get_neuron("stg"), "mine", replace))


def replace_name(neuron, name, replace):
    fields = {
        key: getattr(neuron, key)
        for key in neuron.__dataclass_fields__
        if neuron.__dataclass_fields__[key].init
    }
    return type(neuron)(**(fields | {"name": name}))


def test_cards_are_json_without_surprises():
    for name in ("stg", "da"):
        text = (files("elephant_dic.weights") / f"{name}.json").read_text(encoding="utf-8")
        assert json.loads(text)["neuron"] == name


@pytest.fixture
def copied(tmp_path):
    """A folder with the shipped network, to be damaged."""
    for suffix in ("json", "keras", "npz"):
        shutil.copy(files("elephant_dic.weights") / f"stg.{suffix}", tmp_path)
    return tmp_path


def test_a_network_is_read_from_a_folder(copied, tonic):
    regressor = read_regressor(get_neuron("stg"), copied)
    features = elephant_dic.extract_features(tonic)
    assert np.array_equal(regressor.estimate(features)[0].mean, infer_dics(tonic).mean)


def cut(path):
    path.write_bytes(path.read_bytes()[:-1000])


def fill(path):
    path.write_bytes(bytes(1000))


def rewrite_card(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def take_from_da(path):
    shutil.copy(files("elephant_dic.weights") / f"da{path.suffix}", path)


@pytest.mark.parametrize(
    ("name", "damage", "reason"),
    [
        ("stg.json", cut, r"cannot be used, because of stg\.json: .*train the network again"),
        ("stg.json", lambda path: path.unlink(), r"stg\.json: .*No such file"),
        ("stg.json", take_from_da, "it is the card of neuron 'da'"),
        ("stg.json", lambda path: path.write_text("{}"), "'features' is missing in it"),
        ("stg.json", lambda path: rewrite_card(path, features=["rate", "colour"]), "features that it needs"),
        ("stg.keras", cut, r"because of stg\.keras"),
        ("stg.keras", fill, r"because of stg\.keras"),
        ("stg.keras", lambda path: path.unlink(), r"because of stg\.keras"),
        ("stg.keras", take_from_da, "its weights are not those of the card"),
        ("stg.keras", lambda path: zipfile.ZipFile(path, "w").close(), r"keras: it holds no config\.json"),
        ("stg.npz", cut, r"because of stg\.npz"),
        ("stg.npz", fill, r"because of stg\.npz"),
        ("stg.npz", lambda path: np.savez(path, center=np.zeros(3)), r"because of stg\.npz"),
    ],
)
def test_damaged_and_foreign_files_are_clear_errors(copied, name, damage, reason):
    damage(copied / name)
    with pytest.raises(ValueError, match=reason):
        read_regressor(get_neuron("stg"), copied)


def test_code_in_the_files_is_not_run(copied):
    import keras

    model = keras.Sequential([keras.Input((31,)), keras.layers.Lambda(lambda x: x)])
    model.save(copied / "stg.keras")
    with pytest.raises(ValueError, match=r"stg\.keras: it has a layer Lambda"):
        read_regressor(get_neuron("stg"), copied)
    shutil.copy(files("elephant_dic.weights") / "stg.keras", copied)
    np.savez(copied / "stg.npz", center=np.array([{}]))
    with pytest.raises(ValueError, match=r"stg\.npz: .*pickle"):
        read_regressor(get_neuron("stg"), copied)


def test_probability_below_is_the_inverse_of_the_interval(tonic):
    estimate = infer_dics(tonic)
    low, high = estimate.interval(0.9).T
    assert np.allclose(estimate.probability_below(low), 0.05, atol=1e-6)
    assert np.allclose(estimate.probability_below(high), 0.95, atol=1e-6)


# A network that is trained again


@pytest.fixture
def own(copied, monkeypatch, request):
    """A neuron of another package, with a copy of the shipped network beside it; its name and folder."""
    name = f"neuron_{request.node.name}"
    for suffix in ("json", "keras", "npz"):
        (copied / f"stg.{suffix}").rename(copied / f"{name}.{suffix}")
    rewrite_card(copied / f"{name}.json", neuron=name)
    (copied / f"lab_of_{name}.py").write_text(
        "from dataclasses import replace\nfrom elephant_dic.neurons import get_neuron\n"
        f"NEURON = replace(get_neuron('stg'), name={name!r})\n"
    )
    info = copied / "lab-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lab\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[elephant_dic.neurons]\n{name} = lab_of_{name}:NEURON\n")
    monkeypatch.syspath_prepend(copied)
    yield name, copied
    sys.modules.pop(f"lab_of_{name}", None)


def test_a_network_that_was_trained_again_is_seen_without_a_restart(own, tonic):
    name, folder = own
    before = infer_dics(tonic, name)
    assert infer_dics(tonic, name) == before
    rewrite_card(folder / f"{name}.json", width={"tonic": [1.3] * 3, "bursting": [1.3] * 3})
    after = infer_dics(tonic, name)
    assert after != before
    assert after.std[0] > before.std[0]


def test_a_network_is_read_again_only_where_a_file_has_changed(own):
    name, folder = own
    neuron = get_neuron(name)
    first = load_regressor(neuron)
    assert load_regressor(neuron) is first
    for suffix in ("json", "keras", "npz"):
        path = folder / f"{name}.{suffix}"
        status = path.stat()
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000_000))
        again = load_regressor(neuron)
        assert again is not first, suffix
        first = again
    path = folder / f"{name}.json"
    status = path.stat()
    rewrite_card(path, created="a longer date than there was")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert load_regressor(neuron).card["created"].startswith("a longer")  # in the same tick of the clock


def test_a_network_whose_files_have_gone_is_an_error(own, tonic):
    name, folder = own
    infer_dics(tonic, name)
    (folder / f"{name}.keras").unlink()
    with pytest.raises(ValueError, match=rf"because of {name}\.keras"):
        infer_dics(tonic, name)
    (folder / f"{name}.json").unlink()
    with pytest.raises(ValueError, match=f"no trained network is installed for neuron '{name}': train one"):
        infer_dics(tonic, name)


# The mixture that the outputs stand for


def test_network_outputs_are_a_mixture_by_hand(scaling):
    outputs = np.zeros((1, 20))
    outputs[0, :10] = [np.log(3), 1, 2, 3, np.log(2), 0, 99, 0.4, 0.5, 0.6]
    outputs[0, 16] = -99
    found = mixture_of(outputs, scaling)
    assert found.weights == pytest.approx(np.array([[0.75, 0.25]]))
    assert found.means[0].tolist() == [[1, 2, 3], [0, 0, 0]]
    first, second = found.factors[0]
    assert first == pytest.approx(np.array([[2, 0, 0], [0.4, 1, 0], [0.5, 0.6, np.exp(6)]]))
    assert second == pytest.approx(np.diag([1, 1, np.exp(-6)]))
    assert found.scaling is scaling
    assert mixture_of(outputs + 1e4, scaling).weights == pytest.approx(found.weights)  # no overflow


def test_widths_are_those_of_tonic_and_of_bursting_trains(copied, tonic, bursting):
    rewrite_card(copied / "stg.json", width={"tonic": [0.5, 1, 1], "bursting": [1, 1, 2]})
    regressor = read_regressor(get_neuron("stg"), copied)
    features = np.array([elephant_dic.extract_features(train) for train in (tonic, bursting)])
    raw, found = regressor.mixture(features), regressor.estimate(features)
    assert found[0]._mixture == raw[0].rescaled(np.array([0.5, 1, 1]))
    assert found[1]._mixture == raw[1].rescaled(np.array([1.0, 1, 2]))
    assert np.array_equal([found[1].mean, found[1].std], found[1]._mixture.moments())
    assert found[0]._weights_sha256 == regressor.card["weights_sha256"]


def test_what_the_domain_says_goes_into_the_estimates(tonic):
    regressor = load_regressor(get_neuron("stg"))
    slow = feature_vector(get_neuron("stg"), [1000 + 3000.0 * np.arange(30)])
    features = np.array([elephant_dic.extract_features(tonic), slow])
    estimates, judgement = regressor.judged_estimates(features)
    assert [estimate.domain_score for estimate in estimates] == judgement.scores.tolist()
    assert regressor.scores(features).tolist() == judgement.scores.tolist()
    assert [estimate.in_domain for estimate in estimates] == [True, False]
    assert [estimate.warnings for estimate in estimates] == judgement.reasons
    assert len(estimates[1].warnings) == 1
    assert infer_from_times([], get_neuron("stg")) == []


def test_doubts_about_an_estimate_are_warnings_too():
    slow = neo.SpikeTrain(np.arange(1, 40) * 2.0, units="s", t_stop=80)
    with pytest.warns(
        UserWarning, match="^the train is unlike any that the network was trained on"
    ) as caught:
        estimate = elephant_dic.infer_dics(slow)
    assert [str(each.message) for each in caught] == list(estimate.warnings)
    assert caught[0].filename == __file__
    fine = neo.SpikeTrain(np.arange(1, 60) * 90.0, units="ms", t_stop=6000)
    with pytest.warns(UserWarning, match="^cell 1: the train is unlike") as caught:
        estimates = elephant_dic.infer_dics_many([fine, slow])
    assert [str(each.message) for each in caught] == [f"cell 1: {estimates[1].warnings[0]}"]
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        elephant_dic.infer_dics(fine)
