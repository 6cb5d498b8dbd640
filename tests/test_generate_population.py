"""Populations with given DICs."""

import warnings

import neo
import numpy as np
import pytest
import quantities as pq

from elephant_dic import (
    compute_dics,
    conductances,
    generate_population,
    get_neuron,
    infer_dics,
    simulate_population,
)
from elephant_dic.populations import conductance_table, dic_estimate, member_dics, provenance

WANTED = {"g_s": -5, "g_u": 8}


@pytest.fixture(scope="module")
def block():
    return generate_population(WANTED, n_models=40, seed=3)


def test_a_population_is_a_block(block):
    assert isinstance(block, neo.Block)
    assert block.annotations["n_members"] == 40
    assert tuple(conductances(block)) == get_neuron("stg").conductance_names
    assert all(values.shape == (40,) for values in conductances(block).values())
    assert all((values >= 0 * pq.mS / pq.cm**2).all() for values in conductances(block).values())
    assert list(block.segments) == []
    known = provenance(block)
    assert (known["neuron"], known["seed"], known["verdict"]) == ("stg", 3, "not verified")
    assert (known["dics"], known["n_redrawn"], known["source"]) == ({"g_s": -5.0, "g_u": 8.0}, 0, [])


def test_members_have_the_dics_and_differ(block):
    table = conductance_table(block)[1]
    found = compute_dics(table, "stg")
    assert member_dics(block) == pytest.approx(found, rel=1e-12)
    assert found[:, 1:] == pytest.approx(np.tile([-5.0, 8.0], (40, 1)), abs=1e-3)
    assert all(len(set(column)) == 40 for column in table.T)


def test_the_estimate_in_the_block_is_what_was_asked_for(block):
    names, mean, std = dic_estimate(block)
    assert names == ("g_f", "g_s", "g_u")
    np.testing.assert_array_equal(mean, [np.nan, -5, 8])
    np.testing.assert_array_equal(std, [np.nan, 0, 0])


@pytest.mark.parametrize("neuron", ["da", get_neuron("da")])
def test_neurons_by_name_and_by_model(neuron):
    block = generate_population({"g_s": 2, "g_u": 6}, neuron, n_models=5, seed=0)
    table = conductance_table(block)[1]
    assert compute_dics(table, "da")[:, 1:] == pytest.approx(np.tile([2.0, 6.0], (5, 1)), abs=1e-3)
    assert provenance(block)["neuron"] == "da"


def test_g_f_is_imposed_when_it_is_given():
    block = generate_population({"g_u": 8, "g_f": -6.5, "g_s": -5}, n_models=10, seed=3)
    expected = np.tile([-6.5, -5.0, 8.0], (10, 1))
    assert compute_dics(conductance_table(block)[1]) == pytest.approx(expected, abs=1e-3)
    assert dic_estimate(block)[1].tolist() == [-6.5, -5, 8]


def test_numpy_numbers_are_numbers():
    wanted = {"g_s": np.float32(-5), "g_u": np.int64(8)}
    block = generate_population(wanted, n_models=np.int64(4), seed=np.uint8(3))
    assert (
        conductance_table(block)[1] == conductance_table(generate_population(WANTED, "stg", 4, seed=3))[1]
    ).all()
    assert provenance(block)["dics"] == {"g_s": -5.0, "g_u": 8.0}


def test_one_model():
    block = generate_population(WANTED, n_models=1, seed=1)
    assert conductance_table(block)[1].shape == (1, 8)


# From an estimate


@pytest.fixture(scope="module")
def estimate():
    times = 100 + 80.0 * np.arange(36)
    return infer_dics(neo.SpikeTrain(times * pq.ms, t_stop=3 * pq.s))


def test_members_of_an_estimate_are_drawn_from_it(estimate):
    block = generate_population(estimate, n_models=2000, seed=5)
    dics = compute_dics(conductance_table(block)[1])
    drawn = estimate.sample(20_000, seed=0)[:, 1:]
    error = drawn.std(axis=0) / np.sqrt(2000)
    assert (np.abs(dics[:, 1:].mean(axis=0) - drawn.mean(axis=0)) < 5 * error).all()
    assert dics[:, 1:].std(axis=0) == pytest.approx(drawn.std(axis=0), rel=0.15)
    # g_f is not imposed: it follows from the others, as published.
    g_s, g_u = dics[:, 1], dics[:, 2]
    g_f = np.where(g_s >= 0, -8.033 + 0.206 * g_s + 0.202 * g_u, -7.00 - 0.053 * g_s + 0.202 * g_u)
    assert dics[:, 0] == pytest.approx(g_f, abs=0.1)
    assert (dic_estimate(block)[1] == estimate.mean).all()
    assert (dic_estimate(block)[2] == estimate.std).all()
    known = provenance(block)
    assert known["in_domain"] == estimate.in_domain
    assert known["domain_score"] == estimate.domain_score
    assert len(known["weights_sha256"]) == 64


