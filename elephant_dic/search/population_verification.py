"""Populations from anywhere, checked against a recording."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from concurrent.futures import Executor

import neo
import numpy as np
import quantities as pq
from tqdm import tqdm

from ..arguments import check_seed, check_tolerance, magnitude
from ..neurons import get_neuron
from ..populations import PREFIX, annotate_members, conductance_table, provenance, put_recording
from ..trains import DISTANCES, recording_firing, sweeps_of, times_of, train_distances
from .comparison import Comparison

#: Models simulated between two steps of the progress bar.
_BATCH = 256


def verify_population(
    block: neo.Block,
    spiketrain: neo.SpikeTrain | neo.Group,
    tolerance: float = 0.1,
    *,
    noise_std: pq.Quantity | None = None,
    distances: Sequence[str] = (),
    seed: int | None = None,
    executor: Executor | None = None,
    progress: bool = False,
) -> neo.Block:
    """Simulate each member of a population and tell whether it fires like a recording.

    The simulation is finer and longer than that of `simulate_population`. No member is changed or dropped.

    Parameters
    ----------
    block : neo.Block
        A population, from `reconstruct`, `generate_population`, `population_from_conductances` or a file.
    spiketrain : neo.SpikeTrain or neo.Group
        A recording of at least 5 spikes, or the sweeps of one cell.
    tolerance : float
        Largest relative difference of rates and durations. Spikes per burst may differ by one where that is
        more. Default: 0.1.
    noise_std : Quantity, optional
        Standard deviation of a current noise injected into each member (uA/cm**2). Default: that with which
        the population was verified before, else none.
    distances : sequence of str
        Distances between the members' trains and the recording to add, see `train_distances`: any of
        "van_rossum", "victor_purpura" and "isi". Default: none.
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
        ``population_rate`` …), a ``population_NAME`` for each distance, the recording given, and a verdict in
        its provenance: "verified" if all members match, "partial" if some do, else "not reproduced".

    Raises
    ------
    TypeError, ValueError
        If `block` is not a population, the train is none or has too few spikes, or an argument is wrong.
    """
    known = provenance(block)
    neuron, table = get_neuron(known["neuron"]), conductance_table(block)[1]
    tolerance, seed, sweeps = check_tolerance(tolerance), check_seed(seed), times_of(spiketrain)
    unknown = set(distances) - set(DISTANCES)
    if isinstance(distances, str) or unknown:
        raise ValueError(f"distances must be a sequence of {', '.join(DISTANCES)}, got {distances!r}")
    noise = known.get("verification", {}).get("noise_std", 0.0)
    noise = noise if noise_std is None else magnitude(noise_std, "uA/cm**2", "noise_std")
    recording = recording_firing(sweeps, neuron.training.window)
    comparison = Comparison(neuron, recording, tolerance, noise, seed, executor)
    models, matching, trains = [], [], []
    with tqdm(total=len(table), desc="verifying", disable=None if progress else True) as bar:
        for start in range(0, len(table), _BATCH):
            new, matched, fired = comparison.compare(table[start : start + _BATCH])
            models += new
            matching += matched.tolist()
            trains += fired
            bar.update(len(new))
    checked = copy.deepcopy(block)
    annotate_members(checked, models, matching)
    for name in distances:
        values = train_distances(name, sweeps, trains, recording)
        checked.annotations[PREFIX + name] = pq.Quantity(values, pq.dimensionless)
    put_recording(checked, sweeps_of(spiketrain))
    n_matching = int(np.sum(matching))
    verdict = "verified" if n_matching == len(table) else "partial" if n_matching else "not reproduced"
    known |= {"verdict": verdict, "verification": _record(comparison, models, n_matching, known)}
    checked.annotations["elephant_dic"] = json.dumps(known)
    return checked


def _record(comparison, models, n_matching, known):
    recording, n = comparison.recording, len(models)
    return {
        "tolerance": comparison.tolerance,
        "recording": {"activity": recording.activity} | recording.figures(),
        "noise_std": comparison.noise_std,
        "noise_seed": comparison.seed,
        "n_wanted": n,
        "n_matching": n_matching,
        "n_simulated": n,
        "n_first": n,
        "n_first_matching": n_matching,
        "interrupted": False,
        "reason": "" if n_matching == n else f"{n - n_matching} of {n} members fire otherwise",
        "nearest": None,
        "degeneracy": known.get("verification", {}).get("degeneracy"),
    }
