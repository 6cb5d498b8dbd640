"""What of a trace is drawn, by hand and for any trace."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from elephant_dic.gui.recording.decimation import counts, decimals_for, envelope

TRACE = np.array([0.0, 5.0, 1.0, -3.0, 2.0, 2.0, 9.0, 8.0, 7.0, 4.0])


def test_the_extremes_of_two_parts_by_hand():
    indices, values = envelope(TRACE, 0, 10, 2)
    assert indices.tolist() == [1, 3, 5, 6]  # 0 5 1 -3 2 | 2 9 8 7 4
    assert values.tolist() == [5.0, -3.0, 2.0, 9.0]


def test_a_last_part_that_is_shorter():
    indices, values = envelope(TRACE, 0, 10, 3)  # 0 5 1 -3 | 2 2 9 8 | 7 4
    assert indices.tolist() == [1, 3, 4, 6, 8, 9]
    assert values.tolist() == [5.0, -3.0, 2.0, 9.0, 7.0, 4.0]


@pytest.mark.parametrize(("first", "last", "found"), [(2, 6, [2, 3, 4, 5]), (-5, 2, [0, 1]), (8, 99, [8, 9]),
                                                      (4, 4, []), (20, 30, []), (-9, -2, [])])  # fmt: skip
def test_a_short_stretch_is_drawn_as_it_is(first, last, found):
    indices, values = envelope(TRACE, first, last, 2)
    assert indices.tolist() == found
    assert values.tolist() == TRACE[found].tolist()


@given(
    arrays(float, st.integers(0, 300), elements=st.floats(-100, 100)),
    st.integers(-20, 320), st.integers(-20, 320), st.integers(1, 40),
)  # fmt: skip
def test_the_envelope_keeps_every_extreme_in_order(samples, first, last, n_parts):
    indices, values = envelope(samples, first, last, n_parts)
    stretch = samples[max(first, 0) : max(last, 0)]
    assert len(indices) <= 2 * n_parts
    assert (np.diff(indices) >= 0).all()
    np.testing.assert_array_equal(values, samples[indices])
    if stretch.size:
        assert max(first, 0) <= indices[0] <= indices[-1] < max(last, 0)
        assert (values.min(), values.max()) == (stretch.min(), stretch.max())
        length = -(-stretch.size // n_parts)
        for start in range(0, stretch.size, max(length, 1)):  # nor is any of a part lost
            part = stretch[start : start + length]
            assert part.min() in values
            assert part.max() in values
    else:
        assert not indices.size


def test_an_envelope_makes_no_copy_of_the_trace():
    samples = np.zeros(1_000_003, dtype=np.float32)
    samples[777] = 30.0
    indices, values = envelope(samples, 0, samples.size, 1000)
    assert values.dtype == np.float32
    assert indices[values == 30.0].tolist() == [777]


def test_counts_by_hand():
    times = np.array([0.0, 0.5, 1.0, 1.0, 2.9, 3.0, 4.0])
    assert counts(times, 0.0, 3.0, 3).tolist() == [2, 2, 2]
    assert counts(times, 0.5, 1.0, 1).tolist() == [3]
    assert counts(np.array([]), 0.0, 1.0, 2).tolist() == [0, 0]


@given(arrays(float, st.integers(0, 100), elements=st.floats(0, 10)), st.integers(1, 30))
def test_counts_lose_no_spike(times, n_bins):
    times = np.sort(times)
    found = counts(times, 0.0, 10.0, n_bins)
    assert found.shape == (n_bins,)
    assert found.sum() == times.size


@pytest.mark.parametrize(("values", "digits"), [([0.0, 100.0], 2), ([0.0, 0.002], 6), ([0.0, 1e6], 0),
                                                ([3.0, 3.0], 0), ([], 0)])  # fmt: skip
def test_digits_follow_the_range(values, digits):
    assert decimals_for(np.array(values)) == digits
