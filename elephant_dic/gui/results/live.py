"""Some models with a change, as they fire before and after it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import neo
import numpy as np

from ...populations import PREFIX, neuron_of, select_members
from ..texts.tables import Rows
from ..texts.words import number
from .members import simulate_members

N_MODELS = 8
_MEMBER = PREFIX + "first_member"


@dataclass(frozen=True)
class Few:
    """A few models, numbered from 0, as they fire.

    Attributes
    ----------
    block : neo.Block
    simulation : neo.Segment
        Their spikes.
    """

    block: neo.Block
    simulation: neo.Segment

    @property
    def activities(self) -> list[str]:
        """The class of each model."""
        return list(map(str, np.atleast_1d(self.block.annotations[PREFIX + "activity"])))


@dataclass(frozen=True)
class Trial(Few):
    """What a change makes of a few models: those that can be changed."""

    @property
    def members(self) -> list[int]:
        """The number that each of them has among the few."""
        return [int(k) for k in np.atleast_1d(self.block.annotations[_MEMBER].magnitude)]


def few_of(block: neo.Block, seconds: float) -> Few:
    """Some models, evenly from first to last, as they are.

    Parameters
    ----------
    block : neo.Block
    seconds : float
        Of the recording, as they are shown.
    """
    n = block.annotations["n_members"]
    few = select_members(block, np.unique(np.linspace(0, n - 1, min(n, N_MODELS)).astype(int)))
    few.annotations.pop(_MEMBER, None)  # of models that were changed before: their numbers before that
    unchanged = changed_population(few, neuron_of(block).conductance_names[0], 1.0)
    few.annotations[PREFIX + "activity"] = unchanged.annotations[PREFIX + "activity"]
    return Few(few, _simulated(few, seconds))


def changed_population(block: neo.Block, name: str, value: float) -> neo.Block:
    """A population with a conductance times a number, or with a DIC of a value."""
    from ...changes import neuromodulate, scale_conductances  # loads much, and is needed rarely

    if name in neuron_of(block).conductance_names:
        return scale_conductances(block, {name: value})
    return neuromodulate(block, {name: value})


def try_change(few: Few, name: str, value: float, seconds: float) -> Trial:
    """Change some models, and simulate them.

    Parameters
    ----------
    few : Few
    name : str
        Of a conductance, which is multiplied, or of a DIC, which is set.
    value : float
    seconds : float
        Of the recording, as they are shown.
    """
    block = changed_population(few.block, name, value)
    return Trial(block, _simulated(block, seconds))


def _simulated(block, seconds):
    return simulate_members(block, list(range(block.annotations["n_members"])), seconds, traces=False)


def trial_rows(few: Few, trial: Trial) -> Rows:
    """Class and rate of the models that could be changed, before and after."""
    kept = trial.members
    classes = [[few.activities[k] for k in kept], trial.activities]
    trains = [[few.simulation.spiketrains[k] for k in kept], trial.simulation.spiketrains]
    return [
        ("Figure", "Before", "After"),
        ("Models", *map(_counted, classes)),
        ("Rate (Hz): median, range", *map(_rates, trains)),
    ]


def _counted(classes) -> str:
    return ", ".join(f"{n} {name}" for name, n in sorted(Counter(classes).items()))


def _rates(trains: Any) -> str:
    rates = [len(train) / float((train.t_stop - train.t_start).rescale("s")) for train in trains]
    low, middle, high = (number(each, 3) for each in (min(rates), float(np.median(rates)), max(rates)))
    return f"{middle} ({low} to {high})"
