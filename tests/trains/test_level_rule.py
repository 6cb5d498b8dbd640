"""The rule by which models are judged under current steps: what is compared, how near, and what it says."""

import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given
from hypothesis import strategies as st

from elephant_dic.trains import (
    LevelComparison,
    Response,
    Stimulus,
    annotate_stimulus,
    check_figures,
    protocol_of,
    recorded_response,
    simulated_response,
)


def sweep(level, times=(), holding=0.0, stop=700.0):
    train = neo.SpikeTrain(np.array(times, dtype=float) * pq.ms, t_stop=900 * pq.ms)
    return annotate_stimulus(train, Stimulus.steps(holding, (200.0, stop, level)))


def spikes(n, start=200.0, stop=700.0):
    return np.linspace(start, stop, n + 2)[1:-1]


def compared(counts, rest=(), **options):
    """The comparison with a recording of these counts at steps of 100, 200 pA …"""
    trains = [sweep(100.0 * (k + 1), np.append(rest, spikes(n))) for k, n in enumerate(counts)]
    protocol = protocol_of(trains)
    return LevelComparison(protocol, recorded_response(protocol, trains), **options)


def models(comparison, *counts, **fields):
    """Models with these counts (Hz at rest first)."""
    shape = (len(counts), len(comparison.protocol.levels))
    values = {
        "counts": np.array(counts, dtype=float),
        "latencies": np.full(shape, np.nan),
        "adaptations": np.full(shape, np.nan),
        "spreads": np.zeros(shape),
        "membrane": np.full((len(counts), 3), np.nan),
    }
    return Response(**values | {name: np.array(value, dtype=float) for name, value in fields.items()})


# Counts and rest


def test_one_spike_or_a_fifth_is_the_same():
    comparison = compared([2, 10, 30])
    assert comparison.allowed == pytest.approx([1, 1, 2, 6])
    assert compared([2, 10, 30], tolerance=0.2).allowed == pytest.approx([1, 1, 4, 12])


def test_the_spread_of_the_recording_is_the_floor():
    """Counts 4, 10 and 16 have a standard deviation of 6."""
    trains = [sweep(100.0, spikes(n)) for n in (4, 10, 16)]
    protocol = protocol_of(trains)
    assert LevelComparison(protocol, recorded_response(protocol, trains)).allowed == pytest.approx([1, 6])


def test_one_hertz_or_a_fifth_at_rest():
    """Eight spikes in 0.8 s of rest are 10 Hz; one there are 1.25 Hz, and in 1.6 s less than 1 Hz."""
    assert compared([3, 3], rest=[50, 60, 750, 800]).allowed[0] == pytest.approx(2)
    assert compared([3, 3], rest=[50]).allowed[0] == pytest.approx(1.25)
    assert compared([3, 3, 3, 3], rest=[50]).allowed[0] == 1


def test_deviations_are_one_where_it_is_just_allowed():
    comparison = compared([2, 10, 30])
    found = comparison.deviations(models(comparison, [1, 1, 12, 24], [0, 2, 10, 30], [0, 4, 13, 30]))
    assert found == pytest.approx(np.array([[1, 1, 1, 1], [0, 0, 0, 0], [0, 2, 1.5, 0]]))
    assert comparison.items == [("count", 0), ("count", 1), ("count", 2), ("count", 3)]


# Block


def test_levels_beyond_the_highest_count_are_compared_when_asked():
    comparison = compared([5, 20, 14, 2])
    assert comparison.blocked.tolist() == [False, False, False, True, True]
    assert comparison.compared.tolist() == [True, True, True, False, False]
    found = comparison.deviations(models(comparison, [0, 5, 20, 900, 900]))
    assert found.shape == (1, 3)
    assert found.max() == 0
    asked = compared([5, 20, 14, 2], beyond_block=True)
    assert asked.compared.all()
    assert asked.deviations(models(asked, [0, 5, 20, 900, 900])).max() > 100


