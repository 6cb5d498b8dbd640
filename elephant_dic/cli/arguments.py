"""The arguments of the command."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from .._version import __version__

PROGRAM = "elephant-dic"
#: In place of the name of a neuron: the best of those installed.
AUTO = "auto"
#: As `populations` has them: the help is shown without importing it.
POPULATION_SUFFIXES = (".nix", ".nwb", ".csv", ".mat")
SIMULATION_SUFFIXES = (".nix", ".csv")
PICTURE_SUFFIXES = (".png", ".pdf", ".svg")
GROUP_SUFFIXES = (".csv", ".md")
#: As `exports` has them.
EXPORT_TARGETS = ("neuron", "brian2", "neuroml", "arbor", "dynamic-clamp", "rtxi")


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are reported like all others."""

    def error(self, message):
        raise ValueError(f"{message}; see {self.prog} --help")


def make_parser() -> argparse.ArgumentParser:
    """The parser; the name of the command becomes `command`."""
    parser = _Parser(
        prog=PROGRAM, description="Populations of neuron models from the spike times of one neuron."
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND", required=True)
    _add_reconstruct(commands)
    _add_inspect(commands)
    _add_simulate(commands)
    _add_export(commands)
    _add_compare(commands)
    _add_groups(commands)
    _add_train(commands)
    _add_gui(commands)
    _add_neurons(commands)
    return parser


def _add_command(commands, name, summary, examples):
    """Add a command with its examples, whose lines lack the name of the program."""
    lines = [f"  {PROGRAM} {line}" for line in (examples or name).splitlines()]
    return commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog="\n".join(["examples:", *lines]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _add_reconstruct(commands):
    parser = _add_command(
        commands,
        "reconstruct",
        "from the spikes of one cell, or of many, to populations of models",
        "reconstruct --example -o population.nix --plot population.png\n"
        "reconstruct cell.abf --threshold -20 --n-models 100 --seed 1\n"
        "reconstruct sorted.smr --unit 'MU#1' --neuron auto -o population.csv\n"
        "reconstruct spikes.csv --time-unit ms --t-stop 60\n"
        "reconstruct day1 day2.nwb --all --where 'quality == \"good\"' -o results",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "file", metavar="FILE", nargs="*", default=[], type=Path,
        help="recording, folder of one, or table of spike times; several, and folders of them, with --all",
    )  # fmt: skip
    source.add_argument(
        "--example", action="store_true", help="read the recording that comes with the package"
    )
    parser.add_argument(
        "--neuron", metavar="NAME",
        help=f"neuron to be modelled, or {AUTO}: the one most likely to fire like that (default: stg, and "
        "cortical for sweeps under current steps)",
    )  # fmt: skip
    cell = _add_cell(parser)
    cell.add_argument("--t-start", metavar="S", type=_number, help="start of what is read, in s")
    cell.add_argument("--t-stop", metavar="S", type=_number, help="end of what is read, in s")
    result = parser.add_argument_group("result")
    result.add_argument(
        "--n-models", metavar="N", type=int, default=500, help="models to make (default: 500)"
    )
    result.add_argument(
        "--tolerance", metavar="X", type=_number, default=0.1,
        help="largest relative difference between a model's firing and the recording's (default: 0.1)",
    )  # fmt: skip
    result.add_argument(
        "--prior", metavar="CELLS", type=_prior, default="mixture",
        help="cells that the neuron could be: family, broad, mixture, or ranges in mS/cm**2 such as "
        "Na=0:5000,Kd=0:100 (default: mixture, half of its family and half of its broad ranges)",
    )  # fmt: skip
    result.add_argument(
        "--no-verify", action="store_true", help="do not simulate the models: quick, but many fire otherwise"
    )
    result.add_argument(
        "--seed", metavar="N", type=int, help="same seed, same models (default: drawn, printed)"
    )
    _add_outputs(result, POPULATION_SUFFIXES, "write the population")
    _add_steps(parser.add_argument_group("sweeps under current steps"))
    _add_session(parser.add_argument_group("all cells"))


def _add_cell(parser, title="which cell", **each):
    """Which cell of a file is meant; the group, for more of that. `each` is for options that have a value."""
    cell = parser.add_argument_group(title)
    cell.add_argument("--unit", metavar="U", help="name of a sorted unit", **each)
    cell.add_argument(
        "--where", metavar="CONDITION", **each,
        help="cells for which it holds by what the file says of them: 'quality == \"good\" and rate > 2'",
    )  # fmt: skip
    cell.add_argument("--channel", metavar="C", help="name or index (from 0) of a channel", **each)
    cell.add_argument(
        "--sweep", metavar="N[,N]", type=_numbers, help="sweeps to read, from 0 (default: all)", **each
    )
    cell.add_argument("--events", action="store_true", help="read event channels as spikes")
    _add_detection(cell, **each)
    _add_time_unit(cell, **each)
    return cell


def _add_steps(group):
    group.add_argument(
        "--capacitance", metavar="PF", type=_number,
        help="of the cell, in pF (default: as hyperpolarising steps tell)",
    )  # fmt: skip
    group.add_argument(
        "--figures", metavar="F[,F]", type=lambda text: text.split(","), default=(),
        help="compared beside counts: latency, adaptation, potential, resistance, sag",
    )  # fmt: skip
    group.add_argument(
        "--beyond-block", action="store_true",
        help="compare levels above that of the highest count, too, where the cell goes into block",
    )  # fmt: skip


def _add_session(group):
    group.add_argument(
        "--all", action="store_true",
        help="reconstruct all cells: -o is a folder, for a population a cell and session.csv, their table; "
        "run again, an interrupted one goes on where it stopped",
    )  # fmt: skip
    group.add_argument(
        "--format", metavar="SUFFIX", choices=POPULATION_SUFFIXES,
        help=f"of the populations: {', '.join(POPULATION_SUFFIXES)}; .nwb has the table, too (default: .nix)",
    )  # fmt: skip
    group.add_argument(
        "--executor", metavar="WORKERS",
        help="number of processes, or dask:SCHEDULER such as dask:tcp://10.0.0.1:8786 (default: one a core)",
    )  # fmt: skip


def _add_inspect(commands):
    parser = _add_command(
        commands,
        "inspect",
        "list what a recording holds",
        "inspect cell.abf\ninspect cell.abf --plot spikes.png --sweep 3\ninspect spikes.csv --time-unit ms",
    )
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="recording, folder of one, or table of spike times"
    )
    _add_time_unit(parser)
    picture = parser.add_argument_group("a picture of the spikes detected in a trace")
    kinds = ", ".join(PICTURE_SUFFIXES)
    picture.add_argument("--plot", metavar="OUT", type=Path, help=f"draw trace, threshold, spikes; {kinds}")
    picture.add_argument("--channel", metavar="C", help="name or index (from 0) of the channel")
    picture.add_argument("--sweep", metavar="N", type=_numbers, help="sweep, from 0 (default: the first)")
    _add_detection(picture)


def _add_detection(group, **each):
    group.add_argument(
        "--threshold", metavar="MV", type=_number, help="detect spikes at this potential in mV", **each
    )
    group.add_argument(
        "--extracellular", action="store_true", help="the channel is an extracellular trace, not a potential"
    )


def _add_simulate(commands):
    parser = _add_command(
        commands,
        "simulate",
        "simulate each model of a population",
        "simulate population.nix --plot spikes.png\n"
        "simulate population.csv --duration 10 --noise-std 2 --seed 1 -o spikes.csv\n"
        "simulate patched.nix --sweep 7 --plot sweep.png",
    )
    parser.add_argument(
        "population", metavar="POPULATION", type=Path, help="file written by `reconstruct -o`"
    )
    parser.add_argument(
        "--duration", metavar="S", type=_number, help="length of each run in s, start included"
    )
    parser.add_argument("--discard", metavar="S", type=_number, help="start of each run to drop, in s")
    parser.add_argument(
        "--noise-std",
        metavar="UA",
        type=_number,
        help="current noise in uA/cm**2 (default: that of the population)",
    )
    parser.add_argument(
        "--current", metavar="I", type=_injected,
        help="steady current, such as '0.5 uA/cm**2', or '50 pA' where the capacitance is known",
    )  # fmt: skip
    parser.add_argument(
        "--sweep", metavar="N", type=int,
        help="the current of this sweep of the population's recording under current steps",
    )  # fmt: skip
    parser.add_argument("--seed", metavar="N", type=int, help="of the noise (default: drawn, printed)")
    what = "write the spikes (.nix: with the population, in place of an earlier simulation)"
    _add_outputs(parser, SIMULATION_SUFFIXES, what)


def _add_export(commands):
    parser = _add_command(
        commands,
        "export",
        "write a population as a folder in which another simulator runs it",
        "export population.nix --to neuron --out in_neuron\n"
        "export population.csv --to brian2 --out in_brian2 --members 0,3",
    )
    parser.add_argument(
        "population", metavar="POPULATION", type=Path, help="file written by `reconstruct -o`"
    )
    parser.add_argument(
        "--to", metavar="SIMULATOR", choices=EXPORT_TARGETS, required=True, help=", ".join(EXPORT_TARGETS)
    )
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        type=Path,
        required=True,
        help="a new folder; README.md in it says how to run it",
    )
    parser.add_argument(
        "--members", metavar="N[,N]", type=_numbers, help="models to write, from 0 (default: all)"
    )


