"""What a neuron is, as data: its declaration, the registry, its dynamic input conductances."""

from .columns import constant_currents, shifts_of, unit_of_column
from .compensation import (
    MAX_DRAWS,
    compensate,
    compensated_population,
    pairs_of,
    ranges_of,
    reference_population,
)
from .dics import check_conductances, compute_dics, dics_of, threshold_voltage
from .fingerprint import family_fingerprint, fingerprint
from .gates import Gate, Hill, Scheme, TwoStateGate
from .kinetics import derivative
from .model import DIC_NAMES, Crossing, Nernst, NeuronModel, PumpedPool, UniformPopulation
from .plain_equations import solve_adaptively, steady_current
from .priors import FamilyPrior, Prior, RangesPrior, prior_of, reflected
from .registry import ENTRY_POINT_GROUP, get_neuron, list_neurons, neuron_declared_as, weights_folder

__all__ = [
    "Crossing",
    "DIC_NAMES",
    "ENTRY_POINT_GROUP",
    "FamilyPrior",
    "Gate",
    "Hill",
    "MAX_DRAWS",
    "Nernst",
    "NeuronModel",
    "Prior",
    "PumpedPool",
    "RangesPrior",
    "Scheme",
    "TwoStateGate",
    "UniformPopulation",
    "check_conductances",
    "compensate",
    "compensated_population",
    "compute_dics",
    "constant_currents",
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
    "shifts_of",
    "solve_adaptively",
    "steady_current",
    "threshold_voltage",
    "unit_of_column",
    "weights_folder",
]
