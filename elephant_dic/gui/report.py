"""The report: one page to keep beside the population, and the Python lines that make it again."""

from __future__ import annotations

import html

from .._version import __version__
from ..plots import (
    plot_conductances,
    plot_correlations,
    plot_dic_density,
    plot_dics,
    plot_isi_histogram,
    plot_levels,
)
from ..populations import provenance
from ..trains import assess_quality, is_stepped, sweeps_of
from . import words
from .figures import Picture, on_axes
from .tables import conductance_rows, dic_rows, is_inferred

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
       background: #fff; color: #111; }
table { border-collapse: collapse; margin: .6rem 0; } td, th { border: 1px solid #bbb; padding: .2rem .6rem;
       text-align: left; overflow-wrap: anywhere; } td:first-child { white-space: nowrap; }
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
    given = [*reading.options.values(), *session.settings_of_run.values()]
    lines = ["import quantities as pq"] if any(hasattr(v, "units") for v in given) else []
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
        f"block = reconstruct(cells[{index}], {', '.join(_argument(*each) for each in settings.items())})",
        'save_population(block, "population.nix")',
    ]
    return "\n".join(lines)


def _argument(name, value):
    return f"{name}={_literal(value)}"


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
        *(f"<p>{_escaped(text)}</p>" for text in (words.verdict(block)[1], *words.sample(block)) if text),
        *_quality(session.cell),
        "<h2>Where it comes from</h2>",
        _table(_origin(session)),
        "<h2>Dynamic input conductances</h2>",
        f"<p>{words.DICS}</p>",
        f"<p>{words.OWN_DICS}{words.BESIDE if is_inferred(block) else ''}</p>",
        _table(dic_rows(block), head=True),
        "<h2>Conductances</h2>",
        f"<p>{words.CONDUCTANCE_TABLE}</p>",
        _table(conductance_rows(block), head=True),
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
    if cell is None or is_stepped(cell):
        return []
    found = assess_quality(cell)
    return ["<h2>The recorded unit</h2>", f"<p>{_escaped(words.quality(found)[1])}</p>",
            f"<p>{_escaped(words.quality_figures(found))}</p>"]  # fmt: skip


def _origin(session):
    rows = [("elephant_dic", __version__)]
    for name, value in provenance(session.block).items():
        parts = value if isinstance(value, dict) else {"": value}
        for part, each in parts.items():
            if each not in ("", None, [], {}):
                rows.append((f"{name} {part}".strip().replace("_", " "), _told(each)))
    return rows


def _told(value):
    """What JSON can hold, without its brackets and quotes."""
    if isinstance(value, dict):
        nested = [f"({_told(each)})" if isinstance(each, dict) else _told(each) for each in value.values()]
        return ", ".join(f"{name} {each}" for name, each in zip(value, nested, strict=True))
    if isinstance(value, list):
        return "; ".join(_told(each) if isinstance(each, dict) else str(each) for each in value)
    return str(value)


def _figures(session):
    block, pictures = session.block, []

    def add(caption, size, plot, *args):
        picture = Picture(caption, on_axes(plot, *args), size, caption)
        pictures.append(f"<figure>{picture.inline()}<figcaption>{caption}</figcaption></figure>")

    if session.cell is not None:
        sweeps = sweeps_of(session.cell)
        n_spikes = sum(map(len, sweeps))
        add(f"Intervals between the {n_spikes:,} spikes.", (7, 3), plot_isi_histogram, session.cell)
    if "steps" in provenance(block):
        add("Spikes at each level, of the recording and the models.", (7, 4), plot_levels, block)
    if session.estimate is not None:
        add("The effective DICs.", (7, 4.4), plot_dic_density, session.estimate)
    beside = " (dots) and the effective ones (cross)" if is_inferred(block) else ""
    add(f"The models' own DICs{beside}.", (7, 4.4), plot_dics, block)
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
