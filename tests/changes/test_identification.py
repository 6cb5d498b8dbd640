"""What was changed in a cell of which all is known, from its two recordings."""

import json
import warnings

import neo
import numpy as np
import pytest
import quantities as pq

from elephant_dic import (
    conductances,
    generate_population,
    get_neuron,
    identified_changes,
    identify_changes,
    infer_dics,
    load_population,
    member_dics,
    reconstruct,
    save_population,
)
from elephant_dic.changes.summary import _with_pairs
from elephant_dic.neurons import dics_of
from elephant_dic.populations import Change, Changes, conductance_table, provenance
from elephant_dic.simulation import simulate
from elephant_dic.trains import firing_of

STG = get_neuron("stg")
SETTLED, LASTS = 4000.0, 8000.0
SILENT = neo.SpikeTrain([], units="s", t_stop=10)


def recorded(cell, **factors):
    """A train of a cell with conductances scaled."""
    changed = cell.copy()
    for name, factor in factors.items():
        changed[STG.conductance_names.index(name)] *= factor
    (times,) = simulate(STG, changed[None], SETTLED + LASTS, dt=0.0875).spike_times
    return neo.SpikeTrain((times[times >= SETTLED] - SETTLED) * pq.ms, t_stop=LASTS * pq.ms)


@pytest.fixture(scope="module")
def cell():
    """A bursting cell of the family."""
    return conductance_table(generate_population({"g_s": -8, "g_u": 7}, "stg", 1, seed=4))[1][0]


@pytest.fixture(scope="module")
def population(cell):
    return reconstruct(recorded(cell), n_models=100, seed=3)


@pytest.fixture(scope="module")
def block(population, cell):
    return identify_changes(population, recorded(cell, g_KCa=0.5), n_models=40, seed=5)


@pytest.fixture(scope="module")
def changes(block):
    return identified_changes(block)


def test_the_channel_comes_first(changes):
    first = changes.ranked[0]
    assert (changes.verdict, first.conductances) == ("explained", ("g_KCa",))
    assert first in changes.likely
    assert first.probability > 0.6
    (low, high), (factor,) = first.intervals[0], first.factors
    assert low < factor < high
    assert 0.35 < factor < 0.7
    assert sum(each.probability for each in changes.ranked) == pytest.approx(1)
    assert changes.nothing < 0.01


def test_members_are_pairs_that_fire_like_both_recordings(block, cell):
    n = block.annotations["n_members"]
    assert n == 40
    assert block.annotations["population_matches"].all()
    assert block.annotations["population_matches_after"].all()
    names = STG.conductance_names
    factors = np.stack([block.annotations[f"population_factor_{name}"].magnitude for name in names], axis=1)
    assert ((factors != 1).sum(axis=1) == 1).all()  # one channel each
    assert (factors[:, STG.leak_index] == 1).all()
    table = conductance_table(block)[1]
    after = np.stack(
        [block.annotations[f"population_after_{name}"].magnitude for name in ("g_f", "g_s", "g_u")]
    )
    np.testing.assert_allclose(after.T, dics_of(STG, table * factors))
    wanted = firing_of([recorded(cell, g_KCa=0.5).rescale("ms").magnitude])
    runs = simulate(STG, table * factors, SETTLED + LASTS).spike_times
    found = [firing_of([times[times >= SETTLED]]) for times in runs]
    assert np.mean([each.activity == wanted.activity for each in found]) > 0.95
    assert np.median([each.burst_rate for each in found]) == pytest.approx(wanted.burst_rate, rel=0.1)


def test_both_recordings_and_the_population_are_kept(block, cell, population):
    assert [segment.name for segment in block.segments] == ["recording", "recording after"]
    for segment, train in zip(block.segments, (recorded(cell), recorded(cell, g_KCa=0.5)), strict=True):
        assert segment.spiketrains[0].magnitude == pytest.approx(train.magnitude)
    assert provenance(block)["neuron"] == "stg"
    assert {*map(tuple, conductance_table(block)[1])} <= {*map(tuple, conductance_table(population)[1])}
    assert set(conductances(block)) == set(STG.conductance_names)


