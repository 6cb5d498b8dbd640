"""Part of the sixth step: the models with another conductance, or moved along a DIC."""

from __future__ import annotations

from dataclasses import replace

from nicegui import ui

from ..populations import neuron_of
from . import words
from .jobs import work
from .layout import FIXED_IN_RUNS, hint, in_turn, message, subtitle
from .results import Result


class ChangePart:
    """Fields for a change, and the button that makes it: a new population of the visit.

    Parameters
    ----------
    step : Step
        In whose current place it is put.
    """

    def __init__(self, step):
        self.page, self.session = step.page, step.session
        neuron = neuron_of(self.session.block)
        names = {name: f"{name}, times" for name in neuron.conductance_names}
        names |= {name: f"{name}, set to" for name in neuron.training.target_names}
        subtitle("What if a channel were blocked, or a DIC moved?")
        hint(words.CHANGE)
        with ui.row().classes("items-center").mark(FIXED_IN_RUNS):
            self.name = ui.select(names, label="What to change", value=next(iter(names))).classes("w-48")
            self.value = ui.number("By or to", value=0.5, format="%.6g").classes("w-28")
            ui.button("Change the models", icon="tune", on_click=lambda: self._change()).props(
                "no-caps outline"
            )
        self.messages = ui.column().classes("w-full")

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


def changed_population(block, name, value):
    """A population with a conductance times a number, or with a DIC of a value."""
    from ..changes import neuromodulate, scale_conductances  # loads much, and is needed rarely

    if name in neuron_of(block).conductance_names:
        return scale_conductances(block, {name: value})
    return neuromodulate(block, {name: value})
