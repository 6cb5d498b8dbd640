"""`elephant-dic reconstruct`: from the spikes of one cell to a population of models."""

from __future__ import annotations

import warnings

from ..arguments import check_n_models, check_seed, check_tolerance
from ..examples import example_path
from ..inference import NEURON, infer_dics
from ..neurons import get_neuron, prior_of
from ..populations import save_population
from ..reconstruction import reconstruct
from ..search import suggest_neuron
from ..trains import is_stepped
from .arguments import AUTO, PICTURE_SUFFIXES, POPULATION_SUFFIXES
from .common import check_output, finish
from .reading import read_one_cell
from .reports import (
    print_estimate,
    print_population,
    print_suggestions,
)
from .steps import run_steps


def run(args):
    if args.all:
        from .session import run_session

        run_session(args)
        return
    path = _one_path(args)
    options = {
        "neuron": None if args.neuron == AUTO else get_neuron(args.neuron or NEURON),
        "n_models": check_n_models(args.n_models),
        "verify": not args.no_verify,
        "tolerance": check_tolerance(args.tolerance),
        "prior": args.prior,
        "seed": check_seed(args.seed),
    }
    if options["neuron"] and (args.neuron or isinstance(args.prior, str)):
        prior_of(options["neuron"], args.prior)  # a wrong one is refused before anything is read
    check_output(args.output, POPULATION_SUFFIXES, path)
    check_output(args.plot, PICTURE_SUFFIXES, path)
    cell = read_one_cell(path, args)
    if is_stepped(cell):
        run_steps(cell, args, options)
        return
    if args.capacitance or args.figures or args.beyond_block:
        raise ValueError("--capacitance, --figures and --beyond-block are for recordings under current steps")
    if options["neuron"] is None:
        suggestions = suggest_neuron(cell, seed=options["seed"])
        print_suggestions(suggestions)
        options["neuron"] = get_neuron(suggestions[0].neuron)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the report says what they say
        print_estimate(infer_dics(cell, options["neuron"]), options["neuron"])
        block = reconstruct(cell, **options, progress=True)
    if args.output:
        save_population(block, args.output)
    print_population(block, args.output)
    finish(args, block, None, "population")


def _one_path(args):
    if args.executor or args.format:
        raise ValueError("--executor and --format are for --all, which reconstructs all cells")
    if len(args.file) > 1:
        raise ValueError(f"give one file, or --all for all cells of these {len(args.file)}")
    return example_path() if args.example else args.file[0]
