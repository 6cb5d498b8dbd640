"""Sixth step: single models, simulated under the recording."""

from __future__ import annotations

import numpy as np
import quantities as pq
from nicegui import ui

from ...plots import plot_member_conductances, plot_members
from ...populations import PREFIX, conductances
from ..results.members import seconds_shown, simulate_members
from ..results.result import pictures_of
from ..texts import words
from ..widgets.figures import on_axes, show
from ..widgets.jobs import work
from ..widgets.layout import Step, at_any_time, hint, message, settings_mark, ticks_named
from .change_part import ChangePart

MOST_PICKED = 6
FIRST_PICKED = 3


class ModelsStep(Step):
    """A table of the members, and pictures of those that are ticked."""

    async def draw(self):
        """Show the table with the first members ticked."""
        block = self.session.block
        rows = _rows(block)
        self.body.clear()
        with self.body:
            settings_mark(self.page)
            hint(words.MODELS)
            self.table = ui.table(
                rows=rows, columns=_columns(block), row_key="member", selection="multiple", pagination=6
            ).props(
                'flat bordered dense rows-per-page-label="Models per page" '
                ':selected-rows-label="n => n + (n === 1 ? \' model ticked\' : \' models ticked\')"'
            ).classes("w-full")  # fmt: skip
            ticks_named(self.table, "'Model ' + props.row.member", "All models of this page of the table")
            hint(words.MODEL_TABLE)
            self.table.selected = rows[:FIRST_PICKED]
            self.table.on_select(self._pick)
            self.picked = ui.column().classes("w-full")
            ChangePart(self)
        await self._draw_picked()

    @at_any_time
    async def _pick(self):
        await self._draw_picked()

    async def _draw_picked(self):
        members = sorted(row["member"] for row in self.table.selected)
        self.picked.clear()
        with self.picked:
            if not members:
                hint("No model is ticked.")
                return
            if len(members) > MOST_PICKED:
                message(
                    "warn", f"At most {MOST_PICKED} models fit into the picture; the first of them are shown."
                )
                members = members[:MOST_PICKED]
            picture = pictures_of(self.session.result)
            block, shown = self.session.block, seconds_shown(self.session.cell)
            outcome = await work(simulate_members, block, members, shown)
            if outcome.error:
                message("bad", outcome.error)
                return
            await show(
                picture(
                    "single models",
                    on_axes(plot_members, block, outcome.value, members, duration=shown * pq.s),
                    (10.5, 1.4 + 1.15 * len(members)),
                    "Spikes and voltage traces of the ticked models under the recording's spikes",
                ),
                "Ticks: spikes. Traces: membrane potential of each model, after its transient.",
            )
            await show(
                picture(
                    "conductances of single models",
                    on_axes(plot_member_conductances, block, members),
                    (10.5, 3.2),
                    "Conductances of the ticked models over the medians of the population",
                ),
                "Bars: each maximal conductance, divided by the population's median (dashed line).",
            )


def _rows(block):
    table = conductances(block)
    matches = block.annotations.get(PREFIX + "matches")
    rows = []
    for member in range(block.annotations["n_members"]):
        row = {"member": member}
        if matches is not None:
            row["matches"] = "yes" if np.atleast_1d(matches)[member] else "no"
        row |= {name: float(f"{values.magnitude[member]:.4g}") for name, values in table.items()}
        rows.append(row)
    return rows


def _columns(block):
    names = {"member": "Model"}
    if PREFIX + "matches" in block.annotations:
        names["matches"] = "Fires alike"
    names |= {name: name for name in conductances(block)}
    return [{"name": k, "label": v, "field": k, "sortable": True, "align": "right"} for k, v in names.items()]
