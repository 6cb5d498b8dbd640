"""New networks: what a declared neuron must fulfil, cells to train on, and the training."""

from .emulation import train_emulator
from .manifest import check_manifest
from .network import train_regressor
from .neuron_checks import check_neuron, load_neuron_file, reachability_text
from .sets import draw_cells
from .step_network import train_step_network

__all__ = [
    "check_manifest",
    "check_neuron",
    "draw_cells",
    "load_neuron_file",
    "reachability_text",
    "train_emulator",
    "train_regressor",
    "train_step_network",
]
