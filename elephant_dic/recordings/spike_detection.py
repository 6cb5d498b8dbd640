"""Spike times from a membrane potential, and from the events of an event channel."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterable

import neo
import numpy as np
import quantities as pq

from ..arguments import magnitude
from .peaks import FAST_SAMPLING, FLANK, MIN_HEIGHT, MIN_SAMPLES, Peaks, peaks_of

# What lasts longer above the threshold is a plateau or a current step.
MAX_DURATION = 10e-3  # s
HYSTERESIS = 10.0  # mV
# Few peaks that are much smaller than the others are no spikes, but fast inputs or artefacts.
SMALL, FEW = 1 / 3, 0.05


class RecordingError(ValueError):
    """A recording that cannot be read, or that does not hold what is asked of it."""


class NoSpikesError(RecordingError):
    """A recording without any spike, of a format that tells nothing else: the cell may have been silent."""


def detect_spikes(
    signal: neo.AnalogSignal,
    threshold: pq.Quantity | None = None,
    *,
    hysteresis: pq.Quantity | None = None,
    refractory: pq.Quantity = 1 * pq.ms,
) -> neo.SpikeTrain:
    """Spike times of a membrane potential: its upward crossings of a threshold.

    A crossing is interpolated linearly between two samples. The next one counts only after the
    potential has been below ``threshold - hysteresis`` and the refractory time is over. No spike
    is made of a trace that starts above the threshold, of an excursion of more than 10 ms (a
    current step, a plateau), nor of one of one or two samples in a signal sampled at 10 kHz or
    more (a stimulus artefact); a warning counts the last two.

    Parameters
    ----------
    signal : neo.AnalogSignal
        The membrane potential: one channel, in a unit of voltage.
    threshold : Quantity, optional
        The potential a spike crosses. Default: each action potential is a spike, a peak that rises by 20 mV
        and falls back within 5 ms, at the `automatic_threshold` of this signal. One that does not rise
        through it, because the potential drifts or a current lifts it, has a threshold of its own, halfway
        between its peak and the higher trough next to it; a warning says so.
    hysteresis : Quantity, optional
        How far below the threshold the potential must fall. Default: 10 mV, which with a threshold
        of 10 mV is the rule used on simulated neurons; but before an action potential, any fall below the
        threshold is enough.
    refractory : Quantity
        Shortest time between two spikes. Default: 1 ms.

    Returns
    -------
    neo.SpikeTrain
        In seconds, with the start and stop of the signal. Annotations: ``threshold``, the one used, and
        ``threshold_reason``, a sentence on where it comes from. Empty and without a threshold if none was
        given and nothing in the signal looks like an action potential.

    Raises
    ------
    TypeError
        If the signal is no `neo.AnalogSignal`, or a bare number is given for a quantity.
    RecordingError
        If the signal has several channels, another unit, no samples, or samples that are not
        finite.
    """
    spiketrain, remarks = find_spikes(signal, threshold, hysteresis, refractory)
    for remark in remarks:
        warnings.warn(remark, stacklevel=2)
    return spiketrain


def find_spikes(signal, threshold=None, hysteresis=None, refractory=1 * pq.ms, *, volts=None, peaks=None):
    """`detect_spikes`, whose warnings are returned as texts; of samples (mV) and peaks that may be known."""
    volts, rate = one_channel(signal) if volts is None else (volts, sampling_rate(signal))
    dead_time = magnitude(refractory, "s", "refractory")
    below = HYSTERESIS if hysteresis is None else magnitude(hysteresis, "mV", "hysteresis")
    if peaks is None and (threshold is None or hysteresis is None):
        peaks = peaks_of(volts, rate)
    if threshold is None:
        level, levels, found, reason, remarks = _by_peaks(volts, rate, below, peaks)
    else:
        level, reason = magnitude(threshold, "mV", "threshold"), "given"
        found, remarks = _by_crossings(volts, rate, level, below, peaks if hysteresis is None else None)
        levels = level
    if level is None:
        return _spiketrain(signal, [], threshold_reason=reason), remarks
    before, after = volts[found - 1], volts[found]
    seconds = _outside_refractory((found - 1 + (levels - before) / (after - before)) / rate, dead_time)
    return _spiketrain(signal, seconds, threshold=level * pq.mV, threshold_reason=reason), remarks


def automatic_threshold(signals: Iterable[neo.AnalogSignal]) -> pq.Quantity | None:
    """The threshold at which one cell's action potentials are detected, if one suits all.

    Action potentials are the peaks that rise by at least 20 mV and fall back as much within 5 ms
    on either side, stand out of the noise, and are wider than a stimulus artefact. The threshold
    is halfway between the lowest of these peaks and the highest of the troughs next to them (their
    5th and 95th percentiles), so it lies above what depolarises the cell without making it fire.

    Parameters
    ----------
    signals : iterable of neo.AnalogSignal
        Membrane potentials of one cell, of one channel each: its sweeps.

    Returns
    -------
    Quantity or None
        In mV; None if there is no such peak.
    """
    return threshold_of_peaks([peaks_of(*one_channel(signal)) for signal in signals])


def threshold_of_peaks(found):
    """`automatic_threshold` of the peaks of several signals."""
    parts = [(peaks.samples, peaks.highs, peaks.lows) for peaks in found]
    level, _ = _halfway(Peaks(*np.concatenate([np.empty((3, 0)), *parts], axis=1)))
    return None if level is None else level * pq.mV


def _halfway(peaks):
    """Level between the peaks and the troughs, or None, and a sentence on where it comes from."""
    if not peaks.samples.size:
        return None, (
            f"nothing rises by {MIN_HEIGHT:g} mV and falls back within {FLANK * 1e3:g} ms; pass threshold= if"
            " its action potentials are smaller"
        )
    lowest, highest = np.percentile(peaks.highs, 5), np.percentile(peaks.lows, 95)
    return float(lowest + highest) / 2, (
        f"halfway between the lowest peaks ({lowest:.1f} mV) and the highest troughs ({highest:.1f} mV) of"
        f" {peaks.samples.size} action potentials"
    )


def _without_small(peaks):
    """The peaks but for few that are small beside the others, and a remark on these."""
    heights = peaks.highs - peaks.lows
    small = heights < SMALL * np.median(heights) if heights.size else np.zeros(0, bool)
    if not 0 < small.sum() <= FEW * heights.size:
        return peaks, []
    return peaks.those(~small), [
        f"{small.sum()} peaks of {heights[small].min():.0f} to {heights[small].max():.0f} mV are not taken"
        f" for action potentials, which rise by {np.median(heights[~small]):.0f} mV here"
    ]


def event_to_spiketrain(event, t_start, t_stop):
    """Make a spike train of the times of an event channel.

    Parameters
    ----------
    event : neo.Event
        One event a spike.
    t_start, t_stop : Quantity
        Start and stop of the recording, which a `neo.Event` does not have.

    Returns
    -------
    neo.SpikeTrain
        In the unit of the events, with their name.
    """
    units = event.times.units.dimensionality.string
    return neo.SpikeTrain(
        np.asarray(event.times.magnitude, float),
        units=units,
        t_start=magnitude(t_start, units, "t_start"),
        t_stop=magnitude(t_stop, units, "t_stop"),
        name=event.name,
    )


def detected_at(spiketrains):
    """At what potential the spikes of a cell's sweeps were detected, in words; "" if they were not."""
    found = [train.annotations["threshold"] for train in spiketrains if "threshold" in train.annotations]
    levels = sorted(float(level.rescale("mV")) for level in found)
    texts = dict.fromkeys(f"{level:.1f}" for level in levels[:1] + levels[-1:])
    return f"detected at {' to '.join(texts)} mV" if texts else ""


