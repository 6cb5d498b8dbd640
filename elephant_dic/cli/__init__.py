"""The command `elephant-dic`: from a recording to a population of models, without writing Python."""

from .program import main

__all__ = [
    "main",
]
