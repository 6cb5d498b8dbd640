"""The public functions from spike trains to DICs: network, domain and quality of the unit, in one place."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace

import neo

from ..neurons import NeuronModel, get_neuron
from ..trains import CleanCell, clean, clean_many, feature_table, keeps_rhythm
from .estimate import DICEstimate
from .quality_effect import with_quality
from .regressor import load_regressor

FOREIGN = (
    "its intervals are more like those of chance, or of two cells in one train, than like those of the neuron"
)


@dataclass(frozen=True, eq=False)
class Inferred:
    """A recording and what was inferred from it: all that the search for models needs to know of it.

    Attributes
    ----------
    cell : CleanCell
        The recording, as the estimate and the verification take it.
    estimate : DICEstimate
        As uncertain as the unit is.
    foreign : bool
        Whether the intervals are more like those of chance, or of two cells in one train, than like those of
        the neuron, and keep no rhythm that would exclude both.
    unit : str
        What is wrong with the unit; "" for a good one.
    """

    cell: CleanCell
    estimate: DICEstimate
    foreign: bool
    unit: str


def infer(spiketrain, neuron: NeuronModel) -> Inferred:
    """What is inferred from one cell."""
    return _infer([clean(spiketrain)], neuron)[0]


def infer_many(spiketrains, neuron: NeuronModel) -> list[Inferred]:
    """What is inferred from many cells, in one call of the network; errors say which cell is meant."""
    return _infer(clean_many(spiketrains), neuron)


def _infer(cells, neuron) -> list[Inferred]:
    if not cells:
        return []
    features = feature_table(neuron, [cell.times for cell in cells])
    estimates, judgement = load_regressor(neuron).judged_estimates(features)
    foreign = [
        bool(like) and not keeps_rhythm(cell.times)
        for cell, like in zip(cells, judgement.foreign, strict=True)
    ]
    return [
        Inferred(cell, _warned(estimate, yes, cell.notes, unit), yes, unit)
        for cell, (estimate, unit), yes in zip(
            cells, with_quality(estimates, cells, neuron), foreign, strict=True
        )
    ]


def _warned(estimate, foreign, notes, unit):
    """The estimate with all that is to be said about the recording."""
    more = [*([FOREIGN] if foreign else []), *notes, *([unit] if unit else [])]
    return replace(estimate, warnings=(*estimate.warnings, *more)) if more else estimate


def infer_dics(spiketrain: neo.SpikeTrain | neo.Group, neuron: str | NeuronModel = "stg") -> DICEstimate:
    """Infer the dynamic input conductances behind a spike train.

    Parameters
    ----------
    spiketrain : neo.SpikeTrain or neo.Group
        A train of at least 5 spikes, or the sweeps of one cell.
    neuron : str or NeuronModel
        Default: "stg".

    Returns
    -------
    DICEstimate
        Wider where the unit holds other cells' spikes or lacks some of its own, with a warning: see
        `assess_quality`.

    Raises
    ------
    TypeError
        For another kind of object.
    ValueError
        For times that are not finite, negative, unsorted or duplicated, fewer than 5 spikes, an implausible
        rate, an unknown neuron, or one without a trained network.

    Warns
    -----
    UserWarning
        If the train is unlike those that the network was trained on, or the unit is doubtful.
    """
    estimate = infer(spiketrain, get_neuron(neuron)).estimate
    for doubt in estimate.warnings:
        warnings.warn(doubt, UserWarning, stacklevel=2)
    return estimate


def infer_dics_many(
    spiketrains: Iterable[neo.SpikeTrain | neo.Group] | neo.Segment | neo.Block,
    neuron: str | NeuronModel = "stg",
) -> list[DICEstimate]:
    """Infer the DICs of many cells in one call of the network.

    Parameters
    ----------
    spiketrains : iterable, neo.Segment or neo.Block
        One entry a cell, each as in `infer_dics`. A Block gives its Groups if it has any with spike trains,
        else one cell a unit name across its Segments.
    neuron : str or NeuronModel
        Default: "stg".

    Returns
    -------
    list of DICEstimate

    Warns
    -----
    UserWarning
        As `infer_dics`, with the number of the cell.
    """
    estimates = [each.estimate for each in infer_many(spiketrains, get_neuron(neuron))]
    for cell, estimate in enumerate(estimates):
        for doubt in estimate.warnings:
            warnings.warn(f"cell {cell}: {doubt}", UserWarning, stacklevel=2)
    return estimates
