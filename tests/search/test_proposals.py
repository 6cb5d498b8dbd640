"""Proposals: a fit of what simulated cells did, and corrections by it."""

from dataclasses import replace

import numpy as np
import pytest

from elephant_dic.search.proposals import Ensemble, _Fit, _root, _squares
from elephant_dic.search.settings import SETTINGS

N, LEAK = 600, 2
LINEAR = np.array([[3.0, -2.0, 0.0], [0.0, 1.5, 1.0]])
SQUARE = np.array([[0.5, 0.0, 0.3, 0.0, -0.4, 0.2], [0.0, 0.4, 0.0, -0.3, 0.0, 0.0]])
EXACT = replace(SETTINGS, ridge=(0.0, 0.0))
ONES = np.ones(3)


def truth(positions):
    """(n, 2) deviations in tolerances: a quadratic function of logarithms."""
    return 2 * (positions @ LINEAR.T + _squares(positions) @ SQUARE.T)


@pytest.fixture
def positions():
    return 0.5 * np.random.default_rng(0).standard_normal((N, 3))


def test_squares_by_hand():
    assert _squares(np.array([[1.0, 2, 3], [0, -1, 1]])).tolist() == [[1, 2, 3, 4, 6, 9], [0, 0, 0, 1, -1, 1]]


def test_root_of_a_covariance():
    covariance = np.array([[4.0, 1.0], [1.0, 9.0]])
    root = _root(covariance)
    assert root @ root.T == pytest.approx(covariance, rel=1e-5)
    assert root[0, 1] == 0
    constant = _root(np.array([[4.0, 0.0], [0.0, 0.0]]))  # a conductance that all share
    assert np.isfinite(constant).all()
    assert 0 < constant[1, 1] < 1e-3


def test_a_quadratic_function_is_found(positions):
    fit = _Fit(positions, truth(positions), EXACT)
    elsewhere = 0.5 * np.random.default_rng(1).standard_normal((40, 3))
    white = np.linalg.solve(fit.root, (elsewhere - fit.center).T).T
    assert fit.predict(white) == pytest.approx(truth(elsewhere), abs=1e-6)
    assert fit.residual == pytest.approx(np.zeros((N, 2)), abs=1e-6)
    assert fit.distance == pytest.approx(np.abs(truth(positions)).max(axis=1))
    near = np.abs(fit.white).mean(axis=0)
    assert ((near > 0.3) & (near < 3)).all()  # whitened


def test_slopes_are_those_of_the_prediction(positions):
    fit = _Fit(positions, truth(positions))
    white, small = np.array([[0.3, -0.2, 0.5]]), 1e-6
    numeric = [
        (fit.predict(white + step) - fit.predict(white - step))[0] / (2 * small) for step in small * np.eye(3)
    ]
    assert fit._slopes(white)[0] == pytest.approx(np.transpose(numeric), rel=1e-5)


def test_the_ridge_shrinks_what_little_data_says(positions):
    few, more = positions[:12], replace(SETTINGS, ridge=(1e3, 1e3))
    free, held = _Fit(few, truth(few), EXACT), _Fit(few, truth(few), more)
    assert np.abs(held.linear).max() < 0.05 * np.abs(free.linear).max()
    only_square = _Fit(positions, truth(positions), replace(SETTINGS, ridge=(0.0, 1e6)))
    assert np.abs(only_square.square).max() < 1e-2 * np.abs(only_square.linear).max()
    weaker = [_Fit(positions[:n], truth(positions[:n]), more) for n in (12, N)]
    assert np.abs(weaker[0].linear).max() < np.abs(weaker[1].linear).max()  # in cells: less with many


