"""Small sessions for tests: files of regular units, and what is compared of two sessions."""

import csv

import neo
import numpy as np
import quantities as pq

#: Settings with which a cell takes some ms.
QUICK = {"n_models": 3, "verify": False, "suffix": ".csv", "seed": 7}


def regular(period, n=60, seed=0):
    """Spike times (ms) of a tonic cell, some jitter apart."""
    return 30 + period * np.arange(n) + np.random.default_rng(seed).normal(0, 0.01 * period, n)


def train(times, name=None, t_stop=10_000, **annotations):
    made = neo.SpikeTrain(np.asarray(times, dtype=float) * pq.ms, t_stop=t_stop * pq.ms, name=name)
    made.annotate(**annotations)
    return made


def write_units(path, units):
    """Write a table with a column (ms) a unit, given by name."""
    longest = max(map(len, units.values()))
    columns = [[*map(repr, map(float, times)), *[""] * (longest - len(times))] for times in units.values()]
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([list(units), *zip(*columns, strict=True)])
    return path


def lines_of(table):
    """The lines of a session's table, without the time that each took."""
    with open(table, newline="", encoding="utf-8") as file:
        return [
            {key: value for key, value in row.items() if key != "seconds"} for row in csv.DictReader(file)
        ]


def populations_of(folder):
    """The bytes of all populations in a session's folder, by place."""
    found = [path for path in (folder / "cells").rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}
