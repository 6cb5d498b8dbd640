"""A whole session at a time: many files, each cell once, whatever stops it on the way."""

from .journal import rows_so_far
from .session import reconstruct_session
from .table import write_csv
from .workers import workers

__all__ = [
    "reconstruct_session",
    "rows_so_far",
    "workers",
    "write_csv",
]
