"""Degenerate populations of conductance-based neuron models from the spike times of one neuron.

A room is imported when one of its names is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from ._version import __version__
from .cite import cite

if TYPE_CHECKING:
    from .changes import (
        compare_groups,
        identify_changes,
        neuromodulate,
        scale_conductances,
    )
    from .exports import export_population
    from .inference import (
        DICEstimate,
        Skipped,
        detect_change_points,
        infer_dics,
        infer_dics_many,
        infer_dics_over_time,
        load_dics_over_time,
        load_estimates,
        save_dics_over_time,
        save_estimates,
    )
    from .mechanisms import MechanismError, neuron_from_mod
    from .neurons import compute_dics, get_neuron, list_neurons
    from .plots import (
        plot_calibration,
        plot_change_probabilities,
        plot_changes,
        plot_conductances,
        plot_correlations,
        plot_detection,
        plot_dic_changes,
        plot_dic_density,
        plot_dics,
        plot_dics_over_time,
        plot_fast_dic,
        plot_groups,
        plot_isi_histogram,
        plot_levels,
        plot_member_conductances,
        plot_members,
        plot_population,
        plot_raster,
        plot_return_map,
        plot_spiketrain,
        plot_training,
    )
    from .populations import (
        PopulationFileError,
        conductances,
        dic_estimate,
        identified_changes,
        load_population,
        member_dics,
        population_from_conductances,
        provenance,
        save_population,
    )
    from .reconstruction import generate_population, reconstruct, reconstruct_many
    from .recordings import RecordingError, read_spiketrains
    from .search import suggest_neuron, summarise_population, to_dataframe
    from .session import reconstruct_session
    from .simulation import Interrupted, simulate_population
    from .steps import verify_population
    from .training import train_emulator, train_regressor
    from .trains import (
        UnitQuality,
        assess_quality,
        detect_bursts,
        extract_features,
        feature_names,
        to_spiketrains,
    )

__all__ = [
    "DICEstimate",
    "Interrupted",
    "MechanismError",
    "PopulationFileError",
    "RecordingError",
    "Skipped",
    "UnitQuality",
    "__version__",
    "assess_quality",
    "cite",
    "compare_groups",
    "compute_dics",
    "conductances",
    "detect_bursts",
    "detect_change_points",
    "dic_estimate",
    "export_population",
    "extract_features",
    "feature_names",
    "generate_population",
    "get_neuron",
    "identified_changes",
    "identify_changes",
    "infer_dics",
    "infer_dics_many",
    "infer_dics_over_time",
    "list_neurons",
    "load_dics_over_time",
    "load_estimates",
    "load_population",
    "member_dics",
    "neuromodulate",
    "neuron_from_mod",
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
    "population_from_conductances",
    "provenance",
    "read_spiketrains",
    "reconstruct",
    "reconstruct_many",
    "reconstruct_session",
    "save_dics_over_time",
    "save_estimates",
    "save_population",
    "scale_conductances",
    "simulate_population",
    "suggest_neuron",
    "summarise_population",
    "to_dataframe",
    "to_spiketrains",
    "train_emulator",
    "train_regressor",
    "verify_population",
]

#: What each room hands on.
_NAMES = {
    "changes": "compare_groups identify_changes neuromodulate scale_conductances",
    "exports": "export_population",
    "inference": "DICEstimate Skipped detect_change_points infer_dics infer_dics_many infer_dics_over_time "
    "load_dics_over_time load_estimates save_dics_over_time save_estimates",
    "mechanisms": "MechanismError neuron_from_mod",
    "neurons": "compute_dics get_neuron list_neurons",
    "plots": "plot_calibration plot_change_probabilities plot_changes plot_conductances plot_correlations "
    "plot_detection plot_dic_changes plot_dic_density "
    "plot_dics plot_dics_over_time plot_fast_dic plot_groups plot_isi_histogram plot_levels "
    "plot_member_conductances plot_members plot_population plot_raster plot_return_map plot_spiketrain "
    "plot_training",
    "populations": "PopulationFileError conductances dic_estimate identified_changes load_population "
    "member_dics population_from_conductances provenance save_population",
    "reconstruction": "generate_population reconstruct reconstruct_many",
    "recordings": "RecordingError read_spiketrains",
    "search": "suggest_neuron summarise_population to_dataframe",
    "session": "reconstruct_session",
    "simulation": "Interrupted simulate_population",
    "steps": "verify_population",
    "training": "train_emulator train_regressor",
    "trains": "UnitQuality assess_quality detect_bursts extract_features feature_names to_spiketrains",
}
#: Rooms that hand on nothing.
_OTHERS = ("arguments", "emulation")
_ROOMS = {name: room for room, names in _NAMES.items() for name in names.split()}

if not TYPE_CHECKING:

    def __getattr__(name):
        if name in _NAMES or name in _OTHERS:
            return import_module(f".{name}", __name__)
        if name not in _ROOMS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found = getattr(import_module(f".{_ROOMS[name]}", __name__), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
