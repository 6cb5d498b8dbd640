"""`elephant-dic export`: a population for another simulator."""

from __future__ import annotations

from ..exports import export_population
from ..populations import load_population, provenance
from .lines import count


def run(args):
    block = load_population(args.population)
    written = export_population(block, args.out, args.to, members=args.members)
    n_members = block.annotations["n_members"] if args.members is None else len(args.members)
    neuron = provenance(block)["neuron"]
    print(f"Population: {count(n_members, 'model')} of neuron {neuron}, from {args.population}")
    print(f"Written: {args.out} ({count(len(written), 'file')}; README.md says how to run them)")
