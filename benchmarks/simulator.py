"""The simulator beside others: the same cells, the same time, one after the other on one core.

    python benchmarks/simulator.py [--neuron stg da pyloric] [--cells 200] [--peers PYTHON] [--scaling]

A table a neuron. Each simulator runs in a process of its own, pinned to one thread; of runs of less than 5 s
the fastest of five counts. scipy solves the right-hand side of the declarations; NEURON, Brian2 and Jaxley
simulate STG cells alone, with PYTHON, the interpreter of an environment that has them (Brian2 2.9 needs
numpy < 2.4). Slow ones get fewer cells, said in the table. Errors are against LSODA at a relative tolerance
of 1e-8, over the cells that all have run: of the rate of tonic cells, and the largest of the four figures of
bursting ones that keep to one number of spikes a burst. Memory is the largest of the process. Prints a
Markdown table. Linux only.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from peers.report import report

from elephant_dic import get_neuron
from elephant_dic.simulation import simulate
from elephant_dic.training.sets import draw_cells
from elephant_dic.trains import firing_of

PEERS = Path(__file__).parent / "peers"
#: Of each cell: enough for the bursts of the neuron.
SECONDS = {"stg": 6.0, "da": 12.0, "pyloric": 10.0}
TRANSIENT = 0.5  # of the time simulated
SHORT = 5.0  # s
EXACT = ("scipy", "LSODA", "1e-8")
#: Name, and the arguments of the script that runs it.
RUNS = {
    "elephant_dic": ("own",),
    "elephant_dic, half the step": ("own", "2"),
    "scipy LSODA, rtol 1e-8": EXACT,
    "scipy LSODA, rtol 1e-3": ("scipy", "LSODA", "1e-3"),
    "scipy BDF, rtol 1e-3": ("scipy", "BDF", "1e-3"),
    "NEURON, dt 0.025": ("with_neuron.py", "0.025"),
    "NEURON, variable step 1e-8": ("with_neuron.py",),
    "Brian2 C++, dt 0.025": ("with_brian2.py", "0.025", "cpp_standalone"),
    "Brian2 Cython, dt 0.025": ("with_brian2.py", "0.025", "cython"),
    "Jaxley, dt 0.025": ("with_jaxley.py", "0.025"),
}


def make_cells(neuron, n):
    return draw_cells(get_neuron(neuron), n, np.random.default_rng(0))


def run_own(neuron, table, duration, finer=None):
    begin = time.perf_counter()
    with ThreadPoolExecutor(1) as one:
        dt = finer and neuron.time_step / float(finer)
        simulate(neuron, table[:1], 1.0, executor=one)
        compilation = time.perf_counter() - begin
        begin = time.perf_counter()
        trains = simulate(neuron, table, duration, dt=dt, executor=one).spike_times
    return trains, time.perf_counter() - begin, compilation


def run_scipy(neuron, table, duration, method, tolerance):
    """Cell by cell, with the package's plain reading of a declaration as right-hand side."""
    from scipy.integrate import solve_ivp

    from elephant_dic.neurons.plain_equations import initial_state, slope

    trains, begin = [], time.perf_counter()

    def crossing(t, state):
        return state[0] - 10

    crossing.direction = 1
    for row in table:
        solution = solve_ivp(
            lambda t, state, row=row: slope(neuron, row, state), (0, duration), initial_state(neuron),
            method=method, rtol=float(tolerance), atol=1e-1 * float(tolerance), max_step=1.0, events=crossing,
        )  # fmt: skip
        trains.append(solution.t_events[0])
    return trains, time.perf_counter() - begin, 0.0


def run_here(kind, neuron, cells, result, duration, *rest):
    run = run_own if kind == "own" else run_scipy
    trains, seconds, compilation = run(get_neuron(neuron), np.load(cells), float(duration), *rest)
    report(result, trains, seconds, compilation)


