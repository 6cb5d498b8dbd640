"""Whether the spikes of a unit are those of one cell, all of them, and each once.

Contamination follows from intervals that are shorter than a neuron's refractory time: spikes of other cells
come at any time (Hill, Mehta, Kleinfeld, Journal of Neuroscience 31, 8699, 2011; Llobet, Wyngaard, Barbour,
bioRxiv 2022.02.08.479192 for contamination by several cells, the formula used here). Missing spikes follow
from amplitudes that are cut off by the threshold of the detection: see `amplitudes`.
"""

from __future__ import annotations

from dataclasses import dataclass

import neo
import numpy as np

from .amplitudes import AMPLITUDE, amplitudes_in, missing_share
from .burst_detection import valley_threshold
from .levels import is_stepped
from .spiketrains import MIN_SPIKES, isis_of, sweeps_of

#: Intervals (ms) below the first are one spike detected twice; from there to the second, no cell's own.
DOUBLET, REFRACTORY = 0.5, 1.5
#: Before violations are counted, contamination c has the probability density (1 - c)**PRIOR: 5 % on average.
PRIOR = 18
#: A share above the first is doubtful, above the second bad.
CONTAMINATION, MISSING, DOUBLETS = (0.05, 0.2), (0.1, 0.3), (0.001, 0.05)
#: Change of the rate from start to end, relative to its mean, and share of the time in pauses.
DRIFT, PAUSES = 0.5, 0.1
#: A pause is so many times as long as what passes between spikes, or between bursts, as a rule.
PAUSE = 5.0
_WINDOWS, _STANDARD_ERRORS = 10, 3.0
_VERDICTS = ("good", "doubtful", "bad")


@dataclass(frozen=True)
class UnitQuality:
    """What speaks for and against the spike train of a unit.

    Attributes
    ----------
    verdict : str
        "good", "doubtful" or "bad".
    reasons : tuple of str
        Why it is not good.
    n_spikes : int
    n_doublets : int
        Intervals below 0.5 ms: one spike that was detected twice.
    n_violations : int
        Intervals from 0.5 to 1.5 ms, which a neuron's refractory time forbids.
    contamination : float
        Share of the spikes that are other cells', as the violations tell; 0 if there are none.
    contamination_limits : (2,) tuple of float
        With a probability of 0.9 it lies between these. A wide range: too few spikes to tell.
    missing : float
        Share of the cell's spikes that were too small to be detected, 0.5 for half or more; NaN where it is
        not known: without amplitudes, with fewer than 200, or where they shrink within bursts or drift.
    rate_drift : float
        Change of the rate from start to end by a straight line, relative to the mean rate; NaN for too few
        spikes.
    n_pauses : int
        Intervals, and silent starts and ends, of 5 times what passes between spikes or bursts as a rule.
    pause_share : float
        Share of the recording that they take.
    """

    verdict: str
    reasons: tuple[str, ...]
    n_spikes: int
    n_doublets: int
    n_violations: int
    contamination: float
    contamination_limits: tuple[float, float]
    missing: float
    rate_drift: float
    n_pauses: int
    pause_share: float


def assess_quality(spiketrain: neo.SpikeTrain | neo.Group) -> UnitQuality:
    """Judge a unit before its DICs are trusted.

    Parameters
    ----------
    spiketrain : neo.SpikeTrain or neo.Group
        A train, or the sweeps of one cell. Amplitudes are those of `read_spiketrains` (the array annotation
        "amplitude"), or of the train's waveforms.

    Returns
    -------
    UnitQuality
        Under current steps neither changes of the rate nor pauses count against a unit.

    Raises
    ------
    TypeError
        If `spiketrain` is neither.
    ValueError
        If a spike time or a limit is not finite.

    Examples
    --------
    >>> import numpy as np, neo
    >>> train = neo.SpikeTrain(np.arange(0.05, 10, 0.1), units="s", t_stop=10)
    >>> assess_quality(train).verdict
    'good'
    """
    trains = sweeps_of(spiketrain)
    sweeps = [train.times.rescale("ms").magnitude for train in trains]
    if not all(np.isfinite(times).all() for times in sweeps):
        raise ValueError("spike times are not finite: remove them")
    limits = [[time.rescale("ms").item() for time in (train.t_start, train.t_stop)] for train in trains]
    if not np.isfinite(limits).all():
        raise ValueError("the limits of the train are no finite times in ms: correct t_start and t_stop")
    n, duration = sum(map(len, sweeps)), sum(stop - start for start, stop in limits)
    n_disordered = sum(int((np.diff(times) < 0).sum()) for times in sweeps)
    sweeps = [np.sort(times) for times in sweeps]
    isis = isis_of(sweeps)
    n_doublets = int((isis < DOUBLET).sum())
    n_violations = int(((isis >= DOUBLET) & (isis < REFRACTORY)).sum())
    contamination, low, high = contamination_of(n_violations, n, duration)
    missing = missing_share(amplitudes_in(trains), sweeps)
    drift, drift_error = _rate_drift(sweeps, limits)
    n_pauses, pause_share = _pauses(sweeps, limits, isis)
    driven = is_stepped(spiketrain)  # its rate and its pauses are those of the current
    found = [
        (2, f"{n_disordered} spike times are not in order") if n_disordered else None,
        (1, f"only {n} spikes") if n < MIN_SPIKES else None,
        _graded(_doublet_share(n_doublets, n_violations, n), DOUBLETS, "of the spikes are detected twice"),
        _graded(
            contamination,
            CONTAMINATION,
            f"contamination ({n_violations} intervals below {REFRACTORY:g} ms)",
        ),
        _graded(missing, MISSING, "of the spikes are missing (amplitudes cut off)"),
        (1, f"the rate changes by {100 * drift:+.0f} % from start to end")
        if not driven and abs(drift) > max(DRIFT, _STANDARD_ERRORS * drift_error)
        else None,
        (1, f"{n_pauses} pauses take {100 * pause_share:.0f} % of the time")
        if not driven and pause_share > PAUSES
        else None,
    ]
    found = [each for each in found if each]
    return UnitQuality(
        _VERDICTS[max((grade for grade, _ in found), default=0)],
        tuple(reason for _, reason in found),
        *(n, n_doublets, n_violations, contamination, (low, high), missing, drift, n_pauses, pause_share),
    )


