"""Whether the estimate depends on what made the spike times: the integrator, its step, the sampling.

    python benchmarks/integrators.py FOLDER [--neurons stg da pyloric] [--cells N] [--weights FOLDER]
                                     [--neuron-python PYTHON]

Cells are drawn as for training. Each is recorded for one window of its neuron after the transient of 3 s, as
simulated by this package at four time steps (ms), by LSODA of scipy, and by NEURON with variable steps, if
PYTHON is the interpreter of an environment that has it (pip install neuron). The latter two solve the plain
equations at a relative tolerance of 1e-8. Times of the finest step are also rounded to the samples of a
recording. "Steady" is what there is to be read: the same cells after 20 s, from a random phase, rounded to
0.05 ms.

Columns: mean absolute error of g_s / g_u, of tonic and of bursting cells (CV of the steady intervals at most
0.15, or more); what share it is of the error of the steady trains of the same cells; the share of cells, in
%, within the 68 % interval. Simulations are kept in FOLDER.
"""

from __future__ import annotations

import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from evaluation_sets import (
    DISCARDED,
    SAMPLING,
    TIME_STEP,
    EvaluationSet,
    estimates_of,
    parser_of,
    regressor_of,
    rounded,
)
from peers import with_lsoda
from peers.written_out import mechanism
from simulator import run_apart

from elephant_dic import get_neuron
from elephant_dic.neurons import dics_of
from elephant_dic.simulation import cpu_count, map_chunks, simulate
from elephant_dic.training.sets import draw_cells, save_whole
from elephant_dic.trains import MIN_SPIKES

SEED = 20261129
#: Cells of each neuron that fire.
CELLS = {"stg": 500, "da": 300, "pyloric": 500}
#: ms; larger ones are not stable.
STEPS = {
    "stg": (0.35, 0.175, 0.05, 0.0125),
    "da": (0.2, 0.1, 0.025, 0.00625),
    "pyloric": (0.25, 0.125, 0.05, 0.0125),
}
SAMPLINGS = (0.001, 0.01, 0.05, 0.1, 0.2)  # ms
PHASE = 1000.0  # ms, of the steady recordings
CHUNK = 25  # cells of a process of NEURON
#: What errors may be of those of steady trains, and coverage of the interval.
WANTED = (
    "Wanted: errors of tonic cells 0.97 to 1.03 of those of steady trains, 65 to 71 % within the interval. "
    "The standard error of a share is 2.1 % of 500 cells, 4.7 % of 100."
)


def kept(path, make):
    """Lists of spike times from a file; made and written if it is not there."""
    if not path.exists():
        trains = make()
        save_whole(
            path, spikes=np.concatenate([[], *trains]), counts=np.array([len(times) for times in trains])
        )
    with np.load(path) as runs:
        return np.split(runs["spikes"], np.cumsum(runs["counts"])[:-1])


def cells_of(neuron, n, path):
    """Conductances of cells (n, n_channels) that fire."""
    if not path.exists():
        rng, start = np.random.default_rng([SEED, 1]), neuron.training.transient
        table = np.empty((0, len(neuron.channels)))
        while len(table) < n:
            drawn = draw_cells(neuron, n, rng)
            run = simulate(neuron, drawn, start + neuron.training.window, progress=True)
            fires = [np.count_nonzero(times >= start) >= MIN_SPIKES for times in run.spike_times]
            table = np.vstack([table, drawn[fires]])
        save_whole(path, conductances=table[:n])
    with np.load(path) as cells:
        return cells["conductances"]


def by_lsoda(neuron, table, duration):
    """Spike times of cells, one by one, on all cores."""
    trains = [None] * len(table)

    def receive(cell, found):
        (trains[cell],) = found

    jobs = [(neuron, row[None], duration) for row in table]
    map_chunks(with_lsoda.simulate, jobs, receive, processes=True)
    return trains


def by_neuron(neuron, table, duration, python, folder):
    """Spike times of cells in NEURON, some cells a process."""
    chunks = [table[i : i + CHUNK] for i in range(0, len(table), CHUNK)]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file, ThreadPoolExecutor(cpu_count()) as pool:
        json.dump(mechanism(neuron), file)
        file.flush()

        def run(i):
            return run_apart(chunks[i], duration, ("with_neuron.py", file.name), python)[0]

        def simulated(i):
            return kept(folder / f"neuron_{i:03d}.npz", partial(run, i))

        return [times for trains in pool.map(simulated, range(len(chunks))) for times in trains]


