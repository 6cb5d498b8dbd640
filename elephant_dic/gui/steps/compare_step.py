"""Ninth step: the populations of this visit, kept, named, compared, shown again."""

from __future__ import annotations

from nicegui import ui

from ..results.comparison import comparison_rows, overview_rows
from ..texts import words
from ..widgets.layout import FIXED_IN_RUNS, Step, hint, in_turn, show_rows, subtitle, ticks_named


class CompareStep(Step):
    """The list of results, and those that are ticked side by side."""

    async def draw(self):
        """Show the list, if there is any result."""
        results = self.session.results
        self.wait()
        if not results:
            return
        self.body.clear()
        ticked = results[-2:]
        with self.body:
            hint(words.VISIT)
            rows = overview_rows(results)
            self.table = ui.table(
                rows=rows, row_key="number", selection="multiple", pagination=10 if len(rows) > 10 else None,
                columns=[
                    {"name": key, "label": label, "field": key, "align": "left", "sortable": True}
                    for key, label in words.VISIT_COLUMNS.items()
                ],
            ).props("flat bordered dense").classes("w-full")  # fmt: skip
            ticks_named(self.table, "props.row.name", "All results")
            self.table.selected = [row for row in rows if results[row["number"] - 1] in ticked]
            self.table.on_select(self._compare)
            with ui.row().classes("items-center").mark(FIXED_IN_RUNS):
                ui.button("Show again", icon="visibility", on_click=self._show).props("no-caps outline")
                self.name = ui.input("Name").props("dense").classes("w-56")
                ui.button("Name it", icon="edit", on_click=self._rename).props("no-caps outline")
                ui.button("Remove", icon="delete", on_click=self._remove).props("no-caps outline")
            self.compared = ui.column().classes("w-full")
        self._compare()

    def _ticked(self):
        numbers = sorted(row["number"] for row in self.table.selected)
        return [self.session.results[number - 1] for number in numbers]

    def _one(self):
        """The result that is ticked alone; else None, and the person is told."""
        ticked = self._ticked()
        if len(ticked) == 1:
            return ticked[0]
        ui.notify("Tick one result first, and only one.", type="warning")
        return None

    def _compare(self):
        ticked = self._ticked()
        self.compared.clear()
        with self.compared:
            if len(ticked) < 2:
                hint("Tick two or more to see them side by side.")
                return
            subtitle("Side by side")
            show_rows(comparison_rows(ticked))
            hint(words.COMPARED)

    @in_turn
    async def _show(self):
        if result := self._one():
            self.session.reopen(result)
            self.page.recording.show_origin(result)
            await self.page.show_result()

    @in_turn
    async def _rename(self):
        name = (self.name.value or "").strip()
        if name and (result := self._one()):
            result.name = name
            self.session.keep(result)
            await self.draw()

    async def _remove(self):
        result = self._one()
        if result and (
            result.is_saved or await self.page.asked(words.REMOVED.format(name=result.name), "Remove", "Keep")
        ):
            await self._forget(result)

    @in_turn
    async def _forget(self, result):
        self.session.results.remove(result)
        await self.draw()
