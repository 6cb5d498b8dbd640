"""Sixth step: single models, simulated under the recording."""

from __future__ import annotations

import numpy as np
import quantities as pq
from nicegui import ui

from ..plots import plot_member_conductances, plot_members
from ..populations import PREFIX, conductances, neuron_of, recording_of, select_members
from ..simulation import simulate_population
from ..steps import StepVerification
from . import words
from .figures import Picture, on_axes, show
from .jobs import work
from .layout import Step, hint, in_turn, message
from .session import first_seconds

MOST_PICKED = 6
FIRST_PICKED = 3


class ModelsStep(Step):
    """A table of the members, and pictures of those that are ticked."""

    title, short, anchor = "Look at single models", "Single models", "members"
    waiting = "Appears when models have been found."

    async def draw(self):
        """Show the table with the first members ticked."""
        block = self.session.block
        rows = _rows(block)
        self.body.clear()
        with self.body:
            hint(words.MODELS)
            self.table = ui.table(
                rows=rows, columns=_columns(block), row_key="member", selection="multiple", pagination=6
            ).props(
                'flat bordered dense rows-per-page-label="Models per page" '
                ':selected-rows-label="n => n + (n === 1 ? \' model ticked\' : \' models ticked\')"'
            ).classes("w-full")  # fmt: skip
            hint(words.MODEL_TABLE)
            self.table.selected = rows[:FIRST_PICKED]
            self.table.on_select(self._pick)
            self.picked = ui.column().classes("w-full")
        await self._draw_picked()

    @in_turn
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
            block, shown = self.session.block, _seconds_shown(self.session.cell)
            outcome = await work(_simulate, block, members, shown)
            if outcome.error:
                message("bad", outcome.error)
                return
            await show(
                Picture(
                    "single models",
                    on_axes(plot_members, block, outcome.value, members, duration=shown * pq.s),
                    (10.5, 1.4 + 1.15 * len(members)),
                    "Spikes and voltage traces of the ticked models under the recording's spikes",
                ),
                "Ticks: spikes. Traces: membrane potential of each model, after its transient.",
            )
            await show(
                Picture(
                    "conductances of single models",
                    on_axes(plot_member_conductances, block, members),
                    (10.5, 3.2),
                    "Conductances of the ticked models over the medians of the population",
                ),
                "Bars: each maximal conductance, divided by the population's median (dashed line).",
            )


def _simulate(block, members, seconds):
    """Spikes and traces of some members, under their numbers in the population."""
    transient = neuron_of(block).training.transient * pq.ms
    sweep = _liveliest_sweep(block)
    times = (
        {"duration": transient + 2 * seconds * pq.s, "discard": transient} if sweep is None else {}
    )  # each is drawn from its first spike or burst
    simulation = simulate_population(
        select_members(block, members), **times, current=sweep, seed=0, traces=True
    )
    for train in simulation.spiketrains:
        train.annotations["member"] = members[train.annotations["member"]]
    return simulation


def _liveliest_sweep(block):
    """The sweep with the most spikes of a recording under current steps; None of others."""
    sweeps = recording_of(block)
    if StepVerification.of_block(block) is None or not sweeps:
        return None
    return max(sweeps, key=len)


def _seconds_shown(cell):
    """Enough for some thirty spikes, so that bursts repeat."""
    return 2.0 if cell is None else max(first_seconds(cell, 10.0, 30), 0.5)


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
