"""Populations of cells under current steps: how many are found, how fast, and what they predict.

    python benchmarks/steps.py [FOLDER] [--cells 60] [--models 50] [--pool 2000] [--recordings FOLDER]

Cortical cells, drawn anew from the neuron's ranges, that fire at least five spikes at one level and at most
at 5 Hz without current. Six levels of 500 ms, each in a sweep of its own with 100 ms at rest on either side:
-50 pA, and five that are 37.5 pA apart, the lowest just below what makes the cell fire (of a cell that fires
without current, just above zero); a cell has 50 pF. Spikes are those of a simulation with a quarter of the
step. Of each cell a population is asked for:

- "as they are": the capacitance is known, and there is no noise;
- "capacitance wrong": given as 20 % too small, of every other cell too large;
- "noise": a current noise of 2 uA/cm**2 in the cell, by which a count varies by about one spike;
- "beyond the ranges": a third of the conductances, at random, are 1 to 1.5 times the most that the search
  allows, and a third of the voltages up to 5 mV beyond it;
- "without an inner level", "without the highest level": the third of the five, or the last, is left out,
  and predicted.

"Populations": cells that give all models, and how many are verified without a doubt; processor seconds of
the search alone, and with what follows: the fine judgement, and two searches at other capacitances; simulated
cells; how many evenly drawn cells those that fit are worth.

"True values": whether the true conductances (nS) and voltages lie in the members' 5 to 95 % (of 50
exchangeable members that holds 0.86).

"A level that was left out": members whose count is within one spike or 20 % of the cell's. Beside them cells
of the ranges that match less: all among `--pool` that fire like the cell without current, or there and at
the fourth of the five levels.

`--recordings`: of the Axon files in a folder those with current steps; each is reconstructed from all levels,
and from all but every fourth of those at which it fires, which are predicted.

Results on simulated cells are kept in FOLDER, one line a cell: an interrupted run goes on. Delete them after
a change of the package. Brackets hold 95 % of 2,000 bootstrap samples of the cells.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import neo
import numpy as np
import quantities as pq
from reproduction import interval

from elephant_dic import get_neuron
from elephant_dic.populations import conductance_table
from elephant_dic.recordings import RecordingError, read_spiketrains
from elephant_dic.simulation import simulate
from elephant_dic.steps import StepVerification, step_population, step_task
from elephant_dic.steps.library import ranges_of_cells
from elephant_dic.steps.search import Prior
from elephant_dic.steps.sweeps import FINENESS, Bench
from elephant_dic.trains import (
    LevelComparison,
    Stimulus,
    annotate_stimulus,
    is_stepped,
    protocol_of,
    recorded_response,
    sweeps_of,
)

SEED, TOLERANCE = 20261201, 0.1
NEURON = get_neuron("cortical")
PRIOR = Prior(ranges_of_cells(NEURON))
#: uA/cm**2; ms; pF.
LOWEST, APART, N_LEVELS, CAPACITANCE = -1.0, 0.75, 5, 50.0
STEP, SWEEP = (100.0, 600.0), 700.0
#: uA/cm**2 at which it is looked when a cell begins to fire.
DENSITIES = np.arange(0.0, 8.0, 0.25)
LEAST_SPIKES, MOST_AT_REST = 5, 5.0
NOISE, WRONG, FARTHER, BEYOND = 2.0, 0.2, 1.5, 5.0
#: Sweeps that are left out, and that which is matched alone.
LEFT_OUT, ALONE = {"without an inner level": 3, "without the highest level": 5}, 4
KINDS = ("as they are", "capacitance wrong", "noise", "beyond the ranges", *LEFT_OUT)
CHUNK, EVERY = 100, 4


@dataclass(frozen=True, eq=False)
class Target:
    """A cell, its currents (uA/cm**2) and its spikes (ms), one array a sweep."""

    cell: np.ndarray
    levels: np.ndarray
    spikes: list[np.ndarray]

    @property
    def trains(self) -> list[neo.SpikeTrain]:
        """With what was injected."""
        return [_sweep(level, times) for level, times in zip(self.levels, self.spikes, strict=True)]

    @property
    def comparison(self) -> LevelComparison:
        protocol = protocol_of(self.trains)
        return LevelComparison(protocol, recorded_response(protocol, self.trains), TOLERANCE)

    @property
    def bench(self) -> Bench:
        return Bench(NEURON, protocol_of(self.trains), CAPACITANCE)

    @property
    def counts(self) -> np.ndarray:
        """Of each sweep, during the step."""
        return np.array([((times >= STEP[0]) & (times < STEP[1])).sum() for times in self.spikes])

    @property
    def at_rest(self) -> float:
        """Hz."""
        n_spikes = sum(map(len, self.spikes)) - self.counts.sum()
        return 1000.0 * n_spikes / len(self.levels) / (SWEEP - np.ptp(STEP))

    def some(self, sweeps) -> Target:
        """With some of the sweeps."""
        return Target(self.cell, self.levels[sweeps], [self.spikes[k] for k in sweeps])


def _sweep(level, times):
    train = neo.SpikeTrain(times, units="ms", t_stop=SWEEP)
    return annotate_stimulus(train, Stimulus.steps(0, (*STEP, CAPACITANCE * level)))


def targets(n, farther=False, noise_std=0.0, seed=SEED, drawn=lambda table: table):
    """Targets of n cells that fire; `drawn` changes cells that were drawn."""
    rng, found = np.random.default_rng([seed, int(farther), int(noise_std)]), []
    while len(found) < n:
        table = drawn(PRIOR.cells(rng.random((CHUNK, len(PRIOR.ranges)))))
        table = beyond(table, rng) if farther else table
        for cell, first in zip(table, begins_to_fire(table), strict=True):
            if len(found) == n or not np.isfinite(first):
                continue
            lowest = max(first - APART / 2, APART / 2)
            levels = np.array([LOWEST, *(lowest + APART * np.arange(N_LEVELS))])
            empty = Target(cell, levels, [np.empty(0)] * len(levels))
            (spikes,), _ = empty.bench.simulate(cell[None], FINENESS, noise_std, int(rng.integers(2**31)))
            target = Target(cell, levels, spikes)
            if target.at_rest <= MOST_AT_REST and target.counts.max() >= LEAST_SPIKES:
                found.append(target)
    return found


def begins_to_fire(table):
    """(n,) the lowest of the densities at which each cell fires during a step; NaN if it never does."""
    states = simulate(NEURON, table, STEP[1], keep_states=True).states
    fires = np.empty((len(DENSITIES), len(table)))
    for k, density in enumerate(DENSITIES):
        run = simulate(NEURON, table, np.ptp(STEP), currents=density, states=states)
        fires[k] = [len(times) > 0 for times in run.spike_times]
    return np.where(fires.any(axis=0), DENSITIES[fires.argmax(axis=0)], np.nan)


def beyond(table, rng):
    """Cells of which a third of all conductances and voltages, and at least one, are out of the ranges."""
    low, high = PRIOR.ranges.T
    n = len(NEURON.conductance_names)
    out = rng.random(table.shape) < 1 / 3
    out[np.arange(len(table)), rng.integers(table.shape[1], size=len(table))] = True
    upper, by = rng.random(table.shape) < 0.5, rng.random(table.shape)
    far = np.where(upper, high + BEYOND * by, low - BEYOND * by)
    far[:, :n] = (high * (1 + (FARTHER - 1) * by))[:, :n]
    return np.where(out, far, table)


def evaluate(kind, index, target, n_models):
    """What is to be known of one cell."""
    wrong = WRONG * (-1) ** (index + 1) if kind == "capacitance wrong" else 0.0
    left_out = LEFT_OUT.get(kind)
    matched = [k for k in range(len(target.levels)) if k != left_out]
    line, members = reconstructed(target.some(matched).trains, n_models, index, CAPACITANCE * (1 + wrong))
    line |= {"counts": target.counts.tolist(), "at_rest": target.at_rest, "levels": target.levels.tolist()}
    if len(members):
        line["inside"] = inside(target.cell, members, 1 + wrong)
        if left_out is not None:
            models = target.bench.responses(members, FINENESS)
            line["right"] = float(right_at(target, models, left_out).mean())
    return line


def reconstructed(trains, n_models, seed, capacitance=None):
    """What is said of a cell, and its verified members (n, n_columns)."""
    searched = []
    begin = time.process_time()
    given = None if capacitance is None else capacitance * pq.pF
    cell = trains if isinstance(trains, neo.Group) else neo.Group(list(trains))
    try:
        task = step_task(cell, NEURON, TOLERANCE, given)
    except ValueError as error:
        return {"verdict": "refused", "reason": str(error), "n_matching": 0}, np.empty((0, 0))
    block = step_population(
        task, n_models, seed, report=lambda *counts: searched.append((time.process_time() - begin, *counts))
    )
    seconds = time.process_time() - begin
    found = StepVerification.of_block(block)
    line = {
        "verdict": found.verdict, "doubts": found.doubts, "reason": found.reason,
        "n_matching": found.n_matching, "n_simulated": found.n_simulated,
        "n_first": found.n_first_matching, "rounds": len(searched), "sample": dict(found.sample),
        "capacitance": found.capacitance["value"], "seconds": searched[-1][0],
        "all_seconds": seconds,
    }  # fmt: skip
    members = conductance_table(block)[1] if found.n_matching else np.empty((0, 0))
    return line, members


def inside(cell, members, times_capacitance):
    """Of each column, whether the true value (conductances in nS) lies in the members' 5 to 95 %."""
    scale = np.ones(len(cell))
    scale[: len(NEURON.conductance_names)] = times_capacitance
    low, high = np.quantile(members * scale, (0.05, 0.95), axis=0)
    return ((low <= cell) & (cell <= high)).tolist()


