"""The public functions from spike trains to DICs: network, domain and quality of the unit, in one place."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import neo
import numpy as np

from ..neurons import NeuronModel, get_neuron
from ..trains import cells_of, feature_table, sweeps_of, times_of, times_of_many
from .estimate import DICEstimate
from .quality_effect import with_quality
from .regressor import load_regressor


@dataclass(frozen=True, eq=False)
class Inferred:
    """A recording and what was inferred from it: all that the search for models needs to know of it.

    Attributes
    ----------
    spiketrains : list of neo.SpikeTrain
        The sweeps of the cell.
    times : list of arrays
        Their checked spike times in ms.
    features : (n_features,) array
        In their units.
    estimate : DICEstimate
        As uncertain as the unit is.
    foreign : bool
        Whether the intervals are more like those of chance, or of two cells in one train, than like those of
        the neuron.
    """

    spiketrains: list[neo.SpikeTrain]
    times: list[np.ndarray]
    features: np.ndarray
    estimate: DICEstimate
    foreign: bool


def infer(spiketrain, neuron: NeuronModel) -> Inferred:
    """What is inferred from one cell."""
    return _infer([spiketrain], [times_of(spiketrain)], neuron)[0]


def infer_many(spiketrains, neuron: NeuronModel) -> list[Inferred]:
    """What is inferred from many cells, in one call of the network; errors say which cell is meant."""
    cells = cells_of(spiketrains)
    return _infer(cells, times_of_many(cells), neuron)


def _infer(cells, times, neuron) -> list[Inferred]:
    if not cells:
        return []
    features = feature_table(neuron, times)
    estimates, judgement = load_regressor(neuron).judged_estimates(features)
    estimates = with_quality(estimates, cells, times, neuron)
    return [
        Inferred(sweeps_of(cell), *each)
        for cell, *each in zip(cells, times, features, estimates, judgement.foreign.tolist(), strict=True)
    ]


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
