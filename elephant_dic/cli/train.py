"""`elephant-dic train`: the networks and the library of a neuron anew."""

from __future__ import annotations

import sys

from ..arguments import check_seed
from ..neurons import DIC_NAMES, get_neuron
from ..search import train_library
from ..training import train_emulator, train_regressor
from .lines import print_wrapped

#: Cells of a training, and of a quick one: the emulator takes half as many with any conductances.
CELLS, QUICK_CELLS = 200_000, 12_000
#: Cells of a training for current steps.
STEP_CELLS = 100_000


def run(args):
    n_cells = args.cells or (QUICK_CELLS if args.quick else CELLS)
    if n_cells < 1:
        raise ValueError(f"the number of cells must be positive, got {n_cells}")
    options = {"n_cells": n_cells, "seed": check_seed(args.seed), "progress": sys.stderr.isatty()}
    if args.steps:
        from ..steps import train_for_steps

        options["n_cells"] = args.cells or (QUICK_CELLS if args.quick else STEP_CELLS)
        print_step_card(train_for_steps(args.neuron, args.out, **options), args.out)
        print_wrapped("They are used once they lie beside the module that declares the neuron.")
        return
    print_card(train_regressor(args.neuron, args.out, **options), args.out)
    print_emulator_card(train_emulator(args.neuron, args.out, **options), args.out)
    _make_library(args.neuron, args.out)
    print_wrapped("They are used once they lie beside the module that declares the neuron.")


def _make_library(neuron, folder):
    try:
        counts = train_library(neuron, folder)
    except ValueError as error:  # of a few cells, all may have noise
        print_wrapped(f"\nNo library: {error}")
        return
    listed = ", ".join(f"{n:,} {kind}" for kind, n in counts.items() if n)
    print(f"\nLibrary: {folder / neuron}-library.npz with {listed}")


def print_card(card, folder):
    """What a network was trained on, and how well it does on the cells that were kept from it."""
    name = card["neuron"]
    print(f"Network of neuron {name}: {folder / name}.keras, .json, .npz")
    print(f"Cells: {card['n_cells_firing']:,} that fire, {card['n_windows']:,} recordings of them")
    training = get_neuron(name).training
    first, second = training.target_names
    print_wrapped(
        f"Cells kept from training: mean absolute error of {first} and {second}, and how often they lie in "
        f"the interval"
    )
    for view, figures in card["held_out"].items():
        errors, inside = (
            [figures[key][row] for row in training.target_rows[:2]]
            for key in ("mean_absolute_error", "inside_0.95")
        )
        listed = f"{errors[0]:6.3g} {errors[1]:6.3g}   95 %: {inside[0]:.1%} {inside[1]:.1%}"
        print(f"  {view.replace('_', ' '):<12} {listed}")


def print_step_card(card, folder):
    """What a network for current steps was trained on, and how well it does on the cells kept from it."""
    name = f"{card['neuron']}-steps"
    print(f"Network and library of neuron {card['neuron']} under steps: {folder / name}.keras, .json, .npz")
    print(f"Cells: {card['n_cells']:,}, {card['n_views']:,} choices of their levels")
    print("Cells kept from training: share of the variance explained, and how often in the 68 % interval")
    held_out = card["held_out"]
    for dic, explained, inside in zip(DIC_NAMES, held_out["r_squared"], held_out["inside_0.68"], strict=True):
        print(f"  {dic}  {explained:5.2f}  {inside:.1%}")


def print_emulator_card(card, folder):
    """What an emulator was trained on, and how well it does on the cells that were kept from it."""
    print(f"\nEmulator of neuron {card['neuron']}: {folder / card['neuron']}-emulator.keras, .json")
    print("Cells: " + ", ".join(f"{n:,} {activity}" for activity, n in card["n_cells"].items()))
    print(f"Cells kept from training: class right in {card['held_out']['class']:.1%}; median errors of")
    for figure, errors in card["held_out"].items():
        if figure != "class":
            print(f"  {figure.replace('_', ' '):<28} {errors['median_error']:7.2%}")
