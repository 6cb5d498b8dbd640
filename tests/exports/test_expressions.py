"""Functions as formulae: traced, written, and refused."""

import math
import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elephant_dic.exports.expressions import (
    Expression,
    Syntax,
    as_expression,
    evaluate,
    formula_of,
    pulled_out,
    symbol,
    written_number,
)
from elephant_dic.neurons.model import sigmoid, stepped, x_over_expm1

GRID = np.linspace(-100, 60, 321) + 0.05
PYTHON = Syntax("**")
NAMES = {name: getattr(np, name) for name in ("exp", "log", "sqrt", "sin", "cos", "sinh", "cosh", "tanh")}


def traced(function):
    return formula_of(function, "v", GRID, "the rate of a test")


def computed(text, **values):
    """What a text says in Python."""
    with np.errstate(all="ignore"):
        return eval(text, NAMES | {"x_over_expm1": x_over_expm1} | values)


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda v: 3 + 0 * v, "3"),
        (lambda v: 0.25 * v - 1, "0.25*v - 1"),
        (lambda v: v - (1 - v), "v - (1 - v)"),
        (lambda v: v / (2 / v), "v/(2/v)"),
        (lambda v: v * (2 + v) / 3, "v*(2 + v)/3"),
        (lambda v: -(v + 5) / 8, "(-(v + 5))/8"),
        (lambda v: (-v) ** 2, "(-v)**2"),
        (lambda v: -(v**2), "-v**2"),
        (lambda v: 2.0 ** (v / 10), "2**(v/10)"),
        (lambda v: v + -3.0, "v + (-3)"),
        (lambda v: -0.08 * v, "-0.08*v"),
        (lambda v: np.exp(-v / 10) * 1e-5, "exp((-v)/10)*1e-05"),
        (lambda v: np.float64(2) * v, "2*v"),
        (lambda v: np.square(v) + np.reciprocal(v + 200), "v**2 + 1/(v + 200)"),
        (sigmoid(25.5, -5.29), "1/(1 + exp((v + 25.5)/(-5.29)))"),
        (stepped(2.0, 1.0, 40, 5), "2 - 1/(1 + exp((v + 40)/5))"),
        (lambda v: np.tanh(v) + np.cosh(v / 50) * np.sinh(v / 50), "tanh(v) + cosh(v/50)*sinh(v/50)"),
        (lambda v: 0.8 * x_over_expm1((13 - v) / 4), "0.8*x_over_expm1((13 - v)/4)"),
    ],
)
def test_a_function_becomes_the_formula_that_it_computes(function, text):
    assert PYTHON.write(traced(function)) == text
    np.testing.assert_allclose(computed(text, v=GRID) + 0 * GRID, function(GRID) + 0 * GRID, rtol=1e-12)


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda v: 3 + 0 * v, "3.0"),
        (lambda v: v / 2 - 7, "v/2.0 - 7.0"),
        (lambda v: -3.0 * v, "-3.0*v"),
        (lambda v: v**2 * v, "pow(v, 2.0)*v"),
        (lambda v: -(v**2), "-pow(v, 2.0)"),
        (lambda v: (v + 1) ** (v / 10), "pow(v + 1.0, v/10.0)"),
        (lambda v: np.exp(v * 1e-5) / 2**v, "exp(v*1e-05)/pow(2.0, v)"),
    ],
)
def test_formulas_in_c(function, text):
    """Numbers have points, as 1/2 is 0 there; powers are a function."""
    assert Syntax(functions={"^": "pow({}, {})"}, pointed=True).write(traced(function)) == text


