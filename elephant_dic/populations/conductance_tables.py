"""Populations made of conductances from elsewhere: another program, a publication, a table."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import neo
import numpy as np
import numpy.typing as npt
import quantities as pq

from ..neurons import NeuronModel, check_conductances, dics_of, get_neuron
from .block import CONDUCTANCE_UNIT, build_population, identity


def population_from_conductances(
    conductances: Mapping[str, npt.ArrayLike | pq.Quantity] | str | Path,
    neuron: str | NeuronModel = "stg",
) -> neo.Block:
    """A population of given conductances, for `verify_population`, `simulate_population` and the like.

    Parameters
    ----------
    conductances : mapping or path
        By name of the conductance, with or without ``g_``, a Quantity (n,) or plain numbers in mS/cm**2;
        or a .csv file with these names in its first line and mS/cm**2 below, other columns are ignored.
    neuron : str or NeuronModel
        Default: "stg".

    Returns
    -------
    neo.Block
        With verdict "not verified".

    Raises
    ------
    TypeError
        If it is neither a mapping nor a path.
    ValueError
        If a conductance is missing or unknown, negative or no number, or the lengths differ.
    """
    neuron = get_neuron(neuron)
    if isinstance(conductances, str | Path):
        source, columns = str(conductances), _read_csv(conductances, neuron)
    elif isinstance(conductances, Mapping):
        source, columns = "given conductances", dict(conductances)
    else:
        raise TypeError(
            f"conductances must be a mapping of names to values, or the path of a .csv file, "
            f"got {type(conductances).__name__}"
        )
    table = _table(columns, neuron)
    nothing = np.full(3, np.nan)
    return build_population(
        table,
        neuron.conductance_names,
        member_dics=dics_of(neuron, table),
        dic_mean=nothing,
        dic_std=nothing,
        provenance={**identity(neuron), "verdict": "not verified", "conductances": source},
    )


def _full(name, neuron):
    """The conductance of this name, with or without its g_, or None."""
    return next((full for full in neuron.conductance_names if name in (full, full.removeprefix("g_"))), None)


def _table(columns, neuron):
    named = {}
    for name, values in columns.items():
        full = _full(name, neuron)
        if full is None or full in named:
            problem = "is there twice" if full else "is unknown"
            raise ValueError(
                f"conductance {name!r} {problem}; neuron {neuron.name} has "
                f"{', '.join(neuron.conductance_names)}"
            )
        if isinstance(values, pq.Quantity):
            values = values.rescale(CONDUCTANCE_UNIT).magnitude
        named[full] = np.atleast_1d(np.asarray(values, dtype=float))
    missing = [name for name in neuron.conductance_names if name not in named]
    if missing:
        raise ValueError(f"neuron {neuron.name} also has {', '.join(missing)}: give all conductances")
    lengths = {name: len(values) for name, values in named.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"all conductances must have one value a model, got {lengths}")
    return check_conductances(neuron, np.stack([named[name] for name in neuron.conductance_names], axis=1))


def _read_csv(path, neuron):
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(line for line in file if not line.startswith("#")))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path} could not be read as a table: {error}") from error
    if len(rows) < 2:
        raise ValueError(f"{path} holds no table: a line of names and at least one of numbers are needed")
    columns = {}
    for index, name in enumerate(rows[0]):
        if _full(name.strip(), neuron):
            columns[name.strip()] = [_number(row, index, path, name) for row in rows[1:] if row]
    return columns


def _number(row, index, path, name):
    try:
        return float(row[index])
    except (ValueError, IndexError):
        raise ValueError(f"{path}: {name.strip()} is not a number in the line {','.join(row)!r}") from None
