"""What a spike train says: its bursts, features, class and figures, and how clean a unit it is."""

from .burst_detection import SHORTEST, detect_bursts, log_density
from .bursts import interval_threshold
from .compiled import compiler
from .distances import DISTANCES, train_distances
from .features import FEATURES, extract_features, feature_names, feature_table, network_scale
from .firing import (
    ACTIVITIES,
    COMPARED,
    FIGURES,
    Firing,
    deviations,
    firing_of,
    matches,
    recording_firing,
    tolerances,
)
from .quality import DOUBLET, UnitQuality, amplitudes_of, assess_quality, may_be_impure
from .spiketrains import MIN_SPIKES, cells_of, in_one_order, isis_of, sweeps_of, times_of, times_of_many
from .views import VIEWS, steady

__all__ = [
    "ACTIVITIES",
    "COMPARED",
    "DISTANCES",
    "DOUBLET",
    "FEATURES",
    "FIGURES",
    "Firing",
    "MIN_SPIKES",
    "SHORTEST",
    "UnitQuality",
    "VIEWS",
    "amplitudes_of",
    "assess_quality",
    "cells_of",
    "compiler",
    "detect_bursts",
    "deviations",
    "extract_features",
    "feature_names",
    "feature_table",
    "firing_of",
    "in_one_order",
    "interval_threshold",
    "isis_of",
    "log_density",
    "matches",
    "may_be_impure",
    "network_scale",
    "recording_firing",
    "steady",
    "sweeps_of",
    "times_of",
    "times_of_many",
    "tolerances",
    "train_distances",
]
