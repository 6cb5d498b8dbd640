"""What of a sweep a view draws, and what a place on the screen means."""

import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given
from hypothesis import strategies as st

from elephant_dic.gui.recording.traces import MOST_TICKS, Trace, near_spikes, seconds, trace_of
from elephant_dic.trains import Stimulus, annotate_stimulus


def signal_of(volts, t_start=2.0):
    return neo.AnalogSignal(
        np.asarray(volts, float)[:, None],
        units="mV",
        sampling_rate=10 * pq.Hz,
        t_start=t_start * pq.s,
        name="Vm",
    )


def train_of(times, t_start=2.0, t_stop=4.0, **more):
    return neo.SpikeTrain(times, units="s", t_start=t_start, t_stop=t_stop, **more)


VOLTS = [-60, -60, 20, -60, -70, -60, -60, 30, -60, -60, -60, -60, -60, -60, -60, -60, -60, -60, -60, -60]


def test_a_sweep_by_hand():
    train = annotate_stimulus(
        train_of([2.2, 2.7], threshold=-20 * pq.mV), Stimulus.steps(0, (2100, 2500, 50))
    )
    trace = trace_of(train, signal_of(VOLTS))
    assert trace.frame() == {
        "start": 2.0, "stop": 4.0, "name": "Vm", "potential": [-76.0, 36.0], "current": [-3.0, 53.0],
    }  # fmt: skip
    assert trace.threshold == -20.0
    whole = trace.picture((2.0, 4.0), 100)
    assert whole["times"] == pytest.approx(2 + np.arange(20) / 10)
    assert whole["volts"] == VOLTS
    assert whole["spikes"] == [2.2, 2.7]
    assert whole["rejected"] == []
    assert whole["current_times"] == [2.0, 2.1, 2.1, 2.5, 2.5, 4.0]
    assert whole["current"] == [0, 0, 50, 50, 0, 0]


def test_a_view_holds_half_a_view_on_either_side():
    trace = trace_of(train_of([2.2, 2.7, 3.9]), signal_of(VOLTS))
    seen = trace.picture((2.5, 2.7), 100)
    assert seen["times"][0] <= 2.4
    assert 2.8 <= seen["times"][-1] <= 3.1
    assert seen["spikes"] == [2.7]
    assert trace.picture((2.0, 2.6), 100)["spikes"] == [2.2, 2.7]


def test_in_few_parts_the_extremes_are_drawn():
    seen = trace_of(train_of([]), signal_of(VOLTS)).picture((2.0, 4.0), 2)
    assert len(seen["volts"]) == 4
    assert (min(seen["volts"]), max(seen["volts"])) == (-70, 30)


def test_many_spikes_are_counted():
    times = np.linspace(0, 10, MOST_TICKS + 1)
    trace = Trace(0.0, 10.0, spikes=times)
    seen = trace.picture((0.0, 10.0), 50)
    assert "spikes" not in seen
    assert len(seen["counts"]) == 50
    assert sum(seen["counts"]) == times.size
    assert (seen["counts_from"], seen["counts_step"]) == (0.0, 0.2)
    assert trace.picture((1.0, 2.0), 50)["spikes"]
    assert trace.frame() == {"start": 0.0, "stop": 10.0, "name": ""}


def test_a_signal_without_spikes_has_the_threshold_that_was_given():
    assert trace_of(None, signal_of(VOLTS)).threshold is None
    trace = trace_of(None, signal_of(VOLTS), 50 * pq.mV)
    assert (trace.threshold, trace.spikes.size) == (50.0, 0)
    assert trace.frame()["potential"][1] > 50  # so that it can be dragged


def test_an_extracellular_trace_is_drawn_as_it_was_filtered():
    trace = trace_of(train_of([], highpass=np.nan), signal_of(VOLTS))
    assert trace.samples[0] == 0.0  # about its median


def test_times_in_any_unit():
    for unit in ("s", "ms", "us", "min"):
        times = pq.Quantity([1.0, 2.5], "s").rescale(unit)
        np.testing.assert_allclose(seconds(times), [1.0, 2.5], rtol=1e-12)


# --- the pointer -------------------------------------------------------------------------------------------


def test_the_spike_that_is_meant():
    trace = Trace(0.0, 10.0, spikes=np.array([1.0, 2.0, 2.01]), rejected=np.array([5.0]))
    assert trace.spike_at(1.04, 0.05) == 1.0
    assert trace.spike_at(5.0, 0.05) == 5.0
    assert trace.spike_at(3.0, 0.05) is None
    assert trace.spike_at(1.999, 0.01) == 2.0
    with pytest.raises(ValueError, match="2 spikes lie within reach of the pointer: zoom in first"):
        trace.spike_at(2.004, 0.05)


def test_rejected_spikes_are_shown_as_such():
    trace = Trace(0.0, 10.0, spikes=np.array([1.0, 2.0, 2.0005])).rejecting([2.0002, 7.0])
    assert (trace.spikes.tolist(), trace.rejected.tolist()) == ([1.0, 2.0005], [2.0])


@given(st.lists(st.floats(0, 0.01), max_size=8), st.lists(st.floats(0, 0.01), max_size=8))
def test_each_spike_is_near_to_one_time_at_most(times, spikes):
    found = near_spikes(times, np.array(sorted(spikes)))
    assert len(found) <= min(len(times), len(spikes))
    assert sorted(found) == found
    for time in found:
        assert min(abs(time - spike) for spike in spikes) <= 1e-3
