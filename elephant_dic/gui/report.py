"""The report: one page to keep beside the population, and the Python lines that make it again."""

from __future__ import annotations

import html

import numpy as np

from .._version import __version__
from ..plots import plot_conductances, plot_correlations, plot_dic_density, plot_dics, plot_isi_histogram
from ..populations import conductances, dic_estimate, provenance
from ..trains import assess_quality, sweeps_of
from . import words
from .figures import Picture, on_axes

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
       background: #fff; color: #111; }
table { border-collapse: collapse; margin: .6rem 0; } td, th { border: 1px solid #bbb; padding: .2rem .6rem;
       text-align: left; overflow-wrap: anywhere; } td.number { text-align: right; }
pre { background: #f3f3f3; padding: .8rem; overflow-x: auto; } svg { width: 100%; height: auto; }
figure { margin: 1rem 0; max-width: 46rem; }
"""


def python_lines(session) -> str:
    """Python that does what was done on the page.

    Parameters
    ----------
    session : Session
        With a source, a cell and a population.

    Returns
    -------
    str
    """
    known = provenance(session.block)
    reading, source = session.reading, session.source
    imports = ["read_spiketrains", "reconstruct", "save_population"]
    lines = ["import quantities as pq"] if any(hasattr(v, "units") for v in reading.options.values()) else []
    lines.append(f"from elephant_dic import {', '.join(imports)}")
    if source.is_example:
        lines.append("from elephant_dic.examples import example_path")
    path = "example_path()" if source.is_example else repr(source.name)
    arguments = ", ".join([path, *(f"{name}={_literal(value)}" for name, value in reading.options.items())])
    index = next(i for i, cell in enumerate(reading.cells) if cell is session.cell)
    settings = session.settings_of_run | {"seed": known["seed"]}
    lines += [
        "",
        f"cells = read_spiketrains({arguments})",
        f"block = reconstruct(cells[{index}], {', '.join(f'{k}={v!r}' for k, v in settings.items())})",
        'save_population(block, "population.nix")',
    ]
    return "\n".join(lines)


def _literal(value):
    if hasattr(value, "units"):
        return f'pq.Quantity({float(value):g}, "{value.dimensionality.string}")'
    return repr(value)


def report_page(session) -> bytes:
    """The report as an HTML file that needs nothing beside it.

    Parameters
    ----------
    session : Session
        With a population.

    Returns
    -------
    bytes
    """
    block = session.block
    parts = [
        "<h1>A degenerate population</h1>",
        f"<p>{_escaped(words.verdict(block)[1])}</p>",
        *_quality(session.cell),
        "<h2>Where it comes from</h2>",
        _table(_origin(session)),
        "<h2>Dynamic input conductances</h2>",
        f"<p>{words.DICS} {words.EFFECTIVE}</p>",
        _table([("DIC", "mean", "std"), *_dics(block)], head=True),
        "<h2>Conductances</h2>",
        _table([("name", "unit", "5 %", "median", "95 %"), *_conductances(block)], head=True),
        *_figures(session),
    ]
    if session.can_be_repeated:
        parts += ["<h2>The same in Python</h2>", f"<pre>{_escaped(python_lines(session))}</pre>"]
    body = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>elephant_dic report</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    ).encode()


def _quality(cell):
    """Whether the recording is of one cell."""
    if cell is None:
        return []
    found = assess_quality(cell)
    return ["<h2>The recorded unit</h2>", f"<p>{_escaped(words.quality(found)[1])}</p>",
            f"<p>{_escaped(words.quality_figures(found))}</p>"]  # fmt: skip


def _origin(session):
    rows = [("elephant_dic", __version__)]
    for name, value in provenance(session.block).items():
        if name == "source":
            value = "; ".join(", ".join(f"{k} {v}" for k, v in sweep.items()) for sweep in value)
        if isinstance(value, dict):
            value = ", ".join(f"{k} {v}" for k, v in value.items())
        if isinstance(value, list):
            value = "; ".join(map(str, value))
        if value not in ("", None):
            rows.append((name.replace("_", " "), str(value)))
    return rows


def _dics(block):
    return [(name, f"{mean:.2f}", f"{std:.2f}") for name, mean, std in zip(*dic_estimate(block), strict=True)]


def _conductances(block):
    for name, values in conductances(block).items():
        quantiles = np.quantile(values.magnitude, (0.05, 0.5, 0.95))
        yield (name, "mS/cm²", *map(words.number, quantiles))


def _figures(session):
    block, pictures = session.block, []

    def add(caption, size, plot, *args):
        picture = Picture(caption, on_axes(plot, *args), size, caption)
        pictures.append(f"<figure>{picture.inline()}<figcaption>{caption}</figcaption></figure>")

    if session.cell is not None:
        sweeps = sweeps_of(session.cell)
        n_spikes = sum(map(len, sweeps))
        add(f"Intervals between the {n_spikes:,} spikes.", (7, 3), plot_isi_histogram, session.cell)
    if session.estimate is not None:
        add("The estimate of the DICs.", (7, 4.4), plot_dic_density, session.estimate)
    else:
        add("The DICs of the models.", (7, 4.4), plot_dics, block)
    add("The conductances, each over its median.", (10, 4), plot_conductances, block)
    if block.annotations["n_members"] >= 3:
        add("How they go together.", (6, 4.4), plot_correlations, block)
    return ["<h2>Figures</h2>", *pictures]


def _table(rows, head=False):
    lines = []
    for index, row in enumerate(rows):
        tag = "th" if head and index == 0 else "td"
        lines.append("<tr>" + "".join(f"<{tag}>{_escaped(cell)}</{tag}>" for cell in row) + "</tr>")
    return "<table>" + "".join(lines) + "</table>"


def _escaped(text):
    return html.escape(str(text))
