"""A population as a folder that a simulator runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import neo
import numpy as np

from .._version import __version__
from ..cite import cite
from ..neurons import Crossing, NeuronModel
from ..populations import (
    alone_in,
    capacitance_of,
    conductance_table,
    neuron_of,
    noise_of,
    provenance,
    select_members,
    whole_file,
)
from .currents import SweepCurrent, currents_of, table_of
from .formulas import formulas_of

#: Simulators by the name of the target, each a module of this room.
TARGETS = ("neuron", "brian2", "neuroml", "arbor", "dynamic-clamp", "rtxi")
#: ms at the first current of a sweep, at least, before it.
_SETTLING = 1000.0


def export_population(
    block: neo.Block, folder: str | Path, target: str, members: Sequence[int] | None = None
) -> list[Path]:
    """Write a population as a folder in which a simulator runs it.

    Parameters
    ----------
    block : neo.Block
        A population; one of a recording under current steps has their currents, too.
    folder : str or path-like
        Made if missing. A folder that is not empty is refused: what was made of another export may be in it.
    target : {"neuron", "brian2", "neuroml", "arbor", "dynamic-clamp", "rtxi"}
        The simulator; or a C header for a dynamic clamp, or a plugin of RTXI around it.
    members : sequence of int, optional
        Which members, from 0. Default: all. They keep their numbers.

    Returns
    -------
    list of Path
        The files written. README.md says how to run them, and how accurate that is.

    Raises
    ------
    TypeError
        If `block` is not a neo.Block.
    ValueError
        If `block` is not a population, a member is not in it, there is no such target, the target cannot
        express what the neuron declares, or the folder is not empty.
    OSError
        If the folder cannot be written.
    """
    if target not in TARGETS:
        raise ValueError(f"unknown target {target!r}; there are {', '.join(TARGETS)}")
    neuron, folder = neuron_of(block), Path(folder)
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise ValueError(f"{folder} is not an empty folder: choose a new one")
    formulas = formulas_of(neuron)
    chosen = np.arange(int(block.annotations["n_members"])) if members is None else np.asarray(members)
    if len(np.unique(chosen)) < chosen.size:
        raise ValueError(f"each member can be exported once, got {chosen.tolist()}")
    table = conductance_table(select_members(block, chosen))[1]
    simulator = import_module(f".{target.replace('-', '_')}", __package__)
    sweeps = currents_of(block)
    levels = [level for sweep in sweeps for level in (sweep.first, *sweep.densities)]
    currents = sorted({0.0, min(levels, default=0.0), max(levels, default=0.0)})
    settings = _settings(block, neuron, sweeps) | simulator.settings_of(formulas, table, currents)
    texts = {
        "conductances.csv": _csv(neuron, chosen, table),
        **({"currents.csv": table_of(sweeps)} if sweeps else {}),
        "model.json": json.dumps(settings, indent=1, ensure_ascii=False) + "\n",
        **{
            new: _script(name)
            for name, new in {"population.py": "population.py", **simulator.SCRIPTS}.items()
        },
        **simulator.files_of(formulas, chosen, table),
        "provenance.json": json.dumps(provenance(block), indent=1, ensure_ascii=False) + "\n",
        "references.bib": cite(block),
    }
    texts["README.md"] = _readme(neuron, simulator, settings, len(table), texts)
    return _write(folder, texts)


def _settings(block: neo.Block, neuron: NeuronModel, sweeps: list[SweepCurrent]) -> dict:
    rule = neuron.spike
    return {
        "neuron": neuron.name,
        "title": neuron.title,
        "source": neuron.source,
        "initial_voltage": neuron.initial_voltage,
        "spike": (
            {"level": rule.level, "rearm": rule.rearm}
            if isinstance(rule, Crossing)
            else {"height": rule.height}
        ),
        "duration": neuron.training.transient + neuron.training.window,
        "transient": neuron.training.transient,
        "noise_std": noise_of(block),
        "capacitance": capacitance_of(block),
        "settling": max(_SETTLING, neuron.training.transient),
        "sweeps": {
            str(each.number): {"duration": each.duration, "first": each.first, "lead": each.lead}
            for each in sweeps
        },
    }


def _csv(neuron, members, table):
    lines = [
        f"# {_columns(neuron)} of cells of the neuron {neuron.name}",
        ",".join(["member", *neuron.column_names]),
    ]
    rows = zip(members, table, strict=True)
    lines += [",".join([str(int(member)), *(repr(float(g)) for g in row)]) for member, row in rows]
    return "\n".join(lines) + "\n"


def _columns(neuron):
    """What the table of members has."""
    own = ", ".join(parameter.name for parameter in neuron.parameters)
    return "maximal conductances in mS/cm2" + (f" and {own} in mV" if own else "")


def _script(name):
    return files(f"{__package__}.scripts").joinpath(name).read_text(encoding="utf-8")


def _readme(neuron, simulator: ModuleType, settings, n_members, texts):
    pool = "" if neuron.calcium is None else f", calcium {neuron.calcium.initial:g} uM"
    noise = (
        f"They fire like their recording under a current noise of {settings['noise_std']:g} uA/cm2 "
        f"(Gaussian, up to\n1 kHz), which `run.py` adds; `--noise-std 0` is without."
        if settings["noise_std"]
        else "The population has no current noise; `--noise-std` adds one."
    )
    rule = (
        f"an upward crossing of {neuron.spike.level:g} mV, possible again once the voltage was below "
        f"{neuron.spike.rearm:g} mV"
        if isinstance(neuron.spike, Crossing)
        else f"a maximum of the voltage after a rise and before a fall of {neuron.spike.height:g} mV"
    )
    under = f"\n{_about_sweeps(settings)}\n" if settings["sweeps"] else ""
    listed = "\n".join(f"- `{name}`" for name in texts)
    return f"""# {n_members} cells for {simulator.TITLE}: {neuron.title}

```sh
{simulator.COMMAND}
```

in this folder simulates each member for {settings["duration"]:g} ms and writes `spikes.csv`: member and time
of each spike from the start. `--members 0 3`, `--duration 3000`, `--noise-std` and `--seed` choose. Cells
settle in {settings["transient"]:g} ms.

{simulator.about(settings)}
{under}
**The cells.** One compartment of 1 uF/cm2, which starts at {neuron.initial_voltage:g} mV{pool}, its gates at
rest there unless the neuron is declared otherwise. `conductances.csv` has the {_columns(neuron)} of
each. A spike is {rule}.
{noise}

**Files.** The formulae are those of the declaration of the neuron, written out.

{listed}

**Where they come from.** {neuron.source}. Written by elephant_dic {__version__}; how the population was made
is in `provenance.json`, what to cite in `references.bib`.
"""


def _about_sweeps(settings):
    first, last = list(settings["sweeps"])[0], list(settings["sweeps"])[-1]
    return f"""**The currents of the recording.** `python run.py --sweep {first}` plays the current of
that sweep to the members, after {settings["settling"]:g} ms at its first value and, where a sweep began
inside of a step or a ramp, what had flowed of it before. Times count from the start of the sweep.
Sweeps are {first} to {last}; without `--sweep` no current flows. `currents.csv` has the currents, in pA and
divided by the capacitance of the recorded cell, of 1 uF/cm2."""


def _write(folder: Path, texts) -> list[Path]:
    with alone_in(folder, "exports"):
        for name, text in texts.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(path) as part:
                part.write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in texts]
