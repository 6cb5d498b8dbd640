"""The search for models that fire like a recording, and the verdict on them."""

from .candidates import Candidates
from .population_verification import verify_population
from .suggestion import NeuronSuggestion, suggest_neuron
from .verdict import Verification
from .verification import verified_members

__all__ = [
    "Candidates",
    "NeuronSuggestion",
    "Verification",
    "suggest_neuron",
    "verified_members",
    "verify_population",
]
