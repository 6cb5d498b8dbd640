"""Spikes that a tonic recording lacks."""

import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given
from hypothesis import strategies as st

from elephant_dic import get_neuron
from elephant_dic.changes.missing import completed
from elephant_dic.changes.observations import FiringAssay
from elephant_dic.trains import firing_of

REGULAR = np.arange(0.0, 10_000, 80)


@given(st.sets(st.integers(2, 120), min_size=1, max_size=5))
def test_they_are_filled_in(missing):
    times = np.delete(REGULAR, sorted(missing))
    (filled,), n = completed([times])
    if n:
        assert filled == pytest.approx(REGULAR)
        assert n == len(missing)
    else:  # more in a row than are believed
        assert any({i, i + 1, i + 2, i + 3} <= missing for i in missing)


def test_a_train_of_pauses_or_bursts_is_left_alone():
    pairs = np.sort(np.concatenate([REGULAR, REGULAR + 27]))
    for times in (pairs, np.delete(REGULAR, np.arange(5, 120, 4)), np.delete(REGULAR, np.arange(50, 60))):
        (found,), n = completed([times])
        assert n == 0
        assert found is times


def test_sweeps_of_a_spike_or_none():
    sweeps, n = completed([np.array([]), np.array([5.0]), REGULAR])
    assert n == 0
    assert len(sweeps) == 3


def test_a_tonic_cell_is_compared_as_one_though_spikes_are_missing():
    """By the rule two kinds of intervals are bursts."""
    lacking = np.delete(REGULAR, [20, 55, 90])
    assert firing_of([lacking]).activity != "tonic"
    before, after = (neo.SpikeTrain(times * pq.ms, t_stop=10 * pq.s) for times in (REGULAR, lacking))
    assay = FiringAssay(get_neuron("stg"), before, after, 0.1, 0.0, 1)
    assert assay.after.activity == "tonic"
    assert assay.after.values[0] == pytest.approx(assay.before.values[0], abs=0.01)
    assert "once 3 spikes that it seems to lack are filled in" in assay.after.described
