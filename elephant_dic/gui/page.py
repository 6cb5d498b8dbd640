"""The page: its steps, and what a change in one of them means for those below."""

from __future__ import annotations

import functools

from nicegui import ElementFilter, binding, ui

from .help import help_button, introduction
from .results.settings import differences
from .session import Session
from .steps.recording_step import RecordingStep
from .texts import words
from .widgets.layout import FIXED_IN_RUNS, Card, head, leaving_is_warned_of

_LATER = "Appears when models have been found."
CARDS = (
    Card("Open a recording", "Recording", "recording"),
    Card(
        "Look at the spikes", "Spikes", "spikes",
        "Open a recording and, if it holds several cells, choose one.",
    ),
    Card(
        "Choose a neuron and run", "Run", "run", "The settings appear when the spikes of a cell are there."
    ),
    Card(
        "What the spikes tell: DICs", "DICs", "dics", "Appears as soon as a run has read the spike train."
    ),
    Card("The models: a degenerate population", "Models", "population", _LATER),
    Card("Look at single models", "Single models", "members", _LATER),
    Card("Take it away", "Files", "files", _LATER),
    Card("What changed?", "Changes", "changes", _LATER),
    Card(
        "Results of this visit", "Compare", "visit",
        "Each population that was found or opened is kept here until the page is closed.",
    ),
)  # fmt: skip

#: Bring the verdict into view, without a ride for those who want none.
_SHOW_VERDICT = """
document.getElementById("population").scrollIntoView(
  {behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth"});
"""


