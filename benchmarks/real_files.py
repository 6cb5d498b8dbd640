"""What is read from each real recording, beside what is expected of it.

    python benchmarks/real_files.py FOLDER [--timed FILE]

FOLDER holds recordings and their `trains.json` (for each spike train: file, selector, number of spikes, rate,
CV of the intervals). Files that it does not name should be refused: they hold no spikes. Counts may differ by
one in detected trains, and where those expected count stimulus artefacts.

With an Axon file, reading its spike trains is timed beside what pyabf and neo take to give all
samples in their units (of neo as doubles): processor time, medians of five rounds in which they alternate.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path

import neo
import numpy as np

from elephant_dic.recordings import RecordingError, inspect_recording, read_spiketrains
from elephant_dic.trains import assess_quality, sweeps_of

SUFFIXES = (".abf", ".smr", ".nwb", ".mat")


def found_for(path, selector):
    """The cell that a selector of trains.json means."""
    if "units_row" in selector:
        return read_spiketrains(path)[selector["units_row"]]
    if "signal" in selector:
        (cell,) = read_spiketrains(path, sweep=selector["segment"], channel=selector["signal"])
        return cell
    return read_spiketrains(path, unit=selector["name"] if "name" in selector else selector["hdf5_group"])[0]


def cv_of(cell):
    """Coefficient of variation of the intervals."""
    isis = np.concatenate([np.diff(train.rescale("s").magnitude) for train in sweeps_of(cell)])
    return isis.std() / isis.mean()


def contents_of(path):
    """What a file holds, in a few words."""
    items = inspect_recording(path)
    counts = {
        "signals": [f"{item.name} ({item.units})" for item in items if item.kind == "signal"],
        "units": [item.name for item in items if item.kind == "unit"],
        "event channels": [item.name for item in items if item.kind == "events"],
    }
    return "; ".join(
        f"{len(names)} {kind}: {', '.join(names[:3])}{' …' if len(names) > 3 else ''}"
        for kind, names in counts.items()
        if names
    )


def samples_of_pyabf(path):
    """All samples, sweep by sweep."""
    import pyabf

    abf = pyabf.ABF(str(path))
    for sweep in abf.sweepList:
        for channel in abf.channelList:
            abf.setSweep(sweep, channel=channel)


def samples_of_neo(path):
    """All samples, sweep by sweep."""
    for segment in neo.io.AxonIO(str(path)).read_block(lazy=True).segments:
        for signal in segment.analogsignals:
            signal.load().magnitude.astype(float)


def timed(path, rounds=5):
    """Print how long reading takes."""
    readers = {"read_spiketrains": read_spiketrains, "pyabf": samples_of_pyabf, "neo": samples_of_neo}
    seconds = {name: [] for name in readers}
    for _ in range(rounds):
        for name, read in readers.items():
            start = time.process_time()
            read(path)
            seconds[name].append(time.process_time() - start)
    medians = {name: np.median(each) for name, each in seconds.items()}
    size = path.stat().st_size / 1e6
    print(f"\n| {path.name}, {size:.0f} MB | s | of pyabf | of neo |\n" + "|---" * 4 + "|")
    for name, median in medians.items():
        print(f"| {name} | {median:.2f} | {median / medians['pyabf']:.2f} | {median / medians['neo']:.2f} |")


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--timed", type=Path, help="an Axon file")
    args = parser.parse_args()
    folder = args.folder
    expected = json.loads((folder / "trains.json").read_text())
    warnings.simplefilter("ignore")
    print("| file | holds | train | expected: spikes, rate Hz, CV | got | quality |\n" + "|---" * 6 + "|")
    for path in sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES):
        held = contents_of(path)
        wanted = [each for each in expected if each["file"] == path.name]
        for each in wanted:
            cell = found_for(path, each["selector"])
            sweeps, verdict = sweeps_of(cell), assess_quality(cell).verdict
            n, seconds = sum(map(len, sweeps)), sum(float(sweep.duration.rescale("s")) for sweep in sweeps)
            told = f"{each['n_spikes']}, {each['rate_hz']:.3g}, {each['cv_isi']:.3g}"
            got = f"{n}, {n / seconds:.3g}, {cv_of(cell):.3g}"
            print(f"| {path.name} | {held} | {each['id']} | {told} | {got} | {verdict} |")
        if not wanted:
            try:
                cells = read_spiketrains(path)
                got = f"{len(cells)} cells"
            except RecordingError as error:
                got = f"refused: {str(error).removeprefix(path.name + ': ')}"
            print(f"| {path.name} | {held} | none | refused: no spikes | {got} | |")
    if args.timed:
        timed(args.timed)


if __name__ == "__main__":
    main()
