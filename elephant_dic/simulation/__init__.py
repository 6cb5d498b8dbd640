"""Conductances to spike times and voltages, and the work spread over cores or machines."""

from .injected import LONGEST_LEAD
from .of_populations import simulate_population
from .parallel import Interrupted, cpu_count, map_chunks, own_processes, progress_bar, shows_bars
from .simulator import simulate

__all__ = [
    "Interrupted",
    "LONGEST_LEAD",
    "cpu_count",
    "map_chunks",
    "own_processes",
    "progress_bar",
    "shows_bars",
    "simulate",
    "simulate_population",
]
