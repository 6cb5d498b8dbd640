"""Make the spike times of tests/reference/neuron_spike_times.json again: the same cells in NEURON.

    pip install neuron numpy        # in an environment of its own; needs a C++ compiler, not this package
    python benchmarks/golden/neuron_spike_times.py [--write]

benchmarks/peers/with_neuron.py makes a mechanism of the equations in benchmarks/peers/equations.py, which
were written apart from the declaration, and runs it with variable steps at a relative tolerance of 1e-8. The
cells are those of spike_times.json that the file names. Only `--write` changes it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "reference"
DURATION = 1000.0  # ms
sys.path.insert(0, str(ROOT / "benchmarks" / "peers"))


def main():
    """Simulate, compare, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="replace the stored times")
    arguments = parser.parse_args()
    try:
        from with_neuron import compile_mechanism, simulate

        release = version("neuron")
    except ImportError as error:  # also of a package without metadata
        parser.error(f"NEURON is not installed ({error}): pip install neuron")
    path = FOLDER / "neuron_spike_times.json"
    kept = json.loads(path.read_text(encoding="utf-8"))["stg"]
    cells = json.loads((FOLDER / "spike_times.json").read_text(encoding="utf-8"))["stg"]
    table = np.array([list(cells[each["cell"]]["conductances_mS_per_cm2"].values()) for each in kept])
    with tempfile.TemporaryDirectory() as folder:
        compile_mechanism(folder)
        trains = simulate(table, DURATION)
    for each, times in zip(kept, trains, strict=True):
        stored, each["spike_times_ms"] = each["spike_times_ms"], [round(float(time), 4) for time in times]
        error = f"{len(stored)} stored"
        if len(stored) == len(times):
            error = f"largest difference {np.abs(times - stored).max():.1e} ms"
        print(f"stg {each['cell']}: {len(times)} spikes, {error}")
    if arguments.write:
        source = (
            f"NEURON {release}, benchmarks/golden/neuron_spike_times.py, variable steps at a relative "
            "tolerance of 1e-8, 1 s from the start; cells are those of spike_times.json"
        )
        lines = ",\n".join(map(json.dumps, kept))
        path.write_text(f'{{\n"source": {json.dumps(source)},\n"stg": [\n{lines}\n]\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
