"""Choose the library of a neuron from its training set: ``make_library.py NEURON SET OUT.npz``."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from elephant_dic import get_neuron
from elephant_dic.search.library import make_library, save_library
from elephant_dic.trains import ACTIVITIES


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("neuron")
    parser.add_argument("set", type=Path, help="folder of the training set")
    parser.add_argument("output", type=Path)
    parser.add_argument("--cells", type=int, default=15_000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    paths = sorted(args.set.glob("chunk_*.npz"))
    neuron = get_neuron(args.neuron)
    library = make_library(neuron, paths, args.cells, args.seed)
    made = f"make_library({args.neuron!r}, {len(paths)} chunks of its set, {args.cells}, {args.seed})"
    save_library(library, neuron, args.output, made)
    counts = np.bincount(library.activity, minlength=len(ACTIVITIES))
    print(f"{made}: {dict(zip(ACTIVITIES, counts.tolist(), strict=True))}")


if __name__ == "__main__":
    main()
