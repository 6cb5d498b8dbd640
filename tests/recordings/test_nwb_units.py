"""NWB files: tables of units, and patch-clamp series."""

import h5py
import neo
import numpy as np
import pynwb
import pytest
import quantities as pq
from pynwb.icephys import (
    CurrentClampSeries,
    CurrentClampStimulusSeries,
    IZeroClampSeries,
    VoltageClampSeries,
)
from support.nwb_files import add_electrode, new_nwb, write_nwb
from support.vendor_files import RATE, SILENT, SPIKES, SWEEPS, read_quietly, refuse, seconds

from elephant_dic.recordings import read_spiketrains


def test_units_without_observation_intervals(tmp_path):
    path, file = tmp_path / "units.nwb", new_nwb()
    group = file.create_electrode_group("shank", "", "", file.create_device("probe"))
    file.add_unit(spike_times=[0.5, 1.0], electrode_group=group, id=6)
    file.add_unit(spike_times=[0.25], electrode_group=group, id=191)
    angles = pynwb.behavior.SpatialSeries(name="angle", data=[0.0], rate=1.0, reference_frame="")
    file.add_acquisition(pynwb.behavior.CompassDirection(spatial_series=angles))
    write_nwb(path, file)
    with pytest.warns(UserWarning, match="no obs_intervals, so its last spike, at 1 s"):
        cells = read_spiketrains(path)
    assert [cell.name for cell in cells] == ["unit 6", "unit 191"]
    assert seconds(cells[0]).tolist() == [0.5, 1.0]
    assert cells[0].annotations == {"source": "units.nwb", "unit": "unit 6", "channel": "shank"}
    for unit in (191, "191", "unit 191"):
        assert seconds(read_quietly(path, unit=unit)[0]).tolist() == [0.25]
    assert read_quietly(path, t_stop=2 * pq.s)[0].t_stop == 2 * pq.s
    refuse(path, "no unit 7; it holds units unit 6, unit 191", unit=7)


@pytest.mark.parametrize(("unit", "scale"), [("milliseconds", 1e3), ("seconds", 1), (b"ms", 1e3)])
def test_times_in_the_unit_that_their_column_names(tmp_path, unit, scale):
    path, file = tmp_path / "units.nwb", new_nwb()
    file.add_unit(spike_times=np.multiply([0.25, 0.5, 1.125], scale))
    write_nwb(path, file)
    with h5py.File(path, "r+") as file:
        file["units/spike_times"].attrs["unit"] = unit
    (cell,) = read_quietly(path)
    assert seconds(cell) == pytest.approx([0.25, 0.5, 1.125])
    with h5py.File(path, "r+") as file:
        file["units/spike_times"].attrs["unit"] = "samples"
    refuse(path, "/units is left out: its spike_times are in samples, without their rate")


def test_a_unit_whose_times_are_no_numbers_hides_no_other(tmp_path):
    path, file = tmp_path / "units.nwb", new_nwb()
    file.add_unit(spike_times=[0.25, np.nan, 1.125])
    file.add_unit(spike_times=[0.5, 0.75])
    write_nwb(path, file)
    with pytest.warns(UserWarning, match="left out: spike times of unit 0 are not finite numbers"):
        (cell,) = read_spiketrains(path)
    assert (cell.name, seconds(cell).tolist()) == ("unit 1", [0.5, 0.75])


def test_the_session_tells_when_units_were_recorded(tmp_path):
    path, file = tmp_path / "units.nwb", new_nwb()
    file.add_unit(spike_times=[0.5, 1.0])
    file.add_epoch(0.0, 5.0)
    write_nwb(path, file)
    (cell,) = read_spiketrains(path)
    assert (float(cell.t_start), float(cell.t_stop)) == (0, 5)


def test_observation_intervals_become_sweeps(tmp_path):
    path, file = tmp_path / "units.nwb", new_nwb()
    file.add_unit_column("unit_name", "name of the unit")
    intervals = [[1.0, 2.0], [3.0, 4.0], [4.0, 5.0]]
    file.add_unit(spike_times=[0.5, 1.5, 3.5, 4.0, 4.5], obs_intervals=intervals, unit_name="A")
    file.add_unit(spike_times=[1.5], obs_intervals=[[1.0, 2.0]], unit_name="A")
    write_nwb(path, file)
    with pytest.warns(UserWarning, match="1 spikes lie outside the times their units were"):
        group, single = read_spiketrains(path)
    assert [(float(t.t_start), float(t.t_stop)) for t in group.spiketrains] == [(1, 2), (3, 5)]
    assert [seconds(train).tolist() for train in group.spiketrains] == [[1.5], [3.5, 4.0, 4.5]]
    assert isinstance(single, neo.SpikeTrain)
    assert [group.name, single.name] == ["A#0", "A#1"]
    refuse(path, r"several units are called 'A': A#0 .*; A#1 ", unit="A")
    assert read_quietly(path, unit=1)[0].name == "A#1"


