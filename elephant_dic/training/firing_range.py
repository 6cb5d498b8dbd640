"""How the cells of a neuron fire, as the cells do that its network was trained on."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..trains import ACTIVITIES, COMPARED, VARIABILITY, firings_of

#: Chunks of a training set that are looked at, and the quantiles kept of each figure.
_CHUNKS, QUANTILES = 10, (0.01, 0.5, 0.99)


def firing_range(paths, duration) -> dict[str, Any]:
    """Classes of firing of the cells of a training set, and in which range their figures are.

    Parameters
    ----------
    paths : sequence of Path
        Chunks of the set; those with noise are left out.
    duration : float
        ms recorded of each cell.

    Returns
    -------
    dict
        By class its share, and by figure the quantiles of `QUANTILES`. Empty if all chunks have noise.
    """
    found: dict[str, list] = {name: [] for name in ACTIVITIES}
    n_chunks = 0
    for path in paths:
        with np.load(path) as chunk:
            if chunk["noise_std"].any() or n_chunks == _CHUNKS:
                continue
            n_chunks += 1
            trains = np.split(chunk["spikes"].astype(float), np.cumsum(chunk["counts"])[:-1])
            for firing in firings_of(trains, duration):
                found[firing.activity].append(firing)
    total = sum(map(len, found.values()))
    return {
        name: {"share": round(len(each) / total, 4)} | _quantiles(name, each)
        for name, each in found.items()
        if each
    }


def _quantiles(activity, firings):
    names = [name for name in COMPARED[activity] if name not in VARIABILITY]
    return {
        name: [float(f"{value:.4g}") for value in np.quantile([getattr(f, name) for f in firings], QUANTILES)]
        for name in names
    }
