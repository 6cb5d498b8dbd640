"""Make the maps of activity over the slow and ultraslow DIC that ship with the package.

Cells of the neuron's reference family, with DICs from all over its training box, are simulated without noise;
the file holds the share of them in each class of firing, for each field of a grid over the box.

    python benchmarks/activity_map.py stg da
"""

import argparse
from pathlib import Path

import numpy as np

import elephant_dic
from elephant_dic import compute_dics, get_neuron
from elephant_dic.neurons.compensation import compensated_population
from elephant_dic.simulation import simulate
from elephant_dic.training.sets import draw_targets
from elephant_dic.trains import ACTIVITIES, firing_of

COLUMNS, ROWS = 28, 20  # fields along g_s and g_u


def make_map(neuron, n_cells, seed):
    """Edges of the fields along g_s and g_u, and the share of each class (class, row, column).

    Shares are NaN in fields that no cell of the family reaches.
    """
    rng = np.random.default_rng(seed)
    targets = draw_targets(neuron, n_cells * ROWS * COLUMNS, rng)
    table, _ = compensated_population(neuron, targets, rng, redraw=lambda m: draw_targets(neuron, m, rng))
    start = neuron.training.transient
    run = simulate(neuron, table, start + neuron.training.window, progress=True)
    classes = [ACTIVITIES.index(firing_of([times[times > start]]).activity) for times in run.spike_times]
    limits = [neuron.training.targets[name] for name in ("g_s", "g_u")]
    dics = compute_dics(table, neuron)
    counts, (_, slow, ultraslow) = np.histogramdd(
        np.column_stack([classes, dics[:, 1:]]),
        (
            np.arange(len(ACTIVITIES) + 1) - 0.5,
            np.linspace(*limits[0], COLUMNS + 1),
            np.linspace(*limits[1], ROWS + 1),
        ),
    )
    with np.errstate(invalid="ignore"):
        return slow, ultraslow, np.swapaxes(counts / counts.sum(axis=0), 1, 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("neurons", nargs="+", metavar="NEURON")
    parser.add_argument("--n-cells", type=int, default=16, help="cells a field, on average (default: 16)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    for name in args.neurons:
        slow, ultraslow, shares = make_map(get_neuron(name), args.n_cells, args.seed)
        path = Path(elephant_dic.__file__).parent / "weights" / f"{name}-activity.npz"
        np.savez_compressed(path, g_s=slow, g_u=ultraslow, shares=shares.astype(np.float32))
        print(path, dict(zip(ACTIVITIES, np.nanmean(shares, axis=(1, 2)).round(3).tolist(), strict=True)))


if __name__ == "__main__":
    main()
