"""The command `elephant-dic`: from a recording to a population of models, without writing Python.

TensorFlow, numba, matplotlib and elephant take seconds to import: they are imported by the functions that
need them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import logging
import os
import re
import shlex
import sys
import warnings

import quantities as pq

from .._version import __version__
from ..arguments import check_n_models, check_seed, check_tolerance
from ..examples import example_path
from ..inference import infer_dics
from ..neurons import get_neuron, list_neurons, prior_of
from ..plots import plot_detection, plot_population
from ..populations import SUFFIXES, load_population, provenance, save_population
from ..reconstruction import reconstruct
from ..recordings import (
    detect_extracellular_spikes,
    find_spikes,
    inspect_recording,
    read_signals,
    read_spiketrains,
)
from ..search import suggest_neuron
from ..simulation import Interrupted, simulate_population
from ..training import check_neuron, load_neuron_file, reachability_text, train_emulator, train_regressor
from ..trains import assess_quality, clean, sweeps_of
from .arguments import AUTO, PICTURE_SUFFIXES, PROGRAM, SIMULATION_SUFFIXES, make_parser
from .report import (
    annotations_of,
    count,
    count_kinds,
    n_spikes,
    print_card,
    print_cell,
    print_emulator_card,
    print_estimate,
    print_neuron,
    print_population,
    print_quality,
    print_signals,
    print_simulation,
    print_suggestions,
    print_trains,
    print_wrapped,
)

MOST_LISTED = 20  # cells in an error message

# Arguments of Python functions that messages name, and which are options here.
_ARGUMENTS = re.compile(
    r"\b(time_unit|n_models|noise_std)\b=?"
    r"|\b(channel|events|extracellular|sweep|t_start|t_stop|threshold|unit|where)=(?:True)?"
)


def main(argv=None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : list of str, optional
        Default: the arguments of the process.

    Returns
    -------
    int
        Exit code: 0; 2 for an error of the user, which is one line on stderr; 130 if interrupted. Any other
        error is a bug and is raised.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal without "±" is no reason to fail
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("default", UserWarning)
            warnings.showwarning = _show_warning
            logging.getLogger("Neo").setLevel(logging.ERROR)  # its remarks on units name no file
            args = make_parser().parse_args(argv)
            _COMMANDS[args.command](args)
            sys.stdout.flush()
    except KeyboardInterrupt:
        print(f"\n{PROGRAM}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ValueError, TypeError, OSError, ImportError) as error:
        print(f"{PROGRAM}: error: {_message(error)}", file=sys.stderr)
        return 2
    return 0


def _message(text):
    """A message on one line, in which arguments of Python functions are called like our options."""
    line = " ".join(str(text).split())
    return _ARGUMENTS.sub(lambda match: "--" + (match[1] or match[2]).replace("_", "-"), line)


def _show_warning(message, *_, **__):
    print(f"warning: {_message(message)}", file=sys.stderr)


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


# --- the commands ------------------------------------------------------------------------------------------


def _reconstruct(args):
    path = example_path() if args.example else args.file
    options = {
        "neuron": None if args.neuron == AUTO else get_neuron(args.neuron),
        "n_models": check_n_models(args.n_models),
        "verify": not args.no_verify,
        "tolerance": check_tolerance(args.tolerance),
        "prior": args.prior,
        "seed": check_seed(args.seed),
    }
    if options["neuron"]:
        prior_of(options["neuron"], args.prior)  # a wrong one is refused before anything is read
    _check_output(args.output, SUFFIXES, path)
    _check_output(args.plot, PICTURE_SUFFIXES, path)
    cell = _read_one_cell(path, args)
    _load_tensorflow()
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
    _finish(args, block, None, "population")


def _inspect(args):
    _check_output(args.plot, PICTURE_SUFFIXES, args.file)
    items = inspect_recording(args.file, time_unit=args.time_unit)
    print(f"{args.file.name}: {count_kinds(items)}")
    print_signals([item for item in items if item.kind == "signal"])
    for kind, title in (("unit", "Sorted units"), ("events", "Event channels")):
        print_trains(title, [item for item in items if item.kind == kind])
    if args.plot:
        _plot_detection(args, items)


def _plot_detection(args, items):
    """Draw the first of the traces chosen, the threshold, and the spikes detected in it."""
    signals = read_signals(args.file, channel=_name_or_index(args.channel, items), sweep=args.sweep)
    signal, level = signals[0], _quantity(args.threshold, "mV")
    if args.extracellular:
        train = detect_extracellular_spikes(signal, level)
    else:
        train, remarks = find_spikes(signal, level)
        for remark in remarks:
            warnings.warn(remark, UserWarning, stacklevel=2)
    level, reason = train.annotations.get("threshold"), train.annotations["threshold_reason"]
    print(f"\nDetected in {signal.name}, sweep {signal.annotations['sweep']}: {count(len(train), 'spike')}")
    found = "none" if level is None else f"{level.rescale('mV').item():.4g} mV"
    print_wrapped(f"Threshold: {found}, {reason}")
    plot_detection(signal, train).figure.savefig(args.plot, dpi=150)
    print(f"Written: {args.plot} (picture)")


def _simulate(args):
    seed = check_seed(args.seed)
    _check_output(args.output, SIMULATION_SUFFIXES, args.population)
    _check_output(args.plot, PICTURE_SUFFIXES, args.population)
    block = load_population(args.population)
    n_members, neuron = block.annotations["n_members"], provenance(block)["neuron"]
    print(f"Population: {count(n_members, 'model')} of neuron {neuron}, from {args.population}")
    interrupted = None
    try:
        simulation = simulate_population(
            block,
            duration=_quantity(args.duration, "s"),
            discard=_quantity(args.discard, "s"),
            noise_std=_quantity(args.noise_std, "uA/cm**2"),
            seed=seed,
            progress=sys.stderr.isatty(),
        )
    except Interrupted as stop:
        interrupted, simulation = stop, stop.finished
        if not simulation.spiketrains:
            raise
        print(f"Interrupted: only the first {len(simulation.spiketrains):,} models have been simulated")
    print_simulation(block, simulation)
    if args.output:
        _save_simulation(block, simulation, args)
    _finish(args, block, simulation, "spike trains")
    if interrupted:
        raise interrupted


def _train(args):
    _load_tensorflow()
    if args.cells < 1:
        raise ValueError(f"the number of cells must be positive, got {args.cells}")
    options = {"n_cells": args.cells, "seed": check_seed(args.seed), "progress": sys.stderr.isatty()}
    print_card(train_regressor(args.neuron, args.out, **options), args.out)
    print_emulator_card(train_emulator(args.neuron, args.out, **options), args.out)


def _neurons(args):
    if args.action == "check":
        _check_neuron(args.file)
        return
    for name in list_neurons():
        print_neuron(get_neuron(name))


def _check_neuron(path):
    neuron = load_neuron_file(path)
    print(f"{neuron.name}: {neuron.title}; {', '.join(neuron.conductance_names)}")
    checks = check_neuron(neuron)
    for check in checks:
        print(f"{'ok  ' if check.passed else 'FAIL'}  {check.name}: {check.found}")
    if not all(check.passed for check in checks):
        raise ValueError(f"neuron {neuron.name} cannot be used yet: see the lines marked FAIL")
    print(f"\n{reachability_text(neuron)}")


def _gui(args):
    from ..gui import run_gui

    run_gui(args.host, args.port, show=not args.no_browser, max_upload=args.max_upload)


_COMMANDS = {
    "reconstruct": _reconstruct,
    "inspect": _inspect,
    "simulate": _simulate,
    "train": _train,
    "gui": _gui,
    "neurons": _neurons,
}


# --- reading -----------------------------------------------------------------------------------------------


def _read_one_cell(path, args):
    """The cell asked for, described on stdout; ValueError if the file holds several."""
    items = inspect_recording(path, time_unit=args.time_unit)
    cells = read_spiketrains(
        path,
        channel=_name_or_index(args.channel, items),
        unit=args.unit,
        sweep=args.sweep,
        threshold=_quantity(args.threshold, "mV"),
        extracellular=args.extracellular,
        events=args.events,
        time_unit=args.time_unit,
        t_start=_quantity(args.t_start, "s"),
        t_stop=_quantity(args.t_stop, "s"),
        where=args.where,
    )
    if len(cells) > 1:
        raise ValueError(_several(path, cells))
    print(f"File:   {path.name} ({count_kinds(items)})")
    print_cell(cells[0])
    found = clean(cells[0])  # a train that cannot be used is refused before TensorFlow is loaded
    print_quality(assess_quality(found.cell))
    for note in found.notes:
        print_wrapped(f"Note:   {note}", indent="    ")
    print()
    return cells[0]


def _name_or_index(channel, items):
    """A channel as it is to be given to `read_spiketrains`: names may be digits, too."""
    names = {item.channel for item in items}
    return int(channel) if channel and channel.isdecimal() and channel not in names else channel


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


# --- writing -----------------------------------------------------------------------------------------------


def _check_output(path, suffixes, source):
    """Find out that a file cannot be written before the work is done."""
    if path is None:
        return
    if path.suffix.lower() not in suffixes:
        raise ValueError(f"{path}: the suffix must be one of {', '.join(suffixes)}")
    if not path.parent.is_dir():
        raise ValueError(f"{path}: folder {path.parent} does not exist; create it first")
    if path.is_dir():
        raise ValueError(f"{path} is a folder")
    if path.resolve() == source.resolve():
        raise ValueError(f"{path} is the file to be read and would be lost: choose another name")


def _save_simulation(block, simulation, args):
    if args.output.suffix.lower() == ".nix":
        others = [segment for segment in block.segments if segment.name != simulation.name]
        block.segments = [*others, simulation]
        save_population(block, args.output)
        return
    trains, known = simulation.spiketrains, simulation.annotations
    with open(args.output, "w", encoding="utf-8", newline="\n") as file:
        file.write(
            f"# {len(trains)} models of {args.population.name}, simulated by elephant_dic {__version__}; "
            f"spikes from {trains[0].t_start} to {trains[0].t_stop}, "
            f"noise {known['noise_std']}, seed {known['seed']}\n"
        )
        file.write("member,spike_time_ms\n")
        for train in trains:
            member = train.annotations["member"]
            file.writelines(f"{member},{time}\n" for time in train.rescale("ms").magnitude)


def _finish(args, block, simulation, content):
    """Draw the picture if one is asked for, and say what has been written."""
    if args.output:
        print(f"Written: {args.output} ({content})")
    if args.plot:
        plot_population(block, simulation)[0].figure.savefig(args.plot)
        print(f"Written: {args.plot} (picture)")


def _quantity(value, unit):
    return None if value is None else pq.Quantity(value, unit)
