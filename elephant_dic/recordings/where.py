"""A selection of cells by what is known of them, as users write it: ``quality == "good" and rate > 2``."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import quantities as pq

from .spike_detection import RecordingError

_COMPARISONS = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.In: lambda one, many: one in many, ast.NotIn: lambda one, many: one not in many,
}  # fmt: skip
_LONGEST = 1000  # characters
_MOST_SHOWN = 8  # values of a column


def selection(where: str | Callable[[dict[str, Any]], Any] | None) -> Callable[[list], list]:
    """A function that keeps those of some cells for which a condition holds.

    Parameters
    ----------
    where : str, callable or None
        Columns (annotations, ``name``, ``n_spikes`` and ``rate`` in Hz), numbers, texts in quotes, lists of
        these, compared by ``==``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``in`` and ``not in``, and joined by
        ``and``, ``or`` and ``not``; or a function of the columns as a dict; or None for all. A text is read,
        never run as code.

    Returns
    -------
    callable
        From a list of `Cell` to those that are kept. RecordingError if there is no such column, if values
        cannot be compared, or if nothing is kept.

    Raises
    ------
    TypeError
        If it is none of these.
    ValueError
        If the text is no such condition.
    """
    if where is None:
        return lambda cells: cells
    if callable(where):
        return lambda cells: _kept(cells, where, "of where=", ())
    if not isinstance(where, str):
        raise TypeError(
            f"where must be a text such as 'quality == \"good\"', or a function of the columns of a cell, got"
            f" {type(where).__name__}"
        )
    tree = _parsed(where)
    names = sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})
    return lambda cells: _kept(cells, lambda columns: _value(tree, columns), where, names)


def columns_of(cell) -> dict[str, Any]:
    """What is known of a cell: its name, number of spikes, rate in Hz, and annotations."""
    trains = cell.trains.values()
    duration = sum(float((train.t_stop - train.t_start).rescale("s")) for train in trains)
    first = next(iter(trains)).annotations if trains else {}
    rate = cell.n_spikes / duration if duration else np.nan
    return {"name": cell.name, "n_spikes": cell.n_spikes, "rate": rate} | first | cell.annotations


def _parsed(text):
    """The tree of a condition, of which each node is known to be harmless."""
    try:
        if len(text) > _LONGEST:
            raise ValueError(f"it is longer than {_LONGEST} characters")
        tree = ast.parse(text.strip(), mode="eval").body
        _check(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else error
        raise ValueError(
            f"{text[:80]!r} is not understood as where=, a condition: {reason}. Write columns, numbers, texts"
            ' in quotes, comparisons (== != < <= > >= in), and, or, not: quality == "good" and rate > 2'
        ) from None
    return tree


def _check(node):
    """ValueError if a node of the tree, or one below it, is not of the language."""
    match node:
        case ast.BoolOp(values=parts):
            pass
        case ast.UnaryOp(op=ast.Not(), operand=part):
            parts = [part]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant(value=int() | float())):
            parts = []
        case ast.Compare(left=left, ops=ops, comparators=others):
            if any(type(op) not in _COMPARISONS for op in ops):
                raise ValueError("use == and != in place of is")
            parts = [left, *others]
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            pass
        case ast.Name() | ast.Constant(value=str() | int() | float() | None):
            parts = []
        case _:
            raise ValueError(f"{ast.unparse(node)[:40]} may not stand in it")
    for part in parts:
        _check(part)


def _value(node, columns):
    """What a node comes to for one cell; a column that this one lacks is None."""
    match node:
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_value(part, columns) for part in parts)
        case ast.BoolOp(values=parts):
            return any(_value(part, columns) for part in parts)
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return not _value(part, columns)
        case ast.UnaryOp(op=op, operand=part):
            return -part.value if isinstance(op, ast.USub) else part.value
        case ast.Compare(left=left, ops=ops, comparators=others):
            values = [_value(each, columns) for each in (left, *others)]
            return all(_compared(op, *pair) for op, *pair in zip(ops, values[:-1], values[1:], strict=True))
        case ast.Name(id=name):
            return _simple(columns.get(name))
        case ast.Constant(value=value):
            return value
    return [_value(each, columns) for each in node.elts]


def _compared(op, one, other):
    """The result of a comparison; False where a value is missing, but for == and !=."""
    ordered = isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE)
    if ordered and (one is None or other is None):
        return False
    if isinstance(op, ast.In | ast.NotIn) and other is None:
        return isinstance(op, ast.NotIn)
    try:
        return bool(_COMPARISONS[type(op)](one, other))
    except TypeError:
        raise RecordingError(
            f"the condition compares {one!r} with {other!r}, which are of different kinds; in Python, a"
            " function of the columns can convert them"
        ) from None


def _simple(value):
    """A number without its unit, an array as a list."""
    value = value.magnitude if isinstance(value, pq.Quantity) else value
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _kept(cells, holds, where, names):
    tables = [columns_of(cell) for cell in cells]
    available = list(dict.fromkeys(name for columns in tables for name in columns))
    for name in names:
        if cells and name not in available:
            raise RecordingError(f"there is no column {name!r} for where=; there are {', '.join(available)}")
    kept = [cell for cell, columns in zip(cells, tables, strict=True) if holds(columns)]
    if cells and not kept:
        found = "; ".join(f"{name} is {_values(name, tables)}" for name in names)
        raise RecordingError(
            f"the condition {where} holds for none of its {len(cells)} cells{found and f': {found}'}"
        )
    return kept


def _values(name, tables):
    """The values of a column, as a text."""
    values = [str(_simple(columns.get(name))) for columns in tables]
    different = list(dict.fromkeys(values))
    return ", ".join([*different[:_MOST_SHOWN], *["…"][: len(different) - _MOST_SHOWN]])
