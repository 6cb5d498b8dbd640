"""Channels and calcium pools as NMODL mechanisms, in the dialects of NEURON and Arbor."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from ..neurons import Nernst, PumpedPool
from .expressions import Expression, Syntax, pulled_out, written_number
from .formulas import CALCIUM, VOLTAGE, ChannelFormulas, GateFormulas, NeuronFormulas, SchemeFormulas


@dataclass(frozen=True)
class Dialect:
    """What NMODL is like.

    Parameters
    ----------
    syntax : Syntax
    for_arbor : bool
        The voltage is not declared, units are not checked, and nonlinear equations are solved by `sparse`.
    """

    syntax: Syntax
    for_arbor: bool = False


FOR_NEURON = Dialect(Syntax("^"))
FOR_ARBOR = Dialect(
    Syntax(
        "^",
        {
            "cosh": "((exp({0}) + exp(-({0})))/2)",
            "sinh": "((exp({0}) - exp(-({0})))/2)",
            "tanh": "(1 - 2/(exp(2*({0})) + 1))",
        },
    ),
    for_arbor=True,
)

_UNITS = """UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
    (mM) = (milli/liter)
    (uM) = (micro/liter)
}"""

_X_OVER_EXPM1 = """
FUNCTION x_over_expm1(x) {
    : x / (exp(x) - 1), which has a limit at 0
    if (fabs(x) < 1e-4) {
        x_over_expm1 = 1 - x/2 + x^2/12
    } else {
        x_over_expm1 = x/(exp(x) - 1)
    }
}"""


def mechanism_name(formulas: NeuronFormulas, part: str) -> str:
    """Of a channel, or of the pool: ``stg_Na``."""
    return f"{formulas.name}_{part}"


def channel_mechanism(formulas: NeuronFormulas, channel: ChannelFormulas, dialect: Dialect) -> str:
    """The text of the .mod file of a channel."""
    functions: list[str] = []
    lines = [
        *_heading(formulas, f"{channel.name} current"),
        _block("NEURON", _interface(formulas, channel, dialect)),
        _UNITS,
        _block("PARAMETER", ["gbar = 0 (S/cm2)", *_own(channel)]),
        _block("ASSIGNED", _assigned(channel, dialect)),
    ]
    states = [state for gate in channel.gates for state in gate.states]
    if states:
        lines += [
            _block("STATE", [" ".join(states)]),
            _block("INITIAL", [line for gate in channel.gates for line in _initial(formulas, channel, gate)]),
        ]
    lines += [_block("BREAKPOINT", _breakpoint(channel))]
    lines += _equations(channel)
    for gate in channel.gates:
        functions += _functions(gate, dialect)
    text = "\n\n".join([*lines, *functions])
    return text + ("\n" + _X_OVER_EXPM1 if "x_over_expm1(" in text else "") + "\n"


def own_values(formulas: NeuronFormulas) -> dict[str, list]:
    """Where parameters of the cells go: by column, the mechanism, its variable, and the mV to take away."""
    found: dict[str, list] = {}
    for column, channel, less in formulas.parameters:
        variable = "shift" if channel.moved_by == column else "e"
        found.setdefault(column, []).append([mechanism_name(formulas, channel.name), variable, less])
    return found


def pool_mechanism(formulas: NeuronFormulas, dialect: Dialect) -> str:
    """The text of the .mod file of the calcium pool."""
    pool = formulas.neuron.calcium
    assert pool is not None
    # Numbers in the equations: of those in PARAMETER the compiler of NEURON keeps six digits.
    influx = f"-{written_number(pool.influx)}*ica"
    if isinstance(pool, PumpedPool):
        # Products: it does not differentiate powers.
        half = f"{written_number((pool.half / 1000) ** pool.power)}"
        raised = "*".join(["cai"] * pool.power)
        slope = f"{influx} - {written_number(pool.maximum / 1000)}*({raised})/({raised} + {half})"
        method = "sparse" if dialect.for_arbor else "derivimplicit"
    else:
        baseline, time_constant = _number(pool.baseline / 1000), written_number(pool.time_constant)
        slope, method = f"{influx} - (cai - {baseline})/{time_constant}", "cnexp"
    blocks = [
        *_heading(formulas, "calcium"),
        _block("NEURON", [f"SUFFIX {mechanism_name(formulas, 'calcium')}", "USEION ca READ ica WRITE cai"]),
        _UNITS,
        *([] if dialect.for_arbor else [_block("ASSIGNED", ["ica (mA/cm2)"])]),
        _block("STATE", ["cai (mM)"]),
        _block("INITIAL", [f"cai = {written_number(pool.initial / 1000)}"]),
        _block("BREAKPOINT", [f"SOLVE pool METHOD {method}"]),
        _block("DERIVATIVE pool", [f"cai' = {slope}"]),
    ]
    return "\n\n".join(blocks) + "\n"


def _heading(formulas, what):
    """NMODL takes no letters but those of ASCII."""
    texts = (f"{what}: {formulas.neuron.title}", formulas.neuron.source)
    title, source = (
        " ".join(unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().split())
        for text in texts
    )
    return [f"TITLE {title}", f"COMMENT\n{source}.\nENDCOMMENT"]


def _block(title, lines):
    return "\n".join([f"{title} {{", *(f"    {line}" for line in lines), "}"])


def _interface(formulas, channel, dialect):
    lines = [f"SUFFIX {mechanism_name(formulas, channel.name)}"]
    read = " READ cai" if channel.reads_calcium else ""
    write = " WRITE ica" if channel.carries_calcium else ""
    if read or write:
        lines.append(f"USEION ca{read}{write}")
    if not channel.carries_calcium:
        lines.append("NONSPECIFIC_CURRENT i")
    lines.append("RANGE gbar, g" + "".join(f", {line.split()[0]}" for line in _own(channel)))
    return lines if dialect.for_arbor else [*lines, "THREADSAFE"]


def _own(channel):
    """What cells have of their own beside the conductance."""
    shift = ["shift = 0 (mV)"] if channel.moved_by else []
    return shift + ([f"e = {written_number(channel.reversal)} (mV)"] if channel.reversal_by else [])


def _assigned(channel, dialect):
    if dialect.for_arbor:  # it knows the voltage, the currents and calcium
        return ["g (S/cm2)"]
    lines = ["v (mV)", "g (S/cm2)", "ica (mA/cm2)" if channel.carries_calcium else "i (mA/cm2)"]
    return [*lines, "cai (mM)"] if channel.reads_calcium else lines


def _initial(formulas, channel, gate):
    if isinstance(gate, SchemeFormulas):
        return [f"{s} = {written_number(x)}" for s, x in zip(gate.states, gate.initial, strict=True)]
    factor = (
        ""
        if gate.calcium is None
        else f"*{gate.name}_calcium({written_number(formulas.neuron.calcium.initial)})"
    )
    return [f"{state} = {gate.name}_inf({_seen(channel)}){factor}" for state in gate.states]


def _seen(channel):
    """The voltage at which the gates of a channel act."""
    return "v - shift" if channel.moved_by else "v"


def _rest(channel, gate):
    """The steady state of a gate, as a call of the functions of its mechanism."""
    factor = "" if gate.calcium is None else f"*{gate.name}_calcium(1000*cai)"
    return f"{gate.name}_inf({_seen(channel)}){factor}"


def _opened(channel, gate):
    """How open a gate is, to its power."""
    if isinstance(gate, SchemeFormulas):
        weighted = [
            state if weight == 1 else f"{written_number(weight)}*{state}"
            for state, weight in gate.conducting.items()
        ]
        return weighted[0] if len(weighted) == 1 else f"({' + '.join(weighted)})"
    if not gate.parts:
        value = _rest(channel, gate)
        value = value if gate.calcium is None or gate.exponent == 1 else f"({value})"
    elif len(gate.parts) == 1:
        value = gate.states[0]
    else:
        shares = zip(gate.states, gate.parts, strict=True)
        value = "(" + " + ".join(f"{written_number(share)}*{state}" for state, (share, _) in shares) + ")"
    return value if gate.exponent == 1 else f"{value}^{gate.exponent}"


def _breakpoint(channel):
    lines = []
    if schemes := [gate for gate in channel.gates if isinstance(gate, SchemeFormulas)]:
        lines += [f"SOLVE {gate.name}_states METHOD sparse" for gate in schemes]
    if any(isinstance(gate, GateFormulas) and gate.parts for gate in channel.gates):
        lines.append("SOLVE gates METHOD cnexp")
    factors = ["gbar", *(_opened(channel, gate) for gate in channel.gates)]
    reversal = "e" if channel.reversal_by else _reversal(channel.reversal)
    current = "ica" if channel.carries_calcium else "i"
    return [*lines, f"g = {'*'.join(factors)}", f"{current} = g*(v - {reversal})"]


def _reversal(reversal):
    """In mV; of calcium computed here, whatever celsius and cao say."""
    if isinstance(reversal, Nernst):
        return f"{written_number(reversal.scale)}*log({written_number(reversal.outside)}/(1000*cai))"
    return _number(reversal)


def _number(value):
    return f"({written_number(value)})" if value < 0 else written_number(value)


def _equations(channel):
    blocks = []
    slopes = [
        f"{state}' = ({_rest(channel, gate)} - {state})/{_tau_name(gate, state)}({_seen(channel)})"
        for gate in channel.gates
        if isinstance(gate, GateFormulas)
        for state in gate.states
        if gate.parts
    ]
    if slopes:
        blocks.append(_block("DERIVATIVE gates", slopes))
    for gate in channel.gates:
        if isinstance(gate, SchemeFormulas):
            blocks.append(_block(f"KINETIC {gate.name}_states", _reactions(gate)))
    return blocks


def _tau_name(gate, state):
    return state.replace("x_", "", 1) + "_tau"


def _reactions(scheme):
    names, lines, reactions = [], [], []
    for i, reaction in enumerate(scheme.reactions, 1):
        arguments = f"v, {'1000*cai' if scheme.depends_on_calcium else '0'}"
        by = f"{reaction.by}*" if reaction.by else ""
        names += [f"forward{i}", f"backward{i}"]
        lines += [
            f"forward{i} = {by}{scheme.name}_forward_{i}({arguments})",
            f"backward{i} = {scheme.name}_backward_{i}(v)",
        ]
        reactions.append(f"~ {reaction.source} <-> {reaction.target} (forward{i}, backward{i})")
    sums = [f"CONSERVE {' + '.join(part)} = 1" for part in scheme.parts]
    return [f"LOCAL {', '.join(names)}", *lines, *reactions, *sums]


def _functions(gate, dialect):
    if isinstance(gate, SchemeFormulas):
        return [
            text
            for i, reaction in enumerate(gate.reactions, 1)
            for text in (
                _function(
                    f"{gate.name}_forward_{i}",
                    "voltage (mV), calcium (uM)",
                    reaction.forward,
                    "1/ms",
                    dialect,
                ),
                _function(f"{gate.name}_backward_{i}", "voltage (mV)", reaction.backward, "1/ms", dialect),
            )
        ]
    found = [_function(f"{gate.name}_inf", "voltage (mV)", gate.steady, "", dialect)]
    for state, (_, time_constant) in zip(gate.states, gate.parts, strict=False):
        found.append(_function(_tau_name(gate, state), "voltage (mV)", time_constant, "ms", dialect))
    if gate.calcium is not None:
        found.append(_function(f"{gate.name}_calcium", "calcium (uM)", gate.calcium, "", dialect))
    return found


def _function(name, arguments, expression, unit, dialect):
    names = {VOLTAGE: "voltage", CALCIUM: "calcium"}
    if dialect.for_arbor:
        title, lines = f"FUNCTION {name}({_without_units(arguments)})", []
        found: list[Expression] = []
        expression = pulled_out(expression, "part", found)
        for i, argument in enumerate(found, 1):
            lines += [f"LOCAL part{i}", f"part{i} = exprelr({dialect.syntax.write(argument, **names)})"]
        return _block(title, [*lines, f"{name} = {dialect.syntax.write(expression, **names)}"])
    title = f"FUNCTION {name}({arguments}){f' ({unit})' if unit else ''}"
    return _block(title, ["UNITSOFF", f"{name} = {dialect.syntax.write(expression, **names)}", "UNITSON"])


def _without_units(arguments):
    return ", ".join(argument.split()[0] for argument in arguments.split(", "))


def mechanism_files(formulas, dialect) -> dict[str, str]:
    """The mechanisms of all channels, and of the calcium if there is a pool, by the names of their files."""
    files = {
        f"mechanisms/{mechanism_name(formulas, channel.name)}.mod": channel_mechanism(
            formulas, channel, dialect
        )
        for channel in formulas.channels
    }
    if formulas.neuron.calcium:
        files[f"mechanisms/{mechanism_name(formulas, 'calcium')}.mod"] = pool_mechanism(formulas, dialect)
    return files
