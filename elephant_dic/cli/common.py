"""What several commands do: with files, with arguments that choose what is in them, with spike trains."""

from __future__ import annotations

import quantities as pq

from ..populations import whole_file


def check_output(path, suffixes, source):
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


def finish(args, block, simulation, content):
    """Draw the picture if one is asked for, and say what has been written."""
    if args.output:
        print(f"Written: {args.output} ({content})")
    if args.plot:
        from ..plots import plot_population

        save_picture(plot_population(block, simulation)[0].figure, args.plot)
        print(f"Written: {args.plot} (picture)")


def save_picture(figure, path, **options):
    """Write a picture whole, or leave what is there."""
    with whole_file(path) as part:
        figure.savefig(part, **options)


def name_or_index(channel, items):
    """A channel as it is to be given to `read_spiketrains`: names may be digits, too."""
    names = {item.channel for item in items}
    return int(channel) if channel and channel.isdecimal() and channel not in names else channel


def quantity(value, unit):
    return None if value is None else pq.Quantity(value, unit)


def seconds_of(sweeps):
    return sum(float((train.t_stop - train.t_start).rescale("s")) for train in sweeps)


def rate_of(sweeps):
    return sum(map(len, sweeps)) / seconds_of(sweeps)
