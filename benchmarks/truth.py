"""Whether populations contain the cell, and predict what it does: cells of which all is known.

    python benchmarks/truth.py [FOLDER] [--neurons stg …] [--cells 50] [--models 100] [--prior mixture]
                               [--by npe|npe-alike --sbi 20000]

Fresh cells of each neuron, `--cells` of each class: with any conductances ("broad") and of the reference
family. Each is recorded for 10 s (or two windows) from a random phase after 20 s, with times rounded to 0.05
ms. Of the population reconstructed from the spike times alone it is asked:

- whether the true conductances lie in the members' 50 and 90 % ranges, absolute and relative to the leak, and
  the true DICs in their 90 % (`numpy.quantile`'s 90 % of 100 members holds 0.88 of exchangeable truths);
- the rank of the truth among the members by Mahalanobis distance, each point's from all others: uniform, if
  the members are a sample of which the truth is one more (p of a Kolmogorov-Smirnov test over the cells);
- whether the rate of the cell with each conductance halved in turn, and under currents of plus and minus half
  of what silences it, lies in the members' 90 %; the continuous ranked probability score (CRPS) of the former
  over that of other cells of the prior with the same class and rate;
- the share of ten members that match at 12 % in a simulation of its own, as in `reproduction.py`.

With `--by npe` members are draws from sbi's neural posterior, trained on `--sbi` cells of the mixture; with
`--by npe-alike` those of them that fire like the recording when simulated. Both need `pip install sbi`.

Rates are those of 10 s, after 3 s with the change. Results are kept in FOLDER, one line a cell: an
interrupted run goes on. Delete them after a change of the package. Brackets hold 95 % of 2,000 bootstrap
samples of the cells.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
from neural_posterior import posterior_of
from reproduction import as_train, judge, judge_cells
from scipy.stats import kstest
from truth_cells import alike, component, halved, rates, silencing_current, targets

from elephant_dic import get_neuron, reconstruct
from elephant_dic.neurons import dics_of
from elephant_dic.populations import conductance_table, provenance
from elephant_dic.trains import firing_of

KINDS = "broad", "family"
TOLERANCE, JUDGED_AT = 0.1, 0.12
_BOOTSTRAPS = 2000
#: What is shown of each cell: the name of the row, and how it is taken from a line of results.
ROWS = {
    "absolute, in 50 %": lambda line: np.mean(line["absolute"]["50"]),
    "absolute, in 90 %": lambda line: np.mean(line["absolute"]["90"]),
    "g/leak, in 50 %": lambda line: np.mean(line["relative"]["50"]),
    "g/leak, in 90 %": lambda line: np.mean(line["relative"]["90"]),
    "g_s in 90 %": lambda line: line["dics"][1],
    "g_u in 90 %": lambda line: line["dics"][2],
    "beyond every member": lambda line: line["rank"] == 1,
    "halving: rate in 90 %": lambda line: np.mean(line["halved"]),
    "current: rate in 90 %": lambda line: np.mean(line["current"]),
    "judged apart at 12 %": lambda line: line["judged"],
    "a sample": lambda line: line["sample"] is not None,
    "all models found": lambda line: line["n_matching"] == line["n_models"],
}


def inside(truth, members, level):
    """Whether truths (k,) lie within the central range of members (n, k)."""
    low, high = np.quantile(members, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return ((low <= truth) & (truth <= high)).tolist()


def mahalanobis_rank(truth, members):
    """Share of points, the truth among them, that are not farther from all others than the truth is."""
    points = np.vstack([members, truth])
    points = points[:, points.std(axis=0) > 1e-9 * points.mean(axis=0)]
    distances = []
    for i in range(len(points)):
        others = np.delete(points, i, axis=0)
        offset = points[i] - others.mean(axis=0)
        distances.append(offset @ np.linalg.pinv(np.cov(others.T)) @ offset)
    return float(np.mean(np.array(distances) <= distances[-1]))


def crps(members, truth):
    """Continuous ranked probability score of an ensemble."""
    spread = np.abs(members[:, None] - members[None]).mean() / 2
    return float(np.abs(members - truth).mean() - spread)


def assess(neuron, activity, truth, members, times):
    """What a population (n, n_channels) of any method says of a cell (n_channels,)."""
    leak = neuron.leak_index
    relative = members / members[:, [leak]]
    free = np.flatnonzero(relative.std(axis=0) > 1e-9)
    mine, theirs = halved(neuron, truth[None])[:, 0], halved(neuron, members)
    others = alike(neuron.name, activity, firing_of([times]).rate)
    current = 0.5 * silencing_current(neuron, truth)
    moved = [(rates(neuron, truth[None], i)[0], rates(neuron, members, i)) for i in (-current, current)]
    return {
        "absolute": {f"{100 * level:g}": inside(truth, members, level) for level in (0.5, 0.9)},
        "relative": {
            f"{100 * level:g}": inside(truth[free] / truth[leak], relative[:, free], level)
            for level in (0.5, 0.9)
        },
        "rank": mahalanobis_rank(truth, members),
        "dics": inside(dics_of(neuron, truth[None])[0], dics_of(neuron, members), 0.9),
        "halved": [inside(a, b, 0.9) for a, b in zip(mine, theirs, strict=True)],
        "crps": float(np.mean([crps(b, a) for a, b in zip(mine, theirs, strict=True)])),
        "crps_of_others": float(np.mean([crps(b, a) for a, b in zip(mine, others, strict=True)])),
        "current": [inside(a, b, 0.9) for a, b in moved],
    }


def evaluate_posterior(neuron, target, arguments, seed):
    """What is to be known of one cell, of draws from a neural posterior."""
    activity, truth, times = target
    train, n = as_train(times), arguments.models
    posterior = posterior_of(neuron, arguments.sbi)
    cpu = time.process_time()
    if arguments.by == "npe":
        members, simulated = posterior.draw(train, n), 0
    else:
        members, simulated = posterior.draw_alike(train, n, TOLERANCE)
    known = {
        "n_matching": len(members),
        "simulations": simulated / n,
        "cpu_seconds": time.process_time() - cpu,
        "sample": None,
    }
    if len(members) < 20:
        return known
    judged = judge_cells(neuron, members, times, np.random.default_rng(seed), JUDGED_AT)
    return known | {"judged": float(judged.mean())} | assess(neuron, activity, truth, members, times)


def evaluate(neuron, target, arguments, seed):
    """What is to be known of one cell."""
    activity, truth, times = target
    cpu = time.process_time()
    block = reconstruct(
        as_train(times), neuron, arguments.models, prior=arguments.prior, tolerance=TOLERANCE, seed=seed
    )
    cpu = time.process_time() - cpu
    found = provenance(block)["verification"]
    known = {
        "verdict": provenance(block)["verdict"],
        "n_matching": found["n_matching"],
        "simulations": found["n_simulated"] / arguments.models,
        "cpu_seconds": cpu,
        "sample": found.get("sample"),
        "recording": found["recording"],
        "noise_std": found["noise_std"],
    }
    members = conductance_table(block)[1]
    if found["n_matching"] < 20:
        return known
    judged = judge(block, times, np.random.default_rng(seed), tolerance=JUDGED_AT)
    return known | {"judged": float(judged.mean())} | assess(neuron, activity, truth, members, times)


def results(name, kind, arguments):
    """One dict a cell: from the folder as far as they are there."""
    method = arguments.prior if arguments.by == "ours" else arguments.by
    path = arguments.folder / f"{name} {kind} {method}.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    known = {line["index"]: line for line in lines if line["n_models"] == arguments.models}
    neuron = get_neuron(name)
    with path.open("a") as file:
        for index, target in enumerate(targets(name, kind, arguments.cells)):
            if index not in known:
                line = {"index": index, "activity": target[0], "n_models": arguments.models}
                evaluated = evaluate if arguments.by == "ours" else evaluate_posterior
                line |= evaluated(neuron, target, arguments, index)
                print(json.dumps(line), file=file, flush=True)
                known[index] = line
    return [known[index] for index in range(2 * arguments.cells)]


def interval(values):
    """Mean and its bootstrap interval, as text."""
    values, rng = np.asarray(values, dtype=float), np.random.default_rng(0)
    means = values[rng.integers(len(values), size=(_BOOTSTRAPS, len(values)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return f"{values.mean():.3f} ({low:.3f}–{high:.3f})"


def summary(lines):
    """Cells of a table's column, by name of the row."""
    known = [line for line in lines if "rank" in line]
    shown = {"cells (with 20 models or more)": f"{len(lines)} ({len(known)})"}
    for row, value in ROWS.items():
        shown[row] = interval([value(line) for line in (known if row not in list(ROWS)[-2:] else lines)])
    shown["rank of the truth, KS p"] = f"{kstest([line['rank'] for line in known], 'uniform').pvalue:.3f}"
    score, others = (np.mean([line[key] for line in known]) for key in ("crps", "crps_of_others"))
    shown["halving: CRPS in Hz, of others, ratio"] = f"{score:.2f}, {others:.2f}, {score / others:.2f}"
    simulations = np.quantile([line["simulations"] for line in lines], [0.5, 0.9])
    shown["simulations a model, median, 90 %"] = "{:.1f}, {:.1f}".format(*simulations)
    shown["processor seconds, median"] = f"{np.median([line['cpu_seconds'] for line in lines]):.2f}"
    return shown


