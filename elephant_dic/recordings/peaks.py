"""Action potentials in a membrane potential: the peaks that the automatic threshold is made of."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

# What an action potential is to the automatic threshold: it rises by MIN_HEIGHT and falls back as
# much within FLANK of its peak, which neither synaptic noise nor a current step does. In a noisy
# trace it is higher than MIN_HEIGHT_OF_NOISE standard deviations of what white noise there is.
MIN_HEIGHT = 20.0  # mV
MIN_HEIGHT_OF_NOISE = 10.0
# Of a long trace, from so many samples, in stretches of so many.
_NOISE_SAMPLES, _NOISE_STRETCH = 2_000_000, 1000
_DEVIATIONS = 1 / (0.6745 * np.sqrt(2))  # in the median step of white noise from sample to sample
FLANK = 5e-3  # s
# Fewer samples are a stimulus artefact, where the sampling is fast enough to tell it from a spike.
MIN_SAMPLES = 3
FAST_SAMPLING = 10e3  # Hz


@dataclass(frozen=True)
class Peaks:
    """Action potentials: their samples, the potentials there and at the higher trough next to each, in mV."""

    samples: np.ndarray
    highs: np.ndarray
    lows: np.ndarray

    def those(self, which):
        return Peaks(self.samples[which], self.highs[which], self.lows[which])

    def straddle(self, level):
        """Which of them rise through a level."""
        return (self.lows < level) & (self.highs >= level)


def peaks_of(volts: np.ndarray, rate: float) -> Peaks:
    """Action potentials of a trace (mV), sampled at a rate (Hz)."""
    from scipy.signal import find_peaks

    flank, height = int(min(FLANK * rate, volts.size)), _least_height(volts)
    places, may_be = _near_swings(volts, max(flank, 1), height)
    near = volts[places]
    with warnings.catch_warnings():  # of local maxima that are none within the window
        warnings.simplefilter("ignore", RuntimeWarning)
        peaks, shape = find_peaks(
            near, prominence=height, wlen=max(2 * flank + 1, 3),
            width=MIN_SAMPLES - 0.5 if rate >= FAST_SAMPLING else 0,
        )  # fmt: skip
    true = may_be[peaks]
    highs = near[peaks[true]]
    return Peaks(places[peaks[true]], highs, highs - shape["prominences"][true])


def _least_height(volts):
    """How high (mV) a peak is at least, by the white noise of a trace; of a long one, of stretches of it."""
    every = max(1, volts.size // _NOISE_SAMPLES)
    stretch = volts.size if every == 1 else _NOISE_STRETCH
    rows = volts[: volts.size // stretch * stretch].reshape(-1, stretch)[::every] if volts.size > 1 else []
    steps = np.abs(np.diff(rows, axis=1)) if len(rows) else np.zeros(1)
    each = MIN_HEIGHT_OF_NOISE * _DEVIATIONS
    if 2 * np.count_nonzero(steps <= MIN_HEIGHT / each) > steps.size:  # their median, which takes much longer
        return MIN_HEIGHT
    return max(MIN_HEIGHT, each * np.median(steps))


def _near_swings(volts, flank, height):
    """Samples where a peak may be as high above what is within a flank of it, with two flanks around them.

    Returns
    -------
    places : (n,) array of int
    may_be : (n,) bool array
        Whether a peak may be there, and not around it only.
    """
    whole = volts.size // flank * flank
    blocks, rest = volts[:whole].reshape(-1, flank), volts[whole:]
    high = np.append(blocks.max(axis=1), rest.max(initial=-np.inf))
    low = np.append(blocks.min(axis=1), rest.min(initial=np.inf))
    before, after = np.append(np.inf, low[:-1]), np.append(low[1:], np.inf)
    swings = high - np.maximum(np.minimum(before, low), np.minimum(low, after)) >= height
    around = np.convolve(swings, np.ones(5), "same") > 0
    places = (np.flatnonzero(around)[:, None] * flank + np.arange(flank)).ravel()
    places = places[places < volts.size]
    return places, swings[places // flank]
