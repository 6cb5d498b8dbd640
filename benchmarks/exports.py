"""Whether exported cells fire in other simulators as they do here.

    python benchmarks/exports.py [NEURON …] [--neuron-python PYTHON] [--neuroml-python PYTHON]
                                 [--brian2-python PYTHON] [--arbor-python PYTHON] [--cells 2]
                                 [--targets TARGET …]
    python benchmarks/exports.py [NEURON …] --clamp

Each PYTHON is the interpreter of an environment that has the simulator: `pip install neuron`; for NeuroML
`pip install pyneuroml neuron` and Java; `pip install brian2 "numpy<2.4"`; `pip install arbor`. They are
looked for in the variables NEURON_PYTHON, NEUROML_PYTHON, BRIAN2_PYTHON and ARBOR_PYTHON, too. Simulators
without one are left out. The dynamic clamp needs the C compiler of the system.

Cells are the first of tests/reference that fire without an injected current; of a neuron of which none does,
the first two under a step of current, with the parameters in OWN. Each neuron is exported to each
simulator and run by the command in its README.md, NEURON for 6 s, NeuroML for 3 s, Brian2, Arbor and the
dynamic clamp (with a step of 0.02 ms) for 1 s.
Columns: spikes of all cells; largest difference of a spike time (ms) from LSODA at a tolerance of
1e-10 on the plain equations, from this package's simulator with a fiftieth of its step, and from values in
tests/reference, as far as these are within the run (of the pituitary neuron these are on steps of 0.5 ms).
"n / m" are numbers of spikes that differ.

With `--clamp`, cells that need no current are run by the dynamic clamp alone, at three steps, with the mean
current of each step and with that of its start: largest difference from this package's simulator.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import neo
import numpy as np
import quantities as pq

from elephant_dic import (
    export_population,
    get_neuron,
    list_neurons,
    population_from_conductances,
    verify_population,
)
from elephant_dic.neurons import solve_adaptively
from elephant_dic.simulation import simulate
from elephant_dic.trains import Stimulus, annotate_stimulus

REFERENCE = Path(__file__).parents[1] / "tests" / "reference"
#: ms, by target.
DURATIONS = {
    "neuron": 6000.0,
    "neuroml": 3000.0,
    "brian2": 1000.0,
    "arbor": 1000.0,
    "dynamic-clamp": 1000.0,
}
#: Targets that no other interpreter is needed for.
HERE = ("dynamic-clamp",)
#: ms between samples of a dynamic clamp.
CLAMP_STEPS = (0.05, 0.02, 0.01)
#: Of LSODA, relative.
TOLERANCE = 1e-10
#: Cells of which small errors grow, and which are not compared: a spike of the pyloric one, at 186 ms by
#: LSODA at 1e-8, is at 196 ms at 1e-10, and at 205 ms at 1e-12.
SENSITIVE = {"da": (3,), "pyloric": (0,)}
#: A step: uA/cm2, from when to when, and how long the sweep is (ms), at 40 pF; what cells have of their own.
STEP, SWEEP, CAPACITANCE = (4.0, 200.0, 5800.0), 6000.0, 40.0
OWN = {"V_T": (-58.0, -52.0), "E_leak": (-68.0, -72.0)}
#: ms before a sweep.
SETTLING = 1000.0


def reference_cells(name, n):
    """Conductances (n, n_channels) of cells, their golden spike times, and from when to when (ms)."""
    path = REFERENCE / f"spike_times_{name}.json"
    cells = json.loads((path if path.exists() else REFERENCE / "spike_times.json").read_text())
    cells = cells["cells" if path.exists() else name]
    chosen = [
        cell
        for i, cell in enumerate(cells)
        if cell["spike_times_ms"] and not cell.get("current_uA_per_cm2") and i not in SENSITIVE.get(name, ())
    ][:n]
    table = np.array([list(cell["conductances_mS_per_cm2"].values()) for cell in chosen])
    spans = [(float(cell["discard_ms"]), float(cell["duration_ms"])) for cell in chosen]
    return table, [np.array(cell["spike_times_ms"]) for cell in chosen], spans


def stepped_cells(name):
    """Cells (2, n_columns) with parameters, and their population, which knows a recording under a step."""
    neuron = get_neuron(name)
    cells = json.loads((REFERENCE / f"spike_times_{name}.json").read_text())["cells"][:2]
    conductances = [list(cell["conductances_mS_per_cm2"].values()) for cell in cells]
    table = np.column_stack([conductances, *(OWN[parameter.name] for parameter in neuron.parameters)])
    level, start, stop = STEP
    train = neo.SpikeTrain(own_under_step(neuron, table[:1])[0] * pq.ms, t_stop=SWEEP * pq.ms, sweep=0)
    annotate_stimulus(train, Stimulus.steps(0.0, (start, stop, CAPACITANCE * level)))
    block = population_from_conductances(dict(zip(neuron.column_names, table.T, strict=True)), neuron)
    cell = neo.Group([train], name="cell")
    return table, verify_population(block, cell, capacitance=CAPACITANCE * pq.pF)


def own_under_step(neuron, table):
    """Spike times in this package's simulator with a fiftieth of its step, from the start of the sweep."""
    level, start, stop = STEP
    wave = Stimulus.steps(0.0, (start, stop, level))
    fine = {"dt": neuron.time_step / 50}
    held = simulate(neuron, table, SETTLING, keep_states=True, **fine).states
    waves = [(wave.times, wave.currents)]
    return simulate(neuron, table, SWEEP, waves=waves, states=held, **fine).spike_times


def lsoda_under_step(neuron, cell):
    """The same of the plain equations."""
    level, start, stop = STEP

    def current(time):
        return level if start <= time - SETTLING < stop else 0.0

    spikes = solve_adaptively(neuron, cell, SETTLING + SWEEP, current=current, tolerance=TOLERANCE)[0]
    return spikes[spikes >= SETTLING] - SETTLING


