"""Formulae as types of LEMS, of which NeuroML's channels are made: gates and kinetic schemes."""

from __future__ import annotations

from ..neurons import PumpedPool
from .expressions import Expression, Syntax, pulled_out, written_number
from .formulas import CALCIUM, VOLTAGE, GateFormulas, SchemeFormulas

#: LEMS knows no sign before a number or a function, only differences.
_SYNTAX = Syntax("^", {"log": "ln({})"}, signed=False)


def types_of_gate(identifier, gate: GateFormulas | SchemeFormulas, moved):
    """Component types of a gate, for a channel of this name; `moved` if cells move its gates."""
    if isinstance(gate, SchemeFormulas):
        return _scheme_type(f"{identifier}_{gate.name}_open", gate)
    steady = gate.steady if gate.calcium is None else gate.steady * gate.calcium
    kind = "baseVoltageDepVariable" if gate.calcium is None else "baseVoltageConcDepVariable"
    found = _type(f"{identifier}_{gate.name}_inf", kind, steady, moved)
    for i, (_, tau) in enumerate(gate.parts, 1):
        suffix = "" if len(gate.parts) == 1 else f"_{i}"
        found += _type(f"{identifier}_{gate.name}_tau{suffix}", "baseVoltageDepTime", tau, moved)
    return found


def _type(name, kind, expression, moved):
    """A ComponentType: a formula of the voltage in mV, which cells may move, and of calcium in uM."""
    is_time = kind == "baseVoltageDepTime"
    constants, requirements, variables = _inputs(is_time, "Conc" in kind, moved)
    conditional: list[Expression] = []
    text = _written(expression, conditional)
    result, dimension = ("t", "time") if is_time else ("x", "none")
    value = f"MS * ({text})" if is_time else text
    header = f'name="{result}" exposure="{result}" dimension="{dimension}"'
    variables += _variables(header, value, conditional, bool(conditional))
    return _component_type(name, kind, [*constants, *requirements], variables)


def _scheme_type(name, scheme: SchemeFormulas):
    """A ComponentType of how much of a kinetic scheme conducts, from the states that are declared."""
    kind = "baseVoltageConcDepVariable" if scheme.depends_on_calcium else "baseVoltageDepVariable"
    constants, requirements, variables = _inputs(True, scheme.depends_on_calcium, False)
    conditional: list[Expression] = []
    rates = {}
    for i, reaction in enumerate(scheme.reactions, 1):
        rates[f"FORWARD{i}"] = _written(reaction.forward, conditional)
        rates[f"BACKWARD{i}"] = _written(reaction.backward, conditional)
    opened = [f"{written_number(weight)} * {state}" for state, weight in scheme.conducting.items()]
    header = 'name="x" exposure="x" dimension="none"'
    variables.append(f'<DerivedVariable {header} value="{" + ".join(opened)}"/>')
    rows = [
        _variables(f'name="{rate}" dimension="none"', text, [], bool(conditional))
        for rate, text in rates.items()
    ]
    variables += [*_conditions(conditional), *(line for row in rows for line in row)]
    slopes: dict[str, list[str]] = {state: [] for state in scheme.states}
    for i, reaction in enumerate(scheme.reactions, 1):
        by = f" * {reaction.by}" if reaction.by else ""
        there, back = f"FORWARD{i} * {reaction.source}{by}", f"BACKWARD{i} * {reaction.target}"
        slopes[reaction.source].append(f"({back} - {there})")
        slopes[reaction.target].append(f"({there} - {back})")
    variables = [f'<StateVariable name="{state}" dimension="none"/>' for state in scheme.states] + variables
    variables += [
        f'<TimeDerivative variable="{state}" value="({" + ".join(terms)}) / MS"/>'
        for state, terms in slopes.items()
    ]
    variables.append("<OnStart>")
    firsts = zip(scheme.states, scheme.initial, strict=True)
    variables += [f'    <StateAssignment variable="{s}" value="{written_number(x)}"/>' for s, x in firsts]
    variables.append("</OnStart>")
    return _component_type(name, kind, [*constants, *requirements], variables)


