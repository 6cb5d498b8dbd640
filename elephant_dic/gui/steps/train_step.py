"""Second step: the spike train, its bursts, its class, its quality."""

from __future__ import annotations

from nicegui import ui

from ...neurons import get_neuron
from ...plots import MOST_SPIKES, plot_isi_histogram, plot_return_map, plot_spiketrain
from ...recordings import detected_at
from ...trains import (
    FIGURES,
    assess_quality,
    clean,
    detect_bursts,
    is_stepped,
    recording_firing,
    sweeps_of,
)
from ..recording.levels import draw_recording
from ..results.members import first_seconds
from ..texts import words
from ..widgets.figures import Picture, on_axes, show
from ..widgets.jobs import work
from ..widgets.layout import Step, hint, message, time_fields, warn


class TrainStep(Step):
    """What the chosen cell's spikes look like."""

    async def draw(self):
        """Fill the step for the chosen cell."""
        cell = self.session.cell
        if is_stepped(cell):
            self.body.clear()
            with self.body:
                _counts(cell)
                await draw_recording(cell)
            return True
        window = get_neuron(self.session.settings.neuron).training.window
        outcome = await work(_looked_at, cell, window)
        self.body.clear()
        with self.body:
            _counts(cell)
            await self._quality(cell)
            if outcome.error:
                message("bad", f"These spikes cannot be used: {outcome.error}")
                return False
            warn(outcome.warnings)
            found, bursts, notes = outcome.value
            warn(notes)
            _activity(found)
            await self._raster(cell, bursts)
            limit = bursts.annotations["threshold"] if len(bursts) else None
            with ui.row().classes("w-full items-start"):
                for name, paint, text in (
                    ("intervals", on_axes(plot_isi_histogram, cell, threshold=limit), words.ISI_HISTOGRAM),
                    ("return map", on_axes(plot_return_map, cell), words.RETURN_MAP),
                ):
                    with ui.column().classes("half"):
                        await show(Picture(name, paint, (5.2, 3.4), text), text)
        return True

    async def _quality(self, cell):
        """Whether it is one cell, all of it, each spike once."""
        outcome = await work(assess_quality, cell)
        if not outcome.error:  # a train that cannot be judged cannot be used either, and why is told below
            message(*words.quality(outcome.value))
            hint(words.quality_figures(outcome.value))

    async def _raster(self, cell, bursts):
        longest = max(float((train.t_stop - train.t_start).rescale("s")) for train in sweeps_of(cell))

        async def draw(_):
            place.clear()
            with place:
                await show(
                    Picture(
                        "spikes",
                        on_axes(plot_spiketrain, cell, bursts, **shown()),
                        (10.5, 1.5 + 0.15 * min(len(sweeps_of(cell)), 20)),
                        "Spike times of the cell",
                    ),
                    words.BURSTS if len(bursts) else words.NO_BURSTS,
                )

        with ui.row().classes("items-center"):
            shown = time_fields(self, longest, first_seconds(cell, longest, 2 * MOST_SPIKES), draw)
        place = ui.column().classes("w-full gap-0")
        await draw(self)


def _counts(cell):
    sweeps = sweeps_of(cell)
    seconds = sum(float((train.t_stop - train.t_start).rescale("s")) for train in sweeps)
    n_spikes = sum(map(len, sweeps))
    rate = f"{words.number(n_spikes / seconds, 3)} Hz with all pauses"
    parts = [f"{n_spikes:,} spikes in {words.number(seconds)} s ({rate})"]
    if len(sweeps) > 1:
        parts.append(f"{len(sweeps)} sweeps, taken together")
    if detected := detected_at(sweeps):
        parts.append(detected)
    with ui.row().classes("items-baseline"):
        ui.label(cell.name or "cell").classes("text-lg font-medium")
        ui.label("; ".join(parts))


def _activity(found):
    """The class of the train, and the figures that tell it."""
    message("info", words.ACTIVITIES[found.activity])
    rows = [
        {"name": words.FIGURES[name][0], "value": words.number(value, 3), "unit": FIGURES[name],
         "meaning": words.FIGURES[name][1]}
        for name, value in found.figures().items()
    ]  # fmt: skip
    if not rows:
        return
    labels = {"name": "Figure", "value": "Value", "unit": "Unit", "meaning": "What it is"}
    columns = [
        {"name": key, "label": label, "field": key, "align": "right" if key == "value" else "left"}
        for key, label in labels.items()
    ]
    ui.table(rows=rows, columns=columns, row_key="name").props("flat bordered dense").classes("w-full")
    hint(words.ALIKE)


def _looked_at(cell, window):
    """Class and figures as models are compared with them, bursts, and what was left out."""
    found = clean(cell)
    return recording_firing(found.times, window, found.duration), detect_bursts(found.cell), found.notes
