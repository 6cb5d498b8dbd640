"""What is to be compared between groups: tables, files and results as rows of animals, cells and numbers."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import neo
import numpy as np

from ..arguments import columns_by_name, shown
from ..inference import DICEstimate, Skipped
from ..neurons import DIC_NAMES
from ..populations import conductance_table
from ..recordings import RecordingError
from ..search import to_dataframe
from .group_files import check_names, number_of, table_in

if TYPE_CHECKING:
    import pandas

#: Of a column beside that of a quantity.
STD = "_std"
_UNKNOWN = ("", "nan", "na", "n/a", "none", "null")
#: Of conditions: NA is noradrenaline, a null a mutant, and none no drug.
_NO_CONDITION = ("", "nan", "n/a")
_MOST_NAMED = 5  # rows in a message


@dataclass(frozen=True)
class Recordings:
    """Rows of a table that are compared.

    Attributes
    ----------
    labels : pandas.DataFrame
        ``condition``, ``animal`` and ``cell`` of each recording, text.
    conditions : tuple of str
        The first is the reference.
    values, stds : dict of str to (n,) array
        By quantity; NaN where it is not known. The standard deviations are those of the errors of
        measurement; a quantity of which none is known is not among them.
    notes : tuple of str
        What is to be known of the table.
    """

    labels: pandas.DataFrame
    conditions: tuple[str, ...]
    values: dict[str, np.ndarray]
    stds: dict[str, np.ndarray]
    notes: tuple[str, ...]


def recordings_of(
    table: Any,
    quantities: str | Sequence[str] | None,
    condition: str | Sequence[Any],
    animal: str | Sequence[Any],
    cell: str | Sequence[Any] | None,
    reference: str | None,
) -> Recordings:
    """The rows of a table, a CSV file, or results; arguments and errors as of `compare_groups`."""
    asked = (quantities, condition, animal, cell, reference)
    if not isinstance(table, str | os.PathLike):
        return _recordings(
            _frame_of(table), *asked, or_list=", or give there a list with one for each recording"
        )
    path = Path(table)
    try:
        return _recordings(table_in(path), *asked, or_list="")
    except ValueError as error:
        raise RecordingError(f"{path}: {error}") from None


def _frame_of(table):
    """A table of the caller, or a table of results."""
    import pandas

    check_names([str(name) for name in getattr(table, "columns", ())])
    columns = columns_by_name(table)
    if columns is not None:
        lists = {name: list(values) for name, values in columns.items()}
        lengths = {name: len(values) for name, values in lists.items()}
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise ValueError(f"columns must be of one length, got {told}")
        return pandas.DataFrame(lists)
    if isinstance(table, DICEstimate | neo.Block | Skipped):
        raise TypeError(f"a single {type(table).__name__} cannot be compared: give a list of results")
    if not isinstance(table, Iterable):
        raise TypeError(
            f"table must be a DataFrame, a path of a CSV file or a list of results, got {shown(table)}"
        )
    results = list(table)
    frame = to_dataframe(results)
    rows = [_conductances(each) if isinstance(each, neo.Block) else {} for each in results]
    return pandas.concat([frame, pandas.DataFrame(rows, index=frame.index)], axis=1)


def _conductances(block) -> dict[str, float]:
    """Means and standard deviations over the members that fire like the recording, or of unverified ones."""
    names, members = conductance_table(block)
    members = members[
        np.asarray(block.annotations.get("population_matches", np.ones(len(members))), dtype=bool)
    ]
    if len(members) < 2:
        return {}
    row = {}
    for name, mean, std in zip(names, members.mean(axis=0), members.std(axis=0, ddof=1), strict=True):
        row |= {name: float(mean), name + STD: float(std)}
    return row


def _recordings(frame, quantities, condition, animal, cell, reference, or_list):
    import pandas

    if frame.empty:
        raise ValueError("there is no recording to compare")
    _check_neuron(frame)
    labels = pandas.DataFrame(
        {
            "condition": _labels(frame, condition, "condition", or_list),
            "animal": _labels(frame, animal, "animal", or_list),
            "cell": _cells(frame, cell, or_list),
        }
    )
    names = _names(frame, quantities, {each for each in (condition, animal, cell) if isinstance(each, str)})
    values, stds, notes = {}, {}, []
    for name in names:
        values[name] = _numbers(frame, name)
        std, note = _std_of(frame, name, values[name])
        if std is not None:
            stds[name] = std
        notes += [note] if note else []
    notes += [*_alike(labels), *_repeated(frame, labels), *_outside(frame)]
    conditions = _conditions(labels["condition"], reference)
    labels["cell"] = [name or f"row {number}" for number, name in enumerate(labels["cell"], 1)]
    return Recordings(labels, conditions, values, stds, tuple(notes))


def _conditions(labels, reference):
    """Names of the conditions, at least two, the reference before the others."""
    found = list(dict.fromkeys(labels))
    if pair := _pair_alike(found):
        raise ValueError(
            f"are {pair[0]!r} and {pair[1]!r} one condition? Write them alike, or rename one of them"
        )
    first = found[0] if reference is None else _text(reference)
    if first not in found:
        raise ValueError(f"there is no condition {first!r}: reference= is one of {', '.join(found)}")
    if len(found) < 2:
        raise ValueError(f"all recordings are of condition {first!r}: there is nothing to compare it with")
    return (first, *(name for name in found if name != first))


def _pair_alike(names):
    """Two names that differ by capitals, or by characters that look alike; None if there are none."""
    found: dict[str, str] = {}
    for name in names:
        first = found.setdefault(unicodedata.normalize("NFKC", name).casefold(), name)
        if first != name:
            return first, name
    return None


def _alike(labels):
    """A note on animals, and one on cells of an animal, whose names hardly differ."""
    pairs = [("animals", _pair_alike(labels["animal"]))]
    pairs += [("cells", _pair_alike(cells)) for _, cells in labels["cell"].groupby(labels["animal"])]
    found = [f"{words} {pair[0]!r} and {pair[1]!r} count as two" for words, pair in pairs if pair]
    return dict.fromkeys(found)


def _repeated(frame, labels):
    """A note on rows that are the same in all columns."""
    rows = [*zip(*(labels[name] for name in labels), *(map(str, frame[name]) for name in frame), strict=True)]
    places: dict[tuple, list[int]] = {}
    for number, row in enumerate(rows, 1):
        places.setdefault(row, []).append(number)
    again = sorted(number for numbers in places.values() for number in numbers[1:])
    if not again:
        return []
    others = "an earlier one" if len(again) == 1 else "earlier ones"
    return [f"{_rows(again)} the same in all columns as {others}, and all count: remove what is there twice"]


def _check_neuron(frame):
    """DICs and conductances of several neurons are not the same quantities."""
    neurons = sorted({str(name) for name in frame.get("neuron", ()) if not _is_unknown(name)})
    if len(neurons) > 1:
        raise ValueError(
            f"the recordings are of several neurons, {', '.join(neurons)}, whose DICs are not the "
            "same quantities: give the rows of one of them"
        )


def _outside(frame):
    """A note on recordings that are unlike those that the network was trained on."""
    n = sum(str(inside).strip().lower() == "false" for inside in frame.get("in_domain", ()))
    are = "is" if n == 1 else "are"
    return [f"{n} of {len(frame)} recordings {are} outside of what the network was trained on"] if n else []


def _labels(frame, given, what, or_list) -> list[str]:
    """Text of each row, from a column or as given."""
    values = _column(frame, given, what, or_list) if isinstance(given, str) else given
    if not isinstance(values, Iterable):
        raise TypeError(
            f"{what} must be the name of a column, or a name for each recording, got {shown(given)}"
        )
    values = list(values)
    if len(values) != len(frame):
        raise ValueError(
            f"{what}: got {number_of(len(values), 'name')} for {number_of(len(frame), 'recording')}"
        )
    words = _NO_CONDITION if what == "condition" else _UNKNOWN
    missing = [number for number, value in enumerate(values, 1) if _is_unknown(value, words)]
    if missing:
        value = values[missing[0] - 1]
        but = f" but {value!r}" if isinstance(value, str) and value.strip() else ""
        raise ValueError(f"{_rows(missing)} no {what}{but}: fill it in, or remove what is not to be compared")
    return [_text(value) for value in values]


def _column(frame, name, what, or_list):
    if name not in frame.columns:
        raise ValueError(
            f"there is no column {name!r}: name the column of the {what} with {what}={or_list}; the columns "
            f"are {', '.join(map(str, frame.columns))}"
        )
    return frame[name]


def _text(value):
    """A label on a line; numbers without a point, as a column of them may be read with or without."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    return " ".join(str(value).split())


