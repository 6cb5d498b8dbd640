"""The members of a population, simulated."""

from __future__ import annotations

import warnings
from concurrent.futures import Executor
from typing import Any

import neo
import numpy as np
import quantities as pq

from ..arguments import check_seed, magnitude
from ..populations import conductance_table, neuron_of, noise_of
from .injected import injected_current
from .parallel import Interrupted
from .simulator import Simulation, simulate

#: ms of a run: what is longer is in another unit.
_A_DAY = 24 * 3600 * 1000.0
#: ms at the first current before one that changes, at least.
_SETTLING = 1000.0


def simulate_population(
    block: neo.Block,
    duration: pq.Quantity | None = None,
    discard: pq.Quantity | None = None,
    *,
    current: pq.Quantity | neo.AnalogSignal | neo.Epoch | neo.SpikeTrain | None = None,
    noise_std: pq.Quantity | None = None,
    seed: int | None = None,
    traces: bool = False,
    executor: Executor | None = None,
    progress: bool = False,
) -> neo.Segment:
    """Simulate each member of a population.

    Parameters
    ----------
    block : neo.Block
        A population.
    duration : Quantity, optional
        Length of the run, the discarded part included. Default: the neuron's transient and one of its
        windows (STG: 6 s, DA: 12 s); of a current that changes, how long it is given.
    discard : Quantity, optional
        Start of the run to drop. Default: the neuron's transient (3 s), nothing of a run that is no longer,
        and nothing under a current that changes.
    current : Quantity, neo.AnalogSignal, neo.Epoch or neo.SpikeTrain, optional
        Injected, as a density (uA/cm**2) or, of a population of which the capacitance is known, in pA: a
        Quantity, one for all members or one for each; a signal; an Epoch of steps, with their currents as
        the array annotation ``current``; or a sweep of a recording under current steps, for what flowed
        then. Under a current that changes, members are held at its first value before the run. Default: none.
    noise_std : Quantity, optional
        Standard deviation of an injected current noise (uA/cm**2; Butterworth, 1 kHz). Default: that with
        which the population fires like its recording; none if it was verified without, or not at all.
    seed : int, optional
        Of the noise. With None a seed is drawn and written into the Segment's annotations.
    traces : bool
        Whether to return voltage traces, sampled every 0.1 ms.
    executor : concurrent.futures.Executor, optional
        Default: threads, one a core. The result is the same with any.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    neo.Segment
        Named "simulation": one SpikeTrain a member, in order, annotated with `member`; times count from the
        start of the run. With `traces`, an AnalogSignal in mV with one channel a member.

    Raises
    ------
    TypeError
        If a time or the noise has no unit, the seed is no int, or `block` is not a neo.Block.
    ValueError
        If `block` is not a population or a value is out of range; if a current is in pA and the capacitance
        is not known.
    Interrupted
        A KeyboardInterrupt, with the Segment of the first members, as far as they are finished.

    Warns
    -----
    UserWarning
        If the run is no longer than the transient, and `discard` is not given.
    """
    neuron = neuron_of(block)
    table = conductance_table(block)[1]
    injected = injected_current(current, block, len(table))
    run, drop = _bounds(neuron, duration, discard, injected)
    std = noise_of(block) if noise_std is None else magnitude(noise_std, "uA/cm**2", "noise_std")
    seed = check_seed(seed)
    options: dict[str, Any] = {
        "noise_std": std,
        "seed": seed,
        "executor": executor,
        "currents": injected.constant,
    }
    try:
        if injected.waves:
            held = max(_SETTLING, neuron.training.transient)
            first = {"currents": injected.constant + injected.waves[0][1][0]}
            options["states"] = simulate(neuron, table, held, **(options | first), keep_states=True).states
            options["waves"] = injected.waves
            if injected.lead:
                options["states"] = simulate(neuron, table, injected.lead, **options, keep_states=True).states
                options["waves"] = [(times - injected.lead, currents) for times, currents in injected.waves]
        trace = {"trace_start": drop, "trace_step": 0.1 if traces else None}
        result = simulate(neuron, table, run, **options, **trace, progress=progress)
    except Interrupted as stop:
        raise Interrupted(_segment(stop.finished, drop, run, std, seed, traces)) from stop
    return _segment(result, drop, run, std, seed, traces)


def _bounds(neuron, duration, discard, injected):
    """Length of the run and of what is dropped of it, in ms."""
    transient, window = neuron.training.transient, neuron.training.window
    longest = injected.duration or transient + window
    run = longest if duration is None else magnitude(duration, "ms", "duration")
    if not 0 < run <= _A_DAY:
        raise ValueError(f"duration must be a positive time of at most a day, got {run:g} ms")
    if discard is not None:
        drop = magnitude(discard, "ms", "discard")
    elif injected.waves:
        drop = 0.0
    else:
        drop = transient
        if run <= transient and transient:
            drop = 0.0
            warnings.warn(
                f"nothing is discarded from so short a run ({run:g} ms): models settle in {transient:g} ms",
                UserWarning,
                stacklevel=3,
            )
    if not 0 <= drop < run:
        raise ValueError(
            f"discard must be at least 0 and less than the duration ({run:g} ms), got {drop:g} ms"
        )
    return run, drop


def _segment(result: Simulation, drop, run, noise_std, seed, traces) -> neo.Segment:
    segment = neo.Segment(name="simulation", seed=seed, noise_std=noise_std * pq.Quantity(1, "uA/cm**2"))
    for member, times in enumerate(result.spike_times):
        segment.spiketrains.append(
            neo.SpikeTrain(
                times[times >= drop] * pq.ms,
                t_start=drop * pq.ms,
                t_stop=run * pq.ms,
                name=f"member {member}",
                member=member,
            )  # fmt: skip
        )
    if traces:
        signal = neo.AnalogSignal(
            result.traces.T, units="mV", t_start=drop * pq.ms, sampling_period=0.1 * pq.ms, name="V",
            array_annotations={"member": np.arange(len(result.spike_times))},
        )  # fmt: skip
        segment.analogsignals.append(signal)
    return segment