def main():
    """Print one table a neuron."""
    parser = argparse.ArgumentParser(description="whether populations contain the cell")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("truth"))
    parser.add_argument("--neurons", nargs="+", default=["stg", "da", "pyloric"])
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--cells", type=int, default=50, help="of each class and kind")
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--prior", choices=("mixture", "family", "broad"), default="mixture")
    parser.add_argument("--by", choices=("ours", "npe", "npe-alike"), default="ours")
    parser.add_argument("--sbi", type=int, default=20_000, help="cells that sbi is trained on")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", UserWarning)
    for name in arguments.neurons:
        columns = {}
        for kind in arguments.kinds:
            if kind != component(get_neuron(name), kind).name:
                continue
            lines = results(name, kind, arguments)
            columns[kind] = summary(lines)
            for activity in ("tonic", "bursting"):
                columns[f"{kind}, {activity}"] = summary([x for x in lines if x["activity"] == activity])
        method = f"prior {arguments.prior}" if arguments.by == "ours" else f"sbi, {arguments.by}"
        label = name if method == "prior mixture" else f"{name} ({method.split()[-1]})"
        print(f"\n| {method} | {' | '.join(columns)} |")
        print("|---" * (len(columns) + 1) + "|")
        for row in next(iter(columns.values())):
            print(f"| {label}: {row} | {' | '.join(column[row] for column in columns.values())} |")


if __name__ == "__main__":
    main()
