"""Rows of rasters: which trains are drawn, from which spike on, and what stands beside them."""

from __future__ import annotations

import neo
import numpy as np

from ..trains import interval_threshold

MOST_SPIKES = 60  # of the first train, in the time that a raster shows by itself


def members_of(simulation):
    """The spike trains of a simulation by number of member."""
    if simulation is None:
        return []
    if not isinstance(simulation, neo.Segment):
        raise TypeError(f"simulation must be a neo.Segment, not {type(simulation).__name__}")
    if any("member" not in train.annotations for train in simulation.spiketrains):
        raise ValueError("each spike train of the simulation needs the annotation 'member'")
    return sorted(simulation.spiketrains, key=lambda train: train.annotations["member"])


def evenly(items, most):
    """At most `most` of the items, evenly spaced, with first and last."""
    places = np.linspace(0, len(items) - 1, min(len(items), most)).astype(int)
    return [items[place] for place in places]


def sweep_labels(n_drawn, n_sweeps):
    """One label for all sweeps, beside the first."""
    label = "recording" if n_drawn == n_sweeps else f"{n_drawn} of {n_sweeps} sweeps"
    return [label, *[""] * (n_drawn - 1)] if n_drawn else []


def from_onset(train):
    """Spike times in s from a spike that begins a burst, or any spike, and when that spike was.

    The latter counts from the start of the train.
    """
    times = (train.times - train.t_start).rescale("s").magnitude
    if not len(times):
        return times, 0.0
    isis = np.diff(times)
    threshold = interval_threshold(1000 * isis) if len(isis) > 1 and isis.min() > 0 else None
    # For the eye: unlike where distances are taken, the burst need not be complete.
    first = 0 if threshold is None else int(np.argmax(1000 * isis > threshold)) + 1
    first = first if times[first] <= times[-1] / 2 else 0
    return times[first:] - times[first], float(times[first])


def first_spikes(rows, most=MOST_SPIKES):
    """The time, in s, that the first spikes of the first row with spikes take."""
    fires = next((row for row in rows if len(row)), np.array([1.0]))
    return float(fires[:most][-1]) * 1.02 or 1.0
