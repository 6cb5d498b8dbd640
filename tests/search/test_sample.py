"""Samples of a prior's cells that match, on cells whose rate is one of their conductances."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.stats import kstest
from support.analytic import LEAK, NA, STG

from elephant_dic.emulation import sample_component
from elephant_dic.emulation.emulator import LEAST
from elephant_dic.neurons import Prior, RangesPrior, prior_of
from elephant_dic.search.comparison import Comparison
from elephant_dic.search.found import Found
from elephant_dic.search.sample import Sample, _inclusion, _Source, _tempered, draw_sample
from elephant_dic.search.settings import SETTINGS
from elephant_dic.trains import Firing

TONIC = Firing("tonic", rate=50.0, cv2=0.0)


@dataclass
class ByRate(Comparison):
    """A cell fires at as many Hz as its g_Na has mS/cm**2."""

    def simulate(self, table, discarded, firing, **options):
        self.n_simulated += len(table)
        return [np.arange(0, firing, 1000 / max(row[NA], 0.1)) for row in table], np.zeros((len(table), 1))


class Prefers:
    """An emulator that says how it likes a rate."""

    highest = np.full(8, 100.0)

    def __init__(self, log_of_rate):
        self.log_of_rate = log_of_rate

    def log_match(self, table, noise_std, recording, tolerance):
        return np.maximum(self.log_of_rate(table[:, NA]), LEAST)


def ranges(name, low, high):
    bounds = np.zeros((8, 2))
    bounds[NA], bounds[LEAK] = (low, high), (0.01, 0.02)
    return RangesPrior(name, bounds, f"from {low} to {high}")


def drawn(emulator, n, *components, seed=0, settings=SETTINGS, recording=TONIC):
    found = Found(ByRate(STG, recording, 0.1, settings=settings))
    sample = draw_sample(found, Prior(STG, components), emulator, n, np.random.default_rng(seed))
    return found, sample


def bell(rate):
    return -(((rate - 50) / 6) ** 2)


def leaning(rate):
    """Likes 55 Hz three times as much as 45 Hz."""
    return bell(rate) + 0.11 * (rate - 50)


def test_members_are_the_prior_where_it_matches():
    found, sample = drawn(Prefers(bell), 500, ranges("broad", 0, 100))
    cells = found.table[sample.members()]
    assert len(cells) == 500 == len(np.unique(cells, axis=0))
    rates = cells[:, NA]
    assert rates.min() >= 45.5  # within 0.9 of the tolerance
    assert rates.max() <= 54.5
    assert kstest((rates - 45.5) / 9, "uniform").pvalue > 1e-3
    assert sample.choice >= 500


def test_members_do_not_lean_as_the_emulator_does():
    means = []
    for seed in range(4):
        found, sample = drawn(Prefers(leaning), 500, ranges("broad", 0, 100), seed=seed)
        looked = found.table[np.abs(found.table[:, NA] - 50) <= 4.5, NA]
        means.append((looked.mean(), found.table[sample.members(), NA].mean()))
    leant, members = np.mean(means, axis=0)
    assert leant > 50.5
    assert members == pytest.approx(50, abs=0.4)  # of a prior that ends at 45.5 and 54.5


def test_shares_of_components_are_those_of_their_matching_cells():
    """Of cells from 0 to 100 Hz 9 % match, of those from 40 to 60 Hz 45 %: one to five."""
    shares = [
        drawn(Prefers(leaning), 400, ranges("wide", 0, 100), ranges("near", 40, 60), seed=seed)[1].record()[
            "shares"
        ]
        for seed in range(3)
    ]
    assert np.mean([share["near"] for share in shares]) == pytest.approx(5 / 6, abs=0.05)
    assert all(share["near"] + share["wide"] == pytest.approx(1) for share in shares)


def test_a_component_that_never_matches_is_drawn_from_all_the_same():
    _, sample = drawn(Prefers(bell), 100, ranges("far", 70, 100), ranges("near", 40, 60))
    record = sample.record()
    assert record["shares"] == {"far": 0, "near": 1}
    assert record["n_matching"]["far"] == 0
    assert record["n_drawn"] > sum(record["n_matching"].values())


def test_weights_undo_what_the_emulator_preferred():
    found, sample = drawn(Prefers(leaning), 200, ranges("broad", 0, 100))
    weights = sample.weights()
    rates = found.table[:, NA]
    matching = np.abs(rates - 50) <= 4.5
    assert ((weights > 0) == matching).all()
    expected = np.exp(-leaning(rates[matching])) * np.array(sample._sources[0].times)[matching]
    ratio = weights[matching] / expected
    few = weights[matching] < SETTINGS.largest_weight
    assert ratio[few] == pytest.approx(np.full(few.sum(), ratio[few][0]))
    assert weights.max() <= SETTINGS.largest_weight
    assert np.median(weights[matching]) == pytest.approx(1)
    kept = weights[matching]
    assert sample.effective_size == pytest.approx(kept.sum() ** 2 / (kept**2).sum())
    assert sample.record()["n_capped"] == (weights == SETTINGS.largest_weight).sum()


def test_an_emulator_that_says_never_is_believed_for_now():
    found, sample = drawn(Prefers(lambda rate: np.full(len(rate), -32.0)), 100, ranges("broad", 0, 100))
    assert sample.is_hopeless
    assert found.comparison.n_simulated == 0
    assert not sample.is_enough
    assert sample.effective_size == sample.choice == 0
    assert sample.record()["shares"] == {"broad": 0}


def test_it_ends_where_hardly_any_match():
    """The emulator is sure of cells that do not match."""
    found, sample = drawn(Prefers(lambda rate: -(((rate - 80) / 3) ** 2)), 100, ranges("broad", 0, 100))
    assert not sample.is_enough
    assert SETTINGS.drawn_in_vain <= len(found.table) < SETTINGS.drawn_in_vain + 300


def test_it_ends_at_its_budget():
    settings = replace(SETTINGS, min_simulations=300, simulations_per_model=1)
    found, _ = drawn(Prefers(lambda rate: 0 * rate), 200, ranges("broad", 0, 100), settings=settings)
    assert 300 <= found.comparison.n_simulated < 900


def test_no_sample_without_an_emulator():
    assert drawn(None, 10, ranges("broad", 0, 100))[1] is None


def test_one_model():
    found, sample = drawn(Prefers(bell), 1, ranges("broad", 0, 100))
    (member,) = sample.members()
    assert found.state[member] == "confirmed"


def test_a_cell_counts_as_often_as_chains_were_at_it():
    """Above 90 cells are nine times as probable as below: half of all are there, and steps often fail."""

    def step(table):
        return np.where(table[:, NA] > 90, 0.0, -np.log(9))

    plain, counted = [], []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        source = _Source(sample_component(ranges("broad", 0, 100), step, 512, rng), 0.3)
        cells, log = source.take(4000, rng)
        assert log == pytest.approx(step(cells))
        assert len(source.times) == len(cells) == len(np.unique(cells, axis=0)) == 4000
        plain.append((log == 0).mean())
        counted.append(np.average(log == 0, weights=source.times))
    assert np.mean(plain) < 0.44
    assert np.mean(counted) == pytest.approx(0.5, abs=0.02)


def test_no_cell_is_drawn_twice():
    found = Found(ByRate(STG, TONIC, 0.1, settings=replace(SETTINGS, chains=(64, 64))))
    prior = Prior(STG, (ranges("broad", 0, 100),))
    sample = Sample(found, prior, Prefers(bell), 10, np.random.default_rng(0))
    for _ in range(4):
        sample.add(64)
    assert len(found.table) == 256 == len(np.unique(found.table, axis=0))


def test_it_ends_where_there_are_no_other_cells():
    component = ranges("one", 50, 50)
    component.ranges[LEAK] = 0.01
    found, sample = drawn(Prefers(bell), 20, component)
    assert len(found.table) == 1
    assert found.state[sample.members()].tolist() == ["confirmed"]
    assert not sample.is_enough


def test_few_points_do_not_hold_it_up():
    """One conductance of all cells: the chains stand for cells that cannot be told apart, yet it ends."""
    found, sample = drawn(Prefers(bell), 20, ranges("one", 50, 50))
    assert sample.is_enough
    assert (found.table[:, NA] == 50).all()


def test_the_same_seed_draws_the_same_with_any_number_of_threads():
    from concurrent.futures import ThreadPoolExecutor

    first, sample = drawn(Prefers(leaning), 50, ranges("broad", 0, 100), seed=4)
    again, other = drawn(Prefers(leaning), 50, ranges("broad", 0, 100), seed=4)
    assert (first.table == again.table).all()
    assert (sample.members() == other.members()).all()
    with ThreadPoolExecutor(3) as executor:
        found = Found(ByRate(STG, TONIC, 0.1, executor=executor))
        prior = Prior(STG, (ranges("broad", 0, 100),))
        draw_sample(found, prior, Prefers(leaning), 50, np.random.default_rng(4))
    assert (first.table == found.table).all()


def test_progress_is_told_and_an_interrupt_ends_it():
    told = []

    def report(*counts):
        told.append(counts)
        raise KeyboardInterrupt

    found = Found(ByRate(STG, TONIC, 0.1))
    prior = Prior(STG, (ranges("broad", 0, 100),))
    with pytest.raises(KeyboardInterrupt):
        draw_sample(found, prior, Prefers(bell), 30, np.random.default_rng(0), report)
    ((n_matching, n_models, n_simulated),) = told
    assert 0 < n_matching <= n_models == 30 < n_simulated == found.comparison.n_simulated


@pytest.mark.parametrize(
    ("weights", "n", "expected"),
    [
        ([1, 1, 1, 1], 2, [0.5] * 4),
        ([3, 1], 1, [0.75, 0.25]),
        ([4, 1, 1, 1, 1], 3, [1, 0.5, 0.5, 0.5, 0.5]),
        ([9, 5, 1, 1], 3, [1, 1, 0.5, 0.5]),
        ([1, 2, 3], 3, [1, 1, 1]),
    ],
)
def test_draws_become_members_as_they_weigh(weights, n, expected):
    found = _inclusion(np.array(weights, dtype=float), n)
    assert found == pytest.approx(expected)
    assert found.sum() == pytest.approx(n)


def test_what_the_emulator_has_not_seen_is_told():
    _, sample = drawn(Prefers(bell), 10, ranges("broad", 0, 101))
    assert sample.unseen == []  # the largest of many draws is below the end of their range
    _, sample = drawn(Prefers(bell), 10, ranges("broad", 0, 120))
    assert sample.unseen == sample.record()["unseen"] == ["Na above 100 mS/cm**2"]


@pytest.mark.parametrize(
    ("evidence", "shares"),
    [([0.9, 0.1], [0.5, 0.5]), ([0.5, 0.5], [0.5, 0.5]), ([0.2, 0.8], [0.2, 0.8]), ([1.0, 0.0], [0.5, 0.0])],
)
def test_evidence_may_speak_against_the_family_alone(evidence, shares):
    """How much there is for it depends on how broad the other ranges are."""
    prior = prior_of(STG, "mixture")
    assert [each.name for each in prior.components] == ["family", "broad"]
    assert _tempered(prior, np.array(evidence)) == pytest.approx(shares)
    both = Prior(STG, (ranges("wide", 0, 100), ranges("near", 40, 60)))
    assert _tempered(both, np.array(evidence)).tolist() == evidence


def test_a_family_alone_is_all():
    assert _tempered(prior_of(STG, "family"), np.array([1.0])).tolist() == [1]
