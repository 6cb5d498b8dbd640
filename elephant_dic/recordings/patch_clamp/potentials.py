"""Action potentials in the sweeps of a membrane potential, each by itself, and what is to be told of them."""

import numpy as np

from ..peaks import peaks_of
from ..spike_detection import RecordingError, find_spikes, in_unit, one_channel, threshold_of_peaks

# mV: between these a cell rests and its action potentials peak; what does not is none, or in another unit.
LOWEST, HIGHEST = -150.0, 100.0
MOST_REMARKS = 8  # on what was found in the sweeps of a cell


def spikes_of_sweeps(signals, threshold):
    """Spikes of the sweeps of a membrane potential.

    Parameters
    ----------
    signals : dict of int, neo.AnalogSignal
        The sweeps, of one channel each.
    threshold : Quantity or None

    Returns
    -------
    dict of int, neo.SpikeTrain
        Of the sweeps that are a membrane potential.
    list of str
        Remarks.
    str
        Why there may be no spikes.

    Raises
    ------
    RecordingError
        If no sweep is a membrane potential.
    """
    trains, peaks, remarks, refused = {}, {}, [], {}
    reason = f"no action potential crosses the threshold of {threshold}"
    for number, signal in signals.items():
        try:
            volts, rate = one_channel(signal)
        except RecordingError as error:
            refused[number] = str(error)
            continue
        peaks[number] = peaks_of(volts, rate)
        wrong = _implausible(volts, peaks[number])
        if wrong and threshold is None:
            refused[number] = wrong
            continue
        trains[number], texts = find_spikes(signal, threshold, volts=volts, peaks=peaks[number])
        remarks += [f"sweep {number}: {text}" for text in [wrong, *texts] if text]
        explained = trains[number].annotations.pop("threshold_reason")
        reason = reason if threshold is not None else explained
    if not trains and refused:
        number, text = next(iter(refused.items()))
        which = f"sweep {number}, as the others: " if len(refused) > 1 else ""
        raise RecordingError(which + text)
    if len(remarks) > MOST_REMARKS:
        remarks[MOST_REMARKS:] = [f"{len(remarks) - MOST_REMARKS} more remarks like these on other sweeps"]
    remarks += [f"sweep {number} is left out: {text}" for number, text in refused.items()]
    if threshold is None and len(trains) > 1:
        remarks += _disagreement(signals, trains, peaks)
    return trains, remarks, reason


def finite_parts(signals):
    """The signals without samples that are not finite at their start and end, and remarks on these."""
    kept, remarks = {}, []
    for number, signal in signals.items():
        finite = np.isfinite(signal.magnitude[:, 0])
        kept[number] = signal
        if finite.all() or not finite.any():
            continue
        start, stop = int(finite.argmax()), len(finite) - int(finite[::-1].argmax())
        n_missing = len(finite) - (stop - start)
        if n_missing:
            kept[number] = signal[start:stop]
            remarks.append(
                f"sweep {number}: {n_missing} samples at its start or end are no numbers: left out"
            )
    return kept, remarks


def _implausible(volts, peaks):
    """Why a trace (mV) cannot be a membrane potential, or None."""
    lowest, highest = volts.min(), volts.max()
    if lowest >= LOWEST and highest <= HIGHEST:
        return None
    middle = float(np.median(volts))
    if LOWEST <= middle <= HIGHEST:
        if not peaks.samples.size:
            return None
        middle = float(np.median(peaks.highs))
        if LOWEST <= middle <= HIGHEST:
            return None
        what = f"its peaks are at {middle:.4g} mV"
    else:
        what = f"its median is {middle:.4g} mV"
    return (
        f"{what}, which is no membrane potential: that lies between {LOWEST:g} and {HIGHEST:g} mV. Another"
        " channel may be meant (channel=), or the scale or unit in the file is wrong, to be corrected in the"
        " software that recorded it; extracellular=True reads an extracellular trace"
    )


def _disagreement(signals, trains, peaks):
    """Where the sweeps have other spikes by the threshold of all of them together, as texts."""
    together = threshold_of_peaks([peaks[number] for number in trains])
    if together is None:
        return []
    level, others = float(together), {}
    for number, train in trains.items():
        if peaks[number].samples.size and peaks[number].straddle(level).all():
            continue
        if not len(train) and float(in_unit(signals[number], "mV").max()) < level:
            continue
        n_spikes = len(find_spikes(signals[number], together, peaks=peaks[number])[0])
        if n_spikes != len(train):
            others[number] = f"{len(train)} and not {n_spikes}"
    if not others:
        return []
    sweeps, counts = _some(map(str, others)), _some(others.values())
    return [
        f"each sweep is read by its own threshold, as it is alone; one of all sweeps, {level:.1f} mV, would"
        f" find other numbers of spikes in sweep {sweeps} ({counts}); threshold= sets one"
    ]


def _some(texts):
    """A list of which only the first ones and the last are told if it is long."""
    texts = list(texts)
    return ", ".join(texts if len(texts) <= 6 else [*texts[:4], "…", texts[-1]])
