"""Action potentials are those of the whole trace, though only the swings in it are looked at."""

import numpy as np
import pytest
from scipy.signal import find_peaks

from elephant_dic.recordings import peaks


def everywhere(volts, rate):
    """Samples of the peaks, where scipy looks at all of the trace."""
    noise = np.median(np.abs(np.diff(volts))) / (0.6745 * np.sqrt(2)) if volts.size > 1 else 0.0
    window = max(2 * int(min(0.005 * rate, volts.size)) + 1, 3)
    return find_peaks(volts, prominence=max(20, 10 * noise), wlen=window, width=2.5 if rate >= 10_000 else 0)[
        0
    ]


def trace(size, rng, kind):
    """Spikes of several widths and heights on what recordings have beneath them."""
    volts = -60 + rng.normal(0, rng.choice([0, 0.3, 2]), size)
    for start in rng.integers(0, size, rng.integers(0, 12)):
        volts[start : start + rng.choice([1, 2, 3, 10, 60, 300])] += rng.choice([15, 25, 60, 100])
    if kind == "drift":
        volts += np.linspace(0, 80, size)
    if kind == "coarse":  # with plateaus of equal samples
        volts = np.round(volts / 5) * 5
    if kind == "waves":
        volts += 30 * np.sin(np.arange(size) / rng.uniform(2, 400))
    return volts


@pytest.mark.filterwarnings("ignore:some peaks have a prominence of 0")
@pytest.mark.parametrize("kind", ["plain", "drift", "coarse", "waves"])
@pytest.mark.parametrize("size", [1, 2, 17, 100, 1000, 5003, 40_000])
@pytest.mark.parametrize("rate", [100.0, 5000.0, 20_000.0])
def test_peaks_are_those_of_the_whole_trace(kind, size, rate):
    rng, n_found = np.random.default_rng(size), 0
    for _ in range(8):
        volts = trace(size, rng, kind)
        found = peaks.peaks_of(volts, rate)
        np.testing.assert_array_equal(found.samples, everywhere(volts, rate))
        np.testing.assert_array_equal(found.highs, volts[found.samples])
        assert (found.highs - found.lows >= 20).all()
        n_found += len(found.samples)
    if size >= 5003:
        assert n_found > 5


def test_a_peak_is_ten_times_as_high_as_the_noise_and_20_mV_at_least():
    assert peaks._least_height(np.zeros(1)) == 20
    assert peaks._least_height(np.tile([0.0, 1.9], 50)) == 20  # 10 * 1.9 / (0.6745 * sqrt(2)) = 19.9
    assert peaks._least_height(np.tile([0.0, 4.0], 50)) == pytest.approx(41.93, abs=0.01)
    odd = np.cumsum([0.0, 1.0, 1.0, 4.0, 4.0])  # half of its steps are small: the median is 2.5
    assert peaks._least_height(odd) == pytest.approx(26.21, abs=0.01)


def test_noise_of_a_long_trace_is_known_from_stretches_of_it():
    volts = np.random.default_rng(0).normal(0, 3.0, 4_100_000)
    assert peaks._least_height(volts) == pytest.approx(30.0, rel=0.01)
