"""Pictures of recordings, estimates, populations and networks."""

from .changes import plot_change_probabilities, plot_changes, plot_dic_changes
from .detection import plot_detection
from .dics import activity_map, plot_dic_density, plot_fast_dic
from .groups import plot_groups
from .levels import plot_levels
from .models import plot_correlations, plot_member_conductances, plot_members
from .over_time import plot_dics_over_time
from .populations import plot_conductances, plot_dics, plot_population, plot_raster
from .rows import MOST_SPIKES
from .training import plot_calibration, plot_training
from .trains import plot_isi_histogram, plot_return_map, plot_spiketrain

__all__ = [
    "MOST_SPIKES",
    "activity_map",
    "plot_calibration",
    "plot_change_probabilities",
    "plot_changes",
    "plot_conductances",
    "plot_correlations",
    "plot_detection",
    "plot_dic_changes",
    "plot_dic_density",
    "plot_dics",
    "plot_dics_over_time",
    "plot_fast_dic",
    "plot_groups",
    "plot_isi_histogram",
    "plot_levels",
    "plot_member_conductances",
    "plot_members",
    "plot_population",
    "plot_raster",
    "plot_return_map",
    "plot_spiketrain",
    "plot_training",
]
