"""What the command prints about its work."""

from __future__ import annotations

import textwrap
from collections import Counter

import numpy as np

from ..populations import conductances, dic_estimate, member_dics, provenance, recording_of
from ..recordings import detected_at
from ..search import Verification
from ..trains import sweeps_of
from .arguments import PROGRAM

WIDTH = 80  # columns
FEWEST_SPIKES = 3  # of a model that is not silent
KINDS = {"signal": "signal", "unit": "sorted unit", "events": "event channel"}


def print_cell(cell):
    known, sweeps = annotations_of(cell), sweeps_of(cell)
    details = [cell.name]
    for key in ("channel", "injected_current"):
        if key in known and known[key] not in cell.name:
            details.append(f"{key.replace('_', ' ')} {known[key]}")
    if len(sweeps) > 1:
        details.append(f"{len(sweeps)} sweeps pooled")
    print_wrapped(f"Cell:   {', '.join(details)}")
    found = [f"{n_spikes(cell):,} in {_seconds(sweeps):.4g} s ({_rate(sweeps):.4g} Hz)", detected_at(sweeps)]
    print(f"Spikes: {', '.join(filter(None, found))}")


def print_quality(quality, start="Unit:   "):
    reasons = f": {'; '.join(quality.reasons)}" if quality.reasons else ""
    print_wrapped(f"{start}{quality.verdict}{reasons}", indent="    ")


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
    _print_table(("name", "mean ± std", "68 % interval"), *rows)


def print_population(block, output):
    known = provenance(block)
    n_members = block.annotations["n_members"]
    print(f"\n{count(n_members, 'model')} of neuron {known['neuron']}, seed {known['seed']}")
    rows = []
    for name, values in conductances(block).items():
        quantiles = np.quantile(values.magnitude, (0.05, 0.5, 0.95))
        rows.append((name, values.dimensionality.string, *map(_digits, quantiles)))
    _print_table(("name", "unit", "5 %", "median", "95 %"), *rows)
    print("\nTheir own DICs, beside the effective ones that the network inferred")
    names, means, stds = dic_estimate(block)
    rows = [
        (name, *(f"{value:.2f}" for value in np.quantile(own, (0.05, 0.5, 0.95))), f"{mean:.2f} ± {std:.2f}")
        for name, own, mean, std in zip(names, member_dics(block).T, means, stds, strict=True)
    ]
    _print_table(("name", "5 %", "median", "95 %", "effective"), *rows)
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


def print_simulation(block, simulation):
    trains = simulation.spiketrains
    start, stop = (float(time.rescale("s")) for time in (trains[0].t_start, trains[0].t_stop))
    noise = simulation.annotations["noise_std"]
    text = f"noise {noise:g}, seed {simulation.annotations['seed']}" if noise else "no noise"
    print(f"Simulated:  {stop:g} s, of which the first {start:g} s are discarded; {text}")
    rates = [_rate([train]) for train in trains if len(train) >= FEWEST_SPIKES]
    few = f"fewer than {FEWEST_SPIKES} spikes in {stop - start:g} s"
    print(f"Silent:     {len(trains) - len(rates)} of {len(trains)} ({few})")
    sweeps = recording_of(block)
    rows = [("recording", "", "", f"{_rate(sweeps):.4g} Hz", "", "")] if sweeps else []
    if rates:
        quantiles = np.quantile(rates, (0.05, 0.25, 0.5, 0.75, 0.95))
        rows.append(("models that fire", *(f"{value:.4g} Hz" for value in quantiles)))
    _print_table(("rate", "5 %", "25 %", "median", "75 %", "95 %"), *rows)


def print_neuron(neuron):
    print(f"{neuron.name}  {neuron.title}")
    print_wrapped(f"    conductances (mS/cm**2): {', '.join(neuron.conductance_names)}", indent="    ")


