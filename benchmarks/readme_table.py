"""Fills the table of what is verified in README.md from docs/benchmarks.md.

    python benchmarks/readme_table.py

A row whose figures the page does not hold is left out.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from run_all import PAGE, sections

README = Path(__file__).parents[1] / "README.md"
_PLACE = re.compile(r"(<!-- begin verified -->\n).*?(<!-- end verified -->)", re.S)
SHARE, RIGHT = "share of the models asked for", "members that are right"
#: What it is, benchmark, first cell of the row, column of our figure, column of the published one (None: it
#: stands in brackets behind ours).
ROWS = (
    ("Models that fire like a tonic STG cell", "reproduction", "STG, tonic", SHARE, "published"),
    ("Models that fire like a bursting STG cell", "reproduction", "STG, bursting", SHARE, "published"),
    ("… like one with noise", "reproduction", "STG noise 2.12, bursting", SHARE, "published"),
    (
        "… like one with conductances drawn at random",
        "reproduction",
        "STG uniform, bursting",
        SHARE,
        "published",
    ),
    ("Models that fire like a bursting DA cell", "reproduction", "DA, bursting", SHARE, "published"),
    (
        "Members of a population that are right, bursting STG cells",
        "reproduction",
        "STG, bursting",
        RIGHT,
        "",
    ),
    (
        "Conductances of an STG cell in the members' 90 %, cells of all kinds",
        "truth",
        "stg: absolute, in 90 %",
        "broad",
        "",
    ),
    ("… cells of the reference family", "truth", "stg: absolute, in 90 %", "family", ""),
    (
        "Its rate with a conductance halved in the members' 90 %, cells of all kinds",
        "truth",
        "stg: halving: rate in 90 %",
        "broad",
        "",
    ),
    ("Error of g_s / g_u, bursting STG cells", "accuracy", "stg steady", "bursting", None),
    ("Error of g_s / g_u, tonic STG cells", "accuracy", "stg steady", "tonic", None),
    ("… bursting, with noise", "accuracy", "stg noise 2.12", "bursting", None),
    ("… bursting, 5 % spurious spikes", "accuracy", "stg 5 % spurious", "bursting", None),
    ("Seconds to 100 verified models", "reproduction", "100", "median time, s", ""),
    ("Seconds to 500 verified models", "reproduction", "500", "median time, s", ""),
)


def tables(text):
    """Rows of all tables of a section: {column: cell}."""
    found, header = [], None
    for line in text.splitlines():
        if not line.startswith("|"):
            header = None
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if header is None:
            header = cells
        elif not set("".join(cells)) <= set("-:"):
            found.append(dict(zip(header, cells, strict=False)))
    return found


def figures(page):
    """(what, ours, published) of each row that the page holds."""
    known = {name: tables(text) for name, text in sections(page).items()}
    for what, benchmark, key, column, published in ROWS:
        # Of rows with the same first cell the last counts: what was measured again, with more targets.
        rows = {next(iter(row.values())): row for row in known.get(benchmark, ()) if column in row}
        if key not in rows:
            continue
        row = rows[key]
        ours, theirs = row[column], row.get(published, "") if published else ""
        if published is None:
            ours, theirs = (re.fullmatch(r"(.*?)(?: \((.*)\))?", ours).group(k) or "" for k in (1, 2))
        yield what, ours, theirs or "–"


def main():
    """Write the table."""
    rows = list(figures(PAGE.read_text(encoding="utf-8")))
    if not rows:
        print("docs/benchmarks.md holds none of the figures: run benchmarks/run_all.py", file=sys.stderr)
        return 1
    lines = ["| | published method | here |", "|---|---|---|"]
    lines += [f"| {what} | {theirs} | {ours} |" for what, ours, theirs in rows]
    text = README.read_text(encoding="utf-8")
    if not _PLACE.search(text):
        print("README.md has no place for the table (<!-- begin verified -->)", file=sys.stderr)
        return 1
    table = "\n".join(lines) + "\n"
    README.write_text(_PLACE.sub(lambda found: found[1] + table + found[2], text), encoding="utf-8")
    print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
