"""Populations beside those of neural posterior estimation (sbi): same features of the same cells.

    python benchmarks/sbi_peer.py FOLDER [--targets 30] [--models 50] [--epochs 200] [--cells N]

Needs `pip install sbi`, no dependency of the package. FOLDER is that of a run of `train_regressor` for the
STG neuron by the command in the shipped network's card, whose cells are used; what is not there is simulated,
as many cells as for that network unless told otherwise. A neural spline flow learns the posterior of the
conductances (their logarithms) from one steady view of each cell.

Targets are those of `reproduction.py`: recordings of cells of the package's family ("STG") and of cells whose
conductances were drawn uniformly from wide ranges ("STG uniform"). For each, a population by sbi, one by the
package with and one without verification; some members, drawn at random, are judged by the same finer and
longer simulation. The spread is that of the members that are right: coefficient of variation of the
conductances relative to the leak (median over conductances), and effective rank of their covariance. Seconds
are those of one population; the training of sbi is named below the table.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import numpy as np
from reproduction import FINER, JUDGED, LONGER, NOISY, TOLERANCE, TRANSIENT, as_train
from reproduction_targets import CLASSES, ROWS, targets
from retrain import options_of

from elephant_dic import get_neuron, reconstruct
from elephant_dic.populations import conductance_table, degeneracy_of, provenance
from elephant_dic.search.comparison import Comparison
from elephant_dic.training.network import featurise_all
from elephant_dic.training.sets import generate
from elephant_dic.trains import (
    VIEWS,
    clean,
    feature_table,
    firing_of,
    network_scale,
    recording_firing,
    steady,
)

SEED = 20261124
NEURON = get_neuron("stg")
CARD = json.loads((files("elephant_dic.weights") / "stg.json").read_text(encoding="utf-8"))


def simulated(arguments):
    """Logarithms of the conductances of cells (n, n_channels), and features of a steady view of each."""
    parameters, features, made_with = [], [], options_of(CARD)
    for name, n in (("set", arguments.cells), ("broad", arguments.strangers)):
        chunks = generate(
            NEURON, n, arguments.folder / name, duration=made_with["duration"], seed=made_with["seed"],
            broad=name == "broad",
        )  # fmt: skip
        table, _, cells, views = featurise_all(NEURON, chunks)
        chosen = views == list(VIEWS).index(steady)
        parameters.append(np.log(np.concatenate(list(map(_conductances, chunks)))[cells[chosen]]))
        features.append(network_scale(table[chosen]))
    return np.concatenate(parameters), np.concatenate(features)


def _conductances(chunk):
    with np.load(chunk) as part:
        return part["conductances"]


def trained(parameters, features, epochs):
    """The posterior estimator with mean and scale of its features, and the number of epochs."""
    import torch
    from sbi.inference import NPE

    torch.manual_seed(SEED % 2**31)
    center, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    x = np.clip((features - center) / scale, -8, 8)
    inference = NPE(density_estimator="nsf", show_progress_bars=False)
    inference.append_simulations(
        torch.tensor(parameters, dtype=torch.float32), torch.tensor(x, dtype=torch.float32)
    )
    estimator = inference.train(
        training_batch_size=1000, learning_rate=1e-3, max_num_epochs=epochs, show_train_summary=False
    )
    return (estimator, center, scale), inference.summary["epochs_trained"][-1]


def posterior_samples(network, times, n):
    """(n, n_channels) conductances."""
    import torch

    estimator, center, scale = network
    features = network_scale(feature_table(NEURON, [[times]]))[0]
    x = torch.tensor(np.clip((features - center) / scale, -8, 8)[None], dtype=torch.float32)
    with torch.no_grad():
        return np.exp(estimator.sample((n,), condition=x)[:, 0].numpy().astype(float))


def judged(table, times, noise_std, rng):
    """Which of some members, drawn at random, fire like the recording; and those that do."""
    table = rng.permutation(table)[:JUDGED]
    cell = clean(as_train(times))
    recording = recording_firing(cell.times, NEURON.training.window, cell.duration)
    comparison = Comparison(NEURON, recording, TOLERANCE, noise_std, seed=int(rng.integers(2**31)))
    duration = LONGER * comparison.settings.longer * (NOISY if noise_std else 1) * comparison.duration
    trains, _ = comparison.simulate(table, TRANSIENT * NEURON.training.transient, duration, finer=FINER)
    right = comparison.matches([firing_of([train], duration) for train in trains])
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
    found = degeneracy_of(NEURON, cells, cells, np.ones(len(cells), dtype=bool))
    return np.median(list(found["cv"].values())), found["effective_rank"]


def compare(row, network, arguments):
    """Print the rows of the table of one kind of target."""
    trains, _ = targets(row, arguments.targets, arguments.folder)
    list(methods(network, trains["tonic"][0], arguments.models, 0))  # compiles
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
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="of a run of train_regressor for the STG neuron")
    parser.add_argument("--cells", type=int, default=CARD["n_cells_simulated"])
    parser.add_argument("--strangers", type=int, default=CARD["n_strangers_simulated"])
    parser.add_argument("--targets", type=int, default=30, help="of each class, a row")
    parser.add_argument("--epochs", type=int, default=200, help="at most; it ends when it stops to improve")
    parser.add_argument("--models", type=int, default=50)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    parameters, features = simulated(arguments)
    begin = time.perf_counter(), time.process_time()
    network, epochs = trained(parameters, features, arguments.epochs)
    minutes = (time.perf_counter() - begin[0]) / 60, (time.process_time() - begin[1]) / 60
    print(
        "| targets | n | populations by | share that fires like the recording | no member does "
        "| CV of those that do | effective rank | s a recording |"
    )
    print("|---" * 8 + "|")
    for name in ("STG", "STG uniform"):
        compare(ROWS[name], network, arguments)
    print(
        f"\nsbi {version('sbi')}: {len(parameters):,} cells, {epochs} epochs, {minutes[0]:.1f} minutes "
        f"({minutes[1]:.1f} of one core)."
    )


if __name__ == "__main__":
    main()
