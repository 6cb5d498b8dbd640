"""Part of the comparison: open the recording after, choose its cell, see it beside the one before."""

from __future__ import annotations

from nicegui import ui

from ...populations import neuron_of, population_in
from ..recording.after import After, firing_rows, overlap, without_stretch
from ..recording.opened import Reading, in_words, open_file, read_cells
from ..recording.reading_form import ReadingForm
from ..recording.received import received
from ..recording.units import unit_rows
from ..recording.units_table import UnitsTable
from ..results.changes_view import show_both
from ..results.result import cell_of
from ..texts import words
from ..widgets.jobs import work
from ..widgets.layout import FIXED_IN_RUNS, hint, in_turn, message, show_rows, warn
from ..widgets.uploads import uploader


class AfterPart:
    """Where the recording after comes from, and what is in it.

    Parameters
    ----------
    page : Page
    on_change : function
        Called once another recording is there, or none.
    """

    def __init__(self, page, on_change):
        self.page, self.session, self._on_change = page, page.session, on_change
        with ui.row().classes("w-full items-center").mark(FIXED_IN_RUNS):
            self.uploader = uploader(
                page, "Drop the recording after here, or press +", self._uploaded,
                "Choose the recording after",
            )  # fmt: skip
            if self._is_open:
                ui.button(
                    "A stretch of the same recording", icon="content_cut", on_click=lambda: self._stretch()
                ).props("outline no-caps")
        self.place = ui.column().classes("w-full")

    @property
    def _is_open(self):
        """Whether the recording before can be read again."""
        return any(cell is self.session.result.cell for cell in self.session.reading.cells)

    # --- opening ---------------------------------------------------------------------------------------

    async def _uploaded(self, files):
        self.uploader.reset()
        await self._open(files)

    @in_turn
    async def _open(self, files):
        outcome = await received(self.session, files, self.page.upload_limit)
        if outcome.error:
            ui.notify(outcome.error, type="negative", timeout=0, close_button="Close")
            return
        after = After(outcome.value)
        self.session.compare_with(after)
        if not after.source.is_table:
            await self._look({})
            return
        outcome = await work(population_in, after.source.path)
        if outcome.value is None:
            await self.draw()
        else:
            await self._take([cell_of(outcome.value)])

    @in_turn
    async def _stretch(self):
        """Turn to another stretch of the recording before; it is read once it is given."""
        before, session = self.session.reading, self.session
        reading = Reading(without_stretch(before.options), before.items)
        after = After(session.source, reading, stretch_of=session.result.cell, looking=session.looking)
        session.compare_with(after)
        await self.draw()

    async def _look(self, options):
        """What is in the file, then its cells; of a population, its recording."""
        after = self.session.after
        outcome = await work(open_file, after.source, options.get("time_unit"))
        if isinstance(outcome.value, Reading):
            after.reading = outcome.value
            await self._read(options)
        elif outcome.error:
            after.reading.error = outcome.error
            await self.draw()
        else:
            await self._take([cell_of(outcome.value)])

    async def _read(self, options):
        after = self.session.after
        outcome = await work(read_cells, after.source, options, silent_too=True)
        after.reading.options, after.reading.error = options, outcome.error
        after.reading.notes = outcome.warnings
        await self._take(outcome.value or [])

    async def _take(self, cells):
        self.session.after.take([cell for cell in cells if cell is not None])
        await self.draw()

    # --- showing ---------------------------------------------------------------------------------------

    async def draw(self):
        """Show what there is of the recording after."""
        self.place.clear()
        after = self.session.after
        with self.place:
            if after is not None:
                await self._show(after)
        self._on_change()

    async def _show(self, after):
        reading, cells = after.reading, after.reading.cells
        is_stretch = after.stretch_of is not None
        told = f"another stretch of {after.source.name}" if is_stretch else after.source.name
        ui.label(f"After: {told}").classes("font-medium")
        if reading.error:
            message("bad", in_words(reading.error, after.source))
        elif after.source.is_table and not reading.items and not cells:
            message("info", words.TABLE)
        elif is_stretch and not cells:
            hint("Give its start and its end, and read it.")
        elif not cells:
            message("bad", "There are no spikes of a cell in it.")
        warn(in_words(each, after.source) for each in reading.notes)
        self.form = ReadingForm(reading, after.source.is_table, on_read=self._asked)
        if len(cells) > 1:
            window = neuron_of(self.session.block).training.window
            rows = (await work(unit_rows, cells, window)).value
            chosen = next(i for i, each in enumerate(cells) if each is after.cell)
            UnitsTable(rows, chosen, self._chosen)
        if after.cell is not None:
            await self._beside(self.session.result.cell, after)

    async def _asked(self):
        is_free = not self.page.is_busy
        await self._read_again()  # which says so in a run
        return is_free

    @in_turn
    async def _read_again(self):
        after, options = self.session.after, self.form.options()
        if after.source.is_table and not self.form.unit.value:
            ui.notify("Choose the unit of the times first.", type="warning")
        elif after.source.is_table and after.reading.options.get("time_unit") != self.form.unit.value:
            await self._look(options)
        else:
            await self._read(options)

    async def _chosen(self, index):
        if self.page.is_busy or index is None:
            return False
        await self._turn_to(index)
        return True

    @in_turn
    async def _turn_to(self, index):
        self.session.after.cell = self.session.after.reading.cells[index]
        await self.draw()

    async def _beside(self, before, after):
        """Both recordings, as spikes and in figures."""
        if after.stretch_of is not None and (shared := overlap(before, after.cell)) > 0:
            message("warn", words.OVERLAP.format(seconds=words.number(shared, 3)))
        await show_both(before, after.cell)
        outcome = await work(firing_rows, before, after.cell, neuron_of(self.session.block).training.window)
        if outcome.error:
            message("bad", f"The recording after cannot be used: {outcome.error}")
        else:
            show_rows(outcome.value)
