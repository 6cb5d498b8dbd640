"""Tables of a population, as the page and the report show them: a row of headings, then rows of text."""

from __future__ import annotations

from collections.abc import Mapping

import neo
import numpy as np
import quantities as pq

from ...populations import conductances, dic_estimate, member_dics
from .words import number, signed

Rows = list[tuple[str, ...]]
_QUANTILES = (0.05, 0.5, 0.95)
_HEADINGS = ("5 %", "Median", "95 %")


def conductance_rows(block: neo.Block) -> Rows:
    """Quantiles of each conductance over the models, in mS/cm**2, and of parameters, in mV."""
    return quantile_rows("Channel", conductances(block))


def quantile_rows(heading: str, columns: Mapping[str, pq.Quantity]) -> Rows:
    """Quantiles of each column."""
    rows: Rows = [(heading, *_HEADINGS)]
    for name, values in columns.items():
        rows.append((name, *map(number, np.quantile(values.magnitude, _QUANTILES))))
    return rows


def is_inferred(block: neo.Block) -> bool:
    """Whether a population came of DICs that a network inferred, with what it does not know of them."""
    return bool(np.nan_to_num(dic_estimate(block)[2]).any())


def dic_rows(block: neo.Block) -> Rows:
    """Quantiles of each of the models' own DICs; beside them the effective ones, or those asked for."""
    names, means, stds = dic_estimate(block)
    rows: Rows = [("DIC", *_HEADINGS)]
    for name, own in zip(names, np.quantile(member_dics(block), _QUANTILES, axis=0).T, strict=True):
        rows.append((name, *map(signed, own)))
    if is_inferred(block):
        beside = [f"{signed(mean)} ± {std:.2f}" for mean, std in zip(means, stds, strict=True)]
        return _with_column(rows, "Effective, mean ± std", beside)
    if np.isfinite(means).any():
        return _with_column(rows, "Asked for", [signed(mean) if np.isfinite(mean) else "" for mean in means])
    return rows


def _with_column(rows, heading, column) -> Rows:
    return [(*row, cell) for row, cell in zip(rows, (heading, *column), strict=True)]
