"""Train every network again, by the command in its card, and print the figures of old and new side by side.

    python benchmarks/retrain.py FOLDER [--neurons stg da pyloric] [--quick]

Cells, features and networks are kept in FOLDER/NAME: an interrupted run goes on where it stopped, and files
made otherwise are refused. All together take hours on two cores; `--quick` trains tiny networks, which
are worth nothing, to try the command. A neuron that comes with an emulator or a library gets a new one, too.

First stand the figures that training writes into the cards, on held-out cells of each; then, for neurons that
`evaluation_sets` knows, errors (`accuracy`) and shares inside of intervals (`calibration`) of both networks
on the same cells, which neither has seen. Nothing in the package is changed: if the new network is the better
one, copy NAME.keras, NAME.json, NAME.npz, both files NAME-emulator and NAME-library.npz into
elephant_dic/weights.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

import numpy as np
import quantities as pq
from calibration import LEVELS, coverage
from evaluation_sets import CELLS, SEED, estimates_of, load, regressor_of

from elephant_dic import get_neuron, list_neurons, train_regressor
from elephant_dic.neurons import weights_folder
from elephant_dic.search import train_library
from elephant_dic.training import train_emulator

#: Of `--quick`: cells and epochs of training, cells of the evaluation. A library needs a chunk of cells
#: without noise: the third one is.
QUICK_CELLS, QUICK_EPOCHS, QUICK_EVALUATION = 6000, 2, 200


def read_card(folder, name):
    """The card of a network, None if there is none."""
    path = Path(folder) / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def options_of(card):
    """What a network was trained with, from the command in its card; the duration is in ms."""
    found = dict(re.findall(r"(n_cells|duration|epochs|seed)=([\d.]+)", card["command"]))
    return {name: float(value) if name == "duration" else int(value) for name, value in found.items()}


def train(name, folder, old, quick, kind=""):
    """The card of the new network, which is trained as the old one was unless the folder holds it."""
    options = options_of(old) | ({"n_cells": QUICK_CELLS, "epochs": QUICK_EPOCHS} if quick else {})
    card, function = read_card(folder, name + kind), train_emulator if kind else train_regressor
    if card is None or options_of(card) != options:
        duration = options["duration"] * pq.ms
        card = function(name, folder, **options | {"duration": duration}, progress=sys.stderr.isatty())
    return card


def make_library(name, folder):
    """A new library, if the package has one of this neuron, chosen as that one was."""
    path = Path(weights_folder(get_neuron(name))) / f"{name}-library.npz"
    if not path.is_file():
        return
    with np.load(path) as arrays:
        *_, n_cells, seed = map(int, re.findall(r"\d+", str(arrays["command"])))
    counts = train_library(name, folder, n_cells=n_cells, seed=seed)
    print(f"library of {name}: {counts}, at most {n_cells:,}, seed {seed}")


def print_cards(name, old, new):
    """The figures of held-out cells in both cards."""
    print(
        f"\n{name}: {options_of(old)}, then {options_of(new)}; held-out cells of each, g_s / g_u, old → new\n"
    )
    print("| recorded | error | inside 68 % | inside 95 % | in domain |")
    print("|---" * 5 + "|")
    for view in [view for view in new["held_out"] if view in old["held_out"]]:
        columns = []
        for key, digits in (("mean_absolute_error", 2), ("inside_0.68", 3), ("inside_0.95", 3)):
            pairs = [card["held_out"][view][key][1:] for card in (old, new)]
            columns.append(" → ".join(" / ".join(f"{value:.{digits}f}" for value in pair) for pair in pairs))
        columns.append(" → ".join(f"{card['held_out'][view]['in_domain']:.3f}" for card in (old, new)))
        print(f"| {view.replace('_', ' ')} | {' | '.join(columns)} |", flush=True)


def print_emulator_cards(name, old, new):
    """How well both emulators do on their held-out cells: class right, median errors of figures."""
    print(f"\nemulator of {name}: {options_of(old)}, then {options_of(new)}; held-out cells of each\n")
    for figure, was in old["held_out"].items():
        now = new["held_out"][figure]
        pair = (was, now) if figure == "class" else (was["median_error"], now["median_error"])
        print("{}: {:.2%} → {:.2%}".format(figure.replace("_", " "), *pair), flush=True)


def measure(found, key, regressor, rng):
    """Of one input: errors of g_s and g_u, and how many of the shares inside are off, of how many."""
    rows, estimates = estimates_of(found, key, regressor)
    truth, tonic = found.dics[rows], found.tonic[rows]
    errors = np.abs([estimate.mean for estimate in estimates] - truth)[:, 1:].mean(axis=0)
    below = np.array([each.probability_below(dics) for each, dics in zip(estimates, truth, strict=True)])
    off = [
        abs(coverage(below[chosen, dic], level, rng)[0] - level) > tolerance
        for chosen in (tonic, ~tonic)
        for level, tolerance in LEVELS.items()
        for dic in (1, 2)
        if chosen.any()
    ]
    return errors, sum(off), len(off)


def print_evaluation(name, folder, new_weights, n_cells):
    """Errors and shares inside of intervals of both networks on the same cells."""
    regressors = {}
    for which, weights in (("old", None), ("new", new_weights)):
        try:
            regressors[which] = regressor_of(name, weights)
        except ValueError as error:  # trained for other features, or for another declaration
            print(f"\n{name}: the {which} network cannot be used with this version: {error}")
    found = load(name, folder, n_cells)
    print(f"\n{name}: {len(found.tonic)} cells that neither has seen, error of g_s / g_u\n")
    print(f"| input | {' | '.join(regressors)} |")
    print("|---" * (len(regressors) + 1) + "|")
    rng, n_off, n_all = np.random.default_rng(SEED), dict.fromkeys(regressors, 0), 0
    for key in found.inputs:
        columns = []
        for which, regressor in regressors.items():
            errors, off, n = measure(found, key, regressor, rng)
            n_off[which] += off
            columns.append("{:.2f} / {:.2f}".format(*errors))
        n_all += n
        print(f"| {key} | {' | '.join(columns)} |", flush=True)
    print(f"| shares inside that are off, of {n_all} | {' | '.join(map(str, n_off.values()))} |")


def main():
    """Train, compare."""
    known = [name for name in list_neurons() if read_card(weights_folder(get_neuron(name)), name)]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="keeps cells, networks and evaluation cells")
    parser.add_argument("--neurons", nargs="+", choices=known, default=known)
    parser.add_argument("--quick", action="store_true", help="tiny networks, to try this")
    arguments = parser.parse_args()
    for name in arguments.neurons:
        old, folder = read_card(weights_folder(get_neuron(name)), name), arguments.folder / name
        new = train(name, folder, old, arguments.quick)
        make_library(name, folder)
        print_cards(name, old, new)
        if emulator := read_card(weights_folder(get_neuron(name)), f"{name}-emulator"):
            print_emulator_cards(name, emulator, train(name, folder, emulator, arguments.quick, "-emulator"))
        if name in CELLS:
            n_cells = QUICK_EVALUATION if arguments.quick else None
            print_evaluation(name, arguments.folder / "evaluation", folder, n_cells)


if __name__ == "__main__":
    main()
