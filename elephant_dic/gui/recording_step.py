"""First step: open a file, see what is in it, choose the cell."""

from __future__ import annotations

import quantities as pq
from nicegui import events, ui

from ..examples import example_path
from ..trains import sweeps_of
from . import words
from .jobs import work
from .layout import Step, hint, in_turn, message, subtitle, warn
from .potential import show_potential
from .session import Reading, Source, open_file, read_cells

TIME_UNITS = {"s": "seconds (s)", "ms": "milliseconds (ms)", "us": "microseconds (µs)"}
AUTOMATIC = "automatic"


class RecordingStep(Step):
    """Open a recording or a saved population."""

    title, short, anchor = "Open a recording", "Recording", "recording"

    def __init__(self, number, page):
        super().__init__(number, page)
        with self.body:
            hint(f"A file with the spikes or the membrane potential of a cell: {words.FORMATS}")
            with ui.row().classes("w-full items-center"):
                self._uploader()
                ui.button("Open the example", on_click=self._open_example, icon="science").props(
                    "outline no-caps"
                )
            self.contents = ui.column().classes("w-full")

    def _uploader(self):
        limit = self.page.upload_limit
        label = f"Drop a file here, or press + (at most {limit / 1e6:g} MB)"
        self.uploader = (
            ui.upload(
                label=label, auto_upload=True, max_file_size=limit,
                on_upload=self._uploaded, on_rejected=self._rejected,
            )
            .props('flat bordered color=primary aria-label="File with a recording"')
        )  # fmt: skip

    # --- opening ---------------------------------------------------------------------------------------

    @in_turn
    async def _uploaded(self, event: events.UploadEventArguments):
        path = self.session.place_for(event.file.name)
        await event.file.save(path)
        self.uploader.reset()
        await self._open(Source(path, event.file.name))

    def _rejected(self):
        limit = f"{self.page.upload_limit / 1e6:g} MB"
        ui.notify(
            f"The file is larger than {limit}. Cut it, or start with a larger --max-upload.", type="negative"
        )

    @in_turn
    async def _open_example(self):
        await self._open(Source(example_path(), "example.nix", is_example=True))

    async def _open(self, source):
        self.session.open(source)
        self.page.recording_changed()
        if source.is_table:
            self.contents.clear()
            self._ask_for_unit()
        else:
            await self._look({})

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
        with self.contents:
            message("good", f"{source.name} holds a population saved earlier: see below.")
            warn(map(self.session.in_words, outcome.warnings))
        await self.page.population_opened(outcome.value)

    # --- what is in the file -------------------------------------------------------------------------

    async def _read(self, options):
        """Spike trains of all cells, as the form asks for them."""
        self.page.recording_changed()
        outcome = await work(read_cells, self.session.source, options)
        reading = self.session.reading
        reading.options, reading.cells = options, outcome.value or []
        self.contents.clear()
        with self.contents:
            subtitle("What is in the file")
            ui.label(self.session.source.name)
            _item_table(reading.items)
            if outcome.error:
                message("bad", self.session.in_words(outcome.error))
            warn(map(self.session.in_words, outcome.warnings))
            self._form(reading)
            if len(reading.cells) > 1:
                self._cell_table(reading.cells)
            self.potential = ui.column().classes("w-full")
        await self._choose(reading.cells[0] if len(reading.cells) == 1 else None)

    async def _choose(self, cell):
        """Show what the spikes of a cell were found in, and the steps below for it."""
        self.potential.clear()
        with self.potential:
            await show_potential(self, cell)
        await self.page.cell_chosen(cell)

    def _form(self, reading):
        """What can be adjusted about how the file is read."""

        @in_turn
        async def read(self):
            if is_table and not form.unit.value:
                ui.notify("Choose the unit of the times first.", type="warning")
            elif is_table and reading.options.get("time_unit") != form.unit.value:
                await self._look(form.options())
            else:
                await self._read(form.options())

        is_table = self.session.source.is_table
        form = _ReadingForm(reading, is_table, on_read=lambda: read(self))

    def _cell_table(self, cells):
        subtitle("Choose a cell")
        rows = [_cell_row(index, cell) for index, cell in enumerate(cells)]
        table = ui.table(
            rows=rows, row_key="index", selection="single", pagination=10 if len(rows) > 10 else None,
            columns=[
                {"name": name, "label": label, "field": name, "align": "left" if name == "name" else "right",
                 "sortable": True}
                for name, label in (("name", "Cell"), ("current", "Injected current"), ("spikes", "Spikes"),
                                    ("rate", "Rate (Hz)"), ("sweeps", "Sweeps"), ("duration", "Duration (s)"))
            ],
        ).props("flat bordered dense").classes("w-full")  # fmt: skip

        @in_turn
        async def choose(self):
            await self._choose(cells[table.selected[0]["index"]] if table.selected else None)

        table.on_select(lambda: choose(self))


