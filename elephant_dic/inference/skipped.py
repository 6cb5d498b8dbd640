"""What stands in the place of a result that could not be had, where many are asked for."""

from __future__ import annotations

from dataclasses import dataclass

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
    """

    cell: str
    reason: str

    @classmethod
    def of(cls, index: int, cell: object, error: Exception) -> Skipped:
        """The cell at a place in a list, with its error."""
        return cls(getattr(cell, "name", None) or f"cell {index}", str(error))


def check_errors(errors: str) -> bool:
    """Whether cells with errors are to be skipped; ValueError if `errors` is neither of the two ways."""
    if errors not in _WAYS:
        raise ValueError(f"errors must be {' or '.join(map(repr, _WAYS))}, got {errors!r}")
    return errors == "skip"
