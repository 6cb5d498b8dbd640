"""Tables of groups in files: what spreadsheets of several languages write."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas

_IN_THOUSANDS, _HUNDREDS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}"), re.compile(r"[+-]?\d{3}")


def table_in(path: Path) -> pandas.DataFrame:
    """A CSV file as text: with commas, semicolons or tabs, after lines that begin with #.

    Raises
    ------
    ValueError
        If it is none.
    """
    import pandas

    try:
        is_there = path.is_file()
    except OSError as error:  # a name that is too long, say
        raise ValueError(str(error)) from None
    if not is_there:
        raise ValueError("there is no such file" if not path.is_dir() else "it is a folder")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    except UnicodeDecodeError:
        raise ValueError('it is no text in UTF-8: save it as "CSV UTF-8"') from None
    while lines and (lines[0].startswith("#") or not lines[0].strip()):
        del lines[0]
    if not lines:
        raise ValueError("it has no table: the first line names the columns, then a line a recording follows")
    mark = max(",;\t", key=lines[0].count)
    try:
        header, *rows = [
            row
            for row in (
                [cell.strip() for cell in line]
                for line in csv.reader(lines, delimiter=mark, skipinitialspace=True)
            )
            if any(row)
        ]
    except csv.Error as error:
        raise ValueError(f"it is no table: {error}") from None
    check_names(header)
    rows = _rectangle(header, rows)
    for name, *column in zip(header, *rows, strict=True):
        _check_thousands(name, column)
    return pandas.DataFrame(_with_points(rows, mark), columns=header, dtype=object)


def _check_thousands(name, column):
    """A `ValueError` for a column whose numbers go on from 999 as 1,000 or 1.000: no decimals, it seems."""
    marked = [text for text in column if "," in text or "." in text]
    whole = [text for text in column if _HUNDREDS.fullmatch(text)]
    if marked and whole and all(_IN_THOUSANDS.fullmatch(text) for text in marked):
        digits = re.sub("[.,]", "", marked[0])
        raise ValueError(
            f"column {name} has {whole[0]} and {marked[0]}: is that {digits}? Write nothing between "
            f"thousands, or all numbers with as many decimals"
        )


def _rectangle(header, rows):
    """Rows of as many cells as the header, without blank ones behind them."""
    n = len(header)
    for number, row in enumerate(rows, 1):
        if len(row) < n or any(row[n:]):
            why = "put text that holds commas in quotes" if len(row) > n else "leave blank what is not known"
            raise ValueError(
                f"row {number} below the header has {number_of(len(row), 'cell')}, and the header {n}: {why}"
            )
    return [row[:n] for row in rows]


def check_names(names: list[str]) -> None:
    """A `ValueError` if columns are called alike."""
    twice = sorted({name for name in names if names.count(name) > 1 and name})
    if twice:
        raise ValueError(f"there are several columns {', '.join(twice)}: rename or remove all but one")


def _with_points(rows, mark):
    """The rows with points in numbers that have a decimal comma.

    Semicolons go with them; elsewhere 5,773 could be thousands, unless other numbers show what commas are.
    """
    with_comma = {
        text for row in rows for text in row if text.count(",") == 1 and _is_number(_with_point(text))
    }
    if mark != ";" and all(_IN_THOUSANDS.fullmatch(text) for text in with_comma):
        return rows
    return [[_with_point(text) if text in with_comma else text for text in row] for row in rows]


def _with_point(text):
    return text.replace(",", ".")


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def number_of(count: int, noun: str) -> str:
    """As "1 cell" and "2 cells"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
