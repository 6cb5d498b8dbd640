"""Make the DICs of tests/reference/dic_stg.csv and dic_da.csv again, and print how far the stored ones are.

    python benchmarks/golden/dics.py [--write]

The stored values come from the programs that the authors of the method published. Here each part of the
current is moved alone, by finite differences: the voltage with all gates held (fast), each gate, and calcium;
a part counts on the timescales between which its time constant lies. That is the definition, without the
derivatives and the matrix of elephant_dic/neurons/dics.py. Only `--write` changes the files.

The authors' sodium time constant of the DA neuron has a pole at -38.7 mV, which rounded coefficients bring
about and the declaration has not: the DA rows are compared with it, too.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np

from elephant_dic import get_neuron
from elephant_dic.neurons import TwoStateGate

FOLDER = Path(__file__).parents[2] / "tests" / "reference"
STEP = 0.05  # mV


def difference_quotient(function, voltage):
    """Derivative by six points; its error is of the sixth order."""
    pairs = [function(voltage + k * STEP) - function(voltage - k * STEP) for k in (1, 2, 3)]
    return (45 * pairs[0] - 9 * pairs[1] + pairs[2]) / (60 * STEP)


def current(neuron, cell, voltage, calcium, gates_at):
    """Current of each channel by name, each gate at rest at the voltage `gates_at(channel, gate)`."""
    currents = {}
    for channel, conductance in zip(neuron.channels, cell, strict=True):
        opened = 1.0
        for gate in channel.gates:
            rest = gate.steady_state(gates_at(channel, gate))
            if gate.calcium_factor is not None:
                rest = rest * gate.calcium_factor(calcium)
            opened *= rest**gate.exponent
        currents[channel.name] = conductance * opened * (voltage - channel.reversal)
    return currents


def calcium_at_rest(neuron, cell, voltage):
    """Steady state of the pool in uM; the channels that carry calcium do not depend on it."""
    pool = neuron.calcium
    if pool is None:
        return 0.0
    currents = current(neuron, cell, voltage, 1.0, lambda channel, gate: voltage)
    return pool.baseline - pool.per_current * sum(currents[name] for name in pool.channels)


def shares(time_constant, references):
    """Of the fast, slow and ultraslow DIC, for a time constant between the references."""
    fast, slow, ultraslow = references
    if time_constant <= fast:
        return np.array([1.0, 0.0, 0.0])
    if time_constant <= slow:
        share = log(slow / time_constant) / log(slow / fast)
        return np.array([share, 1 - share, 0.0])
    if time_constant <= ultraslow:
        share = log(ultraslow / time_constant) / log(ultraslow / slow)
        return np.array([0.0, share, 1 - share])
    return np.array([0.0, 0.0, 1.0])


def shares_of(gate, voltage, references):
    """Those of a gate: at once is fast, a gate of two states has the timescale that is declared."""
    if isinstance(gate, TwoStateGate):
        return np.array([float(name == gate.timescale) for name in ("g_f", "g_s", "g_u")])
    return shares(0.0 if gate.time_constant is None else gate.time_constant(voltage), references)


def dics(neuron, cell, voltage):
    """(g_f, g_s, g_u) of one cell (n_channels,) at a voltage in mV."""
    references = [timescale(voltage) for timescale in neuron.timescales]
    calcium = calcium_at_rest(neuron, cell, voltage)

    def total(at, calcium=calcium, moved=None, to=voltage):
        gates_at = lambda channel, gate: to if (channel, gate) == moved else voltage  # noqa: E731
        return sum(current(neuron, cell, at, calcium, gates_at).values())

    found = np.array([difference_quotient(total, voltage), 0.0, 0.0])
    for channel in neuron.channels:
        for gate in channel.gates:
            moved = (channel, gate)
            slope = difference_quotient(lambda to, moved=moved: total(voltage, moved=moved, to=to), voltage)
            found += slope * shares_of(gate, voltage, references)
    if neuron.calcium is not None:
        slope = difference_quotient(
            lambda at: total(voltage, calcium=calcium_at_rest(neuron, cell, at)), voltage
        )
        found += slope * shares(neuron.calcium.time_constant, references)
    return found / cell[neuron.leak_index]


def with_pole(neuron):
    """The DA neuron with the sodium time constant as it was printed."""

    def tau(voltage):
        opening = -(15.6504 + 0.4043 * voltage) / (np.exp(-19.565 - 0.5052 * voltage) - 1)
        return 0.01 + 1 / (opening + 3.0212 * np.exp(-0.007463 * voltage))

    sodium, *others = neuron.channels
    activation, *rest = sodium.gates
    sodium = replace(sodium, gates=(replace(activation, time_constant=tau), *rest))
    return replace(neuron, channels=(sodium, *others), timescales=(tau, *neuron.timescales[1:]))


def compare(title, neuron, rows):
    """Print the largest difference relative to the stored value; returns the new values."""
    found = np.array([dics(neuron, row[:-4], row[-4]) for row in rows])
    error = np.abs(found / rows[:, -3:] - 1)
    threshold = rows[:, -4] == neuron.threshold_voltage
    print(
        f"{title}: {len(rows)} rows, largest relative difference {error[threshold].max():.1e} at "
        f"{neuron.threshold_voltage:g} mV, {error[~threshold].max():.1e} elsewhere"
    )
    return found


def main():
    """Compute, compare, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="replace the stored DICs")
    arguments = parser.parse_args()
    for name in ("stg", "da"):
        path, neuron = FOLDER / f"dic_{name}.csv", get_neuron(name)
        rows = np.loadtxt(path, delimiter=",", skiprows=1)
        found = compare(name, neuron, rows)
        if name == "da":
            compare("da, time constant with the pole", with_pole(neuron), rows)
        if arguments.write:
            head, *lines = path.read_text(encoding="utf-8").splitlines()
            kept = [line.rsplit(",", 3)[0] for line in lines]
            new = [",".join([line, *map(repr, row.tolist())]) for line, row in zip(kept, found, strict=True)]
            path.write_text("\n".join([head, *new]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
