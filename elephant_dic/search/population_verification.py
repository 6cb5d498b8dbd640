"""Populations from anywhere, checked against a recording."""

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
    PREFIX,
    annotate_members,
    conductance_table,
    neuron_of,
    noise_of,
    provenance,
    put_recording,
    recording_of,
    source_of,
)
from ..simulation import progress_bar
from ..trains import DISTANCES, clean, recording_firing, train_distances
from .comparison import Comparison
from .doubts import NOT_A_SAMPLE, OUTSIDE, doubts_of_recording
from .verdict import Verification

#: Models simulated between two steps of the progress bar.
_BATCH = 256
#: Keys of the provenance that are true of the recording alone from which the population was inferred.
_OF_THE_RECORDING = ("source", "rec_datetime", "warnings", "in_domain", "domain_score", "parent")


def verify_population(
    block: neo.Block,
    spiketrain: neo.SpikeTrain | neo.Group,
    *,
    tolerance: float = 0.1,
    noise_std: pq.Quantity | None = None,
    distances: Sequence[str] = (),
    seed: int | None = None,
    executor: Executor | None = None,
    progress: bool = False,
) -> neo.Block:
    """`elephant_dic.verify_population` of a recording without current steps."""
    before, neuron, table = Verification.of_block(block), neuron_of(block), conductance_table(block)[1]
    tolerance, seed, cell = check_tolerance(tolerance), check_seed(seed), clean(spiketrain)
    unknown = set(distances) - set(DISTANCES)
    if isinstance(distances, str) or unknown:
        raise ValueError(f"distances must be a sequence of {', '.join(DISTANCES)}, got {distances!r}")
    noise = noise_of(block) if noise_std is None else magnitude(noise_std, "uA/cm**2", "noise_std")
    recording = recording_firing(cell.times, neuron.training.window, cell.duration)
    comparison = Comparison(neuron, recording, tolerance, noise, seed, executor)
    models, matching, trains = [], [], []
    with progress_bar(len(table), "verifying", "model", progress) as bar:
        for start in range(0, len(table), _BATCH):
            members = table[start : start + _BATCH]
            new, matched, runs = comparison.judge(members, comparison.look(members)[1])
            models += new
            matching += matched.tolist()
            trains += [first for first, *_ in runs]
            bar.update(len(new))
    checked, known = copy.deepcopy(block), _known(block, cell.spiketrains)
    for name in DISTANCES:
        checked.annotations.pop(PREFIX + name, None)
    annotate_members(checked, models, matching)
    for name in distances:
        values = train_distances(name, cell.times, trains, recording)
        checked.annotations[PREFIX + name] = pq.Quantity(values, pq.dimensionless)
    put_recording(checked, cell.spiketrains)
    doubts = [] if known.get("in_domain", True) else [OUTSIDE.format(known["domain_score"])]
    doubts += doubts_of_recording(cell, neuron.training.window, tolerance)
    if before and before.prior and not before.sample:
        doubts.append(NOT_A_SAMPLE)
    found = _verification(comparison, matching, before, doubts)
    checked.annotations["elephant_dic"] = json.dumps(known | found.in_provenance())
    return checked


def _known(block, spiketrains):
    """The provenance of a Block, without what it says of a recording that is not the one given now."""
    known, before = provenance(block), recording_of(block)
    same = len(before) == len(spiketrains) and all(
        np.array_equal(old.rescale("ms").magnitude, new.rescale("ms").magnitude)
        for old, new in zip(before, spiketrains, strict=True)
    )
    if same or not before:
        return known if same else known | {"source": source_of(spiketrains)}
    kept = {key: value for key, value in known.items() if key not in _OF_THE_RECORDING}
    return kept | {"source": source_of(spiketrains), "parent": known}


def _verification(comparison, matching, before, doubts) -> Verification:
    n, n_matching = len(matching), int(np.sum(matching))
    return Verification(
        tolerance=comparison.tolerance,
        recording=comparison.recording,
        noise_std=comparison.noise_std,
        n_wanted=n,
        n_matching=n_matching,
        n_simulated=n,
        n_first=n,
        n_first_matching=n_matching,
        interrupted=False,
        reason="" if n_matching == n else f"{n - n_matching} of {n} members fire otherwise",
        nearest=None,
        degeneracy=before.degeneracy if before else None,
        doubts=tuple(doubts),
        noise_seed=comparison.seed,
    )
