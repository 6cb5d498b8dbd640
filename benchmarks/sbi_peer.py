"""Populations beside those of neural posterior estimation (sbi): same features, as many simulations.

    python benchmarks/sbi_peer.py [--targets 30] [--simulations 204000] [--models 50] [--folder sbi]

Needs `pip install sbi`, which is no dependency of the package. Cells of the STG neuron are drawn uniformly
from wide ranges of conductances, as many as the package's network was trained on, and recorded like its
training cells; a neural spline flow learns the posterior of the conductances (on the logit scale, so that no
sample is outside of the ranges) from the package's features. Cells of fewer than 5 spikes are left out.

Targets are those of `reproduction.py`: recordings of cells of the package's family ("STG") and of cells from
the ranges ("STG uniform", from which sbi has learned). For each, a population by sbi, one by the package with
and one without verification; some members, drawn at random, are judged by the same finer and longer
simulation. The spread is that of the members that are right: coefficient of variation of the conductances
relative to the leak (median over conductances), and effective rank of their covariance. Seconds are those of
one population; the simulations and the training of sbi are named below the table.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from importlib.resources import files
from pathlib import Path

import numpy as np
from reproduction import FINER, JUDGED, LONGER, TOLERANCE, TRANSIENT, as_train
from reproduction_targets import CLASSES, ROWS, UNIFORM_RANGES, targets

from elephant_dic import get_neuron, reconstruct
from elephant_dic.comparison import Comparison
from elephant_dic.degeneracy import degeneracy
from elephant_dic.features import feature_table, network_scale
from elephant_dic.firing import firing, recording_firing
from elephant_dic.population import conductance_table, provenance
from elephant_dic.simulation import simulate
from elephant_dic.spiketrains import MIN_SPIKES

SEED, CHUNK = 20261124, 4000
NEURON = get_neuron("stg")
LOW, HIGH = np.array([UNIFORM_RANGES[name.removeprefix("g_")] for name in NEURON.conductance_names], float).T


def simulated(n, folder):
    """Positions of conductances in their ranges (n, n_channels), and features, kept in the folder."""
    positions, features = [], []
    for chunk in range(-(-n // CHUNK)):
        path = folder / f"simulations_{chunk:04d}.npz"
        if not path.exists():
            rng = np.random.default_rng([SEED, chunk])
            position = rng.uniform(size=(CHUNK, len(LOW)))
            start = NEURON.training.transient + rng.uniform(0, 3000, CHUNK)
            run = simulate(NEURON, LOW + position * (HIGH - LOW), 9000.0)
            late = [
                times[(times >= s) & (times < s + 3000)]
                for times, s in zip(run.spike_times, start, strict=True)
            ]
            fires = np.array([len(times) >= MIN_SPIKES for times in late])
            table = feature_table(NEURON, [[times] for times, yes in zip(late, fires, strict=True) if yes])
            np.savez(path, positions=position[fires], features=network_scale(table))
        with np.load(path) as part:
            positions.append(part["positions"])
            features.append(part["features"])
    return np.concatenate(positions), np.concatenate(features)


def trained(positions, features, epochs):
    """The posterior estimator, and mean and scale of its features."""
    import torch
    from sbi.inference import NPE

    torch.manual_seed(SEED % 2**31)
    center, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    theta = np.log(positions) - np.log1p(-positions)
    x = np.clip((features - center) / scale, -8, 8)
    inference = NPE(density_estimator="nsf", show_progress_bars=False)
    inference.append_simulations(
        torch.tensor(theta, dtype=torch.float32), torch.tensor(x, dtype=torch.float32)
    )
    estimator = inference.train(training_batch_size=500, max_num_epochs=epochs, show_train_summary=False)
    return estimator, center, scale


def posterior_samples(network, times, n):
    """(n, n_channels) conductances."""
    import torch

    estimator, center, scale = network
    features = network_scale(feature_table(NEURON, [[times]]))[0]
    x = torch.tensor(np.clip((features - center) / scale, -8, 8)[None], dtype=torch.float32)
    with torch.no_grad():
        theta = estimator.sample((n,), condition=x)[:, 0].numpy()
    return LOW + (HIGH - LOW) / (1 + np.exp(-theta.astype(float)))


def judged(table, times, noise_std, rng):
    """Which of some members, drawn at random, fire like the recording; and those that do."""
    table = rng.permutation(table)[:JUDGED]
    recording = recording_firing([np.asarray(times)], NEURON.training.window)
    comparison = Comparison(NEURON, recording, TOLERANCE, noise_std, seed=int(rng.integers(2**31)))
    trains = comparison.simulate(
        table, transient_share=TRANSIENT, finer=FINER, longer=LONGER * comparison.longer
    )
    right = comparison.matches([firing([train]) for train in trains])
    return right, table[right]


def methods(network, times, n_models, seed):
    """Name, conductances, noise and seconds of each population."""

    def timed(make):
        begin = time.perf_counter()
        table, noise_std, n_missing = make()
        return table, noise_std, n_missing, time.perf_counter() - begin

    def ours(verify):
        block = reconstruct(as_train(times), "stg", n_models, verify=verify, seed=seed)
        known = provenance(block)
        noise_std = known.get("verification", {}).get("noise_std", 0.0)
        missing = n_models - block.annotations["n_members"]
        return conductance_table(block)[1], noise_std, missing

    yield "sbi", *timed(lambda: (posterior_samples(network, times, n_models), 0.0, 0))
    yield "this package, unverified", *timed(lambda: ours(False))
    yield "this package", *timed(lambda: ours(True))


def spread(cells):
    """Median CV relative to the leak, and effective rank; NaN for too few cells."""
    if len(cells) < 5:
        return np.nan, np.nan
    found = degeneracy(NEURON, cells, cells)
    return np.median(list(found["cv"].values())), found["effective_rank"]


def compare(row, network, arguments):
    """Print the rows of the table of one kind of target."""
    trains, _ = targets(row, arguments.targets, arguments.folder)
    for activity in CLASSES:
        results = {}
        for index, times in enumerate(trains[activity][: arguments.targets]):
            rng = np.random.default_rng([SEED, index])
            for name, table, noise_std, n_missing, seconds in methods(
                network, times, arguments.models, index
            ):
                right, cells = judged(table, times, noise_std, rng)
                share = right.mean() * (1 - n_missing / arguments.models)
                results.setdefault(name, []).append((share, *spread(cells), seconds))
        for name, lines in results.items():
            shares, variations, ranks, seconds = np.array(lines).T
            print(
                f"| {row.name}, {activity} | {len(lines)} | {name} | {shares.mean():.2f} "
                f"| {(shares == 0).mean():.0%} | {np.nanmedian(variations):.2f} | {np.nanmedian(ranks):.1f} "
                f"| {np.median(seconds):.2f} |",
                flush=True,
            )


def main():
    """Print the table."""
    card = json.loads((files("elephant_dic.weights") / "stg.json").read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--targets", type=int, default=30, help="of each class, a row")
    parser.add_argument("--simulations", type=int, default=card["n_cells_simulated"])
    parser.add_argument("--epochs", type=int, default=200, help="at most; it ends when it stops to improve")
    parser.add_argument("--models", type=int, default=50)
    parser.add_argument("--folder", type=Path, default=Path("sbi"))
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    begin = time.perf_counter()
    positions, features = simulated(arguments.simulations, arguments.folder)
    simulating, begin = time.perf_counter() - begin, time.perf_counter()
    network = trained(positions, features, arguments.epochs)
    training = time.perf_counter() - begin
    print(
        "| targets | n | populations by | share that fires like the recording | no member does "
        "| CV of those that do | effective rank | s a recording |"
    )
    print("|---" * 8 + "|")
    for name in ("STG", "STG uniform"):
        compare(ROWS[name], network, arguments)
    print(
        f"\nsbi: {len(positions):,} cells that fire of {arguments.simulations:,} simulated "
        f"({simulating / 60:.1f} minutes, 0 where they were there), {training / 60:.1f} minutes of training. "
        f"This package: "
        f"{card['n_cells_simulated']:,} cells simulated for its network, and those of each search."
    )


if __name__ == "__main__":
    main()
