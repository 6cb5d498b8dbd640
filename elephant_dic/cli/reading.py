"""The one cell of a file that is asked for, by the options of a command."""

from __future__ import annotations

import shlex

from ..recordings import inspect_recording, read_spiketrains
from ..trains import FEWEST_SPIKES, assess_quality, clean, is_stepped, sweeps_of
from .arguments import PROGRAM
from .common import name_or_index, quantity
from .lines import count, count_kinds, print_quality, print_wrapped
from .reports import annotations_of, n_spikes, print_cell

MOST_LISTED = 20  # cells in an error message


def reading_of(args):
    """What is asked for of the files, as `read_spiketrains` takes it."""
    asked = {
        "channel": args.channel,
        "unit": args.unit,
        "sweep": args.sweep,
        "threshold": quantity(args.threshold, "mV"),
        "extracellular": args.extracellular or None,
        "events": args.events or None,
        "time_unit": args.time_unit,
        "t_start": quantity(args.t_start, "s"),
        "t_stop": quantity(args.t_stop, "s"),
        "where": args.where,
    }
    return {name: value for name, value in asked.items() if value is not None}


def read_one_cell(path, args):
    """The cell asked for, described on stdout; ValueError if the file holds several."""
    items = inspect_recording(path, time_unit=args.time_unit)
    channel = name_or_index(args.channel, items)
    cells = read_spiketrains(path, **(reading_of(args) | {"channel": channel}))
    return print_one_cell(path, items, one_of(path, cells))


def one_of(path, cells):
    """The only one; ValueError if there are several."""
    if len(cells) > 1:
        raise ValueError(_several(path, cells))
    return cells[0]


def print_one_cell(path, items, cell, *, may_be_silent=False):
    """A cell of a file, described on stdout."""
    print(f"File:   {path.name} ({count_kinds(items)})")
    print_cell(cell)
    if is_stepped(cell) or (may_be_silent and n_spikes(cell) < FEWEST_SPIKES):
        print()
        return cell
    found = clean(cell)  # a train that cannot be used is refused before a network is read
    print_quality(assess_quality(found.cell))
    for note in found.notes:
        print_wrapped(f"Note:   {note}", indent="    ")
    print()
    return cell


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
