"""Tables of units in NWB files, wherever they are, with all that their columns say."""

import h5py
import numpy as np
import pynwb
import pytest
import quantities as pq
from pynwb.misc import Units
from support.nwb_files import new_nwb, write_nwb, write_version_1
from support.vendor_files import read_quietly, refuse, seconds

from elephant_dic import read_spiketrains

TIMES = [[0.1, 0.5, 1.5], [0.25, 0.75], [1.0]]


def units(name="units", times=TIMES, **columns):
    table = Units(name=name, description="")
    for column in columns:
        table.add_column(column, "")
    for row, spikes in enumerate(times):
        table.add_unit(spike_times=spikes, **{column: values[row] for column, values in columns.items()})
    return table


def edited(path, edit):
    """The file, changed in what no library would write."""
    with h5py.File(path, "r+") as file:
        edit(file)
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "units.nwb"


# --- columns ---------------------------------------------------------------------------------------------


def test_columns_of_numbers_and_texts_become_annotations(path):
    file = new_nwb()
    columns = {"quality": ["good", "mua", "good"], "snr": [3.5, np.nan, 0.0], "sane": [True, False, True]}
    file.units = units(**columns, count=[1, 2, 3], note=["", "x", ""])
    write_nwb(path, file)
    first, second, _ = read_quietly(path)
    known = {"source": "units.nwb", "unit": "unit 0", "quality": "good", "snr": 3.5, "sane": True, "count": 1}
    assert first.annotations == known
    assert {key: type(value) for key, value in known.items()} == {
        key: type(value) for key, value in first.annotations.items()
    }
    assert second.annotations["note"] == "x"
    chosen = read_quietly(path, where='quality == "good" and snr > 2 and sane')
    assert [cell.name for cell in chosen] == ["unit 0"]


def test_columns_with_several_values_a_row(path):
    file, table = new_nwb(), units(times=[])
    table.add_column("tags", "", index=True)
    table.add_column("depths", "", index=True)
    table.add_column("shape", "")
    for row, spikes in enumerate(TIMES):
        tags, depths = ["a", "b", "c"][:row], [1.5, 2.5, 3.5][: row + 1]
        table.add_unit(spike_times=spikes, tags=tags, depths=depths, shape=[row, row + 1.0])
    file.units = table
    write_nwb(path, file)
    cells = read_quietly(path)
    assert [cell.annotations.get("tags") for cell in cells] == [None, ["a"], ["a", "b"]]
    assert [cell.annotations["depths"].tolist() for cell in cells] == [[1.5], [1.5, 2.5], [1.5, 2.5, 3.5]]
    assert cells[1].annotations["shape"].tolist() == [1.0, 2.0]
    assert [cell.name for cell in read_quietly(path, where="'b' in tags")] == ["unit 2"]


def test_a_value_for_each_spike_is_an_array_annotation(path):
    file, table = new_nwb(), units(times=[])
    table.add_column("spike_amplitudes", "", index=True)
    for spikes in TIMES:
        table.add_unit(
            spike_times=spikes, spike_amplitudes=np.multiply(10, spikes), obs_intervals=[[0.2, 2.0]]
        )
    file.units = table
    write_nwb(path, file)
    first = read_quietly(path)[0]
    assert seconds(first).tolist() == [0.5, 1.5]
    assert first.array_annotations["spike_amplitudes"].tolist() == [5.0, 15.0]


def with_electrodes(places, **columns):
    file = new_nwb()
    group = file.create_electrode_group("shank", "", "CA", file.create_device("probe"))
    for k, place in enumerate(places):
        file.add_electrode(group=group, location=place, id=10 + k)
    for row, spikes in enumerate(TIMES):
        row_of = {name: values[row] for name, values in columns.items()}
        file.add_unit(spike_times=spikes, electrodes=[row, row + 1], electrode_group=group, **row_of)
    return file


def test_references_to_electrodes_become_their_identifiers_and_places(path):
    write_nwb(path, with_electrodes(["CA1", "CA1", "CA3", "CA3"]))
    cells = read_quietly(path)
    assert [cell.annotations["electrodes"].tolist() for cell in cells] == [[10, 11], [11, 12], [12, 13]]
    assert [cell.annotations["location"] for cell in cells] == ["CA1", ["CA1", "CA3"], "CA3"]
    assert {cell.annotations["channel"] for cell in cells} == {"shank"}
    assert [cell.name for cell in read_quietly(path, where="location == 'CA1'")] == ["unit 0"]


def test_columns_under_names_that_are_taken(path):
    file = new_nwb()
    file.units = units(unit=["u", "v", "w"], channel=[5, 6, 7], source=["s"] * 3)
    write_nwb(path, file)
    edited(path, lambda file: file["units"].create_dataset("self", data=[1, 2, 3]))
    known = read_quietly(path)[1].annotations
    assert known == {
        "unit": "unit 1", "source": "units.nwb", "unit_": "v", "channel_": 6, "source_": "s", "self_": 2
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("mean", np.zeros((3, 200, 100)), "20,000 values a row"),
        ("short", np.zeros(2), "2 rows of 3"),
        ("fields", np.zeros(3, dtype=[("a", "f8"), ("b", "i4")]), "it has several fields"),
    ],
)
def test_columns_that_are_left_out_are_told(path, name, values, reason):
    file = new_nwb()
    file.units = units()
    write_nwb(path, file)
    edited(path, lambda file: file["units"].create_dataset(name, data=values))
    with pytest.warns(UserWarning, match=f"column {name} of units is left out: .*{reason}"):
        cells = read_spiketrains(path, t_stop=2 * pq.s)
    assert [name in cell.annotations for cell in cells] == [False] * 3