def test_what_is_as_good_as_the_highest_is_no_block():
    assert not compared([5, 20, 17, 16]).blocked.any()


def test_below_the_highest_count_is_no_block():
    assert not compared([5, 1, 20]).blocked.any()


def test_a_short_pulse_of_a_high_current_is_no_block():
    """Levels of other lengths are not compared with each other."""
    trains = [sweep(100.0, spikes(20)), sweep(500.0, spikes(2, 200, 240), stop=240.0)]
    protocol = protocol_of(trains)
    assert not LevelComparison(protocol, recorded_response(protocol, trains)).blocked.any()


def test_without_steps_there_is_no_block():
    train = annotate_stimulus(
        neo.SpikeTrain([300.0] * pq.ms, t_stop=900 * pq.ms), Stimulus([0, 900], [0, 99])
    )
    protocol = protocol_of([train])
    comparison = LevelComparison(protocol, recorded_response(protocol, [train]))
    assert comparison.blocked.tolist() == [False]
    assert comparison.compared.tolist() == [True]


# Further figures


def test_latencies():
    """15 of 50 ms are within 40 %, at 10 ms within 10 ms; where the recording has none, none is compared."""
    trains = [sweep(-50.0), sweep(100.0, [250.0]), sweep(200.0, [210.0, 300.0])]
    protocol = protocol_of(trains)
    comparison = LevelComparison(protocol, recorded_response(protocol, trains), figures=("latency",))
    assert comparison.items[-2:] == [("latency", 2), ("latency", 3)]
    latencies = [[np.nan, 9, 65, 20], [np.nan, np.nan, 30, 1], [np.nan, np.nan, np.nan, 40]]
    counts = [comparison.recording.counts] * 3
    found = comparison.deviations(models(comparison, *counts, latencies=latencies))[:, -2:]
    assert found == pytest.approx(np.array([[0.75, 1], [1, 0.9], [10, 3]]))


def test_adaptations():
    """By a factor of 1.5; where a model has too few spikes it is far."""
    trains = [sweep(100.0, [210.0, 220, 240, 280]), sweep(200.0, [300.0])]
    protocol = protocol_of(trains)
    comparison = LevelComparison(protocol, recorded_response(protocol, trains), figures=("adaptation",))
    assert comparison.items[-1] == ("adaptation", 1)
    counts = [comparison.recording.counts] * 3
    adaptations = [[np.nan, 6, 2], [np.nan, 4 / 1.5**2, 2], [np.nan] * 3]
    found = comparison.deviations(models(comparison, *counts, adaptations=adaptations))[:, -1]
    assert found == pytest.approx([1, 2, 10])


def test_figures_of_blocked_levels_are_not_compared():
    comparison = compared([5, 20, 4], figures=("latency", "adaptation"))
    assert {level for _, level in comparison.items} == {0, 1, 2}


def with_membrane(comparison, *values):
    recording = comparison.recording
    known = Response(recording.counts, recording.latencies, recording.adaptations, recording.spreads,
                     np.array(values))  # fmt: skip
    return LevelComparison(comparison.protocol, known, figures=("potential", "resistance", "sag"))


def test_the_membrane():
    """5 mV, a quarter of 200 megohm, a sag of 0.1."""
    comparison = with_membrane(compared([5]), -65.0, 200.0, 0.2)
    assert comparison.items[-3:] == [("potential", -1), ("resistance", -1), ("sag", -1)]
    counts = [comparison.recording.counts] * 2
    found = comparison.deviations(models(comparison, *counts, membrane=[[-60, 150, 0.3], [-65, 210, np.nan]]))
    assert found[:, -3:] == pytest.approx(np.array([[1, 1, 1], [0, 0.2, 10]]))


# Words


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([0, 5, 22], "fires 2 too many at 200 pA"),
        ([0, 5, 10], "fires 10 too few at 200 pA"),
        ([4, 5, 20], "fires 4 Hz too fast at rest"),
        ([0, 2.5, 20], "fires 2.5 too few at 100 pA"),
    ],
)
def test_the_reason_names_the_level(counts, reason):
    comparison = compared([5, 20])
    assert comparison.reason(models(comparison, [0, 5, 20], counts), 1) == reason


