"""Simulate the members in Brian2, all at once in a compiled program, and write their spike times."""

from __future__ import annotations

import tempfile

import brian2 as b2
import numpy as np
from population import (
    FOLDER,
    MODEL,
    NOISE_STEP,
    arguments_of,
    members_of,
    noise,
    parser_of,
    sampled_current,
    spikes_in,
    write_spikes,
)

#: ms between the voltages in which maxima are looked for.
SAMPLED = 0.05
DENSITY = b2.msiemens / b2.cm**2


def make_group(table, step, current="0*amp/meter**2", namespace=None):
    """Cells with the conductances of members, in the initial state of the neuron.

    Parameters
    ----------
    table : dict of dict
        Conductances in mS/cm2 by member and name; parameters, if the neuron has any, in mV.
    step : float
        ms.
    current : str
        Injected current density, an expression of Brian2, with names of `namespace`.
    """
    equations = (FOLDER / "equations.txt").read_text(encoding="utf-8")
    equations += f"I_injected = {current} : amp/meter**2\n"
    spike = MODEL["spike"]
    rules = {} if "height" in spike else {
        "threshold": f"v > {spike['level']}*mV", "refractory": f"v > {spike['rearm']}*mV"
    }  # fmt: skip
    group = b2.NeuronGroup(
        len(table), equations, method=MODEL["method"], dt=step * b2.ms, namespace=namespace or {}, **rules
    )
    group.v = MODEL["initial_voltage"] * b2.mV
    for name, column in MODEL["columns"].items():
        setattr(group, column, [cell[name] for cell in table.values()] * DENSITY)
    for name, (variable, less) in MODEL["parameters"].items():
        setattr(group, variable, [cell[name] - less for cell in table.values()])
    for name, value in MODEL["initial"].items():  # some depend on the parameters
        setattr(group, name, value)
    return group


def timed(samples, spacing):
    """Samples (uA/cm2), so many ms apart, as a function of the time."""
    return b2.TimedArray(samples * b2.uA / b2.cm**2, dt=spacing * b2.ms)


def main():
    """Simulate and write."""
    parser = parser_of(__doc__)
    parser.add_argument("--step", type=float, default=MODEL["step"], help="ms (default: %(default)s)")
    arguments = arguments_of(parser)
    table, step, current, namespace = members_of(arguments), arguments.step, "0*amp/meter**2", {}
    whole = arguments.settling + arguments.duration
    with tempfile.TemporaryDirectory() as program:
        b2.set_device("cpp_standalone", directory=program)
        if arguments.noise_std:
            each = [noise(whole, arguments.noise_std, arguments.seed, m) for m in table]
            namespace["noise"] = timed(np.transpose(each), NOISE_STEP)
            current += " + noise(t, i)"
        if arguments.sweep is not None:
            spacing = step * max(1, NOISE_STEP // step)  # no more samples than needed
            namespace["sweep"] = timed(sampled_current(arguments.sweep, whole, spacing), spacing)
            current += " + sweep(t)"
        group = make_group(table, step, current, namespace)
        swings = "height" in MODEL["spike"]
        monitor = b2.StateMonitor(group, "v", True, dt=SAMPLED * b2.ms) if swings else b2.SpikeMonitor(group)
        b2.run(whole * b2.ms, namespace={})
        if swings:
            times, voltages = monitor.t / b2.ms, monitor.v / b2.mV
            trains = {member: spikes_in(times, voltages[i]) for i, member in enumerate(table)}
        else:
            found = monitor.spike_trains()
            trains = {member: found[i] / b2.ms + step / 2 for i, member in enumerate(table)}
        if not np.isfinite(group.v[:] / b2.mV).all():
            raise SystemExit("the voltage is no longer a number: take a shorter --step")
    trains = {member: times - arguments.settling for member, times in trains.items()}
    write_spikes(arguments.out, {member: times[times >= 0] for member, times in trains.items()})


if __name__ == "__main__":
    main()
