"""Figures on the page: drawn beside it, readable on light and dark, to be had as PNG and SVG."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

from nicegui import ui

from .jobs import draw
from .layout import hint

DOTS_PER_INCH = 300  # of a PNG
_SETTINGS = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "path",
    "figure.dpi": 150,
}


@dataclass(frozen=True)
class Picture:
    """A figure that can be drawn again.

    Attributes
    ----------
    name : str
        Of its files, without suffix.
    paint : function of a matplotlib Figure
    size : (width, height)
        Inches.
    description : str
        For those who do not see it.
    """

    name: str
    paint: Callable
    size: tuple[float, float]
    description: str

    def file(self, kind: str) -> bytes:
        """The figure as a PNG or SVG file."""
        return self._drawn(kind, facecolor="white", dpi=DOTS_PER_INCH)

    def inline(self) -> str:
        """The figure as part of a page, whose text colour it takes."""
        svg = self._drawn("svg", transparent=True).decode()
        svg = svg[svg.index("<svg") :].replace("#000000", "currentColor")
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


def first_picture():
    """Draw anything: matplotlib takes a second to load and to find its fonts."""
    paint = on_axes(lambda axes: axes.set(xlabel="$g_s$"))
    return Picture("first", paint, (2, 2), "").inline()


async def show(picture: Picture, caption=""):
    """Draw a picture into the current place of the page, with its caption and buttons to download it."""
    width, height = picture.size
    with ui.column().classes("picture gap-1"):
        place = ui.element("div").classes("w-full")
        with place:
            ui.skeleton().classes("w-full").style(f"height: auto; aspect-ratio: {width} / {height}")
        with ui.row().classes("w-full no-wrap items-start justify-between gap-4"):
            hint(caption)
            with ui.row().classes("no-wrap gap-1"):
                for kind in ("png", "svg"):
                    _download_button(picture, kind)
    outcome = await draw(picture.inline)
    place.clear()
    with place:
        if outcome.error:
            ui.label(f"This figure could not be drawn: {outcome.error}")
        else:
            ui.html(outcome.value, sanitize=False).props(
                f'role=img aria-label="{picture.description}"'
            ).classes("figure w-full")


def _download_button(picture, kind):
    async def download():
        outcome = await draw(picture.file, kind)
        if outcome.error:
            ui.notify(outcome.error, type="negative")
        else:
            ui.download.content(outcome.value, f"{picture.name}.{kind}")

    button = ui.button(kind.upper(), on_click=download).props("flat dense size=sm")
    button.props(f'aria-label="Download {picture.name} as {kind.upper()}"')
