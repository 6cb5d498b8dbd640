"""Cells and recordings under current steps, before and after."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..neurons import NeuronModel
from ..steps import COARSENESS, FINENESS, Bench
from ..trains import REST, LevelComparison, Protocol, Response, protocol_of, recorded_response, sweeps_of
from .observations import Observation, Observations

#: The one class that there is: what a cell does at its levels is all one kind of firing.
_CLASS = "under current steps"
#: Levels whose counts are told, at most; first spikes are told of the weakest and of the strongest step.
_MOST = 6
#: Spikes, and share of the time of a first spike, by which two sweeps at one level differ at least. A step
#: without a spike has its first one so many times later than it ends.
_LEAST_COUNT, _LEAST_LATENCY, _NEVER = 0.5, 0.05, 1.5


class StepAssay:
    """Cells of a neuron under the currents of two recordings.

    Parameters
    ----------
    neuron : NeuronModel
    before, after : neo.Group or neo.SpikeTrain
        Sweeps with known currents; they have two levels in common at least.
    capacitance : float
        pF.
    tolerance : float
    noise_std : float
        uA/cm**2.
    executor : concurrent.futures.Executor, optional

    Raises
    ------
    ValueError
        If a current is unknown, or the recordings have fewer than two levels in common.
    """

    #: Pauses and drift are those of the currents.
    doubts: Sequence[str] = ()
    is_alike = True

    def __init__(self, neuron: NeuronModel, before, after, capacitance, tolerance, noise_std, executor=None):
        self._noise_std = noise_std
        trains = [sweeps_of(before), sweeps_of(after)]
        protocols = [protocol_of(each) for each in trains]
        self._keys = _common_levels(*protocols)
        responses = [recorded_response(*each) for each in zip(protocols, trains, strict=True)]
        self._timed = self._steps_that_fire(protocols, responses)
        self._comparison = LevelComparison(protocols[1], responses[1], tolerance)
        self._judge = Bench(neuron, protocols[1], capacitance, executor=executor)
        told = [protocol_of(self._told_sweeps(*each)) for each in zip(protocols, trains, strict=True)]
        self._benches = [Bench(neuron, each, capacitance, executor=executor) for each in told]
        self.before, self.after = (self._observed(*each) for each in zip(protocols, responses, strict=True))

    def told(self, activity: str) -> list[int]:
        """Columns of the features that are told: all."""
        return list(range(len(self._keys) + len(self._timed)))

    def control(self, recording, name: str) -> Observation:
        """One more recording of the cell as it was before."""
        trains = sweeps_of(recording)
        protocol = protocol_of(trains)
        missing = {*self._keys} - {level.key for level in protocol.levels}
        if missing:
            raise ValueError(f"{name} lacks {len(missing)} of the levels of current that the recordings have")
        return self._observed(protocol, recorded_response(protocol, trains))

    def unchanged(self, table: np.ndarray, seed: int) -> tuple[Observations, Observations]:
        """What cells do under the currents before, and under those after."""
        before, after = (self._simulated(table, k, seed + k) for k in (0, 1))
        return before, after

    def changed(self, table: np.ndarray, seed: int) -> Observations:
        """What cells do under the currents after."""
        return self._simulated(table, 1, seed)

    def judge(self, table: np.ndarray) -> np.ndarray:
        """(n,) bool: which cells fire like the recording after, at every level."""
        models = self._judge.responses(table, FINENESS, self._noise_std)
        return self._comparison.deviations(models).max(axis=1) <= 1.0

    def _simulated(self, table, k, seed) -> Observations:
        response = self._benches[k].responses(table, COARSENESS, self._noise_std, seed)
        values = self._features(self._benches[k].protocol, response)
        return Observations(np.full(len(table), _CLASS), values)

    def _features(self, protocol: Protocol, response: Response) -> np.ndarray:
        """(n, n_features) counts of the levels told, and logarithms of the times of first spikes."""
        columns = _columns(protocol, self._keys)
        counts = np.atleast_2d(response.counts)[:, columns]
        latencies = np.atleast_2d(response.latencies)[:, _columns(protocol, self._timed)]
        lasting = np.array([duration for _, duration in self._timed])
        latencies = np.where(np.isfinite(latencies), np.maximum(latencies, 1.0), _NEVER * lasting)
        return np.hstack([counts, np.log(latencies)])

    def _observed(self, protocol, response) -> Observation:
        values = self._features(protocol, response)[0]
        spreads = np.maximum(response.spreads[_columns(protocol, self._keys)], _LEAST_COUNT)
        errors = np.append(spreads, np.full(len(self._timed), _LEAST_LATENCY))
        counts = ", ".join(
            f"{count:.3g}{' Hz' if level.is_rest else ''} at {level.name}"
            for level, count in zip(protocol.levels, response.counts, strict=True)
        )
        return Observation(_CLASS, values, np.diag(errors**2), f"{_CLASS}: spikes {counts}")

    def _told_sweeps(self, protocol, trains):
        """The first sweep at each level that is told: what the others add is in the levels' means."""
        chosen = {protocol.levels[column].sweeps[0] for column in _columns(protocol, self._keys)}
        return [trains[number] for number in sorted(chosen)]

    def _steps_that_fire(self, protocols, responses):
        """The weakest and the strongest step at which the cell fires, before or after."""
        counts = [
            response.counts[_columns(protocol, self._keys)]
            for protocol, response in zip(protocols, responses, strict=True)
        ]
        steps = [
            key for key, *fired in zip(self._keys, *counts, strict=True) if key[0] != REST and any(fired)
        ]
        return list(dict.fromkeys([*steps[:1], *steps[-1:]]))


def _columns(protocol, keys):
    """Places of levels in a protocol."""
    known = [level.key for level in protocol.levels]
    return [known.index(key) for key in keys]


def _common_levels(before: Protocol, after: Protocol) -> list[tuple[str, float]]:
    """Keys of levels that both protocols have, evenly chosen of many."""
    of_after = {level.key for level in after.levels}
    common = [
        level.key
        for level in before.levels
        if level.key in of_after and np.isfinite(level.injected)  # the current stays
    ]
    if len(common) < 2:
        listed = "; ".join(", ".join(level.name for level in each.levels) for each in (before, after))
        raise ValueError(f"the recordings have fewer than two levels of current in common ({listed})")
    chosen = np.unique(np.linspace(0, len(common) - 1, _MOST).round().astype(int))
    return [common[i] for i in chosen]
