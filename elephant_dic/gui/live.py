"""Some models with a change, as they fire before and after it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import neo
import numpy as np

from ..populations import PREFIX, neuron_of, provenance, select_members
from .members import simulate_members
from .tables import Rows
from .words import number

N_MODELS = 8


@dataclass(frozen=True)
class Trial:
    """A few models, changed.

    Attributes
    ----------
    block : neo.Block
        The models with the change.
    simulation : neo.Segment
        Their spikes.
    activities : (Counter, Counter)
        Models by their class, before and after.
    left_out : int
        Models that cannot be moved to a DIC.
    """

    block: neo.Block
    simulation: neo.Segment
    activities: tuple[Counter, Counter]
    left_out: int


def few_of(block: neo.Block) -> neo.Block:
    """Some models, evenly from first to last."""
    n = block.annotations["n_members"]
    return select_members(block, np.unique(np.linspace(0, n - 1, min(n, N_MODELS)).astype(int)))


def changed_population(block: neo.Block, name: str, value: float) -> neo.Block:
    """A population with a conductance times a number, or with a DIC of a value."""
    from ..changes import neuromodulate, scale_conductances  # loads much, and is needed rarely

    if name in neuron_of(block).conductance_names:
        return scale_conductances(block, {name: value})
    return neuromodulate(block, {name: value})


def simulated(block: neo.Block, seconds: float) -> neo.Segment:
    """The spikes of all members."""
    return simulate_members(block, list(range(block.annotations["n_members"])), seconds, traces=False)


def try_change(few: neo.Block, name: str, value: float, seconds: float) -> Trial:
    """Change some models, and simulate them.

    Parameters
    ----------
    few : neo.Block
        Of `few_of`.
    name : str
        Of a conductance, which is multiplied, or of a DIC, which is set.
    value : float
    seconds : float
        Of the recording, as they are shown.
    """
    block = changed_population(few, name, value)
    after = Counter(map(str, np.atleast_1d(block.annotations[PREFIX + "activity"])))
    before = Counter(after)
    for way, n in provenance(block)["change"]["left"].items():
        old, new = way.split(" to ")
        before[old] += n
        before[new] -= n
    left_out = few.annotations["n_members"] - block.annotations["n_members"]
    return Trial(block, simulated(block, seconds), (before, after), left_out)


def trial_rows(few_firing: neo.Segment, trial: Trial) -> Rows:
    """Class and rate of the models, before and after."""
    classes = [
        ", ".join(f"{n} {name}" for name, n in sorted(found.items()) if n) for found in trial.activities
    ]
    kept = _members(trial.block)
    before = [train for k, train in enumerate(few_firing.spiketrains) if k in kept]
    rates = [_rates(before), _rates(trial.simulation.spiketrains)]
    return [("", "Before", "After"), ("Models", *classes), ("Rate (Hz): median, range", *rates)]


def _members(block) -> set[int]:
    """The numbers that the members of a changed population had."""
    return {int(k) for k in np.atleast_1d(block.annotations[PREFIX + "first_member"].magnitude)}


def _rates(trains: Any) -> str:
    rates = [len(train) / float((train.t_stop - train.t_start).rescale("s")) for train in trains]
    low, middle, high = (number(each, 3) for each in (min(rates), float(np.median(rates)), max(rates)))
    return f"{middle} ({low} to {high})"
