"""What a search looks at, and what it judges by."""

import numpy as np
import pytest
from support.analytic import BURSTS, CELL, STG, AnalyticComparison, burst_train, cells

from elephant_dic.search.comparison import Comparison
from elephant_dic.search.settings import SETTINGS
from elephant_dic.simulation import simulate
from elephant_dic.trains import Firing, firing_of

TONIC, IRREGULAR = Firing("tonic", 10.0, 0.0), Firing("irregular", 10.0, 0.6)
TRANSIENT = STG.training.transient


@pytest.mark.parametrize(("recording", "duration"), [(BURSTS, 4000), (TONIC, 1100), (IRREGULAR, 6000)])
def test_as_many_intervals_or_periods_as_the_rule_needs(recording, duration):
    assert Comparison(STG, recording, 0.1).duration == pytest.approx(duration)


def test_more_is_looked_at_under_noise():
    assert Comparison(STG, TONIC, 0.1, noise_std=0.1).duration == pytest.approx(6000)
    assert Comparison(STG, BURSTS, 0.1, noise_std=0.1).duration == pytest.approx(6000)
    assert Comparison(STG, IRREGULAR, 0.1, noise_std=0.1).duration == pytest.approx(6000)


def test_under_noise_models_are_judged_by_several_runs(firing):
    """Each with noise of its own; the figures are those of all together."""
    comparison = Comparison(STG, TONIC, 0.1, noise_std=1.0, seed=3)
    models, matching, runs = comparison.judge(firing)
    assert [len(each) for each in runs] == [SETTINGS.runs_under_noise] * 3
    assert comparison.n_simulated == 3 * SETTINGS.runs_under_noise
    for model, trains in zip(models, runs, strict=True):
        assert len({train.tobytes() for train in trains}) == len(trains)
        assert model.row() == firing_of(trains).row()
    assert matching.tolist() == comparison.matches(models).tolist()


class Ending(AnalyticComparison):
    """Cells fire every 60 and 100 ms in turns, and stop after three quarters of a simulation."""

    def train(self, row, stop, options):
        times = np.cumsum(np.tile([60.0, 100.0], 500)) - 60
        return times[times < 0.75 * stop]


@pytest.mark.parametrize("noise_std", [0.0, 1.0])
def test_the_rate_of_an_irregular_model_is_that_of_all_its_simulation(noise_std):
    """57 spikes until 4.5 s, of 6, and 85 until 6.75 s, of 9; in each run."""
    comparison = Ending(STG, IRREGULAR, 0.1, noise_std=noise_std)
    ((quick,), _), ((model,), _, _) = comparison.look(CELL[None]), comparison.judge(CELL[None])
    assert (quick.activity, model.activity) == ("irregular", "irregular")
    assert (quick.rate, model.rate) == (pytest.approx(57 / 6), pytest.approx(85 / 9))


def test_the_train_that_stands_for_a_cell_is_what_it_says():
    figures = firing_of([burst_train(5, 2.0, 50.0, 4000)])
    assert figures.figures() == pytest.approx(BURSTS.figures())


@pytest.fixture(scope="module")
def firing():
    """Three STG cells that fire."""
    return np.random.default_rng(0).uniform(0.9, 1.1, (3, 1)) * [
        17000.0, 85, 5, 15, 150, 200, 0.2, 0.01
    ]  # fmt: skip


def test_models_are_simulated_as_asked(firing):
    comparison = Comparison(STG, TONIC, 0.1, noise_std=1.0, seed=7)
    noisy = comparison.duration
    comparison.simulate(firing[:2], TRANSIENT, noisy)
    trains, _ = comparison.simulate(firing, TRANSIENT / 2, 2 * noisy, finer=4)
    assert comparison.n_simulated == 5
    start = TRANSIENT / 2
    # The seed goes on by the cells that were simulated: noise is never the same twice.
    run = simulate(STG, firing, start + 2 * noisy, dt=STG.time_step / 4, noise_std=1.0, seed=9)
    for train, times in zip(trains, run.spike_times, strict=True):
        assert len(train) > 3
        assert np.array_equal(train, times[times >= start] - start)
        assert train[0] >= 0


