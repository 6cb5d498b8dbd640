"""Pictures of a population: its conductances, its DICs, its spikes beside the recording's."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import neo
import numpy as np
import quantities as pq

from ..arguments import magnitude, shown
from ..populations import conductance_table, dic_estimate, member_dics, neuron_of, provenance, recording_of
from ..trains import sweeps_of, to_spiketrains
from .drawing import (
    ESTIMATE_COLOR,
    MODEL_COLOR,
    RECORDING_COLOR,
    STYLE,
    axes_or_new,
    dic_label,
    draws,
    in_words,
    legend_above,
    names_apart,
    symbol,
)
from .rows import evenly, first_spikes, from_onset, members_of, sweep_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_MODELS, MOST_SWEEPS = 40, 10  # rows of a raster: more cannot be told apart
SWEEP_ROWS = 2  # height of a sweep, in rows of models
FEWEST_FOR_DENSITY = 10  # members
TITLE_WIDTH = 85  # of a page, in characters
SIDE_BY_SIDE = (MODEL_COLOR, ESTIMATE_COLOR, "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # populations
LEAST_SPAN = 1.0  # of an axis of DICs: smaller differences do not matter


@draws
def plot_conductances(block: neo.Block | Sequence[neo.Block], *, axes: Axes | None = None) -> Axes:
    """Draw how each conductance is distributed over the population, or over some populations side by side.

    Each conductance is divided by its median in the first population, since medians differ by orders of
    magnitude; they are written below. A dot is a member, a bar the median, a violin (10 members or more) the
    density, to which the dots keep. Of what cells have beside conductances, such as the voltage of their
    threshold, the label tells the medians.

    Parameters
    ----------
    block : neo.Block or sequence of neo.Block
        A population, or at most 6 of the same conductances.
    {axes}

    {returns axes}

    Raises
    ------
    TypeError, ValueError
        If `block` is neither; if the conductances differ, or there are none or too many populations.
    """
    blocks = [block] if isinstance(block, neo.Block) else _several(block)
    tables = [conductance_table(each) for each in blocks]
    names = tables[0][0]
    other = next((found for found, _ in tables if found != names), None)
    if other:
        raise ValueError(f"populations side by side need the same conductances, got {names} and {other}")
    names, parameters = names_apart(names)
    medians, others = np.split(np.median(tables[0][1], axis=0), [len(names)])
    axes = axes_or_new(axes, 0.9 + (0.35 + 0.2 * len(blocks)) * len(names))
    width = 1 / len(blocks)
    for i, (_, table) in enumerate(tables):
        places = np.arange(len(names)) + (i + 0.5) * width - 0.5
        color = MODEL_COLOR if len(blocks) == 1 else SIDE_BY_SIDE[i]
        relative = table[:, : len(names)] / np.where(medians > 0, medians, 1)
        _draw_columns(axes, places, width, relative, color)
        if len(blocks) > 1:
            axes.plot([], [], "o", color=color, markersize=3, label=_label(blocks, i))
    labels = [f"{symbol(n)}\n{_short(m)}" for n, m in zip(names, medians, strict=True)]
    axes.set_xticks(np.arange(len(names)), labels)
    beside = in_words(parameters, others)
    axes.set(
        xlabel="Conductance and its median (mS/cm²)" + (f"; medians of {beside}" if beside else ""),
        ylabel="Conductance / median",
    )
    axes.set_ylim(bottom=0)
    if len(blocks) > 1:
        legend_above(axes, 3, handlelength=1, handletextpad=0.3)
    return axes


def _several(blocks):
    """Populations to be drawn side by side."""
    if isinstance(blocks, str) or not hasattr(blocks, "__iter__"):
        raise TypeError(f"a population is a neo.Block, and several are a list of them; got {shown(blocks)}")
    blocks = list(blocks)
    if not 1 <= len(blocks) <= len(SIDE_BY_SIDE):
        raise ValueError(f"1 to {len(SIDE_BY_SIDE)} populations can be drawn side by side, got {len(blocks)}")
    return blocks


def _label(blocks, index):
    """Of one of several populations: its recording, if theirs differ, else its number."""
    sources = [_source(provenance(each).get("source") or []) for each in blocks]
    differ = all(sources) and len(set(sources)) == len(sources)
    return sources[index] if differ else f"population {index + 1}"


def _draw_columns(axes, places, width, relative, color):
    """Members (n, m) in m columns: violins, dots, medians."""
    widths = np.full(relative.shape, 0.5 * width)
    if len(relative) >= FEWEST_FOR_DENSITY:
        violins = axes.violinplot(relative, places, widths=0.8 * width, showextrema=False)["bodies"]
        for violin in violins:
            violin.set(facecolor=color, alpha=0.2, linewidth=0)
        widths = np.stack([_widths(*each) for each in zip(violins, relative.T, strict=True)], axis=1)
    spread = np.arange(len(relative)) * 0.618 % 1 - 0.5  # golden ratio: even, not random
    for place, wide, values in zip(places, widths.T, relative.T, strict=True):
        _dots(axes, place + spread * wide, values, color)
    half = 0.4 * width
    axes.hlines(np.median(relative, axis=0), places - half, places + half, RECORDING_COLOR, lw=1)


@draws
def plot_dics(block: neo.Block, *, axes: Axes | None = None) -> Axes:
    """Draw the members' own DICs in the plane in which their neuron is trained, beside the effective ones.

    DICs inferred from spike times are effective ones: those with which the neuron's reference
    population fires like the recording. Members from outside of it can fire alike with others.

    Parameters
    ----------
    block : neo.Block
        A population with these two DICs, mostly g_s and g_u.
    {axes}

    {returns axes}

    Raises
    ------
    TypeError, ValueError
        If `block` is not a population, or has not both.
    """
    names, mean, std = dic_estimate(block)
    first, second = neuron_of(block).training.target_names
    if not {first, second} <= set(names):
        raise ValueError(f"the plane of {first} and {second} needs both, the population has {names}")
    plane = [names.index(first), names.index(second)]
    axes = axes_or_new(axes)
    _dots(axes, *member_dics(block)[:, plane].T, label="models' own")
    if np.all(np.isfinite(mean[plane])):
        errors = np.nan_to_num(std[plane])
        axes.errorbar(
            *mean[plane],
            xerr=errors[0],
            yerr=errors[1],
            fmt="o",
            markersize=4,
            linewidth=1,
            color=ESTIMATE_COLOR,
            label="effective DICs, mean ± s.d." if np.any(errors) else "DICs asked for",
        )
    axes.set(
        xlabel=dic_label(first),
        ylabel=dic_label(second),
        xlim=_at_least_wide(axes.get_xlim()),
        ylim=_at_least_wide(axes.get_ylim()),
    )
    legend = legend_above(axes, 2, right=True, handlelength=1.2, handletextpad=0.3, columnspacing=1)
    legend.legend_handles[0].set(sizes=[9], alpha=1)  # the dots themselves may be too small and pale
    return axes


@draws
def plot_raster(
    block: neo.Block | neo.SpikeTrain | neo.Group | neo.Segment | Iterable[neo.SpikeTrain | neo.Group],
    simulation: neo.Segment | None = None,
    *,
    duration: pq.Quantity | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw the spikes of a population's recording and, below, those of simulated members; or plain trains.

    Each row begins with the first spike of a burst, in trains without bursts with a spike: when a
    model bursts is up to its initial state. At most 10 sweeps and 40 members are drawn, evenly
    spaced; the title counts them. Of plain trains at most 40 are drawn, with their names.

    Parameters
    ----------
    block : neo.Block, spike train, or several
        A population, or the spike trains of one or more cells, as for `infer_dics` and `infer_dics_many`.
    simulation : neo.Segment or None
        Spike trains with the annotation ``member``. Default: None, the recording alone.
    duration : Quantity or None
        How much time to show. Default: None, that of the first 60 spikes of the recording or,
        without one, of the first member that fires, and no more than was simulated.
    {axes}

    {returns axes}

    Raises
    ------
    TypeError
        If `block`, `simulation` or `duration` is of another kind.
    ValueError
        If a Block is not a population, a train lacks ``member``, the duration is not a positive
        time, or there is no spike train to draw.
    """
    drawn, labels = _recorded(block)
    members = members_of(simulation)
    if not drawn and not members:
        raise ValueError("nothing to draw: the population has no recording; give its simulation")
    models = evenly(members, MOST_MODELS)
    rows = [from_onset(train)[0] for train in drawn + models]
    limit = _time_shown(rows, models) if duration is None else magnitude(duration, "s", "duration")
    if not 0 < limit < np.inf:
        raise ValueError(f"duration must be positive and finite, got {duration}")
    below = SWEEP_ROWS * (len(drawn) + 1) if drawn else 0
    places = np.r_[np.arange(len(drawn)) * SWEEP_ROWS, np.arange(len(models)) + below]
    heights = np.repeat([SWEEP_ROWS, 1], [len(drawn), len(models)])
    axes = axes_or_new(axes, 7.0, min(0.8 + 0.07 * (below + len(models)), 4.0))
    axes.eventplot(
        [row[row <= limit] for row in rows],
        lineoffsets=places,
        linelengths=0.8 * heights,
        linewidths=0.8,
        colors=[RECORDING_COLOR] * len(drawn) + [MODEL_COLOR] * len(models),
    )
    labels += [f"model {train.annotations['member']}" for train in models]
    labelled = [*evenly(range(len(drawn)), MOST_SWEEPS), *evenly(range(len(drawn), len(rows)), 5)]
    axes.set_yticks(places[labelled], [labels[row] for row in labelled])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    ends = places[-1] + 0.75 * heights[-1], places[0] - 0.75 * heights[0]
    axes.set(xlim=(-0.005 * limit, limit), ylim=ends, xlabel="Time (s)")
    if models:
        axes.set_title(f"{len(models)} of {len(members)} models", loc="left",
                       fontsize=axes.xaxis.label.get_size())  # fmt: skip
    return axes


