"""Injected currents as points of a line: what they are, their parts, and as annotations."""

import neo
import numpy as np
import pytest
import quantities as pq
from hypothesis import given
from hypothesis import strategies as st

from elephant_dic.trains import Stimulus, annotate_stimulus, stimulus_of
from elephant_dic.trains.stimulus import Epoch


def parts(stimulus, start, stop):
    """Epochs as plain numbers; a moving one without a level."""
    return [
        (epoch.start, epoch.stop, None if np.isnan(epoch.level) else epoch.level)
        for epoch in stimulus.epochs(start, stop)
    ]


# Points


def test_steps_are_points_with_jumps():
    steps = Stimulus.steps(-10, (100, 300, 50), (400, 500, -20))
    assert steps.times.tolist() == [100, 100, 300, 300, 400, 400, 500, 500]
    assert steps.currents.tolist() == [-10, 50, 50, -10, -10, -20, -20, -10]
    assert steps.holding == -10


def test_from_step_to_step():
    steps = Stimulus.steps(0, (100, 300, 50), (300, 500, 80))
    assert steps.times.tolist() == [100, 100, 300, 300, 500, 500]
    assert steps.currents.tolist() == [0, 50, 50, 80, 80, 0]


def test_a_holding_current_alone():
    held = Stimulus.steps(5.0)
    assert (held.times.tolist(), held.currents.tolist(), held.holding) == ([0.0], [5.0], 5.0)
    assert parts(held, -100, 100) == [(-100, 100, 5)]


@pytest.mark.parametrize(
    "steps",
    [
        ((300, 100, 5),),
        ((100, 100, 5),),
        ((100, 300, 5), (200, 400, 5)),
        ((np.nan, 300, 5),),
        ((1, np.nan, 5),),
    ],
)
def test_steps_out_of_order(steps):
    with pytest.raises(ValueError, match="steps must follow each other and end after they begin"):
        Stimulus.steps(0, *steps)


@pytest.mark.parametrize(
    ("times", "currents", "message"),
    [
        ([], [], "at least one"),
        ([0, 1], [0], r"as many times as currents, at least one, got \(2,\) and \(1,\)"),
        ([[0, 1]], [[0, 1]], "as many times as currents"),
        ([0, np.nan], [0, 1], "must be finite"),
        ([0, 1], [0, np.inf], "must be finite"),
        ([1, 0], [0, 1], "the times of a stimulus must ascend"),
    ],
)
def test_what_is_no_stimulus(times, currents, message):
    with pytest.raises(ValueError, match=message):
        Stimulus(times, currents)


def test_a_level_that_is_no_number():
    with pytest.raises(ValueError, match="must be finite"):
        Stimulus.steps(0, (100, 300, np.nan))


def test_shifting_moves_all_times():
    shifted = Stimulus.steps(0, (100, 300, 50)).shifted(-100)
    assert shifted.times.tolist() == [0, 0, 200, 200]
    assert shifted.currents.tolist() == [0, 50, 50, 0]


def test_what_is_alike():
    one = Stimulus.steps(0, (100, 300, 50))
    assert one.is_like(Stimulus.steps(0, (100 + 1e-7, 300, 50 + 1e-4)))
    assert not one.is_like(Stimulus.steps(0, (100 + 1e-5, 300, 50)))
    assert not one.is_like(Stimulus.steps(0, (100, 300, 50.01)))
    assert not one.is_like(Stimulus.steps(0))


# Epochs


def test_epochs_of_a_step():
    step = Stimulus.steps(0, (100, 300, 50))
    assert parts(step, 0, 400) == [(0, 100, 0), (100, 300, 50), (300, 400, 0)]
    assert parts(step, 0, 300) == [(0, 100, 0), (100, 300, 50)]
    assert parts(step, 100, 300) == [(100, 300, 50)]
    assert parts(step, 150, 250) == [(150, 250, 50)]
    assert parts(step, 350, 400) == [(350, 400, 0)]
    assert parts(step, 400, 400) == []
    assert [epoch.duration for epoch in step.epochs(0, 400)] == [100, 200, 100]


def test_a_step_that_changes_nothing_is_no_epoch():
    assert parts(Stimulus.steps(20, (100, 300, 20)), 0, 400) == [(0, 400, 20)]
    assert parts(Stimulus.steps(0, (100, 200, 50), (200, 300, 50)), 0, 400) == [
        (0, 100, 0), (100, 300, 50), (300, 400, 0)
    ]  # fmt: skip


def test_epochs_of_a_ramp():
    ramp = Stimulus([100, 300, 300], [0, 50, 0])
    assert parts(ramp, 0, 400) == [(0, 100, 0), (100, 300, None), (300, 400, 0)]
    assert parts(ramp, 150, 250) == [(150, 250, None)]


def test_a_ramp_of_several_lines_is_one_epoch():
    assert parts(Stimulus([0, 50, 100, 150], [0, 10, -10, 5]), 0, 150) == [(0, 150, None)]


