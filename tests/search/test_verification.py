"""Verified populations: every member, simulated, fires like the recording."""

import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace

import neo
import numpy as np
import pytest
import quantities as pq
from support.analytic import BURSTS, STG, AnalyticComparison, cells

from elephant_dic import (
    conductances,
    generate_population,
    load_population,
    population_from_conductances,
    reconstruct,
    reconstruct_many,
    save_population,
    simulate_population,
    verify_population,
)
from elephant_dic.inference import infer
from elephant_dic.inference.regressor import load_regressor
from elephant_dic.neurons import get_neuron, prior_of
from elephant_dic.populations import conductance_table, provenance, recording_of, source_of
from elephant_dic.search import Candidates, Verification, verified_members
from elephant_dic.search.doubts import NOT_A_SAMPLE
from elephant_dic.search.found import Found
from elephant_dic.search.settings import SETTINGS
from elephant_dic.search.verification import _chosen, _reason
from elephant_dic.simulation import simulate
from elephant_dic.trains import Firing, feature_table, firing_of, matches, recording_firing

N = 24
#: Declared as the installed one, but no emulator comes with it: its models are searched for.
WITHOUT_EMULATOR = replace(STG)


def train_of(times):
    return neo.SpikeTrain(times, units="ms", t_stop=times[-1] + 1)


def cell_with(neuron="stg", seed=8, **dics):
    population = generate_population(dics, neuron=neuron, n_models=1, seed=seed)
    return simulate_population(population, seed=0).spiketrains[0].time_shift(0 * pq.ms)


@pytest.fixture(scope="module")
def bursting():
    return cell_with(g_s=-6, g_u=7)


@pytest.fixture(scope="module")
def block(bursting):
    return reconstruct(bursting, n_models=N, seed=5)


def judge(block, train, tolerance=0.1):
    """Which members match, by a simulation with a step and a length of its own."""
    neuron = get_neuron(provenance(block)["neuron"])
    recording = recording_firing([train.rescale("ms").magnitude], neuron.training.window)
    start, step = neuron.training.transient, neuron.time_step / 5
    run = simulate(neuron, conductance_table(block)[1], start + 4000, dt=step)
    models = [firing_of([times[times >= start]]) for times in run.spike_times]
    return matches(models, recording, tolerance)


def test_every_member_fires_like_the_recording(block, bursting):
    known = provenance(block)
    assert known["verdict"] == "verified"
    assert block.annotations["n_members"] == N
    assert block.annotations["population_matches"].tolist() == [True] * N
    assert judge(block, bursting).mean() >= 0.85  # a cell next to a change of firing may have changed


def test_members_figures_are_in_the_block(block, bursting):
    recording = recording_firing([bursting.rescale("ms").magnitude], 3000)
    rates = block.annotations["population_burst_rate"]
    assert rates.units == pq.Hz
    assert rates.shape == (N,)
    assert (np.abs(rates.magnitude / recording.burst_rate - 1) <= 0.1).all()
    assert set(block.annotations["population_activity"]) == {"bursting"}


def test_verification_is_recorded(block):
    found = provenance(block)["verification"]
    assert (found["n_wanted"], found["n_matching"], found["reason"]) == (N, N, "")
    assert found["tolerance"] == 0.1
    assert found["noise_std"] == 0
    assert found["recording"]["activity"] == "bursting"
    assert N <= found["n_first_matching"] < found["n_first"] < found["n_simulated"]
    assert found["n_simulated"] >= found["n_first"] + N  # each member was simulated twice


def test_members_are_a_sample_of_a_prior(block):
    """What was drawn is what there was before any correction; nothing is corrected."""
    found = Verification.of_block(block)
    assert found.doubts == ()
    assert found.prior == prior_of(STG, "mixture").record()
    assert found.sample["n_drawn"] == found.n_first
    assert N <= sum(found.sample["n_matching"].values()) <= found.n_first_matching  # judged ones may miss
    assert N <= found.sample["effective_size"] <= found.n_first_matching
    assert set(found.sample["shares"]) == set(found.sample["n_matching"]) == {"family", "broad"}
    assert sum(found.sample["shares"].values()) == pytest.approx(1, abs=1e-3)
    assert found.describe_sample == (
        "Members are random draws from all cells this neuron could be (half cells of the neuron's reference "
        "family, half cells with any conductances in the ranges that it declares) that fire like your "
        "recording within 10 %. Another range gives another population."
    )