def test_near_cells_count_most(positions):
    """Far cells follow another law; the fit near the recording is hardly spoilt."""
    deviations = truth(positions)
    far = np.abs(deviations).max(axis=1) > 3
    assert 0.1 < far.mean() < 0.9
    spoilt = np.where(far[:, None], deviations + 60.0 * np.sign(deviations), deviations)
    fit = _Fit(positions, spoilt)
    assert np.abs(fit.residual[~far]).mean() < 0.5 * np.abs(fit.residual[far]).mean()
    assert np.abs(fit.center).max() < np.abs(positions).max()
    few = _Fit(positions, spoilt, replace(SETTINGS, fitted=10, reach=(0.0, 1e9)))
    all_alike = _Fit(positions, spoilt, replace(SETTINGS, reach=(1e9, 1e9)))
    nearest = np.argsort(fit.distance)[:10]
    errors = [np.abs(each.residual[nearest]).mean() for each in (few, fit, all_alike)]
    assert errors[0] < errors[1] < errors[2]


def test_corrections_reach_the_goals(positions):
    fit = _Fit(positions, truth(positions), EXACT)
    parents, rng = np.arange(50), np.random.default_rng(2)
    steps, goals = 0.2 * rng.standard_normal((50, 3)), rng.uniform(-0.6, 0.6, (50, 2))
    after = truth(fit.correct(parents, steps, goals))
    before = truth(positions[parents] + steps)
    reached = np.abs(after - goals).max(axis=1)
    assert np.median(reached) < 0.05
    assert np.median(np.abs(before - goals).max(axis=1)) > 1


def test_corrections_are_the_smallest(positions):
    """What does not matter stays as it is."""
    blind = np.column_stack([2 * positions[:, 0], 3 * positions[:, 0]])
    fit = _Fit(positions, blind, EXACT)
    moved = fit.correct(np.arange(N), np.zeros((N, 3)), np.zeros((N, 2))) - positions
    assert np.abs(moved[:, 0]).mean() > 0.2
    assert np.abs(moved[:, 1:]).mean() < 0.1 * np.abs(moved[:, 0]).mean()


def test_damping_holds_corrections_back(positions):
    """A slope s goes s**2 / (s**2 + damping) of the way: half of it, if the damping is s**2."""
    line = positions[:, :1]
    fit = _Fit(line, 3 * line, EXACT)
    slope = fit.linear[0, 0]
    assert abs(slope) == pytest.approx(3 * abs(fit.root[0, 0]))
    fit.settings = replace(EXACT, corrections=1, longest_correction=1e9, damping=slope**2)
    end = 3 * fit.correct(np.arange(20), np.full((20, 1), 0.1), np.full((20, 1), 0.4))
    assert end == pytest.approx((3 * (line[:20] + 0.1) + 0.4) / 2, abs=1e-6)


def test_half_of_a_residual_is_kept(positions):
    """A parent that lies above the prediction is sent below the goal by half of what it lies above."""
    deviations = truth(positions)
    deviations[0] += [1.0, -2.0]
    fit = _Fit(positions, deviations, EXACT)
    assert fit.residual[0] == pytest.approx([1.0, -2.0], abs=0.2)
    end = truth(fit.correct(np.array([0]), np.zeros((1, 3)), np.zeros((1, 2))))
    assert end[0] == pytest.approx(-0.5 * fit.residual[0], abs=0.15)


def test_no_correction_is_longer_than_it_may_be(positions):
    one = replace(EXACT, corrections=1, longest_correction=0.1)
    fit = _Fit(positions, truth(positions), one)
    end = fit.correct(np.arange(N), np.zeros((N, 3)), np.full((N, 2), 50.0))
    moved = np.linalg.solve(fit.root, (end - positions).T)
    assert np.abs(moved).max() == pytest.approx(0.1)
    assert moved.min() == pytest.approx(-0.1)


def ensemble(positions, settings=SETTINGS):
    return Ensemble(np.exp(positions), LEAK, settings)


