"""What was found of a change, as the page shows it: verdict, channels, DICs, pictures, files."""

from __future__ import annotations

import numpy as np
from nicegui import ui

from ...neurons import DIC_NAMES
from ...plots import plot_change_probabilities, plot_dic_changes, plot_spiketrain
from ...populations import (
    EXPLAINED,
    NOTHING,
    UNEXPLAINED,
    Changes,
    dics_after,
    identified_changes,
    member_dics,
)
from ...trains import sweeps_of
from ..texts import words
from ..texts.tables import Rows
from ..widgets.figures import Picture, on_axes, show
from ..widgets.layout import definition, hint, message, show_rows, subtitle, warn
from .population_files import population_buttons
from .result import pictures_of, recording_after

_QUANTILES = (0.5, 0.05, 0.95)
#: Above the table of channels.
_HEADS = {
    NOTHING: "Had something changed all the same",
    UNEXPLAINED: "Nearest channels",
}


async def show_changes(page, result, recordings=True) -> None:
    """Everything about pairs.

    Parameters
    ----------
    page : Page
    result : Result
        Whose block is one of `identify_changes`.
    recordings : bool
        Whether to show their spikes, too.
    """
    block, picture = result.block, pictures_of(result)
    found = identified_changes(block)
    message(*change_verdict(found))
    with ui.element("dl").classes("facts"):
        for name, text in (("Before", found.before), ("After", found.after), ("Seed", found.seed),
                           ("Pairs that fire like both", found.n_pairs)):  # fmt: skip
            with ui.element("div"):
                definition(name, str(text))
    warn(found.doubts)
    if recordings and recording_after(block) is not None:
        await show_both(result.cell, recording_after(block))
    with ui.row().classes("w-full items-start"):
        for name, plot, text in (
            ("what changed", plot_change_probabilities, "Probability of each channel, what remains of it"),
            ("DICs before and after", plot_dic_changes, "How two DICs move; a thin arrow is a pair"),
        ):
            with ui.column().classes("half"):
                await show(picture(name, on_axes(plot, block), (5.4, 4), text), f"{text}.")
    subtitle(_HEADS.get(found.verdict, "Likely channels"))
    show_rows(likely_rows(found))
    hint(words.LIKELY.format(level=f"{found.level:.0%}"))
    subtitle("DICs before and after")
    show_rows(moved_rows(block, found))
    hint(words.MOVED)
    subtitle("The pairs")
    hint(words.PAIRS)
    population_buttons(page, result, "pairs")


async def show_both(before, after) -> None:
    """The spikes of two recordings side by side."""
    with ui.row().classes("w-full items-start"):
        for name, cell in (("before", before), ("after", after)):
            with ui.column().classes("half"):
                n_rows = min(len(sweeps_of(cell)), 20)
                picture = Picture(
                    f"recording {name}", on_axes(plot_spiketrain, cell), (5.4, 1.3 + 0.15 * n_rows),
                    f"Spike times {name}",
                )  # fmt: skip
                await show(picture, f"Spikes {name}.")


def change_verdict(found: Changes) -> tuple[str, str]:
    """Kind of the message, and in words what changed."""
    kind = {EXPLAINED: "good" if len(found.likely) == 1 else "info", NOTHING: "info"}
    return kind.get(found.verdict, "warn"), " ".join(found.sentences())


def likely_rows(found: Changes) -> Rows:
    """Changes that cannot be told apart, the most probable first."""
    rows: Rows = [("Channel", "Probability", "What remains", "68 % lie within")]
    for each in found.likely:
        remains = " and ".join(f"{factor:.2f}" for factor in each.factors)
        within = " and ".join(f"{low:.2f} to {high:.2f}" for low, high in each.intervals)
        rows.append((each.name, f"{each.probability:.3f}", remains, within))
    return rows


def moved_rows(block, found: Changes) -> Rows:
    """DICs of the pairs before and after, and by how much they differ."""
    rows: Rows = [("DIC", "Before", "After", "Difference, mean ± std")]
    for name, own, after in zip(DIC_NAMES, member_dics(block).T, dics_after(block).T, strict=True):
        mean, std = found.dics.get(name, (np.nan, np.nan))
        moved = f"{words.signed(mean)} ± {std:.2f}" if name in found.dics else "no pairs"
        rows.append((name, _spread(own), _spread(after), moved))
    return rows


def _spread(values):
    middle, low, high = map(words.signed, np.quantile(values, _QUANTILES))
    return f"{middle} ({low} to {high})"
