"""Inferred DICs in files, in the formats of populations."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

import neo
import numpy as np
import quantities as pq

from .._version import __version__
from ..neurons import DIC_NAMES
from ..populations import PREFIX, SCHEMA, provenance, put_recording, read_block, write_block
from ..trains import sweeps_of
from .estimate import DICEstimate
from .mixture import Mixture, Scaling

_KIND = "estimates"
_LOADERS = {_KIND: "load_estimates", "DICs over time": "load_dics_over_time"}  # others hold a population


def save_estimates(
    estimates: Sequence[DICEstimate],
    path: str | os.PathLike[str],
    spiketrains: Sequence[neo.SpikeTrain | neo.Group] = (),
) -> None:
    """Write the inferred DICs of one or more cells to a file.

    Parameters
    ----------
    estimates : sequence of DICEstimate
        Of the same neuron and network.
    path : str or path-like
        .nix, .nwb, .csv or .mat, as for `save_population`: a row a cell, with means, standard deviations,
        domain scores and warnings, and the whole distribution as JSON text. In NWB, a DynamicTable in the
        processing module "elephant_dic"; the spike trains are the Units of the file.
    spiketrains : sequence of neo.SpikeTrain or neo.Group
        The cells, in the same order; their names are written, and but for .csv their spike times. Default:
        none.

    Raises
    ------
    TypeError
        If something else is given for an estimate.
    ValueError
        If there is none, if they are of different networks, if the cells are not as many; else as in
        `save_population`.
    """
    estimates, spiketrains = list(estimates), list(spiketrains)
    for estimate in estimates:
        if not isinstance(estimate, DICEstimate):
            raise TypeError(f"estimates must be DICEstimate, got {type(estimate).__name__}")
    networks = {(estimate._neuron, estimate._weights_sha256) for estimate in estimates}
    if len(networks) != 1:
        raise ValueError(
            "estimates of several networks: write one file each" if networks else "there is no estimate"
        )
    if spiketrains and len(spiketrains) != len(estimates):
        raise ValueError(f"{len(spiketrains)} spike trains do not go with {len(estimates)} estimates")
    block = neo.Block(name="DIC estimates")
    ((neuron, weights),) = networks
    scaling = {name: values.tolist() for name, values in vars(estimates[0]._mixture.scaling).items()}
    known = {"kind": _KIND, "neuron": neuron, "weights_sha256": weights, "scaling": scaling}
    block.annotations.update(
        elephant_dic=json.dumps(known | {"schema": SCHEMA, "package_version": __version__}),
        n_members=len(estimates),
        dic_names=json.dumps(list(DIC_NAMES)),
    )
    names = [cell.name or f"cell {i}" for i, cell in enumerate(spiketrains)]
    _add_columns(block, estimates, names or [f"cell {i}" for i in range(len(estimates))])
    if spiketrains:
        put_recording(block, [train for cell in spiketrains for train in sweeps_of(cell)])
    write_block(block, path)


def _add_columns(block, estimates, names):
    columns = {"cell": np.array(names)}
    for suffix, values in (("", [e.mean for e in estimates]), ("_std", [e.std for e in estimates])):
        for name, column in zip(DIC_NAMES, np.transpose(values), strict=True):
            columns[name + suffix] = pq.Quantity(column, "dimensionless")
    columns["domain_score"] = pq.Quantity([e.domain_score for e in estimates], "dimensionless")
    columns["in_domain"] = np.array([e.in_domain for e in estimates])
    columns["warnings"] = np.array([json.dumps(list(e.warnings)) for e in estimates])
    mixtures = [estimate._mixture for estimate in estimates]
    columns["mixture"] = np.array(
        [json.dumps([m.weights.tolist(), m.means.tolist(), m.factors.tolist()]) for m in mixtures]
    )
    block.annotations.update({PREFIX + name: values for name, values in columns.items()})


def load_estimates(path: str | os.PathLike[str]) -> list[DICEstimate]:
    """Read the inferred DICs that `save_estimates` wrote.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    list of DICEstimate
        Equal to those that were written.

    Raises
    ------
    ValueError
        If there is no such file, or it is damaged, or holds no estimates.
    """
    found = []
    read_block(path, lambda block: found.extend(_estimates_of(block)), "save_estimates()")
    return found


def check_kind(known, wanted):
    """ValueError with the way out if what is known of a Block is not of the wanted kind."""
    kind = known.get("kind", "a population")
    if kind != wanted:
        raise ValueError(f"it holds {kind}: {_LOADERS.get(kind, 'load_population')} reads it")


def _estimates_of(block):
    known = provenance(block)
    check_kind(known, _KIND)
    scaling = Scaling(**{name: np.array(values, dtype=float) for name, values in known["scaling"].items()})
    columns = {
        key.removeprefix(PREFIX): values.magnitude if isinstance(values, pq.Quantity) else values
        for key, values in block.annotations.items()
        if key.startswith(PREFIX)
    }
    estimates = []
    for i in range(block.annotations["n_members"]):
        weights, means, factors = map(np.array, json.loads(str(columns["mixture"][i])))
        estimates.append(
            DICEstimate(
                mean=np.array([columns[name][i] for name in DIC_NAMES]),
                std=np.array([columns[f"{name}_std"][i] for name in DIC_NAMES]),
                names=DIC_NAMES,
                in_domain=bool(columns["in_domain"][i]),
                domain_score=float(columns["domain_score"][i]),
                warnings=tuple(json.loads(str(columns["warnings"][i]))),
                _mixture=Mixture(weights, means, factors, scaling),
                _neuron=known["neuron"],
                _weights_sha256=known["weights_sha256"],
            )
        )
    return estimates
