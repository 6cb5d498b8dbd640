"""Kills `train` and saves at random moments, and looks whether what goes on then ends as if nothing had been.

    python benchmarks/killed.py --kills 20

A training of few cells is killed (SIGKILL, with all its workers) at random moments, begun again, and so on;
its cells, networks and library must be those of a training that was left alone. A process that does nothing
but save a population is killed as often; after each kill the file must be one of the two that it writes in
turn, whole, and after one more save nothing else may be in the folder.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from elephant_dic import generate_population, load_population, provenance, save_population

TRAIN = """
import sys
from pathlib import Path
from elephant_dic.search import train_library
from elephant_dic.training import network, sets, train_emulator, train_regressor
sets.CELLS_PER_CHUNK = network.CELLS_PER_CHUNK = 100  # many small steps
if __name__ == "__main__":
    options = {"n_cells": int(sys.argv[2]), "seed": 3, "epochs": 2}
    train_regressor("stg", Path(sys.argv[1]), **options)
    train_emulator("stg", Path(sys.argv[1]), **options)
    train_library("stg", Path(sys.argv[1]))
"""
SAVE = """
import itertools, sys
from elephant_dic import load_population, save_population
blocks = [load_population(path) for path in sys.argv[2:]]
print("ready", flush=True)
for block in itertools.cycle(blocks):
    save_population(block, sys.argv[1])
"""


def started(code, *arguments, **options):
    """A Python process of its own group."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)], start_new_session=True, text=True, **options
    )


def kill(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def cards(folder):
    """What the cards say, which hold the hashes of the weights, without their dates."""
    found = {path.name: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
    return {name: {key: card[key] for key in card if key != "created"} for name, card in found.items()}


def alike(path, other):
    """Whether two .npz files hold the same arrays."""
    with np.load(path) as one, np.load(other) as two:
        return set(one) == set(two) and all(
            np.array_equal(one[key], two[key], equal_nan=one[key].dtype.kind == "f") for key in one
        )


def train(folder, n_cells, limit=None):
    """Train in a folder for at most so many seconds; how many it took, None if it was killed."""
    script, begun = folder.parent / "train.py", time.monotonic()
    script.write_text(TRAIN)
    process = subprocess.Popen(
        [sys.executable, script, folder, str(n_cells)], start_new_session=True, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(limit)
    except subprocess.TimeoutExpired:
        kill(process)
        return None
    if process.returncode:
        raise SystemExit(f"training failed: {process.returncode}")
    return time.monotonic() - begun


def check_training(n_cells, n_kills, rng):
    with tempfile.TemporaryDirectory() as place:
        alone, killed = Path(place, "alone"), Path(place, "killed")
        whole = train(alone, n_cells)
        n_killed = 0
        while n_killed < n_kills and train(killed, n_cells, rng.uniform(0, whole)) is None:
            n_killed += 1
        train(killed, n_cells)
        same = cards(alone) == cards(killed)
        files = [sorted(path.relative_to(folder) for path in folder.rglob("*")) for folder in (alone, killed)]
        arrays = [path.relative_to(alone) for path in alone.rglob("*.npz")]
        chunks = files[0] == files[1] and all(alike(alone / path, killed / path) for path in arrays)
        print(
            f"training of {n_cells:,} cells, {whole:.0f} s alone, killed {n_killed} times: "
            f"networks {'the same' if same else 'DIFFERENT'}, "
            f"cells {'the same' if chunks else 'DIFFERENT'}, "
            f"files {'the same' if files[0] == files[1] else 'DIFFERENT'}"
        )
        return same and chunks and files[0] == files[1]


def check_saves(suffix, n_kills, rng):
    with tempfile.TemporaryDirectory() as place:
        sources = [Path(place, f"{seed}.nix") for seed in (1, 2)]
        for seed, source in enumerate(sources, 1):
            save_population(generate_population({"g_s": -5, "g_u": 8}, n_models=200, seed=seed), source)
        folder = Path(place, "there")
        folder.mkdir()
        target, n_whole, n_left = folder / f"population{suffix}", 0, 0
        save_population(load_population(sources[0]), target)
        for _ in range(n_kills):
            process = started(SAVE, target, *sources, stdout=subprocess.PIPE)
            process.stdout.readline()
            time.sleep(rng.uniform(0, 0.3))
            kill(process)
            n_left += len(list(folder.iterdir())) > 1
            n_whole += provenance(load_population(target))["seed"] in (1, 2)
        save_population(load_population(sources[0]), target)
        clean = [path.name for path in folder.iterdir()] == [target.name]
        print(
            f"save of {suffix} killed {n_kills} times, {n_left} of them within a save: "
            f"{n_whole} files whole, folder {'clean' if clean else 'NOT CLEAN'}"
        )
        return n_whole == n_kills and clean


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--cells", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--without-training", action="store_true")
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    held = [check_saves(suffix, args.kills, rng) for suffix in (".nix", ".nwb", ".csv", ".mat")]
    if not args.without_training:
        held.append(check_training(args.cells, args.kills, rng))
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
