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
from .kinetics import derivative, timescale_weights
from .model import (
    DIC_NAMES,
    CalciumPool,
    Channel,
    Compensation,
    Crossing,
    KineticScheme,
    Nernst,
    NeuronModel,
    PumpedPool,
    Reaction,
    Training,
    UniformPopulation,
    constant,
    x_over_expm1,
)
from .plain_equations import solve_adaptively, steady_current
from .priors import FamilyPrior, Prior, RangesPrior, prior_of, reflected
from .registry import ENTRY_POINT_GROUP, get_neuron, list_neurons, neuron_declared_as, weights_folder

__all__ = [
    "CalciumPool",
    "Channel",
    "Compensation",
    "Crossing",
    "DIC_NAMES",
    "ENTRY_POINT_GROUP",
    "FamilyPrior",
    "Gate",
    "Hill",
    "KineticScheme",
    "MAX_DRAWS",
    "Nernst",
    "NeuronModel",
    "Prior",
    "PumpedPool",
    "RangesPrior",
    "Reaction",
    "Scheme",
    "Training",
    "TwoStateGate",
    "UniformPopulation",
    "check_conductances",
    "compensate",
    "compensated_population",
    "compute_dics",
    "constant",
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
    "timescale_weights",
    "unit_of_column",
    "weights_folder",
    "x_over_expm1",
]
