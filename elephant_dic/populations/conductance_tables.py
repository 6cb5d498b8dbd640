"""Populations made of conductances from elsewhere: another program, a publication, a table."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import neo
import numpy as np
import numpy.typing as npt
import quantities as pq

from ..arguments import columns_by_name
from ..neurons import NeuronModel, check_conductances, dics_of, get_neuron
from .block import build_population, identity

if TYPE_CHECKING:
    import pandas


def population_from_conductances(
    conductances: Mapping[str, npt.ArrayLike | pq.Quantity] | pandas.DataFrame | str | Path,
    neuron: str | NeuronModel = "stg",
) -> neo.Block:
    """A population of given conductances, for `verify_population`, `simulate_population` and the like.

    Parameters
    ----------
    conductances : mapping, DataFrame or path
        By name of the conductance, with or without ``g_``, a Quantity (n,) or plain numbers in mS/cm**2, also
        as the columns of a DataFrame; or a .csv file with these names in its first line and mS/cm**2 below,
        of which other columns are ignored.
    neuron : str or NeuronModel
        Default: "stg".

    Returns
    -------
    neo.Block
        With verdict "not verified".

    Raises
    ------
    TypeError
        If it is none of these.
    ValueError
        If a conductance is missing or unknown, negative or no number, or the lengths differ.
    """
    neuron = get_neuron(neuron)
    if isinstance(conductances, str | Path):
        source, columns = str(conductances), _read_csv(conductances, neuron)
    else:
        source, columns = "given conductances", columns_by_name(conductances)
    if columns is None:
        raise TypeError(
            f"conductances must be a mapping of names to values, a DataFrame, or the path of a .csv file, "
            f"got {type(conductances).__name__}"
        )
    table = check_conductances(neuron, columns)
    nothing = np.full(3, np.nan)
    return build_population(
        table,
        neuron.column_names,
        member_dics=dics_of(neuron, table),
        dic_mean=nothing,
        dic_std=nothing,
        provenance={**identity(neuron), "verdict": "not verified", "conductances": source},
    )


def _full(name, neuron):
    """The conductance of this name, with or without its g_, or None."""
    return next((full for full in neuron.column_names if name in (full, full.removeprefix("g_"))), None)


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
