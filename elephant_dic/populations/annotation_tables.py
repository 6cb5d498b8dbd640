"""The annotations of a Block as tables and JSON text, for the formats that do not keep a Block whole."""

from __future__ import annotations

import json

import neo
import numpy as np
import quantities as pq

from ..recordings import checked_unit
from .block import PART_PREFIX, PREFIX

#: What the table of a Block is called in an NWB file, and what stands in one row.
TABLES = {
    "DIC population": ("population", "model"),
    "DIC estimates": ("dic_estimates", "cell"),
    "DICs over time": ("dics_over_time", "window"),
    "session": ("session", "cell"),
}
_JSON_ANNOTATIONS = ("elephant_dic", "conductance_names", "dic_names")  # JSON text already


def table_of(block: neo.Block) -> tuple[str, str]:
    """The entry of `TABLES` for a Block."""
    return TABLES.get(block.name or "", TABLES["DIC population"])


def columns_of(block: neo.Block, prefix: str = PREFIX) -> dict[str, tuple[np.ndarray, str]]:
    """The annotations with one value a row: name -> (array of values, unit, "bool" or "text")."""
    columns = {}
    for key, values in block.annotations.items():
        if key.startswith(prefix):
            if isinstance(values, pq.Quantity):
                unit, values = values.dimensionality.string, values.magnitude
            else:
                unit = "bool" if np.asarray(values).dtype == bool else "text"
            columns[key.removeprefix(prefix)] = np.atleast_1d(values), unit
    return columns


def header_of(block: neo.Block, columns) -> dict[str, str]:
    """All other annotations of the Block, and the units of the columns: name -> JSON text."""
    header = {
        key: value if key in _JSON_ANNOTATIONS else json.dumps(value, default=as_json)
        for key, value in block.annotations.items()
        if not key.startswith((PREFIX, PART_PREFIX)) and key != "nix_name"
    }
    return header | {"units": json.dumps({name: unit for name, (_, unit) in columns.items()})}


def as_json(value):
    """What JSON has no type for; `from_json` makes Quantities of it again."""
    if isinstance(value, pq.Quantity):
        return {"value": value.magnitude.tolist(), "units": value.dimensionality.string}
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)


def from_json(parsed):
    """A Quantity of what `as_json` made of one, for `object_hook`."""
    if set(parsed) == {"value", "units"}:
        return pq.Quantity(parsed["value"], checked_unit(parsed["units"]))
    return parsed


def block_from(header, columns) -> neo.Block:
    """The inverse of `header_of` and `columns_of`; `columns` is name -> values, numbers or text."""
    block = neo.Block(name="DIC population")
    for key, text in header.items():
        is_text = key in _JSON_ANNOTATIONS
        block.annotations[key] = text if is_text else json.loads(text, object_hook=from_json)
    for name, unit in block.annotations.pop("units").items():
        values = np.asarray(columns[name])
        if unit == "bool":
            block.annotations[PREFIX + name] = values.astype(str) == "True"
        elif unit == "text":
            block.annotations[PREFIX + name] = values.astype(str)
        else:
            block.annotations[PREFIX + name] = pq.Quantity(values.astype(float), checked_unit(unit))
    return block
