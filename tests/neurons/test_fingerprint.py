"""A neuron is what it declares, not its name."""

from dataclasses import replace
from importlib.resources import as_file, files

import pytest
from support.toy_neuron import toy_neuron

from elephant_dic import (
    compute_dics,
    generate_population,
    get_neuron,
    infer_dics,
    list_neurons,
    load_population,
    neuromodulate,
    population_from_conductances,
    reconstruct,
    save_population,
    scale_conductances,
    simulate_population,
    verify_population,
)
from elephant_dic.inference.regressor import read_regressor
from elephant_dic.neurons import family_fingerprint, fingerprint, registry
from elephant_dic.neurons.model import Compensation, sigmoid
from elephant_dic.populations import provenance

STG, DA, PYLORIC = get_neuron("stg"), get_neuron("da"), get_neuron("pyloric")
#: Of the neurons as they ship; a change here means that their networks have to be trained again.
SHIPPED = {
    "stg": "79a2bf71f68f91e4",
    "da": "055881a151efc0cd",
    "pyloric": "2a60974a6c10b20a",
    "pituitary": "ffad450538b48368",
    "prebotc": "d1916736d4e77fad",
    "scn": "878c9b2038873392",
    "snc": "b621a594c4413d45",
    "stn": "5b01c07bce8ee8be",
    "thalamic": "fdaafa67b74473e3",
    "cortical": "6a9f3681be6688a3",
}
M_NA = STG.channels[0].gates[0]
CELL = {"Na": 4000.0, "Kd": 137.0, "CaT": 3.0, "CaS": 4.0, "KCa": 110.0, "A": 175.0, "H": 0.3, "leak": 0.01}


def other_potassium(neuron):
    """The neuron with a potassium channel that opens 2 mV later, under the same name."""
    channels = list(neuron.channels)
    k = neuron.index("Kd")
    gate = channels[k].gates[0]
    later = replace(gate, steady_state=lambda voltage: gate.steady_state(voltage - 2.0))
    channels[k] = replace(channels[k], gates=(later,))
    return replace(neuron, channels=tuple(channels))


@pytest.mark.parametrize("name", list_neurons())
def test_fingerprints_of_the_shipped_neurons(name):
    assert fingerprint(get_neuron(name)) == SHIPPED[name]


def changed_gate(**changes):
    def change(neuron):
        channels = list(neuron.channels)
        channels[0] = replace(
            channels[0], gates=(replace(channels[0].gates[0], **changes), *channels[0].gates[1:])
        )
        return replace(neuron, channels=tuple(channels))

    return change


def changed_channel(**changes):
    return lambda neuron: replace(
        neuron, channels=(replace(neuron.channels[0], **changes), *neuron.channels[1:])
    )


@pytest.mark.parametrize(
    "change",
    [
        changed_gate(exponent=2),
        changed_gate(steady_state=sigmoid(25.5, -5.3)),
        changed_gate(time_constant=lambda voltage: 1.0 + 0 * voltage),
        changed_channel(reversal=50.1),
        lambda neuron: replace(neuron, calcium=replace(neuron.calcium, time_constant=20.1)),
        lambda neuron: replace(neuron, calcium=replace(neuron.calcium, channels=("CaT",))),
        lambda neuron: replace(neuron, threshold_voltage=-51.1),
        lambda neuron: replace(neuron, initial_voltage=-70.1),
        lambda neuron: replace(
            neuron, timescales=neuron.timescales[:2] + (lambda voltage: 100 + 0 * voltage,)
        ),
        lambda neuron: replace(neuron, channels=neuron.channels[1::-1] + neuron.channels[2:]),
    ],
)
def test_what_is_another_neuron(change):
    assert fingerprint(change(STG)) != fingerprint(STG)
    assert family_fingerprint(change(STG)) != family_fingerprint(STG)


@pytest.mark.parametrize(
    "change",
    [
        lambda neuron: replace(neuron, name="other", title="another title", source="elsewhere"),
        lambda neuron: replace(neuron, time_step=0.1, half_step_rate=1.0, shortest_step=0.1),
        lambda neuron: replace(neuron, channels=tuple(replace(channel) for channel in neuron.channels)),
        changed_gate(
            steady_state=lambda voltage: STG.channels[0].gates[0].steady_state(voltage) * (1 + 1e-12)
        ),
    ],
)
def test_what_is_the_same_neuron(change):
    assert fingerprint(change(STG)) == fingerprint(STG)
    assert family_fingerprint(change(STG)) == family_fingerprint(STG)


