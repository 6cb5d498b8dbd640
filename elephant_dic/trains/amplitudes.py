"""What the sizes of spikes say about those that were too small to be detected.

Hill, Mehta, Kleinfeld (Journal of Neuroscience 31, 8699, 2011) fit a Gaussian that the threshold of the
detection cuts off. That takes skewed amplitudes, drift, and spikes that shrink within bursts for missing
spikes; so here a share is told only if a cut is shown to be what shaped the amplitudes.
"""

from __future__ import annotations

import numpy as np

from .burst_detection import SHORTEST
from .bursts import interval_threshold
from .spiketrains import MIN_SPIKES

#: The array annotation that `read_spiketrains` makes.
AMPLITUDE = "amplitude"
#: Fewer do not tell a cut from skewness.
FEWEST = 200
#: Of the variance of ranks, the share from which on amplitudes depend on when the spikes come.
_TOLD = 0.1
#: Difference of log likelihoods from which on a cut is shown (a complete distribution has it once in
#: hundreds), and of distribution functions, times the root of n, from which on the shape is another.
_EVIDENCE, _DEPARTURE = 8.0, 1.1
#: Powers of amplitudes, one of which makes a complete but skewed distribution Gaussian; 0 is the logarithm.
_POWERS = np.linspace(-8, 3, 23)


def amplitudes_in(trains) -> np.ndarray:
    """Amplitudes of all spikes of a list of spike trains; empty if there are none for some."""
    found = []
    for train in trains:
        if AMPLITUDE in train.array_annotations:
            found.append(np.abs(np.asarray(train.array_annotations[AMPLITUDE], dtype=float)))
        elif train.waveforms is not None:
            found.append(amplitudes_of(train.waveforms))
        elif len(train):
            return np.empty(0)
    return np.concatenate([np.empty(0), *found])


def amplitudes_of(waveforms) -> np.ndarray:
    """Size of each spike: at the channel and sample where the mean waveform departs most from zero.

    Parameters
    ----------
    waveforms : (n, channels, samples) array or Quantity

    Returns
    -------
    (n,) array
        Positive where a spike points where the mean does.
    """
    waveforms = np.asarray(waveforms, dtype=float)
    if not waveforms.size:
        return np.zeros(len(waveforms))
    mean = waveforms.mean(axis=0)
    channel, sample = np.unravel_index(np.abs(mean).argmax(), mean.shape)
    return waveforms[:, channel, sample] * (-1 if mean[channel, sample] < 0 else 1)


def missing_share(amplitudes, sweeps) -> float:
    """Share of spikes that a threshold cut off.

    A Gaussian of the amplitudes, or of their logarithms, that is cut off at the smallest is compared with
    complete, skewed distributions, Gaussians of a power: a cut leaves a sharp edge, skewness fades out.

    Parameters
    ----------
    amplitudes : (n,) array
    sweeps : list of arrays
        The n spike times in ms.

    Returns
    -------
    float
        0 if a complete distribution explains the amplitudes about as well; 0.5 for half or more. NaN where
        it is not known: for fewer than 200 amplitudes; if one is not positive, or all are the same; if they
        depend on time, the interval, or the position in a burst, whether or not some are cut off as well;
        if they have a sharp edge but another shape above it.
    """
    sizes = np.sort(amplitudes)
    if len(sizes) < FEWEST or not 0 < sizes[0] < sizes[-1] < np.inf:
        return np.nan
    if _told_by_times(amplitudes, sweeps) > _TOLD:
        return np.nan
    logs = np.log(sizes)
    of_logs = _cut_gaussian(logs)
    likelihood, share, departure = max(_cut_gaussian(sizes), (of_logs[0] - logs.sum(), *of_logs[1:]))
    if likelihood - _complete_likelihood(sizes) < _EVIDENCE:
        return 0.0
    return min(share, 0.5) if departure * np.sqrt(len(sizes)) < _DEPARTURE else np.nan


def _told_by_times(amplitudes, sweeps):
    """Share of the variance of the ranks of amplitudes that follows from when the spikes come.

    By linear regression on the ranks of the time, of the interval before, of the position in the burst, and
    of the amplitude before; corrected for their number, so that it is about 0 if nothing follows. The first
    spikes of sweeps do not count; 1 if hardly any others are left.
    """
    isis = np.concatenate([np.diff(times, prepend=-np.inf) for times in sweeps])
    later = np.isfinite(isis)
    if later.sum() < MIN_SPIKES + 1:
        return 1.0
    threshold = interval_threshold(np.maximum(isis[later], SHORTEST)) or np.inf
    index = np.arange(len(isis))
    position = index - np.maximum.accumulate(np.where(later & (isis <= threshold), 0, index))
    before = np.roll(amplitudes, 1)
    ranks = np.array(
        [
            np.unique(each[later], return_inverse=True)[1]
            for each in (np.concatenate(sweeps), isis, position, before, amplitudes)
        ],
        dtype=float,
    ).T
    ranks -= ranks.mean(axis=0)
    causes, ranks = ranks[:, :-1], ranks[:, -1]
    weights, _, n_causes, _ = np.linalg.lstsq(causes, ranks, rcond=None)
    rest, n = ranks - causes @ weights, len(ranks)
    return float(1 - rest @ rest / (n - n_causes - 1) / (ranks @ ranks / (n - 1)))


def _cut_gaussian(values):
    """Most likely Gaussian that is cut off at the first of values in order.

    Mean and variance of what is left tell it (Cohen, Annals of Mathematical Statistics 21, 557, 1950). Its
    log likelihood, the share that is cut off, and the largest difference of distribution functions.
    """
    from scipy.special import log_ndtr, ndtr

    n, above = len(values), values - values[0]
    mean = np.linspace(-3, 50, 5301)  # in standard deviations above the cut; of what is left: + hazard
    hazard = np.exp(-(mean**2) / 2 - log_ndtr(mean)) / np.sqrt(2 * np.pi)
    variation = (1 - hazard * (hazard + mean)) / (hazard + mean) ** 2
    nearest = np.abs(variation - above.var() / above.mean() ** 2).argmin()
    mean, spread = mean[nearest], above.mean() / (hazard + mean)[nearest]
    scaled = above / spread - mean
    likelihood = -n * (np.log(spread) + log_ndtr(mean) + np.log(2 * np.pi) / 2) - scaled @ scaled / 2
    below = 1 - ndtr(-scaled) / ndtr(mean)
    departure = np.abs(below - (np.arange(n) + 0.5) / n).max()
    return float(likelihood), float(ndtr(-mean)), float(departure)


def _complete_likelihood(sizes):
    """Largest log likelihood of Gaussians of a power of sizes (n,)."""
    logs = np.log(sizes)
    deviations = logs - logs.mean()
    powers = [np.expm1(power * deviations) / power if power else deviations for power in _POWERS]
    variance = min(each.var() for each in powers)
    return float(-len(sizes) / 2 * np.log(2 * np.pi * np.e * variance) - logs.sum())