class _ReadingForm:
    """Fields for the arguments of `read_spiketrains` that suit a file, and the button that reads."""

    def __init__(self, reading, is_table, on_read):
        kinds = {item.kind for item in reading.items}
        signals = [item for item in reading.items if item.kind == "signal" and "unit" not in kinds]
        self.unit = self.start = self.stop = None
        self.channel = self.threshold = self.extracellular = self.sweeps = self.events = None
        if not (signals or is_table or kinds & {"unit", "events"}):
            return
        options = reading.options
        with ui.row().classes("items-center"):
            if is_table:
                self.unit = ui.select(
                    TIME_UNITS, label=words.FIELDS["time_unit"], value=options.get("time_unit")
                ).classes("w-48")
            if is_table or reading.items:
                self.start, self.stop = (
                    _number(words.FIELDS[name] + " (s)", options.get(name), on_read)
                    for name in ("t_start", "t_stop")
                )
            if signals:
                self._detection(reading, signals, on_read)
            if "events" in kinds:
                self.events = ui.checkbox(words.FIELDS["events"], value=options.get("events", False))
            ui.button("Read again" if reading.items else "Read", on_click=on_read).props("no-caps outline")
        if signals:
            hint(words.THRESHOLD)

    def _detection(self, reading, signals, on_read):
        options = reading.options
        if len(signals) > 1 or not reading.cells:
            names = {None: AUTOMATIC} | {item.name: f"{item.name} ({item.units})" for item in signals}
            self.channel = ui.select(
                names, label=words.FIELDS["channel"], value=options.get("channel")
            ).classes("w-56")
        self.threshold = _number(words.FIELDS["threshold"] + " (mV)", options.get("threshold"), on_read)
        self.threshold.props(f"placeholder={AUTOMATIC}")
        self.extracellular = ui.checkbox(
            words.FIELDS["extracellular"], value=options.get("extracellular", False)
        )
        n_sweeps = max(item.n_sweeps for item in signals)
        if n_sweeps > 1:
            self.sweeps = ui.select(
                {n: str(n) for n in range(n_sweeps)}, label=words.FIELDS["sweep"] + " (none chosen: all)",
                multiple=True, value=options.get("sweep", []),
            ).classes("w-56").props("use-chips")  # fmt: skip

    def options(self):
        """Arguments of `read_spiketrains`."""
        fields = {
            "time_unit": self.unit, "t_start": self.start, "t_stop": self.stop, "channel": self.channel,
            "threshold": self.threshold, "sweep": self.sweeps, "extracellular": self.extracellular,
            "events": self.events,
        }  # fmt: skip
        values = {name: field.value for name, field in fields.items() if field}
        given = {name: value for name, value in values.items() if value not in (None, [], False)}
        if "events" in given:  # are read as they are
            given = {name: value for name, value in given.items() if name in ("events", "t_start", "t_stop")}
        units = {"threshold": "mV", "t_start": "s", "t_stop": "s"}
        given |= {name: pq.Quantity(float(given[name]), units[name]) for name in units.keys() & given.keys()}
        return given | ({"sweep": sorted(given["sweep"])} if "sweep" in given else {})


def _number(label, value, on_enter):
    """A field for a Quantity that may be left empty."""
    value = None if value is None else float(value)
    return (
        ui.number(label, value=value, format="%g")
        .classes("w-48")
        .props("stack-label clearable")
        .on("keydown.enter", on_enter)
    )


def _item_table(items):
    rows = [
        {
            "kind": {"signal": "signal", "unit": "sorted unit", "events": "event channel"}[item.kind],
            "name": item.name,
            "unit": item.units or "",
            "sampling": "" if item.sampling_rate is None else f"{float(item.sampling_rate):,g}",
            "spikes": "" if item.n_spikes is None else f"{item.n_spikes:,}",
            "rate": "" if item.rate is None else words.number(float(item.rate), 3),
            "sweeps": item.n_sweeps,
            "duration": words.number(float(item.duration)),
        }
        for item in items
    ]
    labels = {
        "kind": "Kind", "name": "Name", "unit": "Unit", "sampling": "Sampled at (Hz)", "spikes": "Spikes",
        "rate": "Rate (Hz)", "sweeps": "Sweeps", "duration": "Duration (s)",
    }  # fmt: skip
    columns = [
        {"name": key, "label": label, "field": key, "align": "left" if key in ("kind", "name") else "right"}
        for key, label in labels.items()
        if key in ("kind", "name") or any(row[key] != "" for row in rows)
    ]
    ui.table(rows=rows, columns=columns, row_key="name", pagination=8 if len(rows) > 8 else None).props(
        "flat bordered dense"
    ).classes("w-full")


def _cell_row(index, cell):
    sweeps = sweeps_of(cell)
    known = sweeps[0].annotations
    seconds = sum(float((train.t_stop - train.t_start).rescale("s")) for train in sweeps)
    n_spikes = sum(map(len, sweeps))
    return {
        "index": index,
        "name": cell.name or f"cell {index + 1}",
        "current": str(known.get("injected_current", "")),
        "spikes": n_spikes,
        "rate": round(n_spikes / seconds, 3) if seconds else None,
        "sweeps": len(sweeps),
        "duration": round(seconds, 3),
    }