def test_without_an_emulator_members_are_examples(bursting):
    found = found_for(infer(bursting, STG), N, seed=5, neuron=WITHOUT_EMULATOR)
    verification = found.verification
    assert found.matching.tolist() == [True] * N
    assert (verification.verdict, verification.sample) == ("verified, with doubts", None)
    assert verification.doubts == (NOT_A_SAMPLE,)
    assert verification.prior == prior_of(STG, "mixture").record()
    assert verification.describe_sample == (
        "Members are examples of cells that fire like your recording within 10 %, not a sample of all of "
        "them."
    )
    assert 0 < verification.n_first_matching < verification.n_first == 128
    assert verification.n_simulated > 128 + 2 * (N - verification.n_first_matching)


@pytest.mark.parametrize("prior", ["family", "broad", {"Na": (0, 4000)}])
def test_members_are_cells_of_the_prior_that_is_given(bursting, prior):
    block = reconstruct(bursting, n_models=6, seed=2, prior=prior)
    found = Verification.of_block(block)
    (component,) = prior_of(STG, prior).components
    assert (found.verdict, found.prior["name"]) == ("verified", component.name)
    assert found.sample["shares"] == {component.name: 1.0}
    assert component.described in found.describe_sample
    table = conductance_table(block)[1]
    if prior == "family":  # what DICs are not reached with keeps its ratio to the leak
        reference = STG.reference
        kept = set(reference.ranges).difference(*(each.channels for each in STG.compensations))
        assert "Kd" in kept
        for name in kept:
            shares = table[:, STG.index(name)] / table[:, STG.leak_index] * np.mean(reference.leak)
            low, high = reference.ranges[name]
            assert ((low * (1 - 1e-9) <= shares) & (shares <= high * (1 + 1e-9))).all()
        return
    low, high = component.ranges.T
    assert ((low <= table) & (table <= high)).all()


@pytest.mark.parametrize("neuron", [STG, WITHOUT_EMULATOR], ids=["sampling", "search"])
def test_no_model_is_outside_of_ranges_that_are_given(bursting, neuron):
    """Not those either that are searched for, and none that fires like it, if there can be none."""
    bounds = {"A": (0, 20), "H": (0.05, 0.05)}
    found = found_for(infer(bursting, STG), 10, seed=5, neuron=neuron, prior=bounds)
    assert found.verification.n_matching == 10
    assert (found.table[:, STG.index("A")] <= 20).all()
    assert (found.table[:, STG.index("H")] == 0.05).all()
    assert len(np.unique(found.table, axis=0)) == 10
    never = found_for(infer(bursting, STG), 10, seed=5, neuron=neuron, prior={"Na": (0, 1)})
    assert never.verification.verdict == "not reproduced"
    assert (never.table[:, STG.index("Na")] <= 1).all()
    assert not any("nan" in doubt for doubt in never.verification.doubts)


def test_one_conductance_may_vary_alone(bursting, block):
    """Of a cell that fires like the recording."""
    cell = dict(zip((channel.name for channel in STG.channels), conductance_table(block)[1][0], strict=True))
    bounds = {name: (value, value) for name, value in cell.items()} | {
        "H": (0.99 * cell["H"], 1.01 * cell["H"])
    }
    verification = found_for(infer(bursting, STG), 6, prior=bounds).verification
    assert verification.verdict == "verified"
    assert list(verification.degeneracy["cv"]) == ["g_H"]
    assert verification.degeneracy["effective_rank"] == pytest.approx(1)


def test_a_block_keeps_what_was_found(bursting):
    inferred = infer(bursting, STG)
    found = found_for(inferred, N, seed=5)
    assert found.matching.tolist() == [True] * N
    assert [model.activity for model in found.models] == ["bursting"] * N
    assert found.verification.nearest is None
    kept = Verification.of_block(reconstruct(bursting, n_models=N, seed=5))
    assert kept.in_provenance() == found.verification.in_provenance()
    one = found_for(inferred, 1, seed=5).verification
    assert (one.verdict, one.degeneracy) == ("verified", None)
    assert found_for(inferred, 2, seed=5).verification.degeneracy is not None


def test_degeneracy_is_kept(block):
    found = provenance(block)["verification"]["degeneracy"]
    for key in ("cv", "cv_unverified", "cv_matching"):
        assert len(found[key]) == 7
        assert all(cv > 0.1 for cv in found[key].values())
    assert found["effective_rank"] > 0.5 * found["effective_rank_unverified"]
    assert found["nearest_neighbour"] > 0.3 * found["nearest_neighbour_unverified"]  # no two alike
    assert sum(found["compensation_pairs"].values()) == N
    assert len(found["correlations"]) == 21


