"""The target of dynamic clamps: the currents of the members as a C header, and as tables."""

from __future__ import annotations

import numpy as np

from .clamp_header import clamp_header, header_name, members_header
from .expressions import evaluate
from .formulas import VOLTAGE, NeuronFormulas, SchemeFormulas

TITLE = "a dynamic clamp"
COMMAND = "python run.py"
SCRIPTS = {"clamp_run.py": "run.py"}
#: ms between samples of a usual clamp; mV of the table of gates.
_STEP = 0.02
_VOLTAGES = np.arange(-120.0, 80.25, 0.5)

_CLOSED_LOOP = """/* The header in closed loop with a membrane that has a capacitance and nothing else.

   closed_loop ROW CAPACITANCE STEP HELD CURRENT RESULT: member by its row, pF, ms, whether the mean of the
   current is injected; files of doubles: another current (uA/cm2) of each step, and, for each step, the
   voltage (mV) at its start and the current of each channel (nA) in it. */
#include <stdio.h>
#include <stdlib.h>

#include "{header}"
#include "members.h"

int main(int argc, char **argv)
{{
    {name}_cell cell;
    double v = {initial}, other, row[1 + {upper}_CHANNELS];
    if (argc != 7) {{
        return 2;
    }}
    const double capacitance = atof(argv[2]), step = atof(argv[3]);
    const int held = atoi(argv[4]);
    FILE *current = fopen(argv[5], "rb"), *result = fopen(argv[6], "wb");
    if (!current || !result) {{
        return 2;
    }}
    {name}_init(&cell, {name}_members[atoi(argv[1])], capacitance, v);
    while (fread(&other, sizeof other, 1, current) == 1) {{
        cell.beside = 0.001*capacitance*other;
        const double injected =
            held ? {name}_step_held(&cell, v, step) : {name}_step(&cell, v, step);
        row[0] = v;
        for (int i = 0; i < {upper}_CHANNELS; i++) {{
            row[1 + i] = cell.current[i];
        }}
        if (fwrite(row, sizeof row, 1, result) != 1) {{
            return 1;
        }}
        v += (1000.0*injected/capacitance + other)*step; /* pA/pF is mV/ms */
    }}
    return fclose(result) != 0;
}}
"""

_ACCURACY = """The clamp takes the voltage every 10 to 50 us, and its current stays in between.
Gates move by the exponential Euler method, half a step ahead of the voltage, which is stable with any step.
A plain current (`step`) makes clamp and cell oscillate as soon as the conductance that is open times the step
exceeds twice the capacitance: at 20 us from 100 mS/cm2 on, which is little for a spike. `step_held` gives the
mean of the current until the next sample, as it will be if the capacitance is as given and the injected
currents are all that flows: it is stable with any step, and its error shrinks with the square of the step; in
proportion, if the cell has currents of its own. In closed loop with a membrane of a capacitance alone, two
cells of each neuron of this package fire within 0.2 to 1 ms of where they should after a second at 10 us,
within 0.03 to 4 ms at 20 us; at 50 us within 4 ms, some with a spike more or less. With `step` these are 1 to
6 ms at 10 us, and the stomatogastric cells run away. `python run.py --step 0.01` shows by how much spikes of
these members move. A real clamp adds its latency, and the resistance of its electrode."""


def about(settings) -> str:
    """What to tell the user."""
    name = settings["prefix"]
    return f"""Needs a C compiler and numpy. `run.py` compiles `closed_loop.c`, in which the header drives a
membrane that is a capacitance and nothing else, as a clamp would drive a silent cell of that size: the whole
member comes from the clamp. `--currents` writes the current of each channel (nA, as it is injected), and the
voltage, as a table; `--capacitance` is in pF; `--plain` takes `step` in place of `step_held`.

**Into a living cell.** `{name}_clamp.h` is all that a rig needs: C99, without dependencies or allocation,
and good in C++. `{name}_init` once, with a row of `members.h` and the capacitance of the cell in pF (of
1 uF/cm2, so that it is the area); then `{name}_step_held`, or `{name}_step`, at each sample: voltage in mV,
step in ms. What it returns is to be injected, in nA: minus the ionic currents. `cell.share` says how much of
each channel is injected: 1 adds it, 0 leaves it out, -1 takes away one that the cell has. To add one channel
of a member to a living cell, set the share of all others to 0. Calcium is that of the model, brought in by
its own channels whether they are injected or not. `gates.csv` has steady states and time constants for
clamps that take tables. Voltages beyond 200 mV are taken as 200 mV; one that is no number injects nothing.

**Accuracy.** {_ACCURACY}"""


def files_of(formulas: NeuronFormulas, members, table) -> dict[str, str]:
    """Texts of the files of this target, by name."""
    names = {
        "name": formulas.name,
        "upper": formulas.name.upper(),
        "header": header_name(formulas),
        "initial": repr(float(formulas.neuron.initial_voltage)),
    }
    return {
        header_name(formulas): clamp_header(formulas),
        "members.h": members_header(formulas, members, table),
        "closed_loop.c": _CLOSED_LOOP.format(**names),
        "gates.csv": _gates(formulas),
    }


def settings_of(formulas: NeuronFormulas, table, currents) -> dict:
    """What the scripts of this target need to know."""
    return {
        "prefix": formulas.name,
        "channels": [channel.name for channel in formulas.channels],
        "step": _STEP,
    }


def _gates(formulas: NeuronFormulas) -> str:
    """Steady states and time constants (ms) over the voltage (mV), as CSV."""
    columns, left_out = {"voltage_mV": _VOLTAGES}, []
    for channel in formulas.channels:
        for gate in channel.gates:
            name = f"{channel.name}_{gate.name}"
            if isinstance(gate, SchemeFormulas):
                left_out.append(f"kinetic scheme {name}")
                continue
            columns[f"{name}_inf"] = evaluate(gate.steady, **{VOLTAGE: _VOLTAGES})
            for state, (_, tau) in zip(gate.states, gate.parts, strict=False):
                label = f"{channel.name}_{state.removeprefix('x_')}_tau_ms"
                columns[label] = evaluate(tau, **{VOLTAGE: _VOLTAGES})
            if gate.calcium is not None:
                left_out.append(f"factor of calcium of {name}")
    rows = np.column_stack([values + 0 * _VOLTAGES for values in columns.values()])
    told = f"; in the header alone: {', '.join(left_out)}" if left_out else ""
    lines = [f"# steady states and time constants of gates{told}", ",".join(columns)]
    return "\n".join([*lines, *(",".join(map(repr, row)) for row in rows.tolist())]) + "\n"
