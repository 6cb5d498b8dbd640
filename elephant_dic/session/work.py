"""What a worker does for a session: one cell, its population in a file, its line of the table."""

from __future__ import annotations

import io
import pickle
import time
import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import neo
import numpy as np
import quantities as pq
from threadpoolctl import threadpool_limits

from ..inference import STEP_NEURON, Inferred, infer
from ..neurons import NeuronModel, get_neuron, prior_of
from ..populations import PopulationFileError, dic_estimate, provenance, save_population
from ..reconstruction import population_of
from ..search import Verification, suggest_neuron
from ..steps import StepVerification, has_step_library, ranges_of_prior, step_population, step_task
from ..trains import assess_quality, is_stepped, recording_firing, sweeps_of
from .cells import SessionCell
from .table import LEVEL

#: Errors of a cell that leave the others alone. One of a full disk or a lost worker is none of them.
_OF_THE_CELL = (TypeError, ValueError, ArithmeticError, LookupError)


@dataclass(frozen=True)
class Settings:
    """How a session reconstructs its cells.

    Attributes
    ----------
    folder : Path
        Of the session.
    neuron : NeuronModel or None
        None for the installed one that is the most likely to fire like the cell, for each.
    n_models : int
    tolerance : float or None
        None where nothing is verified.
    prior : str or mapping
    seed : int
    suffix : str
        Of the files of populations.
    of_steps : mapping
        What is asked for of cells under current steps: ``capacitance`` (pF), ``figures``, ``beyond_block``.
    """

    folder: Path
    neuron: NeuronModel | None
    n_models: int
    tolerance: float | None
    prior: str | Mapping[str, tuple[float, float]]
    seed: int
    suffix: str
    of_steps: Mapping[str, Any] = field(default_factory=dict)


def one_blas_thread() -> threadpool_limits:
    """While it lasts, BLAS has one thread: its sums differ with their number, and other cores are taken.

    Threads of one process share the limit: whoever lets them work holds it until all are done.
    """
    return threadpool_limits(1, "blas")


def packed(cell: SessionCell) -> bytes:
    """A cell on its way to a worker.

    Trains as such are unpickled by dask in a thread of its own: quantities then parses their units there and
    in the thread that works, which Python 3.11 fails at now and then.
    """
    with io.BytesIO() as file:
        _Pickler(file).dump(cell)
        return file.getvalue()


class _Pickler(pickle.Pickler):
    """For trains that have an annotation ``name`` or the like: neo makes them anew with it as an argument."""

    def reducer_override(self, obj):
        if not isinstance(obj, neo.SpikeTrain):
            return NotImplemented
        make, arguments = obj.__reduce__()
        bare = tuple(None if each is obj.annotations else each for each in arguments)
        return make, bare, obj.annotations, None, None, _annotate


def _annotate(train, annotations):
    train.annotations.update(annotations)


def reconstruct_cell(settings: Settings, cell: bytes) -> dict[str, Any]:
    """Reconstruct a cell that is `packed`, write its population, and say what came out, by the `COLUMNS`."""
    begin, found = time.perf_counter(), pickle.loads(cell)
    seed = found.seed(settings.seed)
    row = {"cell": found.name, "seed": seed, "n_spikes": found.n_spikes, **_of_recording(found)}
    with one_blas_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the line says what they say
        try:
            inferred, neuron, block = _reconstructed(settings, found.cell, seed)
        except _OF_THE_CELL as error:
            row["skipped"] = f"{error}" if isinstance(error, TypeError | ValueError) else repr(error)
        else:
            place = found.place(settings.suffix)
            (settings.folder / place).parent.mkdir(parents=True, exist_ok=True)
            try:
                save_population(block, settings.folder / place)
            except PopulationFileError as error:
                if not isinstance(error.__cause__, UnicodeError):  # of its name, or what else is known of it
                    raise
                row["skipped"] = f"its population cannot be written: {error.__cause__}"
            else:
                told = _of_steps(block) if inferred is None else _of_estimate(inferred, neuron)
                row |= {**told, **_of_population(inferred, block), "block": place}
    return row | {"seconds": round(time.perf_counter() - begin, 3)}


def _reconstructed(settings, cell, seed) -> tuple[Inferred | None, NeuronModel, neo.Block]:
    """What was inferred of a cell (of one under current steps its Block tells), the neuron, the models."""
    with ThreadPoolExecutor(1) as alone:  # the other cores have other cells
        neuron = settings.neuron
        if is_stepped(cell):
            if settings.tolerance is None:
                raise ValueError(
                    "models under current steps are found by simulating them, which is not asked for"
                )
            chosen = get_neuron(STEP_NEURON) if neuron is None or not has_step_library(neuron) else neuron
            asked = dict(settings.of_steps)
            if "capacitance" in asked:
                asked["capacitance"] *= pq.pF
            ranges = ranges_of_prior(settings.prior)
            task = step_task(cell, chosen, settings.tolerance, ranges=ranges, **asked)
            return None, chosen, step_population(task, settings.n_models, seed, alone)
        if neuron is None:
            neuron = get_neuron(suggest_neuron(cell, seed=seed, executor=alone)[0].neuron)
        inferred, prior = infer(cell, neuron), prior_of(neuron, settings.prior)
        block = population_of(inferred, prior, settings.n_models, seed, settings.tolerance, alone)
        return inferred, neuron, block


def _of_recording(found: SessionCell):
    """As far as it can be told, even of a cell of which nothing else can."""
    row: dict[str, Any] = {}
    with suppress(*_OF_THE_CELL):
        seconds = sum(float((train.t_stop - train.t_start).rescale("s")) for train in sweeps_of(found.cell))
        row["rate"] = found.n_spikes / seconds
        row["quality"] = assess_quality(found.cell).verdict
    return row


def _of_estimate(inferred: Inferred, neuron: NeuronModel):
    cell, estimate = inferred.cell, inferred.estimate
    firing = recording_firing(cell.times, neuron.training.window, cell.duration)
    row = {"activity": firing.activity, "neuron": neuron.name, "domain_score": estimate.domain_score}
    bounds = estimate.interval(LEVEL)
    for name, mean, (low, high) in zip(estimate.names, estimate.mean, bounds, strict=True):
        row |= {name: float(mean), f"{name}_low": float(low), f"{name}_high": float(high)}
    return row


def _of_steps(block: neo.Block):
    """Of a cell under current steps."""
    row = {"activity": "under current steps", "neuron": provenance(block)["neuron"]}
    names, means, _ = dic_estimate(block)
    return row | {name: float(mean) for name, mean in zip(names, means, strict=True) if np.isfinite(mean)}


def _of_population(inferred: Inferred | None, block: neo.Block):
    found = Verification.of_block(block) or StepVerification.of_block(block)
    row = {"verdict": provenance(block)["verdict"], "n_models": block.annotations["n_members"]}
    if found is None:
        return row | {"doubts": "; ".join(inferred.estimate.warnings if inferred else ())}
    notes = inferred.cell.notes if inferred else ()
    doubts = filter(None, (found.reason, *found.doubts, *notes))
    return row | {"n_matching": found.n_matching, "doubts": "; ".join(doubts)}
