"""What the membrane potential of a sweep shows: its level in each epoch, and the cell's capacitance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import neo
import numpy as np

from ...trains import Stimulus
from ..spike_detection import in_unit, one_channel
from .waveforms import block_means

AROUND_SPIKES = 10.0  # ms on either side of a spike that show no level of the potential
SMOOTH = 1.0  # ms of the running mean of which the extreme is taken
DRIFT = 5.0  # mV over the sweeps that are worth a word
# Of the approach to the level of a step: from where it is fitted (ms), after what the electrode adds, and for
# how many time constants: with more a sag biases it more, with fewer what the cell's branches take is missed.
ARTEFACT, TIME_CONSTANTS = 1.0, 2.0
FIRST_WINDOW, LEAST_WINDOW, LONGEST_WINDOW = 50.0, 5.0, 200.0  # ms
BEFORE = 5.0  # ms for which the current must have stayed before a step
LEAST_DROP = 2.0  # mV, in what is fitted
LARGEST_ERROR = 0.2  # of the capacitance of a sweep, by the noise
TIME_RANGE = 0.5, 200.0  # ms, of time constants
QUIET = 20.0  # ms without a spike before
MOST_ROUNDS, MOST_SAMPLES = 8, 1000  # of a fit
NO_STEP = "no step of current hyperpolarises it"


@dataclass(frozen=True)
class Sweep:
    """The potential of a sweep (mV, at `rate` in Hz), its limits and spikes (ms), and its current."""

    volts: np.ndarray
    rate: float
    start: float
    stop: float
    spikes: np.ndarray
    stimulus: Stimulus

    @staticmethod
    def of(signal: neo.AnalogSignal, spiketrain: neo.SpikeTrain, stimulus: Stimulus) -> Sweep:
        """Of a signal and its spikes, and of a stimulus on the same axis."""
        volts, rate = one_channel(signal)
        start, stop = (float(in_unit(time, "ms")) for time in (spiketrain.t_start, spiketrain.t_stop))
        return Sweep(volts, rate, start, stop, np.asarray(in_unit(spiketrain.times, "ms")), stimulus)

    def index(self, time: float) -> int:
        """The first sample at or after a time (ms), within the sweep."""
        return int(self.indices(np.array(time)))

    def indices(self, times: np.ndarray) -> np.ndarray:
        """`index` of several times."""
        found = np.ceil((times - self.start) * self.rate / 1e3 - 1e-6)
        return np.clip(found, 0, self.volts.size).astype(int)

    def between(self, start: float, stop: float) -> np.ndarray:
        """The potential, in a stretch (ms)."""
        return self.volts[self.index(start) : self.index(stop)]

    def at_rest(self, start: float, stop: float) -> float:
        """The median potential of a stretch away from spikes; NaN if there is none."""
        first, last = self.index(start), self.index(stop)
        away = np.ones(last - first, bool)
        near = self.indices(self.spikes[:, np.newaxis] + [-AROUND_SPIKES, AROUND_SPIKES])
        for before, after in np.maximum(near - first, 0).tolist():
            away[before:after] = False
        volts = self.volts[first:last][away]
        return float(np.median(volts)) if volts.size else np.nan


def epoch_potentials(sweep: Sweep) -> tuple[list[float], list[float]]:
    """Potentials (mV) of the epochs of a sweep.

    Returns
    -------
    list of float
        The median in the second half of each, away from spikes; NaN if there is nothing.
    list of float
        The most negative one of each, of a running mean of 1 ms.
    """
    epochs = sweep.stimulus.epochs(sweep.start, sweep.stop)
    middles = [sweep.at_rest(0.5 * (epoch.start + epoch.stop), epoch.stop) for epoch in epochs]
    return middles, [_lowest(sweep.between(epoch.start, epoch.stop), sweep.rate) for epoch in epochs]


def _lowest(volts, rate):
    size = max(1, min(round(rate * SMOOTH / 1e3), volts.size))
    if not volts.size:
        return np.nan
    sums = np.cumsum(volts)
    return float(min(sums[size - 1], (sums[size:] - sums[:-size]).min(initial=np.inf)) / size)


def drift(sweeps: Sequence[Sweep]) -> float:
    """By how much (mV) the resting potential of sweeps differs, at the holding current before any step."""
    found: dict[float, list[float]] = {}
    for sweep in sweeps:
        times = sweep.stimulus.times
        rest = sweep.at_rest(sweep.start, max(times[0], sweep.start) if times.size > 1 else sweep.stop)
        if np.isfinite(rest):
            found.setdefault(round(sweep.stimulus.holding, 3), []).append(rest)
    return max((float(np.ptp(each)) for each in found.values()), default=0.0)


def capacitance(sweep: Sweep) -> tuple[float, str]:
    """The capacitance (pF) from the largest hyperpolarising step of a sweep, or NaN and the reason why not.

    After the onset of a step ΔI of current, the potential falls by ΔV exp(−t/τ) towards its new level: the
    charge that flows first is all the membrane's, and C = τ ΔI/ΔV. The first ms, in which the electrode adds
    its own, is left out (as is what it adds for good), and after 2 τ, what sags back. A sag of 6 mV still
    makes it too small by 15 %; what rectifies does so too.
    """
    steps = _falls(sweep)
    reason = "it fires around the hyperpolarising steps" if steps else NO_STEP
    for start, stop, size in sorted(steps, key=lambda step: -step[-1]):
        later = sweep.spikes[sweep.spikes > start - QUIET]
        if later.size and later[0] <= start:
            continue
        found, reason = _fitted(sweep, start, min([stop, *(later[:1] - AROUND_SPIKES)]), size)
        if np.isfinite(found):
            return found, ""
    return np.nan, reason


def _falls(sweep):
    """Steps to below the holding current, as (start, stop of what comes after, size)."""
    times, currents = sweep.stimulus.times, sweep.stimulus.currents
    falls = []
    for k in np.flatnonzero(np.diff(times) == 0):
        first, last = max(k - 1, 0), min(k + 2, times.size - 1)
        stays = currents[first] == currents[k] and currents[last] == currents[k + 1]
        before = times[k] - (max(times[first], sweep.start) if k else sweep.start)
        stop = min(times[last], sweep.stop) if k + 2 < times.size else sweep.stop
        if stays and before >= BEFORE and currents[k + 1] < min(currents[k], sweep.stimulus.holding):
            falls.append((times[k], stop, currents[k] - currents[k + 1]))
    return falls


def _fitted(sweep, start, stop, size):
    """The capacitance that a step shows, or NaN and the reason."""
    window, no_level = FIRST_WINDOW, "the potential comes to no level after the hyperpolarising steps"
    for _ in range(MOST_ROUNDS):
        last = min(stop, start + min(max(window, LEAST_WINDOW), LONGEST_WINDOW))
        if last < start + LEAST_WINDOW:
            return np.nan, "its hyperpolarising steps are too short, or it fires in them"
        volts = sweep.between(start + ARTEFACT, last)
        first = sweep.start + sweep.index(start + ARTEFACT) * 1e3 / sweep.rate - start
        times = first + np.arange(volts.size) * 1e3 / sweep.rate
        fit = _decay(times, volts)
        if fit is None:
            return np.nan, no_level
        tau, height, error = fit
        if abs(TIME_CONSTANTS * tau - window) < 0.02 * window:
            break
        window = TIME_CONSTANTS * tau
    if not height * (np.exp(-times[0] / tau) - np.exp(-times[-1] / tau)) >= LEAST_DROP:
        return np.nan, f"the potential falls by less than {LEAST_DROP:g} mV after the hyperpolarising steps"
    if not error <= LARGEST_ERROR:
        return np.nan, "the potential is too noisy after the hyperpolarising steps"
    return tau * size / height, ""  # ms pA/mV = pF


def _decay(times, volts):
    """Time constant (ms), height at time 0 (mV), relative error of their ratio; None if there is no decay."""
    step = -(-volts.size // MOST_SAMPLES)
    times, volts = (block_means(each, step) for each in (times, volts))
    away, taus = volts - volts.mean(), np.geomspace(*TIME_RANGE, 60)
    for fine in (False, True):
        shapes = np.exp(-times / taus[:, np.newaxis])
        shapes -= shapes.mean(axis=1, keepdims=True)
        heights = shapes @ away / (shapes**2).sum(axis=1)
        squares = ((away - heights[:, np.newaxis] * shapes) ** 2).sum(axis=1)
        best = int(squares.argmin())
        tau, height = taus[best], heights[best]
        if not fine and (best in (0, taus.size - 1) or height <= 0):
            return None
        taus = np.geomspace(taus[max(best - 1, 0)], taus[min(best + 1, taus.size - 1)], 60)
    shape = np.exp(-times / tau)
    slopes = np.stack([np.ones_like(times), shape, height * shape * times / tau**2])
    spread = np.linalg.pinv(slopes @ slopes.T) * squares[best] / max(times.size - 3, 1)
    of_ratio = np.array([0.0, -1 / height, 1 / tau])
    return tau, height, float(np.sqrt(max(of_ratio @ spread @ of_ratio, 0.0)))
