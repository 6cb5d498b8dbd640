"""Cells that were simulated under current steps, as recordings."""

import neo
import numpy as np
import quantities as pq

from elephant_dic import get_neuron
from elephant_dic.simulation import simulate
from elephant_dic.trains import Stimulus, annotate_stimulus

CORTICAL = get_neuron("cortical")
#: In the order of the neuron's columns: a cell that adapts, with a threshold and a leak of its own.
CELL = np.array([50.0, 5.0, 0.07, 0.02, 0.05, 0.05, 10.0, 0.1, 0.01, -58.0, -68.0])
#: pF.
CAPACITANCE = 40.0


def steps(levels, holding=0.0, start=200.0, stop=700.0):
    """The currents of sweeps with one step each."""
    return [Stimulus.steps(holding, (start, stop, level)) for level in levels]


def simulated(cell, stimuli, stop=900.0, capacitance=CAPACITANCE, neuron=CORTICAL, dt=None):
    """Spike times (ms) of a cell in sweeps; it has been at the first holding current for a second."""
    holding = stimuli[0].holding / capacitance
    settled = simulate(neuron, cell[None], 1000.0, currents=holding, keep_states=True, dt=dt).states
    return [
        simulate(
            neuron, cell[None], stop, waves=[(each.times, each.currents / capacitance)], states=settled, dt=dt
        ).spike_times[0]
        for each in stimuli
    ]


def recording(trains, stimuli, stop=900.0, **annotations):
    """A cell of these sweeps."""
    group = neo.Group(name="cell", **annotations)
    for number, (times, stimulus) in enumerate(zip(trains, stimuli, strict=True)):
        train = neo.SpikeTrain(np.array(times, dtype=float) * pq.ms, t_stop=stop * pq.ms, sweep=number)
        group.add(annotate_stimulus(train, stimulus))
    return group


def recorded(cell=CELL, levels=(-50.0, 50.0, 100.0, 150.0, 200.0), **options):
    """The recording of a simulated cell."""
    stimuli = steps(levels)
    return recording(simulated(cell, stimuli, **options), stimuli)
