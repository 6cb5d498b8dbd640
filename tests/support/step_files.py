"""A cortical cell under current steps, as a recording and as an Axon file."""

from pathlib import Path

import neo
import numpy as np
import quantities as pq

from elephant_dic.neurons.cortical import NEURON
from elephant_dic.simulation import simulate
from elephant_dic.trains import Stimulus, annotate_stimulus
from support.vendor_files import write_abf2

#: Conductances and parameters, in the order of the neuron's columns; pF.
CELL = np.array([45.0, 6.0, 0.06, 0.08, 0.1, 0.05, 12.0, 0.2, 0.01, -56.0, -68.0])
CAPACITANCE = 60.0
LEVELS = (-60, 60, 140, 220)  # pA
_RATE, _SWEEP, _STEP = 10_000, 600.0, 400.0  # Hz, ms


def stepped_cell(levels=LEVELS, onset=100.0) -> neo.Group:
    """Its sweeps, one after the other, as `read_spiketrains` gives them."""
    stimuli = [Stimulus.steps(0.0, (onset, onset + _STEP, level)) for level in levels]
    trains = []
    for k, (times, stimulus) in enumerate(zip(_simulated(stimuli)[0], stimuli, strict=True)):
        start, stop = k * _SWEEP * pq.ms, (k + 1) * _SWEEP * pq.ms
        known = {"sweep": k, "name": "cell", "source": "steps.abf"}
        train = neo.SpikeTrain((times + k * _SWEEP) * pq.ms, t_start=start, t_stop=stop, **known)
        trains.append(annotate_stimulus(train, stimulus.shifted(k * _SWEEP)))
    return neo.Group(
        trains,
        name="cell",
        capacitance=CAPACITANCE * pq.pF,
        capacitance_sweeps=len(trains),
        capacitance_spread=1 * pq.pF,
    )


def _simulated(stimuli):
    table = np.tile(CELL, (len(stimuli), 1))
    held = simulate(NEURON, table, 1000.0, keep_states=True)
    waves = [(each.times, each.currents / CAPACITANCE) for each in stimuli]
    each = {"waves": waves, "wave_of": np.arange(len(stimuli)), "states": held.states}
    run = simulate(NEURON, table, _SWEEP, **each, trace_step=0.1)
    return run.spike_times, run.traces


def write_steps(path: Path, levels=LEVELS) -> Path:
    """The same as an Axon file, potentials with noise; levels are a constant increment apart."""
    n = round(_RATE * _SWEEP / 1000)
    onset = 1000 * (n // 64) / _RATE + 90.0  # the stimulator begins so many samples late
    stimuli = [Stimulus.steps(0.0, (onset, onset + _STEP, level)) for level in levels]
    traces = _simulated(stimuli)[1] + 0.2 * np.random.default_rng(1).standard_normal((len(levels), n))
    increment = levels[1] - levels[0] if len(levels) > 1 else 0
    epochs = [(1, 0, 0, round(0.09 * _RATE), 0), (1, levels[0], increment, round(_RATE * _STEP / 1000), 0)]
    write_abf2(path, {("Vm", "mV"): traces}, _RATE, outputs=[{"epochs": epochs}])
    return path
