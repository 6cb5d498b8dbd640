"""Formulae from the trees of what stands in a file."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..exports import Expression, as_expression
from .branches import Condition
from .formulas import Refused, is_number, nameless, refused

_SAME_NAME = ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sinh", "cosh", "log10")
_FUNCTIONS: dict[str, Callable] = {
    **{name: getattr(np, name) for name in _SAME_NAME},
    "fabs": np.abs, "abs": np.abs, "pow": np.power, "ln": np.log,
}  # fmt: skip
_OPERATIONS: dict[str, Callable] = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide, "power": np.power,
    "raised": np.power, "negative": np.negative,
}  # fmt: skip
_SIGNS = {"and_": "&&", "either": "||", "not_": "!"}


class Formulas:
    """Formulae of trees; what names are, and functions of the file, is for those who inherit it."""

    def named(self, name: str, local: dict[str, Expression], line: int) -> Expression:
        """The formula of a name."""
        raise NotImplementedError

    def number(self, expression: Expression) -> float | None:
        """Its value, if it is known."""
        return expression.arguments[0] if is_number(expression) else None

    def called(self, name: str, values: list[Expression], line: int) -> Expression:
        """What a function of this name gives."""
        if name not in _FUNCTIONS:
            return refused(line, f"there is no function {name}")
        return _computed(_FUNCTIONS[name], values)

    def value(self, tree, local: dict[str, Expression]) -> Expression:
        """The formula of a tree, given those of local names."""
        if tree.data in _OPERATIONS:
            values = [self.value(each, local) for each in tree.children]
            if tree.data == "divide" and self.number(values[1]) == 0:
                return refused(tree.meta.line, _divided_by_zero(tree.children[1]))
            return _computed(_OPERATIONS[tree.data], values)
        if tree.data == "literal":
            return as_expression(float(tree.children[0]))
        if tree.data == "variable":
            return self.named(str(tree.children[0]), local, tree.meta.line)
        if tree.data == "call":
            name, given = tree.children
            values = [] if given is None else [self.value(each, local) for each in given.children]
            return self.called(str(name), values, tree.meta.line)
        raise Refused(tree.meta.line, "a condition in a formula is not read")

    def condition(self, tree, local: dict[str, Expression]) -> Condition:
        """The condition of a tree."""
        if tree.data in _SIGNS:
            return Condition(_SIGNS[tree.data], tuple(self.condition(each, local) for each in tree.children))
        if tree.data == "compared":
            first, sign, last = tree.children
            return Condition(str(sign), tuple(nameless(self.value(each, local)) for each in (first, last)))
        return Condition("!=", (nameless(self.value(tree, local)), as_expression(0.0)))


def _divided_by_zero(tree) -> str:
    if tree.data != "variable":
        return "something is divided by 0"
    name = str(tree.children[0])
    return f"something is divided by {name}, which is 0: give it by values={{{name!r}: …}}"


def _computed(operation, values) -> Expression:
    """What an operation makes of formulae; of one that is refused, that."""
    for value in values:
        if value.operation == "refused":
            return value
    return as_expression(operation(*values))
