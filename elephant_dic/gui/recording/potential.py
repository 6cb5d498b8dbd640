"""What the spikes of a cell were found in, to be looked at and pointed at."""

from __future__ import annotations

import numpy as np
import quantities as pq
from nicegui import ui

from ...plots import plot_detection, plot_spiketrain
from ...recordings import read_signals
from ...trains import sweeps_of
from ..texts import words
from ..widgets.figures import Picture, download_button, on_axes
from ..widgets.jobs import work
from ..widgets.layout import FIXED_IN_RUNS, at_any_time, hint, in_turn, message
from .decimation import decimals_for
from .trace_chart import TraceChart
from .traces import trace_of


def sweeps_behind(reading, cell):
    """Where the spikes of a cell, or of none, were looked for.

    Parameters
    ----------
    reading : Reading
    cell : neo.SpikeTrain, neo.Group or None

    Returns
    -------
    tuple of str, dict
        Channel, and the spike train, or None, of each of its sweeps. None and {} if the spikes come sorted,
        or if it is not known which channel is meant.
    """
    if cell is not None:
        detected = [train for train in sweeps_of(cell) if "threshold" in train.annotations]
        trains = {train.annotations.get("sweep", 0): train for train in detected}
        return (detected[0].annotations["channel"], trains) if detected else (None, {})
    signals = [item for item in reading.items if item.kind == "signal"]
    chosen = [item for item in signals if item.name == reading.options.get("channel", item.name)]
    if reading.cells or len(chosen) != 1:
        return None, {}
    return chosen[0].name, dict.fromkeys(reading.options.get("sweep") or range(chosen[0].n_sweeps))


def first_firing(trains) -> int:
    """The number of the first sweep with spikes, or of the first one."""
    numbers = sorted(trains)
    return next(
        (number for number in numbers if trains[number] is not None and len(trains[number])), numbers[0]
    )


