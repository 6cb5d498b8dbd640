"""Folders of Kilosort and of phy: spike_times.npy with spike_clusters.npy or spike_templates.npy."""

from __future__ import annotations

import ast
import csv
import math
import os
import re

import numpy as np

from ..spike_detection import RecordingError
from .arrays import column, loaded
from .sorting import SortedUnit, contents_of, grouped

TIMES, CLUSTERS, TEMPLATES = "spike_times.npy", "spike_clusters.npy", "spike_templates.npy"
LONGEST_LINE = 2000  # characters of params.py
#: Tables of clusters and their columns that count; Kilosort 4 writes its own label into cluster_group.tsv.
TABLES = {
    "cluster_info.tsv": ("group", "KSLabel", "ch"),
    "cluster_KSLabel.tsv": ("KSLabel",),
    "cluster_group.tsv": ("group", "KSLabel"),
    "cluster_group.csv": ("group", "KSLabel"),
}
_ASSIGNMENT = re.compile(r"\s*(\w+)\s*=\s*(.+)")


def is_phy(folder):
    return (folder / TIMES).is_file() and any((folder / name).is_file() for name in (CLUSTERS, TEMPLATES))


def read_phy(folder):
    """Read the units of a folder of phy or Kilosort, but for noise.

    The label of phy's user becomes the annotation `quality`, the sorter's opinion `KSLabel`. The end of the
    recording comes from the raw file where it is there.
    """
    parameters = _parameters(folder)
    rate = parameters.get("sample_rate")
    if not isinstance(rate, int | float) or not 0 < rate < math.inf:
        raise RecordingError(
            "it has no params.py with a number sample_rate: write one, with a line sample_rate = 30000."
        )
    which = CLUSTERS if (folder / CLUSTERS).is_file() else TEMPLATES
    samples, clusters = (column(loaded(folder / name), name) for name in (TIMES, which))
    if samples.size != clusters.size:
        raise RecordingError(
            f"{TIMES} holds {samples.size} spikes, {which} {clusters.size}: they belong together"
        )
    if not samples.size:
        raise RecordingError("it holds no spikes")
    if any((each != np.round(each)).any() for each in (samples, clusters)):
        raise RecordingError(
            f"{TIMES} and {which} have to hold whole numbers: samples, and identifiers of units"
        )
    labels, notes = _labels(folder)
    units, noise = _units(samples.astype(np.int64) / rate, clusters.astype(np.int64), labels)
    if noise:
        notes.append(f"left out, as it is labelled noise: {', '.join(noise)}")
    stop = _end_of_raw_file(folder, parameters, rate)
    last = float(samples.max()) / rate
    known = stop is not None and stop >= last
    return contents_of(units, [stop] if known else None, lasts=[last], notes=notes, kind="the folder")


def _parameters(folder):
    """The plain values that params.py assigns to names; it is never run."""
    path = folder / "params.py"
    if not path.is_file():
        return {}
    found = {}
    for line in path.read_text(encoding="utf-8-sig", errors="replace").splitlines():
        match = _ASSIGNMENT.fullmatch(line) if len(line) <= LONGEST_LINE else None
        if match:
            try:
                found[match[1]] = ast.literal_eval(match[2])
            except (
                ValueError,
                SyntaxError,
                MemoryError,
                RecursionError,
                TypeError,
            ):  # an expression: not needed
                continue
    return found


def _end_of_raw_file(folder, parameters, rate):
    """Duration in s of the recording that was sorted, by the size of its files; None if they are missing."""
    names, n_channels = parameters.get("dat_path"), parameters.get("n_channels_dat")
    names = [names] if isinstance(names, str) else names
    if not isinstance(n_channels, int) or n_channels < 1 or not isinstance(names, list | tuple) or not names:
        return None
    try:
        size = sum(os.path.getsize(folder / name) for name in names)
        width = np.dtype(parameters.get("dtype", "int16")).itemsize
        offset = int(parameters.get("offset", 0))
    except (OSError, TypeError, ValueError):
        return None
    return (size - offset) / width / n_channels / rate


def _labels(folder):
    """Of each cluster, what phy's user and the sorter think of it, and its channel; notes on bad tables."""
    found, notes = {}, []
    for name, wanted in TABLES.items():
        rows = _table(folder / name) or {}
        if rows and not any(key in row for row in rows.values() for key in wanted):
            notes.append(f"{name} holds no label of a unit: its header should name {' or '.join(wanted)}")
        for cluster, row in rows.items():
            known = {key: row[key].strip() for key in wanted if row.get(key)}
            found.setdefault(cluster, {}).update(known)
    return found, notes


def _table(path):
    """Rows of a .tsv file by the number in their first column; None if there is no such file."""
    if not path.is_file():
        return None
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        lines = [line for line in file if "\0" not in line]
    rows = csv.DictReader(lines, delimiter="\t" if lines and "\t" in lines[0] else ",")
    first = (rows.fieldnames or [""])[0]
    return {int(row[first]): row for row in rows if (row[first] or "").strip().isdigit()}


def _units(times, clusters, labels):
    """The units, and what is left out as noise."""
    units, noise = [], []
    for cluster, own in grouped(times, clusters).items():
        label = labels.get(cluster, {})
        quality = (label.get("group") or "unsorted").lower()
        if quality == "noise":
            noise.append(f"unit {cluster} ({own.size} spikes)")
            continue
        known = {"quality": quality} | {key: label[key] for key in ("KSLabel",) if key in label}
        units.append(SortedUnit(f"unit {cluster}", {0: own}, (str(cluster),), label.get("ch"), known))
    return units, noise
