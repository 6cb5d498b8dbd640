"""`elephant-dic groups`: cells in animals in conditions, compared."""

from __future__ import annotations

from ..changes import compare_groups
from ..populations import whole_file
from .arguments import GROUP_SUFFIXES, PICTURE_SUFFIXES
from .common import check_output, save_picture
from .lines import print_wrapped


def run(args):
    check_output(args.output, GROUP_SUFFIXES, args.table)
    check_output(args.plot, PICTURE_SUFFIXES, args.table)
    comparison = compare_groups(
        args.table,
        args.quantities,
        condition=args.condition,
        animal=args.animal,
        cell=args.cell,
        reference=args.reference,
    )
    for line in comparison.summary().splitlines():
        print_wrapped(line)
    if args.output:
        _save(comparison, args.output)
        print(f"Written: {args.output} (table)")
    if args.plot:
        from ..plots import plot_groups

        save_picture(plot_groups(comparison).figure, args.plot)
        print(f"Written: {args.plot} (picture of {comparison.quantities[0]})")


def _save(comparison, path):
    is_csv = path.suffix.lower() == ".csv"
    text = comparison.to_dataframe().to_csv(index=False, lineterminator="\n")
    with whole_file(path) as part:
        part.write_text(text if is_csv else comparison.to_markdown(), encoding="utf-8", newline="\n")