def test_what_is_searched_for_is_as_diverse_as_what_the_search_began_with(bursting):
    found = found_for(infer(bursting, STG), N, seed=5, neuron=WITHOUT_EMULATOR).verification.degeneracy
    ratios = [cv / found["cv_unverified"][name] for name, cv in found["cv"].items()]
    assert len(ratios) == 7
    assert np.median(ratios) > 0.7
    assert all(found["cv"][name] > 0.7 * cv for name, cv in found["cv_matching"].items())
    assert found["effective_rank"] > 0.7 * found["effective_rank_unverified"]
    assert found["nearest_neighbour"] > 0.3


def test_same_seed_same_population_with_any_workers(block, bursting):
    with ThreadPoolExecutor(3) as pool:
        again = reconstruct(bursting, n_models=N, seed=5, executor=pool)
    assert np.array_equal(conductance_table(again)[1], conductance_table(block)[1])
    assert provenance(again) == provenance(block)


@pytest.mark.slow
def test_same_population_from_other_processes(block, bursting):
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        again = reconstruct(bursting, n_models=N, seed=5, executor=pool)
    assert np.array_equal(conductance_table(again)[1], conductance_table(block)[1])


def test_another_seed_gives_another_population(block, bursting):
    other = reconstruct(bursting, n_models=N, seed=6)
    assert provenance(other)["verdict"] == "verified"
    assert not np.isin(conductance_table(other)[1][:, 0], conductance_table(block)[1][:, 0]).any()


def test_no_two_members_are_the_same(block):
    assert len(np.unique(conductance_table(block)[1], axis=0)) == N


def test_verified_populations_survive_files(block, tmp_path):
    for suffix in (".nix", ".nwb", ".csv", ".mat"):
        save_population(block, tmp_path / f"population{suffix}")
        back = load_population(tmp_path / f"population{suffix}")
        assert provenance(back) == provenance(block)
        for name in ("matches", "activity"):
            key = f"population_{name}"
            assert back.annotations[key].tolist() == block.annotations[key].tolist()
        rates = back.annotations["population_burst_rate"]
        assert rates.units == pq.Hz
        np.testing.assert_allclose(rates.magnitude, block.annotations["population_burst_rate"].magnitude)


def test_tonic_cell():
    train = cell_with(g_s=5, g_u=6)
    block = reconstruct(train, n_models=N, seed=1)
    assert provenance(block)["verdict"] == "verified"
    assert provenance(block)["verification"]["recording"]["activity"] == "tonic"
    assert judge(block, train).all()


def test_slow_pacemaker():
    train = train_of(np.cumsum(np.full(12, 450.0)))
    block = reconstruct(train, neuron="da", n_models=8, seed=1, tolerance=0.2)
    assert provenance(block)["verdict"] == "verified"
    assert (np.abs(block.annotations["population_rate"].magnitude / (1000 / 450) - 1) <= 0.2).all()


@pytest.mark.parametrize(
    "interval", [pytest.param(1500.0, marks=pytest.mark.slow), 1.5], ids=["too slow", "too fast"]
)
def test_out_of_range_is_not_reproduced(interval):
    train = train_of(np.arange(1, 21) * interval)
    with pytest.warns(UserWarning, match="not reproduced: "):
        block = reconstruct(train, n_models=8, seed=1, prior="family")  # others are as slow
    known = provenance(block)
    assert known["verdict"] == "not reproduced"
    assert "simulations" in known["verification"]["reason"]
    assert known["verification"]["nearest"]["rate"] == block.annotations["population_rate"][0]
    assert block.annotations["n_members"] == 8
    assert not block.annotations["population_matches"].any()


def test_where_the_emulator_says_never_little_is_simulated(bursting):
    """Here it says so of all; the search ends soon, unless a cell looks like the recording all the same."""
    never = replace(SETTINGS, never=0.0)
    found = found_for(infer(train_of(np.arange(1, 21) * 1.5), STG), 8, seed=1, settings=never).verification
    assert (found.verdict, found.sample, found.n_first) == ("not reproduced", None, 128)
    assert never.hopeless <= found.n_simulated < never.hopeless + never.largest_round
    found = found_for(infer(bursting, STG), 8, seed=1, settings=never).verification
    assert (found.verdict, found.sample, found.n_first) == ("verified, with doubts", None, 128)


