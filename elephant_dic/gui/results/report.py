"""The report: one page to keep beside the population, for those who were not there."""

from __future__ import annotations

import html
from datetime import datetime

import quantities as pq

from ..._version import __version__
from ...cite import cite
from ...neurons import get_neuron
from ...plots import (
    plot_conductances,
    plot_correlations,
    plot_detection,
    plot_dic_density,
    plot_dics,
    plot_isi_histogram,
    plot_levels,
    plot_member_conductances,
    plot_members,
    plot_spiketrain,
)
from ...populations import provenance
from ...recordings import read_signals
from ...trains import FIGURES, assess_quality, clean, detect_bursts, is_stepped, recording_firing, sweeps_of
from ..texts import words
from ..texts.neuron_cards import why_large
from ..texts.tables import conductance_rows, dic_rows, is_inferred
from ..texts.verdicts import describe_dics, sample, verdict
from ..widgets.figures import Picture, on_axes
from .members import first_seconds, seconds_shown, simulate_members
from .python_lines import python_lines
from .result import doubts_of, facts, recording_named

_N_MODELS, _N_SPIKES, _LONGEST = 3, 40, 10.0  # models, spikes and seconds that are shown
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
       background: #fff; color: #111; }
table { border-collapse: collapse; margin: .6rem 0; } td, th { border: 1px solid #bbb; padding: .2rem .6rem;
       text-align: left; overflow-wrap: anywhere; } td:first-child { white-space: nowrap; }
