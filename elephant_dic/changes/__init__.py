"""Populations changed; what differs between two recordings of a cell, and between groups of cells."""

from .groups import GroupComparison, compare_groups
from .identification import identify_changes
from .modulation import neuromodulate, scale_conductances

__all__ = [
    "GroupComparison",
    "compare_groups",
    "identify_changes",
    "neuromodulate",
    "scale_conductances",
]
