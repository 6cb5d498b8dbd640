"""Pictures of an estimate of DICs, before the map of what the neuron does with which DICs."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

import numpy as np

from ..arguments import shown
from ..inference import DICEstimate
from ..neurons import DIC_NAMES, get_neuron
from ..trains import ACTIVITIES
from .drawing import ESTIMATE_COLOR, RECORDING_COLOR, axes_or_new, dic_label, draws, legend_above

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Pale, so that an estimate can be drawn over them; in the order of the classes of firing.
ACTIVITY_COLORS = dict(zip(ACTIVITIES, ("#BBBBBB", "#9BD3F2", "#F4CE7C", "#E3B5CF"), strict=True))
N_SAMPLES = 20_000
LEVELS = (0.5, 0.9)  # share of the probability inside the contours
_ON_MAP = "#222222"  # the map is pale whatever the page, whose text may be white in place of black
_FIELDS = 90  # of the density, along each axis


@lru_cache
def activity_map(neuron):
    """What cells of a neuron's reference population do with which DICs.

    Parameters
    ----------
    neuron : str

    Returns
    -------
    tuple of arrays or None
        Edges of the fields along the two DICs in which it is trained, mostly g_s (m + 1,) and g_u (n + 1,),
        and the share of cells in each class of firing (4, n, m), in the order of
        `elephant_dic.trains.ACTIVITIES`, NaN where the family has no cells.
        None for a neuron without a map: benchmarks/activity_map.py makes one.
    """
    source = files("elephant_dic.weights") / f"{neuron}-activity.npz"
    if not source.is_file():
        return None
    with as_file(source) as path, np.load(path) as stored:
        return *(stored[name] for name in get_neuron(neuron).training.target_names), stored["shares"]


@draws
def plot_dic_density(estimate: DICEstimate, *, axes: Axes | None = None) -> Axes:
    """Draw where two effective DICs of a cell lie, given its spikes: those in which its neuron is trained.

    Contours hold 50 % and 90 % of the probability. The colours behind tell what cells of the neuron's
    reference population do with these DICs, mixed by the share of cells in each class.

    Parameters
    ----------
    estimate : DICEstimate
    {axes}

    {returns axes}

    Raises
    ------
    TypeError
        If it is none.
    """
    from matplotlib.ticker import MaxNLocator

    _check(estimate)
    axes = axes_or_new(axes)
    training = get_neuron(estimate._neuron).training
    names, plane = training.target_names, training.target_rows[:2]
    limits = [training.targets[name] for name in names]
    handles = draw_activity(axes, estimate._neuron)
    color = _ON_MAP if handles else RECORDING_COLOR
    first, second = estimate.sample(N_SAMPLES, seed=0)[:, plane].T
    density, *edges = np.histogram2d(first, second, _FIELDS, limits)
    centers = [(edge[1:] + edge[:-1]) / 2 for edge in edges]
    density = _smoothed(density, [first, second], edges)
    levels = _levels(density)
    widths = (0.9, 1.6)[-len(levels) :]
    axes.contour(*centers, density.T, levels=levels, colors=color, linewidths=widths)
    handles += axes.plot(
        *estimate.mean[list(plane)],
        "o",
        color=ESTIMATE_COLOR,
        markersize=6,
        markeredgecolor="white",
        label="mean",
    )
    shares = sorted(LEVELS, reverse=True)[-len(levels) :]
    for share, width in zip(shares[::-1], widths[::-1], strict=True):
        handles += axes.plot([], [], color=RECORDING_COLOR, linewidth=width, label=f"{100 * share:g} %")
    axes.set(
        xlim=limits[0],
        ylim=limits[1],
        xlabel=dic_label(names[0], effective=True),
        ylabel=dic_label(names[1], effective=True),
    )
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    legend_above(axes, handles=handles, handlelength=1, columnspacing=1, handletextpad=0.4)
    return axes


@draws
def plot_fast_dic(estimate: DICEstimate, *, axes: Axes | None = None) -> Axes:
    """Draw the distribution of the effective DIC in which its neuron is not trained: mostly the fast one.

    Parameters
    ----------
    estimate : DICEstimate
    {axes}

    {returns axes}

    Raises
    ------
    TypeError
        If it is none.
    """
    _check(estimate)
    axes = axes_or_new(axes, 3.4, 2.4)
    row = get_neuron(estimate._neuron).training.target_rows[-1]
    values = estimate.sample(N_SAMPLES, seed=0)[:, row]
    low, high = np.quantile(values, (0.001, 0.999))
    axes.hist(values, np.linspace(low, high, 50), color=ESTIMATE_COLOR, alpha=0.5, density=True)
    axes.axvline(estimate.mean[row], color=ESTIMATE_COLOR)
    axes.set(xlabel=dic_label(DIC_NAMES[row], effective=True), yticks=[], ylabel="Probability density")
    return axes


def _check(estimate):
    if not isinstance(estimate, DICEstimate):
        raise TypeError(f"estimate must be a DICEstimate, as infer_dics gives it, got {shown(estimate)}")


def draw_activity(axes, neuron):
    """Colour the plane by activity; returns the handles of the legend."""
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Patch

    known = activity_map(neuron)
    if known is None:
        return []
    slow, ultraslow, shares = known
    colors = np.array([to_rgb(ACTIVITY_COLORS[name]) for name in ACTIVITIES])
    picture = np.nan_to_num(np.einsum("kyx,kc->yxc", shares, colors), nan=1.0)  # white: no cells there
    axes.imshow(
        picture, origin="lower", extent=(slow[0], slow[-1], ultraslow[0], ultraslow[-1]), aspect="auto",
        interpolation="bilinear", zorder=-1,
    )  # fmt: skip
    present = np.nanmean(shares, axis=(1, 2)) > 0.005
    return [
        Patch(color=ACTIVITY_COLORS[name], label=name)
        for name, is_there in zip(ACTIVITIES, present, strict=True)
        if is_there
    ]


def _smoothed(density, samples, edges):
    """Counts smoothed by a Gaussian that suits their spread (Scott's rule in two dimensions)."""
    from scipy.ndimage import gaussian_filter

    widths = [
        np.std(values) * len(values) ** (-1 / 6) / (edge[1] - edge[0])
        for values, edge in zip(samples, edges, strict=True)
    ]
    return gaussian_filter(density, np.maximum(widths, 0.6), mode="nearest")


def _levels(density):
    """Densities whose contours hold the shares `LEVELS`, rising."""
    ranked = np.sort(density, axis=None)[::-1]
    inside = np.cumsum(ranked) / ranked.sum()
    return sorted({float(ranked[np.searchsorted(inside, level)]) for level in LEVELS})
