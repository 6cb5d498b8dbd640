"""`elephant-dic compare`: which channels explain what differs between two recordings of a cell."""

from __future__ import annotations

import warnings

from ..arguments import check_n_models, check_seed, check_share, check_tolerance, check_whole
from ..changes import identify_changes
from ..neurons import get_neuron
from ..populations import NOTHING, identified_changes, population_in, provenance, save_population
from .arguments import PICTURE_SUFFIXES, POPULATION_SUFFIXES
from .common import check_output, quantity, save_picture
from .compare_reading import check_no_pairs, options_of_each, read_after, read_before
from .lines import count, print_table, print_wrapped


def run(args):
    options = {
        "neuron": None if args.neuron is None else get_neuron(args.neuron),
        "n_models": check_n_models(args.n_models),
        "tolerance": check_tolerance(args.tolerance),
        "seed": check_seed(args.seed),
    }
    for path in (args.before_file, args.after_file):
        check_output(args.output, POPULATION_SUFFIXES, path)
        check_output(args.plot, PICTURE_SUFFIXES, path)
    check_whole(args.together, "--together", 1, 2)
    check_share(args.level, "--level")
    of_before, of_after = options_of_each(args)
    print("Before")
    before = _population(args) or read_before(args.before_file, of_before, args.before)
    print("After")
    check_no_pairs(args.after_file)
    after = read_after(args.after_file, of_after, args.after)
    controls = []
    for i, stretch in enumerate(args.controls):
        print(f"Control {i}")
        controls.append(read_before(args.before_file, of_before, stretch))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the report says what they say
        block = identify_changes(
            before, after, **options, controls=controls, together=args.together, level=args.level,
            capacitance=quantity(args.capacitance, "pF"), progress=True,
        )  # fmt: skip
    _print_changes(block)
    if args.output:
        save_population(block, args.output)
        print(f"Written: {args.output} (pairs)")
    if args.plot:
        from ..plots import plot_changes

        save_picture(plot_changes(block)[0].figure, args.plot)
        print(f"Written: {args.plot} (picture)")


def _population(args):
    """The population of the file before, None if it is a recording."""
    path, block = args.before_file, population_in(args.before_file)
    if block is None:
        return None
    if args.before != (None, None):
        raise ValueError("--before is for a recording: a population has that which it was made from")
    n_members, neuron = block.annotations["n_members"], provenance(block)["neuron"]
    print_wrapped(f"Population: {count(n_members, 'model')} of neuron {neuron}, from {path}")
    print()
    return block


def _print_changes(block):
    found = identified_changes(block)
    print_wrapped(f"Before: {found.before}")
    print_wrapped(f"After:  {found.after}")
    print()
    rows = [
        (
            each.name,
            f"{each.probability:.3f}",
            *(
                " and ".join(f"{factor:.2f}" for factor in factors)
                for factors in (each.factors, *zip(*each.intervals, strict=True))
            ),
        )
        for each in found.likely
    ]
    if found.verdict == NOTHING:
        print_wrapped("Had something changed all the same, and one of these, it would be:", indent="")
    print_table(("changed", "probability", "what remains", "16 %", "84 %"), *rows)
    print(f"\n{found.verdict[0].upper()}{found.verdict[1:]}; seed {found.seed}")
    for sentence in found.sentences():
        print_wrapped(f"  {sentence}")
    if found.dics:
        moved = ", ".join(f"{name} by {mean:+.2f} ± {std:.2f}" for name, (mean, std) in found.dics.items())
        print_wrapped(f"  DICs move: {moved} (over {count(found.n_pairs, 'pair')} that fire like both).")
    for doubt in found.doubts:
        print_wrapped(f"  Doubt: {doubt}")
