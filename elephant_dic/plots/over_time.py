"""Picture of DICs over time, with what happened meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import neo
import numpy as np

from ..neurons import DIC_NAMES
from .drawing import panels_or_new, symbol

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOR, _OUTSIDE_COLOR, _CHANGE_COLOR, _EVENT_COLOR = "#0072B2", "#999999", "#D55E00", "#000000"


def plot_dics_over_time(
    segment: neo.Segment,
    events: neo.Event | neo.Epoch | neo.Segment | Sequence[neo.Event | neo.Epoch] = (),
    *,
    axes: Sequence[Axes] | None = None,
) -> np.ndarray:
    """Draw the three DICs of a recording over time.

    A line is the mean, a band one standard deviation, grey where the windows are unlike the training trains.
    Change points are dashed lines. DICs inferred from spike times are effective ones: those with which the
    neuron's reference population fires like the recording.

    Parameters
    ----------
    segment : neo.Segment
        As from `infer_dics_over_time`.
    events : neo.Event, neo.Epoch, neo.Segment or a sequence of the first two
        What happened, such as a drug on and off: events are lines, epochs shaded, with their labels. Of a
        Segment, as read from a file, all its events and epochs.
    axes : sequence of 3 matplotlib.axes.Axes, optional
        Default: a new figure.

    Returns
    -------
    (3,) array of matplotlib.axes.Axes
        For g_f, g_s and g_u.

    Raises
    ------
    TypeError
        If an event is of another kind, or `segment` is no neo.Segment.
    ValueError
        If it holds no DICs over time, or `axes` are not three.
    """
    if not isinstance(segment, neo.Segment):
        raise TypeError(f"segment must be a neo.Segment, got {type(segment).__name__}")
    signals = {signal.name: signal for signal in segment.analogsignals}
    if not {*DIC_NAMES, "domain_score"} <= set(signals):
        raise ValueError("the segment holds no DICs over time: make it by infer_dics_over_time")
    happened = _events_of(events)
    panels = np.ravel(panels_or_new(axes, len(DIC_NAMES), 5.5, 4.2))
    if len(panels) != len(DIC_NAMES):
        raise ValueError(f"axes must be {len(DIC_NAMES)}, got {len(panels)}")
    outside = signals["domain_score"].magnitude[:, 0] > 1
    for panel, name in zip(panels, DIC_NAMES, strict=True):
        _draw(panel, signals[name], signals[f"{name}_std"], outside)
        panel.set_ylabel(f"Effective {symbol(name)}\n(units of leak)")
        for change in segment.events:
            if change.name == "change points":
                for time in change.times.rescale("s").magnitude:
                    panel.axvline(time, color=_CHANGE_COLOR, linestyle="--", linewidth=1)
        for event in happened:
            _mark(panel, event, labelled=panel is panels[0])
    panels[-1].set_xlabel("Time (s), centre of the window")
    panels[0].figure.align_ylabels(panels)
    return panels


def _draw(panel, mean, std, outside):
    times = mean.times.rescale("s").magnitude
    mean, std = mean.magnitude[:, 0], std.magnitude[:, 0]
    for chosen, color in ((~outside, _COLOR), (outside, _OUTSIDE_COLOR)):
        # A stretch reaches its neighbours, so that the line has no gap where it changes its colour.
        shown = chosen | np.r_[chosen[1:], False] if color == _OUTSIDE_COLOR else chosen
        values = np.where(shown, mean, np.nan)
        panel.fill_between(times, values - std, values + std, color=color, alpha=0.25, linewidth=0)
        panel.plot(times, values, color=color, linewidth=1.2, marker=".", markersize=2)


def _events_of(events):
    """Events and epochs, from whatever they were given in."""
    if isinstance(events, neo.Segment):
        return [*events.events, *events.epochs]
    events = [events] if isinstance(events, neo.Event | neo.Epoch) else list(events)
    for event in events:
        if not isinstance(event, neo.Event | neo.Epoch):
            raise TypeError(f"events must be neo.Event or neo.Epoch, got {type(event).__name__}")
    return events


def _mark(panel, event, labelled):
    """Lines or shades of an event, with labels above the first panel."""
    times = event.times.rescale("s").magnitude
    durations = (
        event.durations.rescale("s").magnitude
        if isinstance(event, neo.Epoch)
        else np.full(len(times), np.nan)
    )
    labels = event.labels if len(event.labels) == len(times) else [event.name or ""] * len(times)
    for time, duration, label in zip(times, durations, labels, strict=True):
        if np.isnan(duration):
            panel.axvline(time, color=_EVENT_COLOR, linewidth=0.8)
        else:
            panel.axvspan(time, time + duration, color=_EVENT_COLOR, alpha=0.08, linewidth=0)
        if labelled:
            panel.annotate(
                str(label), (time, 1), xytext=(0, 2), xycoords=("data", "axes fraction"),
                textcoords="offset points", fontsize="small", annotation_clip=True,
            )  # fmt: skip
