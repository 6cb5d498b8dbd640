"""What the page is for, what its words mean, what it reads, and how to cite it."""

from __future__ import annotations

from nicegui import ui

from .texts import words
from .texts.glossary import CITING, GLOSSARY, HELP, NO_FORMATS
from .widgets.layout import definition, hint, show_code


def introduction():
    """The question that the page answers."""
    with ui.column().classes("w-full gap-0"):
        ui.html("<h1>Which ion channels could explain what I just recorded?</h1>", sanitize=False)
        hint(words.INTRODUCTION)


def help_button(page):
    """The button in the head of the page that opens the help."""
    ui.button("Help", icon="help_outline", on_click=lambda: _open_help(page)).props(
        "flat no-caps color=white"
    )


def _open_help(page):
    """A dialog, made when it is asked for; of the population shown, the references are its own."""
    from ..cite import cite

    with (
        page.content,
        ui.dialog().props("aria-label=Help") as dialog,
        ui.card().classes("w-full").style("max-width: 820px"),
    ):
        with ui.row().classes("w-full items-center justify-between no-wrap"):
            ui.html("<h2>Help</h2>", sanitize=False)
            ui.button(icon="close", on_click=dialog.close).props('flat round aria-label="Close the help"')
        for paragraph in HELP:
            hint(paragraph)
        meanings = ui.expansion("What the words mean", icon="menu_book", value=True).classes("w-full")
        with meanings, ui.element("dl").classes("glossary"):
            for word, meaning in GLOSSARY:
                definition(word, meaning)
        with ui.expansion("Files that can be opened", icon="folder_open").classes("w-full"):
            hint(words.FORMATS)
            for line in NO_FORMATS:
                hint(line)
        with ui.expansion("How to cite", icon="format_quote").classes("w-full"):
            hint(CITING)
            show_code(cite(page.session.block))
    dialog.on("hide", dialog.delete)
    dialog.open()
