"""Checks of the arguments that many functions take."""

from __future__ import annotations

import numbers
import secrets

import quantities as pq

MAX_MODELS = 100_000


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
        hint = f': give its unit, as in pq.Quantity({value:g}, "{unit}")' if is_number else ""
        raise TypeError(
            f"{name} must be a Quantity (in {unit} or the like), got {type(value).__name__}{hint}"
        )
    if value.size != 1:
        raise ValueError(f"{name} must be a single value, got {value.size}")
    try:
        return float(value.rescale(unit).magnitude.item())
    except ValueError:
        raise ValueError(f"{name}: {value} cannot be converted to {unit}") from None


def check_n_models(n_models) -> int:
    """The number of models, or an error."""
    if isinstance(n_models, bool) or not isinstance(n_models, numbers.Integral):
        raise TypeError(f"n_models must be an int, got {n_models!r}")
    if not 1 <= int(n_models) <= MAX_MODELS:
        raise ValueError(f"n_models must be from 1 to {MAX_MODELS:,}, got {n_models:,}")
    return int(n_models)


def check_seed(seed) -> int:
    """The seed, a drawn one for None, or an error."""
    if seed is None:
        return secrets.randbits(32)
    if isinstance(seed, bool) or not isinstance(seed, numbers.Integral):
        raise TypeError(f"seed must be an int or None, got {seed!r}")
    if seed < 0:
        raise ValueError(f"seed must be zero or positive, got {seed}")
    return int(seed)


def check_tolerance(tolerance) -> float:
    """The tolerance, or an error."""
    if isinstance(tolerance, bool | pq.Quantity) or not isinstance(tolerance, numbers.Real):
        raise TypeError(f"tolerance must be a number such as 0.1 (it has no unit), got {tolerance!r}")
    if not 0 < float(tolerance) <= 0.5:
        raise ValueError(f"tolerance must be more than 0 and at most 0.5 (a half), got {tolerance:g}")
    return float(tolerance)
