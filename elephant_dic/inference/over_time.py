"""DICs along a recording, in windows that slide over it."""

from __future__ import annotations

import warnings

import neo
import numpy as np
import quantities as pq

from ..arguments import magnitude
from ..neurons import DIC_NAMES, NeuronModel, get_neuron
from ..trains import MIN_SPIKES, sweeps_of, without_doublets
from .change_points import detect_change_points
from .regressor import infer_from_times

#: Names of the signals of DICs over time.
SIGNALS = (*DIC_NAMES, *(f"{name}_std" for name in DIC_NAMES), "domain_score", "n_spikes")

_MOST_WINDOWS = 1_000_000


def infer_dics_over_time(
    spiketrain: neo.SpikeTrain | neo.Group,
    window: pq.Quantity,
    step: pq.Quantity,
    neuron: str | NeuronModel = "stg",
) -> neo.Segment:
    """Follow the DICs of a cell along a recording.

    Each window is a recording by itself; all go through the network at once.

    Parameters
    ----------
    spiketrain : neo.SpikeTrain or neo.Group
        A train, or sweeps of one cell that follow each other in time.
    window, step : Quantity
        Length of the windows, and from one to the next. Short windows follow fast changes, long ones are more
        certain: see `benchmarks/over_time.py`.
    neuron : str or NeuronModel
        Default: "stg".

    Returns
    -------
    neo.Segment
        AnalogSignals of one channel, dimensionless: "g_f", "g_s", "g_u", the means; "g_f_std" …, the standard
        deviations; "domain_score", above 1 where the window is unlike the training trains; "n_spikes". A
        sample stands for the window of which it is the centre: t_start is half a window after the start of
        the recording, sampling_period the step. NaN where a window holds fewer than 5 spikes or goes over the
        end of a sweep; the annotations `n_few_spikes` and `n_gaps` count these. An Event "change points",
        of `detect_change_points`.

    Raises
    ------
    TypeError
        If `spiketrain` is of another kind, or a time has no unit.
    ValueError
        As in `infer_dics`; if sweeps overlap, a time is not positive, or no window has 5 spikes.

    Warns
    -----
    UserWarning
        If windows are unlike the trains that the network was trained on.
    """
    neuron = get_neuron(neuron)
    lengths = {"window": magnitude(window, "ms", "window"), "step": magnitude(step, "ms", "step")}
    for name, length in lengths.items():
        if not (np.isfinite(length) and length > 0):
            raise ValueError(f"{name} must be a positive time, got {length:g} ms")
    sweeps, limits = _in_order(spiketrain)
    starts, pieces = _cut(sweeps, limits, **lengths)
    table = _infer(pieces, neuron, window)
    units = sweeps_of(spiketrain)[0].units
    segment = neo.Segment(
        name="DICs over time",
        neuron=neuron.name,
        window=(lengths["window"] * pq.ms).rescale(units),
        step=(lengths["step"] * pq.ms).rescale(units),
        n_windows=len(pieces),
        n_gaps=sum(piece is None for piece in pieces),
        n_few_spikes=sum(piece is not None and len(piece) < MIN_SPIKES for piece in pieces),
    )
    for name, column in zip(SIGNALS, table.T, strict=True):
        signal = neo.AnalogSignal(
            column,
            units="dimensionless",
            t_start=((starts[0] + lengths["window"] / 2) * pq.ms).rescale(units),
            sampling_period=segment.annotations["step"],
            name=name,
        )
        segment.analogsignals.append(signal)
    segment.events.append(detect_change_points(segment))
    return segment


def _in_order(spiketrain):
    """Spike times (ms) of the sweeps in their order in time, and (n, 2) start and end of each."""
    found = without_doublets(spiketrain)
    trains, sweeps = found.spiketrains, found.times
    for note in found.notes:
        warnings.warn(note, UserWarning, stacklevel=3)
    limits = np.array([[t.t_start.rescale("ms").item(), t.t_stop.rescale("ms").item()] for t in trains])
    order = np.argsort(limits[:, 0], kind="stable")
    limits = limits[order]
    overlap = np.flatnonzero(limits[1:, 0] < limits[:-1, 1] - 1e-6)
    if len(overlap):
        i = overlap[0]
        raise ValueError(
            f"sweeps overlap in time: one ends at {limits[i, 1]:g} ms, another starts at "
            f"{limits[i + 1, 0]:g} ms; shift them (SpikeTrain.time_shift) to when they were recorded, or "
            f"give them one by one"
        )
    return [sweeps[i] for i in order], limits


def _cut(sweeps, limits, window, step):
    """Start of each window (ms), and its spike times; None for a window that is not within one sweep."""
    n_steps = (limits[-1, 1] - limits[0, 0] - window) / step
    if n_steps >= _MOST_WINDOWS:
        raise ValueError(
            f"step ({step:g} ms) makes {n_steps:.3g} windows of the recording, more than {_MOST_WINDOWS:,}: "
            f"take a longer one"
        )
    n = int(n_steps + 1e-6) + 1
    if n < 1 or (limits[:, 1] - limits[:, 0]).max() < window * (1 - 1e-9):
        longest = (limits[:, 1] - limits[:, 0]).max()
        raise ValueError(
            f"window ({window:g} ms) is longer than the longest sweep ({longest:g} ms): take a shorter one"
        )
    starts = limits[0, 0] + step * np.arange(n)
    pieces = []
    for start in starts:
        sweep = np.searchsorted(limits[:, 0], start + 1e-6, side="right") - 1
        if start + window > limits[sweep, 1] + 1e-6:
            pieces.append(None)
        else:
            low, high = np.searchsorted(sweeps[sweep], [start, start + window])
            pieces.append(sweeps[sweep][low:high])
    return starts, pieces


def _infer(pieces, neuron, window):
    """(n, 8) means, standard deviations, domain score and number of spikes; NaN where there is none."""
    counts = np.array([np.nan if piece is None else len(piece) for piece in pieces])
    usable = np.flatnonzero(counts >= MIN_SPIKES)
    if not len(usable):
        raise ValueError(f"no window of {window} has {MIN_SPIKES} spikes or more: take a longer one")
    table = np.full((len(pieces), 8), np.nan)
    table[:, 7] = counts
    estimates = infer_from_times([[pieces[i]] for i in usable], neuron)
    for i, estimate in zip(usable, estimates, strict=True):
        table[i, :7] = *estimate.mean, *estimate.std, estimate.domain_score
    n_outside = sum(not estimate.in_domain for estimate in estimates)
    if n_outside:
        warnings.warn(
            f"{n_outside} of {len(usable)} windows are unlike any train that the network was trained on (see "
            f"the signal domain_score): do not trust the DICs there",
            UserWarning,
            stacklevel=3,
        )
    return table
