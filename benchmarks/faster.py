"""Processor time of two builds of the package, side by side: populations of the same cells.

    python benchmarks/faster.py OLD NEW [--neurons stg da] [--models 100 500] [--rounds 3] [--cells 4]

OLD and NEW are the interpreters of two virtual environments, each with a build of the package. Cells are
those of `truth.py`, half of them of the reference family, half with any conductances, tonic and bursting in
turn; their spike times are handed over in a file. The two builds run alternately, in processes of their own,
after one population that is not counted. Seconds are the processor time of `reconstruct` (all threads);
figures are medians over rounds and cells.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from truth_cells import targets

#: What each build runs: it has to work with any version of the package.
_RUN = """
import json, sys, time, warnings
import neo, numpy as np
from elephant_dic import reconstruct
warnings.simplefilter("ignore")
path, neuron, n_models = sys.argv[1], sys.argv[2], int(sys.argv[3])
with np.load(path) as file:
    trains = [neo.SpikeTrain(file[key], units="ms", t_stop=file[key][-1] + 1) for key in sorted(file.files)]
reconstruct(trains[0], neuron, 5, seed=0)
found = []
for seed, train in enumerate(trains):
    begin = time.process_time()
    block = reconstruct(train, neuron, n_models, seed=seed)
    seconds = time.process_time() - begin
    known = json.loads(block.annotations["elephant_dic"])["verification"]
    found.append((seconds, known["n_matching"] / n_models, known["n_simulated"] / n_models))
print(json.dumps(found))
"""


def run(python, path, neuron, n_models):
    """(n_cells, 3): seconds, share of the models found, simulations a model."""
    command = [python, "-c", _RUN, str(path), neuron, str(n_models)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=path.parent)
    return np.array(json.loads(done.stdout.splitlines()[-1]))


def main():
    """Print a line a neuron, class and number of models."""
    parser = argparse.ArgumentParser(description="two builds side by side")
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--neurons", nargs="+", default=["stg", "da"])
    parser.add_argument("--models", nargs="+", type=int, default=[100, 500])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cells", type=int, default=4, help="of each class")
    arguments = parser.parse_args()
    print(
        "| neuron, class, models | old: s | new: s | new / old | found, old and new | simulations a model |"
    )
    print("|---" * 6 + "|")
    for neuron in arguments.neurons:
        half = arguments.cells // 2
        cells = [cell for kind in ("family", "broad") for cell in targets(neuron, kind, half)]
        for activity in ("tonic", "bursting"):
            chosen = [times for known, _, times in cells if known == activity]
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "trains.npz"
                np.savez(path, **{f"{i:03d}": times for i, times in enumerate(chosen)})
                for n_models in arguments.models:
                    rounds = [
                        [run(python, path, neuron, n_models) for python in (arguments.old, arguments.new)]
                        for _ in range(arguments.rounds)
                    ]
                    old, new = np.median(rounds, axis=0).transpose(0, 2, 1)
                    print(
                        f"| {neuron}, {activity}, {n_models} "
                        f"| {np.median(old[0]):.2f} | {np.median(new[0]):.2f} "
                        f"| {np.median(new[0] / old[0]):.2f} | {old[1].mean():.3f}, {new[1].mean():.3f} "
                        f"| {np.median(old[2]):.1f}, {np.median(new[2]):.1f} |",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
