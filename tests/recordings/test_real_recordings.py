"""Recordings of real cells, which are not shipped: skipped where their folder is absent."""

import pytest
from support.real_recordings import real
from support.stimuli import current_at
from support.vendor_files import read_quietly, refuse

from elephant_dic.recordings import read_spiketrains
from elephant_dic.trains import stimulus_of


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


@pytest.mark.parametrize(
    ("name", "capacitance", "spread", "drifts"),
    [
        ("pyabfauto_2019_07_24_0051.abf", 36, 3, None),
        ("pyabf_17o05028_ic_steps.abf", 40, 3, "the resting potential drifts by 18 mV over the sweeps"),
    ],
)
def test_real_families_of_sweeps(name, capacitance, spread, drifts):
    with pytest.warns(UserWarning, match="its 16 sweeps hold current steps from .* estimated as") as caught:
        (group,) = read_spiketrains(real(name))
    assert len(group.spiketrains) == 16
    assert len({train.annotations["injected_current"] for train in group.spiketrains}) == 16
    assert group.annotations["capacitance"].rescale("pF").item() == pytest.approx(capacitance, abs=2)
    assert group.annotations["capacitance_spread"].rescale("pF").item() < spread
    assert any("drifts" in str(each.message) for each in caught) == bool(drifts)
    assert drifts is None or any(drifts in str(each.message) for each in caught)


def test_the_stimulus_of_real_sweeps_is_that_of_another_reader():
    pyabf = pytest.importorskip("pyabf")
    for name in ("pyabfauto_2019_07_24_0051.abf", "pyabf_17o05028_ic_steps.abf", "pyabf_18425108_abf2.abf"):
        abf = pyabf.ABF(str(real(name)))
        channel = abf.channelCount - 1
        factor = {"pA": 1.0, "nA": 1e3}[abf.dacUnits[channel]]
        (cell,) = read_quietly(real(name))
        for train in getattr(cell, "spiketrains", [cell]):
            abf.setSweep(train.annotations.get("sweep", 0), channel)
            start = float(train.t_start.rescale("ms"))
            current = current_at(stimulus_of(train).shifted(-start), abf.sweepX * 1e3)
            assert current == pytest.approx(abf.sweepC * factor, abs=1e-6)


def test_both_versions_of_a_real_file_tell_the_same_current():
    first, second = (read_quietly(real(f"pyabf_18425108_abf{k}.abf"))[0] for k in (1, 2))
    assert stimulus_of(first).is_like(stimulus_of(second))
    assert stimulus_of(first).currents.max() == 2500


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