def right_at(target, models, sweep):
    """(n_models,) bool: which fire as the cell does at the level of a sweep, or at rest if that is None."""
    comparison = target.comparison
    (k,) = [
        k for k, level in enumerate(comparison.protocol.levels)
        if (level.is_rest if sweep is None else not level.is_rest and level.sweeps == (sweep,))
    ]  # fmt: skip
    return np.abs(models.counts[:, k] - comparison.recording.counts[k]) <= comparison.allowed[k]


def results(kind, arguments):
    """One dict a cell: from the folder as far as they are there."""
    path = arguments.folder / f"results {kind}.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    known = {line["index"]: line for line in lines if line["n_models"] == arguments.models}
    drawn = targets(arguments.cells, kind == "beyond the ranges", NOISE if kind == "noise" else 0.0)
    with path.open("a") as file:
        for index, target in enumerate(drawn):
            if index not in known:
                line = {"index": index, "n_models": arguments.models}
                line |= evaluate(kind, index, target, arguments.models)
                print(json.dumps(line), file=file, flush=True)
                known[index] = line
    return [known[index] for index in range(arguments.cells)], drawn


def print_populations(kind, lines, n_models):
    whole = [line["n_matching"] == n_models for line in lines]
    verified = [line["verdict"] == "verified" for line in lines]
    none = np.mean([line["n_matching"] == 0 for line in lines])
    searched = [line for line in lines if "sample" in line]
    names = ("seconds", "all_seconds", "n_simulated")
    seconds, of_all, simulated = ([line[name] for line in searched] for name in names)
    effective = [line["sample"]["effective_size"] for line in searched]
    print(
        f"| {kind} | {len(lines)} | {interval(whole)} | {np.mean(verified):.2f} | {none:.2f} "
        f"| {np.median(seconds):.1f} ({np.quantile(seconds, 0.9):.1f}) "
        f"| {np.median(of_all):.1f} ({np.quantile(of_all, 0.9):.1f}) | {np.median(simulated):,.0f} "
        f"| {np.median(effective):.0f} |",
        flush=True,
    )


