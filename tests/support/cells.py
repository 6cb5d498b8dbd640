"""Simulated cells that fire as hardly any cell of another neuron does."""

import numpy as np

from elephant_dic import get_neuron
from elephant_dic.simulation import simulate

#: mS/cm**2. A pyloric cell with bursts of 8 spikes at 1.3 Hz, a dopamine cell with bursts of 4 at 0.7 Hz.
BURSTERS = {
    "pyloric": [371.592, 120.018, 9.39, 7.361, 12.558, 46.313, 0.035, 0.047],
    "da": [37.96, 8.907, 0.2379, 0.03531, 0.2606, 0.01282, 0.01372],
}


def burster(neuron):
    """Spike times (ms) of 12 s."""
    model = get_neuron(neuron)
    start = model.training.transient
    (times,) = simulate(model, np.array([BURSTERS[neuron]]), start + 12_000.0).spike_times
    return times[times >= start] - start
