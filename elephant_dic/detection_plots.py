"""Picture of a detection: the trace, the threshold, the spikes."""

from __future__ import annotations

import numpy as np

from .arguments import magnitude
from .plotting import RECORDING_COLOR, _new_axes, _small

THRESHOLD_COLOR, SPIKE_COLOR = "#D55E00", "#0072B2"
MOST_POINTS = 8000  # of a trace: of longer ones, the extremes of stretches are drawn


def plot_detection(signal, spiketrain, axes=None, start=None, duration=None):
    """Draw a trace, the threshold, and a mark for each detected spike, for the user to judge.

    Parameters
    ----------
    signal : neo.AnalogSignal
        One channel. An extracellular trace is drawn as it was filtered for the detection.
    spiketrain : neo.SpikeTrain
        Of `detect_spikes` or `detect_extracellular_spikes`, on this signal.
    axes : matplotlib.axes.Axes or None
        Where to draw. Default: None, a new figure.
    start, duration : Quantity or None
        What to show, in time since the start of the signal. Default: None, everything.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If the signal is no neo.AnalogSignal of one channel, in a unit of voltage; if nothing is to be shown.
    """
    from .recordings.extracellular import filtered
    from .recordings.spike_detection import one_channel

    volts, rate = one_channel(signal)
    highpass = spiketrain.annotations.get("highpass")
    if highpass is not None:
        volts = filtered(signal, None if np.isnan(highpass) else highpass)
    first = 0 if start is None else max(0, round(magnitude(start, "s", "start") * rate))
    last = volts.size if duration is None else first + round(magnitude(duration, "s", "duration") * rate)
    if not first < min(last, volts.size):
        raise ValueError(f"nothing to show: the signal lasts {volts.size / rate:g} s")
    times, shown = _extremes(volts[first:last])
    axes = _new_axes(6.0, 2.2) if axes is None else axes
    offset = signal.t_start.rescale("s").item()
    axes.plot(offset + (first + times) / rate, shown, color=RECORDING_COLOR, linewidth=0.6, label="trace")
    threshold = spiketrain.annotations.get("threshold")
    if threshold is not None:
        level = threshold.rescale("mV").item()
        axes.axhline(level, color=THRESHOLD_COLOR, linewidth=0.8, label=f"threshold {level:.3g} mV")
    spikes = spiketrain.times.rescale("s").magnitude
    spikes = spikes[(spikes >= offset + first / rate) & (spikes <= offset + last / rate)]
    top = shown.max() + 0.06 * np.ptp(shown)
    axes.plot(
        spikes, np.full(len(spikes), top), "|", color=SPIKE_COLOR, markersize=8, label=f"{len(spikes)} spikes"
    )
    filter_used = "" if highpass is None or np.isnan(highpass) else f", high-pass {highpass.rescale('Hz'):g}"
    axes.set(xlabel="Time (s)", ylabel=f"{signal.name or 'Potential'} (mV){filter_used}")
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderpad=0, frameon=False, fontsize=_small(axes)
    )
    return axes


def _extremes(volts):
    """Indices and values of a trace; of a long one, the lowest and the highest of each stretch."""
    length = -(-volts.size // (MOST_POINTS // 2))
    if length <= 2:
        return np.arange(volts.size), volts
    starts = np.arange(0, volts.size, length)
    padded = np.pad(volts, (0, starts.size * length - volts.size), mode="edge").reshape(-1, length)
    indices = np.sort(np.stack([padded.argmin(axis=1), padded.argmax(axis=1)]), axis=0) + starts
    indices = np.minimum(indices.T.ravel(), volts.size - 1)
    return indices, volts[indices]
