"""What half and twice of each number of the search does.

    python benchmarks/settings.py [--models 10] [--seeds 1] [--only margin patience …] [--folder reproduction]

Each number of `search/settings.py` is halved and doubled while the others are held, and the same few
recordings are reconstructed: a bursting and a tonic cell of the STG family, two bursting ones outside of it
that few cells fire like, one under noise, an irregular one, a bursting cell of the DA neuron, one of the
pyloric neuron, and a Poisson train, of which no model should be found (the yield is at most 8 of 9).

"Yield" is the share of the models wanted that is found, "simulations" are those of all recordings over the
members found, "match again" is the share of members, five of each population at most, that fire like the
recording when they are judged apart, as `reproduction.py` does, and "s" the processor time of the searches,
on one core. The first line is the mean and standard deviation of six runs, with other seeds, of the settings
as they are; figures more than three standard deviations off are bold. One seed takes some 15 minutes.

Not varied are the three numbers with which a neuron's library was made.
"""

from __future__ import annotations

import argparse
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from reproduction import FINER, LONGER, NOISY, TOLERANCE, TRANSIENT, as_train
from reproduction_targets import DISCARDED, ROWS, SAMPLING, strange_trains, targets

from elephant_dic import generate_population, get_neuron
from elephant_dic.inference import infer
from elephant_dic.neurons import prior_of, reference_population
from elephant_dic.populations import conductance_table
from elephant_dic.search import Candidates, Verification, verified_members
from elephant_dic.search.comparison import Comparison
from elephant_dic.search.settings import SETTINGS, Settings
from elephant_dic.simulation import simulate
from elephant_dic.trains import clean, firing_of, recording_firing

MADE_WITH = ("library_classes", "library_neighbour", "library_observed")
#: Members of each population that are judged apart.
JUDGED = 5
#: Runs of the settings as they are, which tell what is chance.
BASELINES = 6
#: Standard deviations of these that a figure has to be off to be said to differ.
FAR = 3.0


@dataclass(frozen=True)
class Run:
    """Of one search: the record, which members match again, processor time in s, which numbers it read."""

    found: Verification
    again: list
    seconds: float
    read: frozenset


@dataclass(frozen=True)
class Outcome:
    """Of one run over all recordings: yield, simulations a member, match again, processor time in s."""

    found: float
    simulations: float
    again: float
    seconds: float


class Watched(Settings):
    """The settings as they are; notes which of them are read."""

    names: set = set()

    def __getattribute__(self, name):
        Watched.names.add(name)
        return super().__getattribute__(name)


def first_that_is(activity, neuron, table, noise_std, **wanted):
    """Spike times (ms) of the first of some cells that fires so, under noise in uA/cm**2."""
    start, window = DISCARDED / 2, 2 * neuron.training.window
    run = simulate(neuron, table, start + window, dt=neuron.time_step / 2, noise_std=noise_std, seed=1)
    for times in run.spike_times:
        late = np.round((times[times >= start] - start) / SAMPLING) * SAMPLING
        figures = firing_of([late])
        if figures.activity == activity and all(getattr(figures, key) >= low for key, low in wanted.items()):
            return late
    raise ValueError(f"none of {len(table)} cells is {activity}")


def recordings(folder) -> dict:
    """Name: (neuron, spike times in ms)."""
    found = {}
    for row, activity, index in (
        ("STG", "bursting", 0), ("STG", "tonic", 0), ("STG uniform", "bursting", 27),
        ("STG uniform", "bursting", 37), ("STG noise 2.12", "bursting", 2), ("DA", "bursting", 1),
    ):  # fmt: skip
        trains, _ = targets(ROWS[row], index + 1, folder)
        found[f"{row}, {activity} {index}"] = ROWS[row].neuron, np.asarray(trains[activity][index])
    stg, pyloric = get_neuron("stg"), get_neuron("pyloric")
    _, weak = conductance_table(generate_population({"g_s": 17, "g_u": 0.3}, n_models=40, seed=0))
    found["STG, irregular"] = "stg", first_that_is("irregular", stg, weak, 2.1, cv2=0.35)
    cells = reference_population(pyloric, 100, np.random.default_rng(0))
    found["pyloric, bursting"] = (
        "pyloric",
        first_that_is("bursting", pyloric, cells, 0.0, spikes_per_burst=4, burst_duration=50),
    )
    found["chance"] = strange_trains()["Poisson 12 Hz"]
    return found


def members(neuron, times, n_models, seed, settings, pool):
    """What sampling, or the search, finds."""
    inferred = infer(as_train(times), neuron)
    candidates = Candidates(neuron, inferred.estimate, np.random.default_rng(seed))
    prior = prior_of(neuron, "mixture")
    return verified_members(candidates, inferred, prior, n_models, TOLERANCE, pool, settings=settings)


