"""MATLAB files: what Spike2 exported, what sorters wrote, vectors of spike times, and neo's Blocks."""

from .matlab_files import read_matlab

__all__ = ["read_matlab"]
