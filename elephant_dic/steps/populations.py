"""From the sweeps of one cell under current steps to a population that fires like it at every level."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import neo
import numpy as np
import quantities as pq

from ..arguments import magnitude
from ..neurons import NeuronModel, dics_of
from ..populations import PREFIX, build_population, identity, source_of
from ..trains import (
    LevelComparison,
    Response,
    check_figures,
    protocol_of,
    recorded_response,
    stimulus_of,
    sweeps_of,
)
from .library import load_library, ranges_of_cells
from .search import Prior, StepSearch
from .sweeps import Bench
from .verdict import StepVerification

#: How many times finer than the search the judging simulation is.
FINENESS = 4.0
#: Times the capacitance that is checked too, and how many models are looked for there.
_FACTORS, _CHECKED = (0.7, 1.4), 20
#: Conditions with which candidates are looked at before they run through all.
_LOOKED_AT = 5
#: mV by which the potential at rest may drift; a share of the capacitance that its spread may be; of sweeps.
_DRIFT, _SPREAD, _FEW_SWEEPS = 10.0, 0.25, 3
#: A share of the members at an end of a range, and how near that is.
_AT_END, _NEAR = 0.5, 0.05
#: Evenly drawn members, as a share, that a sample has to be worth.
_LEAST_EFFECTIVE = 0.2


@dataclass(frozen=True, eq=False)
class StepTask:
    """What is asked for of one cell.

    Attributes
    ----------
    spiketrains : list of neo.SpikeTrain
        Sweeps with known currents.
    comparison : LevelComparison
    capacitance : mapping
        As in `StepVerification`.
    prior : Prior
    neuron : NeuronModel
    """

    spiketrains: list[neo.SpikeTrain]
    comparison: LevelComparison
    capacitance: Mapping[str, Any]
    prior: Prior
    neuron: NeuronModel


def is_stepped(spiketrain) -> bool:
    """Whether a cell's sweeps have known currents that are not one and the same all the time."""
    stimuli = [stimulus_of(train) for train in sweeps_of(spiketrain)]
    known = [each for each in stimuli if each is not None]
    return bool(known) and any((each.currents != known[0].currents[0]).any() for each in known)


def step_task(
    spiketrain: neo.Group | neo.SpikeTrain,
    neuron: NeuronModel,
    tolerance: float,
    capacitance: pq.Quantity | None = None,
    figures: Sequence[str] = (),
    beyond_block: bool = False,
    ranges: Mapping[str, tuple[float, float]] | None = None,
) -> StepTask:
    """Check what is asked for.

    Raises
    ------
    TypeError
        If the capacitance has no unit.
    ValueError
        If a current is unknown, the cell never fires, there is no capacitance, or the neuron has no ranges.
    """
    trains = sweeps_of(spiketrain)
    protocol = protocol_of(trains)
    recording = recorded_response(protocol, trains)
    if not recording.counts.any():
        names = ", ".join(level.name for level in protocol.levels)
        raise ValueError(f"the cell fires at none of its levels ({names}): no model can fire like it")
    known = _capacitance(spiketrain, capacitance)
    comparison = LevelComparison(
        protocol, recording, tolerance, check_figures(figures, recording), beyond_block
    )
    return StepTask(trains, comparison, known, _prior(neuron, ranges), neuron)


def _capacitance(spiketrain, given) -> dict[str, Any]:
    if given is not None:
        value = magnitude(given, "pF", "capacitance")
        if not 0 < value < 1e5:
            raise ValueError(f"capacitance must be from 0 to 100,000 pF, got {value:g} pF")
        return {"value": value, "source": "given"}
    known = getattr(spiketrain, "annotations", {})
    if "capacitance" not in known:
        raise ValueError(
            "the capacitance of the cell is not known, by which currents become current densities, and no "
            "hyperpolarising step tells it: give it, as in capacitance=40 * pq.pF"
        )
    return {
        "value": magnitude(known["capacitance"], "pF", "capacitance"),
        "source": "estimated from hyperpolarising steps",
        "spread": magnitude(known.get("capacitance_spread", 0 * pq.pF), "pF", "capacitance_spread"),
        "sweeps": int(known.get("capacitance_sweeps", 0)),
    }


def _prior(neuron, given) -> Prior:
    ranges = ranges_of_cells(neuron)
    if ranges is None:
        raise ValueError(
            f"neuron {neuron.name} declares no ranges of conductances, from which cells are drawn"
        )
    names = list(neuron.column_names)
    for name, bounds in (given or {}).items():
        full = next((each for each in names if name in (each, each.removeprefix("g_"))), None)
        if full is None:
            raise ValueError(f"neuron {neuron.name} has no {name!r}; it has {', '.join(names)}")
        low, high = (float(bound) for bound in bounds)
        if not (np.isfinite([low, high]).all() and low < high):
            raise ValueError(f"the range of {name} must ascend, got {bounds}")
        ranges[names.index(full)] = low, high
    return Prior(ranges)


