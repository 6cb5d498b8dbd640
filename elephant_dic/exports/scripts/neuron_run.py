"""Simulate the members in NEURON, with steps of variable length, and write their spike times."""

from __future__ import annotations

from neuron_cell import Cell
from neuron_simulation import simulate
from population import arguments_of, members_of, parser_of, write_spikes


def main():
    """Simulate and write."""
    arguments = arguments_of(parser_of(__doc__))
    options = arguments.duration, arguments.noise_std, arguments.seed, arguments.sweep
    trains = {member: simulate(Cell(member).soma, member, *options) for member in members_of(arguments)}
    write_spikes(arguments.out, trains)


if __name__ == "__main__":
    main()
