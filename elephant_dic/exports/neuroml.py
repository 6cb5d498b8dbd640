"""The target NeuroML: standard channels and cells; formulae of the declaration are types of their own."""

from __future__ import annotations

from ..neurons import Nernst, PumpedPool
from .expressions import written_number
from .formulas import ChannelFormulas, GateFormulas, NeuronFormulas, SchemeFormulas
from .neuroml_types import pump_file, rho_of, types_of_gate

TITLE = "NeuroML"
COMMAND = "python run.py"
SCRIPTS = {"neuron_simulation.py": "neuron_simulation.py", "neuroml_run.py": "run.py"}

#: mV per K of a Nernst potential of calcium, RT/2F, by NeuroML's constants; degrees Celsius of 0 K.
_PER_KELVIN, _ZERO = 1000 * 8.3144621 / (2 * 96485.3), -273.15
_DIAMETER = 20  # um
#: Kinds of gates with none, one and several time constants.
_KINDS = ("gateHHInstantaneous", "gateHHtauInf", "gateFractional")


def about(settings) -> str:
    """What to tell the user."""
    pump = (
        " The pump of calcium\nis a type of LEMS, in `calcium.xml`, as NeuroML has none." * settings["pumped"]
    )
    return f"""Needs jNeuroML and Java (`pip install pyneuroml` brings the first), NEURON (`pip install
neuron`) and a C++ compiler. `run.py` validates the files, has jNeuroML write NEURON's (`jnml
LEMS_population.xml -neuron`), compiles them, and runs each cell with steps of variable length.
`channels.nml` has the channels, `population.net.nml` a cell a member and a network of them.

**Accuracy.** Run by `run.py`, spike times are those of an integration at tight tolerances within some 0.03
ms over 3 s. jNeuroML by itself (`jnml LEMS_population.xml`) takes Euler's method, which needs steps below C
/ g: 0.0005 ms where conductances are thousands of mS/cm2, else it ends in NaN. The noise of a population and
the currents of its recording are no part of the NeuroML files: `run.py` injects them. In a conversion of
your own look whether channels that carry calcium and depend on it, too, read `cai`: jNeuroML 0.14
forgets that, and `run.py` adds it. Kinetic schemes are steady states with states of their own, coupled ones:
NEURON's methods of fixed steps solve these wrongly, those of variable steps rightly.{pump}"""


def files_of(formulas: NeuronFormulas, members, table) -> dict[str, str]:
    """Texts of the files of this target, by name."""
    _check(formulas)
    training, pool = formulas.neuron.training, formulas.neuron.calcium
    files = {
        "channels.nml": _channels(formulas),
        "population.net.nml": _network(formulas, members, table),
        "LEMS_population.xml": _simulation(formulas, members, training.transient + training.window),
    }
    if isinstance(pool, PumpedPool):
        files["calcium.xml"] = pump_file(f"{formulas.name}_calcium", pool)
    return files


def settings_of(formulas: NeuronFormulas, table, currents) -> dict:
    """What the scripts of this target need to know."""
    pool = formulas.neuron.calcium
    temperature, outside = _surroundings(formulas)
    calcium = pool and {"inside": pool.initial / 1000, "outside": outside, "temperature": temperature}
    pumped = isinstance(pool, PumpedPool)
    return {"cells": f"{formulas.name}_", "calcium": calcium, "pumped": pumped}


def _check(formulas):
    """Refuse what NeuroML's standard components cannot do."""
    neuron = formulas.neuron
    where = f"neuron {neuron.name} cannot be exported to NeuroML"
    for channel in formulas.channels:
        if channel.moved_by and isinstance(channel.reversal, Nernst):
            raise ValueError(
                f"{where}: {channel.moved_by} moves the gates of channel {channel.name} along the voltage "
                f"from cell to cell, and in NeuroML those of one with a Nernst potential cannot be moved"
            )
        if isinstance(channel.reversal, Nernst) and not channel.carries_calcium:
            raise ValueError(
                f"{where}: channel {channel.name} has the potential of calcium and carries none, and in "
                f"NeuroML its current would be calcium's"
            )
    if len(_nernst(formulas)) > 1:
        raise ValueError(
            f"{where}: its Nernst potentials differ, and in NeuroML one temperature and one outside "
            f"concentration set them all"
        )


