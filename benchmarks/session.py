"""A whole session: killed on the way, through dask, and with ten thousand units.

    python benchmarks/session.py killed FOLDER --nwb FILE [--units 200] [--n-models 3]
    python benchmarks/session.py many FOLDER [--units 10000] [--workers 2]

`killed` repeats the units of an NWB file under other names, writes a folder as Kilosort leaves it with
cells of the STG neuron, and reconstructs all of them by one command: once undisturbed, once killed (SIGKILL)
twice on the way and run again, and once by two workers of dask. Tables, but for the seconds, and all
populations must be equal byte for byte. `many` reconstructs units of regular cells through dask, without
simulations, and prints the memory of the calling process as it goes on. Both work in FOLDER, which must not
exist.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path

import numpy as np

from elephant_dic import get_neuron, read_spiketrains, reconstruct_session
from elephant_dic.neurons.compensation import compensated_population
from elephant_dic.session import workers
from elephant_dic.session.journal import Journal
from elephant_dic.simulation import simulate
from elephant_dic.training.sets import draw_targets

RATE, SECONDS, START = 30_000.0, 20.0, 3.0
COMMAND = [
    sys.executable,
    "-W",
    "ignore",
    "-c",
    "import sys; from elephant_dic.cli import main; sys.exit(main())",
]


def write_kilosort(folder, trains):
    """A folder as Kilosort leaves it, of spike times in ms."""
    samples = np.concatenate([np.round(RATE / 1000 * times).astype(np.int64) for times in trains])
    clusters = np.repeat(np.arange(len(trains)), [len(times) for times in trains])
    order = np.argsort(samples, kind="stable")
    folder.mkdir(parents=True)
    np.save(folder / "spike_times.npy", samples[order])
    np.save(folder / "spike_clusters.npy", clusters[order])
    (folder / "params.py").write_text(
        f"dat_path = 'raw.dat'\nn_channels_dat = 4\ndtype = 'int16'\noffset = 0\nsample_rate = {RATE}\n"
    )


def stg_trains(n):
    """Spike times of n cells of the STG neuron, of which the last has 3 spikes."""
    neuron, rng = get_neuron("stg"), np.random.default_rng(1)
    cells, _ = compensated_population(
        neuron, draw_targets(neuron, n, rng), rng, redraw=lambda m: draw_targets(neuron, m, rng)
    )
    run = simulate(neuron, cells, 1000 * (START + SECONDS))
    trains = [times[times > 1000 * START] - 1000 * START for times in run.spike_times]
    trains[-1] = trains[-1][:3]
    return trains


def write_day(folder, nwb, n_units):
    """As many copies of the file as make three quarters of the units, and a folder of Kilosort."""
    folder.mkdir(parents=True)
    n_each = len(read_spiketrains(nwb))
    n_copies = max(1, 3 * n_units // 4 // n_each)
    for i in range(n_copies):
        shutil.copy(nwb, folder / f"day{i}.nwb")
    write_kilosort(folder / "kilosort", stg_trains(n_units - n_copies * n_each))


def lines_of(folder):
    with open(folder / "session.csv", newline="", encoding="utf-8") as file:
        return [
            {key: value for key, value in row.items() if key != "seconds"} for row in csv.DictReader(file)
        ]


def populations_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.glob("cells/*/*")}


def run(day, out, n_models, *more, kill_at=None):
    """Run the command, and kill it once so many cells are done; seconds, and how many were done then."""
    argv = ["reconstruct", str(day), "--all", "-o", str(out), "--n-models", str(n_models), "--seed", "1"]
    journal, begin = out / "cells.jsonl", time.perf_counter()
    with subprocess.Popen([*COMMAND, *argv, "--format", ".csv", *more]) as process:
        while kill_at is not None and process.poll() is None:
            if journal.exists() and journal.read_bytes().count(b"\n") >= kill_at:
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.01)
    if kill_at is None and process.returncode:
        raise SystemExit(f"the command has failed: {process.returncode}")
    return time.perf_counter() - begin, journal.read_bytes().count(b"\n")


def killed(arguments):
    folder, n = arguments.folder, arguments.units
    write_day(folder / "day", arguments.nwb, n)
    whole, broken, dask = (folder / name for name in ("whole", "broken", "dask"))
    one = ("--executor", "1")
    seconds, _ = run(folder / "day", whole, arguments.n_models, *one)
    print(f"{n} units, undisturbed, one process: {seconds:.0f} s\n")
    parts = [run(folder / "day", broken, arguments.n_models, *one, kill_at=at) for at in (n // 4, 2 * n // 3)]
    parts.append(run(folder / "day", broken, arguments.n_models, *one))
    done = [n_done for _, n_done in parts]
    each = " + ".join(f"{seconds:.0f}" for seconds, _ in parts)
    print(f"killed with {done[0]} and {done[1]} cells done, then to the end: {each} s, of which")
    print(f"{done[2]} lines are in the journal")
    with start_dask(2) as address:
        seconds, _ = run(folder / "day", dask, arguments.n_models, "--executor", f"dask:{address}")
    print(f"by two workers of dask: {seconds:.0f} s\n")
    print("| | lines of the table | equal to undisturbed | populations | equal to undisturbed |")
    print("|---|---|---|---|---|")
    for out in (broken, dask):
        lines, populations = lines_of(out), populations_of(out)
        same = lines == lines_of(whole), populations == populations_of(whole)
        print(f"| {out.name} | {len(lines)} | {same[0]} | {len(populations)} | {same[1]} |")


class start_dask:
    """A scheduler with n workers of one thread each, in a process of its own."""

    def __init__(self, n):
        self.code = (
            "import sys\nfrom distributed import LocalCluster\nif __name__ == '__main__':\n"
            f"    options = dict(n_workers={n}, threads_per_worker=1, dashboard_address=None)\n"
            "    with LocalCluster(**options) as cluster:\n"
            "        print(cluster.scheduler_address, flush=True)\n        sys.stdin.read()\n"
        )

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", self.code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self.process.stdout.readline().strip()

    def __exit__(self, *_):
        self.process.communicate("")


def write_many(folder, n, n_each=500):
    """Folders as Kilosort leaves them, of regular cells of 100 to 500 spikes, n_each in a folder."""
    rng = np.random.default_rng(2)
    for number in range(0, n, n_each):
        periods = rng.uniform(60, 200, min(n_each, n - number))
        trains = [np.cumsum(rng.normal(each, 0.02 * each, rng.integers(100, 500))) for each in periods]
        write_kilosort(folder / f"part{number // n_each:03d}", trains)


def memory():
    """MB of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def bytes_a_cell(folder, n=100_000):
    """What the calling process keeps of each cell that is done: its key, and where its line is."""
    tracemalloc.start()
    with Journal(folder) as journal:
        before = tracemalloc.get_traced_memory()[0]
        keys = tuple(i.to_bytes(8) for i in range(n))
        for key in keys:
            journal.add(key, {})
        kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return kept / n


