"""Cells under current steps: models that fire like a recording at every level."""

from .library import has_step_library
from .populations import step_population
from .sweeps import COARSENESS, FINENESS, Bench
from .tasks import ranges_of_prior, step_task
from .training import train_for_steps
from .verdict import StepVerification
from .verifying import verify_population

__all__ = [
    "Bench",
    "COARSENESS",
    "FINENESS",
    "StepVerification",
    "has_step_library",
    "ranges_of_prior",
    "step_population",
    "step_task",
    "train_for_steps",
    "verify_population",
]