def exported(block, target, python, duration, *options):
    """Spike times of each member in a simulator, and the seconds that it took."""
    with tempfile.TemporaryDirectory() as folder:
        export_population(block, folder, target)
        begin = time.perf_counter()
        command = [python, "run.py", "--duration", str(duration), *options]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{target} has failed:\n{done.stdout}\n{done.stderr}")
        seconds = time.perf_counter() - begin
        with (Path(folder) / "spikes.csv").open(newline="") as file:
            rows = [(int(row["member"]), float(row["spike_time_ms"])) for row in csv.DictReader(file)]
    members = range(block.annotations["n_members"])
    return [np.array([time for member, time in rows if member == each]) for each in members], seconds


def difference(trains, expected):
    """The largest difference of a spike time, or numbers of spikes of the first cell where they differ."""
    largest = 0.0
    for times, others in zip(trains, expected, strict=True):
        if len(times) != len(others):
            return f"{len(times)} / {len(others)}"
        if len(times):
            largest = max(largest, np.abs(times - others).max())
    return f"{largest:.2g}"


def from_golden(trains, golden, spans, duration):
    """The same for the golden spike times that are within the run."""
    kept, expected = [], []
    for times, others, (start, stop) in zip(trains, golden, spans, strict=True):
        end = min(stop, duration) - 1.0  # a spike may be on either side of the end
        kept.append(times[(times >= start) & (times < end)])
        expected.append(others[others < end])
    return difference(kept, expected) if any(map(len, expected)) else ""


def print_neuron(name, interpreters, n):
    """The rows of a neuron."""
    neuron = get_neuron(name)
    table, golden, spans = reference_cells(name, n)
    stepped = not len(table)
    if stepped:
        table, block = stepped_cells(name)
        whole = [lsoda_under_step(neuron, cell) for cell in table]
        whole_own = own_under_step(neuron, table)
    else:
        block = population_from_conductances(
            dict(zip(neuron.conductance_names, table.T, strict=True)), neuron
        )
        longest = max(DURATIONS[target] for target in interpreters)
        whole = [solve_adaptively(neuron, cell, longest, tolerance=TOLERANCE)[0] for cell in table]
        whole_own = simulate(neuron, table, longest, dt=neuron.time_step / 50).spike_times
    options = ["--sweep", "0"] if stepped else []
    for target, python in interpreters.items():
        duration = DURATIONS[target]
        try:
            trains, seconds = exported(block, target, python, duration, *options)
        except ValueError as refused:
            print(
                f"| {name} | {target} | refused: {str(refused).split(': ', 1)[-1]} |" + " |" * 5, flush=True
            )
            continue
        lsoda, own = ([times[times < duration] for times in each] for each in (whole, whole_own))
        compared = difference(trains, lsoda), difference(trains, own)
        cells = [
            *(name, target, f"{duration / 1000:g} s", sum(map(len, lsoda)), *compared),
            *("" if stepped else from_golden(trains, golden, spans, duration), f"{seconds:.0f} s"),
        ]
        print("|", " | ".join(map(str, cells)), "|", flush=True)


def print_clamp(name, n):
    """The row of a neuron for each step of a dynamic clamp."""
    neuron, (table, _, _) = get_neuron(name), reference_cells(name, n)
    if not len(table):
        return
    duration, cells = DURATIONS["dynamic-clamp"], [name]
    own = simulate(neuron, table, duration, dt=neuron.time_step / 50).spike_times
    block = population_from_conductances(dict(zip(neuron.conductance_names, table.T, strict=True)), neuron)
    for way in ([], ["--plain"]):
        for step in CLAMP_STEPS:
            try:
                trains = exported(
                    block, "dynamic-clamp", sys.executable, duration, "--step", str(step), *way
                )[0]
                cells.append(difference(trains, own))
            except SystemExit as failed:
                cells.append("runs away" if "runs away" in str(failed) else "failed")
    print("|", " | ".join(cells), "|", flush=True)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("neurons", nargs="*", metavar="NEURON", help="default: all")
    for target in set(DURATIONS) - set(HERE):
        named = f"{target.upper()}_PYTHON"
        parser.add_argument(
            f"--{target}-python", metavar="PYTHON", default=os.environ.get(named),
            help=f"interpreter that has {target} (default: that of the variable {named})",
        )  # fmt: skip
    parser.add_argument(
        "--targets", nargs="+", choices=DURATIONS, default=list(DURATIONS), help="default: all"
    )
    parser.add_argument("--clamp", action="store_true", help="the dynamic clamp alone, at several steps")
    parser.add_argument("--cells", type=int, default=2, help="of each neuron")
    arguments = parser.parse_args()
    if arguments.clamp:
        columns = [f"{way}, {1000 * step:g} µs" for way in ("held", "plain") for step in CLAMP_STEPS]
        print("| neuron |", " | ".join(columns), "|\n" + "|---" * (1 + len(columns)) + "|")
        for name in arguments.neurons or list_neurons():
            print_clamp(name, arguments.cells)
        return
    given = {
        target: sys.executable if target in HERE else getattr(arguments, f"{target}_python")
        for target in arguments.targets
    }
    interpreters = {target: python for target, python in given.items() if python}
    if not interpreters:
        parser.error(f"give an interpreter that has one of {', '.join(arguments.targets)}")
    names = arguments.neurons or list_neurons()
    print("| neuron | simulator | run | spikes | LSODA | this package | golden | took |\n" + "|---" * 8 + "|")
    for name in names:
        print_neuron(name, interpreters, arguments.cells)


if __name__ == "__main__":
    main()
