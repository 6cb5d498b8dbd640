"""Events and epochs of a recording: tags, trials, stretches that its file names."""

from __future__ import annotations

import os

import neo
import numpy as np

from ..arguments import path_of
from .opening import naming, opened


def read_events(path: str | os.PathLike[str]) -> list[neo.Event | neo.Epoch]:
    """Read the events and epochs of a recording, such as the times of a drug.

    Parameters
    ----------
    path : str or path-like
        A file that `read_spiketrains` reads: tags of Axon files, trials, epochs and other intervals of NWB
        files, events and epochs of NIX files, event channels of the others.

    Returns
    -------
    list of neo.Event or neo.Epoch
        Named as in the file. Its other columns are array annotations.

    Raises
    ------
    RecordingError
        If the file cannot be read.
    """
    path = path_of(path)
    with naming(path):
        contents = opened(path, None)
    named = {mark.name for mark in contents.marks}
    channels = [unit for unit in contents.events if unit.name not in named]
    events = [
        neo.Event(train.times, labels=np.full(len(train), unit.name), name=unit.name, sweep=sweep)
        for unit in channels
        for sweep, train in unit.trains.items()
    ]
    return [*contents.marks, *events]
