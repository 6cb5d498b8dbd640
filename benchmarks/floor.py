"""The smallest error of any method on steady trains: the spread of DICs among cells that fire alike.

    python benchmarks/floor.py NEURON=SET … [--evaluation FOLDER]

SET is the ``set/`` folder that `train_regressor` has filled for the neuron, with the features of its cells.
Only cells without current noise count.

Tonic cells that have settled repeat one interval: their train carries the period and nothing else. The error
of the mean DICs of the other cells of nearly the same period is therefore the floor of the mean absolute
error. With the folder of `evaluation_sets`, it is printed for its cells too.

Bursting cells fire alike if all intervals of their bursts are. The mean absolute difference of a pair of
cells, over the square root of 2, is the error of a mean for Gaussian spreads; it is extrapolated to cells
that fire exactly alike from pairs at growing distances, over logarithms of the figures listed below.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from evaluation_sets import cleaned, load
from scipy.spatial import cKDTree

from elephant_dic.trains import FEATURES, VIEWS, feature_table, steady

_COLUMNS = [feature.name for feature in FEATURES]
BURST_FIGURES = (
    "spikes_per_burst", "period_mean", "burst_first_mean", "burst_second_mean", "burst_third_mean",
    "burst_penultimate_mean", "burst_last_mean", "pause_mean",
)  # fmt: skip
#: A train is tonic if the CV of its intervals is below the first, and bursting with so many spikes a burst.
TONIC_CV, BURSTING_SPIKES = 0.05, 1.9
_STRIDE = 5  # medians are slow


def steady_trains(folder):
    """Features and DICs of the steady views of cells without noise."""
    index, features, dics = list(VIEWS).index(steady), [], []
    for path in sorted(folder.glob("features_*.npz")):
        with (
            np.load(path) as part,
            np.load(path.with_name(path.name.replace("features", "chunk"))) as chunk,
        ):
            if not chunk["noise_std"].any():
                rows = part["views"] == index
                features.append(part["features"][rows].astype(float))
                dics.append(chunk["dics"][part["cells"][rows]])
    return np.concatenate(features), np.concatenate(dics)


def tonic_floor(periods, dics, n_neighbours):
    """Mean absolute errors of the mean, and of the median, of the neighbours in period."""
    dics = dics[np.argsort(periods)]
    half = n_neighbours // 2
    windows = np.lib.stride_tricks.sliding_window_view(dics, 2 * half + 1, axis=0)
    middle = dics[half : len(dics) - half]
    means = (windows.sum(axis=-1) - middle) / (2 * half)
    medians = np.median(windows[::_STRIDE], axis=-1)
    return np.abs(middle - means).mean(axis=0), np.abs(middle[::_STRIDE] - medians).mean(axis=0)


def floor_of_evaluation(neuron, periods, dics, folder, n_neighbours=200):
    """Error of the means, on the tonic cells of the neuron's evaluation set, and their number."""
    found = load(neuron, folder)
    rows, sweeps = cleaned(found.inputs["steady"])
    tonic = found.tonic[rows]
    table = feature_table(found.neuron, sweeps)[tonic]
    order = np.argsort(periods)
    wanted = np.log(table[:, _COLUMNS.index("period_mean")])
    middle = np.searchsorted(periods[order], wanted)
    half = n_neighbours // 2
    means = [dics[order[max(i - half, 0) : i + half]].mean(axis=0) for i in middle]
    return np.abs(means - found.dics[rows[tonic], 1:]).mean(axis=0), len(means)


def bursting_floor(figures, dics):
    """Mean absolute difference / sqrt(2) of pairs by their distance, and its extrapolation to distance 0."""
    distances, neighbours = cKDTree(figures).query(figures, 33)
    rows = []
    for first, last in ((1, 2), (2, 4), (4, 8), (8, 16), (16, 33)):
        pairs = np.abs(dics[neighbours[:, first:last]] - dics[:, None]).mean(axis=(0, 1)) / np.sqrt(2)
        rows.append((np.sqrt((distances[:, first:last] ** 2).mean()), *pairs))
    rows = np.array(rows)
    # Independent of the distance at 0, growing with its square.
    design = np.column_stack([np.ones(len(rows)), rows[:, 0] ** 2])
    return rows, np.linalg.lstsq(design, rows[:, 1:], rcond=None)[0][0]


def print_floors(neuron, folder, evaluation):
    """Print the floors of a neuron."""
    features, dics = steady_trains(folder)
    dics = dics[:, 1:]
    column = {name: features[:, i] for i, name in enumerate(_COLUMNS)}
    tonic = column["cv"] < TONIC_CV
    print(f"\n{neuron}: {len(dics):,} cells without noise; {tonic.mean():.1%} tonic\n")
    print(
        "| tonic: cells nearest in period | MAE of their mean, g_s / g_u | of their median |\n|---|---|---|"
    )
    for n in (50, 100, 200, 400, 800):
        mean, median = tonic_floor(np.log(column["period_mean"][tonic]), dics[tonic], n)
        print("| {} | {:.2f} / {:.2f} | {:.2f} / {:.2f} |".format(n, *mean, *median))
    if evaluation:
        periods = np.log(column["period_mean"][tonic])
        error, n = floor_of_evaluation(neuron, periods, dics[tonic], evaluation)
        print("\nTonic cells of the evaluation set ({}): {:.2f} / {:.2f}".format(n, *error))
    bursting = column["spikes_per_burst"] >= BURSTING_SPIKES
    figures = np.log(np.column_stack([column[name][bursting] for name in BURST_FIGURES]))
    rows, floor = bursting_floor(figures, dics[bursting])
    share = tonic[tonic | bursting].mean()
    print("\n| bursting: distance of a pair | mean difference / sqrt(2), g_s / g_u |\n|---|---|")
    for row in rows:
        print("| {:.3f} | {:.2f} / {:.2f} |".format(*row))
    print("| 0 (extrapolated) | {:.2f} / {:.2f} |".format(*floor))
    print("\nAll, {:.1%} tonic: {:.2f} / {:.2f}".format(share, *(share * mean + (1 - share) * floor)))


def main():
    """Print the floors of all neurons asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sets", nargs="+", metavar="NEURON=SET")
    parser.add_argument("--evaluation", type=Path)
    arguments = parser.parse_args()
    for each in arguments.sets:
        neuron, _, folder = each.partition("=")
        print_floors(neuron, Path(folder), arguments.evaluation)


if __name__ == "__main__":
    main()
