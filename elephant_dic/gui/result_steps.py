"""Fourth and fifth step: the DICs, and the population."""

from __future__ import annotations

import numpy as np
from nicegui import ui

from ..plots import (
    activity_map,
    plot_conductances,
    plot_correlations,
    plot_dic_density,
    plot_dics,
    plot_fast_dic,
)
from ..populations import conductances, dic_estimate
from ..search import Verification
from . import words
from .figures import Picture, on_axes, show
from .layout import Step, hint, message, subtitle, warn

MEANINGS = {"g_f": "fast: the upstroke of a spike", "g_s": "slow: between spikes",
            "g_u": "ultraslow: between bursts"}  # fmt: skip


class DICStep(Step):
    """The estimate, or the DICs of a population that was opened."""

    title, short, anchor = "What the spikes tell: DICs", "DICs", "dics"
    waiting = "Appears as soon as a run has read the spike train."

    async def draw(self):
        """Show the estimate."""
        estimate = self.session.estimate
        self.body.clear()
        with self.body:
            hint(words.DICS)
            if estimate is None:
                await self._of_block()
                return
            if not estimate.in_domain:
                message("bad", "Out of the range of this neuron: " + " ".join(estimate.warnings))
                message("info", "What to try: " + words.OTHER_WAYS)
            else:
                warn(estimate.warnings)
            intervals, neuron = estimate.interval(0.68), self.session.settings_of_run["neuron"]
            _dic_table(estimate.names, estimate.mean, estimate.std, intervals)
            message("info", words.describe_dics(estimate))
            with ui.row().classes("w-full items-start"):
                with ui.column().classes("half").style("flex-grow: 1.3"):
                    await show(
                        Picture(
                            "slow and ultraslow DIC",
                            on_axes(plot_dic_density, estimate),
                            (5.8, 4.2),
                            "Density of the estimate over g_s and g_u",
                        ),
                        words.CONTOURS + (words.REGIONS if activity_map(neuron) else ""),
                    )
                with ui.column().classes("half"):
                    await show(
                        Picture(
                            "fast DIC",
                            on_axes(plot_fast_dic, estimate),
                            (5.4, 4.2),
                            "Distribution of the fast DIC",
                        ),
                        words.FAST,
                    )
            hint(words.EFFECTIVE)

    async def _of_block(self):
        block = self.session.block
        _dic_table(*dic_estimate(block))
        await show(
            Picture(
                "DICs", on_axes(plot_dics, block), (6.2, 4.2),
                "DICs of the models and the estimate they stand for",
            )
        )  # fmt: skip
        hint(words.EFFECTIVE)


class PopulationStep(Step):
    """Verdict, conductances, correlations."""

    title, short, anchor = "The models: a degenerate population", "Models", "population"
    waiting = "Appears when models have been found."

    async def draw(self):
        """Show the population."""
        block = self.session.block
        self.body.clear()
        with self.body:
            message(*words.verdict(block))
            warn(self._further_notes())
            with ui.column().classes("w-full"):
                await show(
                    Picture(
                        "conductances",
                        on_axes(plot_conductances, block),
                        (10.5, 4),
                        "Distribution of each conductance over the models",
                    ),
                    words.CONDUCTANCES,
                )
            with ui.row().classes("w-full items-start"):
                with ui.column().classes("half"):
                    subtitle("How the channels go together")
                    if block.annotations["n_members"] >= 3:
                        await show(
                            Picture(
                                "correlations",
                                on_axes(plot_correlations, block),
                                (5.4, 4),
                                "Rank correlation of each pair of conductances",
                            ),
                            words.CORRELATIONS,
                        )
                with ui.column().classes("half"):
                    subtitle("In numbers")
                    _conductance_table(block)

    def _further_notes(self):
        """Warnings of the run that are not on the page already."""
        shown = self.session.estimate.warnings if self.session.estimate else ()
        found = Verification.of_block(self.session.block)
        reason = found.reason if found and found.reason else "\0"
        return [note for note in self.session.notes if note not in shown and reason not in note]


def _dic_table(names, mean, std, intervals=None):
    rows = []
    for index, name in enumerate(names):
        row = {
            "name": name,
            "meaning": MEANINGS.get(name, ""),
            "mean": words.signed(mean[index]),
            "std": f"{std[index]:.2f}",
        }
        if intervals is not None:
            row["interval"] = " to ".join(map(words.signed, intervals[index]))
        rows.append(row)
    labels = {
        "name": "DIC",
        "meaning": "Time scale",
        "mean": "Mean",
        "std": "± std",
        "interval": "68 % lie within",
    }
    columns = [
        {
            "name": key,
            "label": label,
            "field": key,
            "align": "left" if key in ("name", "meaning") else "right",
        }
        for key, label in labels.items()
        if key in rows[0]
    ]
    ui.table(rows=rows, columns=columns, row_key="name").props("flat bordered dense").classes("w-full")


def _conductance_table(block):
    rows = []
    for name, values in conductances(block).items():
        low, middle, high = np.quantile(values.magnitude, (0.05, 0.5, 0.95))
        rows.append({"name": name, "low": words.number(low), "middle": words.number(middle),
                     "high": words.number(high)})  # fmt: skip
    labels = {"name": "Channel", "low": "5 %", "middle": "Median", "high": "95 %"}
    columns = [
        {"name": key, "label": label, "field": key, "align": "left" if key == "name" else "right"}
        for key, label in labels.items()
    ]
    ui.table(rows=rows, columns=columns, row_key="name").props("flat bordered dense").classes("w-full")
    hint("Maximal conductances in mS/cm²; 90 % of the models lie between the outer columns.")
