"""The table of a session: a line a cell, as CSV and, beside populations in NWB, as a table in NWB."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import neo
import numpy as np
import quantities as pq

from ..neurons import DIC_NAMES
from ..populations import PREFIX, SCHEMA, shielded, whole_file, write_block
from .cells import writable
from .journal import naming

#: Probability inside the intervals.
LEVEL = 0.68
_INTERVAL = {
    each: text
    for name in DIC_NAMES
    for each, text in (
        (name, f"effective {name}, mean of the distribution inferred"),
        (f"{name}_low", f"lower end of the {100 * LEVEL:.0f} % interval of {name}"),
        (f"{name}_high", f"upper end of the {100 * LEVEL:.0f} % interval of {name}"),
    )
}
#: The columns, and what stands in them; nothing does where it is not known.
COLUMNS = {
    "file": "recording that the cell is from, as it was given",
    "cell": "its name in the recording",
    "n_spikes": "spikes",
    "rate": "spikes a second, in Hz",
    "activity": "class of its firing: tonic, bursting, irregular or silent",
    "quality": "of the unit: good, doubtful or bad",
    "neuron": "neuron that was modelled",
    **_INTERVAL,
    "domain_score": "distance from the trains that the network was trained on; above 1 is outside",
    "verdict": "on the population",
    "n_models": "members of the population",
    "n_matching": "members that fire like the recording",
    "doubts": "what speaks against the verdict, and what was left out of the recording",
    "seed": "with which `reconstruct` makes the same population of the cell alone",
    "block": "file of the population, in the folder of the session",
    "skipped": "why there is no population",
    "seconds": "that the cell took, on one core",
}
#: Columns of text; the others are numbers.
_TEXTS = ("file", "cell", "activity", "quality", "neuron", "verdict", "doubts", "block", "skipped")


def write_csv(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    """Write the lines of a session, which may be very many, to a CSV file, whole or not at all.

    Text is in quotes: names and reasons may hold any character, also those that end a line.
    """
    with naming(path), whole_file(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerow(COLUMNS)
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        for row in rows:
            writer.writerow([_in_csv(row.get(name)) for name in COLUMNS])


def _in_csv(value):
    return shielded(writable(value)) if isinstance(value, str) else value


def write_nwb(rows: Iterable[Mapping[str, Any]], made_with: Mapping[str, Any], path: Path) -> None:
    """Write the lines of a session to an NWB file, with what it was made with in the notes."""
    rows = list(rows)
    block = neo.Block(name="session")
    known = {"kind": "a session", **made_with, "schema": SCHEMA}
    block.annotations.update(elephant_dic=json.dumps(known), n_members=len(rows))
    for name in COLUMNS:
        values = [row.get(name) for row in rows]
        block.annotations[PREFIX + name] = (
            np.array([writable(value or "") for value in values], dtype=str)
            if name in _TEXTS
            else pq.Quantity(np.array(values, dtype=float), "Hz" if name == "rate" else "dimensionless")
        )
    write_block(block, path)