def print_true_values(kind, lines):
    known = np.array([line["inside"] for line in lines if line["n_matching"] >= 20], dtype=float)
    of_columns = " | ".join(f"{share:.2f}" for share in known.mean(axis=0))
    print(f"| {kind} | {len(known)} | {interval(known.mean(axis=1))} | {of_columns} |")


def print_left_out(found, n_pool):
    """How many members are right at a level that was left out, and how many cells that match less."""
    table = PRIOR.cells(np.random.default_rng([SEED, 9]).random((n_pool, len(PRIOR.ranges))))
    for kind, (lines, drawn) in found.items():
        shares = {"all other levels": [line["right"] for line in lines if "right" in line]}
        shares |= {"rest alone": [], "rest and one level": []}
        for target in drawn:
            few = target.some([LEFT_OUT[kind], ALONE])
            pool = few.bench.responses(table)
            right, alike = right_at(few, pool, 0), right_at(few, pool, None)
            for name, chosen in zip(list(shares)[1:], (alike, alike & right_at(few, pool, 1)), strict=True):
                if chosen.any():
                    shares[name].append(right[chosen].mean())
        for name, each in shares.items():
            at_least = np.mean(np.array(each) >= 0.9)
            print(f"| {kind} | {name} | {len(each)} | {interval(each)} | {at_least:.2f} |", flush=True)


