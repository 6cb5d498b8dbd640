"""`elephant-dic simulate`: each model of a population."""

from __future__ import annotations

import sys

import numpy as np
import quantities as pq

from .._version import __version__
from ..arguments import check_seed
from ..populations import load_population, provenance, recording_of, save_population, whole_file
from ..simulation import Interrupted, simulate_population
from ..trains import FEWEST_SPIKES
from .arguments import PICTURE_SUFFIXES, SIMULATION_SUFFIXES
from .common import check_output, finish, quantity, rate_of
from .lines import count, print_table, print_wrapped


def run(args):
    seed = check_seed(args.seed)
    check_output(args.output, SIMULATION_SUFFIXES, args.population)
    check_output(args.plot, PICTURE_SUFFIXES, args.population)
    block = load_population(args.population)
    n_members, neuron = block.annotations["n_members"], provenance(block)["neuron"]
    print(f"Population: {count(n_members, 'model')} of neuron {neuron}, from {args.population}")
    interrupted = None
    try:
        simulation = simulate_population(
            block,
            duration=quantity(args.duration, "s"),
            discard=quantity(args.discard, "s"),
            current=_current(block, args),
            noise_std=quantity(args.noise_std, "uA/cm**2"),
            seed=seed,
            progress=sys.stderr.isatty(),
        )
    except Interrupted as stop:
        interrupted, simulation = stop, stop.finished
        if not simulation.spiketrains:
            raise
        print(f"Interrupted: only the first {len(simulation.spiketrains):,} models have been simulated")
    print_simulation(block, simulation)
    if "steps" in provenance(block) and args.sweep is None and args.current is None:
        print_wrapped(
            "No current is injected: the population fires like its recording under current steps. "
            "--sweep N injects that of one of its sweeps, --current a steady one."
        )
    if args.output:
        _save_simulation(block, simulation, args)
    finish(args, block, simulation, "spike trains")
    if interrupted:
        raise interrupted


def _current(block, args):
    """What is injected: a steady current, or that of a sweep of the population's recording."""
    if args.current is not None and args.sweep is not None:
        raise ValueError("give --current or --sweep, not both")
    if args.sweep is None:
        return None if args.current is None else _quantity_of(*args.current)
    sweeps = recording_of(block)
    known = [train.annotations.get("sweep", number) for number, train in enumerate(sweeps)]
    if args.sweep not in known:
        held = f"it has {', '.join(map(str, known))}" if known else "the population holds no recording"
        raise ValueError(f"there is no sweep {args.sweep}: {held}")
    return sweeps[known.index(args.sweep)]


def _quantity_of(number, unit):
    try:
        return pq.Quantity(number, unit)
    except (LookupError, SyntaxError):
        raise ValueError(f"--current: {unit!r} is no unit of a current, such as uA/cm**2 or pA") from None


def print_simulation(block, simulation):
    trains = simulation.spiketrains
    start, stop = (float(time.rescale("s")) for time in (trains[0].t_start, trains[0].t_stop))
    noise = simulation.annotations["noise_std"]
    text = f"noise {noise:g}, seed {simulation.annotations['seed']}" if noise else "no noise"
    print(f"Simulated:  {stop:g} s, of which the first {start:g} s are discarded; {text}")
    rates = [rate_of([train]) for train in trains if len(train) >= FEWEST_SPIKES]
    few = f"fewer than {FEWEST_SPIKES} spikes in {stop - start:g} s"
    print(f"Silent:     {len(trains) - len(rates)} of {len(trains)} ({few})")
    sweeps = recording_of(block)
    rows = [("recording", "", "", f"{rate_of(sweeps):.4g} Hz", "", "")] if sweeps else []
    if rates:
        quantiles = np.quantile(rates, (0.05, 0.25, 0.5, 0.75, 0.95))
        rows.append(("models that fire", *(f"{value:.4g} Hz" for value in quantiles)))
    print_table(("rate", "5 %", "25 %", "median", "75 %", "95 %"), *rows)


def _save_simulation(block, simulation, args):
    if args.output.suffix.lower() == ".nix":
        others = [segment for segment in block.segments if segment.name != simulation.name]
        block.segments = [*others, simulation]
        save_population(block, args.output)
        return
    trains, known = simulation.spiketrains, simulation.annotations
    with whole_file(args.output) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        file.write(
            f"# {len(trains)} models of {args.population.name}, simulated by elephant_dic {__version__}; "
            f"spikes from {trains[0].t_start} to {trains[0].t_stop}, "
            f"noise {known['noise_std']}, seed {known['seed']}\n"
        )
        file.write("member,spike_time_ms\n")
        for train in trains:
            member = train.annotations["member"]
            file.writelines(f"{member},{time}\n" for time in train.rescale("ms").magnitude)
