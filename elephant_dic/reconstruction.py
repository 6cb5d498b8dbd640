"""The whole job: spike train to DICs to a population of models."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial

import neo
import numpy as np
import quantities as pq
from tqdm.auto import tqdm

from .arguments import check_n_models, check_number, check_seed, check_tolerance
from .inference import (
    NEURON,
    STEP_NEURON,
    DICEstimate,
    Inferred,
    Skipped,
    check_errors,
    infer,
    infer_many,
    one_of_many,
)
from .neurons import (
    DIC_NAMES,
    NeuronModel,
    Prior,
    compensated_population,
    dics_of,
    fingerprint,
    get_neuron,
    prior_of,
)
from .populations import annotate_members, build_population, identity, provenance, source_of
from .search import Candidates, Verification, suggest_neuron, verified_members
from .simulation import shows_bars
from .steps import StepVerification, ranges_of_prior, step_population, step_task
from .trains import any_stepped, cells_of, is_stepped


def reconstruct(
    spiketrain: neo.SpikeTrain | neo.Group,
    neuron: str | NeuronModel | None = None,
    n_models: int = 500,
    *,
    verify: bool = True,
    tolerance: float = 0.1,
    prior: str | Mapping[str, tuple[float, float]] = "mixture",
    capacitance: pq.Quantity | None = None,
    figures: Sequence[str] = (),
    beyond_block: bool = False,
    seed: int | None = None,
    executor: Executor | None = None,
    progress: bool | Callable[[int, int, int], None] = False,
) -> neo.Block:
    """From the spike times of one cell to a degenerate population of neuron models that fire like it.

    The DICs that the train tells of give candidates, each with other ion channels. They are simulated and
    compared with the recording; those that miss are corrected and replaced. Of sweeps under current steps,
    models are found that fire like the cell at every level, under the current as it was.

    Parameters
    ----------
    spiketrain : neo.SpikeTrain or neo.Group
        A train of at least 5 spikes, or the sweeps of one cell; under current steps as `read_spiketrains`
        gives them.
    neuron : str or NeuronModel, optional
        Default: "stg", and "cortical" for sweeps under current steps.
    n_models : int
        1 to 100,000. Default: 500.
    verify : bool
        Whether to simulate. Without, the members are the candidates (milliseconds, the published method).
    tolerance : float
        Largest relative difference of rates and durations between a member and the recording, more than 0
        and at most 0.5. Spikes per burst may differ by one where that is more. Default: 0.1.
    prior : str or mapping
        Which cells the neuron could be, of which those that fire like the recording are drawn: "family", its
        reference family; "broad", any conductances within the ranges that it declares; "mixture", half of
        each (of a neuron that has but one of the two, that one); or ranges (low, high) in mS/cm**2 by name
        of channel, such as ``{"leak": (0.005, 0.02)}``, with the declared ones for the others.
        Without `verify` the members have the DICs inferred, whatever the prior. Under current steps cells
        have any conductances and parameters within ranges. Default: "mixture".
    capacitance : Quantity, optional
        Of a cell under current steps (pF). Default: that which reading has estimated.
    figures : sequence of str
        What is compared under current steps beside the count at each level and the rate at rest: any of
        "latency", "adaptation", "potential", "resistance" and "sag". Default: none.
    beyond_block : bool
        Whether levels above that of the highest count, at which the cell goes into block, are compared too.
        Default: False.
    seed : int, optional
        With None a seed is drawn and written into the Block.
    executor : concurrent.futures.Executor, optional
        For the simulations. Default: threads, one a core. The result is the same with any.
    progress : bool or function of (n_matching, n_models, n_simulated)
        Whether to show a progress bar (where there is a terminal), or what to call after each round.

    Returns
    -------
    neo.Block
        The population: see `conductances`, `simulate_population`, `save_population`. Its provenance holds the
        verdict: "verified" (all of the `n_models` members fire like the recording, and no doubt is known),
        "verified, with doubts" (they do, but the recording is outside of the domain, like chance or two
        cells, stimulated, drifting …), "partial" (fewer members, all match), "not reproduced" (the nearest
        candidates; none matches) or, without `verify`, "not verified". ``block.annotations`` has
        ``population_matches`` and what each member did (``population_rate``, ``population_burst_rate`` …;
        under current steps ``population_count_0`` …, one a level).

    Raises
    ------
    TypeError, ValueError
        As in `infer_dics`; for a wrong `n_models`, `tolerance` or `seed`; if the inferred DICs are out of
        reach; under current steps, if the current of a sweep or the capacitance is not known.

    Warns
    -----
    UserWarning
        If the train is unlike those that the network was trained on, or not all members could be verified.

    Notes
    -----
    A KeyboardInterrupt ends the search, and what was found is returned.

    Brandoit, Ernst, Drion, Fyon, PLoS Computational Biology 2026, doi 10.1371/journal.pcbi.1014337.
    """
    n_models, seed, limit = check_n_models(n_models), check_seed(seed), check_tolerance(tolerance)
    stepped = is_stepped(spiketrain)
    neuron = get_neuron(neuron or (STEP_NEURON if stepped else NEURON))
    if stepped:
        if not verify:
            raise ValueError("models under current steps are found by simulating them: verify=False has none")
        task = step_task(
            spiketrain, neuron, limit, capacitance, figures, beyond_block, ranges_of_prior(prior)
        )
        with _reporter(progress, n_models) as report:
            block = step_population(task, n_models, seed, executor, report)
    else:
        if capacitance is not None or figures or beyond_block:
            raise ValueError("capacitance, figures and beyond_block are for recordings under current steps")
        chosen = prior_of(neuron, prior)
        inferred = infer(spiketrain, neuron)
        with _reporter(progress if verify else False, n_models) as report:
            block = population_of(
                inferred, chosen, n_models, seed, limit if verify else None, executor, report
            )
    _warn(block)
    return block


def reconstruct_many(
    spiketrains: Iterable[neo.SpikeTrain | neo.Group] | neo.Segment | neo.Block,
    neuron: str | NeuronModel | None = None,
    n_models: int = 500,
    *,
    verify: bool = True,
    tolerance: float = 0.1,
    prior: str | Mapping[str, tuple[float, float]] = "mixture",
    capacitance: pq.Quantity | None = None,
    figures: Sequence[str] = (),
    beyond_block: bool = False,
    seed: int | None = None,
    executor: Executor | None = None,
    progress: bool = False,
    errors: str = "raise",
) -> list[neo.Block | Skipped]:
    """`reconstruct` for many cells, with one call of the network.

    Parameters
    ----------
    spiketrains : iterable, neo.Segment or neo.Block
        One entry a cell, each as in `reconstruct`. A Block gives its Groups if it has any with spike trains,
        else one cell a unit name across its Segments.
    neuron : str or NeuronModel, optional
        Default: "stg", and "cortical" for sweeps under current steps.
    n_models : int
        Members of each population. Default: 500.
    verify, tolerance, prior, capacitance, figures, beyond_block
        As in `reconstruct`; the last three are for those cells that are under current steps.
    seed : int, optional
        Cell i gets seed + i, so that it can be had again alone.
    executor : concurrent.futures.Executor, optional
        As in `reconstruct`.
    progress : bool
        Whether to show a progress bar.
    errors : str
        What to do with a cell that `reconstruct` would refuse, such as a silent one: "raise" its error, with
        its number, or "skip" it. Default: "raise".

    Returns
    -------
    list of neo.Block or Skipped
        One a cell, in order. A cell that is skipped is a `Skipped`, which says why; there is none unless
        `errors` is "skip". After a KeyboardInterrupt, those after the interrupted one are "not verified".

    Raises
    ------
    TypeError, ValueError
        As `reconstruct`, with the number of the cell; if `errors` is neither of the two.

    Warns
    -----
    UserWarning
        As `reconstruct`, with the number of the cell; for each cell that is skipped.

    See Also
    --------
    reconstruct_session : for files of many cells; it goes on where it stopped.
    """
    n_models, seed, skip = check_n_models(n_models), check_seed(seed), check_errors(errors)
    cells = cells_of(spiketrains)
    if any_stepped(cells):
        for_all = partial(
            reconstruct, neuron=neuron, n_models=n_models, verify=verify, tolerance=tolerance, prior=prior,
            executor=executor,
        )  # fmt: skip
        of_steps = partial(for_all, capacitance=capacitance, figures=figures, beyond_block=beyond_block)
        return [
            one_of_many(
                i, cell, skip, partial(of_steps if any_stepped([cell]) else for_all, cell, seed=seed + i)
            )
            for i, cell in enumerate(tqdm(cells, desc="cells", disable=not (progress and shows_bars())))
        ]
    if capacitance is not None or figures or beyond_block:
        raise ValueError("capacitance, figures and beyond_block are for recordings under current steps")
    neuron = get_neuron(neuron or NEURON)
    limit, chosen = check_tolerance(tolerance) if verify else None, prior_of(neuron, prior)
    found = infer_many(cells, neuron, errors)
    blocks: list[neo.Block | Skipped] = []
    for i, inferred in enumerate(tqdm(found, desc="cells", disable=not (progress and shows_bars()))):
        made = inferred
        if isinstance(inferred, Inferred):
            try:
                made = population_of(inferred, chosen, n_models, seed + i, limit, executor)
            except ValueError as error:  # its DICs are out of the neuron's reach
                if not skip:
                    raise ValueError(f"cell {i}: {error}") from error
                made = Skipped.of(i, inferred.cell.cell, error)
        if isinstance(made, Skipped):
            warnings.warn(f"cell {i}: skipped: {made.reason}", UserWarning, stacklevel=2)
        else:
            _warn(made, f"cell {i}: ")
            verification = Verification.of_block(made)
            limit = None if verification and verification.interrupted else limit
        blocks.append(made)
    return blocks


def population_of(
    inferred: Inferred, prior: Prior, n_models, seed, tolerance, executor=None, report=None
) -> neo.Block:
    """What was inferred from a cell → cells that may fire like it → simulated, compared → a population.

    Without a tolerance nothing is simulated: the members are candidates with the DICs inferred.
    """
    neuron = prior.neuron
    candidates = Candidates(neuron, inferred.estimate, np.random.default_rng(seed))
    if tolerance is None:
        return _population(candidates, candidates.draw(n_models), seed, inferred.cell.spiketrains)
    found = verified_members(candidates, inferred, prior, n_models, tolerance, executor, report)
    verification = found.verification
    if verification.verdict == "not reproduced" and not (verification.interrupted or inferred.foreign):
        with suppress(KeyboardInterrupt):  # what was found is kept
            reason = verification.reason + _others(inferred, neuron, seed, executor)
            verification = replace(verification, reason=reason)
    outcome = verification.in_provenance()
    block = _population(candidates, found.table, seed, inferred.cell.spiketrains, outcome)
    annotate_members(block, found.models, found.matching)
    return block


def _others(inferred: Inferred, neuron: NeuronModel, seed, executor) -> str:
    """Of which other neurons some first candidates fire like a recording that this one does not."""
    others = [
        f"{each.neuron} ({each.evidence})"
        for each in suggest_neuron(inferred.cell.cell, seed=seed, executor=executor)
        if each.n_matching and get_neuron(each.neuron) is not neuron
    ]
    return f"; try neuron {' or '.join(others)}" if others else ""


@contextmanager
def _reporter(progress, n_models):
    """What `search` calls after each round: the user's function, a bar, or nothing."""
    if callable(progress):
        yield progress
        return
    with tqdm(total=n_models, desc="models verified", disable=not (progress and shows_bars())) as bar:

        def report(n_matching, n_models, n_simulated):
            bar.set_postfix(simulated=n_simulated, refresh=False)
            bar.update(n_matching - bar.n)

        yield report


