"""Eighth step: what changed from the recording to another one of the same cell."""

from __future__ import annotations

import numpy as np
from nicegui import ui

from ..texts import words
from ..texts.progress import time_span
from ..widgets.layout import FIXED_IN_RUNS, Step, hint, in_turn, message, settings_mark, subtitle

#: Models that fire like the recording before: with fewer it cannot be told what a change does.
_FEWEST = 20
_CONTROL = (("start", "Start of the control (s)"), ("stop", "End of the control (s)"))


class ChangesStep(Step):
    """The recording after, the search for what changed, and what was found."""

    run_button = None

    def wait(self):
        """Go back to the hint."""
        self.run_button = None
        super().wait()

    async def draw(self):
        """Show what was found of pairs; of models, offer the comparison."""
        from ...populations import holds_changes
        from ..results.changes_view import show_changes

        result = self.session.result
        self.wait()
        self.body.clear()
        with self.body:
            settings_mark(self.page)
            hint(words.COMPARE)
            if holds_changes(result.block):
                await show_changes(self.page, result)
            elif can_be_compared(result):
                await self._offer()
            else:
                hint(words.COMPARE_NEEDS.format(n=_FEWEST))

    async def _offer(self):
        from .after_part import AfterPart

        after = self.session.after
        if after is not None and after.stretch_of not in (None, self.session.result.cell):
            self.session.compare_with(None)  # a stretch of another cell
        self.part = AfterPart(self.page, self.offer_run)
        if self._is_open:
            subtitle("A control")
            hint(words.CONTROL)
            with ui.row().classes("items-center").mark(FIXED_IN_RUNS):
                for name, label in _CONTROL:
                    field = ui.number(label, format="%.10g").bind_value(self.session.comparing, name)
                    field.classes("w-48").props("stack-label clearable")
        with ui.element("div").mark(FIXED_IN_RUNS):
            ui.checkbox(words.TWO_CHANNELS).bind_value(self.session.comparing, "two_channels")
        with ui.row().classes("items-center"):
            self.run_button = ui.button("What changed?", icon="compare_arrows", on_click=lambda: self.run())
            self.run_button.props("no-caps")
            self.stop_button = ui.button("Stop comparing", icon="stop", on_click=self._stop)
            self.stop_button.props("no-caps unelevated color=negative").set_visibility(False)
        self.progress = ui.linear_progress(show_value=False, size="10px")
        self.progress.props('indeterminate aria-label="Comparing"').set_visibility(False)
        self.status = ui.label("").props("role=timer")
        self.found = ui.column().classes("w-full")
        await self.part.draw()
        change = self.session.change
        if change is not None and change.before is self.session.result:
            if change.is_over:
                await self._tell(change)
            else:
                self._follow(change)

    @property
    def _is_open(self):
        """Whether stretches of the recording before can be read."""
        return any(cell is self.session.result.cell for cell in self.session.reading.cells)

    def offer_run(self):
        """Let the button be pressed if there is something to compare with."""
        if self.run_button is not None:
            after = self.session.after
            there = after is not None and after.cell is not None
            self.run_button.set_enabled(there and not self.page.is_busy)

    # --- a run -----------------------------------------------------------------------------------------

    @in_turn
    async def run(self):
        """Begin the search, which goes on without the page."""
        controls, wrong = await self._controls()
        self.found.clear()
        if wrong:
            with self.found:
                message("bad", f"The control: {self.session.in_words(wrong)}")
            return
        self.session.begin_change(controls)
        self._follow(self.session.change)

    async def _controls(self):
        """The control as a list, empty if none is given; and what is wrong with it."""
        from ..recording.after import read_stretch
        from ..widgets.jobs import work

        session = self.session
        stretch = (session.comparing.start, session.comparing.stop) if self._is_open else (None, None)
        if stretch == (None, None):
            return [], ""
        outcome = await work(
            read_stretch, session.source, session.reading.options, stretch, session.result.cell,
            session.looking,
        )  # fmt: skip
        return [outcome.value], outcome.error

    def _follow(self, change):
        self._show_running(True)
        with self.body:
            self.timer = ui.timer(0.3, lambda: self._look(change))

    async def _look(self, change):
        what = "channel" if change.together == 1 else "pair of channels"
        told = "Stopping" if change.stop.is_set() else f"Scaling each {what} of the models"
        self.status.text = f"{told} … {time_span(change.elapsed)} so far"
        if change.is_over:
            self.timer.cancel()
            self._show_running(False)
            async with self.page.turn:
                await self._tell(change)
                await self.page.compare.draw()

    def _show_running(self, is_running):
        self.page.show_busy(is_running)
        for element in (self.stop_button, self.progress):
            element.set_visibility(is_running)
        self.stop_button.set_enabled(True)
        self.status.text = ""

    def _stop(self):
        self.session.change.stop.set()
        self.stop_button.set_enabled(False)

    async def _tell(self, change):
        """Show what was found, or why nothing was."""
        from ..results.changes_view import show_changes

        self.found.clear()
        with self.found:
            if change.result.error:
                message("info" if change.stop.is_set() else "bad", change.result.error)
            else:
                await show_changes(self.page, change.result, recordings=False)


def can_be_compared(result) -> bool:
    """Whether a population has enough models that fire like a recording that it holds."""
    from ...populations import PREFIX

    matching = result.block.annotations.get(PREFIX + "matches")
    return result.cell is not None and matching is not None and int(np.sum(matching)) >= _FEWEST
