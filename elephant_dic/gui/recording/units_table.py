"""Tables of what is in a file: its items, and its cells, of which one is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from ..texts import words
from ..widgets.layout import FIXED_IN_RUNS, hint, subtitle
from .units import HEIGHT, WIDTH, unit_columns

ROWS = 10  # of a page of the table
NAME_SLOT = '<q-td :props="props"><div class="cut" :title="props.value">{{ props.value }}</div></q-td>'
_LINE = f"""
<q-td :props="props">
  <svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" class="rate-line"
       :aria-label="'Rate over time, ' + props.row.low + ' to ' + props.row.high + ' Hz'">
    <title>{{{{ props.row.low }}}} to {{{{ props.row.high }}}} Hz</title>
    <polyline :points="props.value" fill="none" stroke="currentColor" stroke-width="1.2" />
  </svg>
</q-td>
"""
_TICK = '<q-checkbox v-model="props.selected" dense :aria-label="\'Choose \' + props.row.name" />'


class UnitsTable:
    """The cells of a recording, to be searched and sorted; one is chosen by a click, or a tick with the keys.

    Parameters
    ----------
    rows : list of dict
        Of `unit_rows`.
    chosen : int or None
        Index of the cell that is chosen already.
    on_choose : coroutine function of int or None
        Called with the index of a cell, or None if none is chosen any more; returns whether it may be.
    """

    def __init__(
        self, rows: list[dict[str, Any]], chosen: int | None, on_choose: Callable[[int | None], Any]
    ):
        self._on_choose, self._chosen = on_choose, chosen
        subtitle("Choose a cell")
        with ui.row().classes("w-full items-center"):
            hint(words.UNITS)
            ui.space()
            if len(rows) > ROWS:
                search = ui.input("Search").props("dense clearable outlined debounce=200")
        self.table = ui.table(
            rows=rows, columns=unit_columns(rows), row_key="index", selection="single",
            pagination=ROWS if len(rows) > ROWS else None,
        )  # fmt: skip
        self.table.props('flat bordered dense rows-per-page-label="Cells per page" hide-selected-banner')
        self.table.props('no-results-label="No such cell"').classes("w-full chosen-by-rows")
        self.table.mark(FIXED_IN_RUNS)
        for column, template in (
            ("body-cell-name", NAME_SLOT),
            ("body-cell-line", _LINE),
            ("body-selection", _TICK),
        ):
            self.table.add_slot(column, template)
        if len(rows) > ROWS:
            self.table.bind_filter_from(search, "value", backward=lambda text: text or "")
        self._show()
        self.table.on_select(
            lambda event: self._choose(event.selection[0]["index"] if event.selection else None)
        )
        self.table.on("rowClick", lambda event: self._choose(event.args[1]["index"]), [[], ["index"], []])

    async def _choose(self, index):
        if index != self._chosen and await self._on_choose(index):
            self._chosen = index
        self._show()

    def _show(self):
        """Tick the row that is chosen."""
        self.table.selected = [row for row in self.table.rows if row["index"] == self._chosen]


def item_table(items) -> None:
    """What is in a file: signals, units, event channels."""
    rows = [
        {
            "index": index,
            "kind": {"signal": "signal", "unit": "sorted unit", "events": "event channel"}[item.kind],
            "name": item.name,
            "unit": item.units or "",
            "sampling": "" if item.sampling_rate is None else f"{float(item.sampling_rate):,g}",
            "spikes": "" if item.n_spikes is None else f"{item.n_spikes:,}",
            "rate": "" if item.rate is None else words.number(float(item.rate), 3),
            "sweeps": item.n_sweeps,
            "duration": words.number(float(item.duration)),
        }
        for index, item in enumerate(items)
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
    table = ui.table(rows=rows, columns=columns, row_key="index", pagination=8 if len(rows) > 8 else None)
    table.props("flat bordered dense").classes("w-full").add_slot("body-cell-name", NAME_SLOT)