def _nernst(formulas) -> set[Nernst]:
    return {channel.reversal for channel in formulas.channels if isinstance(channel.reversal, Nernst)}


def _surroundings(formulas):
    """Degrees Celsius and mM outside at which Nernst's potential is as declared; usual ones without."""
    for nernst in _nernst(formulas):
        return nernst.scale / _PER_KELVIN + _ZERO, nernst.outside / 1000
    return 6.3, 2.0


def _document(identifier, lines):
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<neuroml xmlns="http://www.neuroml.org/schema/neuroml2" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xsi:schemaLocation="http://www.neuroml.org/schema/neuroml2 '
            'https://raw.github.com/NeuroML/NeuroML2/development/Schemas/NeuroML2/NeuroML_v2.3.xsd" '
            f'id="{identifier}">',
            *(f"    {line}" for line in lines),
            "</neuroml>",
            "",
        ]
    )


def _channels(formulas):
    channels, types = [], []
    for channel in formulas.channels:
        identifier = f"{formulas.name}_{channel.name}"
        ion = _ion(channel)
        species = "" if ion == "non_specific" else f' species="{ion}"'
        channels.append(f'<ionChannelHH id="{identifier}" conductance="10pS"{species}>')
        for gate in channel.gates:
            channels += [f"    {line}" for line in _gate(identifier, gate)]
            types += types_of_gate(identifier, gate, channel.moved_by is not None)
        channels.append("</ionChannelHH>")
    pool = formulas.neuron.calcium
    if pool and not isinstance(pool, PumpedPool):
        channels.append(
            f'<fixedFactorConcentrationModel id="{formulas.name}_calcium" ion="ca" '
            f'restingConc="{written_number(pool.baseline / 1000)} mM" '
            f'decayConstant="{written_number(pool.time_constant)} ms" '
            f'rho="{rho_of(pool)}"/>'
        )
    return _document(f"{formulas.name}_channels", channels + types)


def _gate(identifier, gate: GateFormulas | SchemeFormulas):
    if isinstance(gate, SchemeFormulas):  # its "steady state" has states: where they begin can be given
        opened = f'    <steadyState type="{identifier}_{gate.name}_open"/>'
        return [f'<gate id="{gate.name}" instances="1" type="{_KINDS[0]}">', opened, "</gate>"]
    steady = f'<steadyState type="{identifier}_{gate.name}_inf"/>'
    kind, inside = _KINDS[min(len(gate.parts), 2)], [steady]
    if len(gate.parts) == 1:
        inside = [f'<timeCourse type="{identifier}_{gate.name}_tau"/>', steady]
    elif gate.parts:
        inside = []
        for i, (share, _) in enumerate(gate.parts, 1):
            inside += [
                f'<subGate id="{gate.name}{i}" fractionalConductance="{written_number(share)}">',
                f"    {steady}",
                f'    <timeCourse type="{identifier}_{gate.name}_tau_{i}"/>',
                "</subGate>",
            ]
    lines = [f"    {line}" for line in inside]
    return [f'<gate id="{gate.name}" instances="{gate.exponent}" type="{kind}">', *lines, "</gate>"]


def _network(formulas: NeuronFormulas, members, table) -> str:
    """A cell a member, and a network with each of them."""
    temperature, _ = _surroundings(formulas)
    lines, populations = ['<include href="channels.nml"/>'], []
    for member, row in zip(members, table, strict=True):
        identifier = f"{formulas.name}_{int(member)}"
        lines += _cell(formulas, identifier, row)
        populations.append(
            f'    <population id="{identifier}_population" component="{identifier}" size="1"/>'
        )
    heat = (
        f' type="networkWithTemperature" temperature="{temperature:.10g} degC"' if _nernst(formulas) else ""
    )
    return _document(
        f"{formulas.name}_population",
        [*lines, f'<network id="population"{heat}>', *populations, "</network>"],
    )