def _inputs(timed, with_calcium, moved):
    """Constants, requirements and variables that make voltage and calcium numbers: V in mV, CA in uM."""
    constants = ['<Constant name="MV" dimension="voltage" value="1 mV"/>']
    seen = "(v - vShift)" if moved else "v"
    variables = [f'<DerivedVariable name="V" dimension="none" value="{seen} / MV"/>']
    if timed:
        constants.append('<Constant name="MS" dimension="time" value="1 ms"/>')
    if with_calcium:
        constants.append('<Constant name="UM" dimension="concentration" value="0.001 mM"/>')
        variables.append('<DerivedVariable name="CA" dimension="none" value="caConc / UM"/>')
    return constants, ['<Requirement name="vShift" dimension="voltage"/>'] if moved else [], variables


def _written(expression, conditional):
    """A formula as text, with variables for its conditions, whose arguments are added to a list."""
    return _SYNTAX.write(pulled_out(expression, "B", conditional), **{VOLTAGE: "V", CALCIUM: "CA"})


def _conditions(conditional):
    """Variables B1, … that are x / (exp(x) - 1) of the arguments."""
    lines = []
    for i, argument in enumerate(conditional, 1):
        x = f"({_SYNTAX.write(argument, **{VOLTAGE: 'V', CALCIUM: 'CA'})})"
        lines += [
            f'<ConditionalDerivedVariable name="B{i}" dimension="none">',
            f'    <Case condition="{x} .gt. 0.0001" value="{x} / (exp({x}) - 1)"/>',
            f'    <Case condition="{x} .lt. (0 - 0.0001)" value="{x} / (exp({x}) - 1)"/>',
            f'    <Case value="1 - {x} / 2 + {x}^2 / 12"/>',
            "</ConditionalDerivedVariable>",
        ]
    return lines


def _variables(header, value, conditional, behind):
    """A variable, and before it its conditions; behind others with conditions if it needs them."""
    if not behind:
        return [f'<DerivedVariable {header} value="{value}"/>']
    # The schema wants all others before those with conditions. The same twice: of a single case jNeuroML
    # makes an "else" without an "if".
    cases = [f'    <Case condition="V .{sign}. 0" value="{value}"/>' for sign in ("lt", "geq")]
    return [
        *_conditions(conditional),
        f"<ConditionalDerivedVariable {header}>",
        *cases,
        "</ConditionalDerivedVariable>",
    ]


def _component_type(name, kind, inputs, dynamics):
    return [
        f'<ComponentType name="{name}" extends="{kind}">',
        *(f"    {line}" for line in inputs),
        "    <Dynamics>",
        *(f"        {line}" for line in dynamics),
        "    </Dynamics>",
        "</ComponentType>",
    ]


def rho_of(pool):
    """Calcium that a current density brings in."""
    return f"{written_number(100 * pool.influx)} mol_per_m_per_A_per_s"


def pump_file(name: str, pool: PumpedPool) -> str:
    """Calcium that is pumped out: a type of LEMS, as the schema of NeuroML has no place for other pools."""
    raised, half = f"C^{pool.power}", f"{written_number(pool.half)}^{pool.power}"
    removed = f"{written_number(pool.maximum)} * {raised} / ({raised} + {half}) * UM / MS"
    lines = [
        f'<ComponentType name="{name}_pump" extends="concentrationModel">',
        '    <Constant name="MS" dimension="time" value="1 ms"/>',
        '    <Constant name="UM" dimension="concentration" value="0.001 mM"/>',
        f'    <Constant name="RHO" dimension="rho_factor" value="{rho_of(pool)}"/>',
        '    <Requirement name="iCa" dimension="current"/>',
        '    <Requirement name="surfaceArea" dimension="area"/>',
        '    <Text name="ion"/>',
        "    <Dynamics>",
        *(
            f'        <StateVariable name="{each}" exposure="{each}" dimension="concentration"/>'
            for each in ("concentration", "extConcentration")
        ),
        '        <DerivedVariable name="C" dimension="none" value="concentration / UM"/>',
        f'        <TimeDerivative variable="concentration" value="(iCa / surfaceArea) * RHO - {removed}"/>',
        "        <OnStart>",
        '            <StateAssignment variable="concentration" value="initialConcentration"/>',
        '            <StateAssignment variable="extConcentration" value="initialExtConcentration"/>',
        "        </OnStart>",
        "    </Dynamics>",
        "</ComponentType>",
        f'<{name}_pump id="{name}" ion="ca"/>',
    ]
    return "\n".join(["<Lems>", *(f"    {line}" for line in lines), "</Lems>", ""])
