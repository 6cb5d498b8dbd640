"""Lines of text that the commands print."""

from __future__ import annotations

import textwrap
from collections import Counter

import numpy as np

WIDTH = 80  # columns
KINDS = {"signal": "signal", "unit": "sorted unit", "events": "event channel"}


def print_table(*rows):
    """Print rows of text as columns, the first of them flush left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        print("  " + "  ".join([first.ljust(widths[0]), *cells]).rstrip())


def print_wrapped(text, indent="  "):
    # names and options are kept whole: they are there to be copied
    lines = textwrap.wrap(
        text, WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )
    print("\n".join(lines))


def print_quality(quality, start="Unit:   "):
    reasons = f": {'; '.join(quality.reasons)}" if quality.reasons else ""
    print_wrapped(f"{start}{quality.verdict}{reasons}", indent="    ")


def count_kinds(items):
    counts = Counter(item.kind for item in items)
    return ", ".join(count(counts[kind], name) for kind, name in KINDS.items() if counts[kind]) or "nothing"


def digits(number):
    """Four digits without exponent: conductances span six orders of magnitude."""
    return np.format_float_positional(number, precision=4, fractional=False, trim="-")


def count(number, noun):
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def print_verdict(found, explanations):
    """The verdict with what explains it, and the doubts that it does not name itself."""
    if found.doubts and not found.verdict.startswith("verified"):
        print_wrapped(f"Doubts: {'; '.join(found.doubts)}.")
    print_wrapped(f"Verdict: {found.verdict}: {explanations[found.verdict]}.")