@pytest.mark.parametrize(
    "function",
    [
        lambda v: np.expm1(v / 20),
        lambda v: np.log1p(np.exp(v / 20)),
        lambda v: np.exp2(v / 20) + np.tan(v / 1000),
        lambda v: np.log10(v + 200) + np.log2(v + 200),
        lambda v: +v * np.sqrt(v**2 + 1),
    ],
)
def test_what_is_rewritten_keeps_its_digits(function):
    text = PYTHON.write(traced(function))
    np.testing.assert_allclose(computed(text, v=GRID), function(GRID), rtol=1e-12)


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda v: np.where(v > 0, 1.0, 2.0), r"it uses numpy\.greater"),
        (lambda v: np.where(np.abs(v) < 1, v, v + 1), r"it uses numpy\.where"),
        (lambda v: 1.0 if v > 0 else 2.0, r"it uses numpy\.greater"),
        (lambda v: 1.0 if v else 2.0, "it asks whether something holds"),
        (np.abs, "it compares, or takes absolute values"),
        (lambda v: np.maximum(v, 0), r"it uses numpy\.maximum"),
        (lambda v: np.interp(v, [0, 1], [1, 2]), r"it uses numpy\.interp"),
        (lambda v: np.add.reduce(v), r"it uses numpy\.add in another way"),
        (lambda v: math.exp(v), "must be real number"),
        (lambda v: np.asarray(v, dtype=float) * 2, "it makes an array of its argument"),
        (lambda v: v * np.array([1.0, 2.0]), "it computes with ndarray"),
        (lambda v: v * 1j, "it computes with complex"),
    ],
)
def test_what_is_no_formula_is_refused_with_the_reason(function, reason):
    with pytest.raises(ValueError, match=f"the rate of a test cannot be written as a formula: {reason}"):
        traced(function)


def test_a_function_that_computes_something_else_for_arrays_is_refused():
    def stepwise(v):
        return 1 + 0 * v if isinstance(v, Expression) else 1.0 * (v > 0)

    with pytest.raises(
        ValueError, match="the rate of a test cannot be written as one formula: near -99.95 it"
    ):
        traced(stepwise)


def test_numbers_have_all_their_digits():
    assert [written_number(x) for x in (3.0, -80.0, 0.1, 1e-5, 1 / 3)] == [
        "3", "-80", "0.1", "1e-05", "0.3333333333333333"
    ]  # fmt: skip


def test_languages_without_signs():
    unsigned = Syntax("^", signed=False)
    assert unsigned.write(traced(lambda v: np.exp(-v / 10) + v / -3)) == "exp((0 - v)/10) + v/(0 - 3)"


def test_functions_have_the_names_of_the_language():
    syntax = Syntax("**", {"x_over_expm1": "(1/exprel({}))", "cosh": "((exp({0}) + exp(-({0})))/2)"})
    text = syntax.write(traced(lambda v: x_over_expm1(v + 1) * np.cosh(v / 20)), v="V")
    assert text == "(1/exprel(V + 1))*((exp(V/20) + exp(-(V/20)))/2)"


def test_conditions_are_pulled_out():
    formula, found = traced(lambda v: 2 * x_over_expm1(v) / (3 + x_over_expm1(-v))), []
    assert PYTHON.write(pulled_out(formula, "B", found)) == "2*B1/(3 + B2)"
    assert [PYTHON.write(each) for each in found] == ["v", "-v"]


def test_the_limit_of_x_over_expm1():
    x = np.array([0.0, 1e-9, -1e-5, 9e-5, 1.1e-4, 1.0])
    expected = np.array([1, 1, 1, 1, 1, 1]) - x / 2 + x**2 / 12
    expected[-1] = 1 / np.expm1(1.0)
    np.testing.assert_allclose(evaluate(traced(x_over_expm1), v=x), expected, rtol=1e-14)


OPERATORS = (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow)
LEAVES = st.sampled_from(["v", "w"]).map(symbol) | st.integers(-30, 30).map(lambda n: as_expression(n / 10))


def branches(children):
    pairs = st.tuples(st.sampled_from(OPERATORS), children, children).map(lambda t: t[0](t[1], t[2]))
    return pairs | st.tuples(st.sampled_from([np.negative, np.tanh, np.cos]), children).map(
        lambda t: t[0](t[1])
    )


@given(st.recursive(LEAVES, branches, max_leaves=12))
def test_a_text_is_read_as_its_formula(formula):
    names = NAMES | {"v": symbol("v"), "w": symbol("w"), "inf": np.inf, "nan": np.nan}
    with np.errstate(all="ignore"):
        assert repr(as_expression(eval(PYTHON.write(formula), names))) == repr(formula)
