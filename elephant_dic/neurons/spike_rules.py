"""What counts as a spike of a neuron."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Crossing:
    """A spike is an upward crossing of `level` (mV), possible again once the voltage was below `rearm`."""

    level: float = 10.0
    rearm: float = 0.0

    def __post_init__(self):
        if not -np.inf < self.rearm <= self.level < np.inf:
            raise ValueError(f"levels of spikes must be finite, and rearm not above level, got {self}")


@dataclass(frozen=True)
class Swing:
    """A spike is a maximum of the voltage after a rise and before a fall of `height` mV.

    For spikelets on a plateau, which no level tells apart. Its time is that of the maximum.
    """

    height: float

    def __post_init__(self):
        if not 0 < self.height < np.inf:
            raise ValueError(f"the height of a swing must be positive and finite, got {self}")
