"""Patch-clamp series of NWB files: one that cannot be used hides no other, and sweeps keep their numbers."""

import re

import h5py
import numpy as np
import pytest
from pynwb.icephys import VoltageClampSeries
from support.nwb_files import add_electrode, new_nwb, response, write_nwb, write_version_1
from support.vendor_files import RATE, SPIKES, SWEEPS, read_quietly, refuse, seconds

from elephant_dic import read_spiketrains
from elephant_dic.recordings import inspect_recording

STAMPS = np.arange(SWEEPS.shape[1]) / RATE


@pytest.fixture
def path(tmp_path):
    return tmp_path / "patch.nwb"


def write_sweeps(path, *options, units=()):
    """Sweeps of 1 s of one electrode, each from 2 s after the one before, with a bias current of 0."""
    file = new_nwb()
    electrode = add_electrode(file)
    for k, each in enumerate(options):
        known = {"name": f"v{k}", "data": SWEEPS[k % 3], "starting_time": 2.0 * k, "bias_current": 0.0} | each
        if "timestamps" in each:
            del known["starting_time"]
        file.add_acquisition(response(electrode=electrode, **known))
    for spikes in units:
        file.add_unit(spike_times=spikes, obs_intervals=[[0.0, 10.0]])
    write_nwb(path, file)


def gap(start):
    stamps = start + STAMPS
    stamps[9000:] += 0.3
    return stamps


def hole(k):
    data = SWEEPS[k].copy()
    data[9000:9005] = np.nan
    return data


def edit(change):
    def edited(path):
        with h5py.File(path, "r+") as file:
            change(file["acquisition/v1"])

    return edited


def attribute(place, name, value):
    return edit(lambda series: series[place].attrs.__setitem__(name, value))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"timestamps": gap(2.0)}, "it is not sampled at a constant rate (were frames dropped?)"),
        ({"timestamps": np.where(STAMPS == 0.5, 9.0, 2 + STAMPS)}, "its timestamps do not rise"),
        ({"timestamps": np.where(STAMPS == 0.5, np.nan, 2 + STAMPS)}, "its timestamps do not rise"),
        ({"offset": np.inf}, "its conversion is 0.001, its offset inf"),
    ],
)
def test_a_series_that_cannot_be_used(path, options, reason):
    write_sweeps(path, {}, options, {})
    _check_the_second_is_left_out(path, reason)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (attribute("data", "unit", "mmHg"), "its unit, 'mmHg', is neither of a potential nor of a current"),
        (attribute("data", "unit", "9**9**9"), "its unit, '9**9**9', is neither"),
        (attribute("data", "conversion", 0.0), "its conversion is 0"),
        (attribute("starting_time", "rate", 0.0), "it starts at 2 s, and is sampled at 0 Hz"),
        (edit(lambda series: series.pop("starting_time")), "it has neither starting_time nor timestamps"),
    ],
)
def test_a_series_that_is_damaged(path, change, reason):
    write_sweeps(path, {}, {}, {})
    change(path)
    with pytest.warns(UserWarning, match=re.escape(f"/acquisition/v1 is left out: {reason}")):
        (group,) = read_spiketrains(path)
    assert [len(train) for train in group.spiketrains] == [3, 4]


def _check_the_second_is_left_out(path, reason):
    """It is told, and the others have the numbers that they have without it."""
    with pytest.warns(UserWarning, match=re.escape(f"/acquisition/v1 is left out: {reason}")):
        (group,) = read_spiketrains(path)
    assert [train.annotations["sweep"] for train in group.spiketrains] == [0, 2]
    assert [len(train) for train in group.spiketrains] == [3, 4]
    assert len(read_quietly(path, sweep=2)[0]) == 4
    (item,) = inspect_recording(path)
    assert item.stimuli == ("0 pA", None, "0 pA")
    refuse(path, "no spikes in the sweeps chosen|pipette has none of the sweeps chosen", sweep=1)


def test_a_sweep_with_samples_within_it_that_are_no_numbers(path):
    write_sweeps(path, {}, {"data": hole(1)}, {})
    with pytest.warns(UserWarning, match="sweep 1 is left out: 5 samples are not finite"):
        (group,) = read_spiketrains(path)
    assert [train.annotations["sweep"] for train in group.spiketrains] == [0, 2]


