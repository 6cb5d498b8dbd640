"""Verified populations: models that were simulated and fire like the recording, and the verdict on them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from ..emulation import load_emulator
from ..inference import Inferred
from ..neurons import Prior
from ..populations import degeneracy_of
from ..trains import FIGURES, Firing, recording_firing, tolerances
from .candidates import Candidates
from .comparison import Comparison
from .doubts import doubts_of_estimate, doubts_of_models, doubts_of_recording, vary_otherwise
from .found import Found
from .irregularity import choose_noise, why_too_irregular
from .rounds import search
from .sample import Sample, draw_sample
from .settings import SETTINGS, Settings
from .verdict import Verification


@dataclass(frozen=True, eq=False)
class Verified:
    """Members of a population, each with what it did when it was simulated.

    Attributes
    ----------
    table : (n, n_channels) array
        mS/cm**2. Only matching members, or, without any, the nearest candidates.
    models : list of n Firing
    matching : (n,) bool array
    verification : Verification
        The verdict, and how it came about.
    """

    table: np.ndarray
    models: list[Firing]
    matching: np.ndarray
    verification: Verification


def verified_members(
    candidates: Candidates, inferred: Inferred, prior: Prior, n_models, tolerance, executor=None, report=None,
    settings: Settings = SETTINGS,
) -> Verified:  # fmt: skip
    """Models that fire like a recording: a sample of all such cells of a prior, if it can be had.

    Else they are searched for, from the candidates that the recording's estimate gives.

    Parameters
    ----------
    candidates : Candidates
        Of the recording's estimate; their random numbers are used on.
    inferred : Inferred
        The recording.
    prior : Prior
    n_models : int
    tolerance : float
    executor : concurrent.futures.Executor, optional
    report : function of (n_matching, n_models, n_simulated), optional
        Called after each round. A KeyboardInterrupt, there or in a simulation, ends the search, unless
        nothing has been simulated yet.
    settings : Settings

    Returns
    -------
    Verified
    """
    neuron, rng, cell = candidates.neuron, candidates.rng, inferred.cell
    recording = recording_firing(cell.times, neuron.training.window, cell.duration)
    draw = candidates.near(recording, settings)
    seed = int(rng.integers(2**31))
    comparison = Comparison(neuron, recording, tolerance, seed=seed, executor=executor, settings=settings)
    found = Found(comparison)
    obstacle = why_too_irregular(recording, inferred.estimate.in_domain, inferred.foreign, settings)
    sample = None
    try:
        if obstacle is None:
            choose_noise(comparison, lambda n: prior.examples(draw(n)))
        sample = _filled(found, draw, prior, n_models, rng, report, obstacle)
        if comparison.noise_std and len(found.confirmed) < n_models:
            # What varies may be the cell's own, as where bursts alternate.
            quiet = Found(replace(comparison, noise_std=0.0))
            of_quiet = _filled(quiet, draw, prior, n_models, rng, report, obstacle)
            n_simulated = comparison.n_simulated + quiet.comparison.n_simulated
            alike = not vary_otherwise(quiet, quiet.confirmed)
            if alike and len(quiet.confirmed) > len(found.confirmed):
                found, sample, comparison = quiet, of_quiet, quiet.comparison
            comparison.n_simulated = n_simulated
    except KeyboardInterrupt:
        if not found.models:
            raise
        found.interrupted, sample = True, None
    members = _chosen(found, n_models, rng) if sample is None else sample.members()
    matching = found.state[members] == "confirmed"
    n_matching = int(matching.sum())
    again = None
    try:
        if comparison.noise_std and n_matching:
            again = _again(comparison, found.table[members])
    except KeyboardInterrupt:
        found.interrupted = True
    rows = found.first_rows if found.first_rows.stop else slice(None)  # all draws, if no search began
    first, first_matching = found.table[rows], found.looked_alike[rows]
    verification = Verification(
        tolerance=tolerance,
        recording=recording,
        noise_std=comparison.noise_std,
        n_wanted=n_models,
        n_matching=n_matching,
        n_simulated=comparison.n_simulated,
        n_first=len(first),
        n_first_matching=int(first_matching.sum()),
        interrupted=found.interrupted,
        reason="" if n_matching == n_models else obstacle or _reason(found, n_matching, n_models),
        nearest=None if n_matching else found.models[members[0]],
        degeneracy=(
            degeneracy_of(neuron, found.table[members], first, first_matching) if n_matching > 1 else None
        ),
        doubts=(
            *doubts_of_estimate(inferred),
            *doubts_of_recording(inferred.cell, neuron.training.window, tolerance),
            *doubts_of_models(found, members, again, sample),
        ),
        again=again,
        prior=prior.record(),
        sample=None if sample is None else sample.record(),
    )
    return Verified(found.table[members], [found.models[i] for i in members], matching, verification)


def _filled(found: Found, draw, prior: Prior, n_models, rng, report, obstacle) -> Sample | None:
    """Simulate models until enough fire like the recording: a sample, or, where that fails, a search."""
    sample = None
    if obstacle is None:
        sample = draw_sample(found, prior, load_emulator(prior.neuron), n_models, rng, report)
    if sample is not None and sample.is_enough:
        return sample
    search(
        found, draw, n_models, rng, report, give_up=obstacle is not None,
        hopeless=sample is not None and sample.is_hopeless, move=prior.examples,
    )  # fmt: skip
    return None


def _chosen(found: Found, n_models, rng):
    """Indices of matching members, at random if there are more than wanted, or of the nearest candidates."""
    confirmed = found.confirmed
    if len(confirmed):
        return np.sort(rng.permutation(confirmed)[:n_models])
    return np.argsort(found.distance(), kind="stable")[:n_models]


def _again(comparison, table):
    """Share of members that match when they are judged once more, under other noise."""
    return float(comparison.judge(table)[1].mean())


def _reason(found: Found, n_matching, n_models):
    """In words, why there are fewer members than wanted."""
    recording, comparison = found.comparison.recording, found.comparison
    n = f"{comparison.n_simulated:,} simulations"
    if found.interrupted:
        return f"interrupted after {n} with {n_matching} of {n_models} models"
    if n_matching:
        return f"{n_matching} of {n_models} models were found in {n}: few cells of this neuron fire like that"
    classes = Counter(model.activity for model in found.models)
    if not classes[recording.activity]:
        others = ", ".join(f"{count:,} {activity}" for activity, count in classes.most_common())
        return f"in {n} no model was {recording.activity} ({others})"
    nearest = found.models[int(np.argmin(found.distance()))]
    limits = tolerances(recording, comparison.tolerance)
    off = [
        f"{name.replace('_', ' ')} {getattr(nearest, name):.3g}, not {value:.3g} {FIGURES[name]}".strip()
        for (name, value), limit in zip(recording.figures().items(), limits, strict=True)
        if not abs(getattr(nearest, name) - value) <= limit
    ]
    if not off:
        return f"in {n} the models that matched did not in a longer simulation"
    noise = f" (with current noise of {comparison.noise_std:g} uA/cm**2)" if comparison.noise_std else ""
    return f"the nearest model in {n}{noise} has {', '.join(off)}"