def test_waveforms_are_not_read(path):
    file, table = new_nwb(), Units(name="units", description="")
    for spikes in TIMES:
        table.add_unit(spike_times=spikes, waveforms=[[[1.0, 2.0]] for _ in spikes])
    file.units = table
    write_nwb(path, file)
    assert "waveforms" not in read_quietly(path)[0].annotations


# --- where the tables are --------------------------------------------------------------------------------


def test_units_in_a_processing_module(path):
    file = new_nwb()
    file.create_processing_module("ecephys", "").add(units("curated", quality=["good", "mua", "mua"]))
    write_nwb(path, file)
    assert [seconds(cell).tolist() for cell in read_quietly(path)] == TIMES
    assert read_quietly(path, where="quality == 'good'")[0].name == "unit 0"


@pytest.mark.parametrize("place", ["analysis", "scratch"])
def test_units_in_other_places(path, place):
    file, table = new_nwb(), units("sorted")
    file.add_analysis(table) if place == "analysis" else file.add_scratch(table)
    write_nwb(path, file)
    assert [len(cell) for cell in read_quietly(path)] == [3, 2, 1]


def test_several_tables_are_all_read_and_told_apart(path):
    file = new_nwb()
    file.units = units(times=TIMES[:1])
    file.create_processing_module("ecephys", "").add(units("curated"))
    write_nwb(path, file)
    with pytest.warns(
        UserWarning, match="2 tables of units, units, processing/ecephys/curated, which may hold"
    ):
        cells = read_spiketrains(path, t_stop=2 * pq.s)
    curated = "processing/ecephys/curated"
    assert [cell.name for cell in cells] == ["unit 0", *(f"{curated}: unit {k}" for k in range(3))]
    assert [cell.annotations["table"] for cell in cells] == ["units", curated, curated, curated]
    assert len(read_quietly(path, where="table == 'units'")) == 1
    refuse(path, "several units are called '0': unit 0 .*curated: unit 0", unit="0")


def test_a_table_without_spike_times_is_named(path):
    file = new_nwb()
    file.add_unit_column("quality", "")
    file.add_unit(quality="good")
    write_nwb(path, file)
    refuse(path, "no sorted unit; /units is left out: this table of units has no spike_times")


def test_a_damaged_table_hides_no_other(path):
    file = new_nwb()
    file.units = units()
    file.create_processing_module("ecephys", "").add(units("curated"))
    write_nwb(path, file)

    def shift(file):
        file["units/spike_times_index"][...] = [3, 2, 9]

    edited(path, shift)
    with pytest.warns(
        UserWarning, match="/units is left out: /units/spike_times_index does not fit its column"
    ):
        cells = read_spiketrains(path, t_stop=2 * pq.s)
    assert [len(cell) for cell in cells] == [3, 2, 1]


def test_a_spike_a_unit_without_an_index(path):
    file = new_nwb()
    file.units = units(times=[[0.5], [0.75]])
    write_nwb(path, file)
    edited(path, lambda file: file["units"].pop("spike_times_index", None))
    assert [seconds(cell).tolist() for cell in read_quietly(path)] == [[0.5], [0.75]]


def test_a_unit_without_spikes_is_told(path):
    file = new_nwb()
    file.units = units(times=[[0.5, 0.75], []])
    write_nwb(path, file)
    with pytest.warns(UserWarning, match="left out, because without spikes: unit 1"):
        (cell,) = read_spiketrains(path, t_stop=2 * pq.s)
    assert cell.name == "unit 0"


def test_units_that_were_never_observed_are_read_over_the_session(path):
    file = new_nwb()
    file.add_unit(spike_times=[0.5, 1.0], obs_intervals=[[0.0, 0.75]])
    file.add_unit(spike_times=[0.5, 1.0], obs_intervals=np.empty((0, 2)))
    file.add_unit(spike_times=[0.5, 1.0], obs_intervals=[[3.0, 1.0]])
    write_nwb(path, file)
    with pytest.warns(UserWarning, match="the obs_intervals of 2 are no intervals, and are not used"):
        cells = read_spiketrains(path)
    assert [len(cell) for cell in cells] == [1, 2, 2]
    assert [float(cell.t_stop) for cell in cells] == [0.75, 1.0, 1.0]


def test_a_reference_to_an_object_without_a_place(path):
    write_nwb(path, with_electrodes(["CA1"] * 4))

    def hide(file):
        hidden = file.create_group("hidden")
        reference = hidden.ref
        file["units/electrode_group"][0] = reference
        file["kept"] = h5py.SoftLink("/general")
        del file["hidden"]

    edited(path, hide)
    with pytest.warns(UserWarning, match="column electrode_group of units is left out"):
        assert len(read_spiketrains(path, t_stop=2 * pq.s)) == 3


# --- other versions, other readers -----------------------------------------------------------------------


def test_units_of_version_1(path):
    write_version_1(path, sweeps=[], units=[("unit_3", [0.1, 0.5]), ("unit_7", [0.25])])
    with pytest.warns(UserWarning, match="its format is NWB-1.0.5, of which sorted units and current-clamp"):
        cells = read_spiketrains(path, t_stop=1 * pq.s)
    assert [cell.name for cell in cells] == ["unit_3", "unit_7"]
    assert seconds(cells[0]).tolist() == [0.1, 0.5]
    assert cells[0].annotations["description"] == "a pyramidal cell"


def test_pynwb_reads_the_same(path):
    file = with_electrodes(["CA1"] * 4)
    write_nwb(path, file)
    with pynwb.NWBHDF5IO(path, "r") as io:
        table = io.read().units
        theirs = [table["spike_times"][row].tolist() for row in range(len(table))]
    assert [seconds(cell).tolist() for cell in read_quietly(path)] == theirs
