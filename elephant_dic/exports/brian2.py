"""The target Brian2: the equations as text, and all members as one group."""

from __future__ import annotations

import numpy as np

from ..neurons import Nernst, PumpedPool, shifts_of
from ..simulation import simulate
from .expressions import Syntax, evaluate, written_number
from .formulas import CALCIUM, VOLTAGE, GateFormulas, NeuronFormulas, SchemeFormulas

TITLE = "Brian2"
COMMAND = "python run.py"
SCRIPTS = {"brian2_run.py": "run.py"}

_SYNTAX = Syntax("**", {"x_over_expm1": "(1/exprel({}))"})
#: ms: of the exponential Euler method, and the longest and shortest of Runge-Kutta's.
_EXPONENTIAL_STEP, _LONGEST_STEP, _SHORTEST_STEP = 0.0025, 0.02, 0.001
#: A step of Runge-Kutta's method times the fastest rate; it is stable up to 2.78.
_STABLE = 2.0
#: ms for which members are simulated to know how far their voltage goes, and mV added to that.
_TRIED, _MARGIN = 1000.0, 3.0


def about(settings) -> str:
    """What to tell the user."""
    if settings["method"] == "exponential_euler":
        accuracy = f"""Conductances are so large that `rk4` would need steps below {_SHORTEST_STEP:g} ms, and
ends in NaN with longer ones. `run.py` takes `exponential_euler`, of the first order, with a step of
{settings["step"]:g} ms: spike times are within 1 ms over a second of simulated time, and the error is
proportional to the step (`--step`)."""
    else:
        accuracy = f"""`run.py` takes `rk4` with a step of {settings["step"]:g} ms (`--step`), which is
chosen for the largest conductances of these members and the fastest of their gates: spike times are within
some 0.1 ms over a second of simulated time. A step that is too long ends in NaN."""
    return f"""Needs Brian2 (`pip install brian2 "numpy<2.4"`: Brian2 2.9 does not import with numpy 2.4) and
a C++ compiler. All members are one NeuronGroup, run as a compiled program.

`equations.txt` is the model; `run.py` makes the group (`make_group`), which a script of your own can import.
Voltages are quantities; calcium is a number, in uM.

**Accuracy.** {accuracy} A spike is given the middle of the step in which it falls."""


def files_of(formulas: NeuronFormulas, members, table) -> dict[str, str]:
    """Texts of the files of this target, by name."""
    pool, lines = formulas.neuron.calcium, ["# Voltages in the formulae are numbers, in mV; calcium in uM."]
    currents = " + ".join(f"I_{channel.name}" for channel in formulas.channels)
    lines += [
        f"dv/dt = (I_injected - ({currents}))/C : volt",
        "V = v/mV : 1",
        "C = 1*uF/cm**2 : farad/meter**2",
    ]
    if pool:
        carriers = " + ".join(f"I_{channel.name}" for channel in formulas.channels if channel.carries_calcium)
        entering = f"-{written_number(pool.influx)}*({carriers})/(uA/cm**2)"
        if isinstance(pool, PumpedPool):
            raised = f"Ca**{pool.power}"
            half = f"{written_number(pool.half)}**{pool.power}"
            removed = f"{written_number(pool.maximum)}*{raised}/({raised} + {half})"
        else:
            removed = f"(Ca - {written_number(pool.baseline)})/{written_number(pool.time_constant)}"
        lines.append(f"dCa/dt = ({entering} - {removed})/ms : 1")
    if any(channel.moved_by for channel in formulas.channels):
        lines += [
            "# mV by which gates of a cell are moved.",
            "shift : 1 (constant)",
            "V_moved = V - shift : 1",
        ]
    for channel in formulas.channels:
        lines += ["", *_channel(channel)]
    return {"equations.txt": "\n".join(lines) + "\n"}


def settings_of(formulas: NeuronFormulas, table, currents) -> dict:
    """What the scripts of this target need to know."""
    initial = {}
    for channel in formulas.channels:
        for gate in channel.gates:
            if isinstance(gate, SchemeFormulas):
                firsts = dict(zip(gate.states, gate.initial, strict=True))
                initial |= {f"{channel.name}_{s}": firsts[s] for part in gate.parts for s in part[1:]}
            else:
                # At rest: where cells have gates of their own, Brian2 computes it.
                first = f"{channel.name}_{gate.name}_inf" if channel.moved_by else gate.initial
                initial |= {f"{channel.name}_{state}": first for state in gate.states}
    if formulas.neuron.calcium:
        initial["Ca"] = formulas.neuron.calcium.initial
    step = min(_LONGEST_STEP, _round_down(_STABLE / _fastest_rate(formulas, table, currents)))
    linear = not (formulas.follows_at_once or isinstance(formulas.neuron.calcium, PumpedPool))
    exponential = linear and step < _SHORTEST_STEP
    return {
        "initial": initial,
        "method": "exponential_euler" if exponential else "rk4",
        "step": _EXPONENTIAL_STEP if exponential else step,
        "columns": {channel.column: f"g_{channel.name}" for channel in formulas.channels},
        "parameters": _parameters(formulas),
    }


def _parameters(formulas):
    """Where parameters of the cells go: by column, the variable and the mV to take away."""
    return {
        column: ["shift" if channel.moved_by == column else f"E_{channel.name}", less]
        for column, channel, less in formulas.parameters
    }


