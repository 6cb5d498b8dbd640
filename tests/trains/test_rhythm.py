"""A rhythm that neither chance nor two cells in one train keep."""

import numpy as np
import pytest

from elephant_dic.trains import firing_of, keeps_rhythm


def spikes(isis, start=0.0):
    return start + np.concatenate([[0.0], np.cumsum(isis)])


def bursting(periods, within=(10.0, 11, 12), start=0.0):
    """A burst at each onset and one more, so many ms apart."""
    onsets = spikes(periods, start)
    return (onsets[:, None] + spikes(within)).ravel()


@pytest.mark.parametrize(("other", "kept"), [(100.0, True), (116.2, True), (116.3, False)])
def test_a_tonic_train_keeps_one_up_to_a_cv2_of_015(other, kept):
    train = spikes([100.0, other] * 15)
    assert firing_of([train]).activity == "tonic"
    assert firing_of([train]).cv2 == pytest.approx(2 * (other - 100) / (other + 100))
    assert keeps_rhythm([train]) is kept


@pytest.mark.parametrize(("n", "kept"), [(5, False), (7, True), (40, True)])
def test_bursts_keep_one_from_six_periods_on(n, kept):
    """The time from the first spike to the last counts, in periods of 133 ms."""
    train = bursting([133.0] * n)
    assert firing_of([train]).activity == "bursting"
    assert keeps_rhythm([train]) is kept


@pytest.mark.parametrize(("second", "kept"), [(1.6, True), (1.7, False)])
def test_bursts_keep_none_if_their_periods_vary(second, kept):
    """Of two periods as often, one longer by a factor f: the CV is (f - 1) / (f + 1)."""
    train = bursting([200.0, 200 * second] * 20 + [200.0])
    firing = firing_of([train])
    assert firing.activity == "bursting"
    assert firing.period_cv == pytest.approx((second - 1) / (second + 1), rel=0.02)
    assert keeps_rhythm([train]) is kept


def test_bursts_keep_none_if_spikes_of_another_fall_into_them():
    """Two ms after one of theirs, in one of ten: 3.2 % of the intervals within bursts; of 22: 1.5 %."""
    for every, kept in ((10, False), (22, True)):
        train = bursting([200.0] * 120)
        train = np.sort(np.append(train, train[1 : -4 : 4 * every] + 2.0))
        assert firing_of([train]).activity == "bursting"
        assert keeps_rhythm([train]) is kept


def test_sweeps_keep_one_together():
    first, second = bursting([200.0] * 4), bursting([200.0] * 5, start=7000)
    assert not keeps_rhythm([first])
    assert keeps_rhythm([first, second])


def test_irregular_and_silent_trains_keep_none():
    assert keeps_rhythm([spikes([60, 100] * 20)]) is False
    assert keeps_rhythm([np.empty(0)]) is False
    assert keeps_rhythm([]) is False


@pytest.mark.parametrize("shape", [1.0, 2.0, 3.0])
def test_chance_hardly_ever_keeps_one(shape):
    rng = np.random.default_rng(0)
    trains = [np.cumsum(rng.gamma(shape, mean / shape, 150)) for mean in np.geomspace(20, 200, 400)]
    assert np.mean([keeps_rhythm([times[times < 3000]]) for times in trains]) < 0.04
    assert sum(keeps_rhythm([times]) for times in trains) == 0


def test_one_cell_keeps_one_and_two_cells_in_one_train_seldom():
    """Bursting cells of all kinds, whose intervals vary by 3 %; pairs of spikes may be of two tonic cells."""
    rng = np.random.default_rng(1)

    def cell(fewest=2):
        n, within, period = rng.integers(fewest, 12), rng.uniform(6, 20), rng.uniform(150, 400)
        within = np.minimum(within, 0.35 * period / n)
        onsets = rng.uniform(0, period) + np.cumsum(period * rng.normal(1, 0.03, 30))
        steps = within * np.linspace(0.8, 1.2, n - 1) * rng.normal(1, 0.03, (30, n - 1))
        times = np.sort((onsets[:, None] + np.insert(np.cumsum(steps, axis=1), 0, 0, axis=1)).ravel())
        return times[times < 3000]

    alone = [cell(3) for _ in range(200)]
    pairs = [np.sort(np.append(cell(), cell())) for _ in range(200)]
    assert np.mean([keeps_rhythm([times]) for times in alone]) > 0.95
    assert np.mean([keeps_rhythm([times]) for times in pairs]) < 0.05
    assert not keeps_rhythm([np.sort(np.append(np.arange(0, 9000, 100.0), np.arange(30, 9000, 100.2)))])