def runs_of(neuron, table, folder, arguments):
    """Spike times of each run from its start, by its name."""
    duration = neuron.training.transient + neuron.training.window

    def own(dt):
        return simulate(neuron, table, duration, dt=dt, progress=True).spike_times

    steps = STEPS[neuron.name]
    runs = {f"this package, {dt:g} ms": kept(folder / f"own_{dt:g}.npz", partial(own, dt)) for dt in steps}
    runs["LSODA, 1e-8"] = kept(folder / "lsoda.npz", lambda: by_lsoda(neuron, table, duration))
    if arguments.neuron_python:
        runs["NEURON, 1e-8"] = by_neuron(neuron, table, duration, arguments.neuron_python, folder)
    return runs


def load(name, arguments) -> EvaluationSet:
    """The cells of a neuron and their recordings, by what made them."""
    neuron, n = get_neuron(name), arguments.cells or CELLS[name]
    folder = Path(arguments.folder) / f"{name}_{n}"
    folder.mkdir(parents=True, exist_ok=True)
    table = cells_of(neuron, n, folder / "cells.npz")
    transient, window = neuron.training.transient, neuron.training.window

    def settled():
        step = TIME_STEP[name]
        run = simulate(neuron, table, DISCARDED + PHASE + window, dt=step, progress=True)
        return [times[times >= DISCARDED] for times in run.spike_times]

    def piece(times, start):
        return times[(times >= start) & (times < start + window)] - start

    starts = DISCARDED + np.random.default_rng([SEED, 2]).uniform(0, PHASE, n)
    late = kept(folder / "settled.npz", settled)
    inputs = {
        "steady": [rounded(piece(*each), SAMPLING) for each in zip(late, starts, strict=True)],
        **{
            key: [piece(times, transient) for times in trains]
            for key, trains in runs_of(neuron, table, folder, arguments).items()
        },
    }
    finest = inputs[f"this package, {STEPS[name][-1]:g} ms"]
    inputs |= {f"… rounded to {step:g} ms": [rounded(times, step) for times in finest] for step in SAMPLINGS}
    isis = [np.diff(times) for times in inputs["steady"]]
    tonic = np.array([len(each) > 0 and each.std() <= 0.15 * each.mean() for each in isis])
    return EvaluationSet(neuron, dics_of(neuron, table), tonic, inputs)


def judged(found, key, regressor):
    """Errors of g_s and g_u (n, 2), NaN for cells of too few spikes, and which intervals hold them (n, 2)."""
    rows, estimates = estimates_of(found, key, regressor)
    errors, inside = np.full((len(found.dics), 2), np.nan), np.zeros((len(found.dics), 2), dtype=bool)
    for row, estimate in zip(rows, estimates, strict=True):
        errors[row] = np.abs(estimate.mean - found.dics[row])[1:]
        inside[row] = np.abs(estimate.probability_below(found.dics[row]) - 0.5)[1:] <= 0.34
    return errors, inside


def print_table(found, regressor):
    """The table of a neuron."""
    print(f"\n| {found.neuron.name}: spike times from | tonic: error | of steady | within | bursting: error "
          "| of steady | within | cells: tonic, bursting |\n" + "|---" * 8 + "|")  # fmt: skip
    steady, _ = judged(found, "steady", regressor)
    for key in found.inputs:
        errors, inside = judged(found, key, regressor)
        both, columns, counts = np.isfinite(errors + steady)[:, 0], [], []
        for chosen in (both & found.tonic, both & ~found.tonic):
            error, known = errors[chosen].mean(axis=0), steady[chosen].mean(axis=0)
            columns += [
                "{:.2f} / {:.2f}".format(*error),
                "{:.3f} / {:.3f}".format(*error / known),
                "{:.1f} / {:.1f}".format(*100 * inside[chosen].mean(axis=0)),
            ]
            counts.append(str(chosen.sum()))
        print(f"| {key} | {' | '.join(columns)} | {', '.join(counts)} |", flush=True)


def main():
    """Simulate what the folder does not hold, and print the tables."""
    parser = parser_of(__doc__, CELLS)
    parser.add_argument("--neuron-python", help="interpreter of an environment that has NEURON")
    arguments = parser.parse_args()
    for name in arguments.neurons:
        print_table(load(name, arguments), regressor_of(name, arguments.weights))
    print(f"\n{WANTED}")
    if not arguments.neuron_python:
        print("Without NEURON, see --neuron-python.")


if __name__ == "__main__":
    main()