class Page:
    """The page as it was loaded once: it shows the session of the visitor whose tab it is in.

    Parameters
    ----------
    visitors : Visitors
    upload_limit : int
        Bytes.

    Attributes
    ----------
    session : Session
    other_settings : str
        In words, what of the settings is not what the results were made with; "" if all is.
    """

    other_settings = binding.BindableProperty()

    def __init__(self, visitors, upload_limit):
        self.session, self.upload_limit, self.other_settings = Session(), upload_limit, ""
        self.client = ui.context.client
        self._follow_visitor(visitors)
        self.content = ui.column().classes("page").props("tag=main")
        with self.content:
            self._watch_width()
            introduction()
            self._places = [(card, card.draw(number)) for number, card in enumerate(CARDS, 1)]
        self.recording, self.results = RecordingStep(self, *self._places[0]), []
        head(CARDS, lambda: help_button(self))
        leaving_is_warned_of()

    def _make_steps(self):
        """Make the steps below the first, once there is something to show in them."""
        if self.results:
            return
        steps = [kind(self, *place) for kind, place in zip(later_steps(), self._places[1:], strict=True)]
        self.train, self.run, *self.results = steps
        self.dics, self.population, self.models, self.files, self.changes, self.compare = self.results

    # --- whose it is -----------------------------------------------------------------------------------

    def _follow_visitor(self, visitors):
        """Show what the tab had before, once it is known which tab it is."""
        tabs = []

        async def join():
            tabs.append(self.client.tab_id)
            session = visitors.join(tabs[-1], self.client.id, self.session)
            if session is not self.session:
                self.session = session
                await self.restore()

        def leave():
            if tabs:
                visitors.leave(tabs[-1], self.client.id)

        self.client.on_connect(join)
        self.client.on_disconnect(leave)

    def _watch_width(self):
        """Pictures are drawn for the width that the page has."""

        def changed(event):
            self.client.storage["width"] = event.args["width"]

        ui.element("q-resize-observer").props("debounce=200").on("resize", changed, ["width"])

    @property
    def is_left(self) -> bool:
        """Whether its elements are gone: the tab was closed, or loaded the page again."""
        return self.client.is_deleted

    @property
    def is_busy(self) -> bool:
        """Whether a run is going on."""
        return self.session.is_running

    @property
    def turn(self):
        """The lock of the one who changes what the visitor has."""
        return self.session.turn

    async def restore(self):
        """Show all that the session has."""
        self._make_steps()
        session = self.session
        async with self.turn:
            await self.recording.restore()
            if session.cell is not None and await self.train.draw():
                self.run.draw()
            if session.run is not None and not session.run.is_over:
                self.run.follow()
            elif session.block is not None:
                await self.show_results()
            elif session.run is not None and session.result is session.run.result:
                self.run.tell(session.run)
            await self.compare.draw()

    # --- what a change means ---------------------------------------------------------------------------

    def recording_changed(self):
        """Nothing below holds any more."""
        self._make_steps()
        for step in (self.train, self.run, *self.results[:-1]):
            step.wait()

    async def cell_chosen(self, cell):
        """Show a cell's spikes and, if they can be used, the settings; None if there is no cell."""
        self.session.cell, self.session.result = cell, None
        self.recording_changed()
        if cell is not None and await self.train.draw():
            self.run.draw()

    async def population_opened(self, block):
        """Show a population from a file, with the recording in it."""
        self.session.open_population(block)
        await self.show_result()

    async def show_result(self):
        """Show a population of the visit with its cell, from which it can be made again."""
        self.recording_changed()
        if self.session.cell is not None and await self.train.draw():
            self.run.draw()
        await self.show_results()

    def run_begins(self):
        """The results of an earlier run are in the list alone."""
        for step in self.results[:-1]:
            step.wait()

    async def estimate_found(self):
        """Show the DICs while models are still being searched for."""
        await self.dics.draw()

    async def population_found(self):
        """Show the models."""
        self.settings_changed()
        await self.population.draw()
        ui.run_javascript(_SHOW_VERDICT)
        for step in (self.models, self.files, self.changes, self.compare):
            await step.draw()

    async def show_results(self):
        """Show the steps of a population."""
        self.settings_changed()
        for step in self.results:
            await step.draw()

    def settings_changed(self):
        """Say so where the results are of other settings than those chosen now."""
        result = self.session.result
        found = differences(result.settings, self.session.settings) if result and result.block else []
        self.other_settings = "; ".join(found)
        self.run.offer()

    def show_busy(self, is_running):
        """Disable what would be refused in a run, and warn of leaving it."""
        with self.content:
            for element in ElementFilter(marker=FIXED_IN_RUNS):
                element.props(**{"add" if is_running else "remove": "inert"})
            ui.run_javascript(f"window.runGoesOn = {str(is_running).lower()}")
        self.run.offer()
        self.changes.offer_run()

    async def results_may_go(self):
        """Whether what is shown may give way to another recording, if it is in no file yet."""
        result = self.session.result
        if result is None or result.block is None or result.is_saved:
            return True
        return await self.asked(words.RESULTS_GO.format(name=result.name), "Go on", "Stay here")

    async def asked(self, question, yes, no):
        """Whether the person says yes to a question."""
        with self.content, ui.dialog().props("persistent aria-label=Question") as dialog, ui.card():
            ui.label(question).classes("hint")
            with ui.row().classes("w-full justify-end"):
                ui.button(no, on_click=functools.partial(dialog.submit, False)).props("no-caps outline")
                ui.button(yes, on_click=functools.partial(dialog.submit, True)).props("no-caps")
        answer = await dialog
        dialog.delete()
        return bool(answer)


def later_steps():
    """The kinds of the steps below the first: they load much, which the page does not wait for."""
    from .steps.changes_step import ChangesStep
    from .steps.compare_step import CompareStep
    from .steps.download_step import DownloadStep
    from .steps.models_step import ModelsStep
    from .steps.result_steps import DICStep, PopulationStep
    from .steps.run_step import RunStep
    from .steps.train_step import TrainStep

    return (
        TrainStep, RunStep, DICStep, PopulationStep, ModelsStep, DownloadStep, ChangesStep, CompareStep
    )  # fmt: skip
