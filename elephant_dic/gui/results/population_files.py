"""Files of a population: a button for each format."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from nicegui import ui

from ...populations import save_population
from ..widgets.jobs import work
from ..widgets.layout import hint, message, warn
from .result import file_name

FORMATS = {
    ".nix": "NIX: everything, and the page opens it again",
    ".nwb": "NWB: a table of the models and the spikes",
    ".csv": "CSV: a row a model, for spreadsheets",
    ".mat": "MATLAB: everything, as structs",
}


def population_buttons(page, result, what="population") -> None:
    """Buttons that save a result, in a row, and what was said about it below them.

    Parameters
    ----------
    page : Page
    result : Result
    what : str
        In the names of buttons and files.
    """

    async def save(suffix):
        outcome = await work(_saved, result.block, page.session.folder, suffix)
        told.clear()
        with told:
            if outcome.error:
                message("bad", outcome.error)
                return
            warn(outcome.warnings)
        ui.download.content(outcome.value, file_name(result.block, what, suffix))
        result.is_saved = True
        await page.compare.draw()

    with ui.row().classes("w-full"):
        for suffix, text in FORMATS.items():
            with ui.column().classes("gap-0 items-start").style("flex: 1 1 200px"):
                ui.button(
                    f"{what.capitalize()} {suffix}", icon="save", on_click=lambda s=suffix: save(s)
                ).props("no-caps outline")
                hint(text)
    told = ui.column().classes("w-full")


def _saved(block, folder, suffix) -> bytes:
    with TemporaryDirectory(dir=folder) as place:
        path = Path(place, f"population{suffix}")
        save_population(block, path)
        return path.read_bytes()
