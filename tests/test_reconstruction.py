"""From a spike train to a population, with the shipped networks."""

import re
import warnings
from concurrent.futures import ThreadPoolExecutor

import neo
import numpy as np
import pytest
import quantities as pq
from support.real_recordings import real

from elephant_dic import (
    Skipped,
    compute_dics,
    conductances,
    generate_population,
    infer_dics,
    load_population,
    read_spiketrains,
    reconstruct,
    reconstruct_many,
    save_population,
    simulate_population,
)
from elephant_dic.examples import example_path
from elephant_dic.populations import conductance_table, member_dics, provenance
from elephant_dic.search import Candidates


@pytest.fixture(scope="module")
def cell():
    """Spike train of a simulated bursting STG cell."""
    population = generate_population({"g_s": -6, "g_u": 7}, n_models=1, seed=8)
    train = simulate_population(population, seed=0).spiketrains[0]
    train.name = "unit 3"
    train.annotate(source="cell.abf", channel="Vm")
    return train


@pytest.fixture(scope="module")
def block(cell):
    return reconstruct(cell, n_models=64, seed=5, verify=False)


def test_population_has_what_was_asked_for(block):
    table = conductances(block)
    assert list(table) == ["g_Na", "g_Kd", "g_CaT", "g_CaS", "g_KCa", "g_A", "g_H", "g_leak"]
    assert all(values.shape == (64,) for values in table.values())
    assert all((values.magnitude >= 0).all() for values in table.values())
    assert all(values.units == pq.Quantity(1, "mS/cm**2").units for values in table.values())
    assert len(np.unique(table["g_CaS"].magnitude)) == 64


def test_members_have_dics_of_the_estimate(block, cell):
    estimate = infer_dics(cell)
    own = member_dics(block)
    assert np.allclose(own, compute_dics(conductance_table(block)[1]))
    assert np.allclose(own[:, 1:].mean(axis=0), estimate.mean[1:], atol=4 * estimate.std[1:].max() / 8)
    # By Chebyshev's inequality at least 8 of 9 draws, whatever the distribution.
    assert ((np.abs(own[:, 1:] - estimate.mean[1:]) < 3 * estimate.std[1:]).mean(axis=0) > 8 / 9).all()
    assert np.allclose(block.annotations["dic_mean"].magnitude, estimate.mean)
    assert np.allclose(block.annotations["dic_std"].magnitude, estimate.std)


def test_estimate_contains_the_dics_of_the_cell(cell):
    low, high = infer_dics(cell).interval(0.99).T
    assert low[1] < -6 < high[1]
    assert low[2] < 7 < high[2]


def test_provenance_tells_how_it_was_made(block):
    origin = provenance(block)
    assert origin["verdict"] == "not verified"
    assert origin["neuron"] == "stg"
    assert origin["seed"] == 5
    assert origin["source"] == [{"source": "cell.abf", "channel": "Vm", "name": "unit 3"}]
    assert origin["in_domain"] is True
    assert len(origin["weights_sha256"]) == 64


def test_recording_is_kept(block, cell):
    (segment,) = block.segments
    assert segment.name == "recording"
    (kept,) = segment.spiketrains
    assert np.array_equal(kept.magnitude, cell.magnitude)
    assert kept is not cell


def test_seed_decides(cell, block):
    again, other = (
        reconstruct(cell, n_models=64, seed=5, verify=False),
        reconstruct(cell, n_models=64, seed=6, verify=False),
    )
    assert np.array_equal(conductance_table(again)[1], conductance_table(block)[1])
    assert not np.array_equal(conductance_table(other)[1], conductance_table(block)[1])


def test_drawn_seed_is_written_and_reproduces(cell):
    drawn = reconstruct(cell, n_models=3, verify=False)
    again = reconstruct(cell, n_models=3, seed=provenance(drawn)["seed"], verify=False)
    assert np.array_equal(conductance_table(again)[1], conductance_table(drawn)[1])