def step_population(
    task: StepTask,
    n_models: int,
    seed: int,
    executor: Executor | None = None,
    report: Callable[[int, int, int], None] | None = None,
) -> neo.Block:
    """Search, judge, and put together what was found.

    Parameters
    ----------
    task : StepTask
    n_models : int
    seed : int
    executor : concurrent.futures.Executor, optional
    report : callable, optional
        Called as (n_matching, n_models, n_simulated) after each round.

    Returns
    -------
    neo.Block
        As `reconstruct` returns it.
    """
    search, interrupted = _searched(task, n_models, seed, executor, report)
    members, weights = search.drawn(np.random.default_rng([seed, 1]))
    table, models = _judged(task, search, members, n_models, executor)
    n_matching, reason = len(table), ""
    if not n_matching:
        nearest = np.argsort(search.worst, kind="stable")[:n_models]
        table = search.prior.cells(search.unit[nearest])
        models = _bench(task, executor).responses(table)
        reason = f"the nearest {task.comparison.reason(models, 0)}"
    elif n_matching < n_models:
        reason = f"the search ended after {len(search.unit):,} simulated cells"
    reason = "the search was interrupted" if interrupted and reason else reason
    checks: list[dict[str, Any]] = []
    if n_matching and not interrupted:
        with suppress(KeyboardInterrupt):
            checks = [_check(task, factor, seed, executor) for factor in _FACTORS]
    verification = StepVerification(
        tolerance=task.comparison.tolerance,
        figures=task.comparison.figures,
        n_wanted=n_models,
        n_matching=n_matching,
        n_simulated=len(search.unit),
        n_first=search.n_first,
        n_first_matching=search.n_first_fitting,
        interrupted=interrupted,
        reason=reason,
        doubts=(),
        levels=_levels(task.comparison),
        capacitance=task.capacitance,
        prior=_described(task),
        sample={"n_fitting": int(search.fits.sum()), "effective_size": search.effective_size},
        checks=tuple(checks),
    )
    doubts = _doubts(task, verification, table if n_matching else table[:0])
    return _block(task, table, models, replace(verification, doubts=tuple(doubts)), seed)


def _bench(task, executor, capacitance=None) -> Bench:
    membrane = bool(set(task.comparison.figures) & {"potential", "resistance", "sag"})
    value = task.capacitance["value"] if capacitance is None else capacitance
    return Bench(task.neuron, task.comparison.protocol, value, membrane, executor)


def _searched(task, n_models, seed, executor, report, factor=1.0) -> tuple[StepSearch, bool]:
    """A search that has ended, and whether it was interrupted."""
    bench = _bench(task, executor, factor * task.capacitance["value"])
    look = _look(task)
    search = StepSearch(
        bench, task.comparison, replace(bench, protocol=look.protocol), look, task.prior,
        load_library(task.neuron), np.random.default_rng([seed, 0]),
    )  # fmt: skip
    try:
        search.run(n_models, report or (lambda *counts: None))
    except KeyboardInterrupt:
        return search, True
    return search, False


def _look(task) -> LevelComparison:
    """The comparison with a few of the conditions, that of the highest count among them."""
    protocol, comparison = task.comparison.protocol, task.comparison
    if len(protocol.conditions) <= _LOOKED_AT:
        return comparison
    counts = np.where(protocol.is_step & comparison.compared, comparison.recording.counts, 0.0)
    of_condition = [sum(counts[level] for *_, level in pieces) for pieces in protocol.pieces]
    order = np.argsort(of_condition, kind="stable")
    chosen = {int(order[k]) for k in np.linspace(0, len(order) - 1, _LOOKED_AT).round().astype(int)}
    kept = [t for t, k in zip(task.spiketrains, protocol.condition_of, strict=True) if k in chosen]
    part = protocol_of(kept)
    recording = recorded_response(part, kept)
    whole = {level.key: comparison.recording.spreads[k] for k, level in enumerate(protocol.levels)}
    spreads = np.array([whole[level.key] for level in part.levels])
    return replace(comparison, protocol=part, recording=replace(recording, spreads=spreads))


