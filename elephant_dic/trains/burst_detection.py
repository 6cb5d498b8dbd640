"""Bursts of a recorded train, by the valley in the distribution of its log intervals.

Where intervals within and between bursts are of two kinds, the density of their logarithms has two peaks and
a valley between them (Selinger, Kulagina, O'Shaughnessy, Ma, Pancrazio, PLoS ONE 2007, doi
10.1371/journal.pone.0000439). The valley counts if it is deep: its void parameter, 1 - valley / sqrt(product
of the peaks), has to be 0.7 at least (Pasquale, Martinoia, Chiappalone, Journal of Computational Neuroscience
2010, doi 10.1007/s10827-009-0175-1). Their limit of 100 ms for intervals within bursts is left out: neurons
differ in their pace. `benchmarks/bursts.py` compares this rule with others.
"""

from __future__ import annotations

import numbers

import neo
import numpy as np
import quantities as pq

from ..arguments import magnitude, shown
from .spiketrains import MIN_SPIKES, cell_of, isis_of, sweeps_of, times_of

_MOST_SPIKES = 10**9  # that a burst can be asked to have
#: Depth of a valley that separates bursts (Pasquale et al. 2010).
VOID = 0.7
#: Standard deviation of the kernel (Pasquale et al. count in bins of this width) and spacing, in decades.
BANDWIDTH, SPACING = 0.1, 0.02
#: Intervals (ms) below this are counted as this: they are double detections or spikes of another cell.
SHORTEST = 1.0
#: Least share of the intervals that lie within bursts, and between them; fewer are spikes of another cell, or
#: pauses in the firing of this one.
LEAST_WITHIN, LEAST_BETWEEN = 0.05, 0.005


def valley_threshold(isis, void=VOID) -> float | None:
    """Interval above which a burst ends, or None if the intervals are of one kind.

    Parameters
    ----------
    isis : (n,) array
        Intervals in ms.
    void : float
        Least void parameter of a valley.

    Returns
    -------
    float or None
        ms. Of several valleys that are deep enough, the one that splits the logarithms with the largest
        variance between the two classes.
    """
    logs = np.sort(np.log10(np.maximum(isis, SHORTEST)))
    if len(logs) < 3:
        return None
    grid, density = log_density(logs)
    inner = density[1:-1]
    # A minimum may be flat where the density is zero: its last point stands for it.
    minima = 1 + np.flatnonzero((inner <= density[:-2]) & (inner < density[2:]))
    left, right = np.maximum.accumulate(density), np.maximum.accumulate(density[::-1])[::-1]
    cuts = np.searchsorted(logs, grid[minima])
    accepted = (
        (1 - density[minima] / np.sqrt(left[minima] * right[minima]) >= void)
        & (cuts >= LEAST_WITHIN * len(logs))
        & (len(logs) - cuts >= max(2, LEAST_BETWEEN * len(logs)))  # one long interval is no rhythm
    )
    cuts = np.unique(cuts[accepted])
    if not len(cuts):
        return None
    sums = np.cumsum(logs - logs.mean())
    between = sums[cuts - 1] ** 2 / (cuts * (len(logs) - cuts))
    cut = cuts[between.argmax()]
    return float(10 ** ((logs[cut - 1] + logs[cut]) / 2))


def log_density(logs, bandwidth=BANDWIDTH, spacing=SPACING):
    """Grid that covers sorted numbers, and on it their Gaussian kernel density, not normalised."""
    edges = np.arange(logs[0] - 5 * bandwidth, logs[-1] + 5 * bandwidth, spacing)
    counts = np.histogram(logs, edges)[0].astype(float)
    reach = round(6 * bandwidth / spacing)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * spacing / bandwidth) ** 2)
    density = np.convolve(counts, kernel / kernel.sum())[reach : reach + len(counts)]
    return (edges[1:] + edges[:-1]) / 2, density