def _warn(block, cell=""):
    """Warn the caller's caller of what is doubtful about a reconstructed population."""
    doubts = list(provenance(block)["warnings"])
    found = Verification.of_block(block) or StepVerification.of_block(block)
    if found and found.reason:
        doubts.append(f"{found.verdict}: {found.reason}")
    for doubt in doubts:
        warnings.warn(f"{cell}{doubt}", UserWarning, stacklevel=3)


def generate_population(
    dics: DICEstimate | Mapping[str, float],
    neuron: str | NeuronModel = "stg",
    n_models: int = 500,
    *,
    seed: int | None = None,
) -> neo.Block:
    """A degenerate population with wanted DICs.

    Parameters
    ----------
    dics : DICEstimate or mapping
        A distribution, from which each member's DICs are drawn, or numbers that all members share, such as
        ``{"g_s": -5, "g_u": 8}``: of the two DICs in which the neuron is trained. With the third as well
        (mostly "g_f"), a third conductance is solved for it; without, and from a distribution, it follows
        from the others.
    neuron : str or NeuronModel
        Default: "stg".
    n_models : int
        1 to 100,000. Default: 500.
    seed : int, optional
        With None a seed is drawn and written into the Block.

    Returns
    -------
    neo.Block

    Raises
    ------
    TypeError
        If `dics` is neither.
    ValueError
        If a DIC is missing, unknown or not finite, or if the DICs are out of the neuron's reach.

    Warns
    -----
    UserWarning
        If numbers lie outside of the range in which the neuron's family has been studied.
    """
    neuron, n_models, seed = get_neuron(neuron), check_n_models(n_models), check_seed(seed)
    if isinstance(dics, DICEstimate):
        if fingerprint(get_neuron(dics._neuron)) != fingerprint(neuron):
            other = ", as it is declared here" if dics._neuron == neuron.name else ""
            raise ValueError(
                f"these DICs were inferred for neuron {dics._neuron!r}, not {neuron.name!r}{other}"
            )
        candidates = Candidates(neuron, dics, np.random.default_rng(seed))
        return _population(candidates, candidates.draw(n_models), seed)
    if not isinstance(dics, Mapping):
        raise TypeError(
            f"dics must be a DICEstimate or a dict such as {{'g_s': -5, 'g_u': 8}}, got {type(dics).__name__}"
        )
    target = _check_target(dics, neuron)
    table, n_redrawn = compensated_population(
        neuron, np.tile(target, (n_models, 1)), np.random.default_rng(seed)
    )
    std = np.where(np.isnan(target), np.nan, 0.0)
    origin = {"dics": {name: float(value) for name, value in dics.items()}, "n_redrawn": n_redrawn}
    return _block(neuron, table, target, std, seed, origin)