def _add_compare(commands):
    parser = _add_command(
        commands,
        "compare",
        "find which channels explain what differs between two recordings of a cell",
        "compare control.abf drug.abf --plot changes.png\n"
        "compare cell.nwb cell.nwb --unit 7 --before 0:60 --after 120:180 --control 60:100\n"
        "compare population.nix drug.csv --time-unit ms -o changes.nix\n"
        "compare control.nwb drug.nwb --unit 'unit 3' --unit 'unit 5'\n"
        "compare control.csv silent.csv --time-unit s --after 0:60",
    )
    parser.add_argument(
        "before_file", metavar="BEFORE", type=Path,
        help="recording before, or the verified population that `reconstruct -o` has written for it",
    )  # fmt: skip
    parser.add_argument(
        "after_file", metavar="AFTER", type=Path,
        help="recording of the same cell after; it may be silent (of an empty table, --after tells how long)",
    )  # fmt: skip
    parser.add_argument(
        "--neuron", metavar="NAME", help="neuron to be modelled (default: stg, and cortical under steps)"
    )
    _add_cell(
        parser,
        "which cell (options with a value can be given twice: for BEFORE, then for AFTER)",
        action="append",
    )
    times = parser.add_argument_group("which part of the recordings, in s")
    times.add_argument("--before", metavar="START:STOP", type=_stretch, default=(None, None))
    times.add_argument("--after", metavar="START:STOP", type=_stretch, default=(None, None))
    times.add_argument(
        "--control", metavar="START:STOP", dest="controls", type=_stretch, action="append", default=[],
        help="more of the recording before, in which nothing has changed; can be given again",
    )  # fmt: skip
    result = parser.add_argument_group("result")
    result.add_argument(
        "--together", metavar="N", type=int, default=1,
        help="2: one channel may have changed, or two (default: 1)",
    )  # fmt: skip
    result.add_argument(
        "--level", metavar="P", type=_number, default=0.9,
        help="probability that the channels called likely have together (default: 0.9)",
    )  # fmt: skip
    result.add_argument(
        "--n-models", metavar="N", type=int, default=100,
        help="pairs of a model before and after to find (default: 100)",
    )  # fmt: skip
    result.add_argument(
        "--tolerance", metavar="X", type=_number, default=0.1,
        help="largest relative difference between a model's firing and a recording's (default: 0.1)",
    )  # fmt: skip
    result.add_argument(
        "--capacitance", metavar="PF", type=_number, help="of a cell under current steps, in pF"
    )
    result.add_argument("--seed", metavar="N", type=int, help="same seed, same result (default: drawn)")
    _add_outputs(result, POPULATION_SUFFIXES, "write the pairs")


