"""Degenerate populations of conductance-based neuron models from the spike times of one neuron."""

from ._version import __version__
from .burst_detection import detect_bursts
from .change_points import detect_change_points
from .cite import cite
from .conductance_tables import population_from_conductances
from .detection_plots import plot_detection
from .dics import compute_dics
from .estimate_files import load_estimates, save_estimates
from .features import extract_features, feature_names
from .modulation import neuromodulate, scale_conductances
from .neurons import get_neuron, list_neurons
from .over_time import infer_dics_over_time
from .over_time_files import load_dics_over_time, save_dics_over_time
from .population import conductances
from .population_files import load_population, save_population
from .population_verification import verify_population
from .quality import UnitQuality, assess_quality
from .reconstruction import generate_population, reconstruct, reconstruct_many
from .recordings import RecordingError, read_spiketrains
from .regressor import DICEstimate, infer_dics, infer_dics_many
from .simulation import simulate_population
from .time_plots import plot_dics_over_time
from .training import train_regressor

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
