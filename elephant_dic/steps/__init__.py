"""Cells under current steps: models that fire like a recording at every level."""

from .populations import is_stepped, step_population, step_task
from .verdict import StepVerification, capacitance_of

__all__ = ["StepVerification", "capacitance_of", "is_stepped", "step_population", "step_task"]