def _cell(formulas, identifier, row):
    neuron = formulas.neuron
    spike = getattr(neuron.spike, "level", 0.0)
    lines = [
        f'<cell id="{identifier}">',
        f'    <morphology id="{identifier}_morphology">',
        '        <segment id="0" name="soma">',
        f'            <proximal x="0" y="0" z="0" diameter="{_DIAMETER}"/>',
        f'            <distal x="{_DIAMETER}" y="0" z="0" diameter="{_DIAMETER}"/>',
        "        </segment>",
        "    </morphology>",
        f'    <biophysicalProperties id="{identifier}_properties">',
        "        <membraneProperties>",
    ]
    values = dict(zip(neuron.column_names, map(float, row), strict=True))
    ordered = sorted(formulas.channels, key=_kind_of_density)  # as the schema wants them
    lines += [f"            {_density(formulas, channel, values)}" for channel in ordered]
    lines += [
        f'            <spikeThresh value="{written_number(spike)} mV"/>',
        '            <specificCapacitance value="1.0 uF_per_cm2"/>',
        f'            <initMembPotential value="{written_number(neuron.initial_voltage)} mV"/>',
        "        </membraneProperties>",
        "        <intracellularProperties>",
    ]
    if neuron.calcium:
        _, outside = _surroundings(formulas)
        lines.append(
            f'            <species id="ca" ion="ca" concentrationModel="{formulas.name}_calcium" '
            f'initialConcentration="{written_number(neuron.calcium.initial / 1000)} mM" '
            f'initialExtConcentration="{written_number(outside)} mM"/>'
        )
    lines += ['            <resistivity value="100 ohm_cm"/>', "        </intracellularProperties>"]
    return [*lines, "    </biophysicalProperties>", "</cell>"]


def _kind_of_density(channel: ChannelFormulas) -> int:
    return 2 if isinstance(channel.reversal, Nernst) else int(channel.moved_by is not None)


def _density(formulas, channel: ChannelFormulas, values):
    """A channel in a cell, of which there are values by column."""
    common = (
        f'id="{channel.name}_all" ionChannel="{formulas.name}_{channel.name}" '
        f'condDensity="{written_number(values[channel.column])} mS_per_cm2"'
    )
    if isinstance(channel.reversal, Nernst):
        return f'<channelDensityNernst {common} ion="ca"/>'
    reversal = written_number(values.get(channel.reversal_by, channel.reversal))
    common = f'{common} erev="{reversal} mV" ion="{_ion(channel)}"'
    for column, moved, less in formulas.parameters:
        if moved is channel and column == channel.moved_by:
            return f'<channelDensityVShift {common} vShift="{written_number(values[column] - less)} mV"/>'
    return f"<channelDensity {common}/>"


def _ion(channel: ChannelFormulas) -> str:
    """What flows. jNeuroML lets calcium into a mechanism for NEURON only if its channel has a species."""
    if channel.carries_calcium:
        return "ca"
    return "k" if channel.reads_calcium else "non_specific"


def _simulation(formulas: NeuronFormulas, members, duration) -> str:
    """The file that jNeuroML runs, or writes NEURON's of."""
    outputs, pumped = [], isinstance(formulas.neuron.calcium, PumpedPool)
    for member in members:
        identifier = f"{formulas.name}_{int(member)}"
        outputs.append(
            f'        <OutputColumn id="v_{int(member)}" quantity="{identifier}_population[0]/v"/>'
        )
    return "\n".join(
        [
            "<Lems>",
            '    <Target component="simulation"/>',
            '    <Include file="Cells.xml"/>',
            '    <Include file="Networks.xml"/>',
            '    <Include file="Simulation.xml"/>',
            *(['    <Include file="calcium.xml"/>'] if pumped else []),
            '    <Include file="population.net.nml"/>',
            f'    <Simulation id="simulation" length="{written_number(duration)}ms" step="0.0005ms" '
            'target="population">',
            '        <OutputFile id="voltages" fileName="voltages.dat">',
            *(f"    {line}" for line in outputs),
            "        </OutputFile>",
            "    </Simulation>",
            "</Lems>",
            "",
        ]
    )
