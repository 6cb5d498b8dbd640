"""Third step: choose the neuron, run, watch, stop."""

from __future__ import annotations

import asyncio

import quantities as pq
from nicegui import ui

from ..inference import NEURON, STEP_NEURON, infer_dics, load_step_regressor
from ..neurons import get_neuron, list_neurons, prior_of
from ..reconstruction import reconstruct
from ..search import suggest_neuron
from ..trains import capacitance_of_cell, is_stepped
from . import words
from .jobs import StoppableThreads, work
from .layout import Step, hint, in_turn, message

MOST_MODELS = 5000  # on the page; Python functions make more


class RunStep(Step):
    """Settings, the button that runs, the progress."""

    title, short, anchor = "Choose a neuron and run", "Run", "run"
    waiting = "The settings appear when the spikes of a cell are there."

    def __init__(self, number, page):
        self.report = None  # of the run that is going on: matching, wanted, simulated models
        super().__init__(number, page)

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
            self.status = ui.label("").props("role=status")
            self.messages = ui.column().classes("w-full")

    def _settings(self):
        settings, stepped = self.session.settings, is_stepped(self.session.cell)
        if stepped and settings.neuron == NEURON:
            settings.neuron = STEP_NEURON
        neurons = {name: get_neuron(name).title for name in list_neurons()}
        with ui.grid(columns="minmax(220px, 300px) 1fr").classes("w-full items-center gap-y-1"):
            neuron = ui.select(neurons, label="Neuron").bind_value(settings, "neuron")
            hint(words.SETTINGS["neuron"])
            ui.button("Which neuron?", on_click=self._rank, icon="sort").props("outline no-caps").classes(
                "justify-self-start"
            )
            self.ranking = ui.column().classes("gap-0").props("role=status")
            with self.ranking:
                hint(words.RANKING)
            self.prior = ui.select(_labels(settings.neuron), label="Cells it could be")
            self.prior.bind_value(settings, "prior")
            self.priors = ui.column().classes("gap-0")
            self._explain_priors(settings.neuron)
            for each in (self.prior, self.priors):  # under current steps there is one
                each.set_visibility(not stepped)
            # Only now: binding changes the value as well, and the priors were not there yet.
            neuron.on_value_change(lambda event: self._offer_priors(event.value))
            if stepped:
                ui.number("Capacitance (pF)", min=0.1, format="%g", placeholder="as estimated").props(
                    "stack-label clearable"
                ).bind_value(settings, "capacitance")
                hint(words.SETTINGS["capacitance"])
            ui.number("Number of models", min=1, max=MOST_MODELS, precision=0, format="%d").bind_value(
                settings, "n_models"
            )
            hint(words.SETTINGS["n_models"])
            ui.number("Tolerance (%)", min=1, max=50, format="%g").bind_value(
                settings, "tolerance", forward=_from_percent, backward=_to_percent
            )
            hint(words.SETTINGS["tolerance"])
            ui.number("Seed", min=0, precision=0, format="%d", placeholder="drawn").props(
                "stack-label clearable"
            ).bind_value(settings, "seed")
            hint(words.SETTINGS["seed"])

    def _offer_priors(self, neuron):
        """Offer the priors of another neuron, and choose the one that it has by itself."""
        self.prior.set_options(_labels(neuron), value=priors_of(neuron)[0])
        self._explain_priors(neuron)

    def _explain_priors(self, neuron):
        names = priors_of(neuron)
        lines = [f"{_label(name)}: {words.PRIORS[name]}" for name in names]
        if "broad" in names:
            lines.append(words.ranges(get_neuron(neuron)))
        self.priors.clear()
        with self.priors:
            for line in (words.SETTINGS["prior"], *lines):
                hint(line)

    @in_turn
    async def _rank(self):
        """Rank the neurons for the cell, and choose the best."""
        self._show_ranking([words.RANKING_GOES_ON])
        found = await work(suggest_neuron, self.session.cell)
        described = [each.describe() for each in found.value or ()]
        self._show_ranking(filter(None, [*described, *found.warnings, found.error]))
        if found.value:
            self.session.settings.neuron = found.value[0].neuron

    def _show_ranking(self, lines):
        self.ranking.clear()
        with self.ranking:
            for line in lines:
                hint(line)

    @in_turn
    async def run(self):
        """Infer the DICs, then find models; tell the page what came of it."""
        options, wrong = arguments_of(self.session.settings, is_stepped(self.session.cell))
        self.session.stop.clear()
        self.messages.clear()
        if wrong:
            self._fail(wrong)
            return
        session = self.session
        session.forget_population()
        session.settings_of_run = options
        self.page.run_begins()
        self._show_running(True)
        try:
            error = await self._search(session, options)
        finally:
            self._show_running(False)
        if error:
            self._fail(error)
        else:
            await self.page.population_found()

    async def _search(self, session, options):
        """Estimate and population of the session; returns what went wrong."""
        estimate = await work(_estimate, session.cell, options)
        if estimate.error:
            return estimate.error
        session.estimate = estimate.value
        search = asyncio.create_task(
            work(_reconstruct, session.cell, session.stop, progress=self._progress, **options)
        )
        self.status.text = "Simulating the first models …"
        if session.estimate is not None:
            await self.page.estimate_found()
        found = await search
        session.block, session.notes = found.value, found.warnings
        return found.error

    def _progress(self, n_matching, n_models, n_simulated):
        """Called in the thread that simulates."""
        self.report = (n_matching, n_models, n_simulated)
        if self.session.stop.is_set():
            raise KeyboardInterrupt

    def _show_running(self, is_running):
        self.page.is_busy = is_running
        self.report = None
        self.run_button.set_enabled(not is_running)
        self.stop_button.set_visibility(is_running)
        self.stop_button.set_enabled(True)
        self.progress.set_visibility(is_running)
        if is_running:
            self.progress.value = 0
            self.status.text = "Reading the spikes …"
            with self.messages:
                self.timer = ui.timer(0.2, self._show_progress)
        else:
            self.timer.cancel()
            self.status.text = ""

    def _show_progress(self):
        if self.report is None:
            return
        n_matching, n_models, n_simulated = self.report
        self.progress.value = n_matching / n_models
        text = f"{n_matching:,} of {n_models:,} models found; {n_simulated:,} simulated"
        self.status.text = f"Stopping … {text}" if self.session.stop.is_set() else text

    def _stop(self):
        self.session.stop.set()
        self.stop_button.set_enabled(False)
        self.status.text = "Stopping …"

    def _fail(self, text):
        with self.messages:
            message("info" if self.session.stop.is_set() else "bad", self.session.in_words(text))