def _check_target(dics, neuron: NeuronModel) -> np.ndarray:
    first, second = neuron.training.target_names
    unknown, missing = set(dics) - set(DIC_NAMES), {first, second} - set(dics)
    if unknown or missing:
        wrong = f"unknown: {sorted(map(str, unknown))}" if unknown else f"missing: {sorted(missing)}"
        third = DIC_NAMES[neuron.training.target_rows[-1]]
        raise ValueError(f"dics must name {first} and {second}, and may name {third}; {wrong}")
    dics = {name: check_number(value, name) for name, value in dics.items()}
    target = np.array([dics.get(name, np.nan) for name in DIC_NAMES], dtype=float)
    given = np.array([name in dics for name in DIC_NAMES])
    if not np.isfinite(target[given]).all():
        raise ValueError(f"DICs must be finite numbers, got {dict(dics)}")
    for name, (low, high) in neuron.training.targets.items():
        if not low <= dics[name] <= high:
            warnings.warn(
                f"{name} = {dics[name]:g} is outside of {low:g} to {high:g}, where the family of neuron "
                f"{neuron.name} has been studied: look at the conductances before use",
                UserWarning,
                stacklevel=3,
            )
    return target


def _population(candidates: Candidates, table, seed, spiketrains=(), outcome=None) -> neo.Block:
    """Cells that come from an estimate, with all that is known of it."""
    estimate = candidates.estimate
    origin = {
        "weights_sha256": estimate._weights_sha256,
        "in_domain": estimate.in_domain,
        "domain_score": estimate.domain_score,
        "warnings": list(estimate.warnings),
        "n_redrawn": candidates.n_redrawn,
    } | (outcome or {})
    return _block(candidates.neuron, table, estimate.mean, estimate.std, seed, origin, spiketrains)


def _block(neuron, table, mean, std, seed, origin, spiketrains=()) -> neo.Block:
    source = {"source": source_of(spiketrains)}
    known = {**identity(neuron), "verdict": "not verified", "seed": seed, **source}
    return build_population(
        table,
        neuron.conductance_names,
        member_dics=dics_of(neuron, table),
        dic_mean=mean,
        dic_std=std,
        provenance=known | origin,
        spiketrains=spiketrains,
    )
