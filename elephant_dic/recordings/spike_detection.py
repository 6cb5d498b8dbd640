"""Spike times from a membrane potential, and from the events of an event channel."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import neo
import numpy as np
import quantities as pq

from ..arguments import magnitude

# What an action potential is to the automatic threshold: it rises by MIN_HEIGHT and falls back as
# much within FLANK of its peak, which neither synaptic noise nor a current step does. In a noisy
# trace it is higher than MIN_HEIGHT_OF_NOISE standard deviations of what white noise there is.
MIN_HEIGHT = 20.0  # mV
MIN_HEIGHT_OF_NOISE = 10.0
FLANK = 5e-3  # s
# What lasts longer above the threshold is a plateau or a current step; what lasts fewer samples is
# a stimulus artefact, where the sampling is fast enough to tell it from an action potential.
MAX_DURATION = 10e-3  # s
MIN_SAMPLES = 3
FAST_SAMPLING = 10e3  # Hz


class RecordingError(ValueError):
    """A recording that cannot be read, or that does not hold what is asked of it."""


def detect_spikes(
    signal: neo.AnalogSignal,
    threshold: pq.Quantity | None = None,
    *,
    hysteresis: pq.Quantity = 10 * pq.mV,
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
        The potential a spike crosses. Default: `automatic_threshold` of this signal.
    hysteresis : Quantity
        How far below the threshold the potential must fall. Default: 10 mV, which with a threshold
        of 10 mV is the rule used on simulated neurons.
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
    reason = "given"
    if threshold is None:
        threshold, reason = explained_threshold([signal])
    spiketrain, remarks = find_spikes(signal, threshold, hysteresis, refractory)
    spiketrain.annotate(threshold_reason=reason)
    for remark in remarks:
        warnings.warn(remark, stacklevel=2)
    return spiketrain


def find_spikes(signal, threshold, hysteresis=10 * pq.mV, refractory=1 * pq.ms):
    """`detect_spikes` with a given threshold or none, whose warnings are returned as texts."""
    volts, rate = one_channel(signal)
    if threshold is None:
        return _spiketrain(signal, []), []
    level = magnitude(threshold, "mV", "threshold")
    rises, falls = _excursions(volts, level, level - magnitude(hysteresis, "mV", "hysteresis"))
    wrong, remarks = _not_spikes(falls - rises, rate, level)
    rises = rises[~wrong]
    before, after = volts[rises - 1], volts[rises]
    seconds = (rises - 1 + (level - before) / (after - before)) / rate
    seconds = _outside_refractory(seconds, magnitude(refractory, "s", "refractory"))
    return _spiketrain(signal, seconds, threshold=level * pq.mV), remarks


def automatic_threshold(signals: Iterable[neo.AnalogSignal]) -> pq.Quantity | None:
    """The threshold at which one cell's action potentials are detected.

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
    return explained_threshold(signals)[0]


def explained_threshold(signals):
    """`automatic_threshold`, and a sentence that says where it comes from or why there is none."""
    found = [_action_potentials(*one_channel(signal)) for signal in signals]
    peaks, troughs = np.concatenate([np.empty((2, 0)), *found], axis=1)
    if peaks.size == 0:
        return None, (
            f"nothing rises by {MIN_HEIGHT:g} mV and falls back within {FLANK * 1e3:g} ms; pass threshold= if"
            " its action potentials are smaller"
        )
    lowest, highest = np.percentile(peaks, 5), np.percentile(troughs, 95)
    reason = (
        f"halfway between the lowest peaks ({lowest:.1f} mV) and the highest troughs ({highest:.1f} mV) of"
        f" {peaks.size} action potentials"
    )
    if lowest - highest < MIN_HEIGHT / 2:
        reason += (
            ", which are not apart: the potential drifts, or the action potentials shrink, so that no one"
            " threshold suits all; read stretches by themselves, or pass threshold="
        )
    return (lowest + highest) / 2 * pq.mV, reason


