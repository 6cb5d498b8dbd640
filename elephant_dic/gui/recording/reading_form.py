"""How a file is read: fields for the arguments of `read_spiketrains`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import quantities as pq
from nicegui import ui

from ..texts import words
from ..widgets.layout import FIXED_IN_RUNS, hint

TIME_UNITS = {"s": "seconds (s)", "ms": "milliseconds (ms)", "us": "microseconds (µs)"}
AUTOMATIC = "automatic"
_UNITS = {"threshold": "mV", "t_start": "s", "t_stop": "s"}


class ReadingForm:
    """Fields that suit a file, and the button that reads.

    Parameters
    ----------
    reading : Reading
        What is in the file, and how it was read.
    is_table : bool
        Whether its unit of time has to be given.
    on_read : coroutine function
        Reads as the fields say; returns whether that was done.

    Attributes
    ----------
    read : coroutine function
        `on_read`.
    on_change : function
        Called when the threshold or the stretch in the fields has changed, without being read yet.
    """

    def __init__(self, reading: Any, is_table: bool, on_read: Callable[[], Any]):
        kinds = {item.kind for item in reading.items}
        signals = [item for item in reading.items if item.kind == "signal" and "unit" not in kinds]
        self._given, self.read = reading.options, on_read
        self.on_change: Callable[[], Any] = lambda: None
        self.unit = self.start = self.stop = None
        self.channel = self.threshold = self.extracellular = self.sweeps = self.events = None
        if not (signals or is_table or kinds & {"unit", "events"}):
            return
        with ui.row().classes("items-center w-full").mark(FIXED_IN_RUNS):
            if is_table:
                self.unit = ui.select(
                    TIME_UNITS, label=words.FIELDS["time_unit"], value=self._given.get("time_unit")
                ).classes("w-48")
            if is_table or reading.items:
                self.start, self.stop = (
                    self._number(words.FIELDS[name] + " (s)", name) for name in ("t_start", "t_stop")
                )
            if signals:
                self._detection(reading, signals)
            if "events" in kinds:
                self.events = ui.checkbox(words.FIELDS["events"], value=self._given.get("events", False))
            ui.button("Read again" if reading.items else "Read", on_click=on_read).props("no-caps outline")
        if signals:
            hint(words.THRESHOLD)

    def _detection(self, reading, signals):
        given = self._given
        if len(signals) > 1 or not reading.cells:
            names = {None: AUTOMATIC} | {item.name: f"{item.name} ({item.units})" for item in signals}
            self.channel = ui.select(names, label=words.FIELDS["channel"], value=given.get("channel"))
            self.channel.classes("w-56")
        self.threshold = self._number(words.FIELDS["threshold"] + " (mV)", "threshold")
        self.threshold.props(f"placeholder={AUTOMATIC}")
        self.extracellular = ui.checkbox(
            words.FIELDS["extracellular"], value=given.get("extracellular", False)
        )
        n_sweeps = max(item.n_sweeps for item in signals)
        if n_sweeps > 1:
            self.sweeps = ui.select(
                {n: str(n) for n in range(n_sweeps)}, label=words.FIELDS["sweep"] + " (none chosen: all)",
                multiple=True, value=given.get("sweep", []),
            ).classes("w-72").props("use-chips")  # fmt: skip

    def _number(self, label, name):
        """A field for a Quantity that may be left empty."""
        value = self._given.get(name)
        field = ui.number(label, value=None if value is None else float(value), format="%.10g")
        field.classes("w-48").props("stack-label clearable").on("keydown.enter", self.read)
        return field.on_value_change(lambda: self.on_change())

    @property
    def stretch(self) -> tuple[float | None, float | None]:
        """Start and stop (s) in the fields; None where they are empty."""
        start, stop = ((field.value if field else None) for field in (self.start, self.stop))
        return start, stop

    @stretch.setter
    def stretch(self, values: tuple[float | None, float | None]):
        for field, value in zip((self.start, self.stop), values, strict=True):
            if field:
                field.value = value

    def restore(self) -> None:
        """Show threshold and stretch as the file was read."""
        for name, field in (("threshold", self.threshold), ("t_start", self.start), ("t_stop", self.stop)):
            if field is not None:
                value = self._given.get(name)
                field.value = None if value is None else float(value.rescale(_UNITS[name]))

    def options(self) -> dict[str, Any]:
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
        given |= {
            name: pq.Quantity(float(given[name]), _UNITS[name]) for name in _UNITS.keys() & given.keys()
        }
        return given | ({"sweep": sorted(given["sweep"])} if "sweep" in given else {})