def test_nix_twice_changes_nothing(block, tmp_path):
    once, twice = tmp_path / "once.nix", tmp_path / "twice.nix"
    save_population(block, once)
    save_population(load_population(once), twice)
    back = load_population(twice)
    assert conductance_table(back)[0] == conductance_table(block)[0]
    assert np.array_equal(conductance_table(back)[1], conductance_table(block)[1])
    assert provenance(back) == provenance(block)
    assert np.array_equal(
        back.segments[0].spiketrains[0].magnitude, block.segments[0].spiketrains[0].magnitude
    )


def test_members_fire(block):
    trains = simulate_population(block, duration=4 * pq.s, discard=2 * pq.s, seed=0).spiketrains
    assert np.mean([len(train) > 5 for train in trains]) > 0.9


def test_sweeps_of_a_cell_are_pooled(cell):
    half = 4.5 * pq.s
    group = neo.Group(name="cell")
    group.spiketrains.extend([cell.time_slice(None, half), cell.time_slice(half, None)])
    whole, pooled = infer_dics(cell), infer_dics(group)
    assert np.allclose(whole.mean, pooled.mean, atol=1.0)
    assert len(reconstruct(group, n_models=2, seed=1, verify=False).segments[0].spiketrains) == 2


def test_many_cells_in_a_segment(cell):
    segment = neo.Segment()
    other = cell.time_shift(5 * pq.ms)
    other.name = "unit 4"
    segment.spiketrains.extend([cell, other])
    blocks = reconstruct_many(segment, n_models=4, seed=20, verify=False)
    assert len(blocks) == 2
    assert [provenance(block)["seed"] for block in blocks] == [20, 21]
    alone = reconstruct(other, n_models=4, seed=21, verify=False)
    assert np.allclose(conductance_table(alone)[1], conductance_table(blocks[1])[1], rtol=1e-3)


def test_a_silent_cell_is_skipped_in_its_place(cell):
    silent = neo.SpikeTrain([] * pq.ms, t_stop=1 * pq.s, name="silent")
    options = {"n_models": 4, "seed": 20, "verify": False}
    with pytest.warns(UserWarning, match="^cell 0: skipped: the spike train is silent"):
        skipped, block = reconstruct_many([silent, cell], errors="skip", **options)
    assert skipped == Skipped("silent", skipped.reason)
    assert provenance(block)["seed"] == 21
    (alone,) = reconstruct_many([cell], **(options | {"seed": 21}))
    assert np.array_equal(conductance_table(alone)[1], conductance_table(block)[1])
    with pytest.raises(ValueError, match=r"^cell 1 \(silent\): the spike train is silent"):
        reconstruct_many([cell, silent], **options)
    with pytest.raises(ValueError, match="errors must be 'raise' or 'skip', got 'ignore'"):
        reconstruct_many([cell], errors="ignore", **options)


def test_a_cell_whose_dics_are_out_of_reach_is_skipped_too(cell, monkeypatch):
    def unreachable(self, n):
        raise ValueError("out of reach")

    monkeypatch.setattr(Candidates, "draw", unreachable)
    with pytest.warns(UserWarning, match="^cell 0: skipped: out of reach"):
        (skipped,) = reconstruct_many([cell], n_models=2, verify=False, errors="skip")
    assert skipped == Skipped("unit 3", "out of reach", "cell.abf")
    with pytest.raises(ValueError, match="^cell 0: out of reach"):
        reconstruct_many([cell], n_models=2, verify=False)


def test_many_cells_in_a_block_are_found_by_unit_name(cell):
    block = neo.Block()
    for shift in (0, 7):
        segment = neo.Segment()
        segment.spiketrains.append(cell.time_shift(shift * pq.ms))
        block.segments.append(segment)
    (population,) = reconstruct_many(block, n_models=2, seed=0)
    assert len(population.segments[0].spiketrains) == 2


