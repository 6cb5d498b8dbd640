"""A population of models as one neo.Block: arrays in, arrays out.

The table of conductances lies in the annotations of the Block, one 1-D Quantity a conductance;
names and provenance are JSON text beside it. Of the layouts tried, only this one keeps values and
units through NIX, pickle and MATLAB files and does not slow down with the number of members.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from inspect import signature
from typing import Any

import neo
import numpy as np
import numpy.typing as npt
import quantities as pq

from .._version import __version__
from ..neurons import NeuronModel, fingerprint, neuron_declared_as, unit_of_column
from ..trains import FIGURES, Firing

SCHEMA = 1  # of the annotations; raise it when an older reader would misread them
PREFIX = "population_"  # of every annotation with one value a member
PART_PREFIX = "component_"  # of every annotation with one value a part of what several make up for a member
RECORDING = "recording"  # name of the Segment that holds it
#: Annotations of a spike train that say where it comes from.
#: What neo, or NIX, takes by these names of a train is no annotation of it.
_TAKEN = {*signature(neo.SpikeTrain.__new__).parameters, "neo_name", "self"}
_SOURCE = ("source", "channel", "unit", "sweep", "injected_current", "rejected_spikes")
_WAYS = "reconstruct(), generate_population() or load_population() make one"
CONDUCTANCE_UNIT = pq.Quantity(1.0, "mS/cm**2").units  # parsed once: parsing is the slow part


def build_population(
    table: npt.ArrayLike,
    conductance_names: Sequence[str],
    *,
    member_dics: npt.ArrayLike,
    dic_names: Sequence[str] = ("g_f", "g_s", "g_u"),
    dic_mean: npt.ArrayLike,
    dic_std: npt.ArrayLike,
    provenance: Mapping[str, Any],
    spiketrains: Iterable[neo.SpikeTrain] = (),
) -> neo.Block:
    """Make the neo.Block that stands for a population.

    Parameters
    ----------
    table : array_like, shape (n_members, n_columns)
        Maximal conductances in mS/cm**2, then the parameters of the neuron, if it has any, in mV.
    conductance_names : sequence of str
        Names of the columns of `table`.
    member_dics : array_like, shape (n_members, n_dics)
        Each member's own DICs, dimensionless; NaN where they are not known.
    dic_names : sequence of str
        Names of the columns of `member_dics`. Default: ``("g_f", "g_s", "g_u")``.
    dic_mean, dic_std : array_like, shape (n_dics,)
        The estimate from which the population was made, dimensionless; NaN where there is none.
    provenance : dict
        Anything that JSON can hold. The schema of the annotations and the version of the package
        are added and, where the recording knows it, its date (``rec_datetime``, ISO 8601).
    spiketrains : iterable of neo.SpikeTrain
        The recording; several are sweeps of one cell. Default: none.

    Returns
    -------
    neo.Block
        With copies of the spike trains in ``Segment("recording")``.

    Raises
    ------
    TypeError
        If the provenance holds what JSON cannot.
    ValueError
        If the shapes do not fit the names.
    """
    table, member_dics, dic_mean, dic_std = (  # copies: Quantities share the array they are made of
        np.array(values, dtype=float) for values in (table, member_dics, dic_mean, dic_std)
    )
    expected = (len(table), len(conductance_names)), (len(table), len(dic_names))
    if (table.shape, member_dics.shape) != expected:
        raise ValueError(
            f"table {table.shape} and member_dics {member_dics.shape} do not fit "
            f"{len(conductance_names)} conductance names and {len(dic_names)} DIC names"
        )
    spiketrains = list(spiketrains)
    block = neo.Block(name="DIC population")
    block.annotations.update(
        elephant_dic=json.dumps(
            {
                **_recording_date(spiketrains),
                **provenance,
                "schema": SCHEMA,
                "package_version": __version__,
            }
        ),
        n_members=len(table),
        conductance_names=json.dumps(list(conductance_names)),
        dic_names=json.dumps(list(dic_names)),
        dic_mean=pq.Quantity(dic_mean, pq.dimensionless),
        dic_std=pq.Quantity(dic_std, pq.dimensionless),
    )
    for name, values in zip(conductance_names, table.T, strict=True):
        block.annotations[PREFIX + name] = pq.Quantity(values, _unit(name))
    for name, values in zip(dic_names, member_dics.T, strict=True):
        block.annotations[PREFIX + name] = pq.Quantity(values, pq.dimensionless)
    if spiketrains:
        put_recording(block, spiketrains)
    return block


def recording_of(block: neo.Block) -> list[neo.SpikeTrain]:
    """The recording that a Block holds: its sweeps, none for a population without one."""
    segments = [segment for segment in block.segments if segment.name == RECORDING]
    return [train for segment in segments for train in segment.spiketrains]


def source_of(spiketrains: Iterable[neo.SpikeTrain]) -> list[dict[str, str]]:
    """Where each sweep of a recording comes from, as far as its annotations and its name tell."""
    return [
        {key: str(train.annotations[key]) for key in _SOURCE if key in train.annotations}
        | ({"name": train.name} if train.name else {})
        for train in spiketrains
    ]


def put_recording(block: neo.Block, spiketrains: Iterable[neo.SpikeTrain], name: str = RECORDING) -> None:
    """Copy spike trains into a Segment of the Block, "recording" or another, in place of an earlier one."""
    others = [segment for segment in block.segments if segment.name != name]
    segment = neo.Segment(name=name)
    segment.spiketrains.extend([_own_copy(train) for train in spiketrains])
    block.segments[:] = [segment, *others] if name == RECORDING else [*others, segment]
    block.create_relationship()


def annotate_members(block: neo.Block, models: Sequence[Firing], matching: npt.ArrayLike) -> None:
    """Write what each member did when it was simulated into the Block.

    Parameters
    ----------
    block : neo.Block
        A population; gets ``population_matches``, ``population_activity`` and one annotation for each of
        `FIGURES`.
    models : sequence of Firing
        One a member.
    matching : (n_members,) bool array
        Which members fire like the recording.
    """
    block.annotations[PREFIX + "matches"] = np.array(matching, dtype=bool)
    block.annotations[PREFIX + "activity"] = np.array([model.activity for model in models])
    for name, unit in FIGURES.items():
        values = np.array([getattr(model, name) for model in models])
        block.annotations[PREFIX + name] = pq.Quantity(values, unit)


def provenance(block: neo.Block) -> dict[str, Any]:
    """How a population came about.

    Parameters
    ----------
    block : neo.Block
        A population.

    Returns
    -------
    dict
        Schema and package version, and what was given to `build_population`.

    Raises
    ------
    TypeError
        If `block` is not a neo.Block.
    ValueError
        If the Block is not a population of this package.
    """
    if not isinstance(block, neo.Block):
        raise TypeError(f"a population is a neo.Block, not {type(block).__name__}; {_WAYS}")
    return _json(block, "elephant_dic")


def noise_of(block: neo.Block) -> float:
    """Standard deviation of the current noise (uA/cm**2) under which a population fires like its recording.

    It is that of the population from which another was made by changing its conductances; 0 for one that was
    never verified under noise.
    """
    known: Mapping[str, Any] | None = provenance(block)
    while known:
        if "verification" in known:
            return float(known["verification"]["noise_std"])
        known = known.get("parent")
    return 0.0


def capacitance_of(block: neo.Block) -> float | None:
    """pF of the cell that a population under current steps stands for, also in what was made of it."""
    known: Mapping[str, Any] | None = provenance(block)
    while known:
        if "steps" in known:
            return float(known["steps"]["capacitance"]["value"])
        known = known.get("parent")
    return None


def identity(neuron: NeuronModel) -> dict[str, str]:
    """What the provenance says of a neuron, from which `neuron_of` finds it again."""
    return {"neuron": neuron.name, "neuron_fingerprint": fingerprint(neuron)}


def neuron_of(block: neo.Block) -> NeuronModel:
    """The neuron of a population, as it was declared when the population was made.

    Raises
    ------
    TypeError, ValueError
        As for `provenance`; if the neuron is unknown here, or declared otherwise.
    """
    known = provenance(block)
    return neuron_declared_as(known["neuron"], known.get("neuron_fingerprint"))


def conductances(block: neo.Block, *, total: bool = False) -> dict[str, pq.Quantity]:
    """The population's table by name: its conductances, and the parameters that a neuron has beside them.

    Parameters
    ----------
    block : neo.Block
        A population.
    total : bool
        Whether to give the conductances of the whole cell in nS, of a population of which the capacitance is
        known (at 1 uF/cm**2). Default: False.

    Returns
    -------
    dict of str to Quantity, shape (n_members,)
        In mS/cm**2, and mV of parameters, in the order of the neuron's column names. The arrays are copies.

    Raises
    ------
    TypeError
        If `block` is not a neo.Block.
    ValueError
        If the Block is not a population, or a conductance is missing, of the wrong length or not
        a Quantity with a unit of conductance per area; if the total is asked for and the capacitance unknown.
    """
    columns = {name: _column(block, name, _unit(name)) for name in _names(block, "conductance")}
    if not total:
        return columns
    capacitance = capacitance_of(block)
    if capacitance is None:
        raise ValueError("the capacitance of the cell is not known, by which conductances become those of it")
    return {
        name: values.magnitude * capacitance * pq.nS if name.startswith("g_") else values
        for name, values in columns.items()
    }


def conductance_table(block: neo.Block) -> tuple[tuple[str, ...], np.ndarray]:
    """The population's conductances as one table of floats.

    Parameters
    ----------
    block : neo.Block
        A population.

    Returns
    -------
    names : tuple of str
        Names of the columns.
    table : ndarray, shape (n_members, n_conductances)
        In mS/cm**2, and mV of parameters.

    Raises
    ------
    TypeError, ValueError
        As for `conductances`.
    """
    columns = conductances(block)
    return tuple(columns), np.stack([values.magnitude for values in columns.values()], axis=1)


def member_dics(block: neo.Block) -> np.ndarray:
    """Each member's own DICs.

    Parameters
    ----------
    block : neo.Block
        A population.

    Returns
    -------
    ndarray, shape (n_members, n_dics)
        Dimensionless (normalised by the leak conductance), in the order of the DIC names.

    Raises
    ------
    TypeError, ValueError
        As for `conductances`.
    """
    columns = [_column(block, name, pq.dimensionless) for name in _names(block, "dic")]
    return np.stack([values.magnitude for values in columns], axis=1)


def dic_estimate(block: neo.Block) -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """The DICs from which the population was made.

    Parameters
    ----------
    block : neo.Block
        A population.

    Returns
    -------
    names : tuple of str
        Names of the DICs.
    mean, std : ndarray, shape (n_dics,)
        Dimensionless; NaN where nothing was inferred or given.

    Raises
    ------
    TypeError, ValueError
        As for `conductances`.
    """
    names = _names(block, "dic")
    mean, std = (
        _quantity(block, key, len(names), pq.dimensionless).magnitude for key in ("dic_mean", "dic_std")
    )
    return names, mean, std


def _recording_date(spiketrains):
    """When the first train was recorded, where its Segment or Block says so."""
    segment = spiketrains[0].segment if spiketrains else None
    for container in (segment, getattr(segment, "block", None)):
        if getattr(container, "rec_datetime", None):
            return {"rec_datetime": container.rec_datetime.isoformat()}
    return {}


def _own_copy(train):
    """A copy without the name under which NIX stored the original.

    Of two objects with the same nix_name, NIX silently writes one (python-neo#809). Annotations with the name
    of something that neo keeps of a train itself, such as ``units``, get a ``_`` behind.
    """
    copied = copy.deepcopy(train.copy())  # neo's deepcopy alone shares the spike times
    copied.annotations.pop("nix_name", None)
    copied.annotations = {
        f"{key}_" if key in _TAKEN else key: each for key, each in copied.annotations.items()
    }
    return copied


def _unit(name):
    return CONDUCTANCE_UNIT if unit_of_column(name) == "mS/cm**2" else pq.mV


def _json(block, key):
    """What the JSON text of an annotation says."""
    try:
        return json.loads(block.annotations[key])
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(
            f"this neo.Block (name {block.name!r}) is not a population: its annotation {key!r} is missing or "
            f"not JSON text; {_WAYS}"
        ) from error


def _names(block, kind):
    """Names of the conductances or of the DICs, after a check that the Block is a population."""
    provenance(block)
    return tuple(_json(block, f"{kind}_names"))


def _column(block, name, unit):
    """One value a member, in `unit`."""
    n_members = block.annotations.get("n_members")
    if not isinstance(n_members, int | np.integer):
        raise ValueError(f"annotation 'n_members' must be a number of members, got {n_members!r}")
    return _quantity(block, PREFIX + name, int(n_members), unit)


def _quantity(block, key, n, unit):
    """An annotation with n values, in `unit`; 1-D also where NIX has made a scalar of a single value."""
    values = block.annotations.get(key)
    if not isinstance(values, pq.Quantity):
        raise ValueError(f"annotation {key!r} must be a Quantity, got {values!r}")
    values = np.atleast_1d(values)
    if values.shape != (n,):
        raise ValueError(f"{key!r} must hold {n} values, got shape {values.shape}")
    return values.rescale(unit)
