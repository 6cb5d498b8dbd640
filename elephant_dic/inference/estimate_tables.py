"""Inferred DICs as a table, a row a cell, columns for readers; and what can be read from one again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..neurons import DIC_NAMES
from .estimate import SHOWN_LEVEL, DICEstimate
from .mixture import Mixture, Scaling
from .skipped import Skipped

_SHARE = f"{100 * SHOWN_LEVEL:.0f} %"
#: Warning of an estimate that was read from a table.
FROM_TABLE = (
    f"it was read from a table, which holds no distribution: no samples, no interval but the {_SHARE} one"
)
_BETWEEN = "; "


@dataclass(frozen=True, eq=False)
class TableOnly(Mixture):
    """In the place of a distribution of which a table holds one interval: nothing else can be asked of it.

    Attributes
    ----------
    ends : (3, 2) array
        Of the central interval of each DIC at `SHOWN_LEVEL`.
    """

    ends: np.ndarray

    @classmethod
    def of(cls, ends: np.ndarray) -> TableOnly:
        """That of an interval; there are no components, and no scaling."""
        n = len(DIC_NAMES)
        none = Scaling(*np.full((4, n), np.nan))
        return cls(np.zeros(0), np.zeros((0, n)), np.zeros((0, n, n)), none, ends)

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        raise ValueError(_missing("samples"))

    def interval(self, level: float) -> np.ndarray:
        if level != SHOWN_LEVEL:
            raise ValueError(_missing(f"an interval of {level:g}"))
        return self.ends.copy()

    def probability_below(self, dics: npt.ArrayLike) -> np.ndarray:
        raise ValueError(_missing("probabilities"))


def _missing(what):
    return (
        f"{what}: the estimate was read from a table, which holds the {_SHARE} interval and no distribution; "
        f"save estimates as .nix, .nwb or .mat to keep it"
    )


def estimate_columns(results: Sequence[DICEstimate | Skipped]) -> dict[str, list[Any]]:
    """Columns of numbers and text by name, a row a cell.

    Parameters
    ----------
    results : sequence of DICEstimate or Skipped
        At least one.

    Returns
    -------
    dict of str to list
        ``cell``, ``source`` and ``neuron``; ``g_f``, the mean, ``g_f_std``, ``g_f_low`` and ``g_f_high``, the
        ends of the central 68 % interval; the same of g_s and g_u; ``in_domain``, ``domain_score`` and
        ``warnings``, one after the other. If cells were skipped, ``skipped``, the reason: in their rows all
        other numbers are NaN and texts "", and ``in_domain`` is text.
    """
    rows = [_row_of_skipped(each) if isinstance(each, Skipped) else _row(each) for each in results]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    if any(columns["skipped"]):
        columns["in_domain"] = list(map(str, columns["in_domain"]))
    else:
        del columns["skipped"]
    return columns


def _row(estimate):
    row = {"cell": estimate.name, "source": estimate.source, "neuron": estimate._neuron}
    bounds = estimate.interval(SHOWN_LEVEL)
    for name, mean, std, (low, high) in zip(DIC_NAMES, estimate.mean, estimate.std, bounds, strict=True):
        values = (mean, std, low, high)
        row |= {column: float(value) for column, value in zip(_columns_of(name), values, strict=True)}
    return row | {
        "in_domain": estimate.in_domain,
        "domain_score": estimate.domain_score,
        "warnings": _BETWEEN.join(estimate.warnings),
        "skipped": "",
    }


def _columns_of(name):
    return name, f"{name}_std", f"{name}_low", f"{name}_high"


def _row_of_skipped(skipped):
    numbers = {column: np.nan for name in DIC_NAMES for column in _columns_of(name)}
    return {
        "cell": skipped.cell, "source": skipped.source, "neuron": "", **numbers, "in_domain": "",
        "domain_score": np.nan, "warnings": "", "skipped": skipped.reason,
    }  # fmt: skip


def cells_of_table(columns: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """Of each row of a table, what only text can say: name, source, warnings, and why it was skipped."""
    skipped = columns.get("skipped", np.full(len(columns["cell"]), ""))
    texts = zip(columns["cell"], columns["source"], columns["warnings"], skipped, strict=True)
    return [
        {"name": str(name), "source": str(source), "warnings": _warnings(str(told)), "skipped": str(reason)}
        for name, source, told, reason in texts
    ]


def _warnings(told):
    """Those in a table as one, as some have parts; and that it was read from one."""
    known = told.removesuffix(FROM_TABLE).removesuffix(_BETWEEN)
    return [*filter(None, [known]), FROM_TABLE]


def intervals_of_table(columns: Mapping[str, np.ndarray]) -> list[TableOnly]:
    """What stands for the distribution of each row of a table."""
    ends = [[columns[end] for end in _columns_of(name)[2:]] for name in DIC_NAMES]
    return [TableOnly.of(each) for each in np.moveaxis(np.array(ends, dtype=float), 2, 0)]
