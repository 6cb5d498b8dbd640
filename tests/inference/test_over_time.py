"""DICs along a recording: the windows, the signals, gaps, the change points in them, the picture."""

import warnings

import neo
import numpy as np
import pytest
import quantities as pq

from elephant_dic import (
    detect_change_points,
    get_neuron,
    infer_dics,
    infer_dics_over_time,
    plot_dics_over_time,
)
from elephant_dic.inference.over_time import _cut, _in_order, _infer
from elephant_dic.inference.regressor import infer_from_times

pytestmark = pytest.mark.filterwarnings("ignore:.*windows are unlike:UserWarning")
DICS = ["g_f", "g_s", "g_u"]


def train(times, t_stop, t_start=0.0):
    return neo.SpikeTrain(np.asarray(times) * pq.ms, t_start=t_start * pq.ms, t_stop=t_stop * pq.ms)


def regular(rate, start, stop, rng=None):
    """Regular spikes with a jitter of 2 % of the interval."""
    times = np.arange(start + 0.5 * 1000 / rate, stop, 1000 / rate)
    return times if rng is None else times + rng.normal(0, 20 / rate, len(times))


def signal(segment, name):
    (found,) = (s for s in segment.analogsignals if s.name == name)
    return found


@pytest.fixture(scope="module")
def step():
    """20 s at 10 Hz, then 20 s at 15 Hz."""
    rng = np.random.default_rng(1)
    times = np.concatenate([regular(10, 0, 20_000, rng), regular(15, 20_000, 40_000, rng)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return infer_dics_over_time(train(times, 40_000), 2 * pq.s, 500 * pq.ms), times


# Signals


def test_the_signals_are_those_of_neo(step):
    segment, _ = step
    assert isinstance(segment, neo.Segment)
    assert [s.name for s in segment.analogsignals] == [
        *DICS, "g_f_std", "g_s_std", "g_u_std", "domain_score", "n_spikes",
    ]  # fmt: skip
    for s in segment.analogsignals:
        assert s.shape == (77, 1)  # (40 - 2) / 0.5 + 1
        assert s.dimensionality == pq.dimensionless.dimensionality
        assert s.t_start.rescale("s").item() == pytest.approx(1.0)
        assert s.sampling_period.rescale("s").item() == pytest.approx(0.5)
        assert s.times[-1].rescale("s").item() == pytest.approx(39.0)
    assert segment.annotations["window"].rescale("s").item() == pytest.approx(2.0)
    assert (segment.annotations["n_gaps"], segment.annotations["n_few_spikes"]) == (0, 0)


def test_each_sample_is_what_its_window_gives_alone(step):
    segment, times = step
    for k in (0, 31, 76):
        inside = times[(times >= 500 * k) & (times < 500 * k + 2000)]
        estimate = infer_dics(train(inside, 40_000))
        got = [signal(segment, name).magnitude[k, 0] for name in DICS]
        assert got == pytest.approx(estimate.mean, rel=1e-3, abs=1e-3)
        got = [signal(segment, f"{name}_std").magnitude[k, 0] for name in DICS]
        assert got == pytest.approx(estimate.std, rel=1e-3, abs=1e-3)
        assert signal(segment, "n_spikes").magnitude[k, 0] == len(inside)


def test_the_signals_go_into_elephant(step):
    from elephant.signal_processing import zscore

    segment, _ = step
    scored = zscore(signal(segment, "g_u"), inplace=False)
    assert scored.magnitude.std() == pytest.approx(1)
    assert scored.t_start == signal(segment, "g_u").t_start


def test_the_segment_goes_through_nix(step, tmp_path):
    segment, _ = step
    block = neo.Block()
    block.segments.append(segment)
    with neo.io.NixIO(str(tmp_path / "dics.nix"), "ow") as file:
        file.write_block(block)
    with neo.io.NixIO(str(tmp_path / "dics.nix"), "ro") as file:
        (back,) = file.read_block().segments
    assert np.array_equal(signal(back, "g_s").magnitude, signal(segment, "g_s").magnitude)
    assert np.array_equal(detect_change_points(back).times, segment.events[0].times)


def test_time_begins_where_the_recording_does():
    times = regular(10, 100_000, 106_000)
    segment = infer_dics_over_time(train(times, 106_000, t_start=100_000), 2 * pq.s, 1 * pq.s)
    assert signal(segment, "g_s").t_start.rescale("s").item() == pytest.approx(101)
    assert len(signal(segment, "g_s")) == 5
    assert signal(segment, "n_spikes").magnitude[:, 0].tolist() == [20] * 5


def test_windows_with_few_spikes_are_nan_and_counted():
    times = np.concatenate([regular(10, 0, 5000), regular(10, 10_000, 15_000)])
    segment = infer_dics_over_time(train(times, 15_000), 1 * pq.s, 1 * pq.s)
    assert signal(segment, "n_spikes").magnitude[:, 0].tolist() == [10] * 5 + [0] * 5 + [10] * 5
    missing = np.isnan(signal(segment, "g_s").magnitude[:, 0])
    assert missing.tolist() == [False] * 5 + [True] * 5 + [False] * 5
    assert (segment.annotations["n_few_spikes"], segment.annotations["n_gaps"]) == (5, 0)


def test_no_window_goes_over_a_gap_between_sweeps():
    group = neo.Group()
    group.spiketrains.append(train(regular(10, 8000, 12_000), 12_000, t_start=8000))
    group.spiketrains.append(train(regular(10, 0, 4000), 4000))
    segment = infer_dics_over_time(group, 2 * pq.s, 1 * pq.s)
    # windows start at 0 … 10 s; those from 3 to 7 s are not within a sweep
    missing = np.isnan(signal(segment, "g_s").magnitude[:, 0])
    assert missing.tolist() == [False] * 3 + [True] * 5 + [False] * 3
    assert (segment.annotations["n_few_spikes"], segment.annotations["n_gaps"]) == (0, 5)
    assert np.isnan(signal(segment, "n_spikes").magnitude[3:8]).all()


def test_sweeps_that_touch_are_not_joined():
    group = neo.Group()
    group.spiketrains.append(train(regular(10, 0, 3000), 3000))
    group.spiketrains.append(train(regular(10, 3000, 6000), 6000, t_start=3000))
    segment = infer_dics_over_time(group, 2 * pq.s, 1 * pq.s)
    assert np.isnan(signal(segment, "g_s").magnitude[:, 0]).tolist() == [False, False, True, False, False]


@pytest.mark.parametrize(
    ("window", "step", "error", "message"),
    [
        (2, 1 * pq.s, TypeError, "window must be a Quantity"),
        (2 * pq.s, 1, TypeError, "step must be a Quantity"),
        (2 * pq.mV, 1 * pq.s, ValueError, "window.*cannot be converted to ms"),
        (0 * pq.s, 1 * pq.s, ValueError, "window must be a positive time, got 0 ms"),
        (2 * pq.s, -1 * pq.s, ValueError, "step must be a positive time, got -1000 ms"),
        (7 * pq.s, 1 * pq.s, ValueError, r"window \(7000 ms\) is longer than the longest sweep \(6000 ms\)"),
        (0.3 * pq.s, 1 * pq.s, ValueError, "no window of 0.3 s has 5 spikes or more"),
    ],
)
def test_wrong_windows(window, step, error, message):
    with pytest.raises(error, match=message):
        infer_dics_over_time(train(regular(10, 0, 6000), 6000), window, step)


def test_sweeps_that_overlap_are_refused():
    group = neo.Group()
    for _ in range(2):
        group.spiketrains.append(train(regular(10, 0, 6000), 6000))
    with pytest.raises(
        ValueError, match="sweeps overlap in time: one ends at 6000 ms, another starts at 0 ms"
    ):
        infer_dics_over_time(group, 2 * pq.s, 1 * pq.s)


def test_windows_outside_of_the_domain_are_said():
    times = np.cumsum(np.random.default_rng(0).exponential(100, 100))
    with pytest.warns(UserWarning, match=r"\d+ of \d+ windows are unlike any train"):
        infer_dics_over_time(train(times, 20_000), 2 * pq.s, 1 * pq.s)


def test_spikes_detected_twice_are_left_out_with_a_warning():
    times = regular(10, 0, 6000)
    twice = train(np.sort(np.append(times, times[::8] + 0.3)), 6000)
    with pytest.warns(
        UserWarning, match="^8 spikes within 0.5 ms of another, which was detected twice"
    ) as caught:
        segment = infer_dics_over_time(twice, 2 * pq.s, 1 * pq.s)
    assert caught[0].filename == __file__
    once = infer_dics_over_time(train(times, 6000), 2 * pq.s, 1 * pq.s)
    for name in (*DICS, "domain_score", "n_spikes"):
        assert np.array_equal(signal(segment, name).magnitude, signal(once, name).magnitude)
    few = train([100, 100.3, 300, 500, 500.3, 900], 6000)
    with pytest.raises(ValueError, match="^too few spikes: 4 are left without the 2"):
        infer_dics_over_time(few, 2 * pq.s, 1 * pq.s)


def test_a_pause_is_no_end_of_a_sweep():
    """It is no gap here: time goes on in it, and windows with spikes on both sides are used."""
    times = np.concatenate([regular(10, 0, 3000), regular(10, 4000, 7000)])
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*gap of the recording")
        segment = infer_dics_over_time(train(times, 7000), 2 * pq.s, 1 * pq.s)
    assert signal(segment, "n_spikes").magnitude[:, 0].tolist() == [20, 20, 10, 10, 20, 20]
    assert segment.annotations["n_gaps"] == 0


# Windows, by hand


def test_windows_are_cut_within_sweeps():
    sweeps, limits = [np.array([1.0, 9, 10, 19]), np.array([30.0, 35])], np.array([[0.0, 20], [30, 40]])
    starts, pieces = _cut(sweeps, limits, window=10.0, step=5.0)
    assert starts.tolist() == [0, 5, 10, 15, 20, 25, 30]
    expected = [[1, 9], [9, 10], [10, 19], None, None, None, [30, 35]]
    assert [piece if piece is None else piece.tolist() for piece in pieces] == expected
    with pytest.raises(ValueError, match=r"window \(21 ms\) is longer than the longest sweep \(20 ms\)"):
        _cut(sweeps, limits, window=21.0, step=5.0)
    assert len(_cut(sweeps[:1], limits[:1], window=20.0, step=5.0)[1]) == 1


def test_rounding_of_times_costs_no_window():
    middles = 0.05 + 0.1 * np.arange(30)
    limits = np.array([[0.0, 1.0], [1.0, 3.0 - 1e-8]])
    starts, pieces = _cut([middles[:10], middles[10:]], limits, window=1.0, step=1.0 + 1e-10)
    assert len(starts) == 3
    assert [len(piece) for piece in pieces] == [10, 10, 10]


def test_sweeps_that_touch_within_rounding_do_not_overlap():
    group = neo.Group()
    group.spiketrains.append(train(regular(10, 3000, 6000), 6000, t_start=3000 - 1e-8))
    group.spiketrains.append(train(regular(10, 0, 3000), 3000))
    sweeps, limits = _in_order(group)
    assert limits[:, 1].tolist() == [3000, 6000]
    assert [times[0] for times in sweeps] == [50, 3050]


def test_windows_of_exactly_five_spikes_are_used_and_the_number_outside_is_told():
    times = np.r_[
        regular(10, 0, 500), regular(8, 1000, 1500), 100 * np.cumsum([20.5, 0.4, 1.9, 0.05, 0.8, 0.1])
    ]
    pieces = [times[:5], times[5:9], None, times[9:]]
    with pytest.warns(UserWarning, match=r"^1 of 2 windows are unlike any train.*signal domain_score"):
        table = _infer(pieces, get_neuron("stg"), 1 * pq.s)
    assert np.isnan(table[:, 0]).tolist() == [False, True, True, False]
    assert table[[0, 1, 3], 7].tolist() == [5, 4, 6]
    (alone,) = infer_from_times([[times[:5]]], get_neuron("stg"))
    assert table[0, :7] == pytest.approx([*alone.mean, *alone.std, alone.domain_score], rel=1e-3, abs=1e-3)


# Change points


def test_a_step_is_found_once_where_it_is(step):
    segment, _ = step
    (event,) = segment.events
    assert event.name == "change points"
    assert len(event) == 1
    assert event.times[0].rescale("s").item() == pytest.approx(20, abs=0.5)
    assert event.array_annotations["p_value"][0] <= 0.05
    before, after = (
        np.median(signal(segment, "g_s").magnitude[part]) for part in (slice(0, 36), slice(40, None))
    )
    assert event.array_annotations["shift_g_s"][0] == pytest.approx(after - before, abs=0.5)


def test_the_result_is_the_same_each_time(step):
    segment, _ = step
    again = detect_change_points(segment)
    assert again.times.tolist() == segment.events[0].times.tolist()
    assert (
        again.array_annotations["p_value"].tolist() == segment.events[0].array_annotations["p_value"].tolist()
    )


def test_wrong_segments_and_rates(step):
    with pytest.raises(TypeError, match=r"segment must be a neo.Segment, got list"):
        detect_change_points([])
    with pytest.raises(ValueError, match="holds no DICs over time"):
        detect_change_points(neo.Segment())
    with pytest.raises(ValueError, match=r"false_alarm_rate must be from 0.001 to 0.5, got 5"):
        detect_change_points(step[0], 5)


# The picture


@pytest.fixture
def figure():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


def test_the_picture_shows_dics_changes_and_events(step, figure):
    segment, _ = step
    drug = neo.Event([20.0] * pq.s, labels=np.array(["dopamine on"]))
    wash = neo.Epoch([30.0] * pq.s, durations=[5.0] * pq.s, labels=np.array(["wash"]))
    axes = plot_dics_over_time(segment, [drug, wash])
    assert [panel.get_ylabel()[:17] for panel in axes] == ["Effective $g_\\mat"] * 3
    assert {text.get_text() for text in axes[0].texts} == {"dopamine on", "wash"}
    vertical = [
        line for line in axes[1].lines if len(set(line.get_xdata())) == 1 and len(line.get_xdata()) == 2
    ]
    at = sorted(line.get_xdata()[0] for line in vertical)
    assert at == pytest.approx(sorted([20.0, segment.events[0].times[0].rescale("s").item()]))
    axes[0].figure.canvas.draw()


def test_events_of_a_whole_segment_are_drawn(step, figure):
    happened = neo.Segment()
    happened.events.append(neo.Event([10.0] * pq.s, labels=np.array(["on"])))
    happened.epochs.append(neo.Epoch([12.0] * pq.s, durations=[1.0] * pq.s, labels=np.array(["light"])))
    axes = plot_dics_over_time(step[0], happened)
    assert {text.get_text() for text in axes[0].texts} == {"on", "light"}


def test_wrong_pictures(step, figure):
    with pytest.raises(TypeError, match=r"events must be neo.Event or neo.Epoch, got str"):
        plot_dics_over_time(step[0], ["dopamine"])
    with pytest.raises(ValueError, match="axes must be 3, got 1"):
        plot_dics_over_time(step[0], axes=[figure.figure().add_subplot()])
    with pytest.raises(ValueError, match="holds no DICs over time"):
        plot_dics_over_time(neo.Segment())


def test_a_step_that_makes_too_many_windows_is_refused():
    train = neo.SpikeTrain(np.arange(0.05, 3600, 1 / 8), units="s", t_stop=3600)
    with pytest.raises(
        ValueError, match=r"step \(1e-06 ms\) makes 3.59e\+12 windows .* more than 1,000,000: take"
    ):
        infer_dics_over_time(train, 10 * pq.s, 1e-6 * pq.ms)
