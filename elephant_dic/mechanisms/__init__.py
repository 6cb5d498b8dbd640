"""Channels of other simulators, read into declarations of neurons."""

from .parsing import MechanismError
from .reading import neuron_from_mod

__all__ = ["MechanismError", "neuron_from_mod"]
