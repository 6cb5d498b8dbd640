"""Calcium inside of the cell, as data: what brings it in, what removes it, and the potential it sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: uM: calcium at rest is no less, so that reversals and logarithms are finite where none enters.
LEAST = 1e-9


@dataclass(frozen=True)
class Nernst:
    """A reversal potential that follows the calcium pool: scale * ln(outside / Ca).

    Parameters
    ----------
    scale : float
        In mV: RT / (2 F), 12.2 at 10 degrees Celsius.
    outside : float
        Calcium outside of the cell, in uM.
    """

    scale: float
    outside: float

    def __post_init__(self):
        if not (self.scale > 0 and self.outside > 0):
            raise ValueError(f"a Nernst potential needs a positive scale and concentration, got {self}")

    def at(self, calcium):
        """Reversal potential in mV at calcium in uM."""
        return self.scale * np.log(self.outside / calcium)

    def slope(self, calcium):
        """Its derivative with calcium, in mV/uM."""
        return -self.scale / calcium


def _check_pool(pool):
    if isinstance(pool.channels, str) or not pool.channels:
        raise ValueError(f"channels of a calcium pool must be a tuple of names, got {pool.channels!r}")
    if not 0 <= pool.initial < np.inf:
        raise ValueError(f"initial calcium must be zero or positive, got {pool.initial}")


@dataclass(frozen=True, eq=False)
class CalciumPool:
    """tau dCa/dt = -per_current * (currents of `channels`) - Ca + baseline.

    Parameters
    ----------
    channels : tuple of str
        Names of the channels that carry calcium.
    time_constant : float
        In ms.
    per_current : float
        In uM per uA/cm**2.
    baseline, initial : float
        In uM.
    """

    channels: tuple[str, ...]
    time_constant: float
    per_current: float
    baseline: float
    initial: float

    def __post_init__(self):
        _check_pool(self)
        if not self.time_constant > 0:
            raise ValueError(
                f"the time constant of a calcium pool must be positive, got {self.time_constant}"
            )
        if not self.per_current >= 0:
            raise ValueError(f"per_current of a calcium pool must not be negative, got {self.per_current}")

    @property
    def influx(self) -> float:
        """In uM/ms per uA/cm**2 of inward current."""
        return self.per_current / self.time_constant

    def removal(self, calcium):
        """Calcium removed, in uM/ms."""
        return (calcium - self.baseline) / self.time_constant

    def removal_slope(self, calcium):
        """Its derivative with calcium, in 1/ms: one over the time constant of the pool."""
        return 1 / self.time_constant + 0 * calcium


@dataclass(frozen=True, eq=False)
class PumpedPool:
    """dCa/dt = -influx * (currents of `channels`) - maximum * Ca**power / (Ca**power + half**power).

    A pump that saturates: where more calcium enters than it can remove, calcium has no rest.

    Parameters
    ----------
    channels : tuple of str
        Names of the channels that carry calcium.
    influx : float
        In uM/ms per uA/cm**2.
    maximum : float
        In uM/ms.
    half : float
        In uM.
    initial : float
        In uM.
    power : int
        1 to 4.
    """

    channels: tuple[str, ...]
    influx: float
    maximum: float
    half: float
    initial: float
    power: int = 1

    def __post_init__(self):
        _check_pool(self)
        if not self.influx >= 0:
            raise ValueError(f"the influx of a calcium pool must not be negative, got {self.influx}")
        if not (self.maximum > 0 and self.half > 0 and self.power in (1, 2, 3, 4)):
            raise ValueError(
                f"a pump needs a positive maximum and half, and a power of 1, 2, 3 or 4; got {self.maximum}, "
                f"{self.half}, {self.power}"
            )

    def removal(self, calcium):
        """Calcium removed, in uM/ms."""
        raised = calcium**self.power
        return self.maximum * raised / (raised + self.half**self.power)

    def removal_slope(self, calcium):
        """Its derivative with calcium, in 1/ms: one over the time constant of the pool."""
        raised, half = calcium**self.power, self.half**self.power
        return self.maximum * self.power * half * calcium ** (self.power - 1) / (raised + half) ** 2
