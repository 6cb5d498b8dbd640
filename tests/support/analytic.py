"""Cells whose firing is a formula of their conductances, in place of the simulator."""

from dataclasses import dataclass, field

import numpy as np

from elephant_dic import get_neuron
from elephant_dic.search.comparison import Comparison
from elephant_dic.trains import Firing

STG = get_neuron("stg")
#: In mS/cm**2; `CELL` fires bursts of 5 spikes at 2 Hz with 50 spikes a second in them.
CELL = np.array([1000.0, 100, 5, 10, 150, 50, 0.1, 0.01])
BURSTS = Firing("bursting", 10.0, 0.9, 5.0, 2.0, 80.0, 50.0)
NA, KD, CAT, CAS, KCA, A, H, LEAK = range(8)


def burst_train(n_spikes, burst_rate, intra_rate, stop):
    """Spike times (ms) of equal bursts from 0 on; rates in Hz."""
    onsets = np.arange(0, stop, 1000 / burst_rate)
    return np.sort((onsets[:, None] + np.arange(n_spikes) * 1000 / intra_rate).ravel())


def cells(n, rng, spread=0.5):
    """(n, 8) cells around `CELL`."""
    return CELL * np.exp(spread * rng.standard_normal((n, len(CELL))))


@dataclass
class AnalyticComparison(Comparison):
    """Cells burst, or are tonic where they have little CaS beside A; their leak does not matter.

    Attributes
    ----------
    calls : list of dict
        What was asked of each simulation, with its ``table``.
    """

    calls: list = field(default_factory=list)

    def simulate(self, table, discarded, firing, **options):
        """Spike times (ms) by the formulas, and states; `Comparison.simulate` has the same arguments."""
        self.calls.append(options | {"table": table})
        self.n_simulated += len(table)
        return [self.train(row, firing, options) for row in table], np.zeros((len(table), 1))

    def train(self, row, stop, options):
        """One cell's."""
        more = np.log(row / CELL)
        intra_rate = 50 * np.exp(0.3 * more[NA] - 0.2 * more[KD])
        if more[CAS] - more[A] < -1.5:
            return np.arange(0, stop, 1000 / intra_rate)
        burst_rate = 2 * np.exp(0.3 * more[CAS] - 0.2 * more[KCA] + 0.1 * more[H] ** 2)
        return burst_train(5, burst_rate, intra_rate, stop)