def test_an_estimate_and_a_seed_give_the_same_population(estimate):
    first, again, other = (
        conductance_table(generate_population(estimate, n_models=5, seed=seed))[1] for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert not np.isin(other, first).any()


# Seeds


def test_a_seed_gives_the_same_population(block):
    again = generate_population(WANTED, n_models=40, seed=3)
    other = generate_population(WANTED, n_models=40, seed=4)
    assert (conductance_table(again)[1] == conductance_table(block)[1]).all()
    assert not np.isin(conductance_table(other)[1], conductance_table(block)[1]).any()


def test_a_drawn_seed_is_written_down():
    drawn = [generate_population(WANTED, n_models=3) for _ in range(2)]
    seeds = [provenance(block)["seed"] for block in drawn]
    assert seeds[0] != seeds[1]
    again = generate_population(WANTED, n_models=3, seed=seeds[0])
    assert (conductance_table(again)[1] == conductance_table(drawn[0])[1]).all()


# Warnings and errors


@pytest.mark.parametrize(
    ("wanted", "neuron", "message"),
    [
        (
            {"g_s": -5, "g_u": 22},
            "stg",
            "g_u = 22 is outside of 0 to 20, where the family of neuron stg has been",
        ),
        ({"g_s": 20.5, "g_u": 8}, "stg", "g_s = 20.5 is outside of -20 to 20"),
        (
            {"g_s": -10.5, "g_u": 8},
            "da",
            "g_s = -10.5 is outside of -10 to 15, where the family of neuron da",
        ),
    ],
)
def test_dics_outside_of_the_studied_range_warn(wanted, neuron, message):
    with pytest.warns(UserWarning, match=message) as caught:
        block = generate_population(wanted, neuron, n_models=3, seed=0)
    assert len(caught) == 1
    assert caught[0].filename == __file__  # it points at the call
    expected = np.tile([wanted["g_s"], wanted["g_u"]], (3, 1))
    assert compute_dics(conductance_table(block)[1], neuron)[:, 1:] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("wanted", [{"g_s": -20, "g_u": 20}, {"g_s": 20, "g_u": 0}])
def test_the_edges_of_the_studied_range_do_not_warn(wanted):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        generate_population(wanted, n_models=3, seed=0)


def test_dics_out_of_reach_are_an_error():
    message = "4 of 4 targets are out of reach of neuron da: at g_s = 4, g_u = 0.2, solving Kd and ERG"
    with pytest.raises(ValueError, match=message):
        generate_population({"g_s": 4, "g_u": 0.2}, "da", n_models=4, seed=0)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"g_s": -5}, "dics must name g_s and g_u, and may name g_f; missing: .*g_u"),
        ({}, "missing: .*g_s.*, .*g_u"),
        ({"g_f": -6}, "missing: .*g_s.*, .*g_u"),
        ({"g_s": -5, "g_u": 8, "g_H": 1}, "unknown: .*g_H"),
        ({"g_s": -5, "g_u": 8, 3: 1}, "unknown: .*3"),
        ({"g_s": np.nan, "g_u": 8}, "DICs must be finite numbers, got .*nan"),
        ({"g_s": -5, "g_u": np.inf}, "DICs must be finite numbers, got .*inf"),
        ({"g_s": -5, "g_u": 8, "g_f": np.nan}, "DICs must be finite numbers"),
    ],
)
def test_wrong_dics_are_named(wanted, message):
    with pytest.raises(ValueError, match=message):
        generate_population(wanted, n_models=2)


@pytest.mark.parametrize("wrong", [[-5, 8], np.array([-5, 8]), None, "g_s", 5])
def test_dics_are_an_estimate_or_a_mapping(wrong):
    message = f"must be a DICEstimate or a dict such as {{'g_s': -5, 'g_u': 8}}, got {type(wrong).__name__}"
    with pytest.raises(TypeError, match=message):
        generate_population(wrong)


@pytest.mark.parametrize(
    ("n_models", "error", "message"),
    [
        (0, ValueError, "n_models must be from 1 to .*, got 0"),
        (-3, ValueError, "got -3"),
        (1_000_001, ValueError, "got 1,000,001"),
        (True, TypeError, "n_models must be an int, got True"),
        (2.5, TypeError, "n_models must be an int, got 2.5"),
        ("5", TypeError, "n_models must be an int, got '5'"),
        (None, TypeError, "n_models must be an int, got None"),
    ],
)
def test_wrong_numbers_of_models(n_models, error, message):
    with pytest.raises(error, match=message):
        generate_population(WANTED, n_models=n_models)


@pytest.mark.parametrize(
    ("seed", "error", "message"),
    [
        (-1, ValueError, "seed must be zero or positive, got -1"),
        (1.5, TypeError, "seed must be an int or None, got 1.5"),
        (True, TypeError, "seed must be an int or None, got True"),
        ("1", TypeError, "seed must be an int or None, got '1'"),
    ],
)
def test_wrong_seeds(seed, error, message):
    with pytest.raises(error, match=message):
        generate_population(WANTED, n_models=2, seed=seed)


def test_unknown_neurons():
    with pytest.raises(ValueError, match="unknown neuron 'crab'; known are"):
        generate_population(WANTED, "crab")


def test_estimate_of_another_neuron_is_refused():
    population = generate_population({"g_s": -3, "g_u": 6}, neuron="da", n_models=1, seed=3)
    estimate = infer_dics(simulate_population(population, seed=0).spiketrains[0], neuron="da")
    with pytest.raises(ValueError, match="inferred for neuron 'da', not 'stg'"):
        generate_population(estimate, neuron="stg", n_models=2)


@pytest.mark.parametrize("value", ["a", True, 5 * pq.mV, [1, 2], None])
def test_dics_must_be_numbers(value):
    with pytest.raises(TypeError, match="g_s must be a number"):
        generate_population({"g_s": value, "g_u": 5})
