"""Cells under current steps, as the page shows them."""

from __future__ import annotations

from nicegui import ui

from ...plots import plot_levels, plot_spiketrain
from ...populations import conductances
from ...trains import capacitance_of_cell, protocol_of, recorded_response, sweeps_of
from ..texts import words
from ..texts.tables import quantile_rows
from ..widgets.figures import Picture, on_axes, show
from ..widgets.layout import hint, message, show_rows, subtitle


async def draw_recording(cell) -> None:
    """The levels of a recording, with the counts, and its sweeps."""
    sweeps = sweeps_of(cell)
    protocol = protocol_of(sweeps)
    found = recorded_response(protocol, sweeps)
    message("info", words.UNDER_STEPS)
    rows = [
        {
            "level": level.name,
            "count": f"{words.number(found.counts[k], 3)}{' Hz' if level.is_rest else ''}",
            "sweeps": len(level.sweeps),
        }
        for k, level in enumerate(protocol.levels)
    ]
    labels = {"level": "Current", "count": "Spikes a sweep", "sweeps": "Sweeps"}
    columns = [{"name": key, "label": label, "field": key} for key, label in labels.items()]
    ui.table(rows=rows, columns=columns, row_key="level", pagination=12).props("flat bordered dense")
    await show(
        Picture(
            "sweeps", on_axes(plot_spiketrain, cell), (10.5, 1.5 + 0.15 * min(len(sweeps), 20)),
            "Spike times of the cell, sweep by sweep",
        ),
        "One row a sweep.",
    )  # fmt: skip
    hint(capacitance_told(cell))


def capacitance_told(cell) -> str:
    """What reading could tell of the capacitance."""
    try:
        known = capacitance_of_cell(cell)
    except ValueError:
        return words.NO_CAPACITANCE
    value = words.number(known["value"], 3)
    if "sweeps" not in known:
        return words.KNOWN_CAPACITANCE.format(value=value)
    spread = f" ± {words.number(known['spread'], 2)}" if "spread" in known else ""
    return words.CAPACITANCE.format(value=f"{value}{spread}", n=known["sweeps"])


async def draw_levels(block) -> None:
    """Counts of recording and models at each level, and the conductances of the whole cell."""
    subtitle("How they fire at each level")
    await show(
        Picture(
            "levels", on_axes(plot_levels, block), (7.5, 4),
            "Spikes of the recording and of the models at each level of the current",
        ),
        words.LEVELS,
    )  # fmt: skip
    subtitle("Conductances of the whole cell, in nS")
    total = {name: values for name, values in conductances(block, total=True).items() if name[:2] == "g_"}
    show_rows(quantile_rows("Channel", total))
