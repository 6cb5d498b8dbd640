"""Likelihoods of changes, of cells whose answer can be computed by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp

from elephant_dic.changes.evidence import weigh
from elephant_dic.changes.kernels import Told, Unseen, likelihood, told
from elephant_dic.changes.observations import Observation, Observations
from elephant_dic.changes.pairs import draw_pairs
from elephant_dic.changes.stages import changes_of, weigh_changes
from elephant_dic.changes.trials import HIGHEST, LOWEST, Trials, factor_of, run_trials, scaled
from elephant_dic.changes.trust import _best_for_nothing

NAMES = ("g_a", "g_b", "g_c", "g_leak")


class LinearCells:
    """Cells of which each feature is a sum over the logarithms of three conductances, with known weights."""

    def __init__(self, weights, before, after, error=0.01, silent_below=0.0, any_silences=False):
        self._weights, self._silent_below = np.asarray(weights, dtype=float), silent_below
        self._silencing = 3 if any_silences else 1
        errors = error**2 * np.eye(len(self._weights))
        (first, last), shown = (before, after), self.changed(np.array([before, after]), 0)
        self.before = Observation(shown.activities[0], shown.values[0], errors, str(first))
        self.after = Observation(shown.activities[1], shown.values[1], errors, str(last))

    def told(self, activity):
        return [] if activity == "silent" else list(range(len(self._weights)))

    def changed(self, table, seed):
        values = np.log(np.maximum(table[:, :3], 1e-3)) @ self._weights.T
        lowest = table[:, : self._silencing].min(axis=1)
        return Observations(np.where(lowest < self._silent_below, "silent", "tonic"), values)

    def unchanged(self, table, seed):
        return self.changed(table, seed), self.changed(table, seed)

    def judge(self, table):
        found = self.changed(table, 0)
        same = found.activities == self.after.activity
        return same & (np.abs(found.values - self.after.values) < 0.1).all(axis=1)


def members(n=80, spread=0.3, seed=0):
    cells = np.exp(np.random.default_rng(seed).normal(0, spread, (n, 4)))
    return cells


def weighed(weights, factors, **options):
    cell = np.ones(4)
    assay = LinearCells(weights, cell, cell * np.asarray(factors, dtype=float), **options)
    table = members()
    table[:, :3] = 1.0  # members are like the cell in all that features tell
    return weigh_changes(assay, table, changes_of(NAMES, 3, 1), [], 0), assay, table


@pytest.mark.parametrize(
    ("position", "factor"),
    [(LOWEST, 0.0), (-3.5, 1 / 16), (-3.0, 0.125), (-1.0, 0.5), (0.0, 1.0), (HIGHEST, 4.0)],
)
def test_factors_of_positions(position, factor):
    assert factor_of(position) == pytest.approx(factor)


@given(st.lists(st.floats(LOWEST, HIGHEST), min_size=2, max_size=10))
def test_higher_positions_are_larger_factors(positions):
    positions = np.sort(positions)
    assert (np.diff(factor_of(positions)) >= 0).all()


def test_conductances_are_scaled_alone():
    table = np.arange(1.0, 9.0).reshape(2, 4)
    found = scaled(table, (1,), np.array([[-1.0], [1.0]]))
    assert found[0] == pytest.approx(table * [1, 0.5, 1, 1])
    assert found[1] == pytest.approx(table * [1, 2, 1, 1])


def test_between_two_factors_features_are_interpolated_and_classes_are_not():
    assay = LinearCells([[1, 0, 0]], np.ones(4), np.ones(4), silent_below=0.4)
    (found,) = run_trials(assay, np.ones((1, 4)), {(0,): [np.array([-2.0, 0.0, 1.0])]}, 0, 2)
    assert found.positions[:, 0].tolist() == [-2.0, -1.0, 0.0, 0.5, 1.0]
    assert found.activities[:, 0].tolist() == ["silent", "silent", "tonic", "tonic", "tonic"]
    assert found.values[2:, 0, 0] == pytest.approx(np.log(2) * np.array([0, 0.5, 1]))


def test_two_conductances_are_tried_all_with_all():
    assay = LinearCells([[1, 2, 0]], np.ones(4), np.ones(4))
    axis = np.array([-1.0, 0.0])
    (found,) = run_trials(assay, np.ones((1, 4)), {(0, 1): [axis, axis]}, 0, 2)
    by_place = dict(zip(map(tuple, found.positions), found.values[:, 0, 0], strict=True))
    assert len(by_place) == 9
    for (a, b), value in by_place.items():
        assert value == pytest.approx(np.log(2) * (a + 2 * b))


def test_changes_are_all_channels_but_the_leak_and_pairs_on_request():
    assert changes_of(NAMES, 3, 1) == [(0,), (1,), (2,)]
    assert changes_of(NAMES, 3, 2) == [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2)]


def test_differences_are_compared_within_a_class_and_features_between_two():
    members_now = Observations(np.array(["tonic"]), np.array([[5.0, 6.0]]))
    before = Observation("tonic", np.array([1.0, 2.0]), np.diag([1.0, 2.0]), "")
    after = Observation("tonic", np.array([4.0, 8.0]), np.diag([3.0, 4.0]), "")
    found = told(before, after, members_now, [1])
    assert (found.value.tolist(), found.error.tolist(), found.own.tolist()) == ([6.0], [[6.0]], [[5.0, 6.0]])
    other = Observation("bursting", after.values, after.errors, "")
    found = told(before, other, members_now, [1])
    assert (found.value.tolist(), found.error.tolist(), found.own.tolist()) == ([8.0], [[4.0]], [[0.0, 0.0]])


def observed(*values, error=0.01, activity="tonic"):
    return Observation(activity, np.array(values), error * np.eye(len(values)), "")


def test_controls_are_recordings_without_a_change():
    """1.0 and 1.4: mean 1.2, variance 0.08, of which the recordings' own errors are 0.01; one more recording
    scatters by as much, and the mean of two by half of it."""
    members_now = Observations(np.array(["tonic"]), np.array([[5.0]]))
    before, after, control = observed(1.0), observed(1.5), observed(1.4)
    found = told(before, after, members_now, [0], [control])
    assert found.value == pytest.approx([0.3])
    assert found.error[0, 0] == pytest.approx(0.08 + 0.08 / 2)
    alone = told(before, after, members_now, [0])
    assert (alone.value, alone.error[0, 0]) == (pytest.approx([0.5]), pytest.approx(0.02))
    four = told(before, after, members_now, [0], [control] * 4)  # mean 1.32, variance 0.032
    assert four.value == pytest.approx([0.18])
    assert four.error[0, 0] == pytest.approx(0.032 * (1 + 1 / 5))


@pytest.mark.parametrize(("n", "square"), [(1, 1 / 3), (4, 1 / 6)])
def test_the_more_controls_are_like_the_recording_after_the_more_usual_it_is(n, square):
    """From the mean of 0 and n times 1 it is off by 1 / (n + 1); one recording has a variance of
    1 / (n + 1), by far more than its error."""
    members_now = Observations(np.array(["tonic"]), np.array([[5.0]]))
    before, after = observed(0.0, error=1e-6), observed(1.0, error=1e-6)
    found = told(before, after, members_now, [0], [after] * n)
    assert found.value[0] ** 2 / found.error[0, 0] == pytest.approx(square, rel=1e-3)


def test_controls_that_agree_make_the_recording_before_better_known():
    members_now = Observations(np.array(["tonic"]), np.array([[5.0]]))
    found = told(observed(1.0), observed(1.5), members_now, [0], [observed(1.0)] * 3)
    assert found.error[0, 0] == pytest.approx(0.01 + 0.01 / 4)


def test_controls_scatter_in_all_features_together():
    """Both features move together: a difference in that direction is usual, one across it is not."""
    members_now = Observations(np.array(["tonic"]), np.zeros((1, 2)))
    before, control = observed(0.0, 0.0), observed(1.0, 1.0)
    along, across = (
        told(before, observed(*each), members_now, [0, 1], [control]) for each in ((1.0, 1.0), (1.0, 0.0))
    )
    assert along.error == pytest.approx(across.error)
    assert along.error[0, 1] == pytest.approx(1.5 * (0.5 - 0.01 / 2))
    usual = [each.value @ np.linalg.solve(each.error, each.value) for each in (along, across)]
    assert usual[0] == pytest.approx(0.5 / 1.5)
    assert usual[1] > 30


def test_controls_widen_another_class_by_what_scatters_without_a_change():
    members_now = Observations(np.array(["tonic"]), np.array([[5.0]]))
    after = observed(1.5, activity="bursting")
    found = told(observed(1.0), after, members_now, [0], [observed(1.4)])
    assert (found.value, found.error[0, 0]) == (pytest.approx([1.5]), pytest.approx(0.08))
    lacking = told(observed(np.nan), after, members_now, [0], [observed(1.4)])
    assert lacking.error[0, 0] == pytest.approx(0.01)


def trials_of(values, activity="tonic"):
    values = np.asarray(values, dtype=float)[..., None]
    return Trials((0,), np.linspace(-1, 1, len(values))[:, None], np.full(values.shape[:2], activity), values)


def test_a_kernel_is_centred_on_each_member():
    compared = Told("tonic", np.array([0.0]), np.array([[0.01]]), [0], np.zeros((3, 1)))
    kernel = likelihood(trials_of([[0.0, 1.0, 2.0], [0.0, 0.0, 0.0]]), compared)
    logs = kernel.of_members(np.array([1.0]))
    assert logs[0].argmax() == 1
    assert logs[0, 0] == pytest.approx(logs[0, 2])
    assert kernel.of_members(np.array([0.0]))[1] == pytest.approx(
        [kernel.of_members(np.array([0.0]))[1, 0]] * 3
    )
    without = kernel.of_members(np.array([1.0]), without=1)
    assert np.isneginf(without[0, 1])
    assert np.isfinite(without[0, 0])


def test_a_density_over_members_is_one_in_all():
    compared = Told("tonic", np.array([0.0]), np.array([[0.04]]), [0], np.zeros((3, 1)))
    kernel = likelihood(trials_of([[0.0, 1.0, 2.0], [0.5, 0.5, 0.6]]), compared)
    x = np.linspace(-200, 200, 40_001)
    density = np.exp([logsumexp(kernel.of_members(np.array([each])), axis=1) for each in x])
    assert density.sum(axis=0) * 0.01 == pytest.approx([3 / 4, 3 / 4], abs=2e-3)  # one of four is not drawn


def test_priors_of_settings_are_the_shares_of_positions_for_which_they_stand():
    compared = Told("tonic", np.array([0.0]), np.array([[0.04]]), [0], np.zeros((2, 1)))
    kernel = likelihood(trials_of(np.zeros((5, 2))), compared)
    assert np.exp(kernel.log_prior) == pytest.approx([0.5 / 6] * 5)


def test_what_members_never_do_is_less_likely_than_what_they_do():
    compared = Told("tonic", np.array([0.0]), np.array([[0.01]]), [0], np.zeros((4, 1)))
    kernel = likelihood(trials_of([[0.0, 0.1, -0.1, 0.05]] * 2), compared)
    unseen = Unseen([kernel], compared)
    near, far = (kernel.of_settings(np.array([x]), unseen.log([x]))[0] for x in (0.0, 5.0))
    assert near > far + 3


def test_the_conductance_that_alone_explains_comes_first_with_its_factor():
    (evidence, _), *_ = weighed([[1, 0, 1], [0, 1, 1]], [0.5, 1, 1, 1])
    assert evidence.probabilities.argmax() == 0
    assert evidence.probabilities[0] > 0.95
    assert evidence.nothing < 0.01
    positions, weights = evidence.likelihoods[1].trials.positions[:, 0], evidence.weights(0)
    assert weights @ positions == pytest.approx(-1, abs=0.1)


def test_conductances_that_do_the_same_are_not_told_apart():
    (evidence, _), *_ = weighed([[1, 1, 0], [0, 0, 1]], [0.5, 1, 1, 1])
    first, second, third = evidence.probabilities
    assert first == pytest.approx(second, rel=0.3)
    assert third < 0.05


def test_nothing_changed_is_recognised():
    (evidence, _), *_ = weighed([[1, 0, 1], [0, 1, 1]], [1, 1, 1, 1])
    assert evidence.nothing > 0.9


def test_what_no_change_brings_about_surprises():
    (evidence, _), assay, table = weighed([[1, 1, 1], [1, 1, 1]], [1, 1, 1, 1])
    odd = Observation("tonic", assay.before.values + [0.7, -0.7], assay.before.errors, "")
    assay.after = odd
    evidence, _ = weigh_changes(assay, table, changes_of(NAMES, 3, 1), [], 0)
    assert evidence.trust.surprise == 0
    assert evidence.trust.temperature == 1  # all changes are alike: nothing to learn


def test_silence_is_told_by_its_class_alone():
    (evidence, _), *_ = weighed([[1, 0, 0]], [0.2, 1, 1, 1], silent_below=0.4)
    assert evidence.probabilities[0] > 0.95
    assert evidence.nothing < 0.01  # no member of eighty is silent unchanged


def test_that_something_changed_is_sure_where_channels_cannot_be_told_apart():
    """Any of three silences the cell: what changed is open, that something has is not."""
    (evidence, _), *_ = weighed([[1, 1, 1]], [0.2, 1, 1, 1], silent_below=0.4, any_silences=True)
    assert evidence.probabilities == pytest.approx([1 / 3] * 3, abs=0.02)
    assert evidence.nothing < 0.01


def test_the_odds_of_nothing_are_tempered_by_what_members_are_found():
    sure, unsure = np.full(50, 2.0), np.array([3.0, -3.0] * 25)
    assert _best_for_nothing(sure, 1.0, -sure, 1.0) == pytest.approx(1.2)  # always right: the highest
    assert _best_for_nothing(unsure, 1.0, unsure, 1.0) == pytest.approx(0.1)  # as often wrong: the lowest
    assert _best_for_nothing(np.empty(0), 0.0, -sure, 1.0) == 1.0


def test_pairs_fire_like_the_recording_after_and_come_from_the_likely_changes():
    (evidence, rows), assay, table = weighed([[1, 0, 1], [0, 1, 1]], [0.5, 1, 1, 1])
    pairs = draw_pairs(assay, table[rows], evidence, 30, np.random.default_rng(0))
    assert pairs.matching.sum() >= 30
    assert (pairs.change[pairs.matching] == 0).all()
    assert pairs.factors[pairs.matching][:, 0] == pytest.approx(0.5, rel=0.15)
    assert (pairs.factors[:, 3] == 1).all()


def test_the_same_seed_gives_the_same_evidence():
    first, second = (weighed([[1, 0, 1], [0, 1, 1]], [0.5, 1, 1, 1])[0][0] for _ in range(2))
    assert first.probabilities.tolist() == second.probabilities.tolist()
    assert first.trust == second.trust


def test_evidence_without_members_of_the_class_leaves_all_alike():
    unchanged = Trials((), np.zeros((1, 0)), np.full((1, 4), "tonic"), np.zeros((1, 4, 1)))
    compared = Told("bursting", np.array([0.0]), np.array([[0.01]]), [0], np.zeros((4, 1)))
    evidence = weigh(unchanged, [trials_of(np.zeros((3, 4)))] * 2, compared, np.random.default_rng(0))
    assert evidence.probabilities == pytest.approx([0.5, 0.5])
    assert evidence.trust.surprise is None
