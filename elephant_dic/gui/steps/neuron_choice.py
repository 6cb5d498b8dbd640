"""Part of the third step: what each neuron is, and which of them fire like the recording."""

from __future__ import annotations

from nicegui import ui

from ...search import suggest_neuron
from ..texts import words
from ..texts.neuron_cards import neuron_cards, paint_trace
from ..widgets.figures import Picture, paint_on
from ..widgets.jobs import draw, work
from ..widgets.layout import at_any_time, hint, in_turn

_SIZE = (2.6, 0.9)  # inches of a trace


class NeuronChoice:
    """The button that ranks the neurons for a cell, and a list of what they are.

    Parameters
    ----------
    step : Step
        In whose grid it is put, as two places.
    """

    def __init__(self, step):
        self.step, self.page, self.session = step, step.page, step.session
        ui.button("Which neuron?", on_click=self._rank, icon="sort").props("outline no-caps").classes(
            "justify-self-start"
        )
        self.ranking = ui.column().classes("gap-0").props("role=status")
        with self.ranking:
            hint(words.RANKING)
        self.list = ui.expansion("What each neuron is", icon="menu_book").classes("across")
        self.list.on_value_change(lambda event: self._fill(event.value))
        self.is_filled = False

    @in_turn
    async def _rank(self):
        """Rank the neurons for the cell, and choose the best."""
        self._show([words.RANKING_GOES_ON])
        found = await work(suggest_neuron, self.session.cell)
        described = [each.describe() for each in found.value or ()]
        self._show(filter(None, [*described, *found.warnings, found.error]))
        if found.value:
            self.session.settings.neuron = found.value[0].neuron

    def _show(self, lines):
        self.ranking.clear()
        with self.ranking:
            for line in lines:
                hint(line)

    async def _fill(self, is_open):
        if is_open and not self.is_filled:
            self.is_filled = True
            await self._draw_cards()

    @at_any_time
    async def _draw_cards(self):
        """All neurons, each with its picture as soon as it is drawn."""
        places = {}
        with self.list:
            hint(words.CARDS)
            for card in neuron_cards():
                with ui.row().classes("w-full items-start gap-4 q-py-sm"):
                    places[card] = ui.element("div").style(f"width: {_SIZE[0] * 75}px; flex: none")
                    with ui.column().classes("gap-0").style("flex: 1 1 300px"):
                        ui.label(f"{card.name}: {card.title}").classes("font-medium")
                        for what, text in card.lines:
                            hint(f"{what}: {text}")
        for card, place in places.items():
            described = f"Membrane potential of a cell of {card.name}"
            picture = Picture(card.name, paint_on(paint_trace, card.name), _SIZE, described)
            outcome = await draw(picture.inline)
            with place:
                if outcome.error:
                    hint("no picture")
                else:
                    ui.html(outcome.value, sanitize=False).props(
                        f'role=img aria-label="{described}"'
                    ).classes("figure w-full")
