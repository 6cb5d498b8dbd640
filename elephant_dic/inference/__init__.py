"""A spike train to its dynamic input conductances: the network, how far to trust it, and DICs over time."""

from .calibration import fit_factors, is_bursting
from .change_points import detect_change_points
from .domain import Domain, sample_domain
from .estimate import DICEstimate
from .estimate_files import load_estimates, save_estimates
from .estimate_tables import estimate_columns
from .foreign import foreign_features, keras_seeded
from .forward_pass import Network
from .inferring import (
    NEURON,
    STEP_NEURON,
    Inferred,
    infer,
    infer_dics,
    infer_dics_many,
    infer_many,
    infer_under_steps,
)
from .mixture import Scaling
from .network_files import UNUSABLE, file_state, network_of_card, read_network, unusable
from .over_time import infer_dics_over_time
from .over_time_files import load_dics_over_time, save_dics_over_time
from .regressor import LOG_SCALES, N_COMPONENTS, Regressor, card_of, load_regressor
from .skipped import Skipped, check_errors, one_of_many
from .step_regressor import StepRegressor, load_step_regressor

__all__ = [
    "DICEstimate",
    "Domain",
    "Inferred",
    "LOG_SCALES",
    "NEURON",
    "N_COMPONENTS",
    "Network",
    "Regressor",
    "STEP_NEURON",
    "Scaling",
    "Skipped",
    "StepRegressor",
    "UNUSABLE",
    "card_of",
    "check_errors",
    "detect_change_points",
    "estimate_columns",
    "file_state",
    "fit_factors",
    "foreign_features",
    "infer",
    "infer_dics",
    "infer_dics_many",
    "infer_dics_over_time",
    "infer_many",
    "infer_under_steps",
    "is_bursting",
    "keras_seeded",
    "load_dics_over_time",
    "load_estimates",
    "load_regressor",
    "load_step_regressor",
    "network_of_card",
    "one_of_many",
    "read_network",
    "sample_domain",
    "save_dics_over_time",
    "save_estimates",
    "unusable",
]
