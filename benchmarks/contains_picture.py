"""docs/images/contains.png: a cell of which all is known, models that a search found, and a sample.

    python benchmarks/contains_picture.py [--index 27]

The cell is one of the broad ones of `truth.py`. The search is the way out of `reconstruct` where no sample
can be had: it starts from cells of the reference family with the DICs inferred.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt
from reproduction import TOLERANCE, as_train
from truth_cells import targets

from elephant_dic import get_neuron, reconstruct
from elephant_dic.inference import infer
from elephant_dic.populations import conductance_table
from elephant_dic.search import Candidates
from elephant_dic.search.comparison import Comparison
from elephant_dic.search.found import Found
from elephant_dic.search.rounds import search
from elephant_dic.trains import recording_firing

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "contains.png"
N = 200
#: Pairs of channels that are drawn, relative to the leak.
PAIRS = (("CaS", "A"), ("KCa", "H"), ("Na", "Kd"))


def searched(neuron, train, seed):
    """Models that the search finds, relative to the leak."""
    inferred, rng = infer(train, neuron), np.random.default_rng(seed)
    cell = inferred.cell
    recording = recording_firing(cell.times, neuron.training.window, cell.duration)
    found = Found(Comparison(neuron, recording, TOLERANCE, seed=seed))
    search(found, Candidates(neuron, inferred.estimate, rng).draw, N, rng)
    return found.table[found.confirmed[:N]]


def main():
    """Draw it."""
    parser = argparse.ArgumentParser(description="the picture of what a sample contains")
    parser.add_argument("--index", type=int, default=27)
    index = parser.parse_args().index
    warnings.simplefilter("ignore", UserWarning)
    neuron = get_neuron("stg")
    _, truth, times = targets("stg", "broad", index // 2 + 1)[index]
    sample = conductance_table(reconstruct(as_train(times), neuron, N, tolerance=TOLERANCE, seed=index))[1]
    tables = {"found by a search": searched(neuron, as_train(times), index), "a sample": sample}
    figure, axes = plt.subplots(
        2, len(PAIRS), figsize=(9, 5.4), sharex="col", sharey="col", layout="constrained"
    )
    for row, (title, table) in zip(axes, tables.items(), strict=True):
        for panel, pair in zip(row, PAIRS, strict=True):
            columns = [neuron.index(name) for name in pair]
            x, y = (table[:, columns] / table[:, [neuron.leak_index]]).T
            panel.plot(x, y, ".", color="tab:blue", alpha=0.5, markersize=4, label="models")
            panel.plot(
                *(truth[columns] / truth[neuron.leak_index]),
                "*",
                color="tab:red",
                markersize=14,
                label="the cell",
            )
            panel.set(xscale="log", yscale="log")
            panel.set_title(title if panel is row[0] else "", loc="left")
    for panel, pair in zip(axes[-1], PAIRS, strict=True):
        panel.set_xlabel(f"g_{pair[0]} / g_leak")
    for row in axes:
        for panel, pair in zip(row, PAIRS, strict=True):
            panel.set_ylabel(f"g_{pair[1]} / g_leak")
    axes[0, 0].legend(loc="best", fontsize=8)
    figure.savefig(PICTURE, dpi=130)


if __name__ == "__main__":
    main()
