"""Last step: take the population away."""

from __future__ import annotations

import io
from pathlib import Path
from tempfile import TemporaryDirectory

from nicegui import ui

from ..plots import plot_population
from ..populations import save_population
from .jobs import draw, work
from .layout import Step, hint, message, subtitle, warn
from .report import python_lines, report_page

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
            with ui.row().classes("w-full"):
                for suffix, text in FORMATS.items():
                    with ui.column().classes("gap-0 items-start").style("flex: 1 1 200px"):
                        self._button(f"Population {suffix}", "save", lambda s=suffix: self._population(s))
                        hint(text)
            with ui.row().classes("w-full"):
                with ui.column().classes("gap-0 items-start").style("flex: 1 1 200px"):
                    self._button("Report", "description", self._report)
                    hint("A page with the figures, where everything comes from, and the Python lines below.")
                for kind in ("png", "svg"):
                    with ui.column().classes("gap-0 items-start").style("flex: 1 1 200px"):
                        self._button(f"Overview .{kind}", "image", lambda k=kind: self._overview(k))
                        hint("Spikes, conductances and DICs on one figure.")
            self.messages = ui.column().classes("w-full")
            if self.session.can_be_repeated:
                subtitle("The same in Python")
                ui.code(python_lines(self.session), language="python").classes("w-full")

    def _button(self, text, icon, function):
        ui.button(text, icon=icon, on_click=function).props("no-caps outline")

    async def _population(self, suffix):
        outcome = await work(_saved, self.session.block, self.session.folder, suffix)
        self._deliver(outcome, f"population{suffix}")

    async def _report(self):
        self._deliver(await draw(report_page, self.session), "report.html")

    async def _overview(self, kind):
        self._deliver(await draw(_overview, self.session.block, kind), f"population.{kind}")

    def _deliver(self, outcome, name):
        self.messages.clear()
        with self.messages:
            if outcome.error:
                message("bad", outcome.error)
                return
            warn(outcome.warnings)
        ui.download.content(outcome.value, name)


def _saved(block, folder, suffix) -> bytes:
    with TemporaryDirectory(dir=folder) as place:
        path = Path(place, f"population{suffix}")
        save_population(block, path)
        return path.read_bytes()


def _overview(block, kind) -> bytes:
    buffer = io.BytesIO()
    plot_population(block)[0].figure.savefig(buffer, format=kind)
    return buffer.getvalue()
