"""`identify_changes`: which channels explain what differs between two recordings of a cell."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace

import neo
import numpy as np
import quantities as pq

from ..arguments import check_n_models, check_seed, check_share, check_tolerance, check_whole
from ..neurons import NeuronModel, dics_of, get_neuron
from ..populations import (
    PREFIX,
    Changes,
    annotate_pairs,
    capacitance_of,
    conductance_table,
    holds_changes,
    neuron_of,
    noise_of,
    provenance,
    recording_of,
    select_members,
)
from ..reconstruction import reconstruct
from ..search import Verification
from ..trains import is_stepped, sweeps_of
from .observations import FiringAssay
from .pairs import Pairs, draw_pairs
from .stages import changes_of, weigh_changes
from .step_assay import StepAssay
from .summary import summarise

#: Members that are looked for where a train is given: by the half most like it changes are weighed.
_MEMBERS = 160
#: Members that fire like the recording before, at least.
_FEWEST = 20


def identify_changes(
    before: neo.SpikeTrain | neo.Group | neo.Block,
    after: neo.SpikeTrain | neo.Group | neo.Block,
    neuron: str | NeuronModel | None = None,
    n_models: int = 100,
    *,
    controls: Sequence[neo.SpikeTrain | neo.Group] = (),
    together: int = 1,
    level: float = 0.9,
    tolerance: float = 0.1,
    prior: str | Mapping[str, tuple[float, float]] = "mixture",
    capacitance: pq.Quantity | None = None,
    seed: int | None = None,
    executor: Executor | None = None,
    progress: bool = False,
) -> neo.Block:
    """Which channels can explain what differs between two recordings of a cell: before and after a drug, say.

    Members of a population that fire like the recording before are simulated with each conductance scaled, by
    anything from none to four times. How often, and by which factors, they then fire like the recording after
    gives each channel its probability, and its factor an interval.

    Parameters
    ----------
    before : neo.SpikeTrain, neo.Group or neo.Block
        Recording of the cell before: a train of at least 5 spikes, or sweeps, also under current steps; or a
        verified population for it, as `reconstruct` returns it.
    after : neo.SpikeTrain, neo.Group or neo.Block
        Recording of the same cell after, under steps if the other is. It may be silent, for at least five of
        the longest intervals before. Of a population, its recording.
    neuron : str or NeuronModel, optional
        Default: "stg", "cortical" for sweeps under current steps, or that of the population.
    n_models : int
        Pairs of a member before and after that are wanted. Default: 100.
    controls : sequence of neo.SpikeTrain or neo.Group
        More recordings of the cell before, such as one before a vehicle and one after it. What comes after is
        compared with the mean of all of these and `before`; by as much as they differ from each other,
        recordings differ without a change. Default: none; then it is what the scatter of intervals and
        bursts within the recordings lets expect, and 1 % at least.
    together : int
        Whether one channel may have changed (1), or one or two (2, which takes five to ten times as long).
        Default: 1.
    level : float
        Probability that the changes called likely have together. Default: 0.9.
    tolerance : float
        Within which members fire like the recordings; see `reconstruct`. Default: 0.1.
    prior : str or mapping
        As in `reconstruct`, for the population.
    capacitance : Quantity, optional
        Of a cell under current steps (pF), as in `reconstruct`.
    seed : int, optional
        With None a seed is drawn and written into the Block.
    executor : concurrent.futures.Executor, optional
        As in `reconstruct`.
    progress : bool
        Whether to show progress bars: of the population's search, and of each simulation of what changes do.

    Returns
    -------
    neo.Block
        A population whose members are pairs: its conductances, and DICs, are those before, and
        ``population_factor_g_Na`` … is what of each conductance remains after (1: all of it);
        ``population_after_g_f`` … are the DICs then, and ``population_matches_after`` says whether the
        member, so changed, fires like the recording after, which is in the Segment "recording after". What
        was found out stands in the provenance; `identified_changes` reads it. Without any pair that fires
        like both recordings, members are the most probable ones.

    Raises
    ------
    TypeError, ValueError
        As in `reconstruct`; if too few models fire like the recording before, a control fires in another
        way, the recording after has too few spikes to tell how it fires, or is silent for too short a time.

    Warns
    -----
    UserWarning
        For each doubt about the population, and about the recordings: drift, pauses, noise that is another
        after, few spikes, a short silence, changes of which few end in such firing.

    See Also
    --------
    identified_changes : what was found.

    Notes
    -----
    The leak is not among the channels: all others are relative to it. Tonic firing tells one number, its
    rate, and any channel changes that: where the change is from tonic to tonic firing, channels can hardly be
    told apart, and the Block says so.
    """
    seed, n_models, limit = check_seed(seed), check_n_models(n_models), check_tolerance(tolerance)
    together, level = check_whole(together, "together", 1, 2), check_share(level, "level")
    if controls is None or isinstance(controls, neo.SpikeTrain | neo.Group | neo.Block):
        raise TypeError("controls must be a sequence of recordings: put one into a list")
    wanted = max(_MEMBERS, n_models)
    population, doubts = _population(
        before, neuron, wanted, limit, seed, executor, progress, prior=prior, capacitance=capacitance
    )
    if isinstance(after, neo.Block) and holds_changes(after):
        raise ValueError("the Block after holds pairs, with two recordings: give the one that is meant")
    first, last = _recording(population), _recording(after)
    model, assay = neuron_of(population), _assay(population, first, last, limit, seed, executor, progress)
    observed = [_control(assay, i, control) for i, control in enumerate(controls)]
    members = _matching(population)
    table = conductance_table(population)[1][members]
    changes = changes_of(model.conductance_names, model.leak_index, together)
    evidence, rows = weigh_changes(assay, table, changes, observed, seed)
    pairs = draw_pairs(assay, table[rows], evidence, n_models, np.random.default_rng([seed, 3]))
    found = summarise(model, assay, evidence, changes, table[rows], pairs, level, seed)
    found = replace(found, doubts=tuple(dict.fromkeys((*doubts, *found.doubts))))
    for doubt in found.doubts:
        warnings.warn(doubt, UserWarning, stacklevel=2)
    return _block(population, members[rows], found, pairs, n_models, sweeps_of(last))


def _population(before, neuron, n_models, tolerance, seed, executor, progress, **options):
    """A population for the recording before, and what is doubtful about it."""
    if isinstance(before, neo.Block):
        known = provenance(before)
        if neuron is not None and get_neuron(neuron) is not neuron_of(before):
            raise ValueError(
                f"before is a population of neuron {known['neuron']}, not {get_neuron(neuron).name}"
            )
        if options["capacitance"] is not None or options["prior"] != "mixture":
            raise ValueError("prior and capacitance are those of the population that is given")
        return before, ()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        block = reconstruct(
            before, neuron, n_models, tolerance=tolerance, seed=seed, executor=executor, progress=progress,
            **options,
        )  # fmt: skip
    texts = [str(each.message) for each in caught if issubclass(each.category, UserWarning)]
    return block, tuple(f"before: {text}" for text in texts)


def _recording(given):
    """The recording given, or that of a population."""
    if not isinstance(given, neo.Block):
        return given
    trains = recording_of(given)
    if not trains:
        raise ValueError(
            "this population holds no recording: give one, or a population that was made from one and "
            "saved with it, as .nix, .nwb or .mat (.csv keeps none)"
        )
    group = neo.Group()
    group.spiketrains.extend(trains)
    return trains[0] if len(trains) == 1 else group


def _assay(population, before, after, tolerance, seed, executor, progress) -> FiringAssay | StepAssay:
    """How members and recordings are looked at: by themselves, or under current steps."""
    neuron, noise, stepped = neuron_of(population), noise_of(population), is_stepped(before)
    if stepped != is_stepped(after):
        names = ("after", "before") if stepped else ("before", "after")
        raise ValueError(
            f"the recording {names[1]} is under current steps, the one {names[0]} is not: give two of a kind"
        )
    if not stepped:
        return FiringAssay(neuron, before, after, tolerance, noise, seed, executor, progress)
    capacitance = capacitance_of(population)
    if capacitance is None:
        raise ValueError("this population knows no capacitance, by which currents become densities")
    return StepAssay(neuron, before, after, capacitance, tolerance, noise, executor)


def _matching(population):
    """Rows of the members that fire like the recording before."""
    matching = population.annotations.get(PREFIX + "matches")
    if matching is None:
        raise ValueError("the members of this population were not simulated: verify_population() does that")
    rows = np.flatnonzero(matching)
    if len(rows) < _FEWEST:
        known = Verification.of_block(population)
        why = f" ({known.reason})" if known and known.reason else ""
        raise ValueError(
            f"{len(rows)} models fire like the recording before{why}: at least {_FEWEST} are needed to tell "
            f"what a change does; try another neuron (suggest_neuron), or a stretch that is steadier"
        )
    return rows


def _control(assay, i, recording):
    found = assay.control(recording, f"control {i}")
    if found.activity != assay.before.activity:
        raise ValueError(
            f"control {i} fires otherwise than the recording before ({found.described}; before: "
            f"{assay.before.described}): nothing can be told from what differs then"
        )
    return found


def _block(population, rows, found: Changes, pairs: Pairs, n_models, after) -> neo.Block:
    """Members before, by what they are changed, and both recordings."""
    chosen = pairs.rows(np.flatnonzero(pairs.matching)[:n_models])
    if not len(chosen.members):
        chosen = pairs.rows(np.arange(min(n_models, len(pairs.members))))
    block = select_members(population, rows[chosen.members])
    model, table = neuron_of(block), conductance_table(block)[1]
    names = model.conductance_names
    dics = dics_of(model, table * chosen.factors)
    annotate_pairs(block, names, chosen.factors[:, : len(names)], dics, chosen.matching, found, after)
    return block
