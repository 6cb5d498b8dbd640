"""The public functions from spike trains to DICs: network, domain and quality of the unit, in one place."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

import neo
import quantities as pq

from ..neurons import NeuronModel, get_neuron
from ..trains import (
    CleanCell,
    any_stepped,
    capacitance_of_cell,
    cells_of,
    clean,
    clean_many,
    feature_table,
    file_of,
    is_stepped,
    keeps_rhythm,
    name_of,
    protocol_of,
    recorded_response,
    step_features,
    sweeps_of,
)
from .estimate import DICEstimate
from .quality_effect import with_quality
from .regressor import load_regressor
from .skipped import Skipped, check_errors, one_of_many
from .step_regressor import load_step_regressor

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


def infer_many(spiketrains, neuron: NeuronModel, errors: str = "raise") -> list[Inferred | Skipped]:
    """What is inferred from many cells, in one call of the network; errors say which cell is meant."""
    if not check_errors(errors):
        return list(_infer(clean_many(spiketrains), neuron))
    cells = [_clean_or_skipped(index, cell) for index, cell in enumerate(cells_of(spiketrains))]
    inferred = iter(_infer([cell for cell in cells if isinstance(cell, CleanCell)], neuron))
    return [cell if isinstance(cell, Skipped) else next(inferred) for cell in cells]


def _clean_or_skipped(index, cell) -> CleanCell | Skipped:
    try:
        return clean(cell)
    except (TypeError, ValueError) as error:
        return Skipped.of(index, cell, error)


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


#: For recordings without a current, and for those under current steps.
NEURON, STEP_NEURON = "stg", "cortical"


def infer_dics(
    spiketrain: neo.SpikeTrain | neo.Group,
    neuron: str | NeuronModel | None = None,
    *,
    capacitance: pq.Quantity | None = None,
) -> DICEstimate:
    """Infer the dynamic input conductances behind a spike train, or behind sweeps under current steps.

    Parameters
    ----------
    spiketrain : neo.SpikeTrain or neo.Group
        A train of at least 5 spikes, or the sweeps of one cell; under current steps the cell may be silent.
    neuron : str or NeuronModel, optional
        Default: "stg", and "cortical" for sweeps under current steps.
    capacitance : Quantity, optional
        Of a cell under current steps (pF). Default: that which reading has estimated.

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
        rate, an unknown neuron, or one without a trained network; under current steps, if the current of a
        sweep or the capacitance is not known.

    Warns
    -----
    UserWarning
        If the train is unlike those that the network was trained on, or the unit is doubtful.
    """
    if is_stepped(spiketrain):
        estimate = infer_under_steps(spiketrain, get_neuron(neuron or STEP_NEURON), capacitance)
    elif capacitance is not None:
        raise ValueError("capacitance is for recordings under current steps")
    else:
        estimate = infer(spiketrain, get_neuron(neuron or NEURON)).estimate
    for doubt in estimate.warnings:
        warnings.warn(doubt, UserWarning, stacklevel=2)
    return estimate


def infer_under_steps(spiketrain, neuron: NeuronModel, capacitance=None) -> DICEstimate:
    """What the sweeps of one cell under current steps tell, by the neuron's network for them.

    Raises
    ------
    TypeError, ValueError
        As `infer_dics`.
    """
    trains, known = sweeps_of(spiketrain), capacitance_of_cell(spiketrain, capacitance)
    protocol = protocol_of(trains)
    regressor = load_step_regressor(neuron)
    if regressor is None:
        raise ValueError(f"no network for current steps is installed for neuron {neuron.name!r}")
    features = step_features(protocol, recorded_response(protocol, trains), known["value"])
    (estimate,) = regressor.estimate(features)
    return replace(estimate, name=name_of(spiketrain), source=file_of(spiketrain))


def _doubts_about(result: DICEstimate | Skipped) -> tuple[str, ...]:
    """What the user should hear about an estimate, or the cell that has none."""
    return (f"skipped: {result.reason}",) if isinstance(result, Skipped) else result.warnings


def infer_dics_many(
    spiketrains: Iterable[neo.SpikeTrain | neo.Group] | neo.Segment | neo.Block,
    neuron: str | NeuronModel | None = None,
    *,
    errors: str = "raise",
) -> list[DICEstimate | Skipped]:
    """Infer the DICs of many cells in one call of the network.

    Parameters
    ----------
    spiketrains : iterable, neo.Segment or neo.Block
        One entry a cell, each as in `infer_dics`. A Block gives its Groups if it has any with spike trains,
        else one cell a unit name across its Segments.
    neuron : str or NeuronModel, optional
        Default: "stg", and "cortical" for sweeps under current steps.
    errors : str
        What to do with a cell of which nothing can be inferred, such as a silent one: "raise" its error, with
        its number, or "skip" it. Default: "raise".

    Returns
    -------
    list of DICEstimate or Skipped
        One a cell, in order. A cell that is skipped is a `Skipped`, which says why; there is none unless
        `errors` is "skip".

    Raises
    ------
    TypeError, ValueError
        As `infer_dics`, with the number of the cell; if `errors` is neither of the two.

    Warns
    -----
    UserWarning
        As `infer_dics`, with the number of the cell; for each cell that is skipped.
    """
    cells = cells_of(spiketrains)
    if any_stepped(cells):
        skip = check_errors(errors)
        return [
            one_of_many(index, cell, skip, partial(infer_dics, cell, neuron))
            for index, cell in enumerate(cells)
        ]
    found = infer_many(cells, get_neuron(neuron or NEURON), errors)
    estimates = [each if isinstance(each, Skipped) else each.estimate for each in found]
    for cell, estimate in enumerate(estimates):
        for doubt in _doubts_about(estimate):
            warnings.warn(f"cell {cell}: {doubt}", UserWarning, stacklevel=2)
    return estimates
