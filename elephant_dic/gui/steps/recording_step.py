"""First step: open a file, see what is in it, choose the cell."""

from __future__ import annotations

from nicegui import ui

from ...examples import example_path
from ..recording.opened import Reading, Source, open_file, read_cells
from ..recording.received import received
from ..texts import words
from ..widgets.jobs import work
from ..widgets.layout import FIXED_IN_RUNS, Step, hint, in_turn, message, subtitle, warn
from ..widgets.uploads import uploader


class RecordingStep(Step):
    """Open a recording or a saved population."""

    def __init__(self, page, card, body):
        self.view = None  # of the cell that is chosen
        super().__init__(page, card, body)
        with self.body:
            hint(words.OPEN)
            with ui.row().classes("w-full items-center").mark(FIXED_IN_RUNS):
                self.uploader = uploader(page, "Drop a file here, or press +", self._uploaded)
                ui.button("Open the example", on_click=self._example_asked_for, icon="science").props(
                    "outline no-caps"
                )
            with ui.expansion("Files that can be opened", icon="folder_open").classes("w-full"):
                hint(words.FORMATS)
            self.contents = ui.column().classes("w-full")

    # --- opening ---------------------------------------------------------------------------------------

    async def restore(self):
        """Show again what is open, after the page was loaded again."""
        session = self.session
        if session.reading.items:
            await self._show_reading()
            await self._show_trace(session.cell)
        elif session.source is not None and session.result is None:
            self._ask_for_unit()
        elif session.result is not None:
            self.show_origin(session.result)

    def show_origin(self, result):
        """Say of which result the spikes and models below are, when their file is not open."""
        if self.session.reading.cells:
            return
        self.contents.clear()
        with self.contents:
            message("info", f"{result.name}: see below.")

    async def _uploaded(self, files):
        self.uploader.reset()
        if await self.page.results_may_go():
            await self._open_upload(files)

    @in_turn
    async def _open_upload(self, files):
        outcome = await received(self.session, files, self.page.upload_limit)
        if outcome.error:
            ui.notify(outcome.error, type="negative", timeout=0, close_button="Close")
        else:
            await self._open(outcome.value)

    async def _example_asked_for(self):
        if await self.page.results_may_go():
            await self._open_example()

    @in_turn
    async def _open_example(self):
        await self._open(Source(example_path(), "example.nix", is_example=True))

    async def _open(self, source):
        from ...populations import population_in

        self._forget_trace()
        self.session.open(source)
        self.page.recording_changed()
        if not source.is_table:
            await self._look({})
            return
        outcome = await work(population_in, source.path)
        self.contents.clear()
        if outcome.value is None:
            self._ask_for_unit()
        else:
            await self._show_population(outcome)

    async def _show_population(self, outcome):
        with self.contents:
            message("good", f"{self.session.source.name} holds a population saved earlier: see below.")
            warn(map(self.session.in_words, outcome.warnings))
        await self.page.population_opened(outcome.value)

    def _ask_for_unit(self):
        with self.contents:
            ui.label(self.session.source.name).classes("font-medium")
            message("info", words.TABLE)
            self._form(Reading())

    async def _look(self, options):
        """What is in the file, then its cells."""
        self.contents.clear()
        with self.contents, ui.row().classes("items-center"):
            ui.spinner(size="sm")
            ui.label("Reading …")
        source = self.session.source
        outcome = await work(open_file, source, options.get("time_unit"))
        if isinstance(outcome.value, Reading):
            self.session.reading = outcome.value
            await self._read(options)
            return
        self.contents.clear()
        if outcome.error:
            if source.is_table:
                self._ask_for_unit()
            with self.contents:
                message("bad", self.session.in_words(outcome.error))
            return
        await self._show_population(outcome)

    # --- what is in the file -------------------------------------------------------------------------

    async def _read(self, options):
        """Spike trains of all cells, as the form asks for them."""
        self.page.recording_changed()
        self._forget_trace()
        session, reading = self.session, self.session.reading
        outcome = await work(read_cells, session.source, options)
        reading.options, reading.cells = options, session.looking.take(outcome.value or [], options)
        reading.notes, reading.error = outcome.warnings, outcome.error
        session.cell = reading.cells[0] if reading.cells else None
        await self._show_reading()
        await self._choose(session.cell)

    async def _show_reading(self):
        from ...neurons import get_neuron
        from ..recording.units import unit_rows
        from ..recording.units_table import UnitsTable, item_table

        session, reading = self.session, self.session.reading
        rows = []
        if len(reading.cells) > 1:
            window = get_neuron(session.settings.neuron).training.window
            rows = (await work(unit_rows, reading.cells, window)).value
        self.contents.clear()
        with self.contents:
            subtitle("What is in the file")
            ui.label(session.source.name)
            listed = [item for item in reading.items if item.kind != "unit" or not rows]
            if listed:
                item_table(listed)
            if reading.error:
                message("bad", session.in_words(reading.error))
            warn(map(session.in_words, reading.notes))
            self._form(reading)
            if rows:
                chosen = next((i for i, each in enumerate(reading.cells) if each is session.cell), None)
                UnitsTable(rows, chosen, self._cell_asked_for)
            self.trace = ui.column().classes("w-full trace")

    async def _cell_asked_for(self, index):
        """Turn to a cell of several, by its number; returns whether that was done."""
        if self.page.is_busy or not await self.page.results_may_go():
            return False
        await self._cell_chosen(index)
        return True

    @in_turn
    async def _cell_chosen(self, index):
        await self._choose(None if index is None else self.session.reading.cells[index])

    async def _choose(self, cell):
        """Show what the spikes of a cell were found in, and the steps below for it."""
        await self._show_trace(cell)
        await self.page.cell_chosen(cell)

    async def _show_trace(self, cell):
        from ..recording.potential import TraceView

        self._forget_trace()
        self.trace.clear()
        with self.trace:
            if cell is None or any(each is cell for each in self.session.reading.cells):
                self.view = TraceView(self.page, cell, self.form)
                await self.view.draw()

    def _forget_trace(self):
        if self.view is not None:
            self.view.forget()
            self.view = None

    def _form(self, reading):
        """What can be adjusted about how the file is read."""
        from ..recording.reading_form import ReadingForm

        @in_turn
        async def read(self):
            if is_table and not form.unit.value:
                ui.notify("Choose the unit of the times first.", type="warning")
            elif is_table and reading.options.get("time_unit") != form.unit.value:
                await self._look(form.options())
            else:
                await self._read(form.options())

        async def asked():
            is_free = not self.page.is_busy
            if is_free and not await self.page.results_may_go():
                return False
            await read(self)  # which says so in a run
            return is_free

        is_table = self.session.source.is_table
        self.form = form = ReadingForm(reading, is_table, on_read=asked)
