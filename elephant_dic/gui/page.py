"""The page: its steps, and what a change in one of them means for those below."""

from __future__ import annotations

import asyncio

from nicegui import ui

from .download_step import DownloadStep
from .layout import head, introduction
from .models_step import ModelsStep
from .recording_step import RecordingStep
from .result_steps import DICStep, PopulationStep
from .run_step import RunStep
from .session import Session
from .train_step import TrainStep


class Page:
    """One visitor's page.

    Parameters
    ----------
    upload_limit : int
        Bytes.

    Attributes
    ----------
    session : Session
    is_busy : bool
        Whether a run is going on.
    turn : asyncio.Lock
        Of the one who changes the page.
    """

    def __init__(self, upload_limit):
        self.session, self.upload_limit, self.is_busy = Session(), upload_limit, False
        self.turn = asyncio.Lock()
        ui.context.client.on_delete(self.session.close)
        with ui.column().classes("page").props("tag=main"):
            introduction()
            kinds = (RecordingStep, TrainStep, RunStep, DICStep, PopulationStep, ModelsStep, DownloadStep)
            steps = [kind(number, self) for number, kind in enumerate(kinds, 1)]
        _, self.train, self.run, *self.results = steps
        self.dics, self.population, self.models, self.files = self.results
        head(steps)

    def recording_changed(self):
        """Nothing below holds any more."""
        for step in (self.train, self.run, *self.results):
            step.wait()

    async def cell_chosen(self, cell):
        """Show a cell's spikes and, if they can be used, the settings; None if there is no cell."""
        self.session.cell = cell
        self.session.forget_population()
        self.recording_changed()
        if cell is not None and await self.train.draw():
            self.run.draw()

    async def population_opened(self, block):
        """Show a population from a file, with the recording in it."""
        self.session.open_population(block)
        if self.session.cell is not None:
            await self.train.draw()
        for step in self.results:
            await step.draw()

    def run_begins(self):
        """The results of an earlier run go."""
        for step in self.results:
            step.wait()

    async def estimate_found(self):
        """Show the DICs while models are still being searched for."""
        await self.dics.draw()

    async def population_found(self):
        """Show the models."""
        for step in (self.population, self.models, self.files):
            await step.draw()
