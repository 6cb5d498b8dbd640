"""Populations moved along a DIC, and with scaled conductances."""

import neo
import numpy as np
import pytest
import quantities as pq
from support import stepped

from elephant_dic import (
    conductances,
    generate_population,
    get_neuron,
    load_population,
    neuromodulate,
    reconstruct,
    save_population,
    scale_conductances,
    simulate_population,
    verify_population,
)
from elephant_dic.populations import capacitance_of, conductance_table, member_dics, noise_of, provenance
from elephant_dic.trains import firing_of

STG = get_neuron("stg")


@pytest.fixture(scope="module")
def tonic():
    return generate_population({"g_s": 5, "g_u": 4}, "stg", 12, seed=1)


def test_members_have_the_new_dic_and_keep_the_other(tonic):
    moved = neuromodulate(tonic, {"g_s": -8})
    assert member_dics(moved)[:, 1] == pytest.approx([-8] * 12, abs=1e-3)
    assert member_dics(moved)[:, 2] == pytest.approx([4] * 12, abs=2e-3)
    assert moved.annotations["dic_mean"][1] == -8
    before, after = conductances(tonic), conductances(moved)
    changed = {name for name in before if not np.allclose(before[name].magnitude, after[name].magnitude)}
    assert changed == {"g_CaS", "g_H"}  # the pair of the neuron for negative g_s
    assert provenance(tonic)["verdict"] == provenance(moved)["verdict"] == "not verified"


def test_all_three_dics_can_be_given(tonic):
    moved = neuromodulate(tonic, {"g_f": -6, "g_s": 4.5, "g_u": 5})
    assert member_dics(moved) == pytest.approx(np.tile([-6, 4.5, 5], (12, 1)), abs=2e-3)


def test_a_tonic_population_moved_to_negative_g_s_bursts(tonic):
    """What neuromodulators do (Fyon et al. 2024)."""

    def activities(block):
        trains = simulate_population(block).spiketrains
        assert [train.annotations["member"] for train in trains] == list(range(12))
        return {firing_of([train.rescale("ms").magnitude]).activity for train in trains}

    assert activities(tonic) == {"tonic"}
    assert activities(neuromodulate(tonic, {"g_s": -8})) == {"bursting"}


def test_a_scaled_conductance_is_what_remains(tonic):
    half = scale_conductances(tonic, {"g_KCa": 0.5, "g_A": 0})
    before, after = conductances(tonic), conductances(half)
    assert after["g_KCa"].magnitude == pytest.approx(0.5 * before["g_KCa"].magnitude)
    assert (after["g_A"] == 0 * pq.mS / pq.cm**2).all()
    assert after["g_Na"].magnitude == pytest.approx(before["g_Na"].magnitude)
    assert provenance(half)["change"]["factors"] == {"g_KCa": 0.5, "g_A": 0.0}
    assert len(simulate_population(half).spiketrains) == 12


def test_a_blocked_channel_changes_the_firing(tonic):
    blocked = scale_conductances(tonic, {"g_Na": 0})
    assert all(len(train) == 0 for train in simulate_population(blocked).spiketrains)


def test_identity_is_kept_over_several_changes(tonic, tmp_path):
    with pytest.warns(UserWarning, match=r"\d+ of 12 members cannot be moved to g_s = .* left out: "):
        moved = neuromodulate(spread_population(), {"g_s": 0})
    kept = moved.annotations["population_first_member"].astype(int)
    assert 0 < len(kept) < 12
    original = conductance_table(spread_population())[1]
    unchanged = STG.index("Na")
    assert conductance_table(moved)[1][:, unchanged] == pytest.approx(original[kept, unchanged])
    twice = scale_conductances(moved, {"g_H": 1.5})
    assert (twice.annotations["population_first_member"].astype(int) == kept).all()
    assert provenance(twice)["parent"] == provenance(moved)
    assert provenance(twice)["parent"]["parent"] == provenance(spread_population())
    for suffix in (".nix", ".csv"):
        save_population(twice, tmp_path / f"twice{suffix}")
        again = load_population(tmp_path / f"twice{suffix}")
        assert (np.atleast_1d(again.annotations["population_first_member"]).astype(int) == kept).all()
        assert (scale_conductances(again, {"g_H": 1}).annotations["population_first_member"] == kept).all()


def spread_population():
    """Members of which the first ones lack calcium currents: without them, g_s cannot be as low as 0."""
    block = generate_population({"g_s": 5, "g_u": 4}, "stg", 12, seed=2)
    for name in ("g_CaS", "g_CaT"):
        block.annotations[f"population_{name}"] *= np.linspace(0, 1, 12)
    return block