def one_channel(signal):
    """The samples of a one-channel signal in mV, and its sampling rate in Hz."""
    if not isinstance(signal, neo.AnalogSignal):
        raise TypeError(f"signal must be a neo.AnalogSignal, got {type(signal).__name__}")
    if signal.shape[1] != 1:
        raise RecordingError(f"one channel is needed, got {signal.shape[1]}: take signal[:, [k]]")
    try:
        volts = in_unit(signal, "mV")[:, 0].astype(float)
    except ValueError:
        unit = signal.units.dimensionality.string
        raise RecordingError(f"a signal in {unit} is no potential") from None
    if volts.size == 0:
        raise RecordingError("it holds no samples")
    finite = np.isfinite(volts)
    if not finite.all():
        bad = np.flatnonzero(~finite)
        first = signal.times[bad[0]].rescale("s")
        raise RecordingError(f"{bad.size} samples are not finite, the first at {first:.6g}")
    return volts, sampling_rate(signal)


def sampling_rate(signal):
    """Of a signal, in Hz."""
    return float(in_unit(signal.sampling_rate, "Hz"))


def in_unit(quantity, wanted):
    """The magnitude of a quantity in a unit, whose factor is computed once; ValueError if it has none."""
    factor = _factor(quantity.dimensionality.string, wanted)
    return quantity.magnitude if factor == 1 else quantity.magnitude * factor


@functools.lru_cache(maxsize=256)
def _factor(unit, wanted):
    return float(pq.Quantity(1.0, unit).rescale(wanted).magnitude)