def test_the_reason_names_which_rest():
    trains = [sweep(100.0, spikes(5)), sweep(100.0, [*np.arange(10, 200, 20), *spikes(5)], holding=60.0)]
    protocol = protocol_of(trains)
    comparison = LevelComparison(protocol, recorded_response(protocol, trains))
    silent = models(comparison, [0, 0, 5])
    assert comparison.reason(silent, 0) == "fires 25 Hz too slowly at rest at 60 pA"


def test_reasons_of_further_figures():
    comparison = compared([5, 20], figures=("latency",))
    counts, wanted = comparison.recording.counts, comparison.recording.latencies
    late = models(comparison, counts, counts, latencies=[wanted * [1, 3, 1], [np.nan] * 3])
    assert comparison.reason(late, 0) == "has a latency of 250 ms at 100 pA, not 83.3 ms"
    assert comparison.reason(late, 1) == "has no latency at 100 pA, where the recording has 83.3 ms"
    comparison = with_membrane(compared([5]), -65.0, 200.0, 0.2)
    known = models(comparison, *[comparison.recording.counts] * 3,
                   membrane=[[-85, 200, 0.2], [-65, 500, 0.2], [-65, 200, np.nan]])  # fmt: skip
    assert comparison.reason(known, 0) == "has a potential of -85 mV, not -65 mV"
    assert comparison.reason(known, 1) == "has a resistance of 500 megohm, not 200 megohm"
    assert comparison.reason(known, 2) == "has no sag, where the recording has 0.2"


# Which figures


def test_figures_are_names():
    known = compared([5]).recording
    assert check_figures((), known) == ()
    assert check_figures("latency", known) == ("latency",)
    assert check_figures(["adaptation", "latency"], known) == ("adaptation", "latency")
    with pytest.raises(ValueError, match="among latency, adaptation, potential, resistance, sag, got 'rate'"):
        check_figures(["latency", "rate"], known)


def test_what_the_recording_does_not_tell_is_not_compared():
    with pytest.raises(ValueError, match="does not tell its potential, sag: leave them out of figures"):
        check_figures(["potential", "latency", "sag"], compared([5]).recording)


# Properties

counts_of_levels = st.lists(st.integers(0, 40), min_size=1, max_size=6)


@given(counts_of_levels, st.booleans())
def test_a_recording_fires_like_itself(counts, beyond_block):
    comparison = compared(counts, beyond_block=beyond_block, figures=("latency", "adaptation"))
    itself = simulated_response(
        comparison.protocol, [[np.array(spikes(n)) for n in counts]]
    )  # fmt: skip
    found = comparison.deviations(itself)
    assert found.shape == (1, len(comparison.items))
    assert found.max() < 1e-9


@given(counts_of_levels, st.data())
def test_what_is_allowed_at_one_tolerance_is_at_a_larger_one(counts, data):
    others = data.draw(st.lists(st.integers(0, 40), min_size=len(counts), max_size=len(counts)))
    worst = []
    for tolerance in (0.05, 0.1, 0.3):
        comparison = compared(counts, tolerance=tolerance, beyond_block=True)
        worst.append(comparison.deviations(models(comparison, [0, *others])).max())
    assert worst[0] >= worst[1] >= worst[2]


@given(counts_of_levels, st.data())
def test_the_reason_is_of_the_largest_deviation(counts, data):
    others = data.draw(st.lists(st.integers(0, 40), min_size=len(counts), max_size=len(counts)))
    comparison = compared(counts, beyond_block=True)
    model = models(comparison, [0, *others])
    _, level = comparison.items[int(comparison.deviations(model)[0].argmax())]
    reason = comparison.reason(model, 0)
    assert reason.endswith(comparison.protocol.levels[level].name)
    assert ("too many" in reason or "too fast" in reason) == (model.counts[0, level] > ([0, *counts])[level])