def many(arguments):
    folder, n = arguments.folder, arguments.units
    write_many(folder / "day", n)
    out, stop, samples = folder / "out", threading.Event(), []

    def watch():
        while not stop.wait(2.0):
            journal = out / "cells.jsonl"
            samples.append((journal.read_bytes().count(b"\n") if journal.exists() else 0, memory()))

    watcher = threading.Thread(target=watch)
    with start_dask(arguments.workers) as address, workers(f"dask:{address}") as executor:
        begin, before = time.perf_counter(), memory()
        watcher.start()
        table = reconstruct_session(
            folder / "day", out, n_models=10, verify=False, seed=1, suffix=".csv", executor=executor,
        )  # fmt: skip
        seconds = time.perf_counter() - begin
    stop.set()
    watcher.join()
    with open(table, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    cost = sum(float(row["seconds"]) for row in rows)
    print(f"{len(rows):,} units through {arguments.workers} workers of dask in {seconds:.0f} s, "
          f"{1000 * cost / len(rows):.1f} ms of a core each\n")  # fmt: skip
    print("| cells done | memory of the caller, MB |\n|---|---|")
    print(f"| before | {before:.0f} |")
    for share in (0, 0.1, 0.25, 0.5, 0.75, 0.9):
        at = next(sample for sample in samples if sample[0] > share * n)
        print(f"| {at[0]:,} | {at[1]:.0f} |")
    print(f"\nmost, at any time: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"on disk: {size / len(rows) / 1000:.1f} kB a cell")
    journal = (out / "cells.jsonl").stat().st_size
    print(f"of which the journal: {journal / len(rows) / 1000:.1f} kB a cell")
    print(f"kept in the calling process of each cell that is done: {bytes_a_cell(folder):.0f} bytes")


def main():
    """Run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    each = kinds.add_parser("killed")
    each.add_argument("folder", type=Path)
    each.add_argument("--nwb", type=Path, required=True, help="a recording with units")
    each.add_argument("--units", type=int, default=200)
    each.add_argument("--n-models", type=int, default=3)
    each = kinds.add_parser("many")
    each.add_argument("folder", type=Path)
    each.add_argument("--units", type=int, default=10_000)
    each.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    {"killed": killed, "many": many}[arguments.kind](arguments)


if __name__ == "__main__":
    main()
