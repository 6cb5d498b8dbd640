"""Recordings made of a recording's own intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elephant_dic.changes.resampling import blocks_of, resampled

BURSTS = np.cumsum([0, 5, 6, 200, 5, 6, 210, 5, 6, 190, 5, 6, 205, 5, 6]).astype(float)


def test_a_block_is_a_burst_and_the_pause_behind_it():
    blocks = blocks_of([BURSTS])
    assert [block.tolist() for block in blocks] == [
        [5, 6, 200], [5, 6, 210], [5, 6, 190], [5, 6, 205], [5, 6],
    ]  # fmt: skip


def test_without_bursts_a_block_is_five_intervals():
    blocks = blocks_of([np.arange(0.0, 130.0, 10)])
    assert [len(block) for block in blocks] == [5, 5, 2]


def test_no_interval_reaches_from_sweep_to_sweep():
    blocks = blocks_of([np.array([0.0, 10, 20]), np.array([500.0, 510])])
    assert [block.tolist() for block in blocks] == [[10, 10], [10]]


@given(st.integers(0, 1000))
def test_blocks_are_drawn_whole(seed):
    train = resampled([BURSTS], np.random.default_rng(seed))
    assert train[0] == 0
    known = {tuple(block) for block in map(tuple, blocks_of([BURSTS]))}
    isis, start = np.diff(train).round(9), 0
    while start < len(isis):
        stop = next((i + 1 for i in range(start, len(isis)) if isis[i] > 100), len(isis))
        piece = tuple(isis[start:stop])
        assert any(piece == each or piece == (5, 6, *each) or piece[-len(each) :] == each for each in known)
        start = stop


def test_a_regular_train_is_known_exactly():
    drawn = [resampled([np.arange(0.0, 1010.0, 10)], np.random.default_rng(seed)) for seed in range(5)]
    assert all(np.diff(train) == pytest.approx(10) for train in drawn)
