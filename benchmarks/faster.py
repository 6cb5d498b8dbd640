"""Two builds of the package side by side: processor time of the jobs that it is for.

    python benchmarks/faster.py OLD NEW [--rows stg-tonic files ...] [--rounds 3] [--folder FOLDER]

OLD and NEW are the interpreters of two virtual environments, each with a build of the package. They run
alternately, each job in a process of its own, on the same cells, spike times and files: see `builds.py`. Of a
call, seconds are its processor time after a first call that does not count; of a command, those of the whole
process and all that it starts. Figures are medians over the rounds; a ratio says how many times less the new
build needs, and is the median over cells where there are several. Linux only.

Cells of populations are those of `truth.py`, half of the reference family and half with any conductances;
DA cells that burst do so at 0.5 to 0.8 Hz. Pyloric recordings are those that `pyloric.py` must reproduce, 100
models each. "found" is the share of the models asked for, "simulated" the number of simulations a model.
Errors are those of `simulator.py`. With `--folder`, cells and reference solutions are kept for another time.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import builds
import numpy as np
from builds import Jobs

from elephant_dic.examples import example_path


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Attributes
    ----------
    title, unit : str
    wanted, aim : float or None
        Old over new, at least and to aim for.
    key : str
        Under which the job tells it.
    """

    title: str
    wanted: float | None = None
    aim: float | None = None
    key: str = "s"
    unit: str = "s"


@dataclass(frozen=True)
class Row:
    """A job: a function of the jobs that are there and an interpreter, its figures, what else it tells."""

    run: Callable
    figures: tuple[Figure, ...]
    beside: Callable = lambda old, new: ""


def of_populations(old, new):
    """Verdicts and shares."""
    same = sum(a == b for a, b in zip(old["verdict"], new["verdict"], strict=True))
    verdicts = " → ".join(
        ", ".join(f"{n} {verdict}" for verdict, n in Counter(told["verdict"]).items()) for told in (old, new)
    )
    shares, simulated = (
        " → ".join(f"{np.mean(told[key]):.2f}" for told in (old, new)) for key in ("found", "simulated")
    )
    return f"{verdicts} ({same} the same); found {shares}; simulated {simulated}"


def of_simulator(old, new):
    """Speed and errors."""
    speeds = " → ".join(f"{told['speed']:.3g}" for told in (old, new))
    kinds = ("tonic, %", "bursting, %", "class differs")
    each = zip(kinds, old["errors"], new["errors"], strict=True)
    return "; ".join([f"cells/s {speeds}", *(f"{kind} {a} → {b}" for kind, a, b in each)])


def populations(neuron, activity, wanted, aim):
    figure = Figure(f"verified models, {neuron}, {activity}", wanted, aim)
    return Row(partial(Jobs.populations, neuron=neuron, activity=activity), (figure,), of_populations)


def simulator(neuron, wanted=None, aim=None):
    return Row(
        partial(Jobs.simulator, neuron=neuron), (Figure(f"simulator, {neuron}", wanted, aim),), of_simulator
    )


def command(*arguments, figures, run=builds.command):
    return Row(lambda _, python: run(python, *arguments), figures)


EXAMPLE = ("reconstruct", "--example", "--seed", "1")
ROWS = {
    "stg-tonic": populations("stg", "tonic", 2.8, 3.5),
    "stg-bursting": populations("stg", "bursting", 2.8, 3.5),
    "da-tonic": populations("da", "tonic", 5, 8),
    "da-bursting": populations("da", "bursting", 5, 8),
    "pyloric": Row(Jobs.pyloric, (Figure("verified models, pyloric, 7 recordings", 2.5),), of_populations),
    "simulator-stg": simulator("stg", 1.6, 1.9),
    "simulator-da": simulator("da", 4, 6),
    "simulator-pyloric": simulator("pyloric"),
    "example": command(
        *EXAMPLE,
        figures=(
            Figure("reconstruct --example, cold", 2, 3),
            Figure("its peak memory", 3, key="memory", unit="MB"),
        ),
    ),
    "first-run": command(
        *EXAMPLE, figures=(Figure("the same, first run after installation", 2.5),), run=builds.first_command
    ),
    "help": command("--help", figures=(Figure("--help", 2),)),
    "inspect": command("inspect", str(example_path()), figures=(Figure("inspect FILE", 2),)),
    "inference": Row(Jobs.inference, (Figure("infer_dics_many, 10,000 trains of 50 spikes", 1.4),)),
    "files": Row(
        Jobs.files,
        (
            Figure("save_population, 100,000 models, NIX", 8, key="save"),
            Figure("load_population of that file", 1, key="load"),
        ),
    ),
}


def measure(row, jobs, pythons, n_rounds):
    """What the last round told of each build, with the medians of its figures over the rounds."""
    rounds = [[row.run(jobs, python) for python in pythons] for _ in range(n_rounds)]
    builds = [dict(told) for told in rounds[-1]]
    for i, told in enumerate(builds):
        for figure in row.figures:
            told[figure.key] = np.median([each[i][figure.key] for each in rounds], axis=0)
    return builds


def lines(row, old, new):
    """Lines of the table."""
    beside = row.beside(old, new)
    for figure in row.figures:
        a, b = old[figure.key], new[figure.key]
        wanted = f"≥ {figure.wanted:g}" if figure.wanted else ""
        wanted += f", aim {figure.aim:g}" if figure.aim else ""
        yield (
            f"| {figure.title} | {np.median(a):.3g} {figure.unit} | {np.median(b):.3g} {figure.unit} "
            f"| {np.median(a / b):.2f} | {wanted} | {beside} |"
        )


def main():
    """Print a line a figure."""
    parser = argparse.ArgumentParser(description="two builds side by side")
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument(
        "--rows", nargs="+", choices=ROWS, default=list(ROWS), metavar="ROW", help=", ".join(ROWS)
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cells", type=int, default=4, help="of each neuron and class")
    parser.add_argument("--models", type=int, default=500, help="of each population")
    parser.add_argument("--slow-cells", type=int, default=8, help="whose spike times are checked with LSODA")
    parser.add_argument("--folder", type=Path, help="for cells, spike times and reference solutions")
    arguments = parser.parse_args()
    print("| what | old | new | old / new | wanted | old → new |")
    print("|---" * 6 + "|", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (arguments.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        jobs = Jobs(folder, arguments.cells, arguments.models, arguments.slow_cells)
        for name in arguments.rows:
            builds = measure(ROWS[name], jobs, (arguments.old, arguments.new), arguments.rounds)
            print("\n".join(lines(ROWS[name], *builds)), flush=True)


if __name__ == "__main__":
    main()
