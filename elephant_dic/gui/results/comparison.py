"""Populations beside each other, in words and numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...populations import conductances, dic_estimate, holds_changes, member_dics, neuron_of, provenance
from ..texts.tables import Rows
from ..texts.words import number, signed
from .result import Result, judged

_QUANTILES = (0.05, 0.5, 0.95)


def overview_rows(results: Sequence[Result]) -> list[dict[str, object]]:
    """A row of words for each result, numbered from 1."""
    rows: list[dict[str, object]] = []
    for k, result in enumerate(results, 1):
        block = result.population
        found = judged(block)
        rows.append(
            {
                "number": k,
                "name": result.name,
                "verdict": _verdict(block, found),
                "models": f"{block.annotations['n_members']:,}",
                "saved": "yes" if result.is_saved else "no",
            }
        )
    return rows


def _verdict(block, found):
    if holds_changes(block):
        return f"pairs: {provenance(block)['changes']['verdict']}"
    return found.verdict if found else "not verified"


def comparison_rows(results: Sequence[Result]) -> Rows:
    """DICs and conductances of several results: a row each, a column a result, median and nine tenths."""
    columns = [_column(result.population) for result in results]
    names = list(dict.fromkeys(name for column in columns for name in column))
    return [
        ("Median (5 to 95 %)", *(result.name for result in results)),
        *((name, *(column.get(name, "") for column in columns)) for name in names),
    ]


def _column(block) -> dict[str, str]:
    told = {"Neuron": neuron_of(block).name}
    names, means, stds = dic_estimate(block)
    for name, mean, std in zip(names, means, stds, strict=True):
        if np.isfinite(mean) and np.nan_to_num(std) > 0:
            told[f"{name}, effective"] = f"{signed(mean)} ± {std:.2f}"
    own = np.quantile(member_dics(block), _QUANTILES, axis=0).T
    for name, (low, middle, high) in zip(names, own, strict=True):
        told[f"{name} of the models"] = f"{signed(middle)} ({signed(low)} to {signed(high)})"
    for name, values in conductances(block).items():
        unit = "mV" if values.dimensionality.string == "mV" else "mS/cm²"
        low, middle, high = map(number, np.quantile(values.magnitude, _QUANTILES), (3, 3, 3))
        told[f"{name} ({unit})"] = f"{middle} ({low} to {high})"
    return told
