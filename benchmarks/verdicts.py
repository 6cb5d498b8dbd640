"""What is said of real recordings, and of trains constructed to fool: verdict, doubts and reason.

    python benchmarks/verdicts.py [--recordings FOLDER] [--neurons stg pyloric] [--keep FILE] [--beside FILE]

Each train of each file in FOLDER is reconstructed with each neuron named, each constructed one with the
neuron that it is for (20 models, seed 1). `--keep` writes what was said into a JSON file; `--beside` puts
what such a file of another version holds into a column of its own: run this script there first, with
PYTHONPATH set to that version.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path

import neo
import numpy as np
import quantities as pq

from elephant_dic import read_spiketrains, reconstruct
from elephant_dic.examples import example_path
from elephant_dic.populations import noise_of
from elephant_dic.search import Verification
from elephant_dic.steps import StepVerification

SUFFIXES = (".abf", ".smr", ".nwb", ".mat", ".nix")
MODELS, SEED, LENGTH = 20, 1, 60_000.0


def bursts(onsets, n, interval, jitter=0.0, seed=0):
    """Spike times (ms) of bursts of n spikes."""
    rng = np.random.default_rng(seed)
    times = np.concatenate([onset + interval * np.arange(n) for onset in onsets])
    return np.sort(times + jitter * rng.standard_normal(len(times)))


def gamma(rate, cv, seed=0, length=LENGTH):
    """Spike times (ms) of a renewal process."""
    rng = np.random.default_rng(seed)
    mean = 1000 / rate
    times = np.cumsum(rng.gamma(1 / cv**2, mean * cv**2, int(2 * length / mean)))
    return times[times < length]


def regular(rate, length=LENGTH, start=0.0):
    """Spike times (ms) of a clock."""
    return start + np.arange(0, length, 1000 / rate)


def drifting(low, high, length=LENGTH):
    """Onsets (ms) of bursts whose rate (Hz) rises."""
    onsets, now = [], 0.0
    while now < length:
        onsets.append(now)
        now += 1000 / (low + (high - low) * now / length)
    return onsets


def constructed():
    """Name and neuron to (times in ms, keywords of the train)."""
    rng, cases = np.random.default_rng(3), {}

    def add(name, times, neuron="stg", **options):
        cases[name, neuron] = np.unique(times), options

    example = read_spiketrains(example_path())[0].rescale("ms").magnitude
    steady = regular(12)
    rhythm = bursts(np.arange(0, LENGTH, 145.0), 4, 11.0, 0.3)
    shrinking = np.tile([1.0, 0.85, 0.7, 0.55], len(rhythm) // 4) * rng.normal(1, 0.05, len(rhythm))
    pause = (steady // 1000) % 3 == 2
    half = LENGTH / 2
    add("bursts of 25 spikes, pauses of 2 s", bursts(np.arange(0, LENGTH, 4400.0), 25, 100.0, 1))
    add("bursts of 15 spikes, pauses of 2 s", bursts(np.arange(0, LENGTH, 3400.0), 15, 100.0, 1))
    add("three bursts of 25 spikes", bursts([0, 4400, 8800.0], 25, 100.0, 1))
    few = np.cumsum(np.r_[rng.gamma(6, 22, 8), 1700, rng.gamma(6, 22, 7), 2200, rng.gamma(6, 22, 6)])
    add("24 spikes with pauses of 1.7 and 2.2 s", few, "pyloric")
    add("12 Hz, one gap of 2 s", steady[(steady < 20_000) | (steady >= 22_000)])
    add("12 Hz, a pause of 1 s every 3 s", steady[~pause])
    add("3.5 Hz, CV 0.18", gamma(3.5, 0.18), "da")
    add("12 Hz, CV 0.18", gamma(12, 0.18))
    add("18 Hz, CV 0.4", gamma(18, 0.4), "da")
    add("100 spikes, 9 of them twice", np.append(steady[:100], steady[5:95:10] + 0.3))
    add("Poisson, 10 Hz", gamma(10, 1.0))
    add("gamma, shape 3, 10 Hz", gamma(10, 3**-0.5))
    add("two tonic cells", np.append(regular(7.3), regular(12.1)))
    add("two bursting cells", np.append(rhythm, bursts(np.arange(9, LENGTH, 212.0), 6, 9.0)))
    add("burst rate from 4 to 6.5 Hz", bursts(drifting(4, 6.5), 4, 11.0))
    add("tonic, then bursting", np.append(steady[steady < half], half + rhythm[rhythm < half]))
    add("stimulated, 12 Hz", steady, injected_current="100 pA")
    add("a burster of another neuron, 1.3 Hz", bursts(np.arange(0, LENGTH, 750.0), 9, 21.0, 1.5))
    add("the example", example, "da")
    add("spikes that shrink within bursts", rhythm, array_annotations={"amplitude": shrinking})
    whole = np.exp(rng.normal(0, 0.2, len(steady)))
    add("lognormal amplitudes, none missing", steady, array_annotations={"amplitude": whole})
    add("the example", example)
    return cases


def said(cell, neuron):
    """Verdict, doubts or reason, or the error."""
    try:
        block = reconstruct(cell, neuron, MODELS, seed=SEED)
    except ValueError as error:
        return f"refused: {error}"
    found = Verification.of_block(block) or StepVerification.of_block(block)
    why = "; ".join(found.doubts) if found.n_matching else found.reason
    noise = f" (noise {noise_of(block):g})" if noise_of(block) else ""
    return f"{found.verdict}{noise}{': ' if why else ''}{why}"


def cells(folder, neurons):
    """(name, neuron, cell) of what is in the files, and of what is constructed."""
    for path in sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES) if folder else ():
        try:
            found = read_spiketrains(path)
        except ValueError:
            continue  # `real_files.py` tells why
        for cell in found:
            for neuron in neurons:
                yield f"{path.stem}, {cell.name}", neuron, cell
    for (name, neuron), (times, options) in constructed().items():
        stop = max(LENGTH, times[-1]) + 1
        yield name, neuron, neo.SpikeTrain(times * pq.ms, t_stop=stop * pq.ms, **options)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--recordings", type=Path, help="folder of files")
    parser.add_argument("--neurons", nargs="+", default=["stg", "pyloric"])
    parser.add_argument("--keep", type=Path, help="JSON file to be written")
    parser.add_argument("--beside", type=Path, help="such a file of another version")
    arguments = parser.parse_args()
    before = json.loads(arguments.beside.read_text()) if arguments.beside else {}
    warnings.simplefilter("ignore")
    print("| recording | neuron | said | before |\n|---|---|---|---|")
    found = {}
    for name, neuron, cell in cells(arguments.recordings, arguments.neurons):
        key = f"{name} | {neuron}"
        found[key] = said(cell, neuron)
        print(f"| {key} | {found[key]} | {before.get(key, '')} |", flush=True)
        if arguments.keep:
            arguments.keep.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