pre { background: #f3f3f3; padding: .8rem; overflow-x: auto; } svg { width: 100%; height: auto; }
figure { margin: 1rem 0; max-width: 46rem; } figcaption { color: #444; }
.verdict { border-left: 4px solid #0072B2; padding: .4rem 1rem; background: #f2f7fa; font-size: 1.05rem; }
summary { cursor: pointer; font-weight: 600; margin-top: 1rem; }
@media print { details > * { display: block; } }
"""


def report_page(result, path=None) -> bytes:
    """The report as an HTML file that needs nothing beside it.

    Parameters
    ----------
    result : Result
        With a population.
    path : Path, optional
        Of the recording, if it is still open: for its membrane potential.

    Returns
    -------
    bytes
    """
    block = result.block
    file, unit = recording_named(block)
    of = " ".join(filter(None, (file, unit))) or "a recording"
    parts = [
        f"<h1>Which ion channels could explain {_escaped(of)}?</h1>",
        f"<p>{datetime.now().astimezone():%d %B %Y, %H:%M}, elephant_dic {__version__}</p>",
        f'<p class="verdict">{_escaped(verdict(block)[1])}</p>',
        *_doubts(block),
        *_paragraphs(*sample(block)),
        _table(facts(block)),
        *_recording(result, path),
        *_dics(result),
        *_channels(block),
        *_models(result),
    ]
    if result.can_be_repeated:
        parts += ["<h2>The same in Python</h2>", f"<pre>{_escaped(python_lines(result))}</pre>"]
    parts += [
        _folded("Where everything comes from", _table(_origin(result))),
        _folded("How to cite", f"<pre>{_escaped(cite(block))}</pre>"),
    ]
    body = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{_escaped(of)}: elephant_dic'
        f"</title><style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    ).encode()


# --- parts -------------------------------------------------------------------------------------------------


def _doubts(block):
    listed = "".join(f"<li>{_escaped(doubt)}</li>" for doubt in doubts_of(block))
    return [f"<h2>Doubts</h2><ul>{listed}</ul>"] if listed else []


def _recording(result, path):
    """Potential, spikes, what they look like, and whether they are those of one cell."""
    cell, block = result.cell, result.block
    if cell is None:
        return ["<h2>The recording</h2>", "<p>The file of the population does not hold it.</p>"]
    parts = ["<h2>The recording</h2>", *_potential(cell, path)]
    shown = first_seconds(cell, _LONGEST, _N_SPIKES) * pq.s
    if "steps" in provenance(block):
        parts.append(_figure("Spike times, sweep by sweep.", (10, 4), plot_spiketrain, cell))
        parts.append(
            _figure("Spikes at each level, of the recording and the models.", (7, 4), plot_levels, block)
        )
    if is_stepped(cell):
        return parts
    found = clean(cell)
    fires = recording_firing(found.times, _window(block), found.duration)
    bursts = detect_bursts(found.cell)
    parts.append(
        _figure("The first spikes, each a tick.", (10, 1.6), plot_spiketrain, cell, bursts, duration=shown)
    )
    quality = assess_quality(cell)
    parts += _paragraphs(words.ACTIVITIES[fires.activity])
    parts.append(_table(
        (words.FIGURES[name][0], f"{words.number(value, 3)} {FIGURES[name]}".strip(), words.FIGURES[name][1])
        for name, value in fires.figures().items()
    ))  # fmt: skip
    parts += [
        "<h3>The recorded unit</h3>",
        *_paragraphs(words.quality(quality)[1], words.quality_figures(quality)),
    ]
    n_spikes = sum(map(len, sweeps_of(cell)))
    parts.append(_figure(f"Intervals between the {n_spikes:,} spikes.", (7, 3), plot_isi_histogram, cell))
    return parts


def _window(block):
    """ms of a recording that are looked at in one piece."""
    return get_neuron(provenance(block)["neuron"]).training.window


def _potential(cell, path):
    """The membrane potential of the first sweep in which spikes were detected, if its file is at hand."""
    detected = [train for train in sweeps_of(cell) if "threshold" in train.annotations]
    if path is None or not detected:
        return []
    known = detected[0].annotations
    (signal,) = read_signals(path, channel=known["channel"], sweep=known.get("sweep", 0))
    longest = min(_LONGEST, float(signal.duration.rescale("s")))
    shown = first_seconds(detected[0], longest, _N_SPIKES) * pq.s
    caption = "The membrane potential, with the spikes found and the threshold."
    return [_figure(caption, (10, 2.6), plot_detection, signal, detected[0], duration=shown)]


def _dics(result):
    block, estimate = result.block, result.estimate
    parts = ["<h2>Dynamic input conductances (DICs)</h2>", *_paragraphs(words.DICS)]
    if estimate is not None:
        if estimate.in_domain:
            parts += _paragraphs(describe_dics(estimate), words.EFFECTIVE)
        parts.append(_figure("The effective DICs.", (7, 4.4), plot_dic_density, estimate))
    parts += _paragraphs(words.OWN_DICS + (words.BESIDE if is_inferred(block) else ""))
    parts.append(_table(dic_rows(block), head=True))
    beside = " (dots) and the effective ones (cross)" if is_inferred(block) else ""
    parts.append(_figure(f"The models' own DICs{beside}.", (7, 4.4), plot_dics, block))
    return parts


def _channels(block):
    parts = [
        "<h2>Channels</h2>",
        *_paragraphs(words.CONDUCTANCE_TABLE),
        _table(conductance_rows(block), head=True),
        *_paragraphs(*why_large(block)),
        _figure("The conductances, each over its median.", (10, 4), plot_conductances, block),
    ]
    if block.annotations["n_members"] >= 3:
        parts.append(_figure(words.CORRELATIONS, (6, 4.4), plot_correlations, block))
    return parts


def _models(result):
    """A few models, as they fire under the recording."""
    block, shown = result.block, seconds_shown(result.cell)
    members = list(range(min(_N_MODELS, block.annotations["n_members"])))
    many = {1: "One model", 2: "Two models"}.get(len(members), "Three models")
    try:
        simulated = simulate_members(block, members, shown)
    except ValueError as error:  # of models from elsewhere; all else of the report holds
        return [f"<h2>{many}</h2>", *_paragraphs(f"They could not be simulated: {error}")]
    size = (10, 1.4 + 1.15 * len(members))
    return [
        f"<h2>{many}</h2>",
        _figure("Membrane potential of each, under the spikes of the recording.", size, plot_members, block,
                simulated, members, duration=shown * pq.s),
        _figure("What they are made of: each conductance over the population's median.", (10, 3.2),
                plot_member_conductances, block, members),
    ]  # fmt: skip


def _origin(result):
    rows = [("elephant_dic", __version__)]
    for name, value in provenance(result.block).items():
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


# --- HTML --------------------------------------------------------------------------------------------------


def _figure(caption, size, plot, *args, **options):
    picture = Picture(caption, on_axes(plot, *args, **options), size, caption)
    return f"<figure>{picture.inline()}<figcaption>{_escaped(caption)}</figcaption></figure>"


def _paragraphs(*texts):
    return [f"<p>{_escaped(text)}</p>" for text in texts if text]


def _folded(title, inside):
    return f"<details><summary>{title}</summary>{inside}</details>"


def _table(rows, head=False):
    lines = []
    for index, row in enumerate(rows):
        tag = "th" if head and index == 0 else "td"
        lines.append("<tr>" + "".join(f"<{tag}>{_escaped(cell)}</{tag}>" for cell in row) + "</tr>")
    return "<table>" + "".join(lines) + "</table>"


def _escaped(text):
    return html.escape(str(text))
