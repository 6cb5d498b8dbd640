"""The membrane potential behind a spike train, with its threshold: whether the spikes are spikes."""

from __future__ import annotations

from nicegui import ui

from ..plots import plot_detection
from ..recordings import read_signals
from ..trains import sweeps_of
from . import words
from .figures import Picture, on_axes, show
from .jobs import work
from .layout import in_turn, message, time_fields
from .session import first_seconds

SPIKES_SHOWN = 30
SECONDS_SHOWN = 10.0  # of a signal without spikes


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


async def show_potential(step, cell):
    """Draw the potential of one sweep of a cell, whose sweep and stretch can be chosen."""
    session = step.session
    channel, trains = sweeps_behind(session.reading, cell)
    if not trains:
        return
    place = ui.column().classes("w-full gap-1")

    async def draw_sweep(sweep):
        outcome = await work(read_signals, session.source.path, channel=channel, sweep=sweep)
        place.clear()
        with place:
            if outcome.error:
                message("bad", session.in_words(outcome.error))
                return
            (signal,) = outcome.value
            await _draw(step, signal, trains, sweep, choose)

    async def choose(sweep):
        @in_turn
        async def draw(step):
            await draw_sweep(sweep)

        await draw(step)

    await draw_sweep(min(trains))


async def _draw(step, signal, trains, sweep, choose):
    train, threshold = trains[sweep], step.session.reading.options.get("threshold")
    longest = len(signal) / float(signal.sampling_rate.rescale("Hz"))
    first = min(longest, SECONDS_SHOWN) if train is None else first_seconds(train, longest, SPIKES_SHOWN)

    async def draw(_):
        figure.clear()
        with figure:
            await show(
                Picture(
                    "membrane potential",
                    on_axes(plot_detection, signal, train, threshold=threshold, **shown()),
                    (10.5, 2.6),
                    "Membrane potential with the threshold and the spikes found",
                ),
                words.SILENT_POTENTIAL if train is None else words.POTENTIAL,
            )

    with ui.row().classes("items-center"):
        if len(trains) > 1:
            names = {number: f"{number}" for number in sorted(trains)}
            ui.select(names, label="Sweep", value=sweep, on_change=lambda event: choose(event.value)).classes(
                "w-28"
            )
        shown = time_fields(step, longest, first, draw)
    figure = ui.column().classes("w-full gap-0")
    await draw(step)
