"""Recordings of cells that the package never saw, for `reproduction.py`."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from elephant_dic import get_neuron
from elephant_dic.neurons.compensation import compensated_population
from elephant_dic.simulation import simulate
from elephant_dic.training.sets import draw_targets
from elephant_dic.trains import MIN_SPIKES, firing_of

SEED = 20261124
#: Where uniformly drawn conductances (mS/cm**2) lie; the leak, to which all are relative, is not near zero.
UNIFORM_RANGES = {
    "Na": (0, 8000), "Kd": (0, 350), "CaT": (0, 12), "CaS": (0, 50),
    "KCa": (0, 250), "A": (0, 600), "H": (0, 0.7), "leak": (0.001, 0.02),
}  # fmt: skip
#: ms dropped before a recording starts, the largest random phase added to it, and its sampling interval.
DISCARDED, PHASE, SAMPLING = 20_000, 1000, 0.05
_CHUNK = 250
CLASSES = "tonic", "bursting"


@dataclass(frozen=True)
class Row:
    """A kind of target; published and wanted shares are those of tonic and of bursting targets."""

    name: str
    neuron: str
    published: tuple[float, float]
    wanted: tuple[float, float]
    noise_std: float = 0.0
    uniform: bool = False


ROWS = {
    row.name: row
    for row in (
        Row("STG", "stg", (0.77, 0.42), (0.98, 0.97)),
        Row("STG noise 2.12", "stg", (0.58, 0.32), (0.95, 0.85), noise_std=2.12),
        Row("STG uniform", "stg", (0.41, 0.18), (0.90, 0.90), uniform=True),
        Row("DA", "da", (0.62, 0.09), (0.97, 0.90)),
    )
}


def targets(row: Row, n, folder) -> tuple[dict, dict]:
    """Spike times (ms) of `n` recordings of each class, and how many cells of each class were drawn.

    The class is that of the cell without noise. Cells are drawn in numbered chunks, so that more targets
    begin with the same ones; they are kept in `folder`.
    """
    path = folder / f"targets {row.name}.json"
    known = json.loads(path.read_text()) if path.exists() else {"chunks": 0, "drawn": {}, "trains": {}}
    trains, drawn = known["trains"], known["drawn"]
    while any(len(trains.get(activity, ())) < n for activity in CLASSES):
        for activity, train in _chunk(row, known["chunks"]):
            drawn[activity] = drawn.get(activity, 0) + 1
            trains.setdefault(activity, []).append(train)
        known["chunks"] += 1
        path.write_text(json.dumps(known))
    return {activity: trains[activity][:n] for activity in CLASSES}, drawn


def _chunk(row, chunk):
    """Class and train of each cell of a chunk; class "few spikes" where there is nothing to work on."""
    neuron = get_neuron(row.neuron)
    rng = np.random.default_rng([SEED, *row.name.encode(), chunk])
    cells = _uniform_cells(neuron, rng) if row.uniform else _family_cells(neuron, rng)
    starts = DISCARDED + rng.uniform(0, PHASE, _CHUNK)
    window, dt, seed = neuron.training.window, neuron.time_step / 2, int(rng.integers(2**31))

    def record(noise_std):
        run = simulate(neuron, cells, DISCARDED + PHASE + window, dt=dt, noise_std=noise_std, seed=seed)
        for times, start in zip(run.spike_times, starts, strict=True):
            kept = times[(times >= start) & (times < start + window)] - start
            yield np.round(kept / SAMPLING) * SAMPLING

    silent = list(record(0.0))
    noisy = list(record(row.noise_std)) if row.noise_std else silent
    for without, times in zip(silent, noisy, strict=True):
        enough = min(len(without), len(times)) >= MIN_SPIKES
        yield (firing_of([without]).activity, times.tolist()) if enough else ("few spikes", [])


def _family_cells(neuron, rng):
    """DICs drawn uniformly from the training box, conductances by compensation."""
    wanted = draw_targets(neuron, _CHUNK, rng)
    return compensated_population(neuron, wanted, rng, redraw=lambda n: draw_targets(neuron, n, rng))[0]


def _uniform_cells(neuron, rng):
    low, high = np.array([UNIFORM_RANGES[channel.name] for channel in neuron.channels]).T
    return rng.uniform(low, high, (_CHUNK, len(low)))


def strange_trains() -> dict:
    """Name: (neuron, spike times in ms) of recordings that no single model cell makes."""
    rng = np.random.default_rng(SEED)

    def poisson(rate, duration):
        return np.sort(rng.uniform(0, duration, rng.poisson(rate * duration / 1000)))

    def bursts(period, n_spikes, interval, duration):
        onsets = np.arange(20.0, duration, period)
        return (onsets[:, None] + interval * np.arange(n_spikes)).ravel()

    def merged(*trains):
        return np.unique(np.concatenate(trains))

    regular = {rate: np.arange(7.0, 3000, 1000 / rate) for rate in (7, 11, 13, 17)}
    found = {
        "Poisson 5 Hz": ("stg", poisson(5, 6000)),
        "Poisson 12 Hz": ("stg", poisson(12, 3000)),
        "Poisson 30 Hz": ("stg", poisson(30, 3000)),
        "Poisson 3 Hz, DA": ("da", poisson(3, 9000)),
        "Poisson 15 Hz, DA": ("da", poisson(15, 9000)),
        "chance bursts": ("stg", merged(*(t + poisson(150, 40) for t in np.arange(0.0, 3000, 140)))),
        "two tonic cells": ("stg", merged(regular[7], regular[11])),
        "two tonic cells, faster": ("stg", merged(regular[13], regular[17])),
        "two bursting cells": ("stg", merged(bursts(170, 4, 9, 3000), bursts(231, 3, 12, 3000))),
        "tonic and bursting cell": ("stg", merged(regular[13], bursts(170, 4, 9, 3000))),
        "two slow cells, DA": ("da", merged(np.arange(9.0, 9000, 710), np.arange(5.0, 9000, 433))),
        "tonic 0.4 Hz": ("stg", np.arange(100.0, 60_000, 2500)),
        "tonic 300 Hz": ("stg", np.arange(3.0, 3000, 1000 / 300)),
        "bursts at 0.3 Hz": ("stg", bursts(3300, 8, 30, 40_000)),
        "bursts of 60 spikes": ("stg", bursts(700, 60, 4, 10_000)),
        "bursts at 30 Hz, DA": ("da", bursts(33, 3, 3, 3000)),
        "tonic 0.03 Hz, DA": ("da", np.arange(100.0, 400_000, 33_000)),
    }
    return {
        name: (neuron, np.unique(np.round(times / SAMPLING)) * SAMPLING)
        for name, (neuron, times) in found.items()
    }
