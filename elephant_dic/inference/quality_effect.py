"""What contamination and missing spikes of a unit mean for its DICs.

The trains that the cell may have fired are drawn, given the one that was recorded: of a renewal process with
the recorded intervals, spikes that split an interval as other cells' would are left out, and spikes are put
into intervals that look like two. What the network makes of these, and of the train as it was recorded, is
pooled half and half: neither the recording nor the guess is taken for the truth. On simulated cells that
makes the error of g_u smaller and leaves that of g_s, and intervals hold the truth as often as they should
(`benchmarks/quality.py`). A share that is not known changes nothing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..trains import (
    SHORTEST,
    assess_quality,
    file_of,
    in_one_order,
    isis_of,
    log_density,
    may_be_impure,
    name_of,
)
from .mixture import Mixture
from .regressor import infer_from_times

#: Shares of other cells' or missing spikes up to this make no difference.
NEGLIGIBLE = 0.01
#: Of the kernel density of log intervals: narrow, so that an interval is told from one that is split.
BANDWIDTH, SPACING = 0.04, 0.01
_N_TRAINS, _SEED, _PLACES = 24, 0, 64


def with_quality(estimates, cells, neuron) -> list:
    """Estimates that know of which cell they are, and are as uncertain as its unit is.

    Parameters
    ----------
    estimates : list of DICEstimate
    cells : list of CleanCell
    neuron : NeuronModel

    Returns
    -------
    list of (DICEstimate, str)
        Those of good units as they are, with ""; others have wider distributions, and a sentence on the unit.
    """
    return [
        _with_quality(estimate, cell, neuron) if may_be_impure(cell.cell, cell.times) else (estimate, "")
        for estimate, cell in zip(map(_of_cell, estimates, cells), cells, strict=True)
    ]


def _of_cell(estimate, cell):
    """The estimate with the name of the cell and the file that it is from."""
    return replace(estimate, name=name_of(cell.cell), source=file_of(cell.cell))


def _with_quality(estimate, cell, neuron):
    quality = assess_quality(cell.cell)
    contamination, missing = quality.contamination, np.nan_to_num(quality.missing)
    if max(contamination, missing) <= NEGLIGIBLE:
        return estimate, ""
    trains = possible_trains(cell.times, contamination, missing, _N_TRAINS, np.random.default_rng(_SEED))
    possible = Mixture.pooled([each._mixture for each in infer_from_times(trains, neuron)])
    mixture = Mixture.pooled([estimate._mixture, possible])
    mean, std = mixture.moments()
    text = f"the unit is {quality.verdict}: {'; '.join(quality.reasons)}" if quality.reasons else ""
    return replace(estimate, mean=mean, std=std, _mixture=mixture), text


def possible_trains(sweeps, contamination, missing, n, rng) -> list:
    """Draw trains that a cell may have fired, given what was recorded.

    Parameters
    ----------
    sweeps : list of arrays
        Recorded spike times in ms.
    contamination : float
        Share of the recorded spikes that are other cells'.
    missing : float
        Share of the cell's spikes that were not recorded.
    n : int
    rng : numpy.random.Generator

    Returns
    -------
    list of n lists of arrays
    """
    sweeps = in_one_order(sweeps)  # each gets the same random numbers, whatever the order given
    density = _density_of(isis_of(sweeps))
    doubt = [_foreign(np.diff(times), density) for times in sweeps]
    doubt = _scaled_to(doubt, contamination)
    trains = []
    for _ in range(n):
        kept = [_without(times, odds, rng) for times, odds in zip(sweeps, doubt, strict=True)]
        trains.append(_completed(kept, missing, density, rng))
    return trains


def _density_of(isis):
    """Function from intervals (ms) to a multiple of their density, by a kernel density of logarithms."""
    logs = np.sort(np.log10(np.maximum(isis, SHORTEST)))
    grid, density = log_density(logs, BANDWIDTH, SPACING)
    density = np.maximum(density / density.sum() / (grid[1] - grid[0]), 1e-6)

    def of(intervals):
        intervals = np.maximum(intervals, SHORTEST)
        return np.interp(np.log10(intervals), grid, density, 1e-6, 1e-6) / intervals

    return of


def _foreign(isis, density):
    """Relative odds that each spike of a sweep is another cell's; none for the first and the last."""
    odds = density(isis[:-1] + isis[1:]) / (density(isis[:-1]) * density(isis[1:]))
    return np.concatenate([[0.0], odds, [0.0]]) if len(isis) else np.zeros(1)


def _scaled_to(odds, share):
    """Probabilities of relative odds, whose mean is a share."""
    from scipy.special import expit

    if not share:
        return [np.zeros_like(each) for each in odds]
    with np.errstate(divide="ignore"):
        logs = [np.log(each) for each in odds]
    low, high = -80.0, 80.0
    for _ in range(60):
        shift = (low + high) / 2
        too_few = expit(np.concatenate(logs) + shift).mean() < share
        low, high = (shift, high) if too_few else (low, shift)
    return [expit(each + shift) for each in logs]


def _without(times, probability, rng):
    return times[rng.random(len(times)) >= probability[: len(times)]]


def _completed(sweeps, missing, density, rng):
    """Sweeps with spikes in the intervals that look like two."""
    if not missing:
        return sweeps
    places = (np.arange(_PLACES) + 0.5) / _PLACES
    parts = [np.diff(times)[:, None] * places for times in sweeps]
    weights = [density(part) * density(part[:, ::-1]) for part in parts]
    odds = [
        weight.mean(axis=1) * np.diff(times) / density(np.diff(times))
        for times, weight in zip(sweeps, weights, strict=True)
    ]
    completed = []
    probabilities = _scaled_to(odds, min(missing / (1 - missing), 0.9))
    for times, part, weight, probability in zip(sweeps, parts, weights, probabilities, strict=True):
        chosen = np.flatnonzero(rng.random(len(part)) < probability)
        sums = np.cumsum(weight[chosen], axis=1)
        place = (sums < rng.random(len(chosen))[:, None] * sums[:, -1:]).sum(axis=1)
        completed.append(np.sort(np.concatenate([times, times[chosen] + part[chosen, place]])))
    return completed
