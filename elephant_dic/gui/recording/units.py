"""The cells of a recording, row by row: how they fire, how clean they are, and their rate over time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import neo
import numpy as np

from ...trains import assess_quality, clean, is_stepped, recording_firing, sweeps_of
from ..texts.words import number
from .decimation import counts
from .traces import seconds

#: Of the line of a rate: parts of the recording, and its size in pixels.
N_PARTS, WIDTH, HEIGHT = 48, 96, 20
STEPPED = "current steps"
_LABELS = {
    "name": "Cell", "line": "Rate over time", "rate": "Rate (Hz)", "activity": "Class", "quality": "Quality",
    "spikes": "Spikes", "current": "Injected current", "sweeps": "Sweeps", "duration": "Duration (s)",
}  # fmt: skip
_TEXTS = ("name", "activity", "quality", "current")

Row = dict[str, Any]


def unit_rows(cells: Iterable[neo.SpikeTrain | neo.Group], window: float) -> list[Row]:
    """A row a cell, by the names of `unit_columns`; also its ``index``, and of the line ``low`` and ``high``.

    Parameters
    ----------
    cells : iterable of neo.SpikeTrain or neo.Group
    window : float
        ms, of the neuron for which their firing is classified.
    """
    return [_row(index, cell, window) for index, cell in enumerate(cells)]


def _row(index, cell, window) -> Row:
    sweeps = sweeps_of(cell)
    length = sum(_duration(train) for train in sweeps)
    n_spikes = sum(map(len, sweeps))
    rates = rates_over_time(cell)
    return {
        "index": index,
        "name": cell.name or f"cell {index + 1}",
        "line": line_of(rates),
        "low": number(float(rates.min()), 3),
        "high": number(float(rates.max()), 3),
        "rate": float(f"{n_spikes / length:.3g}") if length else None,
        "activity": _activity(cell, window),
        "quality": _quality(cell),
        "spikes": n_spikes,
        "current": str(sweeps[0].annotations.get("injected_current", "")),
        "sweeps": len(sweeps),
        "duration": round(length, 3),
    }


def unit_columns(rows: list[Row]) -> list[dict[str, Any]]:
    """Columns of a table; without those that say nothing, or the same of a single sweep for all."""
    same = {"sweeps": 1, "duration": rows[0]["duration"] if rows else None, "current": ""}
    return [
        {"name": name, "label": label, "field": name, "sortable": name != "line",
         "align": "left" if name in (*_TEXTS, "line") else "right"}
        for name, label in _LABELS.items()
        if name not in same or any(row[name] != same[name] for row in rows)
    ]  # fmt: skip


def rates_over_time(cell: neo.SpikeTrain | neo.Group, n_parts: int = N_PARTS) -> np.ndarray:
    """Spikes a second in each of (n_parts,) equal parts of a recording, its sweeps one after the other."""
    times, end = [np.empty(0)], 0.0
    for train in sweeps_of(cell):
        times.append(np.sort(seconds(train)) - float(seconds(train.t_start)) + end)
        end += _duration(train)
    if not end > 0:
        return np.zeros(n_parts)
    return counts(np.concatenate(times), 0.0, end, n_parts) * n_parts / end


def line_of(rates: np.ndarray) -> str:
    """The points of a line, "x,y x,y …", from zero at the bottom to the highest rate at the top."""
    places = np.linspace(1, WIDTH - 1, rates.size)
    heights = (HEIGHT - 1) - (HEIGHT - 2) * rates / (rates.max() or 1.0)
    return " ".join(f"{x:.4g},{y:.3g}" for x, y in zip(places, heights, strict=True))


def _activity(cell, window):
    """The class of the firing; "" where it cannot be told, as of a few spikes."""
    if is_stepped(cell):
        return STEPPED
    try:
        found = clean(cell)
        return recording_firing(found.times, window, found.duration).activity
    except ValueError:
        return ""


def _quality(cell):
    try:
        return assess_quality(cell).verdict
    except ValueError:
        return ""


def _duration(train):
    return float(seconds(train.t_stop)) - float(seconds(train.t_start))