def test_a_search_goes_on_from_a_sample_that_is_too_small(bursting):
    """Sampling ends after its first draws; what they found are members too."""
    short = replace(SETTINGS, simulations_per_model=0, min_simulations=100)
    rounds = []
    found = found_for(
        infer(bursting, STG), 140, seed=5, settings=short, report=lambda n, *_: rounds.append(n)
    ).verification  # fmt: skip
    assert found.sample is None
    assert NOT_A_SAMPLE in found.doubts
    assert 0 < rounds[0] < 140
    assert found.n_matching > rounds[0]
    assert rounds == sorted(rounds)
    assert found.n_first == 128  # of the search


@pytest.mark.parametrize("seed", range(3))
def test_poisson_train_is_not_reproduced(seed):
    train = train_of(np.cumsum(np.random.default_rng(seed).exponential(80, 80)))
    with pytest.warns(UserWarning, match="not reproduced: its intervals.* like those of chance"):
        block = reconstruct(train, n_models=4, seed=1)
    assert provenance(block)["verdict"] == "not reproduced"


@pytest.mark.parametrize("periods", [(143, 91), (170, 231)])
def test_merged_cells_are_not_reproduced(periods):
    times = np.concatenate([np.arange(5 * i + 2, 3000, period) for i, period in enumerate(periods)])
    if max(periods) > 200:  # bursts of four spikes
        times = np.concatenate([times + 9 * i for i in range(4)])
    with pytest.warns(UserWarning, match="not reproduced: "):
        reconstruct(train_of(np.unique(np.round(times, 2))), n_models=4, seed=1)


@pytest.mark.parametrize("noise_std", [0, 2.1])
def test_bursts_of_single_cells_are_not_foreign(noise_std):
    population = generate_population({"g_s": -6, "g_u": 7}, n_models=30, seed=8)
    noise = pq.Quantity(noise_std, "uA/cm**2")
    trains = simulate_population(population, noise_std=noise, seed=0).spiketrains
    neuron = get_neuron("stg")
    features = feature_table(neuron, [[train.magnitude] for train in trains])
    assert not load_regressor(neuron).judged_estimates(features)[1].foreign.any()


# --- irregular recordings ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def irregular():
    """A cell that fires irregularly under current noise of 2.1 uA/cm**2."""
    population = generate_population({"g_s": 17, "g_u": 0.3}, n_models=40, seed=0)
    noise = pq.Quantity(2.1, "uA/cm**2")
    for train in simulate_population(population, 9 * pq.s, noise_std=noise, seed=1).spiketrains:
        times = np.round((train - train.t_start).rescale("ms").magnitude, 2)
        figures = recording_firing([times], 3000)
        if figures.activity == "irregular" and figures.cv2 > 0.35:
            return neo.SpikeTrain(times, units="ms", t_stop=6000)
    raise AssertionError("no cell was irregular")


@pytest.fixture(scope="module")
def irregular_block(irregular):
    return reconstruct(irregular, n_models=10, seed=3)


def test_an_irregular_recording_is_reproduced_under_noise(irregular_block):
    found = Verification.of_block(irregular_block)
    assert (found.verdict, found.recording.activity) == ("verified", "irregular")
    assert found.noise_std > 0
    assert set(irregular_block.annotations["population_activity"]) == {"irregular"}
    # Six levels of noise are tried on the same candidates before the search.
    assert found.n_simulated >= 6 * 48 + found.n_first + 10


def test_an_interruption_while_models_are_judged_again_loses_none_of_them(irregular):
    """What comes last, of which nothing is told meanwhile."""
    with InterruptedThreads(10**6) as pool:
        whole = reconstruct(irregular, n_models=3, seed=3, executor=pool)
        n_chunks = 10**6 - pool.n_chunks
    with InterruptedThreads(n_chunks - 1) as pool:
        block = reconstruct(irregular, n_models=3, seed=3, executor=pool)
    found = Verification.of_block(block)
    assert (found.interrupted, found.again, found.verdict) == (True, None, "verified")
    assert (found.n_matching, found.sample) == (3, Verification.of_block(whole).sample)
    assert np.array_equal(conductance_table(block)[1], conductance_table(whole)[1])


@pytest.mark.parametrize("seed", [11, 12])
def test_irregular_models_match_again_with_other_noise(irregular_block, irregular, seed):
    again = verify_population(irregular_block, irregular, seed=seed)
    found = Verification.of_block(again)
    assert found.noise_std == Verification.of_block(irregular_block).noise_std
    assert found.noise_seed == seed
    assert found.n_matching >= 8
    silent = verify_population(irregular_block, irregular, noise_std=pq.Quantity(0, "uA/cm**2"))
    assert Verification.of_block(silent).n_matching <= 2  # without noise they are regular


