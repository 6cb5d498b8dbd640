"""The command `elephant-dic`: from a recording to a population of models, without writing Python.

TensorFlow, numba, matplotlib and elephant take seconds to import: they are imported by the functions that
need them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import shlex
import sys
import textwrap
import warnings
from collections import Counter
from importlib.resources import files
from pathlib import Path

import numpy as np
import quantities as pq

from ._version import __version__
from .neurons import get_neuron, list_neurons
from .population import conductances, provenance
from .population_files import load_population, save_population
from .reconstruction import check_n_models, check_seed, reconstruct
from .recordings import inspect_recording, read_spiketrains
from .regressor import infer_dics
from .simulation import simulate_population
from .spiketrains import sweeps_of, times_of

PROGRAM = "elephant-dic"
POPULATION_SUFFIXES = (".nix", ".csv", ".nwb", ".mat")
SIMULATION_SUFFIXES = (".nix", ".csv")
PICTURE_SUFFIXES = (".png", ".pdf", ".svg")
EXAMPLE_SUFFIXES = (".nix", ".abf")
WIDTH = 80  # columns
MOST_LISTED = 20  # cells in an error message
FEWEST_SPIKES = 3  # of a model that is not silent
KINDS = {"signal": "signal", "unit": "sorted unit", "events": "event channel"}

# Arguments of Python functions that messages name, and which are options here.
_ARGUMENTS = re.compile(
    r"\b(time_unit|n_models|noise_std)\b=?|\b(channel|events|sweep|t_start|t_stop|threshold|unit)=(?:True)?"
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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("default", UserWarning)
            warnings.showwarning = _show_warning
            args = _parser().parse_args(argv)
            args.run(args)
            sys.stdout.flush()
    except KeyboardInterrupt:
        print(f"\n{PROGRAM}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ValueError, TypeError, OSError) as error:
        print(f"{PROGRAM}: error: {_message(error)}", file=sys.stderr)
        return 2
    return 0


def example_path() -> Path:
    """Where the example recording of the package lies.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    FileNotFoundError
        If it is not installed.
    """
    folder = files("elephant_dic.examples")
    found = [Path(str(file)) for file in folder.iterdir() if Path(file.name).suffix in EXAMPLE_SUFFIXES]
    if len(found) != 1:
        raise FileNotFoundError(
            f"{folder} should hold one recording, not {len(found)}: reinstall the package"
        )
    return found[0]


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
    neuron, n_models, seed = get_neuron(args.neuron), check_n_models(args.n_models), check_seed(args.seed)
    path = example_path() if args.example else args.file
    _check_output(args.output, POPULATION_SUFFIXES, path)
    _check_output(args.plot, PICTURE_SUFFIXES, path)
    cell = _read_one_cell(path, args)
    times_of(cell)  # a train that cannot be used is refused before TensorFlow is loaded
    _load_tensorflow()
    estimate = infer_dics(cell, neuron)
    block = reconstruct(cell, neuron, n_models, seed=seed)
    _print_estimate(estimate, neuron)
    _print_population(block, args.output)
    if args.output:
        save_population(block, args.output)
    _finish(args, block, None, "population")


def _inspect(args):
    items = inspect_recording(args.file, time_unit=args.time_unit)
    print(f"{args.file.name}: {_count_kinds(items)}")
    signals = [item for item in items if item.kind == "signal"]
    if signals:
        rows = [
            (each.name, each.units, f"{each.sampling_rate.magnitude:g} Hz", *_extent(each))
            for each in signals
        ]
        print("\nSignals")
        _print_table(("name", "unit", "sampled at", "sweeps", "duration"), *rows)
    for item in signals:
        _print_stimuli(item)
    for kind, title in (("unit", "Sorted units"), ("events", "Event channels")):
        rows = [
            (
                each.name,
                each.channel or "",
                f"{each.n_spikes:,}",
                f"{each.rate.magnitude:.4g} Hz",
                *_extent(each),
            )
            for each in items
            if each.kind == kind
        ]
        if rows:
            print(f"\n{title}")
            _print_table(("name", "channel", "spikes", "rate", "sweeps", "duration"), *rows)


def _simulate(args):
    seed = check_seed(args.seed)
    _check_output(args.output, SIMULATION_SUFFIXES, args.population)
    _check_output(args.plot, PICTURE_SUFFIXES, args.population)
    block = load_population(args.population)
    n_members, neuron = block.annotations["n_members"], provenance(block)["neuron"]
    print(f"Population: {_count(n_members, 'model')} of neuron {neuron}, from {args.population}")
    simulation = simulate_population(
        block,
        duration=_quantity(args.duration, "s"),
        discard=_quantity(args.discard, "s"),
        noise_std=_quantity(args.noise_std, "uA/cm**2"),
        seed=seed,
        progress=sys.stderr.isatty(),
    )
    _print_simulation(block, simulation)
    if args.output:
        _save_simulation(block, simulation, args)
    _finish(args, block, simulation, "spike trains")


def _neurons(args):
    for name in list_neurons():
        neuron = get_neuron(name)
        print(f"{name}  {neuron.title}")
        _print_wrapped(f"    conductances (mS/cm**2): {', '.join(neuron.conductance_names)}", indent="    ")


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
        events=args.events,
        time_unit=args.time_unit,
        t_start=_quantity(args.t_start, "s"),
        t_stop=_quantity(args.t_stop, "s"),
    )
    if len(cells) > 1:
        raise ValueError(_several(path, cells))
    print(f"File:   {path.name} ({_count_kinds(items)})")
    _print_cell(cells[0])
    return cells[0]


def _name_or_index(channel, items):
    """A channel as it is to be given to `read_spiketrains`: names may be digits, too."""
    names = {item.channel for item in items}
    return int(channel) if channel and channel.isdecimal() and channel not in names else channel


def _several(path, cells):
    listed = [f"{_choice(cell, cells)} ({_count(_n_spikes(cell), 'spike')})" for cell in cells[:MOST_LISTED]]
    if len(cells) > MOST_LISTED:
        listed.append(f"and {len(cells) - MOST_LISTED} more, see `{PROGRAM} inspect`")
    return f"{path.name} holds {len(cells)} cells, choose one: {', '.join(listed)}"


def _choice(cell, cells):
    """The options that choose one of several cells."""
    known = _annotations(cell)
    if "unit" in known:
        return f"--unit {shlex.quote(known['unit'])}"
    channels = [_annotations(each)["channel"] for each in cells]
    options = [f"--channel {shlex.quote(known['channel'])}"] if len(set(channels)) > 1 else []
    if channels.count(known["channel"]) > 1:  # stimulated in different ways
        sweeps = sorted(train.annotations["sweep"] for train in sweeps_of(cell))
        options.append(f"--sweep {','.join(map(str, sweeps))}")
    return " ".join(options)


def _annotations(cell):
    return sweeps_of(cell)[0].annotations


def _n_spikes(cell):
    return sum(len(train) for train in sweeps_of(cell))


# --- printing ----------------------------------------------------------------------------------------------


def _print_cell(cell):
    known, sweeps = _annotations(cell), sweeps_of(cell)
    details = [cell.name]
    for key in ("channel", "injected_current"):
        if key in known and known[key] not in cell.name:
            details.append(f"{key.replace('_', ' ')} {known[key]}")
    if len(sweeps) > 1:
        details.append(f"{len(sweeps)} sweeps pooled")
    _print_wrapped(f"Cell:   {', '.join(details)}")
    detected = f", detected at {known['threshold'].rescale('mV'):.1f}" if "threshold" in known else ""
    print(f"Spikes: {_n_spikes(cell):,} in {_seconds(sweeps):.4g} s ({_rate(sweeps):.4g} Hz){detected}\n")


def _print_estimate(estimate, neuron):
    inside = "yes" if estimate.in_domain else "NO"
    reasons = "".join(f": {warning}" for warning in estimate.warnings)
    _print_wrapped(
        f"Inside what the network was trained on: {inside} (score {estimate.domain_score:.2g}){reasons}"
    )
    print()
    _print_wrapped(
        f"Effective DICs: those with which the reference family of the {neuron.title} fires like this "
        f"recording; a cell outside that family has others. Without unit (divided by the leak conductance).",
        indent="",
    )
    rows = [
        (name, f"{mean:.2f} ± {std:5.2f}", f"{low:.2f} to {high:6.2f}")
        for name, mean, std, (low, high) in zip(
            estimate.names, estimate.mean, estimate.std, estimate.interval(0.68), strict=True
        )
    ]
    _print_table(("name", "mean ± std", "68 % interval"), *rows)


def _print_population(block, output):
    known = provenance(block)
    n_members = block.annotations["n_members"]
    print(f"\n{_count(n_members, 'model')} of neuron {known['neuron']}, seed {known['seed']}")
    rows = []
    for name, values in conductances(block).items():
        quantiles = np.quantile(values.magnitude, (0.05, 0.5, 0.95))
        rows.append((name, values.dimensionality.string, *map(_digits, quantiles)))
    _print_table(("name", "unit", "5 %", "median", "95 %"), *rows)
    explanation = ""
    if known["verdict"] == "not verified":
        save, saved = ("", output) if output else ("save them with -o OUT.nix and ", "OUT.nix")
        explanation = (
            ": the models have not been simulated and compared with the recording; "
            f"{save}run `{PROGRAM} simulate {saved}` to see how they fire"
        )
    print()
    _print_wrapped(f"Verdict: {known['verdict']}{explanation}.")


def _print_simulation(block, simulation):
    trains = simulation.spiketrains
    start, stop = (float(time.rescale("s")) for time in (trains[0].t_start, trains[0].t_stop))
    noise = simulation.annotations["noise_std"]
    text = f"noise {noise:g}, seed {simulation.annotations['seed']}" if noise else "no noise"
    print(f"Simulated:  {stop:g} s, of which the first {start:g} s are discarded; {text}")
    rates = [_rate([train]) for train in trains if len(train) >= FEWEST_SPIKES]
    n_silent = len(trains) - len(rates)
    print(
        f"Silent:     {n_silent} of {len(trains)} (fewer than {FEWEST_SPIKES} spikes in {stop - start:g} s)"
    )
    sweeps = [
        train for segment in block.segments if segment.name == "recording" for train in segment.spiketrains
    ]
    rows = [("recording", "", "", f"{_rate(sweeps):.4g} Hz", "", "")] if sweeps else []
    if rates:
        quantiles = np.quantile(rates, (0.05, 0.25, 0.5, 0.75, 0.95))
        rows.append(("models that fire", *(f"{value:.4g} Hz" for value in quantiles)))
    _print_table(("rate", "5 %", "25 %", "median", "75 %", "95 %"), *rows)


def _print_stimuli(item):
    """Print what the stimulator did during a signal, sweep by sweep if it was not always the same."""
    if len(set(item.stimuli)) == 1:
        _print_wrapped(f"  stimulus of {item.name}: {item.stimuli[0]}", indent="    ")
    elif item.stimuli:
        print(f"  stimuli of {item.name}:")
        numbered = len(item.stimuli) == item.n_sweeps  # the file may not tell of each sweep
        for sweep, stimulus in enumerate(item.stimuli):
            _print_wrapped(f"    {f'sweep {sweep}: ' if numbered else ''}{stimulus}", indent="      ")


def _print_table(*rows):
    """Print rows of text as columns, the first of them flush left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        print("  " + "  ".join([first.ljust(widths[0]), *cells]).rstrip())