def test_da_neuron():
    population = generate_population({"g_s": -3, "g_u": 6}, neuron="da", n_models=1, seed=3)
    train = simulate_population(population, seed=0).spiketrains[0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        block = reconstruct(train, neuron="da", n_models=20, seed=1, verify=False)
    assert list(conductances(block)) == ["g_Na", "g_Kd", "g_CaL", "g_CaN", "g_ERG", "g_NMDA", "g_leak"]


def example_as_a_dopamine_cell(**options):
    (train,) = read_spiketrains(example_path())
    return why_not_reproduced(train, neuron="da", **options)


def why_not_reproduced(train, **options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        block = reconstruct(train, n_models=2, seed=1, **options)
    assert provenance(block)["verdict"] == "not reproduced"
    reason = provenance(block)["verification"]["reason"]
    assert str(caught[-1].message) == f"not reproduced: {reason}"
    return reason


def test_what_is_not_reproduced_names_the_neuron_that_fires_like_that():
    reason = example_as_a_dopamine_cell()
    before, _, suggested = reason.partition("; try neuron ")
    assert re.match(r"\w+ \(\d+ of 48 first candidates fire like the recording within 30 %\)", suggested)
    assert re.fullmatch(
        r"(in [\d,]+ simulations no model was bursting .*"
        r"|the nearest model in [\d,]+ simulations has .*\bbursts? .*, not .*)",
        before,
    )
    assert "chance" not in reason
    assert "more than one" not in reason


class StoppedElsewhere(ThreadPoolExecutor):
    """As if Ctrl-C were pressed once another neuron than da is simulated."""

    def submit(self, function, run, *arguments):
        if run.neuron.name != "da":
            raise KeyboardInterrupt
        return super().submit(function, run, *arguments)


def test_ctrl_c_while_other_neurons_are_tried_loses_nothing():
    with StoppedElsewhere(2) as pool:
        reason = example_as_a_dopamine_cell(executor=pool)
    assert reason
    assert "try neuron" not in reason


def test_for_chance_no_other_neuron_is_named():
    times = np.cumsum(np.random.default_rng(0).exponential(200, 300))
    reason = why_not_reproduced(neo.SpikeTrain(times, units="ms", t_stop=times[-1] + 1))
    assert reason.startswith("its intervals are more like those of chance, or of two cells in one train")
    assert "try neuron" not in reason


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*its t_stop is its last spike")
def test_a_real_cell_with_slow_bursts_fires_like_pyloric_ones():
    (train,) = read_spiketrains(real("spinal_06.Regular_Mixed_Burst.mat"))
    assert "; try neuron pyloric (" in why_not_reproduced(train)


def test_train_unlike_the_training_set_warns():
    slow = neo.SpikeTrain(1 + 4 * np.arange(20.0), units="s", t_stop=90)
    with pytest.warns(UserWarning, match="unlike any that the network was trained on"):
        block = reconstruct(slow, n_models=3, seed=0, verify=False)
    assert provenance(block)["in_domain"] is False
    assert provenance(block)["warnings"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_models": 0}, ValueError, "n_models must be from 1 to 100,000, got 0"),
        ({"n_models": 1_000_000}, ValueError, "n_models must be from 1 to 100,000, got 1,000,000"),
        ({"n_models": 10.0}, TypeError, "n_models must be an int"),
        ({"seed": -1}, ValueError, "seed must be zero or positive"),
        ({"seed": "a"}, TypeError, "seed must be an int or None"),
        ({"neuron": "purkinje"}, ValueError, "unknown neuron 'purkinje'; known are cortical, da, pituitary"),
        ({"prior": "all"}, ValueError, "prior must be mixture, family, broad or .*, got .all."),
        ({"prior": 5000}, TypeError, "prior must be .* or ranges such as .*, got 5000"),
        ({"prior": {"X": (0, 1)}}, ValueError, "neuron stg has no channel 'X'"),
    ],
)
def test_wrong_arguments(cell, arguments, error, message):
    with pytest.raises(error, match=message):
        reconstruct(cell, **arguments)
    with pytest.raises(error, match=message):
        reconstruct_many([cell], **arguments)


def test_example_recording_is_in_domain_and_near_the_truth():
    (train,) = read_spiketrains(example_path())
    estimate = infer_dics(train)
    assert estimate.in_domain
    assert abs(estimate.mean[1] + 6.3) < 3
    assert abs(estimate.mean[2] - 6.8) < 4
