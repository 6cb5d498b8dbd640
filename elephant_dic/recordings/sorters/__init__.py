"""The output of spike sorters, as files and as folders, to units with what is known of each."""

from .folders import is_one_recording, sorting_reader
from .matlab_sortings import matlab_sorting

__all__ = ["is_one_recording", "matlab_sorting", "sorting_reader"]
