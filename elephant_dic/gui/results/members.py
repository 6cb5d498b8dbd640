"""Single models of a population, simulated under the recording that they should fire like."""

from __future__ import annotations

import quantities as pq

from ...populations import capacitance_of, neuron_of, recording_of, select_members
from ...simulation import simulate_population
from ...trains import is_stepped, sweeps_of


def simulate_members(block, members, seconds, traces=True):
    """Spikes and, if asked for, traces of some members, under their numbers in the population."""
    transient = neuron_of(block).training.transient * pq.ms
    sweep = _liveliest_sweep(block)
    times = (
        {"duration": transient + 2 * seconds * pq.s, "discard": transient} if sweep is None else {}
    )  # each is drawn from its first spike or burst
    simulation = simulate_population(
        select_members(block, members), **times, current=sweep, seed=0, traces=traces
    )
    for train in simulation.spiketrains:
        train.annotations["member"] = members[train.annotations["member"]]
    return simulation


def _liveliest_sweep(block):
    """The sweep with the most spikes of a recording under current steps; None of others."""
    sweeps = recording_of(block)
    if capacitance_of(block) is None or not sweeps or not all(map(is_stepped, sweeps)):
        return None
    return max(sweeps, key=len)


def seconds_shown(cell):
    """Enough for some thirty spikes, so that bursts repeat."""
    return 2.0 if cell is None else max(first_seconds(cell, 10.0, 30), 0.5)


def first_seconds(cell, longest, n_spikes) -> float:
    """The time (s), two digits after the point, of so many spikes of the first sweep that fires."""
    for train in sweeps_of(cell):
        if len(train):
            last = train[:n_spikes][-1] - train.t_start
            return min(longest, round(float(last.rescale("s")) * 1.02 + 0.005, 2))
    return longest
