"""The chart of a sweep on the page: what `trace_chart.js` draws and tells.

Of the libraries that a browser draws with, ECharts is the one that comes with NiceGUI and is light. Measured
in Chromium on two cores, a trace of 2,400 points with 2,000 spikes and a current: Plotly 4,580 kB, 1.0 s to
load, 0.2 s to draw and 62 ms to draw again (0.6 s and 0.3 s by WebGL); ECharts 1,120 kB, 0.1 s, 0.16 s and
32 ms; uPlot 147 kB, 0.06 s, 0.07 s and 16 ms, but it would have to be copied into the package.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from .traces import Trace

FIRST_PARTS = 1000  # of a view, until the browser has told its width
_ROWS = {"spikes": 56, "spikes alone": 114, "potential": 236, "current": 82, "axis": 30}  # pixels


class TraceChart(ui.echart, component="trace_chart.js"):  # type: ignore[call-arg]
    """A trace that can be zoomed, moved and pointed at.

    Parameters
    ----------
    trace : Trace
    view : (start, stop) or None
        s, that is shown first; None for all.
    stretch : (start or None, stop or None)
        s, of what is read.
    on_view : function of (start, stop)
        Called once the view has changed and its data have been sent.
    on_threshold : function of mV
        After the threshold was dragged.
    on_stretch : function of (start, stop)
        After a stretch was dragged out.
    on_pick : function of (time, reach)
        After a click: where, and how exactly one can point, in s.
    """

    def __init__(
        self, trace: Trace, view: tuple[float, float] | None, stretch: tuple[float | None, float | None], *,
        on_view: Callable[[tuple[float, float]], Any], on_threshold: Callable[[float], Any],
        on_stretch: Callable[[tuple[float, float]], Any], on_pick: Callable[[float, float], Any],
    ):  # fmt: skip
        super().__init__({})
        self._props.clear()  # those of a chart by options
        self._trace: Trace | None = trace
        self._view, self._n_parts = view or (trace.start, trace.stop), FIRST_PARTS
        self._on_view = on_view
        self._props.update(frame=trace.frame(), view=list(self._view), threshold=trace.threshold,
                           stretch=list(stretch), brush=False, label=_label(trace))  # fmt: skip
        self._props["picture"] = trace.picture(self._view, self._n_parts)
        self.style(f"width: 100%; height: {_height(trace)}px; touch-action: pan-y")
        self.on("view", self._view_changed)
        self.on("threshold", lambda event: on_threshold(float(event.args["value"])))
        self.on("stretch", lambda event: on_stretch((float(event.args["start"]), float(event.args["stop"]))))
        self.on("pick", lambda event: on_pick(float(event.args["time"]), float(event.args["reach"])))

    def _view_changed(self, event):
        if self._trace is None:
            return
        start, stop, width = (float(event.args[name]) for name in ("start", "stop", "width"))
        start, stop = max(start, self._trace.start), min(stop, self._trace.stop)
        if not start < stop:
            return
        self._view, self._n_parts = (start, stop), int(min(max(width, 100), 4000))
        self._on_view(self._view)
        self._draw()

    def _draw(self):
        with self._props.suspend_updates():  # all at once
            self._props["view"] = list(self._view)
            self._props["picture"] = self._trace.picture(self._view, self._n_parts)
        self.update()

    def show_trace(self, trace: Trace) -> None:
        """Draw the same sweep with other spikes."""
        self._trace = trace
        self._draw()

    def forget(self) -> None:
        """Let go of the trace, which may be large: elements that are removed are freed some time later."""
        self._trace = None

    def show_whole(self) -> None:
        """Zoom out."""
        self.run_method("show_view", self._props["frame"]["start"], self._props["frame"]["stop"])

    def mark(self, threshold: float | None, stretch: tuple[float | None, float | None]) -> None:
        """Show another threshold and stretch, which are not read yet."""
        with self._props.suspend_updates():
            self._props.update(threshold=threshold, stretch=list(stretch))
        self.update()

    def set_brush(self, is_on: bool) -> None:
        """Whether dragging is to choose a stretch, also without the shift key."""
        self._props["brush"] = is_on


def _height(trace):
    rows = ["spikes alone" if trace.samples is None else "spikes", "axis"]
    rows += ["potential"] * (trace.samples is not None) + ["current"] * bool(trace.current.size)
    return sum(_ROWS[row] for row in rows)


def _label(trace):
    parts = ["spikes", *(["membrane potential"] if trace.samples is not None else [])]
    parts += ["injected current"] if trace.current.size else []
    named = f"{', '.join(parts).capitalize()} of {trace.name or 'the cell'} over time."
    return f"{named} Arrow keys move, plus and minus zoom, Home shows all."
