"""Conductances to spike times and voltages, and the work spread over cores or machines."""

from .parallel import Interrupted, cpu_count, map_chunks, own_processes, progress_bar, shows_bars
from .simulator import simulate, simulate_population

__all__ = [
    "Interrupted",
    "cpu_count",
    "map_chunks",
    "own_processes",
    "progress_bar",
    "shows_bars",
    "simulate",
    "simulate_population",
]