def _excursions(volts, threshold, rearm):
    """First samples at or above the threshold, and the next ones below the re-arming level."""
    state = np.where(volts < rearm, np.int8(-1), (volts >= threshold).view(np.int8))
    if state[0] == 0:  # between the two levels: not above the threshold, hence armed
        state[0] = -1
    moves = np.append(0, np.flatnonzero(state[1:] != state[:-1]) + 1)
    known = moves[state[moves] != 0]
    changes = known[1:][np.diff(state[known]) != 0]
    rises, falls = changes[state[changes] == 1], changes[state[changes] == -1]
    if state[0] == 1:
        falls = falls[1:]
    if falls.size < rises.size:  # the trace ends within a spike
        falls = np.append(falls, max(volts.size, rises[-1] + MIN_SAMPLES))
    return rises, falls


def _by_peaks(volts, rate, hysteresis, peaks):
    """Each action potential as a spike: threshold, those of the spikes, their samples, reason, remarks."""
    peaks, remarks = _without_small(peaks)
    level, reason = _halfway(peaks)
    if level is None:
        return None, None, None, reason, remarks
    fits = peaks.straddle(level)
    levels = np.where(fits, level, (peaks.highs + peaks.lows) / 2)
    if fits.all():
        remarks += _not_spikes(*_excursions(volts, level, level - hysteresis), rate, level, peaks)
    else:
        own = levels[~fits]
        text = (
            f"{own.size} of {fits.size} action potentials do not rise through {level:.1f} mV, as the"
            " potential drifts or is lifted: each has a threshold of its own,"
            f" {own.min():.1f} to {own.max():.1f} mV"
        )
        reason, remarks = f"{reason}; {text}", [*remarks, text]
    found, first = np.unique(_flanks(volts, peaks.samples, levels), return_index=True)
    return level, levels[first], found, reason, remarks


def _not_spikes(rises, falls, rate, level, peaks):
    """Remarks on excursions that hold no action potential."""
    empty = np.searchsorted(peaks.samples, rises) == np.searchsorted(peaks.samples, falls)
    plateau, artefact = _plateaus_and_artefacts(falls - rises, rate)
    return _remarks(level, empty & plateau, empty & artefact, empty & ~plateau & ~artefact)


def _by_crossings(volts, rate, level, hysteresis, peaks):
    """First samples of the spikes at or above a level, and remarks on what is none.

    Of an excursion that lasts, or holds several action potentials (`peaks`, or None), each of these that
    rises through the level is a spike, however little the potential fell before.
    """
    rises, falls = _excursions(volts, level, level - hysteresis)
    plateau, artefact = _plateaus_and_artefacts(falls - rises, rate)
    found = rises[~(plateau | artefact)]
    if peaks is not None:
        peaks = peaks.those(peaks.straddle(level))
        where = np.searchsorted(rises, peaks.samples, side="right") - 1
        inside = where >= 0
        inside[inside] = peaks.samples[inside] < falls[where[inside]]
        n_peaks = np.bincount(where[inside], minlength=rises.size)
        sought = ~inside  # of a trace that starts above the level
        sought[inside] = ((n_peaks > 1) | plateau)[where[inside]]
        again = _flanks(volts, peaks.samples[sought], np.full(sought.sum(), level))
        found, plateau = np.union1d(found, again), plateau & (n_peaks == 0)
    return found, _remarks(level, plateau, artefact)


def _plateaus_and_artefacts(n_samples, rate):
    """Which excursions, of so many samples each, are a plateau, and which an artefact."""
    return n_samples > MAX_DURATION * rate, (n_samples < MIN_SAMPLES) & (rate >= FAST_SAMPLING)


def _remarks(level, *wrong):
    reasons = (
        f"last longer than {MAX_DURATION * 1e3:g} ms (a current step or a plateau)",
        f"last less than {MIN_SAMPLES} samples (a stimulus artefact)",
        f"do not rise by {MIN_HEIGHT:g} mV and fall back within {FLANK * 1e3:g} ms",
    )
    return [
        f"{which.sum()} excursions above {level:.1f} mV are not taken as spikes: they {reason}"
        for which, reason in zip(wrong, reasons, strict=False)
        if which.any()
    ]


def _flanks(volts, peaks, levels):
    """First samples at or above the levels on the way up to the peaks, which rise through them."""
    starts = []
    for sample, level in zip(peaks.tolist(), levels.tolist(), strict=True):
        while sample > 0 and volts[sample - 1] >= level:
            sample -= 1
        starts.append(sample)
    return np.array(starts, dtype=int)


def _outside_refractory(seconds, refractory):
    kept = []
    for time in seconds:
        if not kept or time - kept[-1] >= refractory:
            kept.append(time)
    return np.array(kept)


def _spiketrain(signal, seconds, **annotations):
    t_start = float(in_unit(signal.t_start, "s"))
    return neo.SpikeTrain(
        t_start + np.asarray(seconds, float),
        units="s",
        t_start=t_start,
        t_stop=float(in_unit(signal.t_stop, "s")),
        name=signal.name,
        **annotations,
    )
