"""Figures on the page: drawn beside it, readable on light and dark, to be had as PNG and SVG."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace

from nicegui import ui

from .jobs import draw
from .layout import hint

DOTS_PER_INCH = 300  # of a PNG
_PIXELS = 104  # of an inch on the page, at most
_NARROW, _NARROWEST = 640, 4.4  # pixels of a page on which pictures are narrower; inches
_SETTINGS = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "path",
    "figure.dpi": 150,
    "axes.facecolor": "none",
}


@dataclass(frozen=True)
class Picture:
    """A figure that can be drawn again.

    Attributes
    ----------
    name : str
        What it shows.
    paint : function of a matplotlib Figure
    size : (width, height)
        Inches.
    description : str
        For those who do not see it.
    of : str
        Of what; with the name it is that of its files.
    """

    name: str
    paint: Callable
    size: tuple[float, float]
    description: str
    of: str = ""

    @property
    def file_name(self) -> str:
        """Of its files, without suffix."""
        return "_".join(filter(None, (self.of, self.name.replace(" ", "-"))))

    def fitting(self, width: float | None) -> Picture:
        """The picture for a page so many pixels wide: a narrow one makes it narrow, not its letters small."""
        if width is None or width >= _NARROW:
            return self
        return replace(self, size=(min(self.size[0], max(_NARROWEST, width / 75)), self.size[1]))

    def file(self, kind: str) -> bytes:
        """The figure as a PNG or SVG file."""
        return self._drawn(kind, facecolor="white", dpi=DOTS_PER_INCH)

    def inline(self) -> str:
        """The figure as part of a page, whose text colour it takes."""
        svg = self._drawn("svg", facecolor="none").decode()
        svg = svg[svg.index("<svg") :].replace("#000000", "currentColor")
        svg = svg.replace("#0072b2", "var(--figure-blue, #0072b2)")  # a page that is dark has a light one
        return svg.replace("<svg ", '<svg role="img" aria-hidden="true" ', 1)

    def _drawn(self, kind, **options) -> bytes:
        from matplotlib import rc_context
        from matplotlib.figure import Figure

        with rc_context(_SETTINGS):
            figure = Figure(figsize=self.size, layout="constrained")
            self.paint(figure)
            buffer = io.BytesIO()
            figure.savefig(buffer, format=kind, metadata={"Date": None} if kind == "svg" else None, **options)
        return buffer.getvalue()


def on_axes(plot, *args, **options):
    """A function of a figure that draws on one pair of axes."""
    return lambda figure: plot(*args, axes=figure.add_subplot(), **options)


def on_white_axes(plot, *args):
    """As `on_axes`, for a picture of which the colours stand on white, however dark the page is."""
    return lambda figure: plot(*args, axes=figure.add_subplot()).set_facecolor("white")


def paint_on(paint, *args):
    """A function of a figure that has it painted with arguments."""
    return lambda figure: paint(figure, *args)


def first_picture():
    """Draw anything: matplotlib takes a second to load and to find its fonts."""
    paint = on_axes(lambda axes: axes.set(xlabel="$g_s$"))
    return Picture("first", paint, (2, 2), "").inline()


async def show(picture: Picture, caption=""):
    """Draw a picture into the current place of the page, with its caption and buttons to download it."""
    fitting = picture.fitting(ui.context.client.storage.get("width"))
    width, height = fitting.size
    with ui.column().classes("picture gap-1"):
        place = ui.element("div").classes("w-full").style(f"max-width: {_PIXELS * width:.0f}px")
        with place:
            ui.skeleton().classes("w-full").style(f"height: auto; aspect-ratio: {width} / {height}")
        with ui.row().classes("w-full no-wrap items-start justify-between gap-4"):
            hint(caption)
            with ui.row().classes("no-wrap gap-1"):
                for kind in ("png", "svg"):
                    download_button(kind, picture.name, lambda: picture)
    await redraw(place, picture)


async def redraw(place: ui.element, picture: Picture):
    """Draw a picture in the place of what is there, which stays until then."""
    outcome = await draw(picture.fitting(place.client.storage.get("width")).inline)
    if place.is_deleted:
        return
    place.clear()
    with place:
        if outcome.error:
            ui.label(f"This figure could not be drawn: {outcome.error}")
        else:
            ui.html(outcome.value, sanitize=False).props(
                f'role=img aria-label="{picture.description}"'
            ).classes("figure w-full")


def download_button(kind: str, name: str, picture: Callable[[], Picture]) -> None:
    """A button that saves a picture, as it is when the button is pressed, as a PNG or SVG file."""

    async def download():
        now = picture()
        outcome = await draw(now.file, kind)
        if outcome.error:
            ui.notify(outcome.error, type="negative")
        else:
            ui.download.content(outcome.value, f"{now.file_name}.{kind}")

    button = ui.button(kind.upper(), on_click=download).props("flat dense size=sm")
    button.props(f'aria-label="Download {name} as {kind.upper()}"')
