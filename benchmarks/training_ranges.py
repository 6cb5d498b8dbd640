"""What the cells of a training set do: 1 % and 99 % quantiles of their figures.

    python benchmarks/training_ranges.py FOLDER

FOLDER is the ``set/`` folder that `train_regressor` has filled.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from elephant_dic.trains import FEATURES, VIEWS, steady

TONIC = ("rate",)
BURSTING = ("burst_rate", "spikes_per_burst", "burst_duration", "intra_burst_rate")


def main(folder):
    """Print the table."""
    index = list(VIEWS).index(steady)
    tables = []
    for path in sorted(Path(folder).glob("features_*.npz")):
        with np.load(path) as part:
            tables.append(part["features"][part["views"] == index])
    features = np.concatenate(tables)
    columns = {feature.name: features[:, i] for i, feature in enumerate(FEATURES)}
    units = {feature.name: feature.unit for feature in FEATURES}
    groups = (
        ("tonic", columns["cv"] <= 0.15, TONIC),
        ("bursting", columns["spikes_per_burst"] > 1.5, BURSTING),
    )
    for label, chosen, names in groups:
        print(f"{label}: {chosen.sum():,} of {len(features):,} trains")
        for name in names:
            low, high = np.quantile(columns[name][chosen], (0.01, 0.99))
            print(f"  {name}: {low:.3g} to {high:.3g} {units[name]}")


if __name__ == "__main__":
    main(sys.argv[1])
