"""What is asked for of a cell under current steps, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import neo
import numpy as np
import quantities as pq

from ..arguments import shown
from ..neurons import NeuronModel, unit_of_column
from ..trains import (
    LevelComparison,
    capacitance_of_cell,
    check_figures,
    protocol_of,
    recorded_response,
    sweeps_of,
)
from .library import ranges_of_cells
from .search import Prior


@dataclass(frozen=True, eq=False)
class StepTask:
    """What is asked for of one cell.

    Attributes
    ----------
    spiketrains : list of neo.SpikeTrain
        Sweeps with known currents.
    comparison : LevelComparison
    capacitance : mapping
        As in `StepVerification`.
    prior : Prior
    neuron : NeuronModel
    """

    spiketrains: list[neo.SpikeTrain]
    comparison: LevelComparison
    capacitance: Mapping[str, Any]
    prior: Prior
    neuron: NeuronModel


def step_task(
    spiketrain: neo.Group | neo.SpikeTrain,
    neuron: NeuronModel,
    tolerance: float,
    capacitance: pq.Quantity | None = None,
    figures: Sequence[str] = (),
    beyond_block: bool = False,
    ranges: Mapping[str, tuple[float, float]] | None = None,
) -> StepTask:
    """Check what is asked for.

    Raises
    ------
    TypeError
        If the capacitance has no unit.
    ValueError
        If a current is unknown, the cell never fires, there is no capacitance, or the neuron has no ranges.
    """
    trains = sweeps_of(spiketrain)
    protocol = protocol_of(trains)
    recording = recorded_response(protocol, trains)
    if not recording.counts.any():
        names = ", ".join(level.name for level in protocol.levels)
        raise ValueError(f"the cell fires at none of its levels ({names}): no model can fire like it")
    known = capacitance_of_cell(spiketrain, capacitance)
    comparison = LevelComparison(
        protocol, recording, tolerance, check_figures(figures, recording), beyond_block
    )
    return StepTask(trains, comparison, known, _prior(neuron, ranges), neuron)


def ranges_of_prior(prior) -> Mapping[str, tuple[float, float]] | None:
    """The ranges of a prior for cells under steps, None for those that the neuron declares."""
    if isinstance(prior, Mapping):
        return prior
    if prior not in ("mixture", "broad"):
        raise ValueError(
            f'prior of cells under current steps is "broad", or ranges by name such as '
            f'{{"leak": (0.01, 0.1)}}, got {shown(prior)}'
        )
    return None


def _prior(neuron, given) -> Prior:
    ranges = ranges_of_cells(neuron)
    if ranges is None:
        raise ValueError(
            f"neuron {neuron.name} declares no ranges of conductances, from which cells are drawn"
        )
    names, seen = list(neuron.column_names), set()
    for name, bounds in (given or {}).items():
        full = next((each for each in names if name in (each, each.removeprefix("g_"))), None)
        if full is None or full in seen:
            wrong = f"has no {name!r}" if full is None else f"is given two ranges of {full}"
            raise ValueError(f"neuron {neuron.name} {wrong}; it has {', '.join(names)}")
        seen.add(full)
        ranges[names.index(full)] = _checked(neuron, full, bounds)
    return Prior(ranges)


def _checked(neuron, name, bounds) -> tuple[float, float]:
    """A range of cells, or a ValueError that says what is wrong with it."""
    unit = unit_of_column(name)
    try:
        low, high = (float(bound) for bound in bounds)
    except (TypeError, ValueError):
        raise ValueError(f"the range of {name} must be (low, high) in {unit}, got {bounds!r}") from None
    if not (np.isfinite([low, high]).all() and low < high):
        raise ValueError(f"the range of {name} must be finite and ascend, got {bounds!r}")
    leak = neuron.conductance_names[neuron.leak_index]
    if name in neuron.conductance_names and (low < 0 or (name == leak and low == 0)):
        least = "positive" if name == leak else "zero or positive"
        raise ValueError(f"the range of {name} must be {least}, got {bounds!r}")
    return low, high
