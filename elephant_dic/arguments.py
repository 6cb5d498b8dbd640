"""Checks of the arguments that many functions take."""

from __future__ import annotations

import numbers
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import quantities as pq

MAX_MODELS = 100_000
_MOST_SHOWN = 80  # characters of a value in a message


def magnitude(value, unit, name) -> float:
    """The number of a Quantity in a unit.

    Parameters
    ----------
    value : Quantity
        A single value.
    unit : str
        The unit in which its number is wanted, e.g. ``"ms"``.
    name : str
        What the argument is called, for the error.

    Returns
    -------
    float

    Raises
    ------
    TypeError
        If it has no unit.
    ValueError
        If it is of another dimension, or several values.
    """
    if not isinstance(value, pq.Quantity):
        is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        number = shown(value) if isinstance(value, int) or not is_number else f"{value:g}"
        hint = f': give its unit, as in pq.Quantity({number}, "{unit}")' if is_number else ""
        raise TypeError(
            f"{name} must be a Quantity (in {unit} or the like), got {type(value).__name__}{hint}"
        )
    if value.size != 1:
        raise ValueError(f"{name} must be a single value, got {value.size}")
    try:
        return float(value.rescale(unit).magnitude.item())
    except ValueError:
        raise ValueError(f"{name}: {value} cannot be converted to {unit}") from None


def magnitudes(values: pq.Quantity, unit: str, name: str) -> np.ndarray:
    """The numbers of a Quantity in a unit, or a ValueError that names what it was given for."""
    try:
        return values.rescale(unit).magnitude
    except ValueError:
        given = values.dimensionality.string
        raise ValueError(f"{name} must be in {unit} or the like, got {given}") from None


def shown(value: object) -> str:
    """A value as it stands in an error message: at most a line of it."""
    try:
        text = repr(value.item() if isinstance(value, np.generic) else value)
    except ValueError:  # an int of so many digits is not written out
        text = f"an int of {value.bit_length():,} bits" if isinstance(value, int) else type(value).__name__
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def path_of(path: object) -> Path:
    """A path, or a TypeError."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be a str or a path, got {shown(path)}")
    return Path(path)


def check_number(value, name) -> float:
    """A number without unit, or an error; NaN and infinity are numbers, but no int is as large as that."""
    if isinstance(value, bool | pq.Quantity) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number without unit, got {shown(value)}")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{name} must be finite, got {shown(value)}") from None


def check_whole(value, name, least, most) -> int:
    """A whole number from a range, or an error."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an int, got {shown(value)}")
    number = int(value)
    if not least <= number <= most:
        got = f"{number:,}" if abs(number) < 10**15 else shown(number)
        raise ValueError(f"{name} must be from {least:,} to {most:,}, got {got}")
    return number


def check_share(value, name) -> float:
    """A number between 0 and 1, neither of them, or an error."""
    number = check_number(value, name)
    if not 0 < number < 1:
        raise ValueError(f"{name} must be between 0 and 1, got {number:g}")
    return number


def check_n_models(n_models) -> int:
    """The number of models, or an error."""
    return check_whole(n_models, "n_models", 1, MAX_MODELS)


def check_seed(seed) -> int:
    """The seed, a drawn one for None, or an error."""
    if seed is None:
        return secrets.randbits(32)
    if isinstance(seed, bool) or not isinstance(seed, numbers.Integral):
        raise TypeError(f"seed must be an int or None, got {shown(seed)}")
    if seed < 0:
        raise ValueError(f"seed must be zero or positive, got {shown(seed)}")
    return int(seed)


def check_tolerance(tolerance) -> float:
    """The tolerance, or an error."""
    if isinstance(tolerance, bool | pq.Quantity) or not isinstance(tolerance, numbers.Real):
        raise TypeError(f"tolerance must be a number such as 0.1 (it has no unit), got {shown(tolerance)}")
    try:
        number = float(tolerance)
    except OverflowError:
        number = np.inf
    if not 0 < number <= 0.5:
        raise ValueError(f"tolerance must be more than 0 and at most 0.5 (a half), got {shown(tolerance)}")
    return number


def columns_by_name(table: Any) -> dict[str, Any] | None:
    """The columns of a mapping, or of a table of pandas, polars and the like, by name; None of others."""
    if isinstance(table, Mapping):
        return {str(name): values for name, values in table.items()}
    if hasattr(table, "columns") and hasattr(table, "__getitem__"):
        return {str(name): table[name] for name in table.columns}
    return None


def table_by_name(
    columns: Mapping[str, Any], names: Sequence[str], unit: Callable[[str], str], owner: str
) -> np.ndarray:
    """A table of named columns in the order wanted.

    Parameters
    ----------
    columns : mapping
        By name of a conductance, with or without ``g_``, a Quantity (n,) or numbers in its unit.
    names : sequence of str
        Of the columns wanted, with ``g_``.
    unit : callable
        The unit of a column, by its name.
    owner : str
        Whose conductances they are, for the errors: "neuron stg".

    Returns
    -------
    (n, n_names) array

    Raises
    ------
    ValueError
        If a column is missing or unknown, is there twice, is no numbers, or is of another length.
    """
    found: dict[str, np.ndarray] = {}
    for name, values in columns.items():
        full = next((each for each in names if name in (each, each.removeprefix("g_"))), None)
        if full is None or full in found:
            problem = "is there twice" if full else "is unknown"
            raise ValueError(f"conductance {name!r} {problem}; {owner} has {', '.join(names)}")
        try:
            numbers_given = (
                values.rescale(unit(full)).magnitude if isinstance(values, pq.Quantity) else values
            )
            found[full] = np.atleast_1d(np.asarray(numbers_given, dtype=float))
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"{name} must be numbers in {unit(full)}, got {shown(values)}") from None
    missing = [name for name in names if name not in found]
    if missing:
        raise ValueError(f"{owner} also has {', '.join(missing)}: give all conductances")
    shapes = {name: values.shape for name, values in found.items()}
    if len({*shapes.values()}) > 1 or any(len(shape) != 1 for shape in shapes.values()):
        lengths = {name: shape[0] if len(shape) == 1 else shape for name, shape in shapes.items()}
        raise ValueError(f"all conductances must have one value a model, got {lengths}")
    return np.stack([found[name] for name in names], axis=1)