def _add_groups(commands):
    parser = _add_command(
        commands,
        "groups",
        "compare cells between conditions: cells in animals in conditions",
        "groups cells.csv\n"
        "groups cells.csv --quantity g_s,g_u --reference control --plot cells.png -o cells.md\n"
        "groups cells.csv --condition drug --animal mouse",
    )
    parser.add_argument(
        "table", metavar="TABLE", type=Path,
        help="CSV file with a line a recording: columns for the condition, the animal, and what is compared",
    )  # fmt: skip
    parser.add_argument(
        "--quantity", "--quantities", metavar="Q[,Q]", dest="quantities", type=lambda text: text.split(","),
        help="columns to compare (default: those whose standard deviation has a column, as g_s and g_s_std)",
    )  # fmt: skip
    parser.add_argument(
        "--reference", metavar="NAME",
        help="condition to compare the others with (default: that of the first line)",
    )  # fmt: skip
    columns = parser.add_argument_group("columns")
    columns.add_argument(
        "--condition", metavar="COLUMN", default="condition", help="of the condition (default: condition)"
    )
    columns.add_argument(
        "--animal", metavar="COLUMN", default="animal", help="of the animal (default: animal)"
    )
    columns.add_argument(
        "--cell", metavar="COLUMN", help="of the cell's name (default: cell, if there is such a column)"
    )
    _add_outputs(parser, GROUP_SUFFIXES, "write the comparison as a table")