class TraceView:
    """The chart of a cell, or of a signal without spikes, and what can be done with it.

    Parameters
    ----------
    page : Page
    cell : neo.SpikeTrain, neo.Group or None
        One of those that were read.
    form : ReadingForm
        Whose fields follow the pointer, and the other way round.
    """

    def __init__(self, page, cell, form):
        self.page, self.session, self.cell, self.form = page, page.session, cell, form
        self.looking, reading = self.session.looking, self.session.reading
        self.channel, trains = sweeps_behind(reading, cell)
        self.place = None if cell is None else next(i for i, each in enumerate(reading.cells) if each is cell)
        self.trains = trains if cell is None else self.looking.whole(self._as_read)
        self.chart = self.trace = None

    @property
    def _as_read(self):
        """The cell with all its spikes."""
        return self.looking.as_read[self.place]

    async def draw(self):
        """Show the sweep that was looked at last."""
        if not self.trains:
            return
        if self.looking.sweep not in self.trains:
            self.looking.sweep, self.looking.view = first_firing(self.trains), None
        self._controls()
        self.frame = ui.column().classes("w-full gap-1 trace")
        if self.cell is None:
            hint(words.SILENT_TRACE)
        else:
            hint(words.TRACE.format(potential=words.TRACE_POTENTIAL if self.channel else ""))
        await self._draw_sweep()

    # --- what is on the screen -------------------------------------------------------------------------

    def _controls(self):
        with ui.row().classes("w-full items-center"):
            if len(self.trains) > 1:
                names = {number: f"{number}" for number in sorted(self.trains)}
                ui.select(
                    names, label="Sweep", value=self.looking.sweep, on_change=lambda e: self._turn_to(e.value)
                ).classes("w-28")
            self._button("Show all", self._show_all, "zoom_out_map")
            self.brush = ui.switch("Drag to choose a stretch", on_change=self._set_brush)
            self.brush.mark(FIXED_IN_RUNS)
            if any(each is not None for each in self.form.stretch):
                self._button("Read all of it", self._read_all, "fit_screen").mark(FIXED_IN_RUNS)
            ui.space()
            self.told = ui.row().classes("items-center").props("role=status")
            for kind in ("png", "svg"):
                download_button(kind, "recording", self._picture)

    def _button(self, text, function, icon):
        return ui.button(text, on_click=function, icon=icon).props('no-caps outline dense padding="4px 10px"')

    def _show_all(self):
        if self.chart:
            self.chart.show_whole()

    def _set_brush(self, event):
        if self.chart:
            self.chart.set_brush(event.value)

    @at_any_time
    async def _turn_to(self, sweep):
        self.looking.sweep, self.looking.view = sweep, None
        await self._draw_sweep()

    def forget(self):
        """Let go of the trace, before another one is looked at."""
        self.trace = None
        if self.chart is not None:
            self.chart.forget()

    async def _draw_sweep(self):
        self.forget()
        outcome = await work(self._loaded, self.looking.sweep)
        self.frame.clear()
        with self.frame:
            if outcome.error:
                message("bad", self.session.in_words(outcome.error))
                return
            self.trace = outcome.value
            self.chart = TraceChart(
                self.trace.rejecting(self._rejected), self._view(), self.form.stretch,
                on_view=self._looked_at, on_threshold=self._threshold_dragged,
                on_stretch=self._stretch_dragged, on_pick=self._picked,
            )  # fmt: skip
        self.form.on_change = self._mark
        self._tell_rejected()

    def _loaded(self, sweep):
        """The trace of a sweep; done beside the page."""
        signal = None if self.channel is None else self._signal(sweep)
        return trace_of(self.trains[sweep], signal, self.session.reading.options.get("threshold"))

    def _signal(self, sweep):
        (signal,) = read_signals(self.session.source.path, channel=self.channel, sweep=sweep)
        return signal

    def _view(self):
        """What was on the screen, as far as it is in the sweep."""
        if self.looking.view is None:
            return None
        start, stop = max(self.looking.view[0], self.trace.start), min(self.looking.view[1], self.trace.stop)
        return (start, stop) if start < stop else None

    def _looked_at(self, view):
        self.looking.view = view

    def _mark(self):
        """Show threshold and stretch as they are in the fields."""
        if self.trace is None:
            return
        threshold = self.form.threshold and self.form.threshold.value
        self.chart.mark(self.trace.threshold if threshold is None else threshold, self.form.stretch)

    def _picture(self):
        """What is on the screen, for a paper."""
        start, stop = self._view() or (self.trace.start, self.trace.stop)
        sweep = self.looking.sweep
        train = None if self.cell is None else self.trains[sweep]
        shown = {"start": (start - self.trace.start) * pq.s, "duration": (stop - start) * pq.s}
        if self.channel is None:
            return Picture(
                "spikes", on_axes(plot_spiketrain, train, **shown), (10.5, 1.65), "Spikes of the cell"
            )
        threshold = self.session.reading.options.get("threshold")

        def paint(figure):
            signal = self._signal(sweep)  # read again: it may be large, and few ask for the picture
            plot_detection(signal, train, threshold=threshold, axes=figure.add_subplot(), **shown)

        return Picture("membrane potential", paint, (10.5, 2.6), "Membrane potential with the spikes found")

    # --- what the pointer does -------------------------------------------------------------------------

    async def _threshold_dragged(self, level):
        if self.trace is None or self.form.threshold is None:  # of a file whose spikes are sorted
            return
        self.form.threshold.value = round(level, decimals_for(self.trace.samples, 500))
        await self._read()

    async def _stretch_dragged(self, stretch):
        if self.trace is None:
            return
        view = self._view() or (self.trace.start, self.trace.stop)
        digits = decimals_for(np.array(view), 1000)
        self.form.stretch = tuple(round(time, digits) for time in stretch)
        await self._read()

    async def _read_all(self):
        self.form.stretch = None, None
        await self._read()

    async def _read(self):
        if not await self.form.read():
            self.form.restore()

    async def _picked(self, time, reach):
        """Reject the spike that was clicked at, or take it back."""
        if self.cell is None or self.trace is None:
            return
        try:
            spike = self.trace.spike_at(time, reach)
        except ValueError as error:
            ui.notify(str(error))
            return
        if spike is not None and await self.page.results_may_go():
            await self._reject(spike)

    @in_turn
    async def _reject(self, spike):
        self.looking.toggle(self._as_read, self.looking.sweep, spike)
        await self._rejected_changed()

    @in_turn
    async def _take_back(self):
        self.looking.take_back_all(self._as_read)
        await self._rejected_changed()

    async def _rejected_changed(self):
        self.cell = self.session.reading.cells[self.place] = self.looking.without_rejected(self._as_read)
        self.chart.show_trace(self.trace.rejecting(self._rejected))
        self._tell_rejected()
        await self.page.cell_chosen(self.cell)

    @property
    def _rejected(self):
        """Times (s) of the spikes that are rejected in this sweep."""
        return set() if self.cell is None else self.looking.times_rejected(self._as_read, self.looking.sweep)

    def _tell_rejected(self):
        self.told.clear()
        n = 0 if self.cell is None else sum(map(len, self.looking.rejected_of(self._as_read).values()))
        if not n:
            return
        with self.told:
            ui.label(words.REJECTED.format(n=f"{n:,}", spikes="spike" if n == 1 else "spikes"))
            self._button("Take back", self._ask_to_take_back, "undo").mark(FIXED_IN_RUNS)

    async def _ask_to_take_back(self):
        if await self.page.results_may_go():
            await self._take_back()
