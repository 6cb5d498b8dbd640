"""Which neuron may explain a recording."""

import shutil
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from importlib.resources import files

import neo
import numpy as np
import pytest
import quantities as pq
from support.cells import burster
from support.real_recordings import real

from elephant_dic import get_neuron, list_neurons, read_spiketrains, suggest_neuron
from elephant_dic.examples import example_path
from elephant_dic.inference import card_of
from elephant_dic.search.suggestion import NeuronSuggestion

#: Those with a network: of cells under current steps there is nothing to be suggested.
SHIPPED = {name for name in list_neurons() if card_of(get_neuron(name))}

ranking = partial(suggest_neuron, seed=0)


def train_of(times):
    return neo.SpikeTrain(times, units="ms", t_stop=times[-1] + 1)


def example():
    (train,) = read_spiketrains(example_path())
    return train


@pytest.fixture(scope="module")
def ranked():
    """Rankings by the neuron that the recorded cell is of."""
    trains = {name: train_of(burster(name)) for name in ("da", "pyloric")}
    return {name: ranking(train) for name, train in (trains | {"stg": example()}).items()}


@pytest.mark.parametrize("neuron", ["da", "pyloric", "stg"])
def test_the_neuron_of_a_bursting_cell_is_the_first(ranked, neuron):
    best, *others = ranked[neuron]
    assert best.neuron == neuron
    assert best.in_domain
    assert best.n_candidates == 48
    assert best.share > 0.2
    assert {each.neuron for each in others} == SHIPPED - {neuron}
    assert max(each.share for each in others) <= best.share


def test_what_a_suggestion_says():
    found = NeuronSuggestion("stg", "STG neuron", True, 0.4567, 48, 12)
    assert found.share == 0.25
    assert found.describe() == (
        "stg: 12 of 48 first candidates fire like the recording within 30 %; "
        "inside what its network was trained on (score 0.46)"
    )
    none = replace(found, in_domain=False, domain_score=1.5, n_candidates=0, n_matching=0)
    assert none.share == 0
    assert none.describe() == (
        "stg: no candidates were simulated; OUTSIDE what its network was trained on (score 1.50)"
    )


def test_a_seed_and_any_executor_give_the_same(ranked):
    with ThreadPoolExecutor(3) as pool:
        assert ranking(example(), executor=pool) == ranked["stg"]
    other = suggest_neuron(example(), seed=1)
    assert other[0].neuron == "stg"
    assert [each.n_matching for each in other] != [each.n_matching for each in ranked["stg"]]


def test_the_order_of_sweeps_does_not_matter():
    times, sweeps, found = burster("pyloric"), [], []
    for start in (0, 4000, 8000):
        within = times[(times >= start) & (times < start + 4000)] - start
        sweeps.append(neo.SpikeTrain(within, units="ms", t_stop=4000))
    for order in ((0, 1, 2), (2, 0, 1)):
        group = neo.Group(name="cell")
        group.spiketrains.extend([sweeps[i] for i in order])
        found.append(ranking(group))
    assert found[0][0].neuron == "pyloric"
    assert found[0] == found[1]


def test_spikes_detected_twice_change_nothing(ranked):
    train = example()
    again = train.times[::20] + 0.2 * pq.ms
    times = np.sort(np.concatenate([train.times.rescale("ms").magnitude, again.rescale("ms").magnitude]))
    assert ranking(neo.SpikeTrain(times, units="ms", t_stop=train.t_stop)) == ranked["stg"]


def test_a_variable_tonic_train_is_compared_by_its_rate():
    rng = np.random.default_rng(0)
    clock = np.arange(1, 80) * 100.0
    varying = np.cumsum(rng.gamma(1 / 0.22**2, 100 * 0.22**2, 120))  # of CV2 0.25
    steady, shaky = ({each.neuron: each for each in ranking(train_of(times))} for times in (clock, varying))
    assert steady["stg"].share > 0.3
    assert shaky["stg"].share > 0.3


def test_irregular_and_very_slow_recordings_are_ranked_by_the_domain_alone():
    rng = np.random.default_rng(1)
    irregular = np.cumsum(rng.gamma(8, 20, 200))  # of CV 0.35, without pauses
    slow = np.arange(1, 20) * 20_000.0
    for times in (irregular, slow):
        found = ranking(train_of(times))
        assert [each.n_candidates for each in found] == [0] * len(SHIPPED)
        scores = [each.domain_score for each in found]
        assert scores == sorted(scores)


@pytest.mark.parametrize(("period", "n_candidates"), [(1000.0, 48), (2500.0, 16)])
def test_slow_cells_are_simulated_less(period, n_candidates):
    found = ranking(train_of(np.arange(1, 20) * period))
    assert {each.neuron: each.n_candidates for each in found}["stg"] == n_candidates
    assert max(each.n_candidates for each in found) == n_candidates


def test_chance_is_not_simulated_where_it_would_be_refused():
    times = np.cumsum(np.random.default_rng(2).exponential(80, 400))
    assert ranking(train_of(times))[0].n_candidates == 0


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ([1.0, 2.0], TypeError, "SpikeTrain"),
        (train_of(np.array([1.0, 2.0, 3.0])), ValueError, "too few spikes"),
    ],
)
def test_what_is_no_recording_is_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        ranking(wrong)


def test_a_wrong_seed_is_refused():
    with pytest.raises(ValueError, match="seed must be zero or positive"):
        suggest_neuron(example(), seed=-1)


def install(folder, name):
    """A package that declares a neuron."""
    (folder / f"{name}_lab.py").write_text(
        f"from support.toy_neuron import toy_neuron\nNEURON = toy_neuron(name={name!r})\n"
    )
    info = folder / f"{name}_lab-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}_lab\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[elephant_dic.neurons]\n{name} = {name}_lab:NEURON\n")


def test_a_neuron_without_a_network_is_left_out(tmp_path, monkeypatch, ranked):
    install(tmp_path, "untrained")
    monkeypatch.syspath_prepend(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ranking(example()) == ranked["stg"]


def test_a_neuron_whose_network_is_damaged_is_left_out_with_a_warning(tmp_path, monkeypatch, ranked):
    install(tmp_path, "damaged")
    for suffix in ("json", "keras", "npz"):
        shutil.copy(files("elephant_dic.weights") / f"stg.{suffix}", tmp_path / f"damaged.{suffix}")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.warns(UserWarning, match="left out: the network of neuron 'damaged' cannot be used"):
        assert ranking(example()) == ranked["stg"]


@pytest.mark.filterwarnings("ignore:.*its t_stop is its last spike")
@pytest.mark.parametrize("name", ["spinal_06.Regular_Mixed_Burst.mat", "spinal_08.Regular_Simple.mat"])
def test_real_cells_with_slow_bursts_or_spikes_are_like_pyloric_ones_and_not_like_the_stg_neuron(name):
    (train,) = read_spiketrains(real(name))
    found = {each.neuron: each.n_matching for each in ranking(train)}
    assert found["pyloric"]
    assert found["stg"] <= min(1, found["pyloric"] - 1)
