"""A population with all that is known of it: what came of a run, of a file, or of a change."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import neo

from ...populations import holds_changes, noise_of, provenance, recording_of, sweeps_after
from ...search import Verification
from ...steps import StepVerification
from ...trains import sweeps_of
from ..widgets.figures import Picture
from .settings import Settings

_LONGEST = 60  # characters of a part of a file name


@dataclass(frozen=True)
class Origin:
    """Where the recording of a result was read, for those who read it again.

    Attributes
    ----------
    name : str
        Of the file, as its owner knows it.
    is_example : bool
    options : dict
        Arguments of `read_spiketrains`.
    index : int
        Of the cell among those of the file.
    """

    name: str
    is_example: bool = False
    options: dict[str, Any] = field(default_factory=dict)
    index: int = 0


@dataclass(eq=False)
class Result:
    """A population of this visit, or one that is being searched for.

    Attributes
    ----------
    cell : neo.SpikeTrain, neo.Group or None
        Whose spikes its models should fire.
    settings : Settings
        With which it was made; of a file, those with which it can be made again.
    options : dict or None
        Arguments of `reconstruct`, of a run.
    origin : Origin or None
    estimate : DICEstimate or None
    block : neo.Block or None
        None as long as models are searched for, and of a run that failed.
    notes : tuple of str
        Warnings of the run.
    error : str
        Why there is no population.
    name : str
        By which it is found in the list.
    is_saved : bool
        Whether it is in a file of its owner's.
    """

    cell: Any
    settings: Settings
    options: dict[str, Any] | None = None
    origin: Origin | None = None
    estimate: Any = None
    block: neo.Block | None = None
    notes: tuple[str, ...] = ()
    error: str = ""
    name: str = ""
    is_saved: bool = False

    @property
    def population(self) -> neo.Block:
        """The block, of a result that has one."""
        assert self.block is not None
        return self.block

    @property
    def can_be_repeated(self) -> bool:
        """Whether it was made here, of a recording that was read here."""
        return None not in (self.options, self.origin, self.block)


def cell_of(block: neo.Block) -> neo.SpikeTrain | neo.Group | None:
    """The recording that a population holds, as one cell; None without any."""
    return _one_cell(recording_of(block))


def _one_cell(sweeps):
    if len(sweeps) > 1:
        return neo.Group(sweeps, name=sweeps[0].name)
    return sweeps[0] if sweeps else None


def recording_named(block: neo.Block) -> tuple[str, str]:
    """File and unit of a population's recording, "" for what is not known.

    A channel is no unit: of a file with one cell it tells nothing.
    """
    sources = provenance(block).get("source") or [{}]
    first = sources[0] if isinstance(sources, list) else {}
    unit, named = str(first.get("unit", "")), str(first.get("name", ""))
    if not unit and named != first.get("channel", ""):
        unit = named
    return str(first.get("source", "")), unit


def facts(block: neo.Block) -> list[tuple[str, str]]:
    """What a population is of and was made with, as pairs of words: recording, neuron, settings, changes."""
    known = provenance(block)
    file, unit = recording_named(block)
    found = judged(block)
    told = [("Recording", file), ("Unit", unit), ("Neuron", known["neuron"]),
            ("Models", f"{block.annotations['n_members']:,}")]  # fmt: skip
    if found:
        told.append(("Tolerance", f"{100 * found.tolerance:g} %"))
    noise = noise_of(block)
    told.append(("Current noise", f"{noise:.3g} µA/cm²" if noise else "none"))
    if known.get("seed") is not None:
        told.append(("Seed", str(known["seed"])))
    if (prior := getattr(found, "prior", None)) is not None:
        told.append(("Cells it could be", str(prior["name"])))
    if date := known.get("rec_datetime"):
        told.append(("Recorded", str(date)))
    if change := changed(block):
        told.append(("Changed", change))
    if after := _after_named(block):
        told.append(("Pairs with", after))
    return [(name, text) for name, text in told if text]


def changed(block: neo.Block) -> str:
    """What was done to the models after they had been found, last first; "" if nothing was."""
    steps, known = [], provenance(block)
    while known.get("parent"):
        change = known.get("change", {})
        steps += [f"{name} × {value:g}" for name, value in change.get("factors", {}).items()]
        steps += [f"{name} = {value:g}" for name, value in change.get("dics", {}).items()]
        known = known["parent"]
    return ", ".join(steps)


def judged(block: neo.Block) -> Any:
    """How the models of a population were compared with its recording; None if they were not."""
    return StepVerification.of_block(block) or Verification.of_block(block)


def recording_after(block: neo.Block) -> neo.SpikeTrain | neo.Group | None:
    """The recording after, of pairs; None of others, and from a file without spikes."""
    return _one_cell(sweeps_after(block))


def _after_named(block):
    """What the recording after is called; "" of a population of which nothing else is known."""
    if not holds_changes(block):
        return ""
    cell = recording_after(block)
    known = {} if cell is None else sweeps_of(cell)[0].annotations
    return str(known.get("source") or (cell is not None and cell.name) or "another recording")


def doubts_of(block: neo.Block) -> tuple[str, ...]:
    """What speaks against a population."""
    found = judged(block)
    return tuple(found.doubts) if found else ()


def title_of(result: Result) -> str:
    """What a result is called as long as nobody names it: recording, unit, neuron, seed."""
    if result.block is None:
        return ""
    file, unit = recording_named(result.block)
    known = provenance(result.block)
    seed = f"seed {known['seed']}" if known.get("seed") is not None else ""
    after = f"compared with {after}" if (after := _after_named(result.block)) else ""
    return ", ".join(filter(None, (file, unit, known["neuron"], seed, changed(result.block), after)))


def file_name(block: neo.Block, what: str, suffix: str) -> str:
    """The name of a file that is told apart from those of other results, such as cell7_stg_population.nix.

    Parameters
    ----------
    block : neo.Block
    what : str
        "population", "report", …
    suffix : str
        With its dot.
    """
    return f"{_stem(block)}_{_plain(what)}{suffix}"


def stem_of(result: Result) -> str:
    """How the names of files of a result begin; of one without models yet, by recording and neuron."""
    if result.block is not None:
        return _stem(result.block)
    file = result.origin.name if result.origin else ""
    return _joined(_without_suffix(file), result.settings.neuron)


def pictures_of(result: Result) -> Callable[..., Picture]:
    """A function that makes pictures, of which the files are named by a result."""
    return partial(Picture, of=stem_of(result))


def _stem(block):
    file, unit = recording_named(block)
    found = judged(block)
    verdict = found.verdict if found else "not verified"
    verdict = {"verified": ""}.get(verdict, verdict.removeprefix("verified, "))
    change = "changed" if changed(block) else ""
    after = f"to_{_without_suffix(_after_named(block))}" if holds_changes(block) else ""
    return _joined(_without_suffix(file), unit, provenance(block)["neuron"], verdict, change, after)


def _without_suffix(file):
    return file.rsplit("/", 1)[-1].rsplit("\\", 1)[-1].rsplit(".", 1)[0]


def _joined(*parts):
    return "_".join(filter(None, map(_plain, parts)))


def _plain(text):
    return re.sub(r"[^\w.+-]+", "-", str(text)).strip("-._")[:_LONGEST]