def match_again(neuron, times, found, seed, pool):
    """Of some members, drawn at random, which fire like the recording when judged apart."""
    rng = np.random.default_rng(seed)
    table = rng.permutation(found.table)[:JUDGED]
    cell = clean(as_train(times))
    recording = recording_firing(cell.times, neuron.training.window, cell.duration)
    noise_std = found.verification.noise_std
    apart = Comparison(neuron, recording, TOLERANCE, noise_std, int(rng.integers(2**31)), pool)
    duration = LONGER * apart.settings.longer * (NOISY if noise_std else 1) * apart.duration
    trains, _ = apart.simulate(table, TRANSIENT * neuron.training.transient, duration, finer=FINER)
    return apart.matches([firing_of([train], duration) for train in trains])


def search(cell, n_models, seed, settings, pool) -> Run:
    """One recording, reconstructed and judged."""
    neuron, times = get_neuron(cell[0]), cell[1]
    Watched.names.clear()
    begin = time.process_time()
    found = members(neuron, times, n_models, seed, settings, pool)
    seconds, read = time.process_time() - begin, frozenset(Watched.names)
    matching = match_again(neuron, times, found, seed, pool).tolist() if found.matching.any() else []
    return Run(found.verification, matching, seconds, read)


def outcome(runs) -> Outcome:
    """Of the runs over all recordings and seeds."""
    n_found = sum(run.found.n_matching for run in runs)
    again = [matched for run in runs for matched in run.again]
    return Outcome(
        100 * np.mean([run.found.n_matching / run.found.n_wanted for run in runs]),
        sum(run.found.n_simulated for run in runs) / max(n_found, 1),
        100 * np.mean(again or [0]),
        sum(run.seconds for run in runs),
    )


def varied():
    """Name, value and settings of each number, halved and doubled."""
    for field in fields(SETTINGS):
        value = getattr(SETTINGS, field.name)
        if field.name in MADE_WITH:
            continue
        if field.name == "parts":
            yield field.name, "none", replace(SETTINGS, parts=())
            continue
        for factor in (0.5, 2):
            changed = np.multiply(value, factor)
            if np.asarray(value).dtype.kind == "i":
                changed = np.maximum(changed, 1).astype(int)
            changed = tuple(changed.tolist()) if isinstance(value, tuple) else changed.item()
            yield field.name, text_of(changed), replace(SETTINGS, **{field.name: changed})


def text_of(value) -> str:
    """A number, or several, as they stand in the table."""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def print_head(outcomes):
    """The first lines of the table; returns mean and standard deviation of each figure as things are."""
    table = np.array([[getattr(found, field.name) for field in fields(Outcome)] for found in outcomes])
    mean, spread = table.mean(axis=0), table.std(axis=0, ddof=1)
    spans = " | ".join(f"{m:.1f} ± {s:.1f}" for m, s in zip(mean, spread, strict=True))
    print("\n| number | value | varied to | yield, % | simulations a member | match again, % | s |")
    print("|---" * 7 + f"|\n| all as they are | | | {spans} |", flush=True)
    return mean, spread


def print_line(name, value, found: Outcome, mean, spread):
    """A line of the table."""
    cells = []
    for field, usual, chance in zip(fields(Outcome), mean, spread, strict=True):
        figure = getattr(found, field.name)
        cells.append(f"{figure:.1f}" if abs(figure - usual) <= FAR * chance else f"**{figure:.1f}**")
    own = text_of(getattr(SETTINGS, name))
    print(f"| `{name}` | {own} | {value} | {' | '.join(cells)} |", flush=True)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--models", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=[field.name for field in fields(SETTINGS)])
    parser.add_argument("--folder", type=Path, default=Path("reproduction"))
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore", UserWarning)  # a verdict is no surprise here
    cells, n_models = recordings(arguments.folder), arguments.models
    own, seeds = Watched(), range(arguments.seeds)
    with ThreadPoolExecutor(1) as pool:
        for name, cell in cells.items():  # compiles, and loads networks
            run = search(cell, n_models, 0, own, pool)
            print(f"{name}: {run.found.n_matching} found, {run.found.n_simulated} simulations", flush=True)
        known = {
            (name, seed): search(cell, n_models, seed, own, pool)
            for seed in range(BASELINES * arguments.seeds)
            for name, cell in cells.items()
        }
        apart = [
            [known[name, seed * len(seeds) + i] for i in seeds for name in cells] for seed in range(BASELINES)
        ]
        mean, spread = print_head([outcome(runs) for runs in apart])
        for name, value, settings in varied():
            if not arguments.only or name in arguments.only:
                runs = [  # where a number is not read, it changes nothing
                    search(cells[cell], n_models, seed, settings, pool)
                    if name in known[cell, seed].read
                    else known[cell, seed]
                    for seed in seeds
                    for cell in cells
                ]
                print_line(name, value, outcome(runs), mean, spread)


if __name__ == "__main__":
    main()
