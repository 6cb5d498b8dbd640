"""What all pictures share: how axes are made and labelled, colours, and the common parts of docstrings.

The colours (Okabe and Ito) can be told apart with any colour vision. matplotlib is imported when something is
drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend

MODEL_COLOR, ESTIMATE_COLOR, RECORDING_COLOR = "#0072B2", "#D55E00", "#000000"
#: Of figures that are made here: what a journal asks for. Axes that are given keep their own.
STYLE = {
    "font.size": 8,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "figure.dpi": 150,
}
DIC_WORDS = {"g_f": "Fast DIC", "g_s": "Slow DIC", "g_u": "Ultraslow DIC"}
_DOCUMENTED = {
    "{axes}": "axes : matplotlib.axes.Axes or None\n        Where to draw. Default: None, a new figure.",
    "{returns axes}": "Returns\n    -------\n    matplotlib.axes.Axes",
}
_Function = TypeVar("_Function", bound=Callable[..., object])


def draws(function: _Function) -> _Function:
    """Complete the docstring of a function that takes ``axes`` and returns them."""
    text = function.__doc__
    if text is not None:  # as with python -OO
        for mark, part in _DOCUMENTED.items():
            text = text.replace(mark, part)
        function.__doc__ = text
    return function


def axes_or_new(axes: Axes | None, width: float = 4.2, height: float = 3.0) -> Axes:
    """The axes given, else those of a new figure of so many inches."""
    return panels_or_new(axes, 1, width, height)


def panels_or_new(axes, n: int, width: float, height: float):
    """The axes given, else n of a new figure, one above the other."""
    if axes is not None:
        return axes
    from matplotlib import pyplot, rc_context

    with rc_context(STYLE):
        return pyplot.subplots(n, sharex=True, figsize=(width, height), layout="constrained")[1]


def small(axes: Axes) -> float:
    """Size of what is written into axes: a little less than their labels."""
    return 0.9 * axes.xaxis.label.get_size()


def symbol(name: str) -> str:
    """A name such as g_Na as it is printed."""
    letter, _, index = name.partition("_")
    return rf"${letter}_\mathrm{{{index}}}$" if index else name


def names_apart(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of the columns of a table of cells: the conductances, and the parameters (mV) behind them."""
    conductances = tuple(name for name in names if name.startswith("g_"))
    return conductances, tuple(name for name in names if name not in conductances)


def in_words(parameters: Sequence[str], values) -> str:
    """Parameters of a cell with their values, "" if there are none."""
    return ", ".join(f"{symbol(n)} {value:.3g} mV" for n, value in zip(parameters, values, strict=True))


def dic_label(name: str, effective: bool = False) -> str:
    """The label of an axis that shows a DIC: a cell's own, or the effective one that was inferred."""
    words = DIC_WORDS[name]
    if effective:
        words = f"Effective {words[0].lower()}{words[1:]}"
    return f"{words} {symbol(name)} (units of leak)"


def legend_above(axes: Axes, n_columns: int = 6, right: bool = False, **options) -> Legend:
    """A legend in one line above axes, from their left or to their right end."""
    place = {"loc": "lower right" if right else "lower left", "bbox_to_anchor": (int(right), 1)}
    return axes.legend(frameon=False, ncols=n_columns, borderpad=0, fontsize=small(axes), **place, **options)
