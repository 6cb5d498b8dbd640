"""Formulae of NeuroML: its own forms of rates, and component types in LEMS."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from ..exports import Expression, as_expression, symbol
from .branches import Choice, Condition
from .formulas import Refused, without_poles
from .parsing import formula_tree
from .trees import Formulas
from .units import number_of

#: The attribute that keeps the line of an element.
_LINE = "line in the file"
#: What the result of a type is called that is a rate, a steady state, a time.
_RESULTS = ("r", "x", "t")


def _exponential(rate, x):
    return rate * np.exp(x)


def _sigmoid(rate, x):
    return rate / (1 + np.exp(-x))


def _linear(rate, x):
    return rate * Expression("x_over_expm1", (-x,))


_FORMS = {"HHExp": _exponential, "HHSigmoid": _sigmoid, "HHExpLinear": _linear}


class Types:
    """Formulae of the elements that are of a type.

    Parameters
    ----------
    known : dict of str to (Path, Element)
        Component types of the files.
    celsius : float or None
    """

    def __init__(self, known: dict[str, tuple[Path, Element]], celsius: float | None):
        self.known, self.celsius = known, celsius
        self.notes: list[str] = []

    def formula(self, element: Element, rates: tuple[Expression, Expression] | None = None) -> Expression:
        """Of the voltage ``v`` in mV and calcium ``cai`` in mM: a rate in 1/ms, a time in ms, or a share.

        Raises
        ------
        Refused
            With the line, if the type is not known, or cannot be read.
        """
        kind, line = element.get("type", ""), int(element.get(_LINE, "0"))
        try:
            if kind == "fixedTimeCourse":
                return as_expression(number_of(element.get("tau", "")))
            form = _FORMS.get(kind.removesuffix("Rate").removesuffix("Variable"))
            if form is not None:
                rate, middle, scale = (
                    number_of(element.get(name, "")) for name in ("rate", "midpoint", "scale")
                )
                return as_expression(form(rate, (symbol("v") - middle) / scale))
        except ValueError as error:
            raise Refused(line, str(error)) from None
        if kind not in self.known:
            raise Refused(line, f"the type {kind!r} is not known, and in none of the files")
        return _Component(self, element, rates).result()

    def q10(self, element: Element) -> float:
        """By how much a temperature makes rates quicker."""
        line, kind = int(element.get(_LINE, "0")), element.get("type")
        try:
            if kind == "q10Fixed":
                return number_of(element.get("fixedQ10", ""))
            if kind != "q10ExpTemp":
                raise Refused(line, f"{kind} is not read")
            if self.celsius is None:
                raise Refused(line, "it depends on the temperature: give one, as in temperature=37 * pq.degC")
            above = self.celsius - number_of(element.get("experimentalTemp", ""))
            return number_of(element.get("q10Factor", "")) ** (above / 10)
        except Refused:
            raise
        except ValueError as error:
            raise Refused(line, str(error)) from None


class _Component(Formulas):
    """One element of a component type."""

    def __init__(self, types, element, rates):
        self.path, self.type = types.known[element.get("type")]
        self.notes = types.notes
        self.line = int(element.get(_LINE, "0"))
        zero, one = as_expression(0.0), as_expression(1.0)
        self.values = {"v": symbol("v"), "caConc": symbol("cai"), "rateScale": one, "vShift": zero}
        if rates is not None:
            self.values |= {"alpha": rates[0], "beta": rates[1]}
        if types.celsius is not None:
            self.values["temperature"] = as_expression(types.celsius)
        for each in self.type.iter():
            if each.tag in ("Parameter", "Constant", "Property"):
                name = each.get("name")
                text = element.get(name) or each.get("value") or each.get("defaultValue")
                if text is not None:
                    self.values[name] = as_expression(self._number(text, each))
        self.variables = {
            each.get("name"): each for each in self.type.iter() if "DerivedVariable" in each.tag
        }
        self.waiting: set[str] = set()

    def _number(self, text, element):
        try:
            return number_of(text)
        except ValueError as error:
            raise self._refused(element, str(error)) from None

    def _refused(self, element, why) -> Refused:
        """What cannot be read in the type, which may be in another file than the element."""
        return Refused(
            self.line, f"{self.type.get('name')} ({self.path.name}, line {element.get(_LINE)}): {why}"
        )

    def result(self) -> Expression:
        """The formula that the type exposes."""
        if self.type.find(".//StateVariable") is not None:
            raise self._refused(self.type, "a state in a formula is not read")
        for name in _RESULTS:
            if name in self.variables:
                found = self.named(name, {}, self.line)
                if found.operation == "refused":
                    raise self._refused(self.type, found.arguments[1])
                return without_poles(found)
        raise self._refused(self.type, f"it has none of {', '.join(_RESULTS)}")

    def named(self, name, local, line):
        if name in self.values:
            return self.values[name]
        if name not in self.variables or name in self.waiting:
            raise self._refused(self.type, f"{name} has no value")
        self.waiting.add(name)
        variable = self.variables[name]
        if cases := variable.findall("Case"):
            self.values[name] = self._of_cases(cases)
        else:
            self.values[name] = self._of_text(variable, "value")
        return self.values[name]

    def _of_text(self, element, attribute):
        return self.value(self._tree(element, attribute), {})

    def _tree(self, element, attribute):
        return formula_tree(element.get(attribute, ""), lambda _, why: self._refused(element, why))

    def _of_cases(self, cases):
        """The first case whose condition holds, from the last on."""
        *others, last = cases
        if last.get("condition") is not None and not others:
            raise self._refused(last, "there is no case for other values")
        found = self._of_text(last, "value")
        for value, same in reversed(_by_value(others)):
            conditions = [self.condition(self._tree(case, "condition"), {}) for case in same]
            condition = conditions[0] if len(conditions) == 1 else Condition("||", tuple(conditions))
            found = Choice(condition, self._of_text(value, "value"), found, self.line).meant(self._note)
        return found

    def _note(self, line, text):
        self.notes.append(f"{self.path}, line {self.type.get(_LINE)}: {text}")


def _by_value(cases):
    """(first, all) of cases behind each other that have the same value."""
    found: list[tuple[Element, list[Element]]] = []
    for case in cases:
        if found and found[-1][0].get("value") == case.get("value"):
            found[-1][1].append(case)
        else:
            found.append((case, [case]))
    return found
