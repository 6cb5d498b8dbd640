"""The search for models that fire like a recording, and the verdict on them."""

from .candidates import Candidates
from .comparison import Comparison
from .doubts import doubts_of_recording
from .library import train_library
from .population_verification import verify_population
from .settings import SETTINGS
from .suggestion import NeuronSuggestion, suggest_neuron
from .summary import PopulationSummary, summarise_population, to_dataframe
from .verdict import Verification, verdict_on
from .verification import verified_members

__all__ = [
    "Candidates",
    "Comparison",
    "NeuronSuggestion",
    "PopulationSummary",
    "SETTINGS",
    "Verification",
    "doubts_of_recording",
    "suggest_neuron",
    "summarise_population",
    "to_dataframe",
    "train_library",
    "verdict_on",
    "verified_members",
    "verify_population",
]
