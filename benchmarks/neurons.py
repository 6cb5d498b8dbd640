"""What each neuron's network and populations are worth, on cells that training never saw.

    python benchmarks/neurons.py [NEURON …] [--targets 20] [--models 50] [--folder neurons]

Default: all installed neurons. Cells are drawn as training draws them, with other seeds; they fire for 20 s
or twice the neuron's transient, if that is longer, and are then recorded for one window, with times rounded
to 0.05 ms.

"Networks": on all recordings, mean absolute error of the DICs in which the neuron is trained, over their
standard deviation among the cells; the correlation of estimate and truth; shares inside of the central 68 %
and 95 %. "Domain": shares that are called out of it, of the neuron's own recordings and of what should be:
Poisson trains of their rates, pairs of them merged, and recordings of the other neurons' cells.

"Simulator": ns of processor time a cell and ms, cells/s/core relative to the first neuron's, in turns in one
process; size of the files of weights.

"Populations": of each class that at least 5 % of the cells that fire have, `--targets` recordings are
reconstructed, and members judged apart, as in `reproduction.py`: after a transient twice as long, with a
quarter of the step and twice the length. The share is that of the models asked for. Results are kept in the
folder, one line a target: an interrupted run goes on where it stopped. Delete them after a change of the
package.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import neo
import numpy as np
from reproduction import evaluate, interval

from elephant_dic import get_neuron, infer_dics_many, list_neurons
from elephant_dic.neurons import dics_of, reference_population, weights_folder
from elephant_dic.simulation import simulate
from elephant_dic.training.sets import draw_cells
from elephant_dic.trains import ACTIVITIES, MIN_SPIKES, firing_of

SEED, CHUNK, PHASE, SAMPLING = 20261130, 400, 1000.0, 0.05
DISCARDED, LEAST_SHARE = 20_000.0, 0.05
#: Trains of each kind of which the domain is asked; cells and ms of which the simulator is timed.
N_TRAINS, N_TIMED, TIMED = 100, 320, 1000.0


@dataclass(frozen=True)
class Row:
    """What `reproduction.evaluate` needs to know."""

    neuron: str


def recorded(neuron, chunk):
    """Cells of a chunk, and the spike times (ms) that are recorded of each."""
    rng = np.random.default_rng([SEED, *neuron.name.encode(), chunk])
    cells = draw_cells(neuron, CHUNK, rng)
    discarded, window = max(DISCARDED, 2 * neuron.training.transient), neuron.training.window
    starts = discarded + rng.uniform(0, PHASE, CHUNK)
    run = simulate(neuron, cells, discarded + PHASE + window, dt=neuron.time_step / 2)
    trains = []
    for times, start in zip(run.spike_times, starts, strict=True):
        kept = times[(times >= start) & (times < start + window)] - start
        trains.append(np.unique(np.round(kept / SAMPLING) * SAMPLING))
    return cells, trains


def recordings(neuron, n):
    """By class, (cell, train), at least n of each class that 5 % of the firing cells have; and the shares."""
    found: dict[str, list] = {}
    chunk, total = 0, 0
    while True:
        for cell, times in zip(*recorded(neuron, chunk), strict=True):
            total += 1
            if len(times) >= MIN_SPIKES:
                found.setdefault(firing_of([times]).activity, []).append((cell, times))
        chunk += 1
        firing = sum(map(len, found.values()))
        shares = {name: len(each) / firing for name, each in found.items()}
        wanted = [name for name, share in shares.items() if share >= LEAST_SHARE and name != "silent"]
        if chunk >= 2 and all(len(found[name]) >= n for name in wanted):
            kept = {name: found[name] for name in ACTIVITIES if name in wanted}
            return kept, shares | {"firing": firing / total}


def populations(name, found, arguments):
    """By class, one dict a target: from the folder as far as they are there."""
    path = arguments.folder / f"results {name}.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    known = {(line["activity"], line["index"]): line for line in lines}
    with path.open("a") as file:
        for activity, recordings in found.items():
            for index, (_, times) in enumerate(recordings[: arguments.targets]):
                if (activity, index) not in known:
                    line = {"activity": activity, "index": index}
                    line |= evaluate(Row(name), times, arguments.models, index)
                    print(json.dumps(line), file=file, flush=True)
                    known[activity, index] = line
    n = arguments.targets
    return {activity: [known[activity, index] for index in range(n)] for activity in found}


def print_populations(name, by_class, shares):
    for activity, lines in by_class.items():
        verdicts = [line["verdict"] for line in lines]
        counts = [
            sum(v == verdict for v in verdicts) for verdict in ("verified", "partial", "not reproduced")
        ]
        judged = [line["judged"] for line in lines if line["judged"] is not None]
        print(
            f"| {name}, {activity} | {shares[activity]:.2f} | {len(lines)} "
            f"| {interval([line['share'] for line in lines])} | {np.mean(judged):.3f} "
            f"| {interval([line['unverified'] for line in lines])} | {' / '.join(map(str, counts))} "
            f"| {np.median([line['n_simulated'] for line in lines]):.0f} "
            f"| {np.median([line['cpu_seconds'] for line in lines]):.1f} |"
        )


def as_trains(trains):
    return [neo.SpikeTrain(times, units="ms", t_stop=times[-1] + 1) for times in trains]


def print_network(neuron, pairs):
    cells, trains = zip(*pairs, strict=True)
    estimates = infer_dics_many(as_trains(trains), neuron)
    truth = dics_of(neuron, np.array(cells))
    means = np.array([estimate.mean for estimate in estimates])
    for name, row in zip(neuron.training.target_names, neuron.training.target_rows, strict=False):
        intervals = {
            level: np.array([estimate.interval(level)[row] for estimate in estimates])
            for level in (0.68, 0.95)
        }
        inside = [((low <= truth[:, row]) & (truth[:, row] <= high)).mean() for low, high in
                  (each.T for each in intervals.values())]  # fmt: skip
        error = np.abs(means[:, row] - truth[:, row]).mean() / truth[:, row].std()
        correlation = np.corrcoef(means[:, row], truth[:, row])[0, 1]
        print(
            f"| {neuron.name}, {name} | {len(trains)} | {error:.2f} | {correlation:.2f} "
            f"| {inside[0]:.2f} | {inside[1]:.2f} |"
        )


def flagged(neuron, trains):
    """Share of trains that are called out of the neuron's domain, or are no trains to it."""
    usable = [times for times in trains if len(times) >= MIN_SPIKES]
    estimates = infer_dics_many(as_trains(usable), neuron)
    return 1 - np.mean([estimate.in_domain for estimate in estimates])