def print_signals(items):
    if not items:
        return
    print("\nSignals")
    rows = [(item.name, item.units, f"{item.sampling_rate.magnitude:g} Hz", *_extent(item)) for item in items]
    _print_table(("name", "unit", "sampled at", "sweeps", "duration"), *rows)
    for item in items:
        _print_stimuli(item)


def print_trains(title, items):
    if not items:
        return
    print(f"\n{title}")
    rows = [
        (
            item.name, item.channel or "", f"{item.n_spikes:,}", f"{item.rate.magnitude:.4g} Hz",
            "" if np.isnan(item.cv2) else f"{item.cv2:.2f}", *_extent(item),
        )
        for item in items
    ]  # fmt: skip
    _print_table(("name", "channel", "spikes", "rate", "CV2", "sweeps", "duration"), *rows)
    for item in items:
        if item.quality and item.quality.reasons:
            print_quality(item.quality, f"  {item.name} is ")


def _print_stimuli(item):
    """Print what the stimulator did during a signal, sweep by sweep if it was not always the same."""
    different = set(item.stimuli)
    if different == {None}:
        return
    if len(different) == 1:
        print_wrapped(f"  stimulus of {item.name}: {item.stimuli[0]}", indent="    ")
        return
    print(f"  stimuli of {item.name}:")
    for sweep, stimulus in enumerate(item.stimuli):
        print_wrapped(f"    sweep {sweep}: {stimulus or 'not known'}", indent="      ")


def _print_table(*rows):
    """Print rows of text as columns, the first of them flush left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        print("  " + "  ".join([first.ljust(widths[0]), *cells]).rstrip())


def print_wrapped(text, indent="  "):
    # names and options are kept whole: they are there to be copied
    lines = textwrap.wrap(
        text, WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )
    print("\n".join(lines))


def annotations_of(cell):
    return sweeps_of(cell)[0].annotations


def n_spikes(cell):
    return sum(len(train) for train in sweeps_of(cell))


def count_kinds(items):
    counts = Counter(item.kind for item in items)
    return ", ".join(count(counts[kind], name) for kind, name in KINDS.items() if counts[kind]) or "nothing"


def count(number, noun):
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _extent(item):
    return str(item.n_sweeps), f"{item.duration.magnitude:.4g} s"


def _digits(number):
    """Four digits without exponent: conductances span six orders of magnitude."""
    return np.format_float_positional(number, precision=4, fractional=False, trim="-")


def _seconds(sweeps):
    return sum(float((train.t_stop - train.t_start).rescale("s")) for train in sweeps)


def _rate(sweeps):
    return sum(map(len, sweeps)) / _seconds(sweeps)


def print_emulator_card(card, folder):
    """What an emulator was trained on, and how well it does on the cells that were kept from it."""
    print(f"\nEmulator of neuron {card['neuron']}: {folder / card['neuron']}-emulator.keras, .json")
    print("Cells: " + ", ".join(f"{n:,} {activity}" for activity, n in card["n_cells"].items()))
    print(f"Cells kept from training: class right in {card['held_out']['class']:.1%}; median errors of")
    for figure, errors in card["held_out"].items():
        if figure != "class":
            print(f"  {figure.replace('_', ' '):<28} {errors['median_error']:7.2%}")


def print_card(card, folder):
    """What a network was trained on, and how well it does on the cells that were kept from it."""
    name = card["neuron"]
    print(f"Network of neuron {name}: {folder / name}.keras, .json, .npz")
    print(f"Cells: {card['n_cells_firing']:,} that fire, {card['n_windows']:,} recordings of them")
    print_wrapped(
        "Cells kept from training: mean absolute error of g_s and g_u, and how often they lie in the interval"
    )
    for view, figures in card["held_out"].items():
        (_, g_s, g_u), (_, in_s, in_u) = figures["mean_absolute_error"], figures["inside_0.95"]
        print(f"  {view.replace('_', ' '):<12} {g_s:5.2f} {g_u:5.2f}   95 %: {in_s:.1%} {in_u:.1%}")
