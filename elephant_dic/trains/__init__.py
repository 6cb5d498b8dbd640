"""What a spike train says: its bursts, features, class and figures, and how clean a unit it is."""

from .amplitudes import amplitudes_of
from .burst_detection import SHORTEST, detect_bursts, log_density
from .bursts import interval_threshold
from .capacitance import capacitance_of_cell, check_capacitance
from .cleaning import CleanCell, clean, clean_many, clean_times, without_doublets
from .compiled import compiler
from .conversion import to_spiketrains
from .distances import DISTANCES, train_distances
from .features import FEATURES, MOST_WINDOWS, extract_features, feature_names, feature_table, network_scale
from .firing import (
    ACTIVITIES,
    COMPARED,
    FIGURES,
    VARIABILITY,
    Firing,
    deviations,
    firing_of,
    firings_of,
    matches,
    recording_firing,
    tolerances,
)
from .level_rule import LevelComparison, check_figures
from .levels import (
    REST,
    Protocol,
    Response,
    any_stepped,
    is_stepped,
    membrane_of,
    protocol_of,
    recorded_response,
    simulated_response,
)
from .quality import UnitQuality, assess_quality, may_be_impure
from .rejection import NEAR, without_spikes
from .rhythm import keeps_rhythm
from .rule import CV2_TOLERANCE, FEWEST_SPIKES
from .spiketrains import (
    MIN_SPIKES,
    cells_of,
    file_of,
    in_one_order,
    isis_of,
    name_of,
    naming_the_cell,
    sweeps_of,
    times_of,
)
from .stability import drifting_figures, tolerance_of_halves
from .step_features import STEP_FEATURES, features_of_levels, step_features
from .stimulus import Stimulus, annotate_stimulus, stimulus_of
from .views import VIEWS, steady

__all__ = [
    "ACTIVITIES",
    "COMPARED",
    "CV2_TOLERANCE",
    "CleanCell",
    "DISTANCES",
    "FEATURES",
    "FEWEST_SPIKES",
    "FIGURES",
    "Firing",
    "LevelComparison",
    "MIN_SPIKES",
    "REST",
    "MOST_WINDOWS",
    "NEAR",
    "Protocol",
    "Response",
    "SHORTEST",
    "STEP_FEATURES",
    "Stimulus",
    "UnitQuality",
    "VARIABILITY",
    "VIEWS",
    "amplitudes_of",
    "annotate_stimulus",
    "any_stepped",
    "assess_quality",
    "capacitance_of_cell",
    "cells_of",
    "check_capacitance",
    "check_figures",
    "clean",
    "clean_many",
    "clean_times",
    "compiler",
    "detect_bursts",
    "deviations",
    "drifting_figures",
    "extract_features",
    "feature_names",
    "feature_table",
    "file_of",
    "features_of_levels",
    "firing_of",
    "firings_of",
    "in_one_order",
    "interval_threshold",
    "is_stepped",
    "isis_of",
    "keeps_rhythm",
    "log_density",
    "matches",
    "may_be_impure",
    "membrane_of",
    "name_of",
    "naming_the_cell",
    "network_scale",
    "protocol_of",
    "recording_firing",
    "recorded_response",
    "simulated_response",
    "steady",
    "step_features",
    "stimulus_of",
    "sweeps_of",
    "times_of",
    "to_spiketrains",
    "tolerance_of_halves",
    "tolerances",
    "train_distances",
    "without_doublets",
    "without_spikes",
]
