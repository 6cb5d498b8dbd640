"""From the sweeps of one cell under current steps to a population that fires like it at every level."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import neo
import numpy as np
import quantities as pq

from ..inference import DICEstimate, load_step_regressor
from ..neurons import dics_of
from ..populations import PREFIX, build_population, identity, source_of
from ..trains import (
    LevelComparison,
    Response,
    protocol_of,
    recorded_response,
    step_features,
)
from .doubts import doubts_about_recording
from .library import load_library, ranges_of_cells
from .search import StepSearch
from .sweeps import FINENESS, MEMBRANE, Bench
from .tasks import StepTask
from .verdict import StepVerification

#: Times the capacitance that is checked too, how many models are looked for there, among how many cells.
_FACTORS, _CHECKED, _MOST_CHECKED = (0.7, 1.4), 20, 1500
#: Conditions with which candidates are looked at before they run through more of them.
_LOOKED_AT = (2, 5)
#: A share of the members at an end of a range, and how near that is.
_AT_END, _NEAR = 0.5, 0.05
#: Evenly drawn members, as a share, that a sample has to be worth.
_LEAST_EFFECTIVE = 0.2


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

    Notes
    -----
    A KeyboardInterrupt ends the search, unless nothing has been simulated yet; what was found is returned.
    """
    search, interrupted = _search(task, seed, executor), False
    table, models, wanted = np.empty((0, 0)), None, n_models
    while not (interrupted or search.is_over or len(table) == n_models):
        interrupted = _ran(search, wanted, report)
        members = search.drawn(np.random.default_rng([seed, 1]))[0]
        table, models, stopped = _judged(task, search, members, n_models, executor)
        interrupted, wanted = interrupted or stopped, 2 * wanted
    reason = f"the search ended after {len(search.unit):,} simulated cells" if len(table) < n_models else ""
    matching = np.ones(len(table), dtype=bool)
    if models is None or not len(table):
        table, models = _nearest(task, search, n_models, executor)
        worst = task.comparison.deviations(models).max(axis=1)
        matching = worst <= 1.0
        if not matching.any():
            reason = f"the nearest {task.comparison.reason(models, int(worst.argmin()))}"
    n_matching = int(matching.sum())
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
        levels=levels_of(task.comparison),
        capacitance=task.capacitance,
        prior=_described(task),
        sample={"n_fitting": int(search.fits.sum()), "effective_size": search.effective_size},
        checks=tuple(checks),
    )
    doubts = _doubts(task, verification, table[matching])
    return _block(task, table, models, replace(verification, doubts=tuple(doubts)), seed)


def bench_of_task(task, executor, capacitance=None) -> Bench:
    """Where cells run under the currents of a task, with its capacitance or another one (pF)."""
    membrane = bool(MEMBRANE & {*task.comparison.figures})
    value = task.capacitance["value"] if capacitance is None else capacitance
    return Bench(task.neuron, task.comparison.protocol, value, membrane, executor)


def _search(task, seed, executor, factor=1.0) -> StepSearch:
    bench = bench_of_task(task, executor, factor * task.capacitance["value"])
    parts = [_part(task, n) for n in _LOOKED_AT if n < len(task.comparison.protocol.conditions)]
    stages = [(_bench_of(part, bench), part) for part in parts] + [(bench, task.comparison)]
    return StepSearch(stages, task.prior, load_library(task.neuron), np.random.default_rng([seed, 0]))


def _ran(search, n_models, report) -> bool:
    """Let a search run; whether it was interrupted."""
    try:
        search.run(n_models, report or (lambda *counts: None))
    except KeyboardInterrupt:
        if not len(search.unit):
            raise
        return True
    return False


def _bench_of(comparison, bench) -> Bench:
    """The same for the currents of another comparison."""
    return replace(bench, protocol=comparison.protocol, membrane=bool(MEMBRANE & {*comparison.figures}))


def _part(task, n) -> LevelComparison:
    """The comparison with n of the conditions, that of the highest count among them; of spikes alone."""
    protocol, comparison = task.comparison.protocol, task.comparison
    counts = np.where(protocol.is_step & comparison.compared, comparison.recording.counts, 0.0)
    of_condition = [sum(counts[level] for *_, level in pieces) for pieces in protocol.pieces]
    order = np.argsort(of_condition, kind="stable")
    chosen = {int(order[-1 - k]) for k in np.linspace(0, len(order) - 1, n + 1).round().astype(int)[:n]}
    kept = [t for t, k in zip(task.spiketrains, protocol.condition_of, strict=True) if k in chosen]
    part = protocol_of(kept)
    recording = recorded_response(part, kept)
    spreads = np.empty(len(part.levels))
    for here, there in zip(part.pieces, sorted(chosen), strict=True):
        for (*_, level), (*_, of_whole) in zip(here, protocol.pieces[there], strict=True):
            spreads[level] = comparison.recording.spreads[of_whole]
    figures = tuple(figure for figure in comparison.figures if figure not in MEMBRANE)
    return replace(comparison, protocol=part, recording=replace(recording, spreads=spreads), figures=figures)


