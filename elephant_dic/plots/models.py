"""Pictures of the members of a population: how their conductances go together, and single ones of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import neo
import numpy as np
import quantities as pq

from ..arguments import MAX_MODELS, check_whole, magnitude, shown
from ..populations import conductance_table, recording_of
from .drawing import (
    RECORDING_COLOR,
    axes_or_new,
    draws,
    in_words,
    legend_above,
    names_apart,
    small,
    symbol,
)
from .rows import first_spikes, from_onset, members_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Okabe and Ito, for members side by side.
MEMBER_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_ROW, _RASTER = 1.0, 0.22  # heights of a member and of its spikes
_VOLTAGES = (-90.0, 50.0)  # mV, that fill a row
_BEFORE = 0.02  # of the time shown, before the first spike
MOST_SPIKES = 20  # shown of the recording, where they take longer than 1 s


@draws
def plot_correlations(block: neo.Block, *, axes: Axes | None = None) -> Axes:
    """Draw how each pair of conductances goes together over the population.

    Colours and numbers are rank correlations (Spearman's rho): 1 if one is the larger, the larger the other
    is, -1 if the smaller, 0 if they have nothing to do with each other.

    Parameters
    ----------
    block : neo.Block
        A population of at least 3 members.
    {axes}

    {returns axes}

    Raises
    ------
    TypeError, ValueError
        If `block` is not a population, or a too small one.
    """
    from scipy.stats import rankdata

    names, table = conductance_table(block)
    if len(table) < 3:
        raise ValueError(f"correlations need at least 3 members, the population has {len(table)}")
    with np.errstate(invalid="ignore"):  # a conductance without spread has none
        rho = np.corrcoef(rankdata(table, axis=0), rowvar=False)
    rho[np.triu_indices(len(names))] = np.nan
    axes = axes_or_new(axes, 4.2, 3.4)
    picture = axes.imshow(rho[1:, :-1], cmap="RdBu_r", vmin=-1, vmax=1)
    for row, column in np.argwhere(np.isfinite(rho[1:, :-1])):
        if column <= row:
            value = rho[row + 1, column]
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=small(axes),
                      color="white" if abs(value) > 0.6 else "#222222")  # fmt: skip
    labels = [symbol(name) for name in names]
    axes.set_xticks(range(len(names) - 1), labels[:-1])
    axes.set_yticks(range(len(names) - 1), labels[1:])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    bar = axes.figure.colorbar(picture, ax=axes, shrink=0.7, ticks=(-1, -0.5, 0, 0.5, 1))
    bar.ax.tick_params(labelsize=small(axes))
    bar.set_label("Rank correlation", size=axes.xaxis.label.get_size())
    bar.outline.set_visible(False)
    return axes


@draws
def plot_members(
    block: neo.Block,
    simulation: neo.Segment,
    members: Sequence[int] | None = None,
    *,
    duration: pq.Quantity | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw the spikes of the recording and, below, spikes and voltage traces of single members.

    Each row begins as in `plot_raster`.

    Parameters
    ----------
    block : neo.Block
        A population.
    simulation : neo.Segment
        Of `simulate_population` with ``traces=True``.
    members : sequence of int or None
        Which members. Default: None, the first three.
    duration : Quantity or None
        How much to show. Default: None, 1 s, or the time of 20 spikes if that is longer.
    {axes}

    {returns axes}

    Raises
    ------
    TypeError, ValueError
        If `block` is not a population, `members` are no whole numbers, or `simulation` is no Segment or lacks
        a member or its trace.
    """
    conductance_table(block)  # or it is no population
    if not isinstance(simulation, neo.Segment):
        raise TypeError(f"simulation must be a neo.Segment, not {type(simulation).__name__}")
    trains = {int(train.annotations["member"]): train for train in members_of(simulation)}
    members = list(trains)[:3] if members is None else _numbers(members, MAX_MODELS)
    missing = [member for member in members if member not in trains]
    if missing or not simulation.analogsignals:
        what = f"members {missing}" if missing else "voltage traces (traces=True)"
        raise ValueError(f"the simulation holds no {what}")
    recorded = recording_of(block)[:1]
    rows = [("recording", recorded[0], RECORDING_COLOR, None)] if recorded else []
    signal = simulation.analogsignals[0]
    columns = dict(zip(trains, signal.T, strict=True))
    limit = _time_shown(rows[0][1] if rows else trains[members[0]], duration)
    axes = axes_or_new(axes, 5.5, 0.7 + 0.95 * len(members))
    for place, member in enumerate(members):
        color = MEMBER_COLORS[place % len(MEMBER_COLORS)]
        rows.append((f"model {member}", trains[member], color, columns[member]))
    below, ticks = 0.0, []
    for _, train, color, trace in rows:
        times, onset = from_onset(train)
        axes.eventplot(times[times <= limit], lineoffsets=below + _RASTER / 2, linelengths=_RASTER * 0.8,
                       linewidths=0.9, colors=color)  # fmt: skip
        ticks.append(below + _RASTER / 2)
        below += _RASTER + 0.1
        if trace is not None:
            _draw_trace(axes, trace, below, onset, limit, color, signal)
            below += _ROW
    _draw_scale(axes, below - _ROW, limit)
    axes.set_yticks(ticks, [row[0] for row in rows])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set(xlim=(-_BEFORE * limit, limit), ylim=(below, -0.08), xlabel="Time (s)")
    return axes


@draws
def plot_member_conductances(block: neo.Block, members: Sequence[int], *, axes: Axes | None = None) -> Axes:
    """Draw the conductances of single members as bars, divided by the population's medians.

    What cells have beside conductances, such as the voltage of their threshold, is told behind their numbers.

    Parameters
    ----------
    block : neo.Block
        A population.
    members : sequence of int
        Which members.
    {axes}

    {returns axes}

    Raises
    ------
    TypeError, ValueError
        If `block` is not a population, or `members` are none of it.
    """
    names, table = conductance_table(block)
    members = _numbers(members, len(table))
    names, parameters = names_apart(names)
    table, others = np.split(table, [len(names)], axis=1)
    medians = np.median(table, axis=0)
    relative = table / np.where(medians > 0, medians, 1)
    axes = axes_or_new(axes, 0.9 + 0.55 * len(names), 2.6)
    width = 0.8 / max(len(members), 1)
    for place, member in enumerate(members):
        offset = (place - (len(members) - 1) / 2) * width
        beside = in_words(parameters, others[member])
        axes.bar(
            np.arange(len(names)) + offset, relative[member], 0.92 * width,
            label=f"model {member}" + (f" ({beside})" if beside else ""),
            color=MEMBER_COLORS[place % len(MEMBER_COLORS)],
        )  # fmt: skip
    axes.axhline(1, color=RECORDING_COLOR, linewidth=0.8, linestyle="--")
    axes.set_xticks(range(len(names)), [symbol(name) for name in names])
    axes.set(ylabel="Conductance / median", xlim=(-0.6, len(names) - 0.4))
    legend_above(axes)
    return axes


def _numbers(members, n_members):
    """Which members, as whole numbers from 0."""
    if isinstance(members, str) or not hasattr(members, "__iter__"):
        raise TypeError(f"members must be a list of numbers of members, got {shown(members)}")
    return [check_whole(member, "each of members", 0, n_members - 1) for member in members]


def _time_shown(train, duration):
    """The time, in s, that single members are shown for."""
    if duration is not None:
        return magnitude(duration, "s", "duration")
    return max(1.0, first_spikes([from_onset(train)[0]], MOST_SPIKES))


def _draw_trace(axes, trace, top, onset, limit, color, signal):
    """A voltage trace that fills a row; the spike at `onset` (s) is at time 0, and entirely there."""
    rate = float(signal.sampling_rate.rescale("Hz"))
    first = max(round((onset - _BEFORE * limit) * rate), 0)
    volts = np.asarray(trace.magnitude, dtype=float).ravel()[first : round((onset + limit) * rate) + 1]
    seconds = (first + np.arange(len(volts))) / rate - onset
    low, high = _VOLTAGES
    axes.plot(seconds, top + _ROW * (high - volts) / (high - low), color=color, linewidth=0.7)


def _draw_scale(axes, top, limit):
    """A bar of 50 mV beside the last trace."""
    low, high = _VOLTAGES
    ends = [top + _ROW * (high - volts) / (high - low) for volts in (0, -50)]
    axes.plot([1.01 * limit] * 2, ends, color=RECORDING_COLOR, linewidth=1.5, clip_on=False)
    axes.annotate(
        "50 mV", (1.01 * limit, np.mean(ends)), xytext=(3, 0), textcoords="offset points", rotation=90,
        va="center", ha="left", fontsize=small(axes), annotation_clip=False,
    )  # fmt: skip
