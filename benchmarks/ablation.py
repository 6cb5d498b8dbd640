"""What each group of features is worth: small networks trained without it.

    python benchmarks/ablation.py SET [--neuron stg] [--chunks 40] [--epochs 8]

SET is the ``set/`` folder that `train_regressor` has filled. Each network sees the same recordings of the
same cells, all but one group of features, and is judged on cells kept from it: loss (negative log density of
the scaled DICs; smaller is better) and mean absolute error of g_s / g_u by view.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from elephant_dic import get_neuron
from elephant_dic.inference.regressor import mixture_of
from elephant_dic.training import network as training
from elephant_dic.trains import FEATURES, VIEWS, network_scale

#: A feature belongs to the first group with a word that its name contains.
GROUPS = {
    "rhythm with missing spikes": ("rhythm", "onset"),
    "drift": ("trend", "curvature", "residual", "drift"),
    "burst shape": ("burst", "pause", "period", "single", "within"),
    "smallest variations": ("sd", "mad", "cv", "lv", "skewness", "correlation"),
    "robust statistics": ("midmean", "share", "n_intervals"),
    "quantiles and rate": ("isi", "rate"),
}
SHOWN = ("steady", "with_gap", "corrupted")


def group_of(name):
    """Name of the group of a feature."""
    return next(group for group, words in GROUPS.items() if any(word in name for word in words))


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--neuron", default="stg")
    parser.add_argument("--chunks", type=int, default=40)
    parser.add_argument("--epochs", type=int, default=8)
    arguments = parser.parse_args()
    neuron = get_neuron(arguments.neuron)
    paths = sorted(arguments.folder.glob("chunk_*.npz"))[: arguments.chunks]
    features, dics, cells, views = training.featurise_all(neuron, paths)
    held_out, scaled = cells % 20 == 0, network_scale(features).astype(np.float32)
    scaling = training.make_scaling(neuron, dics[~held_out])
    targets = scaling.forward(dics).astype(np.float32)
    groups = np.array([group_of(feature.name) for feature in FEATURES])
    print(f"| without | features left | loss | {' | '.join(SHOWN)} |\n|---|---|---|{'---|' * len(SHOWN)}")
    for left_out in (None, *GROUPS):
        kept = groups != left_out
        model, history = training.fit(
            scaled[~held_out][:, kept], targets[~held_out],
            (scaled[held_out][:, kept], targets[held_out]), epochs=arguments.epochs, seed=1,
        )  # fmt: skip
        outputs = model(scaled[held_out][:, kept], training=False).numpy()
        means, _ = mixture_of(outputs, scaling).moments()
        errors = np.abs(means - dics[held_out])[:, 1:]
        shown = [
            "{:.2f} / {:.2f}".format(*errors[views[held_out] == index].mean(axis=0))
            for index, view in enumerate(VIEWS)
            if view.__name__ in SHOWN
        ]
        label = left_out or "(nothing)"
        print(f"| {label} | {kept.sum()} | {history['val_loss'][-1]:.2f} | {' | '.join(shown)} |", flush=True)


if __name__ == "__main__":
    main()
