"""Bursts of recorded trains, as a neo.Epoch."""

from statistics import NormalDist

import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given
from hypothesis import strategies as st
from support.real_recordings import real

from elephant_dic import detect_bursts, read_spiketrains
from elephant_dic.trains import log_density
from elephant_dic.trains.burst_detection import valley_threshold


def train(times, t_stop=None):
    times = np.asarray(times, dtype=float)
    return neo.SpikeTrain(times * pq.ms, t_stop=(times[-1] + 1 if t_stop is None else t_stop) * pq.ms)


def bursty(n_bursts=6, n_spikes=5, isi=10.0, period=1000.0, start=0.0):
    return (start + period * np.arange(n_bursts)[:, None] + isi * np.arange(n_spikes)).ravel()


# The threshold


def test_the_threshold_is_the_geometric_middle_of_the_two_kinds():
    assert valley_threshold(np.array([10, 10, 10, 10, 1000, 10, 10, 1000.0])) == pytest.approx(100)


@pytest.mark.parametrize(
    "isis",
    [
        np.full(50, 80.0),
        [80.0] * 40 + [160.0] * 8,  # a tenth of a regular train's spikes missed
        [80.0] * 40 + [2000.0],  # one pause
        [0.5] + [80.0] * 40,  # one double detection
        [80.0, 20.0],
        np.linspace(50, 400, 60),
    ],
)
def test_intervals_of_one_kind_have_no_threshold(isis):
    assert valley_threshold(np.array(isis)) is None


@pytest.mark.parametrize("shape", [1, 2, 4])
def test_irregular_trains_are_not_cut_into_bursts(shape):
    rng = np.random.default_rng(1)
    found = [valley_threshold(rng.gamma(shape, 100 / shape, 1000)) for _ in range(40)]
    assert sum(threshold is not None for threshold in found) <= 2


def test_intervals_shorter_than_a_spike_make_no_kind_of_their_own():
    isis = np.tile([10.0, 10, 10, 10, 0.01, 10, 10, 10, 10, 1000], 10)
    assert valley_threshold(isis) == pytest.approx(100)


def test_the_valley_with_the_larger_contrast_is_taken_of_two():
    isis = np.tile([5.0, 5, 20, 20, 2000], 20)
    assert valley_threshold(isis) == pytest.approx(np.sqrt(20 * 2000))


@given(st.integers(2, 8), st.floats(2, 500), st.floats(8, 100))
def test_the_threshold_has_no_time_scale_of_its_own(n_spikes, isi, ratio):
    isis = np.diff(bursty(8, n_spikes, isi, isi * (n_spikes - 1 + ratio)))
    assert valley_threshold(isis) == pytest.approx(isi * np.sqrt(ratio))


# The epoch


def test_bursts_by_hand():
    epoch = detect_bursts(train(bursty(start=500), t_stop=6500))
    assert isinstance(epoch, neo.Epoch)
    assert epoch.name == "bursts"
    assert epoch.times.rescale("ms").magnitude == pytest.approx(500 + 1000 * np.arange(6))
    assert epoch.durations.rescale("ms").magnitude == pytest.approx(np.full(6, 40))
    assert epoch.array_annotations["t_end"].rescale("ms").magnitude == pytest.approx(
        540 + 1000 * np.arange(6)
    )
    assert epoch.array_annotations["n_spikes"].tolist() == [5] * 6
    assert epoch.array_annotations["complete"].all()
    assert epoch.annotations["threshold"].rescale("ms").item() == pytest.approx(np.sqrt(10 * 960))


def test_bursts_that_the_edges_may_cut_are_marked():
    epoch = detect_bursts(train(bursty(start=20), t_stop=5100))
    assert epoch.array_annotations["complete"].tolist() == [False, True, True, True, True, False]


def test_times_keep_the_unit_of_the_train():
    epoch = detect_bursts(neo.SpikeTrain(bursty() / 1000 * pq.s, t_stop=6 * pq.s))
    assert epoch.times.dimensionality.string == epoch.durations.dimensionality.string == "s"
    assert epoch.times[1].item() == pytest.approx(1.0)


def test_min_spikes_leaves_out_short_bursts():
    times = np.concatenate([bursty(4), 4000 + bursty(4, n_spikes=2)])
    assert len(detect_bursts(train(times))) == 8
    assert detect_bursts(train(times), min_spikes=3).array_annotations["n_spikes"].tolist() == [5] * 4


def test_a_given_threshold_is_used():
    times = np.arange(20) * 100.0 + np.tile([0, 0, 0, 10], 5)  # intervals of 90 to 110
    epoch = detect_bursts(train(times), threshold=0.105 * pq.s)
    assert epoch.array_annotations["n_spikes"].tolist() == [3, 4, 4, 4, 4]  # the last spike is alone


def test_no_burst_spans_two_sweeps():
    group = neo.Group()
    for _ in range(2):
        group.spiketrains.append(train(bursty(3), t_stop=2100))
    epoch = detect_bursts(group)
    assert epoch.array_annotations["sweep"].tolist() == [0, 0, 0, 1, 1, 1]
    assert epoch.array_annotations["n_spikes"].tolist() == [5] * 6