def _judged(task, search, members, n_models, executor) -> tuple[np.ndarray, Response]:
    """The first members that fire like the recording in the fine simulation too, up to those wanted."""
    bench, kept, found = _bench(task, executor), [], []
    n_found = 0
    while n_found < n_models and len(members):
        batch, members = np.split(members, [min(len(members), max(16, n_models - n_found))])
        table = search.prior.cells(search.unit[batch])
        models = bench.responses(table, FINENESS)
        right = np.flatnonzero(task.comparison.deviations(models).max(axis=1) <= 1.0)[: n_models - n_found]
        kept.append(table[right])
        found.append(models.of(right))
        n_found += len(right)
    if not kept:
        return np.empty((0, len(task.neuron.column_names))), None
    return np.concatenate(kept), Response.joined(found)


def _check(task, factor, seed, executor) -> dict[str, Any]:
    """What a search with another capacitance finds."""
    search, _ = _searched(task, _CHECKED, seed, executor, None, factor)
    n_matching = min(int(search.fits.sum()), _CHECKED)
    members, _ = search.drawn(np.random.default_rng([seed, 2]))
    table = search.prior.cells(search.unit[members[:_CHECKED]])
    medians = np.median(table, axis=0) if n_matching else np.full(table.shape[1], np.nan)
    total = factor * task.capacitance["value"]
    names = task.neuron.conductance_names
    return {
        "factor": factor, "n_matching": n_matching, "n_wanted": _CHECKED,
        "medians": {name: float(total * value) for name, value in zip(names, medians, strict=False)}
        if n_matching else {},
    }  # fmt: skip


def _levels(comparison) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "name": level.name,
            "current": float(level.current) if np.isfinite(level.current) else None,
            "count": float(comparison.recording.counts[k]),
            "allowed": float(comparison.allowed[k]),
            "compared": bool(comparison.compared[k]),
        }
        for k, level in enumerate(comparison.protocol.levels)
    )


def _described(task) -> dict[str, Any]:
    names = task.neuron.column_names
    ranges = {name: [float(x) for x in bounds] for name, bounds in zip(names, task.prior.ranges, strict=True)}
    told = "any conductances, threshold and leak" if task.neuron.parameters else "any conductances"
    return {"name": "broad", "described": f"{told} within the neuron's ranges", "ranges": ranges}


def _doubts(task, verification: StepVerification, table) -> list[str]:
    doubts, comparison, known = [], task.comparison, task.capacitance
    if known["source"] != "given":
        value, spread, sweeps = (known[key] for key in ("value", "spread", "sweeps"))
        if spread > _SPREAD * value or sweeps < _FEW_SWEEPS:
            doubts.append(
                f"its capacitance is a rough estimate ({value:.3g} ± {spread:.2g} pF, of {sweeps} sweeps)"
            )
    rests = [train.annotations.get("epoch_potentials") for train in task.spiketrains]
    first = [float(np.atleast_1d(rest.rescale("mV").magnitude)[0]) for rest in rests if rest is not None]
    if first and np.ptp(first) > _DRIFT:
        doubts.append(f"its potential at rest drifts by {np.ptp(first):.0f} mV over the sweeps")
    if comparison.blocked.any() and not comparison.beyond_block:
        above = comparison.protocol.levels[int(np.flatnonzero(comparison.blocked)[0])].name
        doubts.append(f"from {above} on the cell goes into block: those levels are not compared")
    if len(table):
        unit = task.prior.unit(table)
        for name, values in zip(task.neuron.column_names, unit.T, strict=True):
            if name.startswith("g_") and (values > 1 - _NEAR).mean() > _AT_END:
                doubts.append(f"{name} is at the upper end of its range in most models")
        effective = verification.sample["effective_size"]
        if effective < _LEAST_EFFECTIVE * verification.n_matching:
            doubts.append(
                f"it is an uneven sample: its {verification.n_matching} models say as much as "
                f"{effective:.0f} that were drawn evenly"
            )
    return doubts


def _block(task, table, models: Response, verification: StepVerification, seed) -> neo.Block:
    nothing = np.full(3, np.nan)
    known = {**identity(task.neuron), "seed": seed, "source": source_of(task.spiketrains), "warnings": []}
    block = build_population(
        table,
        task.neuron.column_names,
        member_dics=dics_of(task.neuron, table),
        dic_mean=nothing,
        dic_std=nothing,
        provenance=known | verification.in_provenance(),
        spiketrains=task.spiketrains,
    )
    deviations = task.comparison.deviations(models)
    block.annotations[PREFIX + "matches"] = deviations.max(axis=1) <= 1.0
    for k in range(len(task.comparison.protocol.levels)):
        block.annotations[f"{PREFIX}count_{k}"] = pq.Quantity(models.counts[:, k], pq.dimensionless)
    return block
