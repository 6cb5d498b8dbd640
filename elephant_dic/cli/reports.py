"""What `elephant-dic reconstruct` says of a cell, of what was inferred, and of the models."""

from __future__ import annotations

import numpy as np

from ..populations import conductances, dic_estimate, member_dics, provenance
from ..recordings import detected_at
from ..search import Verification
from ..trains import is_stepped, sweeps_of
from .arguments import PROGRAM
from .common import rate_of, seconds_of
from .lines import count, digits, print_table, print_verdict, print_wrapped


def print_cell(cell):
    known, sweeps, stepped = annotations_of(cell), sweeps_of(cell), is_stepped(cell)
    details = [cell.name]
    for key in ("channel",) if stepped else ("channel", "injected_current"):
        if key in known and known[key] not in cell.name:
            details.append(f"{key.replace('_', ' ')} {known[key]}")
    if len(sweeps) > 1:
        details.append(f"{len(sweeps)} sweeps {'under current steps' if stepped else 'pooled'}")
    print_wrapped(f"Cell:   {', '.join(details)}")
    found = [
        f"{n_spikes(cell):,} in {seconds_of(sweeps):.4g} s ({rate_of(sweeps):.4g} Hz)",
        detected_at(sweeps),
    ]
    print(f"Spikes: {', '.join(filter(None, found))}")


def print_suggestions(suggestions):
    for each in suggestions:
        print_wrapped(each.describe(), indent="    ")
    best = suggestions[0]
    hint = "" if best.n_matching else ", though no candidate is known to fire like the recording"
    print_wrapped(f"Neuron: {best.neuron}, {best.title}{hint}")
    print()


def print_estimate(estimate, neuron):
    inside = "yes" if estimate.in_domain else "NO"
    reason = "" if estimate.in_domain else f": {estimate.warnings[0]}"  # doubts of the unit stand above
    print_wrapped(
        f"Inside what the network was trained on: {inside} (score {estimate.domain_score:.2f}){reason}"
    )
    print()
    print_wrapped(
        f"Effective DICs: those with which {neuron.reference.described} ({neuron.title}) fire like this "
        f"recording; another cell has others. Without unit (divided by the leak conductance).",
        indent="",
    )
    rows = [
        (name, f"{mean:.2f} ± {std:5.2f}", f"{low:.2f} to {high:6.2f}")
        for name, mean, std, (low, high) in zip(
            estimate.names, estimate.mean, estimate.std, estimate.interval(0.68), strict=True
        )
    ]
    print_table(("name", "mean ± std", "68 % interval"), *rows)


def print_population(block, output):
    known = provenance(block)
    n_members = block.annotations["n_members"]
    print(f"\n{count(n_members, 'model')} of neuron {known['neuron']}, seed {known['seed']}")
    rows = []
    for name, values in conductances(block).items():
        quantiles = np.quantile(values.magnitude, (0.05, 0.5, 0.95))
        rows.append((name, values.dimensionality.string, *map(digits, quantiles)))
    print_table(("name", "unit", "5 %", "median", "95 %"), *rows)
    print("\nTheir own DICs, beside the effective ones that the network inferred")
    names, means, stds = dic_estimate(block)
    rows = [
        (name, *(f"{value:.2f}" for value in np.quantile(own, (0.05, 0.5, 0.95))), f"{mean:.2f} ± {std:.2f}")
        for name, own, mean, std in zip(names, member_dics(block).T, means, stds, strict=True)
    ]
    print_table(("name", "5 %", "median", "95 %", "effective"), *rows)
    found = Verification.of_block(block)
    if found:
        _print_verification(found, n_members)
        return
    explanation = ""
    if known["verdict"] == "not verified":
        save, saved = ("", output) if output else ("save them with -o OUT.nix and ", "OUT.nix")
        explanation = (
            ": the models have not been simulated and compared with the recording; "
            f"{save}run `{PROGRAM} simulate {saved}` to see how they fire"
        )
    print()
    print_wrapped(f"Verdict: {known['verdict']}{explanation}.")


def _print_verification(found: Verification, n_members):
    print()
    print_wrapped(f"Recording: {found.recording.describe()}.")
    noise = f"; current noise {found.noise_std:g} uA/cm**2" if found.noise_std else ""
    if found.again is not None:
        noise += f", and with other noise {100 * found.again:.0f} % of the models fire like it again"
    print_wrapped(
        f"Simulated: {found.n_simulated:,} times; before any correction, {found.n_first_matching} of "
        f"{found.n_first} candidates fired like the recording at first sight{noise}."
    )
    if found.describe_sample:
        print_wrapped(found.describe_sample)
    if found.sample:
        shares = ", ".join(f"{100 * share:.0f} % {name}" for name, share in found.sample["shares"].items())
        shares = f"; {shares}" if len(found.sample["shares"]) > 1 else ""
        n_matching = sum(found.sample["n_matching"].values())
        print_wrapped(
            f"Sample: {n_matching:,} of {found.sample['n_drawn']:,} cells drawn fire like the recording, "
            f"worth {found.sample['effective_size']:.0f} evenly drawn ones{shares}."
        )
    if found.degeneracy:
        ratios = [cv / found.degeneracy["cv_unverified"][name] for name, cv in found.degeneracy["cv"].items()]
        print_wrapped(
            f"Diversity: the spread of each conductance (relative to the leak) is {min(ratios):.2f} to "
            f"{max(ratios):.2f} times that of the candidates; effective dimension "
            f"{found.degeneracy['effective_rank']:.1f}."
        )
    percent = f"{100 * found.tolerance:g} %"
    alike = f"each of the {n_members} models, simulated, fires like the recording within {percent}"
    explanations = {
        "verified": alike,
        "verified, with doubts": f"{'; '.join(found.doubts)}. Even so, {alike}",
        "partial": f"{found.n_matching} models fire like the recording within {percent}, but {found.reason}",
        "not reproduced": f"no model fires like the recording within {percent}: {found.reason}. The "
        f"models above are the nearest, and do not explain the recording",
    }
    print_verdict(found, explanations)


def annotations_of(cell):
    return sweeps_of(cell)[0].annotations


def n_spikes(cell):
    return sum(len(train) for train in sweeps_of(cell))
