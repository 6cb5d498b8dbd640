"""How well a recording tells its features: by recordings made of its own intervals, drawn again.

A block bootstrap (Künsch, Annals of Statistics 1989), with a burst and the pause after it as a block.
"""

from __future__ import annotations

import numpy as np

from ..trains import interval_threshold, isis_of

#: Intervals of a block where there are no bursts: neighbours depend on each other.
_BLOCK = 5


def resampled(sweeps: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Spike times (ms) of a recording made of blocks of another's intervals, with as many blocks.

    Parameters
    ----------
    sweeps : list of arrays
        Spike times in ms.
    rng : numpy.random.Generator
    """
    blocks = blocks_of(sweeps)
    chosen = rng.integers(len(blocks), size=len(blocks))
    return np.cumsum(np.concatenate([[0.0], *(blocks[i] for i in chosen)]))


def blocks_of(sweeps: list[np.ndarray]) -> list[np.ndarray]:
    """Intervals (ms) of each sweep, cut behind each pause or, without bursts, every five."""
    threshold = interval_threshold(isis_of(sweeps))
    blocks: list[np.ndarray] = []
    for times in sweeps:
        isis = np.diff(times)
        cuts = (
            np.arange(_BLOCK, len(isis), _BLOCK)
            if threshold is None
            else 1 + np.flatnonzero(isis > threshold)
        )
        blocks += [block for block in np.split(isis, cuts) if len(block)]
    return blocks