def detect_bursts(
    spiketrain: neo.SpikeTrain | neo.Group, *, min_spikes: int = 2, threshold: pq.Quantity | None = None
) -> neo.Epoch:
    """Find the bursts of a recorded cell.

    Finer on irregular trains than the rule by which populations are matched: bursts need not be periodic,
    and irregular or tonic trains, even with missed spikes, are not cut into bursts.

    Parameters
    ----------
    spiketrain : neo.SpikeTrain or neo.Group
        A train, or the sweeps of one cell. No burst goes from one sweep to the next.
    min_spikes : int
        Fewest spikes of a burst. Default: 2.
    threshold : Quantity, optional
        Interval above which a burst ends. Default: the valley of the log intervals of all sweeps.

    Returns
    -------
    neo.Epoch
        Named "bursts": times are the onsets (first spikes), durations last to the last spikes. Array
        annotations: `n_spikes`; `t_end`, the last spikes; `sweep`, counted from 0; `complete`, False where
        the sweep may begin or end within the burst. Annotations: `threshold` (NaN ms without bursts) and
        `min_spikes`. Empty for a cell without bursts or with fewer than 5 spikes.

    Raises
    ------
    TypeError
        If `spiketrain` is of another kind, or `threshold` has no unit.
    ValueError
        For times that are not finite, unsorted or duplicated; a threshold that is not positive;
        `min_spikes` below 2.

    References
    ----------
    Pasquale, Martinoia, Chiappalone, Journal of Computational Neuroscience 29, 213 (2010).
    Selinger, Kulagina, O'Shaughnessy, Ma, Pancrazio, PLoS ONE 2, e439 (2007).
    """
    spiketrain = cell_of(spiketrain)
    trains = sweeps_of(spiketrain)
    if isinstance(min_spikes, bool) or not isinstance(min_spikes, numbers.Integral) or min_spikes < 2:
        raise ValueError(f"min_spikes must be an int of 2 or more, got {shown(min_spikes)}")
    if min_spikes > _MOST_SPIKES:
        raise ValueError(f"min_spikes must be at most {_MOST_SPIKES:,}, got {shown(min_spikes)}")
    limit = None if threshold is None else magnitude(threshold, "ms", "threshold")
    if limit is not None and not limit > 0:
        raise ValueError(f"threshold must be a positive time, got {threshold}")
    sweeps = times_of(spiketrain) if sum(map(len, trains)) >= MIN_SPIKES else []
    if limit is None and sweeps:
        limit = valley_threshold(isis_of(sweeps))
    parts = [] if limit is None else [_bursts(times, limit, min_spikes) for times in sweeps]
    rows = np.concatenate([np.empty((0, 3)), *parts])
    sweep = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    starts, stops = (
        np.array([getattr(train, name).rescale("ms").item() for train in trains])
        for name in ("t_start", "t_stop")
    )
    edge = np.inf if limit is None else limit
    complete = (rows[:, 0] - starts[sweep] > edge) & (stops[sweep] - rows[:, 1] > edge)
    units = trains[0].units
    return neo.Epoch(
        times=(rows[:, 0] * pq.ms).rescale(units),
        durations=((rows[:, 1] - rows[:, 0]) * pq.ms).rescale(units),
        labels=np.full(len(rows), "burst"),
        name="bursts",
        array_annotations={
            "n_spikes": rows[:, 2].astype(int),
            "t_end": (rows[:, 1] * pq.ms).rescale(units),
            "sweep": sweep,
            "complete": complete,
        },
        threshold=(np.nan if limit is None else limit) * pq.ms,
        min_spikes=int(min_spikes),
    )


def _bursts(times, limit, min_spikes):
    """(n, 3) first spike, last spike (ms) and number of spikes of the bursts of a sweep.

    All of them, unlike `burst_kernel.complete_bursts`: what the edges may cut is marked, not dropped.
    """
    if not len(times):
        return np.empty((0, 3))
    ends = np.flatnonzero(np.append(np.diff(times) > limit, True))
    starts = np.append(0, ends[:-1] + 1)
    rows = np.stack([times[starts], times[ends], ends - starts + 1], axis=1)
    return rows[rows[:, 2] >= min_spikes]