def _fastest_rate(formulas, table, currents):
    """In 1/ms, of what the equations describe, at the voltages where the members go."""
    runs = [simulate(formulas.neuron, table, _TRIED, currents=each, trace_step=0.1) for each in currents]
    lowest, highest = min(run.traces.min() for run in runs), max(run.traces.max() for run in runs)
    shifts = shifts_of(formulas.neuron, table)
    between = lowest - _MARGIN, highest + _MARGIN
    voltage = np.linspace(*between, 400)
    moved = np.linspace(between[0] - shifts.max(initial=0), between[1] - shifts.min(initial=0), 400)
    conductances = table[:, : len(formulas.channels)]
    pool = formulas.neuron.calcium
    calcium = pool.initial if pool else 0.0
    rates = [conductances.sum(axis=1).max()] + ([pool.removal_slope(calcium)] if pool else [])
    for channel, gate in ((each, gate) for each in formulas.channels for gate in each.gates):
        if isinstance(gate, SchemeFormulas):
            both = [(each.forward, each.backward) for each in gate.reactions]
            total = sum(evaluate(rate, v=voltage, ca=calcium) for pair in both for rate in pair)
            rates.append(np.max(total))
        else:
            seen = moved if channel.moved_by else voltage
            rates += [np.max(1 / evaluate(tau, v=seen)) for _, tau in gate.parts]
    return max(rates)


def _round_down(step):
    """To 1, 2 or 5 times a power of ten, of which spacings of samples are multiples."""
    power = 10.0 ** np.floor(np.log10(step))
    return float(max(factor for factor in (1, 2, 5) if factor * power <= step) * power)


def _channel(channel):
    reversal = (
        f"{written_number(channel.reversal.scale)}*mV*log({written_number(channel.reversal.outside)}/Ca)"
        if isinstance(channel.reversal, Nernst)
        else f"E_{channel.name}*mV"
        if channel.reversal_by
        else f"{written_number(channel.reversal)}*mV"
    )
    factors, lines = [f"g_{channel.name}"], []
    for gate in channel.gates:
        names = {VOLTAGE: "V_moved" if channel.moved_by else "V", CALCIUM: "Ca"}
        if isinstance(gate, SchemeFormulas):
            lines += _scheme(channel.name, gate, names)
            factors.append(f"{channel.name}_{gate.name}")
        else:
            lines += _gate(channel.name, gate, names)
            factors.append(
                f"{channel.name}_{gate.name}" + (f"**{gate.exponent}" if gate.exponent > 1 else "")
            )
    current = f"I_{channel.name} = {'*'.join(factors)}*(v - {reversal}) : amp/meter**2"
    own = [f"g_{channel.name} : siemens/meter**2 (constant)"]
    own += [f"E_{channel.name} : 1 (constant)"] if channel.reversal_by else []
    return [current.replace("- -", "+ "), *own, *lines]


def _gate(prefix, gate: GateFormulas, names):
    name, steady = f"{prefix}_{gate.name}", _SYNTAX.write(gate.steady, **names)
    if gate.calcium is not None:
        steady = f"({steady})*({_SYNTAX.write(gate.calcium, **names)})"
    if not gate.parts:
        return [f"{name} = {steady} : 1"]
    lines = [f"{name}_inf = {steady} : 1"]
    for state, (_, tau) in zip(gate.states, gate.parts, strict=True):
        state = f"{prefix}_{state}"
        lines += [
            f"{state}_tau = ({_SYNTAX.write(tau, **names)})*ms : second",
            f"d{state}/dt = ({name}_inf - {state})/{state}_tau : 1",
        ]
    shares = [
        f"{written_number(share)}*{prefix}_{state}"
        for state, (share, _) in zip(gate.states, gate.parts, strict=True)
    ]
    return [f"{name} = {' + '.join(shares)} : 1", *lines]


def _scheme(prefix, scheme: SchemeFormulas, names):
    """The first state of each part is what the others leave."""
    lines, slopes = [], {state: [] for state in scheme.states}
    for i, reaction in enumerate(scheme.reactions, 1):
        forward, backward = f"{prefix}_{scheme.name}_forward_{i}", f"{prefix}_{scheme.name}_backward_{i}"
        by = f"*{prefix}_{reaction.by}" if reaction.by else ""
        lines += [
            f"{forward} = {_SYNTAX.write(reaction.forward, **names)} : 1",
            f"{backward} = {_SYNTAX.write(reaction.backward, **names)} : 1",
        ]
        moved = f"({forward}{by}*{prefix}_{reaction.source} - {backward}*{prefix}_{reaction.target})"
        slopes[reaction.source].append(f"- {moved}")
        slopes[reaction.target].append(f"+ {moved}")
    for first, *others in scheme.parts:
        lines.append(f"{prefix}_{first} = 1 - {' - '.join(f'{prefix}_{state}' for state in others)} : 1")
        lines += [
            f"d{prefix}_{state}/dt = ({' '.join(slopes[state]).removeprefix('+ ')})/ms : 1"
            for state in others
        ]
    weighted = [f"{written_number(weight)}*{prefix}_{state}" for state, weight in scheme.conducting.items()]
    return [f"{prefix}_{scheme.name} = {' + '.join(weighted)} : 1", *lines]
