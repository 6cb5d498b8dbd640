"""What this package exports, read back: the same declarations, DICs and spike times."""

from dataclasses import replace

import numpy as np
import pytest
import quantities as pq
from support.every_part import DECAYING, MOVED, PUMPED, every_part
from support.golden import golden_cells

from elephant_dic import get_neuron, list_neurons, neuron_from_mod
from elephant_dic.exports import neuroml
from elephant_dic.exports import neuron as nmodl
from elephant_dic.exports.formulas import formulas_of
from elephant_dic.neurons import Nernst, Scheme, dics_of, fingerprint, reference_population
from elephant_dic.neurons.thalamic import REGULATED
from elephant_dic.simulation import simulate

SHIPPED = {name: get_neuron(name) for name in list_neurons()}
NEURONS = SHIPPED | {
    "thalamic-regulated": REGULATED,
    "every part": every_part(),
    "every part, pumped": every_part(PUMPED),
    "every part, moved": every_part(DECAYING, MOVED),
}


def without_lag(neuron):
    """Files do not say whether the DICs count the lag of gates behind calcium, nor what differs in cells."""
    channels = tuple(
        replace(
            c, gates=tuple(g if isinstance(g, Scheme) else replace(g, calcium_lag=False) for g in c.gates)
        )
        for c in neuron.channels
    )
    return replace(neuron, channels=channels, parameters=())


def ranges_of(neuron, formulas):
    family = neuron.broad or neuron.reference
    ranges = {neuron.channels[neuron.leak_index].name: family.leak} | dict(family.ranges)
    return {
        own.name: ranges[channel.name]
        for own, channel in zip(formulas.channels, neuron.channels, strict=True)
    }


def options_of(neuron, formulas):
    """What the files of a neuron do not hold."""
    return {
        "name": formulas.name,
        "leak": formulas.channels[neuron.leak_index].name,
        "ranges": ranges_of(neuron, formulas),
        "timescales": neuron.timescales,
        "threshold_voltage": neuron.threshold_voltage * pq.mV,
        "initial_voltage": neuron.initial_voltage * pq.mV,
    }


def from_nmodl(folder, neuron):
    formulas, paths = formulas_of(neuron), []
    for name, text in nmodl.files_of(formulas, [0], None).items():
        if name.endswith(".mod"):
            path = folder / name.split("/")[-1]
            path.write_text(text)
            paths.append(path)
    return neuron_from_mod(*paths, **options_of(neuron, formulas))


def cells_of(neuron):
    return reference_population(neuron, 20, np.random.default_rng(1))[:, : len(neuron.channels)]


@pytest.mark.parametrize("name", NEURONS)
def test_dics_are_the_same(tmp_path, name):
    neuron = without_lag(NEURONS[name])
    read = from_nmodl(tmp_path, neuron)
    for voltage in (neuron.threshold_voltage, neuron.threshold_voltage - 9.7):
        expected = dics_of(neuron, cells_of(neuron), voltage)
        np.testing.assert_allclose(dics_of(read, cells_of(neuron), voltage), expected, rtol=1e-9)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_declaration_is_the_same(tmp_path, name):
    neuron = without_lag(SHIPPED[name])
    # The rule for spikes is no part of the files.
    read = replace(from_nmodl(tmp_path, neuron), spike=neuron.spike, leak=neuron.leak)
    assert fingerprint(read) == fingerprint(neuron)


@pytest.mark.parametrize("name", ["stg", "da", "pyloric"])
def test_spike_times_are_the_golden_ones(tmp_path, name):
    neuron = get_neuron(name)
    read = replace(
        from_nmodl(tmp_path, neuron),
        time_step=neuron.time_step,
        half_step_rate=neuron.half_step_rate,
        shortest_step=neuron.shortest_step,
        spike=neuron.spike,
    )
    table, golden = golden_cells(name)
    duration = 8000.0 if name == "da" else 4500.0
    run = simulate(read, table[:3], duration)
    for times, expected in zip(run.spike_times, golden, strict=False):
        expected = expected[(expected > 3050) & (expected < duration - 50)]
        assert len(expected) > 3
        nearest = np.abs(times[:, None] - expected).min(axis=0)
        assert (nearest < 0.005 * expected).all()
    own = simulate(neuron, table[:3], duration)
    for times, expected in zip(run.spike_times, own.spike_times, strict=True):
        np.testing.assert_array_equal(times, expected)


def test_a_folder_is_all_its_files(tmp_path):
    neuron = get_neuron("stg")
    folder = tmp_path / "mechanisms"
    folder.mkdir()
    one_by_one = from_nmodl(folder, neuron)
    (folder / "README.md").write_text("no mechanism")
    options = options_of(neuron, formulas_of(neuron))
    together = neuron_from_mod(folder, **options)
    assert sorted(together.conductance_names) == sorted(one_by_one.conductance_names)
    assert [c.name for c in together.channels] == ["A", "CaS", "CaT", "H", "KCa", "Kd", "Na", "leak"]


@pytest.mark.parametrize("name", ["stg", "pyloric", "thalamic", "scn", "every part"])
def test_neuroml_read_back(tmp_path, name):
    neuron = without_lag(every_part(scheme=None) if name == "every part" else SHIPPED[name])
    formulas = formulas_of(neuron)
    cells = cells_of(neuron)
    for file, text in neuroml.files_of(formulas, [0], cells[:1]).items():
        (tmp_path / file).write_text(text)
    potentials = {
        f"{formulas.name}_{own.name}": channel.reversal
        for own, channel in zip(formulas.channels, neuron.channels, strict=True)
        if isinstance(channel.reversal, Nernst)
    }
    read = neuron_from_mod(tmp_path, reversals=potentials, **options_of(neuron, formulas))
    np.testing.assert_allclose(dics_of(read, cells), dics_of(neuron, cells), rtol=1e-9)
    if name != "every part":  # whose names are no identifiers
        read = replace(read, spike=neuron.spike, leak=neuron.leak)
        assert fingerprint(read) == fingerprint(neuron)


def test_what_was_read_can_be_exported_again(tmp_path):
    neuron = get_neuron("stg")
    read = replace(from_nmodl(tmp_path, neuron), spike=neuron.spike, leak=None)
    again = replace(from_nmodl(tmp_path, read), spike=neuron.spike, leak=None)
    assert fingerprint(again) == fingerprint(neuron)
