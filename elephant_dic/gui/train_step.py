"""Second step: the spike train, its bursts, its class, its quality."""

from __future__ import annotations

import quantities as pq
from nicegui import ui

from ..burst_detection import detect_bursts
from ..firing import FIGURES, firing
from ..plotting import MOST_SPIKES
from ..spiketrains import sweeps_of, times_of
from ..train_plots import plot_isi_histogram, plot_return_map, plot_spiketrain
from . import words
from .figures import Picture, on_axes, show
from .jobs import work
from .layout import Step, hint, in_turn, message, warn


class TrainStep(Step):
    """What the chosen cell's spikes look like."""

    title, short, anchor = "Look at the spikes", "Spikes", "spikes"
    waiting = "Open a recording and, if it holds several cells, choose one."

    async def draw(self):
        """Fill the step for the chosen cell."""
        cell = self.session.cell
        outcome = await work(_looked_at, cell)
        self.body.clear()
        with self.body:
            _counts(cell)
            if outcome.error:
                message("bad", f"These spikes cannot be used: {outcome.error}")
                return False
            warn(outcome.warnings)
            found, bursts = outcome.value
            _activity(found)
            await self._raster(cell, bursts)
            limit = bursts.annotations["threshold"] if len(bursts) else None
            with ui.row().classes("w-full items-start"):
                for name, paint, text in (
                    ("intervals", on_axes(plot_isi_histogram, cell, limit), words.ISI_HISTOGRAM),
                    ("return map", on_axes(plot_return_map, cell), words.RETURN_MAP),
                ):
                    with ui.column().classes("half"):
                        await show(Picture(name, paint, (5, 3.4), text))
                        hint(text)
        return True

    async def _raster(self, cell, bursts):
        longest = max(float((train.t_stop - train.t_start).rescale("s")) for train in sweeps_of(cell))
        place = ui.column().classes("w-full gap-0")

        async def draw(_):
            begin, length = float(start.value or 0), float(shown.value or longest)
            place.clear()
            with place:
                await show(
                    Picture(
                        "spikes",
                        on_axes(plot_spiketrain, cell, bursts, start=begin * pq.s, duration=length * pq.s),
                        (10.5, 1.5 + 0.15 * min(len(sweeps_of(cell)), 20)),
                        "Spike times of the cell",
                    )
                )

        with ui.row().classes("items-center"):
            start = ui.number("From (s)", value=0, min=0, max=longest, format="%g").classes("w-28")
            shown = ui.number("Seconds shown", value=_first_seconds(cell, longest), min=0.01, max=longest,
                              format="%g").classes("w-32")  # fmt: skip
            for field in (start, shown):
                field.on("change", lambda: in_turn(draw)(self))
        await draw(self)
        if len(bursts):
            hint(words.BURSTS)


def _counts(cell):
    sweeps = sweeps_of(cell)
    seconds = sum(float((train.t_stop - train.t_start).rescale("s")) for train in sweeps)
    n_spikes = sum(map(len, sweeps))
    known = sweeps[0].annotations
    parts = [f"{n_spikes:,} spikes in {words.number(seconds)} s ({words.number(n_spikes / seconds, 3)} Hz)"]
    if len(sweeps) > 1:
        parts.append(f"{len(sweeps)} sweeps, taken together")
    if "threshold" in known:
        parts.append(f"detected at {float(known['threshold'].rescale('mV')):.1f} mV")
    with ui.row().classes("items-baseline"):
        ui.label(cell.name or "cell").classes("text-lg font-medium")
        ui.label("; ".join(parts))


def _activity(found):
    figures = ", ".join(
        f"{name.replace('_', ' ')} {words.number(value, 3)} {FIGURES[name]}".strip()
        for name, value in found.figures().items()
    )
    message("info", f"{words.ACTIVITIES[found.activity]} {figures[:1].upper()}{figures[1:]}.")


def _first_seconds(cell, longest):
    """A stretch with some 60 spikes of the first sweep that fires."""
    for train in sweeps_of(cell):
        if len(train):
            last = train[: 2 * MOST_SPIKES][-1] - train.t_start
            return min(longest, round(float(last.rescale("s")) * 1.02 + 0.005, 2))
    return longest


def _looked_at(cell):
    return firing(times_of(cell)), detect_bursts(cell)
