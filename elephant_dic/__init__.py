"""Degenerate populations of conductance-based neuron models from the spike times of one neuron."""

from ._version import __version__
from .cite import cite
from .inference import (
    DICEstimate,
    detect_change_points,
    infer_dics,
    infer_dics_many,
    infer_dics_over_time,
    load_dics_over_time,
    load_estimates,
    save_dics_over_time,
    save_estimates,
)
from .neurons import compute_dics, get_neuron, list_neurons
from .plots import plot_detection, plot_dics_over_time
from .populations import (
    conductances,
    load_population,
    neuromodulate,
    population_from_conductances,
    save_population,
    scale_conductances,
)
from .reconstruction import generate_population, reconstruct, reconstruct_many
from .recordings import RecordingError, read_spiketrains
from .search import verify_population
from .simulation import simulate_population
from .training import train_regressor
from .trains import UnitQuality, assess_quality, detect_bursts, extract_features, feature_names

__all__ = [
    "DICEstimate",
    "RecordingError",
    "UnitQuality",
    "__version__",
    "assess_quality",
    "cite",
    "compute_dics",
    "conductances",
    "detect_bursts",
    "detect_change_points",
    "extract_features",
    "feature_names",
    "generate_population",
    "get_neuron",
    "infer_dics",
    "infer_dics_many",
    "infer_dics_over_time",
    "list_neurons",
    "load_dics_over_time",
    "load_estimates",
    "load_population",
    "neuromodulate",
    "plot_detection",
    "plot_dics_over_time",
    "population_from_conductances",
    "read_spiketrains",
    "reconstruct",
    "reconstruct_many",
    "save_dics_over_time",
    "save_estimates",
    "save_population",
    "scale_conductances",
    "simulate_population",
    "train_regressor",
    "verify_population",
]
