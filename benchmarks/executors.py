"""How well work spreads over two workers of each kind: threads, processes, dask, MPI.

    python benchmarks/executors.py [--seconds 60] [--neuron stg] [--kinds threads processes dask mpi]

The same cells are simulated by one worker and by two, in turns; the efficiency is t1 / (2 t2). It tells what
the executor costs only if the machine has nothing else to do, so the load is printed too. Workers are warm
(started, kernel loaded); how long their start took is printed apart.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from elephant_dic import get_neuron
from elephant_dic.neurons.compensation import compensated_population
from elephant_dic.simulation import simulate
from elephant_dic.training.sets import draw_targets

DURATION = 6000.0  # ms


def make_cells(neuron, n):
    rng = np.random.default_rng(0)
    table, _ = compensated_population(
        neuron, draw_targets(neuron, n, rng), rng, redraw=lambda m: draw_targets(neuron, m, rng)
    )
    return table


def measure(executor, neuron, table):
    """Seconds, and a digest of all spikes."""
    begin = time.perf_counter()
    run = simulate(neuron, table, DURATION, executor=executor)
    seconds = time.perf_counter() - begin
    return seconds, hashlib.sha256(np.concatenate(run.spike_times).tobytes()).hexdigest()[:12]


@contextmanager
def threads(n):
    with ThreadPoolExecutor(n) as executor:
        yield executor


@contextmanager
def processes(n):
    with ProcessPoolExecutor(n, multiprocessing.get_context("spawn")) as executor:
        yield executor


@contextmanager
def dask(n):
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=n, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client.get_executor()


@contextmanager
def mpi(n):
    from mpi4py.futures import MPIPoolExecutor

    with MPIPoolExecutor(n) as executor:
        yield executor


KINDS = {"threads": threads, "processes": processes, "dask": dask, "mpi": mpi}


def run_once(kind, n_workers, neuron, n_cells):
    """Start workers, warm them up, measure: seconds of start, seconds of work, digest."""
    if kind == "mpi" and "--once" not in sys.argv:
        return run_under_mpiexec(n_workers, neuron, n_cells)
    table = make_cells(neuron, n_cells)
    begin = time.perf_counter()
    with KINDS[kind](n_workers) as executor:
        simulate(neuron, table[: 64 * n_workers], 100.0, executor=executor)
        start = time.perf_counter() - begin
        return start, *measure(executor, neuron, table)


def run_under_mpiexec(n_workers, neuron, n_cells):
    here = str(Path(sys.executable).parent)
    mpiexec = shutil.which("mpiexec", path=here) or shutil.which("mpiexec")
    once = ["--once", str(n_workers), "--neuron", neuron.name, "--cells", str(n_cells)]
    command = [mpiexec, "-n", str(n_workers + 1), sys.executable, "-m", "mpi4py.futures", __file__, *once]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def call_overhead(neuron):
    """ms of a call of `simulate` beside the simulation, with threads of its own."""
    table = make_cells(neuron, 100)
    simulate(neuron, table, 1.0)
    times = []
    for _ in range(200):
        begin = time.perf_counter()
        simulate(neuron, table, 1e-3)
        times.append(time.perf_counter() - begin)
    return 1000 * np.median(times)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="of work for one worker")
    parser.add_argument("--neuron", default="stg")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--repeats", type=int, default=2, help="of which the best counts")
    parser.add_argument("--cells", type=int, help="instead of --seconds")
    parser.add_argument("--once", type=int, help=argparse.SUPPRESS)  # what mpiexec runs
    return parser.parse_args()


def main():
    args = parse_arguments()
    neuron = get_neuron(args.neuron)
    if args.once:
        print(json.dumps(run_once("mpi", args.once, neuron, args.cells)))
        return
    print(f"call of simulate with 100 cells, beside the simulation: {call_overhead(neuron):.2f} ms")
    n_cells = args.cells
    if n_cells is None:
        seconds, _ = measure(ThreadPoolExecutor(1), neuron, make_cells(neuron, 512))
        n_cells = int(512 * args.seconds / seconds)
    print(f"{n_cells} {neuron.name} cells of {DURATION / 1000:g} s")
    print("kind       start of 2  1 worker  2 workers  efficiency  cells/s (2)  load  digest")
    for kind in args.kinds:
        best = {1: np.inf, 2: np.inf}
        digests = set()
        for _ in range(args.repeats):
            for n_workers in (1, 2):
                start, seconds, digest = run_once(kind, n_workers, neuron, n_cells)
                best[n_workers] = min(best[n_workers], seconds)
                digests.add(digest)
        print(
            f"{kind:9}  {start:8.1f} s  {best[1]:6.1f} s  {best[2]:7.1f} s  {best[1] / (2 * best[2]):10.0%}"
            f"  {n_cells / best[2]:11.0f}  {os.getloadavg()[0]:4.1f}  {' '.join(sorted(digests))}",
            flush=True,
        )


if __name__ == "__main__":
    main()
