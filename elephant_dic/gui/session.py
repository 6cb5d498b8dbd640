"""What one visitor has on the page: the file, the cell, the population. Nothing of it is shared."""

from __future__ import annotations

import asyncio
import itertools
import re
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .recording.opened import Reading, in_words
from .results.settings import Comparing, Settings, settings_of

if TYPE_CHECKING:
    import neo

#: Stands for the recording in the visitor's own folder: names of files never become paths.
_STORED = "uploaded_recording"


class Session:
    """One visitor: one tab of a browser, however often its page is loaded.

    Attributes
    ----------
    source : Source or None
    reading : Reading
    looking : Looking or None
        Of the open file.
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
    after : After or None
        The recording that is compared with that of the models.
    comparing : Comparing
        How the recording of the models is compared with the one after.
    change : ChangeRun or None
        The last search for what changed.
    turn : asyncio.Lock
        Of the one who changes what the visitor has.
    is_closed : bool
    """

    def __init__(self):
        self._folder, self.is_closed = None, False
        self.turn = asyncio.Lock()
        self.settings = Settings()
        self.source, self.reading, self.looking, self.cell = None, Reading(), None, None
        self.result, self.results, self.run, self.all_cells = None, [], None, None
        self.after, self.comparing, self.change = None, Comparing(), None

    @property
    def folder(self) -> Path:
        """The visitor's own folder, made when it is first needed and removed with the session."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="elephant-dic-", ignore_cleanup_errors=True)
        return Path(self._folder.name)

    @property
    def is_running(self) -> bool:
        """Whether models, or changes, are being searched for."""
        return any(job is not None and not job.is_over for job in (self.run, self.all_cells, self.change))

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
        for job in (self.run, self.change):
            if job is not None:
                job.stop.set()
        if self.all_cells is not None:
            self.all_cells.stop()
        if self._folder is not None:
            self._folder.cleanup()

    def open(self, source):
        """Turn to another file; an earlier upload is removed."""
        from .recording.looking import Looking

        self.compare_with(None)
        self._remove_upload(self.source)
        self.source, self.reading, self.looking = source, Reading(), Looking()
        self.cell, self.result, self.all_cells, self.comparing = None, None, None, Comparing()

    def compare_with(self, after):
        """Take another recording after, or none; an earlier upload is removed."""
        if self.after is not None and self.after.source is not self.source:
            self._remove_upload(self.after.source)
        self.after = after

    def _remove_upload(self, source):
        if source is not None and self._folder is not None and source.path.is_relative_to(self.folder):
            place = source.path.relative_to(self.folder).parts[0]
            shutil.rmtree(self.folder / place, ignore_errors=True)

    def open_population(self, block):
        """Take a population from a file, with the recording that it holds."""
        from .results.result import Result, cell_of

        self._take(Result(cell_of(block), settings_of(block), block=block, is_saved=True))

    def keep(self, result):
        """Put a population into the list of the visit, under a name that no other has."""
        from .results.result import title_of

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
        from .results.result import Result
        from .results.runs import Run

        self.result = Result(self.cell, replace(self.settings), options, self._origin())
        self.run = Run(self.result)
        self._task = asyncio.create_task(self._go(self.run))  # kept: a task without a reference may vanish

    def begin_all(self, options):
        """Search for models of all cells that were read; goes on until it is over or stopped."""
        from .results.all_cells import AllCells

        self.all_cells = AllCells(self.reading.cells, options, self.folder)
        self._task = asyncio.create_task(self.all_cells.go())

    def begin_change(self, controls):
        """Search for what changed from the recording of the models to the one after.

        Parameters
        ----------
        controls : list of neo.SpikeTrain or neo.Group
            Stretches in which nothing was changed.
        """
        from .results.change_run import ChangeRun

        together = 2 if self.comparing.two_channels else 1
        self.change = ChangeRun(self.result, self.after.cell, controls, together)
        self._task = asyncio.create_task(self._go_change(self.change))

    async def _go_change(self, change):
        await change.go()
        if change.result.block is not None and not self.is_closed:
            self.keep(change.result)

    async def _go(self, run):
        await run.go()
        if run.result.block is not None and not self.is_closed:
            from ..populations import provenance

            run.result.settings.seed = provenance(run.result.block)["seed"]  # drawn, if none was given
            self.keep(run.result)

    def _origin(self):
        """Where the cell was read; None of one that came with a population."""
        from .results.result import Origin

        for index, cell in enumerate(self.reading.cells):
            if cell is self.cell:
                return Origin(self.source.name, self.source.is_example, dict(self.reading.options), index)
        return None

    def place_for(self, name) -> Path:
        """Where an uploaded file is to be written, whatever its name; a folder has none."""
        found = re.search(r"\.[A-Za-z0-9]{1,10}\Z", name)
        suffix = found[0] if found else ""
        return Path(tempfile.mkdtemp(dir=self.folder), _STORED + suffix.lower())

    def in_words(self, text) -> str:
        """A message in which the file has the name that its owner knows, and arguments those of the page."""
        return in_words(text, self.source)
