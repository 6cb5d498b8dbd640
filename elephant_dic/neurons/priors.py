"""What cells a neuron could be: priors, from which a population is a sample.

A prior is one component or a mixture of several. A component is a map from a unit cube, in which its cells
are uniform, to conductances: what samples it needs no density on the conductances themselves, which the
reference family, a surface among all cells, does not have.
"""

from __future__ import annotations

import numbers
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .compensation import TOLERANCE, compensate, leak_distribution, ranges_of, solve, uncompensated
from .dics import dics_of
from .model import DIC_NAMES, NeuronModel, UniformPopulation

PRIORS = ("mixture", "family", "broad")


def reflected(unit: np.ndarray) -> np.ndarray:
    """Points reflected at the walls of the unit cube, as often as it takes to be in it."""
    return 1 - np.abs(1 - np.abs(unit) % 2)


#: Name of a prior of ranges that a user gave.
_OWN = "ranges"


@dataclass(frozen=True, eq=False)
class RangesPrior:
    """Any conductances within ranges, uniform and each on its own.

    Attributes
    ----------
    name : str
    ranges : (n_channels, 2) array
        mS/cm**2.
    described : str
    """

    name: str
    ranges: np.ndarray
    described: str

    @property
    def n_coordinates(self) -> int:
        """Dimensions of the unit cube."""
        return len(self.ranges)

    def cells(self, unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Conductances (n, n_channels) at points (n, n_coordinates) of the cube, and which are cells: all."""
        low, high = self.ranges.T
        return low + (high - low) * unit, np.ones(len(unit), dtype=bool)

    def within(self, table: np.ndarray) -> np.ndarray:
        """Cells (n, n_channels) moved into the ranges: reflected at their ends, so that none are alike."""
        low, high = self.ranges.T
        unit = (table - low) / np.where(high > low, high - low, 1.0)
        return np.where((low <= table) & (table <= high), table, low + (high - low) * reflected(unit))


@dataclass(frozen=True, eq=False)
class FamilyPrior:
    """The neuron's reference population, moved to all DICs of the neuron's training box.

    Coordinates are the leak, the channels with a range of their own, and the two DICs with a training range,
    as `compensated_population` draws them. Points without a cell that has those DICs do not count.

    Attributes
    ----------
    neuron : NeuronModel
    """

    neuron: NeuronModel
    name: str = field(default="family", init=False)

    @property
    def described(self) -> str:
        """In words, after "cells"."""
        return "of the neuron's reference family"

    @property
    def n_coordinates(self) -> int:
        """Dimensions of the unit cube."""
        return len(self.neuron.reference.ranges) + (1 if self._is_uniform else 3)

    @property
    def _is_uniform(self):
        return isinstance(self.neuron.reference, UniformPopulation)

    def cells(self, unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Conductances (n, n_channels) at points (n, n_coordinates) of the cube, and which are cells."""
        return self._within_box(unit) if self._is_uniform else self._moved(unit)

    def _within_box(self, unit):
        low, high = ranges_of(self.neuron, self.neuron.reference).T
        table = low + (high - low) * unit
        found, inside = dics_of(self.neuron, table), np.ones(len(table), dtype=bool)
        for name, (lowest, highest) in self.neuron.training.targets.items():
            values = found[:, DIC_NAMES.index(name)]
            inside &= (lowest < values) & (values < highest)
        return table, inside

    def _moved(self, unit):
        from scipy.special import gammaincinv

        neuron, reference = self.neuron, self.neuron.reference
        shape, scale = leak_distribution(neuron)
        leak = scale * gammaincinv(shape, np.clip(unit[:, 0], 1e-12, 1 - 1e-12))
        columns = [neuron.index(name) for name in reference.solved]
        start, residuals = solve(
            neuron, uncompensated(neuron, leak, unit[:, 1:-2]), columns, (0, 1, 2),
            np.tile(reference.dics, (len(unit), 1)),
        )  # fmt: skip
        accepted = (start >= 0).all(axis=1) & (residuals <= TOLERANCE)
        targets = np.full((len(unit), len(DIC_NAMES)), np.nan)
        for name, coordinate in zip(neuron.training.target_names, unit[:, -2:].T, strict=True):
            low, high = neuron.training.targets[name]
            targets[:, DIC_NAMES.index(name)] = low + (high - low) * coordinate
        table, moved = np.array(start), np.zeros(len(unit), dtype=bool)
        table[accepted], moved[accepted] = compensate(neuron, start[accepted], targets[accepted])
        return table, moved


@dataclass(frozen=True, eq=False)
class Prior:
    """Which cells a neuron could be, before a recording is known.

    Attributes
    ----------
    neuron : NeuronModel
    components : tuple of RangesPrior or FamilyPrior
        All of equal weight.
    """

    neuron: NeuronModel
    components: tuple[RangesPrior | FamilyPrior, ...]

    @property
    def name(self) -> str:
        """ "mixture", "family", "broad" or "ranges"."""
        return self.components[0].name if len(self.components) == 1 else "mixture"

    def examples(self, table: np.ndarray) -> np.ndarray:
        """Cells (n, n_channels), moved into the ranges that a user gave; of other priors, as they are."""
        (first, *_) = self.components
        return first.within(table) if isinstance(first, RangesPrior) and first.name == _OWN else table

    def describe(self) -> str:
        """What its cells are, in words."""
        if len(self.components) == 1:
            return f"cells {self.components[0].described}"
        return "half cells " + ", half cells ".join(each.described for each in self.components)

    def record(self) -> dict:
        """What JSON can hold: name, ranges by component and channel, and what it is in words."""
        names = [channel.name for channel in self.neuron.channels]
        ranges = {
            each.name: dict(zip(names, each.ranges.tolist(), strict=True))
            for each in self.components
            if isinstance(each, RangesPrior)
        }
        return {"name": self.name, "ranges": ranges, "described": self.describe()}


def prior_of(neuron: NeuronModel, prior: str | Mapping[str, tuple[float, float]]) -> Prior:
    """The prior that a user names, or gives as ranges.

    Parameters
    ----------
    neuron : NeuronModel
    prior : str or mapping
        "family": the reference family of the neuron. "broad": any conductances in the ranges that it
        declares.
        "mixture": half of each. A neuron that has only one of the two has that in place of the mixture. Or
        ranges (low, high) in mS/cm**2 by name of channel, with or without ``g_``; channels that are not named
        have the ranges that the neuron declares.

    Returns
    -------
    Prior

    Raises
    ------
    TypeError
        If it is neither.
    ValueError
        For an unknown name, channel or range; "broad" of a neuron that declares no ranges.
    """
    if isinstance(prior, Mapping):
        return Prior(neuron, (_own_ranges(neuron, prior),))
    if not isinstance(prior, str):
        raise TypeError(
            f'prior must be {", ".join(PRIORS)} or ranges such as {{"leak": (0.005, 0.02)}}, got {prior!r}'
        )
    if prior not in PRIORS:
        raise ValueError(f"prior must be {', '.join(PRIORS)} or ranges by channel, got {prior!r}")
    if prior == "broad" and neuron.broad is None:
        raise ValueError(
            f"neuron {neuron.name} declares no broad ranges of its conductances: give ranges, such as "
            f'{{"{neuron.channels[0].name}": (0, 10)}} for each channel, or take the prior "family"'
        )
    if prior == "family" or neuron.broad is None:
        return Prior(neuron, (FamilyPrior(neuron),))
    described = "with any conductances in the ranges that it declares"
    broad = RangesPrior("broad", ranges_of(neuron, neuron.broad), described)
    if prior == "broad" or neuron.broad is neuron.reference:
        return Prior(neuron, (broad,))
    return Prior(neuron, (FamilyPrior(neuron), broad))


def _own_ranges(neuron, given) -> RangesPrior:
    names = [channel.name for channel in neuron.channels]
    ranges = {} if neuron.broad is None else dict(zip(names, ranges_of(neuron, neuron.broad), strict=True))
    for key, bounds in given.items():
        name = str(key).removeprefix("g_")
        if key != name and name in given:
            raise ValueError(f"the prior gives two ranges for {name}")
        ranges[names[neuron.index(name)]] = _checked(name, bounds)
    missing = [name for name in names if name not in ranges]
    if missing:
        raise ValueError(
            f"neuron {neuron.name} declares no broad ranges: give one for {', '.join(missing)} too"
        )
    if not ranges[names[neuron.leak_index]][0] > 0:
        raise ValueError("the range of the leak must be positive")
    low, high = np.array(list(ranges.values())).T
    if np.allclose(low, high, rtol=1e-5, atol=0):
        raise ValueError("the prior leaves one cell: give a range that is more than one value")
    told = ", ".join(f"{name} {low:g} to {high:g}" for name, (low, high) in ranges.items())
    return RangesPrior(_OWN, np.array([ranges[name] for name in names]), f"with any of {told} mS/cm**2")


def _checked(name, bounds) -> np.ndarray:
    try:
        low, high = bounds
    except (TypeError, ValueError) as error:
        raise ValueError(f"the range of {name} must be (low, high) in mS/cm**2, got {bounds!r}") from error
    for value in (low, high):
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise TypeError(f"the range of {name} must be two numbers in mS/cm**2, got {bounds!r}")
    if not 0 <= low <= high <= sys.float_info.max:
        raise ValueError(f"the range of {name} must be finite, not negative and ascending, got {bounds!r}")
    return np.array([low, high], dtype=float)
