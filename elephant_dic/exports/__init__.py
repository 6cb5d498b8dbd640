"""A population as files of other simulators."""

from .exporting import export_population

__all__ = ["export_population"]
