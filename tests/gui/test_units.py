"""The rows of the table of cells."""

import neo
import numpy as np
import pytest
from support.units import train

from elephant_dic import get_neuron
from elephant_dic.gui.recording.units import (
    HEIGHT,
    STEPPED,
    WIDTH,
    line_of,
    rates_over_time,
    unit_columns,
    unit_rows,
)
from elephant_dic.trains import Stimulus, annotate_stimulus

WINDOW = get_neuron("stg").training.window


def cell(times, t_stop, **more):
    return neo.SpikeTrain(times, units="s", t_stop=t_stop, **more)


def test_rates_over_time_by_hand():
    assert rates_over_time(cell([0.5, 1.0, 3.5], 4.0), 4).tolist() == [1.0, 1.0, 0.0, 1.0]
    sweeps = neo.Group([cell([0.5], 1.0), cell([0.2, 0.4, 0.6], 1.0)])
    assert rates_over_time(sweeps, 2).tolist() == [1.0, 3.0]
    assert rates_over_time(cell([], 4.0), 3).tolist() == [0, 0, 0]


def test_the_line_of_a_rate_by_hand():
    assert line_of(np.array([0.0, 2.0, 1.0])) == "1,19 48,1 95,10"
    assert line_of(np.zeros(2)) == "1,19 95,19"
    points = [
        tuple(map(float, each.split(","))) for each in line_of(np.random.default_rng(0).random(48)).split()
    ]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)


def test_a_tonic_cell_is_told_in_a_row():
    times = 50 + 100.0 * np.arange(100)
    (row,) = unit_rows([train(times, 10_000, name="unit 7")], WINDOW)
    assert (row["name"], row["spikes"], row["rate"], row["activity"]) == ("unit 7", 100, 10.0, "tonic")
    assert (row["low"], row["high"]) == ("9.6", "14.4")
    assert row["quality"] in ("good", "doubtful", "bad")
    assert len(row["line"].split()) == 48


def test_what_cannot_be_told_is_left_open():
    (row,) = unit_rows([cell([1.0], 4.0)], WINDOW)
    assert (row["name"], row["activity"], row["quality"]) == ("cell 1", "", "doubtful")
    stepped = annotate_stimulus(cell([1.0], 4.0), Stimulus.steps(0, (500, 1500, 50)))
    (row,) = unit_rows([stepped], WINDOW)
    assert row["activity"] == STEPPED


@pytest.mark.parametrize(
    ("cells", "without"),
    [
        ([cell([1.0], 4.0), cell([1.0], 4.0)], {"sweeps", "duration", "current"}),
        ([cell([1.0], 4.0), cell([1.0], 5.0, injected_current="5 pA")], {"sweeps"}),
        ([neo.Group([cell([1.0], 2.0), cell([1.0], 2.0)]), cell([1.0], 4.0)], {"duration", "current"}),
    ],
)
def test_columns_that_say_nothing_are_left_out(cells, without):
    shown = [column["name"] for column in unit_columns(unit_rows(cells, WINDOW))]
    assert {"sweeps", "duration", "current"} - set(shown) == without
    assert shown[:2] == ["name", "line"]
