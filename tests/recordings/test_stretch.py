"""A stretch of a recording: signals, sweeps, units and tables, cut to a start and a stop."""

import warnings

import numpy as np
import pytest
import quantities as pq
from support.vendor_files import membrane_potential, read_quietly, refuse, write_abf2

from elephant_dic import read_spiketrains
from elephant_dic.recordings import read_signals
from elephant_dic.trains import stimulus_of

RATE = 20_000
TIMES = np.arange(0.1, 0.95, 0.1)


@pytest.fixture
def sweeps(tmp_path):
    """Three sweeps of a second, with a step of 0, 50 and 100 pA from 0.2656 to 0.5156 s."""
    path = tmp_path / "steps.abf"
    epochs = [(1, 0, 0, 5000, 0), (1, 0, 50, 5000, 0)]
    potential = np.stack([membrane_potential(TIMES, 1.0, RATE)] * 3)
    write_abf2(path, {("Vm", "mV"): potential}, RATE, outputs=[{"epochs": epochs}])
    return path


def test_a_signal_is_cut_before_spikes_are_looked_for(tmp_path):
    path = tmp_path / "cell.abf"
    write_abf2(path, {("Vm", "mV"): membrane_potential(TIMES, 1.0, RATE)[None]}, RATE)
    (cell,) = read_quietly(path, t_start=0.25 * pq.s, t_stop=650 * pq.ms)
    assert cell.rescale("s").magnitude == pytest.approx(TIMES[2:6], abs=1e-3)
    assert (float(cell.t_start), float(cell.t_stop)) == pytest.approx((0.25, 0.65))
    (signal,) = read_signals(path, t_start=0.25 * pq.s, t_stop=0.65 * pq.s)
    assert len(signal) == 0.4 * RATE
    refuse(
        path,
        "the stretch from 2.0 s to the end holds nothing of it: it goes from 0 s to 1 s",
        t_start=2 * pq.s,
    )
    refuse(path, "t_start must be before t_stop", t_start=2 * pq.s, t_stop=1 * pq.s)


def test_sweeps_outside_are_left_out_and_currents_stay_in_place(sweeps):
    (cell,) = read_quietly(sweeps, t_start=1.3 * pq.s)
    first, second = cell.spiketrains
    assert [train.annotations["sweep"] for train in (first, second)] == [1, 2]
    assert float(first.t_start) == pytest.approx(1.3)
    assert stimulus_of(first).times.min() == pytest.approx(1000 + 15.6 + 250)
    whole = read_quietly(sweeps)[0].spiketrains[1]
    assert stimulus_of(whole).is_like(stimulus_of(first))
    assert first.magnitude == pytest.approx(whole.magnitude[whole.magnitude >= 1.3])


def test_spikes_of_units_are_cut_and_counted(tmp_path):
    path = tmp_path / "units.csv"
    path.write_text("a_s,b_s\n0.5,0.2\n1.5,0.4\n2.5,2.2\n")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        a, b = read_spiketrains(path, time_unit="s", t_start=0.3 * pq.s, t_stop=2 * pq.s)
    assert (a.magnitude.tolist(), b.magnitude.tolist()) == ([0.5, 1.5], [0.4])
    assert {(float(each.t_start), float(each.t_stop)) for each in (a, b)} == {(0.3, 2.0)}
    assert any(
        "3 of 6 spikes are outside of the stretch from 0.3 s to 2.0 s" in str(w.message) for w in caught
    )


def test_values_of_spikes_are_cut_with_them(tmp_path):
    import neo

    from elephant_dic.recordings.families import Cell
    from elephant_dic.recordings.stretch import Stretch

    train = neo.SpikeTrain([1, 2, 3] * pq.s, t_stop=4, array_annotations={"amplitude": [5, 6, 7] * pq.mV})
    cell, n_outside = Stretch(1500 * pq.ms, None).of_cell(Cell("a", {0: train}))
    assert n_outside == 1
    assert cell.trains[0].array_annotations["amplitude"].magnitude.tolist() == [6, 7]
    two = Cell("a", {0: train, 1: neo.SpikeTrain([6] * pq.s, t_start=5, t_stop=7)})
    part, n_outside = Stretch(4.5 * pq.s, 8 * pq.s).of_cell(two)
    assert (list(part.trains), n_outside) == ([1], 3)
    assert (float(part.trains[1].t_start), float(part.trains[1].t_stop)) == (5, 7)
