"""The current given during a patch-clamp sweep: its stimulus, placed by its own times, and its bias."""

import numpy as np

from ...trains import Stimulus
from ..contents import UNKNOWN, Command, same_dimension
from ..patch_clamp.sampled_waveforms import is_noisy, sampled
from ..patch_clamp.waveforms import picoamperes
from .attributes import kind_of

MAX_LEVELS = 8  # of a stimulus that is described by its levels
EDGE = 1e-3  # s at the ends of a sweep that a stimulus need not cover
LONG = 5e-3  # s that a current stays at a level
STRAIGHT = 0.02  # of a ramp's range: how far it may be from a straight line


def command_of(item, signal, stimulus, number):
    """The current given during a response, as far as the file tells, and its samples (pA) if they are noisy.

    Parameters
    ----------
    item : h5py.Group
        The series of the response.
    signal : neo.AnalogSignal
        Its samples.
    stimulus : Range or None
        The samples of its stimulus.
    number : int
        Of the sweep.

    Returns
    -------
    Command or None
        None if it does not tell.
    ndarray or None
    """
    kind = kind_of(item)
    if kind == "IZeroClampSeries":
        return Command(injected_current="0 pA", stimulus=Stimulus([0.0], [0.0])), None
    if kind != "CurrentClampSeries":
        return None, None
    bias = float(np.ravel(item["bias_current"][()])[0]) * 1e12 if "bias_current" in item else np.nan
    finite = np.flatnonzero(np.isfinite(signal.magnitude))
    first = int(finite[0]) if finite.size else 0
    signal = signal[first : finite[-1] + 1] if finite.size else signal  # the rest was not recorded
    current = np.full(len(signal), bias) if stimulus is None else _placed(signal, stimulus, bias)
    current = np.round(current, 3)
    rate, known = float(signal.sampling_rate.rescale("Hz")), np.isfinite(current)
    if not current[known].any() and not known.all():
        untold = Command.unknown(number, "its stimulus does not cover it")
        return (None if stimulus is None else untold), None
    if not known.all():
        return Command(
            waveforms=(UNKNOWN, number),  # may differ from what is not known of another sweep
            injected_current=_text(current, rate),
            is_stimulus=bool(current[known].any()),
            reason="it is unknown in a part of the sweep",
        ), None
    found, noisy = sampled(current, rate), is_noisy(current)
    command = Command(
        waveforms=_waveform(current, 0.0 if np.isnan(bias) else round(bias, 3), rate),
        injected_current=_text_without_noise(current, found, rate) if noisy else _text(current, rate),
        is_stimulus=bool(found.currents.any()),
        stimulus=found.shifted(1e3 * first / rate),
    )
    return command, current if noisy and not first else None


def _placed(signal, stimulus, bias):
    """The current in pA at each sample; NaN where neither stimulus nor bias tells it."""
    unknown = np.full(len(signal), np.nan)
    try:
        samples = stimulus.samples()
    except Exception:  # a stimulus that cannot be used is one that is not known
        return unknown
    if not same_dimension(samples.units, "A"):
        return unknown
    start, rate = float(signal.t_start.rescale("s")), float(signal.sampling_rate.rescale("Hz"))
    current = samples.at(start + np.arange(len(signal)) / rate) * picoamperes(samples.units)
    covered = np.flatnonzero(np.isfinite(current))
    if not covered.size:  # it lies at other times altogether
        return unknown
    first, last = covered[0], covered[-1]
    if first <= EDGE * rate:
        current[:first] = current[first]
    if len(signal) - 1 - last <= EDGE * rate:
        current[last + 1 :] = current[last]
    missing = np.isnan(current)
    return np.where(missing, bias, current + np.nan_to_num(bias))


def _waveform(current, rest, rate):
    """Equal for two sweeps exactly if they were stimulated alike; one may have been stopped at rest."""
    away = np.flatnonzero(current != rest)  # what is not known, too
    if not away.size:
        return (rest,) if rest else ()
    first, last = away[0], away[-1]
    return rest, round(first / rate, 4), current[first : last + 1].tobytes()


def _text(current, rate):
    """The successive levels of a current and its ramps, or its range if there are many; what is unknown."""
    known = np.isfinite(current)
    if not known.all():
        part, whole = known.sum() / rate, len(current) / rate
        return f"{_text(current[known], rate)} in {part:.3g} of {whole:.3g} s, unknown in the rest"
    starts = np.flatnonzero(np.diff(current, prepend=np.nan) != 0)
    few = len(starts) <= MAX_LEVELS
    parts = current[starts].tolist() if few else _levels_and_ramps(current, starts, rate)
    if parts is None or len(parts) > MAX_LEVELS:
        return f"{current.min():g} to {current.max():g} pA"
    while len(parts) > 1 and parts[0] == 0:
        parts = parts[1:]
    while len(parts) > 1 and parts[-1] == 0:
        parts = parts[:-1]
    return ", ".join(part if isinstance(part, str) else f"{part:g}" for part in parts) + " pA"


def _text_without_noise(current, stimulus, rate):
    """The levels of a stimulus that was found in noise, and how large that is; else its range."""
    times = np.arange(len(current)) * 1e3 / rate + 1e-6  # of two points at one time the later one
    smooth = np.interp(times, stimulus.times, stimulus.currents)
    if not stimulus.stays.all():
        return f"{smooth.min():.1f} to {smooth.max():.1f} pA"
    noise = np.std(current - smooth)
    return f"{_text(np.round(smooth, int(noise < 2)) + 0.0, rate)}, with noise of {noise:.2g} pA"


def _levels_and_ramps(current, starts, rate):
    """Levels as numbers and ramps as texts; None if the current is anything else."""
    stops = np.append(starts[1:], len(current))
    lengths = stops - starts
    long = lengths >= max(LONG * rate, 5 * np.median(lengths))
    parts, moving = [], None  # where the current began to move
    for start, stop, is_long in zip(starts, stops, long, strict=True):
        if not is_long:
            moving = start if moving is None else moving
            if stop < len(current):
                continue
        if moving is not None:
            ramps = _ramps(current[max(moving - 1, 0) : start + 1 if is_long else stop])
            if ramps is None:
                return None
            parts += ramps
            moving = None
        if is_long:
            parts.append(float(current[start]))
    return _joined(parts)


def _ramps(current, turns=3):
    """Start and end of each of the straight lines that a current consists of; None if it does not."""
    first, last = float(current[0]), float(current[-1])
    off = np.abs(current - np.linspace(first, last, len(current)))
    if off.max() <= STRAIGHT * np.ptp(current):
        return [(first, last)]
    turn = int(off.argmax())
    if not turns:
        return None
    before, after = _ramps(current[: turn + 1], turns - 1), _ramps(current[turn:], turns - 1)
    return None if before is None or after is None else before + after


def _joined(parts):
    """Levels, and texts of ramps, without the levels at which a ramp begins or ends: it names them itself."""
    levels = [level for part in parts for level in (part if isinstance(part, tuple) else (part,))]
    decimals = 3 - int(np.ceil(np.log10(np.ptp(levels)))) if np.ptp(levels) else 3
    found = []
    for k, part in enumerate(parts):
        if isinstance(part, tuple):
            first, last = (round(level, decimals) + 0.0 for level in part)
            found.append(f"ramp {first:g} to {last:g}" if first != last else first)
        elif not any(isinstance(near, tuple) and part in near for near in parts[max(k - 1, 0) : k + 2]):
            found.append(part)
    return found
