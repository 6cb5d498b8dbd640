"""Recordings of real cells, which are not shipped: skipped where their folder is absent."""

import pytest
from support.real_recordings import real
from support.vendor_files import read_quietly, refuse

from elephant_dic.recordings import read_spiketrains


@pytest.mark.parametrize(
    ("name", "sweep", "count"),
    [
        ("pyabfauto_2019_07_24_0051.abf", 0, 26),
        ("pyabfauto_2019_07_24_0051.abf", 8, 89),
        ("pyabfauto_2019_07_24_0051.abf", 15, 127),
        ("pyabf_17o05028_ic_steps.abf", 0, 10),
        ("pyabf_17o05028_ic_steps.abf", 5, 16),
        ("pyabf_17o05028_ic_steps.abf", 15, 42),
        ("pyabf_18425108_abf1.abf", 0, 20),  # one a stimulus pulse
        ("pyabf_18425108_abf2.abf", 0, 20),
    ],
)
def test_spike_counts_of_real_sweeps(name, sweep, count):
    with pytest.warns(UserWarning, match="the cell was stimulated"):
        (train,) = read_spiketrains(real(name), sweep=sweep)
    assert abs(len(train) - count) <= 1


def test_real_sweeps_of_different_currents_are_kept_apart():
    cells = read_quietly(real("pyabfauto_2019_07_24_0051.abf"))
    assert len({cell.annotations["injected_current"] for cell in cells}) == 16
    assert cells[0].annotations["injected_current"] == "-100, 0, -100 pA"


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("spike2py_motor_units.smr", {"MU2": 50, "MU1": 62}),
        ("pynapple_A8604-211122.nwb", {"unit 6": 11020, "unit 191": 4690, "unit 206": 5644}),
    ],
)
def test_real_sorted_units(name, counts):
    assert {cell.name: len(cell) for cell in read_spiketrains(real(name))} == counts


def test_a_real_session_with_an_acquisition_that_is_no_time_series():
    cells = read_spiketrains(real("pynapple_A2929-200711.nwb"))
    assert len(cells) == 15
    assert (len(cells[0]), len(cells[7])) == (8764, 2636)
    assert float(cells[0].t_stop) == 1200


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ctrl_2020_07_29_0062_silent.abf", "no spikes in Potential: .* is -30.8 mV"),
        ("ctrl_171116sh_0013_voltageclamp.abf", "no membrane potential .*IN 0 in pA"),
        ("ctrl_opto_aps_bad_units.abf", "IN 0 in pA.*or a potential under a wrong unit"),
        ("ctrl_spike2py_physiology.smr", "no sorted unit; .*Magnet, Hreflex, Keyboard"),
    ],
)
def test_real_files_that_hold_no_spikes(name, reason):
    refuse(real(name), reason)


def test_real_event_channels():
    cells = read_spiketrains(real("ctrl_spike2py_physiology.smr"), events=True)
    assert {cell.name: len(cell) for cell in cells} == {"Magnet": 10, "Hreflex": 20, "Keyboard": 5}


@pytest.mark.parametrize(
    ("name", "unit", "count", "last"),
    [
        ("spinal_04.Regular_Slow_Burst.mat", "U5", 1846, 422.0083),
        ("spinal_06.Regular_Mixed_Burst.mat", "U1", 3601, 277.8626),
        ("spinal_08.Regular_Simple.mat", "U1", 1050, 300.6182),
    ],
)
def test_real_matlab_exports(name, unit, count, last):
    with pytest.warns(UserWarning, match="its t_stop is its last spike"):
        (cell,) = read_spiketrains(real(name))
    assert (cell.name, len(cell)) == (unit, count)
    assert float(cell[-1]) == pytest.approx(last, abs=1e-4)