def _graded(share, limits, text):
    """Grade and reason of a share; none if it is small or not known."""
    if not share > limits[0]:
        return None
    return 1 + (share > limits[1]), f"{100 * share:.3g} % {text}"


def _doublet_share(n_doublets, n_violations, n):
    """Share of spikes that are there twice: more intervals below 0.5 ms than other cells' spikes make."""
    by_chance = n_violations * DOUBLET / (REFRACTORY - DOUBLET)
    excess = n_doublets - by_chance
    return excess / n if n and excess > _STANDARD_ERRORS * np.sqrt(by_chance) else 0.0


def contamination_of(n_violations, n_spikes, duration) -> tuple[float, float, float]:
    """Share of a unit's spikes that are other cells'.

    Of n spikes in a time T, a share c of other cells' makes n**2 (2 c - c**2) tau / T intervals within a
    range of tau on average (Llobet et al. 2022); their number is Poisson distributed.

    Parameters
    ----------
    n_violations, n_spikes : int
    duration : float
        ms.

    Returns
    -------
    contamination, low, high : float
        Its mean, 0 without violations, and the 5 % and 95 % quantiles.
    """
    grid = (np.arange(2000) + 0.5) / 2000
    expected = n_spikes**2 * (2 * grid - grid**2) * (REFRACTORY - DOUBLET) / max(duration, 1e-9)
    log_density = PRIOR * np.log1p(-grid) - expected
    if n_violations:
        log_density = log_density + n_violations * np.log(expected)
    share = np.exp(log_density - log_density.max())
    share /= share.sum()
    low, high = np.interp((0.05, 0.95), np.cumsum(share), grid)
    return float(share @ grid) if n_violations else 0.0, float(low), float(high)


def may_be_impure(spiketrain, sweeps) -> bool:
    """Whether `assess_quality` can find contamination, doublets or missing spikes, at a fraction of its cost.

    Parameters
    ----------
    spiketrain : neo.SpikeTrain or neo.Group
    sweeps : list of arrays
        Its sorted spike times in ms.
    """
    shortest = min((isis_of([times]).min() for times in sweeps if len(times) > 1), default=np.inf)
    return shortest < REFRACTORY or any(
        AMPLITUDE in train.array_annotations or train.waveforms is not None for train in sweeps_of(spiketrain)
    )


def _rate_drift(sweeps, limits):
    """Change of the rate along a straight line relative to its mean, and its standard error."""
    counts, centers, widths = [], [], []
    total = sum(stop - start for start, stop in limits)
    for times, (start, stop) in zip(sweeps, limits, strict=True):
        n_windows = max(1, round(_WINDOWS * (stop - start) / total)) if total > 0 else 1
        edges = np.linspace(start, stop, n_windows + 1)
        if stop > start:
            counts += np.histogram(times, edges)[0].tolist()
            centers += ((edges[1:] + edges[:-1]) / 2).tolist()
            widths += np.diff(edges).tolist()
    if len(counts) < 3 or sum(counts) < _WINDOWS * MIN_SPIKES:
        return np.nan, np.nan
    rates, centers = np.array(counts) / widths, np.array(centers)
    centers = centers - centers.mean()
    slope = centers @ rates / (centers**2).sum()
    residuals = rates - rates.mean() - slope * centers
    error = np.sqrt((residuals**2).sum() / (len(rates) - 2) / (centers**2).sum())
    span = (max(stop for _, stop in limits) - min(start for start, _ in limits)) / rates.mean()
    return float(slope * span), float(error * span)


def _pauses(sweeps, limits, isis):
    """Number of pauses, and the share of the time that they take."""
    if len(isis) < MIN_SPIKES:
        return 0, 0.0
    between = valley_threshold(isis)
    usual = np.quantile(isis, 0.95) if between is None else np.median(isis[isis > between])
    silent = [
        np.diff(np.concatenate([[start], times, [stop]]))
        for times, (start, stop) in zip(sweeps, limits, strict=True)
    ]
    silent = np.concatenate(silent)
    pauses = silent[silent > PAUSE * usual]
    duration = sum(stop - start for start, stop in limits)
    return len(pauses), float(pauses.sum() / duration) if duration > 0 else 0.0
