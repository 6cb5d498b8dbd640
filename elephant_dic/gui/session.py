"""What one visitor has on the page: the file, the cell, the population. Nothing of it is shared."""

from __future__ import annotations

import asyncio
import itertools
import re
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import neo

from ..populations import SUFFIXES, PopulationFileError, load_population, provenance
from ..recordings import TABLES, inspect_recording, read_spiketrains
from ..trains import sweeps_of
from .all_cells import AllCells
from .looking import Looking
from .results import Origin, Result, cell_of, title_of
from .runs import Run
from .settings import Settings, settings_of
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
    """How a recording is read: the arguments of `read_spiketrains`, and what came of it."""

    options: dict = field(default_factory=dict)
    items: list = field(default_factory=list)
    cells: list = field(default_factory=list)
    notes: tuple[str, ...] = ()
    error: str = ""


class Session:
    """One visitor: one tab of a browser, however often its page is loaded.

    Attributes
    ----------
    source : Source or None
    reading : Reading
    looking : Looking
    cell : neo.SpikeTrain, neo.Group or None
    settings : Settings
    result : Result or None
        What the page shows, or what is being searched for.
    results : list of Result
        All populations of the visit.
    run : Run or None
        The last one.
    all_cells : AllCells or None
        The last run over all cells of the open file.
    turn : asyncio.Lock
        Of the one who changes what the visitor has.
    is_closed : bool
    """

    def __init__(self):
        self._folder, self.is_closed = None, False
        self.turn = asyncio.Lock()
        self.settings = Settings()
        self.source, self.reading, self.looking, self.cell = None, Reading(), Looking(), None
        self.result, self.results, self.run, self.all_cells = None, [], None, None

    @property
    def folder(self) -> Path:
        """The visitor's own folder, made when it is first needed and removed with the session."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="elephant-dic-", ignore_cleanup_errors=True)
        return Path(self._folder.name)

    @property
    def is_running(self) -> bool:
        """Whether models are being searched for."""
        return any(job is not None and not job.is_over for job in (self.run, self.all_cells))

    @property
    def block(self) -> neo.Block | None:
        """The population that the page shows."""
        return self.result and self.result.block

    @property
    def estimate(self):
        """The DICs that a network inferred for what the page shows; None without any."""
        return self.result and self.result.estimate

    def close(self):
        """End what runs and remove the files."""
        self.is_closed = True
        if self.run is not None:
            self.run.stop.set()
        if self.all_cells is not None:
            self.all_cells.stop()
        if self._folder is not None:
            self._folder.cleanup()

    def open(self, source):
        """Turn to another file; an earlier upload is removed."""
        if self.source is not None and self._is_uploaded(self.source):
            shutil.rmtree(self.source.path.parent, ignore_errors=True)
        self.source, self.reading, self.looking = source, Reading(), Looking()
        self.cell, self.result, self.all_cells = None, None, None

    def _is_uploaded(self, source):
        return self._folder is not None and source.path.is_relative_to(self.folder)

    def open_population(self, block):
        """Take a population from a file, with the recording that it holds."""
        self._take(Result(cell_of(block), settings_of(block), block=block, is_saved=True))

    def keep(self, result):
        """Put a population into the list of the visit, under a name that no other has."""
        name = result.name or title_of(result)
        taken = {each.name for each in self.results if each is not result}
        number = next(n for n in itertools.count(1) if (name if n == 1 else f"{name} ({n})") not in taken)
        result.name = name if number == 1 else f"{name} ({number})"
        if result not in self.results:
            self.results.append(result)

    def reopen(self, result):
        """Show an earlier result of the visit again, with its cell and its settings."""
        if not any(cell is result.cell for cell in self.reading.cells):  # of another file, which is not open
            self.source, self.reading = None, Reading()
        self._take(result)

    def _take(self, result):
        self.result, self.cell, self.settings = result, result.cell, replace(result.settings)
        self.keep(result)

    def begin(self, options):
        """Search for models of the cell; the run goes on until it is over or stopped.

        Parameters
        ----------
        options : dict
            Arguments of `reconstruct`.
        """
        self.result = Result(self.cell, replace(self.settings), options, self._origin())
        self.run = Run(self.result)
        self._task = asyncio.create_task(self._go(self.run))  # kept: a task without a reference may vanish

    def begin_all(self, options):
        """Search for models of all cells that were read; goes on until it is over or stopped."""
        self.all_cells = AllCells(self.reading.cells, options, self.folder)
        self._task = asyncio.create_task(self.all_cells.go())

    async def _go(self, run):
        await run.go()
        if run.result.block is not None and not self.is_closed:
            run.result.settings.seed = provenance(run.result.block)["seed"]  # drawn, if none was given
            self.keep(run.result)

    def _origin(self):
        """Where the cell was read; None of one that came with a population."""
        for index, cell in enumerate(self.reading.cells):
            if cell is self.cell:
                return Origin(self.source.name, self.source.is_example, dict(self.reading.options), index)
        return None

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


def open_file(source: Source, time_unit):
    """The population in a file, or what the recording in it holds.

    Returns
    -------
    neo.Block or Reading
    """
    block = population_in(source)
    return Reading(items=inspect_recording(source.path, time_unit=time_unit)) if block is None else block


def population_in(source: Source) -> neo.Block | None:
    """The population in a file; None in a recording, or a file with which something is wrong."""
    if source.path.suffix in SUFFIXES:
        try:
            return load_population(source.path)
        except PopulationFileError:  # what is wrong is told when it is read as a recording
            pass
    return None


def read_cells(source: Source, options) -> list:
    """The cells of a recording, annotated with the name that their owner knows."""
    cells = read_spiketrains(source.path, **options)
    for cell in cells:
        if isinstance(cell, neo.Group):
            cell.annotations["source"] = source.name
        for train in sweeps_of(cell):
            train.annotations["source"] = source.name
    return cells
