"""Sequential Monte Carlo on targets whose mean and evidence are known."""

import numpy as np
import pytest
from scipy.stats import kstest

from elephant_dic.emulation import sample_component
from elephant_dic.emulation.sampling import _next_step, _resampled
from elephant_dic.neurons import RangesPrior

SQUARE = RangesPrior("square", np.array([[0.0, 1.0], [0.0, 1.0]]), "of a square")


def slab(table):
    """One where the first coordinate is below 0.01, nearly nothing elsewhere."""
    return np.where(table[:, 0] < 0.01, 0.0, -30.0)


def tilted(table):
    """A density that grows as the square of the first coordinate."""
    return 2 * np.log(table[:, 0] + 1e-9)


def test_evidence_and_draws_of_a_slab():
    chains = sample_component(SQUARE, slab, 600, np.random.default_rng(0))
    assert np.exp(chains.log_evidence) == pytest.approx(0.01, rel=0.25)
    assert (chains.table[:, 0] < 0.01).mean() > 0.99
    inside = chains.table[chains.table[:, 0] < 0.01]
    assert kstest(100 * inside[:, 0], "uniform").pvalue > 1e-3
    assert kstest(inside[:, 1], "uniform").pvalue > 1e-3


def test_evidence_and_draws_of_a_density():
    chains = sample_component(SQUARE, tilted, 1500, np.random.default_rng(1))
    assert np.exp(chains.log_evidence) == pytest.approx(1 / 3, rel=0.05)
    assert kstest(chains.table[:, 0] ** 3, "uniform").pvalue > 1e-3


def test_two_modes_keep_their_shares():
    def modes(table):
        x = table[:, 0]
        return np.log(
            0.75 * np.exp(-(((x - 0.2) / 0.02) ** 2) / 2)
            + 0.25 * np.exp(-(((x - 0.8) / 0.02) ** 2) / 2)
            + 1e-14
        )

    shares = [
        (sample_component(SQUARE, modes, 400, np.random.default_rng(seed)).table[:, 0] < 0.5).mean()
        for seed in range(4)
    ]
    assert np.mean(shares) == pytest.approx(0.75, abs=0.06)


class Holed(RangesPrior):
    """There are no cells where the first coordinate is above a half."""

    def cells(self, unit):
        table, _ = super().cells(unit)
        return table, table[:, 0] <= 0.5


def test_points_without_a_cell_are_never_drawn():
    holed = Holed("holed", SQUARE.ranges, "with a hole")
    chains = sample_component(holed, tilted, 800, np.random.default_rng(2))
    assert chains.table[:, 0].max() <= 0.5
    # the mean over what is a cell: of x ** 2 from 0 to a half
    assert np.exp(chains.log_evidence) == pytest.approx(1 / 12, rel=0.08)


def test_the_same_seed_gives_the_same_chains():
    first, again = (sample_component(SQUARE, slab, 64, np.random.default_rng(5)) for _ in range(2))
    assert (first.unit == again.unit).all()
    other = sample_component(SQUARE, slab, 64, np.random.default_rng(6))
    assert (first.unit != other.unit).any()


def test_chains_stay_in_the_cube_and_say_what_they_are():
    chains = sample_component(SQUARE, tilted, 64, np.random.default_rng(7))
    for seed in range(20):
        assert 0 < chains.sweep(np.random.default_rng(seed), chains.unit.copy()) <= 1
    assert ((chains.unit >= 0) & (chains.unit <= 1)).all()
    assert (chains.log == tilted(chains.table)).all()


def test_a_power_grows_until_half_of_the_points_count():
    log = np.log(np.array([1.0, 1e-9, 1e-9, 1e-9]))
    step = _next_step(log, 1.0, 2.0)
    weights = np.exp(step * log)
    assert weights.sum() ** 2 / (weights**2).sum() == pytest.approx(2, rel=1e-6)
    assert _next_step(np.zeros(4), 0.7, 2.0) == 0.7


def test_points_are_resampled_as_often_as_they_weigh():
    kept = _resampled(np.array([0.5, 0.0, 0.25, 0.25]), 400, np.random.default_rng(0))
    assert np.bincount(kept, minlength=4).tolist() == pytest.approx([200, 0, 100, 100], abs=1)
