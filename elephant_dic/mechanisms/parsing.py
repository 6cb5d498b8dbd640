"""Mechanisms in NMODL, and formulae of LEMS, as trees of what stands in them, line by line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

#: NMODL as far as it declares channels and pools. What it does not have is an error that names the line.
_GRAMMAR = r"""
start: block*
formula: expression
?block: "NEURON" "{" _neuron* "}"              -> neuron
    | "UNITS" "{" unit* "}"                    -> units
    | ("PARAMETER" | "CONSTANT") "{" value* "}" -> values
    | "ASSIGNED" "{" value* "}"                -> variables
    | "STATE" "{" value* "}"                   -> states
    | "LOCAL" names                            -> local
    | BLOCK [NAME] "{" statement* "}"          -> code
    | ROUTINE NAME "(" [arguments] ")" [UNIT] "{" statement* "}" -> routine
_neuron: suffix | ion | nonspecific | listed | "THREADSAFE"
suffix: (SUFFIX | PROCESS) NAME
ion: "USEION" NAME (read | write | "VALENCE" SIGNED | "REPRESENTS" NAME)*
read: "READ" names
write: "WRITE" names
nonspecific: "NONSPECIFIC_CURRENT" names
listed: ("RANGE" | "GLOBAL") names
unit: UNIT "=" UNIT                            -> renamed
    | NAME "=" UNIT [UNIT]                     -> physical
    | NAME "=" SIGNED [UNIT]                   -> number
value: NAME ["=" SIGNED] [UNIT] ["FROM" SIGNED "TO" SIGNED] ["<" SIGNED ["," SIGNED] ">"]
arguments: argument ("," argument)*
argument: NAME [UNIT]
names: NAME ("," NAME)*

?statement: NAME "=" expression                -> assignment
    | NAME "'" "=" expression                  -> slope
    | NAME "(" [expressions] ")"               -> call
    | IF "(" expression ")" "{" body "}" [ELSE otherwise] -> choice
    | "LOCAL" names                            -> local
    | "SOLVE" NAME ["METHOD" NAME]             -> solve
    | "SOLVE" NAME "STEADYSTATE" NAME          -> rest
    | "TABLE" [names] ["DEPEND" names] "FROM" expression "TO" expression "WITH" expression -> table
    | "~" NAME "<->" NAME "(" expression "," expression ")" -> reaction
    | "CONSERVE" expression "=" expression     -> conserve
body: statement*
?otherwise: "{" body "}"
    | IF "(" expression ")" "{" body "}" [ELSE otherwise] -> choice
expressions: expression ("," expression)*
?expression: both | expression "||" both       -> either
?both: comparison | both "&&" comparison       -> and_
?comparison: sum | sum COMPARED sum            -> compared
?sum: product | sum "+" product                -> add | sum "-" product -> subtract
?product: signed | product "*" signed          -> multiply | product "/" signed -> divide
?signed: power | "-" signed                    -> negative | "+" signed | "!" signed -> not_
?power: atom | atom "^" exponent               -> power
?exponent: atom | "-" exponent                 -> negative | atom "^" exponent -> raised
?atom: NUMBER [UNIT]                           -> literal
    | NAME                                     -> variable
    | NAME "(" [expressions] ")"               -> call
    | "(" expression ")"

