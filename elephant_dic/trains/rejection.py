"""Spikes that a person has rejected: left out of a cell, and written down."""

from __future__ import annotations

from collections.abc import Sequence

import neo
import numpy as np
import quantities as pq

from ..arguments import shown
from .spiketrains import cell_of, sweeps_of

#: s; where a spike is rejected, one this near is meant: another threshold moves it a little.
NEAR = 1e-3
#: Annotation of a spike train: times of the spikes that were rejected, as a text.
REJECTED = "rejected_spikes"


def without_spikes(
    spiketrain: neo.SpikeTrain | neo.Group, times: pq.Quantity | Sequence[pq.Quantity]
) -> neo.SpikeTrain | neo.Group:
    """A cell without some of its spikes, such as artefacts that were taken for spikes.

    Parameters
    ----------
    spiketrain : neo.SpikeTrain or neo.Group
        A train, or the sweeps of one cell.
    times : Quantity, shape (n,), or sequence of these
        On the time axis of the train; of a Group, one for each of its sweeps. Each time takes out the spike
        that is nearest to it, within 1 ms.

    Returns
    -------
    neo.SpikeTrain or neo.Group
        Annotated as the cell; trains of which spikes were rejected say so in ``rejected_spikes``, a text such
        as ``"0.1234, 0.5678 s"``, which the provenance of a population holds, too.

    Raises
    ------
    TypeError
        If there are times without a unit, or it is no cell.
    ValueError
        If there is no spike near a time, or not a list of times for each sweep.
    """
    cell = cell_of(spiketrain)
    sweeps = sweeps_of(cell)
    lists = [times] if isinstance(cell, neo.SpikeTrain) else list(times)
    if len(lists) != len(sweeps):
        raise ValueError(f"times must be a list for each of the {len(sweeps)} sweeps, got {len(lists)}")
    found = [_without(train, each) for train, each in zip(sweeps, lists, strict=True)]
    if isinstance(cell, neo.SpikeTrain):
        return found[0]
    group = neo.Group(name=cell.name, **cell.annotations)
    group.spiketrains.extend(found)
    return group


def _without(train, times):
    if not isinstance(times, pq.Quantity):
        raise TypeError(f"times must have a unit, such as [0.5] * pq.s, got {shown(times)}")
    seconds = np.sort(np.atleast_1d(times.rescale("s").magnitude))
    if not seconds.size:
        return train
    spikes, kept = train.rescale("s").magnitude, np.ones(len(train), dtype=bool)
    for time in seconds:
        distances = np.where(kept, np.abs(spikes - time), np.inf)
        place = int(distances.argmin()) if distances.size else -1
        if place < 0 or not distances[place] <= NEAR:
            raise ValueError(f"there is no spike within {1e3 * NEAR:g} ms of {time:.6g} s to be rejected")
        kept[place] = False
    rest = train[kept]
    rest.annotations = {**train.annotations, REJECTED: f"{', '.join(f'{t:.10g}' for t in spikes[~kept])} s"}
    return rest