def _print_wrapped(text, indent="  "):
    print(textwrap.fill(text, WIDTH, subsequent_indent=indent))


def _count_kinds(items):
    counts = Counter(item.kind for item in items)
    return ", ".join(_count(counts[kind], name) for kind, name in KINDS.items() if counts[kind]) or "nothing"


def _count(number, noun):
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _extent(item):
    return str(item.n_sweeps), f"{item.duration.magnitude:.4g} s"


def _digits(number):
    """Four digits without exponent: conductances span six orders of magnitude."""
    return np.format_float_positional(number, precision=4, fractional=False, trim="-")


def _seconds(sweeps):
    return sum(float((train.t_stop - train.t_start).rescale("s")) for train in sweeps)


def _rate(sweeps):
    return sum(map(len, sweeps)) / _seconds(sweeps)


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
        from .plotting import plot_population

        plot_population(block, simulation).savefig(args.plot)
        print(f"Written: {args.plot} (picture)")


# --- arguments ---------------------------------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are reported like all others."""

    def error(self, message):
        raise ValueError(f"{message}; see {self.prog} --help")


def _parser():
    parser = _Parser(
        prog=PROGRAM, description="Populations of neuron models from the spike times of one neuron."
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_reconstruct(commands)
    _add_inspect(commands)
    _add_simulate(commands)
    _add_command(commands, "neurons", _neurons, "list the neurons that can be reconstructed", "")
    return parser


def _add_command(commands, name, run, summary, examples):
    """Add a command with its examples, whose lines lack the name of the program."""
    lines = [f"  {PROGRAM} {line}" for line in (examples or name).splitlines()]
    parser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog="\n".join(["examples:", *lines]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def _add_reconstruct(commands):
    parser = _add_command(
        commands,
        "reconstruct",
        _reconstruct,
        "from the spikes of one cell to a population of models",
        "reconstruct --example -o population.nix --plot population.png\n"
        "reconstruct cell.abf --threshold -20 --n-models 100 --seed 1\n"
        "reconstruct sorted.smr --unit 'MU#1' -o population.csv\n"
        "reconstruct spikes.csv --time-unit ms --t-stop 60",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "file", metavar="FILE", nargs="?", type=Path, help="recording, or table of spike times"
    )
    source.add_argument(
        "--example", action="store_true", help="read the recording that comes with the package"
    )
    parser.add_argument(
        "--neuron", default="stg", metavar="NAME", help="neuron to be modelled (default: stg)"
    )
    cell = parser.add_argument_group("which cell")
    cell.add_argument("--unit", metavar="U", help="name of a sorted unit")
    cell.add_argument("--channel", metavar="C", help="name or index (from 0) of a channel")
    cell.add_argument("--sweep", metavar="N[,N]", type=_sweeps, help="sweeps to read, from 0 (default: all)")
    cell.add_argument("--events", action="store_true", help="read event channels as spikes")
    cell.add_argument("--threshold", metavar="MV", type=_number, help="detect spikes at this potential in mV")
    _add_time_unit(cell)
    cell.add_argument("--t-start", metavar="S", type=_number, help="start of the recording in s")
    cell.add_argument("--t-stop", metavar="S", type=_number, help="end of the recording in s")
    result = parser.add_argument_group("result")
    result.add_argument(
        "--n-models", metavar="N", type=int, default=500, help="models to make (default: 500)"
    )
    result.add_argument(
        "--seed", metavar="N", type=int, help="same seed, same models (default: drawn, printed)"
    )
    _add_outputs(result, POPULATION_SUFFIXES, "write the population")


def _add_inspect(commands):
    examples = "inspect cell.abf\ninspect spikes.csv --time-unit ms"
    parser = _add_command(commands, "inspect", _inspect, "list what a recording holds", examples)
    parser.add_argument("file", metavar="FILE", type=Path, help="recording, or table of spike times")
    _add_time_unit(parser)


def _add_simulate(commands):
    parser = _add_command(
        commands,
        "simulate",
        _simulate,
        "simulate each model of a population",
        "simulate population.nix --plot spikes.png\n"
        "simulate population.csv --duration 10 --noise-std 2 --seed 1 -o spikes.csv",
    )
    parser.add_argument(
        "population", metavar="POPULATION", type=Path, help="file written by `reconstruct -o`"
    )
    parser.add_argument(
        "--duration", metavar="S", type=_number, help="length of each run in s, start included"
    )
    parser.add_argument("--discard", metavar="S", type=_number, help="start of each run to drop, in s")
    parser.add_argument(
        "--noise-std", metavar="UA", type=_number, help="current noise in uA/cm**2 (default: 0)"
    )
    parser.add_argument("--seed", metavar="N", type=int, help="of the noise (default: drawn, printed)")
    what = "write the spikes (.nix: with the population, in place of an earlier simulation)"
    _add_outputs(parser, SIMULATION_SUFFIXES, what)


def _add_time_unit(parser):
    parser.add_argument("--time-unit", metavar="UNIT", help="of the times in a .csv or .txt file: s, ms, us")


def _add_outputs(parser, suffixes, what):
    kinds = ", ".join(suffixes)
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, help=f"{what}; {kinds}")
    parser.add_argument("--plot", metavar="OUT", type=Path, help=f"draw; {', '.join(PICTURE_SUFFIXES)}")


def _number(text):
    value = float(text)
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text} is not a finite number")
    return value


def _sweeps(text):
    try:
        return [int(number) for number in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of numbers such as 0,2") from None


def _quantity(value, unit):
    return None if value is None else pq.Quantity(value, unit)
