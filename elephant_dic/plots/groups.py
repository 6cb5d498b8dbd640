"""A picture of groups that were compared: cells, animals, conditions, and what differs."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from ..arguments import shown
from .drawing import DIC_WORDS, RECORDING_COLOR, axes_or_new, dic_label, draws, small, symbol
from .populations import SIDE_BY_SIDE

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes

_WIDTH = 0.6  # of a condition, whose distance from the next is 1
_GOLDEN = 0.618
_LONGEST = 12  # characters of a line below the axis, as wide as a condition


@runtime_checkable
class Comparison(Protocol):
    """What is drawn of a comparison of groups: see `elephant_dic.changes.GroupComparison`."""

    @property
    def reference(self) -> str: ...
    @property
    def conditions(self) -> tuple[str, ...]: ...
    @property
    def quantities(self) -> tuple[str, ...]: ...
    @property
    def means(self) -> pandas.DataFrame: ...
    @property
    def recordings(self) -> pandas.DataFrame: ...
    def to_dataframe(self) -> pandas.DataFrame: ...


@draws
def plot_groups(comparison: Comparison, quantity: str | None = None, *, axes: Axes | None = None) -> Axes:
    """Draw a quantity in the conditions that `compare_groups` has compared.

    A dot is a recording, the paler the less certain; a ring the mean of an animal's recordings, with lines
    to those in other conditions; a square the mean of a condition with its 95 % interval. To the right, on a
    scale whose zero is the mean of the reference, each other condition's difference with its 95 % interval.

    Parameters
    ----------
    comparison : GroupComparison
    quantity : str, optional
        Default: the first of those compared.
    {axes}

    {returns axes}

    Raises
    ------
    TypeError, ValueError
        If `comparison` is none, or has no such quantity.
    """
    if not isinstance(comparison, Comparison):
        raise TypeError(f"comparison must be what compare_groups gives, got {shown(comparison)}")
    quantity = comparison.quantities[0] if quantity is None else quantity
    if quantity not in comparison.quantities:
        raise ValueError(
            f"{shown(quantity)} was not compared; quantity= is one of {', '.join(comparison.quantities)}"
        )
    n = len(comparison.conditions)
    axes = axes_or_new(axes, 1.6 + 0.8 * (2 * n - 1))
    colors = dict(zip(comparison.conditions, _colors(n), strict=True))
    table = comparison.recordings[comparison.recordings[quantity].notna()]
    places = {name: i for i, name in enumerate(comparison.conditions)}
    rings = [
        _draw_condition(axes, table[table["condition"] == name], quantity, place, colors[name])
        for name, place in places.items()
    ]
    for animal in dict.fromkeys(table["animal"]):
        line = np.array([each[animal] for each in rings if animal in each])
        axes.plot(*line.T, color="0.7", linewidth=0.6, zorder=0)
    means = comparison.means[comparison.means["quantity"] == quantity].set_index("condition")
    for name, place in places.items():
        ends = means.loc[name, ["mean", "low", "high"]]
        _draw_interval(axes, place + 0.5 * _WIDTH + 0.08, ends, RECORDING_COLOR)
    _draw_differences(axes, comparison, quantity, means.loc[comparison.reference, "mean"], colors)
    axes.set_ylabel(dic_label(quantity, effective=True) if quantity in DIC_WORDS else symbol(quantity))
    return axes


def _colors(n):
    return [SIDE_BY_SIDE[i % len(SIDE_BY_SIDE)] for i in range(n)]


def _draw_condition(axes, table, quantity, place, color):
    """Recordings beside each other by animal; returns where the mean of each animal is."""
    column = f"{quantity}_std"
    stds = table[column].to_numpy() if column in table.columns else np.zeros(len(table))
    shades = 0.15 + 0.65 * _certainty(stds)
    animals = list(dict.fromkeys(table["animal"]))
    width, rings = _WIDTH / max(len(animals), 1), {}
    for i, animal in enumerate(animals):
        own = (table["animal"] == animal).to_numpy()
        values = table[quantity].to_numpy()[own]
        centre = place - 0.5 * _WIDTH + (i + 0.5) * width
        spread = (np.arange(len(values)) * _GOLDEN % 1 - 0.5) * 0.7 * width
        axes.scatter(centre + spread, values, s=6, color=color, alpha=shades[own], linewidth=0)
        rings[animal] = centre, values.mean()
        axes.plot(*rings[animal], "o", markersize=5, markerfacecolor="none", markeredgecolor=color)
    return rings


def _certainty(stds):
    """1 for the most certain recordings, towards 0 for others."""
    least = stds.min(initial=np.inf)
    return np.where(stds > least, least / np.where(stds > 0, stds, 1), 1.0)


def _draw_interval(axes, x, ends, color):
    """A value and the ends of its interval, if it has one."""
    value, low, high = ends
    if np.isfinite(low):
        axes.plot([x, x], [low, high], color=color, linewidth=1)
    axes.plot(x, value, "s", color=color, markersize=3.5)


def _draw_differences(axes, comparison, quantity, level, colors):
    """Differences right of the conditions, on the scale of the reference's mean, which is their zero."""
    effects = comparison.to_dataframe()
    effects = effects[effects["quantity"] == quantity]
    n = len(comparison.conditions)
    wrapped = {name: fill(name, _LONGEST) for name in comparison.conditions}
    labels = list(wrapped.values())
    for i, (_, effect) in enumerate(effects.iterrows()):
        name = effect["condition"]
        labels.append(f"{wrapped[name]} −\n{wrapped[comparison.reference]}")
        ends = [level + effect[key] for key in ("difference", "low", "high")]
        _draw_interval(axes, n + i, ends, colors[name])
        if np.isnan(effect["p"]):
            axes.annotate("not\ncompared", (n + i, ends[0]), (0, 6), textcoords="offset points", ha="center",
                          fontsize=small(axes))  # fmt: skip
    axes.axhline(level, color=RECORDING_COLOR, linewidth=0.6, linestyle=":", zorder=0)
    axes.axvline(n - 0.35, color="0.7", linewidth=0.6)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_xlim(-0.5, len(labels) - 0.5)
    right = axes.secondary_yaxis("right", functions=(lambda y: y - level, lambda y: y + level))
    right.set_ylabel("Difference", size=axes.yaxis.label.get_size())
    right.tick_params(labelsize=axes.yaxis.get_ticklabels()[0].get_size(), width=0.6)
