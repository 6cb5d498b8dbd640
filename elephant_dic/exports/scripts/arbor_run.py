"""Simulate the members in Arbor and write their spike times."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import arbor as A
import numpy as np
from arbor import units as U
from population import (
    FOLDER,
    MODEL,
    NOISE_STEP,
    arguments_of,
    current_of,
    members_of,
    noise,
    parser_of,
    spikes_in,
    write_spikes,
)

#: um: of a sphere's area; all mechanisms are densities.
DIAMETER = 20.0
#: ms between the voltages that are kept, to find maxima and where the voltage has come down.
SAMPLED = 0.02


def catalogue():
    """The mechanisms of this folder, built where that has not been done."""
    path = FOLDER / "population-catalogue.so"
    if not path.exists():
        # The program looks for the Python on the path.
        paths = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        done = subprocess.run(
            ["arbor-build-catalogue", "population", "mechanisms"],
            cwd=FOLDER, capture_output=True, text=True, check=False, env=os.environ | {"PATH": paths},
        )  # fmt: skip
        if done.returncode or not path.exists():
            raise SystemExit(f"arbor-build-catalogue has failed:\n{done.stdout}\n{done.stderr}")
    return A.load_catalogue(str(path))


def clamp(times, currents):
    """A current (uA/cm2) that is linear between times (ms)."""
    area = np.pi * DIAMETER**2 * 1e-8  # cm2
    return A.i_clamp([(t * U.ms, 1e3 * area * x * U.nA) for t, x in zip(times, currents, strict=True)])


class Population(A.recipe):
    """The members as cells of one compartment.

    Parameters
    ----------
    table : dict of dict
        Conductances in mS/cm2 by member and name; parameters, if the neuron has any, in mV.
    duration, noise_std, seed
        Of the noise, see `population.noise`.
    sweep : int, optional
        Of the recording, whose current is injected. Default: none.
    """

    def __init__(self, table, duration=0.0, noise_std=0.0, seed=0, sweep=None):
        A.recipe.__init__(self)
        self.table, self.options, self.sweep = list(table.items()), (duration, noise_std, seed), sweep
        self.properties = A.neuron_cable_properties()
        self.properties.catalogue = catalogue()

    def num_cells(self):
        return len(self.table)

    def cell_kind(self, gid):
        return A.cell_kind.cable

    def global_properties(self, kind):
        return self.properties

    def probes(self, gid):
        return [A.cable_probe_membrane_voltage("(location 0 0.5)", "v")]

    def cell_description(self, gid):
        member, values = self.table[gid]
        tree = A.segment_tree()
        radius = DIAMETER / 2
        tree.append(A.mnpos, A.mpoint(0, 0, 0, radius), A.mpoint(DIAMETER, 0, 0, radius), tag=1)
        decor = A.decor().set_property(Vm=MODEL["initial_voltage"] * U.mV, cm=0.01 * U.F / U.m2)
        own = {name: {} for name in MODEL["mechanisms"].values()}
        for name, places in MODEL["parameters"].items():
            for mechanism, variable, less in places:
                own[mechanism][variable] = values[name] - less
        for name, mechanism in MODEL["mechanisms"].items():
            decor.paint("(all)", A.density(mechanism, {"gbar": values[name] / 1000} | own[mechanism]))
        if MODEL["pool"]:
            decor.set_ion("ca", int_con=MODEL["calcium"] * U.mM)
            decor.paint("(all)", A.density(MODEL["pool"]))
        if "level" in MODEL["spike"]:
            decor.place("(location 0 0.5)", A.threshold_detector(MODEL["spike"]["level"] * U.mV), "spikes")
        duration, noise_std, seed = self.options
        if noise_std:
            samples = noise(duration, noise_std, seed, member)
            decor.place("(location 0 0.5)", clamp(np.arange(len(samples)) * NOISE_STEP, samples))
        if self.sweep is not None:
            decor.place("(location 0 0.5)", clamp(*current_of(self.sweep)))
        return A.cable_cell(tree, decor, discretization=A.cv_policy_single())


def main():
    """Simulate and write."""
    parser = parser_of(__doc__)
    parser.add_argument("--step", type=float, default=MODEL["step"], help="ms (default: %(default)s)")
    arguments = arguments_of(parser)
    table, whole = members_of(arguments), arguments.settling + arguments.duration
    options = whole, arguments.noise_std, arguments.seed, arguments.sweep
    simulation = A.simulation(Population(table, *options))
    simulation.record(A.spike_recording.local)  # of cells without connections `all` records nothing
    handles = [simulation.sample((gid, "v"), A.regular_schedule(SAMPLED * U.ms)) for gid in range(len(table))]
    simulation.run(whole * U.ms, arguments.step * U.ms)
    crossings = [(spike["source"]["gid"], spike["time"]) for spike in simulation.spikes()]
    trains = {}
    for gid, member in enumerate(table):
        samples = simulation.samples(handles[gid])[0][0]
        upward = np.array([time for source, time in crossings if source == gid])
        spikes = spikes_in(samples[:, 0], samples[:, 1], upward) - arguments.settling
        trains[member] = spikes[spikes >= 0]
    write_spikes(arguments.out, trains)


if __name__ == "__main__":
    main()