def test_dics_differ_by_what_their_pairs_say(block, changes):
    after = np.stack(
        [block.annotations[f"population_after_{name}"].magnitude for name in ("g_f", "g_s", "g_u")]
    )
    moved = after.T - member_dics(block)
    for k, name in enumerate(("g_f", "g_s", "g_u")):
        mean, std = changes.dics[name]
        assert mean == pytest.approx(moved[:, k].mean(), abs=std)  # of more pairs than are kept
    apart = (
        infer_dics(block.segments[1].spiketrains[0]).std[1],
        infer_dics(block.segments[0].spiketrains[0]).std[1],
    )
    assert changes.dics["g_s"][1] < np.hypot(*apart)  # paired: less than two independent ones


@pytest.mark.parametrize("suffix", [".nix", ".nwb", ".mat", ".csv"])
def test_files_keep_what_was_found(block, changes, tmp_path, suffix):
    save_population(block, tmp_path / f"changes{suffix}")
    again = load_population(tmp_path / f"changes{suffix}")
    assert identified_changes(again) == changes
    name = "population_factor_g_KCa"
    assert again.annotations[name] == pytest.approx(block.annotations[name])


def test_the_same_seed_gives_the_same_block(population, cell, block):
    again = identify_changes(population, recorded(cell, g_KCa=0.5), n_models=40, seed=5)
    assert identified_changes(again) == identified_changes(block)
    assert conductance_table(again)[1].tolist() == conductance_table(block)[1].tolist()


def test_nothing_changed(population, cell):
    found = identified_changes(identify_changes(population, recorded(cell), n_models=20, seed=1))
    assert found.verdict == "no change needed"
    assert found.nothing > 0.5
    assert "No change is needed" in str(found)


@pytest.mark.slow
def test_a_small_change_within_what_controls_scatter_is_none(population, cell):
    after = recorded(cell, g_H=1.1)
    alone = identified_changes(identify_changes(population, after, n_models=20, seed=1))
    controls = [recorded(cell, g_H=factor) for factor in (0.85, 1.2)]
    found = identified_changes(identify_changes(population, after, n_models=20, controls=controls, seed=1))
    assert alone.nothing < found.nothing


@pytest.mark.slow
def test_a_control_like_the_recording_after_leaves_nothing_to_explain(population, cell):
    """What is there without a change needs none."""
    after = recorded(cell, g_KCa=0.5)
    one, four = (quietly(population, after, n_models=5, controls=[after] * n, seed=1) for n in (1, 4))
    assert one.verdict == four.verdict == "no change needed"
    assert min(one.nothing, four.nothing) > 0.8


def test_a_control_like_the_recording_before_takes_nothing_away(population, cell):
    after = recorded(cell, g_KCa=0.5)
    found = quietly(population, after, n_models=5, controls=[recorded(cell)], seed=1)
    assert found.verdict == "explained"
    assert found.ranked[0].name == "g_KCa"
    assert found.nothing < 0.01


def test_a_block_silences_the_cell(population):
    found = identified_changes(identify_changes(population, SILENT, n_models=20, seed=1))
    assert found.after == "silent"
    assert found.verdict == "explained"
    assert found.ranked[0].name in ("g_Na", "g_H")
    assert found.ranked[0].factors[0] < 0.6
    assert found.nothing < 0.05  # no member stops firing by itself
    assert found.doubts == ()


def test_a_silence_little_longer_than_pauses_is_doubted(population, cell):
    longest = float(np.diff(recorded(cell).rescale("s").magnitude).max())
    silent = neo.SpikeTrain([], units="s", t_stop=10 * longest)
    (doubt,) = quietly(population, silent, n_models=5, seed=1).doubts
    assert doubt.startswith(f"after: it is silent for {10 * longest:.3g} s, and before it pauses for up to")
    with pytest.raises(ValueError, match="no silence yet"):
        identify_changes(population, neo.SpikeTrain([], units="s", t_stop=4.5 * longest), seed=1)


@pytest.mark.slow
def test_another_cell_is_not_explained(population):
    """Long bursts five times as rare: no single channel of this cell brings that about."""
    onsets = np.arange(0.0, 20_000, 4000)
    times = np.sort((onsets[:, None] + 6.0 * np.arange(60)).ravel())
    after = neo.SpikeTrain(times * pq.ms, t_stop=17 * pq.s)
    found = quietly(population, after, n_models=20, seed=1)
    assert found.verdict == "not explained"
    assert "Not explained by one channel" in str(found)
    assert found.n_pairs == 0
    assert found.dics == {}


