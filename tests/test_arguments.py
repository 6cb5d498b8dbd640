"""Checks of arguments that many functions take."""

import inspect

import numpy as np
import pytest
import quantities as pq

import elephant_dic
from elephant_dic import generate_population, simulate_population
from elephant_dic.arguments import (
    MAX_MODELS,
    check_n_models,
    check_number,
    check_seed,
    check_tolerance,
    check_whole,
    columns_by_name,
    magnitude,
    table_by_name,
)


@pytest.mark.parametrize(
    ("value", "unit", "number"),
    [
        (2 * pq.s, "ms", 2000.0),
        (-0.04 * pq.V, "mV", -40.0),
        (pq.Quantity([3.0], "ms"), "s", 0.003),
        (pq.Quantity(20, "mA/m**2"), "uA/cm**2", 2.0),
        (pq.ms, "s", 0.001),
    ],
)
def test_the_number_of_a_quantity(value, unit, number):
    result = magnitude(value, unit, "x")
    assert type(result) is float
    assert result == pytest.approx(number)


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (5, r'got int: give its unit, as in pq.Quantity\(5, "ms"\)'),
        (np.float64(0.5), r'got float64: give its unit, as in pq.Quantity\(0.5, "ms"\)'),
        (True, "got bool$"),
        ("5 ms", "got str$"),
        ([5], "got list$"),
        (None, "got NoneType$"),
    ],
)
def test_what_has_no_unit_is_refused(value, hint):
    with pytest.raises(TypeError, match=rf"^delay must be a Quantity \(in ms or the like\), {hint}"):
        magnitude(value, "ms", "delay")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (3 * pq.mV, "delay: 3.0 mV cannot be converted to ms"),
        ([1, 2] * pq.ms, "delay must be a single value, got 2"),
        ([] * pq.ms, "delay must be a single value, got 0"),
    ],
)
def test_wrong_quantities_are_refused(value, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        magnitude(value, "ms", "delay")


@pytest.mark.parametrize("n_models", [1, 500, np.int32(7), MAX_MODELS])
def test_numbers_of_models(n_models):
    assert check_n_models(n_models) == n_models
    assert type(check_n_models(n_models)) is int


@pytest.mark.parametrize("n_models", [0, -1, MAX_MODELS + 1])
def test_numbers_of_models_out_of_range(n_models):
    with pytest.raises(ValueError, match=f"n_models must be from 1 to 100,000, got {n_models:,}"):
        check_n_models(n_models)


@pytest.mark.parametrize("n_models", [2.0, "2", None, True])
def test_numbers_of_models_that_are_no_int(n_models):
    with pytest.raises(TypeError, match="n_models must be an int, got"):
        check_n_models(n_models)


@pytest.mark.parametrize("seed", [0, 17, np.uint64(3), 2**70])
def test_a_seed_is_kept(seed):
    assert check_seed(seed) == seed
    assert type(check_seed(seed)) is int


def test_a_seed_is_drawn():
    drawn = {check_seed(None) for _ in range(5)}
    assert len(drawn) == 5
    assert all(0 <= seed < 2**32 for seed in drawn)


@pytest.mark.parametrize(
    ("seed", "error", "message"),
    [
        (-1, ValueError, "seed must be zero or positive, got -1"),
        (1.0, TypeError, "seed must be an int or None, got 1.0"),
        (True, TypeError, "seed must be an int or None, got True"),
        ("a", TypeError, "seed must be an int or None, got 'a'"),
    ],
)
def test_wrong_seeds_are_refused(seed, error, message):
    with pytest.raises(error, match=message):
        check_seed(seed)


def test_a_wrong_seed_of_the_noise_is_refused():
    population = generate_population({"g_s": -5, "g_u": 8}, n_models=1, seed=1)
    for seed, error in ((-1, ValueError), (1.5, TypeError), ("1", TypeError)):
        with pytest.raises(error, match="seed must be"):
            simulate_population(population, 10 * pq.ms, 0 * pq.ms, seed=seed)


PUBLIC = {name: getattr(elephant_dic, name) for name in elephant_dic.__all__}


@pytest.mark.parametrize("name", [name for name, found in PUBLIC.items() if inspect.isfunction(found)])
def test_options_are_given_by_name_and_have_the_same_defaults(name):
    defaults = dict.fromkeys(("seed", "executor", "noise_std", "axes")) | {
        "tolerance": 0.1,
        "progress": False,
    }
    for parameter in inspect.signature(PUBLIC[name]).parameters.values():
        if parameter.name in defaults:
            assert parameter.kind is parameter.KEYWORD_ONLY, parameter.name
            assert parameter.default == defaults[parameter.name], parameter.name


@pytest.mark.parametrize("tolerance", [10**400, -(10**400)])
def test_numbers_that_no_float_holds_are_named(tolerance):
    with pytest.raises(ValueError, match=r"tolerance must be more than 0 .* got -?10{70,79}…$"):
        check_tolerance(tolerance)
    with pytest.raises(
        TypeError, match=r"delay must be a Quantity .* give its unit, as in pq.Quantity\(-?10+…"
    ):
        magnitude(tolerance, "ms", "delay")
    with pytest.raises(ValueError, match=r"x must be finite, got -?10{70,79}…$"):
        check_number(tolerance, "x")
    with pytest.raises(ValueError, match="x must be from 0 to 5, got an int of 16,610 bits$"):
        check_whole(10**5000, "x", 0, 5)


def test_tables_are_taken_by_name():
    pandas = pytest.importorskip("pandas")
    columns = {"b": [1, 2], "g_a": np.array([3.0, 4]) * pq.S / pq.m**2}
    names = ("g_a", "g_b")

    def unit(name):
        return "mS/cm**2" if name.startswith("g_") else "mV"

    expected = [[0.3, 1], [0.4, 2]]
    assert table_by_name(columns, names, unit, "it") == pytest.approx(np.array(expected))
    frame = pandas.DataFrame({"b": [1, 2], "g_a": [0.3, 0.4]}, index=[7, 3])
    assert table_by_name(columns_by_name(frame), names, unit, "it").tolist() == expected
    assert columns_by_name(np.zeros((2, 2))) is None
    assert columns_by_name(3) is None


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": [1]}, "^it also has g_b: give all conductances$"),
        ({"a": [1], "b": [1], "c": [1]}, "^conductance 'c' is unknown; it has g_a, g_b$"),
        ({"a": [1], "g_a": [1], "b": [1]}, "^conductance 'g_a' is there twice"),
        ({"a": [1, 2], "b": [1]}, r"must have one value a model, got \{'g_a': 2, 'g_b': 1\}$"),
        ({"a": [[1, 2]], "b": [1]}, r"must have one value a model, got \{'g_a': \(1, 2\), 'g_b': 1\}$"),
        ({"a": ["x"], "b": [1]}, r"^a must be numbers in mS/cm\*\*2, got \['x'\]$"),
        ({"a": [10**400], "b": [1]}, r"^a must be numbers in mS/cm\*\*2, got \[10+…$"),
        ({"a": [1] * pq.s, "b": [1]}, r"^a must be numbers in mS/cm\*\*2, got array"),
    ],
)
def test_tables_with_wrong_columns_are_refused(columns, message):
    with pytest.raises(ValueError, match=message):
        table_by_name(columns, ("g_a", "g_b"), lambda name: "mS/cm**2", "it")
