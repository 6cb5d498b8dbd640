"""Tables in CSV files: provenance in lines that begin with ``#``, and no text that a spreadsheet computes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from .annotation_tables import TABLES, block_from, columns_of, header_of, table_of

_LEFT_OUT = {"DIC estimates": "spike times and distributions"}  # by name of the Block
#: Text that spreadsheets would compute, or that we have made of such by an apostrophe before it.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def shielded(text: str) -> str:
    """Text that a spreadsheet takes for text: with an apostrophe before what begins like a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unshielded(text: str) -> str:
    """The inverse of `shielded`."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def write_table(
    path: Path, first_line: str, header: Mapping[str, str], columns: Mapping[str, Iterable]
) -> None:
    """Write columns to a CSV file; text is in quotes, so that a ``#`` in it begins no comment."""
    columns = {
        name: [shielded(value) if isinstance(value, str) else value for value in values]
        for name, values in columns.items()
    }
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(f"# {first_line}\n")
        for key, text in header.items():
            file.write(f"# {key}: {text}\n")
        csv.writer(file, lineterminator="\n").writerow(columns)
        rows = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        rows.writerows(zip(*columns.values(), strict=True))


def write_csv(block, path):
    columns = columns_of(block)
    left_out = _LEFT_OUT.get(block.name, "spike times")
    first_line = f"{block.name}: one {table_of(block)[1]} a row; the {left_out} are not in this file"
    values = {name: values.tolist() for name, (values, _) in columns.items()}
    write_table(path, first_line, header_of(block, columns), values)


def read_csv(path):
    with path.open(newline="", encoding="utf-8") as file:
        text = file.read()
    if not text.endswith("\n"):
        raise ValueError("the last line is cut off")
    lines, start = [], 0
    while text.startswith("#", start):
        end = text.index("\n", start)
        lines.append(text[start:end].rstrip("\r"))
        start = end + 1
    header = dict(line[2:].split(": ", 1) for line in lines[1:])
    names, *rows = csv.reader(io.StringIO(text[start:], newline=""))
    cells = zip(*([unshielded(cell) for cell in row] for row in rows), strict=True)
    block = block_from(header, dict(zip(names, cells, strict=True)))
    block.name = next((name for name in TABLES if lines[0].startswith(f"# {name}:")), block.name)
    return block
