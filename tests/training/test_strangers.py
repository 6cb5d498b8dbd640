"""Cells outside of the reference family get the DICs of family cells that fire like them."""

from dataclasses import replace

import numpy as np
import pytest

from elephant_dic import get_neuron
from elephant_dic.neurons import dics_of
from elephant_dic.simulation import simulate
from elephant_dic.training.sets import SETTLING, draw_broad, make_chunk
from elephant_dic.training.strangers import effective_dics
from elephant_dic.trains import FEATURES, VIEWS, feature_table, steady
from elephant_dic.trains.views import corrupted

STG = get_neuron("stg")
STEADY, CORRUPTED = list(VIEWS).index(steady), list(VIEWS).index(corrupted)


def tonic(interval):
    return np.arange(100.0, 3100.0, interval)


def bursting(period, n_spikes):
    return (np.arange(50.0, 3000.0, period)[:, None] + 10.0 * np.arange(n_spikes)).ravel()


def views_of(trains, views, cells):
    features = feature_table(STG, [[times] for times in trains])
    numbers = np.arange(3.0 * len(trains)).reshape(-1, 3)
    return features, numbers, np.array(cells), np.array(views)


def test_strangers_get_the_dics_of_cells_that_fire_alike():
    groups = [tonic, lambda x: bursting(2 * x, 4), lambda x: bursting(2 * x, 7)]
    trains = [group(rate + step) for group in groups for rate in (70, 90) for step in np.linspace(0, 2, 20)]
    family = views_of(trains, [STEADY] * 120, range(120))
    strangers = views_of([tonic(90.4), bursting(141, 4), bursting(182, 7)], [STEADY] * 3, [4, 2, 7])
    of_the_tonic_one = set()
    for seed in range(5):
        _, found, cells, _ = effective_dics(family, strangers, np.random.default_rng(seed))
        rows = found[:, 0] / 3
        assert cells.tolist() == [4, 2, 7]
        assert 20 <= rows[0] < 40
        of_the_tonic_one.add(rows[0])
        assert rows[1:] == pytest.approx([np.arange(40, 60).mean(), np.arange(100, 120).mean()])
    assert len(of_the_tonic_one) > 1


def test_irregular_strangers_get_the_dics_of_irregular_cells():
    rng = np.random.default_rng(1)

    def noisy(interval, sd):
        return 100 + np.cumsum(interval + sd * rng.standard_normal(int(2900 / interval)))

    family = views_of([noisy(80.0, sd) for sd in [4.0] * 20 + [0.0] * 20], [STEADY] * 40, range(40))
    strangers = views_of([noisy(80.0, sd) for sd in [4.0, 0.0, 0.1]], [STEADY] * 3, [0, 1, 2])
    _, found, _, _ = effective_dics(family, strangers, np.random.default_rng(0))
    assert (found[:, 0] < 60).tolist() == [True, False, False]


def test_other_views_of_a_stranger_follow_its_steady_one_and_fast_drifters_are_left_out():
    family = views_of([tonic(70 + k / 40) for k in range(20)] + [tonic(90 + k / 40) for k in range(20)],
                      [STEADY] * 40, range(40))  # fmt: skip
    strangers = views_of([tonic(90.0), tonic(70.0), tonic(70.0)], [CORRUPTED, STEADY, CORRUPTED], [0, 0, 1])
    features, found, cells, views = effective_dics(family, strangers, np.random.default_rng(0))
    assert cells.tolist() == [0, 0]
    assert views.tolist() == [CORRUPTED, STEADY]
    assert (found[:, 0] < 60).all()
    assert features.shape == (2, len(FEATURES))


def test_strangers_fill_the_broad_ranges():
    cells = draw_broad(STG, 2000, np.random.default_rng(0))
    ranges = STG.broad.ranges | {"leak": STG.broad.leak}
    for column, channel in enumerate(STG.channels):
        low, high = ranges[channel.name]
        assert cells[:, column].min() == pytest.approx(low, abs=0.01 * high)
        assert cells[:, column].max() == pytest.approx(high, rel=0.01)


def test_a_neuron_without_broad_ranges_has_no_strangers():
    neuron = replace(STG, broad=None, training=replace(STG.training, strangers=False))
    with pytest.raises(ValueError, match="neuron stg declares no broad ranges"):
        draw_broad(neuron, 2, np.random.default_rng(0))
    with pytest.raises(
        ValueError, match="neuron stg: strangers are cells of its broad ranges, and it has none"
    ):
        replace(STG, broad=None)
    pyloric = get_neuron("pyloric")
    assert pyloric.broad is pyloric.reference  # which has any conductances itself


def test_a_chunk_of_strangers_is_another_than_the_chunk_of_the_family():
    chunk = make_chunk(STG, 6, 150.0, seed=3, chunk=5, broad=True)
    assert np.allclose(chunk["dics"], dics_of(STG, chunk["conductances"]))
    assert np.abs(chunk["dics"][:, 1]).max() > 20
    assert not np.isin(make_chunk(STG, 6, 150.0, seed=3, chunk=5)["dics"], chunk["dics"]).any()


def test_times_of_strangers_begin_when_they_have_settled():
    chunk = make_chunk(STG, 6, 800.0, seed=3, chunk=2, broad=True)
    assert not chunk["noise_std"].any()
    run = simulate(STG, chunk["conductances"], SETTLING + 800.0)
    later = [times[times >= SETTLING] - SETTLING for times in run.spike_times]
    assert chunk["counts"].sum() > 6
    assert chunk["counts"].tolist() == [len(times) for times in later]
    assert chunk["spikes"] == pytest.approx(np.concatenate(later), abs=0.01)
