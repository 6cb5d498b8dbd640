"""What stands in the place of a result that could not be had, where many are asked for."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..trains import file_of

_WAYS = ("raise", "skip")


@dataclass(frozen=True)
class Skipped:
    """A cell of which nothing could be made, in the place of its result.

    Attributes
    ----------
    cell : str
        Its name, or its number where it has none: "cell 3".
    reason : str
        The error that it would have raised.
    source : str
        The file that it was read from; "" where that is not known.
    """

    cell: str
    reason: str
    source: str = ""

    @classmethod
    def of(cls, index: int, cell: object, error: Exception) -> Skipped:
        """The cell at a place in a list, with its error."""
        source = ""
        with suppress(TypeError, ValueError):  # of what is no spike train
            source = file_of(cell)
        return cls(getattr(cell, "name", None) or f"cell {index}", str(error), source)


def check_errors(errors: str) -> bool:
    """Whether cells with errors are to be skipped; ValueError if `errors` is neither of the two ways."""
    if errors not in _WAYS:
        raise ValueError(f"errors must be {' or '.join(map(repr, _WAYS))}, got {errors!r}")
    return errors == "skip"


def one_of_many(index: int, cell, skip: bool, function: Callable[[], Any]) -> Any:
    """What a function says of one of many cells, its warnings and errors with the number of the cell.

    Parameters
    ----------
    index : int
    cell : neo.SpikeTrain or neo.Group
    skip : bool
        Whether a cell that it refuses is a `Skipped`, with a warning, and no error.
    function : callable
        Without arguments.
    """
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = function()
    except (TypeError, ValueError) as error:
        if not skip:
            raise type(error)(f"cell {index}: {error}") from error
        skipped = Skipped.of(index, cell, error)
        warnings.warn(f"cell {index}: skipped: {skipped.reason}", UserWarning, stacklevel=4)
        return skipped
    for each in caught:
        warnings.warn(f"cell {index}: {each.message}", UserWarning, stacklevel=4)
    return found
