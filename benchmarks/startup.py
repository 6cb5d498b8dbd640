"""How long the first result takes in a new process, and how much memory.

    python benchmarks/startup.py [--repeats 3]

Each step is a process of its own, from its start to its end, with warm disk caches and the kernels compiled
before: best of the repeats, and the largest resident memory. Linux and macOS only.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time

TRAIN = "from elephant_dic import *; t = read_spiketrains(__import__('elephant_dic.examples', fromlist=['x'])"
TRAIN += ".example_path())[0]; "
STEPS = {
    "Python alone": "pass",
    "import numpy, neo": "import numpy, neo",
    "import elephant_dic": "import elephant_dic",
    "elephant-dic neurons": "from elephant_dic.cli import main; main(['neurons'])",
    "read the example, find its spikes": TRAIN,
    "infer_dics": TRAIN + "infer_dics(t)",
    "reconstruct, 500 models, no simulation": TRAIN + "reconstruct(t, verify=False, seed=1)",
    "reconstruct, 100 verified models": TRAIN + "reconstruct(t, n_models=100, seed=1)",
    "simulate 1,000 models, 6 s": "from elephant_dic import *; "
    "simulate_population(generate_population({'g_s': -5, 'g_u': 8}, n_models=1000, seed=1), seed=1)",
}
_MEASURE = """
import resource, sys
exec(sys.argv[1])
unit = 1 if sys.platform == "darwin" else 1024
print("MEMORY", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)
"""


def run(code):
    """Seconds of a process, and its largest memory in MB."""
    begin = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", _MEASURE, code], check=True, stdout=output,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        seconds = time.perf_counter() - begin
        output.seek(0)
        memory = next(line for line in output if line.startswith("MEMORY"))
    return seconds, int(memory.split()[1]) / 1e6


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    print("| what the process does | s | largest memory, MB |\n|---|---|---|")
    for name, code in STEPS.items():
        run(code)  # compiles what is not compiled, and reads what is not in the cache
        results = [run(code) for _ in range(arguments.repeats)]
        print(f"| {name} | {min(s for s, _ in results):.2f} | {max(m for _, m in results):.0f} |", flush=True)


if __name__ == "__main__":
    main()
