"""Inferred DICs in files: whole in the formats of populations, as a table to read in CSV."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace

import neo
import numpy as np
import quantities as pq

from .._version import __version__
from ..arguments import shown
from ..neurons import DIC_NAMES
from ..populations import (
    PART_PREFIX,
    PREFIX,
    SCHEMA,
    check_kind,
    provenance,
    put_recording,
    read_block,
    write_block,
)
from ..trains import cells_of, file_of, name_of, naming_the_cell, sweeps_of
from .estimate import DICEstimate
from .estimate_tables import TableOnly, cells_of_table, estimate_columns, intervals_of_table
from .mixture import Mixture, Scaling
from .skipped import Skipped

_KIND = "estimates"
#: Of the table of the components of all cells' mixtures: what weighs, the means, and the factors below the
#: diagonal, row by row.
_WEIGHT = "weight"
_MEANS = tuple(f"mean_{name}" for name in DIC_NAMES)
_LOWER = np.tril_indices(len(DIC_NAMES))
_FACTORS = tuple(f"factor_{DIC_NAMES[i]}_{DIC_NAMES[j]}" for i, j in zip(*_LOWER, strict=True))


def save_estimates(
    estimates: Sequence[DICEstimate | Skipped],
    path: str | os.PathLike[str],
    spiketrains: Sequence[neo.SpikeTrain | neo.Group] = (),
) -> None:
    """Write the inferred DICs of one or more cells to a file.

    Parameters
    ----------
    estimates : sequence of DICEstimate or Skipped
        Of the same neuron and network. Cells that were skipped keep their place, with the reason.
    path : str or path-like
        .nix, .nwb or .mat, as for `save_population`: a row a cell, and the whole distributions, a row a
        component. In NWB, the DynamicTables "dic_estimates" and "components" in the processing module
        "elephant_dic"; the spike trains are the Units of the file. Or .csv, a table to read, without the
        distributions: a line a cell with means, standard deviations, the ends of the central 68 %
        intervals, domain scores and warnings (``pandas.read_csv(path, comment="#")``).
    spiketrains : sequence of neo.SpikeTrain or neo.Group
        The cells, in the same order; their names are written, and but for .csv their spike times. Default:
        none, the names that the estimates know.

    Raises
    ------
    TypeError
        If something else is given for an estimate or a cell.
    ValueError
        If there is none, if they are of different networks, if the cells are not as many, if estimates
        that were read from .csv are to go into another format; else as in `save_population`.
    """
    estimates, cells = _checked(estimates, spiketrains)
    block = _block_of(estimates)
    if not str(path).lower().endswith(".csv"):
        _add_distributions(block, estimates)
    if cells:
        put_recording(block, [train for cell in cells for train in sweeps_of(cell)])
    write_block(block, path)


def _checked(estimates, spiketrains):
    """The estimates, which know of which cells they are, and the cells."""
    if isinstance(estimates, DICEstimate):
        raise TypeError("estimates must be a list of DICEstimate, got one of them: put it in a list")
    if not hasattr(estimates, "__iter__"):
        raise TypeError(f"estimates must be a list of DICEstimate, got {shown(estimates)}")
    estimates = list(estimates)
    for estimate in estimates:
        if not isinstance(estimate, DICEstimate | Skipped):
            raise TypeError(f"estimates must be DICEstimate, got {type(estimate).__name__}")
    networks = {(each._neuron, each._weights_sha256) for each in estimates if isinstance(each, DICEstimate)}
    if len(networks) > 1:
        raise ValueError("estimates of several networks: write one file each")
    if not networks:
        why = f": all {len(estimates)} cells were skipped ({estimates[0].reason})" if estimates else ""
        raise ValueError(f"there is no estimate{why}")
    cells = list(cells_of(spiketrains))
    if cells and len(cells) != len(estimates):
        raise ValueError(f"{len(cells)} spike trains do not go with {len(estimates)} estimates")
    names = naming_the_cell(name_of, cells) or [_name(each) for each in estimates]
    sources = [file_of(cell) for cell in cells] or [each.source for each in estimates]
    return [
        _named(each, name or f"cell {i}", source)
        for i, (each, name, source) in enumerate(zip(estimates, names, sources, strict=True))
    ], cells


def _name(result):
    return result.cell if isinstance(result, Skipped) else result.name


def _named(result, name, source):
    key = "cell" if isinstance(result, Skipped) else "name"
    return replace(result, **{key: name}, source=source)


def _block_of(estimates):
    """The table of the estimates as a Block."""
    first = next(each for each in estimates if isinstance(each, DICEstimate))
    known = {
        "schema": SCHEMA, "package_version": __version__, "kind": _KIND, "neuron": first._neuron,
        "weights_sha256": first._weights_sha256,
    }  # fmt: skip
    block = neo.Block(name="DIC estimates")
    block.annotations.update(
        elephant_dic=json.dumps(known), n_members=len(estimates), dic_names=json.dumps(list(DIC_NAMES))
    )
    for name, values in estimate_columns(estimates).items():
        is_number = isinstance(values[0], float)
        column = pq.Quantity(values, "dimensionless") if is_number else np.array(values)
        block.annotations[PREFIX + name] = column
    return block


def _add_distributions(block, estimates):
    """Whole distributions, a row a component, and texts that no table keeps letter by letter."""
    mixtures = [each._mixture for each in estimates if isinstance(each, DICEstimate)]
    if any(isinstance(mixture, TableOnly) for mixture in mixtures):
        raise ValueError(
            "estimates that were read from a table (.csv) have no distribution: they can be saved as .csv"
        )
    lower = [mixture.factors[(..., *_LOWER)] for mixture in mixtures]
    parts = {
        _WEIGHT: np.concatenate([mixture.weights for mixture in mixtures]),
        **dict(zip(_MEANS, np.concatenate([mixture.means for mixture in mixtures]).T, strict=True)),
        **dict(zip(_FACTORS, np.concatenate(lower).T, strict=True)),
    }
    for name, values in parts.items():
        block.annotations[PART_PREFIX + name] = pq.Quantity(values, "dimensionless")
    counts = [0 if isinstance(each, Skipped) else len(each._mixture.weights) for each in estimates]
    block.annotations[PREFIX + "n_components"] = pq.Quantity(counts, "dimensionless")
    scaling = {name: values.tolist() for name, values in vars(mixtures[0].scaling).items()}
    cells = [
        {"name": each.cell, "source": each.source, "warnings": [], "skipped": each.reason}
        if isinstance(each, Skipped)
        else {"name": each.name, "source": each.source, "warnings": list(each.warnings), "skipped": ""}
        for each in estimates
    ]
    known = provenance(block) | {"scaling": scaling, "cells": cells}
    block.annotations["elephant_dic"] = json.dumps(known)


def load_estimates(path: str | os.PathLike[str]) -> list[DICEstimate | Skipped]:
    """Read the inferred DICs that `save_estimates` wrote.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    list of DICEstimate or Skipped
        Equal to those that were written. But from .csv: without the distributions, so that nothing can be
        sampled, and no interval but the one of 0.68 be asked for; they have a warning that says so, and the
        other warnings of a cell are one text.

    Raises
    ------
    ValueError
        If there is no such file, or it is damaged, or holds no estimates.
    """
    found = []
    read_block(path, lambda block: found.extend(_estimates_of(block)), "save_estimates()")
    return found


def _estimates_of(block):
    check_kind(block, _KIND)
    known = provenance(block)
    columns = {
        key.removeprefix(PREFIX): values.magnitude if isinstance(values, pq.Quantity) else values
        for key, values in block.annotations.items()
        if key.startswith(PREFIX)
    }
    if "cells" in known:
        counts = columns["n_components"].astype(int)
        cells, mixtures = known["cells"], _mixtures(block, counts, _scaling(known))
    elif "mixture" in columns:
        cells, mixtures = _written_by_0_1(columns, _scaling(known))
    else:
        cells, mixtures = cells_of_table(columns), intervals_of_table(columns)
    return [
        _result(i, cell, mixture, columns, known)
        for i, (cell, mixture) in enumerate(zip(cells, mixtures, strict=True))
    ]


def _result(i, cell, mixture, columns, known):
    if cell.get("skipped"):
        return Skipped(cell["name"], cell["skipped"], cell["source"])
    return DICEstimate(
        mean=np.array([columns[name][i] for name in DIC_NAMES]),
        std=np.array([columns[f"{name}_std"][i] for name in DIC_NAMES]),
        names=DIC_NAMES,
        in_domain=str(columns["in_domain"][i]).strip() == "True",
        domain_score=float(columns["domain_score"][i]),
        warnings=tuple(cell["warnings"]),
        _mixture=mixture,
        _neuron=known["neuron"],
        _weights_sha256=known["weights_sha256"],
        name=cell["name"],
        source=cell["source"],
    )


def _scaling(known):
    return Scaling(**{name: np.array(values, dtype=float) for name, values in known["scaling"].items()})


def _mixtures(block, counts, scaling):
    """The distribution of each cell, which has so many components."""
    names = [PART_PREFIX + name for name in (_WEIGHT, *_MEANS, *_FACTORS)]
    table = np.column_stack([np.atleast_1d(block.annotations[name].magnitude) for name in names])
    if len(table) != counts.sum():
        raise ValueError(f"{len(table)} components do not make {counts.sum()}")
    for rows in np.split(table, np.cumsum(counts)[:-1]):
        factors = np.zeros((len(rows), len(DIC_NAMES), len(DIC_NAMES)))
        factors[(..., *_LOWER)] = rows[:, 1 + len(_MEANS) :]
        yield Mixture(rows[:, 0], rows[:, 1 : 1 + len(_MEANS)], factors, scaling)


def _written_by_0_1(columns, scaling):
    """Cells, whose names MATLAB has filled with blanks, and distributions, which were JSON text."""
    cells = [
        {"name": str(name).rstrip(), "source": "", "warnings": json.loads(str(warnings))}
        for name, warnings in zip(columns["cell"], columns["warnings"], strict=True)
    ]
    return cells, [Mixture(*map(np.array, json.loads(str(text))), scaling) for text in columns["mixture"]]