def test_silent_ends_of_an_irregular_recording_count_in_its_rate(irregular_block, irregular):
    seconds = irregular.t_stop.rescale("s").item()
    found = Verification.of_block(irregular_block)
    assert found.recording.rate == pytest.approx(len(irregular) / seconds)
    assert irregular_block.annotations["population_rate"].magnitude == pytest.approx(
        np.full(10, found.recording.rate), rel=0.1
    )
    twice = neo.SpikeTrain(irregular.magnitude, units="ms", t_stop=2 * irregular.t_stop)
    found = Verification.of_block(verify_population(irregular_block, twice, seed=11))
    assert found.recording.rate == pytest.approx(len(irregular) / seconds / 2)
    assert found.n_matching == 0


def chance(in_domain, foreign=False):
    """What was inferred from a Poisson train, with another word on how the network takes it."""
    train = train_of(np.cumsum(np.random.default_rng(4).exponential(80, 200)))
    inferred = infer(train, get_neuron("stg"))
    return replace(inferred, estimate=replace(inferred.estimate, in_domain=in_domain), foreign=foreign)


def found_for(inferred, n_models=5, seed=0, neuron=STG, prior="mixture", **options):
    candidates = Candidates(neuron, inferred.estimate, np.random.default_rng(seed))
    return verified_members(candidates, inferred, prior_of(neuron, prior), n_models, 0.1, **options)


def test_whether_chance_is_searched_for_depends_on_the_domain():
    brief = {
        "settings": replace(SETTINGS, min_simulations=100, simulations_per_model=1, noisy_intervals=20),
        "neuron": WITHOUT_EMULATOR,
    }
    outside = found_for(chance(in_domain=False), **brief)
    assert "like those of chance (CV2" in outside.verification.reason
    assert outside.verification.n_simulated == 5  # only to show what the nearest do
    assert outside.verification.noise_std == 0
    inside = found_for(chance(in_domain=True), **brief)
    assert "like those of chance" not in inside.verification.reason
    assert 6 * 48 + 128 <= inside.verification.n_simulated < 6 * 48 + 128 + 30
    foreign = found_for(chance(in_domain=True, foreign=True), **brief)
    assert "two cells in one train" in foreign.verification.reason


def test_what_varies_by_itself_is_found_without_noise():
    """Few candidates are as chaotic as this thalamic cell, and noise does not make others so."""
    neuron = get_neuron("thalamic")
    cell = np.array([[99.5209, 9.6291, 4.8741, 0.0448, 0.0171, 0.0087]])
    (times,) = simulate(neuron, cell, 26_000.0, dt=neuron.time_step / 2).spike_times
    kept = np.round(times[times >= 20_000] - 20_000, 2)
    inferred = infer(neo.SpikeTrain(kept, units="ms", t_stop=6000.0), neuron)
    candidates = Candidates(neuron, inferred.estimate, np.random.default_rng(1))
    brief = replace(SETTINGS, min_simulations=400, simulations_per_model=20, patience=2)
    found = verified_members(candidates, inferred, prior_of(neuron, "mixture"), 5, 0.1, settings=brief)
    assert found.verification.recording.activity == "irregular"
    assert found.verification.noise_std == 0
    assert found.verification.n_matching == 5
    assert found.verification.n_simulated > 6 * 48 + 400  # the search with noise is counted


# --- what the search tells ---------------------------------------------------------------------------------


def searched(recording=BURSTS, n=200, noise_std=0.0, spread=0.3):
    """A search of which the first candidates alone were looked at and judged."""
    table = cells(n, np.random.default_rng(0), spread)
    found = Found(AnalyticComparison(STG, recording, 0.1, noise_std=noise_std))
    found.begin(table)
    found.confirm(n, np.random.default_rng(0))
    return found


def test_members_are_drawn_at_random_from_those_that_match():
    found = searched()
    confirmed = found.confirmed
    assert len(confirmed) > 12
    draws = [_chosen(found, 5, np.random.default_rng(seed)) for seed in range(30)]
    assert all(len(set(members)) == 5 and set(members) <= set(confirmed) for members in draws)
    assert all((np.diff(members) > 0).all() for members in draws)
    assert len(set(np.concatenate(draws))) > 0.8 * len(confirmed)
    assert _chosen(found, 1000, np.random.default_rng(0)).tolist() == confirmed.tolist()