@pytest.mark.parametrize("times", [[], [5.0], np.arange(1, 40) * 80.0])
def test_cells_without_bursts_give_an_empty_epoch(times):
    epoch = detect_bursts(train(times, t_stop=4000))
    assert len(epoch) == 0
    assert np.isnan(epoch.annotations["threshold"])
    assert epoch.array_annotations["n_spikes"].dtype.kind == "i"


def test_the_epoch_goes_through_nix(tmp_path):
    block = neo.Block(name="b")
    block.segments.append(neo.Segment())
    epoch = detect_bursts(train(bursty()))
    block.segments[0].epochs.append(epoch)
    with neo.io.NixIO(str(tmp_path / "bursts.nix"), "ow") as file:
        file.write_block(block)
    with neo.io.NixIO(str(tmp_path / "bursts.nix"), "ro") as file:
        (back,) = file.read_block().segments[0].epochs
    assert np.array_equal(back.times, epoch.times)
    assert np.array_equal(back.array_annotations["n_spikes"], epoch.array_annotations["n_spikes"])
    assert back.annotations["threshold"] == epoch.annotations["threshold"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"min_spikes": 1}, ValueError, "min_spikes must be an int of 2 or more, got 1"),
        ({"min_spikes": 10**400}, ValueError, "min_spikes must be at most 1,000,000,000, got 10000"),
        ({"min_spikes": 2.5}, ValueError, "got 2.5"),
        ({"threshold": 100}, TypeError, "threshold must be a Quantity"),
        ({"threshold": 0 * pq.ms}, ValueError, "threshold must be a positive time, got 0"),
        ({"threshold": 1 * pq.mV}, ValueError, "cannot be converted to ms"),
    ],
)
def test_wrong_options(options, error, message):
    with pytest.raises(error, match=message):
        detect_bursts(train(bursty()), **options)


def test_wrong_trains():
    with pytest.raises(TypeError, match=r"must be a neo.SpikeTrain"):
        detect_bursts(bursty())
    with pytest.raises(ValueError, match="not sorted"):
        detect_bursts(train([5, 4, 6, 7, 8, 9]))


# Real trains


@pytest.mark.parametrize(("name", "n_bursts"), [("MU2", 4), ("MU1", 3)])
def test_respiratory_bursts_of_real_motor_units(name, n_bursts):
    (cell,) = (cell for cell in read_spiketrains(real("spike2py_motor_units.smr")) if cell.name == name)
    assert len(detect_bursts(cell)) == n_bursts


@pytest.mark.parametrize(("name", "n_bursts"), [("04.Regular_Slow_Burst", 20), ("08.Regular_Simple", 0)])
def test_bursts_of_real_spinal_units(name, n_bursts):
    h5py = pytest.importorskip("h5py")
    with h5py.File(real(f"spinal_{name}.mat")) as file:
        (times,) = (group["times"][0] for group in file.values() if "times" in group)
    assert len(detect_bursts(train(1000 * times))) == n_bursts


# The limits of the rule


def grouped(*parts):
    """Intervals of so many at each length."""
    return np.concatenate([np.full(n, isi, dtype=float) for n, isi in parts])


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        (((5, 5), (95, 500)), True),  # a twentieth of the intervals within bursts
        (((4, 5), (96, 500)), False),
        (((98, 5), (2, 500)), True),  # two between bursts, if that is half a percent
        (((99, 5), (1, 500)), False),
        (((995, 5), (5, 500)), True),
        (((996, 5), (4, 500)), False),
        (((2, 5), (1, 500)), False),
        (((1, 5), (2, 500)), True),
    ],
)
def test_the_least_shares_of_intervals(parts, found):
    threshold = valley_threshold(grouped(*parts))
    assert threshold == (pytest.approx(50) if found else None)


def two_kinds(ratio):
    """Log-normal intervals around 10 ms and around `ratio` times that."""
    places = NormalDist().inv_cdf
    logs = 0.15 * np.array([places((i + 0.5) / 200) for i in range(200)])
    return 10 * np.concatenate([10**logs, ratio * 10**logs])


def depth(isis):
    """The void parameter of the valley between two peaks of the density, by its definition."""
    grid, density = log_density(np.sort(np.log10(isis)))
    middle = np.log10(isis).mean()
    valley = density[np.abs(grid - middle).argmin()]
    return 1 - valley / np.sqrt(density[grid < middle].max() * density[grid > middle].max())


def test_a_valley_is_to_be_deep():
    shallow, deep = two_kinds(4.9), two_kinds(5.5)
    assert 0.66 < depth(shallow) < 0.7 < depth(deep) < 0.76
    assert valley_threshold(shallow) is None
    assert valley_threshold(deep) == pytest.approx(10 * np.sqrt(5.5), rel=0.01)
    assert valley_threshold(shallow, void=0.65) == pytest.approx(10 * np.sqrt(4.9), rel=0.01)


