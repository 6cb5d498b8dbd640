"""A population as files of other simulators."""

from .exporting import export_population
from .expressions import Expression, as_expression, symbol

__all__ = ["Expression", "as_expression", "export_population", "symbol"]
