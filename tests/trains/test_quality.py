"""Whether a unit is clean: each reason, the drift and the pauses by hand."""

import neo
import numpy as np
import pytest
import quantities as pq
from support.units import contaminated, tonic, train

from elephant_dic import assess_quality
from elephant_dic.trains import Stimulus, annotate_stimulus, may_be_impure

REGULAR = 50 + 100.0 * np.arange(600)  # in a minute


# Reasons


def test_a_regular_train_is_good():
    quality = assess_quality(train(tonic(), 60_000))
    assert (quality.verdict, quality.reasons) == ("good", ())
    assert (quality.n_doublets, quality.n_violations, quality.contamination) == (0, 0, 0.0)
    assert np.isnan(quality.missing)
    assert abs(quality.rate_drift) < 0.05
    assert (quality.n_pauses, quality.pause_share) == (0, 0.0)


def test_intervals_are_counted_by_their_length():
    times = tonic()
    more = times[[10, 100, 200, 300, 400]] + [0.2, 0.4, 0.6, 1.4, 1.6]
    quality = assess_quality(train(np.sort(np.concatenate([times, more])), 60_000))
    assert (quality.n_doublets, quality.n_violations) == (2, 2)
    assert quality.n_spikes == len(times) + 5


def test_spikes_detected_twice():
    times = tonic()
    quality = assess_quality(train(np.sort(np.concatenate([times, times[::50] + 0.3])), 60_000))
    assert quality.n_doublets == len(times[::50])
    assert quality.verdict == "doubtful"
    assert quality.reasons == ("1.96 % of the spikes are detected twice",)
    assert quality.contamination == 0
    every = assess_quality(train(np.sort(np.concatenate([times, times + 0.3])), 60_000))
    assert every.verdict == "bad"


def test_spikes_at_the_very_same_time_are_doublets():
    times = tonic()
    quality = assess_quality(train(np.sort(np.concatenate([times, times[:30]])), 60_000))
    assert quality.n_doublets == 30


def test_other_cells_spikes_are_no_doublets():
    quality = assess_quality(train(contaminated(tonic(40), 0.3), 60_000))
    assert quality.n_doublets > 5
    assert not any("twice" in reason for reason in quality.reasons)


def test_contamination_is_a_reason():
    quality = assess_quality(train(contaminated(tonic(40), 0.3), 60_000))
    assert quality.verdict == "bad"
    assert "contamination" in quality.reasons[0]
    assert quality.contamination == pytest.approx(0.3, abs=0.08)
    low, high = quality.contamination_limits
    assert low < 0.3 < high


def test_few_spikes_and_disorder():
    assert assess_quality(train([], 1000)).reasons == ("only 0 spikes",)
    assert assess_quality(train([1, 2, 30], 1000)).verdict == "doubtful"
    disordered = assess_quality(train([100, 300, 200, 400, 500, 600], 1000))
    assert (disordered.verdict, disordered.reasons) == ("bad", ("1 spike times are not in order",))


def test_drift_of_the_rate():
    fast, slow = tonic(20, 30_000), 30_000 + tonic(10, 30_000)
    quality = assess_quality(train(np.concatenate([fast, slow]), 60_000))
    # a straight line through a step falls by 1.5 times the step (a little more for 10 windows)
    assert quality.rate_drift == pytest.approx(-10 / 15 * 1.5, abs=0.03)
    assert quality.verdict == "doubtful"
    assert quality.reasons[0].startswith("the rate changes by -1")


def test_a_poisson_train_does_not_drift():
    rng = np.random.default_rng(3)
    drifts = [
        any("the rate changes" in reason for reason in assess_quality(train(times, 60_000)).reasons)
        for times in (np.sort(rng.uniform(0, 60_000, 300)) for _ in range(100))
    ]
    assert sum(drifts) <= 2


def test_a_cell_that_is_lost_pauses():
    quality = assess_quality(train(tonic(10, 40_000), 60_000))
    assert quality.n_pauses == 1
    assert quality.pause_share == pytest.approx(1 / 3, abs=0.01)
    assert "1 pauses take 33 % of the time" in quality.reasons


def test_intervals_between_bursts_are_no_pauses():
    onsets = np.arange(500.0, 59_000, 1000)
    times = (onsets[:, None] + 10 * np.arange(30)).ravel()  # of 30 intervals, one is long
    assert assess_quality(train(times, 60_000)).n_pauses == 0


def test_sweeps_are_judged_together():
    group = neo.Group()
    for k in range(3):
        group.spiketrains.append(
            neo.SpikeTrain(
                (100_000 * k + tonic(10, 20_000)) * pq.ms,
                t_start=100_000 * k * pq.ms,
                t_stop=(100_000 * k + 20_000) * pq.ms,
            )
        )
    quality = assess_quality(group)
    assert quality.verdict == "good"
    assert quality.n_spikes == 3 * len(tonic(10, 20_000))