def test_a_broken_series_beside_sorted_units(path):
    write_sweeps(path, {}, {"timestamps": gap(2.0)}, units=[[0.5, 1.0, 3.0]])
    with pytest.warns(UserWarning, match="/acquisition/v1 is left out"):
        (unit,) = read_spiketrains(path)
    assert seconds(unit).tolist() == [0.5, 1.0, 3.0]
    with pytest.warns(UserWarning, match="/acquisition/v1 is left out"):
        (cell,) = read_spiketrains(path, channel="pipette")
    assert len(cell) == 3


def test_many_broken_series_are_told_in_few_words(path):
    file = new_nwb()
    electrode = add_electrode(file)
    for k in range(9):
        file.add_acquisition(response(f"v{k}", electrode, SWEEPS[0], timestamps=gap(2.0 * k)))
    write_nwb(path, file)
    refuse(path, "no sorted unit; /acquisition/v0 .*; /acquisition/v3 .*; 5 more like the last")


def test_damaged_sweeps_do_not_hide_sorted_units(path):
    write_sweeps(path, {}, units=[[0.5, 1.0, 3.0]])
    with h5py.File(path, "r+") as file:
        file["acquisition/v0"].attrs["sweep_number"] = "third"
    with pytest.warns(UserWarning, match="its patch-clamp series are left out: "):
        (unit,) = read_spiketrains(path)
    assert len(unit) == 3


@pytest.mark.parametrize("step", [0.0, 1e-9, 1e-5])
def test_timestamps_of_a_constant_rate(path, step):
    """Also where they were rounded."""
    stamps = 0.5 + STAMPS
    write_sweeps(path, {"timestamps": np.round(stamps / step) * step if step else stamps})
    (cell,) = read_quietly(path)
    assert seconds(cell) == pytest.approx(np.add(SPIKES[0], 0.5), abs=1e-3)
    assert float(cell.t_start) == 0.5


def test_sweeps_that_all_start_at_0_are_in_the_order_of_their_numbers(path):
    sweeps = [{"starting_time": 0.0, "name": f"v{k}", "data": SWEEPS[min(k, 2)]} for k in (0, 2, 10, 1)]
    write_sweeps(path, *sweeps)
    (group,) = read_quietly(path)
    assert [len(train) for train in group.spiketrains] == [3, 2, 4, 4]  # v0, v1, v2, v10
    numbers = [{**sweep, "sweep_number": np.uint64(k)} for k, sweep in zip((3, 2, 1, 0), sweeps, strict=True)]
    write_sweeps(path, *numbers)
    (group,) = read_quietly(path)
    assert [len(train) for train in group.spiketrains] == [2, 4, 4, 3]  # v1, v10, v2, v0


def test_current_clamp_beside_voltage_clamp_of_one_electrode(path):
    file = new_nwb()
    electrode = add_electrode(file)
    for k in range(2):
        common = {"starting_time": 4.0 * k, "electrode": electrode}
        file.add_acquisition(response(f"v{k}", data=SWEEPS[k], bias_current=0.0, **common))
        common["starting_time"] += 2
        file.add_acquisition(VoltageClampSeries(name=f"i{k}", data=SWEEPS[0], gain=1.0, rate=RATE, **common))
    write_nwb(path, file)
    assert [(item.units, item.n_sweeps) for item in inspect_recording(path)] == [("V", 2), ("A", 2)]
    (group,) = read_quietly(path)
    assert [len(train) for train in group.spiketrains] == [3, 2]


def test_sweeps_of_version_1(path):
    write_version_1(path)
    with pytest.warns(UserWarning, match="its format is NWB-1.0.5"):
        (group,) = read_spiketrains(path)
    assert [len(train) for train in group.spiketrains] == [3, 2, 4]
    assert seconds(group.spiketrains[2]) == pytest.approx(np.add(SPIKES[2], 4.0), abs=1e-3)
    assert group.name == "electrode 1 (0 to 30 pA)"
    assert group.spiketrains[0].annotations["channel"] == "electrode 1"


def test_a_version_that_is_not_there(path):
    with h5py.File(path, "w") as file:
        file.create_group("nwb_version")
    refuse(path, "it is an HDF5 file, but has no nwb_version: it is not NWB")
