"""How long the first result takes in a new process, how much processor time, and how much memory.

    python benchmarks/startup.py [--repeats 3] [--rows 'elephant-dic --help' ...]

Each step is a process of its own, from its start to its end, with warm disk caches: medians of the repeats,
and the largest resident memory. Processor time is that of all its threads and of the processes that it
starts. The kernels are compiled before, except in the rows "nothing compiled", whose processes have an empty
folder for what numba keeps, as after installation. Linux and macOS only.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

NOTHING_COMPILED = ", nothing compiled"
TRAIN = "from elephant_dic import *; t = read_spiketrains(__import__('elephant_dic.examples', fromlist=['x'])"
TRAIN += ".example_path())[0]; "


def command(*argv):
    """Code that runs the command; EXAMPLE stands for the path of the example."""
    return (
        "from elephant_dic.cli import main; from elephant_dic.examples import example_path; "
        f"main([str(example_path()) if each == 'EXAMPLE' else each for each in {list(argv)!r}])"
    )


STEPS = {
    "Python alone": "pass",
    "import numpy, neo": "import numpy, neo",
    "import elephant_dic": "import elephant_dic",
    "elephant-dic --help": command("--help"),
    "elephant-dic neurons": command("neurons"),
    "elephant-dic inspect, the example": command("inspect", "EXAMPLE"),
    "elephant-dic reconstruct --example": command("reconstruct", "--example", "--seed", "1"),
    "read the example, find its spikes": TRAIN,
    "infer_dics": TRAIN + "infer_dics(t)",
    "reconstruct, 500 models, no simulation": TRAIN + "reconstruct(t, verify=False, seed=1)",
    "reconstruct, 100 verified models": TRAIN + "reconstruct(t, n_models=100, seed=1)",
    "simulate 1,000 models, 6 s": "from elephant_dic import *; "
    "simulate_population(generate_population({'g_s': -5, 'g_u': 8}, n_models=1000, seed=1), seed=1)",
}
STEPS |= {
    name + NOTHING_COMPILED: STEPS[name] for name in ("infer_dics", "elephant-dic reconstruct --example")
}


def run(name):
    """Seconds of a process, processor seconds, and its largest memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        first = {"NUMBA_CACHE_DIR": folder} if name.endswith(NOTHING_COMPILED) else {}
        begin = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", STEPS[name]], env=os.environ | first,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, name)
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * unit / 1e6


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--rows", nargs="+", choices=STEPS, default=list(STEPS), metavar="ROW")
    arguments = parser.parse_args()
    print("| what the process does | s | processor s | largest memory, MB |\n|---|---|---|---|")
    for name in arguments.rows:
        if not name.endswith(NOTHING_COMPILED):
            run(name)  # compiles what is not compiled, and reads what is not in the cache
        seconds, processor, memory = zip(*(run(name) for _ in range(arguments.repeats)), strict=True)
        print(
            f"| {name} | {statistics.median(seconds):.2f} | {statistics.median(processor):.2f} | "
            f"{max(memory):.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
