"""How the page looks: its head, its steps, its messages."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from nicegui import ui

from ..texts.words import OTHER_SETTINGS
from .jobs import BUG, logger

#: Colours with enough contrast on light and dark; figures take the colour of the text around them.
_STYLE = """
body { --nicegui-default-gap: 0.75rem; font-size: 15px; }
.page { max-width: 1120px; margin: 0 auto; width: 100%; }
.step { width: 100%; border-radius: 10px; scroll-margin-top: 76px; padding: 18px 22px; }
.step h2, .q-dialog h2 { font-size: 1.25rem; line-height: 1.6rem; font-weight: 600; margin: 0; }
.step h3 { font-size: 1rem; line-height: 1.4rem; font-weight: 600; margin: 8px 0 0; }
.hint { color: #5b5b5b; max-width: 78ch; line-height: 1.45; }
.body--dark .hint { color: #b8b8b8; }
.settings { display: grid; grid-template-columns: minmax(220px, 300px) 1fr; gap: 4px 12px; width: 100%;
            align-items: center; }
.settings .across { grid-column: 1 / -1; }
@media (max-width: 640px) { .settings { grid-template-columns: 1fr; } .step { padding: 14px 12px; } }
.half { flex: 1 1 380px; min-width: 0; }
.picture { width: 100%; }
.page h1 { font-size: 1.6rem; font-weight: 600; line-height: 2.1rem; letter-spacing: 0; margin: 0; }
.q-uploader__list { display: none; }
.q-uploader:not(:has(.q-uploader__spinner)) .q-uploader__subtitle { display: none; }
.q-uploader__input { display: none; }
.q-uploader { width: 460px; max-width: 100%; }
.q-uploader { border: 2px dashed #7a8a99; border-radius: 8px; background: #0072B20d; }
.q-uploader--dnd, .q-uploader__dnd { outline-color: #0072B2 !important; background: #0072B226; }
.q-uploader__header { --q-primary: transparent; color: inherit; padding: 6px 4px; }
.q-uploader__title { font-size: 15px; font-weight: 500; line-height: 1.3; }
.q-uploader__header .q-btn { background: #00639c; color: white; }
.body--dark .page .text-primary, .body--dark .q-menu .text-primary { --q-primary: #7cc4f5; }
.figure svg { width: 100%; height: auto; display: block; fill: currentColor; }
.body--dark .figure { color: #e6e6e6; --figure-blue: #56b4e9; }
.glossary { margin: 0; }
.glossary dt { font-weight: 600; margin-top: 6px; }
.glossary dd { margin: 0 0 0 1em; color: #5b5b5b; }
.body--dark .glossary dd { color: #b8b8b8; }
.facts { display: flex; flex-wrap: wrap; gap: 6px 26px; margin: 0; }
.facts dt { font-size: 12px; color: #5b5b5b; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.body--dark .facts dt { color: #b8b8b8; }
[inert] { opacity: .5; }
.note { border-left: 4px solid; padding: 8px 14px; border-radius: 4px; width: 100%; max-width: 100%;
        overflow-wrap: anywhere; }
.note.info { border-color: #0072B2; background: #0072B214; }
.note.good { border-color: #009E73; background: #009E731a; }
.note.warn { border-color: #E69F00; background: #E69F001f; }
.note.bad { border-color: #D55E00; background: #D55E001a; }
.body--dark .note.info { border-color: #56B4E9; }
.cut { max-width: 15em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.cut.wide { max-width: 26em; }
.chosen-by-rows tbody tr { cursor: pointer; }
.rate-line { color: #0072B2; display: block; }
.body--dark .rate-line { color: #56B4E9; }
.on-threshold * { cursor: ns-resize !important; }
:focus-visible { outline: 3px solid #56B4E9 !important; outline-offset: 2px; }
"""
#: Of elements that are disabled while a run goes on.
FIXED_IN_RUNS = "fixed-in-runs"
#: Leaving during a run is asked about, unless the connection is lost anyway. What NiceGUI notes of a tab that
#: goes is taken back where the person stays: else a copy of the tab would be taken for it.
_LEAVING = """
<script>
addEventListener("beforeunload", event => {
  if (window.runGoesOn && window.socket?.connected) event.preventDefault();
  setTimeout(() => { sessionStorage.__nicegui_tab_closed = "false"; });
});
addEventListener("pagehide", () => { sessionStorage.__nicegui_tab_closed = "true"; });
</script>
"""
_KINDS = {"info": "", "good": "", "warn": "Note: ", "bad": ""}


def in_turn(handler):
    """Let an asynchronous method of a step wait until what was asked for before is on the page.

    During a run it does nothing: the person is told to stop it first.
    """
    in_its_turn = at_any_time(handler)

    @functools.wraps(handler)
    async def wait(step, *args):
        if step.page.is_busy:
            ui.notify("A run is going on: stop it first, or use another tab.", type="warning")
            return
        await in_its_turn(step, *args)

    return wait


def at_any_time(handler):
    """As `in_turn`, for a method that only looks at what there is: also during a run."""

    @functools.wraps(handler)
    async def wait(step, *args):
        async with step.page.turn:
            try:
                await handler(step, *args)
            except Exception as error:
                if step.page.is_left:  # and its elements are gone
                    return
                logger.exception("unexpected error")
                ui.notify(BUG.format(error=f"{type(error).__name__}: {error}"), type="negative", timeout=0)

    return wait


@dataclass(frozen=True)
class Card:
    """The frame of a step.

    Attributes
    ----------
    title, short : str
        What it is called, and in the bar at the top.
    anchor : str
        By which links find it.
    waiting : str
        The hint that it shows until its turn comes; "" for none.
    """

    title: str
    short: str
    anchor: str
    waiting: str = ""

    def draw(self, number: int) -> ui.element:
        """A card with a number, a title and the hint; returns what a step fills."""
        with ui.card().classes("step").props(f'tag=section id={self.anchor} aria-label="{self.title}"'):
            ui.html(f"<h2>{number}. {self.title}</h2>", sanitize=False)
            with ui.column().classes("w-full") as body:
                self.hint()
        return body

    def hint(self) -> None:
        """What the step waits for."""
        if self.waiting:
            hint(self.waiting)


class Step:
    """One step of the page: what its card shows.

    Parameters
    ----------
    page : Page
    card : Card
    body : nicegui element
        What it fills.
    """

    def __init__(self, page, card, body):
        self.page, self.card, self.body = page, card, body

    @property
    def session(self):
        """What the visitor has."""
        return self.page.session

    def wait(self):
        """Go back to the hint."""
        self.body.clear()
        with self.body:
            self.card.hint()


def head(cards, more):
    """The bar at the top: name, links to the steps, what `more` adds, light or dark."""
    ui.add_css(_STYLE)
    ui.colors(primary="#00639c", positive="#00795a", negative="#b84a00", warning="#a06a00", accent="#00639c")
    dark = ui.dark_mode(None)
    with ui.header().classes("items-center no-wrap q-py-xs bg-primary"):
        ui.label("elephant_dic").classes("text-lg font-bold")
        with ui.row().classes("gap-4 no-wrap gt-sm").props('tag=nav aria-label="Steps"'):
            for number, card in enumerate(cards, 1):
                ui.link(f"{number} {card.short}", f"#{card.anchor}").classes(
                    "text-white no-underline text-sm"
                )
        ui.space()
        more()
        ui.toggle({None: "auto", False: "light", True: "dark"}, value=None).bind_value_to(dark).props(
            "dense no-caps color=primary toggle-color=white toggle-text-color=primary "
            'aria-label="Colours of the page"'
        )


def leaving_is_warned_of():
    """Ask before a run is left."""
    ui.add_head_html(_LEAVING)


def time_fields(step, longest, shown, redraw):
    """Fields for the start and the length of what a figure shows, in seconds.

    Parameters
    ----------
    step : Step
        Whose figure it is.
    longest, shown : float
        Length of the recording, and of what is shown at first.
    redraw : coroutine function
        Called with the step once a field has changed.

    Returns
    -------
    function
        Gives start and length as Quantities.
    """

    def field(label, value, least):
        def wrong(given):
            fits = given is None or least <= given <= longest
            return None if fits else f"From {least:g} to {longest:.6g}"

        return ui.number(label, value=value, format="%.6g", validation=wrong)

    async def changed():
        if start.validate() and length.validate():
            await at_any_time(redraw)(step)

    import quantities as pq

    start = field("From (s)", 0, 0).classes("w-28")
    length = field("Length shown (s)", shown, 0.01).classes("w-36")
    for each in (start, length):
        each.on("change", changed)
    return lambda: {"start": (start.value or 0.0) * pq.s, "duration": (length.value or longest) * pq.s}


def settings_mark(page, is_read_out=False):
    """A message that is there while the results are of other settings than those chosen."""
    with ui.element("div").classes("note warn") as mark:
        ui.label().bind_text_from(page, "other_settings", OTHER_SETTINGS.format)
    if is_read_out:
        mark.props("role=status")
    mark.bind_visibility_from(page, "other_settings", backward=bool)


def hint(text):
    """An explanation."""
    return ui.label(text).classes("hint")


def definition(word, meaning):
    """A word and what it means, in a list of such."""
    for tag, text in (("dt", word), ("dd", meaning)):
        with ui.element(tag):
            ui.label(text)


def subtitle(text):
    """The title of a part of a step."""
    ui.html(f"<h3>{text}</h3>", sanitize=False)


def message(kind, text):
    """A message: "info", "good", "warn" or "bad"."""
    with ui.element("div").classes(f"note {kind}").props("role=status" if kind != "bad" else "role=alert"):
        ui.label(_KINDS[kind] + text)


def show_rows(rows, n_words=1):
    """A table of a row of headings and rows of text, of which so many columns are words."""
    headings, *texts = rows
    columns = [
        {"name": str(k), "label": text, "field": str(k), "align": "left" if k < n_words else "right"}
        for k, text in enumerate(headings)
    ]
    found = [{str(k): text for k, text in enumerate(row)} for row in texts]
    ui.table(rows=found, columns=columns, row_key="0").props("flat bordered dense").classes("w-full")


def show_code(text, **options):
    """Lines of a program, with a button that copies them."""
    code = ui.code(text, **options).classes("w-full")
    code.copy_button.props('aria-label="Copy"')


def ticks_named(table, one, all_of_them):
    """Names for the ticks of a table, for those who do not see them.

    Parameters
    ----------
    table : ui.table
        Of which rows are ticked.
    one : str
        JavaScript for the name of a row's, from ``props.row``.
    all_of_them : str
        The name of that in the head.
    """
    for slot, name in (("body", one), ("header", f"'{all_of_them}'")):
        table.add_slot(
            f"{slot}-selection", f'<q-checkbox dense v-model="props.selected" :aria-label="{name}" />'
        )


def warn(texts):
    """Every warning as a message."""
    for text in texts:
        message("warn", text)