def run_apart(table, duration, command, peers, neuron="stg"):
    """Spike trains, and what the process said of itself."""
    script, *rest = command
    with tempfile.TemporaryDirectory() as folder:
        cells, result = Path(folder) / "cells.npy", Path(folder) / "result.npz"
        np.save(cells, table)
        arguments = [str(cells), str(result), str(duration), *rest]
        start = [sys.executable, __file__, "--here", script, neuron]
        if script.endswith(".py"):
            start = [peers, str(PEERS / script)]
        one = {name: "1" for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
        one["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        done = subprocess.run(
            [*start, *arguments], capture_output=True, text=True, check=True, env=os.environ | one
        )
        found = np.load(result)
        trains = np.split(found["spikes"], np.cumsum(found["counts"])[:-1])
    return trains, json.loads(done.stdout.splitlines()[-1])


def fastest(*arguments):
    """As `run_apart`: of short runs the fastest of some, since the clock of a machine varies."""
    trains, told = run_apart(*arguments)
    if told["seconds"] < SHORT:
        told = min([told, *(run_apart(*arguments)[1] for _ in range(4))], key=lambda each: each["seconds"])
    return trains, told


def errors(trains, exact, duration):
    """Median and largest error in % of tonic cells, then of bursting ones; how many change their class."""
    tonic, bursting, changed = [], [], 0
    for train, expected in zip(trains, exact, strict=False):
        a, b = (firing_of([times[times >= TRANSIENT * duration]]) for times in (expected, train))
        changed += a.activity != b.activity
        if a.activity != b.activity or a.activity not in ("tonic", "bursting"):
            continue
        names = ("rate",) if a.activity == "tonic" else a.figures()  # CV2 of a clock is next to nothing
        worst = max(abs(getattr(b, name) / getattr(a, name) - 1) for name in names)
        if a.activity == "tonic":
            tonic.append(100 * worst)
        elif abs(a.spikes_per_burst - round(a.spikes_per_burst)) < 1e-9:
            bursting.append(100 * worst)
    return *(_median_and_largest(values) for values in (tonic, bursting)), changed


def _median_and_largest(values):
    return f"{np.median(values):.3f}, {max(values):.3f}" if values else "none"


def compare(neuron, args):
    table, duration = make_cells(neuron, args.cells), 1000 * SECONDS[neuron]
    few = {"scipy": args.slow_cells, "with_neuron.py": args.slow_cells}
    exact, _ = run_apart(table[: args.slow_cells], duration, EXACT, args.peers, neuron)
    print(
        f"\n{neuron}: {SECONDS[neuron]:g} s of each cell; load of the machine at the start "
        f"{os.getloadavg()[0]:.1f}\n"
    )
    print(
        "| simulator | cells | cells/s | ratio | tonic, % | bursting, % | class differs | MB | compiles, s |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    own = None
    for name, command in RUNS.items():
        if command[0].endswith(".py") and (neuron != "stg" or not args.peers):
            continue
        n = few.get(command[0], args.cells)
        try:
            trains, told = fastest(table[:n], duration, command, args.peers, neuron)
        except subprocess.CalledProcessError as error:
            reason = (error.stderr.strip().splitlines() or ["failed"])[-1]
            print(f"| {name} | does not run: {reason} |", flush=True)
            continue
        speed = n / told["seconds"]
        own = own or speed
        figures = " | ".join(map(str, errors(trains, exact, duration)))
        memory = f"{told['memory']:.0f}" if told["memory"] else "-"
        print(
            f"| {name} | {n} | {speed:.3g} | {own / speed:.3g} | {figures} | {memory} "
            f"| {told['compilation']:.1f} |",
            flush=True,
        )


def scaling():
    """Seconds and peak memory for ever more cells, and for ever longer runs."""
    print("| cells | ms | s | us a cell and ms | MB |\n|---|---|---|---|---|")
    for n, duration in [(10, 100), (100, 100), (1000, 100), (10_000, 100), (100_000, 100),
                        (100, 1000), (100, 10_000), (100, 100_000)]:  # fmt: skip
        table = np.resize(make_cells("stg", min(n, 1000)), (n, 8))
        _, told = run_apart(table, float(duration), ("own",), None)
        cost = 1e6 * told["seconds"] / (n * duration)
        print(f"| {n} | {duration} | {told['seconds']:.2f} | {cost:.2f} | {told['memory']:.0f} |", flush=True)


def main():
    if sys.argv[1:2] == ["--here"]:
        return run_here(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--neuron", nargs="+", choices=SECONDS, default=list(SECONDS), metavar="NAME")
    parser.add_argument("--cells", type=int, default=200)
    parser.add_argument("--slow-cells", type=int, default=20, help="of scipy and NEURON")
    parser.add_argument("--peers", help="interpreter of an environment with NEURON, Brian2 and Jaxley")
    parser.add_argument("--scaling", action="store_true", help="cells and time instead of other simulators")
    args = parser.parse_args()
    if args.scaling:
        return scaling()
    for neuron in args.neuron:
        compare(neuron, args)


if __name__ == "__main__":
    main()
