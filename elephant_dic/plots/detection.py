"""Picture of a detection: the trace, the threshold, the spikes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import neo
import numpy as np
import quantities as pq

from ..arguments import magnitude, shown
from ..recordings import filtered, one_channel
from .drawing import RECORDING_COLOR, axes_or_new, draws, legend_above

if TYPE_CHECKING:
    from matplotlib.axes import Axes

THRESHOLD_COLOR, SPIKE_COLOR = "#D55E00", "#0072B2"
MOST_POINTS = 8000  # of a trace: more do not fit a screen, nor a page of a journal


@draws
def plot_detection(
    signal: neo.AnalogSignal,
    spiketrain: neo.SpikeTrain | None = None,
    *,
    threshold: pq.Quantity | None = None,
    start: pq.Quantity | None = None,
    duration: pq.Quantity | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw a trace, the threshold, and a mark for each detected spike, for the user to judge.

    Of a long stretch the lowest and the highest sample of each of 4000 parts are drawn: no spike is lost.

    Parameters
    ----------
    signal : neo.AnalogSignal
        One channel. An extracellular trace is drawn as it was filtered for the detection.
    spiketrain : neo.SpikeTrain or None
        Of `detect_spikes` or `detect_extracellular_spikes`, on this signal. Default: None, the trace alone.
    threshold : Quantity or None
        Drawn as a line. Default: None, the annotation ``threshold`` of the spike train, if any.
    start, duration : Quantity or None
        What to show, in time since the start of the signal, as on the axis. Default: None, everything.
    {axes}

    {returns axes}

    Raises
    ------
    TypeError, ValueError
        If the signal is no neo.AnalogSignal of one channel, in a unit of voltage; if it has no samples in
        what is to be shown; if `spiketrain` is no neo.SpikeTrain.
    """
    if not (spiketrain is None or isinstance(spiketrain, neo.SpikeTrain)):
        raise TypeError(f"spiketrain must be a neo.SpikeTrain or None, got {shown(spiketrain)}")
    known = {} if spiketrain is None else spiketrain.annotations
    volts, rate = one_channel(signal)
    highpass = known.get("highpass")
    if highpass is not None:
        volts = filtered(signal, None if np.isnan(highpass) else highpass)
    low = 0.0 if start is None else magnitude(start, "s", "start")
    high = volts.size / rate if duration is None else low + magnitude(duration, "s", "duration")
    first, last = max(0, round(low * rate)), min(volts.size, round(high * rate) + 1)
    if not first < last:
        raise ValueError(
            f"the signal has no samples from {low:g} to {high:g} s: it lasts {volts.size / rate:g} s"
        )
    indices, drawn = _extremes(volts[first:last])
    axes = axes_or_new(axes, 6.0, 2.2)
    axes.plot((first + indices) / rate, drawn, color=RECORDING_COLOR, linewidth=0.6, label="trace")
    threshold = known.get("threshold") if threshold is None else threshold
    if threshold is not None:
        level = magnitude(threshold, "mV", "threshold")
        label = f"threshold {level:.3g} mV"
        axes.axhline(level, color=THRESHOLD_COLOR, linestyle="--", linewidth=0.9, label=label)
    if spiketrain is not None:
        _mark_spikes(axes, spiketrain, signal, (low, high), drawn.max() + 0.14 * np.ptp(drawn))
    filter_used = "" if highpass is None or np.isnan(highpass) else f", high-pass {highpass.rescale('Hz'):g}"
    axes.set(xlim=(low, high), xlabel="Time (s)", ylabel=f"{signal.name or 'Potential'} (mV){filter_used}")
    legend_above(axes, n_columns=3)
    return axes


def _mark_spikes(axes, spiketrain, signal, limits, height):
    times = (spiketrain.times - signal.t_start).rescale("s").magnitude
    times = times[(times >= limits[0]) & (times <= limits[1])]
    label = f"{len(times)} spike{'s' * (len(times) != 1)}"
    axes.plot(times, np.full(len(times), height), "|", color=SPIKE_COLOR, markersize=8, label=label)


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
