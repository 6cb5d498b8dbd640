"""Make the library of a neuron: ``python benchmarks/make_library.py NEURON --cells N --seed S OUT.npz``."""

from __future__ import annotations

import argparse

import numpy as np

from elephant_dic import get_neuron
from elephant_dic.firing import ACTIVITIES
from elephant_dic.library import make_library, save_library


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("neuron")
    parser.add_argument("output")
    parser.add_argument("--cells", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    library = make_library(get_neuron(args.neuron), args.cells, args.seed)
    command = f"make_library({args.neuron!r}, n_cells={args.cells}, seed={args.seed})"
    save_library(library, args.output, command)
    counts = np.bincount(library.activity, minlength=len(ACTIVITIES))
    print(f"{command}: {dict(zip(ACTIVITIES, counts.tolist(), strict=True))}")


if __name__ == "__main__":
    main()
