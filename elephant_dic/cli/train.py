"""`elephant-dic train`: the networks of a neuron anew."""

from __future__ import annotations

import os
import sys

from ..arguments import check_seed
from ..training import train_emulator, train_regressor
from .lines import print_wrapped


def run(args):
    _load_tensorflow()
    if args.cells < 1:
        raise ValueError(f"the number of cells must be positive, got {args.cells}")
    options = {"n_cells": args.cells, "seed": check_seed(args.seed), "progress": sys.stderr.isatty()}
    print_card(train_regressor(args.neuron, args.out, **options), args.out)
    print_emulator_card(train_emulator(args.neuron, args.out, **options), args.out)


def _load_tensorflow():
    """Import TensorFlow without its remarks on the machine, unless the user has chosen to read them.

    Some are written before it looks at TF_CPP_MIN_LOG_LEVEL (tensorflow#100442).
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sys.stderr.flush()
    terminal, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import keras  # noqa: F401
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
        os.close(nowhere)


def print_card(card, folder):
    """What a network was trained on, and how well it does on the cells that were kept from it."""
    name = card["neuron"]
    print(f"Network of neuron {name}: {folder / name}.keras, .json, .npz")
    print(f"Cells: {card['n_cells_firing']:,} that fire, {card['n_windows']:,} recordings of them")
    print_wrapped(
        "Cells kept from training: mean absolute error of g_s and g_u, and how often they lie in the interval"
    )
    for view, figures in card["held_out"].items():
        (_, g_s, g_u), (_, in_s, in_u) = figures["mean_absolute_error"], figures["inside_0.95"]
        print(f"  {view.replace('_', ' '):<12} {g_s:5.2f} {g_u:5.2f}   95 %: {in_s:.1%} {in_u:.1%}")


def print_emulator_card(card, folder):
    """What an emulator was trained on, and how well it does on the cells that were kept from it."""
    print(f"\nEmulator of neuron {card['neuron']}: {folder / card['neuron']}-emulator.keras, .json")
    print("Cells: " + ", ".join(f"{n:,} {activity}" for activity, n in card["n_cells"].items()))
    print(f"Cells kept from training: class right in {card['held_out']['class']:.1%}; median errors of")
    for figure, errors in card["held_out"].items():
        if figure != "class":
            print(f"  {figure.replace('_', ' '):<28} {errors['median_error']:7.2%}")
