"""Pictures of one spike train: its spikes and bursts, its intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import neo
import numpy as np
import quantities as pq

from ..arguments import magnitude
from ..trains import isis_of, sweeps_of, times_of
from .drawing import MODEL_COLOR, RECORDING_COLOR, axes_or_new, draws, small
from .rows import evenly, sweep_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BURST_COLOR = "#E69F00"
MOST_ROWS = 20  # sweeps of a raster
MOST_LINES = 2000  # spikes that are lines in a file of vectors; more are pixels
BINS_PER_DECADE = 12
_BURSTS = 0.52  # of a row, from its spikes down to its bursts


@draws
def plot_spiketrain(
    spiketrain: neo.SpikeTrain | neo.Group,
    bursts: neo.Epoch | None = None,
    *,
    start: pq.Quantity | None = None,
    duration: pq.Quantity | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw the spikes of a cell, a row a sweep, and its bursts as bars below them.

    At most 20 sweeps are drawn, evenly spaced; the label counts them.

    Parameters
    ----------
    spiketrain : neo.SpikeTrain or neo.Group
        A train, or the sweeps of one cell.
    bursts : neo.Epoch or None
        Of `detect_bursts`. Default: None, no bars.
    start, duration : Quantity or None
        What to show, in time since the start of each sweep. Default: None, everything.
    {axes}

    {returns axes}

    Raises
    ------
    TypeError, ValueError
        If `spiketrain` is of another kind, a time has no unit, or there is nothing to show.
    """
    sweeps = sweeps_of(spiketrain)
    rows = evenly(range(len(sweeps)), MOST_ROWS)
    low = 0.0 if start is None else magnitude(start, "s", "start")
    longest = max(float((sweep.t_stop - sweep.t_start).rescale("s")) for sweep in sweeps)
    high = longest if duration is None else min(low + magnitude(duration, "s", "duration"), longest)
    if not -np.inf < low < high:
        raise ValueError(f"there is nothing to show from {low:g} to {high:g} s of {longest:g} s")
    axes = axes_or_new(axes, 6.0, 0.9 + 0.2 * len(rows))
    shown = [(sweeps[row].times - sweeps[row].t_start).rescale("s").magnitude for row in rows]
    shown = [times[(times >= low) & (times <= high)] for times in shown]
    axes.eventplot(
        shown, lineoffsets=range(len(rows)), linelengths=0.7, linewidths=0.8, colors=RECORDING_COLOR,
        rasterized=sum(map(len, shown)) > MOST_LINES,
    )  # fmt: skip
    if bursts is not None:
        for place, row in enumerate(rows):
            _draw_bursts(axes, place, bursts[bursts.array_annotations["sweep"] == row], sweeps[row].t_start)
    axes.set(xlim=(low, high), ylim=(len(rows) - 0.35, -0.5), xlabel="Time (s)")
    labels = sweep_labels(len(rows), len(sweeps))
    names: dict[float, str] = {0: "spikes" if len(sweeps) == 1 else labels[0]}
    if bursts is not None and len(rows) == 1:
        names[_BURSTS] = "bursts"
    axes.set_yticks(list(names), list(names.values()))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    return axes


def _draw_bursts(axes, place, bursts, t_start):
    """Bars below the spikes of a sweep."""
    onsets, lengths = (bursts.times - t_start).rescale("s"), bursts.durations.rescale("s")
    bars = list(zip(onsets.magnitude, lengths.magnitude, strict=True))
    axes.broken_barh(bars, (place + _BURSTS - 0.06, 0.12), color=BURST_COLOR)


@draws
def plot_isi_histogram(
    spiketrain: neo.SpikeTrain | neo.Group, *, threshold: pq.Quantity | None = None, axes: Axes | None = None
) -> Axes:
    """Draw how often each interval between spikes occurs, on a logarithmic axis.

    Parameters
    ----------
    spiketrain : neo.SpikeTrain or neo.Group
        A train of at least 5 spikes, or the sweeps of one cell.
    threshold : Quantity or None
        Interval to be marked: above it bursts end. Default: None.
    {axes}

    {returns axes}

    Raises
    ------
    TypeError, ValueError
        As in `infer_dics`.
    """
    isis = isis_of(times_of(spiketrain))
    first, last = np.floor(BINS_PER_DECADE * np.log10([isis.min(), isis.max()]))
    edges = 10 ** (np.arange(first - 1, last + 3) / BINS_PER_DECADE)
    axes = axes_or_new(axes, 3.6, 2.6)
    axes.hist(isis, edges, color=MODEL_COLOR, alpha=0.85)
    axes.set(xscale="log", xlabel="Interval between spikes (ms)", ylabel="Number of intervals")
    _plain_ticks(axes.xaxis, edges[0], edges[-1])
    if threshold is not None:
        limit = magnitude(threshold, "ms", "threshold")
        axes.axvline(limit, color=RECORDING_COLOR, linestyle="--", linewidth=1)
        axes.annotate(
            f" bursts end\n above {limit:.3g} ms", (limit, 0.98), xycoords=("data", "axes fraction"),
            va="top", fontsize=small(axes),
        )  # fmt: skip
    return axes


@draws
def plot_return_map(spiketrain: neo.SpikeTrain | neo.Group, *, axes: Axes | None = None) -> Axes:
    """Draw each interval against the one before it.

    Parameters
    ----------
    spiketrain : neo.SpikeTrain or neo.Group
        A train of at least 5 spikes, or the sweeps of one cell. No pair spans two sweeps.
    {axes}

    {returns axes}

    Raises
    ------
    TypeError, ValueError
        As in `infer_dics`.
    """
    isis = [np.diff(times) for times in times_of(spiketrain)]
    before, after = (np.concatenate([each[part] for each in isis]) for part in (np.s_[:-1], np.s_[1:]))
    axes = axes_or_new(axes, 3.0, 2.8)
    axes.scatter(before, after, 10, MODEL_COLOR, alpha=0.5, linewidths=0, rasterized=len(before) > 2000)
    low, high = min(map(np.min, (before, after))) / 1.5, max(map(np.max, (before, after))) * 1.5
    axes.plot([low, high], [low, high], color=RECORDING_COLOR, linewidth=0.6, linestyle=":")
    axes.set(
        xscale="log", yscale="log", xlim=(low, high), ylim=(low, high), aspect="equal",
        xlabel="Interval (ms)", ylabel="Next interval (ms)",
    )  # fmt: skip
    for axis in (axes.xaxis, axes.yaxis):
        _plain_ticks(axis, low, high)
    return axes


def _plain_ticks(axis, low, high):
    """Write 20, 50, 100 rather than powers of ten, which a range of less than a decade may not hold."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    steps = (1.0, 2.0, 5.0) if high / low < 500 else (1.0,)
    axis.set_major_locator(LogLocator(subs=steps))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())
