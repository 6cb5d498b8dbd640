"""What one visitor has on the page: the file, the cell, the population. Nothing of it is shared."""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

import neo

from ..populations import SUFFIXES, PopulationFileError, load_population, recording_of
from ..recordings import TABLES, inspect_recording, read_spiketrains
from ..trains import sweeps_of
from .words import with_fields

#: Stands for the recording in the visitor's own folder: names of uploads never become paths.
_STORED = "recording"


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
        return self.path.suffix in TABLES


@dataclass
class Reading:
    """How a recording is read: the arguments of `read_spiketrains`."""

    options: dict = field(default_factory=dict)
    items: list = field(default_factory=list)
    cells: list = field(default_factory=list)


@dataclass
class Settings:
    """How a population is asked for: the arguments of `reconstruct`."""

    neuron: str = "stg"
    n_models: int = 200
    tolerance: float = 0.1
    prior: str = "mixture"
    seed: int | None = None
    capacitance: float | None = None  # pF, of a cell under current steps


class Session:
    """One visitor: one tab of a browser.

    Attributes
    ----------
    source : Source or None
    reading : Reading
    cell : neo.SpikeTrain, neo.Group or None
    settings : Settings
    estimate : DICEstimate or None
    block : neo.Block or None
    notes : tuple of str
        Warnings of the last run.
    settings_of_run : dict or None
        Arguments of `reconstruct` in the last run.
    stop : threading.Event
        Set to end a run.
    is_closed : bool
    """

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="elephant-dic-", ignore_cleanup_errors=True)
        self.stop, self.is_closed = threading.Event(), False
        self.settings = Settings()
        self.source, self.reading, self.cell = None, Reading(), None
        self.forget_population()

    @property
    def folder(self) -> Path:
        """The visitor's own folder, removed with the session."""
        return Path(self._folder.name)

    def close(self):
        """End what runs and remove the files."""
        self.stop.set()
        self.is_closed = True
        self._folder.cleanup()

    def open(self, source):
        """Turn to another file; an earlier upload is removed."""
        if self.source is not None and self.source.path.is_relative_to(self.folder):
            shutil.rmtree(self.source.path.parent, ignore_errors=True)
        self.source, self.reading, self.cell = source, Reading(), None
        self.forget_population()

    def forget_population(self):
        """Drop what came of an earlier run."""
        self.estimate, self.block, self.notes, self.settings_of_run = None, None, (), None

    def open_population(self, block):
        """Take a population from a file, with the recording that it holds."""
        self.block = block
        sweeps = recording_of(block)
        if len(sweeps) > 1:
            self.cell = neo.Group(sweeps, name=sweeps[0].name)
        elif sweeps:
            self.cell = sweeps[0]

    @property
    def can_be_repeated(self) -> bool:
        """Whether the population was made here, rather than opened."""
        return self.settings_of_run is not None and self.block is not None

    def place_for(self, name) -> Path:
        """Where an uploaded file is to be written, whatever its name."""
        found = re.search(r"\.[A-Za-z0-9]{1,10}\Z", name)
        suffix = found[0] if found else ""
        return Path(tempfile.mkdtemp(dir=self.folder), _STORED + suffix.lower())

    def in_words(self, text) -> str:
        """A message in which the file has the name that its owner knows, and arguments those of the page."""
        text = with_fields(text)
        if self.source is None:
            return text
        stored = self.source.path
        return text.replace(str(stored), self.source.name).replace(stored.name, self.source.name)


def first_seconds(cell, longest, n_spikes) -> float:
    """The time (s), two digits after the point, of so many spikes of the first sweep that fires."""
    for train in sweeps_of(cell):
        if len(train):
            last = train[:n_spikes][-1] - train.t_start
            return min(longest, round(float(last.rescale("s")) * 1.02 + 0.005, 2))
    return longest


def open_file(source: Source, time_unit):
    """The population in a file, or what the recording in it holds.

    Returns
    -------
    neo.Block or Reading
    """
    if source.path.suffix in SUFFIXES:
        try:
            return load_population(source.path)
        except PopulationFileError:  # then it is a recording, or what is wrong with it is told below
            pass
    return Reading(items=inspect_recording(source.path, time_unit=time_unit))


def read_cells(source: Source, options) -> list:
    """The cells of a recording, annotated with the name that their owner knows."""
    cells = read_spiketrains(source.path, **options)
    for cell in cells:
        if isinstance(cell, neo.Group):
            cell.annotations["source"] = source.name
        for train in sweeps_of(cell):
            train.annotations["source"] = source.name
    return cells
