"""The members as NEURON cells: `Cell(member)` has a section `soma` with one mechanism a channel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from neuron import h
from population import FOLDER, MODEL, conductances

#: um: of a sphere's area; all mechanisms are densities, so that it matters for point processes alone.
DIAMETER = 20.0


def load_mechanisms() -> None:
    """Compile the mechanisms of this folder where that has not been done, and load them."""
    if hasattr(h, next(iter(MODEL["mechanisms"].values()))):
        return
    if not (library := _library()):
        beside = Path(sys.executable).with_name("nrnivmodl")
        command = [str(beside) if beside.exists() else "nrnivmodl", "mechanisms"]
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
        if done.returncode or not (library := _library()):
            raise SystemExit(f"nrnivmodl has failed:\n{done.stdout}\n{done.stderr}")
    h.nrn_load_dll(str(library))


def _library() -> Path | None:
    found = [*FOLDER.glob("*/libnrnmech.*"), *FOLDER.glob("nrnmech.dll")]
    return found[0] if found else None


class Cell:
    """A member of the population.

    Parameters
    ----------
    member : int
        Its number in conductances.csv.
    """

    def __init__(self, member: int = 0):
        load_mechanisms()
        self.soma = h.Section(name="soma", cell=self)
        self.soma.nseg, self.soma.L, self.soma.diam, self.soma.cm = 1, DIAMETER, DIAMETER, 1.0
        if MODEL["pool"]:
            self.soma.insert(MODEL["pool"])
        values = conductances()[member]
        for name, mechanism in MODEL["mechanisms"].items():
            self.soma.insert(mechanism)
            setattr(self.soma, f"gbar_{mechanism}", values[name] / 1000)
        for name, places in MODEL["parameters"].items():
            for mechanism, variable, less in places:
                setattr(self.soma, f"{variable}_{mechanism}", values[name] - less)

    @property
    def area(self) -> float:
        """In cm2."""
        return self.soma(0.5).area() * 1e-8
