"""Models that were simulated for a recording, and which of them fire like it."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from support.analytic import BURSTS, CAS, CELL, LEAK, STG, AnalyticComparison, burst_train

from elephant_dic.search.found import Found
from elephant_dic.search.settings import SETTINGS
from elephant_dic.trains import Firing

TONIC = Firing("tonic", 50.0, 0.0)
#: Bursts come 1.3 times as often as those of `CELL`.
FASTER = CELL * np.exp(np.log(1.3) / 0.3 * (np.arange(8) == CAS))


# --- what is kept ------------------------------------------------------------------------------------------


def test_nothing_is_known_at_first():
    found = Found(AnalyticComparison(STG, BURSTS, 0.1))
    assert found.table.shape == (0, 8)
    assert (found.models, found.state.tolist(), found.deviations.shape) == ([], [], (0, 4))
    assert (found.first_rows, found.n_first_hopeful) == (slice(0, 0), 0)
    assert (found.any_hopeful, found.interrupted) == (False, False)
    assert found.confirmed.tolist() == []


def test_each_model_has_its_place():
    found = Found(AnalyticComparison(STG, BURSTS, 0.1))
    assert found.add(np.array([FASTER])) == 0
    assert not found.any_hopeful
    assert found.add(np.array([CELL, FASTER, CELL])) == 2
    assert found.any_hopeful
    assert found.state.tolist() == ["missed", "hopeful", "missed", "hopeful"]
    assert found.table == pytest.approx(np.array([FASTER, CELL, FASTER, CELL]))
    assert [model.burst_rate for model in found.models] == pytest.approx([2.6, 2, 2.6, 2], rel=1e-3)
    assert found.deviations[:, 1] == pytest.approx(np.log([1.3, 1, 1.3, 1]) / 0.1, abs=0.01)
    assert found.comparison.n_simulated == 4
    assert found.add(np.array([FASTER])) == 0
    assert found.any_hopeful  # one has been


def test_first_candidates_are_those_of_the_search_whatever_was_there_before():
    found = Found(AnalyticComparison(STG, BURSTS, 0.1))
    found.add(np.array([CELL, CELL]))
    assert (found.first_rows, found.n_first_hopeful) == (slice(0, 0), 0)
    assert found.begin(np.array([FASTER, CELL, FASTER])) == 1
    assert (found.first_rows, found.n_first_hopeful) == (slice(2, 5), 1)
    found.add(np.array([CELL]))
    assert (found.first_rows, found.n_first_hopeful) == (slice(2, 5), 1)


def test_an_interrupted_simulation_leaves_all_as_it_was():
    @dataclass
    class Interrupted(AnalyticComparison):
        def simulate(self, table, *times, **options):
            if len(table) > 1:
                raise KeyboardInterrupt
            return super().simulate(table, *times, **options)

    found = Found(Interrupted(STG, BURSTS, 0.1))
    found.add(np.array([CELL]))
    for simulate in (found.begin, found.add):
        with pytest.raises(KeyboardInterrupt):
            simulate(np.array([CELL, CELL]))
    assert (len(found.table), len(found.models), len(found.deviations)) == (1, 1, 1)
    assert (found.first_rows, found.state.tolist()) == (slice(0, 0), ["hopeful"])


def test_models_are_judged_by_their_places():
    found = hopeful(np.tile(CELL, (4, 1)))
    found.judge(np.array([3, 1]))
    assert found.state.tolist() == ["hopeful", "confirmed", "hopeful", "confirmed"]
    assert found.confirmed.tolist() == [1, 3]
    assert found.comparison.n_simulated == 4 + 2
    found.judge(np.array([], dtype=int))
    assert found.comparison.n_simulated == 6


# --- who is a member ---------------------------------------------------------------------------------------


def hopeful(table, noise_std=0.0, kind=AnalyticComparison):
    """What is known of cells that were seen shortly."""
    found = Found(kind(STG, BURSTS, 0.1, noise_std=noise_std))
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


@pytest.mark.parametrize(("noise_std", "share", "member"), [(0, 1, True), (0, 0.75, False), (1, 0.75, True)])
def test_irregular_members_fire_as_often_in_each_part(noise_std, share, member):
    """12.5 Hz in a share of the simulation, less in its second half; parts do not count under noise."""

    class Ending(AnalyticComparison):
        def train(self, row, stop, options):
            times = np.cumsum(np.tile([60.0, 100.0, 80.0], 500)) - 60
            return times[times < share * stop]

    recording = Firing("irregular", 12.5 * share, 0.336, isi_10=60, isi_50=80, isi_90=100)
    found = Found(Ending(STG, recording, 0.1, noise_std))
    models, matching, runs = found.comparison.judge(CELL[None])
    assert matching.tolist() == [True]
    assert models[0].rate == pytest.approx(12.5 * share, rel=0.01)
    assert found._safely(models, runs).tolist() == [member]


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
    assert Found(AnalyticComparison(STG, TONIC, 0.1)).distance().shape == (0,)
