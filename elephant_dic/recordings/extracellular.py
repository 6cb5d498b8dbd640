"""Spike times from an extracellular trace: what stands out of its noise."""

import warnings

import neo
import numpy as np
import quantities as pq

from ..arguments import magnitude
from .spike_detection import RecordingError, one_channel

POLARITIES = ("negative", "positive")
#: A trace sampled more slowly has no spikes that a high-pass filter would leave.
LOWEST_SAMPLING = 2000.0  # Hz
# A spike is over within MAX_DURATION; what is ARTEFACT times as large as most of them is none. Nothing is
# known of what is near something much larger, on either side: the filter makes echoes.
MAX_DURATION, ARTEFACT = 3e-3, 20.0  # s
ECHO, NEAR = 0.15, 5e-3  # s


def detect_extracellular_spikes(
    signal, threshold=None, *, polarity=None, factor=5.0, highpass=300 * pq.Hz, refractory=1 * pq.ms
):
    """Spike times of an extracellular trace: the extremes of its excursions beyond the noise.

    The trace is high-pass filtered (by elephant, forwards and backwards), so that a drift of the baseline
    and slow potentials do not count. The threshold is a multiple of the noise, the median of the absolute
    values over 0.6745, which spikes hardly change (Quian Quiroga, Nadasdy, Ben-Shaul, Neural Computation
    2004). Not taken for spikes are excursions that go over the start or the end of the trace, that last
    longer than 3 ms, that are 20 times as large as the median one (stimulus artefacts), or that are within
    5 ms of something 7 times as large (echoes of the filter); warnings count them. The spikes of all cells
    near the electrode are found: sort them, or see what `assess_quality` says.

    Parameters
    ----------
    signal : neo.AnalogSignal
        One channel, in a unit of voltage.
    threshold : Quantity, optional
        What the filtered trace crosses, with its sign. Default: `factor` times the noise.
    polarity : {"negative", "positive"}, optional
        Side on which spikes are. Default: that of the threshold, else the side on which more stands out.
    factor : float
        Default: 5.
    highpass : Quantity or None
        Frequency of the filter; None for a trace that is filtered already. Default: 300 Hz.
    refractory : Quantity
        Of spikes that are closer together, the larger counts. Default: 1 ms.

    Returns
    -------
    neo.SpikeTrain
        In seconds, with the start and stop of the signal. Array annotation ``amplitude`` (in the unit of the
        signal, positive). Annotations: ``threshold``, ``threshold_reason``, ``polarity``, ``highpass``,
        ``n_clipped``: how many spikes reach the highest or lowest value of the trace and stay there.

    Raises
    ------
    TypeError
        If the signal is no `neo.AnalogSignal`, or a bare number is given for a quantity.
    ValueError
        For another `polarity`, a `factor` that is not positive, a threshold of the wrong sign.
    RecordingError
        If the signal has several channels, another unit, no samples or samples that are not finite; if it
        is sampled too slowly for the filter; if it is constant.
    """
    train, remarks = find_extracellular_spikes(signal, threshold, polarity, factor, highpass, refractory)
    for remark in remarks:
        warnings.warn(remark, stacklevel=2)
    return train


def find_extracellular_spikes(
    signal, threshold=None, polarity=None, factor=5.0, highpass=300 * pq.Hz, refractory=1 * pq.ms
):
    """`detect_extracellular_spikes`, whose warnings are returned as texts."""
    if polarity not in (None, *POLARITIES):
        raise ValueError(f"polarity must be one of {', '.join(POLARITIES)}, got {polarity!r}")
    if not factor > 0:
        raise ValueError(f"factor must be positive, got {factor}")
    raw, rate = one_channel(signal)
    trace = filtered(signal, highpass)
    level, sign, reason = _threshold(trace, threshold, polarity, factor)
    above = sign * trace  # spikes point upwards from here on
    peaks, remarks = _peaks(above, level, rate)
    peaks = _apart(peaks, above, magnitude(refractory, "s", "refractory") * rate)
    n_clipped = _n_clipped(raw, peaks, round(0.5e-3 * rate))
    if n_clipped:
        remarks.append(
            f"{n_clipped} of {len(peaks)} spikes are clipped: the range of the amplifier is too small"
        )
    unit = signal.units
    start = signal.t_start.rescale("s").item()
    train = neo.SpikeTrain(
        start + peaks / rate,
        units="s",
        t_start=start,
        t_stop=signal.t_stop.rescale("s").item(),
        name=signal.name,
        array_annotations={"amplitude": (above[peaks] * pq.mV).rescale(unit)},
        threshold=(sign * level * pq.mV).rescale(unit),
        threshold_reason=reason,
        highpass=np.nan * pq.Hz if highpass is None else highpass,
        polarity=POLARITIES[sign > 0],
        n_clipped=int(n_clipped),
    )
    return train, remarks