def test_proposals_fire_more_like_the_recording(positions):
    made = ensemble(positions).propose(np.exp(positions), truth(positions), 400, np.random.default_rng(3))
    assert made.shape == (400, 3)
    distance = np.abs(truth(np.log(made))).max(axis=1)
    assert (distance < 1).mean() > 0.75
    assert (np.abs(truth(positions)).max(axis=1) < 1).mean() < 0.25
    spread = np.log(made).std(axis=0) / positions.std(axis=0)
    assert spread[LEAK] > 0.6  # hardly matters
    assert len(np.unique(made[:, 0])) == 400


def test_goals_are_spread_around_the_recording(positions):
    made = ensemble(positions).propose(np.exp(positions), truth(positions), 2000, np.random.default_rng(3))
    ends = truth(np.log(made))
    inside = np.abs(ends).max(axis=1) < 1
    assert np.abs(ends[inside].mean(axis=0)).max() < 0.06
    assert ends[inside].std(axis=0) == pytest.approx(np.full(2, 0.6 / np.sqrt(3)), rel=0.2)
    exact = replace(SETTINGS, goal=0.0)
    made = ensemble(positions, exact).propose(
        np.exp(positions), truth(positions), 2000, np.random.default_rng(3)
    )
    assert np.median(np.abs(truth(np.log(made)))) < 0.1


def test_near_cells_are_parents_more_often(positions):
    still = replace(SETTINGS, steps=(0.0,), corrections=0)
    made = ensemble(positions, still).propose(
        np.exp(positions), truth(positions), 4000, np.random.default_rng(3)
    )
    counts = (np.abs(made[:, None] / np.exp(positions) - 1) < 1e-6).all(axis=2).sum(axis=0)
    distance = np.abs(truth(positions)).max(axis=1)
    near, far = distance < 0.5, (distance > 3) & (distance < 4)
    assert counts.sum() == 4000
    # 1 / (1 + distance**2): of the nearest about 0.93, at 3 to 4 about 0.076
    assert counts[near].mean() / counts[far].mean() == pytest.approx(12, rel=0.4)


def test_steps_have_the_spread_of_the_first_cells(positions):
    wander = replace(SETTINGS, corrections=0, steps=(0.5,))
    stretched = positions * [1.0, 2.0, 0.5]
    made = ensemble(stretched, wander).propose(
        np.ones((1, 3)), np.zeros((1, 2)), 3000, np.random.default_rng(3)
    )
    assert np.log(made).std(axis=0) == pytest.approx(0.5 * stretched.std(axis=0), rel=0.1)
    assert np.log(made).mean(axis=0) == pytest.approx(np.zeros(3), abs=0.05)


def test_conductances_stay_near_the_range_of_the_first(positions):
    far = replace(SETTINGS, corrections=0, steps=(50.0,))
    first = np.exp(positions)
    made = ensemble(positions, far).propose(ONES[None], np.zeros((1, 2)), 500, np.random.default_rng(3))
    floor = 0.02 * first.mean(axis=0)
    beyond = np.array([5.0, 5.0, 2.0])
    largest = beyond * (first.max(axis=0) + floor) - floor
    least = np.maximum((first.min(axis=0) + floor) / beyond - floor, 0)
    assert made.max(axis=0) == pytest.approx(largest, rel=1e-6)
    assert made.min(axis=0) == pytest.approx(least, rel=1e-6, abs=1e-9)


def test_a_conductance_can_be_zero():
    table = np.abs(np.random.default_rng(0).standard_normal((60, 3))) * [1, 1, 0.0] + [1, 0, 0.01]
    table[:30, 1] = 0.0
    made = Ensemble(table, LEAK).propose(table, table[:, :1] - 2, 200, np.random.default_rng(1))
    assert np.isfinite(made).all()
    assert made.min() == 0
    assert made[:, LEAK] == pytest.approx(np.full(200, 0.01), rel=0.01)  # all first cells had the same


def test_one_cell_of_the_class_is_enough():
    made = ensemble(np.eye(3)).propose(ONES[None], np.full((1, 2), 3.0), 5, np.random.default_rng(0))
    assert made.shape == (5, 3)
    assert np.isfinite(made).all()