def test_wrong_input():
    with pytest.raises(TypeError, match=r"must be a neo.SpikeTrain"):
        assess_quality([1, 2, 3])
    with pytest.raises(ValueError, match="spike times are not finite"):
        assess_quality(train([1, np.nan, 3], 1000))


# Drift


def rates(counts, length=6000.0):
    """A train with so many spikes in each of some windows of a length, evenly spaced."""
    parts = [length * i + length * (np.arange(n) + 0.5) / n for i, n in enumerate(counts)]
    return train(np.concatenate(parts), length * len(counts))


def test_a_rate_along_a_straight_line():
    quality = assess_quality(rates([55, 57, 59, 61, 63, 65, 67, 69, 71, 73]))  # mean 64, 20 in all windows
    assert quality.rate_drift == pytest.approx(20 / 64)
    assert quality.verdict == "good"


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (2, None),
        (2.99, None),
        (3.01, "the rate changes by +50 % from start to end"),
        (-4, "the rate changes by -67 % from start to end"),
    ],
)
def test_a_change_of_more_than_half_of_the_rate_is_a_reason(step, reason):
    counts = np.round(6000 + 100 * step * (np.arange(10) - 4.5)).astype(int)
    quality = assess_quality(rates(counts, 1e6))
    assert quality.rate_drift == pytest.approx(step / 6, abs=1e-3)
    assert quality.reasons == (() if reason is None else (reason,))


def test_a_change_within_three_standard_errors_is_none():
    """By least squares: the counts scatter about the line of their change."""
    for scatter, told in ((3.0, True), (30.0, False)):
        counts = np.round(60 + 5 * (np.arange(10) - 4.5) + scatter * np.tile([1, -1], 5)).astype(int)
        index = np.arange(10) - 4.5
        slope, offset = np.polyfit(index, counts, 1)
        error = np.sqrt(((counts - slope * index - offset) ** 2).sum() / 8 / (index**2).sum())
        assert (abs(slope) > 3 * error) == told
        quality = assess_quality(rates(counts))
        assert quality.rate_drift == pytest.approx(10 * slope / counts.mean())
        assert abs(quality.rate_drift) > 0.5
        assert any("the rate changes" in reason for reason in quality.reasons) == told


def test_too_few_spikes_for_a_drift():
    assert np.isnan(assess_quality(train(100.0 * np.arange(1, 50), 5000)).rate_drift)
    assert np.isfinite(assess_quality(train(100.0 * np.arange(1, 51), 5100)).rate_drift)


def swept(*sweeps):
    """A group of sweeps: start, stop (ms) and number of spikes."""
    group = neo.Group()
    for start, stop, n in sweeps:
        times = start + (stop - start) * (np.arange(n) + 0.5) / n
        group.spiketrains.append(neo.SpikeTrain(times * pq.ms, t_start=start * pq.ms, t_stop=stop * pq.ms))
    return group


def test_the_drift_over_sweeps_is_that_from_the_first_to_the_last():
    """Windows of 2 s; 40 Hz in the first of three sweeps, then 50, then 60, with gaps of 10 s."""
    quality = assess_quality(swept((0, 6000, 240), (16_000, 22_000, 300), (32_000, 38_000, 360)))
    centers = np.add.outer([0, 16, 32], [1, 3, 5]).ravel()
    slope = np.polyfit(centers, np.repeat([40, 50, 60], 3), 1)[0]
    assert quality.rate_drift == pytest.approx(slope * 38 / 50)


def test_two_sweeps_have_windows_by_their_length():
    quality = assess_quality(swept((0, 8000, 400), (8000, 10_000, 50)))  # eight of 50 Hz, two of 25
    slope = np.polyfit(np.arange(10), [50.0] * 8 + [25.0] * 2, 1)[0]
    assert quality.rate_drift == pytest.approx(10 * slope / 45)


def test_no_drift_without_a_time():
    cell = neo.SpikeTrain(np.full(60, 5.0) * pq.ms, t_start=5 * pq.ms, t_stop=5 * pq.ms)
    quality = assess_quality(cell)
    assert np.isnan(quality.rate_drift)
    assert (quality.n_pauses, quality.pause_share) == (0, 0.0)


# Pauses


@pytest.mark.parametrize(("pause", "n"), [(500.0, 0), (501.0, 1), (6100.0, 1)])
def test_a_pause_is_five_times_what_is_usual(pause, n):
    times = np.append(100.0 * np.arange(1, 201), 20_000 + pause + 100.0 * np.arange(200))
    quality = assess_quality(train(times, times[-1] + 100))
    assert quality.n_pauses == n
    assert quality.pause_share == pytest.approx(n * pause / (times[-1] + 100))
    share = quality.pause_share
    assert quality.reasons == ((f"1 pauses take {100 * share:.0f} % of the time",) if share > 0.1 else ())