def _action_potentials(volts, rate):
    """Potentials at the peaks of action potentials, and at the higher trough next to each."""
    from scipy.signal import find_peaks

    noise = np.median(np.abs(np.diff(volts))) / (0.6745 * np.sqrt(2)) if volts.size > 1 else 0.0
    with warnings.catch_warnings():  # of local maxima that are none within the window
        warnings.simplefilter("ignore", RuntimeWarning)
        peaks, shape = find_peaks(
            volts,
            prominence=max(MIN_HEIGHT, MIN_HEIGHT_OF_NOISE * noise),
            wlen=max(2 * int(FLANK * rate) + 1, 3),
            width=MIN_SAMPLES - 0.5 if rate >= FAST_SAMPLING else 0,
        )
    return volts[peaks], volts[peaks] - shape["prominences"]


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


def one_channel(signal):
    """The samples of a one-channel signal in mV, and its sampling rate in Hz."""
    if not isinstance(signal, neo.AnalogSignal):
        raise TypeError(f"signal must be a neo.AnalogSignal, got {type(signal).__name__}")
    if signal.shape[1] != 1:
        raise RecordingError(f"one channel is needed, got {signal.shape[1]}: take signal[:, [k]]")
    try:
        volts = signal.rescale("mV").magnitude[:, 0].astype(float)
    except ValueError:
        unit = signal.units.dimensionality.string
        raise RecordingError(f"a signal in {unit} is no potential") from None
    if volts.size == 0:
        raise RecordingError("it holds no samples")
    bad = np.flatnonzero(~np.isfinite(volts))
    if bad.size:
        first = signal.times[bad[0]].rescale("s")
        raise RecordingError(f"{bad.size} samples are not finite, the first at {first:.6g}")
    return volts, float(signal.sampling_rate.rescale("Hz").magnitude)


def _excursions(volts, threshold, rearm):
    """First samples at or above the threshold, and the next ones below the re-arming level."""
    state = np.zeros(volts.size, np.int8)
    state[volts >= threshold] = 1
    state[volts < rearm] = -1
    if state[0] == 0:  # between the two levels: not above the threshold, hence armed
        state[0] = -1
    known = np.flatnonzero(state)
    changes = known[1:][np.diff(state[known]) != 0]
    rises, falls = changes[state[changes] == 1], changes[state[changes] == -1]
    if state[0] == 1:
        falls = falls[1:]
    if falls.size < rises.size:  # the trace ends within a spike
        falls = np.append(falls, max(volts.size, rises[-1] + MIN_SAMPLES))
    return rises, falls


def _not_spikes(n_samples, rate, level):
    """Which excursions, of so many samples each, are a plateau or an artefact, and remarks."""
    plateau = n_samples > MAX_DURATION * rate
    artefact = (n_samples < MIN_SAMPLES) & (rate >= FAST_SAMPLING)
    remarks = [
        f"{wrong.sum()} excursions above {level:.1f} mV are not taken as spikes: they {reason}"
        for wrong, reason in (
            (plateau, f"last longer than {MAX_DURATION * 1e3:g} ms (a current step or a plateau)"),
            (artefact, f"last less than {MIN_SAMPLES} samples (a stimulus artefact)"),
        )
        if wrong.any()
    ]
    return plateau | artefact, remarks


def _outside_refractory(seconds, refractory):
    kept = []
    for time in seconds:
        if not kept or time - kept[-1] >= refractory:
            kept.append(time)
    return np.array(kept)


def _spiketrain(signal, seconds, **annotations):
    t_start = float(signal.t_start.rescale("s").magnitude)
    return neo.SpikeTrain(
        t_start + np.asarray(seconds, float),
        units="s",
        t_start=t_start,
        t_stop=float(signal.t_stop.rescale("s").magnitude),
        name=signal.name,
        **annotations,
    )