def _cells(frame, given, or_list) -> list[str]:
    """Names of cells, "" where there is none."""
    if given is None and "cell" not in frame.columns:
        return [""] * len(frame)
    if given is None or isinstance(given, str):
        column = _column(frame, given or "cell", "cell", or_list)
        return ["" if _is_unknown(name) else _text(name) for name in column]
    return _labels(frame, given, "cell", or_list)


def _names(frame, quantities, labels) -> list[str]:
    """Of the quantities asked for, by default those whose uncertainty is in the table."""
    columns = [str(name) for name in frame.columns]
    if quantities is None:
        found = [name for name in columns if name + STD in columns or _has_ends(columns, name)]
        if not found:
            raise ValueError(
                f"no column has another with its standard deviation, as g_s and g_s{STD}: say what to "
                f"compare with quantities=; the columns are {', '.join(columns)}"
            )
        return found
    if not isinstance(quantities, str | Sequence):
        raise TypeError(f"quantities must be names of columns, got {shown(quantities)}")
    asked = [quantities] if isinstance(quantities, str) else list(quantities)
    for name in asked:
        if not isinstance(name, str):
            raise TypeError(f"quantities must be names of columns, got {shown(name)}")
        if name not in columns or name in labels:
            raise ValueError(f"there is no quantity {name!r}; the columns are {', '.join(columns)}")
    if not asked:
        raise ValueError("quantities is empty: name the columns to compare")
    return list(dict.fromkeys(asked))


