"""Draws docs/images/overview.png: the recording of the package, its DICs, and models that fire like it.

python benchmarks/overview_picture.py [--models 200] [--output docs/images/overview.png]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import neo
import numpy as np
import quantities as pq
from matplotlib import rc_context
from matplotlib.figure import Figure

from elephant_dic import conductances, infer_dics, read_spiketrains, reconstruct, simulate_population
from elephant_dic.examples import example_path
from elephant_dic.plots import plot_conductances, plot_detection, plot_dic_density, plot_members
from elephant_dic.plots.drawing import STYLE
from elephant_dic.plots.models import MEMBER_COLORS

OUTPUT = Path(__file__).parents[1] / "docs" / "images" / "overview.png"
SHOWN = 1.2 * pq.s


def most_different(block, n=3):
    """Members that differ most in their conductances relative to the leak, greedily from the first."""
    table = np.stack([values.magnitude for values in conductances(block).values()], axis=1)
    relative = np.log(table[:, :-1] / table[:, -1:])
    relative = relative / relative.std(axis=0)
    chosen = [0]
    while len(chosen) < n:
        distance = np.min([np.linalg.norm(relative - relative[i], axis=1) for i in chosen], axis=0)
        chosen.append(int(np.argmax(distance)))
    return sorted(chosen)


def draw(n_models):
    """The figure."""
    (spiketrain,) = read_spiketrains(example_path())
    signal = neo.NixIO(str(example_path()), mode="ro").read_block().segments[0].analogsignals[0]
    estimate = infer_dics(spiketrain)
    block = reconstruct(spiketrain, n_models=n_models, seed=1)
    simulation = simulate_population(block, duration=6 * pq.s, discard=4 * pq.s, seed=1, traces=True)
    members = most_different(block)
    with rc_context(STYLE):
        figure = Figure(figsize=(9.2, 5.6), dpi=200, layout="constrained")
        figure.get_layout_engine().set(w_pad=0.06, h_pad=0.08, wspace=0.05, hspace=0.05)
        grid = figure.add_gridspec(3, 2, width_ratios=(1.15, 1), height_ratios=(0.75, 1.0, 1.15))
        recording = plot_detection(signal, spiketrain, axes=figure.add_subplot(grid[0, 0]), duration=SHOWN)
        recording.set_ylabel("V (mV)")
        models = figure.add_subplot(grid[1:, 0])
        plot_members(block, simulation, members, axes=models, duration=SHOWN)
        density = plot_dic_density(estimate, axes=figure.add_subplot(grid[0:2, 1]))
        bars = figure.add_subplot(grid[2, 1])
        plot_conductances(block, axes=bars)
        bars.set_xlabel("Conductance and its median over the population (mS/cm²)")
        for axes, letter, title in (
            (recording, "A", "one recorded cell"),
            (density, "B", "its dynamic input conductances"),
            (models, "C", "models that fire like it"),
            (bars, "D", f"what channels {n_models} of them have"),
        ):
            axes.set_title(f"{letter}   {title}", loc="left", fontsize=9, fontweight="bold", pad=16)
        bars.set_title(bars.get_title(loc="left"), loc="left", fontsize=9, fontweight="bold", pad=6)
        models.set_title(models.get_title(loc="left"), loc="left", fontsize=9, fontweight="bold", pad=6)
        _mark(bars, block, members)
    return figure


def _mark(axes, block, members):
    """The models of panel C among all, in their colours, the others in grey."""
    for dots in axes.collections:
        if len(dots.get_facecolor()):  # not the medians, which are lines
            dots.set_facecolor("0.75")
    axes.tick_params(axis="x", labelsize="small")
    for place, values in enumerate(conductances(block).values()):
        relative = (values / np.median(values)).magnitude
        for color, member in zip(MEMBER_COLORS, members, strict=False):
            axes.plot(
                place, relative[member], "o", color=color, markersize=4, markeredgecolor="white", mew=0.5
            )


def main():
    """Write the picture."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", type=int, default=200)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    draw(arguments.models).savefig(arguments.output)
    print(arguments.output)


if __name__ == "__main__":
    main()
