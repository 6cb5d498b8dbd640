"""Populations from anywhere, checked against a recording, with or without current steps."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from concurrent.futures import Executor

import neo
import numpy as np
import quantities as pq

from ..arguments import check_seed, check_tolerance, magnitude
from ..populations import (
    capacitance_of,
    conductance_table,
    neuron_of,
    provenance,
    put_recording,
    source_of,
)
from ..search import verify_population as verify_without_steps
from ..simulation import progress_bar
from ..trains import Response, is_stepped
from .doubts import doubts_about_recording
from .populations import annotate_levels, bench_of_task, levels_of
from .sweeps import FINENESS
from .tasks import StepTask, step_task
from .verdict import StepVerification

#: Models simulated between two steps of the progress bar.
_BATCH = 64


def verify_population(
    block: neo.Block,
    spiketrain: neo.SpikeTrain | neo.Group,
    *,
    tolerance: float = 0.1,
    noise_std: pq.Quantity | None = None,
    distances: Sequence[str] = (),
    capacitance: pq.Quantity | None = None,
    figures: Sequence[str] = (),
    beyond_block: bool = False,
    seed: int | None = None,
    executor: Executor | None = None,
    progress: bool = False,
) -> neo.Block:
    """Simulate each member of a population and tell whether it fires like a recording.

    The simulation is that by which `reconstruct` judges its models, from a short one on: after the whole
    transient, and in finer steps for bursting ones without noise; of sweeps under current steps, under the
    current as it was, in steps a quarter as long. No member is changed or dropped.

    Parameters
    ----------
    block : neo.Block
        A population, from `reconstruct`, `generate_population`, `population_from_conductances` or a file.
    spiketrain : neo.SpikeTrain or neo.Group
        A recording of at least 5 spikes, or the sweeps of one cell.
    tolerance : float
        Largest relative difference of rates and durations. Spikes per burst may differ by one where that is
        more; counts under current steps by twice as much, or one. Default: 0.1.
    noise_std : Quantity, optional
        Standard deviation of a current noise injected into each member (uA/cm**2). Default: that with which
        the population was verified before, else none.
    distances : sequence of str
        Distances between the members' trains and the recording to add, see `train_distances`: any of
        "van_rossum", "victor_purpura" and "isi"; not under current steps. Default: none.
    capacitance, figures, beyond_block
        As in `reconstruct`, for a recording under current steps. Default capacitance: that of the population,
        else that which reading has estimated.
    seed : int, optional
        Of the noise. With None a seed is drawn and written into the Block.
    executor : concurrent.futures.Executor, optional
        Default: threads, one a core. The result is the same with any.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    neo.Block
        A copy with ``population_matches``, what each member did (``population_activity``,
        ``population_rate`` …, under current steps ``population_count_0`` …), a ``population_NAME`` for each
        distance, the recording given, and a verdict in its provenance: "verified" if all members match,
        "partial" if some do, else "not reproduced". What was known of an earlier, other recording is in the
        ``parent`` of the provenance alone.

    Raises
    ------
    TypeError, ValueError
        If `block` is not a population, the train is none or has too few spikes, or an argument is wrong.
    """
    if is_stepped(spiketrain):
        if distances:
            raise ValueError("distances are of trains without current steps")
        known = capacitance_of(block)
        if capacitance is None and known is not None:
            capacitance = known * pq.pF
        limit, neuron = check_tolerance(tolerance), neuron_of(block)
        task = step_task(spiketrain, neuron, limit, capacitance, figures, beyond_block)
        noise = 0.0 if noise_std is None else magnitude(noise_std, "uA/cm**2", "noise_std")
        return _verified(block, task, noise, check_seed(seed), executor, progress)
    if capacitance is not None or figures or beyond_block:
        raise ValueError("capacitance, figures and beyond_block are for recordings under current steps")
    return verify_without_steps(
        block, spiketrain, tolerance=tolerance, noise_std=noise_std, distances=distances, seed=seed,
        executor=executor, progress=progress,
    )  # fmt: skip


def _verified(block, task: StepTask, noise_std, seed, executor, progress) -> neo.Block:
    comparison, table = task.comparison, conductance_table(block)[1]
    bench = bench_of_task(task, executor)
    found = []
    with progress_bar(len(table), "verifying", "model", progress) as bar:
        for start in range(0, len(table), _BATCH):
            members = table[start : start + _BATCH]
            found.append(bench.responses(members, FINENESS, noise_std, seed + start))
            bar.update(len(members))
    models = Response.joined(found)
    worst = comparison.deviations(models).max(axis=1)
    n_matching, n = int((worst <= 1).sum()), len(table)
    reason = ""
    if not n_matching:
        reason = f"the nearest {comparison.reason(models, int(np.argmin(worst)))}"
    elif n_matching < n:
        reason = f"{n - n_matching} of {n} members fire otherwise"
    before = StepVerification.of_block(block)
    verification = StepVerification(
        tolerance=comparison.tolerance, figures=comparison.figures, n_wanted=n, n_matching=n_matching,
        n_simulated=n, n_first=n, n_first_matching=n_matching, interrupted=False, reason=reason,
        doubts=tuple(doubts_about_recording(task)),
        levels=levels_of(comparison), capacitance=task.capacitance, prior=before.prior if before else {},
        sample=before.sample if before else {},
    )  # fmt: skip
    checked, known = copy.deepcopy(block), provenance(block)
    annotate_levels(checked, comparison, models)
    put_recording(checked, task.spiketrains)
    known = {"source": source_of(task.spiketrains), "parent": known} | {
        key: known[key] for key in ("neuron", "neuron_fingerprint", "seed", "warnings") if key in known
    }
    checked.annotations["elephant_dic"] = json.dumps(_schema_of(block) | known | verification.in_provenance())
    return checked


def _schema_of(block):
    return {key: provenance(block)[key] for key in ("schema", "package_version")}