def test_a_valley_of_exactly_the_depth_counts():
    isis = two_kinds(6)
    depths = np.linspace(0.5, 0.99, 400)
    accepted = [valley_threshold(isis, void) is not None for void in depths]
    assert depths[np.argmin(accepted)] == pytest.approx(depth(isis), abs=0.002)
    none_between = grouped((20, 5), (20, 5000))
    assert valley_threshold(none_between, void=1.0) == pytest.approx(np.sqrt(5 * 5000))


def test_the_density_of_one_number_is_a_gaussian():
    grid, density = log_density(np.array([2.0]))
    assert np.diff(grid) == pytest.approx(0.02)
    assert grid[0] == pytest.approx(1.51, abs=0.011)
    assert grid[-1] == pytest.approx(2.49, abs=0.03)
    peak = grid[density.argmax()]
    assert peak == pytest.approx(2, abs=0.02)
    assert density.sum() == pytest.approx(1, abs=1e-3)  # one, not normalised by the spacing
    assert density / density.max() == pytest.approx(np.exp(-(((grid - peak) / 0.1) ** 2) / 2), abs=1e-3)


def test_width_and_spacing_of_the_density():
    grid, density = log_density(np.array([0.0, 3.0, 3.0]), bandwidth=0.04, spacing=0.01)
    assert np.diff(grid) == pytest.approx(0.01)
    assert grid[0] == pytest.approx(-0.195)
    assert (density[grid > 1.5].sum(), density.sum()) == pytest.approx((2, 3), abs=1e-3)
    shape = density[grid > 1.5] / density.max()
    assert (shape > np.exp(-0.5)).sum() == pytest.approx(2 * 0.04 / 0.01, abs=1)


def test_short_intervals_count_as_one_millisecond():
    assert valley_threshold(grouped((20, 0.2), (20, 100))) == pytest.approx(10)
    assert valley_threshold(grouped((20, 0.2), (20, 2))) is None  # as 1 and 2 ms


def test_three_intervals_may_be_of_two_kinds_but_two_not():
    assert valley_threshold(np.array([5.0, 500, 500])) == pytest.approx(50)
    assert valley_threshold(np.array([5.0, 500])) is None


# The epoch, at its limits


def test_a_burst_as_far_from_the_edge_as_a_pause_may_be_cut():
    times = [30.0, 35, 40, 90, 95, 100]
    for start, stop, complete in (
        (10, 120, [False, False]),
        (9.9, 120, [True, False]),
        (10, 120.1, [False, True]),
        (0, 200, [True, True]),
    ):
        cell = neo.SpikeTrain(times * pq.ms, t_start=start * pq.ms, t_stop=stop * pq.ms)
        epoch = detect_bursts(cell, threshold=20 * pq.ms)
        assert epoch.array_annotations["complete"].tolist() == complete


def test_edges_are_those_of_each_sweep():
    group = neo.Group()
    for start, stop in ((0, 300), (95, 3000)):
        group.spiketrains.append(
            neo.SpikeTrain([100.0, 105, 200, 205] * pq.ms, t_start=start * pq.ms, t_stop=stop * pq.ms)
        )
    epoch = detect_bursts(group, threshold=50 * pq.ms)
    assert epoch.array_annotations["complete"].tolist() == [True, True, False, True]
    assert epoch.array_annotations["sweep"].tolist() == [0, 0, 1, 1]


def test_an_interval_of_exactly_the_threshold_is_within_a_burst():
    epoch = detect_bursts(train([10, 20, 40, 61, 71, 81]), threshold=20 * pq.ms)
    assert epoch.array_annotations["n_spikes"].tolist() == [3, 3]
    assert epoch.annotations["threshold"] == 20 * pq.ms
    assert epoch.annotations["min_spikes"] == 2
    assert set(epoch.labels) == {"burst"}


def test_any_positive_threshold_is_one():
    cell = train([10.0, 10.25, 20, 20.25, 30])
    assert detect_bursts(cell, threshold=0.5 * pq.ms).array_annotations["n_spikes"].tolist() == [2, 2]
    with pytest.raises(ValueError, match="threshold must be a positive time, got -1"):
        detect_bursts(cell, threshold=-1 * pq.ms)


def test_cells_of_fewer_than_five_spikes_have_no_bursts():
    times = [10.0, 20, 200, 210, 400]
    assert len(detect_bursts(train(times), threshold=50 * pq.ms)) == 2
    assert len(detect_bursts(train(times[:4]), threshold=50 * pq.ms)) == 0
    assert detect_bursts(train(times[:4]), threshold=50 * pq.ms).annotations["threshold"] == 50 * pq.ms


def test_silent_sweeps_among_others():
    group = neo.Group()
    group.spiketrains.extend([train([], 100), train(bursty(3)), train([7.0])])
    assert detect_bursts(group).array_annotations["sweep"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("wrong", [True, 1, 0, -3, "2", None, 2.0])
def test_min_spikes_has_to_be_an_int_above_one(wrong):
    with pytest.raises(ValueError, match=f"min_spikes must be an int of 2 or more, got {wrong!r}"):
        detect_bursts(train(bursty()), min_spikes=wrong)
    assert len(detect_bursts(train(bursty()), min_spikes=np.int64(5))) == 6
