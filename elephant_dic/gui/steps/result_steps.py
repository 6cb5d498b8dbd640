"""Fourth and fifth step: the DICs, and the population."""

from __future__ import annotations

from nicegui import ui

from ...neurons import DIC_NAMES, get_neuron
from ...plots import (
    activity_map,
    plot_conductances,
    plot_correlations,
    plot_dic_density,
    plot_dics,
    plot_fast_dic,
)
from ...populations import dic_estimate
from ...search import Verification
from ...steps import StepVerification
from ..recording.levels import draw_levels
from ..results.result import facts, pictures_of
from ..texts import words
from ..texts.neuron_cards import why_large
from ..texts.tables import conductance_rows, dic_rows, is_inferred
from ..texts.verdicts import describe_dics, sample, verdict
from ..widgets.figures import on_axes, on_white_axes, show
from ..widgets.layout import Step, definition, hint, message, settings_mark, show_rows, subtitle, warn

MEANINGS = {"g_f": "fast: the upstroke of a spike", "g_s": "slow: between spikes",
            "g_u": "ultraslow: between bursts"}  # fmt: skip


class DICStep(Step):
    """The estimate, or the DICs of a population that was opened."""

    async def draw(self):
        """Show the estimate."""
        estimate, picture = self.session.estimate, pictures_of(self.session.result)
        self.body.clear()
        with self.body:
            settings_mark(self.page, is_read_out=True)
            hint(words.DICS)
            if estimate is None:
                await self._of_block()
                return
            if not estimate.in_domain:
                message("bad", "Out of the range of this neuron: " + " ".join(estimate.warnings))
                message("info", "What to try: " + words.OTHER_WAYS)
            else:
                warn(estimate.warnings)
            intervals, neuron = estimate.interval(0.68), self.session.result.settings.neuron
            training = get_neuron(neuron).training
            plane = " and ".join(training.target_names)
            third = DIC_NAMES[training.target_rows[-1]]
            _estimate_table(estimate.names, estimate.mean, estimate.std, intervals)
            if estimate.in_domain:  # what does not hold is not interpreted
                message("info", describe_dics(estimate))
            with ui.row().classes("w-full items-start"):
                with ui.column().classes("half").style("flex-grow: 1.3"):
                    await show(
                        picture(
                            f"DICs {plane}",
                            on_white_axes(plot_dic_density, estimate),
                            (5.8, 4.2),
                            f"Density of the estimate over {plane}",
                        ),
                        words.CONTOURS + (words.REGIONS if activity_map(neuron) else ""),
                    )
                with ui.column().classes("half"):
                    await show(
                        picture(
                            f"DIC {third}",
                            on_axes(plot_fast_dic, estimate),
                            (5.4, 4.2),
                            f"Distribution of {third}",
                        ),
                        words.THIRD,
                    )
            hint(words.EFFECTIVE)

    async def _of_block(self):
        block = self.session.block
        if is_inferred(block):
            _estimate_table(*dic_estimate(block))
            hint(words.EFFECTIVE)
        else:
            hint(words.NOT_INFERRED)


class PopulationStep(Step):
    """Verdict, conductances, correlations."""

    async def draw(self):
        """Show the population."""
        block, picture = self.session.block, pictures_of(self.session.result)
        self.body.clear()
        with self.body:
            settings_mark(self.page)
            estimate = self.session.estimate
            message(*verdict(block, ways_are_told=estimate is not None and not estimate.in_domain))
            _facts(block)
            self._sample()
            warn(self._further_notes())
            if StepVerification.of_block(block):
                await draw_levels(block)
            with ui.column().classes("w-full"):
                await show(
                    picture(
                        "conductances",
                        on_axes(plot_conductances, block),
                        (10.5, 4),
                        "Distribution of each conductance over the models",
                    ),
                    words.CONDUCTANCES,
                )
            with ui.row().classes("w-full items-start"):
                with ui.column().classes("half"):
                    subtitle("How the channels go together")
                    if block.annotations["n_members"] >= 3:
                        await show(
                            picture(
                                "correlations",
                                on_axes(plot_correlations, block),
                                (5.4, 4),
                                "Rank correlation of each pair of conductances",
                            ),
                            words.CORRELATIONS,
                        )
                with ui.column().classes("half"):
                    subtitle("In numbers")
                    show_rows(conductance_rows(block))
                    hint(words.CONDUCTANCE_TABLE)
                    for text in why_large(block):
                        hint(text)
            subtitle("Their own dynamic input conductances (DICs)")
            with ui.row().classes("w-full items-start"):
                with ui.column().classes("half"):
                    await show(
                        picture(
                            "DICs of the models",
                            on_axes(plot_dics, block),
                            (5.4, 4),
                            "Slow and ultraslow DIC of each model, and the effective ones",
                        )
                    )
                with ui.column().classes("half"):
                    show_rows(dic_rows(block))
                    hint(words.OWN_DICS + (words.BESIDE if is_inferred(block) else ""))

    def _sample(self):
        """What the models are drawn from."""
        told, figures = sample(self.session.block)
        if told:
            message("info", told)
            hint(figures)

    def _further_notes(self):
        """Warnings of the run that are not on the page already."""
        shown = self.session.estimate.warnings if self.session.estimate else ()
        found = StepVerification.of_block(self.session.block) or Verification.of_block(self.session.block)
        told = [found.reason, *found.doubts] if found else []
        return [
            note
            for note in self.session.result.notes
            if note not in shown and not any(text and text in note for text in told)
        ]


def _facts(block):
    """Of what recording the models are, and what they were made with."""
    with ui.element("dl").classes("facts"):
        for name, text in facts(block):
            with ui.element("div"):
                definition(name, text)


def _estimate_table(names, mean, std, intervals=None):
    rows = [("Effective DIC", "Time scale", "Mean", "± std", "68 % lie within")]
    for index, name in enumerate(names):
        inside = () if intervals is None else (" to ".join(map(words.signed, intervals[index])),)
        rows.append((name, MEANINGS.get(name, ""), words.signed(mean[index]), f"{std[index]:.2f}", *inside))
    rows[0] = rows[0][: len(rows[-1])]
    show_rows(rows, n_words=2)
