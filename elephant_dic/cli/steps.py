"""`elephant-dic reconstruct` of a cell under current steps."""

from __future__ import annotations

import warnings

import numpy as np

from ..inference import STEP_NEURON, infer_under_steps, load_step_regressor
from ..neurons import get_neuron
from ..populations import capacitance_of, conductances, member_dics, provenance, save_population
from ..reconstruction import reconstruct
from ..steps import StepVerification
from ..trains import capacitance_of_cell
from .arguments import AUTO
from .common import quantity, save_picture
from .lines import count, digits, print_table, print_verdict, print_wrapped
from .reports import print_estimate


def run_steps(cell, args, options):
    """From the sweeps of a cell to a population, with all that is to be said on the way."""
    name = STEP_NEURON if args.neuron in (None, AUTO) else args.neuron
    neuron, capacitance = get_neuron(name), quantity(args.capacitance, "pF")
    _print_capacitance(capacitance_of_cell(cell, capacitance))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the report says what they say
        if load_step_regressor(neuron) is not None:
            print_estimate(infer_under_steps(cell, neuron, capacitance), neuron)
        block = reconstruct(
            cell, **(options | {"neuron": neuron}), capacitance=capacitance, figures=args.figures,
            beyond_block=args.beyond_block, progress=True,
        )  # fmt: skip
    if args.output:
        save_population(block, args.output)
    print_step_population(block)
    if args.output:
        print(f"Written: {args.output} (population)")
    if args.plot:
        from ..plots import plot_levels

        save_picture(plot_levels(block).figure, args.plot)
        print(f"Written: {args.plot} (picture)")


def _print_capacitance(known):
    told = f"Capacitance: {known['value']:.3g} pF, {known['source']}"
    if "sweeps" in known:
        spread = f"± {known['spread']:.2g} pF, " if "spread" in known else ""
        told += f" ({spread}of {count(known['sweeps'], 'sweep')}; rectification biases it)"
    print_wrapped(f"{told}.")
    print()


def print_step_population(block):
    """The levels, the conductances and the verdict."""
    known, found = provenance(block), StepVerification.of_block(block)
    n_members = block.annotations["n_members"]
    print(f"\n{count(n_members, 'model')} of neuron {known['neuron']}, seed {known['seed']}")
    rows = []
    for k, level in enumerate(found.levels):
        values = block.annotations[f"population_count_{k}"].magnitude
        quantiles = (digits(value) for value in np.quantile(values, (0.05, 0.5, 0.95)))
        unit = "Hz" if level["name"].startswith("rest") else "spikes"
        told = f"{level['count']:.3g} ± {level['allowed']:.2g}" if level["compared"] else "not compared"
        rows.append((level["name"], unit, told, *quantiles))
    print_table(("level", "unit", "recording", "5 %", "median", "95 %"), *rows)
    print()
    rows = []
    total = conductances(block, total=True)
    for name, values in conductances(block).items():
        quantiles = (digits(value) for value in np.quantile(values.magnitude, (0.05, 0.5, 0.95)))
        whole = digits(np.median(total[name].magnitude)) if name.startswith("g_") else ""
        rows.append((name, values.dimensionality.string, *quantiles, whole))
    print_table(("name", "unit", "5 %", "median", "95 %", "median in nS"), *rows)
    print("\nTheir own DICs")
    rows = [
        (name, *(f"{value:.2f}" for value in np.quantile(own, (0.05, 0.5, 0.95))))
        for name, own in zip(("g_f", "g_s", "g_u"), member_dics(block).T, strict=True)
    ]
    print_table(("name", "5 %", "median", "95 %"), *rows)
    _print_verdict(found, capacitance_of(block), n_members)


def _print_verdict(found: StepVerification, capacitance, n_members):
    print()
    print_wrapped(f"Recording: {found.describe_recording}.")
    compared = f" and {', '.join(found.figures)}" if found.figures else ""
    print_wrapped(
        f"Simulated: {found.n_simulated:,} cells; {found.n_first_matching} of the first {found.n_first} "
        f"fired like the recording. Compared: the count at each level{compared}."
    )
    if found.describe_sample:
        print_wrapped(found.describe_sample)
        print_wrapped(
            f"Sample: {found.sample['n_fitting']:,} cells fit, worth {found.sample['effective_size']:.0f} "
            f"evenly drawn ones."
        )
    for check in found.checks:
        print_wrapped(
            f"With {check['factor']:g} times the capacitance ({check['factor'] * capacitance:.3g} pF): "
            f"{check['n_matching']} of {check['n_wanted']} models found{_moved(check, found)}."
        )
    alike = f"each of the {n_members} models, simulated, fires like the recording at every level"
    explanations = {
        "verified": alike,
        "verified, with doubts": f"{'; '.join(found.doubts)}. Even so, {alike}",
        "partial": f"{found.n_matching} models fire like the recording at every level, but {found.reason}",
        "not reproduced": f"no model fires like the recording at every level: {found.reason}. The models "
        f"above are the nearest, and do not explain the recording",
    }
    print_verdict(found, explanations)


def _moved(check, found):
    """How the conductances of the whole cell move with the capacitance."""
    if not check["medians"]:
        return ""
    told = ", ".join(f"{name} {digits(value)}" for name, value in check["medians"].items())
    return f"; medians in nS: {told}"