def _add_train(commands):
    parser = _add_command(
        commands, "train", "train the network of a neuron anew", "train stg --cells 200000 --out training"
    )
    parser.add_argument("neuron", metavar="NEURON", help="neuron whose cells are simulated")
    parser.add_argument("--cells", metavar="N", type=int, help="cells to simulate (default: 200000)")
    parser.add_argument(
        "--steps", action="store_true",
        help="what recordings under current steps need: a library of cells, and a network of its own",
    )  # fmt: skip
    parser.add_argument(
        "--quick", action="store_true", help="12000 cells, to try a neuron of your own in minutes"
    )
    parser.add_argument(
        "--out", metavar="DIR", type=Path, required=True,
        help="folder for the cells and the network; an interrupted run goes on with what is there",
    )  # fmt: skip
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="same seed, same cells (default: 0)")


def _add_gui(commands):
    parser = _add_command(
        commands,
        "gui",
        "the same in the browser, without typing",
        "gui\ngui --port 9000 --no-browser",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="where to listen (default: 127.0.0.1, this machine alone)"
    )
    parser.add_argument("--port", metavar="N", type=int, default=8765, help="port (default: 8765)")
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    parser.add_argument(
        "--max-upload", metavar="MB", type=_number, default=500.0, help="largest file (default: 500)"
    )


def _add_neurons(commands):
    parser = _add_command(
        commands,
        "neurons",
        "list the neurons that can be reconstructed, or check declarations",
        "neurons\nneurons check my_neuron.py\nneurons check",
    )
    actions = parser.add_subparsers(dest="action", metavar="list|check")
    actions.add_parser("list", help="what each neuron is and does (the default)")
    check = actions.add_parser("check", help="look for mistakes in declarations")
    check.add_argument(
        "neurons", metavar="NEURON", nargs="*",
        help="Python file that declares a NeuronModel, or name of a neuron (default: all installed ones)",
    )  # fmt: skip


def _add_time_unit(parser, **each):
    parser.add_argument(
        "--time-unit", metavar="UNIT", **each,
        help="of the times in a .csv, .txt or .npy file: s, ms, us, or '1/30000 s' for sample numbers",
    )  # fmt: skip


def _add_outputs(parser, suffixes, what):
    kinds = ", ".join(suffixes)
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, help=f"{what}; {kinds}")
    parser.add_argument("--plot", metavar="OUT", type=Path, help=f"draw; {', '.join(PICTURE_SUFFIXES)}")


def _number(text):
    value = float(text)
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text} is not a finite number")
    return value


def _injected(text):
    """A number and its unit."""
    number, _, unit = text.strip().partition(" ")
    if not unit:
        raise argparse.ArgumentTypeError(f"{text!r} is no current with its unit, such as '0.5 uA/cm**2'")
    return _number(number), unit


def _stretch(text):
    """Start and end, either of which may be left out."""
    start, colon, stop = text.partition(":")
    wrong = f"{text!r} is no stretch such as 0:60, or 60: for the rest"
    if not colon:
        raise argparse.ArgumentTypeError(wrong)
    try:
        return tuple(_number(part) if part else None for part in (start, stop))
    except ValueError as error:
        raise argparse.ArgumentTypeError(wrong) from error


def _prior(text):
    """A name, or ranges by name of channel."""
    if "=" not in text:
        return text
    ranges = {}
    for part in text.split(","):
        name, _, bounds = part.partition("=")
        try:
            low, high = map(_number, bounds.split(":"))
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{part!r} is no range such as Na=0:5000") from error
        if (name := name.strip()) in ranges:
            raise argparse.ArgumentTypeError(f"{name} has two ranges")
        ranges[name] = (low, high)
    return ranges


def _numbers(text):
    try:
        return [int(number) for number in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of numbers such as 0,2") from None
