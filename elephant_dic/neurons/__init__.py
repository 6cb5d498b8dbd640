"""What a neuron is, as data: its declaration, the registry, its dynamic input conductances."""

from .compensation import (
    MAX_DRAWS,
    compensate,
    compensated_population,
    pairs_of,
    ranges_of,
    reference_population,
)
from .dics import check_conductances, compute_dics, derivative, dics_of, threshold_voltage
from .fingerprint import family_fingerprint, fingerprint
from .model import DIC_NAMES, REARM, SPIKE, Gate, Nernst, NeuronModel, TwoStateGate, UniformPopulation
from .plain_equations import solve_adaptively, steady_current
from .priors import FamilyPrior, Prior, RangesPrior, prior_of, reflected
from .registry import ENTRY_POINT_GROUP, get_neuron, list_neurons, neuron_declared_as, weights_folder

__all__ = [
    "DIC_NAMES",
    "ENTRY_POINT_GROUP",
    "FamilyPrior",
    "Gate",
    "MAX_DRAWS",
    "Nernst",
    "NeuronModel",
    "Prior",
    "REARM",
    "RangesPrior",
    "SPIKE",
    "TwoStateGate",
    "UniformPopulation",
    "check_conductances",
    "compensate",
    "compensated_population",
    "compute_dics",
    "derivative",
    "dics_of",
    "family_fingerprint",
    "fingerprint",
    "get_neuron",
    "list_neurons",
    "neuron_declared_as",
    "pairs_of",
    "prior_of",
    "ranges_of",
    "reference_population",
    "reflected",
    "solve_adaptively",
    "steady_current",
    "threshold_voltage",
    "weights_folder",
]