def test_what_is_short_is_no_level():
    """A pulse of 10 ms moves, one of 20 ms is a level; pulses in a row are one epoch."""
    assert parts(Stimulus.steps(0, (100, 110, 50)), 0, 200) == [(0, 100, 0), (100, 110, None), (110, 200, 0)]
    assert parts(Stimulus.steps(0, (100, 120, 50)), 0, 200) == [(0, 100, 0), (100, 120, 50), (120, 200, 0)]
    pulses = Stimulus.steps(0, *[(start, start + 5, 50) for start in (100, 110, 120)])
    assert parts(pulses, 0, 200) == [(0, 100, 0), (100, 125, None), (125, 200, 0)]


def test_lowest_and_highest():
    ramp = Stimulus([100, 300, 300], [0, 50, 0])
    assert ramp.extremes(0, 400) == (0, 50)
    assert ramp.extremes(100, 300) == (0, 50)
    assert ramp.extremes(150, 250) == pytest.approx((12.5, 37.5))
    assert ramp.extremes(300, 400) == (0, 0)
    assert ramp.extremes(-50, 0) == (0, 0)
    assert Stimulus.steps(0, (100, 110, 50)).extremes(100, 110) == (50, 50)
    assert Stimulus.steps(0, (100, 110, 50)).extremes(90, 120) == (0, 50)


@st.composite
def stimuli(draw):
    n = draw(st.integers(1, 8))
    times = sorted(draw(st.lists(st.integers(-200, 1200), min_size=n, max_size=n)))
    currents = draw(st.lists(st.integers(-3, 3), min_size=n, max_size=n))
    return Stimulus(times, np.array(currents) * 50.0)


def test_a_point_that_is_left_at_once_is_no_current():
    stimulus = Stimulus([0.0, 0.0, 0.0], [0.0, 50.0, 0.0])
    assert stimulus.extremes(-1, 19) == (0, 0)


@given(stimuli(), st.integers(-100, 600), st.integers(0, 600))
def test_epochs_are_all_of_the_time_and_none_twice(stimulus, start, length):
    epochs = stimulus.epochs(start, start + length)
    assert sum(epoch.duration for epoch in epochs) == pytest.approx(length)
    assert all(epoch.duration > 0 for epoch in epochs)
    assert all(a.stop == b.start for a, b in zip(epochs[:-1], epochs[1:], strict=True))
    assert not any(a.level == b.level for a, b in zip(epochs[:-1], epochs[1:], strict=True))
    for epoch in epochs:
        low, high = stimulus.extremes(epoch.start, epoch.stop)
        assert low == high == epoch.level if np.isfinite(epoch.level) else low <= high


@given(stimuli(), st.integers(-500, 500))
def test_a_shift_shifts_the_epochs(stimulus, time):
    moved = [Epoch(e.start + time, e.stop + time, e.level) for e in stimulus.epochs(0, 900)]
    found = stimulus.shifted(time).epochs(time, 900 + time)
    assert [(e.start, e.stop) for e in found] == [(e.start, e.stop) for e in moved]
    assert np.array_equal([e.level for e in found], [e.level for e in moved], equal_nan=True)


# Annotations


def train(**annotations):
    return neo.SpikeTrain([120.0] * pq.ms, t_stop=400 * pq.ms, **annotations)


def test_annotations_are_the_stimulus_again():
    stimulus = Stimulus.steps(-10, (100, 300, 50))
    annotated = annotate_stimulus(train(), stimulus)
    assert annotated.annotations["stimulus_currents"].dimensionality == pq.pA.dimensionality
    found = stimulus_of(annotated)
    assert found is not None
    assert found.is_like(stimulus)


def test_annotations_in_other_units():
    found = stimulus_of(
        train(stimulus_times=[0.1, 0.1] * pq.s, stimulus_currents=[0.0, 0.05] * pq.nA)
    )  # fmt: skip
    assert found.times.tolist() == [100, 100]
    assert found.currents == pytest.approx([0, 50])


def test_a_single_point_may_have_become_a_number():
    """As NIX makes of an array of one."""
    found = stimulus_of(train(stimulus_times=0.0 * pq.ms, stimulus_currents=5.0 * pq.pA))
    assert (found.times.tolist(), found.currents.tolist()) == ([0], [5])


def test_nobody_has_told():
    assert stimulus_of(train()) is None


TIMES, CURRENTS = [0.0, 1.0] * pq.ms, [0.0, 5.0] * pq.pA


@pytest.mark.parametrize(
    ("annotations", "message"),
    [
        ({"stimulus_times": TIMES}, r"stimulus_currents must be a Quantity \(in pA\), got None"),
        ({"stimulus_currents": CURRENTS}, r"stimulus_times must be a Quantity \(in ms\), got None"),
        ({"stimulus_times": [0.0, 1.0], "stimulus_currents": CURRENTS}, "stimulus_times must be a Quantity"),
        ({"stimulus_times": TIMES, "stimulus_currents": [0.0] * pq.pA}, "as many times as currents"),
        (
            {"stimulus_times": TIMES[::-1], "stimulus_currents": CURRENTS},
            "stimulus_currents: the times of a st",
        ),
        (
            {"stimulus_times": TIMES, "stimulus_currents": [0.0, 1.0] * pq.mV},
            "stimulus_times and stimulus_cur",
        ),
    ],
)
def test_annotations_that_are_no_stimulus(annotations, message):
    with pytest.raises(ValueError, match=message):
        stimulus_of(train(**annotations))