def print_domain(name, trains_of):
    rng, own = np.random.default_rng(SEED), trains_of[name]
    poisson, merged = [], []
    for times in own:
        n, length = len(times), times[-1]
        poisson.append(np.unique(np.round(np.sort(rng.uniform(0, length, n)) / SAMPLING) * SAMPLING))
        merged.append(np.union1d(times, own[rng.integers(len(own))]))
    others = [times for other, trains in trains_of.items() if other != name for times in trains]
    kinds = [
        own,
        poisson,
        merged,
        *([[others[i] for i in rng.permutation(len(others))[:N_TRAINS]]] * bool(others)),
    ]
    print(f"| {name} | {' | '.join(f'{flagged(get_neuron(name), kind):.2f}' for kind in kinds)} |")


def print_simulator(names):
    def seconds(neuron, cells, executor):
        begin = time.process_time()
        simulate(neuron, cells, TIMED, executor=executor)
        return time.process_time() - begin

    neurons = [get_neuron(name) for name in names]
    cells = [reference_population(neuron, N_TIMED, np.random.default_rng(0)) for neuron in neurons]
    with ThreadPoolExecutor(1) as executor:
        for neuron, table in zip(neurons, cells, strict=True):
            simulate(neuron, table[:16], 10.0, executor=executor)  # compiled before it is timed
        rounds = [[seconds(*each, executor) for each in zip(neurons, cells, strict=True)] for _ in range(5)]
    spent = np.median(rounds, axis=0) / N_TIMED / TIMED * 1e9
    print(
        f"\n| neuron | ns a cell and ms | cells/s/core relative to {names[0]} | files of weights, MB |\n"
        "|---|---|---|---|"
    )
    for name, each in zip(names, spent, strict=True):
        folder = weights_folder(get_neuron(name))
        size = sum(p.stat().st_size for kind in (f"{name}.*", f"{name}-*") for p in folder.glob(kind)) / 1e6
        print(f"| {name} | {each:.0f} | {spent[0] / each:.2f} | {size:.1f} |")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("neurons", nargs="*", default=list_neurons())
    parser.add_argument("--targets", type=int, default=20)
    parser.add_argument("--models", type=int, default=50)
    parser.add_argument("--folder", type=Path, default=Path("neurons"))
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", UserWarning)
    found = {name: recordings(get_neuron(name), arguments.targets) for name in arguments.neurons}
    print(
        "| network | recordings | error over s.d. | correlation | inside 68 % | inside 95 % |\n|" + "---|" * 6
    )
    trains_of = {}
    for name, (by_class, _) in found.items():
        pairs = [pair for each in by_class.values() for pair in each]
        print_network(get_neuron(name), pairs)
        order = np.random.default_rng(0).permutation(len(pairs))[:N_TRAINS]
        trains_of[name] = [pairs[i][1] for i in order]
    print("\n| out of the domain of | own | Poisson | merged | other neurons' |\n|" + "---|" * 5)
    for name in found:
        print_domain(name, trains_of)
    print_simulator(list(found))
    print(
        "\n| targets | share of the firing | n | share of the models asked for | members that are right "
        "| unverified | verified / partial / not reproduced | simulations | processor s |\n|" + "---|" * 9
    )
    for name, (by_class, shares) in found.items():
        print_populations(name, populations(name, by_class, arguments), shares)


if __name__ == "__main__":
    main()
