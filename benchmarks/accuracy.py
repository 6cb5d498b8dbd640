"""Mean absolute error of the inferred DICs on cells that the network never saw.

    python benchmarks/accuracy.py [--cells 2000] [--neurons stg da]

One cell a target, drawn uniformly in the training box; only cells that fire at least 5 spikes in the window
count. STG cells are recorded for 3 s, DA cells for 9 s. "clean": 3 s are dropped, so that the drift after the
fixed initial state is still in the train; "steady": 20 s are dropped, the recording starts at a random phase
and times are rounded to 0.05 ms. The published network's figures are those measured on cells drawn the same
way; a cell is tonic if the CV of its clean intervals is at most 0.15.
"""

from __future__ import annotations

import argparse

import numpy as np

from elephant_dic import compensation, get_neuron
from elephant_dic.dics import dics
from elephant_dic.regressor import infer_from_times
from elephant_dic.simulation import simulate
from elephant_dic.spiketrains import MIN_SPIKES
from elephant_dic.training_sets import draw_targets

SEED = 20261123
PUBLISHED = {
    ("stg", "clean"): ("2.95 / 1.82", "4.72 / 2.33", "0.91 / 1.24"),
    ("stg", "steady"): ("2.96 / 1.87", "4.68 / 2.38", "0.92 / 1.26"),
    ("stg", "noise 1.27"): ("3.39 / 2.84", "5.22 / 3.63", "1.14 / 1.88"),
    ("stg", "noise 2.12"): ("4.07 / 4.01", "6.15 / 5.01", "1.46 / 2.80"),
    ("stg", "jitter 2 ms"): ("3.02 / 1.83", "4.72 / 2.33", "1.07 / 1.26"),
    ("stg", "10 % missing"): ("2.96 / 1.81", "4.72 / 2.32", "0.93 / 1.21"),
    ("stg", "5 % spurious"): ("7.17 / 4.68", "11.1 / 4.68", "2.68 / 4.68"),
    ("da", "clean"): ("2.37 / 1.12", "2.60 / 1.22", "1.23 / 0.66"),
}


def recordings(neuron, cells, rng):
    """Names of the inputs with one train (ms) a cell each."""
    window, transient = neuron.training.window, neuron.training.transient
    dt = neuron.time_step / 2

    def record(duration, starts, noise_std=0.0):
        run = simulate(neuron, cells, duration, dt=dt, noise_std=noise_std, seed=SEED)
        return [
            times[(times >= start) & (times < start + window)]
            for times, start in zip(run.spike_times, starts, strict=True)
        ]

    clean = record(transient + window, np.full(len(cells), transient))
    yield "clean", clean
    starts = 20_000 + rng.uniform(0, 1000, len(cells))
    steady = record(21_000 + window, starts)
    yield (
        "steady",
        [np.round((times - start) / 0.05) * 0.05 for times, start in zip(steady, starts, strict=True)],
    )
    if neuron.name != "stg":
        return
    for std in (1.27, 2.12):
        yield f"noise {std}", record(transient + window, np.full(len(cells), transient), std)
    yield "jitter 2 ms", [np.sort(times + 2 * rng.standard_normal(len(times))) for times in clean]
    yield "10 % missing", [times[rng.random(len(times)) > 0.1] for times in clean]
    yield "5 % spurious", [add_spikes(times, rng) for times in clean]


def add_spikes(times, rng):
    """5 % more spikes, anywhere."""
    if not len(times):
        return times
    return np.unique(np.append(times, rng.uniform(times[0], times[-1], rng.poisson(0.05 * len(times)))))


def evaluate(neuron, n_cells):
    """Print the table of one neuron."""
    rng = np.random.default_rng(SEED)
    cells, _ = compensation.population(
        neuron, draw_targets(neuron, n_cells, rng), rng, redraw=lambda m: draw_targets(neuron, m, rng)
    )
    truth = dics(neuron, cells)
    tonic = None
    for name, trains in recordings(neuron, cells, rng):
        if tonic is None:
            tonic = np.array([len(t) > 2 and np.diff(t).std() <= 0.15 * np.diff(t).mean() for t in trains])
        fires = np.array([len(times) >= MIN_SPIKES for times in trains])
        estimates = infer_from_times(
            [[times] for times, yes in zip(trains, fires, strict=True) if yes], neuron
        )
        means = np.array([estimate.mean for estimate in estimates])
        stds = np.array([estimate.std for estimate in estimates])
        errors = np.abs(means - truth[fires])[:, 1:]
        inside = (errors <= stds[:, 1:]).mean(axis=0)
        rows = [errors, errors[tonic[fires]], errors[~tonic[fires]]]
        ours = ["{:.2f} / {:.2f}".format(*row.mean(axis=0)) for row in rows]
        published = PUBLISHED.get((neuron.name, name), ("-",) * 3)
        columns = [f"{a} ({b})" for a, b in zip(ours, published, strict=True)]
        in_domain = np.mean([estimate.in_domain for estimate in estimates])
        print(
            f"| {neuron.name} {name} | {' | '.join(columns)} | {inside[0]:.2f} / {inside[1]:.2f} "
            f"| {in_domain:.3f} | {fires.sum()} |",
            flush=True,
        )


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cells", type=int, default=2000)
    parser.add_argument("--neurons", nargs="+", default=["stg", "da"])
    arguments = parser.parse_args()
    print("MAE of the estimate's mean, g_s / g_u (published network in brackets)\n")
    print("| input | all | tonic | bursting | share within 1 std | in domain | trains |")
    print("|---|---|---|---|---|---|---|")
    for name in arguments.neurons:
        neuron = get_neuron(name)
        # Half of the DA targets are silent.
        evaluate(neuron, arguments.cells if name == "stg" else 2 * arguments.cells)


if __name__ == "__main__":
    main()