@pytest.mark.parametrize(
    "change",
    [
        {"reference": replace(STG.reference, leak=(0.007, 0.015))},
        {"reference": replace(STG.reference, ranges=dict(STG.reference.ranges) | {"Kd": (70, 141)})},
        {"reference": replace(STG.reference, dics=(-6.2, 4.1, 5.0))},
        {"fast_channel": "Kd"},
        {"compensations": STG.compensations[1:]},
        {"compensations": (Compensation(("CaS", "A"), lambda g_s, g_u: g_u < 1), *STG.compensations[1:])},
        {"training": replace(STG.training, window=2999.0)},
        {"training": replace(STG.training, transient=2999.0)},
        {"training": replace(STG.training, strangers=False)},
        {"training": replace(STG.training, targets={"g_s": (-20, 21), "g_u": (0, 20)})},
    ],
)
def test_what_is_another_family_of_the_same_neuron(change):
    changed = replace(STG, **change)
    assert fingerprint(changed) == fingerprint(STG)
    assert family_fingerprint(changed) != family_fingerprint(STG)


def test_a_neuron_with_a_two_state_gate_an_instantaneous_one_and_a_moving_reversal():
    assert len({fingerprint(neuron) for neuron in (STG, DA, PYLORIC, toy_neuron())}) == 4
    erg = DA.channels[DA.index("ERG")]
    for change in ({"timescale": "g_s"}, {"initial": None}, {"closing": lambda voltage: 0.001 + 0 * voltage}):
        channels = [
            replace(erg, gates=(replace(erg.gates[0], **change),)) if c is erg else c for c in DA.channels
        ]
        assert fingerprint(replace(DA, channels=tuple(channels))) != fingerprint(DA)


def spikes(block):
    (train,) = simulate_population(block, seed=0).spiketrains
    return train.magnitude.tolist()


def test_a_block_is_simulated_with_the_declaration_that_made_it(tmp_path):
    changed = other_potassium(STG)
    own, shipped = (population_from_conductances(CELL, neuron=neuron) for neuron in (changed, "stg"))
    assert spikes(own) != spikes(shipped)
    assert provenance(own)["neuron_fingerprint"] == fingerprint(changed)
    save_population(own, tmp_path / "own.nix")
    again = load_population(tmp_path / "own.nix")
    assert spikes(again) == spikes(own)
    halved = scale_conductances(again, {"g_H": 0.5})
    assert provenance(halved)["neuron_fingerprint"] == fingerprint(changed)
    rates = compute_dics([list(CELL.values())], changed)
    assert halved.annotations["population_g_s"].magnitude == pytest.approx(rates[:, 1])


@pytest.mark.parametrize(
    "use",
    [
        simulate_population,
        lambda block: neuromodulate(block, {"g_s": -1}),
        lambda block: scale_conductances(block, {"g_H": 0.5}),
        lambda block: verify_population(block, simulate_population(POPULATION, seed=0).spiketrains[0]),
    ],
)
def test_a_block_of_another_declaration_is_refused_with_the_reason(use, monkeypatch):
    own = population_from_conductances(CELL, neuron=other_potassium(STG))
    monkeypatch.setattr(registry, "_PASSED", {})  # as in another process
    with pytest.raises(ValueError, match="another declaration of the neuron 'stg' than the one") as caught:
        use(own)
    assert fingerprint(STG) in str(caught.value)


POPULATION = population_from_conductances(CELL, neuron="stg")


def test_a_block_of_before_without_a_fingerprint_is_read_by_name():
    block = population_from_conductances(CELL, neuron="stg")
    block.annotations["elephant_dic"] = block.annotations["elephant_dic"].replace(
        "neuron_fingerprint", "other_key"
    )
    assert spikes(block) == spikes(POPULATION)


def test_dics_inferred_for_another_declaration_are_refused():
    train = simulate_population(POPULATION, seed=0).spiketrains[0]
    block = reconstruct(train, n_models=2, verify=False, seed=1)
    assert provenance(block)["neuron_fingerprint"] == SHIPPED["stg"]
    with pytest.raises(ValueError, match="'stg', not 'stg', as it is declared here"):
        generate_population(infer_dics(train), neuron=other_potassium(STG), n_models=2, seed=1)


@pytest.mark.parametrize("change", [{"threshold_voltage": -50.0}, {"fast_channel": "Kd"}])
def test_a_network_of_another_declaration_is_refused(change):
    with as_file(files("elephant_dic.weights")) as folder:
        assert read_regressor(STG, folder).card["family_fingerprint"] == family_fingerprint(STG)
        with pytest.raises(ValueError, match="stg.json: it was trained on cells of another declaration"):
            read_regressor(replace(STG, **change), folder)
