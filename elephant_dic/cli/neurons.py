"""`elephant-dic neurons`: those that can be reconstructed, or declarations that are checked."""

from __future__ import annotations

from pathlib import Path

from ..inference import card_of
from ..neurons import get_neuron, list_neurons
from .lines import print_wrapped

#: What a figure is called, and its unit.
_FIGURES = {
    "rate": ("", "Hz"),
    "spikes_per_burst": ("spikes a burst", ""),
    "burst_rate": ("bursts a second", ""),
}


def run(args):
    if args.action == "check":
        _check(args.neurons or list_neurons())
        return
    for name in list_neurons():
        print_neuron(get_neuron(name))


def print_neuron(neuron):
    """What a neuron is, how it fires, and what it is known not to do."""
    print_wrapped(f"{neuron.name}  {neuron.title}", indent="      ")
    at = None if neuron.temperature is None else f"{neuron.temperature:g} °C"
    lines = {
        "animal": ", ".join(part for part in (neuron.animal, at) if part),
        "conductances (mS/cm**2)": ", ".join(neuron.conductance_names),
        "of each cell too (mV)": _parameters(neuron),
        "fires": _firing(neuron),
        "limits": neuron.limits,
        "source": neuron.source,
    }
    for what, text in lines.items():
        if text:
            print_wrapped(f"    {what}: {text}", indent="      ")


def _parameters(neuron) -> str:
    """Voltages that cells have beside their conductances, with their ranges."""
    return ", ".join(f"{p.name} from {p.range[0]:g} to {p.range[1]:g}" for p in neuron.parameters)


def _firing(neuron) -> str | None:
    """Classes of the cells of its training, with the range of 98 % of them."""
    firing = card_of(neuron).get("firing")
    if not firing:
        return None
    parts = []
    for activity, found in firing.items():
        ranges = [
            f"{low:.3g} to {high:.3g} {word or unit}"
            for figure, (word, unit) in _FIGURES.items()
            if figure in found
            for low, _, high in [found[figure]]
        ]
        listed = f" ({', '.join(ranges)})" if ranges else ""
        parts.append(f"{activity} {found['share']:.1%}{listed}")
    return ", ".join(parts)


def _check(targets):
    failed = []
    for target in targets:
        if not _check_neuron(target):
            failed.append(str(target))
    if failed:
        raise ValueError(f"{', '.join(failed)} cannot be used yet: see the lines marked FAIL")


def _check_neuron(target) -> bool:
    """Of a file that declares a neuron, or of an installed one by its name."""
    from ..training import check_neuron, load_neuron_file, reachability_text

    is_file = Path(target).suffix == ".py" or Path(target).is_file()
    neuron = load_neuron_file(target) if is_file else get_neuron(str(target))
    print(f"{neuron.name}: {neuron.title}; {', '.join(neuron.column_names)}")
    checks = check_neuron(neuron)
    for check in checks:
        print(f"{'ok  ' if check.passed else 'FAIL'}  {check.name}: {check.found}")
    if not all(check.passed for check in checks):
        return False
    print(f"\n{reachability_text(neuron)}\n")
    return True
