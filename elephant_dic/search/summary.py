"""Populations and estimates in a few words: a line each, for readers, notebooks and tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import neo
import numpy as np

from ..arguments import shown
from ..inference import DICEstimate, Skipped, estimate_columns
from ..populations import dic_estimate, provenance
from .verdict import Verification

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class PopulationSummary:
    """What a population is, and the verdict on it. Text says it in a line, a notebook shows a table.

    Attributes
    ----------
    cell, source : str
        Name of the cell, and the file that it is from; "" where they are not known.
    neuron : str
    verdict : str
        "verified", "verified, with doubts", "partial", "not reproduced", or "not verified".
    reason : str
        Why not all members fire like the recording; "" if they do, or were not simulated.
    doubts : tuple of str
    activity : str
        Class of the recording's firing; "" where it was not compared.
    n_models : int
    n_matching : int or None
        Members that fire like the recording; None if they were not simulated.
    dics : dict of str to (float, float)
        Mean and standard deviation of the DICs from which the population was made.
    seed : int or None
    """

    cell: str
    source: str
    neuron: str
    verdict: str
    reason: str
    doubts: tuple[str, ...]
    activity: str
    n_models: int
    n_matching: int | None
    dics: dict[str, tuple[float, float]]
    seed: int | None

    def row(self) -> dict[str, Any]:
        """The values by the names of the columns of `to_dataframe`."""
        row: dict[str, Any] = {"cell": self.cell, "source": self.source, "neuron": self.neuron}
        for name, (mean, std) in self.dics.items():
            row |= {name: mean, f"{name}_std": std}
        row |= {name: getattr(self, name) for name in ("verdict", "reason", "activity")}
        return row | {
            "n_models": self.n_models, "n_matching": self.n_matching, "doubts": "; ".join(self.doubts),
            "seed": self.seed,
        }  # fmt: skip

    def __str__(self) -> str:
        cell = f" for {self.cell}" if self.cell else ""
        matching = "" if self.n_matching is None else f", {self.n_matching} fire like the recording"
        why = "; ".join(filter(None, (self.reason, *self.doubts)))
        told = f": {why}" if why else ""
        return f"{self.n_models} models of neuron {self.neuron}{cell}{matching}; {self.verdict}{told}"

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        matching = "not simulated" if self.n_matching is None else f"{self.n_matching} of {self.n_models}"
        rows = {
            "verdict": f"<b>{escape(self.verdict)}</b>",
            "why": "<br>".join(escape(each) for each in (self.reason, *self.doubts) if each),
            "cell": escape(" of ".join(filter(None, (self.cell, self.source)))),
            "neuron": escape(self.neuron),
            "members that fire like the recording": matching,
            "recording": escape(self.activity),
        } | {
            f"effective {name}": f"{mean:.2f} ± {std:.2f}"
            for name, (mean, std) in self.dics.items()
            if np.isfinite(mean)
        }
        lines = [f"<tr><th>{name}</th><td>{text}</td></tr>" for name, text in rows.items() if text]
        return f"<table>{''.join(lines)}</table>"


def summarise_population(block: neo.Block) -> PopulationSummary:
    """What a population is, and the verdict on it.

    Parameters
    ----------
    block : neo.Block
        A population.

    Returns
    -------
    PopulationSummary

    Raises
    ------
    TypeError, ValueError
        If `block` is not a population.
    """
    known, found = provenance(block), Verification.of_block(block)
    steps = known.get("steps", {})
    names, means, stds = dic_estimate(block)
    told = [dict(sweep) for sweep in known.get("source") or []]
    return PopulationSummary(
        cell=_of_all(told, "name"),
        source=_of_all(told, "source"),
        neuron=known["neuron"],
        verdict=known["verdict"],
        reason=found.reason if found else steps.get("reason", ""),
        doubts=found.doubts if found else tuple(steps.get("doubts", known.get("warnings", ()))),
        activity=found.recording.activity if found else "under current steps" if steps else "",
        n_models=int(block.annotations["n_members"]),
        n_matching=found.n_matching if found else steps.get("n_matching"),
        dics={
            name: (float(mean), float(std)) for name, mean, std in zip(names, means, stds, strict=True)
        },
        seed=known.get("seed"),
    )  # fmt: skip


def _of_all(sweeps, key):
    """What is said of all sweeps alike, else ""."""
    values = {sweep.get(key, "") for sweep in sweeps}
    return values.pop() if len(values) == 1 else ""


def to_dataframe(
    results: DICEstimate | neo.Block | Iterable[DICEstimate | neo.Block | Skipped],
) -> pandas.DataFrame:
    """Estimates, or populations, as a table of pandas: a row a cell.

    Parameters
    ----------
    results : DICEstimate, neo.Block or iterable of these
        As from `infer_dics_many`, `reconstruct_many` and `load_estimates`; cells that were skipped are rows
        that say why.

    Returns
    -------
    pandas.DataFrame
        With the columns ``cell``, ``source``, ``neuron``; ``g_f`` and ``g_f_std``, the same of g_s and g_u.
        Of estimates, ``g_f_low`` and ``g_f_high``, the ends of the central 68 % interval, and so on;
        ``in_domain``, ``domain_score``, ``warnings``. Of populations, ``verdict``, ``reason``, ``activity``,
        ``n_models``, ``n_matching``, ``doubts``, ``seed``. ``skipped`` if cells were.

    Raises
    ------
    TypeError
        If something else is among them.
    ValueError
        If a Block is not a population.
    """
    import pandas

    if isinstance(results, DICEstimate | neo.Block | Skipped):
        results = [results]
    if isinstance(results, str) or not hasattr(results, "__iter__"):
        raise TypeError(f"results must be estimates or populations, got {shown(results)}")
    rows = [_row(index, each) for index, each in enumerate(results)]
    return pandas.DataFrame(rows, columns=None if rows else ["cell", "source", "neuron"])


def _row(index, result) -> dict[str, Any]:
    if isinstance(result, DICEstimate):
        return {name: values[0] for name, values in estimate_columns([result]).items()}
    if isinstance(result, Skipped):
        return {"cell": result.cell, "source": result.source, "skipped": result.reason}
    if isinstance(result, neo.Block):
        return summarise_population(result).row()
    raise TypeError(f"result {index} must be a DICEstimate or a population, got {shown(result)}")
