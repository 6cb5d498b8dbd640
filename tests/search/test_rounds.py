"""Rounds of the search, with cells whose firing is a formula."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from support.analytic import BURSTS, CAS, CELL, LEAK, STG, A, AnalyticComparison, burst_train, cells

from elephant_dic.search.rounds import Search, _next_size, broad_population, search
from elephant_dic.search.settings import SETTINGS
from elephant_dic.trains import Firing

#: No cell bursts with so many spikes.
UNREACHABLE = replace(BURSTS, spikes_per_burst=20.0)
TONIC = Firing("tonic", 50.0, 0.0)


def run(recording=BURSTS, n_models=20, settings=SETTINGS, seed=0, kind=AnalyticComparison, **options):
    """The search, with the counts reported after each round."""
    comparison = kind(STG, recording, 0.1, settings=settings)
    rng, reports, drawn = np.random.default_rng(seed), [], []

    def draw(n):
        drawn.append(n)
        return cells(n, rng)

    found = search(comparison, draw, n_models, rng, lambda *counts: reports.append(counts), **options)
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
    comparison, rng = AnalyticComparison(STG, BURSTS, 0.1), np.random.default_rng(0)
    found = search(comparison, lambda n: cells(n, rng, 0.02), 20, rng)
    assert found.n_first_hopeful == 128
    assert len(found.confirmed) == 22  # a few more than are wanted
    assert comparison.n_simulated == 128 + 22


def test_exactly_enough_is_enough():
    exact = replace(SETTINGS, more_judged=1.0, first_round=64, smallest_round=1)
    comparison, rng = AnalyticComparison(STG, BURSTS, 0.1, settings=exact), np.random.default_rng(0)
    found = search(comparison, lambda n: cells(n, rng, 0.02), 64, rng)
    assert len(found.confirmed) == 64
    assert comparison.n_simulated == 64 + 64  # as many as wait for each other are judged at once
    exact = replace(SETTINGS, min_simulations=128, simulations_per_model=1, patience=10**6)
    assert run(UNREACHABLE, 1, exact)[0].comparison.n_simulated == 128


def test_first_candidates_are_counted():
    found, _ = run()
    first = found.table[:128]
    assert found.n_first == len(found.first) == 128
    assert (first == found.first).all()
    quick_look = AnalyticComparison(STG, BURSTS, 0.1)
    hopeful = quick_look.matches(quick_look.figures(first), 0.9)
    assert 0 < found.n_first_hopeful == hopeful.sum() < 128


@pytest.mark.parametrize(("n_models", "n_first"), [(1, 128), (256, 128), (257, 128), (400, 200)])
def test_half_as_many_first_candidates_as_models_are_wanted(n_models, n_first):
    settings = replace(SETTINGS, min_simulations=1, simulations_per_model=0)
    assert run(UNREACHABLE, n_models, settings)[0].n_first == n_first


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
    assert len(looked_at[1]) == _next_size(missing, share, 300, SETTINGS)


def test_where_few_cells_are_of_the_class_others_are_tried():
    def tonic_ones(n):
        table = cells(n, np.random.default_rng(1))
        table[:, CAS] = 0.01 * table[:, A]
        table[: SETTINGS.min_class - 1] = cells(SETTINGS.min_class - 1, np.random.default_rng(2), 0.1)
        return table

    def second(draw):
        comparison = AnalyticComparison(STG, BURSTS, 0.01)
        settings = replace(SETTINGS, patience=1)
        comparison.settings = settings
        search(comparison, draw, 100, np.random.default_rng(0))
        tables = quick(comparison)[0]
        spread = np.log(tables[1]).std(axis=0)
        return spread[LEAK]

    def one_more(n):
        table = tonic_ones(n)
        table[-1] = table[0]
        return table

    comparison = AnalyticComparison(STG, UNREACHABLE, 0.01, settings=replace(SETTINGS, patience=1))
    search(comparison, tonic_ones, 1, np.random.default_rng(0))
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
    ("n_missing", "share", "n_models", "size"),
    [
        (100, 1.0, 100, 115),
        (100, 0.5, 100, 230),
        (10, 0.0, 100, 115),  # a yield below a tenth says little
        (1, 1.0, 100, 64),
        (100, 0.1, 100, 256),
        (1000, 0.5, 1000, 500),
        (1000, 0.5, 2000, 1000),
    ],
)
def test_size_of_the_next_round(n_missing, share, n_models, size):
    assert _next_size(n_missing, share, n_models, SETTINGS) == pytest.approx(size, abs=1)


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

        def simulate(self, table, **options):
            rows = list(table)
            self.calls.append(options | {"table": rows})
            self.n_simulated += len(rows)
            stop = options.get("longer", 1.0) * self.duration
            return [self.train(row, stop, options) for row in rows]

    few = replace(SETTINGS, patience=4, largest_round=64, min_simulations=1200, simulations_per_model=1)
    found, reports = run(settings=few, kind=Rare)
    assert len(found.confirmed) >= 5
    assert len(reports) > 15
    found, reports = run(settings=replace(few, patience=2), kind=Rare)
    assert len(reports) == 6  # two rounds without, a match, two without, the end


def test_what_cannot_match_is_simulated_once():
    found, reports = run(n_models=37, give_up=True)
    assert found.comparison.n_simulated == found.n_first == len(found.table) == 37
    assert found.n_first_hopeful > 0
    assert set(found.state) == {"missed"}
    assert not len(found.confirmed)
    assert reports == []


def test_what_was_found_is_kept_after_an_interruption():
    comparison, rng = AnalyticComparison(STG, BURSTS, 0.1), np.random.default_rng(0)

    def stop(n_matching, *_):
        if n_matching:
            raise KeyboardInterrupt

    found = search(comparison, lambda n: cells(n, rng), 400, rng, stop)
    assert found.interrupted
    assert 0 < len(found.confirmed) < 400


def test_an_interruption_before_anything_is_known_goes_on():
    @dataclass
    class Interrupted(AnalyticComparison):
        def simulate(self, table, **options):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(kind=Interrupted)


# --- who is a member ---------------------------------------------------------------------------------------


def hopeful(table, noise_std=0.0, kind=AnalyticComparison):
    """A search in which cells were seen shortly."""
    found = Search(kind(STG, BURSTS, 0.1, noise_std=noise_std), table)
    assert found.add(table) == (found.state == "hopeful").sum()
    return found


def test_hopeful_ones_are_judged_at_random_and_a_few_more():
    found = hopeful(np.tile(CELL, (100, 1)) * np.linspace(0.999, 1.001, 100)[:, None])
    assert (found.state == "hopeful").all()
    found.confirm(20, np.random.default_rng(0))
    assert len(found.confirmed) == 22
    assert (found.state == "hopeful").sum() == 78
    assert found.confirmed.tolist() != list(range(22))
    other = hopeful(found.table)
    other.confirm(20, np.random.default_rng(1))
    assert other.confirmed.tolist() != found.confirmed.tolist()
    found.confirm(1000, np.random.default_rng(0))
    assert len(found.confirmed) == 100
    n_simulated = found.comparison.n_simulated
    found.confirm(10, np.random.default_rng(0))
    assert found.comparison.n_simulated == n_simulated == 200


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


@dataclass
class Fragile(AnalyticComparison):
    """Cells with little leak fire otherwise in a finer simulation."""

    def train(self, row, stop, options):
        usual = super().train(row, stop, options)
        return usual[::2] if options.get("finer", 1) > 1 and row[LEAK] < 0.01 else usual


def test_who_does_not_match_in_the_finer_simulation_is_no_member():
    table = np.tile(CELL, (10, 1))
    table[:, LEAK] *= np.linspace(0.9, 1.1, 10)
    found = hopeful(table, kind=Fragile)
    assert (found.state == "hopeful").all()
    assert np.abs(found.deviations).max() < 1e-9
    found.confirm(10, np.random.default_rng(0))
    assert found.state.tolist() == ["missed"] * 5 + ["confirmed"] * 5
    assert found.models[0] != found.models[9]  # what it did in the finer one is kept
    assert (found.distance()[:5] > 1).all()
    assert found.distance()[5:] == pytest.approx(np.zeros(5), abs=1e-9)


@dataclass
class Changing(AnalyticComparison):
    """Bursts come faster or more slowly for a while, in shares of what is judged."""

    start: float = 1.0
    stop: float = 1.0
    faster: float = 1.0

    def train(self, row, stop, options):
        if "finer" not in options:
            return super().train(row, stop, options)
        edges = np.array([0, self.start, self.stop, 1.0]) * stop
        pieces = [
            edge + burst_train(5, 2.0 * factor, 50, length)
            for edge, length, factor in zip(edges, np.diff(edges), (1.0, self.faster, 1.0), strict=False)
        ]
        return np.concatenate(pieces)


def changing(start, stop, faster, **options):
    found = hopeful(CELL[None], kind=Changing, **options)
    comparison = found.comparison
    comparison.start, comparison.stop, comparison.faster = start, stop, faster
    return found


@pytest.mark.parametrize(
    ("start", "stop", "faster", "member"),
    [
        (0.5, 0.5, 1.0, True),
        (0.7, 1.0, 1.3, False),  # seen in the second half alone
        (0.0, 0.35, 0.7, False),
        (0.97, 1.0, 1.3, True),  # at the very end medians do not change
        (0.5, 1.0, 1.05, True),  # little
    ],
)
def test_members_fire_alike_in_each_part(start, stop, faster, member):
    found = changing(start, stop, faster)
    assert found.comparison.judge(CELL[None])[1][0]
    found.confirm(1, np.random.default_rng(0))
    assert (found.state[0] == "confirmed") == member


@pytest.mark.parametrize("part", SETTINGS.parts)
def test_each_part_counts(part):
    found = changing(*part, 1.5)
    models, _, trains = found.comparison.judge(CELL[None])
    found.settings = replace(SETTINGS, parts=(part,), margin=10.0)
    assert not found._safely(models, trains)[0]
    found.settings = replace(SETTINGS, parts=(), margin=10.0)
    assert found._safely(models, trains)[0]


def test_parts_scatter_too_much_under_noise():
    found = changing(0.7, 1.0, 1.3, noise_std=1.0)
    found.confirm(1, np.random.default_rng(0))
    assert found.state[0] == "confirmed"


def test_members_keep_a_distance_from_the_tolerance():
    @dataclass
    class Slower(AnalyticComparison):
        """In the finer simulation cells are just so much slower."""

        factor: float = 1.0

        def train(self, row, stop, options):
            return burst_train(5, 2.0 * (self.factor if "finer" in options else 1.0), 50, stop)

    for factor, matches, member in ((0.915, True, True), (0.905, True, False), (0.89, False, False)):
        found = hopeful(CELL[None], kind=Slower)
        found.comparison.factor = factor
        assert found.comparison.judge(CELL[None])[1][0] == matches
        found.confirm(1, np.random.default_rng(0))
        assert (found.state[0] == "confirmed") == member


def test_hopeful_ones_keep_the_same_distance():
    faster = CELL * np.exp(np.array([[0], [0.084], [0.088]]) / 0.3 * (np.arange(8) == CAS))
    found = hopeful(faster)
    assert np.abs(found.deviations[:, 1]) == pytest.approx([0, 0.84, 0.88], abs=0.01)
    assert found.state.tolist() == ["hopeful", "hopeful", "missed"]


def test_distance_is_the_largest_deviation_and_infinite_for_another_class():
    table = np.array([CELL, CELL])
    table[0, CAS] *= np.e
    table[1, CAS] *= 0.01
    found = hopeful(table)
    assert found.distance()[0] == pytest.approx(3.0, rel=0.01)  # 0.3 in the logarithm of a rate
    assert found.distance()[1] == np.inf
    assert Search(AnalyticComparison(STG, TONIC, 0.1), table).distance().shape == (0,)
