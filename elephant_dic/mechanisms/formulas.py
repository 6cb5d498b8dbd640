"""Formulae of mechanisms: what they depend on, their values, and their parts.

They are `Expression` trees. Symbols are the voltage ``v`` (mV), calcium ``cai`` (mM), the current of calcium
``ica``, ``dt``, the states by their names, and parameters by their names behind a ``=``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ..exports import Expression, as_expression
from ..neurons import x_over_expm1

_FUNCTIONS: dict[str, Callable] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power, "negative": np.negative,
    "absolute": np.abs, "x_over_expm1": x_over_expm1,
    **{name: getattr(np, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tanh", "sinh", "cosh")},
}  # fmt: skip
_MOST_FACTORS = 1000
#: What begins the operation that only says what a file calls a formula.
_CALLED = "called "
#: How far (relative) two formulae may be from each other that are the same.
_SAME = 1e-9
#: The same of a product that is not written as one: of differences, rounding leaves fewer digits.
_BY_VALUES = 1e-6


class Refused(ValueError):
    """A formula that cannot be taken over; its first argument is the line, the second says why."""


def refused(line: int, why: str) -> Expression:
    """A formula that is an error only if it is needed."""
    return Expression("refused", (line, why))


def is_number(expression: Expression, value: float | None = None) -> bool:
    """Whether it is a number, or that number."""
    return expression.operation == "number" and value in (None, expression.arguments[0])


def called(name: str, expression: Expression) -> Expression:
    """A function of the voltage or of calcium, with the name that it has in a file.

    What multiplies a parameter has none: it is more than what opens a gate.
    """
    names = symbols_of(expression) if expression.operation != "refused" else frozenset()
    known = all(each in ("v", "cai") or each.startswith("=") for each in names)
    if not known or not names & {"v", "cai"}:
        return expression
    for factor, _ in factors_of(expression, frozenset()):
        own = symbols_of(factor)
        if own and not own & {"v", "cai"}:
            return expression
    return Expression(_CALLED + name, (nameless(expression),))


def name_of(expression: Expression) -> str | None:
    """What its file calls it."""
    operation = expression.operation
    return operation.removeprefix(_CALLED) if operation.startswith(_CALLED) else None


def _function(operation) -> Callable:
    return np.positive if operation.startswith(_CALLED) else _FUNCTIONS[operation]


def nameless(expression: Expression) -> Expression:
    """It without the names of its parts."""
    return _walked(
        expression,
        lambda each: each,
        lambda each, arguments: arguments[0] if name_of(each) else _rebuilt(each, arguments),
    )


def _rebuilt(each, arguments):
    kept = all(new is old for new, old in zip(arguments, each.arguments, strict=True))
    return each if kept else Expression(each.operation, tuple(arguments))


def _walked(expression, at_leaf, at_node):
    """What `at_node` makes of an operation and what was made of its arguments; each part of it once."""
    made: dict[int, object] = {}

    def visit(each):
        if id(each) not in made:
            if each.operation in ("number", "symbol", "refused"):
                made[id(each)] = at_leaf(each)
            else:
                made[id(each)] = at_node(each, [visit(argument) for argument in each.arguments])
        return made[id(each)]

    return visit(expression)


def symbols_of(expression: Expression) -> frozenset[str]:
    """Names of the symbols on which it depends; a `Refused` if it has a part that is."""

    def leaf(each):
        if each.operation == "refused":
            raise Refused(*each.arguments)
        return frozenset(each.arguments if each.operation == "symbol" else ())

    return _walked(expression, leaf, lambda each, arguments: frozenset().union(*arguments))


def value_of(expression: Expression, **values):
    """Its value, given arrays or other expressions by the names of its symbols; others stay symbols."""

    def leaf(each):
        if each.operation == "number":
            return each.arguments[0]
        return values.get(each.arguments[0], each) if each.operation == "symbol" else each

    def node(each, arguments):
        if all(new is old for new, old in zip(arguments, each.arguments, strict=True)):
            return each
        if name_of(each) and isinstance(arguments[0], Expression):
            return _rebuilt(each, arguments)
        return _function(each.operation)(*arguments)

    with np.errstate(all="ignore"):
        return _walked(expression, leaf, node)


def bound(expression: Expression, values: Mapping[str, float]) -> Expression:
    """It with numbers in the place of parameters."""
    return as_expression(value_of(expression, **{f"={name}": value for name, value in values.items()}))


def function_of(expression: Expression, name: str = "v", scale: float = 1.0) -> Callable:
    """A function of one variable, an array or a symbol, that is multiplied by a scale first."""

    def function(variable):
        return value_of(expression, **{name: scale * variable if scale != 1 else variable}) + 0 * variable

    return function


def samples(names) -> dict[str, np.ndarray]:
    """Values of symbols at which formulae are compared, drawn independently; voltages ascend."""
    rng, n = np.random.default_rng(35), 2501
    values = {"v": np.linspace(-150.0, 100.0, n) + 1.2345e-4}
    for name in sorted(set(names) - {"v"}):
        if name == "cai":
            values[name] = rng.permutation(np.geomspace(1e-6, 0.1, n))
        elif name == "ica":
            values[name] = rng.permutation(np.linspace(-1, 1, n))
        else:
            values[name] = rng.uniform(0.01, 0.99, n)
    return values


def agree(first, second, least: float = 1e-12) -> bool:
    """Whether arrays are the same, as far as both are finite; what is less than the least is nothing."""
    finite = np.isfinite(first) & np.isfinite(second)
    return bool(finite.any() and np.allclose(first[finite], second[finite], rtol=_SAME, atol=least))


def same(first: Expression, second: Expression) -> bool:
    """Whether two formulae have the same values."""
    at = samples(symbols_of(first) | symbols_of(second))
    return agree(value_of(first, **at) + 0 * at["v"], value_of(second, **at) + 0 * at["v"])


def check_smooth(expression: Expression, what: str, line: int) -> None:
    """A `Refused` if it has a corner: DICs need derivatives."""
    if _walked(
        expression, lambda each: False, lambda each, inside: each.operation == "absolute" or any(inside)
    ):
        raise Refused(line, f"{what} has an absolute value, and so no derivative where that is 0")


def without_poles(expression: Expression) -> Expression:
    """It with x / (exp(x) - 1) in a form that has a value where x is 0."""

    def node(each, arguments):
        each = _rebuilt(each, arguments)
        rate = _linear_rate(*arguments) if each.operation == "/" else None
        return each if rate is None else rate

    return _walked(expression, lambda each: each, node)


def _linear_rate(above, below) -> Expression | None:
    """c * x / (exp(x) - 1), if it is a rate that grows linearly."""
    if below.operation != "-":
        return None
    first, last = below.arguments
    sign, exponential = (1.0, first) if is_number(last, 1) else (-1.0, last)
    if exponential.operation != "exp" or not is_number(last if sign == 1 else first, 1):
        return None
    x = exponential.arguments[0]
    if symbols_of(above) != {"v"} or symbols_of(x) != {"v"}:
        return None
    at = np.array([-130.0, -71.3, -4.77, 60.9])
    ratios = value_of(above, v=at) / value_of(x, v=at)
    if not agree(ratios, ratios[0] + 0 * at):
        return None
    return as_expression(sign * float(ratios[0])) * Expression("x_over_expm1", (x,))


def poles_of(expression: Expression) -> list[float]:
    """Voltages (mV) at which an x of x / (exp(x) - 1) is 0, if it is linear."""
    found: list[float] = []

    def node(each, arguments):
        if each.operation == "x_over_expm1" and symbols_of(each) == {"v"}:
            low, high = (value_of(each.arguments[0], v=at) for at in (0.0, 1.0))
            found.append(float(-low / (high - low)))
        return each

    _walked(expression, lambda each: each, node)
    return found


def slope_at_zero(expression: Expression, name: str) -> Expression:
    """Its derivative with a symbol, where that is 0."""

    def leaf(each):
        return as_expression(float(each.operation == "symbol" and each.arguments[0] == name))

    def node(each, slopes):
        operation, first, last = each.operation, each.arguments[0], each.arguments[-1]
        if all(is_number(slope, 0.0) for slope in slopes):
            return as_expression(0.0)
        if operation in ("+", "-", "negative"):
            return as_expression(_FUNCTIONS[operation](*slopes))
        if operation == "*":
            return slopes[0] * last + first * slopes[1]
        if operation == "/":
            return (slopes[0] - each * slopes[1]) / last
        if operation == "exp":
            return each * slopes[0]
        raise Refused(None, f"{operation} of {name}")

    return as_expression(value_of(_walked(expression, leaf, node), **{name: 0.0}))


def linear_parts(expression: Expression, state: str):
    """a, b, f, d of the expression f * (a + b * state) / d, all without the state; None if it is not so."""
    zero, one = as_expression(0.0), as_expression(1.0)

    def leaf(each):
        if each.operation == "symbol" and each.arguments[0] == state:
            return zero, one, one, one
        return each, zero, one, one

    def node(each, parts):
        if any(part is None for part in parts):
            return None
        with_state = [not is_number(part[1], 0.0) for part in parts]
        if not any(with_state):
            return each, zero, one, one
        if each.operation == "negative":
            a, b, f, d = parts[0]
            return -a, -b, f, d
        return _combined(each, parts, with_state) if each.operation in ("+", "-", "*", "/") else None

    return _walked(expression, leaf, node)


def _combined(each, parts, with_state):
    if each.operation in "+-":
        (a, b), (c, e) = (_multiplied_out(*part) for part in parts)
        one = as_expression(1.0)
        return (a + c, b + e, one, one) if each.operation == "+" else (a - c, b - e, one, one)
    if all(with_state) or (each.operation == "/" and with_state[1]):
        return None
    a, b, f, d = parts[with_state.index(True)]
    if each.operation == "/":
        return a, b, f, d * each.arguments[1]
    return a, b, f * each.arguments[with_state.index(False)], d


def _multiplied_out(a, b, f, d):
    def times(part):
        if is_number(part, -1.0):
            return -(f / d)
        return part if is_number(part, 0.0) else part * (f / d)

    return times(a), times(b)


def factors_of(expression: Expression, states: frozenset[str]) -> list[tuple[Expression, int]]:
    """Factors and their powers; quotients without states are a single factor, less their constants."""
    operation, arguments = expression.operation, expression.arguments
    if operation == "*":
        found = [*factors_of(arguments[0], states), *factors_of(arguments[1], states)]
        if len(found) > _MOST_FACTORS:
            raise Refused(None, f"a product of more than {_MOST_FACTORS} factors")
        return found
    if operation == "negative":
        return [(as_expression(-1.0), 1), *factors_of(arguments[0], states)]
    if (
        operation == "^"
        and is_number(arguments[1])
        and arguments[1].arguments[0] == int(arguments[1].arguments[0])
    ):
        power = int(arguments[1].arguments[0])
        return [(factor, power * each) for factor, each in factors_of(arguments[0], states)]
    if operation == "/":
        over = factors_of(arguments[0], states)
        if not symbols_of(arguments[1]) & (states | {"v", "cai"}):  # a constant
            return [*over, (1 / arguments[1], 1)]
        kept = [
            each for each in over if symbols_of(each[0]) & states or not symbols_of(each[0]) & {"v", "cai"}
        ]
        rest = as_expression(1.0)
        for factor, power in over:
            if not any(factor is each for each, _ in kept):
                rest = rest * factor**power
        return [*kept, (rest / arguments[1], 1)]
    return [(expression, 1)]


def separated(expression: Expression) -> tuple[Expression, Expression] | None:
    """A function of the voltage and one of calcium whose product it is; None if it is none."""
    one, names = as_expression(1.0), symbols_of(expression)
    if "cai" not in names:
        return expression, one
    if "v" not in names:
        return one, expression
    if expression.operation == "negative":
        parts = separated(expression.arguments[0])
        return None if parts is None else (-parts[0], parts[1])
    if expression.operation in ("*", "/"):
        left, right = (separated(argument) for argument in expression.arguments)
        if left is not None and right is not None:
            combine = _FUNCTIONS[expression.operation]
            return tuple(as_expression(combine(*each)) for each in zip(left, right, strict=True))  # type: ignore[return-value]
    return _separated_by_values(expression)


def _separated_by_values(expression):
    """The same of a formula that is a product, but is not written as one."""
    at, voltage, calcium = samples({"v", "cai"}), -47.3, 3e-4
    of_voltage, of_calcium = value_of(expression, cai=calcium), value_of(expression, v=voltage)
    middle = value_of(expression, v=voltage, cai=calcium)
    product = value_of(of_voltage, v=at["v"]) * value_of(of_calcium, cai=at["cai"])
    with np.errstate(all="ignore"):
        alike = np.isclose(product / middle, value_of(expression, **at), rtol=_BY_VALUES, atol=0)
    if middle == 0 or not alike.all():
        return None
    return as_expression(of_voltage), as_expression(of_calcium / as_expression(middle))