def _judged(task, search, members, n_models, executor) -> tuple[np.ndarray, Response | None, bool]:
    """The first members that fire like the recording in the fine simulation too, up to those wanted.

    Beside what they do, whether they were interrupted.
    """
    bench, kept, found = bench_of_task(task, executor), [], []
    n_found, interrupted = 0, False
    while n_found < n_models and len(members):
        batch, members = np.split(members, [min(len(members), max(16, n_models - n_found))])
        table = search.prior.cells(search.unit[batch])
        try:
            models = bench.responses(table, FINENESS)
        except KeyboardInterrupt:
            interrupted = True
            break
        right = np.flatnonzero(task.comparison.deviations(models).max(axis=1) <= 1.0)[: n_models - n_found]
        kept.append(table[right])
        found.append(models.of(right))
        n_found += len(right)
    if not kept:
        return np.empty((0, len(task.neuron.column_names))), None, interrupted
    return np.concatenate(kept), Response.joined(found), interrupted


def _nearest(task, search, n_models, executor) -> tuple[np.ndarray, Response]:
    """The cells that fire most like the recording, and what they do in the fine simulation."""
    table = search.prior.cells(search.unit[np.argsort(search.worst, kind="stable")[:n_models]])
    return table, bench_of_task(task, executor).responses(table, FINENESS)


def _check(task, factor, seed, executor) -> dict[str, Any]:
    """What a search with another capacitance finds."""
    search = _search(task, seed, executor, factor)
    search.run(_CHECKED, lambda *counts: None, most=_MOST_CHECKED)
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


def levels_of(comparison: LevelComparison) -> tuple[dict[str, Any], ...]:
    """What a Block keeps of the levels."""
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
    declared = np.asarray(ranges_of_cells(task.neuron))
    given = [
        f"{name.removeprefix('g_')} from {low:g} to {high:g}"
        for name, (low, high), theirs in zip(names, task.prior.ranges, declared, strict=True)
        if (low, high) != tuple(theirs)
    ]
    if given:
        own = f"{told} within the neuron's ranges, but for {', '.join(given)}"
        return {"name": "ranges", "described": own, "ranges": ranges}
    return {"name": "broad", "described": f"{told} within the neuron's ranges", "ranges": ranges}


def _doubts(task, verification: StepVerification, table) -> list[str]:
    doubts, comparison = doubts_about_recording(task), task.comparison
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


def _estimate(task) -> DICEstimate | None:
    """What the neuron's network for steps says, if it has one."""
    regressor = load_step_regressor(task.neuron)
    if regressor is None:
        return None
    comparison = task.comparison
    if not any(np.isfinite(level.injected) for level in comparison.protocol.levels):
        return None  # the current never stays
    features = step_features(comparison.protocol, comparison.recording, task.capacitance["value"])
    return regressor.estimate(features)[0]


def _block(task, table, models: Response, verification: StepVerification, seed) -> neo.Block:
    estimate = _estimate(task)
    known = {**identity(task.neuron), "seed": seed, "source": source_of(task.spiketrains), "warnings": []}
    block = build_population(
        table,
        task.neuron.column_names,
        member_dics=dics_of(task.neuron, table),
        dic_mean=np.full(3, np.nan) if estimate is None else estimate.mean,
        dic_std=np.full(3, np.nan) if estimate is None else estimate.std,
        provenance=known | verification.in_provenance(),
        spiketrains=task.spiketrains,
    )
    annotate_levels(block, task.comparison, models)
    return block


def annotate_levels(block: neo.Block, comparison: LevelComparison, models: Response) -> None:
    """Write into a Block which members match, and what each did at each level."""
    block.annotations[PREFIX + "matches"] = comparison.deviations(models).max(axis=1) <= 1.0
    for k in range(len(comparison.protocol.levels)):
        block.annotations[f"{PREFIX}count_{k}"] = pq.Quantity(models.counts[:, k], pq.dimensionless)
