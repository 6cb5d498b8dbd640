"""Simulate the members as a dynamic clamp does, and write their spike times."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from population import (
    FOLDER,
    MODEL,
    NOISE_STEP,
    arguments_of,
    members_of,
    noise,
    parser_of,
    positive,
    rows_of,
    sampled_current,
    spikes_in,
    write_spikes,
)

#: ms between the rows of the table of currents, at least.
TABULATED = 0.1


def compiled(folder):
    """The program, made by the compiler of the system or the one that CC names."""
    compiler = os.environ.get("CC") or next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if not compiler:
        raise SystemExit("there is no C compiler: install one, or name it in the variable CC")
    program = Path(folder) / "closed_loop"
    command = [compiler, "-std=c99", "-O2", "-o", str(program), str(FOLDER / "closed_loop.c"), "-lm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} has failed:\n{done.stderr}")
    return program


def simulate(program, row, arguments, currents):
    """Voltage (n_steps) in mV and currents (n_steps, n_channels) in nA of a member, by its row."""
    folder = program.parent
    currents.tofile(folder / "current")
    values = (row, arguments.capacitance, arguments.step, int(not arguments.plain))
    subprocess.run(
        [program, *map(str, values), folder / "current", folder / "result"], check=True, cwd=folder
    )
    found = np.fromfile(folder / "result").reshape(len(currents), -1)
    return found[:, 0], found[:, 1:]


def injected(arguments, member):
    """The other current (uA/cm2) of each step: noise, and that of a sweep."""
    whole, step = arguments.settling + arguments.duration, arguments.step
    currents = np.zeros(round(whole / step))
    if arguments.noise_std:
        samples = noise(whole, arguments.noise_std, arguments.seed, member)
        middles = (np.arange(len(currents)) + 0.5) * step
        currents += np.interp(middles, np.arange(len(samples)) * NOISE_STEP, samples)
    if arguments.sweep is not None:
        currents += sampled_current(arguments.sweep, whole, step)[: len(currents)]
    return currents


def write_currents(path, tables):
    """Write time (ms), voltage (mV) and the current of each channel (nA), a moment a line."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(",".join(["member", "time_ms", "voltage_mV", *MODEL["channels"]]) + "\n")
        for member, table in tables.items():
            file.writelines(",".join([str(member), *(f"{x:.6g}" for x in row)]) + "\n" for row in table)


def main():
    """Simulate and write."""
    parser = parser_of(__doc__)
    parser.add_argument("--step", type=positive, default=MODEL["step"], help="ms (default: %(default)s)")
    parser.add_argument(
        "--capacitance", type=positive, default=MODEL["capacitance"] or 100.0,
        help="pF, of the cell (default: %(default)g)",
    )  # fmt: skip
    parser.add_argument("--plain", action="store_true", help="inject `step`, not `step_held`")
    parser.add_argument("--currents", type=Path, help="file for the current of each channel (default: none)")
    arguments = arguments_of(parser)
    rows = {int(row["member"]): i for i, row in enumerate(rows_of("conductances.csv"))}
    trains, tables, every = {}, {}, max(1, round(TABULATED / arguments.step))
    with tempfile.TemporaryDirectory() as folder:
        program = compiled(folder)
        for member in members_of(arguments):
            voltages, currents = simulate(program, rows[member], arguments, injected(arguments, member))
            if not np.isfinite(voltages[-1]) or abs(voltages).max() > 1000:
                raise SystemExit(f"member {member}: the voltage runs away; leave out --plain")
            times = np.arange(len(voltages)) * arguments.step - arguments.settling
            spikes = spikes_in(times, voltages)
            trains[member] = spikes[spikes >= 0]
            kept = slice(None, None, every)
            tables[member] = np.column_stack([times, voltages, currents])[kept][times[kept] >= 0]
    write_spikes(arguments.out, trains)
    if arguments.currents:
        write_currents(arguments.currents, tables)


if __name__ == "__main__":
    main()
