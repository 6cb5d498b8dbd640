"""Models under the currents of a recording, sweep by sweep."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..neurons import NeuronModel
from ..simulation import LONGEST_LEAD, simulate
from ..trains import Protocol, membrane_of, simulated_response

#: Figures that potentials tell, not spikes.
MEMBRANE = {"potential", "resistance", "sag"}
#: How many times finer than the neuron's own the steps of the search are, and those of the judgement.
COARSENESS, FINENESS = 0.6, 4.0
#: ms at the holding current before the first sweep, at least.
_SETTLING = 1000.0
#: ms between the samples from which potentials are taken, and around spikes that are left out.
_SAMPLED, _AROUND = 1.0, 10.0


@dataclass(frozen=True, eq=False)
class Bench:
    """A neuron's cells under the currents of a recording.

    Attributes
    ----------
    neuron : NeuronModel
    protocol : Protocol
    capacitance : float
        pF, by which currents become densities (at 1 uF/cm**2).
    membrane : bool
        Whether potentials are asked for.
    executor : concurrent.futures.Executor, optional
    """

    neuron: NeuronModel
    protocol: Protocol
    capacitance: float
    membrane: bool = False
    executor: Executor | None = None

    @property
    def settling(self) -> float:
        """ms for which cells are held before their sweeps begin."""
        return max(_SETTLING, self.neuron.training.transient)

    def responses(self, table: np.ndarray, fineness: float = 1.0, noise_std: float = 0.0, seed: int = 0):
        """What cells do at each level.

        Parameters
        ----------
        table : (n, n_columns) array
        fineness : float
            How many times shorter than the neuron's the steps of the simulation are.
        noise_std : float
            Of an injected current noise, in uA/cm**2.
        seed : int
            Of the noise.

        Returns
        -------
        Response
        """
        trains, membranes = self.simulate(table, fineness, noise_std, seed)
        return simulated_response(self.protocol, trains, membranes)

    def simulate(
        self, table: np.ndarray, fineness: float = 1.0, noise_std: float = 0.0, seed: int = 0
    ) -> tuple[list[list[np.ndarray]], np.ndarray]:
        """Spike times of each cell in each condition, in ms from the start of the sweep, and potentials.

        Returns
        -------
        trains : list of n lists of n_conditions arrays
        membranes : (n, 3) array
            As in `Response`; NaN unless potentials are asked for.
        """
        dt, n = self.neuron.time_step / fineness, len(table)
        conditions = self.protocol.conditions
        options: dict[str, Any] = {"dt": dt, "noise_std": noise_std, "executor": self.executor}
        held = {each.stimulus.holding / self.capacitance for each in conditions}
        states = {
            current: simulate(
                self.neuron, table, self.settling, currents=current, keep_states=True, seed=seed, **options
            ).states
            for current in sorted(held)
        }
        missed = -min(each.stimulus.times[0] for each in conditions)
        lead = float(np.clip(missed, 0.0, LONGEST_LEAD))
        waves = [
            (each.stimulus.times + lead, each.stimulus.currents / self.capacitance) for each in conditions
        ]
        longest = max(each.duration for each in conditions)
        run = simulate(
            self.neuron,
            np.tile(table, (len(conditions), 1)),
            lead + longest,
            waves=waves,
            wave_of=np.repeat(np.arange(len(conditions)), n),
            states=np.concatenate([states[each.stimulus.holding / self.capacitance] for each in conditions]),
            trace_start=lead,
            trace_step=_SAMPLED if self.membrane else None,
            seed=seed + 1,
            **options,
        )
        trains = [
            [
                times[(times >= lead) & (times < lead + each.duration)] - lead
                for each, times in zip(conditions, run.spike_times[i::n], strict=True)
            ]
            for i in range(n)
        ]
        return trains, self._membranes(run.traces.reshape(len(conditions), n, -1), trains)

    def _membranes(self, traces, trains):
        """(n, 3) means over the conditions, of those that have a value."""
        n = traces.shape[1]
        if not self.membrane:
            return np.full((n, 3), np.nan)
        found = np.full((len(self.protocol.conditions), n, 3), np.nan)
        for k, condition in enumerate(self.protocol.conditions):
            epochs = condition.epochs
            if not condition.rests_first:
                continue
            potentials, extremes = np.empty((2, n, len(epochs)))
            for i in range(n):
                quiet = _away_from(trains[i][k], traces.shape[2])
                for e, epoch in enumerate(epochs):
                    first = min(int(epoch.start / _SAMPLED), traces.shape[2] - 1)
                    last = max(first + 1, int(epoch.stop / _SAMPLED))
                    samples, half = traces[k, i, first:last], (first + last) // 2
                    late = traces[k, i, half:last][quiet[half:last]]
                    potentials[i, e] = np.median(late if late.size else traces[k, i, half:last])
                    extremes[i, e] = samples.min()
            found[k] = membrane_of(epochs, potentials, extremes)
        swept = found[list(self.protocol.condition_of)]
        known = np.isfinite(swept)
        return np.where(known, swept, 0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)


def _away_from(spikes, n_samples):
    """Which samples are not near a spike."""
    quiet = np.ones(n_samples, dtype=bool)
    for time in spikes:
        quiet[max(0, int((time - _AROUND) / _SAMPLED)) : int((time + _AROUND) / _SAMPLED) + 1] = False
    return quiet
