"""What a declaration rests on: how the neuron fires, where its DICs tell most, what moves them, which step.

    python benchmarks/declaring.py NEURON [--parts population voltages pairs steps] [--cells N] [--seed N]
                                   [--voltage MV] [--targets NAME NAME] [--voltages MV …] [--steps MS …]

Cells are drawn from the reference population, simulated for the transient and one window of the neuron, and
classed by the one rule. Rates are those of the mean interval.

"Population": shares of the classes, quantiles of their figures and of the DICs.
"Voltages": how well DICs at a voltage predict the class (share that is right; above: that of the most
frequent one) and the logarithm of the rate of cells that fire (R²), from the 10 other cells that are nearest
in the ranks of the DICs; for each two of the three, and all. For the target DICs also of tonic cells alone,
and of the rate and the duration of bursts.
"Pairs": cells that fire, each moved to the target DICs of another one by solving a pair of channels: the
share that can be; the median condition of what is solved, of the DICs with the logarithms of conductances;
of those moved, the share that fires, and that is of the class of the other cell, the rank correlation of
their rates, and the median |log2| of the ratio of these (above: without being moved).
"Steps": time a cell and ms on one thread; against a tenth of the neuron's step, cells of another class, and
tonic cells of a rate that is off by more than 1 %; spikes of the golden cells, and the largest error of their
times as a share of the time since the start.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree
from scipy.stats import rankdata, spearmanr

from elephant_dic.neurons import DIC_NAMES, NeuronModel, dics_of, reference_population, threshold_voltage
from elephant_dic.neurons.compensation import TOLERANCE, solve
from elephant_dic.simulation import simulate
from elephant_dic.trains import firing_of

CLASSES = ("silent", "tonic", "bursting", "irregular")
#: Figures that are listed of each class, with their units.
LISTED = {
    "silent": {},
    "tonic": {"rate": "Hz"},
    "bursting": {
        "burst_rate": "Hz",
        "spikes_per_burst": "",
        "burst_duration": "ms",
        "intra_burst_rate": "Hz",
    },
    "irregular": {"rate": "Hz"},
}
QUANTILES = (0.01, 0.05, 0.5, 0.95, 0.99)
NEIGHBOURS = 10
#: Fewest cells of which something is said.
LEAST = 40
GOLDEN = Path(__file__).parents[1] / "tests" / "reference"


@dataclass
class Cells:
    """Conductances (n, n_channels), and what each cell does: class, figures, rate (Hz; NaN if silent)."""

    table: np.ndarray
    kinds: np.ndarray
    firings: list
    rates: np.ndarray

    @property
    def fire(self):
        return self.kinds != "silent"

    def figure(self, name):
        return np.array([getattr(firing, name) for firing in self.firings])


def observed(neuron: NeuronModel, table, **options) -> Cells:
    """Simulated cells, without the transient."""
    start, window = neuron.training.transient, neuron.training.window
    run = simulate(neuron, table, start + window, **options)
    trains = [times[times >= start] for times in run.spike_times]
    firings = [firing_of([times], window) for times in trains]
    rates = [1000 * (len(times) - 1) / np.ptp(times) if len(times) > 2 else np.nan for times in trains]
    return Cells(table, np.array([firing.activity for firing in firings]), firings, np.array(rates))


def print_head(title, columns):
    print(f"\n## {title}\n\n| {' | '.join(columns)} |\n{'|---' * len(columns)}|")


def print_row(*values):
    print(f"| {' | '.join(values)} |", flush=True)


def quantiles(values, shares=QUANTILES):
    return " / ".join(f"{value:.3g}" for value in np.nanquantile(values, shares))


def rows_of(names):
    return [DIC_NAMES.index(name) for name in names]


def in_box(neuron, table):
    """Which cells have DICs in the training box."""
    low, high = np.transpose([neuron.training.targets[name] for name in neuron.training.target_names])
    found = dics_of(neuron, table)[:, rows_of(neuron.training.target_names)]
    return ((low < found) & (found < high)).all(axis=1)


def print_population(neuron, cells: Cells):
    """Shares of classes, quantiles of figures, and what is in the training box."""
    print_head(f"Population: {len(cells.table)} cells", ("class", "share", "1 / 5 / 50 / 95 / 99 %"))
    inside = in_box(neuron, cells.table)
    for chosen, label in ((np.ones(len(inside), dtype=bool), ""), (inside, " in the training box")):
        for kind in CLASSES:
            of_kind = chosen & (cells.kinds == kind)
            listed = [
                f"{name.replace('_', ' ')} {quantiles(cells.figure(name)[of_kind])} {unit}".strip()
                for name, unit in LISTED[kind].items()
                if of_kind.sum() >= LEAST
            ]
            print_row(f"{kind}{label}", f"{of_kind.sum() / chosen.sum():.3f}", "; ".join(listed))
    found = inside.mean(), inside[cells.fire].mean()
    print("\nIn the training box: {:.3f} of the cells, {:.3f} of those that fire.\n".format(*found))
    for name, values in zip(DIC_NAMES, dics_of(neuron, cells.table[cells.fire]).T, strict=True):
        print(f"- {name} of cells that fire: {quantiles(values)}")


def predicted(dics, values):
    """Means of the values (n, k) of the nearest other cells."""
    ranks = np.column_stack([rankdata(column) for column in dics.T])
    nearest = cKDTree(ranks).query(ranks, NEIGHBOURS + 1)[1][:, 1:]
    return values[nearest].mean(axis=1)


def variance_told(dics, values):
    """R² of a logarithm, or a dash if there are few cells."""
    known = np.isfinite(dics).all(axis=1) & np.isfinite(values)
    if known.sum() < LEAST:
        return "-"
    logs = np.log(values[known])
    return f"{1 - np.mean((logs - predicted(dics[known], logs)) ** 2) / logs.var():.2f}"


def class_told(dics, kinds):
    """Share of classes that are right."""
    known = np.isfinite(dics).all(axis=1)
    one_hot = (kinds[known, None] == np.array(CLASSES)).astype(float)
    right = predicted(dics[known], one_hot).argmax(axis=1) == one_hot.argmax(axis=1)
    return f"{right.mean():.2f}"


def print_voltages(neuron, cells: Cells, voltages):
    """What DICs at each voltage tell."""
    most = max(np.mean(cells.kinds == kind) for kind in CLASSES)
    sets = [*itertools.combinations(DIC_NAMES, 2), DIC_NAMES]
    targets = neuron.training.target_names
    heads = ["{}: class, rate".format(", ".join(names)) for names in sets]
    heads.append(f"{', '.join(targets)}: tonic rate, burst rate, duration")
    heads += [f"{name}: 5 / 50 / 95 %" for name in targets]
    print_head(f"Voltages: class ({most:.2f}), rate told by DICs", ("mV", *heads))
    fire = cells.fire
    for voltage in voltages:
        dics, columns = dics_of(neuron, cells.table, voltage), []
        for names in sets:
            chosen = dics[:, rows_of(names)]
            columns.append(
                f"{class_told(chosen, cells.kinds)}, {variance_told(chosen[fire], cells.rates[fire])}"
            )
        found, bursting = dics[:, rows_of(targets)], cells.kinds == "bursting"
        tonic = cells.kinds == "tonic"
        of_bursts = [
            variance_told(found[bursting], cells.figure(name)[bursting])
            for name in ("burst_rate", "burst_duration")
        ]
        columns.append(", ".join([variance_told(found[tonic], cells.rates[tonic]), *of_bursts]))
        columns += [quantiles(values[fire], (0.05, 0.5, 0.95)) for values in found.T]
        print_row(f"{voltage:g}", *columns)


def print_zeros(neuron, cells: Cells):
    """Where the total DIC turns negative."""
    print_head("Voltage at which the total DIC turns negative", ("class", "quartiles (mV)", "nowhere"))
    zeros = threshold_voltage(neuron, cells.table)
    for kind in CLASSES:
        found = zeros[cells.kinds == kind]
        if np.isfinite(found).sum() >= LEAST:
            print_row(kind, quantiles(found, (0.25, 0.5, 0.75)), f"{np.isnan(found).mean():.2f}")


def condition(neuron, table, columns, rows):
    """Median condition of the derivatives of DICs with the logarithms of conductances."""
    shifted, jacobian = table.astype(complex), np.empty((len(table), len(rows), len(columns)))
    for k, column in enumerate(columns):
        shifted[:, column] = table[:, column] * (1 + 1e-30j)
        jacobian[:, :, k] = dics_of(neuron, shifted)[:, rows].imag / 1e-30
        shifted[:, column] = table[:, column]
    jacobian = jacobian[np.isfinite(jacobian).all(axis=(1, 2))]
    return f"{np.median(np.linalg.cond(jacobian)):.2g}" if len(jacobian) else "-"


def print_pairs(neuron, cells: Cells, n, rng):
    """How far each pair of channels moves cells to the target DICs of others, and what the moved ones do."""
    targets = neuron.training.target_names
    chosen = np.flatnonzero(cells.fire & in_box(neuron, cells.table))[:n]
    donors = rng.permutation(chosen)
    wanted = dics_of(neuron, cells.table[donors])[:, rows_of(targets)]
    same = np.mean(cells.kinds[chosen] == cells.kinds[donors])
    apart = np.nanmedian(np.abs(np.log2(cells.rates[chosen] / cells.rates[donors])))
    print_head(
        f"Pairs: {len(chosen)} cells, each moved to {', '.join(targets)} of another",
        ("pair", "can be", "condition", "fire", f"same class ({same:.2f})", "rank correlation",
         f"log2 ratio ({apart:.2f})"),
    )  # fmt: skip
    names = [channel.name for i, channel in enumerate(neuron.channels) if i != neuron.leak_index]
    for pair in itertools.combinations(names, 2):
        columns = [neuron.index(name) for name in pair]
        table, residuals = solve(neuron, cells.table[chosen], columns, rows_of(targets), wanted)
        good = (table >= 0).all(axis=1) & (residuals <= TOLERANCE)
        found = [f"{good.mean():.2f}", condition(neuron, cells.table[chosen], columns, rows_of(targets))]
        found += compared(neuron, cells, table[good], donors[good]) if good.sum() >= LEAST else ["-"] * 4
        print_row(", ".join(pair), *found)


def compared(neuron, cells: Cells, table, donors):
    """What moved cells do beside the cells whose DICs they have."""
    moved = observed(neuron, table)
    rates, wanted = moved.rates[moved.fire], cells.rates[donors][moved.fire]
    return [
        f"{moved.fire.mean():.2f}",
        f"{np.mean(moved.kinds == cells.kinds[donors]):.2f}",
        f"{spearmanr(rates, wanted)[0]:.2f}",
        f"{np.median(np.abs(np.log2(rates / wanted))):.2f}",
    ]


def golden_errors(neuron, dt):
    """Spikes found and wanted, and the largest error as a share of the time, of each golden cell."""
    path = GOLDEN / f"spike_times_{neuron.name}.json"
    if not path.exists():
        return "-"
    cells, listed = json.loads(path.read_text(encoding="utf-8"))["cells"], []
    for cell in cells:
        table = [[cell["conductances_mS_per_cm2"][name] for name in neuron.conductance_names]]
        current = cell.get("current_uA_per_cm2", 0.0)
        (times,) = simulate(neuron, table, cell["duration_ms"], dt=dt, currents=current).spike_times
        times, wanted = times[times >= cell["discard_ms"]], np.array(cell["spike_times_ms"])
        n = min(len(times), len(wanted))
        error = np.max(np.abs(times[:n] / wanted[:n] - 1), initial=0.0)
        listed.append(f"{len(times)}/{len(wanted)} {error:.3%}")
    return ", ".join(listed)


def cost_of(neuron, table, dt):
    """ns of processor a cell and ms, of one thread, whatever else runs."""
    duration = neuron.training.transient + neuron.training.window
    with ThreadPoolExecutor(1) as alone:
        simulate(neuron, table[:1], 100.0, dt=dt, executor=alone)
        start = time.process_time()
        simulate(neuron, table, duration, dt=dt, executor=alone)
    return 1e9 * (time.process_time() - start) / duration / len(table)


def print_steps(neuron, table, steps):
    """Errors and times of steps, with the other settings as declared."""
    fine = observed(neuron, table, dt=neuron.time_step / 10)
    duration = neuron.training.transient + neuron.training.window
    print_head(
        f"Steps: {len(table)} cells; half at {neuron.half_step_rate:g} mV/ms, shortest "
        f"{neuron.shortest_step:g} of the longest",
        ("longest step (ms)", "ns a cell and ms", f"cells a second and core ({duration / 1000:g} s each)",
         "other class", "tonic rate off by > 1 %", "golden cells: spikes, largest error"),
    )  # fmt: skip
    for dt in steps:
        cells, cost = observed(neuron, table, dt=dt), cost_of(neuron, table, dt)
        off = np.mean(~(np.abs(cells.rates / fine.rates - 1)[fine.kinds == "tonic"] <= 0.01))
        other = np.sum(cells.kinds != fine.kinds)
        speed = 1e9 / cost / duration
        print_row(f"{dt:g}", f"{cost:.0f}", f"{speed:.0f}", f"{other}", f"{off:.3f}",
                  golden_errors(neuron, dt))  # fmt: skip


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = ("population", "voltages", "pairs", "steps")
    parser.add_argument("neuron", help="name of a neuron of this package")
    parser.add_argument("--parts", nargs="+", choices=parts, default=parts)
    parser.add_argument("--cells", type=int, default=2000)
    parser.add_argument("--moved", type=int, default=300, help="cells that each pair moves")
    parser.add_argument("--stepped", type=int, default=100, help="cells on which steps are compared")
    parser.add_argument("--voltage", type=float, help="of the DICs, in mV; default: the neuron's own")
    parser.add_argument("--targets", nargs=2, choices=DIC_NAMES, help="default: the neuron's own; any values")
    parser.add_argument("--voltages", type=float, nargs="+", help="default: 20 mV around the neuron's own")
    parser.add_argument("--steps", type=float, nargs="+", help="default: 1/4 to twice the neuron's own")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    neuron = import_module(f"elephant_dic.neurons.{arguments.neuron}").NEURON
    if arguments.voltage is not None:
        neuron = replace(neuron, threshold_voltage=arguments.voltage)
    if arguments.targets:
        targets = dict.fromkeys(arguments.targets, (-np.inf, np.inf))
        neuron = replace(neuron, training=replace(neuron.training, targets=targets))
    print(f"# {neuron.name}: DICs at {neuron.threshold_voltage:g} mV, seed {arguments.seed}")
    rng = np.random.default_rng(arguments.seed)
    table = reference_population(neuron, arguments.cells, rng)
    if set(arguments.parts) != {"steps"}:
        cells = observed(neuron, table)
    if "population" in arguments.parts:
        print_population(neuron, cells)
    if "voltages" in arguments.parts:
        around = neuron.threshold_voltage + np.arange(-20, 20.1, 2.5)
        print_voltages(neuron, cells, arguments.voltages or around)
        print_zeros(neuron, cells)
    if "pairs" in arguments.parts:
        print_pairs(neuron, cells, arguments.moved, rng)
    if "steps" in arguments.parts:
        own = [neuron.time_step * factor for factor in (0.25, 0.5, 1, 2)]
        print_steps(neuron, table[: arguments.stepped], arguments.steps or own)


if __name__ == "__main__":
    main()
