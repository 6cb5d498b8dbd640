"""What two recordings tell of the channel that was changed between them: cells of which all is known.

    python benchmarks/changes.py [FOLDER] [--neurons stg da] [--cells 24] [--conditions …] [--sbi 20000]

Fresh cells of each neuron, `--cells` of each class (tonic, bursting): with any conductances ("broad") and of
the reference family, as in `truth.py`. Each is recorded twice for 10 s (or two windows) from random phases,
times rounded to 0.05 ms. Between the recordings one conductance, drawn at random, is scaled by 0.25 to 2
(even in the logarithm), drawn again until the change shows: another class, or a figure off by more than 10 %.
Then "nothing changed": two recordings of the cell as it was. Under conditions:

- "as they are";
- "noise": a current noise of 1 uA/cm**2 in the cell, other before than after;
- "jitter": of 0.5 ms on each spike, and 2 % of the spikes missing.

Shown are: how often the channel changed comes first, how often it is in the set of 90 %, and how many are in
that; how often its factor lies in its interval of 68 %; of changes, how often they are called "no change
needed" or "not explained"; of "nothing changed", how often it is called anything but "no change needed";
processor seconds of a pair of recordings, the population included. Beside it, on the recordings as they are:

- the channels ranked by how near what their change makes of the members' DICs comes to what the network says
  of the recordings after and before;
- the channels ranked by how far their conductances differ between two populations, each for one recording,
  in standard deviations;
- `--sbi N` (needs `pip install sbi`; STG alone): as the last, but with samples of a neural posterior
  estimate, trained on the same features of N cells of the package's prior;
- tonic cells: how often the channel would be named first by who knows the classes and rates of 6,000 cells
  before and after any of the changes (nearest neighbours), which is all that tonic trains tell.

Results are kept in FOLDER, one line a cell: an interrupted run goes on. Delete them after a change of the
package. Brackets hold 95 % of 2,000 bootstrap samples of the cells.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections import Counter
from pathlib import Path

import neo
import numpy as np
from changes_rivals import bound_of_tonic, by_dics, by_populations, by_sbi
from truth import interval
from truth_cells import DISCARDED, PHASE, SAMPLING, channels, component, recorded, targets

from elephant_dic import get_neuron, identified_changes, identify_changes
from elephant_dic.simulation import simulate
from elephant_dic.trains import firing_of, matches, recording_firing

KINDS = "family", "broad"
CONDITIONS = "as they are", "noise", "jitter"
FACTORS, TOLERANCE, LEVEL = (0.25, 2.0), 0.1, 0.9
NOISE, JITTER, MISSING = 1.0, 0.5, 0.02
_TRIES = 60


def record(neuron, cell, rng, noise_std=0.0):
    """Spike times (ms) of a cell from a random phase on."""
    start, length = DISCARDED + rng.uniform(0, PHASE), recorded(neuron)
    (times,) = simulate(
        neuron, cell[None], DISCARDED + PHASE + length, dt=neuron.time_step / 2, noise_std=noise_std,
        seed=int(rng.integers(2**31)),
    ).spike_times  # fmt: skip
    kept = times[(times >= start) & (times < start + length)] - start
    return np.unique(np.round(kept / SAMPLING) * SAMPLING)


def damaged(times, rng):
    """The train with jitter and missing spikes."""
    kept = times[rng.random(len(times)) >= MISSING]
    return np.unique(np.abs(kept + rng.normal(0, JITTER, len(kept))))


def as_train(neuron, times):
    """A neo.SpikeTrain, also without spikes."""
    return neo.SpikeTrain(times, units="ms", t_stop=max(recorded(neuron), times.max(initial=0) + 1))


def changed_cell(neuron, cell, before, rng):
    """A channel's column, its factor, and the recording after, of a change that shows; None if none does."""
    known = recording_firing([before], neuron.training.window, recorded(neuron))
    for _ in range(_TRIES):
        column = int(rng.choice(channels(neuron)))
        factor = float(np.exp(rng.uniform(*np.log(FACTORS))))
        changed = cell.copy()
        changed[column] *= factor
        after = record(neuron, changed, rng)
        if 3 <= len(after) < 5:  # neither silent nor a recording
            continue
        if len(after) < 3 or not matches([firing_of([after])], known, TOLERANCE)[0]:
            return column, factor, changed, after
    return None


def identified(neuron, before, after, seed):
    """What the package says of two trains."""
    start = time.process_time()
    try:
        block = identify_changes(as_train(neuron, before), as_train(neuron, after), neuron, seed=seed)
    except ValueError as error:
        return {"refused": str(error)}
    found = identified_changes(block)
    return {
        "cpu": time.process_time() - start,
        "verdict": found.verdict,
        "nothing": found.nothing,
        "probabilities": {each.name: each.probability for each in found.ranked},
        "likely": [each.name for each in found.likely],
        "intervals": {each.name: each.intervals[0] for each in found.ranked},
        "factors": {each.name: each.factors[0] for each in found.ranked},
        "first_right": found.first_right,
        "n_pairs": found.n_pairs,
        "before": found.before.split(",")[0],
        "after": found.after.split(",")[0],
    }


