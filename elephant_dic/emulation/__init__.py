"""What cells will do, learnt from simulated ones, and samples of the cells that may fire like a recording."""

from .emulator import LOG_SCALES, OUTPUTS, Emulator, network_inputs, network_targets
from .files import load_emulator
from .sampling import Chains, sample_component

__all__ = [
    "Chains",
    "Emulator",
    "LOG_SCALES",
    "OUTPUTS",
    "load_emulator",
    "network_inputs",
    "network_targets",
    "sample_component",
]
