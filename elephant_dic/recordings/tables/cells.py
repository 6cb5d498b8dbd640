"""From the text of a table to its header and cells, numbers with a decimal point."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from math import isfinite

from ..spike_detection import NoSpikesError, RecordingError
from ..time_units import UNIT_OF_NAME

_DIGITS = r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBER = re.compile(rf"[-+]?{_DIGITS}|[-+]?(?:nan|inf)", re.I)
_WITH_COMMA = re.compile(r"[-+]?\d+,\d+(?:[eE][-+]?\d+)?")
_WITH_UNIT = re.compile(rf"([-+]?{_DIGITS})\s+({'|'.join(UNIT_OF_NAME)})")
_WHOLE = re.compile(r"[-+]?\d+")
ENOUGH = 10  # lines of whole numbers of which both rise: two columns, and not the two parts of numbers
_SEPARATOR = re.compile(r"sep=.\s*", re.I)  # Excel's own first line
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe]")
UNCLEAR = (
    "the comma in lines like {0!r} may be a decimal comma or separate two columns: write decimal points, or"
    " separate columns by semicolons, or name both in a header"
)


@dataclass(frozen=True)
class Table:
    """Names of columns, if there are any; cells of each row, after the number of its line; a unit for all."""

    names: list[str] | None
    rows: list[tuple[int, list[str]]]
    unit: str | None = None

    @property
    def n_columns(self) -> int:
        return max(len(cells) for _, cells in self.rows)


def is_number(cell):
    return _NUMBER.fullmatch(cell) is not None


def is_time(cell):
    """Whether a cell is a finite number."""
    return is_number(cell) and isfinite(float(cell))


def with_point(cell):
    """A cell, its decimal comma as a point if it is a number with one."""
    return cell.replace(",", ".") if _WITH_COMMA.fullmatch(cell) else cell


def decoded(path):
    """The text of a file, whatever Excel and others wrote it in; RecordingError if it is none."""
    content = path.read_bytes()
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROL.search(text) and (encoding != "utf-16" or "\n" in text):
            return text
    raise RecordingError("it is not a text file")


def parsed(text):
    """The table in a text, without its comments; RecordingError if there is none."""
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and line.lstrip()[0] not in "#%" and not (number == 1 and _SEPARATOR.fullmatch(line))
    ]
    if not lines:
        raise NoSpikesError("it holds no spike times")
    rows = [(number, cells) for number, cells in _rows(lines) if any(cells)]  # some are but separators
    if not rows:
        raise NoSpikesError("it holds no spike times")
    rows, unit = _without_units_of_cells(rows)
    names = None
    if _is_header([cells for _, cells in rows]):
        names = rows.pop(0)[1]
        if rows and all(cell.strip("()[]").lower() in UNIT_OF_NAME for cell in rows[0][1]):
            units = {UNIT_OF_NAME[cell.strip("()[]").lower()] for cell in rows.pop(0)[1]}
            unit = units.pop() if len(units) == 1 else None
    if not rows:
        raise NoSpikesError("it holds no spike times")
    return Table(names, rows, unit)


def _rows(lines):
    """Cells of each line, with the number of the line."""
    texts = [line for _, line in lines]
    mark = next((mark for mark in ";\t," if any(mark in text for text in texts[:2])), None)
    if mark == "," and _are_decimals([text.strip() for text in texts]):
        mark = None
    if mark is None:
        cells = _split_at_blanks(texts)
    else:
        cells = [[cell.strip() for cell in row] for row in csv.reader(texts, delimiter=mark)]
    if mark != ",":
        cells = _with_points(cells)
    return [(number, row) for (number, _), row in zip(lines, cells, strict=True)]


def _split_at_blanks(texts):
    rows = [[cell.strip('"') for cell in re.findall(r'"[^"]*"|\S+', text)] for text in texts]
    numbers = next((cells for cells in _with_points(rows) if is_number(cells[0])), [])
    if len(numbers) == 1 and not is_number(rows[0][0].replace(",", ".")):  # a header, of one column
        rows[0] = [texts[0].strip().strip('"')]
    return rows


def _with_points(rows):
    """The cells, decimal commas as points."""
    cells = [cell for row in rows for cell in row]
    commas = [cell for cell in cells if _WITH_COMMA.fullmatch(cell)]
    points = [cell for cell in cells if "." in cell and is_number(cell)]
    if commas and points:
        raise RecordingError(
            f"it has decimal commas, as in {commas[0]}, and decimal points, as in {points[0]}: write points"
        )
    if not commas:
        return rows
    return [[with_point(cell) for cell in row] for row in rows]


def _are_decimals(lines):
    """Whether blanks separate numbers with decimal commas; RecordingError if nobody can tell."""
    body = lines if lines[0][:1].isdigit() or lines[0][:1] in "+-." else lines[1:]
    words = [word for line in body for word in line.split()]
    if not all(_WITH_COMMA.fullmatch(word) or word.isdigit() for word in words):
        return False
    if len(words) > len(body):
        return True
    header = lines[0] if len(body) < len(lines) else ""
    pairs = [[int(number) for number in _WHOLE.findall(word)] for word in words]
    two_columns = len(pairs) >= ENOUGH and all(map(_ascending, zip(*pairs, strict=False)))
    if pairs and "," not in header and (header or not two_columns):
        raise RecordingError(UNCLEAR.format(body[0]))
    return False


def _ascending(numbers):
    return all(a < b for a, b in zip(numbers[:-1], numbers[1:], strict=True))


def _without_units_of_cells(rows):
    """Rows without the unit that follows each number, as in neo's files, and that unit."""
    cells = [cell for _, row in rows for cell in row if cell]
    found = [_WITH_UNIT.fullmatch(cell) for cell in cells]
    if not cells or not all(found):
        return rows, None
    units = {UNIT_OF_NAME[match[2]] for match in found}
    if len(units) > 1:
        raise RecordingError(f"its times are in {' and '.join(sorted(units))}: write all in one unit")
    return [
        (number, [cell.split()[0] if cell else cell for cell in row]) for number, row in rows
    ], units.pop()


def _is_header(rows):
    """Whether the first row names columns: in words, or counting them, as pandas does."""
    first, others = rows[0], rows[1:]
    if not any(is_number(cell) for cell in first):
        return True
    counted = first[1:] if not first[0] else first
    if not all(cell.isdigit() for cell in counted) or not others:
        return False
    numbers = [int(cell) for cell in counted]
    if numbers not in (list(range(len(numbers))), list(range(1, len(numbers) + 1))):
        return False
    if not first[0]:
        return True
    return len(numbers) > 1 and any("." in cell for row in others for cell in row)
