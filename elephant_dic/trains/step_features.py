"""What the network sees of a cell under current steps: its responses at certain densities."""

from __future__ import annotations

import numpy as np

from .levels import Protocol, Response

#: uA/cm**2.
GRID = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.5, 6.5, 9.0, 12.0])
#: Logarithms of Hz + 1, of ms to the first spike, of last over first interval, of the way to the next level.
STEP_FEATURES = tuple(
    f"{name} at {density:g}"
    for name in ("rate", "latency", "adaptation", "distance")
    for density in GRID
)  # fmt: skip
#: ms: the latency of a level without spikes.
_NEVER = 2000.0


def features_of_levels(densities, rates, latencies, adaptations) -> np.ndarray:
    """(40,) of any number of levels.

    Parameters
    ----------
    densities : (n,) array
        uA/cm**2, in any order; rest is a level too.
    rates : (n,) array
        Hz.
    latencies : (n,) array
        ms; NaN without a spike, and at rest.
    adaptations : (n,) array
        Last over first interval; NaN where there are too few.
    """
    order = np.argsort(densities, kind="stable")
    places, first = np.unique(np.asarray(densities)[order], return_inverse=True)
    rows = np.stack([
        np.log1p(rates),
        np.log(np.where(np.isfinite(latencies), np.maximum(latencies, 0.1), _NEVER)),
        np.where(np.isfinite(adaptations), np.log(np.maximum(adaptations, 1e-3)), 0.0),
    ])[:, order]  # fmt: skip
    n = np.bincount(first)
    means = [np.bincount(first, weights=row) / n for row in rows]
    found = [np.interp(GRID, places, mean) for mean in means]
    distance = np.abs(GRID[:, None] - places).min(axis=1)
    return np.concatenate([*found, np.log(0.1 + distance)])


def step_features(protocol: Protocol, response: Response, capacitance: float) -> np.ndarray:
    """(40,) of a recording or a model, given the capacitance in pF.

    Levels at which the current moves are left out.
    """
    densities, rates, kept = [], [], []
    for k, level in enumerate(protocol.levels):
        if level.is_rest or np.isfinite(level.current):
            densities.append(level.injected / capacitance)
            rates.append(response.counts[k] * (1.0 if level.is_rest else 1000.0 / level.key[1]))
            kept.append(k)
    if not kept:
        raise ValueError("the current stays at no level, and only such levels tell the network of DICs")
    return features_of_levels(
        np.array(densities), np.array(rates), response.latencies[kept], response.adaptations[kept]
    )