def test_from_trains_a_population_is_made(cell):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        block = identify_changes(recorded(cell), recorded(cell, g_A=0.4), n_models=10, seed=2)
    assert identified_changes(block).ranked[0].name == "g_A"
    assert provenance(block)["verification"]["tolerance"] == 0.1


def change(name="g_A", probability=0.5):
    return Change((name,), probability, (0.5,), ((0.4, 0.6),), 10, 9)


def changes_with(ranked, **values):
    known = {
        "verdict": "explained", "nothing": 0.0, "level": 0.9, "first_right": 0.8, "surprise": 0.4,
        "before": "tonic", "after": "tonic", "dics": {"g_s": (1.0, 0.1)}, "n_pairs": 9, "doubts": (),
        "seed": 1,
    }  # fmt: skip
    return Changes(ranked=tuple(ranked), **(known | values))


def test_the_likely_set_is_the_smallest_that_holds_the_level():
    ranked = [change("g_A", 0.6), change("g_H", 0.3), change("g_Na", 0.1)]
    assert changes_with(ranked).likely == tuple(ranked[:2])
    assert changes_with(ranked, level=0.59).likely == tuple(ranked[:1])
    assert changes_with(ranked, level=0.95).likely == tuple(ranked)


def test_what_was_found_in_words():
    one = changes_with([change(probability=0.95), change("g_H", 0.05)])
    told = "one channel changed: g_A to 0.50 of what it was (68 %: 0.40 to 0.60) (probability 0.95)"
    assert told in str(one)
    assert "the channel changed came first in 80%" in str(one)
    several = str(changes_with([change(probability=0.6), change("g_H", 0.4)]))
    assert "cannot be told apart at 90%: g_A (0.60), g_H (0.40)" in several
    both = Change(("g_A", "g_H"), 1.0, (0.5, 2.0), ((0.4, 0.6), (1.5, 2.5)), 3, 3)
    assert "g_A to 0.50 of what it was (68 %: 0.40 to 0.60) and g_H to 2.00" in str(changes_with([both]))


def test_near_one_and_the_largest_factor_in_words():
    largest = Change(("g_A",), 0.998, (3.9,), ((3.6, 4.0),), 10, 9)
    text = str(changes_with([largest], nothing=0.3))
    assert "g_A to 3.90 or more of what it was" in text
    assert "(probability > 0.99)" in text
    assert "That nothing has changed has a probability of 0.30." in text


def test_a_row_a_change():
    table = changes_with([change(probability=0.95), change("g_H", 0.05)]).to_dataframe()
    assert table["changed"].tolist() == ["g_A", "g_H"]
    assert table["likely"].tolist() == [True, False]
    assert table.loc[0, ["factor", "factor_16", "factor_84"]].tolist() == [0.5, 0.4, 0.6]


def test_records_are_read_back():
    changes = changes_with([change(probability=0.95), change("g_H", 0.05)])
    assert Changes.of_record(json.loads(json.dumps(changes.in_provenance()))) == changes


def test_wrong_arguments_are_refused(population, cell, block):
    after = recorded(cell, g_KCa=0.5)
    few = neo.SpikeTrain([0.1, 2.0, 4.0] * pq.s, t_stop=8)
    short = neo.SpikeTrain([], units="s", t_stop=0.2)
    refused = [
        (ValueError, "recording after: too few spikes", dict(after=few)),
        (ValueError, "no silence yet", dict(after=short)),
        (ValueError, "level must be between 0 and 1", dict(level=1.0)),
        (ValueError, "together must be from 1 to 2", dict(together=3)),
        (ValueError, "holds pairs, with two recordings", dict(after=block)),
        (TypeError, "controls must be a sequence of recordings", dict(controls=after)),
        (ValueError, "control 0 fires otherwise", dict(controls=[tonic_train()])),
        (ValueError, "population of neuron stg, not da", dict(neuron="da")),
        (TypeError, "spiketrain must be a neo.SpikeTrain", dict(after=[1.0, 2.0])),
        (ValueError, "prior and capacitance are those of the population", dict(prior="broad")),
        (ValueError, "in the same unit of time", dict(after=slowed(after, 1000.0))),
    ]
    for error, message, options in refused:
        with pytest.raises(error, match=message):
            identify_changes(population, **({"after": after} | options), seed=1)
    unverified = generate_population({"g_s": -8, "g_u": 7}, "stg", 30, seed=1)
    with pytest.raises(ValueError, match="holds no recording"):
        identify_changes(unverified, after)
    few_members = reconstruct(recorded(cell), n_models=10, seed=1)
    with pytest.raises(ValueError, match="10 models fire like the recording before.*at least 20"):
        identify_changes(few_members, after)
    with pytest.raises(ValueError, match="holds no changes"):
        identified_changes(population)


