"""How often groups of cells are said to differ: where they do not, and where they do.

    python benchmarks/groups.py [--repeats N] [--experiments N]

Three tables. Simulated measurements of nested animals without any difference: the share of experiments with
p < 0.05, which should be 0.05 at most. The same with a difference. And DICs inferred from spike trains: cells
of the STG neuron's reference family in animals with DICs of their own, a conductance halved in a group.

Beside `compare_groups`, all without the errors of measurement: "animals", Welch's t test of their means,
paired where they are in both conditions; "cells", the t test of cells as if they were independent, paired
where they are in both conditions; "MixedLM", the z test of a model with an intercept for each animal
(statsmodels, REML), in every fourth experiment. In brackets standard errors.
"""

from __future__ import annotations

import argparse
import warnings
from dataclasses import dataclass

import neo
import numpy as np
import pandas
from scipy import stats

from elephant_dic import compare_groups, compute_dics, get_neuron, infer_dics_many, to_dataframe
from elephant_dic.neurons import compensated_population
from elephant_dic.simulation import simulate

SEED = 20261130
LEVEL = 0.05
#: Experiments for each in which the mixed model is fitted, as it takes long.
EVERY = 4
METHODS = ("compare_groups", "animals", "cells", "MixedLM")
#: Standard deviations of errors, as those of g_s of the STG neuron: most small, some large.
_ERROR_MEDIAN, _ERROR_SPREAD = 0.5, 0.8


@dataclass(frozen=True)
class Design:
    """An experiment: animals of each of two conditions, and the cells of each.

    Attributes
    ----------
    name : str
    animals : (int, int)
    cells : (int, int)
        Fewest and most of an animal in a condition.
    lone : bool
        Whether the first animal of each condition has 20 cells whatever the others have.
    paired : str
        "" (other animals), "animals" (other cells of the same animals) or "cells" (the same cells).
    """

    name: str
    animals: tuple[int, int]
    cells: tuple[int, int]
    lone: bool = False
    paired: str = ""

    def draw(self, rng, animal_std, effect) -> pandas.DataFrame:
        """Measurements; the standard deviation of cells of an animal is 1."""
        rows, of_animal, of_cell = [], {}, {}
        for condition, n_animals in enumerate(self.animals):
            for i in range(n_animals):
                animal = i if self.paired else (condition, i)
                n_cells = 20 if self.lone and not i else rng.integers(self.cells[0], self.cells[1] + 1)
                if self.paired == "cells" and condition:
                    n_cells = sum(key[0] == animal for key in of_cell)
                own = of_animal.setdefault(animal, rng.normal(0, animal_std))
                # in pairs, animals also differ in what the condition does to them
                own += rng.normal(0, animal_std / 2) if self.paired else 0
                for k in range(n_cells):
                    cell = (animal, k) if self.paired == "cells" else (animal, condition, k)
                    value = own + of_cell.setdefault(cell, rng.normal()) + effect * condition
                    value += rng.normal(0, 0.3) if self.paired == "cells" else 0
                    rows.append((f"condition {condition}", str(animal), str(cell), value))
        table = pandas.DataFrame(rows, columns=["condition", "animal", "cell", "g"])
        table["g_std"] = _ERROR_MEDIAN * np.exp(rng.normal(0, _ERROR_SPREAD, len(table)))
        table["g"] += rng.normal(0, table["g_std"])
        return table