def test_without_a_match_the_nearest_are_members():
    found = searched(replace(BURSTS, spikes_per_burst=7.0))
    members = _chosen(found, 8, np.random.default_rng(0))
    distance = found.distance()
    assert distance[members].tolist() == sorted(distance)[:8]


def test_reasons():
    found = searched()
    assert _reason(found, 3, 20).startswith("3 of 20 models were found in 2")
    found.interrupted = True
    assert _reason(found, 3, 20).endswith("simulations with 3 of 20 models")
    tonic = searched(Firing("irregular", 10.0, 0.6))
    assert _reason(tonic, 0, 5) == "in 200 simulations no model was irregular (200 bursting)"
    few = searched(replace(BURSTS, spikes_per_burst=7.0), noise_std=0.6)
    text = _reason(few, 0, 5)
    assert text.startswith("the nearest model in 200 simulations (with current noise of 0.6 uA/cm**2) has")
    assert "spikes per burst 5, not 7" in text
    nearest = few.models[int(np.argmin(few.distance()))]
    off = abs(nearest.burst_rate - 2.0) > 0.2
    assert (f"burst rate {nearest.burst_rate:.3g}, not 2 Hz" in text) == off
    assert "current noise" not in _reason(searched(replace(BURSTS, spikes_per_burst=7.0)), 0, 5)


def test_the_reason_where_models_matched_at_first_sight_alone():
    found = searched(n=4, spread=0.0)
    found.state[:] = "missed"
    assert _reason(found, 0, 5) == "in 8 simulations the models that matched did not in a longer simulation"


# --- while it runs -----------------------------------------------------------------------------------------


def test_progress_can_be_a_function(bursting):
    calls = []
    reconstruct(bursting, n_models=4, seed=5, progress=lambda *counts: calls.append(counts))
    assert calls[-1][:2] == (4, 4)
    assert [n for *_, n in calls] == sorted(n for *_, n in calls)


def test_bar_is_for_terminals_only(bursting, capsys):
    reconstruct(bursting, n_models=4, seed=5, progress=True)
    assert capsys.readouterr() == ("", "")


class InterruptedThreads(ThreadPoolExecutor):
    """Ctrl-C after some chunks of work."""

    def __init__(self, n_chunks):
        super().__init__(2)
        self.n_chunks = n_chunks

    def submit(self, *arguments, **options):
        self.n_chunks -= 1
        if self.n_chunks < 0:
            raise KeyboardInterrupt
        return super().submit(*arguments, **options)


