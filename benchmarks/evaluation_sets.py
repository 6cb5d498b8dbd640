"""Cells that the networks never saw, and recordings of them: the inputs of the benchmarks of the regressor.

    python benchmarks/evaluation_sets.py FOLDER [--cells N] [--neurons stg da pyloric]

Cells are drawn as for training. "transient": only the first 3 s are dropped, so that the drift after the
fixed initial state, which no recording has, is still in the train; "steady": 20 s are dropped, the recording
starts at a random phase and times are rounded to 0.05 ms. Noise is a current, from the start of the run, of
the standard deviation (uA/cm**2) given, or of one drawn as for training; 9 s are dropped, as in training.
Faults are put into the "steady" trains. The simulations are kept in FOLDER.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from elephant_dic import get_neuron
from elephant_dic.inference.regressor import load_regressor, read_regressor
from elephant_dic.neurons import dics_of
from elephant_dic.simulation import simulate
from elephant_dic.training.sets import NOISE_RANGE, SETTLING, draw_cells, save_whole
from elephant_dic.trains import MIN_SPIKES, clean_times, feature_table

SEED = 20261123
DISCARDED, LONGEST = 20_000.0, 20_000.0
#: ms, of steady recordings.
SAMPLING = 0.05
NOISE = {"stg": (1.27, 2.12), "da": (1.5,), "pyloric": (1.5,)}
ANY_NOISE = "of any level"
#: ms, finer than in training.
TIME_STEP = {"stg": 0.125, "da": 0.05, "pyloric": 0.125}
#: Cells of each neuron that fire, about: DA takes ten times as long to simulate.
CELLS = {"stg": 6000, "da": 2000, "pyloric": 2000}
#: Half of the DA targets are silent.
TARGETS_PER_CELL = {"stg": 1.01, "da": 2.4, "pyloric": 1.15}


@dataclass(frozen=True)
class EvaluationSet:
    """Cells that fire, their DICs (n, 3), whether each is tonic, and trains (ms) for each input by name."""

    neuron: object
    dics: np.ndarray
    tonic: np.ndarray
    inputs: dict


def simulate_cells(neuron, n_targets):
    """Cells that fire: their DICs, and spikes and numbers of spikes of runs with and without noise."""
    rng = np.random.default_rng(SEED)
    cells = draw_cells(neuron, n_targets, rng)
    window, transient = neuron.training.window, neuron.training.transient

    def run(duration, std=0.0):
        stds = np.random.default_rng([SEED, 2]).uniform(*NOISE_RANGE, len(cells)) if std == ANY_NOISE else std
        return simulate(
            neuron, cells, duration, dt=TIME_STEP[neuron.name], noise_std=stds, seed=SEED, progress=True
        ).spike_times

    short = run(transient + window)
    cells = cells[[np.count_nonzero(times >= transient) >= MIN_SPIKES for times in short]]
    longest = LONGEST if neuron.name == "stg" else window
    runs = {"dics": dics_of(neuron, cells)}
    for std in (0.0, *NOISE[neuron.name], ANY_NOISE):
        trains = run(SETTLING + window, std) if std else run(DISCARDED + 2000 + longest)
        runs[f"spikes_{std}"] = np.concatenate(trains)
        runs[f"counts_{std}"] = [len(times) for times in trains]
    return runs


def load(name, folder, n_cells=None) -> EvaluationSet:
    """The evaluation set of a neuron, simulated if the folder does not hold it."""
    n_cells = n_cells or CELLS[name]
    neuron, path = get_neuron(name), Path(folder) / f"{name}_{n_cells}.npz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        save_whole(path, **simulate_cells(neuron, int(n_cells * TARGETS_PER_CELL[name])))
    with np.load(path) as runs:
        trains = {
            std: np.split(runs[f"spikes_{std}"], np.cumsum(runs[f"counts_{std}"])[:-1])
            for std in (0.0, *NOISE[name], ANY_NOISE)
        }
        truth = runs["dics"]
    inputs = make_inputs(neuron, trains, np.random.default_rng([SEED, 1]))
    fires = np.array([len(times) >= MIN_SPIKES for times in inputs["transient"]])
    inputs = {
        key: [times for times, yes in zip(all_trains, fires, strict=True) if yes]
        for key, all_trains in inputs.items()
    }
    cvs = np.array([np.diff(times).std() / np.diff(times).mean() for times in inputs["transient"]])
    return EvaluationSet(neuron, truth[fires], cvs <= 0.15, inputs)


def make_inputs(neuron, trains, rng):
    """Recordings of each cell, by name of the input."""
    window, transient = neuron.training.window, neuron.training.transient

    def piece(times, start, length):
        return times[(times >= start) & (times < start + length)]

    quiet = trains[0.0]
    starts = DISCARDED + rng.uniform(0, 1000, len(quiet))
    early = [piece(times, transient, window) for times in quiet]

    def steady(length):
        pairs = zip(quiet, starts, strict=True)
        return [rounded(piece(times, start, length) - start, SAMPLING) for times, start in pairs]

    def gap(times):
        return times[(times < window / 2) | (times >= window / 2 + 1000)]

    inputs = {"transient": early, "steady": steady(window)}
    for std in (*NOISE[neuron.name], ANY_NOISE):
        inputs[f"noise {std}"] = [piece(times, SETTLING, window) for times in trains[std]]
    settled = inputs["steady"]
    inputs["jitter 2 ms"] = [np.sort(times + 2 * rng.standard_normal(len(times))) for times in settled]
    inputs["10 % missing"] = [times[rng.random(len(times)) > 0.1] for times in settled]
    inputs["5 % spurious"] = [_add_spikes(times, rng) for times in settled]
    if neuron.name == "stg":
        inputs |= {f"{seconds} s": steady(1000 * seconds) for seconds in (10, 20)}
        inputs["1 s gap"] = [gap(times) for times in steady(window + 1000)]
    return inputs


def rounded(times, step):
    """Times (ms) as a recording has them that is sampled every `step` ms."""
    return np.unique(np.round(times / step)) * step


def _add_spikes(times, rng):
    """5 % more spikes, anywhere."""
    if not len(times):
        return times
    return np.unique(np.append(times, rng.uniform(times[0], times[-1], rng.poisson(0.05 * len(times)))))


def estimates_of(found, key, regressor):
    """Rows of the cells that fire enough in an input, and their estimates."""
    rows, sweeps = cleaned(found.inputs[key])
    return rows, regressor.estimate(feature_table(found.neuron, sweeps))


def cleaned(trains):
    """Which trains (ms) have enough spikes, (n,) ints, and the sweeps that inference makes of these."""
    sweeps = [clean_times([times]) for times in trains]
    rows = [row for row, found in enumerate(sweeps) if sum(map(len, found)) >= MIN_SPIKES]
    return np.array(rows, dtype=int), [sweeps[row] for row in rows]


def regressor_of(name, folder=None):
    """The shipped regressor of a neuron, or that in a folder."""
    neuron = get_neuron(name)
    return load_regressor(neuron) if folder is None else read_regressor(neuron, folder)


def parser_of(description, n_cells=CELLS):
    """Arguments that the benchmarks of the regressor share; `n_cells` by name of the neuron."""
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    parser.add_argument("folder", help="keeps the simulated cells")
    parser.add_argument("--cells", type=int, help=f"of each neuron (default: {n_cells})")
    parser.add_argument("--neurons", nargs="+", default=list(CELLS), choices=CELLS)
    parser.add_argument("--weights", help="folder of a trained network (default: the shipped one)")
    return parser


def main():
    """Simulate."""
    arguments = parser_of(__doc__).parse_args()
    for name in arguments.neurons:
        found = load(name, arguments.folder, arguments.cells)
        print(f"{name}: {len(found.tonic)} cells that fire, {found.tonic.mean():.0%} tonic")


if __name__ == "__main__":
    main()
