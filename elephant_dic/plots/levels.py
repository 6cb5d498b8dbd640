"""Pictures of cells under current steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import neo
import numpy as np

from ..populations import PREFIX, provenance
from .drawing import MODEL_COLOR, RECORDING_COLOR, axes_or_new, draws, legend_above

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_QUANTILES = (0.05, 0.25, 0.75, 0.95)


@draws
def plot_levels(block: neo.Block, *, axes: Axes | None = None) -> Axes:
    """Draw how many spikes the recording and the members have at each level of a current.

    Shades hold a half and nine tenths of the members; bars are what is allowed. Levels that are not compared
    are hollow.

    Parameters
    ----------
    block : neo.Block
        A population that fires like a recording under current steps.
    {axes}

    {returns axes}

    Raises
    ------
    TypeError, ValueError
        If `block` is no such population.
    """
    known = provenance(block).get("steps")
    if known is None:
        raise ValueError("the population was not compared with a recording under current steps")
    levels = [(k, level) for k, level in enumerate(known["levels"]) if level["current"] is not None]
    if not levels:
        raise ValueError("the recording has no level at which the current stays")
    currents = np.array([level["current"] for _, level in levels])
    counts = np.array([level["count"] for _, level in levels])
    allowed = np.array([level["allowed"] for _, level in levels])
    compared = np.array([level["compared"] for _, level in levels])
    members = np.array([block.annotations[f"{PREFIX}count_{k}"].magnitude for k, _ in levels])
    axes = axes_or_new(axes)
    low, lower, upper, high = np.quantile(members, _QUANTILES, axis=1)
    axes.fill_between(currents, low, high, color=MODEL_COLOR, alpha=0.2, linewidth=0)
    axes.fill_between(currents, lower, upper, color=MODEL_COLOR, alpha=0.35, linewidth=0, label="models")
    axes.errorbar(currents, counts, allowed, color=RECORDING_COLOR, linewidth=0, elinewidth=0.6, capsize=2)
    for chosen, filled in ((compared, RECORDING_COLOR), (~compared, "none")):
        label = "recording" if filled != "none" else "recording, not compared"
        if chosen.any():
            axes.plot(
                currents[chosen], counts[chosen], "o", markersize=3.5, color=RECORDING_COLOR,
                markerfacecolor=filled, label=label,
            )  # fmt: skip
    axes.set(xlabel="Injected current (pA)", ylabel="Spikes a sweep")
    legend_above(axes)
    return axes
