"""Pictures of what changed between two recordings of a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import neo
import numpy as np

from ..populations import NOTHING, dics_after, identified_changes, member_dics, neuron_of
from .dics import draw_activity
from .drawing import (
    ESTIMATE_COLOR,
    MODEL_COLOR,
    RECORDING_COLOR,
    STYLE,
    axes_or_new,
    dic_label,
    draws,
    legend_above,
    small,
    symbol,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Rows of changes that are drawn, and arrows: more cannot be told apart.
MOST_CHANGES, MOST_ARROWS = 12, 60
_UNLIKELY = "#BBBBBB"
#: Quantiles of the ends of arrows that are in the picture.
_SHOWN = 0.05, 0.95


def plot_changes(block: neo.Block) -> np.ndarray:
    """Draw how probable each change is, by what factor, and how the DICs move: `plot_change_probabilities`
    beside `plot_dic_changes`, in a figure of their own.

    Parameters
    ----------
    block : neo.Block
        From `elephant_dic.identify_changes`.

    Returns
    -------
    (2,) array of matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If `block` is none.
    """
    from matplotlib import pyplot, rc_context

    rows = min(len(identified_changes(block).ranked), MOST_CHANGES)
    with rc_context(STYLE):
        size = 8.0, max(2.8, 0.9 + 0.26 * rows)
        _, axes = pyplot.subplots(1, 2, figsize=size, layout="constrained")
        plot_change_probabilities(block, axes=axes[0])
        plot_dic_changes(block, axes=axes[1])
    return axes


@draws
def plot_change_probabilities(block: neo.Block, *, axes: Axes | None = None) -> Axes:
    """Draw the probability of each change, the likely ones in colour, and what remains of the conductance.

    Parameters
    ----------
    block : neo.Block
        From `elephant_dic.identify_changes`.
    {axes}

    {returns axes}

    Raises
    ------
    TypeError, ValueError
        If `block` is none.
    """
    found = identified_changes(block)
    ranked, n_likely = found.ranked[:MOST_CHANGES], len(found.likely)
    axes = axes_or_new(axes, 4.2, max(2.0, 0.8 + 0.26 * len(ranked)))
    places = np.arange(len(ranked))
    colors = [MODEL_COLOR if i < n_likely else _UNLIKELY for i in places]
    axes.barh(places, [each.probability for each in ranked], 0.7, color=colors)
    for place, each in zip(places[:n_likely], ranked, strict=False):
        axes.text(
            each.probability + 0.01, place, _in_words(each), va="center", fontsize=small(axes),
            color=axes.xaxis.label.get_color(),
        )  # fmt: skip
    names = [" and ".join(map(symbol, each.conductances)) for each in ranked]
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    of_what = (
        "Probability, had one changed" if found.verdict == NOTHING else "Probability that it has changed"
    )
    axes.set(xlabel=of_what, xlim=(0, 1.45), xticks=(0, 0.5, 1))
    axes.spines["bottom"].set_bounds(0, 1)  # to the right of it are words
    axes.set_title(found.verdict, loc="left", fontsize=small(axes))
    return axes


def _in_words(change) -> str:
    """What remains of each conductance, with its interval."""
    return "; ".join(
        f"× {factor:.2f} ({low:.2f}–{high:.2f})"
        for factor, (low, high) in zip(change.factors, change.intervals, strict=True)
    )


def _window(ends, trained):
    """Where nearly all ends are, with a margin, within what is trained, and no less than a tenth of that."""
    low, high = np.quantile(ends, _SHOWN)
    margin = max(0.15 * (high - low), 0.05 * (trained[1] - trained[0]))
    middle = np.clip((low + high) / 2, trained[0] + margin, trained[1] - margin)
    return max(trained[0], min(low, middle) - margin), min(trained[1], max(high, middle) + margin)


@draws
def plot_dic_changes(block: neo.Block, *, axes: Axes | None = None) -> Axes:
    """Draw how two DICs of each pair move, over the map of what the neuron does with which DICs.

    An arrow leads from a member before, a dot, to the same member with its conductance changed. The large one
    is that of the medians; the legend has its length, as that may be small. Shown is where members are before
    and after, as far as the map goes; a text tells how many lie or end beyond.

    Parameters
    ----------
    block : neo.Block
        From `elephant_dic.identify_changes`.
    {axes}

    {returns axes}

    Raises
    ------
    TypeError, ValueError
        If `block` is none.
    """
    identified_changes(block)  # of another population there is nothing to draw
    axes, neuron = axes_or_new(axes), neuron_of(block)
    names, plane = neuron.training.target_names, list(neuron.training.target_rows[:2])
    before, after = member_dics(block)[:, plane], dics_after(block)[:, plane]
    handles = draw_activity(axes, neuron.name)
    chosen = np.unique(np.linspace(0, len(before) - 1, MOST_ARROWS).astype(int))
    axes.quiver(
        *before[chosen].T, *(after - before)[chosen].T, color=RECORDING_COLOR, alpha=0.5, width=0.005,
        angles="xy", scale_units="xy", scale=1,
    )  # fmt: skip
    axes.plot(*before[chosen].T, ".", color=RECORDING_COLOR, alpha=0.5, markersize=2)
    start, end = np.median(before, axis=0), np.median(after, axis=0)
    arrow = {"arrowstyle": "->,head_width=0.2,head_length=0.3", "color": ESTIMATE_COLOR, "linewidth": 1.4,
             "shrinkA": 0, "shrinkB": 0}  # fmt: skip
    axes.annotate("", end, start, arrowprops=arrow)
    moved = ", ".join(f"{x:+.2g}" for x in end - start)
    handles += axes.plot(*start, "o", color=ESTIMATE_COLOR, markersize=4, label=f"median ({moved})")
    known = np.array([neuron.training.targets[name] for name in names[:2]])
    for set_limits, ends, trained in zip(
        (axes.set_xlim, axes.set_ylim), np.concatenate([before, after]).T, known, strict=True
    ):
        set_limits(*_window(ends, trained))
    beyond = [((each < known[:, 0]) | (each > known[:, 1])).any(axis=1) for each in (before, after)]
    if np.any(beyond):
        share = np.mean(np.any(beyond, axis=0))
        axes.text(
            0.02, 0.02, f"{share:.0%} of the pairs lie or end beyond the map", transform=axes.transAxes,
            fontsize=small(axes),
        )  # fmt: skip
    axes.set(xlabel=dic_label(names[0]), ylabel=dic_label(names[1]))
    legend_above(axes, handles=handles, handlelength=1, columnspacing=1, handletextpad=0.4)
    return axes
