"""Pictures of how a network was trained, and how far its estimates can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..arguments import shown
from ..inference import DICEstimate
from ..neurons import DIC_NAMES
from .drawing import ESTIMATE_COLOR, MODEL_COLOR, RECORDING_COLOR, axes_or_new, draws, small, symbol

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DIC_COLORS = dict(zip(DIC_NAMES, (ESTIMATE_COLOR, MODEL_COLOR, "#009E73"), strict=True))
LEVELS = np.linspace(0.05, 0.95, 19)


@draws
def plot_training(history: Mapping[str, Sequence[float]], *, axes: Axes | None = None) -> Axes:
    """Draw how the loss fell while a network was trained.

    Parameters
    ----------
    history : mapping
        ``loss`` and ``val_loss``, one value an epoch each, as Keras gives them.
    {axes}

    {returns axes}

    Raises
    ------
    TypeError
        If it is no mapping.
    ValueError
        If a curve is missing, or they are of different length.
    """
    if not isinstance(history, Mapping):
        raise TypeError(f"history must be a mapping with loss and val_loss, got {shown(history)}")
    missing = {"loss", "val_loss"} - set(history)
    if missing:
        raise ValueError(f"the history lacks {sorted(missing)}")
    axes = axes_or_new(axes, 3.6, 2.6)
    epochs = np.arange(1, len(history["loss"]) + 1)
    axes.plot(epochs, history["loss"], color=MODEL_COLOR, linewidth=1.2, label="training cells")
    axes.plot(epochs, history["val_loss"], color=ESTIMATE_COLOR, linewidth=1.2, label="held-out cells")
    axes.set(xlabel="Epoch", ylabel="Negative log likelihood", xlim=(0.5, len(epochs) + 0.5))
    axes.legend(frameon=False, fontsize=small(axes))
    return axes


def coverage(estimates, dics, levels=LEVELS):
    """Share of cells whose DICs lie in the central interval of their estimate.

    Parameters
    ----------
    estimates : sequence of n DICEstimate
    dics : (n, 3) array
        The cells' own DICs.
    levels : (k,) array
        Probabilities that the intervals claim.

    Returns
    -------
    (k, 3) array
        For g_f, g_s, g_u; of an honest estimate equal to `levels`.
    """
    try:
        dics = np.asarray(dics, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"dics must be a table of numbers, got {shown(dics)}") from None
    if dics.shape != (len(estimates), len(DIC_NAMES)):
        raise ValueError(f"dics must have shape ({len(estimates)}, {len(DIC_NAMES)}), got {dics.shape}")
    shares = np.zeros((len(levels), len(DIC_NAMES)))
    for estimate, own in zip(estimates, dics, strict=True):
        for row, level in enumerate(levels):
            low, high = estimate.interval(level).T
            shares[row] += (own >= low) & (own <= high)
    return shares / len(estimates)


@draws
def plot_calibration(
    estimates: Sequence[DICEstimate], dics: npt.ArrayLike, *, axes: Axes | None = None
) -> Axes:
    """Draw how often the intervals of estimates hold the truth, against how often they claim to.

    On the diagonal an estimate is honest, above it too modest, below it too sure. The grey band holds 95 %
    of honest estimates, by the chance of a finite number of cells.

    Parameters
    ----------
    estimates : sequence of n DICEstimate
    dics : (n, 3) array
        The cells' own DICs, as from `compute_dics`.
    {axes}

    {returns axes}

    Raises
    ------
    TypeError
        If `estimates` are no estimates.
    ValueError
        If there is none, the shapes do not fit, or `dics` are no numbers.
    """
    from scipy.stats import binom

    if not isinstance(estimates, Sequence) or any(not hasattr(each, "interval") for each in estimates):
        raise TypeError(f"estimates must be a list of DICEstimate, got {shown(estimates)}")
    if not estimates:
        raise ValueError("there is no estimate to compare: estimates is empty")
    shares = coverage(estimates, dics)
    axes = axes_or_new(axes, 3.0, 2.8)
    n = len(estimates)
    axes.fill_between(
        LEVELS, *(binom.ppf(q, n, LEVELS) / n for q in (0.025, 0.975)), color="0.88", linewidth=0
    )
    axes.plot([0, 1], [0, 1], color=RECORDING_COLOR, linewidth=0.6, linestyle=":")
    for name, column in zip(DIC_NAMES, shares.T, strict=True):
        axes.plot(LEVELS, column, ".-", color=DIC_COLORS[name], linewidth=1, markersize=3, label=symbol(name))
    axes.set(
        xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="Probability of the interval",
        ylabel=f"Share of {n:,} cells inside",
    )  # fmt: skip
    axes.legend(frameon=False, loc="upper left", fontsize=small(axes))
    return axes