DESIGNS = (
    Design("3 + 3 animals, 1 to 20 cells", (3, 3), (1, 20)),
    Design("3 + 3 animals, 5 cells", (3, 3), (5, 5)),
    Design("3 + 3 animals, 1 cell", (3, 3), (1, 1)),
    Design("3 + 3 animals, one with 20 cells, others 1 to 3", (3, 3), (1, 3), lone=True),
    Design("3 + 6 animals, 1 to 20 cells", (3, 6), (1, 20)),
    Design("5 + 5 animals, 1 to 20 cells", (5, 5), (1, 20)),
    Design("8 + 8 animals, one with 20 cells, others 1 to 3", (8, 8), (1, 3), lone=True),
    Design("8 + 8 animals, 1 to 20 cells", (8, 8), (1, 20)),
    Design("the same 4 animals, other cells, 1 to 20", (4, 4), (1, 20), paired="animals"),
    Design("the same 4 animals and cells, 1 to 20", (4, 4), (1, 20), paired="cells"),
    Design("the same 8 animals and cells, 1 to 20", (8, 8), (1, 20), paired="cells"),
)
POWER = tuple(Design(f"{n} + {n} animals, 1 to 10 cells", (n, n), (1, 10)) for n in (3, 4, 6, 8)) + (
    Design("the same 4 animals and cells, 1 to 10", (4, 4), (1, 10), paired="cells"),
)
ANIMAL_STDS = (0.0, 0.7)
#: Of the third table.
UNCHANGED = "as the first"
N_ANIMALS, N_CELLS, DICS, HALVED = 60, 5, (-6.0, 8.0), ("g_A", "g_H", "g_Kd")
EFFECTS = (0.5, 1.0, 1.5, 2.0)  # standard deviations of cells, those of animals in them


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=400, help="experiments a design (default: 400)")
    parser.add_argument("--experiments", type=int, default=100, help="of spike trains (default: 100)")
    arguments = parser.parse_args()
    rng = np.random.default_rng(SEED)
    without_difference(arguments.repeats, rng)
    with_difference(arguments.repeats // 2, rng)
    from_spike_trains(arguments.experiments, rng)


def without_difference(n, rng):
    """Print what is found where there is nothing."""
    print(
        f"Nothing differs: share of {n} experiments with p < {LEVEL:g}, and of 95 % intervals that hold 0\n"
    )
    print(f"| design | standard deviation of animals / of cells | {' | '.join(METHODS)} | intervals |")
    print("|---" * (len(METHODS) + 3) + "|")
    every = []
    for design in DESIGNS:
        for animal_std in ANIMAL_STDS:
            found = [judged(design.draw(rng, animal_std, 0.0), i % EVERY == 0) for i in range(n)]
            every += found
            print(
                f"| {design.name} | {animal_std:g} | {_shares(found)} | {_holding_zero(found)} |", flush=True
            )
    print(f"| all | | {_shares(every)} | {_holding_zero(every)} |")


def _holding_zero(found):
    return f"{np.mean([each.low <= 0 <= each.high for each in found]):.3f}"


def with_difference(n, rng):
    """Print what is found where conditions differ."""
    print(
        f"\nA difference: share of {n} experiments with p < {LEVEL:g}, standard deviation of animals "
        f'{ANIMAL_STDS[-1]:g} of cells\'. What "cells" and "MixedLM" find counts for nothing where they find '
        "as much without a difference.\n"
    )
    print(
        f"| design | difference, in standard deviations | {' | '.join(METHODS)} | median of our estimates |"
    )
    print("|---" * (len(METHODS) + 3) + "|")
    unit = np.hypot(1, ANIMAL_STDS[-1])
    for design in POWER:
        for effect in EFFECTS:
            tables = (design.draw(rng, ANIMAL_STDS[-1], effect * unit) for _ in range(n))
            found = [judged(table, i % EVERY == 0) for i, table in enumerate(tables)]
            middle = np.median([each.difference for each in found]) / unit
            print(f"| {design.name} | {effect:g} | {_shares(found)} | {middle:.2f} |", flush=True)


def from_spike_trains(n, rng):
    """Print what is found from the spike trains of model cells."""
    names = ("g_s", "g_u")
    pool = {name: inferred(cells) for name, cells in drawn(rng).items()}
    print(
        f"\nFrom spike trains of 10 s: share of {n} experiments with p < {LEVEL:g}. Each draws from "
        f"{N_ANIMALS} animals of {N_CELLS} cells.\n"
    )
    print(f"| second group | animals | DIC | true difference | our median | {' | '.join(METHODS)} |")
    print("|---" * (len(METHODS) + 5) + "|")
    for change in pool:
        for n_animals, paired in ((3, False), (5, False), (4, True)):
            if paired and change == UNCHANGED:
                continue  # the same trains
            design = f"the same {n_animals}" if paired else f"{n_animals} + {n_animals}"
            for name in names:
                tables = (experiment(pool, change, name, n_animals, paired, rng) for _ in range(n))
                found = [judged(table, i % EVERY == 0) for i, table in enumerate(tables)]
                true = np.mean(pool[change][f"true_{name}"] - pool[UNCHANGED][f"true_{name}"])
                middle = np.median([each.difference for each in found])
                start = f"| {change} | {design} | {name} | {true:.2f} | {middle:.2f}"
                print(f"{start} | {_shares(found)} |", flush=True)


def drawn(rng):
    """Cells of animals whose DICs differ, as they are and with a conductance halved, by what was done."""
    neuron = get_neuron("stg")
    of_animal = rng.normal(0, 1.0, (N_ANIMALS, 2)).repeat(N_CELLS, axis=0)
    dics = np.array(DICS) + of_animal + rng.normal(0, 1.5, of_animal.shape)
    cells, _ = compensated_population(neuron, np.column_stack([np.full(len(dics), np.nan), dics]), rng)
    changed = {UNCHANGED: cells}
    for name in HALVED:
        changed[f"{name} halved"] = cells.copy()
        changed[f"{name} halved"][:, neuron.conductance_names.index(name)] /= 2
    return changed


def inferred(cells):
    """Their own DICs, and those inferred from 10 s after 10 s."""
    run = simulate(get_neuron("stg"), cells, 20_000.0)
    trains = [
        neo.SpikeTrain(times[times >= 10_000] - 10_000, units="ms", t_stop=10_000)
        for times in run.spike_times
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of cells out of the domain
        table = to_dataframe(infer_dics_many(trains, "stg", errors="skip"))
    own = compute_dics(cells, "stg")
    table["true_g_s"], table["true_g_u"] = own[:, 1], own[:, 2]
    table["animal"] = np.arange(len(cells)) // N_CELLS
    table["cell"] = np.arange(len(cells))
    return table


def experiment(pool, change, name, n_animals, paired, rng):
    """Cells of some animals as they are, and of others, or the same, after the change."""
    chosen = rng.permutation(N_ANIMALS)
    groups = chosen[:n_animals], chosen[:n_animals] if paired else chosen[n_animals : 2 * n_animals]
    parts = [
        table[table["animal"].isin(animals)].assign(condition=condition)
        for table, animals, condition in zip(
            (pool[UNCHANGED], pool[change]), groups, ("condition 0", "condition 1"), strict=True
        )
    ]
    table = pandas.concat(parts)[["condition", "animal", "cell", name, f"{name}_std"]].astype(
        {"animal": str, "cell": str}
    )
    return table.rename(columns={name: "g", f"{name}_std": "g_std"}).dropna()


@dataclass(frozen=True)
class Judged:
    """What all methods say of an experiment (p; NaN: not asked), and our difference with its interval."""

    p: tuple[float, ...]
    difference: float
    low: float
    high: float


def judged(table, with_mixed):
    """All methods on one experiment."""
    (effect,) = compare_groups(table, "g").to_dataframe().to_dict("records")
    p = (effect["p"], welch(table), independent(table), mixed(table) if with_mixed else np.nan)
    return Judged(p, effect["difference"], effect["low"], effect["high"])


def _shares(found):
    """Shares below the level, with standard errors, a column a method."""
    texts = []
    for column in np.array([each.p for each in found]).T:
        known = column[np.isfinite(column)]
        share = np.mean(known < LEVEL) if len(known) else np.nan
        error = np.sqrt(share * (1 - share) / len(known)) if len(known) else np.nan
        texts.append(f"{share:.3f} ({error:.3f})" if len(known) else "")
    return " | ".join(texts)


def _sides(table):
    """The two conditions of a Series whose index has them."""
    return [table.xs(name, level="condition") for name in table.index.unique("condition")]


def welch(table):
    first, second = _sides(table.groupby(["condition", "animal"])["g"].mean())
    if set(first.index) == set(second.index):
        return stats.ttest_rel(first.sort_index(), second.sort_index()).pvalue
    return stats.ttest_ind(first, second, equal_var=False).pvalue


def independent(table):
    first, second = _sides(table.set_index(["condition", "cell"])["g"])
    if set(first.index) == set(second.index):
        return stats.ttest_rel(first.sort_index(), second.sort_index()).pvalue
    return stats.ttest_ind(first, second).pvalue


def mixed(table):
    from statsmodels.regression.mixed_linear_model import MixedLM

    if table["animal"].nunique() == len(table):
        return np.nan  # an animal's intercept cannot be told from its cell
    condition = (table["condition"] == "condition 1").to_numpy(dtype=float)
    design = np.column_stack([np.ones(len(table)), condition])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return MixedLM(table["g"].to_numpy(), design, table["animal"].to_numpy()).fit().pvalues[1]
        except np.linalg.LinAlgError:
            return np.nan


if __name__ == "__main__":
    main()
