"""The equations of each target, read plainly, against the declaration written plainly."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from support.every_part import CELL, DECAYING, MOVED, NERNST, OWN, OWN_CELL, PUMPED, every_part
from support.exported import MATHS, Mechanism, brian2_slopes, brian2_values
from support.stepped import CELL as CORTICAL_CELL

from elephant_dic import get_neuron, list_neurons
from elephant_dic.exports import arbor, brian2, neuroml, neuron
from elephant_dic.exports.formulas import GateFormulas, SchemeFormulas, formulas_of
from elephant_dic.neurons import Scheme, reference_population
from elephant_dic.neurons.model import Channel, Parameter, x_over_expm1
from elephant_dic.neurons.plain_equations import initial_state, slope
from elephant_dic.neurons.thalamic import REGULATED

SHIPPED = list_neurons()
NEURONS = {name: get_neuron(name) for name in SHIPPED} | {
    "thalamic-regulated": REGULATED,
    "every part": every_part(),
    "every part, pumped": every_part(PUMPED),
    "every part, moved": every_part(DECAYING, MOVED),
    "every part, own": every_part(parameters=OWN),
}
VOLTAGE = np.linspace(-95, 55, 61)
CALCIUM = np.geomspace(1e-3, 30, 25)
UM = "{http://www.neuroml.org/schema/neuroml2}"


def states_of(formulas):
    """(channel, gate or scheme, name of the state) in the order of the plain equations."""
    return [
        (channel, gate, state)
        for channel in formulas.channels
        for gate in channel.gates
        for state in gate.states
    ]


def random_states(neuron, n=5):
    """States near the initial one: other voltages, gates between 0 and 1, fractions that sum to 1."""
    rng, first = np.random.default_rng(3), initial_state(neuron)
    for _ in range(n):
        state = [float(rng.uniform(-90, 40))]
        for channel in neuron.channels:
            for gate in channel.gates:
                if isinstance(gate, Scheme):
                    fractions = rng.uniform(0, 1, len(gate.states))
                    for part in gate._ordered_parts():
                        rows = [gate.states.index(name) for name in part]
                        fractions[rows] /= fractions[rows].sum()
                    state += list(fractions)
                else:
                    state += list(rng.uniform(0, 1, len(gate.parts)))
        assert len(state) + bool(neuron.calcium) == len(first)
        yield state + ([float(rng.uniform(0.05, 2))] if neuron.calcium else [])


def table_of(name):
    if NEURONS[name].parameters:
        return OWN_CELL if name.startswith("every") else CORTICAL_CELL[None]
    if name.startswith("every"):
        return CELL
    return reference_population(NEURONS[name], 1, np.random.default_rng(1))


def own_of(model, cell, places):
    """Variables by which a target knows the parameters of a cell, by mechanism; one for all in Brian2."""
    found = {}
    for column, its in places.items():
        value = cell[model.column_names.index(column)]
        for mechanism, variable, less in its:
            found.setdefault(mechanism, {})[variable] = value - less
    return found


@pytest.mark.parametrize("name", NEURONS)
def test_brian2(name):
    model, formulas = NEURONS[name], formulas_of(NEURONS[name])
    cell = table_of(name)[0]
    (text,) = brian2.files_of(formulas, [0], cell[None]).values()
    own = brian2_own(model, cell, formulas)
    for state in random_states(model):
        values = {"v": state[0]}
        for (channel, _, label), value in zip(states_of(formulas), state[1:], strict=False):
            values[f"{channel.name}_{label}"] = value
        values |= {"Ca": state[-1]} if model.calcium else {}
        values |= {f"g_{channel.name}": g for channel, g in zip(formulas.channels, cell, strict=False)} | own
        left_out = {
            f"{channel.name}_{part[0]}"
            for channel in formulas.channels
            for gate in channel.gates
            if isinstance(gate, SchemeFormulas)
            for part in gate.parts
        }
        found = brian2_slopes(text, {key: value for key, value in values.items() if key not in left_out})
        expected = dict(
            zip(
                ["v", *(f"{c.name}_{s}" for c, _, s in states_of(formulas))],
                slope(model, cell, state),
                strict=False,
            )
        )
        expected |= {"Ca": slope(model, cell, state)[-1]} if model.calcium else {}
        assert set(found) == set(expected) - left_out
        for key, value in found.items():
            assert value == pytest.approx(expected[key], rel=1e-9, abs=1e-12), key


def brian2_own(model, cell, formulas):
    places = brian2.settings_of(formulas, cell[None], [0.0])["parameters"]
    found = own_of(model, cell, {column: [("all", *place)] for column, place in places.items()})
    return found.get("all", {})


@pytest.mark.parametrize("name", ["da", "every part, pumped", "cortical", "every part, own"])
def test_cells_of_brian2_begin_as_declared(name):
    """Where cells differ, it is given the name of the value at rest in place of a number."""
    model, formulas, cell = NEURONS[name], formulas_of(NEURONS[name]), table_of(name)[0]
    (text,) = brian2.files_of(formulas, [0], cell[None]).values()
    initial = brian2.settings_of(formulas, cell[None], [0.0])["initial"]
    labels = [f"{channel.name}_{label}" for channel, _, label in states_of(formulas)]
    values = dict.fromkeys((key for key in initial if key != "Ca"), 0.5) | brian2_own(model, cell, formulas)
    values |= {f"g_{channel.name}": 1.0 for channel in formulas.channels}
    values |= {"v": model.initial_voltage} | ({"Ca": initial["Ca"]} if model.calcium else {})
    known = brian2_values(text, values)[1]
    expected = dict(zip(["v", *labels, "Ca"], initial_state(model, cell), strict=False))
    for key, value in initial.items():
        assert (known[value] if isinstance(value, str) else value) == pytest.approx(expected[key], rel=1e-12)
    assert len([value for value in initial.values() if isinstance(value, str)]) == {
        "cortical": 6,
        "every part, own": 4,
    }.get(name, 0)


@pytest.mark.parametrize("target", [neuron, arbor])
@pytest.mark.parametrize("name", NEURONS)
def test_nmodl(name, target):
    model, formulas, cell = NEURONS[name], formulas_of(NEURONS[name]), table_of(name)[0]
    if target is arbor and name in ("thalamic-regulated", "every part, moved"):
        with pytest.raises(
            ValueError, match="to Arbor: in channel (H|ERG) a state moves others of its kinetic"
        ):
            target.files_of(formulas, [0], cell[None])
        return
    files = target.files_of(formulas, [0], cell[None])
    names = target.settings_of(formulas, cell[None], [0.0])
    own = own_of(model, cell, names["parameters"])
    for state in random_states(model):
        expected, found, current, calcium_current = slope(model, cell, state), [], 0.0, 0.0
        labels, calcium = iter(state[1:]), state[-1] / 1000
        for channel, g in zip(formulas.channels, cell, strict=False):
            title = names["mechanisms"][channel.column]
            mechanism = Mechanism(files[f"mechanisms/{title}.mod"])
            values = {"v": state[0], "cai": calcium, "gbar": g / 1000} | own.get(title, {})
            assert set(own.get(title, ())) <= set(mechanism.parameters)
            values |= {label: next(labels) for gate in channel.gates for label in gate.states}
            slopes = mechanism.slopes(values)
            found += [slopes[label] for gate in channel.gates for label in gate.states]
            currents = mechanism.run("BREAKPOINT", values)
            current += currents["ica" if channel.carries_calcium else "i"]
            calcium_current += currents["ica"] if channel.carries_calcium else 0.0
        found = [-1000 * current, *found]
        if model.calcium:
            pool = Mechanism(files[f"mechanisms/{names['pool']}.mod"])
            found.append(1000 * pool.slopes({"cai": calcium, "ica": calcium_current})["cai"])
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", NEURONS)
def test_cells_begin_as_declared(name):
    model, formulas, cell = NEURONS[name], formulas_of(NEURONS[name]), table_of(name)[0]
    files = neuron.files_of(formulas, [0], None)
    own = own_of(model, cell, neuron.settings_of(formulas, None, [0.0])["parameters"])
    found, values = [model.initial_voltage], {"v": model.initial_voltage}
    for channel in formulas.channels:
        title = f"{formulas.name}_{channel.name}"
        mechanism = Mechanism(files[f"mechanisms/{title}.mod"])
        started = mechanism.run("INITIAL", values | own.get(title, {}))
        found += [started[state] for gate in channel.gates for state in gate.states]
    if model.calcium:
        pool = Mechanism(files[f"mechanisms/{formulas.name}_calcium.mod"])
        found.append(1000 * pool.run("INITIAL", {})["cai"])
    np.testing.assert_allclose(found, np.array(initial_state(model, cell), dtype=float), rtol=1e-12)


@pytest.mark.parametrize("name", SHIPPED)
def test_formulas_are_those_of_the_functions(name):
    model, formulas = NEURONS[name], formulas_of(NEURONS[name])
    files = neuron.files_of(formulas, [0], None)
    for channel, declared in zip(formulas.channels, model.channels, strict=True):
        functions = Mechanism(files[f"mechanisms/{formulas.name}_{channel.name}.mod"]).names
        for gate, original in zip(channel.gates, declared.gates, strict=True):
            if isinstance(gate, GateFormulas):
                compared = [(f"{gate.name}_inf", original.steady_state, VOLTAGE)]
                tails = [f"{state[2:]}_tau" for state in gate.states]
                compared += [
                    (tail, tau, VOLTAGE) for tail, (_, tau) in zip(tails, original.parts, strict=True)
                ]
                if original.calcium_factor:
                    compared.append((f"{gate.name}_calcium", original.calcium_factor, CALCIUM))
                for label, function, grid in compared:
                    with np.errstate(over="ignore"):
                        np.testing.assert_allclose(
                            functions[label](grid) + 0 * grid, function(grid), rtol=1e-12
                        )


def lems_values(component, namespace=UM, **values):
    """What a ComponentType computes of all its names, and the slopes of its states."""
    constants = {each.get("name"): 1.0 for each in component.iter(f"{namespace}Constant")}
    known, slopes = MATHS | {"ln": np.log} | constants | values, {}
    known["UM"] = 0.001

    def computed(text):
        for sign, python in ((".gt.", ">"), (".lt.", "<"), (".geq.", ">="), ("^", "**")):
            text = text.replace(sign, python)
        return eval(text, known)

    for variable in component.find(f"{namespace}Dynamics"):
        name, kind = variable.get("name"), variable.tag.removeprefix(namespace)
        if kind == "DerivedVariable":
            known[name] = computed(variable.get("value"))
        elif kind == "ConditionalDerivedVariable":
            cases = variable.findall(f"{namespace}Case")
            known[name] = next(
                computed(case.get("value"))
                for case in cases
                if case.get("condition") is None or computed(case.get("condition"))
            )
        elif kind == "TimeDerivative":
            slopes[variable.get("variable")] = computed(variable.get("value"))
    return known, slopes


def types_of(files):
    document = ElementTree.fromstring(files["channels.nml"].encode())
    return {each.get("name"): each for each in document.iter(f"{UM}ComponentType")}


@pytest.mark.parametrize(
    "name",
    ["stg", "pyloric", "stn", "thalamic", "scn", "cortical", "every part without scheme", "every part, own"],
)
def test_neuroml(name):
    """Gates; those that a cell moves, 7 mV from where they are declared."""
    model = every_part(DECAYING, None) if name.endswith("without scheme") else NEURONS[name]
    formulas = formulas_of(model)
    types = types_of(neuroml.files_of(formulas, [0], np.ones((1, len(model.column_names)))))
    for channel, declared in zip(formulas.channels, model.channels, strict=True):
        moved = {"vShift": 7.0} if channel.moved_by else {}
        for gate, original in zip(channel.gates, declared.gates, strict=True):
            if isinstance(gate, SchemeFormulas):
                continue
            prefix, calcium = f"{formulas.name}_{channel.name}_{gate.name}", 0.3
            factor = original.calcium_factor(calcium) if original.calcium_factor else 1.0
            suffixes = ["_tau"] if len(gate.parts) == 1 else [f"_tau_{i + 1}" for i in range(len(gate.parts))]
            for v in (-87.0, -35.0, -12.3, 20.0):  # at -35 and -12 rates have their limits
                known, at = {"v": v + sum(moved.values()), **moved}, np.array(v)
                found = lems_values(types[f"{prefix}_inf"], caConc=calcium / 1000, **known)[0]["x"]
                assert found == pytest.approx(original.steady_state(at) * factor, rel=1e-9)
                for suffix, (_, tau) in zip(suffixes, original.parts, strict=True):
                    found = lems_values(types[f"{prefix}{suffix}"], **known)[0]["t"]
                    assert found == pytest.approx(float(tau(at)), rel=1e-9)


@pytest.mark.parametrize("name", ["da", "snc", "thalamic-regulated", "every part", "every part, moved"])
def test_kinetic_schemes_of_neuroml(name):
    """States in a type that is a steady state for NeuroML: slopes, how much conducts, where they begin."""
    model = NEURONS[name]
    formulas, seen = formulas_of(model), 0
    types = types_of(neuroml.files_of(formulas, [0], np.ones((1, len(model.column_names)))))
    first = iter(initial_state(model)[1:])
    starts = [next(first) for _ in states_of(formulas)]
    for state in random_states(model):
        labels = list(
            zip(states_of(formulas), state[1:], slope(model, table_of(name)[0], state)[1:], strict=False)
        )
        for channel in formulas.channels:
            for gate in channel.gates:
                if not isinstance(gate, SchemeFormulas):
                    continue
                seen += 1
                own = [(s, x, dx, k) for k, ((_, g, s), x, dx) in enumerate(labels) if g is gate]
                component = types[f"{formulas.name}_{channel.name}_{gate.name}_open"]
                values = {"v": state[0], "caConc": state[-1] / 1000} | {s: x for s, x, _, _ in own}
                known, slopes = lems_values(component, **values)
                assert slopes == pytest.approx({s: dx for s, _, dx, _ in own}, rel=1e-9, abs=1e-15)
                opened = sum(weight * values[s] for s, weight in gate.conducting.items())
                assert known["x"] == pytest.approx(opened, rel=1e-12)
                begun = {
                    a.get("variable"): float(a.get("value")) for a in component.iter(f"{UM}StateAssignment")
                }
                assert begun == pytest.approx({s: starts[k] for s, _, _, k in own}, rel=1e-12)
    assert seen


def test_the_pump_of_neuroml():
    """In SI: 1 A/m2 is 100 uA/cm2, and brings in rho / 100 uM."""
    formulas = formulas_of(every_part(PUMPED))
    text = neuroml.files_of(formulas, [0], CELL)["calcium.xml"]
    document = ElementTree.fromstring(text)
    component, instance = document.find("ComponentType"), list(document)[-1]
    assert (instance.tag, instance.get("id")) == ("every_part_calcium_pump", "every_part_calcium")
    (rho,) = (c.get("value") for c in component.iter("Constant") if c.get("name") == "RHO")
    assert rho == f"{100 * PUMPED.influx:g} mol_per_m_per_A_per_s"
    for calcium in (0.05, 0.4, 3.0):
        known = {"concentration": calcium / 1000, "iCa": 0.0, "surfaceArea": 1.0, "RHO": 0.0}
        slopes = lems_values(component, "", **known)[1]
        assert 1000 * slopes["concentration"] == pytest.approx(-PUMPED.removal(calcium), rel=1e-12)


def test_voltages_of_gates_are_those_of_cells_in_neuroml():
    """How far from the declared value; of channels whose gates are moved alone."""
    formulas = formulas_of(NEURONS["every part, own"])
    text = neuroml.files_of(formulas, [0], OWN_CELL)["population.net.nml"]
    found = {
        each.get("ionChannel"): each.get("vShift")
        for each in ElementTree.fromstring(text.encode()).iter(f"{UM}channelDensityVShift")
    }
    assert {name: float(value.removesuffix(" mV")) for name, value in found.items()} == pytest.approx(
        {"every_part_K_DR": -3.21, "every_part_A": -3.21}
    )


def test_what_neuroml_cannot_do():
    """Gates of a channel with the potential of calcium that cells move: there is no such density."""
    model, own = every_part(DECAYING, None), Parameter("V-half", -40.0, (-60.0, -20.0), gates_of=("Na",))
    channels = (Channel("Na", NERNST, model.channels[0].gates[1:]), *model.channels[1:])
    pool = replace(DECAYING, channels=("Na", "Ca-L"))
    changed = replace(model, channels=channels, calcium=pool, parameters=(own,))
    reason = "V-half moves the gates of channel Na .* of one with a Nernst potential cannot be moved"
    with pytest.raises(ValueError, match=f"neuron every-part cannot be exported to NeuroML: {reason}"):
        neuroml.files_of(formulas_of(changed), [0], np.ones((1, len(changed.column_names))))


def test_the_limit_is_where_it_is_tried():
    assert x_over_expm1(np.array(0.0)) == 1
    assert every_part().channels[0].gates[0].steady_state(np.array(-35.0)) == pytest.approx(
        0.3 / (0.3 + 4 * np.exp(-25 / 18))
    )
