"""Run all cells: the button, the table of results as it grows, what can be taken away."""

from __future__ import annotations

from dataclasses import replace

from nicegui import ui

from ...trains import is_stepped
from ..recording.units_table import NAME_SLOT
from ..results.all_cells import AllCells
from ..results.result import Origin, Result
from ..results.settings import arguments_of
from ..texts import words
from ..texts.progress import cells_done
from ..widgets.jobs import work
from ..widgets.layout import FIXED_IN_RUNS, at_any_time, hint, in_turn, message, subtitle

ROWS = 10  # of a page of the table
_LABELS = {
    "cell": "Cell", "rate": "Rate (Hz)", "activity": "Class", "quality": "Quality", "verdict": "Verdict",
    "models": "Models that fire alike", "g_s": "g_s", "g_u": "g_u", "told": "Doubts, or why there are none",
}  # fmt: skip
_TEXTS = ("cell", "activity", "quality", "verdict", "told")
_TOLD_SLOT = NAME_SLOT.replace('class="cut"', 'class="cut wide"')


class AllCellsPart:
    """Where all cells of the open file are run; shows nothing if it has one.

    Parameters
    ----------
    page : Page
    """

    def __init__(self, page):
        self.page, self.session = page, page.session
        self._n_shown, self._is_ended = -1, False
        cells = self.session.reading.cells
        if len(cells) < 2 and self.session.all_cells is None:
            return
        subtitle("All cells")
        with ui.row().classes("items-center"):
            self.run_button = ui.button(
                f"Run all {len(cells)} cells", on_click=self._asked_for, icon="playlist_play"
            ).props("no-caps outline")
            self.run_button.mark(FIXED_IN_RUNS)
            self.run_button.set_visibility(len(cells) > 1)
            self.stop_button = ui.button("Stop all", on_click=self._stop, icon="stop").props(
                "no-caps unelevated color=negative"
            )
            self.status = ui.label("").props("role=timer")
        hint(words.ALL_CELLS)
        self.bar = ui.linear_progress(0, show_value=False, size="10px").props(
            'aria-label="Cells that are done"'
        )
        self.place = ui.column().classes("w-full")
        self.timer = ui.timer(0.5, self._look, active=self._job is not None)
        if self.session.is_running:
            page.show_busy(True)
        self._show()

    @property
    def _job(self) -> AllCells | None:
        return self.session.all_cells

    # --- running ---------------------------------------------------------------------------------------

    async def _asked_for(self):
        options, wrong = arguments_of(self.session.settings, any(map(is_stepped, self.session.reading.cells)))
        if wrong:
            ui.notify(wrong, type="warning")
        else:
            await self._run(options)

    @in_turn
    async def _run(self, options):
        self.session.begin_all(options)
        self._n_shown, self._is_ended = -1, False
        self.place.clear()
        self.page.show_busy(True)
        self.timer.activate()
        self._show()

    def _stop(self):
        self.stop_button.set_enabled(False)
        self._job.stop()

    async def _look(self):
        if self._job.is_over:
            self.timer.deactivate()
            self.page.show_busy(False)
        self._show()

    # --- what is done ----------------------------------------------------------------------------------

    def _show(self):
        """Progress, and the table if it has grown."""
        job = self._job
        is_running = job is not None and not job.is_over
        for element in (self.stop_button, self.bar):
            element.set_visibility(is_running)
        self.stop_button.set_enabled(is_running and not job.is_stopped)
        if job is None:
            return
        rows, n = job.rows(), len(job.cells)
        self.status.text = cells_done(len(rows), n, job.elapsed, is_running)
        self.bar.value = len(rows) / n
        if len(rows) != self._n_shown:
            self._n_shown = len(rows)
            self._show_table(rows)
        if job.is_over and not self._is_ended:
            self._is_ended = True
            with self.place:
                self._ending()

    def _show_table(self, rows):
        shown = [_shown(row) for row in rows]
        if self.place.default_slot.children:
            self.table.rows = shown
        else:
            with self.place:
                self._make_table(shown)

    def _make_table(self, rows):
        columns = [
            {"name": name, "label": label, "field": name, "sortable": name != "told",
             "align": "left" if name in _TEXTS else "right"}
            for name, label in _LABELS.items()
        ]  # fmt: skip
        self.table = ui.table(rows=rows, columns=columns, row_key="index", pagination=ROWS)
        self.table.props('flat bordered dense rows-per-page-label="Cells per page"')
        self.table.classes("w-full chosen-by-rows").mark(FIXED_IN_RUNS)
        self.table.add_slot("body-cell-cell", NAME_SLOT)
        self.table.add_slot("body-cell-told", _TOLD_SLOT)
        self.table.on(
            "rowClick", lambda event: self._row_asked_for(event.args[1]["index"]), [[], ["index"], []]
        )

    def _ending(self):
        if self._job.error:
            message("info" if self._job.is_stopped else "bad", self.session.in_words(self._job.error))
        with ui.row():
            for text, function, name in (
                ("Table .csv", self._job.table, "all_cells.csv"),
                ("All populations .zip", self._job.populations, "all_cells.zip"),
            ):
                ui.button(text, icon="save", on_click=lambda f=function, n=name: self._save(f, n)).props(
                    "no-caps outline"
                )

    async def _save(self, function, name):
        outcome = await work(function)
        if outcome.error:
            ui.notify(outcome.error, type="negative")
        else:
            ui.download.content(outcome.value, name)

    # --- one of them -----------------------------------------------------------------------------------

    async def _row_asked_for(self, index):
        row = next(row for row in self._job.rows() if row["index"] == index)
        if row.get("block") and await self.page.results_may_go():
            await self._open(row)

    @at_any_time
    async def _open(self, row):
        """Show the population of a cell in the steps below."""
        job = self._job
        outcome = await work(job.block, row)
        if outcome.error:
            ui.notify(outcome.error, type="negative")
            return
        options = job.options | {"seed": row["seed"]}
        source, reading = self.session.source, self.session.reading
        origin = Origin(source.name, source.is_example, dict(reading.options), row["index"])
        settings = replace(self.session.settings, seed=row["seed"])
        self.session.reopen(Result(job.cells[row["index"]], settings, options, origin, block=outcome.value))
        await self.page.show_result()


def _shown(row):
    """A row of a session's table, as the page shows it."""
    matching = row.get("n_matching")
    digits = {
        name: None if row.get(name) is None else float(f"{row[name]:.3g}") for name in ("rate", "g_s", "g_u")
    }
    return {
        "index": row["index"],
        **{name: row.get(name) or "" for name in ("cell", "activity", "quality")},
        **digits,
        "verdict": row.get("verdict") or "none",
        "models": "" if matching is None else f"{matching:,} of {row['n_models']:,}",
        "told": row.get("skipped") or row.get("doubts") or "",
    }
