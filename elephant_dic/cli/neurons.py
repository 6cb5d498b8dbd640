"""`elephant-dic neurons`: those that can be reconstructed, or a declaration that is checked."""

from __future__ import annotations

from ..neurons import get_neuron, list_neurons
from .lines import print_wrapped


def run(args):
    if args.action == "check":
        _check_neuron(args.file)
        return
    for name in list_neurons():
        print_neuron(get_neuron(name))


def print_neuron(neuron):
    print(f"{neuron.name}  {neuron.title}")
    print_wrapped(f"    conductances (mS/cm**2): {', '.join(neuron.conductance_names)}", indent="    ")


def _check_neuron(path):
    from ..training import check_neuron, load_neuron_file, reachability_text

    neuron = load_neuron_file(path)
    print(f"{neuron.name}: {neuron.title}; {', '.join(neuron.conductance_names)}")
    checks = check_neuron(neuron)
    for check in checks:
        print(f"{'ok  ' if check.passed else 'FAIL'}  {check.name}: {check.found}")
    if not all(check.passed for check in checks):
        raise ValueError(f"neuron {neuron.name} cannot be used yet: see the lines marked FAIL")
    print(f"\n{reachability_text(neuron)}")