def filtered(signal, highpass=300 * pq.Hz) -> np.ndarray:
    """Samples in mV of a one-channel signal, without what is slower than a frequency, about zero."""
    volts, rate = one_channel(signal)
    if highpass is None:
        return volts - np.median(volts)
    frequency = magnitude(highpass, "Hz", "highpass")
    if not 0 < frequency < rate / 2 or rate < LOWEST_SAMPLING:
        raise RecordingError(
            f"a trace sampled at {rate:g} Hz cannot be filtered at {frequency:g} Hz: spikes need a sampling"
            " rate of 2 kHz or more, and highpass= below half of it"
        )
    from elephant.signal_processing import butter

    trace = butter(volts, highpass_frequency=frequency, sampling_frequency=rate, order=2)
    return np.asarray(trace) - np.median(trace)


def noise_of(trace) -> float:
    """Standard deviation of the noise of a trace about zero."""
    return float(np.median(np.abs(trace)) / 0.6745)


def _threshold(trace, threshold, polarity, factor):
    """Level (mV, positive), sign of the spikes, and the reason for the level."""
    if threshold is not None:
        level = magnitude(threshold, "mV", "threshold")
        side = POLARITIES[level > 0]
        if level == 0 or polarity not in (None, side):
            raise ValueError(
                f"threshold {threshold} does not go with polarity {polarity or 'of either kind'}"
            )
        return abs(level), 1 if level > 0 else -1, "given"
    noise = noise_of(trace)
    if not noise > 0:
        raise RecordingError(
            "most of its samples are the same: no noise from which a threshold follows; give one"
        )
    level = factor * noise
    if polarity is None:
        beyond = [np.maximum(sign * trace - level, 0).sum() for sign in (-1, 1)]
        polarity = POLARITIES[int(beyond[1] > beyond[0])]
    reason = f"{factor:g} times the noise of {1e3 * noise:.3g} uV, {polarity} side"
    return level, -1 if polarity == "negative" else 1, reason


def _runs(inside):
    """First sample of each run, and that after its last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(np.int8), [0]])))
    return edges[::2], edges[1::2]


def _peaks(above, level, rate):
    """Extremes of the excursions that may be spikes, and remarks on the others."""
    from scipy.ndimage import maximum_filter1d

    starts, stops = _runs(above >= level)
    peaks = np.array([i + above[i:j].argmax() for i, j in zip(starts, stops, strict=True)], dtype=int)
    border = (starts == 0) | (stops == len(above))
    long = ~border & (stops - starts > MAX_DURATION * rate)
    fine = ~(border | long)
    large = fine & (above[peaks] > ARTEFACT * np.median(above[peaks[fine]])) if fine.any() else fine
    nearby = maximum_filter1d(np.abs(above), 2 * round(NEAR * rate) + 1)[peaks]
    echo = fine & ~large & (above[peaks] < ECHO * nearby)
    remarks = [
        f"{wrong.sum()} excursions are not taken as spikes: they {reason}"
        for wrong, reason in (
            (border, "go over the start or the end of the trace"),
            (long, f"last longer than {1e3 * MAX_DURATION:g} ms"),
            (large, f"are {ARTEFACT:g} times as large as the median one (stimulus artefacts)"),
            (echo, f"are within {1e3 * NEAR:g} ms of something much larger (echoes of the filter)"),
        )
        if wrong.any()
    ]
    return peaks[fine & ~large & ~echo], remarks


def _apart(peaks, above, least):
    """Peaks that are at least so many samples apart; of nearer ones, the larger."""
    kept = []
    for peak in peaks:
        if kept and peak - kept[-1] < least:
            if above[peak] > above[kept[-1]]:
                kept[-1] = peak
        else:
            kept.append(peak)
    return np.array(kept, dtype=int)


def _n_clipped(raw, peaks, half_width):
    """How many peaks are near samples that stay at the highest or lowest value of the trace."""
    extreme = (raw == raw.max()) | (raw == raw.min())
    flat = np.flatnonzero(extreme[1:] & (raw[1:] == raw[:-1]))
    return int((_distance(peaks, flat) <= half_width).sum())


def _distance(indices, others):
    """How far each index is from the nearest of others, which are sorted."""
    others = np.concatenate([[-np.inf], others, [np.inf]])
    after = np.searchsorted(others, indices)
    return np.minimum(others[after] - indices, indices - others[after - 1])
