"""Populations changed; what differs between two recordings of a cell, and between groups of cells."""

from .groups import GroupComparison, compare_groups
from .identification import identify_changes
from .modulation import neuromodulate, scale_conductances
from .result import Change, Changes, identified_changes

__all__ = [
    "Change",
    "Changes",
    "GroupComparison",
    "compare_groups",
    "identified_changes",
    "identify_changes",
    "neuromodulate",
    "scale_conductances",
]
