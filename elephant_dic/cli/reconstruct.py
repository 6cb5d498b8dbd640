"""`elephant-dic reconstruct`: from the spikes of one cell to a population of models."""

from __future__ import annotations

import shlex
import warnings

from ..arguments import check_n_models, check_seed, check_tolerance
from ..examples import example_path
from ..inference import NEURON, infer_dics
from ..neurons import get_neuron, prior_of
from ..populations import save_population
from ..reconstruction import reconstruct
from ..recordings import inspect_recording, read_spiketrains
from ..search import suggest_neuron
from ..trains import assess_quality, clean, is_stepped, sweeps_of
from .arguments import AUTO, PICTURE_SUFFIXES, POPULATION_SUFFIXES, PROGRAM
from .common import check_output, finish, name_or_index, quantity
from .lines import count, count_kinds, print_quality, print_wrapped
from .reports import (
    annotations_of,
    n_spikes,
    print_cell,
    print_estimate,
    print_population,
    print_suggestions,
)
from .steps import run_steps

MOST_LISTED = 20  # cells in an error message


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
    cell = _read_one_cell(path, args)
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


# --- reading -----------------------------------------------------------------------------------------------


def _one_path(args):
    if args.executor or args.format:
        raise ValueError("--executor and --format are for --all, which reconstructs all cells")
    if len(args.file) > 1:
        raise ValueError(f"give one file, or --all for all cells of these {len(args.file)}")
    return example_path() if args.example else args.file[0]


def _read_one_cell(path, args):
    """The cell asked for, described on stdout; ValueError if the file holds several."""
    items = inspect_recording(path, time_unit=args.time_unit)
    cells = read_spiketrains(
        path,
        channel=name_or_index(args.channel, items),
        unit=args.unit,
        sweep=args.sweep,
        threshold=quantity(args.threshold, "mV"),
        extracellular=args.extracellular,
        events=args.events,
        time_unit=args.time_unit,
        t_start=quantity(args.t_start, "s"),
        t_stop=quantity(args.t_stop, "s"),
        where=args.where,
    )
    if len(cells) > 1:
        raise ValueError(_several(path, cells))
    print(f"File:   {path.name} ({count_kinds(items)})")
    print_cell(cells[0])
    if is_stepped(cells[0]):
        return cells[0]
    found = clean(cells[0])  # a train that cannot be used is refused before a network is read
    print_quality(assess_quality(found.cell))
    for note in found.notes:
        print_wrapped(f"Note:   {note}", indent="    ")
    print()
    return cells[0]


def _several(path, cells):
    listed = [f"{_choice(cell, cells)} ({count(n_spikes(cell), 'spike')})" for cell in cells[:MOST_LISTED]]
    if len(cells) > MOST_LISTED:
        listed.append(f"and {len(cells) - MOST_LISTED} more, see `{PROGRAM} inspect`")
    return f"{path.name} holds {len(cells)} cells, choose one: {', '.join(listed)}"


def _choice(cell, cells):
    """The options that choose one of several cells."""
    known = annotations_of(cell)
    if "unit" in known:
        return f"--unit {shlex.quote(cell.name)}"
    channels = [annotations_of(each)["channel"] for each in cells]
    options = [f"--channel {shlex.quote(known['channel'])}"] if len(set(channels)) > 1 else []
    if channels.count(known["channel"]) > 1:  # stimulated in different ways
        sweeps = sorted(train.annotations["sweep"] for train in sweeps_of(cell))
        options.append(f"--sweep {','.join(map(str, sweeps))}")
    return " ".join(options)
