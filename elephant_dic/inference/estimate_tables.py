"""Inferred DICs as a table: a row a cell, columns for readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..neurons import DIC_NAMES
from .estimate import SHOWN_LEVEL, DICEstimate


def estimate_columns(estimates: Sequence[DICEstimate]) -> dict[str, list[Any]]:
    """Columns of numbers and text by name, a row an estimate.

    Parameters
    ----------
    estimates : sequence of DICEstimate

    Returns
    -------
    dict of str to list
        ``cell``, ``source`` and ``neuron``; ``g_f``, the mean, ``g_f_std``, ``g_f_low`` and ``g_f_high``, the
        ends of the central 68 % interval; the same of g_s and g_u; ``in_domain``, ``domain_score`` and
        ``warnings``, one after the other.
    """
    columns: dict[str, list[Any]] = {
        "cell": [estimate.name for estimate in estimates],
        "source": [estimate.source for estimate in estimates],
        "neuron": [estimate._neuron for estimate in estimates],
    }
    intervals = np.array([estimate.interval(SHOWN_LEVEL) for estimate in estimates]).reshape(-1, 3, 2)
    for i, name in enumerate(DIC_NAMES):
        columns[name] = [float(estimate.mean[i]) for estimate in estimates]
        columns[f"{name}_std"] = [float(estimate.std[i]) for estimate in estimates]
        columns[f"{name}_low"], columns[f"{name}_high"] = intervals[:, i].T.tolist()
    columns["in_domain"] = [estimate.in_domain for estimate in estimates]
    columns["domain_score"] = [estimate.domain_score for estimate in estimates]
    columns["warnings"] = ["; ".join(estimate.warnings) for estimate in estimates]
    return columns