def slowed(train, times):
    magnitude = times * train.magnitude
    return neo.SpikeTrain(magnitude * train.units, t_stop=times * train.t_stop)


def quietly(*args, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return identified_changes(identify_changes(*args, **options))


def test_a_cell_that_stops_firing_is_no_cell_without_a_change(population, cell):
    """Within its bursts it fires as before."""
    whole = recorded(cell)
    stops = neo.SpikeTrain(whole[whole < 2 * pq.s], t_stop=20 * pq.s)
    with pytest.warns(UserWarning, match="the cell pauses for 1 % of the time before and 90 % after"):
        found = identified_changes(identify_changes(population, stops, n_models=5, seed=1))
    assert found.verdict != "no change needed"
    assert any("pauses" in doubt for doubt in found.doubts)
    assert "Doubt: the cell pauses" in str(found)


def test_a_cell_that_stops_near_the_end_is_no_cell_without_a_change(population, cell):
    """Silent for 3 of 19 s, which is many times the longest interval before."""
    (times,) = simulate(STG, cell[None], SETTLED + 16_000, dt=0.0875).spike_times
    times = (times[times >= SETTLED] - SETTLED) / 1000
    assert 20 * np.diff(times).max() < 3.0
    stopped = neo.SpikeTrain(times, units="s", t_stop=19)
    found = quietly(population, stopped, n_models=5, seed=1)
    assert found.verdict == "not explained"
    assert found.pauses
    assert "where the cell fires, both recordings are alike" in str(found)
    assert any(doubt.startswith("after: it is silent for 3") for doubt in found.doubts)
    assert Changes.of_record(json.loads(json.dumps(found.in_provenance()))) == found


def test_a_recording_that_drifts_is_doubted(population, cell):
    isis = np.diff(recorded(cell).rescale("ms").magnitude)
    times = np.cumsum(isis * np.linspace(1, 1.8, len(isis)))
    found = quietly(population, neo.SpikeTrain(times * pq.ms, t_stop=times[-1] * pq.ms), n_models=5, seed=1)
    assert found.verdict != "no change needed"
    assert any(doubt.startswith("after: the recording drifts") for doubt in found.doubts)


@pytest.mark.parametrize("n", [5, 12])
def test_of_few_spikes_of_the_same_cell_nothing_is_told(population, cell, n):
    with pytest.raises(ValueError, match=f"too short to tell how the cell fires: it has {n} spikes"):
        identify_changes(population, recorded(cell)[:n], seed=1)


@pytest.mark.slow
def test_few_spikes_of_one_clear_kind_are_doubted(population, cell):
    slow = neo.SpikeTrain(np.arange(1, 16) * pq.s, t_stop=16 * pq.s)
    found = quietly(population, slow, n_models=5, seed=1)
    assert found.after.startswith("tonic")
    assert "after: 15 spikes do not make sure of which class it is" in found.doubts


@pytest.mark.slow
def test_the_number_of_pairs_asked_for_does_not_change_what_is_found(population, cell):
    after = recorded(cell, g_KCa=0.5)
    one, many = (identified_changes(identify_changes(population, after, n_models=n, seed=5)) for n in (1, 40))
    assert one.verdict == many.verdict == "explained"
    assert one.ranked[0].conductances == many.ranked[0].conductances


def test_channels_of_which_no_pair_matches_lose_their_probability():
    found = _with_pairs(np.array([0.9, 0.1]), np.array([100, 20]), np.array([0, 15]))
    assert found[1] > 0.8
    assert _with_pairs(np.array([0.9, 0.1]), np.array([0, 0]), np.array([0, 0])) == pytest.approx([0.9, 0.1])


def tonic_train():
    return neo.SpikeTrain(np.arange(0, 8000, 100.0) * pq.ms, t_stop=8 * pq.s)
