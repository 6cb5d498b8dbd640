"""Validate the NeuroML files, have jNeuroML write NEURON's, and simulate the members there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from neuron import h
from neuron_simulation import simulate
from population import FOLDER, MODEL, arguments_of, members_of, parser_of, write_spikes

#: Where NEURON's files go.
WORK = FOLDER / "in_neuron"
FILES = ("channels.nml", "population.net.nml", "LEMS_population.xml")
#: Of a pool of its own kind, which the schema of NeuroML does not know.
POOL = "calcium.xml"


def run(name, *arguments):
    """Run a program of the environment of this interpreter, or of the system."""
    beside = Path(sys.executable).with_name(name)
    command = [str(beside) if beside.exists() else name, *arguments]
    done = subprocess.run(command, cwd=WORK, capture_output=True, text=True, check=False)
    if done.returncode or "failures in validation" in done.stdout:
        raise SystemExit(f"{name} {' '.join(arguments)} has failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def with_calcium(text):
    """A mechanism that reads calcium if its gates need it: jNeuroML 0.14 forgets it where they carry it."""
    if "caConc = cai" not in text or re.search(r"USEION ca READ [^\n]*\bcai\b", text):
        return text
    return re.sub(r"USEION ca (READ )?", lambda found: f"USEION ca READ cai{',' if found[1] else ''} ", text)


def prepare():
    """Validate, write NEURON's files and compile them, once."""
    found = list(WORK.glob("*/libnrnmech.*"))
    if not found:
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir()
        for name in (*FILES, *([POOL] if (FOLDER / POOL).exists() else [])):
            shutil.copy(FOLDER / name, WORK)
        print(run("jnml", "-validate", *FILES[:2]).strip().splitlines()[-1])
        run("jnml", FILES[2], "-neuron")
        for path in WORK.glob("*.mod"):
            path.write_text(with_calcium(path.read_text(encoding="utf-8")), encoding="utf-8")
        run("nrnivmodl", ".")
        found = list(WORK.glob("*/libnrnmech.*"))
    h.nrn_load_dll(str(found[0]))


def soma_of(member):
    """The section of a member's cell, as jNeuroML has written it."""
    name = f"{MODEL['cells']}{member}"
    h.load_file(str(WORK / f"{name}.hoc"))
    cell = getattr(h, name)()
    return cell, cell.soma


def main():
    """Simulate and write."""
    arguments = arguments_of(parser_of(__doc__))
    options = arguments.duration, arguments.noise_std, arguments.seed, arguments.sweep
    members, trains = members_of(arguments), {}
    prepare()
    if MODEL["calcium"]:
        h.cai0_ca_ion, h.cao0_ca_ion = MODEL["calcium"]["inside"], MODEL["calcium"]["outside"]
        h.celsius = MODEL["calcium"]["temperature"]
    for member in members:
        _cell, soma = soma_of(member)
        trains[member] = simulate(soma, member, *options)
    write_spikes(arguments.out, trains)


if __name__ == "__main__":
    main()