def stepped_cells(folder):
    """(name, cell) of the Axon files of a folder that hold several sweeps of a cell under current steps."""
    for path in sorted(folder.glob("*.abf")):
        try:
            cells = read_spiketrains(path)
        except RecordingError:
            continue
        families = [cell for cell in cells if isinstance(cell, neo.Group) and is_stepped(cell)]
        yield from ((path.stem, cell) for cell in families)


def print_recordings(folder, n_models):
    """What is found for real cells, and what is predicted of levels that were left out."""
    print(
        "\n| recording | pF | levels | verified of | verdict | simulations | s of the search | s in all "
        "| levels left out at which it fires | members that are right there | s |\n" + "|---" * 11 + "|"
    )
    for name, cell in stepped_cells(folder):
        line, _ = reconstructed(cell, n_models, 0)
        levels, shares, seconds = predicted(cell, n_models)
        told = ", ".join(f"{level} {share:.2f}" for level, share in zip(levels, shares, strict=True))
        verdict = "; ".join(filter(None, [line["verdict"], line["reason"], *line.get("doubts", [])]))
        print(
            f"| {name} | {line.get('capacitance', np.nan):.0f} "
            f"| {len(protocol_of(sweeps_of(cell)).levels)} | {line['n_matching']} of {n_models} | {verdict} "
            f"| {line.get('n_simulated', 0):,} | {line.get('seconds', np.nan):.1f} "
            f"| {line.get('all_seconds', np.nan):.1f} | {told} | {np.mean(shares):.2f} | {seconds:.1f} |",
            flush=True,
        )


def predicted(cell, n_models):
    """Names of levels that were left out, the share of the members right at each, and processor seconds."""
    trains = sweeps_of(cell)
    protocol = protocol_of(trains)
    recording = recorded_response(protocol, trains)
    whole = LevelComparison(protocol, recording, TOLERANCE)
    asked = np.flatnonzero(protocol.is_step & whole.compared & (recording.counts > 0))[EVERY - 1 :: EVERY]
    asked = [k for k in asked if len(protocol.levels[k].sweeps) < len(trains)]
    hidden = {sweep for k in asked for sweep in protocol.levels[k].sweeps}
    rest = neo.Group([train for i, train in enumerate(trains) if i not in hidden])
    rest.annotate(**cell.annotations)
    line, members = reconstructed(rest, n_models, 0)
    names = [protocol.levels[k].name for k in asked]
    if not len(members):
        return names, np.zeros(len(asked)), line.get("all_seconds", 0.0)
    models = Bench(NEURON, protocol, line["capacitance"]).responses(members, FINENESS)
    off = np.abs(models.counts - recording.counts) / whole.allowed
    return names, (off[:, asked] <= 1).mean(axis=0), line["all_seconds"]


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=Path("steps"))
    parser.add_argument("--cells", type=int, default=60)
    parser.add_argument("--models", type=int, default=50)
    parser.add_argument("--pool", type=int, default=2000, help="cells of the ranges that match less")
    parser.add_argument("--recordings", type=Path, help="a folder of Axon files")
    parser.add_argument("--kinds", nargs="*", default=KINDS, choices=KINDS)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    reconstructed(targets(1)[0].trains, 5, 0, CAPACITANCE)  # compiled before it is timed
    print(
        "| cells | n | give all models | verified | give none | processor s: median (90 %) | in all "
        "| simulations | effective size |\n" + "|---" * 9 + "|"
    )
    found = {}
    for kind in arguments.kinds:
        found[kind] = results(kind, arguments)
        print_populations(kind, found[kind][0], arguments.models)
    print(f"\n| true values inside | n | overall | {' | '.join(NEURON.column_names)} |")
    print("|---" * (3 + len(NEURON.column_names)) + "|")
    for kind in arguments.kinds:
        print_true_values(kind, found[kind][0])
    left_out = {kind: found[kind] for kind in arguments.kinds if kind in LEFT_OUT}
    if left_out:
        print(
            "\n| a level that was left out | matched | n | members that are right "
            "| cells with 0.9 or more |\n" + "|---" * 5 + "|"
        )
        print_left_out(left_out, arguments.pool)
    if arguments.recordings:
        print_recordings(arguments.recordings, arguments.models)


if __name__ == "__main__":
    main()
