"""Functions of a declaration as formulae: what they compute with a symbol instead of an array.

Functions of the voltage and of calcium are compositions of numpy's functions. Called with an `Expression`,
they return the tree of what they have computed, which can be written in the language of any simulator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

#: numpy's names of operations, as they are called here. Others are no analytic functions, or rare.
_OPERATIONS = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "power": "^",
    "float_power": "^",
    "negative": "negative",
    "exp": "exp",
    "log": "log",
    "sqrt": "sqrt",
    "sin": "sin",
    "cos": "cos",
    "tanh": "tanh",
    "sinh": "sinh",
    "cosh": "cosh",
}
#: Operations of a condition, which is understood in `x_over_expm1` alone.
_CONDITIONAL = ("absolute", "less")
#: What is written by others, without loss of digits.
_REWRITTEN: dict[str, Callable] = {
    "positive": lambda x: x,
    "square": lambda x: x**2,
    "reciprocal": lambda x: 1 / x,
    "log1p": lambda x: np.log(1 + x),
    "log2": lambda x: np.log(x) / np.log(2),
    "log10": lambda x: np.log(x) / np.log(10),
    "exp2": lambda x: np.exp(x * np.log(2)),
    "tan": lambda x: np.sin(x) / np.cos(x),
}
_EVALUATED: dict[str, Callable] = {
    operation: getattr(np, name) for name, operation in _OPERATIONS.items() if name != "float_power"
}
#: How far (relative) a formula may be from the function of which it was made.
_TOLERANCE = 1e-12


class NoFormula(ValueError):
    """A function that is not a composition of operations that can be written down."""


class Expression(NDArrayOperatorsMixin):
    """A number, a symbol, or an operation on expressions.

    Parameters
    ----------
    operation : str
        ``"number"``, ``"symbol"``, ``"+"``, ``"exp"`` …; ``"x_over_expm1"`` is x / (exp(x) - 1), 1 at 0.
    arguments : tuple
        The value; the name; expressions.
    """

    __slots__ = ("arguments", "operation")

    def __init__(self, operation: str, arguments: tuple):
        self.operation, self.arguments = operation, arguments

    def __repr__(self):
        return f"{self.operation}{self.arguments}"

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self):
        raise NoFormula("it asks whether something holds")

    def __array__(self, *_, **__):
        raise NoFormula("it makes an array of its argument")

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        name = ufunc.__name__
        if method != "__call__" or options:
            raise NoFormula(f"it uses numpy.{name} in another way than as a function")
        arguments = [as_expression(each) for each in inputs]
        if name in _REWRITTEN:
            return as_expression(_REWRITTEN[name](*arguments))
        if name == "expm1":
            return 2 * np.exp(arguments[0] / 2) * np.sinh(arguments[0] / 2)
        if name not in _OPERATIONS and name not in _CONDITIONAL:
            raise NoFormula(f"it uses numpy.{name}")
        return _simplified(_OPERATIONS.get(name, name), arguments)

    def __array_function__(self, function, types, arguments, options):
        if function is np.where and len(arguments) == 3:
            return _of_where(*map(as_expression, arguments))
        raise NoFormula(f"it uses numpy.{function.__name__}")


def as_expression(value) -> Expression:
    """A number, or an expression as it is."""
    if isinstance(value, Expression):
        return value
    array = np.asarray(value)
    if array.ndim or array.dtype.kind not in "iufb":
        raise NoFormula(f"it computes with {type(value).__name__}, which is no number")
    return Expression("number", (float(array) + 0.0,))  # no -0


def symbol(name: str) -> Expression:
    """A variable."""
    return Expression("symbol", (name,))


def _is(expression, value):
    return expression.operation == "number" and expression.arguments[0] == value


def _simplified(operation, arguments):
    """An operation, without what does nothing: constants are declared as ``value + 0 * voltage``."""
    first, last = arguments[0], arguments[-1]
    if all(each.operation == "number" for each in arguments) and operation in _EVALUATED:
        with np.errstate(all="ignore"):
            return as_expression(_EVALUATED[operation](*(each.arguments[0] for each in arguments)))
    if operation == "*" and (_is(first, 0) or _is(last, 0)):
        return as_expression(0.0)
    if (operation, True) in (("+", _is(first, 0)), ("*", _is(first, 1))):
        return last
    neutral = {"+": 0, "-": 0, "*": 1, "/": 1, "^": 1}.get(operation)
    if neutral is not None and _is(last, neutral):
        return first
    if operation == "-" and _is(first, 0):
        return Expression("negative", (last,))
    return Expression(operation, tuple(arguments))


def _of_where(condition, then, otherwise):
    """The one condition that declarations may have, that of `x_over_expm1`: x / (exp(x) - 1)."""
    if condition.operation == "less" and condition.arguments[0].operation == "absolute":
        x = condition.arguments[0].arguments[0]
        if _is(then, 1) and repr(otherwise) == repr(x):
            return Expression("x, but 1", (x,))
        guarded = Expression("x, but 1", (x,))
        if repr(otherwise) == repr(x / np.expm1(guarded)) and repr(then) == repr(1 - x / 2):
            return Expression("x_over_expm1", (x,))
    raise NoFormula("it uses numpy.where")


def x_over_expm1(x):
    """x / (exp(x) - 1), with its limit at 0."""
    small = np.abs(x) < 1e-4
    return np.where(small, 1 - x / 2 + x**2 / 12, x / np.expm1(np.where(small, 1, x)))


def evaluate(expression: Expression, **values):
    """The value of an expression, given arrays by the names of its symbols."""
    operation, arguments = expression.operation, expression.arguments
    if operation == "number":
        return arguments[0]
    if operation == "symbol":
        return values[arguments[0]]
    function = x_over_expm1 if operation == "x_over_expm1" else _EVALUATED[operation]
    return function(*(evaluate(each, **values) for each in arguments))


def formula_of(function: Callable, name: str, grid: np.ndarray, what: str) -> Expression:
    """The formula of a function of one variable.

    Parameters
    ----------
    function : callable
        Of an array.
    name : str
        Of the variable.
    grid : (n,) array
        Values for which the formula must give what the function does.
    what : str
        What the function is, for errors: "the steady state of gate m of channel Na".

    Raises
    ------
    ValueError
        If the function has no formula, or another one for some values than for others.
    """
    try:
        found = as_expression(function(symbol(name)))
        _check_operations(found)
    except Exception as error:  # other people's code, with an argument that it did not expect
        raise ValueError(
            f"{what} cannot be written as a formula: {error}; functions of a declaration that is exported "
            f"must be made of arithmetic and numpy's exp, log, sqrt, sin, cos, sinh, cosh and tanh"
        ) from error
    with np.errstate(all="ignore"):
        expected, computed = function(grid) + 0 * grid, evaluate(found, **{name: grid}) + 0 * grid
    if not np.allclose(computed, expected, rtol=_TOLERANCE, atol=0, equal_nan=True):
        worst = grid[np.argmax(np.abs(computed - expected))]
        raise ValueError(
            f"{what} cannot be written as one formula: near {worst:g} it computes something else"
        )
    return found


def _check_operations(expression):
    if expression.operation in ("number", "symbol"):
        return
    if expression.operation not in _EVALUATED and expression.operation != "x_over_expm1":
        raise NoFormula("it compares, or takes absolute values")
    for each in expression.arguments:
        _check_operations(each)


def pulled_out(expression: Expression, prefix: str, found: list[Expression]) -> Expression:
    """A formula with symbols prefix1, … for each x_over_expm1, whose arguments are added to a list."""
    if expression.operation in ("number", "symbol"):
        return expression
    arguments = tuple(pulled_out(each, prefix, found) for each in expression.arguments)
    if expression.operation != "x_over_expm1":
        return Expression(expression.operation, arguments)
    found.append(arguments[0])
    return symbol(f"{prefix}{len(found)}")


_LEVELS = {"+": 1, "-": 1, "negative": 1, "*": 2, "/": 2, "^": 3}


@dataclass(frozen=True)
class Syntax:
    """How formulae are written in a language.

    Parameters
    ----------
    power : str
        Between a base and its exponent.
    functions : mapping of str to str
        What to write for an operation with its argument in place of ``{}``; others by their names. A power
        that is a function there has two arguments.
    signed : bool
        Whether numbers and functions may have a sign; else they are taken from 0.
    pointed : bool
        Whether whole numbers have a decimal point: in C, those without are of another kind.
    """

    power: str = "^"
    functions: Mapping[str, str] | None = None
    signed: bool = True
    pointed: bool = False

    def write(self, expression: Expression, **names: str) -> str:
        """A formula as text, with other names for its symbols."""
        return self._written(expression, names)[0]

    def _written(self, expression, names) -> tuple[str, int]:
        """Text, and how tightly it holds together: 4 for what needs no parentheses anywhere."""
        operation, arguments = expression.operation, expression.arguments
        if operation == "number":
            return self._number(arguments[0])
        if operation == "symbol":
            return names.get(arguments[0], arguments[0]), 4
        functions = self.functions or {}
        level = 0 if operation in functions else _LEVELS.get(operation, 0)
        if not level:
            text = functions.get(operation, operation + "({})")
            return text.format(*(self._written(each, names)[0] for each in arguments)), 4
        if operation == "negative":
            return ("-" if self.signed else "0 - ") + self._enclosed(arguments[0], names, 3), level
        left = self._enclosed(arguments[0], names, level + (operation == "^"))
        right = self._enclosed(arguments[1], names, level + 1)
        right = f"({right})" if right.startswith("-") else right
        sign = self.power if operation == "^" else f" {operation} " if level == 1 else operation
        return left + sign + right, level

    def _number(self, value):
        if value >= 0:
            return self.number(value), 4
        return (self.number(value), 2) if self.signed else (f"(0 - {self.number(-value)})", 4)

    def number(self, value: float) -> str:
        """A number with all its digits."""
        return repr(float(value)) if self.pointed else written_number(value)

    def _enclosed(self, expression, names, level):
        text, own = self._written(expression, names)
        return text if own >= level else f"({text})"


def written_number(value: float) -> str:
    """A number with all its digits: 3, 0.25, 1e-05."""
    return repr(int(value)) if abs(value) < 1e15 and value == int(value) else repr(float(value))