def evaluate(neuron, target, condition, seed, sbi):
    """What is found of one cell, changed and as it was."""
    activity, cell, before = target
    rng = np.random.default_rng([seed, *before[:3].view(np.uint32)])
    drawn = changed_cell(neuron, cell, before, rng)
    if drawn is None:
        return {"activity": activity, "shows": False}
    column, factor, changed, after = drawn
    again = record(neuron, cell, rng)
    if condition == "noise":
        before, again, after = (record(neuron, each, rng, NOISE) for each in (cell, cell, changed))
    elif condition == "jitter":
        before, again, after = (damaged(times, rng) for times in (before, again, after))
    line = {
        "activity": activity, "shows": True, "channel": neuron.conductance_names[column], "factor": factor,
        "changed": identified(neuron, before, after, seed),
        "nothing": identified(neuron, before, again, seed),
    }  # fmt: skip
    if condition == "as they are" and len(after) >= 5:
        trains = as_train(neuron, before), as_train(neuron, after)
        line["by DICs"], line["by populations"] = (
            by_dics(neuron, *trains, seed),
            by_populations(neuron, *trains, seed),
        )
        if sbi and neuron.name == "stg":
            line["by sbi"] = by_sbi(neuron, *trains, sbi)
    return line


def results(name, kind, condition, arguments):
    """One dict a cell: from the folder as far as they are there."""
    path = arguments.folder / f"{name} {kind} {condition}.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    known, neuron = {line["index"]: line for line in lines}, get_neuron(name)
    with path.open("a") as file:
        for index, target in enumerate(targets(name, kind, arguments.cells)):
            if index not in known:
                known[index] = {"index": index} | evaluate(neuron, target, condition, index, arguments.sbi)
                print(json.dumps(known[index]), file=file, flush=True)
    return [known[index] for index in range(2 * arguments.cells)]


def first_share(lines, key):
    """How often a ranking names the channel first, of the cells that have it."""
    known = [line[key][0] == line["channel"] for line in lines if line.get(key)]
    return interval(known) if known else "–"


def summary(lines):
    """The rows of a column."""
    shown = [line for line in lines if line["shows"]]
    told = [line for line in shown if "probabilities" in line["changed"]]
    quiet = [line for line in shown if "verdict" in line["nothing"]]
    first = [max(line["changed"]["probabilities"], key=line["changed"]["probabilities"].get) for line in told]
    rows = {
        "cells (of which refused)": f"{len(shown)} ({len(shown) - len(told)})",
        "first": interval([a == line["channel"] for a, line in zip(first, told, strict=True)]),
        "in the set of 90 %": interval([line["channel"] in line["changed"]["likely"] for line in told]),
        "channels in the set": f"{np.mean([len(line['changed']['likely']) for line in told]):.1f}",
        "factor in its 68 %": interval([_within(line) for line in told]),
    }
    for verdict in ("no change needed", "not explained"):
        rows[f'changed, but "{verdict}"'] = interval([line["changed"]["verdict"] == verdict for line in told])
    rows["nothing changed, false alarms"] = interval(
        [line["nothing"]["verdict"] != "no change needed" for line in quiet]
    )
    rows["processor seconds, median"] = f"{np.median([line['changed']['cpu'] for line in told]):.1f}"
    for key in ("by DICs", "by populations", "by sbi"):
        rows[f"first {key} instead"] = first_share(shown, key)
    return rows


def _within(line):
    low, high = line["changed"]["intervals"][line["channel"]]
    return low <= line["factor"] <= high


def print_table(title, columns):
    """Columns of rows by name, in Markdown."""
    print(f"\n| {title} | {' | '.join(columns)} |")
    print("|---" * (len(columns) + 1) + "|")
    for row in next(iter(columns.values())):
        print(f"| {row} | {' | '.join(column[row] for column in columns.values())} |")


def print_confusion(neuron, lines):
    """Which channel comes first (columns), of those that were changed (rows)."""
    names = [neuron.conductance_names[k] for k in channels(neuron)]
    told = [line for line in lines if line["shows"] and "probabilities" in line["changed"]]
    counts = Counter(
        (line["channel"], max(line["changed"]["probabilities"], key=line["changed"]["probabilities"].get))
        for line in told
    )
    print(f"\n| {neuron.name}: changed, first | {' | '.join(names)} |")
    print("|---" * (len(names) + 1) + "|")
    for channel in names:
        print(f"| {channel} | {' | '.join(str(counts[channel, each] or '') for each in names)} |")


def classes(line):
    """Class of the recordings before and after, as far as the table tells them apart."""
    before, after = line["activity"], line["changed"].get("after", "refused")
    return f"{before} to {after}" if after in ("tonic", "bursting") else f"{before} to another class"


def main():
    """Print the tables of each neuron."""
    parser = argparse.ArgumentParser(description="which channel was changed between two recordings")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("changes"))
    parser.add_argument("--neurons", nargs="+", default=["stg", "da"])
    parser.add_argument("--cells", type=int, default=24, help="of each class and kind")
    parser.add_argument("--conditions", nargs="+", choices=CONDITIONS, default=list(CONDITIONS))
    parser.add_argument("--sbi", type=int, default=0, help="cells that sbi is trained on")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", UserWarning)
    for name in arguments.neurons:
        neuron, everything = get_neuron(name), []
        for condition in arguments.conditions:
            columns = {}
            for kind in KINDS:
                if kind != component(neuron, kind).name:
                    continue
                lines = results(name, kind, condition, arguments)
                everything += lines if condition == "as they are" else []
                columns[kind] = summary(lines)
                groups = Counter(classes(line) for line in lines if line["shows"])
                for group in sorted(groups, key=groups.get, reverse=True):
                    chosen = [line for line in lines if line["shows"] and classes(line) == group]
                    if any("probabilities" in line["changed"] for line in chosen):
                        columns[f"{kind}, {group}"] = summary(chosen)
            print_table(f"{name}, {condition}", columns)
        print_confusion(neuron, everything)
        for kind in KINDS:
            if kind == component(neuron, kind).name:
                bound = bound_of_tonic(neuron, kind, FACTORS, TOLERANCE)
                print(f"\n{name}, {kind}: of tonic cells, from classes and rates alone, first: {bound:.2f}")


if __name__ == "__main__":
    main()
