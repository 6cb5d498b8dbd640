"""The channels of a neuron as a C header, which a dynamic clamp calls at each sample of the voltage."""

from __future__ import annotations

import re

from ..neurons import Nernst, PumpedPool
from .clamp_texts import HEAD, HELPERS, STEP
from .expressions import Expression, Syntax
from .formulas import CALCIUM, VOLTAGE, ChannelFormulas, GateFormulas, NeuronFormulas, SchemeFormulas

#: mV: a voltage beyond is taken as this one.
_FARTHEST = 200
#: uM: there is always some calcium, so that its potential is finite.
_LEAST = 1e-9


def header_name(formulas: NeuronFormulas) -> str:
    """Of the file."""
    return f"{formulas.name}_clamp.h"


def clamp_header(formulas: NeuronFormulas) -> str:
    """The text of the header of a neuron."""
    return _Header(formulas).text()


def members_header(formulas: NeuronFormulas, members, table) -> str:
    """The text of a header with the columns of each member, for `init`."""
    rows = [
        "    {" + ", ".join(repr(float(value)) for value in row) + f"}}, /* member {int(member)} */"
        for member, row in zip(members, table, strict=True)
    ]
    name, upper = formulas.name, formulas.name.upper()
    columns = ", ".join(formulas.neuron.column_names)
    return "\n".join(
        [
            f"/* {columns}: maximal conductances in mS/cm2, voltages in mV. */",
            f"#ifndef {upper}_MEMBERS_H",
            f"#define {upper}_MEMBERS_H",
            "",
            f"#define {upper}_MEMBERS {len(rows)}",
            "",
            "/* Their numbers in the population. */",
            f"static const int {name}_numbers[{upper}_MEMBERS] = {{",
            *(f"    {int(member)}," for member in members),
            "};",
            "",
            f"static const double {name}_members[{upper}_MEMBERS][{len(formulas.neuron.column_names)}] = {{",
            *rows,
            "};",
            "",
            "#endif",
            "",
        ]
    )