def test_interruption_of_a_simulation_returns_what_was_found(bursting):
    with InterruptedThreads(10**6) as pool:
        reconstruct(bursting, n_models=100, seed=5, executor=pool)
        n_chunks = 10**6 - pool.n_chunks
    with InterruptedThreads(n_chunks // 2) as pool, pytest.warns(UserWarning, match="interrupted after"):
        block = reconstruct(bursting, n_models=100, seed=5, executor=pool)
    found = provenance(block)["verification"]
    assert found["interrupted"]
    assert block.annotations["n_members"] == found["n_matching"] < 100


def test_interruption_before_anything_is_found_goes_on(bursting):
    with InterruptedThreads(0) as pool, pytest.raises(KeyboardInterrupt):
        reconstruct(bursting, n_models=4, seed=5, executor=pool)


@pytest.mark.parametrize("neuron", [STG, WITHOUT_EMULATOR], ids=["sampling", "search"])
def test_what_was_found_before_an_interruption_is_examples(bursting, neuron):
    def stop(n_matching, n_models, n_simulated):
        if n_matching:
            raise KeyboardInterrupt

    found = found_for(infer(bursting, STG), 300, seed=5, neuron=neuron, report=stop)
    verification = found.verification
    assert verification.interrupted
    assert 1 < verification.n_matching == len(found.table) < 300
    assert found.matching.all()
    assert verification.verdict == "partial"
    assert (verification.sample, verification.doubts[0]) == (None, NOT_A_SAMPLE)
    assert verification.reason == (
        f"interrupted after {verification.n_simulated:,} simulations with {len(found.table)} of 300 models"
    )
    assert verification.n_first == 150  # what was drawn, or looked at first
    assert len(verification.doubts) == 1  # nothing of first candidates, where there were none
    assert len(verification.degeneracy["cv"]) == 7
    json.dumps(verification.in_provenance(), allow_nan=False)


def test_interruption_of_many_leaves_the_rest_unverified(bursting):
    with InterruptedThreads(10**6) as pool:
        reconstruct(bursting, n_models=8, seed=5, executor=pool)
        n_chunks = 10**6 - pool.n_chunks
    with InterruptedThreads(n_chunks - 1) as pool, pytest.warns(UserWarning, match="cell 0: .*interrupted"):
        first, second = reconstruct_many([bursting, bursting], n_models=8, seed=5, executor=pool)
    assert provenance(first)["verification"]["interrupted"]
    assert provenance(second)["verdict"] == "not verified"
    assert second.annotations["n_members"] == 8


def test_interruption_returns_what_was_found(bursting):
    def stop(n_matching, n_models, n_simulated):
        if n_matching:
            raise KeyboardInterrupt

    with pytest.warns(UserWarning, match="partial: interrupted after"):
        block = reconstruct(bursting, n_models=300, seed=5, progress=stop)
    known = provenance(block)
    assert known["verification"]["interrupted"]
    assert 0 < known["verification"]["n_matching"] == block.annotations["n_members"] < 300
    assert block.annotations["population_matches"].all()


def test_many_cells_are_verified(bursting):
    blocks = reconstruct_many([bursting, bursting], n_models=6, seed=3)
    assert [provenance(block)["verdict"] for block in blocks] == ["verified"] * 2
    alone = reconstruct(bursting, n_models=6, seed=4)
    assert np.allclose(conductance_table(alone)[1], conductance_table(blocks[1])[1], rtol=1e-3)


@pytest.mark.parametrize(
    ("tolerance", "error", "message"),
    [
        (0, ValueError, "tolerance must be more than 0 and at most 0.5"),
        (0.6, ValueError, "got 0.6"),
        (10, ValueError, "got 10"),
        ("0.1", TypeError, "tolerance must be a number"),
        (0.1 * pq.s, TypeError, "it has no unit"),
        (float("nan"), ValueError, "got nan"),
    ],
)
def test_wrong_tolerance(bursting, tolerance, error, message):
    with pytest.raises(error, match=message):
        reconstruct(bursting, tolerance=tolerance)


# --- populations from anywhere -----------------------------------------------------------------------------


def test_members_of_a_verified_population_verify_again(block, bursting):
    again = verify_population(block, bursting)
    assert provenance(again)["verdict"] == "verified"
    assert np.array_equal(conductance_table(again)[1], conductance_table(block)[1])
    assert again is not block
    assert Verification.of_block(again).degeneracy == Verification.of_block(block).degeneracy
    with pytest.raises(TypeError, match="positional"):
        verify_population(block, bursting, 0.1)


def test_unverified_population_tells_which_members_match(bursting):
    block = reconstruct(bursting, n_models=N, seed=5, verify=False)
    assert "population_matches" not in block.annotations
    checked = verify_population(block, bursting)
    assert "population_matches" not in block.annotations
    matching = checked.annotations["population_matches"]
    assert 0 < matching.sum() < N
    assert provenance(checked)["verdict"] == "partial"
    assert provenance(checked)["verification"]["n_matching"] == matching.sum()
    assert provenance(checked)["verification"]["reason"] == (
        f"{N - matching.sum()} of {N} members fire otherwise"
    )


def test_population_of_another_cell_does_not_verify(block):
    checked = verify_population(block, cell_with(g_s=6, g_u=6))
    assert provenance(checked)["verdict"] == "not reproduced"
    (recording,) = [segment for segment in checked.segments if segment.name == "recording"]
    assert len(recording.spiketrains) == 1


def test_noise_is_kept_in_the_record(block, bursting):
    checked = verify_population(block, bursting, noise_std=pq.Quantity(1, "uA/cm**2"), seed=3)
    again = verify_population(checked, bursting, seed=4)
    assert provenance(again)["verification"]["noise_std"] == 1  # as before, unless another is given
    assert provenance(checked)["verification"]["noise_std"] == 1
    assert provenance(checked)["verification"]["noise_seed"] == 3
    with pytest.raises(TypeError, match="noise_std must be a Quantity"):
        verify_population(block, bursting, noise_std=1.0)


def test_distances_on_request(block, bursting):
    names = ("van_rossum", "victor_purpura", "isi")
    checked = verify_population(block, bursting, distances=names)
    for name in names:
        values = checked.annotations[f"population_{name}"].magnitude
        assert values.shape == (N,)
        assert (values >= 0).all()
        assert values.max() > 0
    cell = conductance_table(generate_population({"g_s": -6, "g_u": 7}, n_models=1, seed=8))[1]
    nearly = cell * (1 + 0.002 * np.random.default_rng(0).standard_normal((8, 8)))
    population = population_from_conductances(dict(zip(STG.conductance_names, nearly.T, strict=True)))
    own = verify_population(population, bursting, distances=names)
    other = verify_population(population, cell_with(g_s=6, g_u=6), distances=names)
    for name in names:
        key = f"population_{name}"
        assert np.median(other.annotations[key].magnitude) > 1.5 * np.median(own.annotations[key].magnitude)
    with pytest.raises(ValueError, match="distances must be a sequence of van_rossum, victor_purpura, isi"):
        verify_population(block, bursting, distances=("spike",))


def test_conductances_from_a_table(block, bursting, tmp_path):
    path = tmp_path / "models.csv"
    names, table = conductance_table(block)
    rows = [["model", *(name.removeprefix("g_") for name in names)]]
    rows += [[f"m{i}", *map(repr, map(float, row))] for i, row in enumerate(table)]
    path.write_text("\n".join(",".join(row) for row in rows))
    population = population_from_conductances(path)
    np.testing.assert_array_equal(conductance_table(population)[1], table)
    assert provenance(verify_population(population, bursting))["verdict"] == "verified"
    same = population_from_conductances(conductances(block))
    np.testing.assert_array_equal(conductance_table(same)[1], table)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"g_Na": None}, "neuron stg also has g_Na: give all conductances"),
        ({"g_X": [1.0]}, "conductance 'g_X' is unknown; neuron stg has g_Na, g_Kd"),
        ({"Na": [1.0]}, "conductance 'Na' is there twice"),
        ({"g_Na": [1.0, 2.0]}, "must have one value a model"),
        ({"g_Na": [-1.0]}, "g_Na of member 0 is -1.0"),
        ({"g_leak": [0.0]}, "g_leak of member 0 is 0.0"),
    ],
)
def test_wrong_conductances(change, message):
    columns = {name: [1.0] for name in get_neuron("stg").conductance_names} | change
    columns = {name: values for name, values in columns.items() if values is not None}
    with pytest.raises(ValueError, match=message):
        population_from_conductances(columns)


