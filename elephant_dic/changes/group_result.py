"""What a comparison of groups says: tables, and sentences for a paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas

_METHOD = (
    "Recordings in cells in animals, with the known errors of measurement: variances by restricted maximum "
    "likelihood, standard errors robust to clusters (animals), Satterthwaite's degrees of freedom"
)


@dataclass(frozen=True, eq=False)
class GroupComparison:
    """What differs between conditions. Text says it in sentences, a notebook shows a table.

    Attributes
    ----------
    reference : str
        The condition against which the others are compared.
    conditions, quantities : tuple of str
    design : str
        How many recordings, cells and animals there are, and whether the same ones are in several conditions.
    n_tests : int
        For how many tests the probabilities are corrected.
    notes : tuple of str
        What else is to be known: recordings left out, uncertainties that are not known.
    means : pandas.DataFrame
        A row a quantity and condition: ``mean``, ``low`` and ``high`` (the 95 % interval), ``n_animals``,
        ``n_cells``, ``n_recordings``.
    recordings : pandas.DataFrame
        What was compared, a row a recording: ``condition``, ``animal``, ``cell``, the quantities and, where
        they are known, their standard deviations.
    """

    reference: str
    conditions: tuple[str, ...]
    quantities: tuple[str, ...]
    design: str
    n_tests: int
    notes: tuple[str, ...]
    means: pandas.DataFrame
    recordings: pandas.DataFrame
    _effects: pandas.DataFrame

    def to_dataframe(self) -> pandas.DataFrame:
        """The comparison as a table of pandas.

        Returns
        -------
        pandas.DataFrame
            A row a quantity and condition: ``quantity``, ``condition``, ``reference``; ``difference`` from
            the reference, its ``standard_error``, ``low`` and ``high``, the ends of its 95 % interval; ``t``,
            ``degrees_of_freedom``, ``p``, and ``p_holm``, corrected for all tests; ``standardised``, the
            difference in units of ``standard_deviation``, that of recordings of one condition without their
            errors of measurement, with ``standardised_low`` and ``standardised_high``, for which that unit
            counts as known; ``share_of_animals``, of the variance; ``doubts``. NaN where nothing can be said.
        """
        return self._effects.copy()

    def to_markdown(self) -> str:
        """The comparison as a table in Markdown, rounded, for a paper."""
        means = self.means.set_index(["quantity", "condition"])
        head = ["quantity", "condition", "animals", "cells", "mean"]
        head += [f"difference from {self.reference} (95 %)", "t (df)", "p", "p, Holm", "standardised"]
        lines = [tuple(head), ("---",) * len(head)]
        for quantity in self.quantities:
            for condition in self.conditions:
                mean = means.loc[(quantity, condition)]
                counts = (f"{mean.n_animals:.0f}", f"{mean.n_cells:.0f}")
                start = (quantity, condition, *counts, _number(mean["mean"]))
                lines.append(start + self._cells_of_effect(quantity, condition))
        return "".join(f"| {' | '.join(_in_a_cell(each) for each in line)} |\n" for line in lines)

    def _cells_of_effect(self, quantity, condition):
        if condition == self.reference:
            return ("",) * 5
        effect = self._effect(quantity, condition)
        doubts = f"; {effect.doubts}" if effect.doubts else ""
        if np.isnan(effect.p):
            return (f"{_number(effect.difference)}{doubts}", "", "", "", "")
        return (
            f"{_with_interval(effect.difference, effect.low, effect.high)}{doubts}",
            f"{effect.t:.2f} ({effect.degrees_of_freedom:.1f})",
            _probability(effect.p),
            _probability(effect.p_holm),
            _number(effect.standardised),
        )

    def _effect(self, quantity, condition):
        table = self._effects
        return table[(table.quantity == quantity) & (table.condition == condition)].iloc[0]

    def summary(self) -> str:
        """The comparison in sentences."""
        effects = [self._sentence(effect) for _, effect in self._effects.iterrows()]
        corrected = f"; p corrected for {self.n_tests} tests by Holm's method" if self.n_tests > 1 else ""
        notes = [f"{note}." for note in self.notes]
        return "\n".join([f"{self.design}.", *effects, *notes, f"{_METHOD}{corrected}."])

    def _sentence(self, effect):
        start = f"{effect.quantity}, {effect.condition} against {effect.reference}: "
        if np.isnan(effect.p):
            return f"{start}{effect.doubts}."
        corrected = f", {_probability(effect.p_holm)} after correction" if self.n_tests > 1 else ""
        size = _with_interval(effect.standardised, effect.standardised_low, effect.standardised_high)
        standardised = f"; {size} standard deviations" if np.isfinite(effect.standardised) else ""
        doubts = f"; but {effect.doubts}" if effect.doubts else ""
        interval = _with_interval(effect.difference, effect.low, effect.high, "95 % interval ")
        return (
            f"{start}{interval}, t({effect.degrees_of_freedom:.1f}) = {effect.t:.2f}, "
            f"p {'' if effect.p < 0.001 else '= '}{_probability(effect.p)}{corrected}{standardised}{doubts}."
        )

    def __str__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        return self._effects.to_html(index=False, float_format=_number, na_rep="")


def _in_a_cell(text):
    """Text without what would end a cell of a Markdown table."""
    return " ".join(text.replace("|", "/").split())


def _number(value):
    return f"{value:.3g}"


def _probability(p):
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


def _with_interval(value, low, high, words=""):
    return f"{_number(value)} ({words}{_number(low)} to {_number(high)})"
