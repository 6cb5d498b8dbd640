"""`elephant-dic reconstruct --all`: all cells of many recordings, and a table of them."""

from __future__ import annotations

import csv
import sys
from collections import Counter

from ..examples import example_path
from ..inference import NEURON
from ..session import reconstruct_session, workers
from .common import quantity
from .lines import count, print_table, print_wrapped
from .reading import reading_of

MOST_LISTED = 10  # reasons why cells were skipped


def run_session(args):
    if args.output is None:
        raise ValueError("--all writes a file a cell: give a folder with -o FOLDER")
    if args.plot:
        raise ValueError("--plot is for one cell: with --all, load a population and draw it")
    paths = [example_path()] if args.example else args.file
    try:
        with workers(args.executor) as executor:
            table = reconstruct_session(
                paths,
                args.output,
                args.neuron or NEURON,
                args.n_models,
                verify=not args.no_verify,
                tolerance=args.tolerance,
                prior=args.prior,
                capacitance=quantity(args.capacitance, "pF"),
                figures=args.figures,
                beyond_block=args.beyond_block,
                seed=args.seed,
                suffix=args.format or ".nix",
                executor=executor,
                progress=sys.stderr is not None and sys.stderr.isatty(),
                **reading_of(args),
            )
    except KeyboardInterrupt:
        print(f"\nwhat is done is kept in {args.output}: the same command goes on", file=sys.stderr)
        raise
    print_session(table)


def print_session(table):
    """What came out, from the table of a session."""
    verdicts, reasons, n_cells, seconds = Counter(), Counter(), 0, 0.0
    with table.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            n_cells += 1
            seconds += float(row["seconds"] or 0)
            verdicts[row["verdict"] or "skipped"] += 1
            if row["skipped"]:
                reasons[row["skipped"]] += 1
    print(f"{count(n_cells, 'cell')}, {seconds / 3600:.2f} core hours")
    print_table(("verdict", "cells"), *((verdict, f"{n:,}") for verdict, n in verdicts.most_common()))
    for reason, n in reasons.most_common(MOST_LISTED):
        print_wrapped(f"Skipped: {count(n, 'cell')}, {reason}", indent="    ")
    if len(reasons) > MOST_LISTED:
        print(f"         and for {len(reasons) - MOST_LISTED} more reasons")
    print(f"Written: {table}")
