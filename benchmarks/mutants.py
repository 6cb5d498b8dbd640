"""The faults of the mutation run: which there are in a file, without those that say nothing of the tests.

They are those of mutmut: a number plus one, another operator, an argument left out, `None` assigned, a string
that is another. mutmut itself leaves out decorated functions (the compiled kernels, properties) and whatever
is outside of a function (the constants); here they are in. Left out: annotations, docstrings, texts (strings
with a space, all that is raised or warned), `__all__`, `if TYPE_CHECKING` and the options of the compiler.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import libcst
from libcst import matchers
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import MutationVisitor
from mutmut.mutation.mutators import mutation_operators, operator_string
from mutmut.mutation.pragma_handling import IgnoredCode

NOT_MUTATED = {"__all__", "_OPTIONS"}


@dataclass(frozen=True)
class Mutant:
    """One fault: where it is, and the file with it. `function` is None outside of functions."""

    identity: str
    path: Path
    line: int
    function: tuple[int, int] | None
    text: Callable[[], str]

    def difference(self) -> str:
        """The changed lines."""
        before, after = self.path.read_text().splitlines(), self.text().splitlines()
        lines = difflib.unified_diff(before, after, n=0, lineterm="")
        return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


class Faults(MutationVisitor):
    """mutmut's, also in decorated functions; no texts."""

    def _skip_node_and_children(self, node):
        if isinstance(node, libcst.FunctionDef):
            return False  # mutmut leaves out decorated ones
        if isinstance(node, libcst.Raise | libcst.Decorator | libcst.Import | libcst.ImportFrom):
            return True
        if isinstance(node, libcst.If):
            return matchers.matches(node.test, matchers.Name("TYPE_CHECKING"))
        if isinstance(node, libcst.Call):
            function = libcst.Module([]).code_for_node(node.func)
            return function.endswith("warn") or super()._skip_node_and_children(node)
        if isinstance(node, libcst.Assign):
            names = [target.target.value for target in node.targets if isinstance(target.target, libcst.Name)]
            return bool(NOT_MUTATED & set(names))
        return super()._skip_node_and_children(node)


def other_names(node):
    """A string is another one, once: mutmut's other two change its case."""
    return list(operator_string(node))[:1]


OPERATORS = [(kind, other_names if found is operator_string else found) for kind, found in mutation_operators]


def texts(node):
    """All strings with a space in a piece of code."""
    kinds = matchers.SimpleString() | matchers.FormattedStringText()
    return [found.value for found in matchers.findall(node, kinds) if " " in found.value]


def mutants_of(path):
    """All mutants of a file; their texts are made when they are asked for."""
    source = path.read_text()
    wrapper = MetadataWrapper(libcst.parse_module(source))
    visitor = Faults(OPERATORS, IgnoredCode(set(), set(), set()))
    wrapper.visit(visitor)
    positions = wrapper.resolve(PositionProvider)
    functions = sorted(
        (node.body[0].lineno, node.end_lineno)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    )
    mutants = []
    for i, found in enumerate(visitor.mutations):
        if texts(found.original_node) != texts(found.mutated_node):
            continue
        line = positions[found.original_node].start.line
        # The outermost one: a function within it may run only in it.
        around = next(((first, last) for first, last in functions if first <= line <= last), None)
        identity = hashlib.sha256(f"{path.name} {i}\n{source}".encode()).hexdigest()[:16]
        mutants.append(Mutant(identity, path, line, around, partial(text_of, wrapper.module, found)))
    return mutants


def text_of(module, found):
    """A file with a fault."""
    return module.deep_replace(found.original_node, found.mutated_node).code
