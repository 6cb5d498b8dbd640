"""Part of the sixth step: the models with another conductance, or moved along a DIC."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import quantities as pq
from nicegui import ui

from ...neurons import DIC_NAMES
from ...plots import plot_raster
from ...populations import member_dics, neuron_of
from ..results.live import N_MODELS, changed_population, few_of, trial_rows, try_change
from ..results.members import seconds_shown
from ..results.result import Result
from ..texts import words
from ..widgets.figures import Picture, on_axes, redraw
from ..widgets.jobs import work
from ..widgets.layout import FIXED_IN_RUNS, hint, in_turn, message, show_rows, subtitle, warn

MOST = 4.0  # times a conductance
_SIZE = 5.4, 2.8  # inches


class ChangePart:
    """A slider for a change with how some models then fire, and the button that changes them all.

    Parameters
    ----------
    step : Step
        In whose current place it is put.
    """

    def __init__(self, step):
        self.page, self.session = step.page, step.session
        self.result, self._neuron = self.session.result, neuron_of(self.session.block)
        self._few = self._wanted = None
        names = {name: f"{name}, times" for name in self._neuron.conductance_names}
        names |= {name: f"{name}, set to" for name in self._neuron.training.target_names}
        subtitle("What if a channel were blocked, or a DIC moved?")
        hint(words.CHANGE)
        with ui.row().classes("items-center w-full").mark(FIXED_IN_RUNS):
            self.name = ui.select(names, label="What to change", value=next(iter(names))).classes("w-48")
            self.value = ui.number("By or to", value=1, format="%.6g").classes("w-28")
            self.slider = ui.slider(min=0, max=MOST, step=0.05, value=1).classes("w-64")
            self.slider.props('aria-label="By or to, as a slider"').bind_value(self.value)
            ui.button("Change the models", icon="tune", on_click=lambda: self._change()).props(
                "no-caps outline"
            )
        hint(words.LIVE.format(n=min(N_MODELS, self.result.block.annotations["n_members"])))
        self.name.on_value_change(self._fit_slider)
        self.value.on_value_change(self._try)
        self.told = ui.column().classes("w-full").props("role=status")
        with ui.row().classes("w-full items-start"):
            self.before, self.after = (ui.column().classes("half") for _ in range(2))
        self.messages = ui.column().classes("w-full")

    def _fit_slider(self):
        """Limits for what is chosen: a conductance times up to four, a DIC around those of the models."""
        name = self.name.value
        if name in DIC_NAMES:
            own = member_dics(self.result.block)[:, DIC_NAMES.index(name)]
            trained = self._neuron.training.targets[name]
            low, high = min(own.min(), trained[0]), max(own.max(), trained[1])
            value = round(float(np.median(own)), 2)
        else:
            low, high, value = 0.0, MOST, 1.0
        self.slider.props(f"min={np.floor(low):g} max={np.ceil(high):g}")
        self.value.value = value

    # --- live ------------------------------------------------------------------------------------------

    async def _try(self):
        """Show how some models fire with the change; of values that come too fast, the last one."""
        if self.page.is_busy:
            return
        is_trying, self._wanted = self._wanted is not None, (self.name.value, self.value.value)
        if is_trying:
            return
        shown = None
        try:
            while self._wanted != shown and not self.told.is_deleted:
                shown = self._wanted
                await self._show_trial(*shown)
        finally:
            self._wanted = None

    async def _show_trial(self, name, value):
        if value is None:
            return
        shown = seconds_shown(self.result.cell)
        if self._few is None:
            outcome = await work(few_of, self.result.block, shown)
            if outcome.error:
                self._tell(outcome)
                return
            self._few = outcome.value
            await self._picture(self.before, self._few, "as they are", shown)
        outcome = await work(try_change, self._few, name, value, shown)
        self._tell(outcome)
        if not outcome.error and not self.told.is_deleted:
            await self._picture(self.after, outcome.value, "changed", shown)

    def _tell(self, outcome):
        """Class and rate of the models that were tried, or why they cannot be."""
        if self.told.is_deleted:
            return
        self.told.clear()
        with self.told:
            warn(outcome.warnings)
            if outcome.error:
                message("bad", outcome.error)
            else:
                show_rows(trial_rows(self._few, outcome.value))

    async def _picture(self, place, few, how, seconds):
        picture = Picture(
            how, on_axes(plot_raster, few.block, few.simulation, duration=seconds * pq.s), _SIZE,
            f"Spikes of some models {how}, below those of the recording",
        )  # fmt: skip
        await redraw(place, picture)

    # --- all of them -----------------------------------------------------------------------------------

    @in_turn
    async def _change(self):
        """Make the changed population, and show it."""
        result, name, value = self.session.result, self.name.value, self.value.value
        self.messages.clear()
        if value is None:
            with self.messages:
                message("bad", "Give a number.")
            return
        outcome = await work(changed_population, result.block, name, value)
        if outcome.error:
            with self.messages:
                message("bad", outcome.error)
            return
        changed = Result(result.cell, replace(result.settings), block=outcome.value, notes=outcome.warnings)
        self.session.reopen(changed)
        self.page.recording.show_origin(changed)
        await self.page.show_result()
