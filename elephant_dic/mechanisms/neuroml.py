"""Channels and pools of calcium in NeuroML 2, in mV, ms and mM."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

import numpy as np

from ..exports import Expression, as_expression
from ..neurons import CalciumPool, Channel, Gate, Nernst, Scheme
from .channels import ReadChannel
from .formulas import Refused
from .gating import gate_of, rounded, scheme_of
from .lems import Types
from .parsing import MechanismError, text_of
from .tracing import Kinetic
from .units import number_of

#: Elements that are channels; others of their names are none, or have states of another kind.
_CHANNELS = ("ionChannelHH", "ionChannel", "ionChannelPassive", "ionChannelKS")
#: The attribute that keeps the line of an element.
_LINE = "line in the file"
_POOL = "fixedFactorConcentrationModel"
#: uM/ms per uA/cm**2 in the mol/m/A/s of NeuroML.
_INFLUX = 0.01


@dataclass
class Document:
    """What NeuroML files have: channels, types of formulae, pools, and where channels are in cells."""

    channels: list[tuple[Path, ElementTree.Element]] = field(default_factory=list)
    pools: list[tuple[Path, ElementTree.Element]] = field(default_factory=list)
    densities: dict[str, list[ElementTree.Element]] = field(default_factory=dict)
    species: list[ElementTree.Element] = field(default_factory=list)
    types: dict[str, tuple[Path, ElementTree.Element]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def reversal_of(self, channel: ElementTree.Element) -> float | None:
        """mV of the potential that cells give a channel, if it is one."""
        found = {each.get("erev") for each in self.densities.get(channel.get("id", ""), ())} - {None}
        return number_of(found.pop() or "") if len(found) == 1 else None

    def conductance_of(self, channel: ElementTree.Element) -> float:
        """mS/cm**2 that cells have of a channel, 0 if they do not say, or differ."""
        found = {each.get("condDensity") for each in self.densities.get(channel.get("id", ""), ())} - {None}
        return number_of(found.pop() or "") if len(found) == 1 else 0.0


def read_documents(paths: list[Path]) -> Document:
    """What NeuroML files declare.

    Raises
    ------
    MechanismError
        If one is not XML, or has a document type.
    """
    found = Document()
    for path in paths:
        for element in _root(path).iter():
            if element.tag in _CHANNELS:
                found.channels.append((path, element))
            elif element.tag.startswith("channelDensity"):
                found.densities.setdefault(element.get("ionChannel", ""), []).append(element)
            elif element.tag.endswith("ConcentrationModel"):
                found.pools.append((path, element))
            elif element.tag == "species":
                found.species.append(element)
            elif element.tag == "ComponentType":
                found.types[element.get("name", "")] = (path, element)
    return found


def _root(path):
    """The tree of a file, each element with its line."""
    text, builder, parser = text_of(path), ElementTree.TreeBuilder(), expat.ParserCreate()

    def start(tag, attributes):
        builder.start(tag.split(":")[-1], attributes | {_LINE: str(parser.CurrentLineNumber)})

    def refuse(*_):
        raise MechanismError(f"{path}, line {parser.CurrentLineNumber}: a document type is not read")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: builder.end(tag.split(":")[-1])
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise MechanismError(f"{path}, line {error.lineno}: it is no XML: {error}") from None
    return builder.close()


def channels_of_document(
    document: Document,
    names: Callable[[str], str],
    reversals: Mapping[str, float | Nernst],
    celsius: float | None,
) -> list[ReadChannel]:
    """The channels of NeuroML files.

    Parameters
    ----------
    document : Document
    names : callable
        The name of a channel, by its id.
    reversals : mapping of str to float or Nernst
        mV, by id; else as in the cells of the files; else by species.
    celsius : float, optional

    Raises
    ------
    MechanismError
        With the line of what cannot be declared.
    """
    types = Types(document.types, celsius)
    found = []
    for path, element in document.channels:
        identifier, species = element.get("id", ""), element.get("species") or element.get("ion") or ""
        own = document.reversal_of(element)
        reversal = reversals.get(identifier, reversals.get(species) if own is None else own)
        assert reversal is not None  # it was asked for
        try:
            gates = tuple(gate for each in element for gate in _gates(each, types))
            channel = Channel(names(identifier), reversal, gates)
        except Refused as error:
            raise MechanismError(f"{path}, line {error.args[0]}: {error.args[1]}") from None
        except ValueError as error:
            raise MechanismError(f"{path}, line {element.get(_LINE)}: {error}") from None
        found.append(ReadChannel(channel, document.conductance_of(element), species == "ca"))
    document.notes += types.notes
    return found


def pool_of_document(document: Document, carriers: tuple[str, ...]) -> CalciumPool:
    """The pool of calcium of NeuroML files."""
    path, element = document.pools[0]
    where = f"{path}, line {element.get(_LINE)}"
    if element.tag != _POOL:
        raise MechanismError(
            f"{where}: a {element.tag} is not read, as its calcium depends on the size of the cell: write a "
            f"{_POOL}"
        )
    try:
        influx, resting, tau = (
            number_of(element.get(n, "")) for n in ("rho", "restingConc", "decayConstant")
        )
        initial = [
            number_of(each.get("initialConcentration", ""))
            for each in document.species
            if each.get("concentrationModel") == element.get("id")
        ]
        first = initial[0] if initial else resting
        return CalciumPool(
            carriers, tau, rounded(_INFLUX * influx * tau), rounded(1000 * resting), rounded(1000 * first)
        )
    except ValueError as error:
        raise MechanismError(f"{where}: {error}") from None


def _gates(element, types) -> list[Gate | Scheme]:
    """The gate that an element of a channel is; of notes and the like none."""
    line = int(element.get(_LINE))
    kind = element.get("type") if element.tag == "gate" else element.tag
    if element.tag in ("notes", "annotation", "property"):
        return []
    made = _KINDS.get(kind)
    if made is None:
        raise Refused(line, f"{kind or element.tag} is not read")
    exponent = element.get("instances", "1")
    if not re.fullmatch(r"[1-9]", exponent):
        raise Refused(line, f"a gate to the power of {exponent}")
    return [made(element, types, int(exponent), line)]


def _child(element, tag, line):
    found = element.find(tag)
    if found is None:
        raise Refused(line, f"gate {element.get('id')} has no {tag}")
    return found


def _rates(element, types, line) -> tuple[Expression, Expression]:
    forward, backward = (types.formula(_child(element, tag, line)) for tag in ("forwardRate", "reverseRate"))
    return forward, backward


def _quickness(element, types) -> float:
    """By how much the temperature makes a gate quicker."""
    return float(np.prod([types.q10(each) for each in element.findall("q10Settings")]))


def _of_rates(element, types, exponent, line):
    forward, backward = _rates(element, types, line)
    total = forward + backward
    steady, time = forward / total, 1 / total
    if (given := element.find("steadyState")) is not None:
        steady = types.formula(given)
    if (given := element.find("timeCourse")) is not None:
        time = types.formula(given, rates=(forward, backward))
    return gate_of(element.get("id"), steady, [(1.0, time / _quickness(element, types))], exponent, line)


def _of_time(element, types, exponent, line):
    steady = types.formula(_child(element, "steadyState", line))
    time = types.formula(_child(element, "timeCourse", line)) / _quickness(element, types)
    return gate_of(element.get("id"), steady, [(1.0, as_expression(time))], exponent, line)


def _at_once(element, types, exponent, line):
    return gate_of(element.get("id"), types.formula(_child(element, "steadyState", line)), [], exponent, line)


def _fractional(element, types, exponent, line):
    parts, steady = [], None
    for each in element.findall("subGate"):
        own = types.formula(_child(each, "steadyState", line))
        if steady is not None and repr(own) != repr(steady):
            raise Refused(int(each.get(_LINE)), "parts of a gate with different steady states are not read")
        steady = own
        time = types.formula(_child(each, "timeCourse", line)) / _quickness(element, types)
        parts.append((number_of(each.get("fractionalConductance", "")), as_expression(time)))
    if steady is None:
        raise Refused(line, f"gate {element.get('id')} has no parts")
    return gate_of(element.get("id"), steady, parts, exponent, line)


def _kinetic(element, types, exponent, line):
    states = {each.get("id"): each.tag for each in element if each.tag in ("openState", "closedState")}
    pairs: dict[frozenset, dict] = {}
    for each in element:
        if each.tag in ("forwardTransition", "reverseTransition"):
            ends = each.get("from"), each.get("to")
            rate = types.formula(_child(each, "rate", int(each.get(_LINE)))) * _quickness(element, types)
            pairs.setdefault(frozenset(ends), {})[each.tag] = (ends, rate, int(each.get(_LINE)))
        elif each.tag.endswith("Transition"):
            raise Refused(int(each.get(_LINE)), f"a {each.tag} is not read: give its two rates")
    if exponent != 1:
        raise Refused(line, "a power of a kinetic scheme")
    reactions = []
    for both in pairs.values():
        if len(both) != 2:
            raise Refused(line, f"gate {element.get('id')}: a transition without its way back")
        (source, target), forward, at = both["forwardTransition"]
        reactions.append(Kinetic(source, target, forward, both["reverseTransition"][1], at))
    opened = {name: 1.0 for name, tag in states.items() if tag == "openState"}
    return scheme_of(reactions, opened, list(states))[0]


_KINDS: dict[str | None, Callable] = {
    "gateHHrates": _of_rates, "gateHHratesTau": _of_rates, "gateHHratesInf": _of_rates,
    "gateHHratesTauInf": _of_rates, "gateHHtauInf": _of_time, "gateHHInstantaneous": _at_once,
    "gateFractional": _fractional, "gateKS": _kinetic,
}  # fmt: skip