def test_silence_at_both_ends_is_a_pause():
    quality = assess_quality(train(2000 + 100.0 * np.arange(100), 12_500))
    assert quality.n_pauses == 2
    assert quality.pause_share == pytest.approx((2000 + 600) / 12_500)
    assert quality.reasons[-1] == "2 pauses take 21 % of the time"


def test_pauses_of_a_tenth_are_no_reason():
    times = np.append(100.0 * np.arange(1, 46), 4500 + 1000 + 100.0 * np.arange(46))
    quality = assess_quality(train(times, 10_000))
    assert (quality.n_pauses, quality.pause_share) == (1, 0.1)
    assert quality.verdict == "good"


def test_what_is_usual_is_the_long_end_of_the_intervals():
    """95 % of the intervals are at most 200 ms: 1001 ms are a pause, 999 are not."""
    for last, n in ((999.0, 0), (1001.0, 1)):
        isis = [100.0] * 80 + [200.0] * 19 + [last]
        times = 50 + np.concatenate([[0], np.cumsum(isis)])
        assert assess_quality(train(times, times[-1] + 50)).n_pauses == n


def test_what_is_usual_between_bursts_is_their_median_pause():
    """Pauses of 400 ms: 2000 ms are five times that."""
    for longest, n in ((1990.0, 0), (2010.0, 1)):
        isis = ([10.0] * 4 + [400.0]) * 20 + [10.0] * 4 + [longest] + ([10.0] * 4 + [400.0]) * 5
        times = 50 + np.concatenate([[0], np.cumsum(isis)])
        assert assess_quality(train(times, times[-1] + 50)).n_pauses == n


def test_no_pauses_of_fewer_than_five_intervals():
    assert assess_quality(train([10, 20, 30, 40, 50], 10_000)).n_pauses == 0  # four intervals
    assert assess_quality(train([10, 20, 30, 40, 50, 60], 10_000)).n_pauses == 1


# Whether it is worth looking


@pytest.mark.parametrize(("shortest", "impure"), [(1.5, False), (1.49, True), (0.2, True)])
def test_a_unit_may_be_impure_if_an_interval_is_too_short(shortest, impure):
    sweeps = [np.array([]), np.array([1.0]), np.array([10.0, 20, 30]), np.array([0, shortest, 50])]
    assert may_be_impure(train([1.0], 10), sweeps) == impure


def test_a_unit_may_be_impure_if_it_has_amplitudes():
    sweeps = [np.array([])]
    assert not may_be_impure(train([1.0, 3], 10), sweeps)
    assert may_be_impure(train([1.0, 3], 10, array_annotations={"amplitude": [1, 2]}), sweeps)
    assert may_be_impure(train([1.0, 3], 10, waveforms=np.ones((2, 1, 3)) * pq.uV), sweeps)
    assert not may_be_impure(train([1.0, 3], 10, array_annotations={"size": [1, 2]}), sweeps)


# Reasons together


def test_reasons_come_together_and_the_worst_counts():
    times = np.concatenate([REGULAR[:300], REGULAR[10:50] + 0.25, REGULAR[100:140] + 1.0])  # one step back
    quality = assess_quality(train(times, 60_000))
    assert quality.verdict == "bad"
    assert quality.reasons[0] == "1 spike times are not in order"
    assert [reason.split(" % ")[1][:12] for reason in quality.reasons[1:3]] == [
        "of the spike",
        "contaminatio",
    ]
    assert quality.reasons[3].startswith("the rate changes by -")
    assert quality.reasons[4] == "1 pauses take 50 % of the time"


def test_four_spikes_are_few_and_five_are_not():
    assert assess_quality(train(np.arange(1, 5) * 100.0, 500)).reasons == ("only 4 spikes",)
    assert assess_quality(train(np.arange(1, 6) * 100.0, 600)).reasons == ()


@pytest.mark.parametrize("t_stop", [np.inf, 1e306])
def test_limits_that_are_no_times_are_refused(t_stop):
    endless = neo.SpikeTrain([0.1, 0.2, 0.3], units="s", t_stop=t_stop)
    with pytest.raises(ValueError, match="no finite times in ms: correct t_start and t_stop"):
        assess_quality(endless)


def test_under_current_steps_the_rate_and_its_pauses_are_those_of_the_current():
    group = neo.Group()
    for number, n in enumerate((0, 2, 5, 10, 20)):
        times = np.linspace(210, 690, n) * pq.ms
        sweep = neo.SpikeTrain(times, t_stop=1000 * pq.ms)
        group.spiketrains.append(annotate_stimulus(sweep, Stimulus.steps(0, (200, 700, 50.0 * number))))
    assert assess_quality(group).verdict == "good"
    for sweep in group.spiketrains:
        sweep.annotations.clear()
    found = assess_quality(group)
    assert found.verdict == "doubtful"
    assert "pauses take" in " ".join(found.reasons)