def _has_ends(columns, name):
    """Whether a table of a session has the ends of the 68 % interval of a DIC."""
    return name in DIC_NAMES and {f"{name}_low", f"{name}_high"} <= set(columns)


def _std_of(frame, name, values) -> tuple[np.ndarray | None, str]:
    """Standard deviations of the errors of a quantity, if they are known, and what is to be said of them."""
    note = ""
    if name + STD in frame.columns:
        std = _numbers(frame, name + STD)
    elif _has_ends(frame.columns, name):
        std = (_numbers(frame, f"{name}_high") - _numbers(frame, f"{name}_low")) / 2
        note = f"{name}: standard deviations are taken as half of the 68 % intervals"
    else:
        std = np.full(len(values), np.nan)
    known = np.isfinite(values)
    if np.isnan(std[known]).all():
        return None, f"{name}: the uncertainty of its values is not known, and all recordings count alike"
    missing = np.flatnonzero(known & np.isnan(std)) + 1
    if len(missing):
        raise ValueError(
            f"{_rows(missing)} {name} but not {name}{STD}: fill it in, or remove the rows, or all of the "
            f"column {name}{STD}"
        )
    negative = np.flatnonzero(known & (std < 0)) + 1
    if len(negative):
        raise ValueError(f"{_rows(negative)} a negative standard deviation of {name}")
    return std, note


def _numbers(frame, name) -> np.ndarray:
    """A column as numbers; NaN where nothing is known."""
    numbers = np.full(len(frame), np.nan)
    for i, value in enumerate(frame[name]):
        if _is_unknown(value):
            continue
        try:
            numbers[i] = float(value)
        except (TypeError, ValueError):
            hint = ": write it with a point and nothing between thousands" if "," in str(value) else ""
            raise ValueError(f"row {i + 1}: {name} must be a number, got {shown(value)}{hint}") from None
        if not np.isfinite(numbers[i]):
            raise ValueError(f"row {i + 1}: {name} must be finite, got {shown(value)}")
    return numbers


def _is_unknown(value, words=_UNKNOWN):
    """Whether nothing is known of a value: None, NaN, a blank, or a word for it."""
    if isinstance(value, str):
        return value.strip().lower() in words
    import pandas

    return np.ndim(value) == 0 and bool(pandas.isna(value))


def _rows(numbers):
    """As the beginning of a sentence on rows."""
    named = ", ".join(map(str, numbers[:_MOST_NAMED])) + (" and others" if len(numbers) > _MOST_NAMED else "")
    return f"row {named} has" if len(numbers) == 1 else f"rows {named} have"