def _from_percent(value):
    return value and value / 100


def _to_percent(value):
    return value and round(100 * value, 6)


def priors_of(neuron):
    """Names of the priors in which a neuron's differ, first the one that it has by itself."""
    neuron = get_neuron(neuron)
    others = ("family",) if neuron.broad is None else ("family", "broad")
    return list(dict.fromkeys((prior_of(neuron, "mixture").name, *others)))


def _labels(neuron):
    return {name: _label(name) for name in priors_of(neuron)}


def _label(prior):
    return prior.capitalize()


def _estimate(cell, options):
    """What a network says of the cell; None of one under steps, where the neuron has no network for them."""
    neuron = get_neuron(options["neuron"])
    if not is_stepped(cell):
        return infer_dics(cell, neuron)
    capacitance = options.get("capacitance")
    capacitance_of_cell(cell, capacitance)  # an error of it is told at once
    return None if load_step_regressor(neuron) is None else infer_dics(cell, neuron, capacitance=capacitance)


def _reconstruct(cell, stop, **options):
    with StoppableThreads(stop) as threads:
        return reconstruct(cell, executor=threads, **options)


def arguments_of(settings, stepped=False):
    """Arguments of `reconstruct`, and what is wrong with them."""
    more = {"capacitance": settings.capacitance * pq.pF} if stepped and settings.capacitance else {}
    if not settings.n_models or not 1 <= settings.n_models <= MOST_MODELS:
        return {}, f"The number of models must be from 1 to {MOST_MODELS:,}."
    if not settings.tolerance or not 0.01 <= settings.tolerance <= 0.5:
        return {}, "The tolerance must be from 1 % to 50 %."
    if settings.seed is not None and settings.seed < 0:
        return {}, "The seed must be zero or positive."
    seed = None if settings.seed is None else int(settings.seed)
    return {
        "neuron": settings.neuron,
        "n_models": int(settings.n_models),
        "tolerance": settings.tolerance,
        "prior": "broad" if stepped else settings.prior,
        "seed": seed,
    } | more, ""
