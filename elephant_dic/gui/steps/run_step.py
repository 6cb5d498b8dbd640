"""Third step: choose the neuron, run, watch, stop."""

from __future__ import annotations

from nicegui import ui

from ...inference import NEURON, STEP_NEURON
from ...neurons import get_neuron, list_neurons, prior_of
from ...trains import is_stepped
from ..results.settings import arguments_of, complaint
from ..texts import words
from ..texts.progress import progress
from ..texts.verdicts import ranges
from ..widgets.layout import FIXED_IN_RUNS, Step, hint, in_turn, message
from .all_cells_part import AllCellsPart
from .neuron_choice import NeuronChoice


class RunStep(Step):
    """Settings, the button that runs, the progress."""

    run_button = None

    def wait(self):
        """Go back to the hint."""
        self.run_button = None
        super().wait()

    def offer(self):
        """Let the button be pressed if a run would begin."""
        if self.run_button is not None:
            wrong = arguments_of(self.session.settings, is_stepped(self.session.cell))[1]
            self.run_button.set_enabled(not wrong and not self.page.is_busy)

    def draw(self):
        """Show the settings."""
        self.body.clear()
        with self.body:
            self._settings()
            with ui.row().classes("items-center"):
                self.run_button = ui.button("Run", on_click=self.run, icon="play_arrow").props("no-caps")
                self.stop_button = ui.button("Stop", on_click=self._stop, icon="stop").props(
                    "no-caps unelevated color=negative"
                )
                self.stop_button.set_visibility(False)
            self.progress = ui.linear_progress(0, show_value=False, size="10px").props(
                'aria-label="Models found"'
            )
            self.progress.set_visibility(False)
            self.status = ui.label("").props("role=timer")  # is not read out each time
            self.messages = ui.column().classes("w-full")
            AllCellsPart(self.page)

    def _settings(self):
        settings, stepped = self.session.settings, is_stepped(self.session.cell)
        if stepped and settings.neuron == NEURON:
            settings.neuron = STEP_NEURON
        neurons = {name: get_neuron(name).title for name in list_neurons()}
        if settings.neuron not in neurons:  # of a population from elsewhere
            settings.neuron = STEP_NEURON if stepped else NEURON
        if settings.prior not in priors_of(settings.neuron):
            settings.prior = priors_of(settings.neuron)[0]
        with ui.element("div").classes("settings").mark(FIXED_IN_RUNS):
            neuron = ui.select(neurons, label="Neuron").bind_value(settings, "neuron")
            hint(words.SETTINGS["neuron"])
            NeuronChoice(self)
            self.prior = ui.select(_labels(settings.neuron), label="Cells it could be")
            self.prior.bind_value(settings, "prior")
            self.priors = ui.column().classes("gap-0")
            self._explain_priors(settings.neuron)
            for each in (self.prior, self.priors):  # under current steps there is one
                each.set_visibility(not stepped)
            # Only now: binding changes the value as well, and the priors were not there yet.
            neuron.on_value_change(lambda event: self._offer_priors(event.value))
            if stepped:
                self._number("capacitance", "Capacitance (pF)", "as estimated")
            self._number("n_models", "Number of models")
            self._number("tolerance", "Tolerance (%)", scale=100)
            self._number("seed", "Seed", "drawn")
        for field in (neuron, self.prior):
            field.on_value_change(self.page.settings_changed)

    def _number(self, name, label, empty=None, scale=1):
        """A field of a number, which is never changed: what is wrong with it is told below it."""
        field = ui.number(
            label, format="%.12g", placeholder=empty,
            validation=lambda value: complaint(name, None if value is None else value / scale) or None,
        )  # fmt: skip
        if empty:
            field.props("stack-label clearable")
        field.bind_value(
            self.session.settings, name,
            forward=lambda value: None if value is None else value / scale,
            backward=lambda value: None if value is None else round(value * scale, 6),
        )  # fmt: skip
        field.on_value_change(self.page.settings_changed)
        hint(words.SETTINGS[name])

    def _offer_priors(self, neuron):
        """Offer the priors of another neuron, and choose the one that it has by itself."""
        self.prior.set_options(_labels(neuron), value=priors_of(neuron)[0])
        self._explain_priors(neuron)

    def _explain_priors(self, neuron):
        names = priors_of(neuron)
        lines = [f"{_label(name)}: {words.PRIORS[name]}" for name in names]
        if "broad" in names:
            lines.append(ranges(get_neuron(neuron)))
        self.priors.clear()
        with self.priors:
            for line in (words.SETTINGS["prior"], *lines):
                hint(line)

    # --- a run -----------------------------------------------------------------------------------------

    @in_turn
    async def run(self):
        """Begin a run, which goes on without the page."""
        options, wrong = arguments_of(self.session.settings, is_stepped(self.session.cell))
        self.messages.clear()
        if wrong:
            with self.messages:
                message("bad", wrong)
            return
        self.session.begin(options)
        self.page.run_begins()
        self.follow()

    def follow(self):
        """Show how the run goes, until it is over."""
        run, self.has_estimate = self.session.run, False
        self._show_running(True)
        with self.page.content:
            self.timer = ui.timer(0.2, lambda: self._look(run))

    async def _look(self, run):
        """What has come of the run meanwhile."""
        self._show_progress(run)
        if run.result.estimate is not None and not self.has_estimate:
            self.has_estimate = True
            async with self.page.turn:
                await self.page.estimate_found()
        if not run.is_over:
            return
        self.timer.cancel()
        self._show_running(False)
        self.tell(run)
        if run.result.block is not None:
            async with self.page.turn:
                await self.page.population_found()

    def _show_running(self, is_running):
        self.page.show_busy(is_running)
        self.stop_button.set_visibility(is_running)
        self.stop_button.set_enabled(True)
        self.progress.set_visibility(is_running)
        self.progress.value = 0
        self.status.text = ""

    def _show_progress(self, run):
        if run.report is not None:
            self.progress.value = run.report[0] / run.report[1]
        self.status.text = progress(run.elapsed, run.report, run.stop.is_set())

    def _stop(self):
        self.session.run.stop.set()
        self.stop_button.set_enabled(False)

    def tell(self, run):
        """Say why there are no models, if there are none."""
        if run.result.error:
            with self.messages:
                message("info" if run.stop.is_set() else "bad", self.session.in_words(run.result.error))


def priors_of(neuron):
    """Names of the priors in which a neuron's differ, first the one that it has by itself."""
    neuron = get_neuron(neuron)
    others = ("family",) if neuron.broad is None else ("family", "broad")
    return list(dict.fromkeys((prior_of(neuron, "mixture").name, *others)))


def _labels(neuron):
    return {name: _label(name) for name in priors_of(neuron)}


def _label(prior):
    return prior.capitalize()
