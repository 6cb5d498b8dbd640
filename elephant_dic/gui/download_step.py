"""Last step: take the population away."""

from __future__ import annotations

import io
from pathlib import Path
from tempfile import TemporaryDirectory

from nicegui import ui

from ..plots import plot_population
from ..populations import save_population
from .jobs import draw, work
from .layout import Step, hint, message, settings_mark, subtitle, warn
from .python_lines import python_lines
from .report import report_page
from .results import file_name

FORMATS = {
    ".nix": "NIX: everything, and the page opens it again",
    ".nwb": "NWB: a table of the models and the spikes",
    ".csv": "CSV: a row a model, for spreadsheets",
    ".mat": "MATLAB: everything, as structs",
}


class DownloadStep(Step):
    """Files, figures, the report."""

    title, short, anchor = "Take it away", "Files", "files"
    waiting = "Appears when models have been found."

    async def draw(self):
        """Show the buttons."""
        self.body.clear()
        with self.body:
            settings_mark(self.page)
            with ui.row().classes("w-full"):
                for suffix, text in FORMATS.items():
                    with ui.column().classes("gap-0 items-start").style("flex: 1 1 200px"):
                        self._button(f"Population {suffix}", "save", lambda s=suffix: self._population(s))
                        hint(text)
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
                ui.code(python_lines(self.session.result), language="python").classes("w-full")

    def _button(self, text, icon, function):
        ui.button(text, icon=icon, on_click=function).props("no-caps outline")

    async def _population(self, suffix):
        outcome = await work(_saved, self.session.block, self.session.folder, suffix)
        self._deliver(outcome, "population", suffix)
        if not outcome.error:
            self.session.result.is_saved = True
            await self.page.compare.draw()

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


def _saved(block, folder, suffix) -> bytes:
    with TemporaryDirectory(dir=folder) as place:
        path = Path(place, f"population{suffix}")
        save_population(block, path)
        return path.read_bytes()


def _overview(block, kind) -> bytes:
    buffer = io.BytesIO()
    plot_population(block)[0].figure.savefig(buffer, format=kind)
    return buffer.getvalue()
