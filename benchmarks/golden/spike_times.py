"""Make the spike times of tests/reference/spike_times.json again, and print how far the stored ones are.

    python benchmarks/golden/spike_times.py [NEURON …] [--write]

LSODA of scipy at a relative tolerance of 1e-8 integrates the equations as written plainly in
elephant_dic/neurons/plain_equations.py, from the initial state of each declaration: nothing of it is shared
with the compiled simulator. A spike is an upward crossing of +10 mV. The cells, how long they run and what is
dropped stand in the file. Only `--write` changes it. All 20 cells take some 10 minutes.

A difference is a share of the time since the start of the run, in which errors of the phase add up. Two cells
show what 1e-8 is worth: at 1e-10 the times of STG 2 and pyloric 5 are 0.2 and 16 ms off those stored, still
within the 0.5 % that the tests allow.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from elephant_dic import get_neuron
from elephant_dic.neurons import solve_adaptively

PATH = Path(__file__).parents[2] / "tests" / "reference" / "spike_times.json"


def spike_times(neuron, cell):
    """Times in ms from the start of the run, to the microsecond, without those dropped."""
    conductances = [cell["conductances_mS_per_cm2"][name] for name in neuron.conductance_names]
    times, _ = solve_adaptively(neuron, conductances, cell["duration_ms"])
    return [round(float(time), 3) for time in times if time >= cell["discard_ms"]]


def difference(stored, found):
    """In words: numbers of spikes, and the largest error of a time if they are the same."""
    if len(stored) != len(found):
        return f"{len(stored)} spikes stored, {len(found)} found"
    error = np.abs(np.subtract(found, stored))
    share = np.max(error / stored)
    return f"{len(found)} spikes, largest difference {error.max():.3f} ms, {share:.1e} of the time"


def main():
    """Integrate, compare, and write if asked to."""
    kept = json.loads(PATH.read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("neurons", nargs="*", metavar="NEURON", help=f"of {', '.join(kept)} (default: all)")
    parser.add_argument("--write", action="store_true", help="replace the stored times")
    arguments = parser.parse_args()
    for name in arguments.neurons or kept:
        for i, cell in enumerate(kept[name]):
            found = spike_times(get_neuron(name), cell)
            print(f"{name} {i}: {difference(cell['spike_times_ms'], found)}", flush=True)
            cell["spike_times_ms"] = found
    if arguments.write:
        PATH.write_text(json.dumps(kept, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