BLOCK.2: /(BREAKPOINT|INITIAL|DERIVATIVE|KINETIC)\b/
ROUTINE.2: /(PROCEDURE|FUNCTION)\b/
SUFFIX.2: /SUFFIX\b/
PROCESS.2: /(POINT_PROCESS|ARTIFICIAL_CELL)\b/
IF.2: /(if|IF)\b/
ELSE.2: /(else|ELSE)\b/
COMPARED: "<=" | ">=" | "==" | "!=" | "<" | ">"
UNIT: /\([^()\n]*\)/
NUMBER: /(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/
SIGNED: /[+-]?\s*(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?/
NAME: /[A-Za-z_]\w*/
%ignore /\s+/
"""
_COMMENTS = re.compile(r"\bCOMMENT\b.*?\bENDCOMMENT\b|^[ \t]*TITLE\b[^\n]*|[:?][^\n]*", re.S | re.M)
_VERBATIM = re.compile(r"\bVERBATIM\b(.*?)\bENDVERBATIM\b", re.S)
#: What says nothing about channels: units are not checked, and time is always the independent variable.
_WITHOUT_MEANING = re.compile(r"\bUNITS(?:ON|OFF)\b|\bINDEPENDENT\s*\{[^}]*\}|\bPROTECT\b")
_LARGEST = 1_000_000  # characters; mechanisms have some thousand


class MechanismError(ValueError):
    """A mechanism that cannot be read as a channel; it says which file, which line, and why."""


@dataclass(frozen=True)
class Block:
    """A block of statements: its kind, such as ``"DERIVATIVE"``, its name, its arguments."""

    kind: str
    name: str
    arguments: tuple[str, ...]
    statements: tuple
    line: int


@dataclass
class Mechanism:
    """What a file declares. Parameters without a value are None."""

    path: Path
    suffix: str = ""
    ions: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)
    nonspecific: list[str] = field(default_factory=list)
    parameters: dict[str, float | None] = field(default_factory=dict)
    states: list[str] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def error(self, line: int | None, text: str) -> MechanismError:
        """An error at a line of this file."""
        return MechanismError(f"{self.path}{f', line {line}' if line else ''}: {text}")

    @property
    def has_calcium(self) -> bool:
        """Whether it writes the calcium of the cell."""
        return any("cai" in written for _, written in self.ions.values())

    def block(self, kind: str, name: str | None = None) -> Block | None:
        """The block of a kind and, if there are several, of a name."""
        found = (each for each in self.blocks if each.kind == kind and name in (None, each.name))
        return next(found, None)


@cache
def _parser():
    try:
        from lark import Lark
    except ImportError:
        raise ImportError(
            "mechanisms are read with lark, which is not installed: pip install elephant-dic[mechanisms]"
        ) from None
    return Lark(_GRAMMAR, parser="lalr", start=["start", "formula"], propagate_positions=True)


def _tree(text: str, start: str, failed: Callable[[int, str], Exception]):
    from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput

    try:
        return _parser().parse(text, start=start)
    except UnexpectedInput as error:
        if isinstance(error, UnexpectedEOF) or getattr(getattr(error, "token", None), "type", "") == "$END":
            raise failed(text.count("\n") + 1, "it ends before a block is closed") from None
        line = error.line
        token = text[error.pos_in_stream] if isinstance(error, UnexpectedCharacters) else error.token
        said = text.splitlines()[line - 1].strip()
        raise failed(line, f"{str(token)!r} is not understood here: {said}") from None


def formula_tree(text: str, failed: Callable[[int, str], Exception]):
    """The tree of a formula of LEMS."""
    for word, sign in {"gt": ">", "lt": "<", "geq": ">=", "leq": "<=", "eq": "==", "neq": "!=",
                       "and": "&&", "or": "||"}.items():  # fmt: skip
        text = text.replace(f".{word}.", sign)
    tree = _tree(text, "formula", failed).children[0]
    if hasattr(tree, "data") and any(tree.find_data("raised")):  # other programs begin at the left
        raise failed(1, "a power of a power is read in two ways: put one of them in parentheses")
    return tree


def text_of(path: Path) -> str:
    """The text of a file, or a `MechanismError`."""
    try:
        if path.stat().st_size > _LARGEST:
            raise MechanismError(f"{path}: {path.stat().st_size:,} bytes, that is no mechanism")
        text = path.read_bytes().decode("utf-8", errors="replace")
        return text.replace("\r\n", "\n").replace("\r", "\n")
    except OSError as error:
        raise MechanismError(f"{path} cannot be read: {error.strerror}") from None


def read_mechanism(path: Path) -> Mechanism:
    """The blocks and declarations of a file in NMODL.

    Raises
    ------
    MechanismError
        With the line at which something is not understood.
    """
    mechanism = Mechanism(path)
    text = _blank(_COMMENTS, text_of(path))
    text = _VERBATIM.sub(lambda found: _verbatim(mechanism, text, found), text)
    for tree in _tree(_blank(_WITHOUT_MEANING, text), "start", mechanism.error).children:
        _ADDED[tree.data](mechanism, tree)
    if not mechanism.suffix:
        raise mechanism.error(None, "it has no SUFFIX, so it is no mechanism of a membrane")
    return mechanism


def _blank(pattern, text):
    """The text without what the pattern finds, each line where it was."""
    return pattern.sub(lambda found: "\n" * found[0].count("\n") + " ", text)


def _verbatim(mechanism, text, found):
    """C code: that of old files, which only leaves a procedure, does nothing."""
    if re.fullmatch(r"\s*return\s*(0|0\.0?)?\s*;\s*", found[1]):
        return "\n" * found[0].count("\n") + " "
    line = text.count("\n", 0, found.start()) + 1
    raise mechanism.error(line, "VERBATIM is C code, which is not read: write it in NMODL")


def _add_neuron(mechanism, tree):
    for part in tree.children:
        if part.data == "suffix":
            kind, name = part.children
            if kind.type == "PROCESS":
                raise mechanism.error(
                    kind.line, f"a {kind} is no channel of the membrane, which has a SUFFIX"
                )
            mechanism.suffix = str(name)
        elif part.data == "ion":
            read, written = mechanism.ions.setdefault(str(part.children[0]), ([], []))
            for each in part.children[1:]:
                if hasattr(each, "data"):
                    (read if each.data == "read" else written).extend(_names(each))
                    mechanism.lines |= {name: part.meta.line for name in _names(each)}
        elif part.data == "nonspecific":
            mechanism.nonspecific += _names(part)
            mechanism.lines |= {name: part.meta.line for name in _names(part)}


def _names(tree):
    return [str(name) for name in tree.children[0].children]


#: Physical constants that NMODL knows, in its units, as NEURON 9 has them (CODATA 2018).
_PHYSICAL = {
    "faraday": 96485.33212331, "k-mole": 8.31446261815324, "pi": 3.14159265358979323846, "e": 1.602176634e-19,
    "boltzmann": 1.380649e-23,
}  # fmt: skip
#: The units in which they are wanted: a number, a prefix, and charge, or energy by temperature.
_WANTED = re.compile(
    r"(?P<number>(?:\d+\.?\d*)?)-?(?P<prefix>kilo|milli|micro|nano|)-?"
    r"(?:(?:(?P<volt>m?V|volt)-?)?(?:coulombs?|coul|C)|joules?|J|)(?:/(?:deg)?(?:kelvin|C|K))?"
)
_PREFIXES = {"kilo": 1e3, "": 1.0, "milli": 1e-3, "micro": 1e-6, "nano": 1e-9}


def _add_units(mechanism, tree):
    for unit in tree.children:
        if unit.data == "number":
            mechanism.parameters[str(unit.children[0])] = _number(unit.children[1])
        elif unit.data == "physical":
            name, *units = unit.children
            what, wanted = ("" if each is None else each[1:-1].strip() for each in units)
            scale = _scale(wanted)
            if what not in _PHYSICAL or scale is None:
                why = f"the constant ({what}) in ({wanted}) is not known: write its number, {name} = …"
                raise mechanism.error(name.line, why)
            mechanism.parameters[str(name)] = _PHYSICAL[what] / scale


def _scale(unit):
    """How many coulombs, or joules by degree, a unit is; None of others."""
    found = _WANTED.fullmatch(re.sub(r"\s", "", unit))
    if found is None:
        return None
    return float(found["number"] or 1) * _PREFIXES[found["prefix"]] * (1e-3 if found["volt"] == "mV" else 1.0)


def _number(token):
    return float(re.sub(r"\s", "", token))


def _add_values(mechanism, tree):
    for value in tree.children:
        name, number = value.children[:2]
        mechanism.parameters[str(name)] = None if number is None else _number(number)
        mechanism.lines.setdefault(str(name), name.line)


def _add_variables(mechanism, tree):
    for value in tree.children:
        name, number = value.children[:2]
        if number is not None:
            mechanism.parameters[str(name)] = _number(number)
        mechanism.lines.setdefault(str(name), name.line)


def _add_states(mechanism, tree):
    for value in tree.children:
        mechanism.states.append(str(value.children[0]))
        mechanism.lines.setdefault(str(value.children[0]), value.children[0].line)


def _add_code(mechanism, tree):
    kind, name, *statements = tree.children
    _add_block(mechanism, Block(str(kind), str(name or ""), (), tuple(statements), kind.line))


def _add_routine(mechanism, tree):
    kind, name, arguments, _, *statements = tree.children
    called = () if arguments is None else tuple(str(each.children[0]) for each in arguments.children)
    _add_block(mechanism, Block(str(kind), str(name), called, tuple(statements), kind.line))


def _add_block(mechanism, block):
    if mechanism.block(block.kind, block.name):
        raise mechanism.error(block.line, f"a second {block.kind} {block.name}".rstrip())
    mechanism.blocks.append(block)


_ADDED: dict[str, Callable[[Mechanism, Any], None]] = {
    "neuron": _add_neuron,
    "units": _add_units,
    "values": _add_values,
    "variables": _add_variables,
    "states": _add_states,
    "local": lambda mechanism, tree: None,
    "code": _add_code,
    "routine": _add_routine,
}
