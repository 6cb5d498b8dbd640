"""Rounds of the search, with cells whose firing is a formula."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from support.analytic import BURSTS, CAS, CELL, LEAK, STG, A, AnalyticComparison, burst_train, cells

from elephant_dic.search.found import Found
from elephant_dic.search.rounds import broad_population, search
from elephant_dic.search.settings import SETTINGS
from elephant_dic.trains import Firing

#: No cell bursts with so many spikes.
UNREACHABLE = replace(BURSTS, spikes_per_burst=20.0)
TONIC = Firing("tonic", 50.0, 0.0)


def run(recording=BURSTS, n_models=20, settings=SETTINGS, seed=0, kind=AnalyticComparison, **options):
    """The search, with the counts reported after each round."""
    found = Found(kind(STG, recording, 0.1, settings=settings))
    rng, reports, drawn = np.random.default_rng(seed), [], []

    def draw(n):
        drawn.append(n)
        return cells(n, rng)

    search(found, draw, n_models, rng, lambda *counts: reports.append(counts), **options)
    assert len(drawn) == 1
    return found, reports


def quick(comparison):
    """Of the simulations, the tables of the short ones, and of those by which cells are judged."""
    judged = [call for call in comparison.calls if "finer" in call]
    return [call["table"] for call in comparison.calls if "finer" not in call], [c["table"] for c in judged]


# --- candidates --------------------------------------------------------------------------------------------


def test_what_is_found_fires_like_the_recording():
    found, reports = run()
    members = found.table[found.confirmed]
    assert len(members) >= 20
    assert len(np.unique(members, axis=0)) == len(members)
    assert AnalyticComparison(STG, BURSTS, 0.1).judge(members)[1].all()
    assert reports[-1] == (20, 20, found.comparison.n_simulated)
    assert [n for *_, n in reports] == sorted(n for *_, n in reports)
    assert not found.interrupted


def test_no_more_is_simulated_than_is_needed():
    found, rng = Found(AnalyticComparison(STG, BURSTS, 0.1)), np.random.default_rng(0)
    search(found, lambda n: cells(n, rng, 0.02), 20, rng)
    assert found.n_first_hopeful == 128
    assert len(found.confirmed) == 22  # a few more than are wanted
    assert found.comparison.n_simulated == 128 + 22


def test_exactly_enough_is_enough():
    exact = replace(SETTINGS, more_judged=1.0, first_round=64, smallest_round=1)
    found, rng = Found(AnalyticComparison(STG, BURSTS, 0.1, settings=exact)), np.random.default_rng(0)
    search(found, lambda n: cells(n, rng, 0.02), 64, rng)
    assert len(found.confirmed) == 64
    assert found.comparison.n_simulated == 64 + 64  # as many as wait for each other are judged at once
    exact = replace(SETTINGS, min_simulations=128, simulations_per_model=1, patience=10**6)
    assert run(UNREACHABLE, 1, exact)[0].comparison.n_simulated == 128


def test_first_candidates_are_counted():
    found, _ = run()
    first = found.table[found.first_rows]
    assert found.first_rows == slice(0, 128)
    assert (first == quick(found.comparison)[0][0]).all()
    quick_look = AnalyticComparison(STG, BURSTS, 0.1)
    hopeful = quick_look.matches(quick_look.look(first)[0], 0.9)
    assert 0 < found.n_first_hopeful == hopeful.sum() < 128


@pytest.mark.parametrize(("n_models", "n_first"), [(1, 128), (256, 128), (257, 128), (400, 200)])
def test_half_as_many_first_candidates_as_models_are_wanted(n_models, n_first):
    settings = replace(SETTINGS, min_simulations=1, simulations_per_model=0)
    assert run(UNREACHABLE, n_models, settings)[0].first_rows == slice(0, n_first)


def test_later_candidates_are_better_than_the_first():
    found, _ = run(n_models=150)
    matched = found.state != "missed"
    assert matched[128:].mean() > 3 * matched[:128].mean()
    distance = found.distance()
    assert np.median(distance[128:]) < 0.5 * np.median(distance[:128][np.isfinite(distance[:128])])


def test_rounds_are_as_large_as_the_last_yield_asks_for():
    found, _ = run(n_models=300)
    looked_at, judged = quick(found.comparison)
    assert len(looked_at[0]) == 150
    assert not judged or len(looked_at) > 1
    share = found.n_first_hopeful / 150
    missing = 300 - (len(found.confirmed) if found.n_first_hopeful >= 64 else 0)
    assert len(looked_at[1]) == SETTINGS.round_size(1.15 * missing / max(share, 0.1), 300)


def test_where_few_cells_are_of_the_class_others_are_tried():
    def tonic_ones(n):
        table = cells(n, np.random.default_rng(1))
        table[:, CAS] = 0.01 * table[:, A]
        table[: SETTINGS.min_class - 1] = cells(SETTINGS.min_class - 1, np.random.default_rng(2), 0.1)
        return table

    def second(draw):
        comparison = AnalyticComparison(STG, BURSTS, 0.01, settings=replace(SETTINGS, patience=1))
        search(Found(comparison), draw, 100, np.random.default_rng(0))
        tables = quick(comparison)[0]
        spread = np.log(tables[1]).std(axis=0)
        return spread[LEAK]

    def one_more(n):
        table = tonic_ones(n)
        table[-1] = table[0]
        return table

    comparison = AnalyticComparison(STG, UNREACHABLE, 0.01, settings=replace(SETTINGS, patience=1))
    search(Found(comparison), tonic_ones, 1, np.random.default_rng(0))
    assert [len(table) for table in quick(comparison)[0]] == [128, 128]  # whole rounds, whatever is missing
    # Proposals keep to the leak of the first cells, the family of the neuron has its own.
    assert second(tonic_ones) > 0.65
    assert second(one_more) < 0.6


def test_broad_cells_vary_conductance_by_conductance():
    table = broad_population(STG, 400, np.random.default_rng(0), 0.7)
    narrow = broad_population(STG, 400, np.random.default_rng(0), 0.0)
    assert table.shape == (400, 8)
    assert np.log(table / narrow).std(axis=0) == pytest.approx(np.full(8, 0.7), rel=0.1)
    assert np.abs(np.log(table / narrow).mean(axis=0)).max() < 0.15


@pytest.mark.parametrize(
    ("n_models", "share", "size"),
    [(100, 0.5, 230), (10, 0.0, 115), (100, 0.25, 256)],  # a yield below a tenth says little
)
def test_the_next_round_asks_for_all_that_are_missing(n_models, share, size):
    """1.15 times as many as the share of hopeful ones asks for."""
    unlike = CELL * np.exp(2 * (np.arange(8) == CAS))  # bursts come 1.8 times as often

    def draw(n):
        table = cells(n, np.random.default_rng(0), 0.01)
        table[round(share * n) :] = unlike * table[round(share * n) :] / CELL
        return table

    found = Found(AnalyticComparison(STG, BURSTS, 0.1, settings=replace(SETTINGS, judged_together=1000)))
    search(found, draw, n_models, np.random.default_rng(0))
    assert found.n_first_hopeful == 128 * share
    assert len(quick(found.comparison)[0][1]) == pytest.approx(size, abs=1)


@pytest.mark.parametrize(
    ("wanted", "n_models", "size"),
    [(115.5, 100, 115), (1.15, 100, 64), (1150, 100, 256), (2300, 1000, 500), (2300, 2000, 1000)],
)
def test_bounds_of_a_round(wanted, n_models, size):
    assert SETTINGS.round_size(wanted, n_models) == size


# --- when it ends ------------------------------------------------------------------------------------------

ENDLESS = replace(SETTINGS, patience=10**6, simulations_per_model=10, min_simulations=500)


@pytest.mark.parametrize(("n_models", "budget"), [(1, 500), (40, 500), (90, 900)])
def test_the_budget_is_kept(n_models, budget):
    found, _ = run(UNREACHABLE, n_models, ENDLESS)
    n = found.comparison.n_simulated
    assert budget <= n < budget + 256  # a round that has begun is finished
    assert n == len(found.table)
    assert not len(found.confirmed)


def test_the_budget_is_as_documented():
    found, _ = run(UNREACHABLE, 101, replace(SETTINGS, patience=10**6))
    assert 4040 <= found.comparison.n_simulated < 4040 + 256


def test_slow_recordings_get_as_many_simulations_as_take_the_same_time():
    slow = replace(UNREACHABLE, burst_rate=0.2)  # 40 s a model, of 15 s
    found, _ = run(slow, 80, ENDLESS)
    assert 300 <= found.comparison.n_simulated < 300 + 256


def test_patience_ends_a_search_that_finds_nothing():
    found, reports = run(UNREACHABLE, 30)
    assert len(reports) == 10  # after the first candidates, after each of eight rounds, and at the end
    assert found.comparison.n_simulated == 128 + 8 * 256


def test_a_match_renews_the_patience():
    @dataclass
    class Rare(AnalyticComparison):
        """Every third round one cell matches."""

        def train(self, row, stop, options):
            rounds = len([call for call in self.calls if "finer" not in call])
            if rounds % 3 == 0 and row is self.calls[-1]["table"][0]:
                return burst_train(5, 2, 50, stop)
            return burst_train(5, 8, 50, stop) if "finer" not in options else burst_train(5, 2, 50, stop)

        def simulate(self, table, discarded, firing, **options):
            rows = list(table)
            self.calls.append(options | {"table": rows})
            self.n_simulated += len(rows)
            return [self.train(row, firing, options) for row in rows], np.zeros((len(rows), 1))

    few = replace(SETTINGS, patience=4, largest_round=64, min_simulations=1200, simulations_per_model=1)
    found, reports = run(settings=few, kind=Rare)
    assert len(found.confirmed) >= 5
    assert len(reports) > 15
    found, reports = run(settings=replace(few, patience=2), kind=Rare)
    assert len(reports) == 6  # two rounds without, a match, two without, the end


def test_what_cannot_match_is_simulated_once():
    found, reports = run(n_models=37, give_up=True)
    assert found.first_rows == slice(0, 37)
    assert found.comparison.n_simulated == len(found.table) == 37
    assert found.n_first_hopeful > 0
    assert set(found.state) == {"missed"}
    assert not len(found.confirmed)
    assert reports == []


@pytest.mark.parametrize(("hopeless", "expected"), [(300, 384), (512, 512), (600, 640)])
def test_what_is_said_to_be_hopeless_is_soon_given_up(hopeless, expected):
    """Rounds of 128 after the first 128, until so many are simulated; without that word, to the budget."""
    settings = replace(ENDLESS, hopeless=hopeless, largest_round=128, min_simulations=1000)
    found, reports = run(UNREACHABLE, 30, settings, hopeless=True)
    assert found.comparison.n_simulated == len(found.table) == expected
    assert len(reports) == expected // 128 + 1
    assert run(UNREACHABLE, 30, settings)[0].comparison.n_simulated >= 1000


def test_a_hopeful_cell_proves_that_it_is_not_hopeless():
    settings = replace(SETTINGS, hopeless=128)
    found, _ = run(n_models=100, settings=settings, hopeless=True)
    assert found.n_first_hopeful > 0
    assert len(found.confirmed) >= 100
    assert found.comparison.n_simulated > 128 + 110  # more rounds than the first


def sampled(tables, recording=BURSTS, settings=SETTINGS):
    """What a search starts from: cells that were drawn and judged before."""
    found = Found(AnalyticComparison(STG, recording, 0.1, settings=settings))
    found.add(tables)
    found.judge(np.flatnonzero(found.state == "hopeful"))
    return found


def test_candidates_are_moved_to_where_they_may_be():
    def with_one_a(table):
        return np.where(np.arange(table.shape[1]) == A, CELL[A], table)

    found, _ = run(n_models=300, move=with_one_a)
    assert len(found.table) > 2 * len(found.table[found.first_rows])  # first ones and others
    assert (found.table[:, A] == CELL[A]).all()
    assert (np.delete(found.table, A, axis=1).std(axis=0) > 0).all()


def test_a_search_starts_from_what_was_found():
    found, rng = (
        sampled(np.tile(CELL, (15, 1)) * np.linspace(0.999, 1.001, 15)[:, None]),
        np.random.default_rng(0),
    )
    assert len(found.confirmed) == 15
    search(found, lambda n: cells(n, rng, 0.02), 20, rng)
    assert found.confirmed[:15].tolist() == list(range(15))
    assert len(found.confirmed) == 15 + 6  # 1.1 times the five that were missing
    assert found.comparison.n_simulated == 30 + 128 + 6
    assert found.first_rows == slice(15, 15 + 128)


def test_what_was_simulated_before_is_not_of_its_budget():
    before = np.tile(CELL, (300, 1))
    found, rng = (
        sampled(before, UNREACHABLE, replace(ENDLESS, min_simulations=1000)),
        np.random.default_rng(0),
    )
    search(found, lambda n: cells(n, rng), 30, rng)
    assert 1300 <= found.comparison.n_simulated < 1300 + 256
    found, rng = sampled(before, UNREACHABLE, replace(ENDLESS, hopeless=129)), np.random.default_rng(0)
    search(found, lambda n: cells(n, rng), 30, rng, hopeless=True)
    assert found.comparison.n_simulated == 300 + 128 + 256


def test_a_cell_that_looked_like_it_before_is_hope_enough():
    """It was drawn by an emulator that says never, and missed in the finer simulation."""
    settings = replace(ENDLESS, hopeless=128, min_simulations=1000)
    for hope, least in ((False, 128), (True, 1000)):
        found, rng = (
            sampled(cells(1, np.random.default_rng(0)), UNREACHABLE, settings),
            np.random.default_rng(0),
        )
        found.looked_alike[0] = hope
        search(found, lambda n, rng=rng: cells(n, rng), 30, rng, hopeless=True)
        assert least + 1 <= found.comparison.n_simulated < least + 257


def test_what_was_found_is_kept_after_an_interruption():
    found, rng = Found(AnalyticComparison(STG, BURSTS, 0.1)), np.random.default_rng(0)

    def stop(n_matching, *_):
        if n_matching:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):  # `verified_members` takes it
        search(found, lambda n: cells(n, rng), 400, rng, stop)
    assert 0 < len(found.confirmed) < 400
    assert found.comparison.judge(found.table[found.confirmed])[1].all()


def test_an_interruption_before_anything_is_known_goes_on():
    @dataclass
    class Interrupted(AnalyticComparison):
        def simulate(self, table, *times, **options):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(kind=Interrupted)


# --- who is judged ------------------------------------------------------------------------------------------


def test_few_hopeful_ones_wait_for_others():
    _, judged = quick(run(n_models=300)[0].comparison)
    assert len(judged) > 1
    assert min(map(len, judged[:-1])) >= 64
    _, judged = quick(run(n_models=3)[0].comparison)
    assert len(judged[0]) == 4


def test_the_last_hopeful_ones_are_judged_when_the_search_ends():
    settings = replace(SETTINGS, simulations_per_model=0, min_simulations=1)  # the first candidates alone
    found, reports = run(n_models=60, settings=settings)
    assert 0 < found.n_first_hopeful < 60
    assert found.comparison.n_simulated == 128 + found.n_first_hopeful
    assert len(found.confirmed) > 0
    assert "hopeful" not in found.state
    assert [counts[0] for counts in reports] == [0, len(found.confirmed)]
