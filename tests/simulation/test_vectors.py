"""Vectors in compiled code: each operation against numpy, and the functions that a step is made of."""

import numba
import numpy as np
import pytest

from elephant_dic.simulation import functions
from elephant_dic.simulation.lanes import OPTIONS
from elephant_dic.simulation.vectors import (
    absolute,
    any_of,
    choose,
    double,
    exact_sum,
    exponent_and_mantissa,
    larger,
    load,
    of_whole,
    on_stack,
    pointer,
    product_of_parts,
    single,
    smaller,
    store,
    transpose,
    truncated,
)

EIGHT, FOUR, ONE = (0,) * 8, (0,) * 4, (0,)
A = np.array([-2.5, -1.0, 0.0, 0.25, 1.0, 2.0, 7.75, 100.0])
B = np.array([3.0, -1.0, 0.5, 4.0, 1.0, -2.0, 0.25, 1e-3])


def applied(function, *arrays, number=np.float64):
    """What a function of vectors gives for arrays of eight numbers."""
    inputs = [np.ascontiguousarray(array, dtype=number) for array in arrays]

    @numba.njit(**OPTIONS)
    def run(x, y, out):
        store(pointer(out), 0, function(load(pointer(x), 0, EIGHT), load(pointer(y), 0, EIGHT)))

    compiled, out = numba.njit(**OPTIONS)(function), np.zeros(8, dtype=number)
    function = compiled
    run(inputs[0], inputs[-1], out)
    return out


@pytest.mark.parametrize(
    "function",
    [
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a * b,
        lambda a, b: a / b,
        lambda a, b: 2.0 - a * 0.5 + b / 4.0,
        lambda a, b: 3.0 / b + 1.0,
    ],
)
def test_arithmetic_is_that_of_numbers(function):
    assert applied(function, A, B) == pytest.approx(function(A, B), rel=1e-14)


def test_the_smaller_the_larger_and_the_size():
    assert np.array_equal(applied(lambda a, b: smaller(a, b), A, B), np.minimum(A, B))
    assert np.array_equal(applied(lambda a, b: larger(a, b), A, B), np.maximum(A, B))
    assert np.array_equal(applied(lambda a, b: larger(a, 1.0), A, B), np.maximum(A, 1.0))
    assert np.array_equal(applied(lambda a, b: absolute(a), A, B), np.abs(A))


def test_a_choice_is_made_at_each_place():
    assert np.array_equal(applied(lambda a, b: choose(a < b, a, 9.0), A, B), np.where(A < B, A, 9.0))
    assert np.array_equal(applied(lambda a, b: choose(a >= b, a, b), A, B), np.where(A >= B, A, B))


@pytest.mark.parametrize(("bound", "expected"), [(99.0, True), (101.0, False)])
def test_whether_anything_holds(bound, expected):
    @numba.njit(**OPTIONS)
    def found(x, bound):
        return any_of(load(pointer(x), 0, EIGHT) >= bound)

    assert found(A, bound) == expected


def test_conversions():
    assert np.array_equal(applied(lambda a, b: of_whole(truncated(a)), A, B), np.trunc(A))
    third = np.full(8, 1 / 3)
    assert np.array_equal(applied(lambda a, b: double(single(a)), third), third.astype(np.float32))


def test_a_sum_of_two_floats_loses_nothing():
    large, small = np.full(8, 1.0), np.full(8, 1e-9)
    assert np.array_equal(applied(lambda a, b: exact_sum(a, b)[0], large, small, number=np.float32), large)
    lost = applied(lambda a, b: exact_sum(a, b)[1], large, small, number=np.float32)
    assert np.array_equal(lost, small.astype(np.float32))


def test_rows_become_columns():
    rows, columns = np.arange(32, dtype=np.float32).reshape(8, 4), np.zeros((4, 8), dtype=np.float32)

    @numba.njit(**OPTIONS)
    def run(rows, columns):
        transpose(pointer(rows), pointer(columns), EIGHT, FOUR)

    run(rows, columns)
    assert np.array_equal(columns, rows.T)


def test_the_product_of_the_halves_and_room_on_the_stack():
    out = np.zeros(4)

    @numba.njit(**OPTIONS)
    def run(x, out):
        place = on_stack(0.0, EIGHT, ONE)
        store(place, 0, load(pointer(x), 0, EIGHT))
        place[0] = 8.0
        store(pointer(out), 0, product_of_parts(load(place, 0, EIGHT), FOUR))

    run(A, out)
    assert out.tolist() == [8.0, -2.0, 0.0, 25.0]


def test_binary_digits():
    values = np.array([1.0, 1.5, 2.0, 0.75, 3e-7, 1e9, 0.1, 7.0])
    mantissa, exponent = np.frexp(values)  # from 0.5 up to 1
    assert np.array_equal(applied(lambda a, b: exponent_and_mantissa(a)[0], values), exponent - 1)
    assert np.array_equal(applied(lambda a, b: exponent_and_mantissa(a)[1], values), 2 * mantissa)


# What a step is made of


def test_a_gate_approaches_its_target_exponentially():
    eighths = np.array([0.0, 1e-6, 1e-3, 0.02, 0.1, 0.5, 1.0, 30.0])
    found = applied(lambda a, b: functions.approach(a), eighths, number=np.float32)
    assert found == pytest.approx(-np.expm1(-8 * np.minimum(eighths, 1)), rel=2e-4)
    assert found[:5] == pytest.approx(-np.expm1(-8 * eighths[:5]), rel=1e-5)


def test_what_a_moving_target_adds():
    z = np.array([0.01, 0.1, 0.3, 0.5, 0.8, 1.0, 1.5, 2.0])
    q = np.exp(-z)
    found = applied(lambda a, b: functions.lag(a), 1 - q, number=np.float32)
    assert found == pytest.approx((1 + q) / 2 - (1 - q) / z, rel=0.05)
    assert found[:4] == pytest.approx(((1 + q) / 2 - (1 - q) / z)[:4], rel=0.01)


def test_decay_and_logarithm():
    sixteenths = np.array([0.0, 1e-6, 1e-3, 0.01, 0.05, 0.2, 1.0, 40.0])
    found = applied(lambda a, b: functions.decay(a), sixteenths)
    assert found[:5] == pytest.approx(np.exp(-16 * sixteenths[:5]), rel=1e-5)
    assert (found[5:] < 0.05).all()
    values = np.array([1e-6, 0.05, 0.7, 1.0, 1.41, 1.42, 100.0, 3000.0])
    assert applied(lambda a, b: functions.logarithm(a), values) == pytest.approx(np.log(values), abs=1e-9)