def test_current_clamp_series_are_sweeps_of_their_electrode(tmp_path):
    path, file = tmp_path / "patch.nwb", new_nwb()
    electrode = add_electrode(file)
    for k, sweep in enumerate(SWEEPS):
        common = {"electrode": electrode, "gain": 1.0, "rate": RATE, "sweep_number": np.uint32(k)}
        common["starting_time"] = 2.0 * k
        response = CurrentClampSeries(name=f"v{k}", data=sweep, conversion=1e-3, **common)
        level = np.where(np.arange(sweep.size) < 9000, 0.0, (0, 0, 30)[k])
        stimulus = CurrentClampStimulusSeries(name=f"i{k}", data=level, conversion=1e-12, **common)
        file.add_acquisition(response)
        file.add_stimulus(stimulus)
    write_nwb(path, file)
    with pytest.warns(UserWarning, match=r"stimulated \(30 pA\)"):
        (group,) = read_spiketrains(path)
    assert group.name == "pipette (0 to 30 pA)"
    assert [len(train) for train in group.spiketrains] == [3, 2, 4]
    assert seconds(group.spiketrains[1]) == pytest.approx([2.2, 2.6], abs=1e-3)
    told = [train.annotations["injected_current"] for train in group.spiketrains]
    assert told == ["0 pA", "0 pA", "30 pA"]


def test_stimuli_named_by_the_table_of_recordings(tmp_path):
    path, file = tmp_path / "patch.nwb", new_nwb()
    electrode = add_electrode(file)
    for k, level in enumerate((0.0, -15.0)):
        common = {"electrode": electrode, "gain": 1.0, "rate": RATE}
        response = CurrentClampSeries(name=f"v{k}", data=SWEEPS[k], conversion=1e-3, **common)
        current = np.full(20_000, level)
        stimulus = CurrentClampStimulusSeries(name=f"i{k}", data=current, conversion=1e-12, **common)
        file.add_intracellular_recording(electrode=electrode, response=response, stimulus=stimulus)
    write_nwb(path, file)
    with pytest.warns(UserWarning, match=r"stimulated \(-15 pA\)"):
        (group,) = read_spiketrains(path)
    assert group.name == "pipette (-15 to 0 pA)"


def test_a_varied_stimulus_is_told_by_its_range(tmp_path):
    path, file = tmp_path / "patch.nwb", new_nwb()
    common = {
        "electrode": add_electrode(file),
        "gain": 1.0,
        "rate": RATE,
        "sweep_number": np.uint32(0),
    }
    noise = 100 * np.sin(np.arange(20_000) / 100)
    file.add_acquisition(CurrentClampSeries(name="v", data=SWEEPS[0], conversion=1e-3, **common))
    file.add_stimulus(CurrentClampStimulusSeries(name="i", data=noise, conversion=1e-12, **common))
    write_nwb(path, file)
    (cell,) = read_quietly(path)
    assert cell.annotations["injected_current"] == "-100 to 100 pA"


@pytest.mark.parametrize(
    ("kind", "bias", "current"),
    [(CurrentClampSeries, 2e-11, "20 pA"), (IZeroClampSeries, None, "0 pA")],
)
def test_steady_currents_of_a_series(tmp_path, kind, bias, current):
    path, file = tmp_path / "patch.nwb", new_nwb()
    extra = {} if bias is None else {"bias_current": bias}
    stamps = 0.5 + np.arange(20_000) / RATE
    file.add_acquisition(
        kind(
            name="v",
            data=SWEEPS[0],
            conversion=1e-3,
            electrode=add_electrode(file),
            gain=1.0,
            timestamps=stamps,
            **extra,
        )
    )
    write_nwb(path, file)
    (cell,) = read_quietly(path)
    assert seconds(cell) == pytest.approx(np.add(SPIKES[0], 0.5), abs=1e-3)
    assert cell.annotations["injected_current"] == current


def test_each_electrode_is_a_cell(tmp_path):
    path, file = tmp_path / "patch.nwb", new_nwb()
    for name, sweep in (("left", SWEEPS[0]), ("right", SWEEPS[2]), ("dead", SILENT[0])):
        common = {"electrode": add_electrode(file, name), "gain": 1.0, "rate": RATE}
        file.add_acquisition(CurrentClampSeries(name=name, data=sweep, conversion=1e-3, **common))
    write_nwb(path, file)
    with pytest.warns(UserWarning, match="left out, because without spikes: dead"):
        cells = read_spiketrains(path)
    assert {cell.name: len(cell) for cell in cells} == {"left": 3, "right": 4}
    assert [cell.name for cell in read_spiketrains(path, channel="right")] == ["right"]
    refuse(path, "no spikes in dead: its highest potential is -60.0 mV", channel="dead")


def test_a_series_without_a_sampling_rate(tmp_path):
    path, file = tmp_path / "patch.nwb", new_nwb()
    stamps = np.cumsum(np.random.default_rng(0).uniform(1e-5, 1e-4, 20_000))
    common = {"electrode": add_electrode(file), "gain": 1.0, "timestamps": stamps}
    file.add_acquisition(CurrentClampSeries(name="v", data=SWEEPS[0], conversion=1e-3, **common))
    write_nwb(path, file)
    refuse(path, "/acquisition/v is left out: it is not sampled at a constant rate")


def test_voltage_clamp_in_an_nwb_file(tmp_path):
    path, file = tmp_path / "clamp.nwb", new_nwb()
    common = {"electrode": add_electrode(file), "gain": 1.0, "rate": RATE}
    file.add_acquisition(VoltageClampSeries(name="i", data=SWEEPS[0], **common))
    write_nwb(path, file)
    refuse(path, r"no membrane potential \(channels: pipette in A\)")


def test_an_nwb_file_that_holds_nothing_to_read(tmp_path):
    path = tmp_path / "empty.nwb"
    write_nwb(path, new_nwb())
    refuse(path, "it holds no sorted unit; of an NWB file, Units, .* are read: store a membrane potential")


def test_an_hdf5_file_that_is_no_nwb_file(tmp_path):
    path = tmp_path / "other.nwb"
    h5py.File(path, "w").close()
    refuse(path, "has no nwb_version")