def test_a_changed_population_can_be_verified_against_the_recording(tonic):
    times = simulate_population(tonic).spiketrains[0]
    recorded = verify_population(tonic, times, tolerance=0.5, seed=0)
    changed = scale_conductances(recorded, {"g_leak": 1.2})
    (recording,) = changed.segments
    assert recording.name == "recording"
    assert not [key for key in changed.annotations if key in ("population_matches", "population_rate")]
    checked = verify_population(changed, recording.spiketrains[0], seed=0)
    assert len(checked.annotations["population_matches"]) == 12
    assert (checked.annotations["population_first_member"] == np.arange(12)).all()


@pytest.mark.parametrize(
    ("change", "argument", "error", "message"),
    [
        (neuromodulate, {"g_x": 1}, ValueError, "unknown DIC 'g_x'; choose among g_f, g_s, g_u"),
        (neuromodulate, {}, ValueError, "no DIC is named"),
        (neuromodulate, {"g_s": np.nan}, ValueError, "value of g_s must be finite"),
        (neuromodulate, {"g_s": 3 * pq.mV}, TypeError, "value of g_s must be a number without unit"),
        (neuromodulate, -3, TypeError, "a dict such as {'g_s': 0.5} is needed, got int"),
        (scale_conductances, {"KCa": 1}, ValueError, "unknown conductance 'KCa'; choose among g_Na"),
        (scale_conductances, {"g_KCa": -1}, ValueError, "must be zero or positive, got -1"),
        (scale_conductances, {"g_leak": 0}, ValueError, "g_leak is what remains of it and must be positive"),
    ],
)
def test_wrong_changes_are_explained(tonic, change, argument, error, message):
    with pytest.raises(error, match=message):
        change(tonic, argument)


def test_dics_out_of_reach_are_an_error(tonic):
    without_calcium = scale_conductances(tonic, {"g_CaS": 0, "g_CaT": 0})
    with pytest.raises(
        ValueError, match=r"no member can be moved to g_s = 0: .* \(g_s from [\d.]+ to [\d.]+\)"
    ):
        neuromodulate(without_calcium, {"g_s": 0})


@pytest.mark.parametrize("change", [neuromodulate, scale_conductances])
def test_only_populations_are_changed(change):
    with pytest.raises(TypeError, match="a population is a neo.Block, not str"):
        change("block", {"g_s": 1})
    with pytest.raises(ValueError, match="is not a population"):
        change(neo.Block(), {"g_s": 1})


def test_members_that_leave_their_class_are_told(tonic):
    moved = neuromodulate(tonic, {"g_s": -8})
    assert moved.annotations["population_activity"].tolist() == ["bursting"] * 12
    assert moved.annotations["population_leaves"].all()
    assert provenance(moved)["change"] == {"dics": {"g_s": -8.0}, "left": {"tonic to bursting": 12}}
    same = scale_conductances(tonic, {"g_KCa": 1.0})
    assert same.annotations["population_activity"].tolist() == ["tonic"] * 12
    assert not same.annotations["population_leaves"].any()
    assert provenance(same)["change"]["left"] == {}
    silent = scale_conductances(tonic, {"g_Na": 0})
    assert provenance(silent)["change"]["left"] == {"tonic to silent": 12}


def test_what_members_do_is_with_the_noise_of_the_population(tonic):
    train = simulate_population(tonic, noise_std=12 * pq.uA / pq.cm**2, seed=1).spiketrains[0]
    noisy = verify_population(tonic, train, noise_std=12 * pq.uA / pq.cm**2, seed=2)
    changed = scale_conductances(noisy, {"g_H": 0.9})
    assert noise_of(changed) == 12
    same = scale_conductances(noisy, {"g_H": 1.0})  # and each member has the same noise as before
    assert not same.annotations["population_leaves"].any()
    activities = set(changed.annotations["population_activity"])
    assert activities != set(scale_conductances(tonic, {"g_H": 0.9}).annotations["population_activity"])


def test_under_the_steps_of_its_recording_a_member_leaves_when_it_never_fires():
    block = reconstruct(stepped.recorded(), n_models=10, capacitance=stepped.CAPACITANCE * pq.pF, seed=1)
    blocked = scale_conductances(block, {"g_Na": 0, "g_NaS": 0})
    assert provenance(blocked)["change"]["left"] == {"firing to silent": 10}
    assert capacitance_of(blocked) == stepped.CAPACITANCE
    assert provenance(scale_conductances(block, {"g_H": 0.9}))["change"]["left"] == {}