def _recorded(block):
    """The trains to be drawn above, and their labels."""
    if isinstance(block, neo.Block):
        provenance(block)
        sweeps = recording_of(block)
        drawn = evenly(sweeps, MOST_SWEEPS)
        return drawn, sweep_labels(len(drawn), len(sweeps))
    trains = [train for cell in to_spiketrains(block) for train in sweeps_of(cell)]
    drawn = evenly(list(enumerate(trains)), MOST_MODELS)
    return [train for _, train in drawn], [train.name or f"train {i}" for i, train in drawn]


def plot_population(block: neo.Block, simulation: neo.Segment | None = None) -> np.ndarray:
    """Draw a population on one page: spikes, conductances, DICs.

    Parameters
    ----------
    block : neo.Block
        A population.
    simulation : neo.Segment or None
        Spike trains with the annotation ``member``. Default: None.

    Returns
    -------
    (n,) array of matplotlib.axes.Axes
        Spikes, if there are any to draw, conductances, DICs. Their ``figure``, which pyplot does not know, is
        written with ``savefig``.

    Raises
    ------
    TypeError, ValueError
        As for `plot_conductances`, `plot_dics` and `plot_raster`.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    title = _title(block)
    n_sweeps = len(recording_of(block))
    height = 0.7 + 0.1 * min(n_sweeps, MOST_SWEEPS) if n_sweeps else 0.0  # of the raster, in inches
    height = height if simulation is None else 3.0
    with rc_context(STYLE):
        figure = Figure(figsize=(7.1, height + 3.4), dpi=300, layout="constrained")
        figure.suptitle(title, x=0.01, ha="left", fontsize=9, parse_math=False)
        rows = 2 if height else 1
        grid = figure.add_gridspec(rows, 2, height_ratios=(height, 3.0)[-rows:], width_ratios=(1.7, 1))
        if height:
            plot_raster(block, simulation, axes=figure.add_subplot(grid[0, :]))
        plot_conductances(block, axes=figure.add_subplot(grid[-1, 0]))
        plot_dics(block, axes=figure.add_subplot(grid[-1, 1]))
        for letter, axes in zip("ABC", figure.axes, strict=False):
            axes.annotate(
                letter, (0, 1), xytext=(-36, 6), xycoords="axes fraction", textcoords="offset points",
                fontsize=10, fontweight="bold",
            )  # fmt: skip
    return np.array(figure.axes)


def _dots(axes, x, y, color=MODEL_COLOR, **label):
    """A dot a member, smaller and paler where there are many."""
    size, alpha = np.interp(len(x), [10, 500], [16, 3]), np.interp(len(x), [10, 500], [0.9, 0.4])
    axes.scatter(x, y, size, color, alpha=alpha, linewidths=0, rasterized=True, **label)


def _widths(violin, values):
    """How wide a violin is at each of the values."""
    x, y = violin.get_paths()[0].vertices.T
    middle = (x.min() + x.max()) / 2
    right = x > middle
    order = np.argsort(y[right], kind="stable")
    return 2 * np.interp(values, y[right][order], x[right][order] - middle)


def _title(block):
    """Number of models, neuron and verdict; below, where the recording comes from."""
    known = provenance(block)
    title = f"{block.annotations['n_members']} models"
    if known.get("neuron"):
        title += f" of the neuron {known['neuron']}"
    if known.get("verdict"):
        title += f": {known['verdict']}"
    source = _source(known.get("source") or [])
    lines = [title, f"Recording: {source}"] if source else [title]
    return "\n".join(textwrap.fill(line, TITLE_WIDTH) for line in lines)


def _source(sweeps):
    """File and cell of a recording, as far as all its sweeps agree on them."""
    same = dict(set.intersection(*(set(sweep.items()) for sweep in sweeps))) if sweeps else {}
    cell = f"unit {same['unit']}" if "unit" in same else same.get("name", same.get("channel"))
    sweep = f"{len(sweeps)} sweeps" if len(sweeps) > 1 else "sweep" in same and f"sweep {same['sweep']}"
    return ", ".join(text for text in (same.get("source"), cell, sweep) if text)


def _short(number):
    """Three digits without exponent: the medians of a neuron span six orders of magnitude."""
    return np.format_float_positional(number, precision=3, fractional=False, trim="-")


def _at_least_wide(limits):
    """Limits of an axis, widened about their middle if the members hardly differ."""
    low, high = limits
    missing = max(LEAST_SPAN - (high - low), 0)
    return low - missing / 2, high + missing / 2


def _time_shown(rows, models):
    """The time, in s, that a raster shows by itself."""
    simulated = [
        float((train.t_stop - train.t_start).rescale("s")) - from_onset(train)[1] for train in models
    ]
    return min(first_spikes(rows), min(simulated, default=np.inf))