@pytest.mark.parametrize("recording", [BURSTS, IRREGULAR, TONIC])
def test_members_are_judged_longer_and_after_the_whole_transient(firing, recording):
    comparison = Comparison(STG, recording, 0.1)
    models, _, runs = comparison.judge(firing)
    trains, duration = [train for (train,) in runs], comparison.duration
    finer = 2 if recording is BURSTS else 1
    run = simulate(STG, firing, TRANSIENT + 1.5 * duration, dt=STG.time_step / finer)
    for model, train, times in zip(models, trains, run.spike_times, strict=True):
        assert np.array_equal(train, times[times >= TRANSIENT] - TRANSIENT)
        assert model.row() == pytest.approx(firing_of([train], 1.5 * duration).row(), nan_ok=True)
    (quick, states), start = comparison.look(firing), SETTINGS.search_transient * TRANSIENT
    run = simulate(STG, firing, start + duration, dt=STG.time_step)
    late = [times[times >= start] - start for times in run.spike_times]
    assert [model.rate for model in quick] == pytest.approx(
        [firing_of([times], duration).rate for times in late], nan_ok=True
    )
    # Goes on where the look has ended, after what is left of the transient.
    left = max(0.0, TRANSIENT - start - duration)
    run = simulate(STG, firing, left + 1.5 * duration, dt=STG.time_step / finer, states=states)
    late = [times[times >= left] - left for times in run.spike_times]
    for (train,), times in zip(comparison.judge(firing, states)[2], late, strict=True):
        assert np.array_equal(train, times)


def test_what_is_judged_matches_by_the_rule():
    table = cells(200, np.random.default_rng(1))
    comparison = AnalyticComparison(STG, BURSTS, 0.2)
    models, matching, runs = comparison.judge(table)
    trains = [train for (train,) in runs]
    assert 0.05 < matching.mean() < 0.95
    for model, matched, train in zip(models, matching, trains, strict=True):
        assert model.row() == pytest.approx(firing_of([train]).row(), nan_ok=True)
        same = model.activity == "bursting" and all(
            abs(value / BURSTS.figures()[name] - 1) <= 0.2 + 1e-9 for name, value in model.figures().items()
        )
        assert matched == same
    assert AnalyticComparison(STG, BURSTS, 0.1).judge(table)[1].sum() < matching.sum()


def test_a_margin_is_a_share_of_the_tolerance():
    comparison = Comparison(STG, TONIC, 0.1)
    models = [Firing("tonic", rate, 0.0) for rate in (10.0, 10.89, 10.91, 11.0, 11.01, 9.09, 8.99)]
    assert comparison.matches(models).tolist() == [True, True, True, True, False, True, False]
    assert comparison.matches(models, 0.9).tolist() == [True, True, False, False, False, False, False]
    assert not comparison.matches([Firing("irregular", 10.0, 0.0), Firing("silent")]).any()


def test_deviations_are_logarithms_in_tolerances():
    comparison = Comparison(STG, BURSTS, 0.1)
    twice = Firing("bursting", 10.0, 0.9, 10.0, 4.0, 40.0, 50.0)
    # Of 5 spikes, one more or less is accepted: a fifth, twice the tolerance.
    expected = np.log([2, 2, 0.5, 1]) / [0.2, 0.1, 0.1, 0.1]
    assert comparison.deviations([twice])[0] == pytest.approx(expected)
    assert comparison.deviations([BURSTS])[0] == pytest.approx(np.zeros(4))
    assert np.isnan(comparison.deviations([TONIC, Firing("silent")])).all()
    never = Firing("bursting", 10.0, 0.9, 5.0, 0.0, 80.0, 50.0)
    assert comparison.deviations([never])[0, 1] == pytest.approx(np.log(0.01) / 0.1)
    assert comparison.deviations([]).shape == (0, 4)


def test_settings_are_those_of_the_package_unless_given():
    comparison = Comparison(STG, TONIC, 0.1)
    assert comparison.settings is SETTINGS
    assert comparison.n_simulated == 0
    assert AnalyticComparison(STG, BURSTS, 0.1).judge(CELL[None])[1].all()