class _Header:
    """Writes the header of one neuron."""

    def __init__(self, formulas: NeuronFormulas):
        self.formulas, self.name = formulas, formulas.name
        self.pool = formulas.neuron.calcium
        self.syntax = Syntax(
            functions={"^": "pow({}, {})", "x_over_expm1": f"{self.name}_x_over_expm1({{}})"}, pointed=True
        )

    def text(self) -> str:
        """All of it."""
        neuron, upper = self.formulas.neuron, self.name.upper()
        step = f"    {self.name}_calcium(cell, v, dt);\n" if self.pool else ""
        names = {"name": self.name, "upper": upper, "farthest": _FARTHEST, "calcium": step}
        title, source = (each.replace("*/", "* /") for each in (neuron.title, neuron.source))
        example = self.formulas.channels[-1].name
        return "".join(
            [
                HEAD.format(**names, title=title, source=source, example=example),
                f"#ifndef {upper}_CLAMP_H\n#define {upper}_CLAMP_H\n\n#include <math.h>\n\n",
                "\n".join(self._declarations(upper)) + "\n",
                HELPERS.format(**names),
                "\n" + "\n".join(self._functions()),
                "\n".join(self._gates()),
                "\n".join(self._currents()),
                "\n".join(self._init(upper)),
                "\n".join(self._calcium()),
                STEP.format(**names),
                "\n#endif\n",
            ]
        )

    def _declarations(self, upper):
        channels, columns = self.formulas.channels, self.formulas.neuron.column_names
        quoted = ", ".join(f'"{channel.name}"' for channel in channels)
        fields = [
            f"double conductance[{upper}_CHANNELS]; /* mS/cm2 */",
            f"double share[{upper}_CHANNELS];       /* of the current of each, how much is injected */",
            f"double opened[{upper}_CHANNELS];      /* mS/cm2 that are open */",
            f"double slope[{upper}_CHANNELS];       /* mS/cm2 by which the current grows with the voltage */",
            f"double current[{upper}_CHANNELS];     /* nA: minus the ionic current, shares left aside */",
            "double capacitance; /* pF */",
            "double beside;      /* nA that the amplifier injects beside the channels */",
            *(f"double {each};" for each in self._own()),
            *(
                f"double {self._state(channel, state)};"
                for channel in channels
                for gate in channel.gates
                for state in gate.states
            ),
            *(["double calcium; /* uM */"] if self.pool else []),
        ]
        return [
            f"#define {upper}_CHANNELS {len(channels)}",
            f"#define {upper}_COLUMNS {len(columns)}",
            "",
            "enum {",
            *(f"    {upper}_CHANNEL_{channel.name}," for channel in channels[:-1]),
            f"    {upper}_CHANNEL_{channels[-1].name}",
            "};",
            "",
            f"static const char *const {self.name}_channel_names[{upper}_CHANNELS] = {{{quoted}}};",
            "",
            "typedef struct {",
            *(f"    {field}" for field in fields),
            f"}} {self.name}_cell;",
        ]

    def _own(self):
        """Fields of what cells have of their own, beside the conductances."""
        channels = self.formulas.channels
        shift = ["shift"] if any(channel.moved_by for channel in channels) else []
        return shift + [f"reversal_{channel.name}" for channel in channels if channel.reversal_by]

    def _state(self, channel, state):
        return f"{channel.name}_{state.removeprefix('x_')}"

    # Functions of the voltage and of calcium

    def _functions(self):
        found = []
        for channel in self.formulas.channels:
            for gate in channel.gates:
                if isinstance(gate, SchemeFormulas):
                    for i, reaction in enumerate(gate.reactions, 1):
                        prefix = f"{channel.name}_{gate.name}"
                        both = gate.depends_on_calcium
                        found += self._function(f"{prefix}_forward_{i}", reaction.forward, both)
                        found += self._function(f"{prefix}_backward_{i}", reaction.backward, False)
                    continue
                found += self._function(f"{channel.name}_{gate.name}_inf", gate.steady, False)
                for state, (_, tau) in zip(gate.states, gate.parts, strict=False):
                    found += self._function(f"{self._state(channel, state)}_tau", tau, False)
                if gate.calcium is not None:
                    found += self._function(f"{channel.name}_{gate.name}_calcium", gate.calcium, None)
        return found

    def _function(self, name, expression: Expression, calcium: bool | None):
        """Of the voltage, of it and calcium (True), or of calcium alone (None)."""
        variables = {False: ["v"], True: ["v", "calcium"], None: ["calcium"]}[calcium]
        text = self.syntax.write(expression, **{VOLTAGE: "v", CALCIUM: "calcium"})
        unused = [variable for variable in variables if not re.search(rf"\b{variable}\b", text)]
        arguments = ", ".join(f"double {variable}" for variable in variables)
        return [
            f"static inline double {self.name}_{name}({arguments})",
            "{",
            *(f"    (void){variable};" for variable in unused),
            f"    return {text};",
            "}",
            "",
        ]

    # What the cell does

    def _body(self, title, comment, lines, variables=()):
        used = "\n".join(lines)
        unused = [each for each in ("cell", *variables) if not re.search(rf"\b{each}\b", used)]
        return [
            f"/* {comment} */",
            f"static inline void {self.name}_{title}",
            "{",
            *(f"    (void){each};" for each in unused),
            *(f"    {line}" for line in lines),
            "}",
            "",
        ]

    def _init(self, upper):
        formulas, lines = self.formulas, ["int i;", f"for (i = 0; i < {upper}_CHANNELS; i++) {{"]
        lines += [
            "    cell->conductance[i] = columns[i];",
            "    cell->share[i] = 1.0;",
            "}",
            "cell->capacitance = capacitance;",
            "cell->beside = 0.0;",
        ]
        place = {name: i for i, name in enumerate(formulas.neuron.column_names)}
        for column, channel, less in formulas.parameters:
            field = "shift" if channel.moved_by == column else f"reversal_{channel.name}"
            line = f"cell->{field} = columns[{place[column]}]" + (
                f" - ({self._number(less)})" if less else ""
            )
            lines += [] if f"{line};" in lines else [f"{line};"]
        if self.pool:
            lines.append(f"cell->calcium = {self._number(self.pool.initial)};")
        for channel in formulas.channels:
            for gate in channel.gates:
                if isinstance(gate, SchemeFormulas):
                    firsts = zip(gate.states, map(self._number, gate.initial), strict=True)
                    lines += [f"cell->{self._state(channel, state)} = {x};" for state, x in firsts]
                else:
                    rest = self._rest(channel, gate)
                    lines += [f"cell->{self._state(channel, state)} = {rest};" for state in gate.states]
        lines.append(f"{self.name}_currents(cell, v);")
        arguments = f"{self.name}_cell *cell, const double *columns, double capacitance, double v"
        comment = (
            "A cell with the columns of a member and a capacitance (pF): gates at rest at a voltage (mV),\n"
            "   kinetic schemes and calcium as the neuron is declared."
        )
        return self._body(f"init({arguments})", comment, lines, ["v"])

    def _gates(self):
        lines = []
        for channel in self.formulas.channels:
            for gate in channel.gates:
                if isinstance(gate, SchemeFormulas):
                    lines += self._reactions(channel, gate)
                elif gate.parts:
                    lines += self._moved(channel, gate)
        arguments = f"{self.name}_cell *cell, double v, double dt"
        comment = "Gates after a step: exponential Euler; reactions one after the other, and back."
        return self._body(f"gates({arguments})", comment, lines, ["v", "dt"])

    def _moved(self, channel, gate):
        """The lines that move the parts of a gate."""
        lines = ["{", f"    const double rest = {self._rest(channel, gate)};"]
        for state in gate.states:
            field = f"cell->{self._state(channel, state)}"
            tau = f"{self.name}_{self._state(channel, state)}_tau({self._seen(channel)})"
            lines.append(f"    {field} = {self.name}_relaxed({field}, rest, {tau}, dt);")
        return [*lines, "}"]

    def _reactions(self, channel, scheme: SchemeFormulas):
        prefix = f"{self.name}_{channel.name}_{scheme.name}"
        lines, moves = ["{"], []
        for i, reaction in enumerate(scheme.reactions, 1):
            calcium = ", cell->calcium" if scheme.depends_on_calcium else ""
            source, target = (
                f"&cell->{self._state(channel, state)}" for state in (reaction.source, reaction.target)
            )
            by = f"*cell->{self._state(channel, reaction.by)}" if reaction.by else ""
            lines.append(f"    const double forward{i} = {prefix}_forward_{i}(v{calcium});")
            lines.append(f"    const double backward{i} = {prefix}_backward_{i}(v);")
            moves.append(f"    {self.name}_react({source}, {target}, forward{i}{by}, backward{i}, 0.5*dt);")
        return [*lines, *moves, *reversed(moves), "}"]

    def _currents(self):
        lines, upper = [], self.name.upper()
        for channel in self.formulas.channels:
            i, reversal = f"{upper}_CHANNEL_{channel.name}", self._reversal(channel)
            lines += [
                f"cell->opened[{i}] = {self._conductance(channel, i, 'v')};",
                f"cell->current[{i}] = -0.001*cell->capacitance*cell->opened[{i}]*(v - {reversal});",
                f"cell->slope[{i}] = cell->opened[{i}];",
            ]
            if any(self._follows_at_once(gate) for gate in channel.gates):
                beside = self._conductance(channel, i, "(v + 0.001)")
                change = f"({beside} - cell->opened[{i}])/0.001"
                lines.append(f"cell->slope[{i}] += {change}*(v - {reversal});")
        comment = "What is open (mS/cm2), and the currents to inject (nA) at a voltage (mV)."
        return self._body(f"currents({self.name}_cell *cell, double v)", comment, lines)

    def _conductance(self, channel, i, voltage):
        return "*".join(
            [f"cell->conductance[{i}]", *(self._opened(channel, gate, voltage) for gate in channel.gates)]
        )

    def _follows_at_once(self, gate):
        """Whether a gate moves with the voltage itself."""
        return isinstance(gate, GateFormulas) and not gate.parts and gate.steady.operation != "number"

    def _calcium(self):
        if not self.pool:
            return []
        upper, pool = self.name.upper(), self.pool
        carriers = [channel for channel in self.formulas.channels if channel.carries_calcium]
        density = " + ".join(
            f"cell->opened[{upper}_CHANNEL_{channel.name}]*(v - {self._reversal(channel)})"
            for channel in carriers
        )
        lines = [f"const double entering = -{self._number(pool.influx)}*({density});"]
        if isinstance(pool, PumpedPool):
            half = self._number(pool.half)
            power = self._number(pool.power)
            raised, halved = (f"pow({x}, {power})" for x in ("cell->calcium", half))
            # Linear around the calcium of the moment.
            lines += [
                f"const double raised = {raised}, half = {halved};",
                f"const double removed = {self._number(pool.maximum)}*raised/(raised + half);",
                f"const double rate = removed*{power}*half/((raised + half)*cell->calcium);",
                "cell->calcium += (entering - removed)*(rate*dt > 1e-9 ? -expm1(-rate*dt)/rate : dt);",
            ]
        else:
            tau = self._number(pool.time_constant)
            rest = f"{self._number(pool.baseline)} + entering*{tau}"
            lines.append(f"cell->calcium = {self.name}_relaxed(cell->calcium, {rest}, {tau}, dt);")
        lines.append(f"cell->calcium = fmax(cell->calcium, {self._number(_LEAST)});")
        comment = "Calcium (uM) after a step."
        return self._body(f"calcium({self.name}_cell *cell, double v, double dt)", comment, lines)

    # Pieces of lines

    def _seen(self, channel: ChannelFormulas):
        """The voltage at which the gates of a channel act."""
        return "v - cell->shift" if channel.moved_by else "v"

    def _rest(self, channel, gate: GateFormulas, voltage=None):
        name = f"{self.name}_{channel.name}_{gate.name}"
        factor = "" if gate.calcium is None else f"*{name}_calcium(cell->calcium)"
        return f"{name}_inf({voltage or self._seen(channel)}){factor}"

    def _opened(self, channel, gate, voltage):
        """How open a gate is, to its power."""
        if isinstance(gate, SchemeFormulas):
            weighted = [
                f"{self._number(weight)}*cell->{self._state(channel, state)}"
                for state, weight in gate.conducting.items()
            ]
            return f"({' + '.join(weighted)})"
        if not gate.parts:
            value = self._rest(channel, gate, voltage)
            return value if gate.exponent == 1 else f"pow({value}, {self._number(gate.exponent)})"
        fields = [f"cell->{self._state(channel, state)}" for state in gate.states]
        if len(fields) == 1:
            return "*".join(fields * gate.exponent)
        shares = (self._number(share) for share, _ in gate.parts)
        return "(" + " + ".join(f"{s}*{field}" for s, field in zip(shares, fields, strict=True)) + ")"

    def _reversal(self, channel: ChannelFormulas):
        if isinstance(channel.reversal, Nernst):
            scale, outside = (self._number(x) for x in (channel.reversal.scale, channel.reversal.outside))
            return f"{scale}*log({outside}/cell->calcium)"
        if channel.reversal_by:
            return f"cell->reversal_{channel.name}"
        return f"({self._number(channel.reversal)})"

    def _number(self, value):
        return self.syntax.number(float(value))
