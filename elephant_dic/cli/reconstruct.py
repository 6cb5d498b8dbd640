"""`elephant-dic reconstruct`: from the spikes of one cell to a population of models."""

from __future__ import annotations

import shlex
import warnings

import numpy as np

from ..arguments import check_n_models, check_seed, check_tolerance
from ..examples import example_path
from ..inference import infer_dics
from ..neurons import get_neuron, prior_of
from ..populations import conductances, dic_estimate, member_dics, provenance, save_population
from ..reconstruction import reconstruct
from ..recordings import detected_at, inspect_recording, read_spiketrains
from ..search import Verification, suggest_neuron
from ..trains import assess_quality, clean, sweeps_of
from .arguments import AUTO, PICTURE_SUFFIXES, POPULATION_SUFFIXES, PROGRAM
from .common import check_output, finish, name_or_index, quantity, rate_of, seconds_of
from .lines import count, count_kinds, print_quality, print_table, print_wrapped

MOST_LISTED = 20  # cells in an error message


def run(args):
    if args.all:
        from .session import run_session

        run_session(args)
        return
    path = _one_path(args)
    options = {
        "neuron": None if args.neuron == AUTO else get_neuron(args.neuron),
        "n_models": check_n_models(args.n_models),
        "verify": not args.no_verify,
        "tolerance": check_tolerance(args.tolerance),
        "prior": args.prior,
        "seed": check_seed(args.seed),
    }
    if options["neuron"]:
        prior_of(options["neuron"], args.prior)  # a wrong one is refused before anything is read
    check_output(args.output, POPULATION_SUFFIXES, path)
    check_output(args.plot, PICTURE_SUFFIXES, path)
    cell = _read_one_cell(path, args)
    if options["neuron"] is None:
        suggestions = suggest_neuron(cell, seed=options["seed"])
        print_suggestions(suggestions)
        options["neuron"] = get_neuron(suggestions[0].neuron)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the report says what they say
        print_estimate(infer_dics(cell, options["neuron"]), options["neuron"])
        block = reconstruct(cell, **options, progress=True)
    if args.output:
        save_population(block, args.output)
    print_population(block, args.output)
    finish(args, block, None, "population")


# --- reading -----------------------------------------------------------------------------------------------


def _one_path(args):
    if args.executor or args.format:
        raise ValueError("--executor and --format are for --all, which reconstructs all cells")
    if len(args.file) > 1:
        raise ValueError(f"give one file, or --all for all cells of these {len(args.file)}")
    return example_path() if args.example else args.file[0]


def _read_one_cell(path, args):
    """The cell asked for, described on stdout; ValueError if the file holds several."""
    items = inspect_recording(path, time_unit=args.time_unit)
    cells = read_spiketrains(
        path,
        channel=name_or_index(args.channel, items),
        unit=args.unit,
        sweep=args.sweep,
        threshold=quantity(args.threshold, "mV"),
        extracellular=args.extracellular,
        events=args.events,
        time_unit=args.time_unit,
        t_start=quantity(args.t_start, "s"),
        t_stop=quantity(args.t_stop, "s"),
        where=args.where,
    )
    if len(cells) > 1:
        raise ValueError(_several(path, cells))
    print(f"File:   {path.name} ({count_kinds(items)})")
    print_cell(cells[0])
    found = clean(cells[0])  # a train that cannot be used is refused before a network is read
    print_quality(assess_quality(found.cell))
    for note in found.notes:
        print_wrapped(f"Note:   {note}", indent="    ")
    print()
    return cells[0]


def _several(path, cells):
    listed = [f"{_choice(cell, cells)} ({count(n_spikes(cell), 'spike')})" for cell in cells[:MOST_LISTED]]
    if len(cells) > MOST_LISTED:
        listed.append(f"and {len(cells) - MOST_LISTED} more, see `{PROGRAM} inspect`")
    return f"{path.name} holds {len(cells)} cells, choose one: {', '.join(listed)}"


def _choice(cell, cells):
    """The options that choose one of several cells."""
    known = annotations_of(cell)
    if "unit" in known:
        return f"--unit {shlex.quote(cell.name)}"
    channels = [annotations_of(each)["channel"] for each in cells]
    options = [f"--channel {shlex.quote(known['channel'])}"] if len(set(channels)) > 1 else []
    if channels.count(known["channel"]) > 1:  # stimulated in different ways
        sweeps = sorted(train.annotations["sweep"] for train in sweeps_of(cell))
        options.append(f"--sweep {','.join(map(str, sweeps))}")
    return " ".join(options)


# --- the report --------------------------------------------------------------------------------------------


def print_cell(cell):
    known, sweeps = annotations_of(cell), sweeps_of(cell)
    details = [cell.name]
    for key in ("channel", "injected_current"):
        if key in known and known[key] not in cell.name:
            details.append(f"{key.replace('_', ' ')} {known[key]}")
    if len(sweeps) > 1:
        details.append(f"{len(sweeps)} sweeps pooled")
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
        rows.append((name, values.dimensionality.string, *map(_digits, quantiles)))
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
    explanation = {
        "verified": alike,
        "verified, with doubts": f"{'; '.join(found.doubts)}. Even so, {alike}",
        "partial": f"{found.n_matching} models fire like the recording within {percent}, but {found.reason}",
        "not reproduced": f"no model fires like the recording within {percent}: {found.reason}. The "
        f"models above are the nearest, and do not explain the recording",
    }[found.verdict]
    print_wrapped(f"Verdict: {found.verdict}: {explanation}.")


def _digits(number):
    """Four digits without exponent: conductances span six orders of magnitude."""
    return np.format_float_positional(number, precision=4, fractional=False, trim="-")


def annotations_of(cell):
    return sweeps_of(cell)[0].annotations


def n_spikes(cell):
    return sum(len(train) for train in sweeps_of(cell))
