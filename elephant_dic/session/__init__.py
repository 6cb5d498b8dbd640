"""A whole session at a time: many files, each cell once, whatever stops it on the way."""

from .session import reconstruct_session
from .workers import workers

__all__ = [
    "reconstruct_session",
    "workers",
]