def test_wrong_tables(tmp_path):
    with pytest.raises(TypeError, match="conductances must be a mapping"):
        population_from_conductances([[1.0] * 8])
    with pytest.raises(ValueError, match="could not be read as a table"):
        population_from_conductances(tmp_path / "none.csv")
    path = tmp_path / "models.csv"
    path.write_text("Na,Kd\n")
    with pytest.raises(ValueError, match="holds no table"):
        population_from_conductances(path)
    path.write_text("Na,Kd\n1,many\n")
    with pytest.raises(ValueError, match="Kd is not a number in the line '1,many'"):
        population_from_conductances(path)


def test_provenance_is_plain_json(block):
    assert json.loads(block.annotations["elephant_dic"])["verification"]["degeneracy"]


def test_a_population_checked_against_another_recording_keeps_nothing_of_the_first(bursting):
    bursting = bursting.duplicate_with_new_data(bursting.magnitude * bursting.units)
    bursting.name, bursting.annotations["source"] = "first", "first.smr"
    block = reconstruct(bursting, n_models=3, seed=5)
    same = verify_population(block, bursting, seed=1, distances=["isi"])
    assert provenance(same)["source"] == [{"source": "first.smr", "name": "first"}]
    assert provenance(same)["in_domain"] == provenance(block)["in_domain"]
    other = train_of(np.arange(1, 80) * 70.0)
    other.name = "second"
    checked = verify_population(same, other, seed=1)
    known = provenance(checked)
    assert known["source"] == [{"name": "second"}]
    assert not {"warnings", "in_domain", "domain_score"} & set(known)
    assert known["parent"] == provenance(same)
    assert known["neuron_fingerprint"] == provenance(block)["neuron_fingerprint"]
    assert "population_isi" in same.annotations
    assert "population_isi" not in checked.annotations
    assert known["verdict"] == "not reproduced"


def test_a_population_without_a_recording_gets_the_one_it_is_checked_against(bursting, block):
    cell = {name: values[:2] for name, values in conductances(block).items()}
    bare = population_from_conductances(cell)
    checked = verify_population(bare, bursting, seed=1)
    known = provenance(checked)
    assert known["source"] == source_of([bursting])
    assert known["conductances"] == provenance(bare)["conductances"]
    assert "parent" not in known
    assert (known["verdict"], known["verification"]["reason"]) == ("verified", "")
    (train,) = recording_of(checked)
    assert np.array_equal(train.magnitude, bursting.magnitude)
