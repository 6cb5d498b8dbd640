"""Files that are opened: what is in them, and how they are read."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from pathlib import Path

from ..texts.words import with_fields


@dataclass
class Source:
    """A recording or population on disk.

    Attributes
    ----------
    path : Path
    name : str
        What the visitor calls it.
    is_example : bool
    """

    path: Path
    name: str
    is_example: bool = False

    @property
    def is_table(self) -> bool:
        """Whether it is a table of spike times, whose unit has to be given."""
        from ...recordings import TABLES

        return self.path.suffix.lower() in TABLES


@dataclass
class Reading:
    """How a recording is read: the arguments of `read_spiketrains`, and what came of it."""

    options: dict = field(default_factory=dict)
    items: list = field(default_factory=list)
    cells: list = field(default_factory=list)
    notes: tuple[str, ...] = ()
    error: str = ""


def open_file(source: Source, time_unit):
    """The population in a file, or what the recording in it holds.

    Returns
    -------
    neo.Block or Reading
    """
    from ...populations import population_in
    from ...recordings import inspect_recording

    block = population_in(source.path)
    return Reading(items=inspect_recording(source.path, time_unit=time_unit)) if block is None else block


def read_cells(source: Source, options, silent_too=False) -> list:
    """The cells of a recording, or also silent ones, annotated with the name that their owner knows."""
    import neo

    from ...recordings import read_as_recorded, read_spiketrains
    from ...trains import sweeps_of

    if silent_too:
        cells, notes = read_as_recorded(source.path, options)
        for note in notes:
            warnings.warn(note, UserWarning, stacklevel=2)
    else:
        cells = read_spiketrains(source.path, **options)
    for cell in cells:
        if isinstance(cell, neo.Group):
            cell.annotations["source"] = source.name
        for train in sweeps_of(cell):
            train.annotations["source"] = source.name
    return cells


def in_words(text: str, source: Source | None) -> str:
    """A message in which a file has the name that its owner knows, and arguments those of the page."""
    text = with_fields(text)
    if source is None:
        return text
    return text.replace(str(source.path), source.name).replace(source.path.name, source.name)
