"""Groups of cells compared: what differs between conditions, with the uncertainty of cells and of animals."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import neo
import numpy as np

from ..inference import DICEstimate, Skipped
from .group_files import number_of
from .group_models import NestedModel, RobustMeans, fit_variances, holm, nested_factors
from .group_result import GroupComparison
from .group_tables import STD, Recordings, recordings_of

if TYPE_CHECKING:
    import pandas

#: Probability inside the intervals.
LEVEL = 0.95
_LEAST_SPREAD = 0.01  # of the variance within conditions: below, cells do not differ beyond errors
_FEW = 3  # animals: with fewer, the interval is told to be doubtful
_ROUNDING = 1e-9  # of a standard error, in standard deviations
_ALIKE = "animals of the same condition do not differ at all: there is nothing to judge a difference by"
_UNKNOWN = dict.fromkeys(
    ("standard_error", "low", "high", "t", "degrees_of_freedom", "p", "standardised", "standardised_low",
     "standardised_high", "standard_deviation", "share_of_animals"), np.nan,
)  # fmt: skip


def compare_groups(
    table: pandas.DataFrame
    | Mapping[str, Any]
    | str
    | os.PathLike[str]
    | Iterable[DICEstimate | neo.Block | Skipped],
    quantities: str | Sequence[str] | None = None,
    *,
    condition: str | Sequence[Any] = "condition",
    animal: str | Sequence[Any] = "animal",
    cell: str | Sequence[Any] | None = None,
    reference: str | None = None,
) -> GroupComparison:
    """Compare DICs, conductances or other quantities between conditions: cells in animals in conditions.

    Cells of one animal are alike, and what a test takes for many cells may be few animals: differences are
    judged by how the animals scatter. Uncertain recordings count less. An animal, or a cell, in several
    conditions is compared with itself. Probabilities are corrected for all quantities and conditions.

    Parameters
    ----------
    table : pandas.DataFrame, path of a CSV file, or iterable of results
        A row a recording, as `to_dataframe`, `save_estimates` and `reconstruct_session` write them, with
        columns for the condition and the animal. Or results of `infer_dics_many` or `reconstruct_many`; of
        populations, the conductances are the means over the members that fire like the recording, their
        standard deviations those of the errors.
    quantities : str or sequence of str
        Columns to compare. A second column with ``_std`` at the end of its name, where there is one, holds
        the standard deviation of its errors of measurement. Default: all columns that have such a second one,
        and DICs with their 68 % interval.
    condition, animal : str or sequence of str
        Name of a column, or one name for each recording.
    cell : str or sequence of str, optional
        The same for the cells; recordings of the same animal with the same name are of one cell. Default:
        the column "cell" if there is one, else each recording is of a cell of its own.
    reference : str, optional
        The condition against which the others are compared. Default: that of the first recording.

    Returns
    -------
    GroupComparison

    Raises
    ------
    TypeError
        If `table` or names are something else.
    ValueError
        If columns, names or numbers are missing or wrong, if there is one condition alone, or if recordings
        are of several neurons; `RecordingError` if they are from a file.

    Notes
    -----
    A condition with one animal is not compared: what differs may be that animal. Inferred DICs are means of
    distributions, which lean towards what the network was trained on where spikes tell little: a difference
    of such cells may be hidden. Effective DICs can differ where the cells' own do not: cells fire otherwise.
    """
    return _comparison(recordings_of(table, quantities, condition, animal, cell, reference))


def _comparison(recordings: Recordings):
    import pandas

    effects: list[dict[str, Any]] = []
    means: list[dict[str, Any]] = []
    notes, conditions = list(recordings.notes), recordings.conditions
    for name, values in recordings.values.items():
        known = np.isfinite(values)
        if not known.all():
            notes.append(_left_out(name, recordings.labels[~known]))
        quantity = _Quantity(recordings, name)
        means += [quantity.mean(each) for each in conditions]
        effects += [quantity.effect(each) for each in conditions[1:]]
    table = pandas.DataFrame(effects)
    corrected = holm(table["p"].to_numpy())
    table.insert(table.columns.get_loc("p") + 1, "p_holm", corrected)
    columns = {name: values for name, values in recordings.values.items()}
    columns |= {name + STD: values for name, values in recordings.stds.items()}
    return GroupComparison(
        reference=conditions[0],
        conditions=conditions,
        quantities=tuple(recordings.values),
        design=_design(recordings.labels, conditions),
        n_tests=int(np.isfinite(corrected).sum()),
        notes=tuple(notes),
        means=pandas.DataFrame(means),
        recordings=recordings.labels.assign(**columns),
        _effects=table,
    )


def _left_out(name, labels):
    cells = [f"{cell} of {animal}" for cell, animal in zip(labels["cell"], labels["animal"], strict=True)]
    others = f" and {len(cells) - 5} more" if len(cells) > 5 else ""
    return f"{name} is not known of {', '.join(cells[:5])}{others}, left out"


def _design(labels, conditions):
    """How much there is, and what is in several conditions."""
    rows = list(labels[["condition", "animal", "cell"]].itertuples(index=False, name=None))
    parts = [f"{name} {_counted([row for row in rows if row[0] == name])}" for name in conditions]
    text = f"{_counted(rows)}: {', '.join(parts)}"
    for last, noun in ((2, "animal"), (3, "cell")):
        places = Counter(row[1:] for row in {row[:last] for row in rows})
        several = sum(count > 1 for count in places.values())
        if several:
            are, self = ("is", "itself") if several == 1 else ("are", "themselves")
            text += f"; {number_of(several, noun)} {are} in several conditions and compared with {self}"
    return text


def _counted(rows):
    n_cells = len({row[1:] for row in rows})
    n_animals = len({row[1] for row in rows})
    recordings = f"{len(rows)} recordings of " if len(rows) > n_cells else ""
    return f"{recordings}{number_of(n_cells, 'cell')} of {number_of(n_animals, 'animal')}"


class _Quantity:
    """One quantity in all conditions: its model, and what it says."""

    def __init__(self, recordings: Recordings, name):
        known, std = np.isfinite(recordings.values[name]), recordings.stds.get(name)
        self._name, self._reference = name, recordings.conditions[0]
        labels = recordings.labels[known]
        self._animal, animals = labels["animal"].factorize()
        self._cell = labels["cell"].factorize()[0] * len(animals) + self._animal
        self._rows = {each: (labels["condition"] == each).to_numpy() for each in recordings.conditions}
        self._present = [each for each, rows in self._rows.items() if rows.any()]
        condition = sum(i * self._rows[each] for i, each in enumerate(self._present))
        self._factors = nested_factors(condition, self._animal, self._cell) if self._present else {}
        self._model = NestedModel(
            recordings.values[name][known],
            np.zeros(known.sum()) if std is None else std[known] ** 2,
            np.column_stack([self._rows[each] for each in self._present] or [[]]).astype(float),
            list(self._factors.values()),
            self._animal,
        )
        self._fit = None
        if self._model.unit > 0:
            self._fit = RobustMeans(self._model, fit_variances(self._model, for_weights=True))

    def mean(self, condition):
        """A row of the table of means."""
        rows = self._rows[condition]
        row = {
            "quantity": self._name, "condition": condition, "mean": self._mean(condition), "low": np.nan,
            "high": np.nan, "n_animals": self._n_animals(condition),
            "n_cells": len(np.unique(self._cell[rows])), "n_recordings": int(rows.sum()),
        }  # fmt: skip
        if self._fit and self._n_animals(condition) > 1:
            row["low"], row["high"] = self._fit.contrast(self._weights(condition)).interval(LEVEL)
        return row

    def effect(self, condition):
        """A row of the table of differences."""
        row = {
            "quantity": self._name, "condition": condition, "reference": self._reference,
            "difference": self._mean(condition) - self._mean(self._reference), **_UNKNOWN,
        }  # fmt: skip
        why_not = self._why_not(condition)
        if why_not or self._fit is None:
            return row | {"doubts": why_not}
        contrast = self._fit.contrast(self._weights(condition) - self._weights(self._reference))
        if contrast.standard_error < _ROUNDING * np.sqrt(self._model.unit):
            return row | {"doubts": _ALIKE}
        row["low"], row["high"] = contrast.interval(LEVEL)
        row |= {
            "standard_error": contrast.standard_error, "t": contrast.statistic,
            "degrees_of_freedom": contrast.degrees_of_freedom, "p": contrast.p,
        }  # fmt: skip
        doubts = [
            f"{each} has {self._n_animals(each)} animals"
            for each in (self._reference, condition)
            if self._n_animals(each) < _FEW
        ]
        spread = self._spread
        if spread is None:
            doubts.append("cells do not differ beyond errors of measurement: no standardised difference")
        else:
            unit, row["share_of_animals"] = spread
            row["standard_deviation"] = unit
            for name, of in (("", "difference"), ("_low", "low"), ("_high", "high")):
                row[f"standardised{name}"] = row[of] / unit
        return row | {"doubts": "; ".join(doubts)}

    def _why_not(self, condition):
        """Why there is no comparison; "" if there is one."""
        for each in (self._reference, condition):
            if self._n_animals(each) == 0:
                return f"{self._name} is not known in {each}"
        for each in (self._reference, condition):
            if self._n_animals(each) == 1:
                return (
                    f"not a comparison of groups: {each} has one animal, and what differs may be that animal"
                )
        return "" if self._fit else _ALIKE

    @cached_property
    def _spread(self):
        """Standard deviation of recordings beyond errors, and the share of animals (NaN: not to be told)."""
        variances = dict(zip(self._factors, fit_variances(self._model, for_weights=False), strict=True))
        total = sum(variances.values())
        if total < _LEAST_SPREAD * self._model.unit:
            return None
        of_animals = sum(variance for name, variance in variances.items() if name.startswith("animals"))
        is_told = any(not name.startswith("animals") for name in variances)
        return float(np.sqrt(total)), float(of_animals / total) if is_told else np.nan

    def _mean(self, condition):
        if self._fit and condition in self._present:
            return float(self._weights(condition) @ self._fit.means)
        values = self._model.values[self._rows[condition]]
        return float(np.mean(values)) if len(values) else np.nan

    def _weights(self, condition):
        return np.eye(len(self._present))[self._present.index(condition)]

    def _n_animals(self, condition):
        return len(np.unique(self._animal[self._rows[condition]]))
