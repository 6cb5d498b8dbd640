"""Seventh step: take the population away."""

from __future__ import annotations

import io

from nicegui import ui

from ...plots import plot_population
from ..results.population_files import population_buttons
from ..results.python_lines import python_lines
from ..results.report import report_page
from ..results.result import file_name
from ..widgets.jobs import draw
from ..widgets.layout import Step, hint, message, settings_mark, show_code, subtitle, warn


class DownloadStep(Step):
    """Files, figures, the report."""

    async def draw(self):
        """Show the buttons."""
        self.body.clear()
        with self.body:
            settings_mark(self.page)
            population_buttons(self.page, self.session.result)
            with ui.row().classes("w-full"):
                with ui.column().classes("gap-0 items-start").style("flex: 1 1 200px"):
                    self._button("Report", "description", self._report)
                    hint("A page for others: recording, verdict, DICs, channels, three models, references.")
                for kind in ("png", "svg"):
                    with ui.column().classes("gap-0 items-start").style("flex: 1 1 200px"):
                        self._button(f"Overview .{kind}", "image", lambda k=kind: self._overview(k))
                        hint("Spikes, conductances and DICs on one figure.")
            self.messages = ui.column().classes("w-full")
            if self.session.result.can_be_repeated:
                subtitle("The same in Python")
                show_code(python_lines(self.session.result), language="python")

    def _button(self, text, icon, function):
        ui.button(text, icon=icon, on_click=function).props("no-caps outline")

    async def _report(self):
        result, source = self.session.result, self.session.source
        is_open = source is not None and result.origin is not None and source.name == result.origin.name
        outcome = await draw(report_page, result, source.path if is_open else None)
        self._deliver(outcome, "report", ".html")

    async def _overview(self, kind):
        self._deliver(await draw(_overview, self.session.block, kind), "overview", f".{kind}")

    def _deliver(self, outcome, what, suffix):
        self.messages.clear()
        with self.messages:
            if outcome.error:
                message("bad", outcome.error)
                return
            warn(outcome.warnings)
        ui.download.content(outcome.value, file_name(self.session.block, what, suffix))


def _overview(block, kind) -> bytes:
    buffer = io.BytesIO()
    plot_population(block)[0].figure.savefig(buffer, format=kind)
    return buffer.getvalue()
